/*
 * import_match.c
 *		Which lines of a batch are there already, in the table or in the file.
 *
 * A line has up to two keys: its external_id, and its e-mail address or domain in
 * the form in which it is compared.  The batch's keys are looked up in the table at
 * once.  A batch is worked off in rounds.  In a round the first line that has a key,
 * or changes a row, owns it; a later one waits, with all its keys, for the next
 * round, and is a duplicate of it then, or takes its place if it could not be stored.
 * So the outcome is that of one line after the other, whatever the size of batches.
 * Rows stored by earlier batches are found in the table, so memory does not grow with
 * the file.
 */
#include "import/import.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "import/import_keys.h"
#include "tables/kept_values.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "values/free_mail.h"

/* Who has a key. */
typedef struct KeyHolder
{
	char	   *key;			/* first, for the hash table; 'x' or 'm' before it */
	int64		id;				/* of the table's row; 0: none */
	int64		line;			/* of this file, that the row came from; 0: none */
	bool		is_archived;
	int			round;			/* in which a line of the batch owns it */
} KeyHolder;

static const char key_marks[2] = {'x', 'm'};

/* ----------
 * keys of lines
 * ----------
 */

static KeyHolder *
holder_of(CrmImport *import, const char *key)
{
	return key == NULL ? NULL : hash_search(import->keys, &key, HASH_FIND, NULL);
}

static void
enter_key(CrmImport *import, CrmImportRow *row, int which, const char *value)
{
	char	   *key = psprintf("%c%s", key_marks[which], value);
	bool		found;
	KeyHolder  *holder = hash_search(import->keys, &key, HASH_ENTER, &found);

	row->keys[which] = holder->key;
	if (found)
		return;
	holder->id = 0;
	holder->line = 0;
	holder->is_archived = false;
	holder->round = 0;
}

/* What the entity compares beside external_id; NULL if the line has none. */
static const char *
own_key_of(const CrmImport *import, const CrmImportRow *row)
{
	int			column = import->entity->match_column == NULL ? -1 :
		crm_import_column(import, import->entity->match_column);
	int			website = crm_import_column(import, "website");
	const char *text = column < 0 ? NULL : row->texts[column];

	if (import->entity->match_column == NULL)
		return NULL;
	if (strcmp(import->entity->match_column, "email") == 0)
		return text == NULL ? NULL : crm_normalized_email(text, (int) strlen(text));
	if (text == NULL && website >= 0 && row->texts[website] != NULL)
		text = crm_company_domain(row->texts[website], (int) strlen(row->texts[website]));
	/* everybody has a mailbox there: it names no company */
	return text == NULL || crm_is_free_mail_domain(text, strlen(text)) ? NULL : text;
}

static void
enter_keys(CrmImport *import)
{
	int			external_id = crm_import_column(import, "external_id");
	int			i;

	if (import->keys_are_known)
	{
		hash_destroy(import->keys);
		hash_destroy(import->taken);
	}
	import->keys = crm_import_key_table("crm import keys", sizeof(KeyHolder),
										import->batch_context);
	import->taken = crm_import_number_table("crm import rows", import->batch_context);
	for (i = 0; i < import->num_rows; i++)
	{
		CrmImportRow *row = &import->rows[i];
		const char *own_key;

		if (row->outcome != CRM_IMPORT_PENDING)
			continue;
		if (external_id >= 0 && row->texts[external_id] != NULL)
			enter_key(import, row, 0, row->texts[external_id]);
		own_key = own_key_of(import, row);
		if (own_key != NULL)
			enter_key(import, row, 1, own_key);
	}
}

/* ----------
 * rows of the table
 * ----------
 */

static Datum
keys_with_mark(CrmImport *import, char mark, int *count)
{
	Datum	   *keys = palloc(sizeof(Datum) * (hash_get_num_entries(import->keys) + 1));
	HASH_SEQ_STATUS scan;
	KeyHolder  *holder;

	*count = 0;
	hash_seq_init(&scan, import->keys);
	while ((holder = hash_seq_search(&scan)) != NULL)
		if (holder->key[0] == mark)
			keys[(*count)++] = CStringGetTextDatum(holder->key + 1);
	return crm_array_of_texts(keys, *count);
}

/* Finds the table's rows that have a key of one kind. */
static void
find_holders(CrmImport *import, int which, const char *key_sql, const char *restriction)
{
	Oid			type = TEXTARRAYOID;
	int			count;
	Datum		keys = keys_with_mark(import, key_marks[which], &count);
	uint64		i;

	if (count == 0)
		return;
	crm_import_look_up(psprintf("SELECT %s::pg_catalog.text, id::pg_catalog.int8, archived_at IS NOT NULL"
									   " FROM %s WHERE %s OPERATOR(pg_catalog.=) ANY ($1)%s"
									   " ORDER BY id DESC",
									   key_sql, import->target_name, key_sql, restriction),
							  1, &type, &keys);
	for (i = 0; i < SPI_processed; i++)
	{
		HeapTuple	tuple = SPI_tuptable->vals[i];
		TupleDesc	desc = SPI_tuptable->tupdesc;
		char	   *key = psprintf("%c%s", key_marks[which], SPI_getvalue(tuple, desc, 1));
		KeyHolder  *holder = hash_search(import->keys, &key, HASH_FIND, NULL);
		bool		is_null;

		/* the oldest row comes last, and stays */
		if (holder == NULL)
			continue;
		holder->id = DatumGetInt64(SPI_getbinval(tuple, desc, 2, &is_null));
		holder->is_archived = DatumGetBool(SPI_getbinval(tuple, desc, 3, &is_null));
	}
	SPI_freetuptable(SPI_tuptable);
}

static int
compare_ids(const void *a, const void *b)
{
	int64		x = ((const int64 *) a)[0];
	int64		y = ((const int64 *) b)[0];

	return x < y ? -1 : x > y;
}

/* Lines of this batch that became rows are not in the table of lines yet. */
static void
add_lines_of_batch(const CrmImport *import, int64 *pairs, int *count)
{
	int			i;

	for (i = 0; i < import->num_rows; i++)
		if (import->rows[i].outcome == CRM_IMPORT_INSERTED)
		{
			pairs[2 * *count] = import->rows[i].id;
			pairs[2 * *count + 1] = import->rows[i].line;
			(*count)++;
		}
	qsort(pairs, *count, sizeof(int64) * 2, compare_ids);
}

/* Lines of the file that became the rows that were found: pairs (id, line). */
static int64 *
lines_of_found_rows(CrmImport *import, int *count)
{
	Datum	   *ids = palloc(sizeof(Datum) * (hash_get_num_entries(import->keys) + 1));
	int			num_ids = 0;
	Oid			types[2] = {INT8OID, INT8ARRAYOID};
	Datum		values[2];
	int64	   *pairs;
	HASH_SEQ_STATUS scan;
	KeyHolder  *holder;
	bool		is_null;

	*count = 0;
	hash_seq_init(&scan, import->keys);
	while ((holder = hash_seq_search(&scan)) != NULL)
		if (holder->id != 0)
			ids[num_ids++] = Int64GetDatum(holder->id);
	if (num_ids == 0 || (import->counts[CRM_IMPORT_INSERTED] == 0 && !import->keys_are_known))
		return NULL;
	values[0] = Int64GetDatum(import->id);
	values[1] = crm_array_of_ids(ids, num_ids);
	crm_import_look_up(psprintf("SELECT row_id, line FROM %s.import_rows"
								   " WHERE import_id OPERATOR(pg_catalog.=) $1"
								   " AND row_id OPERATOR(pg_catalog.=) ANY ($2)"
								   " AND outcome OPERATOR(pg_catalog.=) 'inserted'",
								   import->schema),
						  2, types, values);
	pairs = palloc(sizeof(int64) * 2 * (SPI_processed + import->num_rows + 1));
	for (*count = 0; *count < (int) SPI_processed; (*count)++)
	{
		pairs[2 * *count] = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[*count],
														SPI_tuptable->tupdesc, 1, &is_null));
		pairs[2 * *count + 1] = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[*count],
															SPI_tuptable->tupdesc, 2, &is_null));
	}
	SPI_freetuptable(SPI_tuptable);
	add_lines_of_batch(import, pairs, count);
	return pairs;
}

/* Which of the rows that were found came from this file, and from which line. */
static void
find_lines(CrmImport *import)
{
	int			count;
	int64	   *pairs = lines_of_found_rows(import, &count);
	HASH_SEQ_STATUS scan;
	KeyHolder  *holder;

	if (count == 0)
		return;
	hash_seq_init(&scan, import->keys);
	while ((holder = hash_seq_search(&scan)) != NULL)
	{
		int64	   *pair = bsearch(&holder->id, pairs, count, sizeof(int64) * 2, compare_ids);

		if (pair != NULL)
			holder->line = pair[1];
	}
}

/* Finds out which keys of the batch's pending lines the table has. */
void
crm_import_match(CrmImport *import)
{
	enter_keys(import);
	if (hash_get_num_entries(import->keys) == 0)
		return;
	find_holders(import, 0, "external_id", "");
	if (import->entity->match_key != NULL && import->on_duplicate != CRM_ON_DUPLICATE_INSERT)
		find_holders(import, 1, import->entity->match_key, " AND archived_at IS NULL");
	find_lines(import);
	import->keys_are_known = true;
}

/* ----------
 * decisions
 * ----------
 */

static const char *
noun_of_key(const CrmImport *import, const KeyHolder *holder)
{
	return holder->key[0] == key_marks[0] ? "external_id" : import->entity->match_noun;
}

static char *
describe_match(const CrmImport *import, const KeyHolder *holder)
{
	if (holder->line != 0)
		return psprintf("line " INT64_FORMAT " has the same %s",
						holder->line, noun_of_key(import, holder));
	return psprintf("%s%s " INT64_FORMAT " has the same %s",
					holder->is_archived ? "archived " : "", import->entity->noun,
					holder->id, noun_of_key(import, holder));
}

/* The line repeats what is there: that is its outcome. */
static void
take_as_repeat(CrmImport *import, CrmImportRow *row, const KeyHolder *holder)
{
	bool		is_in_file = holder->line != 0;

	row->outcome = is_in_file || import->on_duplicate == CRM_ON_DUPLICATE_REPORT ?
		CRM_IMPORT_DUPLICATE : CRM_IMPORT_SKIPPED;
	row->id = holder->id;
	row->reason = describe_match(import, holder);
	row->column = holder->key[0] == key_marks[0] ? "external_id" : import->entity->match_column;
	row->value = holder->key + 1;
}

/* Whether both keys of the line are there, and belong to two rows. */
static bool
is_torn(CrmImport *import, CrmImportRow *row, const KeyHolder *a, const KeyHolder *b)
{
	if (a == NULL || b == NULL || a->id == 0 || b->id == 0 || a->id == b->id)
		return false;
	crm_import_reject(row, psprintf("%s, and %s", describe_match(import, a),
									describe_match(import, b)),
					  "external_id", a->key + 1);
	return true;
}

/* What comes after the line has to wait for it, be it stored in this round or not. */
static void
own(CrmImport *import, KeyHolder **holders)
{
	int			i;

	for (i = 0; i < 2; i++)
	{
		if (holders[i] == NULL)
			continue;
		holders[i]->round = import->round;
		if (holders[i]->id != 0)
			(void) crm_import_enter_number(import->taken, holders[i]->id, import->round);
	}
}

/* Whether a line before it in this round owns a key of the line, or its row. */
static bool
is_behind(const CrmImport *import, KeyHolder **holders)
{
	int			i;

	for (i = 0; i < 2; i++)
		if (holders[i] != NULL &&
			(holders[i]->round == import->round ||
			 crm_import_has_number(import->taken, holders[i]->id, import->round)))
			return true;
	return false;
}

/*
 * Decides about a pending line: afterwards it has an outcome, or is to be stored
 * (row->id says which row it changes, 0 a new one).  False if it has to wait for
 * another line of the batch.
 */
bool
crm_import_decide(CrmImport *import, int number)
{
	CrmImportRow *row = &import->rows[number];
	KeyHolder  *holders[2];
	KeyHolder  *match;

	holders[0] = holder_of(import, row->keys[0]);
	holders[1] = import->on_duplicate == CRM_ON_DUPLICATE_INSERT ? NULL :
		holder_of(import, row->keys[1]);
	match = holders[0] != NULL && holders[0]->id != 0 ? holders[0] :
		holders[1] != NULL && holders[1]->id != 0 ? holders[1] : NULL;
	row->id = 0;
	row->matched_by_own = match != NULL && match == holders[1];
	if (is_behind(import, holders))
	{
		own(import, holders);
		return false;
	}
	if (is_torn(import, row, holders[0], holders[1]))
		return true;
	if (match != NULL && (import->on_duplicate != CRM_ON_DUPLICATE_UPDATE || match->is_archived))
	{
		take_as_repeat(import, row, match);
		return true;
	}
	own(import, holders);
	row->id = match != NULL ? match->id : 0;
	return true;
}

/* A line became a row: its keys are the row's. */
void
crm_import_settle_keys(CrmImport *import, int number)
{
	CrmImportRow *row = &import->rows[number];
	int			archived_at = crm_import_column(import, "archived_at");
	bool		is_archived = archived_at >= 0 && row->texts[archived_at] != NULL;
	int			i;

	if (row->outcome != CRM_IMPORT_INSERTED)
		return;
	for (i = 0; i < 2; i++)
	{
		KeyHolder  *holder = holder_of(import, row->keys[i]);

		/* an archived row has no address or domain that others must not have */
		if (holder == NULL || holder->id != 0 || (is_archived && i == 1))
			continue;
		holder->id = row->id;
		holder->is_archived = is_archived;
		holder->line = row->line;
	}
}

/* Whether a line, by changing a row, gave it a key, and perhaps took one from it. */
bool
crm_import_moves_key(CrmImport *import, int number)
{
	const CrmImportRow *row = &import->rows[number];
	int			i;

	if (row->outcome != CRM_IMPORT_UPDATED)
		return false;
	for (i = 0; i < 2; i++)
	{
		const KeyHolder *holder = holder_of(import, row->keys[i]);

		if (holder != NULL && holder->id != row->id)
			return true;
	}
	return false;
}
