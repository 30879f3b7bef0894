/*
 * import_statements.c
 *		The statements that an import runs for its batches.
 *
 * A batch is a relation of its own in them, crm_import_rows: the key, then the
 * columns, typed.  Nothing for a column that has a default means the default in an
 * INSERT, and leaves the row as it is in an UPDATE; what stands beside another
 * column (phone_e164 beside phone) changes with it.
 */
#include "import/import.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "catalog/dependency.h"
#include "common/hashfn.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

/* Columns whose change is no edit: they follow from others, or say when. */
static const char *const unhashed_columns[] = {
	"updated_at", "phone_status", "phone_version", "domain_version"
};

/* Types that hash by value alone: not by OID, nor by how a session writes them. */
static const Oid hashable_types[] = {
	TEXTOID, VARCHAROID, BPCHAROID, INT2OID, INT4OID, INT8OID, NUMERICOID, BOOLOID,
	DATEOID, TIMESTAMPOID, TIMESTAMPTZOID, JSONBOID, UUIDOID, FLOAT4OID, FLOAT8OID
};

/* ----------
 * hashes
 * ----------
 */

static bool
is_hashable(Oid type)
{
	int			i;

	for (i = 0; i < (int) lengthof(hashable_types); i++)
		if (hashable_types[i] == type)
			return true;
	return false;
}

static bool
is_unhashed(const char *column)
{
	int			i;

	for (i = 0; i < (int) lengthof(unhashed_columns); i++)
		if (strcmp(unhashed_columns[i], column) == 0)
			return true;
	return false;
}

/* What one column of row c, that is not NULL, gives to the hash of the row. */
static char *
column_hash_sql(Form_pg_attribute attribute)
{
	const char *name = NameStr(attribute->attname);
	int64		seed = (int64) hash_bytes_extended((const unsigned char *) name, (int) strlen(name), 0);

	if (attribute->atttypid == TEXTOID)
		return psprintf("pg_catalog.hashtextextended(c.%s, " INT64_FORMAT ")",
						quote_identifier(name), seed);
	return psprintf("pg_catalog.hash_record_extended(ROW(c.%s%s), " INT64_FORMAT ")",
					quote_identifier(name),
					is_hashable(attribute->atttypid) ? "" : "::pg_catalog.text", seed);
}

/*
 * Where a column gives nothing: where it is NULL, or must not be and is its default.
 * That is what a column has in all rows after ALTER TABLE ADD COLUMN, which is no
 * edit.
 */
static char *
column_is_plain_sql(Relation relation, Form_pg_attribute attribute)
{
	const char *name = quote_identifier(NameStr(attribute->attname));
	const char *cast = is_hashable(attribute->atttypid) ? "" : "::pg_catalog.text";
	Node	   *expression = !attribute->attnotnull || attribute->attidentity != '\0' ? NULL :
		build_column_default(relation, attribute->attnum);

	if (expression == NULL || contain_mutable_functions(expression))
		return psprintf("c.%s IS NULL", name);
	return psprintf("c.%s%s OPERATOR(pg_catalog.=) (%s)%s", name, cast,
					deparse_expression(expression, NIL, false, false), cast);
}

/* A hash over the row c of a table, by which an edit shows. */
char *
crm_import_hash_sql(Oid target)
{
	Relation	relation = table_open(target, AccessShareLock);
	TupleDesc	desc = RelationGetDescr(relation);
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "(pg_catalog.hashint8extended(c.id, 0)");
	for (i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!attribute->attisdropped && attribute->attgenerated == '\0' &&
			!is_unhashed(NameStr(attribute->attname)))
			appendStringInfo(&sql, " OPERATOR(pg_catalog.#) CASE WHEN %s THEN 0 ELSE %s END",
							 column_is_plain_sql(relation, attribute), column_hash_sql(attribute));
	}
	appendStringInfoString(&sql, ")");
	table_close(relation, NoLock);
	return sql.data;
}

/* ----------
 * statements
 * ----------
 */

/*
 * What a new row gets.  Nothing did not pass the input function of a domain, which
 * may not allow it: the domain has to look at it.
 */
static char *
inserted_value(const CrmImportColumn *column)
{
	char	   *value = column->default_sql == NULL ? psprintf("b.%s", column->quoted) :
		psprintf("COALESCE(b.%s, %s)", column->quoted, column->default_sql);
	int32		typmod = column->typmod;
	Oid			base;

	if (get_typtype(column->type) != TYPTYPE_DOMAIN)
		return value;
	base = getBaseTypeAndTypmod(column->type, &typmod);
	return psprintf("(%s)::%s::%s", value,
					format_type_extended(base, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY),
					format_type_be_qualified(column->type));
}

static char *
compose_insert(const CrmImport *import)
{
	StringInfoData names;
	StringInfoData values;
	int			i;

	initStringInfo(&names);
	initStringInfo(&values);
	for (i = 0; i < import->num_columns; i++)
	{
		const CrmImportColumn *column = &import->columns[i];

		appendStringInfo(&names, ", %s", column->quoted);
		appendStringInfo(&values, ", %s", inserted_value(column));
	}
	return psprintf("INSERT INTO %s (id%s) OVERRIDING SYSTEM VALUE"
					" SELECT b.id%s FROM crm_import_rows AS b",
					import->target_name, names.data, values.data);
}

/*
 * What follows from a value goes with it, unless somebody wrote it and the import
 * brings nothing new: a phone_e164 as long as the number is the same, a domain
 * whatever the website (the triggers keep it alike).
 */
static char *
updated_follower(const CrmImport *import, const CrmImportColumn *column)
{
	const char *leader = import->columns[column->follows].quoted;
	bool		is_domain = strcmp(column->value_follower, "domain") == 0;

	return psprintf("CASE WHEN b.%s IS NULL OR (c.%s IS NOT NULL AND c.%s IS NULL%s)"
					" THEN c.%s ELSE b.%s END",
					leader, column->value_follower, column->version_follower,
					is_domain ? "" :
					psprintf(" AND b.%s::pg_catalog.text OPERATOR(pg_catalog.=) c.%s::pg_catalog.text",
							 leader, leader),
					column->quoted, column->quoted);
}

/* What a column of row c becomes by row b. */
static char *
updated_value(const CrmImport *import, int number)
{
	const CrmImportColumn *column = &import->columns[number];

	if (column->follows >= 0)
		return updated_follower(import, column);
	if (column->keeps_old)
		return psprintf("COALESCE(c.%s, b.%s)", column->quoted, column->quoted);
	return psprintf("COALESCE(b.%s, c.%s)", column->quoted, column->quoted);
}

static char *
compose_update(const CrmImport *import)
{
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s AS c SET ", import->target_name);
	for (i = 0; i < import->num_columns; i++)
		appendStringInfo(&sql, "%s%s = %s", i > 0 ? ", " : "",
						 import->columns[i].quoted, updated_value(import, i));
	appendStringInfoString(&sql, " FROM crm_import_rows AS b WHERE c.id OPERATOR(pg_catalog.=) b.id");
	return sql.data;
}

/*
 * Rows before an update, locked: as they are, whether the update would leave them
 * so, and by what somebody else may have made them other rows than those matched.
 */
static char *
compose_before(const CrmImport *import)
{
	StringInfoData same;
	int			i;

	initStringInfo(&same);
	for (i = 0; i < import->num_columns; i++)
	{
		const CrmImportColumn *column = &import->columns[i];
		/* = of a type without one of its own would be looked for in search_path */
		const char *cast = is_hashable(column->type) && column->type != VARCHAROID &&
			column->type != BPCHAROID ? "" : "::pg_catalog.text";

		if (!is_unhashed(column->name))
			appendStringInfo(&same, "%s(%s)%s IS NOT DISTINCT FROM c.%s%s",
							 same.len > 0 ? " AND " : "",
							 updated_value(import, i), cast, column->quoted, cast);
	}
	return psprintf("SELECT c.id::pg_catalog.int8, pg_catalog.to_jsonb(c.*), %s,"
					" c.archived_at IS NOT NULL, %s, %s"
					" FROM crm_import_rows AS b, %s AS c WHERE c.id OPERATOR(pg_catalog.=) b.id"
					" FOR NO KEY UPDATE OF c",
					same.len > 0 ? same.data : "true",
					import->entity->key_of_row != NULL ? import->entity->key_of_row : "NULL",
					crm_import_column(import, "external_id") >= 0 ? "c.external_id" : "NULL",
					import->target_name);
}

/* ----------
 * the batch as a relation
 * ----------
 */

static TupleDesc
staged_descriptor(const CrmImport *import)
{
	TupleDesc	desc = CreateTemplateTupleDesc(import->num_columns + 1);
	int			i;

	TupleDescInitEntry(desc, 1, "id", INT8OID, -1, 0);
	for (i = 0; i < import->num_columns; i++)
	{
		const CrmImportColumn *column = &import->columns[i];

		TupleDescInitEntry(desc, i + 2, column->name, column->type, column->typmod, 0);
	}
	return desc;
}

/* How a key for a new row is drawn: as an INSERT without one would. */
static void
find_key_source(CrmImport *import)
{
	Relation	target = table_open(import->target, AccessShareLock);
	AttrNumber	number = get_attnum(import->target, "id");
	Form_pg_attribute attribute;

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s\" has no column \"id\"", import->entity->table)));
	attribute = TupleDescAttr(RelationGetDescr(target), number - 1);
	if (attribute->attidentity != '\0')
		import->id_sequence = crm_identity_sequence(target, number);
	else if (attribute->atthasdef)
		import->next_id_sql = crm_column_default_sql(target, number);
	else
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("column \"id\" of relation \"%s\" has no default", import->entity->table),
				 errhint("Imported rows need keys: make it an identity column again.")));
	table_close(target, NoLock);
}

/* Composes all statements of the import. */
void
crm_import_compose(CrmImport *import)
{
	find_key_source(import);
	import->hash_sql = crm_import_hash_sql(import->target);
	import->insert_sql = compose_insert(import);
	import->update_sql = compose_update(import);
	import->before_sql = compose_before(import);
	import->staged_desc = staged_descriptor(import);
}
