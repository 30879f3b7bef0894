/*
 * renormalize.c
 *		Phone numbers that another version of the phone library has looked at.
 *
 * A row keeps what looked at its number (phone_version).  Rows whose version is
 * another one than today's, that were not looked at, or that could not be checked
 * for want of a region, are looked at again, in the order of their keys, a batch at
 * a time; the number as typed stays, and a phone_e164 that somebody wrote stays.
 * Rows that differ then are reported.  Everything runs with the caller's rights.
 */
#include "crm.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tables/kept_values.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "values/phone.h"
#include "values/phone_loader.h"

#define BATCH 1000

typedef struct Renormalizing
{
	const char *table;
	char	   *schema;			/* quoted */
	char	   *default_region;
	int64		after;			/* key of the last row looked at */
	int64		remaining;		/* rows that may still be looked at; -1: all */
	ReturnSetInfo *result;
} Renormalizing;

/* What is read of a row. */
enum
{
	ROW_ID, ROW_PHONE, ROW_COUNTRY, ROW_E164, ROW_STATUS
};

static char *
text_at(uint64 row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column + 1);
}

static bool
are_equal(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
report(const Renormalizing *work, uint64 row, const CrmPhoneValues *new)
{
	const char *texts[7];
	Datum		values[7];
	bool		nulls[7];
	int			i;

	texts[0] = work->table;
	texts[1] = NULL;
	texts[2] = text_at(row, ROW_PHONE);
	texts[3] = text_at(row, ROW_E164);
	texts[4] = new->e164;
	texts[5] = text_at(row, ROW_STATUS);
	texts[6] = new->status;
	for (i = 0; i < 7; i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	values[1] = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, ROW_ID + 1, &nulls[1]);
	tuplestore_putvalues(work->result->setResult, work->result->setDesc, values, nulls);
}

static void
look_again(const Renormalizing *work, uint64 row, CrmPhoneValues *values)
{
	char	   *phone = text_at(row, ROW_PHONE);
	char	   *country = text_at(row, ROW_COUNTRY);
	const char *region = country == NULL ? NULL :
		crm_region_of_text(country, (int) strlen(country));

	crm_phone_values(phone, (int) strlen(phone),
					 region != NULL ? region : work->default_region, values);
}

static Datum
text_or_empty(const char *text)
{
	return CStringGetTextDatum(text != NULL ? text : "");
}

/* Writes what was found out about the rows of a batch. */
static void
write_batch(const Renormalizing *work, Datum *columns[4], int count)
{
	Oid			types[4] = {INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[4];
	int			i;

	values[0] = crm_array_of_ids(columns[0], count);
	for (i = 1; i < 4; i++)
		values[i] = crm_array_of_texts(columns[i], count);
	if (SPI_execute_with_args(psprintf("UPDATE %s.%s AS c SET phone_e164 = NULLIF(u.e164, ''),"
									   " phone_status = u.status, phone_version = u.version"
									   " FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2),"
									   " pg_catalog.unnest($3), pg_catalog.unnest($4))"
									   " AS u (id, e164, status, version)"
									   " WHERE c.id OPERATOR(pg_catalog.=) u.id",
									   work->schema, work->table),
							  4, types, values, NULL, false, 0) != SPI_OK_UPDATE)
		elog(ERROR, "could not write phone numbers");
}

/*
 * Rows that want to be looked at, locked.  Without the library only those that
 * nothing has looked at: what it once found out must not be lost while it is away.
 */
static void
read_batch(const Renormalizing *work)
{
	Oid			types[5] = {INT8OID, TEXTOID, INT8OID, BOOLOID, BOOLOID};
	Datum		values[5];
	bool		has_library = crm_phone_library_find() != NULL;

	values[0] = Int64GetDatum(work->after);
	values[1] = CStringGetTextDatum(crm_phone_library_version());
	values[2] = Int64GetDatum(work->remaining < 0 ? BATCH : Min(BATCH, work->remaining));
	values[3] = BoolGetDatum(has_library);
	values[4] = BoolGetDatum(has_library && work->default_region != NULL);
	if (SPI_execute_with_args(psprintf("SELECT id, phone, country, phone_e164, phone_status FROM %s.%s"
									   " WHERE id OPERATOR(pg_catalog.>) $1 AND phone IS NOT NULL"
									   " AND (($4 AND phone_version OPERATOR(pg_catalog.<>) $2)"
									   " OR ($5 AND phone_status OPERATOR(pg_catalog.=) 'unchecked')"
									   " OR (phone_version IS NULL AND phone_e164 IS NULL))"
									   " ORDER BY id LIMIT $3 FOR NO KEY UPDATE",
									   work->schema, work->table),
							  5, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read phone numbers");
}

/* False if no row is left. */
static bool
renormalize_batch(Renormalizing *work)
{
	Datum	   *columns[4];
	uint64		count;
	uint64		row;
	bool		is_null;
	int			i;

	if (work->remaining == 0)
		return false;
	read_batch(work);
	count = SPI_processed;
	if (count == 0)
		return false;
	for (i = 0; i < 4; i++)
		columns[i] = palloc(sizeof(Datum) * count);
	for (row = 0; row < count; row++)
	{
		CrmPhoneValues values;

		CHECK_FOR_INTERRUPTS();
		look_again(work, row, &values);
		columns[0][row] = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1, &is_null);
		columns[1][row] = text_or_empty(values.e164);
		columns[2][row] = text_or_empty(values.status);
		columns[3][row] = text_or_empty(values.version);
		work->after = DatumGetInt64(columns[0][row]);
		if (!are_equal(text_at(row, ROW_E164), values.e164) ||
			!are_equal(text_at(row, ROW_STATUS), values.status))
			report(work, row, &values);
	}
	SPI_freetuptable(SPI_tuptable);
	write_batch(work, columns, (int) count);
	if (work->remaining > 0)
		work->remaining -= count;
	return true;
}

static void
renormalize_table(Renormalizing *work)
{
	MemoryContext context = CurrentMemoryContext;
	bool		is_more = true;

	while (is_more)
	{
		/* a connection for each batch: what SPI allocates goes with it */
		SPI_connect();
		is_more = renormalize_batch(work);
		SPI_finish();
		MemoryContextSwitchTo(context);
	}
}

PG_FUNCTION_INFO_V1(crm_renormalize_phones);
Datum
crm_renormalize_phones(PG_FUNCTION_ARGS)
{
	static const char *const tables[] = {"companies", "contacts"};
	Renormalizing work = {0};
	char	   *schema;
	int			i;

	crm_require_argument(fcinfo, 0, "settings");
	if (!PG_ARGISNULL(1) && PG_GETARG_INT32(1) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_rows cannot be %d", PG_GETARG_INT32(1)),
				 errhint("Write a number from 1 on, or NULL for all rows.")));
	schema = crm_relation_schema(PG_GETARG_OID(0));
	InitMaterializedSRF(fcinfo, 0);
	work.result = (ReturnSetInfo *) fcinfo->resultinfo;
	work.schema = pstrdup(quote_identifier(schema));
	work.remaining = PG_ARGISNULL(1) ? -1 : PG_GETARG_INT32(1);
	work.default_region = crm_default_phone_region(work.schema);
	for (i = 0; i < (int) lengthof(tables); i++)
	{
		work.table = tables[i];
		work.after = PG_INT64_MIN;
		renormalize_table(&work);
	}
	return (Datum) 0;
}
