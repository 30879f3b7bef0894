/*
 * match_columns.c
 *		Which columns of a relation are read.
 *
 * Columns are found by their names, whatever their types: what the readers of
 * values do not know is cast to what they do.  Beside them two columns have a
 * meaning: the key, and archived_at, if it says when.
 */
#include "matching/column_names.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#define KEY_NAME "id"
#define ARCHIVE_NAME "archived_at"

/* The names of columns that are read, by number; NULL after the last. */
const char *
crm_match_column_name(int number)
{
	if (number < CRM_KNOWN_COLUMNS)
		return crm_known_columns[number].name;
	return number == CRM_KNOWN_COLUMNS ? ARCHIVE_NAME : NULL;
}

/* ----------
 * the relation
 * ----------
 */

static Relation
open_contacts(Oid relation)
{
	Relation	opened = try_relation_open(relation, AccessShareLock);

	if (opened == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relation)));
	switch (opened->rd_rel->relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
		case RELKIND_VIEW:
		case RELKIND_MATVIEW:
		case RELKIND_FOREIGN_TABLE:
			return opened;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" is not a table or view", RelationGetRelationName(opened))));
	}
}

/*
 * The column that says when a row was archived; 0 if there is none.  One of another
 * type may mean anything: a boolean that is false does not archive its row.
 */
AttrNumber
crm_match_archive_column(Oid relation)
{
	AttrNumber	number = get_attnum(relation, ARCHIVE_NAME);

	if (number == InvalidAttrNumber)
		return InvalidAttrNumber;
	switch (getBaseType(get_atttype(relation, number)))
	{
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return number;
		default:
			return InvalidAttrNumber;
	}
}

/* ----------
 * the key
 * ----------
 */

/* The column of a primary key that has only one. */
static Form_pg_attribute
primary_key(Relation relation)
{
	Oid			index;
	HeapTuple	tuple;
	Form_pg_index form;
	Form_pg_attribute attribute = NULL;

	RelationGetIndexList(relation);
	index = relation->rd_pkindex;
	if (!OidIsValid(index))
		return NULL;
	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for index %u", index);
	form = (Form_pg_index) GETSTRUCT(tuple);
	if (form->indnkeyatts == 1)
		attribute = TupleDescAttr(RelationGetDescr(relation), form->indkey.values[0] - 1);
	ReleaseSysCache(tuple);
	return attribute;
}

static bool
is_integer(Oid type)
{
	return type == INT8OID || type == INT4OID || type == INT2OID;
}

static void
find_key(CrmMatchInput *input, Relation relation, bool text_keys)
{
	Form_pg_attribute attribute = crm_attribute_named(RelationGetDescr(relation), KEY_NAME);

	if (attribute == NULL)
		attribute = primary_key(relation);
	if (attribute == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s\" has no key", RelationGetRelationName(relation)),
				 errdetail("Looked for a column \"%s\", and for a primary key of one column.", KEY_NAME),
				 errhint("Use a view that has a column \"%s\".", KEY_NAME)));
	input->key = pstrdup(NameStr(attribute->attname));
	input->key_type = attribute->atttypid;
	input->has_number = is_integer(getBaseType(attribute->atttypid));
	if (!text_keys && !input->has_number)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("key \"%s\" of relation \"%s\" is of type %s, not bigint", input->key,
						RelationGetRelationName(relation), format_type_be(attribute->atttypid)),
				 errhint("Use the function whose name ends in \"_by_key\".")));
}

/* ----------
 * columns
 * ----------
 */

/* What is read of a column, in SQL over the relation as c. */
static char *
expression_of(Relation relation, Form_pg_attribute attribute, Node *value)
{
	if (IsA(value, Var))
		return psprintf("c.%s", quote_identifier(NameStr(attribute->attname)));
	return deparse_expression(value, deparse_context_for("c", RelationGetRelid(relation)), true, false);
}

static void
add_column(CrmMatchInput *input, Relation relation, Form_pg_attribute attribute,
		   const CrmKnownColumn *known)
{
	CrmInputColumn *column = &input->columns[input->count++];
	Node	   *value = (Node *) makeVar(1, attribute->attnum, attribute->atttypid,
										 attribute->atttypmod, attribute->attcollation, 0);

	/* zeros behind a point are no digits of a number to call */
	if (getBaseType(attribute->atttypid) == NUMERICOID)
		value = (Node *) makeFuncExpr(F_TRIM_SCALE, NUMERICOID, list_make1(value), InvalidOid,
									  InvalidOid, COERCE_EXPLICIT_CALL);
	value = crm_readable_value(value);
	column->name = known->name;
	column->type = attribute->atttypid;
	column->expression = expression_of(relation, attribute, value);
	column->kind = crm_value_kind(exprType(value));
	column->column = known->column;
	column->is_fallback = known->is_fallback;
}

static bool
has_column(const CrmMatchInput *input, CrmMatchColumn column)
{
	int			i;

	for (i = 0; i < input->count; i++)
		if (input->columns[i].column == column)
			return true;
	return false;
}

static void
find_columns(CrmMatchInput *input, Relation relation)
{
	int			i;

	for (i = 0; i < CRM_KNOWN_COLUMNS; i++)
	{
		const CrmKnownColumn *known = &crm_known_columns[i];
		Form_pg_attribute attribute = crm_attribute_named(RelationGetDescr(relation), known->name);

		if (attribute == NULL)
			continue;
		if (known->column == CRM_COLUMN_COMPANY_KEY && has_column(input, CRM_COLUMN_COMPANY))
			continue;
		add_column(input, relation, attribute, known);
	}
}

/* Without a name, an address or a number there is nothing that could tell people apart. */
static void
check_columns(const CrmMatchInput *input, Relation relation)
{
	static const CrmMatchColumn telling[] = {
		CRM_COLUMN_FIRST_NAME, CRM_COLUMN_LAST_NAME, CRM_COLUMN_FULL_NAME,
		CRM_COLUMN_EMAIL, CRM_COLUMN_PHONE
	};
	int			i;

	for (i = 0; i < (int) lengthof(telling); i++)
		if (has_column(input, telling[i]))
			return;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("relation \"%s\" has no column that tells contacts apart",
					RelationGetRelationName(relation)),
			 errdetail("Looked for first_name, last_name, full_name, email, emails, phone and phones."),
			 errhint("Use a view that gives the columns these names.")));
}

/* ----------
 * near misses
 * ----------
 */

/* Columns that are not used, but might be under another name: a list of CrmNearMiss. */
List *
crm_match_near_misses(Oid relation)
{
	Relation	opened = open_contacts(relation);
	List	   *misses = crm_near_misses(RelationGetDescr(opened));

	relation_close(opened, NoLock);
	return misses;
}

/* One NOTICE, about the column that is most likely meant for another. */
static void
tell_near_miss(Relation relation)
{
	List	   *misses = crm_near_misses(RelationGetDescr(relation));
	CrmNearMiss *nearest = NULL;
	ListCell   *cell;

	foreach(cell, misses)
	{
		CrmNearMiss *miss = lfirst(cell);

		if (nearest == NULL || miss->distance < nearest->distance)
			nearest = miss;
	}
	if (nearest != NULL)
		ereport(NOTICE,
				(errmsg("column \"%s\" of relation \"%s\" is not used", nearest->name,
						RelationGetRelationName(relation)),
				 errhint("It would be if its name were \"%s\"; crm.matching_input() says what is used.",
						 nearest->known_name)));
}

/* ----------
 * what is read
 * ----------
 */

/* All but the columns. */
static Relation
open_input(CrmMatchInput *input, Oid relation, bool text_keys)
{
	Relation	opened = open_contacts(relation);

	memset(input, 0, sizeof(*input));
	input->relation = relation;
	input->name = quote_qualified_identifier(get_namespace_name(RelationGetNamespace(opened)),
											 RelationGetRelationName(opened));
	input->has_archive = crm_match_archive_column(relation) != InvalidAttrNumber;
	find_key(input, opened, text_keys);
	return opened;
}

/*
 * Finds out what is read of a relation, which stays locked; an error if that is
 * too little, or if the key is of no use.
 */
void
crm_match_input_find(CrmMatchInput *input, Oid relation, bool text_keys)
{
	Relation	opened = open_input(input, relation, text_keys);

	find_columns(input, opened);
	tell_near_miss(opened);
	check_columns(input, opened);
	relation_close(opened, NoLock);
}

/* The same for who asks often: without a word about columns that are not used. */
void
crm_match_input_find_quietly(CrmMatchInput *input, Oid relation, bool text_keys)
{
	Relation	opened = open_input(input, relation, text_keys);

	find_columns(input, opened);
	check_columns(input, opened);
	relation_close(opened, NoLock);
}

/* The same for columns that somebody else has found: crm_match_input_add says which. */
void
crm_match_input_open(CrmMatchInput *input, Oid relation, bool text_keys)
{
	relation_close(open_input(input, relation, text_keys), NoLock);
}

/* An expression over the relation's columns, of a type, as a column. */
void
crm_match_input_add(CrmMatchInput *input, CrmMatchColumn column, const char *expression, Oid type)
{
	CrmInputColumn *added = &input->columns[input->count++];

	Assert(input->count <= CRM_INPUT_COLUMNS_MAX);
	added->type = type;
	added->expression = expression;
	added->kind = crm_value_kind(type);
	added->column = column;
}

/*
 * The query that reads the relation: the key, and then the columns in their order.
 * With raw all columns, which must have names, are text as the server writes them.
 * A condition on the key is the caller's to add; there is a WHERE already.
 */
char *
crm_match_input_query(const CrmMatchInput *input, bool raw)
{
	char	   *key = psprintf("c.%s", quote_identifier(input->key));
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s", input->has_number ? psprintf("%s::pg_catalog.int8", key) :
					 crm_text_sql(key, input->key_type));
	for (i = 0; i < input->count; i++)
		if (raw)
			appendStringInfo(&sql, ", %s", crm_text_sql(psprintf("c.%s", quote_identifier(input->columns[i].name)),
														input->columns[i].type));
		else
			appendStringInfo(&sql, ", %s", input->columns[i].expression);
	appendStringInfo(&sql, " FROM %s AS c WHERE %s", input->name,
					 input->has_archive ? "c." ARCHIVE_NAME " IS NULL" : "true");
	return sql.data;
}
