/*
 * refresh_statements.c
 *		What the parts of a refresh share: statements, how far it is, and storing what
 *		was found.
 *
 * Statements run under a search_path of pg_catalog alone; names of the CRM's tables
 * are qualified.
 */
#include "matching/match_refresh.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"

/* ----------
 * transactions and statements
 * ----------
 */

void
crm_refresh_execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	if (SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
}

/* Commits what was done, and begins anew. */
void
crm_refresh_next_transaction(void)
{
	SPI_commit();
	crm_refresh_execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", 0, NULL, NULL, NULL);
	crm_refresh_execute("SET LOCAL row_security = off", 0, NULL, NULL, NULL);
	crm_refresh_execute("SET LOCAL search_path = pg_catalog, pg_temp", 0, NULL, NULL, NULL);
}

/* Runs a statement whose only parameter is the relation. */
void
crm_refresh_execute_for(const CrmRefresh *refresh, const char *sql)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(refresh->tables.contacts);

	crm_refresh_execute(sql, 1, &type, &value, NULL);
}

/* A column of the first row; false if there is no row, or it is NULL. */
static bool
read_result(int column, Datum *value)
{
	bool		is_null = true;

	if (SPI_processed > 0)
		*value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &is_null);
	return !is_null;
}

/* A number in the first row; the fallback if there is none. */
int64
crm_refresh_number(int column, int64 fallback)
{
	Datum		value;

	return read_result(column, &value) ? DatumGetInt64(value) : fallback;
}

bool
crm_refresh_flag(int column)
{
	Datum		value;

	return read_result(column, &value) && DatumGetBool(value);
}

int64
crm_refresh_count(const CrmRefresh *refresh, const char *sql)
{
	crm_refresh_execute_for(refresh, sql);
	return crm_refresh_number(1, 0);
}

int64
crm_refresh_count_rows(const CrmRefresh *refresh)
{
	crm_refresh_execute(psprintf("SELECT count(*) FROM %s", refresh->tables.contacts_name),
						0, NULL, NULL, NULL);
	return crm_refresh_number(1, 0);
}

/* From here to the end of the transaction nobody else refreshes the relation. */
void
crm_refresh_lock(const CrmRefresh *refresh)
{
	crm_refresh_execute_for(refresh, psprintf("INSERT INTO %s (relation) VALUES ($1) ON CONFLICT DO NOTHING",
											  refresh->tables.refreshes));
	crm_refresh_execute_for(refresh, psprintf("SELECT FROM %s WHERE relation = $1 FOR UPDATE",
											  refresh->tables.refreshes));
}

/* Reads the current model. */
void
crm_refresh_read_model(CrmRefresh *refresh)
{
	crm_refresh_execute_for(refresh, psprintf("SELECT id, model FROM %s WHERE relation = $1 AND is_current",
											  refresh->tables.models));
	refresh->model_id = crm_refresh_number(1, 0);
	if (!read_result(2, &refresh->model))
		refresh->model = (Datum) 0;
}

/* ----------
 * progress
 * ----------
 */

void
crm_refresh_start_progress(const CrmRefresh *refresh, bool is_full, int64 total)
{
	Oid			types[] = {REGCLASSOID, BOOLOID, INT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts), BoolGetDatum(is_full),
		Int64GetDatum(total)};

	crm_refresh_execute(psprintf("UPDATE %s SET is_full = $2, started_at = clock_timestamp(), finished_at = NULL,"
								 " rows_done = 0, rows_total = $3, candidates_stored = 0, candidates_removed = 0"
								 " WHERE relation = $1", refresh->tables.refreshes),
						3, types, values, NULL);
}

/* Notes what a batch has done, and says how far the run is. */
void
crm_refresh_note_progress(const CrmRefresh *refresh, int64 done, int64 stored, int64 removed)
{
	Oid			types[] = {REGCLASSOID, INT8OID, INT8OID, INT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts), Int64GetDatum(done),
		Int64GetDatum(stored), Int64GetDatum(removed)};

	crm_refresh_execute(psprintf("UPDATE %s SET rows_done = rows_done + $2, candidates_stored = candidates_stored + $3,"
								 " candidates_removed = candidates_removed + $4 WHERE relation = $1"
								 " RETURNING rows_done, rows_total, candidates_stored, candidates_removed",
								 refresh->tables.refreshes),
						4, types, values, NULL);
	ereport(NOTICE,
			(errmsg(INT64_FORMAT " of " INT64_FORMAT " rows looked at, " INT64_FORMAT
					" candidates stored, " INT64_FORMAT " removed",
					crm_refresh_number(1, 0), crm_refresh_number(2, 0), crm_refresh_number(3, 0),
					crm_refresh_number(4, 0))));
}

void
crm_refresh_finish_progress(const CrmRefresh *refresh)
{
	crm_refresh_execute_for(refresh, psprintf("UPDATE %s SET finished_at = clock_timestamp() WHERE relation = $1",
											  refresh->tables.refreshes));
}

/* ----------
 * storing
 * ----------
 */

/*
 * The statement that makes the candidates what was found.  "found" is a query with
 * one_key, other_key and the figures; "which" says which candidates it is about.
 */
char *
crm_refresh_store_sql(const CrmRefresh *refresh, const char *found, const char *which)
{
	return psprintf(
		"WITH found AS MATERIALIZED ("
		"SELECT DISTINCT ON (1, 2) LEAST(f.one_key COLLATE \"C\", f.other_key COLLATE \"C\") AS left_key,"
		" GREATEST(f.one_key COLLATE \"C\", f.other_key COLLATE \"C\") AS right_key,"
		" f.probability, f.match_weight, f.evidence FROM (%s) AS f ORDER BY 1, 2, 4 DESC),"
		" removed AS (DELETE FROM %s AS c WHERE c.relation = $1 AND %s"
		" AND NOT EXISTS (SELECT FROM found AS f WHERE f.left_key = c.left_key AND f.right_key = c.right_key)"
		" RETURNING 1),"
		" stored AS (INSERT INTO %s AS c (relation, left_key, right_key, probability, match_weight, evidence)"
		" SELECT $1, f.left_key, f.right_key, f.probability, f.match_weight, f.evidence FROM found AS f"
		" ON CONFLICT (relation, left_key, right_key) DO UPDATE SET probability = excluded.probability,"
		" match_weight = excluded.match_weight, evidence = excluded.evidence, found_at = excluded.found_at"
		" WHERE (c.probability, c.match_weight, c.evidence)"
		" IS DISTINCT FROM (excluded.probability, excluded.match_weight, excluded.evidence)"
		" RETURNING 1)"
		" SELECT (SELECT count(*) FROM stored), (SELECT count(*) FROM removed)",
		found, refresh->tables.candidates, which, refresh->tables.candidates);
}
