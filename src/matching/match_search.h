/*
 * match_search.h
 *		A relation's contacts, read and ready to be compared under a model.
 */
#ifndef CRM_MATCH_SEARCH_H
#define CRM_MATCH_SEARCH_H

#include "matching/blocking.h"
#include "matching/bounds.h"
#include "matching/cluster.h"
#include "matching/match_input.h"
#include "matching/stored_model.h"

/* What is found by default: likelier one person than not. */
#define CRM_DEFAULT_PROBABILITY 0.5

/* What pairs are scored with. */
typedef struct CrmPairScoring
{
	const CrmMatchSet *set;
	const CrmScorer *scorer;
	const CrmBounds *bounds;
	double		min_weight;
} CrmPairScoring;

/* All of it lives in the context that was current when it was opened. */
typedef struct CrmMatchSearch
{
	CrmMatchInput input;
	CrmMatchSet *set;
	CrmStoredModel *stored;		/* given, or made of the contacts themselves */
	CrmScorer	scorer;
	CrmBounds	bounds;
	CrmBlocking blocking;
	CrmMatchPairs found;
	double		min_weight;
} CrmMatchSearch;

extern double crm_checked_probability(double probability);
extern double crm_min_probability(FunctionCallInfo fcinfo, int arg);
extern double crm_probability_weight(double probability);
extern CrmMatchSearch *crm_match_search_open(Oid contacts, bool text_keys, Jsonb *model,
											 Oid decisions);
extern void crm_match_search_run(CrmMatchSearch *search, double min_weight);
extern void crm_match_search_alone(CrmMatchSearch *search, double min_weight);
extern void crm_keep_pair(CrmMatchPairs *found, const CrmMatchPair *pair);
extern bool crm_score_candidates(const CrmPairScoring *scoring, uint32 a, uint32 b,
								 const CrmMatchRecord *left, const CrmMatchRecord *right,
								 CrmMatchPair *pair);
extern CrmStoredModel *crm_builtin_model(void);

/* match_decided.c */
extern void crm_read_decided(CrmMatchSet *set, Oid decisions, Oid contacts);

#endif							/* CRM_MATCH_SEARCH_H */
