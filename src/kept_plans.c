/*
 * kept_plans.c
 *		Prepared statements of the library's own, kept between calls.
 *
 * A plan is found by its SQL text and its argument types.  Texts name every
 * object with its schema, so a renamed schema is another text, and a schema
 * that was dropped and made again is the same text, which the server's plan
 * cache analyses anew.  The types are OIDs, which differ after DROP and CREATE
 * EXTENSION.  The cache holds at most MAX_PLANS plans and throws the one out
 * that was not used for longest.
 *
 * Memory: entries live in a context of their own under TopMemoryContext, plans
 * where SPI_keepplan puts them.  A plan that is being executed is pinned; pins
 * that an error leaves behind are taken off at the end of the transaction.
 */
#include "kept_plans.h"

#include "access/xact.h"
#include "common/hashfn.h"
#include "lib/ilist.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#define MAX_PLANS 256
#define MAX_ARGUMENTS 4

typedef struct KeptPlan
{
	uint64		hash;			/* of the text and the types; key of the table */
	dlist_node	lru;			/* most recently used first */
	char	   *sql;
	int			nargs;
	Oid			types[MAX_ARGUMENTS];
	SPIPlanPtr	plan;
	int			pins;
} KeptPlan;

static MemoryContext kept_context = NULL;
static HTAB *kept_plans = NULL;
static dlist_head kept_lru = DLIST_STATIC_INIT(kept_lru);

static void
unpin_all(XactEvent event, void *arg)
{
	dlist_iter	iter;

	if (event == XACT_EVENT_PRE_COMMIT || event == XACT_EVENT_PRE_PREPARE ||
		event == XACT_EVENT_PARALLEL_PRE_COMMIT)
		return;
	dlist_foreach(iter, &kept_lru)
		dlist_container(KeptPlan, lru, iter.cur)->pins = 0;
}

void
crm_kept_plans_init(void)
{
	RegisterXactCallback(unpin_all, NULL);
}

static void
make_table(void)
{
	HASHCTL		ctl;

	kept_context = AllocSetContextCreate(TopMemoryContext, "crm kept plans",
										 ALLOCSET_DEFAULT_SIZES);
	ctl.keysize = sizeof(uint64);
	ctl.entrysize = sizeof(KeptPlan);
	ctl.hcxt = kept_context;
	kept_plans = hash_create("crm kept plans", MAX_PLANS, &ctl,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
forget_plan(KeptPlan *kept)
{
	SPIPlanPtr	plan = kept->plan;
	char	   *sql = kept->sql;

	dlist_delete(&kept->lru);
	hash_search(kept_plans, &kept->hash, HASH_REMOVE, NULL);
	pfree(sql);
	SPI_freeplan(plan);
}

/* Makes room for one plan; false if every kept plan is in use. */
static bool
make_room(void)
{
	dlist_iter	iter;

	if (hash_get_num_entries(kept_plans) < MAX_PLANS)
		return true;
	dlist_reverse_foreach(iter, &kept_lru)
	{
		KeptPlan   *kept = dlist_container(KeptPlan, lru, iter.cur);

		if (kept->pins > 0)
			continue;
		forget_plan(kept);
		return true;
	}
	return false;
}

/* Keeps a plan; NULL if there is no room, and then it is the caller's. */
static KeptPlan *
keep_plan(uint64 hash, const char *sql, int nargs, const Oid *types,
		  SPIPlanPtr plan)
{
	KeptPlan   *kept;
	char	   *text;

	if (!make_room())
		return NULL;
	text = MemoryContextStrdup(kept_context, sql);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep a plan");
	kept = hash_search(kept_plans, &hash, HASH_ENTER, NULL);
	kept->sql = text;
	kept->nargs = nargs;
	if (nargs > 0)
		memcpy(kept->types, types, nargs * sizeof(Oid));
	kept->plan = plan;
	kept->pins = 0;
	dlist_push_head(&kept_lru, &kept->lru);
	return kept;
}

static KeptPlan *
find_plan(uint64 hash, const char *sql, int nargs, const Oid *types)
{
	KeptPlan   *kept = hash_search(kept_plans, &hash, HASH_FIND, NULL);

	if (kept == NULL)
		return NULL;
	if (strcmp(kept->sql, sql) != 0 || kept->nargs != nargs ||
		(nargs > 0 && memcmp(kept->types, types, nargs * sizeof(Oid)) != 0))
	{
		/* two statements of one hash: the newer one stays */
		if (kept->pins == 0)
			forget_plan(kept);
		return NULL;
	}
	dlist_move_head(&kept_lru, &kept->lru);
	return kept;
}

/*
 * Executes a statement through SPI, which must be connected; its plan is kept
 * for the next time.  The result is in SPI_tuptable as usual.
 */
void
crm_execute_kept(const char *sql, int nargs, const Oid *types, Datum *values,
				 const char *nulls, bool read_only, long limit)
{
	uint64		hash = hash_bytes_extended((const unsigned char *) sql,
										   (int) strlen(sql), 0);
	KeptPlan   *kept;
	SPIPlanPtr	plan;
	int			code;

	Assert(nargs <= MAX_ARGUMENTS);
	if (nargs > 0)
		hash = hash_bytes_extended((const unsigned char *) types,
								   (int) (nargs * sizeof(Oid)), hash);
	if (kept_plans == NULL)
		make_table();
	kept = find_plan(hash, sql, nargs, types);
	plan = kept != NULL ? kept->plan : SPI_prepare(sql, nargs, (Oid *) types);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", sql,
			 SPI_result_code_string(SPI_result));
	if (kept == NULL && hash_search(kept_plans, &hash, HASH_FIND, NULL) == NULL)
		kept = keep_plan(hash, sql, nargs, types, plan);

	if (kept != NULL)
		kept->pins++;
	code = SPI_execute_plan(plan, values, nulls, read_only, limit);
	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql,
			 SPI_result_code_string(code));
	if (kept != NULL && kept->pins > 0)
		kept->pins--;
}
