/*
 * crm.c
 *		The door of the library: magic block, settings, installation check.
 *
 * Works in and out of shared_preload_libraries.  No setting changes what an
 * IMMUTABLE function computes: one is for the way to it, one is a word for the
 * history; crm.phone_library is defined by its module.
 */
#include "crm.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

CRM_MODULE_MAGIC("crm");

extern PGDLLEXPORT void _PG_init(void);

bool		crm_numeric_fast_path = true;
char	   *crm_actor = NULL;

void
_PG_init(void)
{
	DefineCustomBoolVariable("crm.numeric_fast_path",
							 "Reads the digits of numeric values in place.",
							 "Off makes every sum use the server's numeric arithmetic: "
							 "the same results, three to five times slower.",
							 &crm_numeric_fast_path,
							 true,
							 PGC_USERSET,
							 GUC_NOT_IN_SAMPLE,
							 NULL, NULL, NULL);
	DefineCustomStringVariable("crm.actor",
							   "Who works, in the application's words.",
							   "Kept in the history of deals beside the role.",
							   &crm_actor,
							   "",
							   PGC_USERSET,
							   0,
							   NULL, NULL, NULL);
	crm_phone_loader_init();
	MarkGUCPrefixReserved("crm");

	crm_deal_stage_init();
	crm_catalog_changes_init();
}

/* A user's text for a message, cut between characters if it is long. */
char *
crm_shown(const char *bytes, int length)
{
	return pnstrdup(bytes, pg_mbcliplen(bytes, length, CRM_SHOWN_LENGTH));
}

/* Raises an error for an argument that is NULL. */
void
crm_require_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", name)));
}

/* InvalidOid if there is no such relation. */
Oid
crm_relation_owner(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Name of the schema that a relation is in; an error if there is no such relation. */
char *
crm_relation_schema(Oid relation)
{
	char	   *schema = get_namespace_name(get_rel_namespace(relation));

	if (schema == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relation)));
	return schema;
}

/* A bigint[]. */
Datum
crm_array_of_ids(Datum *ids, int count)
{
	return PointerGetDatum(construct_array(ids, count, INT8OID, sizeof(int64),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

/* A text[]. */
Datum
crm_array_of_texts(Datum *texts, int count)
{
	return PointerGetDatum(construct_array(texts, count, TEXTOID, -1, false, TYPALIGN_INT));
}

PG_FUNCTION_INFO_V1(crm_version);
Datum
crm_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(CRM_VERSION));
}

/*
 * True if the schema belongs to another role than the extension and holds
 * something besides the extension's members.  One look at pg_depend serves
 * all classes of objects: whatever lives in a schema depends on it.
 */
static bool
schema_is_anothers(Oid schema)
{
	Oid			types[2] = {OIDOID, OIDOID};
	Datum		values[2];
	bool		found;

	values[0] = ObjectIdGetDatum(schema);
	values[1] = ObjectIdGetDatum(CurrentExtensionObject);

	SPI_connect();
	if (SPI_execute_with_args(
			"SELECT 1 FROM pg_catalog.pg_namespace AS n"
			" JOIN pg_catalog.pg_extension AS e"
			"  ON e.oid OPERATOR(pg_catalog.=) $2"
			"  AND e.extowner OPERATOR(pg_catalog.<>) n.nspowner"
			" JOIN pg_catalog.pg_depend AS d"
			"  ON d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_namespace'::pg_catalog.regclass"
			"  AND d.refobjid OPERATOR(pg_catalog.=) n.oid"
			"  AND d.classid OPERATOR(pg_catalog.<>) 'pg_catalog.pg_extension'::pg_catalog.regclass"
			" WHERE n.oid OPERATOR(pg_catalog.=) $1"
			" AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend AS m"
			"  WHERE m.classid OPERATOR(pg_catalog.=) d.classid"
			"  AND m.objid OPERATOR(pg_catalog.=) d.objid"
			"  AND m.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass"
			"  AND m.refobjid OPERATOR(pg_catalog.=) $2)",
			2, types, values, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read pg_depend");
	found = SPI_processed > 0;
	SPI_finish();

	return found;
}

/*
 * Called once, by the install script.  An empty schema is what pg_dump leaves
 * before CREATE EXTENSION, whoever owns it; a filled one is accepted from the
 * extension's owner alone.
 */
PG_FUNCTION_INFO_V1(crm_check_schema);
Datum
crm_check_schema(PG_FUNCTION_ARGS)
{
	Oid			schema = get_namespace_oid(CRM_SCHEMA, false);

	if (!creating_extension)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("only the install script may check the schema")));

	if (schema_is_anothers(schema))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("schema \"%s\" belongs to another role and is not empty",
						CRM_SCHEMA),
				 errdetail("Objects in it could take the place of the extension's."),
				 errhint("Drop or rename the schema, or create the extension as its owner.")));

	PG_RETURN_BOOL(true);
}
