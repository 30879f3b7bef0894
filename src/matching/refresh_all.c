/*
 * refresh_all.c
 *		Looking at all rows: why, and how.
 */
#include "matching/match_refresh.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "matching/match_input.h"
#include "matching/match_queue.h"
#include "matching/match_source.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

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

/* ----------
 * why
 * ----------
 */

/* About how many rows there are, without counting many. */
static int64
estimate_rows(const CrmRefresh *refresh)
{
	int64		estimate = crm_refresh_count(refresh, "SELECT reltuples::bigint FROM pg_class WHERE oid = $1");

	return estimate > MANY_ROWS ? estimate : crm_refresh_count_rows(refresh);
}

/*
 * Whether it is time for a model that a refresh trains: there is none, or it
 * trained the current one on less than half of the rows that there are now.
 */
static bool
needs_model(const CrmRefresh *refresh, int64 rows)
{
	crm_refresh_execute_for(refresh, psprintf("SELECT is_automatic, row_count FROM %s"
											  " WHERE relation = $1 AND is_current",
											  refresh->tables.models));
	if (SPI_processed > 0)
		return crm_refresh_flag(1) && rows >= MIN_ROWS_FOR_MODEL && rows >= 2 * crm_refresh_number(2, 0);
	return rows >= MIN_ROWS_FOR_MODEL;
}

/*
 * Whether the relation, or the table that a view reads, has an index of match keys
 * that finds all whom its columns, by their names, would find.
 */
bool
crm_refresh_has_index(const CrmRefresh *refresh)
{
	Relation	relation = relation_open(refresh->tables.contacts, AccessShareLock);
	CrmMatchSource source;

	crm_match_source_describe_by_names(&source, relation);
	relation_close(relation, NoLock);
	return OidIsValid(source.index);
}

/* Whether so many rows wait that it is faster to look at all. */
static CrmFullReason
find_many_waiting(const CrmRefresh *refresh)
{
	int64		waiting;

	waiting = crm_refresh_count(refresh, psprintf("SELECT count(*) FROM (SELECT FROM %s WHERE relation = $1"
												  " LIMIT %d) AS q",
												  refresh->tables.queue, MANY_WAITING + 1));
	if (waiting > MANY_WITHOUT_INDEX && !crm_refresh_has_index(refresh))
		return CRM_FULL_NO_INDEX;
	if (waiting > MANY_WAITING && waiting > crm_refresh_count_rows(refresh) / MANY_WAITING_SHARE)
		return CRM_FULL_MANY;
	return CRM_NOT_FULL;
}

/* The columns that matter to a refresh, by their names: the key, and those that are read. */
static char *
column_names(const CrmRefresh *refresh)
{
	StringInfoData names;
	CrmMatchKey key;
	int			i;

	crm_find_match_key(refresh->tables.contacts, &key);
	initStringInfo(&names);
	appendStringInfoString(&names, quote_literal_cstr(key.column));
	for (i = 0; crm_match_column_name(i) != NULL; i++)
		appendStringInfo(&names, ", %s", quote_literal_cstr(crm_match_column_name(i)));
	return names.data;
}

/*
 * An expression for what the relation is, as one number: no trigger sees that a
 * column came, went, was given another name or type; nor that partitions come and
 * go, nor that one of them is truncated, which gives it another file.  $1 is the
 * relation.
 */
static char *
shape_sql(const CrmRefresh *refresh)
{
	return psprintf("(WITH RECURSIVE child AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1"
					" UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN child ON i.inhparent = child.inhrelid)"
					" SELECT hashtextextended(concat_ws(';',"
					" (SELECT string_agg(concat_ws(' ', a.attname, a.attnum, a.atttypid, a.atttypmod), ',' ORDER BY a.attnum)"
					" FROM pg_attribute AS a WHERE a.attrelid = $1 AND NOT a.attisdropped AND a.attname IN (%s)),"
					" string_agg(c.oid || ' ' || c.relfilenode, ',' ORDER BY c.oid)), 0)"
					" FROM child JOIN pg_class AS c ON c.oid = child.inhrelid)",
					column_names(refresh));
}

/* Whether the last look at all rows still counts; if there was one, it had a queue. */
static CrmFullReason
find_change(const CrmRefresh *refresh)
{
	Oid			types[] = {REGCLASSOID, INT8OID, FLOAT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		Int64GetDatum(refresh->model_id), refresh->min_probability};

	crm_refresh_execute(psprintf("SELECT full_at IS NOT NULL AND full_had_queue,"
								 " COALESCE(full_model_id, 0) = $2,"
								 " full_min_probability IS NOT DISTINCT FROM $3,"
								 " full_shape IS NOT DISTINCT FROM %s"
								 " FROM %s WHERE relation = $1", shape_sql(refresh), refresh->tables.refreshes),
						3, types, values, refresh->has_min_probability ? "   " : "  n");
	if (!crm_refresh_flag(1))
		return CRM_FULL_FIRST;
	if (!crm_refresh_flag(2))
		return CRM_FULL_MODEL;
	if (!crm_refresh_flag(3))
		return CRM_FULL_PROBABILITY;
	return crm_refresh_flag(4) ? CRM_NOT_FULL : CRM_FULL_SHAPE;
}

/* Whether the queue cannot tell what has changed since the last run. */
CrmFullReason
crm_refresh_find_reason(const CrmRefresh *refresh)
{
	CrmFullReason change;

	if (refresh->is_full_done)
		return CRM_NOT_FULL;
	if (refresh->is_asked_full)
		return CRM_FULL_ASKED;
	if (!crm_has_match_queue(&refresh->tables))
		return CRM_FULL_NO_QUEUE;
	change = find_change(refresh);
	if (change != CRM_NOT_FULL)
		return change;
	if (!refresh->is_queue_begun && needs_model(refresh, estimate_rows(refresh)))
		return CRM_FULL_GROWN;
	crm_refresh_execute_for(refresh, psprintf("SELECT EXISTS (SELECT FROM %s WHERE relation = $1 AND key IS NULL)",
											  refresh->tables.queue));
	return crm_refresh_flag(1) ? CRM_FULL_MARKED : find_many_waiting(refresh);
}

static void
report_full(const CrmRefresh *refresh, CrmFullReason reason)
{
	static const char *const details[] = {
		[CRM_FULL_ASKED] = "The caller asked for everything.",
		[CRM_FULL_NO_QUEUE] = "No trigger notes which of them are written.",
		[CRM_FULL_FIRST] = "What was there before the queue has not been looked at.",
		[CRM_FULL_MODEL] = "Another model is the current one.",
		[CRM_FULL_GROWN] = "It has outgrown its model.",
		[CRM_FULL_PROBABILITY] = "Another least probability is asked for.",
		[CRM_FULL_SHAPE] = "It has other columns or partitions, or one of these was truncated.",
		[CRM_FULL_MARKED] = "The queue says that all of them may have changed.",
		[CRM_FULL_NO_INDEX] = "Each of those that wait in the queue would take as long, without a match index.",
		[CRM_FULL_MANY] = "So many wait in the queue that this is faster."
	};

	ereport(NOTICE,
			(errmsg("all rows of relation \"%s\" are looked at",
					get_rel_name(refresh->tables.contacts)),
			 errdetail_internal("%s", details[reason]),
			 reason == CRM_FULL_NO_QUEUE ?
			 errhint("create_match_queue makes triggers; after that a run looks at what was written since the one before.") :
			 reason == CRM_FULL_NO_INDEX ?
			 errhint("crm.create_match_index makes one.") : 0));
}

/* ----------
 * how
 * ----------
 */

/*
 * Scores must not depend on whether a pair is found among all rows or by one of
 * them, so there is to be one model for both.  Where nobody has trained one, it is
 * done here, and again when the relation has doubled.
 */
static void
train_if_needed(CrmRefresh *refresh, int64 rows)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(refresh->tables.contacts);
	Datum		model;
	bool		is_null;

	if (!needs_model(refresh, rows))
		return;
	crm_refresh_execute(psprintf("SELECT crm.train_matching($1, %s)", crm_decisions_sql(&refresh->tables)),
						1, &type, &value, NULL);
	model = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	if (!is_null)
		crm_keep_model(&refresh->tables, model, true);
	crm_refresh_read_model(refresh);
}

static void
find_all(const CrmRefresh *refresh, int64 rows)
{
	const CrmMatchTables *tables = &refresh->tables;
	Oid			types[] = {REGCLASSOID, FLOAT8OID, JSONBOID};
	Datum		values[] = {ObjectIdGetDatum(tables->contacts), refresh->min_probability,
		refresh->model};
	char		nulls[] = {' ', refresh->has_min_probability ? ' ' : 'n',
		refresh->model != (Datum) 0 ? ' ' : 'n', '\0'};
	char	   *found = psprintf("SELECT d.left_key AS one_key, d.right_key AS other_key, d.probability,"
								 " d.match_weight, d.evidence"
								 " FROM crm.find_duplicates_by_key($1, $2, $3, %s) AS d",
								 crm_decisions_sql(tables));

	crm_refresh_execute(crm_refresh_store_sql(refresh, found, "true"), 3, types, values, nulls);
	crm_refresh_note_progress(refresh, rows, crm_refresh_number(1, 0), crm_refresh_number(2, 0));
}

/* Notes what the relation is before it is read: what happens to them later is seen by the next run. */
static void
note_shape(const CrmRefresh *refresh)
{
	crm_refresh_execute_for(refresh, psprintf("UPDATE %s SET full_shape = %s WHERE relation = $1",
											  refresh->tables.refreshes, shape_sql(refresh)));
}

/* What the queue can be trusted with from now on. */
static void
note_full(const CrmRefresh *refresh, TimestampTz at, bool had_queue)
{
	Oid			types[] = {REGCLASSOID, TIMESTAMPTZOID, BOOLOID, INT8OID, FLOAT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		TimestampTzGetDatum(at), BoolGetDatum(had_queue), Int64GetDatum(refresh->model_id),
	refresh->min_probability};

	crm_refresh_execute(psprintf("UPDATE %s SET full_at = $2, full_had_queue = $3,"
								 " full_model_id = NULLIF($4, 0), full_min_probability = $5 WHERE relation = $1",
								 refresh->tables.refreshes),
						5, types, values, refresh->has_min_probability ? "     " : "    n");
}

/* Whether another session has looked at all rows since the call began. */
static bool
was_overtaken(const CrmRefresh *refresh)
{
	Oid			types[] = {REGCLASSOID, TIMESTAMPTZOID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		TimestampTzGetDatum(refresh->called_at)};

	crm_refresh_execute(psprintf("SELECT full_at >= $2 FROM %s WHERE relation = $1", refresh->tables.refreshes),
						2, types, values, NULL);
	return crm_refresh_flag(1);
}

/*
 * Looks at all rows, in one transaction.  What waits in the queue is taken from it
 * first: whoever wrote that has committed, so the engine will see it.  Returns
 * false if another session has done it meanwhile.
 */
bool
crm_refresh_all(CrmRefresh *refresh, CrmFullReason reason)
{
	TimestampTz at;
	bool		had_queue;
	int64		rows;

	report_full(refresh, reason);
	crm_refresh_start_progress(refresh, true, crm_refresh_count_rows(refresh));
	crm_refresh_next_transaction();

	crm_refresh_lock(refresh);
	refresh->is_full_done = true;
	if (was_overtaken(refresh))
		return false;
	at = GetCurrentTimestamp();
	had_queue = crm_has_match_queue(&refresh->tables);
	note_shape(refresh);
	crm_refresh_execute_for(refresh, psprintf("DELETE FROM %s WHERE relation = $1",
											  refresh->tables.queue));
	rows = crm_refresh_count_rows(refresh);
	crm_refresh_read_model(refresh);
	train_if_needed(refresh, rows);
	find_all(refresh, rows);
	note_full(refresh, at, had_queue);
	return true;
}
