/*
 * training.c
 *		Learning a model from a relation's own contacts, without labels.
 *
 * How often strangers agree is counted over all pairs: exactly for equal values,
 * over a sample of pairs for the rest.  What the other relationships look like is
 * found by expectation and maximisation over a sample of the candidate pairs; all
 * pairs that are no candidates are strangers'.  The defaults count as a number of
 * pairs that were seen before.
 */
#include "matching/model.h"

#include <math.h>

#include "common/hashfn.h"
#include "common/pg_prng.h"
#include "matching/blocking.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define RANDOM_PAIRS 200000
#define SAMPLE_PAIRS 200000
#define ROUNDS 40

/* So many rounds take it from the defaults how people who are one agree. */
#define ANCHORED_ROUNDS 12

/* As many pairs as the defaults count for. */
#define DEFAULT_PAIRS 20.0
#define OTHERS_DEFAULT_PAIRS 100.0

/*
 * And so much more as a share of the pairs seen, however many: without such an anchor
 * a relationship drifts to whatever the others explain badly.
 */
#define PERSON_ANCHOR 0.2
#define OTHERS_ANCHOR 2.0

/* Training ends when no relationship's share moves by more than this part of it. */
#define CONVERGED 0.002

/* Pairs that are alike in the same way are one. */
typedef struct AlikePairs
{
	CrmComparison comparison;
	uint32		count;
} AlikePairs;

typedef struct Sample
{
	CrmMatchSet *set;
	AlikePairs *alike;
	uint32		alike_count;
	uint32	   *slots;			/* by hash: their number, plus one; 0: free */
	uint32		count;			/* pairs */
	double		weight;			/* candidate pairs that one of them stands for */
} Sample;

#define SAMPLE_SLOTS (1 << 20)

StaticAssertDecl(SAMPLE_SLOTS > 2 * 2 * SAMPLE_PAIRS, "slots for twice the pairs, half of them free");

/* ----------
 * strangers
 * ----------
 */

static const int evidence_field[CRM_EVIDENCES] = {
	CRM_FIELD_GIVEN, CRM_FIELD_SURNAME, -1, -1, CRM_FIELD_EMAIL, CRM_FIELD_PHONE,
	CRM_FIELD_BIRTH, -1, CRM_FIELD_STATE, CRM_FIELD_COUNTRY, CRM_FIELD_COMPANY,
	CRM_FIELD_JOB, CRM_FIELD_GENDER
};

/*
 * Strangers who share a street share a town, too: the parts of their addresses are
 * anything but independent.
 */
static double
prior_chance(CrmRelationship relationship, CrmEvidence evidence, int level)
{
	double		chance = crm_model_default(relationship, evidence, level);

	if (relationship == CRM_STRANGERS && evidence == CRM_EVIDENCE_ADDRESS)
		return pow(chance, 0.6);
	return chance;
}

/*
 * Of random pairs one in a million is as likely not seen as seen: a level that was
 * not seen among them is one that was missed by half a pair.
 */
#define MISSED_PAIRS 0.5

/* Turns counts into chances within each group, with the default as a prior. */
static void
normalize_levels(CrmEvidence evidence, const double *counts, CrmRelationship relationship,
				 double strength, double anchor, double *chance)
{
	double		total[8] = {0};
	double		prior_total[8] = {0};
	double		missed = relationship == CRM_STRANGERS ? MISSED_PAIRS : 0;
	int			l;

	for (l = 0; l < crm_evidence_levels[evidence]; l++)
	{
		int			group = crm_level_group(evidence, l);
		double		prior = prior_chance(relationship, evidence, l);

		total[group] += counts[l] + (prior > 0 ? missed : 0);
		prior_total[group] += prior;
	}
	for (l = 0; l < crm_evidence_levels[evidence]; l++)
	{
		int			group = crm_level_group(evidence, l);
		double		prior = prior_total[group] > 0 ?
			prior_chance(relationship, evidence, l) / prior_total[group] : 0;

		chance[l] = (counts[l] + (prior > 0 ? missed : 0) +
					 (strength + anchor * total[group]) * prior) /
			(total[group] * (1 + anchor) + strength);
	}
}

/* All contacts that are no copies. */
static uint32 *
originals_of(const CrmMatchSet *set)
{
	uint32	   *originals = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) set->count + 1) * sizeof(uint32));
	uint32		count = 0;
	uint32		i;

	for (i = 0; i < set->count; i++)
		if (!crm_is_copy(set, i))
			originals[count++] = i;
	return originals;
}

/* So many random pairs are drawn together, to have memory of all asked for at once. */
#define DRAWS 32

static void
count_random_pairs(const CrmMatchSet *set, double counts[][CRM_MAX_LEVELS])
{
	uint32	   *originals = originals_of(set);
	uint32		contacts = set->count - set->copies;
	/* of a small table every pair is met often enough, long before that */
	int			draws = (int) Min(RANDOM_PAIRS, 20.0 * contacts * contacts);
	pg_prng_state random;
	uint32		drawn[DRAWS][2];
	int			i;
	int			k;
	int			e;

	pg_prng_seed(&random, 42);
	for (i = 0; i < draws; i += DRAWS)
	{
		for (k = 0; k < 2 * DRAWS; k++)
		{
			drawn[k / 2][k % 2] = originals[pg_prng_uint64_range(&random, 0, contacts - 1)];
			crm_fetch_record(&set->records[drawn[k / 2][k % 2]]);
		}
		for (k = 0; k < DRAWS; k++)
		{
			CrmComparison comparison;

			if (drawn[k][0] == drawn[k][1])
				continue;
			crm_compare(set, &set->records[drawn[k][0]], &set->records[drawn[k][1]], &comparison);
			for (e = 0; e < CRM_EVIDENCES; e++)
				counts[e][comparison.level[e]]++;
		}
		CHECK_FOR_INTERRUPTS();
	}
	pfree(originals);
}

static void
measure_all_pairs(CrmMatchModel *model, CrmMatchSet *set)
{
	static double counts[CRM_EVIDENCES][CRM_MAX_LEVELS];
	int			e;

	memset(counts, 0, sizeof(counts));
	count_random_pairs(set, counts);
	for (e = 0; e < CRM_EVIDENCES; e++)
	{
		normalize_levels(e, counts[e], CRM_STRANGERS, DEFAULT_PAIRS, 0, model->overall[e]);
		if (evidence_field[e] >= 0)
		{
			double		same = set->dictionary[evidence_field[e]].same;
			double		scale = (1 - same) / Max(1e-9, 1 - model->overall[e][CRM_LEVEL_SAME]);
			int			l;

			for (l = CRM_LEVEL_SAME + 1; l < crm_evidence_levels[e]; l++)
				model->overall[e][l] *= scale;
			model->overall[e][CRM_LEVEL_SAME] = Max(same, 1e-9);
		}
	}
}

/* Of namesakes so many have addresses whose users are made of the name alike. */
#define NAMED_USERS 0.15

/* Strangers are what the others leave of all pairs. */
static void
subtract_others(CrmMatchModel *model)
{
	int			e;
	int			l;
	int			r;

	for (e = 0; e < CRM_EVIDENCES; e++)
		for (l = 1; l < crm_evidence_levels[e]; l++)
		{
			double		rest = model->overall[e][l];

			for (r = CRM_HOUSEHOLD; r <= CRM_CARELESS; r++)
				rest -= model->share[r] * model->chance[r][e][l];
			model->chance[CRM_STRANGERS][e][l] = Max(rest, 0.005 * model->overall[e][l]);
		}
	model->chance[CRM_STRANGERS][CRM_EVIDENCE_EMAIL][CRM_EMAIL_NAMED_USER] = NAMED_USERS;
}

/* ----------
 * the others
 * ----------
 */

static void
sample_pair(void *state, uint32 a, uint32 b, const CrmMatchRecord *left, const CrmMatchRecord *right)
{
	Sample	   *sample = state;

	CrmComparison comparison;
	uint32		slot;

	if (sample->count == 2 * SAMPLE_PAIRS)
		return;
	crm_compare(sample->set, left, right, &comparison);
	crm_forget_idle_rarity(&comparison);
	slot = hash_bytes((const unsigned char *) &comparison, sizeof(comparison)) & (SAMPLE_SLOTS - 1);
	while (sample->slots[slot] != 0 &&
		   memcmp(&sample->alike[sample->slots[slot] - 1].comparison, &comparison, sizeof(comparison)) != 0)
		slot = (slot + 1) & (SAMPLE_SLOTS - 1);
	if (sample->slots[slot] == 0)
	{
		sample->alike[sample->alike_count].comparison = comparison;
		sample->alike[sample->alike_count].count = 0;
		sample->slots[slot] = ++sample->alike_count;
	}
	sample->alike[sample->slots[slot] - 1].count++;
	sample->count++;
}

static void
take_sample(Sample *sample, CrmMatchSet *set, CrmBlocking *blocking)
{
	double		share = SAMPLE_PAIRS / (double) Max(crm_blocking_pairs(blocking), 1);

	sample->weight = Max(1 / share, 1);
	sample->set = set;
	sample->count = 0;
	sample->alike_count = 0;
	sample->alike = MemoryContextAllocHuge(CurrentMemoryContext, 2 * SAMPLE_PAIRS * sizeof(AlikePairs));
	sample->slots = palloc0(SAMPLE_SLOTS * sizeof(uint32));
	crm_blocking_visit(blocking, share, sample_pair, sample);
	pfree(sample->slots);
}

typedef struct Expectation
{
	double		share[CRM_RELATIONSHIPS];
	double		namesakes[CRM_NAME_RARITIES];	/* strangers whose names are the same */
	double		counts[CRM_RELATIONSHIPS][CRM_EVIDENCES][CRM_MAX_LEVELS];
} Expectation;

static void expect_decided(const CrmScorer *scorer, const Sample *sample,
						   Expectation *expectation);

/* Bits below which a relationship is none. */
#define NEGLIGIBLE (-30)

static void
expect(const CrmMatchModel *model, const Sample *sample, Expectation *expectation)
{
	static CrmScorer scorer;
	uint32		i;

	crm_scorer_init(&scorer, model);
	memset(expectation, 0, sizeof(*expectation));
	for (i = 0; i < sample->alike_count; i++)
	{
		const CrmComparison *comparison = &sample->alike[i].comparison;
		double		weight = sample->alike[i].count * sample->weight;
		double		weights[CRM_RELATIONSHIPS];
		double		largest;
		double		sum = 0;
		int			r;
		int			e;

		crm_relationship_weights(&scorer, comparison, weights);
		largest = Max(Max(Max(weights[0], weights[1]), Max(weights[2], weights[3])), weights[4]);
		for (r = 0; r < CRM_RELATIONSHIPS; r++)
			sum += weights[r] = weights[r] - largest < NEGLIGIBLE ? 0 : exp2(weights[r] - largest);
		if (comparison->level[CRM_EVIDENCE_GIVEN] == CRM_LEVEL_SAME &&
			comparison->level[CRM_EVIDENCE_SURNAME] == CRM_LEVEL_SAME)
			expectation->namesakes[crm_name_rarity(comparison)] += weights[CRM_STRANGERS] / sum * weight;
		for (r = 0; r < CRM_RELATIONSHIPS; r++)
		{
			double		part = weights[r] / sum * weight;

			expectation->share[r] += part;
			/* strangers are what the others leave */
			if (r != CRM_STRANGERS && part > 0)
				for (e = 0; e < CRM_EVIDENCES; e++)
					expectation->counts[r][e][comparison->level[e]] += part;
		}
	}
	expect_decided(&scorer, sample, expectation);
}

/* Strangers are the rest of all pairs, and however few: some. */
#define STRANGERS_LEAST 0.01

static void
share_rest(CrmMatchModel *model, double rest)
{
	int			r;

	if (rest < STRANGERS_LEAST)
	{
		for (r = CRM_HOUSEHOLD; r <= CRM_CARELESS; r++)
			model->share[r] *= (1 - STRANGERS_LEAST) / (1 - rest);
		rest = STRANGERS_LEAST;
	}
	model->share[CRM_STRANGERS] = rest;
}

static void
maximize(CrmMatchModel *model, const Expectation *expectation, double all_pairs, double contacts)
{
	double		rest = 1;
	static const bool is_fixed[CRM_RELATIONSHIPS][CRM_EVIDENCES] = {
		[CRM_HOUSEHOLD] = {
			[CRM_EVIDENCE_GIVEN] = true, [CRM_EVIDENCE_MIDDLE] = true, [CRM_EVIDENCE_GENERATION] = true,
			[CRM_EVIDENCE_EMAIL] = true, [CRM_EVIDENCE_BIRTH] = true, [CRM_EVIDENCE_GENDER] = true,
			[CRM_EVIDENCE_JOB] = true, [CRM_EVIDENCE_COMPANY] = true
		},
		[CRM_COLLEAGUES] = {
			[CRM_EVIDENCE_GIVEN] = true, [CRM_EVIDENCE_MIDDLE] = true, [CRM_EVIDENCE_GENERATION] = true,
			[CRM_EVIDENCE_BIRTH] = true, [CRM_EVIDENCE_GENDER] = true, [CRM_EVIDENCE_SURNAME] = true,
			[CRM_EVIDENCE_JOB] = true, [CRM_EVIDENCE_COMPANY] = true
		}
	};
	int			r;
	int			e;

	for (r = CRM_HOUSEHOLD; r <= CRM_CARELESS; r++)
	{
		model->share[r] = (expectation->share[r] + 0.0001 * contacts + 0.1) / (all_pairs + contacts + 1);
		rest -= model->share[r];
		for (e = 0; e < CRM_EVIDENCES && r != CRM_CARELESS; e++)
			if (!is_fixed[r][e] && !(r == CRM_SAME_PERSON && model->rounds < ANCHORED_ROUNDS))
				normalize_levels(e, expectation->counts[r][e], r, r == CRM_SAME_PERSON ? DEFAULT_PAIRS : OTHERS_DEFAULT_PAIRS,
								 r == CRM_SAME_PERSON ? PERSON_ANCHOR : OTHERS_ANCHOR, model->chance[r][e]);
	}
	for (e = 0; e < CRM_EVIDENCES; e++)
		for (r = 1; r < crm_evidence_levels[e]; r++)
			model->chance[CRM_CARELESS][e][r] = (1 - CRM_CARELESS_SHARE) * model->chance[CRM_SAME_PERSON][e][r] +
				CRM_CARELESS_SHARE * model->overall[e][r];
	share_rest(model, rest);
	subtract_others(model);
}

/* How many strangers would be namesakes by chance, by rarity of both names. */
static void
chance_namesakes(const CrmMatchSet *set, double *namesakes)
{
	double		given[CRM_RARITY_MAX + 1] = {0};
	double		surname[CRM_RARITY_MAX + 1] = {0};
	const CrmDictionary *dictionary = &set->dictionary[CRM_FIELD_GIVEN];
	uint32		i;
	uint32		j;

	for (i = 1; i < dictionary->count; i++)
		given[dictionary->values[i].rarity] += exp2(-2.0 * dictionary->values[i].rarity / CRM_RARITY_STEPS);
	dictionary = &set->dictionary[CRM_FIELD_SURNAME];
	for (i = 1; i < dictionary->count; i++)
		surname[dictionary->values[i].rarity] += exp2(-2.0 * dictionary->values[i].rarity / CRM_RARITY_STEPS);
	memset(namesakes, 0, CRM_NAME_RARITIES * sizeof(double));
	for (i = 0; i <= CRM_RARITY_MAX; i++)
		for (j = 0; j <= CRM_RARITY_MAX; j++)
			namesakes[(i + j) / CRM_NAME_RARITY_STEP] += given[i] * surname[j];
}

/* As many namesakes as the default counts for. */
#define DEFAULT_NAMESAKES 5.0

static void
maximize_name_lift(CrmMatchModel *model, const Expectation *expectation, const double *namesakes,
				   double all_pairs)
{
	int			i;

	for (i = 0; i < CRM_NAME_RARITIES; i++)
	{
		double		usual = crm_name_lift_default(i);
		double		lift = (expectation->namesakes[i] + DEFAULT_NAMESAKES) /
			(all_pairs * namesakes[i] + DEFAULT_NAMESAKES / usual);

		model->name_lift[i] = Max(lift, 1);
	}
}

static bool
is_converged(const CrmMatchModel *model, const double *before)
{
	int			r;

	if (model->rounds <= ANCHORED_ROUNDS)
		return false;
	for (r = CRM_HOUSEHOLD; r <= CRM_SAME_PERSON; r++)
		if (fabs(model->share[r] - before[r]) > CONVERGED * before[r])
			return false;
	return true;
}

void
crm_model_train(CrmMatchModel *model, CrmMatchSet *set, CrmBlocking *blocking)
{
	Expectation *expectation = palloc(sizeof(Expectation));
	double		contacts = set->count - set->copies;	/* copies would say everything again */
	double		all_pairs = Max(contacts * (contacts - 1) / 2, 1);
	Sample		sample;
	double		namesakes[CRM_NAME_RARITIES];
	double		before[CRM_RELATIONSHIPS] = {0};
	int			r;

	chance_namesakes(set, namesakes);
	crm_model_set_defaults(model);
	measure_all_pairs(model, set);
	for (r = CRM_HOUSEHOLD; r <= CRM_CARELESS; r++)
		model->share[r] = (r == CRM_CARELESS ? 0.01 : 0.1) * contacts / all_pairs;
	model->share[CRM_STRANGERS] = 1 - 0.3 * contacts / all_pairs;
	subtract_others(model);
	take_sample(&sample, set, blocking);
	for (model->rounds = 0; model->rounds < ROUNDS && !is_converged(model, before); model->rounds++)
	{
		memcpy(before, model->share, sizeof(before));
		expect(model, &sample, expectation);
		maximize(model, expectation, all_pairs, contacts);
		maximize_name_lift(model, expectation, namesakes, all_pairs);
		CHECK_FOR_INTERRUPTS();
	}
	model->sample = sample.count;
	pfree(sample.alike);
	pfree(expectation);
}

/* A pair that somebody has decided about counts as much as so many others. */
#define DECIDED_WEIGHT 10.0

/* What people have decided is known: nothing is expected there. */
static void
expect_decided(const CrmScorer *scorer, const Sample *sample, Expectation *expectation)
{
	const CrmMatchSet *set = sample->set;
	uint32		i;
	int			r;
	int			e;

	for (i = 0; i < set->decided_count; i++)
	{
		const CrmDecidedPair *pair = &set->decided[i];
		CrmComparison comparison;
		double		weights[CRM_RELATIONSHIPS];
		int			first = pair->same ? CRM_SAME_PERSON : CRM_STRANGERS;
		int			end = pair->same ? CRM_RELATIONSHIPS : CRM_SAME_PERSON;
		double		largest;
		double		sum = 0;

		crm_compare(set, &set->records[pair->a], &set->records[pair->b], &comparison);
		crm_relationship_weights(scorer, &comparison, weights);
		largest = weights[first];
		for (r = first; r < end; r++)
			largest = Max(largest, weights[r]);
		for (r = first; r < end; r++)
			sum += weights[r] = exp2(weights[r] - largest);
		for (r = first; r < end; r++)
			for (e = 0; e < CRM_EVIDENCES; e++)
				expectation->counts[r][e][comparison.level[e]] += weights[r] / sum * DECIDED_WEIGHT;
	}
}
