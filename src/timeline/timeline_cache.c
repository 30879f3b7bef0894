/*
 * timeline_cache.c
 *		The statements of the timelines that a session reads.
 *
 * A statement is a few kilobytes of text made from timeline_sources and the
 * catalog.  It is kept under the table of sources, whose timeline it is, and
 * the kinds, and made anew when
 *	- the rows of timeline_sources are others than they were.  They are compared
 *	  byte by byte at each call, under the caller's snapshot: so no trigger is
 *	  needed to notice a change, and a rolled back one leaves nothing behind;
 *	- any relation or schema has changed since (catalog_changes.c).
 * Plans are kept apart, by the text (kept_plans.c): a text that comes out as it
 * was finds its plan again.
 *
 * At most MAX_TIMELINES are kept; the one that was not used for longest goes.
 *
 * Memory: each entry has a context of its own below TopMemoryContext, which it
 * enters when it is complete.
 */
#include "timeline/timeline_cache.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog_changes.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "lib/ilist.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define MAX_TIMELINES 256

typedef struct CrmKeptTimeline
{
	dlist_node	lru;			/* most recently used first */
	MemoryContext context;		/* of all of it */
	Oid			registry;
	CrmTimelineOf of;
	char	   *kinds;			/* joined */
	uint64		catalog_changes;	/* counted when it was made */
	StringInfoData rows;		/* of timeline_sources then */
	CrmTimelineQuery *query;
} CrmKeptTimeline;

static dlist_head kept_timelines = DLIST_STATIC_INIT(kept_timelines);
static int	num_timelines = 0;

/* ----------
 * the rows of timeline_sources
 * ----------
 */

/* Appends the data of every row, as it lies in the table. */
static void
read_rows(Oid registry_oid, StringInfo rows)
{
	Relation	registry = table_open(registry_oid, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(registry, NULL);
	TableScanDesc scan = table_beginscan(registry, GetActiveSnapshot(), 0, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool		should_free;
		HeapTuple	tuple = ExecFetchSlotHeapTuple(slot, false, &should_free);

		appendBinaryStringInfo(rows, (char *) tuple->t_data + tuple->t_data->t_hoff,
							   tuple->t_len - tuple->t_data->t_hoff);
		appendBinaryStringInfo(rows, (char *) tuple->t_data->t_bits,
							   tuple->t_data->t_hoff - SizeofHeapTupleHeader);
		if (should_free)
			heap_freetuple(tuple);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(registry, NoLock);
}

/* ----------
 * keeping
 * ----------
 */

static void
forget(CrmKeptTimeline *kept)
{
	dlist_delete(&kept->lru);
	num_timelines--;
	MemoryContextDelete(kept->context);
}

/* One text for a list of words, and another for any other list. */
static char *
join(List *words)
{
	StringInfoData joined;
	ListCell   *cell;

	initStringInfo(&joined);
	foreach(cell, words)
		appendStringInfo(&joined, "%zu %s", strlen(lfirst(cell)), (char *) lfirst(cell));
	return joined.data;
}

static CrmKeptTimeline *
find(Oid registry, CrmTimelineOf of, const char *kinds)
{
	dlist_iter	iter;

	dlist_foreach(iter, &kept_timelines)
	{
		CrmKeptTimeline *kept = dlist_container(CrmKeptTimeline, lru, iter.cur);

		if (kept->registry == registry && kept->of == of &&
			strcmp(kept->kinds, kinds) == 0)
			return kept;
	}
	return NULL;
}

static CrmKeptTimeline *
make(Oid registry, CrmTimelineOf of, List *kinds, const char *joined_kinds,
	 const StringInfo rows)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "crm timeline", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CrmKeptTimeline *kept = palloc0(sizeof(CrmKeptTimeline));
	char	   *schema = get_namespace_name(get_rel_namespace(registry));

	kept->context = context;
	kept->registry = registry;
	kept->of = of;
	kept->kinds = pstrdup(joined_kinds);
	kept->catalog_changes = crm_catalog_changes();
	initStringInfo(&kept->rows);
	appendBinaryStringInfo(&kept->rows, rows->data, rows->len);
	kept->query = crm_make_timeline_query(crm_read_timeline_sources(registry, schema,
																	GetActiveSnapshot()),
										  of, kinds);
	MemoryContextSwitchTo(old);
	return kept;
}

/* Whether what is kept is still what would be made. */
static bool
is_current(const CrmKeptTimeline *kept, const StringInfo rows)
{
	return kept->catalog_changes == crm_catalog_changes() && rows->len > 0 &&
		kept->rows.len == rows->len &&
		memcmp(kept->rows.data, rows->data, rows->len) == 0;
}

/*
 * The statement for a timeline: a copy, since what is kept may be thrown out
 * while the statement runs.
 */
CrmTimelineQuery *
crm_kept_timeline(Oid registry, CrmTimelineOf of, List *kinds)
{
	char	   *joined_kinds = join(kinds);
	CrmKeptTimeline *kept = find(registry, of, joined_kinds);
	StringInfoData rows;

	if (kept == NULL || kept->catalog_changes != crm_catalog_changes())
		crm_check_timeline_registry(registry);
	initStringInfo(&rows);
	read_rows(registry, &rows);
	if (kept != NULL && is_current(kept, &rows))
	{
		dlist_move_head(&kept_timelines, &kept->lru);
		return crm_copy_timeline_query(kept->query);
	}
	if (kept != NULL)
		forget(kept);
	kept = make(registry, of, kinds, joined_kinds, &rows);
	if (num_timelines >= MAX_TIMELINES)
		forget(dlist_tail_element(CrmKeptTimeline, lru, &kept_timelines));
	MemoryContextSetParent(kept->context, TopMemoryContext);
	dlist_push_head(&kept_timelines, &kept->lru);
	num_timelines++;
	return crm_copy_timeline_query(kept->query);
}
