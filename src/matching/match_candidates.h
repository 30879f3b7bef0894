/*
 * match_candidates.h
 *		Contacts of a relation that have a key in common with a given one.
 */
#ifndef CRM_MATCH_CANDIDATES_H
#define CRM_MATCH_CANDIDATES_H

#include "matching/match_source.h"
#include "matching/model.h"
#include "utils/jsonb.h"

/*
 * Candidates of one contact are looked for with one query.  If there are more
 * than this, each key is looked for alone, and of those who have it so many are
 * taken as the second number says: what many share says little about any.
 */
#define CRM_CANDIDATES_MAX 2000
#define CRM_CANDIDATES_PER_KEY 500

/* Looks for contacts with the caller's rights; SPI must be connected. */
extern int	crm_match_add_candidates(CrmMatchSet *set, const CrmMatchSource *source,
									 const int64 *keys, int count);
extern char *crm_match_read_contact(const CrmMatchSource *source, Datum key, bool text_key,
									CrmMatchPerson *person);

/* match_online.c: scoring one contact against a few */
extern const CrmScorer *crm_online_scorer(double rows, Jsonb *model);
extern void crm_online_rarities(CrmMatchSet *set, const CrmMatchRecord *record);
extern double crm_online_weight(CrmMatchSet *set, const CrmScorer *scorer, uint32 a, uint32 b);
extern Jsonb *crm_online_evidence(const CrmScorer *scorer, const CrmComparison *comparison);
extern double crm_online_threshold(bool is_null, double min_probability, double standard);

#endif							/* CRM_MATCH_CANDIDATES_H */
