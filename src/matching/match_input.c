/*
 * match_input.c
 *		Reading a relation's contacts.
 *
 * The relation is read with one SELECT through a cursor, as its caller would read
 * it: views, partitions and row-level security are the server's business.  Columns
 * are found by their names.
 */
#include "matching/match_set.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "values/utf8_text.h"

#define ROWS_PER_FETCH 1000

#define MAX_INPUTS 24

/* Names under which columns are known; names before full names. */
static const struct
{
	const char *name;
	CrmMatchColumn column;
}			known_columns[] =
{
	{"first_name", CRM_COLUMN_FIRST_NAME},
	{"middle_name", CRM_COLUMN_MIDDLE_NAME},
	{"last_name", CRM_COLUMN_LAST_NAME},
	{"full_name", CRM_COLUMN_FULL_NAME},
	{"email", CRM_COLUMN_EMAIL},
	{"emails", CRM_COLUMN_EMAIL},
	{"additional_emails", CRM_COLUMN_EMAIL},
	{"phone", CRM_COLUMN_PHONE},
	{"phones", CRM_COLUMN_PHONE},
	{"additional_phones", CRM_COLUMN_PHONE},
	{"date_of_birth", CRM_COLUMN_BIRTH},
	{"street", CRM_COLUMN_STREET},
	{"city", CRM_COLUMN_CITY},
	{"postal_code", CRM_COLUMN_POSTCODE},
	{"postcode", CRM_COLUMN_POSTCODE},
	{"state", CRM_COLUMN_STATE},
	{"country", CRM_COLUMN_COUNTRY},
	{"company", CRM_COLUMN_COMPANY},
	{"job_title", CRM_COLUMN_JOB},
	{"occupation", CRM_COLUMN_JOB},
	{"gender", CRM_COLUMN_GENDER}
};

/* A column that is read. */
typedef struct Input
{
	const char *name;
	CrmMatchColumn column;
	Oid			type;
} Input;

typedef struct Reader
{
	CrmMatchSet *set;
	int			count;
	Input		inputs[MAX_INPUTS];
	bool		text_keys;
	CrmMatchPerson person;
} Reader;

/* ----------
 * columns
 * ----------
 */

static void
add_input(Reader *reader, Form_pg_attribute attribute, int known)
{
	Input	   *input = &reader->inputs[reader->count++];

	input->name = pstrdup(NameStr(attribute->attname));
	input->column = known_columns[known].column;
	input->type = getBaseType(attribute->atttypid);
	reader->set->has_column[input->column] = true;
}

static void
find_columns(Reader *reader, TupleDesc descriptor)
{
	int			known;
	int			i;

	for (known = 0; known < (int) lengthof(known_columns); known++)
		for (i = 0; i < descriptor->natts; i++)
		{
			Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

			if (!attribute->attisdropped &&
				strcmp(NameStr(attribute->attname), known_columns[known].name) == 0)
				add_input(reader, attribute, known);
		}
}

static bool
is_read_as_it_is(Oid type)
{
	return type == TEXTOID || type == VARCHAROID || type == DATEOID || type == JSONBOID;
}

static char *
select_statement(Reader *reader, Oid relation)
{
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT id%s", reader->text_keys ? "::pg_catalog.text" : "::pg_catalog.int8");
	for (i = 0; i < reader->count; i++)
		appendStringInfo(&sql, ", %s%s", quote_identifier(reader->inputs[i].name),
						 is_read_as_it_is(reader->inputs[i].type) ? "" : "::pg_catalog.text");
	appendStringInfo(&sql, " FROM %s",
					 quote_qualified_identifier(crm_relation_schema(relation), get_rel_name(relation)));
	return sql.data;
}

/* ----------
 * values
 * ----------
 */

static void
add_bytes(Reader *reader, const Input *input, const char *bytes, int length)
{
	CrmUtf8Text utf8;

	if (length > CRM_MATCH_RAW_MAX * 4)
		length = CRM_MATCH_RAW_MAX * 4;
	if (length > 0 && (crm_bytes_to_utf8(bytes, length, &utf8) || utf8.length > 0))
		crm_person_add(&reader->person, input->column, utf8.bytes, utf8.length);
}

/* Strings of a list, or in the objects of one. */
static void
add_json(Reader *reader, const Input *input, Jsonb *json)
{
	JsonbIterator *iterator = JsonbIteratorInit(&json->root);
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &value, false)) != WJB_DONE)
		if ((token == WJB_ELEM || token == WJB_VALUE) && value.type == jbvString)
			add_bytes(reader, input, value.val.string.val, value.val.string.len);
}

static void
add_date(Reader *reader, const Input *input, DateADT date)
{
	char		text[32];
	int			year;
	int			month;
	int			day;

	if (DATE_NOT_FINITE(date))
		return;
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (year < 1 || year > 9999)
		return;
	snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day);
	add_bytes(reader, input, text, 10);
}

static void
add_datum(Reader *reader, const Input *input, Datum datum)
{
	if (input->type == DATEOID)
		add_date(reader, input, DatumGetDateADT(datum));
	else if (input->type == JSONBOID)
		add_json(reader, input, DatumGetJsonbP(datum));
	else
	{
		text	   *value = DatumGetTextPP(datum);

		add_bytes(reader, input, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	}
}

static void
add_row(Reader *reader, HeapTuple tuple, TupleDesc descriptor)
{
	CrmMatchSet *set = reader->set;
	Datum		values[MAX_INPUTS + 1];
	bool		nulls[MAX_INPUTS + 1];
	int			i;

	heap_deform_tuple(tuple, descriptor, values, nulls);
	if (nulls[0])
		return;
	crm_person_clear(&reader->person);
	for (i = 0; i < reader->count; i++)
		if (!nulls[i + 1])
			add_datum(reader, &reader->inputs[i], values[i + 1]);
	crm_match_set_add(set, &reader->person);
	if (reader->text_keys)
		set->keys[set->count - 1] = MemoryContextStrdup(set->context, TextDatumGetCString(values[0]));
	else
		set->ids[set->count - 1] = DatumGetInt64(values[0]);
}

static void
read_rows(Reader *reader, const char *sql)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "crm match rows",
													  ALLOCSET_DEFAULT_SIZES);
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);
	Portal		cursor = SPI_cursor_open(NULL, plan, NULL, NULL, true);
	uint64		i;

	for (;;)
	{
		MemoryContext old;

		SPI_cursor_fetch(cursor, true, ROWS_PER_FETCH);
		if (SPI_processed == 0)
			break;
		old = MemoryContextSwitchTo(row_context);
		for (i = 0; i < SPI_processed; i++)
			add_row(reader, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_cursor_close(cursor);
	MemoryContextDelete(row_context);
}

/* All contacts of a relation, in a new context below the parent. */
CrmMatchSet *
crm_match_set_read(Oid relation, MemoryContext parent, bool text_keys)
{
	Reader		reader;
	Relation	opened = relation_open(relation, AccessShareLock);

	memset(&reader, 0, sizeof(reader));
	reader.set = crm_match_set_create(parent, text_keys);
	reader.text_keys = text_keys;
	find_columns(&reader, RelationGetDescr(opened));
	relation_close(opened, NoLock);
	SPI_connect();
	read_rows(&reader, select_statement(&reader, relation));
	SPI_finish();
	crm_match_set_finish(reader.set);
	return reader.set;
}
