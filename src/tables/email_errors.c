/*
 * email_errors.c
 *		Errors of a table's e-mail column that say what is wrong.
 *
 * The CHECK and the unique index are the law, and the owner may drop either: an
 * error is raised here only if the server would raise the same one, with the
 * same SQLSTATE and constraint, a moment later.  What is added is the DETAIL:
 * which rule the address breaks, or which contact holds it, and which archived
 * one held it.
 *
 * INSERT ... ON CONFLICT must reach the index, so holders are looked up only for
 * an UPDATE, and for an INSERT of one row whose plan has no ON CONFLICT.  Rows in
 * bulk get the index's own message, and pay nothing.  Where another transaction is
 * changing the holder, the index waits for its end and knows.  Look-ups have the
 * writer's rights: a row that he may not see is not named.
 */
#include "tables/email_errors.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "parser/parse_func.h"
#include "parser/parsetree.h"
#include "tables/deal_lookups.h"
#include "tables/kept_values.h"
#include "tcop/pquery.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* Text that a member of the extension computes from one text. */
static Oid
member_function(const char *name)
{
	Oid			argument = TEXTOID;

	return LookupFuncName(list_make2(makeString(CRM_SCHEMA), makeString(pstrdup(name))),
						  1, &argument, true);
}

/* Whether the expression is function(column), and nothing besides. */
static bool
is_call_on_column(Node *node, Oid function, AttrNumber column)
{
	FuncExpr   *call = (FuncExpr *) node;
	Node	   *argument;

	if (node == NULL || !IsA(node, FuncExpr) || call->funcid != function ||
		list_length(call->args) != 1)
		return false;
	argument = linitial(call->args);
	return IsA(argument, Var) && ((Var *) argument)->varattno == column;
}

static AttrNumber
email_column(Relation relation)
{
	return get_attnum(RelationGetRelid(relation), "email");
}

/* ----------
 * addresses that are none
 * ----------
 */

/*
 * Name of the table's CHECK that is crm.is_email(email) and nothing else; NULL if
 * the owner dropped it, or has one of his own.
 */
static const char *
find_email_check(Relation relation)
{
	TupleConstr *constraints = RelationGetDescr(relation)->constr;
	Oid			is_email = member_function("is_email");
	int			i;

	for (i = 0; constraints != NULL && i < constraints->num_check; i++)
		if (crm_check_is_enforced(&constraints->check[i]) &&
			is_call_on_column(stringToNode(constraints->check[i].ccbin), is_email,
							  email_column(relation)))
			return constraints->check[i].ccname;
	return NULL;
}

/* Raises the CHECK's error, with the rule that the address breaks. */
void
crm_check_email(Relation relation, text *address)
{
	const char *bytes = VARDATA_ANY(address);
	int			length = VARSIZE_ANY_EXHDR(address);
	const char *problem = crm_email_problem(bytes, length);
	const char *check = problem != NULL ? find_email_check(relation) : NULL;

	if (check == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("new row for relation \"%s\" violates check constraint \"%s\"",
					RelationGetRelationName(relation), check),
			 errdetail("\"%s\" is no e-mail address: %s.", crm_shown(bytes, length), problem),
			 errtableconstraint(relation, check)));
}

/* ----------
 * addresses that another row has
 * ----------
 */

/* Whether the index is on rows that are not archived, and only on those. */
static bool
is_on_live_rows(Relation relation, Relation index)
{
	List	   *predicate = RelationGetIndexPredicate(index);
	NullTest   *test;

	if (list_length(predicate) != 1 || !IsA(linitial(predicate), NullTest))
		return false;
	test = linitial_node(NullTest, predicate);
	return test->nulltesttype == IS_NULL && IsA(test->arg, Var) &&
		((Var *) test->arg)->varattno == get_attnum(RelationGetRelid(relation), "archived_at");
}

/* Name of a unique index on nothing but the normal form; NULL if it is none. */
static char *
unique_email_index(Relation relation, Oid index_oid, Oid normalize)
{
	Relation	index = index_open(index_oid, AccessShareLock);
	List	   *expressions = RelationGetIndexExpressions(index);
	char	   *name = NULL;

	if (index->rd_index->indisunique && index->rd_index->indisready &&
		IndexRelationGetNumberOfKeyAttributes(index) == 1 && list_length(expressions) == 1 &&
		is_call_on_column(linitial(expressions), normalize, email_column(relation)) &&
		is_on_live_rows(relation, index))
		name = pstrdup(RelationGetRelationName(index));
	index_close(index, NoLock);
	return name;
}

/* Name of the unique index in force; NULL if the owner dropped it. */
static char *
find_email_index(Relation relation)
{
	Oid			normalize = member_function("normalize_email");
	char	   *name = NULL;
	ListCell   *cell;

	foreach(cell, RelationGetIndexList(relation))
	{
		name = unique_email_index(relation, lfirst_oid(cell), normalize);
		if (name != NULL)
			break;
	}
	return name;
}

/*
 * Whether an expression may run statements of its own: one of those, and not the
 * client's, may be what fires the trigger.
 */
static bool
may_run_statements(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if ((IsA(node, FuncExpr) && ((FuncExpr *) node)->funcid >= FirstNormalObjectId) ||
		(IsA(node, OpExpr) && ((OpExpr *) node)->opfuncid >= FirstNormalObjectId))
		return true;
	return expression_tree_walker(node, may_run_statements, context);
}

/* Whether the client's statement inserts one row, and has no ON CONFLICT. */
static bool
is_plain_insert_of_one_row(Relation relation)
{
	PlannedStmt *statement;
	ModifyTable *insert;

	if (ActivePortal == NULL || list_length(ActivePortal->stmts) != 1 ||
		DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum) 0)) != 1)
		return false;
	statement = linitial_node(PlannedStmt, ActivePortal->stmts);
	if (statement->commandType != CMD_INSERT || !IsA(statement->planTree, ModifyTable) ||
		statement->subplans != NIL)
		return false;
	insert = (ModifyTable *) statement->planTree;
	return insert->onConflictAction == ONCONFLICT_NONE &&
		list_length(insert->resultRelations) == 1 &&
		rt_fetch(linitial_int(insert->resultRelations), statement->rtable)->relid ==
		RelationGetRelid(relation) &&
		IsA(outerPlan(insert), Result) && outerPlan(outerPlan(insert)) == NULL &&
		!may_run_statements((Node *) outerPlan(insert)->targetlist, NULL);
}

/* Whether a transaction that is still running has changed or deleted the row. */
static bool
is_being_changed(Oid relation_oid, ItemPointer place)
{
	Relation	relation = table_open(relation_oid, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	SnapshotData dirty;
	bool		found;

	InitDirtySnapshot(dirty);
	found = table_tuple_fetch_row_version(relation, place, &dirty, slot);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return !found || TransactionIdIsValid(dirty.xmax);
}

/* The key of the row that a look-up has found; 0 if it is none that counts. */
static int64
found_holder(void)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	HeapTuple	tuple = SPI_tuptable->vals[0];
	bool		is_null;
	int64		id = DatumGetInt64(SPI_getbinval(tuple, desc, 1, &is_null));

	if (is_null || is_being_changed(DatumGetObjectId(SPI_getbinval(tuple, desc, 2, &is_null)),
									(ItemPointer) DatumGetPointer(SPI_getbinval(tuple, desc, 3, &is_null))))
		return 0;
	return id;
}

/* Another row with the address, archived or not; 0 if there is none. */
static int64
find_holder(Relation relation, const char *address, int64 id, bool archived)
{
	/* sorted outside: an order inside would lure the planner to the primary key */
	char	   *sql = psprintf("SELECT h.* FROM (SELECT c.id, c.tableoid, c.ctid FROM %s AS c"
							   " WHERE crm.normalize_email(c.email) OPERATOR(pg_catalog.=) $1"
							   " AND c.id OPERATOR(pg_catalog.<>) $2 AND c.archived_at IS %s NULL"
							   " OFFSET 0) AS h ORDER BY h.id DESC LIMIT 1",
							   quote_qualified_identifier(get_namespace_name(RelationGetNamespace(relation)),
														  RelationGetRelationName(relation)),
							   archived ? "NOT" : "");
	Oid			types[2] = {TEXTOID, INT8OID};
	Datum		values[2];
	int64		holder = 0;

	values[0] = CStringGetTextDatum(address);
	values[1] = Int64GetDatum(id);
	SPI_connect();
	crm_execute_kept_by_index(sql, 2, types, values, NULL);
	if (SPI_processed > 0)
		holder = found_holder();
	SPI_finish();
	return holder;
}

/* The row's own key; 0 where there is none. */
static int64
id_of(TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	int			column = SPI_fnumber(desc, "id");
	bool		is_null = true;
	Datum		id = (Datum) 0;

	if (column > 0 && TupleDescAttr(desc, column - 1)->atttypid == INT8OID)
		id = heap_getattr(trigger->tg_trigtuple, column, desc, &is_null);
	return is_null ? 0 : DatumGetInt64(id);
}

/* restored is the key of an archived row that is being restored, or 0. */
static void
report_holder(Relation relation, const char *index, const char *address,
			  int64 holder, int64 archived, int64 restored)
{
	char	   *detail = psprintf("Key (crm.normalize_email(email))=(%s) already exists: row "
								  INT64_FORMAT " has it.", address, holder);

	if (restored != 0)
		detail = psprintf("%s Archived row " INT64_FORMAT " cannot be restored with it.",
						  detail, restored);
	else if (archived != 0)
		detail = psprintf("%s Archived row " INT64_FORMAT " has it, too.", detail, archived);
	ereport(ERROR,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("duplicate key value violates unique constraint \"%s\"", index),
			 errdetail_internal("%s", detail),
			 errtableconstraint(relation, index)));
}

/*
 * Raises the unique index's error, with the rows that hold the address, where
 * that can be known beforehand.
 */
void
crm_check_email_holder(TriggerData *trigger, text *address, bool is_restored)
{
	Relation	relation = trigger->tg_relation;
	bool		is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	char	   *normalized;
	char	   *index;
	int64		holder;

	if (!is_update && !is_plain_insert_of_one_row(relation))
		return;
	normalized = crm_normalized_email(VARDATA_ANY(address), VARSIZE_ANY_EXHDR(address));
	index = find_email_index(relation);
	if (normalized == NULL || index == NULL ||
		pg_class_aclcheck(RelationGetRelid(relation), GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		return;
	holder = find_holder(relation, normalized, id_of(trigger), false);
	if (holder != 0)
		report_holder(relation, index, normalized, holder,
					  find_holder(relation, normalized, id_of(trigger), true),
					  is_restored ? id_of(trigger) : 0);
}
