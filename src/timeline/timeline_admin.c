/*
 * timeline_admin.c
 *		Sources of the user's own: adding and removing them.
 *
 * For the owner of the CRM, and done as the owner (crm_maintenance.c), like all
 * that changes one.  The view timeline is made again at once; the functions
 * read the sources by themselves.
 */
#include "crm.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "nodes/plannodes.h"
#include "optimizer/optimizer.h"
#include "rewrite/rewriteHandler.h"
#include "rewrite/rewriteManip.h"
#include "tables/crm_schema.h"
#include "timeline/timeline_query.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"

/* ----------
 * the view
 * ----------
 */

/* The table of sources; an error if the CRM is too old to have one. */
static Oid
get_registry(const char *schema, const CrmMaintenance *work)
{
	Oid			registry = crm_find_timeline_sources(schema);

	if (work->is_matching_only)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" has the matching part of a CRM, which has no timeline", schema)));
	if (!OidIsValid(registry))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the CRM in schema \"%s\" has no table \"timeline_sources\"", schema),
				 errhint("crm.upgrade_tables(%s) makes it.", quote_literal_cstr(schema))));
	return registry;
}

/* The view can be replaced only if it has no more columns than it had. */
static void
check_view(const char *schema)
{
	Oid			view = get_relname_relid("timeline", get_namespace_oid(schema, false));
	Relation	relation;
	int			columns;

	if (!OidIsValid(view))
		return;
	if (get_rel_relkind(view) != RELKIND_VIEW)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation \"timeline\" of schema \"%s\" is not a view", schema),
				 errhint("Rename it: the CRM needs the name.")));
	relation = relation_open(view, AccessShareLock);
	columns = RelationGetNumberOfAttributes(relation);
	relation_close(relation, NoLock);
	if (columns > CRM_NUM_EVENT_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TABLE_DEFINITION),
				 errmsg("view \"timeline\" of schema \"%s\" has columns of your own", schema),
				 errdetail("It has %d columns instead of %d; a view never loses columns.",
						   columns, CRM_NUM_EVENT_COLUMNS),
				 errhint("Drop the view, call crm.rebuild_timeline(%s), and put the columns into a view of your own on top of it.",
						 quote_literal_cstr(schema))));
}

/* Makes the view from the sources as they are now. */
static void
make_view(const char *schema)
{
	CrmDdlVariables variables = {.schema = schema};

	check_view(schema);
	crm_read_own_timeline(&variables);
	crm_ddl_run(crm_ddl_timeline_view(&variables, true));

	/* a source that itself reads the timeline is found by the rewriter */
	SPI_connect();
	if (SPI_prepare(psprintf("SELECT FROM %s",
							 quote_qualified_identifier(schema, "timeline")), 0, NULL) == NULL)
		elog(ERROR, "could not prepare a query of the timeline");
	SPI_finish();
}

PG_FUNCTION_INFO_V1(crm_rebuild_timeline);
Datum
crm_rebuild_timeline(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	CrmMaintenance work;

	crm_begin_maintenance(schema, &work);
	(void) get_registry(schema, &work);
	make_view(schema);
	crm_end_maintenance(&work);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("view %s was made again",
											  quote_qualified_identifier(schema, "timeline"))));
}

/* ----------
 * indexes
 * ----------
 */

static bool
has_sort(Plan *plan)
{
	if (plan == NULL)
		return false;
	if (IsA(plan, Sort))
		return true;
	if (IsA(plan, SubqueryScan) && has_sort(((SubqueryScan *) plan)->subplan))
		return true;
	if (IsA(plan, Append) || IsA(plan, MergeAppend))
	{
		List	   *children = IsA(plan, Append) ? ((Append *) plan)->appendplans :
			((MergeAppend *) plan)->mergeplans;
		ListCell   *cell;

		foreach(cell, children)
			if (has_sort(lfirst(cell)))
				return true;
	}
	return has_sort(outerPlan(plan)) || has_sort(innerPlan(plan));
}

/* Whether the planner finds the order in an index, if it is made to look. */
static bool
index_serves(const CrmTimelineQuery *query)
{
	int			nest_level = NewGUCNestLevel();
	SPIPlanPtr	plan;
	CachedPlan *cached;
	bool		served;

	(void) set_config_option("enable_sort", "off", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	SPI_connect();
	plan = SPI_prepare_cursor(query->sql, CRM_NUM_PARAMS(query), query->types,
							  CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "could not prepare \"%s\"", query->sql);
	cached = SPI_plan_get_cached_plan(plan);
	served = !has_sort(linitial_node(PlannedStmt, cached->stmt_list)->planTree);
	/* an unsaved plan has no resource owner */
	ReleaseCachedPlan(cached, NULL);
	SPI_finish();
	AtEOXact_GUC(false, nest_level);
	return served;
}

/* Whether a view reads one relation and does nothing but name its rows' values. */
static bool
is_simple(const Query *query)
{
	return list_length(query->jointree->fromlist) == 1 &&
		IsA(linitial(query->jointree->fromlist), RangeTblRef) &&
		query->setOperations == NULL && query->groupClause == NIL &&
		query->distinctClause == NIL && query->limitCount == NULL &&
		!query->hasAggs && !query->hasWindowFuncs && !query->hasTargetSRFs &&
		!query->hasSubLinks;
}

/* The relation and the expression behind a column of a view over one table. */
static char *
indexed_expression(Oid relation, const char *column, Oid *table)
{
	Relation	view;
	Query	   *query;
	ListCell   *cell;
	char	   *expression = NULL;

	*table = relation;
	if (get_rel_relkind(relation) != RELKIND_VIEW)
		return pstrdup(quote_identifier(column));
	view = relation_open(relation, AccessShareLock);
	query = get_view_query(view);
	if (is_simple(query))
	{
		int			number = ((RangeTblRef *) linitial(query->jointree->fromlist))->rtindex;
		RangeTblEntry *entry = list_nth(query->rtable, number - 1);

		foreach(cell, query->targetList)
		{
			TargetEntry *target = lfirst_node(TargetEntry, cell);
			Node	   *node = (Node *) copyObject(target->expr);

			if (entry->rtekind != RTE_RELATION || get_rel_relkind(entry->relid) == RELKIND_VIEW ||
				target->resname == NULL || strcmp(target->resname, column) != 0 ||
				contain_mutable_functions(node))
				continue;
			ChangeVarNodes(node, number, 1, 0);
			*table = entry->relid;
			expression = deparse_expression(node,
											deparse_context_for(get_rel_name(entry->relid), entry->relid),
											false, false);
			if (!IsA(node, Var))
				expression = psprintf("(%s)", expression);
		}
	}
	relation_close(view, NoLock);
	return expression;
}

/* The statement that makes the index, NULL if the relation is not so simple. */
static char *
index_statement(const CrmEventRelation *relation, const char *key_column)
{
	Oid			table;
	char	   *key = indexed_expression(relation->relation, key_column, &table);
	char	   *time = indexed_expression(relation->relation, "occurred_at", &table);
	char	   *id = indexed_expression(relation->relation, "source_id", &table);

	if (key == NULL || time == NULL || id == NULL)
		return NULL;
	return psprintf("CREATE INDEX ON %s (%s, %s, %s%s)",
					quote_qualified_identifier(get_namespace_name(get_rel_namespace(table)),
											   get_rel_name(table)),
					key, time, id,
					relation->key_type == CRM_KEY_TEXT ? " COLLATE \"C\"" : "");
}

/* Warns of each way to a source's events that no index serves. */
static void
report_missing_indexes(CrmTimelineSource *source)
{
	CrmEventRelation relation;
	int			of;

	(void) crm_describe_source(source, &relation);
	for (of = CRM_TIMELINE_OF_CONTACT; of <= CRM_TIMELINE_OF_DEAL; of++)
	{
		const char *key_column = crm_event_columns[CRM_EVENT_CONTACT_ID + of].name;
		char	   *statement;

		if (!OidIsValid(relation.types[CRM_EVENT_CONTACT_ID + of]) ||
			index_serves(crm_make_timeline_query_by(source, (CrmTimelineOf) of)))
			continue;
		statement = index_statement(&relation, key_column);
		ereport(WARNING,
				(errmsg("no index serves the events of source \"%s\" by %s", source->name,
						key_column),
				 errdetail("Every page would read and sort all of them."),
				 statement != NULL ? errhint("%s;", statement) :
				 errhint("Make an index on what stands for (%s, occurred_at, source_id) below the view.",
						 key_column)));
	}
}

/* ----------
 * adding and removing
 * ----------
 */

static void
check_is_new(List *sources, const char *name)
{
	ListCell   *cell;

	foreach(cell, sources)
		if (strcmp(((CrmTimelineSource *) lfirst(cell))->name, name) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("the timeline has a source \"%s\" already", name),
					 errhint("Choose another name, or remove that one first with crm.remove_timeline_source.")));
}

/* What the relation's name is in timeline_sources; an error if it cannot be one. */
static CrmTimelineSource *
source_to_add(const char *schema, const char *name, Oid relation)
{
	CrmTimelineSource *source = palloc0(sizeof(CrmTimelineSource));

	if (name[0] == '\0' || strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("the name of a source must have 1 to %d bytes", NAMEDATALEN - 1)));
	if (get_rel_name(relation) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relation)));
	if (get_rel_persistence(relation) == RELPERSISTENCE_TEMP)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TABLE_DEFINITION),
				 errmsg("relation \"%s\" is temporary", get_rel_name(relation)),
				 errdetail("Other sessions would not find it.")));
	source->name = pstrdup(name);
	source->relation_schema = get_namespace_name(get_rel_namespace(relation));
	source->relation_name = get_rel_name(relation);
	crm_recognise_builtin(source, schema);
	return source;
}

/* Checks a relation of the user's, and notes which columns it has. */
static void
check_relation(CrmTimelineSource *source, Oid relation)
{
	CrmEventRelation described;
	char	   *problem = crm_describe_event_relation(relation, &described);
	int			i;

	if (problem == NULL && !OidIsValid(described.types[CRM_EVENT_CONTACT_ID]) &&
		!OidIsValid(described.types[CRM_EVENT_COMPANY_ID]) &&
		!OidIsValid(described.types[CRM_EVENT_DEAL_ID]))
		problem = "it has none of the columns contact_id, company_id and deal_id";
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation \"%s\" cannot be a source of the timeline",
						get_rel_name(relation)),
				 errdetail_internal("The reason is: %s.", problem),
				 errhint("Make a view that gives its columns the names and types of the timeline: occurred_at timestamptz, source_id, contact_id bigint, kind, title and so on.")));
	for (i = 0; i < CRM_NUM_EVENT_COLUMNS; i++)
		if (OidIsValid(described.types[i]))
			source->columns = lappend(source->columns, pstrdup(crm_event_columns[i].name));
}

static Datum
text_array(List *words)
{
	Datum	   *elements = palloc(Max(list_length(words), 1) * sizeof(Datum));
	ListCell   *cell;

	foreach(cell, words)
		elements[foreach_current_index(cell)] = CStringGetTextDatum(lfirst(cell));
	return PointerGetDatum(construct_array(elements, list_length(words), TEXTOID, -1,
										   false, TYPALIGN_INT));
}

static void
insert_source(Oid registry, const char *schema, const CrmTimelineSource *source,
			  Datum kinds, bool has_kinds)
{
	Oid			types[5] = {TEXTOID, TEXTOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID};
	Datum		values[5];
	char		nulls[5] = {' ', ' ', ' ', ' ', ' '};

	values[0] = CStringGetTextDatum(source->name);
	values[1] = CStringGetTextDatum(source->relation_schema);
	nulls[1] = strcmp(source->relation_schema, schema) == 0 ? 'n' : ' ';
	values[2] = CStringGetTextDatum(source->relation_name);
	values[3] = kinds;
	nulls[3] = has_kinds && !source->is_builtin ? ' ' : 'n';
	values[4] = text_array(source->columns);
	nulls[4] = source->is_builtin ? 'n' : ' ';

	SPI_connect();
	if (SPI_execute_with_args(psprintf("INSERT INTO %s (source, relation_schema, relation_name, kinds, columns)"
									   " VALUES ($1, $2, $3, pg_catalog.to_jsonb($4), pg_catalog.to_jsonb($5))",
									   quote_qualified_identifier(schema, get_rel_name(registry))),
							  5, types, values, nulls, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not add a source");
	SPI_finish();
}

PG_FUNCTION_INFO_V1(crm_add_timeline_source);
Datum
crm_add_timeline_source(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	char	   *name = crm_text_argument(fcinfo, 1, "source");
	CrmTimelineSource *source;
	CrmMaintenance work;
	Oid			registry;
	Oid			relation;

	crm_require_argument(fcinfo, 2, "relation");
	relation = PG_GETARG_OID(2);

	crm_begin_maintenance(schema, &work);
	registry = get_registry(schema, &work);
	check_is_new(crm_newest_timeline_sources(registry, schema), name);
	source = source_to_add(schema, name, relation);
	if (!source->is_builtin)
		check_relation(source, relation);
	if (!PG_ARGISNULL(3) && array_contains_nulls(PG_GETARG_ARRAYTYPE_P(3)))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("kinds must not contain null")));
	insert_source(registry, schema, source, PG_ARGISNULL(3) ? (Datum) 0 : PG_GETARG_DATUM(3),
				  !PG_ARGISNULL(3));
	make_view(schema);
	if (!source->is_builtin)
		report_missing_indexes(source);
	crm_end_maintenance(&work);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("source \"%s\" was added to the timeline of schema %s",
											  name, quote_identifier(schema))));
}

/* Says what still keeps the view from being made, and leaves it as it is. */
static bool
can_make_view(const char *schema, List *sources)
{
	ListCell   *cell;

	foreach(cell, sources)
	{
		const CrmTimelineSource *source = lfirst(cell);
		CrmEventRelation described;
		char	   *problem = crm_describe_source(source, &described);

		if (problem == NULL)
			continue;
		ereport(WARNING,
				(errmsg("the view \"timeline\" was not made again"),
				 errdetail("Source \"%s\" cannot be read: %s.", source->name, problem),
				 errhint("Restore it or remove it too, then call crm.rebuild_timeline(%s).",
						 quote_literal_cstr(schema))));
		return false;
	}
	return true;
}

PG_FUNCTION_INFO_V1(crm_remove_timeline_source);
Datum
crm_remove_timeline_source(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	char	   *name = crm_text_argument(fcinfo, 1, "source");
	Oid			type = TEXTOID;
	Datum		value = CStringGetTextDatum(name);
	CrmMaintenance work;
	Oid			registry;

	crm_begin_maintenance(schema, &work);
	registry = get_registry(schema, &work);
	SPI_connect();
	if (SPI_execute_with_args(psprintf("DELETE FROM %s WHERE source OPERATOR(pg_catalog.=) $1",
									   quote_qualified_identifier(schema, get_rel_name(registry))),
							  1, &type, &value, NULL, false, 0) != SPI_OK_DELETE)
		elog(ERROR, "could not remove a source");
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("the timeline has no source \"%s\"", name),
				 errhint("The sources are the rows of timeline_sources.")));
	SPI_finish();
	if (can_make_view(schema, crm_newest_timeline_sources(registry, schema)))
		make_view(schema);
	crm_end_maintenance(&work);
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("source \"%s\" was removed from the timeline of schema %s",
											  name, quote_identifier(schema))));
}
