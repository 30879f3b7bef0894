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
 * Memory: each entry has a context of its own below TopMemoryContext.  An entry
 * in use is pinned; pins that an error leaves are taken off at the end of the
 * transaction.
 */
#include "timeline/timeline_cache.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
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

struct CrmKeptTimeline
{
	dlist_node	lru;			/* most recently used first */
	MemoryContext context;		/* of all of it */
	Oid			registry;
	CrmTimelineOf of;
	char	   *kinds;			/* joined */
	uint64		catalog_changes;	/* counted when it was made */
	StringInfoData rows;		/* of timeline_sources then */
	CrmTimelineQuery *query;
	int			pins;
};

static dlist_head kept_timelines = DLIST_STATIC_INIT(kept_timelines);
static int	num_timelines = 0;

static void
unpin_all(XactEvent event, void *arg)
{
	dlist_iter	iter;

	if (event != XACT_EVENT_COMMIT && event != XACT_EVENT_ABORT &&
		event != XACT_EVENT_PREPARE)
		return;
	dlist_foreach(iter, &kept_timelines)
		dlist_container(CrmKeptTimeline, lru, iter.cur)->pins = 0;
}

void
crm_timeline_init(void)
{
	RegisterXactCallback(unpin_all, NULL);
}

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

static void
make_room(void)
{
	dlist_mutable_iter iter;

	if (num_timelines < MAX_TIMELINES)
		return;
	/* from the least recently used on */
	for (iter.cur = kept_timelines.head.prev; iter.cur != &kept_timelines.head;)
	{
		CrmKeptTimeline *kept = dlist_container(CrmKeptTimeline, lru, iter.cur);

		iter.cur = iter.cur->prev;
		if (kept->pins > 0)
			continue;
		forget(kept);
		return;
	}
}

static char *
join(List *words)
{
	StringInfoData joined;
	ListCell   *cell;

	initStringInfo(&joined);
	foreach(cell, words)
		appendStringInfo(&joined, "%s\n", (char *) lfirst(cell));
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

/*
 * The statement for a timeline, kept until it is released.
 */
const CrmTimelineQuery *
crm_keep_timeline(Oid registry, CrmTimelineOf of, List *kinds,
				  CrmKeptTimeline **result)
{
	char	   *joined_kinds = join(kinds);
	CrmKeptTimeline *kept;
	StringInfoData rows;

	kept = find(registry, of, joined_kinds);
	if (kept == NULL || kept->catalog_changes != crm_catalog_changes())
		crm_check_timeline_registry(registry);
	initStringInfo(&rows);
	read_rows(registry, &rows);
	if (kept != NULL &&
		(kept->catalog_changes != crm_catalog_changes() || rows.len == 0 ||
		 kept->rows.len != rows.len ||
		 memcmp(kept->rows.data, rows.data, rows.len) != 0))
	{
		/* one in use stays in the list, for its user, and is found no more */
		if (kept->pins > 0)
			kept->registry = InvalidOid;
		else
			forget(kept);
		kept = NULL;
	}
	if (kept == NULL)
	{
		kept = make(registry, of, kinds, joined_kinds, &rows);
		make_room();
		MemoryContextSetParent(kept->context, TopMemoryContext);
		dlist_push_head(&kept_timelines, &kept->lru);
		num_timelines++;
	}
	else
		dlist_move_head(&kept_timelines, &kept->lru);
	kept->pins++;
	*result = kept;
	return kept->query;
}

void
crm_release_timeline(CrmKeptTimeline *kept)
{
	if (kept->pins > 0)
		kept->pins--;
}
