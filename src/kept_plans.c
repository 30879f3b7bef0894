/*
 * kept_plans.c
 *		Prepared statements of the library's own, kept between calls.
 *
 * A plan is found by its SQL text and its argument types.  Texts name every
 * object with its schema, so a renamed schema is another text, and a schema
 * that was dropped and made again is the same text, which the server's plan
 * cache analyses anew.  The types are OIDs, which differ after DROP and CREATE
 * EXTENSION.  Where row-level security makes a plan depend on the role, each
 * role has a plan of its own; otherwise all roles share one.  The cache holds
 * at most MAX_PLANS plans and throws the one out that was not used for longest.
 *
 * Memory: entries live in a context of their own under TopMemoryContext, plans
 * where SPI_keepplan puts them.  A plan that is being executed is pinned.
 */
#include "kept_plans.h"

#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "lib/ilist.h"
#include "miscadmin.h"
#include "nodes/params.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/rls.h"

#define MAX_PLANS 256

typedef struct PlanKey
{
	uint64		hash;			/* of the text and the types */
	uint64		role;			/* 0: any role's */
} PlanKey;

typedef struct KeptPlan
{
	PlanKey		key;
	dlist_node	lru;			/* most recently used first */
	char	   *sql;
	int			nargs;
	Oid		   *types;
	SPIPlanPtr	plan;
	int64		generation;		/* of the plan that was made with index order
								 * preferred; 0: none */
	int			pins;
} KeptPlan;

/* A statement, as its caller has it. */
typedef struct Statement
{
	const char *sql;
	int			nargs;
	const Oid  *types;
	int			cursor_options;
	uint64		hash;
} Statement;

static MemoryContext kept_context = NULL;
static HTAB *kept_plans = NULL;
static dlist_head kept_lru = DLIST_STATIC_INIT(kept_lru);

static void
make_table(void)
{
	HASHCTL		ctl;

	kept_context = AllocSetContextCreate(TopMemoryContext, "crm kept plans",
										 ALLOCSET_DEFAULT_SIZES);
	ctl.keysize = sizeof(PlanKey);
	ctl.entrysize = sizeof(KeptPlan);
	ctl.hcxt = kept_context;
	kept_plans = hash_create("crm kept plans", MAX_PLANS, &ctl,
							 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
forget_plan(KeptPlan *kept)
{
	PlanKey		key = kept->key;
	SPIPlanPtr	plan = kept->plan;
	char	   *sql = kept->sql;
	Oid		   *types = kept->types;

	dlist_delete(&kept->lru);
	hash_search(kept_plans, &key, HASH_REMOVE, NULL);
	pfree(sql);
	pfree(types);
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

/* Whether row-level security has a say in the plan, as far as is known yet. */
static bool
depends_on_role(SPIPlanPtr plan)
{
	ListCell   *cell;

	foreach(cell, SPI_plan_get_plan_sources(plan))
		if (((CachedPlanSource *) lfirst(cell))->dependsOnRLS)
			return true;
	return false;
}

/* Keeps a plan; NULL if there is no room, and then it is the caller's. */
static KeptPlan *
keep_plan(const Statement *statement, SPIPlanPtr plan)
{
	PlanKey		key = {statement->hash, depends_on_role(plan) ? GetUserId() : 0};
	size_t		types_size = statement->nargs * sizeof(Oid);
	KeptPlan   *kept;
	char	   *text;
	Oid		   *types;

	if (!make_room() || hash_search(kept_plans, &key, HASH_FIND, NULL) != NULL)
		return NULL;
	text = MemoryContextStrdup(kept_context, statement->sql);
	types = MemoryContextAlloc(kept_context, types_size + 1);
	memcpy(types, statement->types, types_size);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "could not keep a plan");
	kept = hash_search(kept_plans, &key, HASH_ENTER, NULL);
	kept->sql = text;
	kept->nargs = statement->nargs;
	kept->types = types;
	kept->plan = plan;
	kept->generation = 0;
	kept->pins = 0;
	dlist_push_head(&kept_lru, &kept->lru);
	return kept;
}

/* Grows whenever the server makes a plan for the statement. */
static int64
generation_of(SPIPlanPtr plan)
{
	int64		generation = 0;
	ListCell   *cell;

	foreach(cell, SPI_plan_get_plan_sources(plan))
		generation += ((CachedPlanSource *) lfirst(cell))->generation;
	return generation;
}

static bool
is_plan_of(const KeptPlan *kept, const Statement *statement)
{
	/* a shared plan that has come to depend on the role is nobody's */
	if (kept->key.role == 0 && depends_on_role(kept->plan))
		return false;
	/* nor is one that was made behind our back: a change came in between */
	if (kept->generation != 0 && kept->generation != generation_of(kept->plan))
		return false;
	return strcmp(kept->sql, statement->sql) == 0 &&
		kept->nargs == statement->nargs &&
		memcmp(kept->types, statement->types, kept->nargs * sizeof(Oid)) == 0;
}

static KeptPlan *
find_plan_of_role(const Statement *statement, Oid role)
{
	PlanKey		key = {statement->hash, role};
	KeptPlan   *kept = hash_search(kept_plans, &key, HASH_FIND, NULL);

	if (kept == NULL)
		return NULL;
	if (!is_plan_of(kept, statement))
	{
		/* of two statements of one hash the newer one stays */
		if (kept->pins == 0)
			forget_plan(kept);
		return NULL;
	}
	dlist_move_head(&kept_lru, &kept->lru);
	return kept;
}

/*
 * The statement's plan; kept is NULL if it is good for this time only.
 */
static SPIPlanPtr
find_or_make_plan(Statement *statement, KeptPlan **kept)
{
	SPIPlanPtr	plan;

	statement->hash = hash_bytes_extended((const unsigned char *) statement->sql,
										  (int) strlen(statement->sql),
										  statement->cursor_options);
	if (statement->nargs > 0)
		statement->hash = hash_bytes_extended((const unsigned char *) statement->types,
											  (int) (statement->nargs * sizeof(Oid)),
											  statement->hash);
	if (kept_plans == NULL)
		make_table();
	*kept = find_plan_of_role(statement, 0);
	if (*kept == NULL)
		*kept = find_plan_of_role(statement, GetUserId());
	if (*kept != NULL)
		return (*kept)->plan;

	plan = SPI_prepare_cursor(statement->sql, statement->nargs,
							  (Oid *) statement->types, statement->cursor_options);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\": %s", statement->sql,
			 SPI_result_code_string(SPI_result));
	*kept = keep_plan(statement, plan);
	return plan;
}

static void
check_executed(const Statement *statement, int code)
{
	if (code < 0)
		elog(ERROR, "could not execute \"%s\": %s", statement->sql,
			 SPI_result_code_string(code));
}

/* Whether the server will use the plan that it has, as its plan cache decides it. */
static bool
is_planned(SPIPlanPtr plan)
{
	ListCell   *cell;

	if (plan_cache_mode == PLAN_CACHE_MODE_FORCE_CUSTOM_PLAN)
		return false;
	foreach(cell, SPI_plan_get_plan_sources(plan))
	{
		const CachedPlanSource *source = lfirst(cell);
		const CachedPlan *generic = source->gplan;

		if (!source->is_valid || generic == NULL || !generic->is_valid ||
			!crm_search_path_matches(source->search_path) ||
			(source->dependsOnRLS && (source->rewriteRoleId != GetUserId() ||
									  source->rewriteRowSecurity != row_security)) ||
			(generic->dependsOnRole && generic->planRoleId != GetUserId()) ||
			TransactionIdIsValid(generic->saved_xmin))
			return false;
	}
	return true;
}

/*
 * The plan shall read indexes in their order even where statistics are missing
 * or of yesterday: what seems a handful of rows to sort may be 200,000.
 */
static int
prefer_index_order(SPIPlanPtr plan)
{
	int			nest_level;

	if (is_planned(plan))
		return 0;
	nest_level = NewGUCNestLevel();
	(void) set_config_option("enable_sort", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	(void) set_config_option("jit", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return nest_level;
}

/*
 * Executes a plan.  It is pinned meanwhile, after an error no longer; with
 * "options" its rows go to a receiver.
 */
static int
execute_pinned(KeptPlan *kept, SPIPlanPtr plan, bool prefer_index,
			   Datum *values, const char *nulls, bool read_only, long limit,
			   const SPIExecuteOptions *options)
{
	volatile int nest_level = prefer_index ? prefer_index_order(plan) : 0;
	int			code;

	if (kept != NULL)
		kept->pins++;
	PG_TRY();
	{
		code = options != NULL ? SPI_execute_plan_extended(plan, options) :
			SPI_execute_plan(plan, values, nulls, read_only, limit);
	}
	PG_FINALLY();
	{
		if (kept != NULL)
		{
			kept->pins--;
			if (nest_level > 0)
				kept->generation = generation_of(plan);
		}
	}
	PG_END_TRY();
	/* what code of the user's has set meanwhile stays */
	if (nest_level > 0)
		AtEOXact_GUC(true, nest_level);
	return code;
}

/*
 * Executes a statement through SPI, which must be connected; its plan is kept
 * for the next time.  The result is in SPI_tuptable as usual.
 */
void
crm_execute_kept(const char *sql, int nargs, const Oid *types, Datum *values,
				 const char *nulls, bool read_only, long limit)
{
	Statement	statement = {sql, nargs, types, 0, 0};
	KeptPlan   *kept;
	SPIPlanPtr	plan = find_or_make_plan(&statement, &kept);

	check_executed(&statement, execute_pinned(kept, plan, false, values, nulls,
											  read_only, limit, NULL));
}

/*
 * The same for one that writes, planned once for all arguments, with what it
 * reads read through indexes.
 */
void
crm_execute_kept_by_index(const char *sql, int nargs, const Oid *types,
						  Datum *values, const char *nulls)
{
	Statement	statement = {sql, nargs, types, CURSOR_OPT_GENERIC_PLAN, 0};
	KeptPlan   *kept;
	SPIPlanPtr	plan = find_or_make_plan(&statement, &kept);

	check_executed(&statement, execute_pinned(kept, plan, true, values, nulls,
											  false, 0, NULL));
}

static ParamListInfo
parameters(const Statement *statement, const Datum *values, const bool *nulls)
{
	ParamListInfo list = makeParamList(statement->nargs);
	int			i;

	for (i = 0; i < statement->nargs; i++)
	{
		list->params[i].value = values[i];
		list->params[i].isnull = nulls[i];
		list->params[i].pflags = PARAM_FLAG_CONST;
		list->params[i].ptype = statement->types[i];
	}
	return list;
}

/*
 * The same for a query whose rows go to a receiver, which may stop it; read
 * only, and planned once for all arguments, to start fast.
 */
void
crm_execute_kept_into(const char *sql, int nargs, const Oid *types,
					  const Datum *values, const bool *nulls,
					  DestReceiver *receiver)
{
	Statement	statement = {sql, nargs, types, CURSOR_OPT_GENERIC_PLAN, 0};
	KeptPlan   *kept;
	SPIPlanPtr	plan = find_or_make_plan(&statement, &kept);
	SPIExecuteOptions options = {0};

	options.params = parameters(&statement, values, nulls);
	options.read_only = true;
	options.dest = receiver;
	check_executed(&statement, execute_pinned(kept, plan, true, NULL, NULL,
											  true, 0, &options));
}
