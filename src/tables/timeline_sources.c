/*
 * timeline_sources.c
 *		What the timeline of a CRM is made of.
 *
 * A source is one of the CRM's own tables, whose branch of the timeline is a
 * file under ddl/timeline/, or a relation of the user's that has the timeline's
 * columns.  Expressions exist only in those files and in views that users made:
 * what is read from timeline_sources are names, which are always quoted.
 *
 * timeline_sources is read directly, not by a query: it names relations, which
 * are then read with the caller's rights, and looking runs nobody's code.
 * Where the table seems empty a query is asked as well, since a distributed
 * engine may keep the rows elsewhere.
 *
 * Memory: results are in the caller's context.
 */
#include "tables/timeline_sources.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tables/ddl_script.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

const CrmEventColumnInfo crm_event_columns[CRM_NUM_EVENT_COLUMNS] = {
	{"occurred_at", "timestamptz"},
	{"kind", "text"},
	{"title", "text"},
	{"description", "text"},
	{"contact_id", "bigint"},
	{"company_id", "bigint"},
	{"deal_id", "bigint"},
	{"actor", "text"},
	{"direction", "text"},
	{"source", "text"},
	{"source_id", "text"},
	{"details", "jsonb"}
};

static const struct
{
	const char *name;
	const char *kinds[8];		/* NULL at the end */
}			builtins[] = {
	{"activities", {NULL}},		/* the names of activity_types */
	{"companies", {"company_created", NULL}},
	{"contacts", {"contact_created", NULL}},
	{"deal_changes", {"deal_created", "deal_won", "deal_lost", "deal_reopened",
	"deal_stage_changed", "deal_value_changed", "deal_changed", NULL}},
	{"emails", {"email", NULL}}
};

/* ----------
 * the registry
 * ----------
 */

/* Completes a source that is one of the CRM's own tables. */
void
crm_recognise_builtin(CrmTimelineSource *source, const char *schema)
{
	int			i;
	int			k;

	if (strcmp(source->name, source->relation_name) != 0 ||
		strcmp(source->relation_schema, schema) != 0)
		return;
	for (i = 0; i < (int) lengthof(builtins); i++)
	{
		if (strcmp(source->name, builtins[i].name) != 0)
			continue;
		source->is_builtin = true;
		source->kinds_are_known = builtins[i].kinds[0] != NULL;
		source->kinds = NIL;
		for (k = 0; builtins[i].kinds[k] != NULL; k++)
			source->kinds = lappend(source->kinds, pstrdup(builtins[i].kinds[k]));
	}
}

/* The sources of a new CRM. */
List *
crm_builtin_timeline_sources(const char *schema)
{
	List	   *sources = NIL;
	int			i;

	for (i = 0; i < (int) lengthof(builtins); i++)
	{
		CrmTimelineSource *source = palloc0(sizeof(CrmTimelineSource));

		source->name = pstrdup(builtins[i].name);
		source->relation_schema = pstrdup(schema);
		source->relation_name = pstrdup(builtins[i].name);
		crm_recognise_builtin(source, schema);
		sources = lappend(sources, source);
	}
	return sources;
}

/* The table that names the sources of a schema's timeline; InvalidOid if none. */
Oid
crm_find_timeline_sources(const char *schema)
{
	Oid			namespace = get_namespace_oid(schema, true);

	return OidIsValid(namespace) ?
		get_relname_relid("timeline_sources", namespace) : InvalidOid;
}

/* The strings of a JSON array. */
static List *
strings_of(Datum array)
{
	JsonbIterator *iterator = JsonbIteratorInit(&DatumGetJsonbP(array)->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *strings = NIL;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_ELEM && value.type == jbvString)
			strings = lappend(strings, pnstrdup(value.val.string.val,
												value.val.string.len));
	return strings;
}

#define REGISTRY_COLUMNS 5

static const struct
{
	const char *name;
	Oid			type;
}			registry_columns[REGISTRY_COLUMNS] = {
	{"source", TEXTOID},
	{"relation_schema", TEXTOID},
	{"relation_name", TEXTOID},
	{"kinds", JSONBOID},
	{"columns", JSONBOID}
};

static void
find_registry_columns(Relation registry, AttrNumber *columns)
{
	int			i;

	if (registry->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation \"%s\" is not a table of timeline sources",
						RelationGetRelationName(registry)),
				 errdetail("It is not an ordinary table.")));
	for (i = 0; i < REGISTRY_COLUMNS; i++)
	{
		columns[i] = get_attnum(RelationGetRelid(registry), registry_columns[i].name);
		if (columns[i] == InvalidAttrNumber ||
			get_atttype(RelationGetRelid(registry), columns[i]) != registry_columns[i].type)
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("relation \"%s\" is not a table of timeline sources",
							RelationGetRelationName(registry)),
					 errdetail("Column \"%s\" of type %s is missing.",
							   registry_columns[i].name,
							   format_type_be(registry_columns[i].type))));
	}
}

/* Raises an error if a relation is not a table of timeline sources. */
void
crm_check_timeline_registry(Oid registry_oid)
{
	Relation	registry = relation_open(registry_oid, AccessShareLock);
	AttrNumber	columns[REGISTRY_COLUMNS];

	find_registry_columns(registry, columns);
	relation_close(registry, NoLock);
}

static CrmTimelineSource *
source_from_values(const Datum *values, const bool *nulls, const char *schema)
{
	CrmTimelineSource *source = palloc0(sizeof(CrmTimelineSource));

	source->name = TextDatumGetCString(values[0]);
	source->relation_schema = nulls[1] ? pstrdup(schema) : TextDatumGetCString(values[1]);
	source->relation_name = TextDatumGetCString(values[2]);
	source->kinds_are_known = !nulls[3];
	source->kinds = nulls[3] ? NIL : strings_of(values[3]);
	source->columns = nulls[4] ? NIL : strings_of(values[4]);
	crm_recognise_builtin(source, schema);
	return source;
}

static List *
query_sources(Relation registry, const char *schema)
{
	MemoryContext caller = CurrentMemoryContext;
	List	   *sources = NIL;
	uint64		row;
	int			i;

	/* who may not ask need not: then it is as empty as it seems */
	if (pg_class_aclcheck(RelationGetRelid(registry), GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		return NIL;
	SPI_connect();
	if (SPI_execute(psprintf("SELECT source, relation_schema, relation_name, kinds, columns FROM %s",
							 quote_qualified_identifier(schema, RelationGetRelationName(registry))),
					true, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not read the sources of the timeline");
	for (row = 0; row < SPI_processed; row++)
	{
		Datum		values[REGISTRY_COLUMNS];
		bool		nulls[REGISTRY_COLUMNS];
		MemoryContext old;

		for (i = 0; i < REGISTRY_COLUMNS; i++)
			values[i] = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
									  i + 1, &nulls[i]);
		if (nulls[0] || nulls[2])
			continue;
		old = MemoryContextSwitchTo(caller);
		sources = lappend(sources, source_from_values(values, nulls, schema));
		MemoryContextSwitchTo(old);
	}
	SPI_finish();
	return sources;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(((CrmTimelineSource *) lfirst(a))->name,
				  ((CrmTimelineSource *) lfirst(b))->name);
}

static void
check_names_differ(List *sources)
{
	const char *previous = NULL;
	ListCell   *cell;

	foreach(cell, sources)
	{
		const CrmTimelineSource *source = lfirst(cell);

		if (previous != NULL && strcmp(previous, source->name) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("the timeline has two sources \"%s\"", source->name)));
		previous = source->name;
	}
}

/* The sources, in the order of their names as bytes. */
List *
crm_read_timeline_sources(Oid registry_oid, const char *schema, Snapshot snapshot)
{
	Relation	registry = table_open(registry_oid, AccessShareLock);
	AttrNumber	columns[REGISTRY_COLUMNS];
	TupleTableSlot *slot;
	TableScanDesc scan;
	List	   *sources = NIL;
	int			i;

	find_registry_columns(registry, columns);
	slot = table_slot_create(registry, NULL);
	scan = table_beginscan(registry, snapshot, 0, NULL);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		Datum		values[REGISTRY_COLUMNS];
		bool		nulls[REGISTRY_COLUMNS];

		for (i = 0; i < REGISTRY_COLUMNS; i++)
			values[i] = slot_getattr(slot, columns[i], &nulls[i]);
		if (!nulls[0] && !nulls[2])
			sources = lappend(sources, source_from_values(values, nulls, schema));
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	if (sources == NIL)
		sources = query_sources(registry, schema);
	table_close(registry, NoLock);
	list_sort(sources, compare_names);
	check_names_differ(sources);
	return sources;
}

/* ----------
 * relations with the timeline's columns
 * ----------
 */

static bool
is_integer(Oid type)
{
	return type == INT8OID || type == INT4OID || type == INT2OID;
}

/* Strings and enums, which a timeline shows as text. */
static bool
is_word(Oid type)
{
	char		category;
	bool		preferred;

	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING || category == TYPCATEGORY_ENUM;
}

static bool
type_fits(CrmEventColumn column, Oid type)
{
	switch (column)
	{
		case CRM_EVENT_OCCURRED_AT:
			return type == TIMESTAMPTZOID;
		case CRM_EVENT_CONTACT_ID:
		case CRM_EVENT_COMPANY_ID:
		case CRM_EVENT_DEAL_ID:
			return is_integer(type);
		case CRM_EVENT_SOURCE_ID:
			return is_integer(type) || type == UUIDOID || type == TEXTOID ||
				type == VARCHAROID;
		case CRM_EVENT_DETAILS:
			return type == JSONBOID || type == JSONOID;
		default:
			return is_word(type);
	}
}

static bool
has_not_null(Oid relation, AttrNumber column)
{
	HeapTuple	tuple = SearchSysCache2(ATTNUM, ObjectIdGetDatum(relation),
										Int16GetDatum(column));
	bool		result = false;

	if (HeapTupleIsValid(tuple))
	{
		result = ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull;
		ReleaseSysCache(tuple);
	}
	return result;
}

/*
 * Finds the columns of a relation by their names.  Returns what is wrong with
 * it, or NULL.
 */
char *
crm_describe_event_relation(Oid relation, CrmEventRelation *described)
{
	char		kind = get_rel_relkind(relation);
	int			i;

	memset(described, 0, sizeof(CrmEventRelation));
	if (kind != RELKIND_RELATION && kind != RELKIND_VIEW && kind != RELKIND_MATVIEW &&
		kind != RELKIND_PARTITIONED_TABLE && kind != RELKIND_FOREIGN_TABLE)
		return pstrdup("it is neither a table nor a view");
	described->relation = relation;
	described->name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relation)),
												 get_rel_name(relation));
	for (i = 0; i < CRM_NUM_EVENT_COLUMNS; i++)
	{
		const char *name = crm_event_columns[i].name;
		AttrNumber	column = get_attnum(relation, name);
		Oid			type = column > 0 ? get_atttype(relation, column) : InvalidOid;

		if (OidIsValid(type) && !type_fits((CrmEventColumn) i, type))
			return psprintf("column \"%s\" has type %s, which does not fit %s",
							name, format_type_be(type), crm_event_columns[i].type);
		described->types[i] = type;
		if (i == CRM_EVENT_OCCURRED_AT)
			described->may_lack_time = !has_not_null(relation, column);
	}
	if (!OidIsValid(described->types[CRM_EVENT_OCCURRED_AT]))
		return pstrdup("it has no column \"occurred_at\"");
	if (!OidIsValid(described->types[CRM_EVENT_SOURCE_ID]))
		return pstrdup("it has no column \"source_id\"");
	described->key_type = is_integer(described->types[CRM_EVENT_SOURCE_ID]) ? CRM_KEY_INTEGER :
		described->types[CRM_EVENT_SOURCE_ID] == UUIDOID ? CRM_KEY_UUID : CRM_KEY_TEXT;
	return NULL;
}

/* A view's column keeps its collation for ever: it is the default one. */
#define AS_TEXT "::pg_catalog.text COLLATE pg_catalog.\"default\""

/* A column of the relation in the timeline's type, NULL if it has none. */
void
crm_append_event_column(StringInfo sql, const CrmEventRelation *relation,
						const char *alias, CrmEventColumn column)
{
	const char *type = crm_event_columns[column].type;
	Oid			present = relation->types[column];

	if (!OidIsValid(present))
		appendStringInfo(sql, "NULL::pg_catalog.%s", strcmp(type, "bigint") == 0 ? "int8" : type);
	else
		appendStringInfo(sql, "%s.%s%s", alias, crm_event_columns[column].name,
						 present == INT8OID || present == JSONBOID || present == TIMESTAMPTZOID ? "" :
						 is_integer(present) ? "::pg_catalog.int8" :
						 present == JSONOID ? "::pg_catalog.jsonb" : AS_TEXT);
}

/*
 * Describes the relation of a source, unless it is the CRM's own table.  Returns
 * why the source cannot be read as it was added, or NULL.
 */
char *
crm_describe_source(const CrmTimelineSource *source, CrmEventRelation *described)
{
	Oid			namespace = get_namespace_oid(source->relation_schema, true);
	Oid			relation = OidIsValid(namespace) ?
		get_relname_relid(source->relation_name, namespace) : InvalidOid;
	char	   *problem;
	ListCell   *cell;

	memset(described, 0, sizeof(CrmEventRelation));
	if (!OidIsValid(relation))
		return pstrdup("it does not exist");
	if (source->is_builtin)
		return NULL;
	problem = crm_describe_event_relation(relation, described);
	if (problem != NULL)
		return problem;
	foreach(cell, source->columns)
		if (get_attnum(relation, lfirst(cell)) == InvalidAttrNumber)
			return psprintf("it has no column \"%s\" any more", (char *) lfirst(cell));
	return NULL;
}

/* ----------
 * the view
 * ----------
 */

/* The branch of one of the CRM's own tables, with the key of its events or not. */
char *
crm_builtin_branch(const CrmTimelineSource *source, bool with_key)
{
	CrmDdlVariables variables = {.schema = source->relation_schema,
	.with_event_key = with_key};

	return crm_ddl_timeline_branch(&variables, source->name);
}

/* The branch of a relation of the user's, as the view has it. */
static char *
relation_branch(const CrmTimelineSource *source)
{
	CrmEventRelation relation;
	StringInfoData sql;
	int			i;

	(void) crm_describe_source(source, &relation);
	initStringInfo(&sql);
	appendStringInfoString(&sql, "\tSELECT ");
	for (i = 0; i < CRM_NUM_EVENT_COLUMNS; i++)
	{
		if (i > 0)
			appendStringInfoString(&sql, ",\n\t\t");
		if (i == CRM_EVENT_SOURCE)
			appendStringInfo(&sql, "%s::text", quote_literal_cstr(source->name));
		else if (i == CRM_EVENT_SOURCE_ID)
			appendStringInfoString(&sql, "s.source_id" AS_TEXT);
		else if (i == CRM_EVENT_KIND && !OidIsValid(relation.types[i]))
			appendStringInfo(&sql, "%s::text", quote_literal_cstr(source->name));
		else
			crm_append_event_column(&sql, &relation, "s", (CrmEventColumn) i);
		appendStringInfo(&sql, " AS %s", crm_event_columns[i].name);
	}
	appendStringInfo(&sql, "\n\tFROM %s AS s\n", relation.name);
	return sql.data;
}

/* The options of the view as it is, else those of a new one. */
static char *
view_options(const char *schema)
{
	Oid			namespace = get_namespace_oid(schema, true);
	Oid			view = OidIsValid(namespace) ? get_relname_relid("timeline", namespace) : InvalidOid;
	HeapTuple	tuple = OidIsValid(view) ? SearchSysCache1(RELOID, ObjectIdGetDatum(view)) : NULL;
	StringInfoData options;
	Datum	   *words;
	int			count;
	int			i;
	bool		is_null = true;
	Datum		array = (Datum) 0;

	if (!HeapTupleIsValid(tuple))
		return pstrdup("security_invoker = true");
	initStringInfo(&options);
	array = SysCacheGetAttr(RELOID, tuple, Anum_pg_class_reloptions, &is_null);
	if (!is_null)
	{
		deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
						  &words, NULL, &count);
		for (i = 0; i < count; i++)
		{
			char	   *word = TextDatumGetCString(words[i]);
			char	   *value = strchr(word, '=');

			*value = '\0';
			appendStringInfo(&options, "%s%s = %s", options.len > 0 ? ", " : "",
							 quote_identifier(word), quote_literal_cstr(value + 1));
		}
	}
	ReleaseSysCache(tuple);
	return options.data;
}

/* Raises an error that lists every source that cannot be read. */
void
crm_check_timeline_sources(const char *schema, List *sources)
{
	StringInfoData problems;
	ListCell   *cell;

	initStringInfo(&problems);
	foreach(cell, sources)
	{
		const CrmTimelineSource *source = lfirst(cell);
		CrmEventRelation described;
		char	   *problem = crm_describe_source(source, &described);

		if (problem != NULL)
			appendStringInfo(&problems, "%sSource \"%s\" reads %s: %s.",
							 problems.len > 0 ? "\n" : "", source->name,
							 quote_qualified_identifier(source->relation_schema,
														source->relation_name),
							 problem);
	}
	if (problems.len > 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the timeline of schema \"%s\" has sources that cannot be read", schema),
				 errdetail_internal("%s", problems.data),
				 errhint("Restore them, or remove them with crm.remove_timeline_source.")));
}

/* The sources as the newest snapshot has them, this command's changes included. */
List *
crm_newest_timeline_sources(Oid registry, const char *schema)
{
	List	   *sources;

	CommandCounterIncrement();
	PushActiveSnapshot(GetLatestSnapshot());
	sources = crm_read_timeline_sources(registry, schema, GetActiveSnapshot());
	PopActiveSnapshot();
	return sources;
}

/*
 * Reads the sources of a CRM that exists, for the view; an older one reads its
 * own tables.  The caller holds the CRM for maintenance.
 */
void
crm_read_own_timeline(CrmDdlVariables *variables)
{
	Oid			registry;

	if (variables->is_matching_only)
		return;
	registry = crm_find_timeline_sources(variables->schema);
	if (!OidIsValid(registry))
		return;
	variables->timeline_sources = crm_newest_timeline_sources(registry, variables->schema);
	variables->has_sources = true;
	crm_check_timeline_sources(variables->schema, variables->timeline_sources);
}

/* Without any source the view is empty. */
static void
append_no_branch(StringInfo sql)
{
	int			i;

	appendStringInfoString(sql, "\tSELECT ");
	for (i = 0; i < CRM_NUM_EVENT_COLUMNS; i++)
		appendStringInfo(sql, "%sNULL::%s AS %s", i > 0 ? ", " : "",
						 crm_event_columns[i].type, crm_event_columns[i].name);
	appendStringInfoString(sql, "\n\tWHERE false\n");
}

/* The statement that makes the view. */
char *
crm_timeline_view_sql(const char *schema, List *sources)
{
	StringInfoData sql;
	char	   *options = view_options(schema);
	ListCell   *cell;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE VIEW %s.timeline%s%s%s AS\n", quote_identifier(schema),
					 options[0] != '\0' ? " WITH (" : "", options,
					 options[0] != '\0' ? ")" : "");
	foreach(cell, sources)
	{
		const CrmTimelineSource *source = lfirst(cell);

		appendStringInfo(&sql, "%s%s", foreach_current_index(cell) > 0 ? "\tUNION ALL\n" : "",
						 source->is_builtin ? crm_builtin_branch(source, false) :
						 relation_branch(source));
	}
	if (sources == NIL)
		append_no_branch(&sql);
	sql.data[--sql.len] = '\0';
	appendStringInfoString(&sql, ";\n");
	return sql.data;
}
