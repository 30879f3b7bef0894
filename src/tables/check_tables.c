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
#include "tables/crm_schema.h"
#include "tables/ddl_script.h"
#include "tables/kept_values.h"
#include "utils/builtins.h"
#include "values/phone.h"
#include "values/phone_loader.h"
#include "values/registrable_domain.h"

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
put_findings(ReturnSetInfo *result, const char *schema, const CrmMaintenance *work)
{
	Oid			types[2] = {TEXTOID, TEXTOID};
	Datum		values[2];
	char		nulls[2] = {' ', ' '};
	uint64		i;

	/* what the library once found out is not stale because it is away */
	nulls[0] = crm_phone_library_find() != NULL ? ' ' : 'n';
	values[0] = CStringGetTextDatum(crm_phone_library_version());
	values[1] = CStringGetTextDatum(crm_psl_version());
	SPI_connect();
	if (SPI_execute_with_args(crm_ddl_query(CRM_DDL_CHECK, schema, work->is_matching_only), 2,
							  types, values, nulls, true, 0) != SPI_OK_SELECT)
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
		put_findings(result, schema, &work);
	crm_end_maintenance(&work);
	return (Datum) 0;
}
