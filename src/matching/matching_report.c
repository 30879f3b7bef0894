/*
 * matching_report.c
 *		What is compared and what is cut, how pairs score, and what is to be expected.
 *
 * Nothing of a pair is kept but where its score falls.  What is expected rests on
 * the probabilities being right: of ten pairs that are called nine tenths likely
 * nine are one person.
 */
#include "matching/match_search.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define RESULT_COLUMNS 10

/* Scores are counted in steps of a quarter of a bit, between two ends. */
#define STEPS_PER_BIT 4
#define LEAST_BITS (-30)
#define MOST_BITS 60
#define STEPS ((MOST_BITS - LEAST_BITS) * STEPS_PER_BIT)

/* Of the histogram that is shown. */
#define BITS_PER_BAR 5

typedef struct Scores
{
	CrmMatchSearch *search;
	uint64		pairs[STEPS];
	double		matches[STEPS]; /* to be expected among them */
} Scores;

typedef struct Row
{
	const char *section;
	const char *item;
	uint64		pairs;
	const CrmRuleReport *rule;	/* NULL: of no rule */
	bool		has_expectation;
	double		matches;
	double		precision;
	double		recall;			/* below 0: not known */
} Row;

static void
put_row(ReturnSetInfo *result, const Row *row)
{
	Datum		values[RESULT_COLUMNS] = {0};
	bool		nulls[RESULT_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(row->section);
	values[1] = CStringGetTextDatum(row->item);
	values[2] = Int64GetDatum(row->pairs);
	nulls[3] = nulls[4] = nulls[5] = nulls[6] = row->rule == NULL;
	if (row->rule != NULL)
	{
		values[3] = Int64GetDatum(row->rule->blocks);
		values[4] = Int64GetDatum(row->rule->largest_block);
		values[5] = Int64GetDatum(row->rule->cut_blocks);
		values[6] = Int64GetDatum(row->rule->cut_pairs);
	}
	nulls[7] = nulls[8] = !row->has_expectation;
	nulls[9] = row->recall < 0;
	values[7] = Float8GetDatum(row->matches);
	values[8] = Float8GetDatum(row->precision);
	values[9] = Float8GetDatum(row->recall);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* ----------
 * keys
 * ----------
 */

static char *
rule_name(const CrmBlockingRule *rule)
{
	StringInfoData name;
	int			i;

	initStringInfo(&name);
	for (i = 0; i < rule->count; i++)
		appendStringInfo(&name, "%s%s", i > 0 ? " + " : "", crm_token_names[rule->kind[i]]);
	return name.data;
}

/* Rules that met nobody are left out. */
static void
put_rules(ReturnSetInfo *result, const CrmBlocking *blocking)
{
	int			i;

	for (i = 0; i < crm_blocking_rule_count; i++)
	{
		const CrmRuleReport *report = &blocking->report[i];
		Row			row = {.section = "keys", .item = rule_name(&crm_blocking_rules[i]),
		.pairs = report->pairs, .rule = report, .recall = -1};

		if (report->blocks > 0 || report->cut_blocks > 0)
			put_row(result, &row);
	}
}

/* ----------
 * scores
 * ----------
 */

static void
count_score(void *state, uint32 a, uint32 b, const CrmMatchRecord *left, const CrmMatchRecord *right)
{
	Scores	   *scores = state;
	CrmComparison comparison;
	double		weight;
	int			step;

	if (!crm_can_weigh(&scores->search->bounds, scores->search->set, left, right, LEAST_BITS))
	{
		scores->pairs[0]++;
		return;
	}
	crm_compare(scores->search->set, a < b ? left : right, a < b ? right : left, &comparison);
	weight = crm_match_weight(&scores->search->scorer, &comparison);
	step = (int) ((Min(Max(weight, LEAST_BITS), MOST_BITS) - LEAST_BITS) * STEPS_PER_BIT);
	step = Min(step, STEPS - 1);
	scores->pairs[step]++;
	scores->matches[step] += crm_weight_probability(weight);
}

/* Pairs and expected matches of steps from one on to before another. */
static uint64
sum_scores(const Scores *scores, int begin, int end, double *matches)
{
	uint64		pairs = 0;
	int			i;

	*matches = 0;
	for (i = Max(begin, 0); i < Min(end, STEPS); i++)
	{
		pairs += scores->pairs[i];
		*matches += scores->matches[i];
	}
	return pairs;
}

static void
put_histogram(ReturnSetInfo *result, const Scores *scores)
{
	int			bits;

	for (bits = LEAST_BITS; bits < MOST_BITS; bits += BITS_PER_BAR)
	{
		int			begin = (bits - LEAST_BITS) * STEPS_PER_BIT;
		Row			row = {.section = "scores", .recall = -1};

		row.pairs = sum_scores(scores, begin, begin + BITS_PER_BAR * STEPS_PER_BIT, &row.matches);
		if (row.pairs == 0)
			continue;
		row.item = bits == LEAST_BITS ? psprintf("below %d bits", bits + BITS_PER_BAR) :
			bits + BITS_PER_BAR >= MOST_BITS ? psprintf("%d bits and more", bits) :
			psprintf("%d to %d bits", bits, bits + BITS_PER_BAR);
		row.has_expectation = true;
		row.precision = row.matches / row.pairs;
		put_row(result, &row);
	}
}

static void
put_thresholds(ReturnSetInfo *result, const Scores *scores)
{
	static const double thresholds[] = {0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999};
	double		all;
	int			i;

	sum_scores(scores, 0, STEPS, &all);
	for (i = 0; i < (int) lengthof(thresholds); i++)
	{
		double		bits = crm_probability_weight(thresholds[i]);
		Row			row = {.section = "thresholds", .item = psprintf("%g", thresholds[i])};

		row.pairs = sum_scores(scores, (int) ((bits - LEAST_BITS) * STEPS_PER_BIT + 0.5), STEPS,
							   &row.matches);
		row.has_expectation = true;
		row.precision = row.pairs > 0 ? row.matches / row.pairs : 1;
		row.recall = all > 0 ? row.matches / all : 1;
		put_row(result, &row);
	}
}

static void
put_totals(ReturnSetInfo *result, const CrmMatchSearch *search)
{
	Row			contacts = {.section = "contacts", .item = "contacts", .pairs = search->set->count, .recall = -1};
	Row			compared = {.section = "contacts", .item = "pairs compared", .pairs = search->blocking.visited, .recall = -1};
	Row			budget = {.section = "contacts", .item = "pairs that keys may cost", .pairs = search->blocking.budget, .recall = -1};
	Row			copies = {.section = "contacts", .item = "copies of others", .pairs = search->set->copies, .recall = -1};

	put_row(result, &contacts);
	if (search->set->copies > 0)
		put_row(result, &copies);
	put_row(result, &compared);
	put_row(result, &budget);
}

PG_FUNCTION_INFO_V1(crm_matching_report);
Datum
crm_matching_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext work;
	MemoryContext before;
	Scores	   *scores;

	crm_require_argument(fcinfo, 0, "contacts");
	InitMaterializedSRF(fcinfo, 0);
	work = AllocSetContextCreate(CurrentMemoryContext, "crm matching", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(work);
	scores = palloc0(sizeof(Scores));
	scores->search = crm_match_search_open(PG_GETARG_OID(0), true,
										   PG_ARGISNULL(1) ? NULL : PG_GETARG_JSONB_P(1), InvalidOid);
	crm_blocking_visit(&scores->search->blocking, 1, count_score, scores);
	put_totals(result, scores->search);
	put_rules(result, &scores->search->blocking);
	put_histogram(result, scores);
	put_thresholds(result, scores);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(work);
	PG_RETURN_NULL();
}
