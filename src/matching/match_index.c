/*
 * match_index.c
 *		Making the index of keys.
 *
 * The index is made by an ordinary CREATE INDEX with the caller's rights.  Nothing
 * remembers it: it is found again by its operator class.
 */
#include "matching/match_source.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "matching/match_trust.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

/* Without a pending list: a search would read it from beginning to end. */
static char *
index_statement(const CrmMatchSource *source, Oid table, Node *const *arguments)
{
	return psprintf("CREATE INDEX ON %s USING gin (%s crm.match_keys_ops) WITH (fastupdate = off)",
					quote_qualified_identifier(crm_relation_schema(table), get_rel_name(table)),
					crm_match_source_keys(source, arguments, table));
}

/* What a human has to complete, where the contacts are no single table's. */
static char *
statement_to_complete(const CrmMatchSource *source)
{
	StringInfoData sql;
	const char *separator = "";
	int			i;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "CREATE INDEX ON \"...\" USING gin (crm.match_keys(");
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (source->argument[i] != NULL)
		{
			appendStringInfo(&sql, "%s%s => \"...\"", separator, crm_match_arguments[i].name);
			separator = ", ";
		}
	appendStringInfoString(&sql, ") crm.match_keys_ops) WITH (fastupdate = off)");
	return sql.data;
}

static void
require_arguments(Node *const *arguments, const char *name)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (arguments[i] != NULL)
			return;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("relation \"%s\" has no column that contacts can be compared by", name),
			 errhint("Known names of columns are first_name, last_name, full_name, email, emails, phone, phones, date_of_birth, street, city, postal_code, postcode and company, among others.")));
}

/* The first argument that may change without the row; -1 if there is none. */
static int
mutable_argument(Node *const *arguments)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (arguments[i] != NULL && contain_mutable_functions(arguments[i]))
			return i;
	return -1;
}

/*
 * The first argument that calls a function of somebody who is neither a superuser
 * nor the table's owner, with whose rights the index would call it; -1 if none.
 */
static int
foreign_argument(Node *const *arguments, Oid table)
{
	Oid			owner = crm_relation_owner(table);
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (!crm_calls_trusted_only(arguments[i], owner))
			return i;
	return -1;
}

/* Says why there is no index, and returns what a human may do about it. */
static text *
decline(const CrmMatchSource *source, const char *reason, const char *statement)
{
	ereport(NOTICE,
			(errmsg("no index was made for \"%s\"", get_rel_name(source->relation)),
			 errdetail_internal("%s", reason),
			 errhint("Complete the statement that is returned with immutable expressions over a table.")));
	return cstring_to_text(statement);
}

/* GIN gathers entries in a tree: one that the processor's caches hold is faster. */
#define MEMORY_KB (32 * 1024)

static void
execute(const char *sql)
{
	int			nest_level = NewGUCNestLevel();
	int			code;

	if (maintenance_work_mem > MEMORY_KB)
		(void) set_config_option("maintenance_work_mem", psprintf("%dkB", MEMORY_KB), PGC_USERSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	SPI_connect();
	code = SPI_execute(sql, false, 0);
	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(code));
	SPI_finish();
	AtEOXact_GUC(true, nest_level);
}

static text *
definition_of(Oid index)
{
	return DatumGetTextPP(OidFunctionCall1(F_PG_GET_INDEXDEF_OID, ObjectIdGetDatum(index)));
}

/* The table to index and the expressions over it; false if there is no single one. */
static bool
find_table(CrmMatchSource *source, Relation relation, Oid *table, Node **arguments)
{
	if (relation->rd_rel->relkind == RELKIND_VIEW)
		return crm_match_source_base(source, relation, table, arguments);
	*table = RelationGetRelid(relation);
	memcpy(arguments, source->argument, sizeof(source->argument));
	return true;
}

/*
 * Makes the index of a relation unless it is there.  Returns its definition; or,
 * where it cannot be made from here, a statement that a human completes.
 */
PG_FUNCTION_INFO_V1(crm_create_match_index);
Datum
crm_create_match_index(PG_FUNCTION_ARGS)
{
	CrmMatchSource source;
	Node	   *arguments[CRM_MATCH_ARGUMENTS];
	Relation	relation;
	Oid			table;
	bool		is_simple;
	int			argument;

	crm_require_argument(fcinfo, 0, "contacts");
	relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
	crm_match_source_describe(&source, relation);
	is_simple = find_table(&source, relation, &table, arguments);
	relation_close(relation, AccessShareLock);
	require_arguments(source.argument, get_rel_name(source.relation));
	if (OidIsValid(source.index))
	{
		crm_match_source_tell_lack(&source);
		PG_RETURN_TEXT_P(definition_of(source.index));
	}

	if (!is_simple)
		PG_RETURN_TEXT_P(decline(&source, "It is a view that does more than read one table.",
								 statement_to_complete(&source)));
	argument = mutable_argument(arguments);
	if (argument >= 0)
		PG_RETURN_TEXT_P(decline(&source,
								 psprintf("What it calls \"%s\" is not an immutable expression.",
										  crm_match_arguments[argument].name),
								 index_statement(&source, table, arguments)));
	argument = foreign_argument(arguments, table);
	if (argument >= 0)
		PG_RETURN_TEXT_P(decline(&source,
								 psprintf("What it calls \"%s\" may call functions of others than the table's owner, with his rights.",
										  crm_match_arguments[argument].name),
								 index_statement(&source, table, arguments)));
	execute(index_statement(&source, table, arguments));
	relation = relation_open(PG_GETARG_OID(0), AccessShareLock);
	crm_match_source_describe(&source, relation);
	relation_close(relation, AccessShareLock);
	if (!OidIsValid(source.index))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("an index of the expressions of \"%s\" would not be found again", get_rel_name(source.relation)),
				 errhint("Use simpler expressions, or move them into a function.")));
	PG_RETURN_TEXT_P(definition_of(source.index));
}
