/*
 * pipeline_totals.c
 *		The open pipeline of a CRM, of one owner and pipeline or of all.
 *
 * One statement per combination of given arguments, so that each has a plan of
 * its own: "owner_id = $1" is answered from deals_open_by_owner_idx alone,
 * which "owner_id = $1 OR $1 IS NULL" in a prepared plan would not be.
 *
 * Runs with the caller's rights; row-level security applies.
 */
#include "crm.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "kept_plans.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define TOTALS_COLUMNS 4

static char *
qualified_name(Oid relation)
{
	char	   *name = get_rel_name(relation);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relation)));
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
									  name);
}

static char *
totals_sql(Oid deals, bool of_owner, bool of_pipeline)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql,
					 "SELECT currency, (figures).total_deals,"
					 " (figures).total_value, (figures).weighted_value"
					 " FROM (SELECT currency,"
					 " crm.pipeline(value, stage, probability) AS figures FROM %s"
					 " WHERE stage OPERATOR(pg_catalog.<>) ALL ('{won,lost}'::crm.deal_stage[])"
					 " AND archived_at IS NULL",
					 qualified_name(deals));
	if (of_owner)
		appendStringInfoString(&sql, " AND owner_id OPERATOR(pg_catalog.=) $1");
	if (of_pipeline)
		appendStringInfoString(&sql, " AND pipeline_id OPERATOR(pg_catalog.=) $2");
	appendStringInfoString(&sql,
						   " GROUP BY currency) AS open_deals ORDER BY currency");
	return sql.data;
}

/*
 * Copies the rows of the current SPI result into the function's result.  The
 * relations are whatever the caller names, so their types are checked.
 */
static void
put_rows(ReturnSetInfo *result)
{
	Datum		values[TOTALS_COLUMNS];
	bool		nulls[TOTALS_COLUMNS];
	uint64		row;
	int			i;

	for (i = 0; i < TOTALS_COLUMNS; i++)
	{
		Oid			expected = TupleDescAttr(result->setDesc, i)->atttypid;

		if (SPI_gettypeid(SPI_tuptable->tupdesc, i + 1) != expected)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" of the pipeline must be of type %s",
							SPI_fname(SPI_tuptable->tupdesc, i + 1),
							format_type_be(expected)),
					 errhint("Give the column of the CRM's table its type back.")));
	}
	for (row = 0; row < SPI_processed; row++)
	{
		for (i = 0; i < TOTALS_COLUMNS; i++)
			values[i] = SPI_getbinval(SPI_tuptable->vals[row],
									  SPI_tuptable->tupdesc, i + 1, &nulls[i]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
}

/*
 * No open deals: one row of zeros in the home currency, which is NULL if the
 * caller sees no settings.
 */
static void
put_zeros(ReturnSetInfo *result, Oid settings)
{
	char	   *sql = psprintf("SELECT (SELECT home_currency FROM %s),"
							   " 0::pg_catalog.int8,"
							   " 0::pg_catalog.numeric, 0::pg_catalog.numeric",
							   qualified_name(settings));

	crm_execute_kept(sql, 0, NULL, NULL, NULL, true, 1);
	put_rows(result);
}

PG_FUNCTION_INFO_V1(crm_pipeline_totals);
Datum
crm_pipeline_totals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid			types[2] = {INT8OID, INT8OID};
	Datum		values[2];
	char		nulls[2];
	int			i;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("arguments \"deals\" and \"settings\" must not be null")));
	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < 2; i++)
	{
		nulls[i] = PG_ARGISNULL(i + 2) ? 'n' : ' ';
		values[i] = PG_ARGISNULL(i + 2) ? (Datum) 0 : PG_GETARG_DATUM(i + 2);
	}

	SPI_connect();
	crm_execute_kept(totals_sql(PG_GETARG_OID(0), !PG_ARGISNULL(2), !PG_ARGISNULL(3)),
					 2, types, values, nulls, true, 0);
	put_rows(result);
	if (SPI_processed == 0)
		put_zeros(result, PG_GETARG_OID(1));
	SPI_finish();

	return (Datum) 0;
}
