/*
 * match_online.c
 *		Scoring one contact against a few.
 *
 * Under a model a pair has the score that a search of the whole relation under the
 * same model gives it: the model says how rare values are.  Without one nothing
 * has been counted, and values are taken to be as rare as such values usually are.
 */
#include "matching/match_candidates.h"

#include <math.h>

#include "utils/memutils.h"

/* A smaller table says nothing about how many contacts there will be. */
#define ROWS_MIN 1000

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

/* The same for the values of a record, instead of crm_match_set_finish, which counts. */
static void
set_usual_rarities(CrmMatchSet *set, const CrmMatchRecord *record)
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

/* Gives the values of a set the rarity that the model says they have. */
void
crm_online_rarities(const CrmOnlineModel *model, CrmMatchSet *set)
{
	uint32		i;

	if (model->rarities != NULL)
		crm_rarities_apply(model->rarities, set);
	else
		for (i = 0; i < set->count; i++)
			set_usual_rarities(set, &set->records[i]);
}

/* What speaks for two records of a set being one person, without a model, in bits. */
double
crm_online_weight(CrmMatchSet *set, const CrmScorer *scorer, uint32 a, uint32 b)
{
	CrmComparison comparison;

	set_usual_rarities(set, &set->records[a]);
	set_usual_rarities(set, &set->records[b]);
	crm_compare(set, &set->records[a], &set->records[b], &comparison);
	return crm_match_weight(scorer, &comparison);
}

/* ----------
 * models
 * ----------
 */

/* The model for a relation of so many rows of which nothing is known. */
static const CrmOnlineModel *
usual_model(double rows)
{
	static CrmMatchModel defaults;
	static CrmOnlineModel usual;
	double		share;
	int			r;

	if (usual.model == NULL)
	{
		crm_model_set_defaults(&defaults);
		crm_scorer_init(&usual.scorer, &defaults);
		usual.model = &defaults;
	}
	/* as training begins: a tenth of the contacts has a duplicate, one in a hundred a careless one */
	rows = Max(rows, ROWS_MIN);
	share = 0.1 * rows / (rows * (rows - 1) / 2);
	usual.scorer.share[CRM_STRANGERS] = (float) log2(1 - 4 * share);
	for (r = CRM_STRANGERS + 1; r < CRM_RELATIONSHIPS; r++)
		usual.scorer.share[r] = (float) log2(r == CRM_CARELESS ? 0.1 * share : share);
	return &usual;
}

/*
 * The model that was read last: reading one takes longer than everything else.
 * All of it is in the context, a child of CacheMemoryContext.
 */
typedef struct ReadModel
{
	MemoryContext context;
	Jsonb	   *json;
	CrmOnlineModel online;
} ReadModel;

static ReadModel *last_read = NULL;

static ReadModel *
read_model(Jsonb *json)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "crm online model",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	ReadModel  *read = palloc0(sizeof(ReadModel));
	CrmStoredModel *stored = crm_model_from_json(json);

	read->context = context;
	read->json = palloc(VARSIZE(json));
	memcpy(read->json, json, VARSIZE(json));
	read->online.model = &stored->model;
	read->online.rarities = &stored->rarities;
	crm_scorer_init(&read->online.scorer, &stored->model);
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, CacheMemoryContext);
	return read;
}

/*
 * The model as it is used; NULL for that of a relation of so many rows of which
 * nothing is known.  It is good until the next call.
 */
const CrmOnlineModel *
crm_online_model(double rows, Jsonb *model)
{
	ReadModel  *before = last_read;

	if (model == NULL)
		return usual_model(rows);
	if (before == NULL || VARSIZE(before->json) != VARSIZE(model) ||
		memcmp(before->json, model, VARSIZE(model)) != 0)
	{
		last_read = read_model(model);
		if (before != NULL)
			MemoryContextDelete(before->context);
	}
	return &last_read->online;
}
