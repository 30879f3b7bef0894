/*
 * find_duplicates.c
 *		Duplicates of a whole relation.
 */
#include "matching/cluster.h"

#include "funcapi.h"
#include "matching/blocking.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* Candidate pairs per contact. */
#define PAIRS_PER_CONTACT 40

typedef struct Search
{
	CrmMatchSet *set;
	CrmBlocking blocking;
	CrmMatchModel model;
	CrmScorer	scorer;
	CrmMatchPairs found;
	double		min_weight;
} Search;

static double budget_factor = PAIRS_PER_CONTACT;

static void
score_pair(void *state, uint32 a, uint32 b)
{
	Search	   *search = state;
	CrmComparison comparison;
	CrmMatchPair *pair;
	double		weight;

	crm_compare(search->set, &search->set->records[a], &search->set->records[b], &comparison);
	weight = crm_match_weight(&search->scorer, &comparison);
	if (weight < search->min_weight)
		return;
	if (search->found.count == search->found.room)
	{
		search->found.room *= 2;
		search->found.pairs = repalloc_huge(search->found.pairs, search->found.room * sizeof(CrmMatchPair));
	}
	pair = &search->found.pairs[search->found.count++];
	pair->a = a;
	pair->b = b;
	pair->weight = (float) weight;
}

static double
elapsed(instr_time *start)
{
	instr_time	now;
	instr_time	then = *start;

	INSTR_TIME_SET_CURRENT(now);
	*start = now;
	INSTR_TIME_SUBTRACT(now, then);
	return INSTR_TIME_GET_MILLISEC(now);
}

static void
run_search(Search *search, Oid relation, bool text_keys, double min_weight)
{
	instr_time	clock;
	int			i;

	INSTR_TIME_SET_CURRENT(clock);
	search->set = crm_match_set_read(relation, CurrentMemoryContext, text_keys);
	elog(DEBUG1, "read %u: %.0f ms", search->set->count, elapsed(&clock));
	if (search->set->count < 2)
		return;
	crm_blocking_prepare(&search->blocking, search->set,
						 Max(budget_factor * search->set->count, 2000000));
	elog(DEBUG1, "blocking: %.0f ms, caps %u %u %u", elapsed(&clock), search->blocking.caps[0],
		 search->blocking.caps[1], search->blocking.caps[2]);
	for (i = 0; i < crm_blocking_rule_count; i++)
		elog(DEBUG2, "rule %s+%s: largest %u, pairs %llu, cut %llu", crm_token_names[crm_blocking_rules[i].kind[0]],
			 crm_blocking_rules[i].count > 1 ? crm_token_names[crm_blocking_rules[i].kind[1]] : "",
			 search->blocking.report[i].largest_block,
			 (unsigned long long) search->blocking.report[i].pairs,
			 (unsigned long long) search->blocking.report[i].cut_pairs);
	crm_model_train(&search->model, search->set, &search->blocking);
	elog(DEBUG1, "training: %.0f ms, %d pairs", elapsed(&clock), search->model.sample);
	crm_scorer_init(&search->scorer, &search->model);
	search->min_weight = min_weight;
	search->found.room = 1024;
	search->found.pairs = palloc(1024 * sizeof(CrmMatchPair));
	crm_blocking_visit(&search->blocking, 0, score_pair, search);
	elog(DEBUG1, "scoring: %.0f ms, %llu pairs, %llu found", elapsed(&clock),
		 (unsigned long long) search->blocking.visited, (unsigned long long) search->found.count);
}

PG_FUNCTION_INFO_V1(crm_find_duplicates);
Datum
crm_find_duplicates(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Search	   *search = palloc0(sizeof(Search));
	uint64		i;

	InitMaterializedSRF(fcinfo, 0);
	sscanf(GetConfigOption("crm.actor", true, false), "%lf %lf %lf", &crm_anchor, &crm_cluster_bonus, &crm_careless);
	run_search(search, PG_GETARG_OID(0), true, PG_GETARG_FLOAT8(1));
	for (i = 0; i < search->found.count; i++)
	{
		CrmMatchPair *pair = &search->found.pairs[i];
		Datum		values[5];
		bool		nulls[5] = {false};
		StringInfoData lv;
		CrmComparison comparison;
		int			e;

		initStringInfo(&lv);
		crm_compare(search->set, &search->set->records[pair->a], &search->set->records[pair->b], &comparison);
		for (e = 0; e < CRM_EVIDENCES; e++)
			if (e == CRM_EVIDENCE_ADDRESS)
				appendStringInfo(&lv, "[%d%d%d]", comparison.level[e] / 16, comparison.level[e] / 4 % 4, comparison.level[e] % 4);
			else
				appendStringInfo(&lv, "%d", comparison.level[e]);
		values[4] = CStringGetTextDatum(lv.data);

		values[0] = CStringGetTextDatum(search->set->keys[pair->a]);
		values[1] = CStringGetTextDatum(search->set->keys[pair->b]);
		values[2] = Float8GetDatum(crm_weight_probability(pair->weight));
		values[3] = Float8GetDatum(pair->weight);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}

/* relation, weight for components, cap, threshold, budget */
PG_FUNCTION_INFO_V1(crm_duplicate_groups);
Datum
crm_duplicate_groups(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Search	   *search = palloc0(sizeof(Search));
	instr_time	clock;
	uint32	   *groups;
	uint32		i;

	InitMaterializedSRF(fcinfo, 0);
	crm_cluster_cap = PG_GETARG_FLOAT8(2);
	crm_cluster_threshold = PG_GETARG_FLOAT8(3);
	budget_factor = PG_GETARG_FLOAT8(4);
	sscanf(GetConfigOption("crm.actor", true, false), "%lf %lf %lf", &crm_anchor, &crm_cluster_bonus, &crm_careless);
	run_search(search, PG_GETARG_OID(0), true, PG_GETARG_FLOAT8(1));
	INSTR_TIME_SET_CURRENT(clock);
	groups = crm_cluster(search->set, &search->scorer, &search->found, PG_GETARG_FLOAT8(1));
	elog(DEBUG1, "clusters: %.0f ms", elapsed(&clock));
	for (i = 0; i < search->set->count; i++)
	{
		Datum		values[2];
		bool		nulls[2] = {false};

		values[0] = Int64GetDatum(groups[i]);
		values[1] = CStringGetTextDatum(search->set->keys[i]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	PG_RETURN_NULL();
}
