/*
 * match_trust.c
 *		Whose functions an expression calls.
 *
 * Expressions come from indexes and views that belong to somebody else than who
 * asks.  To evaluate them with his rights is to run whatever functions their owner
 * has written.  So this is done only where all functions are of superusers (those
 * of the server and of extensions among them) or his own.  Of nodes that are not
 * known here nothing is believed: domains, for one, may have checks.
 */
#include "matching/match_trust.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "utils/syscache.h"

static bool
is_foreign_function(Oid function, void *context)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return true;
	owner = ((Form_pg_proc) GETSTRUCT(tuple))->proowner;
	ReleaseSysCache(tuple);
	return owner != *(Oid *) context && !superuser_arg(owner);
}

/* Whether a node calls nothing, or what check_functions_in_node finds. */
static bool
is_known(const Node *node)
{
	switch (nodeTag(node))
	{
		case T_List:
		case T_Var:
		case T_Const:
		case T_NamedArgExpr:
		case T_FuncExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_BoolExpr:
		case T_SubscriptingRef:
		case T_RelabelType:
		case T_CoerceViaIO:
		case T_ArrayCoerceExpr:
		case T_CollateExpr:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CaseTestExpr:
		case T_ArrayExpr:
		case T_CoalesceExpr:
		case T_MinMaxExpr:
		case T_NullTest:
		case T_BooleanTest:
			return true;
		default:
			return false;
	}
}

static bool
find_foreign_call(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (!is_known(node) || check_functions_in_node(node, is_foreign_function, context))
		return true;
	return expression_tree_walker(node, find_foreign_call, context);
}

/* Whether an expression, NULL for none, calls functions of superusers and a role's own alone. */
bool
crm_calls_trusted_only(Node *expression, Oid role)
{
	return !find_foreign_call(expression, &role);
}
