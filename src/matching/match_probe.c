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
 *
 * All places are known before the first of them is visited, and meanwhile an UPDATE
 * that commits may take a row from its place to one that is not among them.  So
 * where a place has been left, and not so long ago that nobody can see the row any
 * more, the index is asked again, until no more places have been left.  What was
 * left since the statement began stays there, dead, until it ends: its snapshot
 * keeps it from being cleared away, and the place from being used again.
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
#include "utils/hsearch.h"
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

typedef enum PlaceState
{
	PLACE_VISITED,				/* a row was there */
	PLACE_EMPTY,				/* none was, or one that nobody sees any more */
	PLACE_LEFT					/* one was that somebody may still see */
} PlaceState;

typedef struct Place
{
	ItemPointerData tid;
	PlaceState	state;
} Place;

/* Asking an index once, or more often if rows move meanwhile. */
typedef struct Probe
{
	Relation	index;
	IndexFetchTableData *fetch;
	TupleTableSlot *slot;
	HTAB	   *places;			/* that were looked at */
	bool		has_moved;		/* a place was found to have been left */
	CrmProbeVisitor visit;
	void	   *state;
} Probe;

/* Shows the visitor what is at a place; two versions, while somebody changes the row. */
static PlaceState
show_place(Probe *probe, const ItemPointerData *tid)
{
	ItemPointerData place = *tid;
	SnapshotData dirty;
	PlaceState	state = PLACE_LEFT;
	bool		again = false;
	bool		all_dead;

	InitDirtySnapshot(dirty);
	do
	{
		all_dead = false;
		if (table_index_fetch_tuple(probe->fetch, &place, &dirty, probe->slot, &again, &all_dead))
		{
			probe->visit(probe->state, probe->slot, &dirty);
			state = PLACE_VISITED;
		}
		else if (state != PLACE_VISITED && all_dead)
			state = PLACE_EMPTY;
	} while (again);
	return state;
}

/* Returns whether a row is there, or was when the place was visited. */
static bool
visit_place(Probe *probe, const ItemPointerData *tid)
{
	bool		is_known;
	Place	   *place = hash_search(probe->places, tid, HASH_ENTER, &is_known);
	PlaceState	state;

	if (!is_known)
		place->state = PLACE_EMPTY;
	if (place->state == PLACE_VISITED)
		return true;
	state = show_place(probe, tid);
	if (state == PLACE_LEFT && place->state != PLACE_LEFT)
		probe->has_moved = true;
	place->state = state;
	return state == PLACE_VISITED;
}

/* ----------
 * the index
 * ----------
 */

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

/*
 * Visits rows that a bitmap names; returns false if there are more than the limit.
 * Places without a row do not count: a contact that was changed often has many.
 */
static bool
visit_bitmap(Probe *probe, TIDBitmap *bitmap, int limit)
{
	CrmBitmapIterator *iterator = crm_bitmap_begin(bitmap);
	OffsetNumber offsets[MaxHeapTuplesPerPage];
	BlockNumber page;
	int			rows = 0;
	int			count;
	int			i;

	while (rows <= limit)
	{
		crm_bitmap_next(iterator, &page, offsets, MaxHeapTuplesPerPage, &count);
		if (page == InvalidBlockNumber)
			break;
		/* of a page whose places were not remembered, any */
		for (i = 0; i < (count < 0 ? MaxHeapTuplesPerPage : count) && rows <= limit; i++)
		{
			ItemPointerData tid;

			CHECK_FOR_INTERRUPTS();
			ItemPointerSet(&tid, page, count < 0 ? i + FirstOffsetNumber : offsets[i]);
			rows += visit_place(probe, &tid);
		}
	}
	crm_bitmap_end(iterator);
	return rows <= limit;
}

static bool
visit_keys(Probe *probe, const int64 *keys, int count, int limit)
{
	TIDBitmap  *bitmap = tbm_create(work_mem * 1024L, NULL);
	bool		complete;

	get_bitmap(probe->index, keys, count, bitmap);
	complete = visit_bitmap(probe, bitmap, limit);
	tbm_free(bitmap);
	return complete;
}

/* ----------
 * asking
 * ----------
 */

static HTAB *
make_places(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(ItemPointerData);
	ctl.entrysize = sizeof(Place);
	ctl.hcxt = CurrentMemoryContext;
	return hash_create("crm match places", 64, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/*
 * Visits the rows that have one of the keys; of a row that is being changed both
 * versions, and perhaps one version twice.  What more rows share than are compared
 * is a key of little meaning: then each key is looked for alone, and the first rows
 * that have it are visited.
 */
void
crm_match_probe(Relation table, Relation index, const int64 *keys, int count,
				CrmProbeVisitor visit, void *state)
{
	Probe		probe = {0};
	int			i;

	if (count == 0)
		return;
	probe.index = index;
	probe.fetch = table_index_fetch_begin(table);
	probe.slot = table_slot_create(table, NULL);
	probe.places = make_places();
	probe.visit = visit;
	probe.state = state;
	do
	{
		probe.has_moved = false;
		if (!visit_keys(&probe, keys, count, CRM_CANDIDATES_MAX))
			for (i = 0; i < count; i++)
				(void) visit_keys(&probe, &keys[i], 1, CRM_CANDIDATES_PER_KEY);
	} while (probe.has_moved);
	hash_destroy(probe.places);
	ExecDropSingleTupleTableSlot(probe.slot);
	table_index_fetch_end(probe.fetch);
}
