/*
 * match_contact.c
 *		Is this person here already?
 */
#include "matching/match_question.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "matching/match_search.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* Whether a statement has not been told of a relation yet; it is told of one once. */
static bool
is_news(Oid relation)
{
	static Oid	told_relation = InvalidOid;
	static TimestampTz told_at = 0;

	if (told_relation == relation && told_at == GetCurrentStatementStartTimestamp())
		return false;
	told_relation = relation;
	told_at = GetCurrentStatementStartTimestamp();
	return true;
}

static void
say_that_all_were_read(const CrmQuestion *question)
{
	Oid			relation = question->candidates.source.relation;
	const char *name = get_rel_name(relation);

	if (OidIsValid(question->candidates.source.index) || !is_news(relation))
		return;
	if (question->candidates.source.is_distrusted)
		ereport(NOTICE,
				(errmsg("every row of \"%s\" was read, since its index of match keys may call functions of others", name),
				 errdetail("Only those of superusers and of the caller are called with the caller's rights.")));
	else
		ereport(NOTICE,
				(errmsg("every row of \"%s\" was read, since it has no index of match keys", name),
				 crm_match_source_can_have_index(&question->candidates.source) ?
				 errhint("SELECT crm.create_match_index(%s) makes one.",
						 quote_literal_cstr(quote_qualified_identifier(crm_relation_schema(relation), name))) : 0));
}

static void
say_what_was_cut(int cut)
{
	if (cut > 0)
		ereport(NOTICE,
				(errmsg_plural("%d key of this contact is shared by more than %d others, of whom only so many were compared",
							   "%d keys of this contact are shared by more than %d others each, of whom only so many were compared",
							   cut, cut, CRM_CANDIDATES_PER_KEY)));
}

/* The arguments that all have: contacts; and, from "options" on, min_probability and model. */
static void
open_question(CrmQuestion *question, FunctionCallInfo fcinfo, bool text_keys, bool by_names,
			  int options)
{
	crm_require_argument(fcinfo, 0, "contacts");
	crm_question_open(question, PG_GETARG_OID(0), text_keys, by_names,
					  crm_min_probability(fcinfo, options));
	question->model = PG_ARGISNULL(options + 1) ? NULL : PG_GETARG_JSONB_P(options + 1);
}

static Oid
relation_argument(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? InvalidOid : PG_GETARG_OID(arg);
}

/* The rows of the answer; with a first column that is the contact's own key, or without. */
static void
put_answer(ReturnSetInfo *result, const CrmAnswer *answer, bool with_key)
{
	Datum		values[5];
	bool		nulls[5] = {false};
	int			i;

	if (with_key)
		values[0] = CStringGetTextDatum(answer->key);
	for (i = 0; i < answer->count; i++)
	{
		crm_answer_values(answer, &answer->found[i], &values[with_key ? 1 : 0]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
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

static void
read_person(FunctionCallInfo fcinfo, CrmMatchPerson *person)
{
	int			i;

	crm_person_clear(person);
	for (i = 0; i < (int) lengthof(contact_columns); i++)
		if (!PG_ARGISNULL(1 + i))
			crm_person_add_datum(person, contact_columns[i],
								 contact_columns[i] == CRM_COLUMN_BIRTH ? CRM_VALUE_DATE : CRM_VALUE_TEXT,
								 PG_GETARG_DATUM(1 + i));
}

static Datum
match_contact(FunctionCallInfo fcinfo, bool text_keys)
{
	int			options = 1 + lengthof(contact_columns);
	CrmQuestion question;
	CrmAnswer	answer;
	CrmMatchPerson person;

	InitMaterializedSRF(fcinfo, 0);
	read_person(fcinfo, &person);
	open_question(&question, fcinfo, text_keys, false, options);
	crm_answer_person(&answer, &question, &person);
	say_that_all_were_read(&question);
	say_what_was_cut(answer.cut);
	put_answer((ReturnSetInfo *) fcinfo->resultinfo, &answer, false);
	crm_answer_free(&answer);
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

static Datum
duplicates_of(FunctionCallInfo fcinfo, bool text_keys)
{
	CrmQuestion question;
	CrmAnswer	answer;
	Datum		key;

	InitMaterializedSRF(fcinfo, 0);
	crm_require_argument(fcinfo, 0, "contacts");
	crm_require_argument(fcinfo, 1, text_keys ? "contact_key" : "contact_id");
	open_question(&question, fcinfo, text_keys, false, 2);
	question.decisions = relation_argument(fcinfo, 4);
	key = text_keys ? PG_GETARG_DATUM(1) :
		CStringGetTextDatum(psprintf(INT64_FORMAT, PG_GETARG_INT64(1)));
	SPI_connect();
	if (!crm_answer_stored(&answer, &question, key))
	{
		char	   *shown = TextDatumGetCString(key);

		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("relation \"%s\" has no row with %s \"%s\"",
						get_rel_name(question.candidates.source.relation),
						question.candidates.input.key, crm_shown(shown, (int) strlen(shown)))));
	}
	say_that_all_were_read(&question);
	say_what_was_cut(answer.cut);
	put_answer((ReturnSetInfo *) fcinfo->resultinfo, &answer, false);
	SPI_finish();
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

/* ----------
 * many contacts that are stored
 * ----------
 */

/* The elements of a text[] argument; what is NULL is left out. */
static int
read_texts(FunctionCallInfo fcinfo, int arg, Datum **texts)
{
	bool	   *nulls;
	int			count;
	int			kept = 0;
	int			i;

	if (PG_ARGISNULL(arg))
		return 0;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(arg), TEXTOID, -1, false, TYPALIGN_INT,
					  texts, &nulls, &count);
	for (i = 0; i < count; i++)
		if (!nulls[i])
			(*texts)[kept++] = (*texts)[i];
	return kept;
}

/*
 * crm.duplicates_of_by_key for a list of contacts, of which some may be gone.  Pairs
 * of the relation "earlier" are looked at in any case, to see whether they still
 * hold.  Columns are known by their names, as for a search of all, with whose
 * results these are kept.  That there is no index, the caller says.
 */
PG_FUNCTION_INFO_V1(crm_duplicates_of_many);
Datum
crm_duplicates_of_many(PG_FUNCTION_ARGS)
{
	CrmQuestion question;
	MemoryContext work;
	Datum	   *keys = NULL;
	int			count;
	int			cut = 0;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	count = read_texts(fcinfo, 1, &keys);
	open_question(&question, fcinfo, true, true, 2);
	question.decisions = relation_argument(fcinfo, 4);
	question.earlier = relation_argument(fcinfo, 5);
	SPI_connect();
	work = AllocSetContextCreate(CurrentMemoryContext, "crm matching", ALLOCSET_DEFAULT_SIZES);
	for (i = 0; i < count; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(work);
		CrmAnswer	answer;

		CHECK_FOR_INTERRUPTS();
		if (crm_answer_stored(&answer, &question, keys[i]))
		{
			put_answer((ReturnSetInfo *) fcinfo->resultinfo, &answer, true);
			cut += answer.cut > 0;
		}
		MemoryContextSwitchTo(old);
		MemoryContextReset(work);
	}
	SPI_finish();
	if (cut > 0)
		ereport(NOTICE,
				(errmsg_plural("%d contact has keys that more than %d others share, of whom only so many were compared",
							   "%d contacts have keys that more than %d others share, of whom only so many were compared",
							   cut, cut, CRM_CANDIDATES_PER_KEY)));
	PG_RETURN_NULL();
}
