/*
 * match_candidates.h
 *		Contacts of a relation that have a key in common with a given one.
 */
#ifndef CRM_MATCH_CANDIDATES_H
#define CRM_MATCH_CANDIDATES_H

#include "matching/match_input.h"
#include "matching/match_source.h"
#include "matching/stored_model.h"

/*
 * Candidates of one contact are looked for with one query.  If there are more
 * than this, each key is looked for alone, and of those who have it so many are
 * taken as the second number says: what many share says little about any.
 */
#define CRM_CANDIDATES_MAX 2000
#define CRM_CANDIDATES_PER_KEY 500

/* A relation that is searched; in the context in which it was opened. */
typedef struct CrmCandidates
{
	CrmMatchSource source;
	CrmMatchInput input;
	bool		text_keys;
} CrmCandidates;

extern void crm_candidates_open(CrmCandidates *candidates, Oid relation, bool text_keys,
								bool by_names);

/* These look with the caller's rights; SPI must be connected. */
extern int	crm_candidates_add(CrmMatchSet *set, const CrmCandidates *candidates,
							   const int64 *keys, int count);
extern void crm_candidates_add_named(CrmMatchSet *set, const CrmCandidates *candidates, Datum names);
extern bool crm_candidates_add_one(CrmMatchSet *set, const CrmCandidates *candidates, Datum name);
extern int	crm_candidates_keys(const CrmCandidates *candidates, Datum name, int64 *keys);

/*
 * match_online.c: how one contact is scored against a few.  Good until it is asked
 * for the next time.
 */
typedef struct CrmOnlineModel
{
	const CrmMatchModel *model;
	const CrmScorer *scorer;
	const CrmRarities *rarities;	/* NULL: values are as rare as such values usually are */
} CrmOnlineModel;

extern const CrmOnlineModel *crm_online_model(double rows, Jsonb *model);
extern void crm_online_rarities(const CrmOnlineModel *online, CrmMatchSet *set, uint32 from);
extern double crm_online_weight(const CrmOnlineModel *online, const CrmMatchSet *set,
								uint32 a, uint32 b);

#endif							/* CRM_MATCH_CANDIDATES_H */
