/*
 * match_input.c
 *		Reading a relation's contacts.
 *
 * The relation is read with one SELECT through a cursor, as its caller would read
 * it: views, partitions and row-level security are the server's business.
 *
 * What comes out does not depend on the order in which rows come: records stand in
 * the order of their keys.
 */
#include "matching/match_input.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "matching/stored_model.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define ROWS_PER_FETCH 1000

/* So many contacts are added together. */
#define ARRIVALS 16

/* What is done with a query's rows. */
typedef struct Reader
{
	CrmMatchSet *set;
	const CrmMatchInput *input;
	CrmInputCounts *counts;		/* or NULL */
	uint64		without_key;
	int			waiting;		/* of those that are added together */
	Datum		keys[ARRIVALS];
	CrmArrival	arrivals[ARRIVALS];
} Reader;

/* ----------
 * rows
 * ----------
 */

static void
add_value(CrmMatchPerson *person, const CrmInputColumn *column, Datum value)
{
	crm_person_add_datum(person, column->column, column->kind, value);
}

/* How much a contact says, to see whether a value added to it. */
static int
length_of(const CrmMatchPerson *person)
{
	int			length = 0;
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		length += person->field[i].length;
	for (i = 0; i < CRM_MATCH_LIST_MAX - 1; i++)
		length += person->more_emails[i].length + person->more_phones[i].length;
	return length;
}

static void
count_value(CrmInputCounts *counts, const CrmInputColumn *column, Datum value)
{
	CrmMatchPerson alone;

	counts->filled++;
	crm_person_clear(&alone);
	add_value(&alone, column, value);
	counts->usable += length_of(&alone) > 0;
}

/* Whether the column says nothing that the one before it has not said. */
static bool
is_said(const Reader *reader, int column, const bool *nulls)
{
	const CrmInputColumn *columns = reader->input->columns;

	return columns[column].is_fallback && column > 0 &&
		columns[column - 1].column == columns[column].column && !nulls[column];
}

static void
add_key(Reader *reader, Datum key)
{
	CrmMatchSet *set = reader->set;

	if (set->keys != NULL)
	{
		text	   *value = DatumGetTextPP(key);
		int			length = VARSIZE_ANY_EXHDR(value);
		char	   *copy = MemoryContextAlloc(set->context, length + 1);

		memcpy(copy, VARDATA_ANY(value), length);
		copy[length] = '\0';
		set->keys[set->count - 1] = copy;
	}
	else
		set->ids[set->count - 1] = DatumGetInt64(key);
}

/* nulls[0] and values[0] are the key's; false if there is none. */
static bool
read_person(Reader *reader, const Datum *values, const bool *nulls, CrmMatchPerson *person)
{
	int			i;

	if (nulls[0])
	{
		reader->without_key++;
		return false;
	}
	crm_person_clear(person);
	for (i = 0; i < reader->input->count; i++)
	{
		if (nulls[i + 1])
			continue;
		if (reader->counts != NULL)
			count_value(&reader->counts[i], &reader->input->columns[i], values[i + 1]);
		if (!is_said(reader, i, nulls))
			add_value(person, &reader->input->columns[i], values[i + 1]);
	}
	return true;
}

static void
add_arrivals(Reader *reader)
{
	int			i;

	for (i = 0; i < reader->waiting; i++)
		crm_match_set_announce(reader->set, &reader->arrivals[i]);
	for (i = 0; i < reader->waiting; i++)
		crm_match_set_await(reader->set, &reader->arrivals[i]);
	for (i = 0; i < reader->waiting; i++)
	{
		crm_match_set_add_arrival(reader->set, &reader->arrivals[i]);
		add_key(reader, reader->keys[i]);
	}
	reader->waiting = 0;
}

/* Adds a row, or lets it wait for others; its memory is needed for as long. */
static void
add_row(Reader *reader, HeapTuple tuple, TupleDesc descriptor)
{
	Datum		values[CRM_INPUT_COLUMNS_MAX + 1];
	bool		nulls[CRM_INPUT_COLUMNS_MAX + 1];

	heap_deform_tuple(tuple, descriptor, values, nulls);
	if (!read_person(reader, values, nulls, &reader->arrivals[reader->waiting].person))
		return;
	reader->keys[reader->waiting++] = values[0];
	if (reader->waiting == ARRIVALS)
		add_arrivals(reader);
}

static void
read_rows(Reader *reader, const char *sql, int nargs, Oid *types, Datum *values)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "crm match rows",
													  ALLOCSET_DEFAULT_SIZES);
	Portal		cursor = SPI_cursor_open_with_args(NULL, sql, nargs, types, values, NULL, true, 0);
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
		add_arrivals(reader);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	}
	SPI_freetuptable(SPI_tuptable);
	SPI_cursor_close(cursor);
	MemoryContextDelete(row_context);
}

/* ----------
 * order
 * ----------
 */

/* A record's key: what is compared first, and the rest. */
typedef struct OrderedKey
{
	uint64		prefix;
	const char *key;			/* NULL: a number, the prefix is all of it */
	uint32		record;
} OrderedKey;

static int
compare_keys(const void *a, const void *b)
{
	const OrderedKey *p = a;
	const OrderedKey *q = b;

	if (p->prefix != q->prefix)
		return p->prefix < q->prefix ? -1 : 1;
	return p->key != NULL ? strcmp(p->key, q->key) : 0;
}

static uint64
prefix_of(const CrmMatchSet *set, uint32 record)
{
	uint64		prefix = 0;

	if (set->ids != NULL)
		return (uint64) set->ids[record] ^ (UINT64CONST(1) << 63);
	memcpy(&prefix, set->keys[record], strnlen(set->keys[record], sizeof(prefix)));
	return pg_ntoh64(prefix);
}

/* Puts the record that belongs into each place there, circle by circle. */
static void
permute(CrmMatchSet *set, OrderedKey *order)
{
	uint32		i;

	for (i = 0; i < set->count; i++)
	{
		CrmMatchRecord record = set->records[i];
		int64		id = set->ids != NULL ? set->ids[i] : 0;
		char	   *key = set->keys != NULL ? set->keys[i] : NULL;
		uint32		place = i;

		while (order[place].record != i)
		{
			uint32		from = order[place].record;

			set->records[place] = set->records[from];
			if (set->ids != NULL)
				set->ids[place] = set->ids[from];
			else
				set->keys[place] = set->keys[from];
			order[place].record = place;
			place = from;
		}
		set->records[place] = record;
		if (set->ids != NULL)
			set->ids[place] = id;
		else
			set->keys[place] = key;
		order[place].record = place;
	}
}

static char *
shown_key(const CrmMatchSet *set, uint32 record)
{
	char	   *key = crm_match_key(set, record);

	return crm_shown(key, (int) strlen(key));
}

static void
check_unique(const CrmMatchSet *set, const OrderedKey *order, const CrmMatchInput *input)
{
	uint32		i;

	for (i = 1; i < set->count; i++)
		if (compare_keys(&order[i - 1], &order[i]) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_CARDINALITY_VIOLATION),
					 errmsg("key \"%s\" of relation \"%s\" has the value %s more than once",
							input->key, get_rel_name(input->relation),
							shown_key(set, order[i].record)),
					 errhint("Every row needs a key of its own.")));
}

static void
sort_by_key(CrmMatchSet *set, const CrmMatchInput *input)
{
	OrderedKey *order = MemoryContextAllocHuge(CurrentMemoryContext,
											   (set->count + 1) * sizeof(OrderedKey));
	bool		is_sorted = true;
	uint32		i;

	for (i = 0; i < set->count; i++)
	{
		order[i].prefix = prefix_of(set, i);
		order[i].key = set->keys != NULL ? set->keys[i] : NULL;
		order[i].record = i;
		if (i > 0 && compare_keys(&order[i - 1], &order[i]) > 0)
			is_sorted = false;
	}
	CHECK_FOR_INTERRUPTS();
	if (!is_sorted)
		qsort(order, set->count, sizeof(OrderedKey), compare_keys);
	check_unique(set, order, input);
	if (!is_sorted)
		permute(set, order);
	pfree(order);
}

/* ----------
 * sets
 * ----------
 */

static void
tell_rows_without_key(const Reader *reader)
{
	if (reader->without_key > 0)
		ereport(NOTICE,
				(errmsg_plural("%llu row of relation \"%s\" has no key and is left out",
							   "%llu rows of relation \"%s\" have no key and are left out",
							   (unsigned long) reader->without_key,
							   (unsigned long long) reader->without_key,
							   get_rel_name(reader->input->relation))));
}

/* For a relation of which nothing was read. */
static void
tell_if_archived(const CrmMatchInput *input)
{
	char	   *sql = psprintf("SELECT FROM %s AS c WHERE c.archived_at IS NOT NULL", input->name);
	bool		is_archived;

	SPI_connect();
	if (SPI_execute(sql, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not read the archived contacts");
	is_archived = SPI_processed > 0;
	SPI_finish();
	if (is_archived)
		ereport(NOTICE,
				(errmsg("all rows of relation \"%s\" are archived and left out",
						get_rel_name(input->relation)),
				 errdetail("Rows are archived where archived_at is not null.")));
}

/* Reads what a query gives; rarities NULL: as rare as values are in it. */
static CrmMatchSet *
read_query(const CrmMatchInput *input, const char *sql, int nargs, Oid *types, Datum *values,
		   const CrmInputOptions *options)
{
	Reader	   *reader = palloc0(sizeof(Reader));

	reader->set = crm_match_set_create(CurrentMemoryContext, !input->has_number);
	reader->input = input;
	reader->counts = options->counts;
	SPI_connect();
	read_rows(reader, sql, nargs, types, values);
	SPI_finish();
	tell_rows_without_key(reader);
	sort_by_key(reader->set, input);
	if (options->rarities != NULL)
		crm_rarities_apply(options->rarities, reader->set);
	else
		crm_match_set_finish(reader->set);
	return reader->set;
}

/* All contacts of a relation, in the current context. */
CrmMatchSet *
crm_match_input_read(const CrmMatchInput *input, const CrmInputOptions *options)
{
	CrmMatchSet *set = read_query(input, crm_match_input_query(input, false), 0, NULL, NULL, options);

	if (set->count == 0 && input->has_archive)
		tell_if_archived(input);
	return set;
}

/*
 * The key is equal to a parameter: so that an index serves where the type is one
 * that the server has; all others are compared as text.
 */
static void
append_key_is(StringInfo sql, const CrmMatchInput *input, int parameter)
{
	char	   *key = psprintf("c.%s", quote_identifier(input->key));
	const char *type;

	switch (getBaseType(input->key_type))
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			type = "int8";
			break;
		case UUIDOID:
			type = "uuid";
			break;
		default:
			key = crm_text_sql(key, input->key_type);
			type = "text";
	}
	appendStringInfo(sql, "%s OPERATOR(pg_catalog.=) $%d::pg_catalog.%s", key, parameter, type);
}

/* The query for two contacts, whose keys, as text, are its parameters. */
char *
crm_match_pair_query(const CrmMatchInput *input, bool raw)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "%s AND (", crm_match_input_query(input, raw));
	append_key_is(&sql, input, 1);
	appendStringInfoString(&sql, " OR ");
	append_key_is(&sql, input, 2);
	appendStringInfoString(&sql, ")");
	return sql.data;
}

/* Two contacts of a relation, or as many of them as there are. */
CrmMatchSet *
crm_match_input_read_pair(const CrmMatchInput *input, const char *left, const char *right,
						  const CrmInputOptions *options)
{
	Oid			types[2] = {TEXTOID, TEXTOID};
	Datum		values[2];

	values[0] = CStringGetTextDatum(left);
	values[1] = CStringGetTextDatum(right);
	return read_query(input, crm_match_pair_query(input, false), 2, types, values, options);
}

/* A key's decimal digits; false if it is no number, or not one of 64 bits. */
bool
crm_read_id(const char *text, int64 *id)
{
	char	   *end;

	if (*text != '-' && (*text < '0' || *text > '9'))
		return false;
	errno = 0;
	*id = strtoi64(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

/* A record's key as text. */
char *
crm_match_key(const CrmMatchSet *set, uint32 record)
{
	return set->ids != NULL ? psprintf(INT64_FORMAT, set->ids[record]) : set->keys[record];
}

/* The record that a key, as text, is of; false if there is none. */
bool
crm_match_find_key(const CrmMatchSet *set, const char *key, uint32 *record)
{
	uint32		low = 0;
	uint32		high = set->count;
	int64		id = 0;

	if (set->ids != NULL && !crm_read_id(key, &id))
		return false;
	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;
		int			order = set->ids != NULL ?
			(set->ids[middle] > id) - (set->ids[middle] < id) :
			strcmp(set->keys[middle], key);

		if (order == 0)
		{
			*record = middle;
			return true;
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/*
 * All contacts of a relation, whatever is found of it; without text_keys an error if
 * its key is no integer.
 */
CrmMatchSet *
crm_match_set_read(Oid relation, MemoryContext parent, bool text_keys)
{
	MemoryContext old = MemoryContextSwitchTo(parent);
	CrmMatchInput *input = palloc(sizeof(CrmMatchInput));
	CrmInputOptions options = {NULL, NULL};
	CrmMatchSet *set;

	crm_match_input_find(input, relation, text_keys);
	set = crm_match_input_read(input, &options);
	MemoryContextSwitchTo(old);
	return set;
}

/*
 * Adds a row of the query that reads contacts to a set that nobody sorts; false if
 * it has no key.
 */
bool
crm_match_input_add_row(CrmMatchSet *set, const CrmMatchInput *input,
						HeapTuple tuple, TupleDesc descriptor)
{
	Reader		reader;

	reader.set = set;
	reader.input = input;
	reader.counts = NULL;
	reader.without_key = 0;
	reader.waiting = 0;
	add_row(&reader, tuple, descriptor);
	add_arrivals(&reader);
	return reader.without_key == 0;
}
