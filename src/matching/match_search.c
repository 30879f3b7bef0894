/*
 * match_search.c
 *		A relation's contacts, read and ready to be compared under a model.
 *
 * Pairs that are found are kept in memory, twelve bytes each: those that a
 * threshold lets pass, not those that are compared.
 */
#include "matching/evidence.h"
#include "matching/match_search.h"
#include "matching/parallel_search.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/*
 * Candidate pairs that are compared: so many for each contact, but no fewer than some.
 * Whoever is stored many times makes large blocks; to find all the pairs of a person
 * so many more are compared for each that is to be expected.
 */
#define PAIRS_PER_CONTACT 10
#define PAIRS_PER_MATCH 12
#define PAIRS_MIN 1000000

#define FIRST_PAIRS 1024

/* ----------
 * arguments
 * ----------
 */

/* Below this a percentage is hardly what was meant. */
#define PERCENT_MIN 10

/* A min_probability; an error if it is none. */
double
crm_checked_probability(double probability)
{
	if (probability >= 0 && probability <= 1)
		return probability;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("min_probability %g is not between 0 and 1", probability),
			 probability >= PERCENT_MIN && probability <= 100 ?
			 errhint("Did you mean %g?", probability / 100) : 0));
}

/* The argument min_probability, or its default. */
double
crm_min_probability(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? CRM_DEFAULT_PROBABILITY :
		crm_checked_probability(PG_GETARG_FLOAT8(arg));
}

/* A probability as the weight, in bits, that has it. */
double
crm_probability_weight(double probability)
{
	if (probability <= 0)
		return -INFINITY;
	if (probability >= 1)
		return INFINITY;
	return log2(probability / (1 - probability));
}

/* ----------
 * models
 * ----------
 */

/*
 * What is assumed of contacts that nothing is known of: of each ten a pair of each
 * kind, and hardly any that are badly recorded.
 */
static void
assume_shares(CrmMatchModel *model, double contacts)
{
	int			r;

	model->share[CRM_STRANGERS] = 1;
	for (r = CRM_STRANGERS + 1; r < CRM_RELATIONSHIPS; r++)
	{
		model->share[r] = (r == CRM_CARELESS ? 0.02 : 0.2) / contacts;
		model->share[CRM_STRANGERS] -= model->share[r];
	}
}

/* Contacts that the built-in model is made for. */
#define BUILTIN_CONTACTS 1000

/* The model that knows no contacts. */
CrmStoredModel *
crm_builtin_model(void)
{
	CrmStoredModel *stored = palloc0(sizeof(CrmStoredModel));
	int			i;

	crm_model_set_defaults(&stored->model);
	assume_shares(&stored->model, BUILTIN_CONTACTS);
	for (i = 0; i < CRM_RARITY_LISTS; i++)
	{
		stored->rarities.list[i].values = palloc(sizeof(CrmListedValue));
		stored->rarities.list[i].rest = crm_default_rarity(i);
	}
	return stored;
}

/*
 * Of what no contact has a value for nothing has been learned: should there be one
 * later, the built-in chances hold.
 */
static void
forget_unseen(CrmMatchModel *model, const CrmMatchSet *set)
{
	int			e;
	int			r;
	int			level;
	int			field;

	for (e = 0; e < CRM_EVIDENCES; e++)
	{
		bool		is_seen = false;

		for (field = 0; field < CRM_MATCH_FIELDS; field++)
			if (crm_evidence_fields[e] & 1 << field && set->dictionary[field].count > 1)
				is_seen = true;
		for (level = 0; level < crm_evidence_levels[e] && !is_seen; level++)
		{
			for (r = 0; r < CRM_RELATIONSHIPS; r++)
				model->chance[r][e][level] = crm_model_default(r, e, level);
			model->overall[e][level] = crm_model_default(CRM_STRANGERS, e, level);
		}
	}
}

/*
 * Learned from the contacts themselves, and then rounded as a model is that is
 * kept: the same scores come out, kept or not, as far as values are listed in it.
 */
static CrmStoredModel *
train(CrmMatchSearch *search)
{
	CrmStoredModel *stored = crm_builtin_model();

	if (search->set->count > 1)
		crm_model_train(&stored->model, search->set, &search->blocking);
	forget_unseen(&stored->model, search->set);
	stored->trained_at = GetCurrentTimestamp();
	stored->contacts = search->set->count;
	stored->decisions = search->set->decided_count;
	crm_model_round(&stored->model);
	return stored;
}

/* ----------
 * what is compared
 * ----------
 */

static uint64
fewest_pairs(const CrmMatchSet *set)
{
	return Max(PAIRS_PER_CONTACT * (uint64) set->count, PAIRS_MIN);
}

/* Pairs that are worth comparing by what the model expects; in steps, each twice the last. */
static uint64
pairs_to_compare(const CrmMatchSearch *search)
{
	const CrmMatchModel *model = &search->stored->model;
	double		contacts = search->set->count;
	double		matches = (model->share[CRM_SAME_PERSON] + model->share[CRM_CARELESS]) *
		contacts * (contacts - 1) / 2;
	double		wanted = PAIRS_PER_CONTACT * contacts + PAIRS_PER_MATCH * matches;
	uint64		pairs = fewest_pairs(search->set);

	while (1.5 * pairs < wanted)
		pairs *= 2;
	return pairs;
}

static void
prepare_again(CrmMatchSearch *search, uint64 pairs)
{
	crm_blocking_forget(&search->blocking);
	crm_blocking_prepare(&search->blocking, search->set, pairs);
}

/* What is compared follows from the model in the end, as it does where one is given. */
static void
prepare_and_train(CrmMatchSearch *search)
{
	crm_blocking_prepare(&search->blocking, search->set, fewest_pairs(search->set));
	search->stored = train(search);
	if (pairs_to_compare(search) > search->blocking.budget)
	{
		prepare_again(search, pairs_to_compare(search));
		search->stored = train(search);
	}
	if (pairs_to_compare(search) != search->blocking.budget)
		prepare_again(search, pairs_to_compare(search));
}

/* ----------
 * searching
 * ----------
 */

/*
 * Reads the contacts and what people have decided about them (decisions may be
 * InvalidOid), prices the keys, and trains a model if none is given.
 */
CrmMatchSearch *
crm_match_search_open(Oid contacts, bool text_keys, Jsonb *model, Oid decisions)
{
	CrmMatchSearch *search = palloc0(sizeof(CrmMatchSearch));
	CrmInputOptions options = {NULL, NULL};

	if (model != NULL)
	{
		search->stored = crm_model_from_json(model);
		options.rarities = &search->stored->rarities;
	}
	crm_match_input_find(&search->input, contacts, text_keys);
	search->set = crm_match_input_read(&search->input, &options);
	crm_match_set_close(search->set);
	if (OidIsValid(decisions))
		crm_read_decided(search->set, decisions, contacts);
	crm_match_set_find_copies(search->set);
	if (model == NULL)
		prepare_and_train(search);
	else
		crm_blocking_prepare(&search->blocking, search->set, pairs_to_compare(search));
	crm_scorer_init(&search->scorer, &search->stored->model);
	crm_bounds_init(&search->bounds, &search->scorer);
	return search;
}

void
crm_keep_pair(CrmMatchPairs *found, const CrmMatchPair *pair)
{
	if (found->count == found->room)
	{
		found->room *= 2;
		found->pairs = repalloc_huge(found->pairs, found->room * sizeof(CrmMatchPair));
	}
	found->pairs[found->count++] = *pair;
}

/* Compared from the smaller record, as everywhere. */
static double
weight_of(const CrmPairScoring *scoring, uint32 a, uint32 b,
		  const CrmMatchRecord *left, const CrmMatchRecord *right)
{
	CrmComparison comparison;

	crm_compare(scoring->set, a < b ? left : right, a < b ? right : left, &comparison);
	return crm_match_weight(scoring->scorer, &comparison);
}

/* Scores a candidate pair; false if it weighs too little. */
bool
crm_score_candidates(const CrmPairScoring *scoring, uint32 a, uint32 b,
					 const CrmMatchRecord *left, const CrmMatchRecord *right, CrmMatchPair *pair)
{
	double		weight;

	if (!crm_can_weigh(scoring->bounds, scoring->set, left, right, scoring->min_weight))
	{
		Assert(weight_of(scoring, a, b, left, right) < scoring->min_weight);
		return false;
	}
	weight = weight_of(scoring, a, b, left, right);
	pair->a = Min(a, b);
	pair->b = Max(a, b);
	pair->weight = (float) weight;
	return weight >= scoring->min_weight;
}

static void
score_pair(void *state, uint32 a, uint32 b, const CrmMatchRecord *left, const CrmMatchRecord *right)
{
	CrmMatchSearch *search = state;
	CrmPairScoring scoring = {search->set, &search->scorer, &search->bounds, search->min_weight};
	CrmMatchPair pair;

	if (crm_score_candidates(&scoring, a, b, left, right, &pair))
		crm_keep_pair(&search->found, &pair);
}

/* Sorting a hundred million pairs takes long. */
#define COMPARISONS_PER_CHECK 65536

static int
compare_found(const void *a, const void *b)
{
	const CrmMatchPair *p = a;
	const CrmMatchPair *q = b;
	static uint32 comparisons = 0;

	if (++comparisons % COMPARISONS_PER_CHECK == 0)
		CHECK_FOR_INTERRUPTS();
	if (p->weight != q->weight)
		return p->weight > q->weight ? -1 : 1;
	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	return p->b < q->b ? -1 : p->b > q->b;
}

/* A pair is found once, even if two keys brought it together. */
static void
order_found(CrmMatchPairs *found)
{
	uint64		kept = 0;
	uint64		i;

	qsort(found->pairs, found->count, sizeof(CrmMatchPair), compare_found);
	for (i = 0; i < found->count; i++)
		if (kept == 0 || compare_found(&found->pairs[kept - 1], &found->pairs[i]) != 0)
			found->pairs[kept++] = found->pairs[i];
	found->count = kept;
}

/* Finds the pairs, or those of the slices that no other process takes, in no order. */
void
crm_match_search_alone(CrmMatchSearch *search, double min_weight)
{
	search->min_weight = min_weight;
	search->found.count = 0;
	search->found.room = FIRST_PAIRS;
	search->found.pairs = palloc(FIRST_PAIRS * sizeof(CrmMatchPair));
	crm_blocking_visit(&search->blocking, 1, score_pair, search);
}

/* Each copy is a pair with the contact it is one of. */
static void
find_copies(CrmMatchSearch *search, double min_weight)
{
	const CrmMatchSet *set = search->set;
	CrmPairScoring scoring = {set, &search->scorer, &search->bounds, min_weight};
	uint32		i;

	for (i = 0; i < set->count && set->copies > 0; i++)
		if (crm_is_copy(set, i))
		{
			uint32		first = set->copy_of[i];
			CrmMatchPair pair;

			if (crm_score_candidates(&scoring, first, i, &set->records[first], &set->records[i], &pair))
				crm_keep_pair(&search->found, &pair);
			CHECK_FOR_INTERRUPTS();
		}
}

static void
tell_copies(const CrmMatchSet *set)
{
	if (set->copies > 0)
		ereport(NOTICE,
				(errmsg("%u contacts equal others in everything that is compared; each is compared with the first of these alone",
						set->copies)));
}

/* Finds the pairs that weigh at least so much, the heaviest first. */
void
crm_match_search_run(CrmMatchSearch *search, double min_weight)
{
	if (!crm_match_search_in_parallel(search, min_weight))
		crm_match_search_alone(search, min_weight);
	find_copies(search, min_weight);
	tell_copies(search->set);
	order_found(&search->found);
}
