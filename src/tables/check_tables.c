/*
 * check_tables.c
 *		crm.check_tables(): what an upgrade left stale in a CRM.
 *
 * Runs as the owner of the CRM, as all maintenance does, and changes nothing.  Rows
 * are counted by reading the tables once.
 */
#include "crm.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "tables/crm_schema.h"
#include "tables/ddl_script.h"
#include "tables/kept_values.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "values/versions.h"

/* Names separated by blanks, as elements of a JSON array. */
static void
append_names(StringInfo json, const char *names)
{
	char	   *copy = pstrdup(names);
	char	   *name;
	bool		is_next = false;

	for (name = strtok(copy, " "); name != NULL; name = strtok(NULL, " "))
	{
		appendStringInfoString(json, is_next ? ", " : "");
		escape_json(json, name);
		is_next = true;
	}
}

/* The reference data that functions of indexes depend on. */
static Datum
describe_data(void)
{
	int			count;
	const CrmComponent *all = crm_components(&count);
	StringInfoData json;
	int			i;

	initStringInfo(&json);
	for (i = 0; i < count; i++)
	{
		if (!all[i].is_ours || all[i].functions == NULL)
			continue;
		appendStringInfoString(&json, json.len > 0 ? ", {\"name\": " : "[{\"name\": ");
		escape_json(&json, all[i].name);
		appendStringInfoString(&json, ", \"version\": ");
		escape_json(&json, all[i].version);
		appendStringInfoString(&json, ", \"functions\": [");
		append_names(&json, all[i].functions);
		appendStringInfoString(&json, "]}");
	}
	appendStringInfoString(&json, json.len > 0 ? "]" : "[]");
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

static void
put_finding(ReturnSetInfo *result, const char *object, const char *problem, const char *remedy)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = CStringGetTextDatum(object);
	values[1] = CStringGetTextDatum(problem);
	values[2] = CStringGetTextDatum(remedy);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_findings(ReturnSetInfo *result, const char *schema)
{
	Oid			types[3] = {JSONBOID, TEXTOID, TEXTOID};
	Datum		values[3];
	uint64		i;

	values[0] = describe_data();
	values[1] = CStringGetTextDatum(crm_kept_phone_version());
	values[2] = CStringGetTextDatum(crm_domain_data_version());
	SPI_connect();
	if (SPI_execute_with_args(crm_ddl_query(CRM_DDL_CHECK, schema), 3, types, values,
							  NULL, true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not check schema \"%s\"", schema);
	for (i = 0; i < SPI_processed; i++)
		put_finding(result, SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1),
					SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2),
					SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 3));
	SPI_finish();
}

PG_FUNCTION_INFO_V1(crm_check_tables);
Datum
crm_check_tables(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	CrmMaintenance work;

	InitMaterializedSRF(fcinfo, 0);
	crm_begin_maintenance(schema, &work);
	crm_check_version_is_known(schema, work.version);
	if (work.version < CRM_TABLES_VERSION)
		put_finding(result, psprintf("schema %s", quote_identifier(schema)),
					psprintf("has tables version %d; the library makes version %d",
							 work.version, CRM_TABLES_VERSION),
					psprintf("SELECT crm.upgrade_tables(%s), then check again",
							 quote_literal_cstr(schema)));
	else
	{
		crm_ddl_lock_settings();
		put_findings(result, schema);
	}
	crm_end_maintenance(&work);
	return (Datum) 0;
}
