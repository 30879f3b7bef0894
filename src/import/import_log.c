/*
 * import_log.c
 *		What became of each line: the rows of imports and import_rows, the result
 *		that the caller reads, and progress for whoever watches.
 */
#include "import/import.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/fmgrprotos.h"

static const char *const outcome_names[CRM_NUM_OUTCOMES] = {
	"pending", "inserted", "updated", "skipped", "duplicate", "invalid"
};

/* Columns of the batch's log as a relation, and in import_rows. */
static const struct
{
	const char *name;
	Oid			type;
}			log_columns[] = {
	{"line", INT8OID},
	{"outcome", TEXTOID},
	{"row_id", INT8OID},
	{"reason", TEXTOID},
	{"column_name", TEXTOID},
	{"value", TEXTOID},
	{"row_hash", INT8OID},
	{"before_image", JSONBOID},
	{"created_rows", JSONBOID}
};

#define NUM_LOG_COLUMNS ((int) lengthof(log_columns))

/* import_id, and the first six of the log */
#define NUM_RESULT_COLUMNS 7

/* Progress is worth a message from here on. */
#define LINES_WITH_PROGRESS 5000

/* A value in a report is there to be recognised, not to be stored again. */
#define LONGEST_VALUE 1000

/* ----------
 * the beginning
 * ----------
 */

static void
register_log(CrmImport *import)
{
	TupleDesc	desc = CreateTemplateTupleDesc(NUM_LOG_COLUMNS);
	int			i;

	for (i = 0; i < NUM_LOG_COLUMNS; i++)
		TupleDescInitEntry(desc, i + 1, log_columns[i].name, log_columns[i].type, -1, 0);
	import->logged = crm_import_register("crm_import_log", desc);
}

/* Enters the import itself; its key is known from here on. */
void
crm_import_start_log(CrmImport *import, const char *staging_name, const char *on_duplicate)
{
	Oid			types[4] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID};
	Datum		values[4];
	char		nulls[4] = {' ', ' ', ' ', ' '};
	bool		is_null;

	values[0] = CStringGetTextDatum(import->entity->table);
	values[1] = CStringGetTextDatum(staging_name);
	values[2] = CStringGetTextDatum(on_duplicate);
	values[3] = CStringGetTextDatum(crm_actor != NULL ? crm_actor : "");
	if (crm_actor == NULL || crm_actor[0] == '\0')
		nulls[3] = 'n';
	crm_import_execute(psprintf("INSERT INTO %s.imports (table_name, staging, on_duplicate, actor)"
								" VALUES ($1, $2, $3, $4) RETURNING id", import->schema),
					   4, types, values, nulls);
	if (SPI_processed != 1)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("the row of imports was not written")));
	import->id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
											 1, &is_null));
	SPI_freetuptable(SPI_tuptable);
	register_log(import);
}

/* ----------
 * batches
 * ----------
 */

static Datum
shown_value(const char *value)
{
	return PointerGetDatum(cstring_to_text_with_len(value,
													pg_mbcliplen(value, (int) strlen(value), LONGEST_VALUE)));
}

/* What was made for a line is in its reason: the report says all that was stored. */
static void
complete_reason(CrmImportRow *row)
{
	if (row->reason != NULL)
		row->reason = pnstrdup(row->reason, pg_mbcliplen(row->reason, (int) strlen(row->reason),
														 LONGEST_VALUE));
	if (row->created_words != NULL)
		row->reason = row->reason == NULL ? row->created_words->data :
			psprintf("%s; %s", row->reason, row->created_words->data);
}

/* The caller's row: the import, then what the log begins with. */
static void
put_result(CrmImport *import, const Datum *logged, const bool *logged_nulls)
{
	Datum		values[NUM_RESULT_COLUMNS];
	bool		nulls[NUM_RESULT_COLUMNS];

	values[0] = Int64GetDatum(import->id);
	nulls[0] = false;
	memcpy(values + 1, logged, sizeof(Datum) * (NUM_RESULT_COLUMNS - 1));
	memcpy(nulls + 1, logged_nulls, sizeof(bool) * (NUM_RESULT_COLUMNS - 1));
	tuplestore_putvalues(import->result->setResult, import->result->setDesc, values, nulls);
}

/* Keeps what became of the line, and returns it. */
static void
log_row(CrmImport *import, const CrmImportRow *row)
{
	Datum		values[NUM_LOG_COLUMNS];
	bool		nulls[NUM_LOG_COLUMNS] = {false};

	values[0] = Int64GetDatum(row->line);
	values[1] = CStringGetTextDatum(outcome_names[row->outcome]);
	values[2] = Int64GetDatum(row->id);
	nulls[2] = row->id == 0;
	nulls[3] = row->reason == NULL;
	values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(row->reason);
	nulls[4] = row->column == NULL;
	values[4] = nulls[4] ? (Datum) 0 : CStringGetTextDatum(row->column);
	nulls[5] = row->value == NULL;
	values[5] = nulls[5] ? (Datum) 0 : shown_value(row->value);
	values[6] = Int64GetDatum(row->hash);
	nulls[6] = !row->has_hash;
	values[7] = row->before_image;
	nulls[7] = row->before_image == (Datum) 0;
	nulls[8] = row->created_rows == NULL;
	values[8] = nulls[8] ? (Datum) 0 :
		DirectFunctionCall1(jsonb_in, CStringGetDatum(psprintf("%s]", row->created_rows->data)));
	tuplestore_putvalues(import->logged->reldata, import->logged->md.tupdesc, values, nulls);
	put_result(import, values, nulls);
}

static void
write_log(CrmImport *import)
{
	StringInfoData names;
	Oid			type = INT8OID;
	Datum		id = Int64GetDatum(import->id);
	int			i;

	initStringInfo(&names);
	for (i = 0; i < NUM_LOG_COLUMNS; i++)
		appendStringInfo(&names, ", %s", log_columns[i].name);
	import->logged->md.enrtuples = import->num_rows;
	crm_import_execute(psprintf("INSERT INTO %s.import_rows (import_id%s)"
								" SELECT $1%s FROM crm_import_log",
								import->schema, names.data, names.data),
					   1, &type, &id, NULL);
}

static void
report_progress(CrmImport *import)
{
	int64		done = 0;
	int			percent;
	int			i;

	for (i = 0; i < CRM_NUM_OUTCOMES; i++)
		done += import->counts[i];
	percent = import->total_lines == 0 ? 100 : (int) (100 * done / import->total_lines);
	if (import->total_lines < LINES_WITH_PROGRESS || percent / 10 <= import->reported_percent / 10)
		return;
	import->reported_percent = percent;
	ereport(NOTICE,
			(errmsg("import " INT64_FORMAT ": %d %%, " INT64_FORMAT " of " INT64_FORMAT " lines",
					import->id, Min(percent, 100), done, import->total_lines)));
}

/* Every line of the batch has its outcome: keeps and returns them. */
void
crm_import_log_batch(CrmImport *import)
{
	int			i;

	crm_import_renew_store(import, import->logged);
	for (i = 0; i < import->num_rows; i++)
	{
		CrmImportRow *row = &import->rows[i];

		Assert(row->outcome != CRM_IMPORT_PENDING);
		complete_reason(row);
		log_row(import, row);
		import->counts[row->outcome]++;
	}
	write_log(import);
	report_progress(import);
}

/* ----------
 * the end
 * ----------
 */

void
crm_import_finish_log(CrmImport *import)
{
	static const Oid int8 = INT8OID;
	Oid			types[7];
	Datum		values[7];
	int64		lines = 0;
	int			i;

	for (i = 1; i < CRM_NUM_OUTCOMES; i++)
	{
		values[i] = Int64GetDatum(import->counts[i]);
		lines += import->counts[i];
	}
	values[0] = Int64GetDatum(import->id);
	values[6] = Int64GetDatum(lines);
	for (i = 0; i < 7; i++)
		types[i] = int8;
	crm_import_execute(psprintf("UPDATE %s.imports SET inserted = $2, updated = $3, skipped = $4,"
								" duplicate = $5, invalid = $6, lines = $7"
								" WHERE id OPERATOR(pg_catalog.=) $1", import->schema),
					   7, types, values, NULL);
	ereport(NOTICE,
			(errmsg("import " INT64_FORMAT ": " INT64_FORMAT " lines: " INT64_FORMAT " inserted, "
					INT64_FORMAT " updated, " INT64_FORMAT " skipped, " INT64_FORMAT " duplicate, "
					INT64_FORMAT " invalid",
					import->id, lines, import->counts[CRM_IMPORT_INSERTED],
					import->counts[CRM_IMPORT_UPDATED], import->counts[CRM_IMPORT_SKIPPED],
					import->counts[CRM_IMPORT_DUPLICATE], import->counts[CRM_IMPORT_INVALID])));
}
