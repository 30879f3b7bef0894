/*
 * match_candidates.c
 *		Contacts of a relation that have a key in common with a given one.
 *
 * The relation is asked with a SELECT, as its caller would ask it: privileges,
 * row-level security, views and partitions are the server's business.  The plan
 * is kept.  Whether an index serves it or every row is read, the answer is the
 * same.
 */
#include "matching/match_candidates.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

/* ----------
 * SQL
 * ----------
 */

static void
append_arguments(StringInfo sql, const CrmMatchSource *source)
{
	List	   *context = deparse_context_for(get_rel_name(source->relation), source->relation);
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (source->argument[i] != NULL)
			appendStringInfo(sql, ", %s", deparse_expression(source->argument[i], context, false, false));
}

static void
append_relation(StringInfo sql, Oid relation)
{
	appendStringInfo(sql, " FROM %s",
					 quote_qualified_identifier(crm_relation_schema(relation), get_rel_name(relation)));
}

static char *
candidates_statement(const CrmMatchSource *source, bool text_keys)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT id::pg_catalog.%s", text_keys ? "text" : "int8");
	append_arguments(&sql, source);
	append_relation(&sql, source->relation);
	appendStringInfo(&sql, " WHERE %s OPERATOR(crm.&&) $1",
					 crm_match_source_keys(source, source->key_argument, source->relation));
	return sql.data;
}

static char *
contact_statement(const CrmMatchSource *source, bool text_key)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT id::pg_catalog.text");
	append_arguments(&sql, source);
	append_relation(&sql, source->relation);
	appendStringInfoString(&sql, " WHERE id OPERATOR(pg_catalog.=) $1");
	if (text_key)
		appendStringInfo(&sql, "::%s", format_type_be_qualified(source->id_type));
	return sql.data;
}

/* ----------
 * rows
 * ----------
 */

/* The contact in a row of one of the statements. */
static void
read_row(const CrmMatchSource *source, HeapTuple tuple, TupleDesc descriptor,
		 Datum *values, bool *nulls, CrmMatchPerson *person)
{
	int			column = 1;
	int			i;

	heap_deform_tuple(tuple, descriptor, values, nulls);
	crm_person_clear(person);
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
	{
		if (source->argument[i] == NULL)
			continue;
		if (!nulls[column])
			crm_person_add_datum(person, crm_match_arguments[i].column, source->kind[i], values[column]);
		column++;
	}
}

static void
add_row(CrmMatchSet *set, const CrmMatchSource *source, HeapTuple tuple, TupleDesc descriptor)
{
	Datum		values[CRM_MATCH_ARGUMENTS + 1];
	bool		nulls[CRM_MATCH_ARGUMENTS + 1];
	CrmMatchPerson person;

	read_row(source, tuple, descriptor, values, nulls, &person);
	if (nulls[0])
		return;
	crm_match_set_add(set, &person);
	if (set->keys != NULL)
		set->keys[set->count - 1] = MemoryContextStrdup(set->context, TextDatumGetCString(values[0]));
	else
		set->ids[set->count - 1] = DatumGetInt64(values[0]);
}

/* Adds the rows that have one of the keys; false if there are more than the limit. */
static bool
add_rows(CrmMatchSet *set, const CrmMatchSource *source, const char *sql,
		 const int64 *keys, int count, int limit, bool even_if_more)
{
	Oid			type = INT8ARRAYOID;
	Datum		wanted = crm_keys_datum(keys, count);
	bool		complete;
	uint64		i;

	crm_execute_kept(sql, 1, &type, &wanted, NULL, true, limit + 1);
	complete = SPI_processed <= (uint64) limit;
	if (complete || even_if_more)
		for (i = 0; i < Min(SPI_processed, (uint64) limit); i++)
			add_row(set, source, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
	SPI_freetuptable(SPI_tuptable);
	return complete;
}

/*
 * Adds to a set the contacts that have one of the keys.  Returns how many of the
 * keys had more holders than are compared; then a contact may be there twice.
 */
int
crm_match_add_candidates(CrmMatchSet *set, const CrmMatchSource *source,
						 const int64 *keys, int count)
{
	char	   *sql = candidates_statement(source, set->keys != NULL);
	int			cut = 0;
	int			i;

	if (count == 0 ||
		add_rows(set, source, sql, keys, count, CRM_CANDIDATES_MAX, false))
		return 0;
	for (i = 0; i < count; i++)
		if (!add_rows(set, source, sql, &keys[i], 1, CRM_CANDIDATES_PER_KEY, true))
			cut++;
	return cut;
}

/* Reads the contact with a key, and returns the key as text; NULL if the caller sees none. */
char *
crm_match_read_contact(const CrmMatchSource *source, Datum key, bool text_key,
					   CrmMatchPerson *person)
{
	Oid			type = text_key ? TEXTOID : INT8OID;
	Datum		values[CRM_MATCH_ARGUMENTS + 1];
	bool		nulls[CRM_MATCH_ARGUMENTS + 1];

	crm_execute_kept(contact_statement(source, text_key), 1, &type, &key, NULL, true, 1);
	if (SPI_processed == 0)
		return NULL;
	read_row(source, SPI_tuptable->vals[0], SPI_tuptable->tupdesc, values, nulls, person);
	return TextDatumGetCString(values[0]);
}
