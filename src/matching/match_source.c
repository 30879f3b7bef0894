/*
 * match_source.c
 *		A relation whose contacts are searched, and its index of keys.
 *
 * The index is found in the catalog by its operator class, whatever its name.  Its
 * expression says which columns are what, so that a table with column names of
 * its own needs no other mapping.  Columns that the index does not have are
 * found by their names.  Where there are several, the one that has most of the
 * columns that are known by their names is taken.
 *
 * Expressions of indexes and views are read as they were written, and none is
 * evaluated to simplify it unless its functions are trusted: they are another
 * role's.
 */
#include "matching/match_source.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/sysattr.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "matching/match_trust.h"
#include "miscadmin.h"
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

		/* no index can have those that are virtual, and no trigger sees their values */
		if (attribute->attisdropped || crm_is_virtual(attribute))
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

/* The index's expressions, as they stand in the catalog: the server simplifies its own copy. */
static List *
stored_expressions(Oid index)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	List	   *expressions = NIL;
	Datum		value;
	bool		is_null;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u", index);
	value = SysCacheGetAttr(INDEXRELID, tuple, Anum_pg_index_indexprs, &is_null);
	if (!is_null)
		expressions = stringToNode(TextDatumGetCString(value));
	ReleaseSysCache(tuple);
	fix_opfuncids((Node *) expressions);
	return expressions;
}

static bool
is_key_function(Oid function)
{
	return get_func_namespace(function) == get_namespace_oid(CRM_SCHEMA, true) &&
		get_func_nargs(function) == CRM_MATCH_ARGUMENTS;
}

/* The arguments of a call, each in its place, by name or not. */
static void
read_call(const FuncExpr *call, Node **arguments)
{
	int			next = 0;
	ListCell   *cell;

	memset(arguments, 0, CRM_MATCH_ARGUMENTS * sizeof(*arguments));
	foreach(cell, call->args)
	{
		Node	   *argument = lfirst(cell);
		int			number = next++;

		if (IsA(argument, NamedArgExpr))
		{
			number = ((NamedArgExpr *) argument)->argnumber;
			argument = (Node *) ((NamedArgExpr *) argument)->arg;
		}
		Assert(number < CRM_MATCH_ARGUMENTS);
		if (!is_left_out(argument))
			arguments[number] = argument;
	}
}

/* The arguments of the index's key function; false if it is not such an index. */
static bool
read_index(Relation index, Node **arguments)
{
	List	   *expressions;

	if (index->rd_rel->relam != GIN_AM_OID || !index->rd_index->indisvalid ||
		!index->rd_index->indislive || !index->rd_index->indisready ||
		index->rd_index->indnatts != 1 || index->rd_opfamily[0] != our_operator_family() ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return false;
	expressions = stored_expressions(RelationGetRelid(index));
	if (list_length(expressions) != 1 || !IsA(linitial(expressions), FuncExpr) ||
		!is_key_function(((FuncExpr *) linitial(expressions))->funcid))
		return false;
	read_call(linitial(expressions), arguments);
	return true;
}

/* Whether two expressions are the same, if need be once they are simplified. */
static bool
is_same_expression(Node *a, Node *b)
{
	Oid			user = GetUserId();

	if (equal(a, b))
		return true;
	return a != NULL && b != NULL && crm_calls_trusted_only(a, user) &&
		crm_calls_trusted_only(b, user) &&
		equal(eval_const_expressions(NULL, a), eval_const_expressions(NULL, b));
}

static bool
are_equal(Node *const *a, Node *const *b)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (!is_same_expression(a[i], b[i]))
			return false;
	return true;
}

/* Whether contacts are found by an argument; the others are compared only. */
static bool
makes_keys(int argument)
{
	switch (crm_match_arguments[argument].column)
	{
		case CRM_COLUMN_STATE:
		case CRM_COLUMN_COUNTRY:
		case CRM_COLUMN_JOB:
		case CRM_COLUMN_GENDER:
			return false;
		default:
			return true;
	}
}

/* Whether an index's arguments have what is wanted in its place; they may have more. */
static bool
have_wanted(Node *const *arguments, Node *const *wanted)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (makes_keys(i) && wanted[i] != NULL && !is_same_expression(arguments[i], wanted[i]))
			return false;
	return true;
}

/* The first column of what is wanted that no argument of an index reads; 0 if none. */
static AttrNumber
find_lacking(Node *const *arguments, Node *const *wanted)
{
	Bitmapset  *there = NULL;
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		pull_varattnos(arguments[i], 1, &there);
	if (bms_is_member(0 - FirstLowInvalidHeapAttributeNumber, there))
		return InvalidAttrNumber;	/* it reads whole rows */
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
	{
		Bitmapset  *missing = NULL;

		if (!makes_keys(i) || wanted[i] == NULL)
			continue;
		pull_varattnos(wanted[i], 1, &missing);
		missing = bms_del_members(missing, there);
		if (!bms_is_empty(missing))
			return bms_next_member(missing, -1) + FirstLowInvalidHeapAttributeNumber;
	}
	return InvalidAttrNumber;
}

static CrmIndexFit
fit_of(Node *const *arguments, Node *const *wanted)
{
	if (are_equal(arguments, wanted))
		return CRM_INDEX_SAME;
	if (have_wanted(arguments, wanted))
		return CRM_INDEX_HAS_ALL;
	return find_lacking(arguments, wanted) == InvalidAttrNumber ? CRM_INDEX_READS_ALL : CRM_INDEX_OTHER;
}

/*
 * The usable index of keys on a table that fits best what is wanted, and its key
 * function's arguments; InvalidOid if none fits.
 */
static Oid
find_index(Relation table, Node *const *wanted, Node **arguments, CrmIndexFit *fit)
{
	List	   *indexes = RelationGetIndexList(table);
	Oid			found = InvalidOid;
	ListCell   *cell;

	*fit = CRM_INDEX_NONE;
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);
		Node	   *own[CRM_MATCH_ARGUMENTS];
		CrmIndexFit own_fit = read_index(index, own) ? fit_of(own, wanted) : CRM_INDEX_NONE;

		if (own_fit > *fit)
		{
			*fit = own_fit;
			found = RelationGetRelid(index);
			memcpy(arguments, own, sizeof(own));
		}
		index_close(index, NoLock);
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
		arguments[i] = replace_view_columns(source->argument[i], &columns);
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
	source->index = find_index(table, wanted, found, &source->fit);
	if (source->fit != CRM_INDEX_SAME)
		source->index = InvalidOid;
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
	source->index = find_index(table, source->argument, found, &source->fit);
	if (!OidIsValid(source->index))
		return;
	source->lacks = find_lacking(found, source->argument);
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
	{
		source->key_argument[i] = found[i];
		if (found[i] == NULL)
			continue;
		source->is_mapped |= !equal(found[i], source->argument[i]);
		source->argument[i] = found[i];
	}
}

static void
find_columns(CrmMatchSource *source, Relation relation)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		source->key_argument[i] = source->argument[i] =
			column_for(RelationGetDescr(relation), &crm_match_arguments[i]);
}

static void
find_kinds(CrmMatchSource *source)
{
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (source->argument[i] != NULL)
			source->kind[i] = crm_value_kind(exprType(source->argument[i]));
}

/* For those who write the relation: they evaluate its indexes in any case. */
void
crm_match_source_describe(CrmMatchSource *source, Relation relation)
{
	memset(source, 0, sizeof(*source));
	source->relation = RelationGetRelid(relation);
	find_id(source, RelationGetDescr(relation));
	find_columns(source, relation);
	if (relation->rd_rel->relkind == RELKIND_VIEW)
		describe_view(source, relation);
	else
		describe_table(source, relation);
	find_kinds(source);
}

static void
forget_index(CrmMatchSource *source, Relation relation)
{
	source->index = InvalidOid;
	source->fit = CRM_INDEX_NONE;
	source->is_mapped = false;
	find_columns(source, relation);
	find_kinds(source);
}

/*
 * For those who read it: to read a table evaluates none of its indexes, so neither
 * does this, unless they call nothing but functions that the caller trusts.  A view
 * is another matter; who reads it evaluates it.
 */
void
crm_match_source_describe_for_reader(CrmMatchSource *source, Relation relation)
{
	Oid			user = GetUserId();
	int			i;

	crm_match_source_describe(source, relation);
	if (relation->rd_rel->relkind == RELKIND_VIEW || !OidIsValid(source->index) ||
		relation->rd_rel->relowner == user)
		return;
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		source->is_distrusted |= !crm_calls_trusted_only(source->key_argument[i], user);
	if (source->is_distrusted)
		forget_index(source, relation);
}

/*
 * For those who read it by the names of its columns, as a search of all does: an
 * index that has not all of these where they belong would hide rows from them.
 */
void
crm_match_source_describe_by_names(CrmMatchSource *source, Relation relation)
{
	crm_match_source_describe_for_reader(source, relation);
	if (OidIsValid(source->index) && source->fit < CRM_INDEX_HAS_ALL)
		forget_index(source, relation);
}

/* Tells of an index that lacks a column, if it does. */
void
crm_match_source_tell_lack(const CrmMatchSource *source)
{
	if (source->lacks != InvalidAttrNumber)
		ereport(NOTICE,
				(errmsg("index \"%s\" lacks column \"%s\", so that nobody is found by it",
						get_rel_name(source->index), get_attname(source->relation, source->lacks, false)),
				 errhint("Drop the index, and have crm.create_match_index make it anew.")));
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

/* Whether crm.create_match_index has a table to make the index of. */
bool
crm_match_source_can_have_index(const CrmMatchSource *source)
{
	char		kind = OidIsValid(source->table) ? get_rel_relkind(source->table) : '\0';

	return kind == RELKIND_RELATION || kind == RELKIND_MATVIEW || kind == RELKIND_PARTITIONED_TABLE;
}
