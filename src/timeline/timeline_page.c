/*
 * timeline_page.c
 *		Reading one page of a timeline.
 *
 * The statement's rows come in the order of their time.  Those of one instant
 * are gathered, put in order, freed of duplicates (a company may meet an event
 * in two ways) and given out; once the page is full and an older event comes,
 * the statement is stopped.
 *
 * Where an event stands relative to the place that the page starts after:
 * events of older times do; of the same time, those whose source comes after,
 * and of the same source those with a lesser key.  Times are whole microseconds,
 * so "this time and all keys" is "before the next microsecond".
 *
 * Memory: what is gathered of one time lives in a context that is reset after
 * it; what one row needs, in one that is reset after the row.  The result is the function's tuplestore.
 */
#include "timeline/timeline_page.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

/* Columns of the function's result: those of the view, and page_token. */
#define PAGE_TOKEN_COLUMN	CRM_NUM_EVENT_COLUMNS
#define NUM_PAGE_COLUMNS	(CRM_NUM_EVENT_COLUMNS + 1)

typedef struct Event
{
	CrmPlace	place;
	MinimalTuple row;			/* of the function's result */
} Event;

typedef struct PageReader
{
	DestReceiver receiver;		/* must be the first */
	const CrmTimelineQuery *query;
	const CrmPageRequest *request;
	Tuplestorestate *store;
	TupleDesc	desc;			/* of the function's result */
	TupleTableSlot *slot;
	bool		has_duplicates; /* an event may come in two ways */
	int64		remaining;		/* events that the page still takes */
	Event	   *instant;		/* events of one time */
	int			num_events;
	int			max_events;
	MemoryContext page_context;
	MemoryContext instant_context;	/* reset after each time */
	MemoryContext row_context;
} PageReader;

/* ----------
 * parameters
 * ----------
 */

static Datum
least_key(CrmEventKeyType type)
{
	switch (type)
	{
		case CRM_KEY_INTEGER:
			return Int64GetDatum(PG_INT64_MIN);
		case CRM_KEY_UUID:
			return UUIDPGetDatum((pg_uuid_t *) palloc0(sizeof(pg_uuid_t)));
		default:
			return CStringGetTextDatum("");
	}
}

/* Above every key that is likely to exist; for events at infinity only. */
static Datum
greatest_key(CrmEventKeyType type)
{
	pg_uuid_t  *uuid;

	switch (type)
	{
		case CRM_KEY_INTEGER:
			return Int64GetDatum(PG_INT64_MAX);
		case CRM_KEY_UUID:
			uuid = palloc(sizeof(pg_uuid_t));
			memset(uuid, 0xFF, sizeof(pg_uuid_t));
			return UUIDPGetDatum(uuid);
		default:
			return CStringGetTextDatum(GetDatabaseEncoding() == PG_UTF8 ?
									   "\xF4\x8F\xBF\xBF" : "\xFF\xFF\xFF\xFF");
	}
}

/* Whether a text is a uuid as the server writes it. */
static bool
is_uuid(const char *words)
{
	return strlen(words) == 36 && strspn(words, "0123456789abcdef-") == 36 &&
		words[8] == '-' && words[13] == '-' && words[18] == '-' && words[23] == '-';
}

/* Raises an error if the keys of the place's source have another type now. */
static void
check_key_type(const CrmPlace *place, CrmEventKeyType type)
{
	if (place->is_integer != (type == CRM_KEY_INTEGER) ||
		(type == CRM_KEY_UUID && !is_uuid(place->text_key)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("page_token is not valid"),
				 errdetail("The keys of source \"%s\" have another type now.", place->source),
				 errhint("Start again with the first page.")));
}

static Datum
key_of_place(const CrmPlace *place, CrmEventKeyType type)
{
	check_key_type(place, type);
	if (type == CRM_KEY_INTEGER)
		return Int64GetDatum(place->integer_key);
	if (type == CRM_KEY_UUID)
		return DirectFunctionCall1(uuid_in, CStringGetDatum(place->text_key));
	return CStringGetTextDatum(place->text_key);
}

/* Everything of the time and before; the place is (time, key), exclusive. */
static void
set_through(Datum *values, TimestampTz time, CrmEventKeyType type)
{
	if (time == DT_NOEND)
	{
		values[0] = TimestampTzGetDatum(time);
		values[1] = greatest_key(type);
		return;
	}
	values[0] = TimestampTzGetDatum(time + 1);
	values[1] = least_key(type);
}

/* Whether the place says more than the time does that all events lie before. */
static bool
place_applies(const CrmPageRequest *request)
{
	return request->has_place &&
		(request->until_infinity || request->place.at < request->until);
}

/* Where the page starts in a source. */
static void
set_place(const CrmPageRequest *request, const CrmQuerySource *source, Datum *values)
{
	const CrmPlace *place = &request->place;
	int			order;

	if (!place_applies(request))
	{
		set_through(values, request->until_infinity ? DT_NOEND : request->until - 1,
					source->key_type);
		return;
	}
	order = strcmp(source->name, place->source);
	if (order < 0)
	{
		set_through(values, place->at, source->key_type);
		return;
	}
	values[0] = TimestampTzGetDatum(place->at);
	values[1] = order == 0 ? key_of_place(place, source->key_type) :
		least_key(source->key_type);
}

/* Where it starts in a relation whose statement compares the time alone. */
static void
set_time(const CrmPageRequest *request, Datum *values)
{
	values[0] = TimestampTzGetDatum(place_applies(request) ? request->place.at :
									request->until_infinity ? DT_NOEND :
									request->until - 1);
}

/* The same among events without a time: no time stands for all of them. */
static void
set_place_without_time(const CrmPageRequest *request, const CrmQuerySource *source,
					   Datum *values, bool *nulls)
{
	const CrmPlace *place = &request->place;
	int			order = -1;

	if (request->has_place && !place->has_time)
		order = strcmp(source->name, place->source);
	nulls[0] = order < 0;
	values[0] = TimestampTzGetDatum(0);
	values[1] = order == 0 ? key_of_place(place, source->key_type) :
		least_key(source->key_type);
}

static void
execute(PageReader *reader, const char *sql, bool has_time)
{
	const CrmTimelineQuery *query = reader->query;
	const CrmPageRequest *request = reader->request;
	int			count = CRM_NUM_PARAMS(query);
	Datum	   *values = palloc0(count * sizeof(Datum));
	bool	   *nulls = palloc0(count * sizeof(bool));
	int			i;

	values[CRM_PARAM_KEY] = request->key;
	values[CRM_PARAM_LIMIT] = Int64GetDatum(reader->remaining);
	values[CRM_PARAM_KINDS] = request->kinds;
	values[CRM_PARAM_CONTACTS] = request->contacts;
	values[CRM_PARAM_DEALS] = request->deals;
	for (i = CRM_PARAM_KINDS; i <= CRM_PARAM_DEALS; i++)
		nulls[i] = values[i] == (Datum) 0;
	nulls[CRM_PARAM_NO_LIMIT] = true;
	for (i = 0; i < query->num_sources; i++)
	{
		int			param = CRM_PARAM_SOURCES + 2 * i;

		if (query->compares_time_alone)
		{
			set_time(request, &values[param]);
			nulls[param + 1] = true;
		}
		else if (has_time)
			set_place(request, &query->sources[i], &values[param]);
		else
			set_place_without_time(request, &query->sources[i], &values[param],
								   &nulls[param]);
	}
	crm_execute_kept_into(sql, count, query->types, values, nulls, &reader->receiver);
}

/* ----------
 * rows
 * ----------
 */

/* The place of the row in the slot, in the present context. */
static void
read_place(const PageReader *reader, TupleTableSlot *slot, CrmPlace *place)
{
	int			number = DatumGetInt32(slot->tts_values[CRM_RESULT_SOURCE_NUMBER]);

	place->has_time = !slot->tts_isnull[CRM_RESULT_OCCURRED_AT];
	place->at = place->has_time ?
		DatumGetTimestampTz(slot->tts_values[CRM_RESULT_OCCURRED_AT]) : 0;
	place->source = slot->tts_isnull[CRM_RESULT_SOURCE] ?
		reader->query->sources[number].name :
		TextDatumGetCString(slot->tts_values[CRM_RESULT_SOURCE]);
	place->is_integer = reader->query->sources[number].key_type == CRM_KEY_INTEGER;
	place->integer_key = 0;
	place->text_key = NULL;
	if (!place->is_integer)
		place->text_key = slot->tts_isnull[CRM_RESULT_TEXT_KEY] ? "" :
			TextDatumGetCString(slot->tts_values[CRM_RESULT_TEXT_KEY]);
	else if (!slot->tts_isnull[CRM_RESULT_INTEGER_KEY])
		place->integer_key = DatumGetInt64(slot->tts_values[CRM_RESULT_INTEGER_KEY]);
}

/* Forms the function's row of an event, in the context of its time. */
static MinimalTuple
form_row(const PageReader *reader, TupleTableSlot *slot, const CrmPlace *place)
{
	static const int results[] = {
		CRM_RESULT_OCCURRED_AT, CRM_RESULT_KIND, CRM_RESULT_TITLE,
		CRM_RESULT_DESCRIPTION, CRM_RESULT_CONTACT_ID, CRM_RESULT_COMPANY_ID,
		CRM_RESULT_DEAL_ID, CRM_RESULT_ACTOR, CRM_RESULT_DIRECTION,
		-1, -1, CRM_RESULT_DETAILS
	};
	Datum		values[NUM_PAGE_COLUMNS];
	bool		nulls[NUM_PAGE_COLUMNS];
	char		digits[MAXINT8LEN + 1];
	MemoryContext old;
	MinimalTuple row;
	int			i;

	for (i = 0; i < (int) lengthof(results); i++)
	{
		if (results[i] < 0)
			continue;
		values[i] = slot->tts_values[results[i]];
		nulls[i] = slot->tts_isnull[results[i]];
	}
	if (place->has_time && TIMESTAMP_NOT_FINITE(place->at))
		nulls[CRM_EVENT_OCCURRED_AT] = true;
	values[CRM_EVENT_SOURCE] = CStringGetTextDatum(place->source);
	nulls[CRM_EVENT_SOURCE] = false;
	if (place->is_integer)
		pg_lltoa(place->integer_key, digits);
	values[CRM_EVENT_SOURCE_ID] = CStringGetTextDatum(place->is_integer ? digits : place->text_key);
	nulls[CRM_EVENT_SOURCE_ID] = false;
	values[PAGE_TOKEN_COLUMN] =
		CStringGetTextDatum(crm_make_page_token(place, reader->request->timeline));
	nulls[PAGE_TOKEN_COLUMN] = false;

	old = MemoryContextSwitchTo(reader->instant_context);
	row = crm_form_minimal_tuple(reader->desc, values, nulls);
	MemoryContextSwitchTo(old);
	return row;
}

static int
compare_events(const void *a, const void *b)
{
	return crm_compare_places(&((const Event *) a)->place, &((const Event *) b)->place);
}

static void
give_out(PageReader *reader, const Event *event)
{
	ExecStoreMinimalTuple(event->row, reader->slot, false);
	tuplestore_puttupleslot(reader->store, reader->slot);
	ExecClearTuple(reader->slot);
	reader->remaining--;
}

/* Gives the gathered events of one time out, as many as the page takes. */
static void
end_instant(PageReader *reader)
{
	int			i;

	if (reader->num_events > 1)
		qsort(reader->instant, reader->num_events, sizeof(Event), compare_events);
	for (i = 0; i < reader->num_events && reader->remaining > 0; i++)
		if (i == 0 || !reader->has_duplicates || compare_events(&reader->instant[i - 1], &reader->instant[i]) != 0)
			give_out(reader, &reader->instant[i]);
	MemoryContextReset(reader->instant_context);
	reader->num_events = 0;
}

static void
gather(PageReader *reader, TupleTableSlot *slot, const CrmPlace *place)
{
	Event	   *event;

	if (reader->num_events == reader->max_events)
	{
		reader->max_events *= 2;
		reader->instant = repalloc_huge(reader->instant,
										reader->max_events * sizeof(Event));
	}
	event = &reader->instant[reader->num_events];
	event->row = form_row(reader, slot, place);
	event->place = *place;
	/* words of this row's must outlive it; a name of the query's does */
	if (!slot->tts_isnull[CRM_RESULT_SOURCE])
		event->place.source = MemoryContextStrdup(reader->instant_context, place->source);
	if (!place->is_integer)
		event->place.text_key = MemoryContextStrdup(reader->instant_context, place->text_key);
	reader->num_events++;
}

/* Takes one row; false stops the statement. */
static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	PageReader *reader = (PageReader *) self;
	const CrmPageRequest *request = reader->request;
	MemoryContext old = MemoryContextSwitchTo(reader->row_context);
	const CrmPlace *instant = reader->num_events > 0 ? &reader->instant[0].place : NULL;
	CrmPlace	place;

	slot_getallattrs(slot);
	read_place(reader, slot, &place);
	if (instant != NULL &&
		(instant->has_time != place.has_time || instant->at != place.at))
		end_instant(reader);
	/* what has no key has no place */
	if (reader->remaining > 0 &&
		!(slot->tts_isnull[CRM_RESULT_INTEGER_KEY] && slot->tts_isnull[CRM_RESULT_TEXT_KEY]) &&
		!(request->has_place && crm_compare_places(&place, &request->place) <= 0))
		gather(reader, slot, &place);
	MemoryContextSwitchTo(old);
	MemoryContextReset(reader->row_context);
	return reader->remaining > 0;
}

/* ----------
 * the page
 * ----------
 */

/* The statement's columns must be what the code takes them for. */
static void
start_rows(DestReceiver *self, int operation, TupleDesc desc)
{
	static const Oid types[CRM_NUM_RESULT_COLUMNS] = {
		TIMESTAMPTZOID, INT4OID, TEXTOID, INT8OID, TEXTOID, TEXTOID, TEXTOID,
		TEXTOID, INT8OID, INT8OID, INT8OID, TEXTOID, TEXTOID, JSONBOID
	};
	int			i;

	for (i = 0; i < CRM_NUM_RESULT_COLUMNS; i++)
		if (desc->natts != CRM_NUM_RESULT_COLUMNS ||
			TupleDescAttr(desc, i)->atttypid != types[i])
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("a column of the timeline's sources has another type than it had"),
					 errdetail("Column %d of the statement is of type %s instead of %s.", i + 1,
							   i < desc->natts ? format_type_be(TupleDescAttr(desc, i)->atttypid) : "none",
							   format_type_be(types[i])),
					 errhint("Give the column of the source its type back.")));
}

static void
ignore(DestReceiver *self)
{
}

static void
start_result(PageReader *reader, ReturnSetInfo *result)
{
	static const Oid types[NUM_PAGE_COLUMNS] = {
		TIMESTAMPTZOID, TEXTOID, TEXTOID, TEXTOID, INT8OID, INT8OID, INT8OID,
		TEXTOID, TEXTOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID
	};
	TupleDesc	desc = result->setDesc;
	int			i;

	for (i = 0; i < NUM_PAGE_COLUMNS; i++)
		if (desc->natts != NUM_PAGE_COLUMNS || TupleDescAttr(desc, i)->atttypid != types[i])
			elog(ERROR, "unexpected row type of a timeline");
	reader->desc = desc;
	reader->store = result->setResult;
}

static void
start_page(PageReader *reader, const CrmTimelineQuery *query,
		   const CrmPageRequest *request)
{
	reader->receiver.receiveSlot = receive_row;
	reader->receiver.rStartup = start_rows;
	reader->receiver.rShutdown = ignore;
	reader->receiver.rDestroy = ignore;
	reader->receiver.mydest = DestTuplestore;
	reader->query = query;
	reader->request = request;
	reader->has_duplicates = request->contacts != (Datum) 0;
	reader->remaining = request->max_events;
	reader->page_context = AllocSetContextCreate(CurrentMemoryContext, "crm timeline page",
												 ALLOCSET_DEFAULT_SIZES);
	reader->instant_context = AllocSetContextCreate(reader->page_context, "crm timeline instant",
													ALLOCSET_DEFAULT_SIZES);
	reader->row_context = AllocSetContextCreate(CurrentMemoryContext, "crm timeline row",
												ALLOCSET_SMALL_SIZES);
	reader->num_events = 0;
	reader->max_events = 16;
	reader->instant = MemoryContextAlloc(reader->page_context,
										 reader->max_events * sizeof(Event));
	reader->slot = MakeSingleTupleTableSlot(reader->desc, &TTSOpsMinimalTuple);
}

/*
 * Puts a page into the function's result.  SPI must be connected.
 */
void
crm_read_timeline_page(ReturnSetInfo *result, const CrmTimelineQuery *query,
					   const CrmPageRequest *request)
{
	PageReader	reader = {0};

	if (query->compares_time_alone && request->has_place)
		check_key_type(&request->place, query->sources[0].key_type);
	start_result(&reader, result);
	start_page(&reader, query, request);
	/* nothing that has a time is before the beginning, or after what has none */
	if (query->sql != NULL && reader.remaining > 0 &&
		(request->until_infinity || request->until != DT_NOBEGIN) &&
		!(request->has_place && !request->place.has_time))
	{
		execute(&reader, query->sql, true);
		end_instant(&reader);
	}
	if (query->no_time_sql != NULL && reader.remaining > 0)
	{
		execute(&reader, query->no_time_sql, false);
		end_instant(&reader);
	}
	ExecDropSingleTupleTableSlot(reader.slot);
	MemoryContextDelete(reader.row_context);
	MemoryContextDelete(reader.page_context);
}
