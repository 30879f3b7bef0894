/*
 * refresh_duplicates.c
 *		Bringing duplicate_candidates up to date.
 *
 * A run takes rows from the queue, a batch per transaction, and asks the engine
 * for the duplicates of each; or, where the queue cannot tell what has changed,
 * it looks at all rows at once.  Candidates that no longer hold go.
 *
 *	- Rows leave the queue in the transaction that stores their candidates: what
 *	  is cut short is done again by the next run.
 *	- Whoever works on a batch has locked the relation's row of match_refreshes
 *	  before his snapshots.  Two sessions take turns: a result that was computed
 *	  before another one would otherwise overwrite it, and a pair has two rows,
 *	  so that locking rows of the queue would not keep it from that.
 *	- Transactions are READ COMMITTED, whatever the session's default is.
 *	- row_security is off: with a policy in the way the run fails, rather than
 *	  taking hidden rows for deleted ones.
 *
 * Everything runs with the caller's rights.
 *
 * Memory: what outlives a batch is in the caller's context, which is the portal's;
 * each batch has a connection to SPI, and its memory, of its own.
 */
#include "matching/kept_matching.h"

#include "access/relation.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "matching/match_queue.h"
#include "matching/match_search.h"
#include "matching/match_source.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* More keys than this make one statement of a batch unwieldy. */
#define MAX_BATCH_SIZE 10000

/*
 * Above this number, and this share of all rows, looking at all is faster; without
 * an index that finds candidates, where each row takes a look at all, above the
 * other.
 */
#define MANY_WAITING 10000
#define MANY_WAITING_SHARE 20
#define MANY_WITHOUT_INDEX 20

/* Nothing can be learned from fewer. */
#define MIN_ROWS_FOR_MODEL 2

/* The server's estimate of a relation's size is good enough above this. */
#define MANY_ROWS 10000

/* Why all rows are looked at. */
typedef enum FullReason
{
	NOT_FULL,
	FULL_ASKED,
	FULL_NO_QUEUE,
	FULL_FIRST,
	FULL_MODEL,
	FULL_GROWN,
	FULL_PROBABILITY,
	FULL_MARKED,
	FULL_NO_INDEX,
	FULL_MANY
} FullReason;

typedef struct Refresh
{
	CrmMatchTables tables;
	int			batch_size;
	bool		is_asked_full;
	Datum		min_probability;
	bool		has_min_probability;
	TimestampTz called_at;
	bool		is_full_done;	/* in this call, by whomever */
	bool		is_queue_begun;
	int64		last_id;		/* of the queue, when it was begun */

	/* as of the present transaction */
	Datum		model;			/* jsonb, NULL: none is current */
	int64		model_id;		/* 0: none */
} Refresh;

/* ----------
 * transactions and statements
 * ----------
 */

static void
execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	if (SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
}

/* Commits what was done, and begins anew. */
static void
next_transaction(void)
{
	SPI_commit();
	execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", 0, NULL, NULL, NULL);
	execute("SET LOCAL row_security = off", 0, NULL, NULL, NULL);
	execute("SET LOCAL search_path = pg_catalog, pg_temp", 0, NULL, NULL, NULL);
}

/* Runs a statement whose only parameter is the relation. */
static void
execute_for_relation(const Refresh *refresh, const char *sql)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(refresh->tables.contacts);

	execute(sql, 1, &type, &value, NULL);
}

/* A column of the first row; the fallback if there is no row, or it is NULL. */
static int64
result_number(int column, int64 fallback)
{
	bool		is_null = true;
	Datum		value = (Datum) 0;

	if (SPI_processed > 0)
		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &is_null);
	return is_null ? fallback : DatumGetInt64(value);
}

static bool
result_flag(int column)
{
	bool		is_null = true;
	Datum		value = (Datum) 0;

	if (SPI_processed > 0)
		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column, &is_null);
	return !is_null && DatumGetBool(value);
}

static int64
count_for_relation(const Refresh *refresh, const char *sql)
{
	execute_for_relation(refresh, sql);
	return result_number(1, 0);
}

static int64
count_rows(const Refresh *refresh)
{
	execute(psprintf("SELECT count(*) FROM %s", refresh->tables.contacts_name),
			0, NULL, NULL, NULL);
	return result_number(1, 0);
}

/* About how many rows there are, without counting many. */
static int64
estimate_rows(const Refresh *refresh)
{
	int64		estimate = count_for_relation(refresh, "SELECT reltuples::bigint FROM pg_class WHERE oid = $1");

	return estimate > MANY_ROWS ? estimate : count_rows(refresh);
}

/* From here to the end of the transaction nobody else refreshes the relation. */
static void
lock_refresh(const Refresh *refresh)
{
	execute_for_relation(refresh, psprintf("INSERT INTO %s (relation) VALUES ($1) ON CONFLICT DO NOTHING",
										   refresh->tables.refreshes));
	execute_for_relation(refresh, psprintf("SELECT FROM %s WHERE relation = $1 FOR UPDATE",
										   refresh->tables.refreshes));
}

/* ----------
 * what is to be done
 * ----------
 */

/* Reads the current model. */
static void
read_model(Refresh *refresh)
{
	bool		is_null = true;
	Datum		model = (Datum) 0;

	execute_for_relation(refresh, psprintf("SELECT id, model FROM %s WHERE relation = $1 AND is_current",
										   refresh->tables.models));
	refresh->model_id = result_number(1, 0);
	if (SPI_processed > 0)
		model = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null);
	refresh->model = is_null ? (Datum) 0 : model;
}

/*
 * Whether it is time for a model that a refresh trains: there is none, or it
 * trained the current one on less than half of the rows that there are now.
 */
static bool
needs_model(const Refresh *refresh, int64 rows)
{
	execute_for_relation(refresh, psprintf("SELECT is_automatic, row_count FROM %s"
										   " WHERE relation = $1 AND is_current",
										   refresh->tables.models));
	if (SPI_processed > 0)
		return result_flag(1) && rows >= MIN_ROWS_FOR_MODEL && rows >= 2 * result_number(2, 0);
	return rows >= MIN_ROWS_FOR_MODEL;
}

/* Whether the relation, or the table that a view reads, has an index of match keys. */
static bool
has_match_index(const Refresh *refresh)
{
	Relation	relation = relation_open(refresh->tables.contacts, AccessShareLock);
	CrmMatchSource source;

	crm_match_source_describe_for_reader(&source, relation);
	relation_close(relation, NoLock);
	return OidIsValid(source.index);
}

/* Whether so many rows wait that it is faster to look at all. */
static FullReason
find_many_waiting(const Refresh *refresh)
{
	int64		waiting;

	waiting = count_for_relation(refresh, psprintf("SELECT count(*) FROM (SELECT FROM %s WHERE relation = $1"
												   " LIMIT %d) AS q",
												   refresh->tables.queue, MANY_WAITING + 1));
	if (waiting > MANY_WITHOUT_INDEX && !has_match_index(refresh))
		return FULL_NO_INDEX;
	if (waiting > MANY_WAITING && waiting > count_rows(refresh) / MANY_WAITING_SHARE)
		return FULL_MANY;
	return NOT_FULL;
}

/* Whether the queue cannot tell what has changed since the last run. */
static FullReason
find_reason(Refresh *refresh)
{
	Oid			types[] = {REGCLASSOID, INT8OID, FLOAT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		Int64GetDatum(refresh->model_id), refresh->min_probability};
	const char *nulls = refresh->has_min_probability ? "   " : "  n";

	if (refresh->is_full_done)
		return NOT_FULL;
	if (refresh->is_asked_full)
		return FULL_ASKED;
	if (!crm_has_match_queue(&refresh->tables))
		return FULL_NO_QUEUE;
	execute(psprintf("SELECT full_at IS NOT NULL AND full_had_queue,"
					 " COALESCE(full_model_id, 0) = $2,"
					 " full_min_probability IS NOT DISTINCT FROM $3"
					 " FROM %s WHERE relation = $1", refresh->tables.refreshes),
			3, types, values, nulls);
	if (!result_flag(1))
		return FULL_FIRST;
	if (!result_flag(2))
		return FULL_MODEL;
	if (!result_flag(3))
		return FULL_PROBABILITY;
	if (!refresh->is_queue_begun && needs_model(refresh, estimate_rows(refresh)))
		return FULL_GROWN;
	execute_for_relation(refresh, psprintf("SELECT EXISTS (SELECT FROM %s WHERE relation = $1 AND key IS NULL)",
										   refresh->tables.queue));
	return result_flag(1) ? FULL_MARKED : find_many_waiting(refresh);
}

static void
report_full(const Refresh *refresh, FullReason reason)
{
	static const char *const details[] = {
		[FULL_ASKED] = "The caller asked for everything.",
		[FULL_NO_QUEUE] = "No trigger notes which of them are written.",
		[FULL_FIRST] = "What was there before the queue has not been looked at.",
		[FULL_MODEL] = "Another model is the current one.",
		[FULL_GROWN] = "It has outgrown its model.",
		[FULL_PROBABILITY] = "Another least probability is asked for.",
		[FULL_MARKED] = "The queue says that all of them may have changed.",
		[FULL_NO_INDEX] = "Each of those that wait in the queue would take as long, without a match index.",
		[FULL_MANY] = "So many wait in the queue that this is faster."
	};

	ereport(NOTICE,
			(errmsg("all rows of relation \"%s\" are looked at",
					get_rel_name(refresh->tables.contacts)),
			 errdetail_internal("%s", details[reason]),
			 reason == FULL_NO_QUEUE ?
			 errhint("create_match_queue makes triggers; after that a run looks at what was written since the one before.") :
			 reason == FULL_NO_INDEX ?
			 errhint("crm.create_match_index makes one.") : 0));
}

/* ----------
 * progress
 * ----------
 */

static void
start_progress(const Refresh *refresh, bool is_full, int64 total)
{
	Oid			types[] = {REGCLASSOID, BOOLOID, INT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts), BoolGetDatum(is_full),
		Int64GetDatum(total)};

	execute(psprintf("UPDATE %s SET is_full = $2, started_at = clock_timestamp(), finished_at = NULL,"
					 " rows_done = 0, rows_total = $3, candidates_stored = 0, candidates_removed = 0"
					 " WHERE relation = $1", refresh->tables.refreshes),
			3, types, values, NULL);
}

/* Notes what a batch has done, and says how far the run is. */
static void
note_progress(const Refresh *refresh, int64 done, int64 stored, int64 removed)
{
	Oid			types[] = {REGCLASSOID, INT8OID, INT8OID, INT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts), Int64GetDatum(done),
		Int64GetDatum(stored), Int64GetDatum(removed)};

	execute(psprintf("UPDATE %s SET rows_done = rows_done + $2, candidates_stored = candidates_stored + $3,"
					 " candidates_removed = candidates_removed + $4 WHERE relation = $1"
					 " RETURNING rows_done, rows_total, candidates_stored, candidates_removed",
					 refresh->tables.refreshes),
			4, types, values, NULL);
	ereport(NOTICE,
			(errmsg(INT64_FORMAT " of " INT64_FORMAT " rows looked at, " INT64_FORMAT
					" candidates stored, " INT64_FORMAT " removed",
					result_number(1, 0), result_number(2, 0), result_number(3, 0),
					result_number(4, 0))));
}

static void
finish_progress(const Refresh *refresh)
{
	execute_for_relation(refresh, psprintf("UPDATE %s SET finished_at = clock_timestamp() WHERE relation = $1",
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
static char *
store_sql(const Refresh *refresh, const char *found, const char *which)
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

/* ----------
 * all rows
 * ----------
 */

/*
 * Scores must not depend on whether a pair is found among all rows or by one of
 * them, so there is to be one model for both.  Where nobody has trained one, it is
 * done here, and again when the relation has doubled.
 */
static void
train_if_needed(Refresh *refresh, int64 rows)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(refresh->tables.contacts);
	Datum		model;
	bool		is_null;

	if (!needs_model(refresh, rows))
		return;
	execute(psprintf("SELECT crm.train_matching($1, %s)", crm_decisions_sql(&refresh->tables)),
			1, &type, &value, NULL);
	model = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	if (!is_null)
		crm_keep_model(&refresh->tables, model, true);
	read_model(refresh);
}

static void
find_all(const Refresh *refresh, int64 rows)
{
	const CrmMatchTables *tables = &refresh->tables;
	Oid			types[] = {REGCLASSOID, FLOAT8OID, JSONBOID};
	Datum		values[] = {ObjectIdGetDatum(tables->contacts), refresh->min_probability,
		refresh->model};
	char		nulls[] = {' ', refresh->has_min_probability ? ' ' : 'n',
		refresh->model != (Datum) 0 ? ' ' : 'n', '\0'};
	char	   *found = psprintf("SELECT d.left_key AS one_key, d.right_key AS other_key, d.probability,"
								 " d.match_weight, d.evidence"
								 " FROM crm.find_duplicates_by_key($1, $2, $3, %s) AS d WHERE %s AND %s",
								 crm_decisions_sql(tables),
								 crm_not_archived_sql(tables, "d.left_key"),
								 crm_not_archived_sql(tables, "d.right_key"));

	execute(store_sql(refresh, found, "true"), 3, types, values, nulls);
	note_progress(refresh, rows, result_number(1, 0), result_number(2, 0));
}

/* What the queue can be trusted with from now on. */
static void
note_full(const Refresh *refresh, TimestampTz at, bool had_queue)
{
	Oid			types[] = {REGCLASSOID, TIMESTAMPTZOID, BOOLOID, INT8OID, FLOAT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		TimestampTzGetDatum(at), BoolGetDatum(had_queue), Int64GetDatum(refresh->model_id),
	refresh->min_probability};

	execute(psprintf("UPDATE %s SET full_at = $2, full_had_queue = $3,"
					 " full_model_id = NULLIF($4, 0), full_min_probability = $5 WHERE relation = $1",
					 refresh->tables.refreshes),
			5, types, values, refresh->has_min_probability ? "     " : "    n");
}

/* Whether another session has looked at all rows since the call began. */
static bool
was_overtaken(const Refresh *refresh)
{
	Oid			types[] = {REGCLASSOID, TIMESTAMPTZOID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		TimestampTzGetDatum(refresh->called_at)};

	execute(psprintf("SELECT full_at >= $2 FROM %s WHERE relation = $1", refresh->tables.refreshes),
			2, types, values, NULL);
	return result_flag(1);
}

/*
 * Looks at all rows, in one transaction.  What waits in the queue is taken from it
 * first: whoever wrote that has committed, so the engine will see it.  Returns
 * false if another session has done it meanwhile.
 */
static bool
refresh_all(Refresh *refresh, FullReason reason)
{
	TimestampTz at;
	bool		had_queue;
	int64		rows;

	report_full(refresh, reason);
	start_progress(refresh, true, count_rows(refresh));
	next_transaction();

	lock_refresh(refresh);
	refresh->is_full_done = true;
	if (was_overtaken(refresh))
		return false;
	at = GetCurrentTimestamp();
	had_queue = crm_has_match_queue(&refresh->tables);
	execute_for_relation(refresh, psprintf("DELETE FROM %s WHERE relation = $1",
										   refresh->tables.queue));
	rows = count_rows(refresh);
	read_model(refresh);
	train_if_needed(refresh, rows);
	find_all(refresh, rows);
	note_full(refresh, at, had_queue);
	return true;
}

/* ----------
 * rows of the queue
 * ----------
 */

/* Takes the next keys from the queue, as text[]; returns how many rows. */
static int64
claim_keys(const Refresh *refresh, Datum *keys)
{
	Oid			types[] = {REGCLASSOID, INT8OID, INT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		Int64GetDatum(refresh->last_id), Int64GetDatum(refresh->batch_size)};
	CrmMatchKey key;
	int64		count;
	bool		is_null;

	/* as candidates have them: what was queued may be written otherwise */
	crm_find_match_key(refresh->tables.contacts, &key);
	execute(psprintf("WITH claimed AS (DELETE FROM %s AS q WHERE q.id IN ("
					 "SELECT n.id FROM %s AS n WHERE n.relation = $1 AND n.id <= $2 AND n.key IS NOT NULL"
					 " ORDER BY n.id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING q.key)"
					 " SELECT count(*), array_agg(DISTINCT key::%s::text) FROM claimed",
					 refresh->tables.queue, refresh->tables.queue, key.type),
			3, types, values, NULL);
	count = result_number(1, 0);
	if (count > 0)
		*keys = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null);
	return count;
}

/* The keys of rows that there are still; the others are deleted or archived. */
static Datum
existing_keys(const Refresh *refresh, Datum keys)
{
	const CrmMatchTables *tables = &refresh->tables;
	CrmMatchKey key;
	Oid			type = TEXTARRAYOID;
	bool		is_null;

	crm_find_match_key(tables->contacts, &key);
	execute(psprintf("SELECT COALESCE(array_agg(c.%s::text), '{}') FROM %s AS c"
					 " WHERE c.%s %s ANY ($1::%s[])%s",
					 key.name, tables->contacts_name, key.name, key.equals, key.type,
					 tables->has_archive ? " AND c.archived_at IS NULL" : ""),
			1, &type, &keys, NULL);
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
}

/* Looks at the next rows of the queue; false if there are none left. */
static bool
refresh_batch(const Refresh *refresh)
{
	const CrmMatchTables *tables = &refresh->tables;
	Oid			types[] = {REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID, FLOAT8OID, JSONBOID};
	Datum		values[5] = {ObjectIdGetDatum(tables->contacts), 0, 0,
	refresh->min_probability, refresh->model};
	char		nulls[] = {' ', ' ', ' ', refresh->has_min_probability ? ' ' : 'n',
		refresh->model != (Datum) 0 ? ' ' : 'n', '\0'};
	int64		claimed = claim_keys(refresh, &values[1]);
	char	   *found;

	if (claimed == 0)
		return false;
	values[2] = existing_keys(refresh, values[1]);
	found = psprintf("SELECT d.contact_key AS one_key, d.other_key, d.probability,"
					 " d.match_weight, d.evidence"
					 " FROM crm._duplicates_of_many($1, $3, $4, $5, %s, %s::regclass) AS d WHERE %s",
					 crm_decisions_sql(tables), quote_literal_cstr(tables->candidates),
					 crm_not_archived_sql(tables, "d.other_key"));
	execute(store_sql(refresh, found, "(c.left_key = ANY ($2) OR c.right_key = ANY ($2))"),
			5, types, values, nulls);
	note_progress(refresh, claimed, result_number(1, 0), result_number(2, 0));
	return true;
}

/* Each of the rows takes a look at all of them: few enough for that, but not nothing. */
static void
report_no_index(const Refresh *refresh)
{
	const char *name = get_rel_name(refresh->tables.contacts);

	ereport(NOTICE,
			(errmsg("every row of \"%s\" is read for each that waits, since it has no index of match keys", name),
			 errhint("SELECT crm.create_match_index(%s) makes one.",
					 quote_literal_cstr(refresh->tables.contacts_name))));
}

static void
start_queue_run(Refresh *refresh)
{
	int64		waiting = count_for_relation(refresh, psprintf("SELECT count(*) FROM %s WHERE relation = $1",
															   refresh->tables.queue));

	refresh->last_id = count_for_relation(refresh, psprintf("SELECT max(id) FROM %s WHERE relation = $1",
															refresh->tables.queue));
	start_progress(refresh, false, waiting);
	if (waiting > 0 && !has_match_index(refresh))
		report_no_index(refresh);
}

/* ----------
 * the run
 * ----------
 */

/*
 * One batch, or all rows; what all rows are looked at for may come up between two
 * batches too.  Returns whether there may be more to do.
 */
static bool
run_batch(Refresh *refresh)
{
	FullReason	reason;
	bool		has_more = false;

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	next_transaction();
	lock_refresh(refresh);
	read_model(refresh);
	reason = find_reason(refresh);
	if (reason != NOT_FULL)
		has_more = !refresh_all(refresh, reason);
	else
	{
		if (!refresh->is_queue_begun)
			start_queue_run(refresh);
		refresh->is_queue_begun = true;
		has_more = refresh_batch(refresh);
	}
	if (!has_more)
		finish_progress(refresh);
	SPI_commit();
	SPI_finish();
	return has_more;
}

static void
check_batch_size(int size)
{
	if (size < 1 || size > MAX_BATCH_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch_size cannot be %d", size),
				 errdetail("It must be between 1 and %d.", MAX_BATCH_SIZE)));
}

static void
check_can_commit(FunctionCallInfo fcinfo)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		((CallContext *) fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("duplicates cannot be refreshed inside a transaction block"),
				 errdetail("Each batch is a transaction of its own."),
				 errhint("Call it on its own, outside BEGIN and COMMIT and with autocommit on.")));
}

PG_FUNCTION_INFO_V1(crm_refresh_duplicates);
Datum
crm_refresh_duplicates(PG_FUNCTION_ARGS)
{
	Refresh		refresh;

	check_can_commit(fcinfo);
	crm_require_argument(fcinfo, 0, "settings");
	crm_require_argument(fcinfo, 2, "batch_size");
	crm_require_argument(fcinfo, 4, "everything");
	check_batch_size(PG_GETARG_INT32(2));

	memset(&refresh, 0, sizeof(refresh));
	crm_find_match_tables(&refresh.tables, PG_GETARG_OID(0),
						  PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1));
	refresh.batch_size = PG_GETARG_INT32(2);
	refresh.has_min_probability = !PG_ARGISNULL(3);
	if (refresh.has_min_probability)
		refresh.min_probability = Float8GetDatum(crm_checked_probability(PG_GETARG_FLOAT8(3)));
	refresh.is_asked_full = PG_GETARG_BOOL(4);
	refresh.called_at = GetCurrentTimestamp();
	while (run_batch(&refresh))
		CHECK_FOR_INTERRUPTS();
	PG_RETURN_VOID();
}
