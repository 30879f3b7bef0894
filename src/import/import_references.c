/*
 * import_references.c
 *		Rows of other tables that the lines of a file name: owners, companies,
 *		contacts, deals, pipelines.
 *
 * A field names a row by a key; several fields may name the same row, and the
 * first one that finds it decides.  Keys are looked up a batch at a time.  What is
 * not there rejects the line or, if the import may, is made: companies and users.
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

/* A key, and the row that has it. */
typedef struct Reference
{
	char	   *key;			/* first, for the hash table */
	int64		id;				/* 0: there is none */
	bool		is_ambiguous;
} Reference;

/* Strings as keys, by what they point to. */
static uint32
hash_key(const void *key, Size size)
{
	const char *text = *(char *const *) key;

	return hash_bytes((const unsigned char *) text, (int) strlen(text));
}

static int
compare_keys(const void *a, const void *b, Size size)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

HTAB *
crm_import_key_table(const char *name, Size entry_size, MemoryContext context)
{
	HASHCTL		ctl;

	ctl.keysize = sizeof(char *);
	ctl.entrysize = entry_size;
	ctl.hash = hash_key;
	ctl.match = compare_keys;
	ctl.hcxt = context;
	return hash_create(name, 256, &ctl,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

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
	return PointerGetDatum(construct_array(keys, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* Looks all keys of the table up. */
static void
find_rows(CrmImport *import, const CrmImportField *field, HTAB *references)
{
	Oid			type = TEXTARRAYOID;
	Datum		keys = array_of_keys(references);
	char	   *sql;
	uint64		i;

	sql = psprintf("SELECT %s::pg_catalog.text, id::pg_catalog.int8 FROM %s.%s"
				   " WHERE %s OPERATOR(pg_catalog.=) ANY ($1)%s",
				   field->key, import->schema, quote_identifier(field->table), field->key,
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

/* The value that the line has for another field of the same target column. */
static const char *
sibling_value(const CrmImport *import, const CrmImportRow *row,
			  const CrmImportField *field, const char *create_column)
{
	int			i;

	for (i = 0; i < import->num_sources; i++)
	{
		const CrmImportField *other = import->sources[i].field;

		if (other != NULL && other->kind == CRM_IMPORT_REFERENCE &&
			strcmp(other->column, field->column) == 0 && other->create_column != NULL &&
			strcmp(other->create_column, create_column) == 0)
			return row->raw[i];
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
		const char *value = sibling_value(missing->import, missing->row, missing->field, sources[i]);

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
	const char *texts[3];
	Datum		values[3];
	Oid			types[3] = {TEXTOID, TEXTOID, TEXTOID};
	char		nulls[3];
	bool		is_null;
	int			i;

	texts[0] = name_of_missing(missing);
	texts[1] = sibling_value(import, missing->row, missing->field, second);
	texts[2] = sibling_value(import, missing->row, missing->field, "external_id");
	for (i = 0; i < 3; i++)
	{
		nulls[i] = texts[i] == NULL ? 'n' : ' ';
		values[i] = texts[i] == NULL ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	crm_import_execute(psprintf("INSERT INTO %s.%s (name, %s, external_id) VALUES ($1, $2, $3) RETURNING id",
								   import->schema, missing->field->table, second),
						  3, types, values, nulls);
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

	crm_import_execute(psprintf("SELECT %s::pg_catalog.text FROM %s.%s AS c WHERE c.id OPERATOR(pg_catalog.=) $1",
								   crm_import_hash_sql(relation), import->schema, table),
						  1, &type, &value, NULL);
	if (SPI_processed == 1)
		hash = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	SPI_freetuptable(SPI_tuptable);
	return hash;
}

/* Makes the row that the line names; rejects the line if that fails. */
static int64
make_missing(CrmImport *import, CrmImportRow *row, const CrmImportSource *source)
{
	MissingRow	missing = {import, row, source->field, 0};
	ErrorData  *error = crm_import_try(create_missing, &missing);
	char	   *hash;

	if (error != NULL)
	{
		crm_import_reject(row, psprintf("%s could not be made: %s",
										source->field->table, error->message),
						  source->name, NULL);
		return 0;
	}
	hash = hash_of_row(import, source->field->table, missing.id);
	if (row->created_rows == NULL)
		row->created_rows = makeStringInfo();
	appendStringInfo(row->created_rows, "%s{\"table\": \"%s\", \"id\": " INT64_FORMAT ", \"hash\": %s}",
					 row->created_rows->len > 0 ? ", " : "[",
					 source->field->table, missing.id, hash != NULL ? hash : "null");
	return missing.id;
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

static HTAB *
collect_keys(CrmImport *import, int source, char **keys)
{
	HTAB	   *references = crm_import_key_table("crm import references",
												  sizeof(Reference), import->batch_context);
	int			i;

	for (i = 0; i < import->num_rows; i++)
	{
		CrmImportRow *row = &import->rows[i];
		bool		found;
		Reference  *reference;

		keys[i] = NULL;
		if (!needs_reference(import, row, source))
			continue;
		keys[i] = key_of(import->sources[source].field, row->raw[source]);
		if (keys[i] == NULL)
			continue;
		reference = hash_search(references, &keys[i], HASH_ENTER, &found);
		if (!found)
		{
			reference->id = 0;
			reference->is_ambiguous = false;
		}
	}
	return references;
}

static void
resolve_source(CrmImport *import, int source, bool create)
{
	const CrmImportField *field = import->sources[source].field;
	char	  **keys = palloc(sizeof(char *) * import->num_rows);
	HTAB	   *references = collect_keys(import, source, keys);
	int			i;

	if (hash_get_num_entries(references) == 0)
		return;
	find_rows(import, field, references);
	for (i = 0; i < import->num_rows; i++)
	{
		CrmImportRow *row = &import->rows[i];
		Reference  *reference;

		if (keys[i] == NULL || !needs_reference(import, row, source))
			continue;
		reference = hash_search(references, &keys[i], HASH_FIND, NULL);
		if (reference->is_ambiguous)
			crm_import_reject(row, psprintf("more than one row of %s has it", field->table),
							  import->sources[source].name, row->raw[source]);
		else if (reference->id == 0 && create)
			reference->id = make_missing(import, row, &import->sources[source]);
		if (reference->id != 0 && row->outcome == CRM_IMPORT_PENDING)
			row->texts[import->sources[source].column] = psprintf(INT64_FORMAT, reference->id);
	}
	hash_destroy(references);
}

/* The first value of the line that names no row; NULL if all do. */
static void
reject_unresolved(CrmImport *import, CrmImportRow *row)
{
	int			i;

	for (i = 0; i < import->num_sources; i++)
	{
		const CrmImportSource *source = &import->sources[i];

		if (source->kind != CRM_IMPORT_REFERENCE || !needs_reference(import, row, i))
			continue;
		crm_import_reject(row, source->field->create_column != NULL && !import->create_missing ?
						  psprintf("no row of %s has it; create_missing => true makes one",
								   source->field->table) :
						  psprintf("no row of %s has it", source->field->table),
						  source->name, row->raw[i]);
		return;
	}
}

/* Fills the keys of other tables' rows into the batch. */
void
crm_import_resolve(CrmImport *import)
{
	int			pass;
	int			i;

	/* what is there already first, by any of the fields; then what must be made */
	for (pass = 0; pass < (import->create_missing ? 2 : 1); pass++)
		for (i = 0; i < import->num_sources; i++)
			if (import->sources[i].kind == CRM_IMPORT_REFERENCE)
				resolve_source(import, i, pass == 1 &&
							   import->sources[i].field->create_column != NULL);
	for (i = 0; i < import->num_rows; i++)
		if (import->rows[i].outcome == CRM_IMPORT_PENDING)
			reject_unresolved(import, &import->rows[i]);
}
