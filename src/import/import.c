/*
 * import.c
 *		Imports from a staging relation into a CRM's table.
 *
 * The whole import is one call and one transaction: it is complete when the first
 * row of its report is there.  Lines are read through a cursor and worked off in
 * batches, each in the batch's memory, so that a file of a million lines needs no
 * more than one of ten thousand.
 *
 * Everything runs with the caller's rights: it takes what an INSERT, and an UPDATE,
 * of the table takes, SELECT, and INSERT and UPDATE of imports and import_rows.
 */
#include "import/import.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "tables/kept_values.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"

/* What is done for a batch may take time that grows with its square. */
#define MAX_BATCH_SIZE 10000

/* ----------
 * tools of the parts
 * ----------
 */

/* The line cannot be stored, for this reason; the first one counts. */
void
crm_import_reject(CrmImportRow *row, const char *reason, const char *column, const char *value)
{
	if (row->outcome == CRM_IMPORT_INVALID)
		return;
	row->outcome = CRM_IMPORT_INVALID;
	row->reason = reason;
	row->column = column;
	row->value = value;
}

/* A table of the CRM. */
Oid
crm_import_table(const char *schema, const char *table)
{
	Oid			relation = get_relname_relid(table, get_namespace_oid(schema, false));

	if (!OidIsValid(relation))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("schema \"%s\" has no table \"%s\"", schema, table)));
	return relation;
}

/* Runs a statement; SPI would leave the caller in another memory context. */
void
crm_import_execute(const char *sql, int nargs, Oid *types, Datum *values, const char *nulls)
{
	MemoryContext context = CurrentMemoryContext;

	if (SPI_execute_with_args(sql, nargs, types, values, nulls, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
	MemoryContextSwitchTo(context);
}

/*
 * The same for a look-up by keys of a batch.  Statistics know nothing of the rows
 * that this very import wrote, so the planner is told to use the index.
 */
void
crm_import_look_up(const char *sql, int nargs, Oid *types, Datum *values)
{
	int			nest_level = NewGUCNestLevel();

	(void) set_config_option("enable_seqscan", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	crm_import_execute(sql, nargs, types, values, NULL);
	AtEOXact_GUC(true, nest_level);
}

/*
 * The same for rows as they are: what depends on how a session writes dates and the
 * like must not, since another session compares it.
 */
void
crm_import_read_state(const char *sql, int nargs, Oid *types, Datum *values)
{
	static const char *const settings[][2] = {
		{"DateStyle", "ISO"}, {"IntervalStyle", "iso_8601"}, {"TimeZone", "UTC"},
		{"extra_float_digits", "1"}, {"bytea_output", "hex"}
	};
	int			nest_level = NewGUCNestLevel();
	int			i;

	for (i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1], PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	crm_import_look_up(sql, nargs, types, values);
	AtEOXact_GUC(true, nest_level);
}

/* ----------
 * arguments
 * ----------
 */

static CrmOnDuplicate
on_duplicate_argument(const char *word)
{
	static const char *const words[] = {"skip", "update", "insert", "report"};
	int			i;

	for (i = 0; i < (int) lengthof(words); i++)
		if (strcmp(words[i], word) == 0)
			return (CrmOnDuplicate) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("on_duplicate cannot be \"%s\"", word),
			 errhint("Write skip, update, insert or report.")));
}

static int
batch_size_argument(int size)
{
	if (size < 1 || size > MAX_BATCH_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch_size cannot be %d", size),
				 errdetail("It must be between 1 and %d.", MAX_BATCH_SIZE)));
	return size;
}

/* NULL for NULL; an unknown region is an error. */
static const char *
region_argument(FunctionCallInfo fcinfo, int arg)
{
	text	   *name;
	char	   *region;

	if (PG_ARGISNULL(arg))
		return NULL;
	name = PG_GETARG_TEXT_PP(arg);
	region = crm_region_of_text(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	if (region == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"%s\" is no region that phone numbers have",
						crm_shown(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name))),
				 errhint("Write an ISO 3166 code, such as US or DE.")));
	return region;
}

/* ----------
 * reading
 * ----------
 */

static int64
count_lines(const char *staging_sql)
{
	bool		is_null;
	int64		count;

	crm_import_execute(psprintf("SELECT pg_catalog.count(*) FROM (%s) AS s", staging_sql),
					   0, NULL, NULL, NULL);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null));
	SPI_freetuptable(SPI_tuptable);
	return count;
}

/* The line's number: what the file says, or the position. */
static int64
line_number(const CrmImport *import, HeapTuple tuple, TupleDesc desc, int64 position)
{
	char	   *text = import->line_source < 0 ? NULL :
		SPI_getvalue(tuple, desc, import->num_sources + 1);
	size_t		length = text == NULL ? 0 : strlen(text);

	if (length == 0 || length > 18 || strspn(text, "0123456789") != length)
		return position;
	return strtoll(text, NULL, 10);
}

static void
read_row(CrmImport *import, CrmImportRow *row, HeapTuple tuple, TupleDesc desc, int64 position)
{
	int			i;

	memset(row, 0, sizeof(*row));
	row->line = line_number(import, tuple, desc, position);
	row->raw = palloc(sizeof(char *) * import->num_sources);
	row->texts = palloc0(sizeof(char *) * import->num_columns);
	row->values = palloc0(sizeof(Datum) * import->num_columns);
	row->nulls = palloc0(sizeof(bool) * import->num_columns);
	for (i = 0; i < import->num_sources; i++)
		row->raw[i] = SPI_getvalue(tuple, desc, i + 1);
}

/* The next lines, cleaned; false at the end of the file. */
static bool
read_batch(CrmImport *import, Portal lines, int64 position)
{
	int			i;

	MemoryContextReset(import->batch_context);
	SPI_cursor_fetch(lines, true, import->batch_size);
	MemoryContextSwitchTo(import->batch_context);
	import->num_rows = (int) SPI_processed;
	import->keys_are_known = false;
	import->round = 0;
	import->rows = palloc(sizeof(CrmImportRow) * (import->num_rows + 1));
	for (i = 0; i < import->num_rows; i++)
		read_row(import, &import->rows[i], SPI_tuptable->vals[i], SPI_tuptable->tupdesc,
				 position + i + 1);
	SPI_freetuptable(SPI_tuptable);
	for (i = 0; i < import->num_rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		crm_import_clean_row(import, &import->rows[i]);
	}
	return import->num_rows > 0;
}

/* ----------
 * one batch
 * ----------
 */

/* Whether a pending line is to be stored in this round. */
static bool
is_storable(CrmImport *import, int number)
{
	CrmImportRow *row = &import->rows[number];

	if (row->outcome != CRM_IMPORT_PENDING || !crm_import_decide(import, number) ||
		row->outcome != CRM_IMPORT_PENDING)
		return false;
	if (row->needs_row)
		crm_import_make_missing(import, row);
	return row->outcome == CRM_IMPORT_PENDING;
}

/* Stores what can be stored now; whether keys of rows may have changed by that. */
static bool
store_round(CrmImport *import, int *inserts, int *updates)
{
	int			num_inserts = 0;
	int			num_updates = 0;
	bool		is_moved = false;
	int			i;

	import->round++;
	for (i = 0; i < import->num_rows; i++)
	{
		if (!is_storable(import, i))
			continue;
		if (import->rows[i].id != 0)
			updates[num_updates++] = i;
		else
			inserts[num_inserts++] = i;
	}
	crm_import_store(import, inserts, num_inserts, false);
	crm_import_store(import, updates, num_updates, true);
	for (i = 0; i < num_inserts; i++)
		crm_import_settle_keys(import, inserts[i]);
	for (i = 0; i < num_updates; i++)
		is_moved = is_moved || crm_import_moves_key(import, updates[i]);
	return is_moved;
}

/* What the round has left: lines that wait, and lines that were overtaken. */
static bool
is_done(const CrmImport *import, bool *is_overtaken)
{
	bool		done = true;
	int			i;

	for (i = 0; i < import->num_rows; i++)
		if (import->rows[i].outcome == CRM_IMPORT_PENDING)
		{
			done = false;
			*is_overtaken = *is_overtaken || import->rows[i].was_overtaken;
		}
	return done;
}

static void
process_batch(CrmImport *import)
{
	int		   *inserts = palloc(sizeof(int) * (import->num_rows + 1));
	int		   *updates = palloc(sizeof(int) * (import->num_rows + 1));
	bool		must_match = true;

	crm_import_resolve(import);
	crm_import_convert(import);
	do
	{
		CHECK_FOR_INTERRUPTS();
		if (must_match)
			crm_import_match(import);
		must_match = store_round(import, inserts, updates);
	} while (!is_done(import, &must_match));
	crm_import_log_batch(import);
}

/* ----------
 * the import
 * ----------
 */

/*
 * Constraints that wait for the end of the transaction would cost the whole file
 * there.  They stay immediate: how the caller had them is not known.  Which they are
 * is said by a condition on pg_constraint AS k.
 */
void
crm_import_check_at_once(const char *which)
{
	StringInfoData names;
	uint64		i;

	crm_import_execute(psprintf("SELECT DISTINCT pg_catalog.format('%%I.%%I', n.nspname, k.conname)"
								" FROM pg_catalog.pg_constraint AS k"
								" JOIN pg_catalog.pg_namespace AS n ON n.oid OPERATOR(pg_catalog.=) k.connamespace"
								" WHERE k.condeferrable AND %s", which), 0, NULL, NULL, NULL);
	if (SPI_processed > 0)
	{
		initStringInfo(&names);
		for (i = 0; i < SPI_processed; i++)
			appendStringInfo(&names, "%s%s", i > 0 ? ", " : "",
							 SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1));
		SPI_freetuptable(SPI_tuptable);
		crm_import_execute(psprintf("SET CONSTRAINTS %s IMMEDIATE", names.data), 0, NULL, NULL, NULL);
	}
}

/* The tables that rows may be made or deleted in, as a list of their OIDs. */
char *
crm_import_written_tables(const char *schema, Oid target)
{
	return psprintf("(%u, %u, %u)", target, crm_import_table(schema, "companies"),
					crm_import_table(schema, "users"));
}

static void
run_import(CrmImport *import, const char *staging_sql)
{
	MemoryContext context = CurrentMemoryContext;
	SPIPlanPtr	plan;
	Portal		lines;
	int64		position = 0;
	int			nest_level = NewGUCNestLevel();

	/* lines that have no number of their own are counted in the file's order */
	(void) set_config_option("synchronize_seqscans", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	import->total_lines = count_lines(staging_sql);
	plan = SPI_prepare(staging_sql, 0, NULL);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\"", staging_sql);
	lines = SPI_cursor_open(NULL, plan, NULL, NULL, false);
	/* a trigger may say CLOSE ALL */
	PinPortal(lines);
	import->batch_context = AllocSetContextCreate(context, "crm import batch",
												  ALLOCSET_DEFAULT_SIZES);
	while (read_batch(import, lines, position))
	{
		process_batch(import);
		position += import->num_rows;
	}
	MemoryContextSwitchTo(context);
	UnpinPortal(lines);
	SPI_cursor_close(lines);
	AtEOXact_GUC(true, nest_level);
}

static void
read_arguments(FunctionCallInfo fcinfo, CrmImport *import, char **on_duplicate)
{
	static const char *const names[] = {"imports", "table_name", "staging", "on_duplicate"};
	int			i;

	for (i = 0; i < (int) lengthof(names); i++)
		crm_require_argument(fcinfo, i, names[i]);
	crm_require_argument(fcinfo, 5, "batch_size");
	crm_require_argument(fcinfo, 6, "create_missing");
	import->schema_name = crm_relation_schema(PG_GETARG_OID(0));
	import->schema = pstrdup(quote_identifier(import->schema_name));
	import->entity = crm_import_entity(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	import->target = crm_import_table(import->schema_name, import->entity->table);
	import->target_name = quote_qualified_identifier(import->schema_name, import->entity->table);
	*on_duplicate = text_to_cstring(PG_GETARG_TEXT_PP(3));
	import->on_duplicate = on_duplicate_argument(*on_duplicate);
	import->region = region_argument(fcinfo, 4);
	import->batch_size = batch_size_argument(PG_GETARG_INT32(5));
	import->create_missing = PG_GETARG_BOOL(6);
}

PG_FUNCTION_INFO_V1(crm_import);
Datum
crm_import(PG_FUNCTION_ARGS)
{
	Oid			staging = PG_ARGISNULL(2) ? InvalidOid : PG_GETARG_OID(2);
	CrmImport  *import = palloc0(sizeof(CrmImport));
	char	   *on_duplicate;

	read_arguments(fcinfo, import, &on_duplicate);
	InitMaterializedSRF(fcinfo, 0);
	import->result = (ReturnSetInfo *) fcinfo->resultinfo;
	SPI_connect();
	import->context = CurrentMemoryContext;
	import->owner = CurrentResourceOwner;
	import->default_region = crm_default_phone_region(import->schema);
	crm_import_read_columns(import, staging);
	crm_import_compose(import);
	crm_import_prepare_store(import);
	crm_import_start_log(import, get_rel_name(staging), on_duplicate);
	crm_import_check_at_once(psprintf("k.conrelid IN %s",
									  crm_import_written_tables(import->schema_name, import->target)));
	run_import(import, crm_import_staging_sql(import, staging));
	crm_import_finish_log(import);
	tuplestore_end(import->staged->reldata);
	tuplestore_end(import->logged->reldata);
	SPI_finish();
	return (Datum) 0;
}
