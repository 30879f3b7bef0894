/*
 * model_to_json.c
 *		A model as jsonb, for people and for keeping.
 *
 * Chances have six digits in memory and on paper: a model that was written and
 * read is the model that it was.
 */
#include "matching/model_names.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "values/utf8_text.h"

#define CHANCE_FORMAT "%.6g"

/* ----------
 * rounding
 * ----------
 */

double
crm_round_chance(double chance)
{
	char		digits[64];

	snprintf(digits, sizeof(digits), CHANCE_FORMAT, chance);
	return strtod(digits, NULL);
}

static void
round_all(double *chances, size_t count)
{
	size_t		i;

	for (i = 0; i < count; i++)
		chances[i] = crm_round_chance(chances[i]);
}

/* To what a model as jsonb has of it. */
void
crm_model_round(CrmMatchModel *model)
{
	round_all(model->share, CRM_RELATIONSHIPS);
	round_all(&model->chance[0][0][0], sizeof(model->chance) / sizeof(double));
	round_all(&model->overall[0][0], sizeof(model->overall) / sizeof(double));
	round_all(CRM_NAME_LIFT(model), CRM_NAME_LIFTS(model));
}

/* ----------
 * writing
 * ----------
 */

static void
append_comma(StringInfo json, bool *is_first)
{
	if (!*is_first)
		appendStringInfoChar(json, ',');
	*is_first = false;
}

static void
append_key(StringInfo json, bool *is_first, const char *key)
{
	append_comma(json, is_first);
	escape_json(json, key);
	appendStringInfoChar(json, ':');
}

static void
append_level(StringInfo json, bool *is_first, const CrmMatchModel *model, int e, int level)
{
	char		room[CRM_LEVEL_NAME_MAX];
	int			r;

	append_key(json, is_first, crm_level_name(e, level, room));
	appendStringInfo(json, "{\"all_pairs\":" CHANCE_FORMAT, model->overall[e][level]);
	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		appendStringInfo(json, ",\"%s\":" CHANCE_FORMAT, crm_relationship_names[r],
						 model->chance[r][e][level]);
	appendStringInfoChar(json, '}');
}

static void
append_evidence(StringInfo json, const CrmMatchModel *model)
{
	bool		is_first = true;
	int			e;
	int			level;

	appendStringInfoString(json, ",\"evidence\":{");
	for (e = 0; e < CRM_EVIDENCES; e++)
	{
		bool		is_first_level = true;

		append_key(json, &is_first, crm_evidence_names[e]);
		appendStringInfoChar(json, '{');
		for (level = CRM_LEVEL_SAME; level < crm_evidence_levels[e]; level++)
			append_level(json, &is_first_level, model, e, level);
		appendStringInfoChar(json, '}');
	}
	appendStringInfoChar(json, '}');
}

static void
append_shares(StringInfo json, const CrmMatchModel *model)
{
	int			count = CRM_NAME_LIFTS(model);
	int			i;

	appendStringInfoString(json, ",\"relationships\":{");
	for (i = 0; i < CRM_RELATIONSHIPS; i++)
		appendStringInfo(json, "%s\"%s\":" CHANCE_FORMAT, i > 0 ? "," : "",
						 crm_relationship_names[i], model->share[i]);
	appendStringInfoString(json, "},\"namesakes\":[");
	for (i = 0; i < count; i++)
		appendStringInfo(json, "%s" CHANCE_FORMAT, i > 0 ? "," : "", CRM_NAME_LIFT(model)[i]);
	appendStringInfoChar(json, ']');
}

/* A value that the database's encoding lacks, or the half of one, is not listed. */
static void
append_value(StringInfo json, bool *is_first, const CrmListedValue *value)
{
	text	   *name;

	if (!pg_verify_mbstr(PG_UTF8, value->bytes, value->length, true))
		return;
	name = crm_text_from_utf8(value->bytes, value->length);
	if (name == NULL)
		return;
	append_key(json, is_first, text_to_cstring(name));
	appendStringInfo(json, "%g", value->rarity / (double) CRM_RARITY_STEPS);
	pfree(name);
}

static void
append_rarities(StringInfo json, const CrmRarities *rarities)
{
	bool		is_first = true;
	int			list;
	int			i;

	appendStringInfoString(json, ",\"values\":{");
	for (list = 0; list < CRM_RARITY_LISTS; list++)
	{
		bool		is_first_value = true;

		append_key(json, &is_first, crm_rarity_list_names[list]);
		appendStringInfo(json, "{\"rest\":%g,\"frequent\":{",
						 rarities->list[list].rest / (double) CRM_RARITY_STEPS);
		for (i = 0; i < rarities->list[list].count; i++)
			append_value(json, &is_first_value, &rarities->list[list].values[i]);
		appendStringInfoString(json, "}}");
	}
	appendStringInfoChar(json, '}');
}

Jsonb *
crm_model_to_json(const CrmStoredModel *stored)
{
	StringInfoData json;
	char		date[MAXDATELEN + 1];

	initStringInfo(&json);
	JsonEncodeDateTime(date, TimestampTzGetDatum(stored->trained_at), TIMESTAMPTZOID, NULL);
	appendStringInfo(&json, "{\"version\":%d,\"trained_at\":\"%s\",\"contacts\":" INT64_FORMAT
					 ",\"sample\":{\"pairs\":%d,\"rounds\":%d,\"decisions\":" INT64_FORMAT "}",
					 CRM_MODEL_VERSION, date, stored->contacts, stored->model.sample,
					 stored->model.rounds, stored->decisions);
	append_shares(&json, &stored->model);
	append_evidence(&json, &stored->model);
	append_rarities(&json, &stored->rarities);
	appendStringInfoChar(&json, '}');
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data)));
}
