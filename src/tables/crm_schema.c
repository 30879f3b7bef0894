/*
 * crm_schema.c
 *		Making CRMs, listing them, and bringing older ones forward.
 *
 * A schema is a CRM if it has a table "settings" with an integer column
 * "crm_tables_version".  A new CRM is made with the caller's rights and belongs
 * to the caller.  What is done to an existing one is for its owner, and runs as
 * its owner: triggers, rules, policies and functions on its tables may be
 * anybody's, and must not get an administrator's rights.
 *
 * Lock order: the schema (an advisory lock on the name while it does not
 * exist), then "settings", then what the statements lock.
 */
#include "tables/crm_schema.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tables/ddl_script.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

/* ----------
 * arguments
 * ----------
 */

pg_noreturn static void report_null_argument(const char *name);

static void
report_null_argument(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("argument \"%s\" must not be null", name)));
}

char *
crm_name_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		report_null_argument(name);
	return pstrdup(NameStr(*PG_GETARG_NAME(arg)));
}

char *
crm_text_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		report_null_argument(name);
	return text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

/* ----------
 * what a schema is
 * ----------
 */

/*
 * Held to the end of the transaction.  A schema that exists is locked as such;
 * one that does not, by its name, and looked up again.
 */
static void
lock_schema(const char *schema)
{
	char	   *key = psprintf("crm tables of %s", schema);
	uint64		hash = hash_bytes_extended((unsigned char *) key, (int) strlen(key), 0);
	Oid			namespace = get_namespace_oid(schema, true);

	/* a standby has nothing to protect: what would change a CRM fails there */
	if (RecoveryInProgress())
		return;
	if (!OidIsValid(namespace))
	{
		DirectFunctionCall1(pg_advisory_xact_lock_int8, Int64GetDatum((int64) hash));
		AcceptInvalidationMessages();
		namespace = get_namespace_oid(schema, true);
	}
	while (OidIsValid(namespace))
	{
		LockDatabaseObject(NamespaceRelationId, namespace, 0,
						   ShareUpdateExclusiveLock);
		if (get_namespace_oid(schema, true) == namespace)
			return;
		/* renamed or dropped while we waited */
		namespace = get_namespace_oid(schema, true);
	}
}

/* The table that marks a schema as a CRM; InvalidOid if it has none. */
static Oid
find_settings(const char *schema)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			settings;
	AttrNumber	version;

	if (!OidIsValid(namespace))
		return InvalidOid;
	settings = get_relname_relid("settings", namespace);
	if (!OidIsValid(settings) || get_rel_relkind(settings) != RELKIND_RELATION)
		return InvalidOid;
	version = get_attnum(settings, "crm_tables_version");
	return version != InvalidAttrNumber && get_atttype(settings, version) == INT4OID ?
		settings : InvalidOid;
}

static Oid
get_settings(const char *schema)
{
	Oid			settings = find_settings(schema);

	if (!OidIsValid(settings))
		ereport(ERROR,
				(errcode(OidIsValid(get_namespace_oid(schema, true)) ?
						 ERRCODE_UNDEFINED_TABLE : ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("schema \"%s\" is not a CRM", schema),
				 errdetail("It has no table \"settings\" with a column \"crm_tables_version\"."),
				 errhint("crm.list_schemas() shows every CRM; crm.create_tables(%s) makes one.",
						 quote_literal_cstr(schema))));
	return settings;
}

static Oid
owner_of(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

/* Members of the owning role, superusers included, may act as the owner. */
static bool
may_maintain(Oid settings)
{
	Oid			owner = owner_of(settings);

	return OidIsValid(owner) && has_privs_of_role(GetUserId(), owner);
}

/*
 * The owner's code must not reach the caller through settings either: what it
 * sets is undone with the nest level.
 */
static void
become_owner(Oid settings, CrmMaintenance *work)
{
	work->guc_level = NewGUCNestLevel();
	crm_ddl_lock_settings();
	GetUserIdAndSecContext(&work->saved_user, &work->saved_security);
	SetUserIdAndSecContext(owner_of(settings),
						   work->saved_security | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

/* What stands for a version where there is no row of settings. */
#define NO_VERSION PG_INT32_MIN

/*
 * Version of the CRM's tables, or NO_VERSION.  Reads the table itself, under a
 * lock that the caller holds: no policy, rule or view has a say, so nobody's
 * code runs.
 */
static int
read_tables_version(Oid settings, Snapshot snapshot)
{
	Relation	relation = table_open(settings, NoLock);
	AttrNumber	column = get_attnum(settings, "crm_tables_version");
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	bool		is_null = true;
	int			version = NO_VERSION;

	if (column != InvalidAttrNumber && get_atttype(settings, column) == INT4OID &&
		table_scan_getnextslot(scan, ForwardScanDirection, slot))
		version = DatumGetInt32(slot_getattr(slot, column, &is_null));
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return is_null ? NO_VERSION : version;
}

/*
 * The version as the newest snapshot has it: the statement's own may be older
 * than what the previous holder of the locks committed.
 */
static int
newest_tables_version(Oid settings)
{
	int			version;

	PushActiveSnapshot(GetLatestSnapshot());
	version = read_tables_version(settings, GetActiveSnapshot());
	PopActiveSnapshot();
	return version;
}

/* Tables and views of the CRM that belong to somebody else than "settings". */
static char *
list_foreign_objects(const char *schema, Oid owner)
{
	CrmDdlVariables variables = {schema, "USD"};
	char	   *script = psprintf("%s%s", crm_ddl_tables(&variables, false),
								  crm_ddl_views(&variables, false));
	Oid			namespace = get_namespace_oid(schema, false);
	StringInfoData names;
	ListCell   *cell;

	initStringInfo(&names);
	foreach(cell, pg_parse_query(script))
	{
		Node	   *statement = lfirst_node(RawStmt, cell)->stmt;
		bool		is_function;
		const char *name = crm_ddl_made_name(statement, &is_function);
		Oid			relation;

		if (!IsA(statement, CreateStmt) && !IsA(statement, ViewStmt))
			continue;
		relation = get_relname_relid(name, namespace);
		if (OidIsValid(relation) && owner_of(relation) != owner)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", name);
	}
	return names.data;
}

static void
check_one_owner(const char *schema, Oid owner)
{
	char	   *names = list_foreign_objects(schema, owner);

	if (names[0] != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("parts of the CRM in schema \"%s\" belong to another role than its settings",
						schema),
				 errdetail("They are: %s.", names),
				 errhint("Give them back to \"%s\" with ALTER TABLE ... OWNER TO or ALTER VIEW ... OWNER TO.",
						 GetUserNameFromId(owner, false))));
}

/*
 * The table that marks the CRM, locked, so that it can be neither replaced nor
 * given away, for a caller who may act as its owner.
 */
static Oid
lock_settings_table(const char *schema)
{
	Oid			settings = get_settings(schema);

	LockRelationOid(settings, AccessShareLock);
	if (find_settings(schema) != settings)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"settings\" of schema \"%s\" was replaced meanwhile",
						schema)));
	if (!may_maintain(settings))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE, "settings");
	return settings;
}

/*
 * Locks a CRM for work that nobody else may do at once, and becomes its owner.
 * Undone by crm_end_maintenance or, after an error, by the end of the
 * (sub)transaction.
 */
void
crm_begin_maintenance(const char *schema, CrmMaintenance *work)
{
	Oid			settings;

	lock_schema(schema);
	settings = lock_settings_table(schema);
	work->version = newest_tables_version(settings);
	check_one_owner(schema, owner_of(settings));
	become_owner(settings, work);
}

void
crm_end_maintenance(const CrmMaintenance *work)
{
	AtEOXact_GUC(false, work->guc_level);
	SetUserIdAndSecContext(work->saved_user, work->saved_security);
}

static void
check_version_is_known(const char *schema, int version)
{
	if (version == NO_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("settings of schema \"%s\" have no row", schema),
				 errdetail("The row names the version of the tables."),
				 errhint("Load the data that belongs to the tables.")));
	if (version < 1 || version > CRM_TABLES_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("tables of schema \"%s\" have version %d, which this library does not know",
						schema, version),
				 errdetail("It knows versions 1 to %d.", CRM_TABLES_VERSION),
				 errhint("Install the newer version of the extension and run ALTER EXTENSION crm UPDATE.")));
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

/* The arguments that create_tables and create_tables_sql share. */
static char *
script_from_arguments(FunctionCallInfo fcinfo, char **schema)
{
	CrmDdlVariables variables;
	char	   *triggers;
	char	   *tables;

	*schema = crm_name_argument(fcinfo, 0, "in_schema");
	triggers = crm_text_argument(fcinfo, 1, "triggers");
	variables.schema = *schema;
	variables.home_currency = crm_text_argument(fcinfo, 2, "home_currency");
	check_schema_name(*schema);
	check_currency(variables.home_currency);

	tables = crm_ddl_tables(&variables, wants_triggers(triggers, *schema));
	return psprintf("%s%s", tables, crm_ddl_views(&variables, false));
}

PG_FUNCTION_INFO_V1(crm_create_tables_sql);
Datum
crm_create_tables_sql(PG_FUNCTION_ARGS)
{
	char	   *schema;
	char	   *script = script_from_arguments(fcinfo, &schema);

	PG_RETURN_TEXT_P(cstring_to_text(psprintf(
		"-- A CRM, as crm.create_tables makes it.  Run it in one transaction;\n"
		"-- search_path stays set until its end.\n"
		"SET LOCAL search_path TO pg_catalog, pg_temp;\n"
		"CREATE SCHEMA IF NOT EXISTS %s;\n\n%s",
		quote_identifier(schema), script)));
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

/*
 * A second call changes nothing and is no error if the tables are there.
 * Indexes and constraints are the owner's to drop; views can be made again.
 */
static char *
report_existing_crm(const char *schema, const char *script)
{
	char	   *tables = list_names(script, TABLE_NAMES, schema, false);
	char	   *views = list_names(script, VIEW_AND_FUNCTION_NAMES, schema, false);
	int			version = newest_tables_version(lock_settings_table(schema));
	bool		is_old = version < CRM_TABLES_VERSION;

	check_version_is_known(schema, version);
	if (tables[0] != '\0' && !is_old)
		report_missing_tables(schema, tables);
	ereport(NOTICE,
			(errmsg("schema \"%s\" is a CRM already, tables version %d; nothing was changed",
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
	char	   *schema;
	char	   *script = script_from_arguments(fcinfo, &schema);

	lock_schema(schema);
	if (OidIsValid(find_settings(schema)))
		PG_RETURN_TEXT_P(cstring_to_text(report_existing_crm(schema, script)));

	if (!OidIsValid(get_namespace_oid(schema, true)))
		crm_ddl_run(psprintf("CREATE SCHEMA %s", quote_identifier(schema)));
	else
		check_names_are_free(schema, script);
	crm_ddl_run(script);

	PG_RETURN_TEXT_P(cstring_to_text(psprintf("schema %s is a CRM, tables version %d",
											  quote_identifier(schema),
											  CRM_TABLES_VERSION)));
}

/* ----------
 * upgrade_tables
 * ----------
 */

/* The steps from a version on; NULL if it is the newest. */
static char *
upgrade_script(const char *schema, int version)
{
	CrmDdlVariables variables = {schema, NULL};

	check_version_is_known(schema, version);
	return version == CRM_TABLES_VERSION ? NULL : crm_ddl_upgrade(&variables, version);
}

PG_FUNCTION_INFO_V1(crm_upgrade_tables_sql);
Datum
crm_upgrade_tables_sql(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	char	   *script;

	script = upgrade_script(schema,
							read_tables_version(lock_settings_table(schema),
												GetActiveSnapshot()));
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
	script = upgrade_script(schema, work.version);
	if (script != NULL)
	{
		crm_ddl_run(script);
		crm_restore_view_grants(schema);
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
	Oid			settings = find_settings(schema);

	if (!OidIsValid(settings) || !may_maintain(settings) ||
		!ConditionalLockRelationOid(settings, AccessShareLock))
		return NO_VERSION;
	if (find_settings(schema) != settings || !may_maintain(settings))
		return NO_VERSION;
	return read_tables_version(settings, GetActiveSnapshot());
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
	nulls[2] = version == NO_VERSION;
	values[3] = Int32GetDatum(CRM_TABLES_VERSION);
	values[4] = (Datum) 0;
	nulls[4] = version == NO_VERSION || version == CRM_TABLES_VERSION;
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
