/*
 * match_online.c
 *		Scoring one contact against a few.
 *
 * Who scores all contacts of a relation has counted its values; online nothing has
 * been counted, and values are taken to be as rare as such values usually are.
 */
#include "matching/match_candidates.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

/* A smaller table says nothing about how many contacts there will be. */
#define ROWS_MIN 1000

/* Names of evidence, as people say them. */
static const char *const evidence_names[] = {
	"given_name", "surname", "middle_name", "generation", "email", "phone",
	"date_of_birth", "address", "state", "country", "company", "job_title", "gender"
};

StaticAssertDecl(lengthof(evidence_names) == CRM_EVIDENCES, "every kind of evidence has a name");

/* How rare a value of a field usually is, in bits. */
static double
usual_rarity(int field)
{
	switch (field)
	{
		case CRM_FIELD_GIVEN:
			return 8;
		case CRM_FIELD_SURNAME:
			return 11;
		case CRM_FIELD_MIDDLE:
			return 6;
		case CRM_FIELD_EMAIL:
		case CRM_FIELD_PHONE:
			return 20;
		case CRM_FIELD_BIRTH:
			return 14;
		case CRM_FIELD_STREET:
			return 14;
		case CRM_FIELD_CITY:
			return 9;
		case CRM_FIELD_POSTCODE:
			return 11;
		case CRM_FIELD_COMPANY:
			return 11;
		case CRM_FIELD_JOB:
			return 6;
		case CRM_FIELD_STATE:
			return 4;
		default:
			return 1;
	}
}

static void
set_rarity(CrmMatchSet *set, int field, uint32 value)
{
	uint8		rarity = (uint8) Min(usual_rarity(field) * CRM_RARITY_STEPS, CRM_RARITY_MAX);

	if (value != 0)
		set->dictionary[field].values[value].rarity =
			set->dictionary[field].values[value].part_rarity = rarity;
}

/*
 * Gives the values of a record the rarity that such values usually have.  Instead
 * of crm_match_set_finish, which counts.
 */
void
crm_online_rarities(CrmMatchSet *set, const CrmMatchRecord *record)
{
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		set_rarity(set, i, record->value[i]);
	for (i = 0; i < CRM_MATCH_LIST_MAX - 1; i++)
	{
		set_rarity(set, CRM_FIELD_EMAIL, record->more_emails[i]);
		set_rarity(set, CRM_FIELD_PHONE, record->more_phones[i]);
	}
}

/* What speaks for two records of a set being one person, in bits. */
double
crm_online_weight(CrmMatchSet *set, const CrmScorer *scorer, uint32 a, uint32 b)
{
	CrmComparison comparison;

	crm_online_rarities(set, &set->records[a]);
	crm_online_rarities(set, &set->records[b]);
	crm_compare(set, &set->records[a], &set->records[b], &comparison);
	return crm_match_weight(scorer, &comparison);
}

/*
 * The scorer for a relation of so many rows; good until it is asked for the next
 * time.  This is where a model comes in.
 */
const CrmScorer *
crm_online_scorer(double rows, Jsonb *model)
{
	static CrmScorer scorer;
	static bool is_filled = false;
	double		share;
	int			r;

	if (!is_filled)
	{
		CrmMatchModel defaults;

		crm_model_set_defaults(&defaults);
		crm_scorer_init(&scorer, &defaults);
		is_filled = true;
	}
	/* as before any data has been seen: a tenth of the contacts has a duplicate */
	rows = Max(rows, ROWS_MIN);
	share = 0.1 * rows / (rows * (rows - 1) / 2);
	scorer.share[CRM_STRANGERS] = (float) log2(1 - 3 * share);
	for (r = CRM_STRANGERS + 1; r < CRM_RELATIONSHIPS; r++)
		scorer.share[r] = (float) log2(share);
	return &scorer;
}

/* ----------
 * evidence
 * ----------
 */

static void
push_number(JsonbParseState **state, const char *name, double number)
{
	JsonbValue	key;
	JsonbValue	value;

	key.type = jbvString;
	key.val.string.val = unconstify(char *, name);
	key.val.string.len = (int) strlen(name);
	value.type = jbvNumeric;
	value.val.numeric = DatumGetNumeric(DirectFunctionCall2(numeric_round,
															DirectFunctionCall1(float8_numeric, Float8GetDatum(number)),
															Int32GetDatum(2)));
	pushJsonbValue(state, WJB_KEY, &key);
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* What each kind of evidence does to the weight: the weight without it is so much less. */
Jsonb *
crm_online_evidence(const CrmScorer *scorer, const CrmComparison *comparison)
{
	JsonbParseState *state = NULL;
	double		weight = crm_match_weight(scorer, comparison);
	int			e;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (e = 0; e < CRM_EVIDENCES; e++)
		if (comparison->level[e] != CRM_LEVEL_NONE)
		{
			CrmComparison without = *comparison;

			without.level[e] = CRM_LEVEL_NONE;
			push_number(&state, evidence_names[e], weight - crm_match_weight(scorer, &without));
		}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

/* A probability as a weight in bits, from which on a match counts. */
double
crm_online_threshold(bool is_null, double min_probability, double standard)
{
	double		probability = is_null ? standard : min_probability;

	if (isnan(probability) || probability < 0 || probability > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("min_probability must be between 0 and 1"),
				 probability > 1 && probability <= 100 ?
				 errhint("Did you mean %g?", probability / 100) : 0));
	if (probability <= 0)
		return -INFINITY;
	if (probability >= 1)
		return INFINITY;
	return log2(probability / (1 - probability));
}
