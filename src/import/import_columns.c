/*
 * import_columns.c
 *		Which columns of a staging relation mean what.
 *
 * A staging column is one of the fields below, or a column of the target with the
 * same name, the user's own ones included; letter case does not count, and blanks
 * and hyphens stand for underscores, as a CSV's header line has them.  What is left
 * is named in a NOTICE.
 *
 * Memory: everything lives as long as the import.
 */
#include "import/import.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "parser/parse_coerce.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

#define NORMALIZED_EMAIL "crm.normalize_email(email)"
#define LOWER_NAME "pg_catalog.lower(name)"

#define OWNER_FIELDS(column) \
	{"owner_external_id", column, CRM_IMPORT_REFERENCE, "users", "external_id", "external_id"}, \
	{"owner_email", column, CRM_IMPORT_REFERENCE, "users", NORMALIZED_EMAIL, "email"}

#define COMPANY_FIELDS \
	{"company_external_id", "company_id", CRM_IMPORT_REFERENCE, "companies", "external_id", "external_id"}, \
	{"company_domain", "company_id", CRM_IMPORT_REFERENCE, "companies", "domain", "website"}, \
	{"company", "company_id", CRM_IMPORT_REFERENCE, "companies", LOWER_NAME, "name"}

#define CONTACT_FIELDS \
	{"contact_external_id", "contact_id", CRM_IMPORT_REFERENCE, "contacts", "external_id", NULL}, \
	{"contact_email", "contact_id", CRM_IMPORT_REFERENCE, "contacts", NORMALIZED_EMAIL, NULL}

static const CrmImportField company_fields[] = {
	OWNER_FIELDS("owner_id"),
	{"phone", "phone", CRM_IMPORT_PHONE, NULL, NULL, NULL},
	{"domain", "domain", CRM_IMPORT_DOMAIN, NULL, NULL, NULL},
	{"size", "size", CRM_IMPORT_WORD, "company_sizes", NULL, NULL},
	{"annual_revenue", "annual_revenue", CRM_IMPORT_NUMBER, NULL, NULL, NULL}
};

static const CrmImportField contact_fields[] = {
	OWNER_FIELDS("owner_id"),
	COMPANY_FIELDS,
	{"full_name", "last_name", CRM_IMPORT_FULL_NAME, NULL, NULL, NULL},
	{"email", "email", CRM_IMPORT_EMAIL, NULL, NULL, NULL},
	{"phone", "phone", CRM_IMPORT_PHONE, NULL, NULL, NULL},
	{"source", "source", CRM_IMPORT_WORD, "contact_sources", NULL, NULL},
	{"status", "status", CRM_IMPORT_WORD, "contact_statuses", NULL, NULL}
};

static const CrmImportField deal_fields[] = {
	OWNER_FIELDS("owner_id"),
	COMPANY_FIELDS,
	CONTACT_FIELDS,
	{"value", "value", CRM_IMPORT_NUMBER, NULL, NULL, NULL},
	{"probability", "probability", CRM_IMPORT_NUMBER, NULL, NULL, NULL},
	{"currency", "currency", CRM_IMPORT_CURRENCY, NULL, NULL, NULL},
	{"stage", "stage", CRM_IMPORT_STAGE, NULL, NULL, NULL},
	{"pipeline", "pipeline_id", CRM_IMPORT_REFERENCE, "pipelines", LOWER_NAME, NULL},
	{"pipeline_stage", "pipeline_stage_id", CRM_IMPORT_REFERENCE, "pipeline_stages", LOWER_NAME, NULL}
};

static const CrmImportField activity_fields[] = {
	{"user_external_id", "user_id", CRM_IMPORT_REFERENCE, "users", "external_id", "external_id"},
	{"user_email", "user_id", CRM_IMPORT_REFERENCE, "users", NORMALIZED_EMAIL, "email"},
	COMPANY_FIELDS,
	CONTACT_FIELDS,
	{"deal_external_id", "deal_id", CRM_IMPORT_REFERENCE, "deals", "external_id", NULL},
	{"type", "type", CRM_IMPORT_WORD, "activity_types", NULL, NULL}
};

static const CrmImportEntity entities[] = {
	{"companies", "company", "domain", "domain", "c.domain", "domain",
	company_fields, lengthof(company_fields)},
	{"contacts", "contact", "email", NORMALIZED_EMAIL, "crm.normalize_email(c.email)", "e-mail address",
	contact_fields, lengthof(contact_fields)},
	{"deals", "deal", NULL, NULL, NULL, NULL, deal_fields, lengthof(deal_fields)},
	{"activities", "activity", NULL, NULL, NULL, NULL, activity_fields, lengthof(activity_fields)}
};

/* Kept by triggers, or by the import itself. */
static const char *const own_columns[] = {
	"id", "phone_e164", "phone_status", "phone_version", "domain_version", "updated_at"
};

const CrmImportEntity *
crm_import_entity(const char *table)
{
	int			i;

	for (i = 0; i < (int) lengthof(entities); i++)
		if (strcmp(entities[i].table, table) == 0)
			return &entities[i];
	elog(ERROR, "nothing is imported into \"%s\"", table);
}

/* ----------
 * names
 * ----------
 */

/* A header's spelling as a column's name: "E-mail" and " First Name" are usual. */
static char *
column_name_of(const char *header)
{
	char	   *name = crm_import_trim(pstrdup(header));
	char	   *p;

	if (name == NULL)
		return pstrdup("");
	for (p = name; *p != '\0'; p++)
	{
		if (*p == ' ' || *p == '-')
			*p = '_';
		else if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	}
	while ((p = strstr(name, "e_mail")) != NULL && (p == name || p[-1] == '_'))
		memmove(p + 1, p + 2, strlen(p + 2) + 1);
	return name;
}

static const CrmImportField *
find_field(const CrmImportEntity *entity, const char *name)
{
	int			i;

	for (i = 0; i < entity->num_fields; i++)
		if (strcmp(entity->fields[i].name, name) == 0)
			return &entity->fields[i];
	return NULL;
}

static bool
is_own_column(const char *name)
{
	int			i;

	for (i = 0; i < (int) lengthof(own_columns); i++)
		if (strcmp(own_columns[i], name) == 0)
			return true;
	return false;
}

/* ----------
 * target columns
 * ----------
 */

/* Index of a column that the import writes; -1 if it does not. */
int
crm_import_column(const CrmImport *import, const char *name)
{
	int			i;

	for (i = 0; i < import->num_columns; i++)
		if (strcmp(import->columns[i].name, name) == 0)
			return i;
	return -1;
}

/* A column's default, or its type's, as SQL; NULL if it has none. */
char *
crm_column_default_sql(Relation relation, AttrNumber number)
{
	Node	   *expression = build_column_default(relation, number);

	return expression == NULL ? NULL :
		deparse_expression(expression, NIL, false, false);
}

/* Index of the target's column, entered if need be; -1 if it cannot be written. */
static int
enter_column(CrmImport *import, Relation target, const char *name)
{
	int			index = crm_import_column(import, name);
	AttrNumber	number = get_attnum(RelationGetRelid(target), name);
	CrmImportColumn *column;
	Form_pg_attribute attribute;
	Oid			input;

	if (index >= 0 || number <= 0)
		return index;
	attribute = TupleDescAttr(RelationGetDescr(target), number - 1);
	if (attribute->attgenerated != '\0' || attribute->attidentity != '\0')
		return -1;
	column = &import->columns[import->num_columns];
	column->name = pstrdup(name);
	column->quoted = pstrdup(quote_identifier(name));
	column->type = attribute->atttypid;
	column->typmod = attribute->atttypmod;
	getTypeInputInfo(attribute->atttypid, &input, &column->input_argument);
	fmgr_info(input, &column->input);
	column->default_sql = crm_column_default_sql(target, number);
	column->follows = -1;
	column->keeps_old = strcmp(name, "external_id") == 0;
	return import->num_columns++;
}

/* Whether the table has the column as it was made: another one is the owner's affair. */
static bool
is_plain_text(Relation target, const char *name)
{
	AttrNumber	number = get_attnum(RelationGetRelid(target), name);
	Form_pg_attribute attribute;

	if (number <= 0)
		return false;
	attribute = TupleDescAttr(RelationGetDescr(target), number - 1);
	return attribute->atttypid == TEXTOID && attribute->attgenerated == '\0';
}

/* Enters columns that are written whenever another one is; none if one is missing. */
static void
enter_followers(CrmImport *import, Relation target, CrmImportSource *source,
				const char *const *names, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		if (!is_plain_text(target, names[i]) || crm_import_column(import, names[i]) >= 0)
			return;
	source->is_followed = true;
	for (i = 0; i < count; i++)
	{
		CrmImportColumn *column = &import->columns[enter_column(import, target, names[i])];

		column->follows = source->column;
		column->value_follower = names[0];
		column->version_follower = names[count - 1];
	}
}

/* What the triggers of a CRM keep beside a value, and the import where there are none. */
static void
enter_all_followers(CrmImport *import, Relation target)
{
	static const char *const of_phone[] = {"phone_e164", "phone_status", "phone_version"};
	static const char *const of_website[] = {"domain", "domain_version"};
	int			i;

	for (i = 0; i < import->num_sources; i++)
	{
		CrmImportSource *source = &import->sources[i];

		if (source->kind == CRM_IMPORT_PHONE)
			enter_followers(import, target, source, of_phone, lengthof(of_phone));
		else if (source->kind == CRM_IMPORT_VALUE && strcmp(source->name, "website") == 0)
			enter_followers(import, target, source, of_website, lengthof(of_website));
	}
}

/* ----------
 * sources
 * ----------
 */

static void
check_not_twice(bool is_twice, const char *name)
{
	if (is_twice)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_COLUMN),
				 errmsg("two columns of the staging relation mean \"%s\"", name)));
}

/* A column of one's own may have capitals and blanks in its name. */
static char *
target_name_of(const CrmImport *import, Relation target, const char *header)
{
	char	   *name = column_name_of(header);

	return find_field(import->entity, name) == NULL &&
		get_attnum(RelationGetRelid(target), name) == InvalidAttrNumber &&
		get_attnum(RelationGetRelid(target), header) > 0 ? pstrdup(header) : name;
}

/* False if nothing of the target is meant. */
static bool
enter_source(CrmImport *import, Relation target, Form_pg_attribute attribute)
{
	const char *header = NameStr(attribute->attname);
	char	   *name = target_name_of(import, target, header);
	const CrmImportField *field = find_field(import->entity, name);
	CrmImportSource *source = &import->sources[import->num_sources];
	int			column;
	int			i;

	if (strcmp(name, "line") == 0)
	{
		check_not_twice(import->line_source >= 0, name);
		import->line_source = attribute->attnum - 1;
		return true;
	}
	column = field == NULL && is_own_column(name) ? -1 :
		enter_column(import, target, field != NULL ? field->column : name);
	if (column < 0)
		return false;
	for (i = 0; i < import->num_sources; i++)
		check_not_twice(strcmp(import->sources[i].name, name) == 0, name);
	source->name = name;
	source->attribute = attribute->attnum - 1;
	source->field = field;
	source->kind = field != NULL ? field->kind : CRM_IMPORT_VALUE;
	source->is_number = TypeCategory(attribute->atttypid) == TYPCATEGORY_NUMERIC;
	source->column = column;
	if (source->kind == CRM_IMPORT_FULL_NAME)
		(void) enter_column(import, target, "first_name");
	if (source->kind == CRM_IMPORT_WORD)
		source->words = crm_import_read_words(import, field->table);
	import->num_sources++;
	return true;
}

static void
report_ignored(const char *staging, const char *ignored, bool has_key)
{
	ereport(NOTICE,
			(errmsg("columns of \"%s\" that mean nothing to the import: %s", staging, ignored),
			 has_key ? errhint("The key of another system goes into external_id.") : 0));
}

static void
check_some_source(const CrmImport *import, const char *staging)
{
	StringInfoData known;
	int			i;

	if (import->num_sources > 0)
		return;
	initStringInfo(&known);
	for (i = 0; i < import->entity->num_fields; i++)
		appendStringInfo(&known, "%s%s", i > 0 ? ", " : "", import->entity->fields[i].name);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("no column of \"%s\" can be imported", staging),
			 errhint("Columns may have the names of columns of \"%s\", and these: %s.",
					 import->entity->table, known.data)));
}

/* Raises an error for what cannot be read as a table. */
static void
check_staging(const CrmImport *import, Relation staging)
{
	char		kind = staging->rd_rel->relkind;

	if (RelationGetRelid(staging) == import->target)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" cannot be imported into itself",
						RelationGetRelationName(staging))));
	if (kind != RELKIND_RELATION && kind != RELKIND_VIEW && kind != RELKIND_MATVIEW &&
		kind != RELKIND_FOREIGN_TABLE && kind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is no table or view", RelationGetRelationName(staging))));
}

/* Finds out what the staging relation offers. */
void
crm_import_read_columns(CrmImport *import, Oid staging_oid)
{
	Relation	staging = try_relation_open(staging_oid, AccessShareLock);
	Relation	target = table_open(import->target, RowExclusiveLock);
	TupleDesc	desc;
	StringInfoData ignored;
	bool		has_key = false;
	int			i;

	if (staging == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", staging_oid)));
	desc = RelationGetDescr(staging);
	check_staging(import, staging);
	/* at most three more columns for a phone number, two for a website, one for a name */
	import->sources = palloc0(sizeof(CrmImportSource) * desc->natts);
	import->columns = palloc0(sizeof(CrmImportColumn) * (desc->natts + 6));
	import->line_source = -1;
	initStringInfo(&ignored);
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped ||
			enter_source(import, target, attribute))
			continue;
		appendStringInfo(&ignored, "%s%s", ignored.len > 0 ? ", " : "",
						 quote_identifier(NameStr(attribute->attname)));
		has_key = has_key || strcmp(column_name_of(NameStr(attribute->attname)), "id") == 0;
	}
	enter_all_followers(import, target);
	check_some_source(import, RelationGetRelationName(staging));
	if (ignored.len > 0)
		report_ignored(RelationGetRelationName(staging), ignored.data, has_key);
	relation_close(staging, NoLock);
	table_close(target, NoLock);
}

/* The query that reads it: the sources in their order, then the line. */
char *
crm_import_staging_sql(CrmImport *import, Oid staging_oid)
{
	Relation	staging = relation_open(staging_oid, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(staging);
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	for (i = 0; i < import->num_sources; i++)
		appendStringInfo(&sql, "%ss.%s", i > 0 ? ", " : "",
						 quote_identifier(NameStr(TupleDescAttr(desc, import->sources[i].attribute)->attname)));
	if (import->line_source >= 0)
		appendStringInfo(&sql, ", s.%s",
						 quote_identifier(NameStr(TupleDescAttr(desc, import->line_source)->attname)));
	appendStringInfo(&sql, " FROM %s AS s",
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(staging)),
												RelationGetRelationName(staging)));
	if (import->line_source >= 0)
	{
		const char *line = quote_identifier(NameStr(TupleDescAttr(desc, import->line_source)->attname));

		appendStringInfo(&sql, " ORDER BY CASE WHEN s.%s::pg_catalog.text"
						 " OPERATOR(pg_catalog.~) '^[0-9]{1,18}$'"
						 " THEN s.%s::pg_catalog.text::pg_catalog.int8 END, pg_catalog.row_number() OVER ()",
						 line, line);
	}
	relation_close(staging, NoLock);
	return sql.data;
}
