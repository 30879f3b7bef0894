/*
 * match_columns.c
 *		Which columns of a relation are read.
 *
 * Columns are found by their names, whatever their types: everything is cast to
 * one of the few forms that the reader knows.  Beside them two columns have a
 * meaning: the key, and archived_at, if it says when.
 */
#include "matching/match_input.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "values/similarity.h"

#define KEY_NAME "id"
#define ARCHIVE_NAME "archived_at"

/* Edits by which a name may differ from one that is known, and be meant as it. */
#define NEAR_EDITS 2
#define NEAR_LENGTH 5			/* shorter names are other names */

/*
 * Names under which columns are known; names before full names.  A fallback is
 * read where the columns before it that mean the same had no value.
 */
static const struct
{
	const char *name;
	CrmMatchColumn column;
	bool		is_fallback;
}			known_columns[] =
{
	{"first_name", CRM_COLUMN_FIRST_NAME, false},
	{"middle_name", CRM_COLUMN_MIDDLE_NAME, false},
	{"last_name", CRM_COLUMN_LAST_NAME, false},
	{"full_name", CRM_COLUMN_FULL_NAME, false},
	{"email", CRM_COLUMN_EMAIL, false},
	{"emails", CRM_COLUMN_EMAIL, false},
	{"additional_emails", CRM_COLUMN_EMAIL, false},
	{"phone_e164", CRM_COLUMN_PHONE, false},
	{"phone", CRM_COLUMN_PHONE, true},
	{"phones", CRM_COLUMN_PHONE, false},
	{"additional_phones", CRM_COLUMN_PHONE, false},
	{"date_of_birth", CRM_COLUMN_BIRTH, false},
	{"street", CRM_COLUMN_STREET, false},
	{"city", CRM_COLUMN_CITY, false},
	{"postal_code", CRM_COLUMN_POSTCODE, false},
	{"postcode", CRM_COLUMN_POSTCODE, true},
	{"state", CRM_COLUMN_STATE, false},
	{"country", CRM_COLUMN_COUNTRY, false},
	{"company", CRM_COLUMN_COMPANY, false},
	{"company_id", CRM_COLUMN_COMPANY_KEY, false},
	{"job_title", CRM_COLUMN_JOB, false},
	{"occupation", CRM_COLUMN_JOB, true},
	{"gender", CRM_COLUMN_GENDER, false}
};

StaticAssertDecl(lengthof(known_columns) <= CRM_INPUT_COLUMNS_MAX, "room for all columns");

/* Names that others give to columns. */
static const struct
{
	const char *name;
	const char *known_name;
}			other_names[] =
{
	{"givenname", "first_name"}, {"forename", "first_name"}, {"fname", "first_name"},
	{"surname", "last_name"}, {"familyname", "last_name"}, {"lname", "last_name"},
	{"name", "full_name"}, {"contactname", "full_name"}, {"displayname", "full_name"},
	{"mail", "email"}, {"emailaddress", "email"},
	{"mobile", "phone"}, {"mobilephone", "phone"}, {"telephone", "phone"}, {"phonenumber", "phone"},
	{"birthday", "date_of_birth"}, {"birthdate", "date_of_birth"}, {"dob", "date_of_birth"},
	{"address", "street"}, {"streetaddress", "street"}, {"addressline1", "street"},
	{"town", "city"}, {"zip", "postal_code"}, {"zipcode", "postal_code"},
	{"province", "state"}, {"region", "state"},
	{"organization", "company"}, {"organisation", "company"}, {"companyname", "company"},
	{"employer", "company"}, {"position", "job_title"}, {"sex", "gender"}
};

/* What a column is used as, for people. */
const char *
crm_match_column_words(CrmMatchColumn column)
{
	static const char *const words[] = {
		"first name", "middle name", "last name", "full name", "e-mail", "phone",
		"date of birth", "street", "city", "postcode", "state", "country", "company",
		"job title", "gender", "company, by its key"
	};

	StaticAssertStmt(lengthof(words) == CRM_MATCH_COLUMNS, "words for all columns");
	return words[column];
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

static Form_pg_attribute
attribute_named(TupleDesc descriptor, const char *name)
{
	int			i;

	for (i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), name) == 0)
			return attribute;
	}
	return NULL;
}

static bool
is_instant(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

/*
 * The column that says when a row was archived; 0 if there is none.  One of another
 * type may mean anything: a boolean that is false does not archive its row.
 */
AttrNumber
crm_match_archive_column(Oid relation)
{
	AttrNumber	number = get_attnum(relation, ARCHIVE_NAME);

	return number != InvalidAttrNumber && is_instant(getBaseType(get_atttype(relation, number))) ?
		number : InvalidAttrNumber;
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
	Form_pg_attribute attribute = attribute_named(RelationGetDescr(relation), KEY_NAME);

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

/* How values of a type are read; all that is not a list or a date is text. */
static CrmInputForm
form_of(Oid type, CrmMatchColumn column)
{
	Oid			base = getBaseType(type);
	Oid			element;

	if (base == JSONBOID || base == JSONOID)
		return CRM_INPUT_JSONB;
	if (column == CRM_COLUMN_BIRTH && is_instant(base))
		return CRM_INPUT_DATE;
	element = get_element_type(base);
	if (element == JSONBOID || element == JSONOID)
		return CRM_INPUT_JSONB;
	return OidIsValid(element) ? CRM_INPUT_TEXTS : CRM_INPUT_TEXT;
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
find_columns(CrmMatchInput *input, TupleDesc descriptor)
{
	int			known;

	for (known = 0; known < (int) lengthof(known_columns); known++)
	{
		Form_pg_attribute attribute = attribute_named(descriptor, known_columns[known].name);
		CrmInputColumn *column = &input->columns[input->count];

		if (attribute == NULL)
			continue;
		if (known_columns[known].column == CRM_COLUMN_COMPANY_KEY &&
			has_column(input, CRM_COLUMN_COMPANY))
			continue;
		column->name = known_columns[known].name;
		column->type = attribute->atttypid;
		column->column = known_columns[known].column;
		column->form = form_of(attribute->atttypid, column->column);
		column->is_fallback = known_columns[known].is_fallback;
		input->count++;
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

/* A name in small letters without underscores; returns its length. */
static int
plain_name(const char *name, char *out)
{
	int			length = 0;

	for (; *name != '\0'; name++)
		if (*name != '_' && *name != ' ' && *name != '-')
			out[length++] = *name >= 'A' && *name <= 'Z' ? *name + 32 : *name;
	out[length] = '\0';
	return length;
}

static int
edits_between(const char *a, int a_length, const char *b, int b_length)
{
	CrmMatches	matches;

	if (abs(a_length - b_length) > NEAR_EDITS || Min(a_length, b_length) < NEAR_LENGTH ||
		Max(a_length, b_length) > CRM_MATCH_VALUE_MAX)
		return a_length == b_length && memcmp(a, b, a_length) == 0 ? 0 : NEAR_EDITS + 1;
	crm_match_two_bytes(a, a_length, b, b_length, &matches);
	return crm_matches_edit_distance(&matches, NEAR_EDITS, true);
}

/*
 * Names that the relation has, or whose meaning it has, are not what was meant; nor
 * is a full name beside a last name.
 */
static bool
is_missing(TupleDesc descriptor, int known)
{
	int			i;

	if (known_columns[known].column == CRM_COLUMN_FULL_NAME &&
		attribute_named(descriptor, "last_name") != NULL)
		return false;

	for (i = 0; i < (int) lengthof(known_columns); i++)
		if (known_columns[i].column == known_columns[known].column &&
			attribute_named(descriptor, known_columns[i].name) != NULL)
			return false;
	return true;
}

static CrmNearMiss
nearest_name(TupleDesc descriptor, const char *name)
{
	CrmNearMiss nearest = {name, NULL, NEAR_EDITS + 1};
	char		plain[NAMEDATALEN];
	char		known[NAMEDATALEN];
	int			length = plain_name(name, plain);
	int			i;
	int			j;

	for (i = 0; i < (int) lengthof(known_columns); i++)
	{
		int			distance;

		if (strcmp(name, known_columns[i].name) == 0)
		{
			nearest.known_name = NULL;
			return nearest;
		}
		if (!is_missing(descriptor, i))
			continue;
		distance = edits_between(plain, length, known, plain_name(known_columns[i].name, known));
		for (j = 0; j < (int) lengthof(other_names); j++)
			if (strcmp(other_names[j].name, plain) == 0 &&
				strcmp(other_names[j].known_name, known_columns[i].name) == 0)
				distance = 0;
		if (distance < nearest.distance)
		{
			nearest.distance = distance;
			nearest.known_name = known_columns[i].name;
		}
	}
	return nearest;
}

/* Columns that are not used, but might be under another name: a list of CrmNearMiss. */
static List *
near_misses(TupleDesc descriptor)
{
	List	   *misses = NIL;
	int			i;

	for (i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		CrmNearMiss miss;

		if (attribute->attisdropped)
			continue;
		miss = nearest_name(descriptor, NameStr(attribute->attname));
		if (miss.known_name != NULL)
		{
			CrmNearMiss *kept = palloc(sizeof(CrmNearMiss));

			*kept = miss;
			kept->name = pstrdup(miss.name);
			misses = lappend(misses, kept);
		}
	}
	return misses;
}

List *
crm_match_near_misses(Oid relation)
{
	Relation	opened = open_contacts(relation);
	List	   *misses = near_misses(RelationGetDescr(opened));

	relation_close(opened, NoLock);
	return misses;
}

/* One NOTICE, about the column that is most likely meant for another. */
static void
tell_near_miss(Relation relation)
{
	List	   *misses = near_misses(RelationGetDescr(relation));
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

	find_columns(input, RelationGetDescr(opened));
	tell_near_miss(opened);
	check_columns(input, opened);
	relation_close(opened, NoLock);
}

/* The same for who asks often: without a word about columns that are not used. */
void
crm_match_input_find_quietly(CrmMatchInput *input, Oid relation, bool text_keys)
{
	Relation	opened = open_input(input, relation, text_keys);

	find_columns(input, RelationGetDescr(opened));
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
	added->expression = expression;
	added->type = type;
	added->column = column;
	added->form = form_of(type, column);
}

/* The expression that brings a column into its form. */
static void
append_column(StringInfo sql, const CrmInputColumn *column, bool raw)
{
	const char *name = column->expression != NULL ? psprintf("(%s)", column->expression) :
		psprintf("c.%s", quote_identifier(column->name));
	Oid			base = getBaseType(column->type);

	if (raw)
		appendStringInfo(sql, ", %s::pg_catalog.text", name);
	else if (column->form == CRM_INPUT_DATE)
		appendStringInfo(sql, ", %s::pg_catalog.date", name);
	else if (column->form == CRM_INPUT_TEXTS)
		appendStringInfo(sql, ", %s::pg_catalog.text[]", name);
	else if (column->form == CRM_INPUT_JSONB)
		appendStringInfo(sql, base == JSONBOID ? ", %s" : ", pg_catalog.to_jsonb(%s)", name);
	else if (base == NUMERICOID)
		appendStringInfo(sql, ", pg_catalog.trim_scale(%s)::pg_catalog.text", name);
	else
		appendStringInfo(sql, base == TEXTOID || base == VARCHAROID ? ", %s" : ", %s::pg_catalog.text",
						 name);
}

/*
 * The query that reads the relation: the key, and then the columns in their order.
 * With raw all columns are text as the server writes them.  A condition on the key
 * is the caller's to add; there is a WHERE already.
 */
char *
crm_match_input_query(const CrmMatchInput *input, bool raw)
{
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT c.%s::pg_catalog.%s", quote_identifier(input->key),
					 input->has_number ? "int8" : "text");
	for (i = 0; i < input->count; i++)
		append_column(&sql, &input->columns[i], raw);
	appendStringInfo(&sql, " FROM %s AS c WHERE %s", input->name,
					 input->has_archive ? "c." ARCHIVE_NAME " IS NULL" : "true");
	return sql.data;
}
