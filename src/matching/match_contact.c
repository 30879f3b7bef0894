/*
 * match_contact.c
 *		Is this person here already?
 */
#include "matching/match_candidates.h"

#include <math.h>

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* From which probability on contacts are shown. */
#define STANDARD_PROBABILITY 0.5

/* A contact that is likely the one that was asked for. */
typedef struct Match
{
	uint32		record;
	double		weight;
} Match;

/* One question.  Record 0 of the set is the contact that is asked for. */
typedef struct Question
{
	CrmMatchSource source;
	CrmMatchSet *set;
	const CrmScorer *scorer;
	double		min_weight;
	Jsonb	   *model;
	Match	   *matches;
	int			count;
} Question;

/* ----------
 * relations
 * ----------
 */

static void
check_id(const CrmMatchSource *source, bool text_keys, const char *sister)
{
	const char *name = get_rel_name(source->relation);

	if (source->id == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s\" has no column \"id\"", name),
				 errhint("Make a view that calls the key of its rows \"id\".")));
	if (!text_keys && source->id_type != INT8OID && source->id_type != INT4OID &&
		source->id_type != INT2OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"id\" of relation \"%s\" is of type %s", name,
						format_type_be(source->id_type)),
				 errhint("crm.%s takes keys of any type.", sister)));
}

static void
check_arguments(const CrmMatchSource *source)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (source->argument[i] != NULL)
			return;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("relation \"%s\" has no column that contacts can be compared by",
					get_rel_name(source->relation)),
			 errhint("Known names of columns are first_name, last_name, full_name, email, emails, phone, phones, date_of_birth, street, city, postal_code, postcode and company, among others.")));
}

static void
open_question(Question *question, FunctionCallInfo fcinfo, bool text_keys, const char *sister)
{
	Relation	relation;

	crm_require_argument(fcinfo, 0, "contacts");
	relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
	crm_match_source_describe(&question->source, relation);
	relation_close(relation, NoLock);
	check_id(&question->source, text_keys, sister);
	check_arguments(&question->source);
	question->set = crm_match_set_create(CurrentMemoryContext, text_keys);
}

/* ----------
 * answers
 * ----------
 */

static int
compare_matches(const void *a, const void *b)
{
	const Match *p = a;
	const Match *q = b;

	if (p->weight != q->weight)
		return p->weight > q->weight ? -1 : 1;
	return p->record < q->record ? -1 : p->record > q->record;
}

static bool
is_same_key(const CrmMatchSet *set, uint32 a, uint32 b)
{
	return set->keys != NULL ? strcmp(set->keys[a], set->keys[b]) == 0 : set->ids[a] == set->ids[b];
}

static void
say_what_was_not_done(const Question *question, int cut)
{
	const char *name = get_rel_name(question->source.relation);

	if (!OidIsValid(question->source.index))
		ereport(NOTICE,
				(errmsg("every row of \"%s\" was read, since it has no index of match keys", name),
				 errhint("SELECT crm.create_match_index(%s) makes one.",
						 quote_literal_cstr(quote_qualified_identifier(crm_relation_schema(question->source.relation), name)))));
	if (cut > 0)
		ereport(NOTICE,
				(errmsg_plural("%d key of this contact is shared by more than %d others, of whom only so many were compared",
							   "%d keys of this contact are shared by more than %d others each, of whom only so many were compared",
							   cut, cut, CRM_CANDIDATES_PER_KEY)));
}

/* Scores everybody who has a key in common with the contact. */
static void
answer(Question *question, const CrmMatchPerson *person)
{
	CrmMatchSet *set = question->set;
	int64		keys[CRM_MATCH_KEYS_MAX];
	int			count = crm_person_keys(person, keys);
	int			cut = crm_match_add_candidates(set, &question->source, keys, count);
	uint32		i;

	say_what_was_not_done(question, cut);
	question->scorer = crm_online_scorer(question->source.rows, question->model);
	question->matches = MemoryContextAlloc(set->context, set->count * sizeof(Match));
	question->count = 0;
	for (i = 1; i < set->count; i++)
	{
		double		weight = crm_online_weight(set, question->scorer, 0, i);

		if (weight >= question->min_weight)
		{
			question->matches[question->count].record = i;
			question->matches[question->count++].weight = weight;
		}
	}
	qsort(question->matches, question->count, sizeof(Match), compare_matches);
}

static bool
is_shown_already(const Question *question, int number)
{
	int			i;

	for (i = number - 1; i >= 0 && question->matches[i].weight == question->matches[number].weight; i--)
		if (is_same_key(question->set, question->matches[i].record, question->matches[number].record))
			return true;
	return false;
}

static void
put_match(ReturnSetInfo *result, const Question *question, const Match *match)
{
	const CrmMatchSet *set = question->set;
	CrmComparison comparison;
	Datum		values[4];
	bool		nulls[4] = {false};

	crm_compare(set, &set->records[0], &set->records[match->record], &comparison);
	values[0] = set->keys != NULL ? CStringGetTextDatum(set->keys[match->record]) :
		Int64GetDatum(set->ids[match->record]);
	values[1] = Float8GetDatum(crm_weight_probability(match->weight));
	values[2] = Float8GetDatum(match->weight);
	values[3] = JsonbPGetDatum(crm_online_evidence(question->scorer, &comparison));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Best first, each once, without the contact itself and those it is not. */
static void
put_matches(ReturnSetInfo *result, const Question *question, const char *own_key, HTAB *different)
{
	int			i;

	for (i = 0; i < question->count; i++)
	{
		const Match *match = &question->matches[i];
		char		number[MAXINT8LEN + 1];
		const char *key = number;

		if (question->set->keys != NULL)
			key = question->set->keys[match->record];
		else
			pg_lltoa(question->set->ids[match->record], number);
		if ((own_key != NULL && strcmp(key, own_key) == 0) || is_shown_already(question, i))
			continue;
		if (different != NULL && hash_search(different, key, HASH_FIND, NULL) != NULL)
			continue;
		put_match(result, question, match);
	}
}

/* ----------
 * a contact that is not stored
 * ----------
 */

/* The arguments of crm.match_contact from 1 on, in their order. */
static const CrmMatchColumn contact_columns[] = {
	CRM_COLUMN_FIRST_NAME, CRM_COLUMN_LAST_NAME, CRM_COLUMN_FULL_NAME, CRM_COLUMN_EMAIL,
	CRM_COLUMN_PHONE, CRM_COLUMN_BIRTH, CRM_COLUMN_STREET, CRM_COLUMN_CITY,
	CRM_COLUMN_POSTCODE, CRM_COLUMN_STATE, CRM_COLUMN_COUNTRY, CRM_COLUMN_COMPANY
};

static Datum
match_contact(FunctionCallInfo fcinfo, bool text_keys)
{
	int			options = 1 + lengthof(contact_columns);
	Question	question = {0};
	CrmMatchPerson person;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	crm_person_clear(&person);
	for (i = 0; i < (int) lengthof(contact_columns); i++)
		if (!PG_ARGISNULL(1 + i))
			crm_person_add_datum(&person, contact_columns[i],
								 contact_columns[i] == CRM_COLUMN_BIRTH ? CRM_VALUE_DATE : CRM_VALUE_TEXT,
								 PG_GETARG_DATUM(1 + i));
	question.min_weight = crm_online_threshold(PG_ARGISNULL(options), PG_ARGISNULL(options) ? 0 : PG_GETARG_FLOAT8(options),
											   STANDARD_PROBABILITY);
	question.model = PG_ARGISNULL(options + 1) ? NULL : PG_GETARG_JSONB_P(options + 1);
	open_question(&question, fcinfo, text_keys, "match_contact_by_key");
	crm_match_set_add(question.set, &person);
	SPI_connect();
	answer(&question, &person);
	SPI_finish();
	put_matches((ReturnSetInfo *) fcinfo->resultinfo, &question, NULL, NULL);
	MemoryContextDelete(question.set->context);
	PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(crm_match_contact);
Datum
crm_match_contact(PG_FUNCTION_ARGS)
{
	return match_contact(fcinfo, false);
}

PG_FUNCTION_INFO_V1(crm_match_contact_by_key);
Datum
crm_match_contact_by_key(PG_FUNCTION_ARGS)
{
	return match_contact(fcinfo, true);
}

/* ----------
 * a contact that is stored
 * ----------
 */

#define KEY_MAX 256

static bool
has_column(Oid relation, const char *name)
{
	return get_attnum(relation, name) != InvalidAttrNumber;
}

/* Keys of the contacts that somebody has said are others than this one. */
static HTAB *
read_different(Oid decisions, Oid contacts, const char *key)
{
	Oid			types[2] = {TEXTOID, REGCLASSOID};
	Datum		values[2] = {CStringGetTextDatum(key), ObjectIdGetDatum(contacts)};
	const char *of_relation = has_column(decisions, "relation") ? " AND relation OPERATOR(pg_catalog.=) $2" : "";
	const char *relation;
	HASHCTL		control = {0};
	HTAB	   *different;
	uint64		i;

	control.keysize = KEY_MAX;
	control.entrysize = KEY_MAX;
	control.hcxt = CurrentMemoryContext;
	different = hash_create("crm decisions", 64, &control, HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	relation = quote_qualified_identifier(crm_relation_schema(decisions), get_rel_name(decisions));
	if (SPI_execute_with_args(psprintf("SELECT right_key FROM %s WHERE left_key OPERATOR(pg_catalog.=) $1 AND NOT same%s"
									   " UNION ALL SELECT left_key FROM %s WHERE right_key OPERATOR(pg_catalog.=) $1 AND NOT same%s",
									   relation, of_relation, relation, of_relation),
							  of_relation[0] != '\0' ? 2 : 1, types, values, NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read decisions");
	for (i = 0; i < SPI_processed; i++)
	{
		char	   *other = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);

		if (other != NULL)
			hash_search(different, other, HASH_ENTER, NULL);
	}
	return different;
}

static Datum
duplicates_of(FunctionCallInfo fcinfo, bool text_keys)
{
	Question	question = {0};
	CrmMatchPerson person;
	HTAB	   *different = NULL;
	char	   *own_key;

	InitMaterializedSRF(fcinfo, 0);
	crm_require_argument(fcinfo, 1, text_keys ? "contact_key" : "contact_id");
	question.min_weight = crm_online_threshold(PG_ARGISNULL(2), PG_ARGISNULL(2) ? 0 : PG_GETARG_FLOAT8(2),
											   STANDARD_PROBABILITY);
	question.model = PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3);
	open_question(&question, fcinfo, text_keys, "duplicates_of_by_key");
	SPI_connect();
	own_key = crm_match_read_contact(&question.source, PG_GETARG_DATUM(1), text_keys, &person);
	if (own_key == NULL)
	{
		own_key = text_keys ? TextDatumGetCString(PG_GETARG_DATUM(1)) : psprintf(INT64_FORMAT, PG_GETARG_INT64(1));
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("relation \"%s\" has no row with id \"%s\"", get_rel_name(question.source.relation),
						crm_shown(own_key, (int) strlen(own_key)))));
	}
	if (!PG_ARGISNULL(4))
		different = read_different(PG_GETARG_OID(4), question.source.relation, own_key);
	crm_match_set_add(question.set, &person);
	answer(&question, &person);
	put_matches((ReturnSetInfo *) fcinfo->resultinfo, &question, own_key, different);
	SPI_finish();
	MemoryContextDelete(question.set->context);
	PG_RETURN_NULL();
}

PG_FUNCTION_INFO_V1(crm_duplicates_of);
Datum
crm_duplicates_of(PG_FUNCTION_ARGS)
{
	return duplicates_of(fcinfo, false);
}

PG_FUNCTION_INFO_V1(crm_duplicates_of_by_key);
Datum
crm_duplicates_of_by_key(PG_FUNCTION_ARGS)
{
	return duplicates_of(fcinfo, true);
}
