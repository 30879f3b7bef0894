/*
 * evidence.c
 *		Why two contacts match: the weight of each kind of evidence.
 *
 * Evidence is added kind by kind, and each kind's weight is the difference that it
 * makes, so that the weights sum to the match weight whatever depends on what: that
 * namesakes are to be expected shows at the last name, since only there do both
 * names agree.
 */
#include "matching/evidence.h"

#include <math.h>

#include "matching/model_names.h"
#include "utils/numeric.h"

/* Digits of a weight behind the point. */
#define WEIGHT_DIGITS 3

#define FIELD(name) (1 << CRM_FIELD_##name)

const int	crm_evidence_fields[CRM_EVIDENCES] = {
	[CRM_EVIDENCE_GIVEN] = FIELD(GIVEN),
	[CRM_EVIDENCE_SURNAME] = FIELD(SURNAME),
	[CRM_EVIDENCE_MIDDLE] = FIELD(MIDDLE),
	[CRM_EVIDENCE_GENERATION] = FIELD(GENERATION),
	[CRM_EVIDENCE_EMAIL] = FIELD(EMAIL),
	[CRM_EVIDENCE_PHONE] = FIELD(PHONE),
	[CRM_EVIDENCE_BIRTH] = FIELD(BIRTH),
	[CRM_EVIDENCE_ADDRESS] = FIELD(STREET) | FIELD(CITY) | FIELD(POSTCODE),
	[CRM_EVIDENCE_STATE] = FIELD(STATE),
	[CRM_EVIDENCE_COUNTRY] = FIELD(COUNTRY),
	[CRM_EVIDENCE_COMPANY] = FIELD(COMPANY),
	[CRM_EVIDENCE_JOB] = FIELD(JOB),
	[CRM_EVIDENCE_GENDER] = FIELD(GENDER)
};

StaticAssertDecl(CRM_EVIDENCES == 13, "fields of all evidence");

/* What speaks for one person rather than for two who know nothing of each other. */
static double
contrast(const CrmScorer *scorer, const CrmComparison *comparison)
{
	double		weights[CRM_RELATIONSHIPS];

	crm_relationship_weights(scorer, comparison, weights);
	return weights[CRM_SAME_PERSON] - weights[CRM_STRANGERS];
}

/* The rarity at which a value's own share is what two people agree in anyway. */
static uint8
usual_rarity(const CrmMatchModel *model, CrmEvidence evidence)
{
	double		same = Max(model->overall[evidence][CRM_LEVEL_SAME], 1e-12);

	return (uint8) Min(Max(-log2(same) * CRM_RARITY_STEPS + 0.5, 0), CRM_RARITY_MAX);
}

/*
 * What relationships add to one of them: by so much more than it alone they explain
 * what is seen.  Shared out among them as they explain it; not below 0.
 */
static void
weigh_others(const double *all, int alone, int begin, int end, double sign, double *other)
{
	double		sum = 0;
	double		bits;
	int			r;

	for (r = begin; r < end; r++)
		if (r != alone)
			sum += exp2(Min(all[r] - all[alone], 500));
	bits = log2(1 + sum);
	for (r = begin; r < end; r++)
		if (r != alone && sum > 0)
			other[r] = sign * bits * exp2(Min(all[r] - all[alone], 500)) / sum;
}

static void
weigh_relationships(const CrmScorer *scorer, const CrmComparison *comparison,
					CrmEvidenceWeights *weights)
{
	double		all[CRM_RELATIONSHIPS];

	crm_relationship_weights(scorer, comparison, all);
	weigh_others(all, CRM_STRANGERS, CRM_STRANGERS, CRM_SAME_PERSON, -1, weights->other);
	weigh_others(all, CRM_SAME_PERSON, CRM_SAME_PERSON, CRM_RELATIONSHIPS, 1, weights->other);
}

void
crm_weigh_evidence(const CrmMatchModel *model, const CrmScorer *scorer,
				   const CrmComparison *comparison, CrmEvidenceWeights *weights)
{
	CrmComparison so_far;
	double		sum;
	int			e;

	memset(&so_far, 0, sizeof(so_far));
	memset(weights, 0, sizeof(*weights));
	weights->prior = sum = contrast(scorer, &so_far);
	for (e = 0; e < CRM_EVIDENCES; e++)
	{
		double		with;

		if (comparison->level[e] == CRM_LEVEL_NONE)
			continue;
		so_far.level[e] = comparison->level[e];
		so_far.rarity[e] = usual_rarity(model, e);
		with = contrast(scorer, &so_far);
		so_far.rarity[e] = comparison->rarity[e];
		weights->weight[e] = contrast(scorer, &so_far) - sum;
		weights->rarity[e] = weights->weight[e] - (with - sum);
		sum += weights->weight[e];
	}
	weigh_relationships(scorer, comparison, weights);
	weights->total = crm_match_weight(scorer, comparison);
}

/* ----------
 * jsonb
 * ----------
 */

static void
push_key(JsonbParseState **state, const char *key)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, key);
	value.val.string.len = (int) strlen(key);
	pushJsonbValue(state, WJB_KEY, &value);
}

static void
push_string(JsonbParseState **state, const char *key, const char *string)
{
	JsonbValue	value;

	push_key(state, key);
	value.type = jbvString;
	value.val.string.val = pstrdup(string);
	value.val.string.len = (int) strlen(string);
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_weight(JsonbParseState **state, const char *key, double weight)
{
	JsonbValue	value;

	push_key(state, key);
	value.type = jbvNumeric;
	value.val.numeric = int64_div_fast_to_numeric((int64) rint(weight * pow(10, WEIGHT_DIGITS)),
												  WEIGHT_DIGITS);
	pushJsonbValue(state, WJB_VALUE, &value);
}

/* An entry that has a weight and nothing else, if it has any. */
static void
push_entry(JsonbParseState **state, const char *key, double weight)
{
	if (fabs(weight) < 0.5 * pow(10, -WEIGHT_DIGITS))
		return;
	push_key(state, key);
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_weight(state, "weight", weight);
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* An object with an entry for each kind of evidence; decision may be NULL. */
Jsonb *
crm_evidence_to_json(const CrmComparison *comparison, const CrmEvidenceWeights *weights,
					 const char *decision)
{
	JsonbParseState *state = NULL;
	char		room[CRM_LEVEL_NAME_MAX];
	int			e;
	int			r;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	if (decision != NULL)
		push_string(&state, "decision", decision);
	push_entry(&state, "prior", weights->prior);
	for (e = 0; e < CRM_EVIDENCES; e++)
	{
		if (comparison->level[e] == CRM_LEVEL_NONE)
			continue;
		push_key(&state, crm_evidence_names[e]);
		pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
		push_string(&state, "level", crm_level_name(e, comparison->level[e], room));
		push_weight(&state, "weight", weights->weight[e]);
		pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	}
	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		push_entry(&state, crm_relationship_names[r], weights->other[r]);
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}
