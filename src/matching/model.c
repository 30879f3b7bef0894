/*
 * model.c
 *		What agreeing and differing is worth: the probabilities behind a match.
 *
 * The default chances are what is assumed before any data has been seen; a table
 * of a few hundred contacts moves them little, one of a million entirely.
 */
#include "matching/model.h"

#include <math.h>

/* Of levels from 1 on; the rest are 0. */
typedef double Chances[CRM_GIVEN_LEVELS];

static const Chances default_chances[CRM_RELATIONSHIPS][CRM_EVIDENCES] = {
	[CRM_HOUSEHOLD] = {
		[CRM_EVIDENCE_GIVEN] = {0, .02, .005, .005, .005, .005, .005, .04, .0005, .9145},
		[CRM_EVIDENCE_SURNAME] = {0, .80, .04, .02, .03, .01, .10},
		[CRM_EVIDENCE_MIDDLE] = {0, .10, .02, .88},
		[CRM_EVIDENCE_GENERATION] = {0, .20, .0, .80},
		[CRM_EVIDENCE_EMAIL] = {0, .08, .004, .002, .002, .006, .10, .30, .506},
		[CRM_EVIDENCE_PHONE] = {0, .40, .01, .59},
		[CRM_EVIDENCE_BIRTH] = {0, .01, .01, .03, .03, .92},
		[CRM_EVIDENCE_STATE] = {0, .97, 0, .03},
		[CRM_EVIDENCE_COUNTRY] = {0, .99, 0, .01},
		[CRM_EVIDENCE_COMPANY] = {0, .05, .02, .93},
		[CRM_EVIDENCE_JOB] = {0, .05, .05, .90},
		[CRM_EVIDENCE_GENDER] = {0, .40, 0, .60},
	},
	[CRM_COLLEAGUES] = {
		[CRM_EVIDENCE_GIVEN] = {0, .01, .003, .005, .005, .001, .005, .04, .0003, .9307},
		[CRM_EVIDENCE_SURNAME] = {0, .008, .002, .003, .002, .012, .973},
		[CRM_EVIDENCE_MIDDLE] = {0, .08, .02, .90},
		[CRM_EVIDENCE_GENERATION] = {0, .50, .0, .50},
		[CRM_EVIDENCE_EMAIL] = {0, .02, .002, .0005, .0005, .002, .60, .25, .125},
		[CRM_EVIDENCE_PHONE] = {0, .15, .01, .84},
		[CRM_EVIDENCE_BIRTH] = {0, .0005, .003, .02, .02, .9565},
		[CRM_EVIDENCE_STATE] = {0, .50, 0, .50},
		[CRM_EVIDENCE_COUNTRY] = {0, .90, 0, .10},
		[CRM_EVIDENCE_COMPANY] = {0, .90, .08, .02},
		[CRM_EVIDENCE_JOB] = {0, .10, .05, .85},
		[CRM_EVIDENCE_GENDER] = {0, .50, 0, .50},
	},
	[CRM_SAME_PERSON] = {
		[CRM_EVIDENCE_GIVEN] = {0, .80, .04, .02, .07, .01, .01, .01, .015, .025},
		[CRM_EVIDENCE_SURNAME] = {0, .84, .03, .07, .002, .018, .04},
		[CRM_EVIDENCE_MIDDLE] = {0, .75, .08, .17},
		[CRM_EVIDENCE_GENERATION] = {0, .97, .0, .03},
		[CRM_EVIDENCE_EMAIL] = {0, .55, .08, .05, .05, .03, .02, .12, .10},
		[CRM_EVIDENCE_PHONE] = {0, .55, .04, .41},
		[CRM_EVIDENCE_BIRTH] = {0, .87, .07, .02, .01, .03},
		[CRM_EVIDENCE_STATE] = {0, .92, 0, .08},
		[CRM_EVIDENCE_COUNTRY] = {0, .98, 0, .02},
		[CRM_EVIDENCE_COMPANY] = {0, .55, .10, .35},
		[CRM_EVIDENCE_JOB] = {0, .55, .15, .30},
		[CRM_EVIDENCE_GENDER] = {0, .96, 0, .04},
	},
	/* strangers are measured; these are for tables too small to measure */
	[CRM_STRANGERS] = {
		[CRM_EVIDENCE_GIVEN] = {0, .005, .003, .004, .003, .001, .003, .03, .00005, .95095},
		[CRM_EVIDENCE_SURNAME] = {0, .001, .0005, .001, .0005, .008, .989},
		[CRM_EVIDENCE_MIDDLE] = {0, .06, .01, .93},
		[CRM_EVIDENCE_GENERATION] = {0, .5, .0, .5},
		[CRM_EVIDENCE_EMAIL] = {0, .00001, .00001, .00002, .00002, .0002, .002, .40, .59774},
		[CRM_EVIDENCE_PHONE] = {0, .00001, .0001, .99989},
		[CRM_EVIDENCE_BIRTH] = {0, .00005, .0015, .01, .015, .97345},
		[CRM_EVIDENCE_STATE] = {0, .10, 0, .90},
		[CRM_EVIDENCE_COUNTRY] = {0, .50, 0, .50},
		[CRM_EVIDENCE_COMPANY] = {0, .001, .005, .994},
		[CRM_EVIDENCE_JOB] = {0, .02, .03, .95},
		[CRM_EVIDENCE_GENDER] = {0, .50, 0, .50},
	}
};

/* Parts of an address: street, city, postcode. */
static const double address_chances[CRM_RELATIONSHIPS][3][CRM_STREET_LEVELS] = {
	[CRM_STRANGERS] = {{0, .00005, .0005, .001, .99845}, {0, .005, .01, .985}, {0, .001, .01, .989}},
	[CRM_HOUSEHOLD] = {{0, .85, .08, .01, .06}, {0, .92, .04, .04}, {0, .90, .04, .06}},
	[CRM_COLLEAGUES] = {{0, .02, .01, .01, .96}, {0, .10, .02, .88}, {0, .03, .05, .92}},
	[CRM_SAME_PERSON] = {{0, .60, .15, .02, .23}, {0, .70, .10, .20}, {0, .65, .10, .25}},
};

static void
split_address_level(int level, int *parts)
{
	parts[2] = level % CRM_PLAIN_LEVELS;
	parts[1] = level / CRM_PLAIN_LEVELS % CRM_PLAIN_LEVELS;
	parts[0] = level / CRM_PLAIN_LEVELS / CRM_PLAIN_LEVELS;
}

/* As if street, city and postcode were independent; among pairs that have what this one has. */
double
crm_address_default(CrmRelationship relationship, int level)
{
	int			parts[3];
	double		chance = 1;
	int			i;

	split_address_level(level, parts);
	for (i = 0; i < 3; i++)
		if (parts[i] != CRM_LEVEL_NONE)
			chance *= address_chances[relationship][i][parts[i]];
	return chance;
}

/*
 * Levels are compared with those of one group: of an address, those of pairs that
 * have the same parts.  0 is for "no evidence".
 */
int
crm_level_group(CrmEvidence evidence, int level)
{
	int			parts[3];

	if (evidence != CRM_EVIDENCE_ADDRESS)
		return level != CRM_LEVEL_NONE;
	split_address_level(level, parts);
	return (parts[0] != 0) | (parts[1] != 0) << 1 | (parts[2] != 0) << 2;
}

double
crm_model_default(CrmRelationship relationship, CrmEvidence evidence, int level)
{
	if (relationship == CRM_CARELESS)
		return (1 - CRM_CARELESS_SHARE) * crm_model_default(CRM_SAME_PERSON, evidence, level) +
			CRM_CARELESS_SHARE * crm_model_default(CRM_STRANGERS, evidence, level);
	if (evidence == CRM_EVIDENCE_ADDRESS)
		return crm_address_default(relationship, level);
	return default_chances[relationship][evidence][level];
}

void
crm_model_set_defaults(CrmMatchModel *model)
{
	int			r;
	int			e;
	int			l;

	memset(model, 0, sizeof(*model));
	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		for (e = 0; e < CRM_EVIDENCES; e++)
			for (l = 0; l < crm_evidence_levels[e]; l++)
				model->chance[r][e][l] = crm_model_default(r, e, l);
	for (l = 0; l < CRM_NAME_RARITIES; l++)
		model->name_lift[l] = crm_name_lift_default(l);
	memcpy(model->overall, model->chance[CRM_STRANGERS], sizeof(model->overall));
}

/* ----------
 * scoring
 * ----------
 */

static float
log2_of(double chance)
{
	return (float) log2(Max(chance, 1e-12));
}

/*
 * How likely two of a kind have a value in common: by relation, or else by chance,
 * which is the value's share.
 */
static double
same_chance(const CrmMatchModel *model, int relationship, int evidence, double share)
{
	double		same = model->chance[relationship][evidence][CRM_LEVEL_SAME];
	double		usual = model->overall[evidence][CRM_LEVEL_SAME];
	double		related;

	if (relationship == CRM_STRANGERS)
		return share;
	related = usual < 1 ? Max(0, (same - usual) / (1 - usual)) : 0;
	return related + (1 - related) * Min(share, 1);
}

void
crm_scorer_init(CrmScorer *scorer, const CrmMatchModel *model)
{
	int			r;
	int			e;
	int			l;

	memset(scorer, 0, sizeof(*scorer));
	for (l = 0; l < CRM_NAME_RARITIES; l++)
		scorer->name_lift[l] = log2_of(model->name_lift[l]);
	for (r = 0; r < CRM_RELATIONSHIPS; r++)
	{
		scorer->share[r] = (float) log2(Max(model->share[r], 1e-30));
		for (e = 0; e < CRM_EVIDENCES; e++)
		{
			for (l = 0; l < crm_evidence_levels[e]; l++)
				scorer->weight[e][l][r] =
					crm_level_group(e, l) == 0 ? 0 : log2_of(model->chance[r][e][l]);
			for (l = 0; l <= CRM_RARITY_MAX; l++)
				scorer->same[e][l][r] =
					log2_of(same_chance(model, r, e, exp2(-l / (double) CRM_RARITY_STEPS)));
		}
	}
	for (e = 0; e < CRM_EVIDENCES; e++)
		for (l = 0; l <= CRM_RARITY_MAX; l++)
			scorer->ratio[e][l] = -l / (float) CRM_RARITY_STEPS -
				log2_of(model->overall[e][CRM_LEVEL_SAME]);
}

/* Kinds whose values' shares count. */
static const bool has_rarity[CRM_EVIDENCES] = {
	[CRM_EVIDENCE_GIVEN] = true,
	[CRM_EVIDENCE_SURNAME] = true,
	[CRM_EVIDENCE_EMAIL] = true,
	[CRM_EVIDENCE_PHONE] = true,
	[CRM_EVIDENCE_BIRTH] = true,
	[CRM_EVIDENCE_COMPANY] = true,
	[CRM_EVIDENCE_JOB] = true,
	[CRM_EVIDENCE_STATE] = true,
	[CRM_EVIDENCE_COUNTRY] = true,
};

/* Sets the rarities that weigh nothing to 0: comparisons that weigh alike are equal. */
void
crm_forget_idle_rarity(CrmComparison *comparison)
{
	int			e;

	for (e = 0; e < CRM_EVIDENCES; e++)
		if (!has_rarity[e] || comparison->level[e] == CRM_LEVEL_NONE ||
			comparison->level[e] == crm_evidence_levels[e] - 1)
			comparison->rarity[e] = 0;
}

/* Of both names together. */
int
crm_name_rarity(const CrmComparison *comparison)
{
	return (comparison->rarity[CRM_EVIDENCE_GIVEN] + comparison->rarity[CRM_EVIDENCE_SURNAME]) /
		CRM_NAME_RARITY_STEP;
}

/* Below sixteen bits names are everybody's. */
double
crm_name_lift_default(int rarity)
{
	double		bits = rarity * CRM_NAME_RARITY_STEP / (double) CRM_RARITY_STEPS;

	return exp2(Max(0, 0.4 * (bits - 15)));
}

/* Whether both names agree, more or less. */
bool
crm_names_agree(const CrmComparison *comparison)
{
	int			given = comparison->level[CRM_EVIDENCE_GIVEN];
	int			surname = comparison->level[CRM_EVIDENCE_SURNAME];

	return ((given > 0 && given <= CRM_GIVEN_CLOSE) || given == CRM_GIVEN_SWAPPED) &&
		surname > 0 && surname <= CRM_SURNAME_HALF;
}

/* Strangers hardly ever resemble each other in something rare: by so many bits, at most. */
#define FUZZY_SHARE 0.5f
#define FUZZY_LEAST (-6.0f)
#define FUZZY_MOST 3.0f

/* What one kind of evidence, which is there, says to each relationship. */
static inline void
add_evidence(const CrmScorer *scorer, int e, int level, int rarity, double *bits)
{
	const float *table = level == CRM_LEVEL_SAME && has_rarity[e] ?
		scorer->same[e][rarity] : scorer->weight[e][level];
	int			r;

	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		bits[r] += table[r];
	if (level == CRM_LEVEL_SAME || !has_rarity[e])
		return;
	if ((e == CRM_EVIDENCE_EMAIL && level == CRM_EMAIL_USER) ||
		(e == CRM_EVIDENCE_GIVEN && level == CRM_GIVEN_SWAPPED))
		bits[CRM_STRANGERS] += -rarity / (float) CRM_RARITY_STEPS - table[CRM_STRANGERS];
	else if (level < crm_evidence_levels[e] - 1 &&
			 !(e == CRM_EVIDENCE_EMAIL && level == CRM_EMAIL_NAMED_USER))
		bits[CRM_STRANGERS] += FUZZY_SHARE * Max(FUZZY_LEAST, Min(FUZZY_MOST, scorer->ratio[e][rarity]));
}

void
crm_evidence_bits(const CrmScorer *scorer, CrmEvidence evidence, int level, int rarity, double *bits)
{
	memset(bits, 0, CRM_RELATIONSHIPS * sizeof(double));
	add_evidence(scorer, evidence, level, rarity, bits);
}

/* What each relationship says to a comparison, in bits. */
void
crm_relationship_weights(const CrmScorer *scorer, const CrmComparison *comparison, double *weights)
{
	bool		names_agree = crm_names_agree(comparison);
	int			r;
	int			e;

	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		weights[r] = scorer->share[r];
	if (names_agree && crm_name_rarity(comparison) > CRM_NAMED_RARITY)
		weights[CRM_STRANGERS] += scorer->name_lift[crm_name_rarity(comparison)];
	for (e = 0; e < CRM_EVIDENCES; e++)
	{
		int			level = comparison->level[e];

		/* that namesakes are of one country is no news */
		if (level != CRM_LEVEL_NONE &&
			!(level == CRM_LEVEL_SAME && e == CRM_EVIDENCE_COUNTRY && names_agree))
			add_evidence(scorer, e, level, comparison->rarity[e], weights);
	}
}

static double
log2_sum(const double *weights, int count)
{
	double		largest = weights[0];
	double		sum = 0;
	int			i;

	for (i = 1; i < count; i++)
		largest = Max(largest, weights[i]);
	for (i = 0; i < count; i++)
		sum += exp2(weights[i] - largest);
	return largest + log2(sum);
}

/* Log2 of the odds that two contacts are one person. */
double
crm_match_weight(const CrmScorer *scorer, const CrmComparison *comparison)
{
	double		weights[CRM_RELATIONSHIPS];

	crm_relationship_weights(scorer, comparison, weights);
	return log2_sum(&weights[CRM_SAME_PERSON], 2) - log2_sum(weights, CRM_SAME_PERSON);
}

double
crm_weight_probability(double weight)
{
	return weight > 0 ? 1 / (1 + exp2(-weight)) : exp2(weight) / (1 + exp2(weight));
}
