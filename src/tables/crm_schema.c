/*
 * crm_schema.c
 *		Making CRMs, listing them, and bringing older ones forward.
 *
 * A new CRM is made with the caller's rights and belongs to the caller; what is
 * done to an existing one, see crm_maintenance.c.
 */
#include "tables/crm_schema.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tables/ddl_script.h"
#include "tables/table_triggers.h"
#include "tables/timeline_sources.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* ----------
 * arguments
 * ----------
 */

char *
crm_name_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	crm_require_argument(fcinfo, arg, name);
	return pstrdup(NameStr(*PG_GETARG_NAME(arg)));
}

char *
crm_text_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	crm_require_argument(fcinfo, arg, name);
	return text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

static void
check_schema_name(const char *schema)
{
	if (strcmp(schema, CRM_SCHEMA) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" belongs to the extension", schema),
				 errhint("Choose a schema of your own, such as \"sales\"; it is made if it does not exist.")));
	if (schema[0] == '\0' || strncmp(schema, "pg_", 3) == 0 ||
		strcmp(schema, "information_schema") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" cannot hold a CRM", schema),
				 errhint("Choose a schema of your own, such as \"sales\"; it is made if it does not exist.")));
}

/* ----------
 * names that a CRM uses
 * ----------
 */

static bool
function_exists(const char *name, Oid namespace)
{
	CatCList   *list = SearchSysCacheList1(PROCNAMEARGSNSP, CStringGetDatum(name));
	bool		found = false;
	int			i;

	for (i = 0; i < list->n_members && !found; i++)
		found = ((Form_pg_proc) GETSTRUCT(&list->members[i]->tuple))->pronamespace == namespace;
	ReleaseSysCacheList(list);
	return found;
}

static bool
name_exists(const char *name, bool is_function, Oid namespace)
{
	if (is_function)
		return function_exists(name, namespace);
	return OidIsValid(get_relname_relid(name, namespace)) ||
		SearchSysCacheExists2(TYPENAMENSP, CStringGetDatum(name),
							  ObjectIdGetDatum(namespace));
}

/* Which statements of a script list_names looks at. */
typedef enum NameKind
{
	ALL_NAMES,
	TABLE_NAMES,
	VIEW_AND_FUNCTION_NAMES
} NameKind;

static bool
is_of_kind(Node *statement, NameKind kind)
{
	if (kind == TABLE_NAMES)
		return IsA(statement, CreateStmt);
	if (kind == VIEW_AND_FUNCTION_NAMES)
		return IsA(statement, ViewStmt) || IsA(statement, CreateFunctionStmt);
	return true;
}

/* Appends the indexes of a table's keys that exist in the schema. */
static void
append_existing_keys(StringInfo names, Node *statement, Oid namespace)
{
	ListCell   *cell;

	if (!IsA(statement, CreateStmt))
		return;
	foreach(cell, ((CreateStmt *) statement)->tableElts)
	{
		Constraint *key = (Constraint *) lfirst(cell);

		if (IsA(key, Constraint) && key->conname != NULL &&
			(key->contype == CONSTR_PRIMARY || key->contype == CONSTR_UNIQUE) &&
			name_exists(key->conname, false, namespace))
			appendStringInfo(names, "%s%s", names->len > 0 ? ", " : "", key->conname);
	}
}

/* The names of the script that exist in the schema, or that do not. */
static char *
list_names(const char *script, NameKind kind, const char *schema, bool existing)
{
	Oid			namespace = get_namespace_oid(schema, false);
	StringInfoData names;
	ListCell   *cell;

	initStringInfo(&names);
	foreach(cell, pg_parse_query(script))
	{
		Node	   *statement = lfirst_node(RawStmt, cell)->stmt;
		bool		is_function;
		const char *name = crm_ddl_made_name(statement, &is_function);

		if (existing)
			append_existing_keys(&names, statement, namespace);
		if (name == NULL || !is_of_kind(statement, kind) ||
			name_exists(name, is_function, namespace) != existing)
			continue;
		appendStringInfo(&names, "%s%s%s", names.len > 0 ? ", " : "",
						 name, is_function ? "()" : "");
	}
	return names.data;
}

/* ----------
 * create_tables
 * ----------
 */

/* Whether a distributed engine manages the schema as a tenant. */
static bool
is_distributed_schema(const char *schema)
{
	bool		found;

	if (!OidIsValid(get_relname_relid("pg_dist_schema", PG_CATALOG_NAMESPACE)) ||
		!OidIsValid(get_namespace_oid(schema, true)))
		return false;
	SPI_connect();
	found = SPI_execute(psprintf("SELECT FROM pg_catalog.pg_dist_schema"
								 " WHERE schemaid OPERATOR(pg_catalog.=) %u",
								 get_namespace_oid(schema, false)),
						true, 1) == SPI_OK_SELECT && SPI_processed > 0;
	SPI_finish();
	return found;
}

/* auto: on, except where a distributed engine refuses triggers. */
static bool
wants_triggers(const char *triggers, const char *schema)
{
	if (strcmp(triggers, "on") == 0)
		return true;
	if (strcmp(triggers, "off") == 0)
		return false;
	if (strcmp(triggers, "auto") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("triggers cannot be \"%s\"", triggers),
				 errhint("Write auto, on or off.")));
	if (!is_distributed_schema(schema))
		return true;
	ereport(NOTICE,
			(errmsg("schema \"%s\" is distributed: the CRM is made without triggers", schema),
			 errhint("Applications write stage, probability, closed_at and updated_at themselves; triggers => 'on' makes the triggers all the same.")));
	return false;
}

static void
check_currency(const char *currency)
{
	if (strlen(currency) != 3 || strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("currency \"%s\" is not a code of three capital letters", currency),
				 errhint("Write an ISO 4217 code, such as USD or EUR.")));
}

/* Whether the argument "parts" asks for the matching part alone; NULL means all. */
static bool
wants_matching_only(FunctionCallInfo fcinfo, int arg)
{
	char	   *parts;

	if (PG_ARGISNULL(arg))
		return false;
	parts = text_to_cstring(PG_GETARG_TEXT_PP(arg));
	if (strcmp(parts, "all") != 0 && strcmp(parts, "matching") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("parts cannot be \"%s\"", crm_shown(parts, (int) strlen(parts))),
				 errhint("Write all, for a whole CRM, or matching, for finding duplicates in tables of your own.")));
	return strcmp(parts, "matching") == 0;
}

/* The arguments that create_tables and create_tables_sql share. */
static char *
script_from_arguments(FunctionCallInfo fcinfo, CrmDdlVariables *variables)
{
	char	   *triggers;
	char	   *tables;

	memset(variables, 0, sizeof(*variables));
	variables->schema = crm_name_argument(fcinfo, 0, "in_schema");
	triggers = crm_text_argument(fcinfo, 1, "triggers");
	variables->home_currency = crm_text_argument(fcinfo, 2, "home_currency");
	variables->is_matching_only = wants_matching_only(fcinfo, 3);
	check_schema_name(variables->schema);
	check_currency(variables->home_currency);

	tables = crm_ddl_tables(variables, wants_triggers(triggers, variables->schema));
	return psprintf("%s%s", tables, crm_ddl_views(variables, false));
}

PG_FUNCTION_INFO_V1(crm_create_tables_sql);
Datum
crm_create_tables_sql(PG_FUNCTION_ARGS)
{
	CrmDdlVariables variables;
	char	   *script = script_from_arguments(fcinfo, &variables);

	PG_RETURN_TEXT_P(cstring_to_text(psprintf(
		"-- %s, as crm.create_tables makes it.  Run it in one transaction;\n"
		"-- search_path stays set until its end.\n"
		"SET LOCAL search_path TO pg_catalog, pg_temp;\n"
		"CREATE SCHEMA IF NOT EXISTS %s;\n\n%s",
		variables.is_matching_only ? "The matching part of a CRM" : "A CRM",
		quote_identifier(variables.schema), script)));
}

static void
report_missing_tables(const char *schema, const char *missing)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("schema \"%s\" is a CRM, but not a complete one", schema),
			 errdetail("Missing tables: %s.", missing),
			 errhint("Restore them from a backup or from crm.create_tables_sql, or make another CRM in a new schema.")));
}

/* Names of the CRM's tables, or of its views and functions, that are missing. */
static char *
list_missing(const CrmDdlVariables *variables, NameKind kind)
{
	return list_names(kind == TABLE_NAMES ? crm_ddl_tables(variables, false) :
					  crm_ddl_views(variables, false), kind, variables->schema, false);
}

/*
 * A second call changes nothing and is no error if the tables are there.
 * Indexes and constraints are the owner's to drop; views can be made again.  A
 * whole CRM has the matching part; the part is not made a whole, since its
 * functions take other arguments.
 */
static char *
report_existing_crm(CrmDdlVariables *variables)
{
	const char *schema = variables->schema;
	Oid			settings = crm_lock_settings_table(schema);
	int			version = crm_newest_tables_version(settings);
	bool		is_old = version < CRM_TABLES_VERSION;
	bool		wants_part = variables->is_matching_only;
	char	   *tables;
	char	   *views;

	crm_check_version_is_known(schema, version);
	variables->is_matching_only = crm_has_matching_only(settings);
	if (variables->is_matching_only && !wants_part)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" has the matching part of a CRM, which cannot become a whole one",
						schema),
				 errhint("Make the CRM in a schema of its own.")));
	tables = list_missing(variables, TABLE_NAMES);
	views = list_missing(variables, VIEW_AND_FUNCTION_NAMES);
	if (tables[0] != '\0' && !is_old)
		report_missing_tables(schema, tables);
	ereport(NOTICE,
			(wants_part == variables->is_matching_only ?
			 errmsg("schema \"%s\" is a CRM already, tables version %d; nothing was changed",
					schema, version) :
			 errmsg("schema \"%s\" is a whole CRM already, tables version %d, which has the matching part since version 5; nothing was changed",
					schema, version),
			 !is_old && views[0] != '\0' ?
			 errdetail("Missing views and functions: %s.", views) : 0,
			 is_old ?
			 errhint("crm.upgrade_tables(%s) brings it to version %d.",
					 quote_literal_cstr(schema), CRM_TABLES_VERSION) :
			 views[0] != '\0' ?
			 errhint("crm.create_views(%s) makes them again.",
					 quote_literal_cstr(schema)) : 0));
	return psprintf("schema %s is a CRM already, tables version %d",
					quote_identifier(schema), version);
}

static void
check_names_are_free(const char *schema, const char *script)
{
	char	   *existing = list_names(script, ALL_NAMES, schema, true);

	if (existing[0] != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("schema \"%s\" has objects with names that a CRM uses", schema),
				 errdetail("In the way: %s.", existing),
				 errhint("Choose another schema; the extension's functions also work on tables of your own.")));
}

PG_FUNCTION_INFO_V1(crm_create_tables);
Datum
crm_create_tables(PG_FUNCTION_ARGS)
{
	CrmDdlVariables variables;
	char	   *script = script_from_arguments(fcinfo, &variables);
	const char *schema = variables.schema;

	crm_lock_schema(schema);
	if (OidIsValid(crm_find_settings(schema)))
		PG_RETURN_TEXT_P(cstring_to_text(report_existing_crm(&variables)));

	if (!OidIsValid(get_namespace_oid(schema, true)))
		crm_ddl_run(psprintf("CREATE SCHEMA %s", quote_identifier(schema)));
	else
		check_names_are_free(schema, script);
	crm_ddl_run(script);

	PG_RETURN_TEXT_P(cstring_to_text(psprintf(variables.is_matching_only ?
											  "schema %s has the matching part of a CRM, tables version %d" :
											  "schema %s is a CRM, tables version %d",
											  quote_identifier(schema),
											  CRM_TABLES_VERSION)));
}

/* ----------
 * upgrade_tables
 * ----------
 */

/* Whether the CRM was made with triggers. */
static bool
has_triggers(const char *schema)
{
	Oid			deals = get_relname_relid("deals", get_namespace_oid(schema, false));
	Relation	relation;
	bool		result;

	if (!OidIsValid(deals) || get_rel_relkind(deals) == RELKIND_VIEW)
		return false;
	relation = relation_open(deals, AccessShareLock);
	result = crm_find_trigger(relation, "_keep_deal_rules") != CRM_TRIGGER_MISSING;
	relation_close(relation, NoLock);
	return result;
}

/*
 * An upgrade replaces views and functions; those of the user's that bear a name
 * that only the new version has must not be among them.
 */
static void
check_new_names(const char *schema, int version)
{
	static const struct
	{
		const char *name;
		bool		is_function;
		int			since;
	}			new_names[] = {
		{"timeline", false, 3}, {"timeline_page", false, 3}, {"set_stage", true, 3},
		{"backfill_deal_history", true, 3}, {"contact_timeline", true, 3},
		{"company_timeline", true, 3}, {"deal_timeline", true, 3},
		{"import_report", false, 4}, {"undo_report", false, 4},
		{"phone_changes", false, 4}, {"import_companies", true, 4},
		{"import_contacts", true, 4}, {"import_deals", true, 4},
		{"import_activities", true, 4}, {"undo_import", true, 4},
		{"renormalize_phones", true, 4},
		{"matching_models", false, 5}, {"match_decisions", false, 5},
		{"duplicate_candidates", false, 5}, {"match_queue", false, 5},
		{"match_refreshes", false, 5},
		{"duplicate_review", false, 5}, {"duplicate_pairs", false, 5},
		{"duplicate_members", false, 5}, {"contact_matches", false, 5},
		{"match_explanation", false, 5}, {"matching_figures", false, 5},
		{"matching_report", true, 5}, {"find_duplicates", true, 5},
		{"duplicate_groups", true, 5}, {"match_contact", true, 5},
		{"duplicates_of", true, 5}, {"explain_match", true, 5},
		{"train_matching", true, 5}, {"mark_same", true, 5},
		{"mark_different", true, 5}, {"forget_decision", true, 5},
		{"create_match_queue", true, 5}, {"drop_match_queue", true, 5},
		{"refresh_duplicates", true, 5}
	};
	Oid			namespace = get_namespace_oid(schema, false);
	StringInfoData names;
	int			i;

	initStringInfo(&names);
	for (i = 0; i < (int) lengthof(new_names); i++)
		if (version < new_names[i].since &&
			name_exists(new_names[i].name, new_names[i].is_function, namespace))
			appendStringInfo(&names, "%s%s%s", names.len > 0 ? ", " : "", new_names[i].name,
							 new_names[i].is_function ? "()" : "");
	if (names.len > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("schema \"%s\" has objects with names that the upgrade uses", schema),
				 errdetail("In the way: %s.", names.data),
				 errhint("Rename them, and upgrade again.")));
}

/* The steps from a version on; NULL if it is the newest. */
static char *
upgrade_script(const char *schema, int version, bool is_matching_only)
{
	CrmDdlVariables variables = {.schema = schema, .is_matching_only = is_matching_only};

	crm_check_version_is_known(schema, version);
	if (version == CRM_TABLES_VERSION)
		return NULL;
	check_new_names(schema, version);
	crm_read_own_timeline(&variables);
	return crm_ddl_upgrade(&variables, version, has_triggers(schema));
}

PG_FUNCTION_INFO_V1(crm_upgrade_tables_sql);
Datum
crm_upgrade_tables_sql(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	Oid			settings = crm_lock_settings_table(schema);
	char	   *script;

	script = upgrade_script(schema, crm_read_tables_version(settings, GetActiveSnapshot()),
							crm_has_matching_only(settings));
	if (script == NULL)
		PG_RETURN_TEXT_P(cstring_to_text("-- The tables are up to date.\n"));
	PG_RETURN_TEXT_P(cstring_to_text(psprintf(
		"-- Run it as the owner of the tables, in one transaction; search_path\n"
		"-- stays set until its end.\n"
		"SET LOCAL search_path TO pg_catalog, pg_temp;\n\n%s",
		script)));
}

PG_FUNCTION_INFO_V1(crm_upgrade_tables);
Datum
crm_upgrade_tables(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	CrmMaintenance work;
	char	   *script;

	crm_begin_maintenance(schema, &work);
	script = upgrade_script(schema, work.version, work.is_matching_only);
	if (script != NULL)
	{
		crm_ddl_run(script);
		crm_restore_view_grants(schema, &work);
	}
	crm_end_maintenance(&work);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("schema %s %s tables version %d",
											  quote_identifier(schema),
											  script != NULL ? "was brought to" : "already has",
											  CRM_TABLES_VERSION)));
}

/* ----------
 * list_schemas
 * ----------
 */

/*
 * Version of a CRM that the caller did not name: only for those who may act as
 * its owner, and without waiting for a lock.
 */
static int
version_for_list(const char *schema)
{
	Oid			settings = crm_find_settings(schema);

	if (!OidIsValid(settings) || !crm_may_maintain(settings) ||
		!ConditionalLockRelationOid(settings, AccessShareLock))
		return CRM_NO_VERSION;
	if (crm_find_settings(schema) != settings || !crm_may_maintain(settings))
		return CRM_NO_VERSION;
	return crm_read_tables_version(settings, GetActiveSnapshot());
}

static void
put_schema(ReturnSetInfo *result, const char *schema, Datum owner)
{
	Datum		values[5];
	bool		nulls[5] = {false, false, false, false, false};
	int			version = version_for_list(schema);

	values[0] = CStringGetTextDatum(schema);
	values[1] = owner;
	values[2] = Int32GetDatum(version);
	nulls[2] = version == CRM_NO_VERSION;
	values[3] = Int32GetDatum(CRM_TABLES_VERSION);
	values[4] = (Datum) 0;
	nulls[4] = version == CRM_NO_VERSION || version == CRM_TABLES_VERSION;
	if (!nulls[4])
		values[4] = CStringGetTextDatum(version > CRM_TABLES_VERSION ?
										"update the extension" :
										psprintf("SELECT crm.upgrade_tables(%s)",
												 quote_literal_cstr(schema)));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(crm_list_schemas);
Datum
crm_list_schemas(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SPITupleTable *found;
	uint64		count;
	uint64		row;
	bool		is_null;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	if (SPI_execute("SELECT n.nspname::pg_catalog.text,"
					" pg_catalog.pg_get_userbyid(c.relowner)::pg_catalog.text"
					" FROM pg_catalog.pg_class AS c"
					" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) c.relnamespace"
					" JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) c.oid"
					" WHERE c.relname OPERATOR(pg_catalog.=) 'settings'"
					" AND c.relkind OPERATOR(pg_catalog.=) 'r'"
					" AND a.attname OPERATOR(pg_catalog.=) 'crm_tables_version'"
					" AND a.atttypid OPERATOR(pg_catalog.=) 'pg_catalog.int4'::pg_catalog.regtype"
					" AND NOT a.attisdropped ORDER BY 1", true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read pg_class");
	found = SPI_tuptable;
	count = SPI_processed;
	for (row = 0; row < count; row++)
		put_schema(result, SPI_getvalue(found->vals[row], found->tupdesc, 1),
				   SPI_getbinval(found->vals[row], found->tupdesc, 2, &is_null));
	SPI_finish();

	return (Datum) 0;
}
