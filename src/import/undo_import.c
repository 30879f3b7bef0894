/*
 * undo_import.c
 *		Taking an import back.
 *
 * Lines are worked off from the last one to the first, in batches.  A row that is
 * as the import left it (its hash says so) is deleted, or gets its former values
 * back; one that somebody has edited since, that is gone, or that other rows refer
 * to, stays, and the report says why.  What was made for a line beside it
 * (companies, users) goes after it.  Called again, it tries again what it had kept.
 *
 * Rows go with one statement for a batch, in a subtransaction, and by halves where
 * that fails, as they came.  Everything runs with the caller's rights.
 */
#include "import/import.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "import/import_keys.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"

#define UNDO_BATCH 1000

/* A line to be taken back. */
typedef struct UndoRow
{
	int64		id;				/* in import_rows */
	int64		line;
	int64		row_id;
	bool		is_insert;		/* it inserted a row; if neither, there is none */
	bool		is_update;
	bool		has_hash;
	int64		hash;
	bool		has_created;	/* other rows, too */
	bool		is_ready;		/* is to be done in this round */
	const char *outcome;		/* NULL while undecided */
	const char *reason;
} UndoRow;

typedef struct Undo
{
	int64		import_id;
	char	   *schema_name;
	char	   *schema;			/* quoted */
	Oid			target;
	char	   *target_name;
	char	   *lock_sql;
	char	   *state_sql;		/* key, hash, and who refers to it, of rows by key */
	char	   *delete_sql;
	char	   *restore_sql;
	bool		has_inserts;
	bool		has_updates;
	MemoryContext batch_context;
	UndoRow    *rows;
	int			num_rows;
	HTAB	   *seen;			/* rows of the round, by key */
	int			round;
	int64		num_kept;
	int64		num_undone;
	ReturnSetInfo *result;
} Undo;

/* Lines [start, end) of a list, all to be deleted or all to be restored. */
typedef struct UndoRange
{
	Undo	   *undo;
	int		   *rows;
	int			start;
	int			end;
	bool		is_restore;
} UndoRange;

static char *
text_at(uint64 row, int column)
{
	return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

/* 0 for NULL. */
static int64
number_at(uint64 row, int column)
{
	bool		is_null;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
									  column, &is_null);

	return is_null ? 0 : DatumGetInt64(value);
}

static bool
is_null_at(uint64 row, int column)
{
	bool		is_null;

	(void) SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
	return is_null;
}

/* ----------
 * the statements
 * ----------
 */

/* Locks the import, and finds out which table it was for. */
static void
read_import(Undo *undo)
{
	Oid			type = INT8OID;
	Datum		id = Int64GetDatum(undo->import_id);
	const char *table;

	crm_import_execute(psprintf("SELECT table_name, inserted, updated FROM %s.imports"
								" WHERE id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE", undo->schema),
					   1, &type, &id, NULL);
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("import " INT64_FORMAT " does not exist", undo->import_id),
				 errhint("The imports are the rows of %s.imports.", undo->schema)));
	table = crm_import_entity(text_at(0, 1))->table;
	undo->has_inserts = number_at(0, 2) > 0;
	undo->has_updates = number_at(0, 3) > 0;
	SPI_freetuptable(SPI_tuptable);
	undo->target = crm_import_table(undo->schema_name, table);
	undo->target_name = quote_qualified_identifier(undo->schema_name, table);
}

/*
 * A table whose rows would be deleted or emptied along with row c of a table, if it
 * has any: a server that does that silently must not be asked to.
 */
static char *
referrer_sql(Oid table)
{
	StringInfoData sql;
	uint64		i;

	crm_import_execute(psprintf("SELECT k.conrelid::pg_catalog.regclass::pg_catalog.text,"
								" (SELECT pg_catalog.string_agg(pg_catalog.format('x.%%I OPERATOR(pg_catalog.=) c.%%I',"
								" a.attname, b.attname), ' AND ')"
								" FROM ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) AS p (here, there)"
								" JOIN pg_catalog.pg_attribute AS a ON a.attrelid OPERATOR(pg_catalog.=) k.conrelid"
								" AND a.attnum OPERATOR(pg_catalog.=) p.here"
								" JOIN pg_catalog.pg_attribute AS b ON b.attrelid OPERATOR(pg_catalog.=) k.confrelid"
								" AND b.attnum OPERATOR(pg_catalog.=) p.there),"
								" pg_catalog.row_security_active(k.conrelid)"
								" FROM pg_catalog.pg_constraint AS k"
								" WHERE k.confrelid OPERATOR(pg_catalog.=) %u AND k.contype OPERATOR(pg_catalog.=) 'f'"
								" AND k.confdeltype OPERATOR(pg_catalog.=) ANY ('{c,n,d}'::pg_catalog.\"char\"[])"
								" ORDER BY 1, 2", table), 0, NULL, NULL, NULL);
	initStringInfo(&sql);
	for (i = 0; i < SPI_processed; i++)
	{
		/* rows that a policy hides would go all the same */
		if (strcmp(text_at(i, 3), "t") == 0)
			appendStringInfo(&sql, " WHEN true THEN %s",
							 quote_literal_cstr(psprintf("%s (or may, behind its policies)",
														 text_at(i, 1))));
		else
			appendStringInfo(&sql, " WHEN EXISTS (SELECT FROM %s AS x WHERE %s) THEN %s",
							 text_at(i, 1), text_at(i, 2), quote_literal_cstr(text_at(i, 1)));
	}
	SPI_freetuptable(SPI_tuptable);
	return sql.len == 0 ? pstrdup("NULL::pg_catalog.text") : psprintf("CASE%s END", sql.data);
}

/* Former values go back into every column but the key and updated_at. */
static char *
restored_columns(const Undo *undo)
{
	StringInfoData columns;
	uint64		i;

	crm_import_execute(psprintf("SELECT pg_catalog.quote_ident(attname), pg_catalog.quote_literal(attname)"
								" FROM pg_catalog.pg_attribute"
								" WHERE attrelid OPERATOR(pg_catalog.=) %u"
								" AND attnum OPERATOR(pg_catalog.>) 0 AND NOT attisdropped"
								" AND attgenerated OPERATOR(pg_catalog.=) '' AND attidentity OPERATOR(pg_catalog.=) ''"
								" AND attname OPERATOR(pg_catalog.<>) ALL ('{id,updated_at}'::pg_catalog.name[])"
								" ORDER BY attnum", undo->target), 0, NULL, NULL, NULL);
	initStringInfo(&columns);
	/* a column that is younger than the import keeps its value */
	for (i = 0; i < SPI_processed; i++)
		appendStringInfo(&columns, "%s%s = CASE WHEN r.before_image OPERATOR(pg_catalog.?) %s"
						 " THEN b.%s ELSE c.%s END", i > 0 ? ", " : "",
						 text_at(i, 1), text_at(i, 2), text_at(i, 1), text_at(i, 1));
	SPI_freetuptable(SPI_tuptable);
	return columns.data;
}

static void
compose(Undo *undo)
{
	/* in the order of keys, and before a look: what commits meanwhile is seen then */
	undo->lock_sql = psprintf("SELECT FROM %s AS c WHERE c.id OPERATOR(pg_catalog.=) ANY ($1)"
							  " ORDER BY c.id FOR UPDATE OF c", undo->target_name);
	undo->state_sql = psprintf("SELECT c.id::pg_catalog.int8, %s, %s FROM %s AS c"
							   " WHERE c.id OPERATOR(pg_catalog.=) ANY ($1)",
							   crm_import_hash_sql(undo->target), referrer_sql(undo->target),
							   undo->target_name);
	undo->delete_sql = psprintf("DELETE FROM %s AS c WHERE c.id OPERATOR(pg_catalog.=) ANY ($1)",
								undo->target_name);
	undo->restore_sql = psprintf("UPDATE %s AS c SET %s FROM %s.import_rows AS r,"
								 " LATERAL pg_catalog.jsonb_populate_record(NULL::%s, r.before_image) AS b"
								 " WHERE r.id OPERATOR(pg_catalog.=) ANY ($1)"
								 " AND c.id OPERATOR(pg_catalog.=) r.row_id",
								 undo->target_name, restored_columns(undo), undo->schema,
								 undo->target_name);
}

/* ----------
 * one batch: what is to be done
 * ----------
 */

static void
decide(UndoRow *row, const char *outcome, const char *reason)
{
	row->outcome = outcome;
	row->reason = reason;
}

static bool
read_batch(Undo *undo, Portal lines)
{
	int			i;

	MemoryContextReset(undo->batch_context);
	SPI_cursor_fetch(lines, true, UNDO_BATCH);
	MemoryContextSwitchTo(undo->batch_context);
	undo->num_rows = (int) SPI_processed;
	undo->rows = palloc0(sizeof(UndoRow) * (undo->num_rows + 1));
	undo->seen = crm_import_number_table("crm undo rows", undo->batch_context);
	for (i = 0; i < undo->num_rows; i++)
	{
		UndoRow    *row = &undo->rows[i];

		row->id = number_at(i, 1);
		row->line = number_at(i, 2);
		row->row_id = number_at(i, 3);
		row->is_insert = strcmp(text_at(i, 4), "inserted") == 0;
		row->is_update = strcmp(text_at(i, 4), "updated") == 0;
		row->has_hash = !is_null_at(i, 5);
		row->hash = number_at(i, 5);
		row->has_created = !is_null_at(i, 6);
		if (!row->is_insert && !row->is_update)
		{
			/* only what was made for it is to go */
			row->row_id = 0;
			decide(row, "deleted", NULL);
		}
	}
	SPI_freetuptable(SPI_tuptable);
	return undo->num_rows > 0;
}

/*
 * Keys of the rows that this round is about; their lines are marked.  Of several
 * lines for one row only the last one can be taken back yet.
 */
static Datum
keys_of_round(Undo *undo, int *count)
{
	Datum	   *ids = palloc(sizeof(Datum) * (undo->num_rows + 1));
	int			i;

	*count = 0;
	undo->round++;
	for (i = 0; i < undo->num_rows; i++)
	{
		UndoRow    *row = &undo->rows[i];

		row->is_ready = row->outcome == NULL &&
			crm_import_enter_number(undo->seen, row->row_id, undo->round);
		if (row->is_ready)
			ids[(*count)++] = Int64GetDatum(row->row_id);
	}
	return crm_array_of_ids(ids, *count);
}

/* Compares a row with what the import left. */
static void
compare_state(UndoRow *row, int64 hash, const char *referrer)
{
	if (!row->has_hash)
		decide(row, "kept", "the import could not read the row back");
	else if (hash != row->hash)
		decide(row, "kept", "it was edited since");
	else if (row->is_insert && referrer != NULL)
		decide(row, "kept", psprintf("rows of %s refer to it", referrer));
	else
		return;
	row->is_ready = false;
}

/* Rows that are not as the import left them are kept. */
static void
keep_edited(Undo *undo, Datum ids)
{
	Oid			type = INT8ARRAYOID;
	bool	   *seen = palloc0(sizeof(bool) * (undo->num_rows + 1));
	uint64		i;
	int			j;

	crm_import_look_up(undo->lock_sql, 1, &type, &ids);
	SPI_freetuptable(SPI_tuptable);
	crm_import_read_state(undo->state_sql, 1, &type, &ids);
	for (i = 0; i < SPI_processed; i++)
	{
		int64		row_id = number_at(i, 1);

		for (j = 0; j < undo->num_rows; j++)
			if (undo->rows[j].is_ready && undo->rows[j].row_id == row_id)
			{
				seen[j] = true;
				compare_state(&undo->rows[j], number_at(i, 2), text_at(i, 3));
				break;
			}
	}
	SPI_freetuptable(SPI_tuptable);
	for (j = 0; j < undo->num_rows; j++)
		if (undo->rows[j].is_ready && !seen[j])
		{
			decide(&undo->rows[j], "kept", "it is not there any more");
			undo->rows[j].is_ready = false;
		}
}

/* ----------
 * one batch: doing it
 * ----------
 */

static void
undo_range(void *argument)
{
	UndoRange  *range = argument;
	Undo	   *undo = range->undo;
	int			count = range->end - range->start;
	Datum	   *ids = palloc(sizeof(Datum) * count);
	Oid			type = INT8ARRAYOID;
	Datum		array;
	int			i;

	for (i = 0; i < count; i++)
	{
		UndoRow    *row = &undo->rows[range->rows[range->start + i]];

		ids[i] = Int64GetDatum(range->is_restore ? row->id : row->row_id);
	}
	array = crm_array_of_ids(ids, count);
	if (range->is_restore)
		crm_import_look_up(undo->restore_sql, 1, &type, &array);
	else
		crm_import_look_up(undo->delete_sql, 1, &type, &array);
	if (SPI_processed != (uint64) count)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("a trigger or a policy of the table left the row as it is")));
}

static void
undo_by_halves(UndoRange range)
{
	ErrorData  *error;
	UndoRange	half = range;
	int			i;

	if (range.start == range.end)
		return;
	CHECK_FOR_INTERRUPTS();
	error = crm_import_try(undo_range, &range);
	if (error == NULL)
		for (i = range.start; i < range.end; i++)
			decide(&range.undo->rows[range.rows[i]], range.is_restore ? "restored" : "deleted", NULL);
	else if (range.end - range.start == 1)
		decide(&range.undo->rows[range.rows[range.start]], "kept", crm_import_reason(error));
	else
	{
		half.end = range.start + (range.end - range.start) / 2;
		undo_by_halves(half);
		half.start = half.end;
		half.end = range.end;
		undo_by_halves(half);
	}
}

static void
undo_ready(Undo *undo, bool is_restore)
{
	UndoRange	range = {undo, palloc(sizeof(int) * (undo->num_rows + 1)), 0, 0, is_restore};
	int			i;

	for (i = 0; i < undo->num_rows; i++)
		if (undo->rows[i].is_ready && undo->rows[i].is_update == is_restore)
			range.rows[range.end++] = i;
	undo_by_halves(range);
}

/* ----------
 * rows that were made beside a line
 * ----------
 */

/* A company or user that the import made. */
typedef struct CreatedRow
{
	Undo	   *undo;
	char	   *table;
	int64		id;
	char	   *hash;			/* as text; NULL: unknown */
} CreatedRow;

/* Imports make rows in two tables only: whoever may write import_rows names no other. */
static Oid
table_of_created(const CreatedRow *created)
{
	if (strcmp(created->table, "companies") != 0 && strcmp(created->table, "users") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("an import makes no rows in \"%s\"", created->table)));
	return crm_import_table(created->undo->schema_name, created->table);
}

static void
delete_created(void *argument)
{
	CreatedRow *created = argument;
	Oid			relation = table_of_created(created);
	Oid			type = INT8OID;
	Datum		id = Int64GetDatum(created->id);
	char	   *name = quote_qualified_identifier(created->undo->schema_name, created->table);
	char	   *referrer = NULL;
	bool		is_there;
	bool		is_edited;

	crm_import_look_up(psprintf("SELECT FROM %s AS c WHERE c.id OPERATOR(pg_catalog.=) $1"
								" FOR UPDATE OF c", name), 1, &type, &id);
	SPI_freetuptable(SPI_tuptable);
	crm_import_read_state(psprintf("SELECT %s::pg_catalog.text, %s FROM %s AS c"
								   " WHERE c.id OPERATOR(pg_catalog.=) $1",
								   crm_import_hash_sql(relation), referrer_sql(relation), name),
						  1, &type, &id);
	is_there = SPI_processed > 0;
	is_edited = is_there &&
		(created->hash == NULL || strcmp(created->hash, text_at(0, 1)) != 0);
	if (is_there)
		referrer = text_at(0, 2);
	SPI_freetuptable(SPI_tuptable);
	if (!is_there)
		return;
	if (is_edited)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("it was edited since")));
	if (referrer != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("rows of %s refer to it", referrer)));
	crm_import_execute(psprintf("DELETE FROM %s AS c WHERE c.id OPERATOR(pg_catalog.=) $1", name),
					   1, &type, &id, NULL);
}

static void
undo_created(Undo *undo, UndoRow *row)
{
	Oid			type = INT8OID;
	Datum		id = Int64GetDatum(row->id);
	SPITupleTable *found;
	uint64		count;
	uint64		i;

	crm_import_execute(psprintf("SELECT x.value OPERATOR(pg_catalog.->>) 'table',"
								" (x.value OPERATOR(pg_catalog.->>) 'id')::pg_catalog.int8,"
								" x.value OPERATOR(pg_catalog.->>) 'hash'"
								" FROM %s.import_rows AS r, pg_catalog.jsonb_array_elements(r.created_rows) AS x"
								" WHERE r.id OPERATOR(pg_catalog.=) $1", undo->schema),
					   1, &type, &id, NULL);
	found = SPI_tuptable;
	count = SPI_processed;
	for (i = 0; i < count; i++)
	{
		CreatedRow	created = {.undo = undo};
		ErrorData  *error;

		SPI_tuptable = found;
		created.table = text_at(i, 1);
		created.id = number_at(i, 2);
		created.hash = text_at(i, 3);
		error = crm_import_try(delete_created, &created);
		if (error == NULL)
			continue;
		row->reason = psprintf("%s%srow " INT64_FORMAT " of %s, made for the line, stays: %s",
							   row->reason != NULL ? row->reason : "",
							   row->reason != NULL ? "; " : "",
							   created.id, created.table, error->message);
		if (!row->is_insert && !row->is_update)
			row->outcome = "kept";
	}
	SPI_freetuptable(found);
}

/* ----------
 * the report
 * ----------
 */

static void
put_result(Undo *undo, const UndoRow *row)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = Int64GetDatum(undo->import_id);
	values[1] = Int64GetDatum(row->line);
	values[2] = CStringGetTextDatum(row->outcome);
	values[3] = Int64GetDatum(row->row_id);
	nulls[3] = row->row_id == 0;
	nulls[4] = row->reason == NULL;
	values[4] = nulls[4] ? (Datum) 0 : CStringGetTextDatum(row->reason);
	tuplestore_putvalues(undo->result->setResult, undo->result->setDesc, values, nulls);
}

/* Keeps what became of the batch's lines, and returns it. */
static void
report_batch(Undo *undo)
{
	Oid			types[3] = {INT8ARRAYOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum	   *columns[3];
	Datum		values[3];
	int			i;

	for (i = 0; i < 3; i++)
		columns[i] = palloc(sizeof(Datum) * (undo->num_rows + 1));
	for (i = 0; i < undo->num_rows; i++)
	{
		UndoRow    *row = &undo->rows[i];

		put_result(undo, row);
		if (strcmp(row->outcome, "kept") == 0)
			undo->num_kept++;
		else
			undo->num_undone++;
		columns[0][i] = Int64GetDatum(row->id);
		columns[1][i] = CStringGetTextDatum(row->outcome);
		columns[2][i] = CStringGetTextDatum(row->reason != NULL ? row->reason : "");
	}
	values[0] = crm_array_of_ids(columns[0], undo->num_rows);
	for (i = 1; i < 3; i++)
		values[i] = crm_array_of_texts(columns[i], undo->num_rows);
	crm_import_look_up(psprintf("UPDATE %s.import_rows AS r SET undo_outcome = u.outcome,"
								" undo_reason = NULLIF(u.reason, '')"
								" FROM ROWS FROM (pg_catalog.unnest($1), pg_catalog.unnest($2), pg_catalog.unnest($3))"
								" AS u (id, outcome, reason)"
								" WHERE r.id OPERATOR(pg_catalog.=) u.id", undo->schema),
					   3, types, values);
}

static void
undo_batch(Undo *undo)
{
	int			count;
	Datum		ids = keys_of_round(undo, &count);
	int			i;

	while (count > 0)
	{
		keep_edited(undo, ids);
		undo_ready(undo, false);
		undo_ready(undo, true);
		ids = keys_of_round(undo, &count);
	}
	for (i = 0; i < undo->num_rows; i++)
		if (undo->rows[i].has_created)
			undo_created(undo, &undo->rows[i]);
	report_batch(undo);
}

/* ----------
 * the call
 * ----------
 */

static void
finish(Undo *undo)
{
	Oid			type = INT8OID;
	Datum		id = Int64GetDatum(undo->import_id);

	crm_import_execute(psprintf("UPDATE %s.imports SET undone_at = pg_catalog.now()"
								" WHERE id OPERATOR(pg_catalog.=) $1", undo->schema),
					   1, &type, &id, NULL);
	ereport(NOTICE,
			(errmsg("import " INT64_FORMAT ": " INT64_FORMAT " lines taken back, " INT64_FORMAT " kept",
					undo->import_id, undo->num_undone, undo->num_kept)));
}

/*
 * Runs the statements with no row: a privilege that is missing is an error of the
 * call, and not of each line.
 */
static void
prepare(Undo *undo)
{
	Oid			type = INT8ARRAYOID;
	Datum		none = crm_array_of_ids(NULL, 0);

	crm_import_read_state(undo->state_sql, 1, &type, &none);
	SPI_freetuptable(SPI_tuptable);
	if (undo->has_inserts)
		crm_import_look_up(undo->delete_sql, 1, &type, &none);
	if (undo->has_updates)
		crm_import_look_up(undo->restore_sql, 1, &type, &none);
}

static void
run_undo(Undo *undo)
{
	MemoryContext context = CurrentMemoryContext;
	char	   *sql = psprintf("SELECT id, line, row_id, outcome, row_hash, created_rows"
							   " FROM %s.import_rows WHERE import_id OPERATOR(pg_catalog.=) $1"
							   " AND (outcome OPERATOR(pg_catalog.=) ANY ('{inserted,updated}'::pg_catalog.text[])"
							   " OR created_rows IS NOT NULL)"
							   " AND (undo_outcome IS NULL OR undo_outcome OPERATOR(pg_catalog.=) 'kept')"
							   " ORDER BY id DESC", undo->schema);
	Oid			type = INT8OID;
	Datum		id = Int64GetDatum(undo->import_id);
	/* not read-only: it must see what another call did while this one waited */
	Portal		lines = SPI_cursor_open_with_args(NULL, sql, 1, &type, &id, NULL, false, 0);

	MemoryContextSwitchTo(context);
	/* a trigger may say CLOSE ALL */
	PinPortal(lines);
	undo->batch_context = AllocSetContextCreate(context, "crm undo batch",
												ALLOCSET_DEFAULT_SIZES);
	while (read_batch(undo, lines))
		undo_batch(undo);
	MemoryContextSwitchTo(context);
	UnpinPortal(lines);
	SPI_cursor_close(lines);
}

PG_FUNCTION_INFO_V1(crm_undo_import);
Datum
crm_undo_import(PG_FUNCTION_ARGS)
{
	Undo	   *undo = palloc0(sizeof(Undo));

	crm_require_argument(fcinfo, 0, "imports");
	crm_require_argument(fcinfo, 1, "import_id");
	undo->import_id = PG_GETARG_INT64(1);
	undo->schema_name = crm_relation_schema(PG_GETARG_OID(0));
	undo->schema = pstrdup(quote_identifier(undo->schema_name));
	InitMaterializedSRF(fcinfo, 0);
	undo->result = (ReturnSetInfo *) fcinfo->resultinfo;
	SPI_connect();
	read_import(undo);
	compose(undo);
	crm_import_check_at_once(psprintf("k.confrelid IN %s",
									  crm_import_written_tables(undo->schema_name, undo->target)));
	prepare(undo);
	run_undo(undo);
	finish(undo);
	SPI_finish();
	return (Datum) 0;
}
