/*
 * model_from_json.c
 *		Reading a model that was written, and perhaps edited.
 *
 * Everything that scoring relies on is checked: that each part is there, is of the
 * right kind, and that chances are chances.  What nobody asks for (notes that a
 * user has added) is left alone.
 */
#include "matching/model_names.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
#include "values/utf8_text.h"

/* Chances of a relationship are to sum to 1, within what editing by hand may miss. */
#define SUM_TOLERANCE 0.02

/* An object or array of the model, and where it stands. */
typedef struct Part
{
	JsonbContainer *container;
	char		path[256];
} Part;

/* ----------
 * parts
 * ----------
 */

pg_noreturn static void
reject(const char *path, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot use the model: %s %s", path, problem),
			 errhint("crm.train_matching() makes a new one.")));
}

static void
extend_path(char *path, size_t size, const Part *part, const char *key)
{
	snprintf(path, size, "%s%s%s", part->path, part->path[0] != '\0' ? "." : "", key);
}

/* A member of an object; an error if it is not there. */
static JsonbValue *
member(const Part *object, const char *key, JsonbValue *room)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object->container, key,
													 (int) strlen(key), room);
	char		path[320];

	if (value == NULL)
	{
		extend_path(path, sizeof(path), object, key);
		reject(path, "is missing");
	}
	return value;
}

static void
open_part(const Part *parent, const char *key, bool is_object, Part *part)
{
	JsonbValue	room;
	JsonbValue *value = member(parent, key, &room);

	extend_path(part->path, sizeof(part->path), parent, key);
	if (value->type != jbvBinary ||
		is_object != (bool) JsonContainerIsObject(value->val.binary.data))
		reject(part->path, is_object ? "is not an object" : "is not an array");
	part->container = value->val.binary.data;
}

/* A number between two bounds. */
static double
number_of(const JsonbValue *value, const char *path, double low, double high)
{
	double		number;
	char		problem[128];

	if (value->type != jbvNumeric)
		reject(path, "is not a number");
	number = DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow,
												NumericGetDatum(value->val.numeric)));
	if (number >= low && number <= high)
		return number;
	snprintf(problem, sizeof(problem), "is %g, not between %g and %g", number, low, high);
	reject(path, problem);
}

static double
number_member(const Part *object, const char *key, double low, double high)
{
	JsonbValue	room;
	char		path[320];

	extend_path(path, sizeof(path), object, key);
	return number_of(member(object, key, &room), path, low, high);
}

/* ----------
 * chances
 * ----------
 */

static void
read_shares(const Part *top, CrmMatchModel *model)
{
	Part		shares;
	double		sum = 0;
	int			r;

	open_part(top, "relationships", true, &shares);
	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		sum += model->share[r] = number_member(&shares, crm_relationship_names[r], 0, 1);
	if (fabs(sum - 1) > SUM_TOLERANCE)
		reject(shares.path, psprintf("sum to %g, not to 1", sum));
}

static void
read_namesakes(const Part *top, CrmMatchModel *model)
{
	Part		namesakes;
	int			i;

	open_part(top, "namesakes", false, &namesakes);
	if ((int) JsonContainerSize(namesakes.container) != CRM_NAME_LIFTS(model))
		reject(namesakes.path, psprintf("has %u figures, not %d",
										JsonContainerSize(namesakes.container),
										CRM_NAME_LIFTS(model)));
	for (i = 0; i < CRM_NAME_LIFTS(model); i++)
		CRM_NAME_LIFT(model)[i] =
			number_of(getIthJsonbValueFromContainer(namesakes.container, i), namesakes.path, 1, 1e30);
}

/* Whoever is the same person, of a household or colleagues agrees or differs somehow. */
static void
check_sums(const CrmMatchModel *model, int e, const Part *levels)
{
	int			r;
	int			level;
	int			group;

	for (r = CRM_HOUSEHOLD; r <= CRM_SAME_PERSON; r++)
	{
		double		sums[8] = {0};

		for (level = CRM_LEVEL_SAME; level < crm_evidence_levels[e]; level++)
			sums[crm_level_group(e, level)] += model->chance[r][e][level];
		for (group = 1; group < 8; group++)
			if (sums[group] != 0 && fabs(sums[group] - 1) > SUM_TOLERANCE)
				reject(levels->path, psprintf("has chances of \"%s\" that sum to %g, not to 1",
											  crm_relationship_names[r], sums[group]));
	}
}

static void
read_evidence(const Part *evidence, CrmMatchModel *model, int e)
{
	Part		levels;
	Part		chances;
	char		room[CRM_LEVEL_NAME_MAX];
	int			level;
	int			r;

	open_part(evidence, crm_evidence_names[e], true, &levels);
	for (level = CRM_LEVEL_SAME; level < crm_evidence_levels[e]; level++)
	{
		open_part(&levels, crm_level_name(e, level, room), true, &chances);
		model->overall[e][level] = number_member(&chances, "all_pairs", 0, 1);
		for (r = 0; r < CRM_RELATIONSHIPS; r++)
			model->chance[r][e][level] = number_member(&chances, crm_relationship_names[r], 0, 1);
	}
	check_sums(model, e, &levels);
}

/* ----------
 * rarities
 * ----------
 */

static uint8
rarity_of_bits(double bits)
{
	return (uint8) Min(bits * CRM_RARITY_STEPS + 0.5, CRM_RARITY_MAX);
}

/* A listed value, in UTF-8 and in memory of its own. */
static void
add_listed(CrmRarityList *list, int number, const JsonbValue *key, uint8 rarity)
{
	CrmUtf8Text utf8;

	if (!crm_bytes_to_utf8(key->val.string.val, key->val.string.len, &utf8) ||
		utf8.length > CRM_MATCH_VALUE_MAX)
		return;
	list->values[list->count++] =
		crm_listed_value(number, pnstrdup(utf8.bytes, utf8.length), (int) utf8.length, rarity);
}

static void
read_list(const Part *values, CrmRarityList *list, int number)
{
	const double most = CRM_RARITY_MAX / (double) CRM_RARITY_STEPS;
	Part		part;
	Part		frequent;
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	key = {0};
	JsonbValue	value;

	open_part(values, crm_rarity_list_names[number], true, &part);
	list->rest = rarity_of_bits(number_member(&part, "rest", 0, most));
	open_part(&part, "frequent", true, &frequent);
	list->count = 0;
	list->values = palloc((JsonContainerSize(frequent.container) + 1) * sizeof(CrmListedValue));
	iterator = JsonbIteratorInit(frequent.container);
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_KEY)
			key = value;
		else if (token == WJB_VALUE)
			add_listed(list, number, &key, rarity_of_bits(number_of(&value, frequent.path, 0, most)));
	crm_rarity_list_finish(list);
}

/* ----------
 * models
 * ----------
 */

static void
check_version(const Part *top)
{
	double		version = number_member(top, "version", -1e30, 1e30);

	if (version != CRM_MODEL_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot use the model: it is of version %g", version),
				 errdetail("This version of crm reads models of version %d.", CRM_MODEL_VERSION),
				 errhint("crm.train_matching() makes a new one.")));
}

/* In the current context; an error that says what is wrong with it. */
CrmStoredModel *
crm_model_from_json(Jsonb *json)
{
	CrmStoredModel *stored = palloc0(sizeof(CrmStoredModel));
	Part		top = {&json->root, ""};
	Part		part;
	int			i;

	if (!JsonContainerIsObject(&json->root))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot use the model: it is not an object"),
				 errhint("crm.train_matching() makes one.")));
	check_version(&top);
	stored->contacts = (int64) number_member(&top, "contacts", 0, 1e15);
	read_shares(&top, &stored->model);
	read_namesakes(&top, &stored->model);
	open_part(&top, "evidence", true, &part);
	for (i = 0; i < CRM_EVIDENCES; i++)
		read_evidence(&part, &stored->model, i);
	open_part(&top, "values", true, &part);
	for (i = 0; i < CRM_RARITY_LISTS; i++)
		read_list(&part, &stored->rarities.list[i], i);
	return stored;
}
