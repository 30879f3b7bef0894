/*
 * guard_commands.c
 *		Making and dropping a duplicate guard, and what a guarded table must be.
 */
#include "matching/duplicate_guard.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "matching/match_search.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* From which probability on a guard acts. */
#define STANDARD_PROBABILITY 0.9

#define TRIGGER_NAME "duplicate_guard"
#define TRIGGER_FUNCTION "_duplicate_guard"

/* ----------
 * what must hold
 * ----------
 */

void
crm_guard_check_table(Relation table)
{
	const char *name = RelationGetRelationName(table);

	if (table->rd_rel->relkind == RELKIND_PARTITIONED_TABLE || table->rd_rel->relispartition)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot guard \"%s\" against duplicates, since it is %s", name,
						table->rd_rel->relispartition ? "a partition" : "partitioned"),
				 errdetail("A duplicate may stand in any partition.")));
	if (table->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table", name)));
}

/* A guard is made for a table alone; what it inherits later is not looked at. */
static void
check_inherits_nothing(Relation table)
{
	Oid			oid = RelationGetRelid(table);

	if (has_superclass(oid) || find_inheritance_children(oid, NoLock) != NIL)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot guard \"%s\" against duplicates, since it is part of an inheritance tree",
						RelationGetRelationName(table)),
				 errdetail("A duplicate may stand in any table of it.")));
}

void
crm_guard_check_index(const CrmMatchSource *source)
{
	const char *name = get_rel_name(source->relation);

	if (!OidIsValid(source->index))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" has no index of match keys", name),
				 errhint("SELECT crm.create_match_index(%s) makes one.",
						 quote_literal_cstr(quote_qualified_identifier(crm_relation_schema(source->relation), name)))));
}

/* Whether a guard keeps duplicates out; if not, it warns of them. */
bool
crm_guard_rejects(const char *action)
{
	if (strcmp(action, "reject") == 0)
		return true;
	if (strcmp(action, "warn") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown action \"%s\"", crm_shown(action, (int) strlen(action))),
				 errhint("A guard's action is reject or warn.")));
	return false;
}

/* ----------
 * making and dropping
 * ----------
 */

static void
execute(const char *sql)
{
	int			code;

	SPI_connect();
	code = SPI_execute(sql, false, 0);
	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql, SPI_result_code_string(code));
	SPI_finish();
}

static bool
is_guard(Oid function)
{
	char	   *name = get_func_name(function);

	return name != NULL && strcmp(name, TRIGGER_FUNCTION) == 0 &&
		get_func_namespace(function) == get_namespace_oid(CRM_SCHEMA, true);
}

/* Name of a table's guard; NULL if it has none. */
static char *
find_guard(Relation table)
{
	int			i;

	for (i = 0; table->trigdesc != NULL && i < table->trigdesc->numtriggers; i++)
		if (is_guard(table->trigdesc->triggers[i].tgfoid))
			return pstrdup(table->trigdesc->triggers[i].tgname);
	return NULL;
}

static char *
probability_text(FunctionCallInfo fcinfo, int arg)
{
	double		probability = PG_ARGISNULL(arg) ? STANDARD_PROBABILITY : crm_min_probability(fcinfo, arg);

	return DatumGetCString(DirectFunctionCall1(float8out, Float8GetDatum(probability)));
}

static char *
table_name(Oid table)
{
	return pstrdup(quote_qualified_identifier(crm_relation_schema(table), get_rel_name(table)));
}

/* Returns the statement that has made the guard. */
PG_FUNCTION_INFO_V1(crm_create_duplicate_guard);
Datum
crm_create_duplicate_guard(PG_FUNCTION_ARGS)
{
	CrmMatchSource source;
	Relation	table;
	char	   *action;
	char	   *probability;
	char	   *there;
	char	   *sql;

	crm_require_argument(fcinfo, 0, "contacts");
	crm_require_argument(fcinfo, 1, "action");
	action = text_to_cstring(PG_GETARG_TEXT_PP(1));
	(void) crm_guard_rejects(action);
	probability = probability_text(fcinfo, 2);
	table = relation_open(PG_GETARG_OID(0), AccessShareLock);
	crm_guard_check_table(table);
	check_inherits_nothing(table);
	crm_match_source_describe(&source, table);
	crm_guard_check_index(&source);
	there = find_guard(table);
	if (there != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("table \"%s\" is guarded already, by trigger \"%s\"", RelationGetRelationName(table), there),
				 errhint("Drop that guard first, with crm.drop_duplicate_guard.")));
	relation_close(table, AccessShareLock);
	sql = psprintf("CREATE TRIGGER " TRIGGER_NAME " AFTER INSERT OR UPDATE ON %s FOR EACH ROW"
				   " EXECUTE FUNCTION " CRM_SCHEMA "." TRIGGER_FUNCTION "(%s, %s)",
				   table_name(source.relation), quote_literal_cstr(action), quote_literal_cstr(probability));
	execute(sql);
	crm_match_source_tell_lack(&source);
	PG_RETURN_TEXT_P(cstring_to_text(sql));
}

/* Returns whether there was one. */
PG_FUNCTION_INFO_V1(crm_drop_duplicate_guard);
Datum
crm_drop_duplicate_guard(PG_FUNCTION_ARGS)
{
	Relation	table;
	char	   *there;
	Oid			oid;

	crm_require_argument(fcinfo, 0, "contacts");
	oid = PG_GETARG_OID(0);
	table = relation_open(oid, AccessShareLock);
	there = find_guard(table);
	relation_close(table, AccessShareLock);
	if (there == NULL)
		PG_RETURN_BOOL(false);
	execute(psprintf("DROP TRIGGER %s ON %s", quote_identifier(there), table_name(oid)));
	PG_RETURN_BOOL(true);
}
