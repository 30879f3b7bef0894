/*
 * import_references.c
 *		Rows of other tables that the lines of a file name: owners, companies,
 *		contacts, deals, pipelines.
 *
 * A field names a row by a key; several fields may name the same row, and the
 * first one that finds it decides.  Keys are looked up a batch at a time.  What is
 * not there rejects the line or, if the import may, is made: companies and users.
 * It is made when the line is about to be stored, so that one that is invalid or
 * repeats another leaves nothing behind; the report says what was made.
 */
#include "import/import.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "import/import_keys.h"
#include "tables/kept_values.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/fmgrprotos.h"
#include "utils/hsearch.h"
#include "values/free_mail.h"
#include "values/registrable_domain.h"

/* A key, and the row that has it. */
typedef struct Reference
{
	char	   *key;			/* first, for the hash table */
	int64		id;				/* 0: there is none */
	bool		is_ambiguous;
} Reference;

/* ----------
 * keys
 * ----------
 */

/* The text as the field's key compares it; NULL if it cannot be a key. */
static char *
key_of(const CrmImportField *field, const char *text)
{
	int			length = (int) strlen(text);

	if (strstr(field->key, "normalize_email") != NULL)
	{
		char	   *address = crm_import_clean_email(pstrdup(text));

		return address == NULL ? NULL :
			crm_normalized_email(address, (int) strlen(address));
	}
	if (strcmp(field->key, "domain") == 0)
	{
		char	   *domain = crm_company_domain(text, length);

		/* everybody has a mailbox there: it names no company */
		return domain == NULL || crm_is_free_mail_domain(domain, strlen(domain)) ? NULL : domain;
	}
	if (strstr(field->key, "lower(") != NULL)
		return str_tolower(text, length, DEFAULT_COLLATION_OID);
	return pstrdup(text);
}

/* Names of stages are names within a pipeline. */
static bool
is_within_pipeline(const CrmImportField *field)
{
	return strcmp(field->table, "pipeline_stages") == 0;
}

/* The key of a line's value: of a stage, with the pipeline that the line names. */
static char *
key_in_row(const CrmImport *import, const CrmImportRow *row, int source)
{
	const CrmImportField *field = import->sources[source].field;
	char	   *key = key_of(field, row->raw[source]);
	int			pipeline;

	if (key == NULL || !is_within_pipeline(field))
		return key;
	pipeline = crm_import_column(import, "pipeline_id");
	return psprintf("%s/%s", pipeline < 0 || row->texts[pipeline] == NULL ? "" :
					row->texts[pipeline], key);
}

/* A text[] of the keys in a table. */
static Datum
array_of_keys(HTAB *references)
{
	Datum	   *keys = palloc(sizeof(Datum) * hash_get_num_entries(references));
	HASH_SEQ_STATUS scan;
	Reference  *reference;
	int			count = 0;

	hash_seq_init(&scan, references);
	while ((reference = hash_seq_search(&scan)) != NULL)
		keys[count++] = CStringGetTextDatum(reference->key);
	return crm_array_of_texts(keys, count);
}

/* Looks all keys of the table up, by what of a row is compared. */
static void
find_rows_by(CrmImport *import, const CrmImportField *field, const char *row_key,
			 HTAB *references)
{
	Oid			type = TEXTARRAYOID;
	Datum		keys = array_of_keys(references);
	char	   *sql;
	uint64		i;

	sql = psprintf("SELECT %s::pg_catalog.text, id::pg_catalog.int8 FROM %s.%s"
				   " WHERE %s OPERATOR(pg_catalog.=) ANY ($1)%s",
				   row_key, import->schema, quote_identifier(field->table), row_key,
				   strcmp(field->key, "external_id") == 0 ? "" : " AND archived_at IS NULL");
	crm_import_look_up(sql, 1, &type, &keys);
	for (i = 0; i < SPI_processed; i++)
	{
		char	   *key = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		bool		is_null;
		Reference  *reference = hash_search(references, &key, HASH_FIND, NULL);

		if (reference == NULL)
			continue;
		reference->is_ambiguous = reference->id != 0;
		reference->id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i],
													SPI_tuptable->tupdesc, 2, &is_null));
	}
	SPI_freetuptable(SPI_tuptable);
}

static void
find_rows(CrmImport *import, const CrmImportField *field, HTAB *references)
{
	if (!is_within_pipeline(field))
	{
		find_rows_by(import, field, field->key, references);
		return;
	}
	find_rows_by(import, field, psprintf("pg_catalog.concat('/', %s)", field->key), references);
	find_rows_by(import, field, psprintf("pg_catalog.concat(pipeline_id, '/', %s)", field->key),
				 references);
}

/* ----------
 * rows that are missing
 * ----------
 */

typedef struct MissingRow
{
	CrmImport  *import;
	CrmImportRow *row;
	const CrmImportField *field;
	int64		id;
} MissingRow;

/* Whether the source names the same row as the field. */
static bool
is_sibling(const CrmImportSource *source, const CrmImportField *field)
{
	return source->kind == CRM_IMPORT_REFERENCE &&
		strcmp(source->field->column, field->column) == 0;
}

/* The value that the line has for a column of the row to be made. */
static const char *
value_of_missing(const MissingRow *missing, const char *create_column)
{
	const CrmImport *import = missing->import;
	int			i;

	for (i = 0; i < import->num_sources; i++)
	{
		const CrmImportSource *source = &import->sources[i];
		const char *text = missing->row->raw[i];

		if (text == NULL || !is_sibling(source, missing->field) ||
			source->field->create_column == NULL ||
			strcmp(source->field->create_column, create_column) != 0)
			continue;
		return strcmp(create_column, "email") == 0 ?
			crm_import_clean_email(pstrdup(text)) : text;
	}
	return NULL;
}

/* A user is called by his address, a company by its domain, if nothing else is given. */
static const char *
name_of_missing(const MissingRow *missing)
{
	static const char *const sources[] = {"name", "email", "website", "external_id"};
	int			i;

	for (i = 0; i < (int) lengthof(sources); i++)
	{
		const char *value = value_of_missing(missing, sources[i]);

		if (value != NULL)
			return value;
	}
	return NULL;
}

static void
create_missing(void *argument)
{
	MissingRow *missing = argument;
	CrmImport  *import = missing->import;
	bool		is_user = strcmp(missing->field->table, "users") == 0;
	const char *second = is_user ? "email" : "website";
	const char *texts[5] = {NULL};
	Datum		values[5];
	Oid			types[5] = {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID};
	char		nulls[5];
	bool		has_domain;
	bool		is_null;
	int			i;

	texts[0] = name_of_missing(missing);
	texts[1] = value_of_missing(missing, second);
	texts[2] = value_of_missing(missing, "external_id");
	/* what the trigger of companies would find out, and finds as it is */
	has_domain = !is_user && texts[1] != NULL;
	if (has_domain)
	{
		texts[3] = crm_company_domain(texts[1], (int) strlen(texts[1]));
		texts[4] = texts[3] == NULL ? NULL : crm_psl_version();
	}
	for (i = 0; i < 5; i++)
	{
		nulls[i] = texts[i] == NULL ? 'n' : ' ';
		values[i] = texts[i] == NULL ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	crm_import_execute(psprintf("INSERT INTO %s.%s (name, %s, external_id%s) VALUES ($1, $2, $3%s) RETURNING id",
								import->schema, missing->field->table, second,
								has_domain ? ", domain, domain_version" : "",
								has_domain ? ", $4, $5" : ""),
					   has_domain ? 5 : 3, types, values, nulls);
	if (SPI_processed != 1)
		ereport(ERROR,
				(errcode(ERRCODE_TRIGGERED_ACTION_EXCEPTION),
				 errmsg("a trigger of \"%s\" refused the row", missing->field->table)));
	missing->id = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
											  1, &is_null));
	SPI_freetuptable(SPI_tuptable);
}

/* The hash of a row just made, for undo. */
static char *
hash_of_row(CrmImport *import, const char *table, int64 id)
{
	Oid			type = INT8OID;
	Datum		value = Int64GetDatum(id);
	Oid			relation = crm_import_table(import->schema_name, table);
	char	   *hash = NULL;

	crm_import_read_state(psprintf("SELECT %s::pg_catalog.text FROM %s.%s AS c WHERE c.id OPERATOR(pg_catalog.=) $1",
								   crm_import_hash_sql(relation), import->schema, table),
						  1, &type, &value);
	if (SPI_processed == 1)
		hash = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	SPI_freetuptable(SPI_tuptable);
	return hash;
}

/* Keeps for undo, and for the report, that a row was made for the line. */
static void
note_created(CrmImport *import, CrmImportRow *row, const char *table, int64 id)
{
	char	   *hash = hash_of_row(import, table, id);
	bool		is_next = row->created_rows != NULL;

	if (!is_next)
	{
		row->created_rows = makeStringInfo();
		row->created_words = makeStringInfo();
	}
	appendStringInfo(row->created_rows, "%s{\"table\": \"%s\", \"id\": " INT64_FORMAT ", \"hash\": %s}",
					 is_next ? ", " : "[", table, id, hash != NULL ? hash : "null");
	appendStringInfo(row->created_words, "%s%s " INT64_FORMAT " was made for it",
					 is_next ? ", " : "", strcmp(table, "users") == 0 ? "user" : "company", id);
}

/* Makes the row that the line names; rejects the line, and returns 0, if that fails. */
static int64
make_row(CrmImport *import, CrmImportRow *row, const CrmImportSource *source)
{
	MissingRow	missing = {import, row, source->field, 0};
	ErrorData  *error = crm_import_try(create_missing, &missing);
	const char *table = source->field->table;

	if (error == NULL)
	{
		note_created(import, row, table, missing.id);
		return missing.id;
	}
	crm_import_reject(row, psprintf("%s could not be made: %s",
									strcmp(table, "users") == 0 ? "the user" : "the company",
									crm_import_reason(error)),
					  source->name, NULL);
	return 0;
}

/* ----------
 * one field of all rows
 * ----------
 */

static bool
needs_reference(const CrmImport *import, const CrmImportRow *row, int source)
{
	return row->outcome == CRM_IMPORT_PENDING && row->raw[source] != NULL &&
		row->texts[import->sources[source].column] == NULL;
}

static void
collect_keys(CrmImport *import, int source, char **keys)
{
	HTAB	   *references = crm_import_key_table("crm import references",
												  sizeof(Reference), import->batch_context);
	int			i;

	import->sources[source].references = references;
	for (i = 0; i < import->num_rows; i++)
	{
		CrmImportRow *row = &import->rows[i];
		bool		found;
		Reference  *reference;

		keys[i] = NULL;
		if (!needs_reference(import, row, source))
			continue;
		keys[i] = key_in_row(import, row, source);
		if (keys[i] == NULL)
			continue;
		reference = hash_search(references, &keys[i], HASH_ENTER, &found);
		if (!found)
		{
			reference->id = 0;
			reference->is_ambiguous = false;
		}
	}
}

/* Looks up what the field names, in all lines that do not know it yet. */
static void
resolve_source(CrmImport *import, int number)
{
	CrmImportSource *source = &import->sources[number];
	char	  **keys = palloc(sizeof(char *) * import->num_rows);
	int			i;

	collect_keys(import, number, keys);
	if (hash_get_num_entries(source->references) == 0)
		return;
	find_rows(import, source->field, source->references);
	for (i = 0; i < import->num_rows; i++)
	{
		CrmImportRow *row = &import->rows[i];
		Reference  *reference;

		if (keys[i] == NULL)
			continue;
		reference = hash_search(source->references, &keys[i], HASH_FIND, NULL);
		if (reference->is_ambiguous)
			crm_import_reject(row, psprintf("more than one row of %s has it", source->field->table),
							  source->name, row->raw[number]);
		else if (reference->id != 0)
			row->texts[source->column] = psprintf(INT64_FORMAT, reference->id);
	}
}

/* ----------
 * lines whose row is not there
 * ----------
 */

/* The row that another line's key stands for by now; 0 if there is none. */
static Reference *
reference_of(const CrmImport *import, const CrmImportRow *row, int number)
{
	const CrmImportSource *source = &import->sources[number];
	char	   *key = row->raw[number] == NULL ? NULL : key_of(source->field, row->raw[number]);

	return key == NULL ? NULL : hash_search(source->references, &key, HASH_FIND, NULL);
}

/* Whether a field of the line for the same row is a key, so that one may be made. */
static bool
can_be_made(const CrmImport *import, const CrmImportRow *row, const CrmImportField *field)
{
	int			i;

	if (!import->create_missing)
		return false;
	for (i = 0; i < import->num_sources; i++)
		if (is_sibling(&import->sources[i], field) &&
			import->sources[i].field->create_column != NULL &&
			reference_of(import, row, i) != NULL)
			return true;
	return false;
}

/* The first value of the line that names no row rejects it, unless one can be made. */
static void
settle_unresolved(CrmImport *import, CrmImportRow *row)
{
	int			i;

	for (i = 0; i < import->num_sources; i++)
	{
		const CrmImportSource *source = &import->sources[i];

		if (source->kind != CRM_IMPORT_REFERENCE || !needs_reference(import, row, i))
			continue;
		if (can_be_made(import, row, source->field))
			row->needs_row = true;
		else
			crm_import_reject(row, source->field->create_column != NULL && !import->create_missing ?
							  psprintf("no row of %s has it; create_missing => true makes one",
									   source->field->table) :
							  psprintf("no row of %s has it", source->field->table),
							  source->name, row->raw[i]);
	}
}

/* Fills the keys of other tables' rows into the batch. */
void
crm_import_resolve(CrmImport *import)
{
	int			pass;
	int			i;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < import->num_sources; i++)
			if (import->sources[i].kind == CRM_IMPORT_REFERENCE &&
				is_within_pipeline(import->sources[i].field) == (pass == 1))
				resolve_source(import, i);
	for (i = 0; i < import->num_rows; i++)
		if (import->rows[i].outcome == CRM_IMPORT_PENDING)
			settle_unresolved(import, &import->rows[i]);
}

/* The row that one of the line's fields stands for by now; 0 if none does. */
static int64
find_made(const CrmImport *import, const CrmImportRow *row, const CrmImportField *field)
{
	int			i;

	for (i = 0; i < import->num_sources; i++)
	{
		Reference  *reference = is_sibling(&import->sources[i], field) ?
			reference_of(import, row, i) : NULL;

		if (reference != NULL && reference->id != 0)
			return reference->id;
	}
	return 0;
}

/* From now on each of the line's fields stands for the row, which has them all. */
static void
remember_made(CrmImport *import, const CrmImportRow *row, const CrmImportField *field, int64 id)
{
	int			i;

	for (i = 0; i < import->num_sources; i++)
	{
		Reference  *reference = is_sibling(&import->sources[i], field) ?
			reference_of(import, row, i) : NULL;

		if (reference != NULL && reference->id == 0)
			reference->id = id;
	}
}

/* Makes what a line refers to that is about to be stored, once for the batch. */
void
crm_import_make_missing(CrmImport *import, CrmImportRow *row)
{
	int			i;

	row->needs_row = false;
	for (i = 0; i < import->num_sources; i++)
	{
		const CrmImportSource *source = &import->sources[i];
		CrmImportColumn *column = &import->columns[source->column];
		int64		id;

		if (source->kind != CRM_IMPORT_REFERENCE || !needs_reference(import, row, i))
			continue;
		id = find_made(import, row, source->field);
		if (id == 0)
		{
			id = make_row(import, row, source);
			remember_made(import, row, source->field, id);
		}
		if (id == 0)
			return;
		row->texts[source->column] = psprintf(INT64_FORMAT, id);
		row->values[source->column] = InputFunctionCall(&column->input, row->texts[source->column],
														column->input_argument, column->typmod);
		row->nulls[source->column] = false;
	}
}
