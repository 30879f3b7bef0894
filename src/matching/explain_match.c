/*
 * explain_match.c
 *		Why two contacts are, or are not, taken for one person.
 *
 * With a model only the two are read: the model says all that the rest would.
 */
#include "matching/evidence.h"
#include "matching/kept_matching.h"
#include "matching/match_search.h"
#include "matching/model_names.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "values/utf8.h"
#include "values/utf8_text.h"

#define RESULT_COLUMNS 9

/* One of the two: its record, and its columns as they are stored. */
typedef struct Side
{
	char	   *key;
	uint32		record;
	char	   *raw[CRM_INPUT_COLUMNS_MAX];	/* NULL: null */
} Side;

typedef struct Explanation
{
	ReturnSetInfo *result;
	CrmMatchInput input;
	CrmMatchSet *set;
	bool		has_all;		/* the set holds all contacts, not the two alone */
	const CrmMatchModel *model;
	CrmScorer	scorer;
	CrmComparison comparison;
	CrmEvidenceWeights weights;
	Side		left;
	Side		right;
} Explanation;

/* ----------
 * what belongs to a kind of evidence
 * ----------
 */

#define COLUMN(name) (1 << CRM_COLUMN_##name)
#define EVIDENCE(name) (1 << CRM_EVIDENCE_##name)

/* Columns whose values are shown, and those where they else may stand. */
static const struct
{
	int			columns;
	int			other_columns;
}			columns_of[CRM_EVIDENCES] =
{
	[CRM_EVIDENCE_GIVEN] = {COLUMN(FIRST_NAME), COLUMN(FULL_NAME)},
	[CRM_EVIDENCE_SURNAME] = {COLUMN(LAST_NAME), COLUMN(FULL_NAME)},
	[CRM_EVIDENCE_MIDDLE] = {COLUMN(MIDDLE_NAME), COLUMN(FIRST_NAME) | COLUMN(FULL_NAME)},
	[CRM_EVIDENCE_GENERATION] = {COLUMN(LAST_NAME), COLUMN(FULL_NAME)},
	[CRM_EVIDENCE_EMAIL] = {COLUMN(EMAIL), 0},
	[CRM_EVIDENCE_PHONE] = {COLUMN(PHONE), 0},
	[CRM_EVIDENCE_BIRTH] = {COLUMN(BIRTH), 0},
	[CRM_EVIDENCE_ADDRESS] = {COLUMN(STREET) | COLUMN(CITY) | COLUMN(POSTCODE), 0},
	[CRM_EVIDENCE_STATE] = {COLUMN(STATE), 0},
	[CRM_EVIDENCE_COUNTRY] = {COLUMN(COUNTRY), 0},
	[CRM_EVIDENCE_COMPANY] = {COLUMN(COMPANY) | COLUMN(COMPANY_KEY), 0},
	[CRM_EVIDENCE_JOB] = {COLUMN(JOB), 0},
	[CRM_EVIDENCE_GENDER] = {COLUMN(GENDER), 0}
};

/* Evidence that a kind of key is made of. */
static const int evidence_of_token[CRM_TOKEN_KINDS] = {
	[CRM_TOKEN_EMAIL] = EVIDENCE(EMAIL),
	[CRM_TOKEN_USER] = EVIDENCE(EMAIL),
	[CRM_TOKEN_PHONE] = EVIDENCE(PHONE),
	[CRM_TOKEN_NAME] = EVIDENCE(GIVEN) | EVIDENCE(SURNAME),
	[CRM_TOKEN_BIRTH] = EVIDENCE(BIRTH),
	[CRM_TOKEN_STREET] = EVIDENCE(ADDRESS),
	[CRM_TOKEN_SURNAME] = EVIDENCE(SURNAME),
	[CRM_TOKEN_GIVEN] = EVIDENCE(GIVEN),
	[CRM_TOKEN_SOUND] = EVIDENCE(GIVEN) | EVIDENCE(SURNAME),
	[CRM_TOKEN_COMPANY] = EVIDENCE(COMPANY),
	[CRM_TOKEN_POSTCODE] = EVIDENCE(ADDRESS),
	[CRM_TOKEN_CITY] = EVIDENCE(ADDRESS),
	[CRM_TOKEN_DAY] = EVIDENCE(BIRTH),
	[CRM_TOKEN_YEAR] = EVIDENCE(BIRTH),
	[CRM_TOKEN_INITIALS] = EVIDENCE(GIVEN) | EVIDENCE(SURNAME),
	[CRM_TOKEN_JOB] = EVIDENCE(JOB)
};

StaticAssertDecl(CRM_EVIDENCES == 13, "columns of all evidence");
StaticAssertDecl(CRM_TOKEN_KINDS == 16, "evidence of all keys");

/* ----------
 * values
 * ----------
 */

static void
append_part(StringInfo out, const char *part)
{
	if (part == NULL || *part == '\0' || strcmp(part, "[]") == 0 || strcmp(part, "{}") == 0)
		return;
	if (out->len > 0)
		appendStringInfoString(out, ", ");
	appendStringInfoString(out, part);
}

static void
append_raw(StringInfo out, const CrmMatchInput *input, const Side *side, int columns)
{
	int			i;

	for (i = 0; i < input->count; i++)
		if (columns & 1 << input->columns[i].column)
			append_part(out, side->raw[i]);
}

/* The values of a kind of evidence, as they are stored; NULL if there are none. */
static char *
raw_values(const CrmMatchInput *input, const Side *side, int e)
{
	StringInfoData out;

	initStringInfo(&out);
	append_raw(&out, input, side, columns_of[e].columns);
	if (out.len == 0)
		append_raw(&out, input, side, columns_of[e].other_columns);
	return out.len > 0 ? out.data : NULL;
}

/* A character that the database's encoding lacks, or a byte that is none. */
static void
append_escape(StringInfo out, const char *bytes, int length, int32 c)
{
	text	   *shown = c == CRM_UTF8_MALFORMED ? NULL : crm_text_from_utf8(bytes, length);

	if (shown != NULL)
		appendBinaryStringInfo(out, VARDATA_ANY(shown), VARSIZE_ANY_EXHDR(shown));
	else if (c == CRM_UTF8_MALFORMED)
		appendStringInfo(out, "\\x%02x", (unsigned char) *bytes);
	else
		appendStringInfo(out, "\\u{%x}", (unsigned int) c);
}

/* UTF-8 of which not every character can be shown. */
static char *
with_escapes(const char *bytes, int length)
{
	const char *end = bytes + length;
	StringInfoData out;

	initStringInfo(&out);
	while (bytes < end)
	{
		const char *next = bytes;
		int32		c = crm_utf8_next(&next, end);

		append_escape(&out, bytes, next - bytes, c);
		bytes = c == CRM_UTF8_MALFORMED ? bytes + 1 : next;
	}
	return out.data;
}

/*
 * A value in the database's encoding, with escapes for what that cannot hold; without
 * the half of a character at the end of one that was cut.
 */
static void
append_value(StringInfo out, const CrmMatchValue *value)
{
	int			valid = pg_encoding_verifymbstr(PG_UTF8, value->bytes, value->length);
	bool		is_cut = value->length == CRM_MATCH_VALUE_MAX &&
		value->length - valid < CRM_UTF8_MAX_LENGTH;
	text	   *shown = valid == value->length || is_cut ? crm_text_from_utf8(value->bytes, valid) : NULL;

	append_part(out, shown != NULL ? text_to_cstring(shown) :
				with_escapes(value->bytes, is_cut ? valid : value->length));
}

static void
append_list(StringInfo out, const CrmMatchSet *set, int field, const uint32 *more)
{
	int			i;

	for (i = 0; i < CRM_MATCH_LIST_MAX - 1; i++)
		append_value(out, crm_match_value(set, field, more[i]));
}

/* The same in the form in which they are compared. */
static char *
normal_values(const CrmMatchSet *set, const Side *side, int e)
{
	const CrmMatchRecord *record = &set->records[side->record];
	StringInfoData out;
	int			field;

	initStringInfo(&out);
	for (field = 0; field < CRM_MATCH_FIELDS; field++)
	{
		if (!(crm_evidence_fields[e] & 1 << field))
			continue;
		append_value(&out, crm_match_value(set, field, record->value[field]));
		if (field == CRM_FIELD_EMAIL)
			append_list(&out, set, field, record->more_emails);
		if (field == CRM_FIELD_PHONE)
			append_list(&out, set, field, record->more_phones);
	}
	return out.len > 0 ? out.data : NULL;
}

/* Whether a contact has a value for a kind of evidence, whatever can be shown of it. */
static bool
has_value(const CrmMatchSet *set, const Side *side, int e)
{
	const CrmMatchRecord *record = &set->records[side->record];
	int			field;

	for (field = 0; field < CRM_MATCH_FIELDS; field++)
		if (crm_evidence_fields[e] & 1 << field && record->value[field] != 0)
			return true;
	return false;
}

/* ----------
 * keys
 * ----------
 */

/* Kinds of which the two share a key, as bits. */
static uint32
shared_kinds(const Explanation *explanation)
{
	const CrmMatchRecord *a = &explanation->set->records[explanation->left.record];
	const CrmMatchRecord *b = &explanation->set->records[explanation->right.record];
	uint32		shared = 0;
	int			kind;
	int			i;
	int			j;

	for (kind = 0; kind < CRM_TOKEN_KINDS; kind++)
		for (i = crm_token_first[kind]; i < crm_token_first[kind + 1]; i++)
			for (j = crm_token_first[kind]; j < crm_token_first[kind + 1]; j++)
				if (a->token[i] != 0 && a->token[i] == b->token[j])
					shared |= 1u << kind;
	return shared;
}

static char *
kinds_of_evidence(uint32 shared, int e)
{
	StringInfoData out;
	int			kind;

	initStringInfo(&out);
	for (kind = 0; kind < CRM_TOKEN_KINDS; kind++)
		if (shared & 1u << kind && evidence_of_token[kind] & 1 << e)
			append_part(&out, crm_token_names[kind]);
	return out.len > 0 ? out.data : NULL;
}

static uint32
kinds_of_rule(int rule)
{
	uint32		kinds = 0;
	int			i;

	for (i = 0; i < crm_blocking_rules[rule].count; i++)
		kinds |= 1u << crm_blocking_rules[rule].kind[i];
	return kinds;
}

/* Whether a rule compares the two, and none of those before it that are part of it. */
static bool
is_first_to_meet(const Explanation *explanation, uint32 shared, int rule)
{
	const uint64 *cut = explanation->set->skipped;	/* NULL: the two alone were read */
	uint64		skipped = cut == NULL ? 0 :
		cut[explanation->left.record] | cut[explanation->right.record];
	uint32		kinds = kinds_of_rule(rule);
	int			i;

	if ((shared & kinds) != kinds || skipped >> rule & 1)
		return false;
	for (i = 0; i < rule; i++)
		if ((kinds_of_rule(i) & kinds) == kinds_of_rule(i) && !(skipped >> i & 1))
			return false;
	return true;
}

/*
 * The keys that bring the two together; NULL if they would not be compared.  Where
 * only the two were read nobody knows how many others share a key.
 */
static char *
rules_that_met(const Explanation *explanation, uint32 shared)
{
	StringInfoData out;
	int			rule;
	int			i;

	initStringInfo(&out);
	for (rule = 0; rule < crm_blocking_rule_count; rule++)
	{
		if (!is_first_to_meet(explanation, shared, rule))
			continue;
		append_part(&out, crm_token_names[crm_blocking_rules[rule].kind[0]]);
		for (i = 1; i < crm_blocking_rules[rule].count; i++)
			appendStringInfo(&out, " + %s", crm_token_names[crm_blocking_rules[rule].kind[i]]);
	}
	if (out.len == 0)
		return NULL;
	return explanation->has_all ? out.data : psprintf("in common: %s", out.data);
}

/* ----------
 * rows
 * ----------
 */

static void
set_text(Datum *value, bool *null, const char *string)
{
	*null = string == NULL;
	if (string != NULL)
		*value = CStringGetTextDatum(string);
}

/* texts: field, left and right value, left and right normal, level; keys come last. */
static void
put_row(Explanation *explanation, const char *const *texts, double weight,
		const double *term_frequency, const char *keys)
{
	Datum		values[RESULT_COLUMNS] = {0};
	bool		nulls[RESULT_COLUMNS] = {false};
	int			i;

	for (i = 0; i < 6; i++)
		set_text(&values[i], &nulls[i], texts[i]);
	values[6] = Float8GetDatum(weight);
	nulls[7] = term_frequency == NULL;
	if (term_frequency != NULL)
		values[7] = Float8GetDatum(*term_frequency);
	set_text(&values[8], &nulls[8], keys);
	tuplestore_putvalues(explanation->result->setResult, explanation->result->setDesc, values, nulls);
}

/* A row about no field: its name, and words. */
static void
put_other(Explanation *explanation, const char *name, const char *words, double weight,
		  const char *keys)
{
	const char *texts[6] = {name, NULL, NULL, NULL, NULL, words};

	put_row(explanation, texts, weight, NULL, keys);
}

static void
put_evidence(Explanation *explanation, int e, uint32 shared)
{
	const CrmMatchInput *input = &explanation->input;
	const CrmMatchSet *set = explanation->set;
	int			level = explanation->comparison.level[e];
	char		room[CRM_LEVEL_NAME_MAX];
	bool		has_left = has_value(set, &explanation->left, e);
	bool		has_right = has_value(set, &explanation->right, e);
	const char *texts[6];

	if (!has_left && !has_right)
		return;
	texts[0] = crm_evidence_names[e];
	texts[3] = normal_values(set, &explanation->left, e);
	texts[4] = normal_values(set, &explanation->right, e);
	texts[1] = raw_values(input, &explanation->left, e);
	texts[2] = raw_values(input, &explanation->right, e);
	texts[5] = crm_level_words(e, level, room);
	if (level == CRM_LEVEL_NONE && has_left && has_right)
		texts[5] = "not compared: other fields say as much";
	put_row(explanation, texts, explanation->weights.weight[e], &explanation->weights.rarity[e],
			kinds_of_evidence(shared, e));
}

static void
put_rows(Explanation *explanation)
{
	static const char *const words[CRM_RELATIONSHIPS] = {
		[CRM_HOUSEHOLD] = "two members of a household would agree in this, too",
		[CRM_COLLEAGUES] = "two colleagues would agree in this, too",
		[CRM_CARELESS] = "one person, if much in a record is wrong"
	};
	uint32		shared = shared_kinds(explanation);
	int			e;
	int			r;

	put_other(explanation, "prior", "any two contacts", explanation->weights.prior,
			  rules_that_met(explanation, shared));
	for (e = 0; e < CRM_EVIDENCES; e++)
		put_evidence(explanation, e, shared);
	for (r = 0; r < CRM_RELATIONSHIPS; r++)
		if (explanation->weights.other[r] != 0)
			put_other(explanation, crm_relationship_names[r], words[r],
					  explanation->weights.other[r], NULL);
}

/* ----------
 * reading
 * ----------
 */

/* A key that is a text is read as its type reads it, and then spelled as the relation's. */
static void
spell_key(Oid contacts, Side *side)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *own;

	SPI_connect();
	own = crm_own_match_key(contacts, CStringGetTextDatum(side->key));
	if (own != NULL)
		side->key = MemoryContextStrdup(context, own);
	SPI_finish();
}

static void
spell_keys(Explanation *explanation, bool text_keys)
{
	if (!text_keys)
		return;
	spell_key(explanation->input.relation, &explanation->left);
	spell_key(explanation->input.relation, &explanation->right);
}

static void
find_side(const Explanation *explanation, Side *side)
{
	if (!crm_match_find_key(explanation->set, side->key, &side->record))
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("relation \"%s\" has no contact with the key %s",
						get_rel_name(explanation->input.relation),
						crm_shown(side->key, (int) strlen(side->key))),
				 explanation->input.has_archive ?
				 errdetail("Archived contacts are not compared.") : 0));
}

static void
take_raw(Explanation *explanation, HeapTuple tuple, TupleDesc descriptor, MemoryContext context)
{
	char	   *key = SPI_getvalue(tuple, descriptor, 1);
	MemoryContext old = MemoryContextSwitchTo(context);
	int			i;

	for (i = 0; key != NULL && i < explanation->input.count; i++)
	{
		char	   *value = SPI_getvalue(tuple, descriptor, i + 2);

		if (strcmp(key, explanation->left.key) == 0)
			explanation->left.raw[i] = value;
		if (strcmp(key, explanation->right.key) == 0)
			explanation->right.raw[i] = value;
	}
	MemoryContextSwitchTo(old);
}

/* The columns of the two, as text. */
static void
read_raw(Explanation *explanation)
{
	MemoryContext context = CurrentMemoryContext;
	const char *sql = crm_match_pair_query(&explanation->input, true);
	Oid			types[2] = {TEXTOID, TEXTOID};
	Datum		values[2];
	uint64		i;

	values[0] = CStringGetTextDatum(explanation->left.key);
	values[1] = CStringGetTextDatum(explanation->right.key);
	SPI_connect();
	if (SPI_execute_with_args(sql, 2, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the contacts");
	for (i = 0; i < SPI_processed; i++)
		take_raw(explanation, SPI_tuptable->vals[i], SPI_tuptable->tupdesc, context);
	SPI_finish();
}

static void
read_contacts(Explanation *explanation, Oid contacts, Jsonb *model, bool text_keys)
{
	CrmInputOptions options = {NULL, NULL};

	if (model != NULL)
	{
		CrmStoredModel *stored = crm_model_from_json(model);

		options.rarities = &stored->rarities;
		explanation->model = &stored->model;
		crm_match_input_find(&explanation->input, contacts, text_keys);
		spell_keys(explanation, text_keys);
		explanation->set = crm_match_input_read_pair(&explanation->input, explanation->left.key,
													 explanation->right.key, &options);
	}
	else
	{
		CrmMatchSearch *search = crm_match_search_open(contacts, text_keys, NULL, InvalidOid);

		explanation->input = search->input;
		spell_keys(explanation, text_keys);
		explanation->set = search->set;
		explanation->has_all = true;
		explanation->model = &search->stored->model;
	}
	find_side(explanation, &explanation->left);
	find_side(explanation, &explanation->right);
	read_raw(explanation);
}

static void
compare_sides(Explanation *explanation)
{
	const CrmMatchRecord *records = explanation->set->records;
	uint32		a = Min(explanation->left.record, explanation->right.record);
	uint32		b = Max(explanation->left.record, explanation->right.record);

	if (a == b)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a contact cannot be compared with itself")));
	crm_scorer_init(&explanation->scorer, explanation->model);
	crm_compare(explanation->set, &records[a], &records[b], &explanation->comparison);
	crm_weigh_evidence(explanation->model, &explanation->scorer, &explanation->comparison,
					   &explanation->weights);
}

static Datum
explain_match(FunctionCallInfo fcinfo, bool text_keys)
{
	MemoryContext work;
	MemoryContext before;
	Explanation *explanation;

	crm_require_argument(fcinfo, 0, "contacts");
	crm_require_argument(fcinfo, 1, text_keys ? "left_key" : "left_id");
	crm_require_argument(fcinfo, 2, text_keys ? "right_key" : "right_id");
	InitMaterializedSRF(fcinfo, 0);
	work = AllocSetContextCreate(CurrentMemoryContext, "crm matching", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(work);
	explanation = palloc0(sizeof(Explanation));
	explanation->result = (ReturnSetInfo *) fcinfo->resultinfo;
	explanation->left.key = text_keys ? text_to_cstring(PG_GETARG_TEXT_PP(1)) :
		psprintf(INT64_FORMAT, PG_GETARG_INT64(1));
	explanation->right.key = text_keys ? text_to_cstring(PG_GETARG_TEXT_PP(2)) :
		psprintf(INT64_FORMAT, PG_GETARG_INT64(2));
	read_contacts(explanation, PG_GETARG_OID(0), PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3),
				  text_keys);
	compare_sides(explanation);
	put_rows(explanation);
	MemoryContextSwitchTo(before);
	MemoryContextDelete(work);
	PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(crm_explain_match);
Datum
crm_explain_match(PG_FUNCTION_ARGS)
{
	return explain_match(fcinfo, false);
}

PG_FUNCTION_INFO_V1(crm_explain_match_by_key);
Datum
crm_explain_match_by_key(PG_FUNCTION_ARGS)
{
	return explain_match(fcinfo, true);
}
