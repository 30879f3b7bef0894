/*
 * match_source.c
 *		A relation whose contacts are searched, and its index of keys.
 *
 * The index is found in the catalog by its operator class, whatever its name.  Its
 * expression says which columns are what, so that a table with column names of
 * its own needs no other mapping.  Columns that the index does not have are
 * found by their names.
 */
#include "matching/match_source.h"

#include "access/genam.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "optimizer/plancat.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

/* Where nothing is known about a relation's size. */
#define UNKNOWN_ROWS 10000

/* ----------
 * columns by name
 * ----------
 */

static bool
is_called(Form_pg_attribute attribute, const char *name)
{
	return name != NULL && strcmp(NameStr(attribute->attname), name) == 0;
}

static Node *
column_for(TupleDesc descriptor, const CrmMatchArgument *argument)
{
	Form_pg_attribute found = NULL;
	int			i;

	for (i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (attribute->attisdropped)
			continue;
		if (is_called(attribute, argument->name) ||
			(found == NULL && is_called(attribute, argument->other_name)))
			found = attribute;
	}
	return found == NULL ? NULL :
		crm_readable_value((Node *) makeVar(1, found->attnum, found->atttypid, found->atttypmod,
											found->attcollation, 0));
}

static void
find_id(CrmMatchSource *source, TupleDesc descriptor)
{
	int			i;

	for (i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute->attisdropped && is_called(attribute, "id"))
		{
			source->id = attribute->attnum;
			source->id_type = attribute->atttypid;
		}
	}
}

/* ----------
 * indexes
 * ----------
 */

static Oid
our_operator_family(void)
{
	Oid			schema = get_namespace_oid(CRM_SCHEMA, true);

	return GetSysCacheOid3(OPFAMILYAMNAMENSP, Anum_pg_opfamily_oid, ObjectIdGetDatum(GIN_AM_OID),
						   CStringGetDatum("match_keys_ops"), ObjectIdGetDatum(schema));
}

static bool
is_left_out(const Node *argument)
{
	return IsA(argument, Const) && ((const Const *) argument)->constisnull &&
		((const Const *) argument)->consttype == UNKNOWNOID;
}

/* The arguments of the index's key function; false if it is not such an index. */
static bool
read_index(Relation index, Node **arguments)
{
	List	   *expressions;
	FuncExpr   *call;
	int			i;

	if (index->rd_rel->relam != GIN_AM_OID || !index->rd_index->indisvalid ||
		!index->rd_index->indislive || !index->rd_index->indisready ||
		index->rd_index->indnatts != 1 || index->rd_opfamily[0] != our_operator_family())
		return false;
	expressions = RelationGetIndexExpressions(index);
	if (list_length(expressions) != 1 || RelationGetIndexPredicate(index) != NIL)
		return false;
	call = linitial(expressions);
	if (!IsA(call, FuncExpr) || list_length(call->args) != CRM_MATCH_ARGUMENTS ||
		get_func_namespace(call->funcid) != get_namespace_oid(CRM_SCHEMA, true))
		return false;
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
	{
		Node	   *argument = list_nth(call->args, i);

		arguments[i] = is_left_out(argument) ? NULL : argument;
	}
	return true;
}

static bool
are_equal(Node *const *a, Node *const *b)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (!equal(a[i], b[i]))
			return false;
	return true;
}

/*
 * A usable index of keys on a table, and its key function's arguments.  With
 * "wanted": one whose arguments are these.
 */
Oid
crm_find_match_index(Relation table, Node **arguments, Node *const *wanted)
{
	List	   *indexes = RelationGetIndexList(table);
	Oid			found = InvalidOid;
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (read_index(index, arguments) && (wanted == NULL || are_equal(arguments, wanted)))
			found = RelationGetRelid(index);
		index_close(index, NoLock);
		if (OidIsValid(found))
			break;
	}
	list_free(indexes);
	return found;
}

/* ----------
 * views
 * ----------
 */

typedef struct ViewColumns
{
	Query	   *query;
	int			base;			/* range table index of what the view reads */
} ViewColumns;

static Node *
replace_view_columns(Node *node, void *context)
{
	ViewColumns *view = context;

	if (node == NULL)
		return NULL;
	if (IsA(node, Var))
	{
		TargetEntry *entry = get_tle_by_resno(view->query->targetList, ((Var *) node)->varattno);
		Node	   *expression = copyObject((Node *) entry->expr);

		ChangeVarNodes(expression, view->base, 1, 0);
		return expression;
	}
	return expression_tree_mutator(node, replace_view_columns, context);
}

/* The one table that a view reads row by row; InvalidOid if it does more. */
static Oid
table_of_view(Query *query, int *base)
{
	RangeTblRef *reference;
	RangeTblEntry *entry;

	if (query->commandType != CMD_SELECT || query->hasAggs || query->hasWindowFuncs ||
		query->hasTargetSRFs || query->hasDistinctOn || query->hasSubLinks || query->distinctClause ||
		query->groupClause || query->groupingSets || query->havingQual ||
		query->setOperations || query->limitCount || query->limitOffset || query->cteList ||
		query->rowMarks || list_length(query->jointree->fromlist) != 1)
		return InvalidOid;
	reference = linitial(query->jointree->fromlist);
	if (!IsA(reference, RangeTblRef))
		return InvalidOid;
	entry = rt_fetch(reference->rtindex, query->rtable);
	if (entry->rtekind != RTE_RELATION || entry->tablesample != NULL ||
		(entry->relkind != RELKIND_RELATION && entry->relkind != RELKIND_MATVIEW &&
		 entry->relkind != RELKIND_PARTITIONED_TABLE))
		return InvalidOid;
	*base = reference->rtindex;
	return entry->relid;
}

/*
 * The table behind a view, and the view's contacts as expressions over it.  False
 * if a view reads more than one table, or does more than read it.
 */
bool
crm_match_source_base(const CrmMatchSource *source, Relation view, Oid *table, Node **arguments)
{
	ViewColumns columns;
	int			i;

	columns.query = get_view_query(view);
	*table = table_of_view(columns.query, &columns.base);
	if (!OidIsValid(*table))
		return false;
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		arguments[i] = source->argument[i] == NULL ? NULL :
			eval_const_expressions(NULL, replace_view_columns(source->argument[i], &columns));
	return true;
}

/* ----------
 * relations
 * ----------
 */

static double
rows_of(Relation relation)
{
	BlockNumber pages;
	double		rows = relation->rd_rel->reltuples;
	double		visible;

	if (RELKIND_HAS_TABLE_AM(relation->rd_rel->relkind))
		estimate_rel_size(relation, NULL, &pages, &rows, &visible);
	else if (rows <= 0)
		rows = UNKNOWN_ROWS;
	return rows;
}

static void
describe_view(CrmMatchSource *source, Relation view)
{
	Node	   *wanted[CRM_MATCH_ARGUMENTS];
	Node	   *found[CRM_MATCH_ARGUMENTS];
	Relation	table;

	source->rows = UNKNOWN_ROWS;
	if (!crm_match_source_base(source, view, &source->table, wanted))
		return;
	table = relation_open(source->table, AccessShareLock);
	source->index = crm_find_match_index(table, found, wanted);
	source->rows = rows_of(table);
	relation_close(table, NoLock);
}

/* What the index has, and by name what it has not. */
static void
describe_table(CrmMatchSource *source, Relation table)
{
	Node	   *found[CRM_MATCH_ARGUMENTS];
	int			i;

	source->table = source->relation;
	source->rows = rows_of(table);
	source->index = crm_find_match_index(table, found, source->argument);
	if (!OidIsValid(source->index))
		source->index = crm_find_match_index(table, found, NULL);
	if (!OidIsValid(source->index))
		return;
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
	{
		source->key_argument[i] = found[i];
		if (found[i] == NULL)
			continue;
		source->is_mapped |= !equal(found[i], source->argument[i]);
		source->argument[i] = found[i];
	}
}

void
crm_match_source_describe(CrmMatchSource *source, Relation relation)
{
	char		relkind = relation->rd_rel->relkind;
	int			i;

	memset(source, 0, sizeof(*source));
	source->relation = RelationGetRelid(relation);
	find_id(source, RelationGetDescr(relation));
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		source->key_argument[i] = source->argument[i] =
			column_for(RelationGetDescr(relation), &crm_match_arguments[i]);
	if (relkind == RELKIND_VIEW)
		describe_view(source, relation);
	else
		describe_table(source, relation);
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (source->argument[i] != NULL)
			source->kind[i] = crm_value_kind(exprType(source->argument[i]));
}

/* The call of the key function, as SQL over a relation's columns. */
char *
crm_match_source_keys(const CrmMatchSource *source, Node *const *arguments, Oid relation)
{
	List	   *context = deparse_context_for(get_rel_name(relation), relation);
	StringInfoData sql;
	const char *separator = "";
	int			i;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "crm.match_keys(");
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (arguments[i] != NULL)
		{
			appendStringInfo(&sql, "%s%s => %s", separator, crm_match_arguments[i].name,
							 deparse_expression(arguments[i], context, false, false));
			separator = ", ";
		}
	appendStringInfoChar(&sql, ')');
	return sql.data;
}
