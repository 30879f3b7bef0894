/*
 * bounds.h
 *		Telling that a pair is none without looking at its strings.
 *
 * What numbers, hashes and letters say about a pair leaves few levels open; with the
 * best of them everywhere most pairs still weigh too little.  The bound is never
 * below the weight: what is rejected here would have been rejected anyway.
 */
#ifndef CRM_BOUNDS_H
#define CRM_BOUNDS_H

#include "matching/model.h"

/* Levels that are open where no single one is known. */
#define CRM_BOUND_OTHER 10		/* all but none and the same */
#define CRM_BOUND_CLOSE 11		/* those that the same user of an address leaves open */
#define CRM_BOUND_ANY 12
#define CRM_BOUND_LEVELS 13

/*
 * Bits for one person, and for one badly recorded, against strangers, household and
 * colleagues; the fourth is the first again.
 */
typedef float CrmBits4 __attribute__((vector_size(16), aligned(4)));

typedef struct CrmOdds
{
	CrmBits4	person;
	CrmBits4	careless;
} CrmOdds;

/* Of an address: none, the same, close by a shared key, anything else, not close. */
#define CRM_BOUND_STREETS 5
#define CRM_BOUND_PLACES 4

typedef struct CrmBounds
{
	CrmOdds		share;
	CrmOdds		level[CRM_EVIDENCES][CRM_BOUND_LEVELS];
	CrmOdds		same[CRM_EVIDENCES][CRM_RARITY_MAX + 1];
	CrmOdds		address[CRM_BOUND_STREETS][CRM_BOUND_PLACES][CRM_BOUND_PLACES];
} CrmBounds;

extern void crm_bounds_init(CrmBounds *bounds, const CrmScorer *scorer);
extern bool crm_can_weigh(const CrmBounds *bounds, const CrmMatchSet *set, const CrmMatchRecord *a,
						  const CrmMatchRecord *b, double min_weight);

#endif							/* CRM_BOUNDS_H */
