/*
 * crm_maintenance.c
 *		Finding a CRM, locking it, and working on it as its owner.
 *
 * A schema is a CRM if it has a table "settings" with an integer column
 * "crm_tables_version".  What is done to an existing CRM is for its owner, and
 * runs as its owner: triggers, rules, policies and functions on its tables may
 * be anybody's, and must not get an administrator's rights.  The version is
 * read from the table itself, so that looking runs nobody's code at all.
 *
 * Lock order: the schema (an advisory lock on the name while it does not
 * exist), then "settings", then what the statements lock.
 */
#include "tables/crm_schema.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xlog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lmgr.h"
#include "tables/ddl_script.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/*
 * Held to the end of the transaction.  A schema that exists is locked as such;
 * one that does not, by its name, and looked up again.
 */
void
crm_lock_schema(const char *schema)
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
Oid
crm_find_settings(const char *schema)
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
	Oid			settings = crm_find_settings(schema);

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

/* Members of the owning role, superusers included, may act as the owner. */
bool
crm_may_maintain(Oid settings)
{
	Oid			owner = crm_relation_owner(settings);

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
	SetUserIdAndSecContext(crm_relation_owner(settings),
						   work->saved_security | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
}

/*
 * A column of the settings' row; false if there is none, or it is NULL.  Reads
 * the table itself, under a lock that the caller holds: no policy, rule or view
 * has a say, so nobody's code runs.
 */
static bool
read_setting(Oid settings, const char *name, Oid type, Snapshot snapshot, Datum *value)
{
	Relation	relation = table_open(settings, NoLock);
	AttrNumber	column = get_attnum(settings, name);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	bool		is_null = true;

	if (column != InvalidAttrNumber && get_atttype(settings, column) == type &&
		table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		*value = slot_getattr(slot, column, &is_null);
		if (!is_null)
			*value = datumCopy(*value, get_typbyval(type), get_typlen(type));
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return !is_null;
}

/* Version of the CRM's tables, or CRM_NO_VERSION. */
int
crm_read_tables_version(Oid settings, Snapshot snapshot)
{
	Datum		version;

	return read_setting(settings, "crm_tables_version", INT4OID, snapshot, &version) ?
		DatumGetInt32(version) : CRM_NO_VERSION;
}

/*
 * The version as the newest snapshot has it: the statement's own may be older
 * than what the previous holder of the locks committed.
 */
int
crm_newest_tables_version(Oid settings)
{
	int			version;

	PushActiveSnapshot(GetLatestSnapshot());
	version = crm_read_tables_version(settings, GetActiveSnapshot());
	PopActiveSnapshot();
	return version;
}

/* Whether the schema has the matching part alone; older versions were always whole. */
bool
crm_has_matching_only(Oid settings)
{
	Datum		parts;
	bool		result;

	PushActiveSnapshot(GetLatestSnapshot());
	result = read_setting(settings, "parts", TEXTOID, GetActiveSnapshot(), &parts) &&
		strcmp(TextDatumGetCString(parts), "matching") == 0;
	PopActiveSnapshot();
	return result;
}

/* Tables and views of the CRM that belong to somebody else than "settings". */
static char *
list_foreign_objects(const char *schema, bool is_matching_only, Oid owner)
{
	CrmDdlVariables variables = {.schema = schema, .home_currency = "USD",
	.is_matching_only = is_matching_only};
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
		if (OidIsValid(relation) && crm_relation_owner(relation) != owner)
			appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "", name);
	}
	return names.data;
}

static void
check_one_owner(const char *schema, bool is_matching_only, Oid owner)
{
	char	   *names = list_foreign_objects(schema, is_matching_only, owner);

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
Oid
crm_lock_settings_table(const char *schema)
{
	Oid			settings = get_settings(schema);

	LockRelationOid(settings, AccessShareLock);
	if (crm_find_settings(schema) != settings)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"settings\" of schema \"%s\" was replaced meanwhile",
						schema)));
	if (!crm_may_maintain(settings))
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

	crm_lock_schema(schema);
	settings = crm_lock_settings_table(schema);
	work->version = crm_newest_tables_version(settings);
	work->is_matching_only = crm_has_matching_only(settings);
	check_one_owner(schema, work->is_matching_only, crm_relation_owner(settings));
	become_owner(settings, work);
}

void
crm_end_maintenance(const CrmMaintenance *work)
{
	AtEOXact_GUC(false, work->guc_level);
	SetUserIdAndSecContext(work->saved_user, work->saved_security);
}

/* Raises an error for a version that this library cannot work with. */
void
crm_check_version_is_known(const char *schema, int version)
{
	if (version == CRM_NO_VERSION)
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
