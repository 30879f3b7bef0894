/*
 * match_online.c
 *		Scoring one contact against a few.
 *
 * Who scores all contacts of a relation has counted its values.  Online a model says
 * how rare they are; without one they are taken to be as rare as such values usually
 * are.
 *
 * A model that comes as jsonb is kept, as it was read last, in a context of its own
 * under TopMemoryContext, since reading it takes longer than all the rest.
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

/*
 * Says how rare the values of a set's records are, from one on: instead of
 * crm_match_set_finish, which counts.
 */
void
crm_online_rarities(const CrmOnlineModel *online, CrmMatchSet *set, uint32 from)
{
	uint32		i;

	if (online->rarities != NULL)
		crm_rarities_apply(online->rarities, set);
	else
		for (i = from; i < set->count; i++)
			set_usual_rarities(set, &set->records[i]);
}

/* What speaks for two records of a set being one person, in bits. */
double
crm_online_weight(const CrmOnlineModel *online, const CrmMatchSet *set, uint32 a, uint32 b)
{
	CrmComparison comparison;

	crm_compare(set, &set->records[a], &set->records[b], &comparison);
	return crm_match_weight(online->scorer, &comparison);
}

/* ----------
 * models
 * ----------
 */

/* The model that knows nothing but the size of the relation. */
static const CrmOnlineModel *
builtin_model(double rows)
{
	static CrmMatchModel model;
	static CrmScorer scorer;
	static CrmOnlineModel online = {&model, &scorer, NULL};
	static bool is_filled = false;
	double		share;
	int			r;

	if (!is_filled)
	{
		crm_model_set_defaults(&model);
		crm_scorer_init(&scorer, &model);
		is_filled = true;
	}
	/* as training begins: of each ten contacts a pair of each kind, but of each hundred a careless one */
	share = 0.2 / Max(rows, ROWS_MIN);
	model.share[CRM_STRANGERS] = 1 - (CRM_RELATIONSHIPS - 1) * share;
	for (r = CRM_STRANGERS + 1; r < CRM_RELATIONSHIPS; r++)
		model.share[r] = r == CRM_CARELESS ? 0.1 * share : share;
	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		scorer.share[r] = (float) log2(model.share[r]);
	return &online;
}

/* A model that was given, as it was read. */
typedef struct KeptModel
{
	MemoryContext context;
	Jsonb	   *json;
	CrmScorer	scorer;
	CrmOnlineModel online;
} KeptModel;

static KeptModel *kept_model = NULL;

static KeptModel *
read_model(const Jsonb *json)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "crm match model",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	KeptModel  *kept = palloc0(sizeof(KeptModel));
	CrmStoredModel *stored;

	kept->context = context;
	kept->json = palloc(VARSIZE(json));
	memcpy(kept->json, json, VARSIZE(json));
	stored = crm_model_from_json(kept->json);
	crm_scorer_init(&kept->scorer, &stored->model);
	kept->online.model = &stored->model;
	kept->online.scorer = &kept->scorer;
	kept->online.rarities = &stored->rarities;
	MemoryContextSwitchTo(old);
	return kept;
}

/* The model that is given; without one, what is assumed of so many rows. */
const CrmOnlineModel *
crm_online_model(double rows, Jsonb *model)
{
	KeptModel  *kept;

	if (model == NULL)
		return builtin_model(rows);
	if (kept_model != NULL && VARSIZE(kept_model->json) == VARSIZE(model) &&
		memcmp(kept_model->json, model, VARSIZE(model)) == 0)
		return &kept_model->online;
	kept = read_model(model);
	MemoryContextSetParent(kept->context, TopMemoryContext);
	if (kept_model != NULL)
		MemoryContextDelete(kept_model->context);
	kept_model = kept;
	return &kept->online;
}
