/*
 * cluster.h
 *		From pairs to groups: contacts that are one person.
 */
#ifndef CRM_CLUSTER_H
#define CRM_CLUSTER_H

#include "matching/model.h"

/* Two records, and the log2 of the odds that they are one person. */
typedef struct CrmMatchPair
{
	uint32		a;
	uint32		b;
	float		weight;
} CrmMatchPair;

typedef struct CrmMatchPairs
{
	CrmMatchPair *pairs;
	uint64		count;
	uint64		room;
} CrmMatchPairs;

extern double crm_cluster_cap;
extern double crm_cluster_threshold;
extern double crm_cluster_bonus;

extern uint32 *crm_cluster(const CrmMatchSet *set, const CrmScorer *scorer,
						   const CrmMatchPairs *pairs, double min_weight);

#endif							/* CRM_CLUSTER_H */
