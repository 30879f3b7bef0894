/*
 * history_table.c
 *		Writing rows of deal_changes without a query for each.
 *
 * A bulk UPDATE of deals writes one history row per deal.  As queries, most of
 * their time goes into starting the executor: checks are parsed, expressions
 * compiled, indexes described, each time for one row.  Here that is done once
 * per statement, with the executor's own parts: its checks, defaults, indexes.
 *
 * Only for a plain table that needs nothing else of the executor: no triggers,
 * rules, children, generated columns, domains or partitions, B-tree indexes that
 * are checked at once, and no functions of a user's in checks, defaults and
 * indexes.
 * For any other, crm_open_history_table returns NULL, and its caller writes
 * queries, which mean the same.
 *
 * Locks on the table and its indexes are taken when the row is begun first, and
 * kept to the end of the transaction; between rows no relation is held open, so
 * there is nothing to clean up after an error.  If anything in the catalog has
 * changed meanwhile, crm_begin_history_row returns false, and the table must be
 * opened again.
 *
 * Memory: what is prepared has a context of its own below the statement's; what
 * a row needs is in the executor's context for a tuple.
 */
#include "history/history_table.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/nbtree.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/index.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "catalog_changes.h"
#include "executor/executor.h"
#include "nodes/nodeFuncs.h"
#include "rewrite/rewriteHandler.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

struct CrmHistoryTable
{
	MemoryContext context;		/* of all of it */
	Oid			relation;
	uint64		catalog_changes;	/* counted when it was opened */
	EState	   *estate;
	ResultRelInfo *result;
	Oid		   *indexes;
	int			by_deal;		/* which of them leads with deal_id, changed_at */
	TupleTableSlot *slot;
	AttrNumber *numbers;		/* of the caller's columns */
	int			num_columns;
	ExprState **defaults;		/* of the others, by column; NULL: none */
	AttrNumber	changed_at;
};

/* ----------
 * opening
 * ----------
 */

static bool
has_generated_column(TupleDesc desc)
{
	int			i;

	for (i = 0; i < desc->natts; i++)
		if (TupleDescAttr(desc, i)->attgenerated != '\0' &&
			!TupleDescAttr(desc, i)->attisdropped)
			return true;
	return false;
}

/* Whether a function is the server's or ours: safe to run as any role. */
static bool
is_foreign_function(Oid function, void *context)
{
	Oid			schema = get_func_namespace(function);

	return schema != PG_CATALOG_NAMESPACE &&
		schema != get_namespace_oid(CRM_SCHEMA, true);
}

/* Whether an expression runs code of a user's, who relies on the search path. */
static bool
has_foreign_function(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, CoerceToDomain) ||
		check_functions_in_node(node, is_foreign_function, context))
		return true;
	return expression_tree_walker(node, has_foreign_function, context);
}

static bool
has_foreign_check(TupleDesc desc)
{
	int			i;

	for (i = 0; desc->constr != NULL && i < desc->constr->num_check; i++)
		if (has_foreign_function(stringToNode(desc->constr->check[i].ccbin), NULL))
			return true;
	return false;
}

static bool
has_domain(TupleDesc desc)
{
	int			i;

	for (i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped &&
			get_typtype(TupleDescAttr(desc, i)->atttypid) == TYPTYPE_DOMAIN)
			return true;
	return false;
}

static bool
is_plain(Relation relation, Oid owner)
{
	return relation->rd_rel->relkind == RELKIND_RELATION &&
		!relation->rd_rel->relispartition && !relation->rd_rel->relhasrules &&
		!relation->rd_rel->relhassubclass &&
		relation->trigdesc == NULL &&
		!has_generated_column(RelationGetDescr(relation)) &&
		!has_domain(RelationGetDescr(relation)) &&
		!has_foreign_check(RelationGetDescr(relation)) &&
		pg_class_aclcheck(RelationGetRelid(relation), owner, ACL_INSERT) == ACLCHECK_OK &&
		pg_class_aclcheck(RelationGetRelid(relation), owner, ACL_SELECT) == ACLCHECK_OK;
}

/* Finds the caller's columns; false if one is missing or of another type. */
static bool
find_columns(CrmHistoryTable *table, Relation relation,
			 const CrmHistoryValue *columns, int num_columns)
{
	TupleDesc	desc = RelationGetDescr(relation);
	int			i;

	table->num_columns = num_columns;
	table->numbers = palloc(num_columns * sizeof(AttrNumber));
	for (i = 0; i < num_columns; i++)
	{
		AttrNumber	number = get_attnum(table->relation, columns[i].column);

		if (number <= 0 || TupleDescAttr(desc, number - 1)->atttypid != columns[i].type ||
			TupleDescAttr(desc, number - 1)->atttypmod >= 0)
			return false;
		table->numbers[i] = number;
		if (strcmp(columns[i].column, "changed_at") == 0)
			table->changed_at = number;
	}
	return true;
}

static bool
is_written(const CrmHistoryTable *table, AttrNumber number)
{
	int			i;

	for (i = 0; i < table->num_columns; i++)
		if (table->numbers[i] == number)
			return true;
	return false;
}

/*
 * Compiles the defaults of the columns that the caller does not write; false if
 * one runs code of a user's.
 */
static bool
compile_defaults(CrmHistoryTable *table, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	int			i;

	table->defaults = palloc0(desc->natts * sizeof(ExprState *));
	for (i = 0; i < desc->natts; i++)
	{
		Node	   *expression;

		if (TupleDescAttr(desc, i)->attisdropped || is_written(table, i + 1))
			continue;
		expression = build_column_default(relation, i + 1);
		if (has_foreign_function(expression, NULL))
			return false;
		if (expression != NULL)
			table->defaults[i] = ExecPrepareExpr((Expr *) expression, table->estate);
	}
	return true;
}

static Oid
default_family(Oid type)
{
	return lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
}

/* Whether an index leads with deal_id and changed_at, for every row. */
static bool
leads_with_deal(const CrmHistoryTable *table, Relation index, const IndexInfo *info,
				AttrNumber deal_id)
{
	return info->ii_NumIndexKeyAttrs >= 2 && index->rd_index->indisvalid &&
		info->ii_Predicate == NIL && info->ii_IndexAttrNumbers[0] == deal_id &&
		info->ii_IndexAttrNumbers[1] == table->changed_at &&
		index->rd_opfamily[0] == default_family(INT8OID) &&
		index->rd_opfamily[1] == default_family(TIMESTAMPTZOID) &&
		((index->rd_indoption[0] | index->rd_indoption[1]) & INDOPTION_DESC) == 0;
}

/* Whether an index needs no more than is done here. */
static bool
is_plain_index(Relation index, const IndexInfo *info)
{
	int			i;

	if (index->rd_rel->relam != BTREE_AM_OID || !index->rd_index->indimmediate ||
		info->ii_ExclusionOps != NULL ||
		has_foreign_function((Node *) info->ii_Expressions, NULL) ||
		has_foreign_function((Node *) info->ii_Predicate, NULL))
		return false;
	for (i = 0; i < info->ii_NumIndexKeyAttrs; i++)
		if (is_foreign_function(index_getprocid(index, i + 1, BTORDER_PROC), NULL))
			return false;
	return true;
}

/* Describes the indexes; false if one needs more than is done here. */
static bool
find_indexes(CrmHistoryTable *table, Relation relation, AttrNumber deal_id)
{
	List	   *list = RelationGetIndexList(relation);
	int			count = list_length(list);
	bool		fits = true;
	ListCell   *cell;

	table->by_deal = -1;
	table->indexes = palloc(Max(count, 1) * sizeof(Oid));
	table->result->ri_IndexRelationDescs = palloc0(Max(count, 1) * sizeof(Relation));
	table->result->ri_IndexRelationInfo = palloc0(Max(count, 1) * sizeof(IndexInfo *));
	table->result->ri_NumIndices = count;
	foreach(cell, list)
	{
		int			i = foreach_current_index(cell);
		Relation	index = index_open(lfirst_oid(cell), RowExclusiveLock);
		IndexInfo  *info = BuildIndexInfo(index);

		table->indexes[i] = lfirst_oid(cell);
		table->result->ri_IndexRelationInfo[i] = info;
		fits = fits && is_plain_index(index, info);
		if (fits && leads_with_deal(table, index, info, deal_id))
			table->by_deal = i;
		index_close(index, NoLock);
	}
	return fits && table->by_deal >= 0;
}

/*
 * Prepares for the rows that one statement writes as the given role; NULL if
 * they need a query each.  The caller's columns must include changed_at and,
 * as its first, deal_id.
 */
CrmHistoryTable *
crm_open_history_table(Oid relation_oid, Oid owner, const CrmHistoryValue *columns,
					   int num_columns, MemoryContext context)
{
	MemoryContext own = AllocSetContextCreate(context, "crm history table",
											  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(own);
	Relation	relation = table_open(relation_oid, RowExclusiveLock);
	CrmHistoryTable *table = palloc0(sizeof(CrmHistoryTable));
	bool		fits;

	table->context = own;
	table->relation = relation_oid;
	table->catalog_changes = crm_catalog_changes();
	fits = is_plain(relation, owner) &&
		find_columns(table, relation, columns, num_columns);
	if (fits)
	{
		table->estate = CreateExecutorState();
		table->result = makeNode(ResultRelInfo);
		InitResultRelInfo(table->result, relation, 0, NULL, 0);
		fits = find_indexes(table, relation, table->numbers[0]) &&
			compile_defaults(table, relation);
	}
	if (fits)
	{
		/* a descriptor of its own, which needs no resource owner */
		table->slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(relation)),
											   table_slot_callbacks(relation));
	}
	table_close(relation, NoLock);
	MemoryContextSwitchTo(old);
	if (fits)
		return table;
	MemoryContextDelete(own);
	return NULL;
}

/* Frees what crm_open_history_table has prepared. */
void
crm_close_history_table(CrmHistoryTable *table)
{
	MemoryContextDelete(table->context);
}

/* ----------
 * one row
 * ----------
 */

/*
 * Opens the relations for one row.  False if the catalog has changed: then what
 * was prepared may be of yesterday.
 */
bool
crm_begin_history_row(CrmHistoryTable *table)
{
	int			i;

	if (table->catalog_changes != crm_catalog_changes())
		return false;
	table->result->ri_RelationDesc = table_open(table->relation, NoLock);
	for (i = 0; i < table->result->ri_NumIndices; i++)
		table->result->ri_IndexRelationDescs[i] = index_open(table->indexes[i], NoLock);
	return true;
}

/*
 * When the deal last changed, as of this moment; false if it never did.  Other
 * transactions that changed the deal have ended, since we hold its row; but one
 * that makes up a beginning for it may be at work, and counts.  A scan of this
 * kind makes no conflicts for serialisable transactions.
 */
bool
crm_last_change(CrmHistoryTable *table, Datum deal_id, TimestampTz *changed_at)
{
	Relation	relation = table->result->ri_RelationDesc;
	TupleTableSlot *slot = table->slot;
	SnapshotData dirty;
	IndexScanDesc scan;
	ScanKeyData key;
	bool		is_null;
	bool		found;

	InitDirtySnapshot(dirty);
	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_INT8EQ, deal_id);
	scan = crm_index_beginscan(relation, table->result->ri_IndexRelationDescs[table->by_deal],
							   &dirty, 1);
	index_rescan(scan, &key, 1, NULL, 0);
	found = index_getnext_slot(scan, BackwardScanDirection, slot);
	if (found)
		*changed_at = DatumGetTimestampTz(slot_getattr(slot, table->changed_at, &is_null));
	ExecClearTuple(slot);
	index_endscan(scan);
	return found;
}

static void
fill_slot(CrmHistoryTable *table, const Datum *values, const bool *nulls)
{
	TupleTableSlot *slot = table->slot;
	ExprContext *context = GetPerTupleExprContext(table->estate);
	int			i;

	ExecClearTuple(slot);
	slot->tts_tableOid = table->relation;
	for (i = 0; i < slot->tts_tupleDescriptor->natts; i++)
	{
		slot->tts_values[i] = (Datum) 0;
		slot->tts_isnull[i] = true;
		if (table->defaults[i] != NULL)
			slot->tts_values[i] = ExecEvalExprSwitchContext(table->defaults[i], context,
															&slot->tts_isnull[i]);
	}
	for (i = 0; i < table->num_columns; i++)
	{
		slot->tts_values[table->numbers[i] - 1] = values[i];
		slot->tts_isnull[table->numbers[i] - 1] = nulls[i];
	}
	ExecStoreVirtualTuple(slot);
}

/* Inserts a row: the caller's columns in his order, defaults for the rest. */
void
crm_insert_history_row(CrmHistoryTable *table, const Datum *values, const bool *nulls)
{
	ResultRelInfo *result = table->result;

	fill_slot(table, values, nulls);
	if (result->ri_RelationDesc->rd_att->constr != NULL)
		ExecConstraints(result, table->slot, table->estate);
	table_tuple_insert(result->ri_RelationDesc, table->slot,
					   GetCurrentCommandId(true), 0, NULL);
	(void) crm_insert_index_tuples(result, table->slot, table->estate);
	ExecClearTuple(table->slot);
	ResetPerTupleExprContext(table->estate);
	/* what comes next, a trigger of the user's perhaps, shall see the row */
	CommandCounterIncrement();
}

void
crm_end_history_row(CrmHistoryTable *table)
{
	int			i;

	for (i = 0; i < table->result->ri_NumIndices; i++)
		index_close(table->result->ri_IndexRelationDescs[i], NoLock);
	table_close(table->result->ri_RelationDesc, NoLock);
}
