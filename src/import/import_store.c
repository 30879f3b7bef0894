/*
 * import_store.c
 *		Writing lines into the table, and finding the one that cannot be.
 *
 * A batch goes in with one statement, in a subtransaction.  If that fails, each half
 * is tried, and so on down to the line that the table, its constraints or somebody's
 * trigger refuses: it costs a line, not the file.  Errors that are not about a row
 * (a cancelled query, a lock not got in time, a full disk, a deadlock) end the
 * import, and with it the transaction.
 *
 * Memory: everything is in the batch's context, which subtransactions leave alone.
 */
#include "import/import.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/resowner.h"

#define LEFT_OUT "the row was not written: a trigger or a policy of the table left it out"

/* Lines [start, end) of a list, to be stored together. */
typedef struct StoreRange
{
	CrmImport  *import;
	int		   *rows;
	int			start;
	int			end;
	bool		is_update;
} StoreRange;

/* ----------
 * subtransactions
 * ----------
 */

/* Whether an error says something about the row, and not about the server. */
static bool
is_about_row(int sqlerrcode)
{
	static const int never[] = {
		ERRCODE_TRANSACTION_ROLLBACK, ERRCODE_INSUFFICIENT_RESOURCES,
		ERRCODE_OPERATOR_INTERVENTION, ERRCODE_SYSTEM_ERROR, ERRCODE_INTERNAL_ERROR,
		ERRCODE_INVALID_TRANSACTION_STATE
	};
	int			i;

	for (i = 0; i < (int) lengthof(never); i++)
		if (ERRCODE_TO_CATEGORY(sqlerrcode) == ERRCODE_TO_CATEGORY(never[i]))
			return false;
	return sqlerrcode != ERRCODE_ASSERT_FAILURE && sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE;
}

/*
 * Does the work in a subtransaction.  Returns NULL, or the error that undid it, in
 * the caller's context.
 */
ErrorData *
crm_import_try(CrmImportWork work, void *argument)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		work(argument);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		if (!is_about_row(error->sqlerrcode))
			ReThrowError(error);
	}
	PG_END_TRY();
	return error;
}

/* ----------
 * keys of new rows
 * ----------
 */

/* Where the key is no identity column: its default, once for each row. */
static void
draw_keys_by_default(CrmImport *import, int *rows, int count)
{
	Oid			type = INT4OID;
	Datum		number = Int32GetDatum(count);
	bool		is_null;
	int			i;

	crm_import_execute(psprintf("SELECT (%s)::pg_catalog.int8 FROM pg_catalog.generate_series(1, $1)",
								   import->next_id_sql),
						  1, &type, &number, NULL);
	if ((int) SPI_processed != count)
		elog(ERROR, "could not draw keys");
	for (i = 0; i < count; i++)
		import->rows[rows[i]].id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
															   SPI_tuptable->tupdesc, 1, &is_null));
	SPI_freetuptable(SPI_tuptable);
}

/* As an INSERT that names no key does it: the sequence needs no grant. */
static void
draw_keys(CrmImport *import, int *rows, int count)
{
	int			i;

	if (import->next_id_sql != NULL)
		draw_keys_by_default(import, rows, count);
	else
		for (i = 0; i < count; i++)
			import->rows[rows[i]].id = nextval_internal(import->id_sequence, false);
}

/* ----------
 * storing
 * ----------
 */

/* A relation that statements can name, empty as yet. */
EphemeralNamedRelation
crm_import_register(const char *name, TupleDesc desc)
{
	EphemeralNamedRelation relation = palloc0(sizeof(EphemeralNamedRelationData));

	relation->md.name = pstrdup(name);
	relation->md.tupdesc = desc;
	relation->md.enrtype = ENR_NAMED_TUPLESTORE;
	relation->reldata = tuplestore_begin_heap(true, false, work_mem);
	if (SPI_register_relation(relation) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register \"%s\"", name);
	return relation;
}

/*
 * Makes the relation of a batch an empty one.  Scans leave their read pointers in a
 * tuplestore, which looks at all of them for every row: so each statement gets a new
 * one.  It is the import's, also where a subtransaction asks for it.
 */
void
crm_import_renew_store(CrmImport *import, EphemeralNamedRelation relation)
{
	MemoryContext context = MemoryContextSwitchTo(import->context);
	ResourceOwner owner = CurrentResourceOwner;

	CurrentResourceOwner = import->owner;
	tuplestore_end(relation->reldata);
	relation->reldata = tuplestore_begin_heap(true, false, work_mem);
	CurrentResourceOwner = owner;
	MemoryContextSwitchTo(context);
}

static void
stage_rows(CrmImport *import, const int *rows, int count)
{
	Datum	   *values = palloc(sizeof(Datum) * (import->num_columns + 1));
	bool	   *nulls = palloc(sizeof(bool) * (import->num_columns + 1));
	int			i;

	crm_import_renew_store(import, import->staged);
	for (i = 0; i < count; i++)
	{
		CrmImportRow *row = &import->rows[rows[i]];

		values[0] = Int64GetDatum(row->id);
		nulls[0] = false;
		memcpy(values + 1, row->values, sizeof(Datum) * import->num_columns);
		memcpy(nulls + 1, row->nulls, sizeof(bool) * import->num_columns);
		tuplestore_putvalues(import->staged->reldata, import->staged_desc, values, nulls);
	}
	import->staged->md.enrtuples = count;
	pfree(values);
	pfree(nulls);
}

/* The line of the list that has the row's key; searched from the last one found. */
static CrmImportRow *
row_with_id(CrmImport *import, const int *rows, int count, int64 id, int *hint)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		CrmImportRow *row = &import->rows[rows[(*hint + i) % count]];

		if (row->id == id)
		{
			*hint = (*hint + i + 1) % count;
			return row;
		}
	}
	return NULL;
}

static void
check_all_stored(int count)
{
	if (SPI_processed != (uint64) count)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg(LEFT_OUT)));
}

static void
insert_range(void *argument)
{
	StoreRange *range = argument;

	crm_import_execute(range->import->insert_sql, 0, NULL, NULL, NULL);
	check_all_stored(range->end - range->start);
}

/* Whether the row, now that it is locked, is still the one that was matched. */
static bool
is_still_matched(const CrmImportRow *row, HeapTuple tuple, TupleDesc desc)
{
	bool		is_null;
	char	   *key;

	if (DatumGetBool(SPI_getbinval(tuple, desc, 4, &is_null)))
		return false;
	if (!row->matched_by_own)
		return true;
	key = SPI_getvalue(tuple, desc, 5);
	return key != NULL && strcmp(key, row->keys[1] + 1) == 0;
}

/* A row keeps the external_id that it has: what the file says instead is in the report. */
static void
say_which_key_stays(const CrmImport *import, CrmImportRow *row, const char *old)
{
	int			column = crm_import_column(import, "external_id");
	const char *new = column < 0 ? NULL : row->texts[column];

	if (old == NULL || new == NULL || strcmp(old, new) == 0)
		return;
	if (row->outcome == CRM_IMPORT_SKIPPED)
		row->reason = psprintf("there is nothing new in it; the external_id stays %s", old);
	else if (row->reason == NULL)
		row->reason = psprintf("the external_id stays %s", old);
	else
		return;
	row->column = "external_id";
	row->value = new;
}

/*
 * Keeps the rows as they are, and takes lines out that change nothing.  A line that
 * gets no image has no such row any more.
 */
static void
keep_images(const StoreRange *range)
{
	CrmImport  *import = range->import;
	int			count = range->end - range->start;
	int		   *rows = range->rows + range->start;
	int			hint = 0;
	uint64		i;

	crm_import_read_state(import->before_sql, 0, NULL, NULL);
	for (i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		is_null;
		int64		id = DatumGetInt64(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &is_null));
		CrmImportRow *row = row_with_id(import, rows, count, id, &hint);

		if (row == NULL || !is_still_matched(row, tuple, SPI_tuptable->tupdesc))
			continue;
		if (DatumGetBool(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 3, &is_null)))
		{
			row->outcome = CRM_IMPORT_SKIPPED;
			row->reason = "there is nothing new in it";
			row->column = NULL;
			row->value = NULL;
		}
		else
		{
			Datum		image = SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &is_null);

			if (is_null)
				elog(ERROR, "a row has no image");
			row->before_image = datumCopy(image, false, -1);
		}
		say_which_key_stays(import, row, SPI_getvalue(tuple, SPI_tuptable->tupdesc, 6));
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
update_range(void *argument)
{
	StoreRange *range = argument;
	CrmImport  *import = range->import;
	int			count = range->end - range->start;
	int		   *changing = palloc(sizeof(int) * count);
	int			num_changing = 0;
	int			i;

	keep_images(range);
	for (i = range->start; i < range->end; i++)
		if (import->rows[range->rows[i]].before_image != (Datum) 0)
			changing[num_changing++] = range->rows[i];
	if (num_changing == 0)
		return;
	if (num_changing < count)
		stage_rows(import, changing, num_changing);
	crm_import_look_up(import->update_sql, 0, NULL, NULL);
	check_all_stored(num_changing);
}

/* An error's message, with the detail unless that is the whole row. */
char *
crm_import_reason(const ErrorData *error)
{
	if (error->detail == NULL || error->sqlerrcode == ERRCODE_CHECK_VIOLATION ||
		error->sqlerrcode == ERRCODE_NOT_NULL_VIOLATION)
		return pstrdup(error->message);
	return psprintf("%s (%s)", error->message, error->detail);
}

static void
reject_range(const StoreRange *range, const ErrorData *error)
{
	CrmImportRow *row = &range->import->rows[range->rows[range->start]];

	row->id = 0;
	row->before_image = (Datum) 0;
	if (error->sqlerrcode == ERRCODE_UNIQUE_VIOLATION && !row->was_overtaken)
	{
		/* perhaps by another session, after the look-up: it is looked up again */
		row->was_overtaken = true;
		return;
	}
	crm_import_reject(row, crm_import_reason(error), error->column_name, NULL);
}

/* What a failed statement has set is not so. */
static void
forget_range(const StoreRange *range)
{
	int			i;

	for (i = range->start; i < range->end; i++)
	{
		CrmImportRow *row = &range->import->rows[range->rows[i]];

		row->outcome = CRM_IMPORT_PENDING;
		row->before_image = (Datum) 0;
	}
}

/* The statement went through: the line's outcome. */
static void
take_as_stored(CrmImportRow *row, bool is_update)
{
	if (row->outcome != CRM_IMPORT_PENDING)
		return;
	if (!is_update)
		row->outcome = CRM_IMPORT_INSERTED;
	else if (row->before_image != (Datum) 0)
		row->outcome = CRM_IMPORT_UPDATED;
	else if (row->was_overtaken)
		crm_import_reject(row, LEFT_OUT, NULL, NULL);
	else
	{
		/* deleted or archived, or another address, since the look-up */
		row->was_overtaken = true;
	}
}

static void
store_range(StoreRange range)
{
	CrmImport  *import = range.import;
	int			middle = range.start + (range.end - range.start) / 2;
	ErrorData  *error;
	StoreRange	half = range;
	int			i;

	CHECK_FOR_INTERRUPTS();
	stage_rows(import, range.rows + range.start, range.end - range.start);
	error = crm_import_try(range.is_update ? update_range : insert_range, &range);
	if (error == NULL)
	{
		for (i = range.start; i < range.end; i++)
			take_as_stored(&import->rows[range.rows[i]], range.is_update);
		return;
	}
	forget_range(&range);
	if (range.end - range.start == 1)
	{
		reject_range(&range, error);
		return;
	}
	half.end = middle;
	store_range(half);
	half.start = middle;
	half.end = range.end;
	store_range(half);
}

/* ----------
 * hashes of what was stored
 * ----------
 */

static Datum
ids_of_stored(CrmImport *import, const int *rows, int count)
{
	Datum	   *ids = palloc(sizeof(Datum) * count);
	int			num_ids = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		CrmImportRow *row = &import->rows[rows[i]];

		if (row->outcome == CRM_IMPORT_INSERTED || row->outcome == CRM_IMPORT_UPDATED)
			ids[num_ids++] = Int64GetDatum(row->id);
	}
	return num_ids == 0 ? (Datum) 0 : crm_array_of_ids(ids, num_ids);
}

static void
hash_stored(CrmImport *import, const int *rows, int count)
{
	Oid			type = INT8ARRAYOID;
	Datum		ids = ids_of_stored(import, rows, count);
	int			hint = 0;
	uint64		i;

	if (ids == (Datum) 0)
		return;
	crm_import_read_state(psprintf("SELECT c.id::pg_catalog.int8, %s FROM %s AS c"
								   " WHERE c.id OPERATOR(pg_catalog.=) ANY ($1)",
								   import->hash_sql, import->target_name),
						  1, &type, &ids);
	for (i = 0; i < SPI_processed; i++)
	{
		bool		is_null;
		int64		id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
													 SPI_tuptable->tupdesc, 1, &is_null));
		CrmImportRow *row = row_with_id(import, rows, count, id, &hint);

		if (row == NULL)
			continue;
		row->hash = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
												SPI_tuptable->tupdesc, 2, &is_null));
		row->has_hash = true;
	}
	SPI_freetuptable(SPI_tuptable);
}

/* Whether phone numbers are imported whose region the rows themselves may know. */
static bool
needs_countries(const CrmImport *import)
{
	int			i;

	for (i = 0; i < import->num_sources; i++)
		if (import->sources[i].kind == CRM_IMPORT_PHONE && import->sources[i].is_followed)
			return get_atttype(import->target, get_attnum(import->target, "country")) == TEXTOID;
	return false;
}

/* The country that a row has tells how its new number is to be read. */
static void
look_up_countries(CrmImport *import, const int *rows, int count)
{
	Oid			type = INT8ARRAYOID;
	Datum	   *ids = palloc(sizeof(Datum) * count);
	Datum		array;
	int			hint = 0;
	uint64		i;

	if (!needs_countries(import))
		return;
	for (i = 0; i < (uint64) count; i++)
		ids[i] = Int64GetDatum(import->rows[rows[i]].id);
	array = crm_array_of_ids(ids, count);
	crm_import_look_up(psprintf("SELECT id::pg_catalog.int8, country FROM %s"
								" WHERE id OPERATOR(pg_catalog.=) ANY ($1)", import->target_name),
					   1, &type, &array);
	for (i = 0; i < SPI_processed; i++)
	{
		bool		is_null;
		int64		id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
													 SPI_tuptable->tupdesc, 1, &is_null));
		CrmImportRow *row = row_with_id(import, rows, count, id, &hint);

		if (row != NULL)
			row->old_country = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
	}
	SPI_freetuptable(SPI_tuptable);
}

/*
 * Stores lines, all new ones or all changes.  Each has its outcome afterwards, but
 * for those that have just been overtaken.
 */
void
crm_import_store(CrmImport *import, int *rows, int count, bool is_update)
{
	StoreRange	range = {import, rows, 0, count, is_update};

	if (count == 0)
		return;
	if (is_update)
		look_up_countries(import, rows, count);
	crm_import_fill_followers(import, rows, count);
	if (!is_update)
		draw_keys(import, rows, count);
	store_range(range);
	hash_stored(import, rows, count);
}

/*
 * Makes the batch a relation that statements can name, and runs them once with no
 * row: a privilege that is missing, or a column that is not what it should be, is
 * an error of the import and not of each line.
 */
void
crm_import_prepare_store(CrmImport *import)
{
	import->staged = crm_import_register("crm_import_rows", import->staged_desc);
	crm_import_execute(import->insert_sql, 0, NULL, NULL, NULL);
	if (import->on_duplicate == CRM_ON_DUPLICATE_UPDATE)
	{
		crm_import_look_up(import->before_sql, 0, NULL, NULL);
		crm_import_look_up(import->update_sql, 0, NULL, NULL);
	}
}
