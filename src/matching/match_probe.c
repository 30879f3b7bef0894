/*
 * match_probe.c
 *		Asking an index of keys directly, whoever may see its rows.
 *
 * As for a unique constraint, what counts is which rows there are, not which rows
 * the transaction's snapshot or a policy shows: rows are fetched with a dirty
 * snapshot, which shows what is not yet committed and says who is at it.
 *
 * GIN has bitmaps only.  An entry is that of the first tuple of a HOT chain, so
 * that rows are fetched as an index scan fetches them, through the chain; that a
 * place holds no tuple, or one in the middle of a chain, is found out there.
 */
#include "matching/match_probe.h"

#include "access/genam.h"
#include "access/gin.h"
#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/skey.h"
#include "access/tableam.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "nodes/tidbitmap.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

#define OVERLAPS 1

/* ----------
 * contacts in tuples
 * ----------
 */

CrmMatchReader *
crm_match_reader_create(const CrmMatchSource *source)
{
	CrmMatchReader *reader = palloc0(sizeof(CrmMatchReader));
	int			i;

	reader->estate = CreateExecutorState();
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (source->argument[i] != NULL)
		{
			reader->argument[i] = ExecPrepareExpr((Expr *) source->argument[i], reader->estate);
			reader->kind[i] = source->kind[i];
		}
	return reader;
}

void
crm_match_reader_read(CrmMatchReader *reader, TupleTableSlot *slot, CrmMatchPerson *person)
{
	ExprContext *econtext = GetPerTupleExprContext(reader->estate);
	MemoryContext old;
	int			i;

	ResetExprContext(econtext);
	econtext->ecxt_scantuple = slot;
	old = MemoryContextSwitchTo(econtext->ecxt_per_tuple_memory);
	crm_person_clear(person);
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
	{
		bool		is_null;
		Datum		value;

		if (reader->argument[i] == NULL)
			continue;
		value = ExecEvalExpr(reader->argument[i], econtext, &is_null);
		if (!is_null)
			crm_person_add_datum(person, crm_match_arguments[i].column, reader->kind[i], value);
	}
	MemoryContextSwitchTo(old);
}

/* ----------
 * places in the table
 * ----------
 */

/* Places of rows that have one of the keys. */
typedef struct Places
{
	ItemPointerData *tids;
	int			count;
	int			limit;
	bool		complete;
} Places;

/* A setting for approximate answers of GIN has no say. */
static void
get_bitmap(Relation index, const int64 *keys, int count, TIDBitmap *bitmap)
{
	int			saved_limit = GinFuzzySearchLimit;
	Oid			operator = get_opfamily_member(index->rd_opfamily[0], index->rd_opcintype[0],
											   index->rd_opcintype[0], OVERLAPS);
	SnapshotData any;
	IndexScanDesc scan;
	ScanKeyData key;

	InitDirtySnapshot(any);
	ScanKeyInit(&key, 1, OVERLAPS, get_opcode(operator), crm_keys_datum(keys, count));
	scan = crm_index_beginscan_bitmap(index, &any, 1);
	index_rescan(scan, &key, 1, NULL, 0);
	PG_TRY();
	{
		GinFuzzySearchLimit = 0;
		(void) index_getbitmap(scan, bitmap);
	}
	PG_FINALLY();
	{
		GinFuzzySearchLimit = saved_limit;
	}
	PG_END_TRY();
	index_endscan(scan);
}

static bool
add_place(Places *places, BlockNumber page, OffsetNumber offset)
{
	if (places->count == places->limit)
	{
		places->complete = false;
		return false;
	}
	ItemPointerSet(&places->tids[places->count], page, offset);
	places->count++;
	return true;
}

/* The first places of a bitmap, up to the limit. */
static void
read_bitmap(TIDBitmap *bitmap, Places *places)
{
	CrmBitmapIterator *iterator = crm_bitmap_begin(bitmap);
	OffsetNumber offsets[MaxHeapTuplesPerPage];
	BlockNumber page;
	int			count;
	int			i;

	places->count = 0;
	places->complete = true;
	while (places->complete)
	{
		crm_bitmap_next(iterator, &page, offsets, MaxHeapTuplesPerPage, &count);
		if (page == InvalidBlockNumber)
			break;
		/* of a page whose places were not remembered, any */
		for (i = 0; i < (count < 0 ? MaxHeapTuplesPerPage : count); i++)
			if (!add_place(places, page, count < 0 ? i + FirstOffsetNumber : offsets[i]))
				break;
	}
	crm_bitmap_end(iterator);
}

static void
find_places(Relation index, const int64 *keys, int count, Places *places)
{
	TIDBitmap  *bitmap = tbm_create(work_mem * 1024L, NULL);

	get_bitmap(index, keys, count, bitmap);
	read_bitmap(bitmap, places);
	tbm_free(bitmap);
}

/* ----------
 * rows
 * ----------
 */

static void
visit_places(Relation table, const Places *places, CrmProbeVisitor visit, void *state)
{
	IndexFetchTableData *fetch = table_index_fetch_begin(table);
	TupleTableSlot *slot = table_slot_create(table, NULL);
	SnapshotData dirty;
	int			i;

	InitDirtySnapshot(dirty);
	for (i = 0; i < places->count; i++)
	{
		ItemPointerData tid = places->tids[i];
		bool		again = false;
		bool		all_dead;

		CHECK_FOR_INTERRUPTS();
		do
		{
			if (table_index_fetch_tuple(fetch, &tid, &dirty, slot, &again, &all_dead))
				visit(state, slot, &dirty);
		} while (again);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_index_fetch_end(fetch);
}

/*
 * Visits the rows that have one of the keys.  What more rows share than are
 * compared is a key of little meaning: then each key is looked for alone, and the
 * first rows that have it are visited; some rows twice.
 */
void
crm_match_probe(Relation table, Relation index, const int64 *keys, int count,
				CrmProbeVisitor visit, void *state)
{
	Places		places;
	int			i;

	if (count == 0)
		return;
	places.limit = CRM_CANDIDATES_MAX;
	places.tids = palloc(CRM_CANDIDATES_MAX * sizeof(ItemPointerData));
	find_places(index, keys, count, &places);
	if (places.complete)
		visit_places(table, &places, visit, state);
	else
		for (i = 0; i < count; i++)
		{
			places.limit = CRM_CANDIDATES_PER_KEY;
			find_places(index, &keys[i], 1, &places);
			visit_places(table, &places, visit, state);
		}
	pfree(places.tids);
}
