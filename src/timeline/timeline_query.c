/*
 * timeline_query.c
 *		The statement that reads a page of a timeline.
 *
 * One statement for a contact, a company or a deal, whatever the page:
 *
 *		(SELECT ... FROM source WHERE contact_id = $1
 *			AND (occurred_at, key) < ($7, $8)
 *			ORDER BY occurred_at DESC, key DESC LIMIT $2)
 *		UNION ALL ... ORDER BY 1 DESC
 *
 * Each source is read backwards from its own place through its own index, and
 * merged as far as the page needs it.  That the timeline's order is by time,
 * source and key shows in each source's place: (time, key), (time + 1, least)
 * or (time, least), as its name comes (see timeline_page.c).  So a page inside
 * ten thousand events of one instant costs no more than any other.
 *
 * The statement orders by time alone; events of one instant are put in order
 * by whoever reads them.  Events without a time are another statement, needed
 * only at the end of the history of sources that may have some.
 *
 * Everything is named with its schema.  Memory: all in the caller's context.
 */
#include "timeline/timeline_query.h"

#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* A source as the statement reads it. */
typedef struct Branch
{
	const CrmTimelineSource *source;
	CrmEventRelation relation;	/* unless the source is the CRM's own table */
	int			number;
	CrmTimelineOf path;			/* which column of the source is compared */
	bool		of_company;		/* with a company's contacts or deals */
	bool		no_time;
	bool		with_kinds;
} Branch;

/* ----------
 * one source
 * ----------
 */

static bool
has_kind(const CrmTimelineSource *source, List *kinds)
{
	ListCell   *cell;
	ListCell   *own;

	if (!source->kinds_are_known)
		return true;
	foreach(cell, kinds)
		foreach(own, source->kinds)
			if (strcmp(lfirst(cell), lfirst(own)) == 0)
				return true;
	return false;
}

/* Whether events of a source have the column. */
static bool
has_key_column(const Branch *branch, CrmTimelineOf column)
{
	const char *name = branch->source->name;

	if (!branch->source->is_builtin)
		return OidIsValid(branch->relation.types[CRM_EVENT_CONTACT_ID + (int) column]);
	switch (column)
	{
		case CRM_TIMELINE_OF_CONTACT:
			return strcmp(name, "companies") != 0;
		case CRM_TIMELINE_OF_COMPANY:
			return strcmp(name, "emails") != 0;
		default:
			return strcmp(name, "companies") != 0 && strcmp(name, "contacts") != 0;
	}
}

/* The key as it is compared and sorted. */
static const char *
key_expression(const Branch *branch)
{
	if (branch->source->is_builtin)
		return "s.event_key";
	return branch->relation.key_type == CRM_KEY_TEXT ?
		"s.source_id::pg_catalog.text COLLATE pg_catalog.\"C\"" : "s.source_id";
}

static void
append_builtin_columns(StringInfo sql)
{
	appendStringInfoString(sql,
						   "NULL::pg_catalog.text, s.event_key, NULL::pg_catalog.text,"
						   " s.kind, s.title, s.description, s.contact_id, s.company_id,"
						   " s.deal_id, s.actor, s.direction, s.details");
}

static void
append_relation_columns(StringInfo sql, const CrmEventRelation *relation,
						const char *source)
{
	static const CrmEventColumn columns[] = {
		CRM_EVENT_TITLE, CRM_EVENT_DESCRIPTION, CRM_EVENT_CONTACT_ID,
		CRM_EVENT_COMPANY_ID, CRM_EVENT_DEAL_ID, CRM_EVENT_ACTOR,
		CRM_EVENT_DIRECTION, CRM_EVENT_DETAILS
	};
	int			i;

	/* of a CRM, the name that the source was added under */
	if (source != NULL)
		appendStringInfoString(sql, "NULL::pg_catalog.text");
	else
		crm_append_event_column(sql, relation, "s", CRM_EVENT_SOURCE);
	appendStringInfoString(sql, relation->key_type == CRM_KEY_INTEGER ?
						   ", s.source_id::pg_catalog.int8, NULL::pg_catalog.text, " :
						   ", NULL::pg_catalog.int8, s.source_id::pg_catalog.text COLLATE pg_catalog.\"C\", ");
	if (OidIsValid(relation->types[CRM_EVENT_KIND]) || source == NULL)
		crm_append_event_column(sql, relation, "s", CRM_EVENT_KIND);
	else
		appendStringInfo(sql, "%s::pg_catalog.text", quote_literal_cstr(source));
	for (i = 0; i < (int) lengthof(columns); i++)
	{
		appendStringInfoString(sql, ", ");
		crm_append_event_column(sql, relation, "s", columns[i]);
	}
}

static void
append_from(StringInfo sql, const Branch *branch)
{
	if (branch->source->is_builtin)
		appendStringInfo(sql, " FROM (%s) AS s", crm_builtin_branch(branch->source, true));
	else
		appendStringInfo(sql, " FROM %s AS s", branch->relation.name);
}

/* Events after the source's place, and of the kinds. */
static void
append_bounds(StringInfo sql, const Branch *branch)
{
	int			time = CRM_PARAM_SOURCES + 2 * branch->number + 1;
	const char *key = key_expression(branch);

	if (branch->no_time)
		appendStringInfo(sql, " AND s.occurred_at IS NULL"
						 " AND ($%d IS NULL OR %s OPERATOR(pg_catalog.<) $%d)",
						 time, key, time + 1);
	else
		appendStringInfo(sql, " AND ROW(s.occurred_at, %s) OPERATOR(pg_catalog.<) ROW($%d, $%d)",
						 key, time, time + 1);
	if (!branch->with_kinds)
		return;
	if (branch->source->is_builtin || OidIsValid(branch->relation.types[CRM_EVENT_KIND]))
		appendStringInfo(sql, " AND s.kind::pg_catalog.text OPERATOR(pg_catalog.=) ANY ($%d)",
						 CRM_PARAM_KINDS + 1);
	else
		appendStringInfo(sql, " AND %s::pg_catalog.text OPERATOR(pg_catalog.=) ANY ($%d)",
						 quote_literal_cstr(branch->source->name), CRM_PARAM_KINDS + 1);
}

static void
append_page(StringInfo sql, const Branch *branch, const char *compared_with)
{
	appendStringInfo(sql, "SELECT s.occurred_at, %d, ", branch->number);
	if (branch->source->is_builtin)
		append_builtin_columns(sql);
	else
		append_relation_columns(sql, &branch->relation, branch->source->name);
	append_from(sql, branch);
	appendStringInfo(sql, " WHERE s.%s OPERATOR(pg_catalog.=) %s",
					 crm_event_columns[CRM_EVENT_CONTACT_ID + (int) branch->path].name,
					 compared_with);
	append_bounds(sql, branch);
	appendStringInfo(sql, " ORDER BY s.occurred_at DESC, %s DESC LIMIT $%d",
					 key_expression(branch), CRM_PARAM_LIMIT + 1);
}

/* Adds one way to the events of a source to the statement. */
static void
append_branch(StringInfo sql, const Branch *branch)
{
	appendStringInfoString(sql, sql->len > 0 ? " UNION ALL (" : "(");
	if (branch->of_company && branch->path != CRM_TIMELINE_OF_COMPANY)
	{
		/* a page of each of the company's contacts or deals */
		appendStringInfo(sql, "SELECT e.* FROM pg_catalog.unnest($%d) AS k (id) CROSS JOIN LATERAL (",
						 branch->path == CRM_TIMELINE_OF_CONTACT ?
						 CRM_PARAM_CONTACTS + 1 : CRM_PARAM_DEALS + 1);
		append_page(sql, branch, "k.id");
		appendStringInfo(sql, ") AS e ORDER BY 1 DESC, 4 DESC, 5 DESC LIMIT $%d",
						 CRM_PARAM_LIMIT + 1);
	}
	else
		append_page(sql, branch, psprintf("$%d", CRM_PARAM_KEY + 1));
	appendStringInfoChar(sql, ')');
}

/* ----------
 * the statement
 * ----------
 */

static Oid
type_of_key(CrmEventKeyType type)
{
	return type == CRM_KEY_INTEGER ? INT8OID : type == CRM_KEY_UUID ? UUIDOID : TEXTOID;
}

static CrmTimelineQuery *
start_query(int num_sources, Oid key_type)
{
	CrmTimelineQuery *query = palloc0(sizeof(CrmTimelineQuery));

	query->sources = palloc0(Max(num_sources, 1) * sizeof(CrmQuerySource));
	query->types = palloc0((CRM_PARAM_SOURCES + 2 * num_sources) * sizeof(Oid));
	query->types[CRM_PARAM_KEY] = key_type;
	query->types[CRM_PARAM_LIMIT] = INT8OID;
	query->types[CRM_PARAM_KINDS] = TEXTARRAYOID;
	query->types[CRM_PARAM_CONTACTS] = INT8ARRAYOID;
	query->types[CRM_PARAM_DEALS] = INT8ARRAYOID;
	query->types[CRM_PARAM_NO_LIMIT] = INT8OID;
	return query;
}

static void
add_query_source(CrmTimelineQuery *query, const char *name, CrmEventKeyType key_type)
{
	int			number = query->num_sources++;
	Oid		   *types = &query->types[CRM_PARAM_SOURCES + 2 * number];

	query->sources[number].name = pstrdup(name);
	query->sources[number].key_type = key_type;
	types[0] = TIMESTAMPTZOID;
	types[1] = type_of_key(key_type);
}

/* A copy in the present context. */
CrmTimelineQuery *
crm_copy_timeline_query(const CrmTimelineQuery *query)
{
	CrmTimelineQuery *copy = start_query(query->num_sources, query->types[CRM_PARAM_KEY]);
	int			i;

	for (i = 0; i < query->num_sources; i++)
		add_query_source(copy, query->sources[i].name, query->sources[i].key_type);
	copy->compares_time_alone = query->compares_time_alone;
	copy->sql = query->sql != NULL ? pstrdup(query->sql) : NULL;
	copy->no_time_sql = query->no_time_sql != NULL ? pstrdup(query->no_time_sql) : NULL;
	return copy;
}

/* Adds every way from whose timeline it is to the events of a source. */
static void
append_source(StringInfo sql, Branch *branch, CrmTimelineOf of)
{
	branch->of_company = of == CRM_TIMELINE_OF_COMPANY;
	for (branch->path = CRM_TIMELINE_OF_CONTACT; branch->path <= CRM_TIMELINE_OF_DEAL;
		 branch->path++)
	{
		if (!has_key_column(branch, branch->path) ||
			(of != CRM_TIMELINE_OF_COMPANY && branch->path != of))
			continue;
		/* what a company's contacts are is known: their rows say so themselves */
		if (branch->of_company && branch->path == CRM_TIMELINE_OF_CONTACT &&
			branch->source->is_builtin && strcmp(branch->source->name, "contacts") == 0)
			continue;
		append_branch(sql, branch);
	}
}

/* All of it in the order of time; NULL if there is nothing to read. */
static char *
finish(StringInfo branches)
{
	if (branches->len == 0)
		return NULL;
	/* the reader stops; the limit makes the planner prefer what starts fast */
	return psprintf("SELECT * FROM (%s) AS e ORDER BY 1 DESC LIMIT $%d",
					branches->data, CRM_PARAM_NO_LIMIT + 1);
}

pg_noreturn static void report_problem(const CrmTimelineSource *source, const char *problem);

static void
report_problem(const CrmTimelineSource *source, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("timeline source \"%s\" cannot be read", source->name),
			 errdetail("It reads %s: %s.",
					   quote_qualified_identifier(source->relation_schema,
												  source->relation_name), problem),
			 errhint("Restore it, or have the owner call crm.remove_timeline_source.")));
}

static void
describe_source(Branch *branch)
{
	const CrmTimelineSource *source = branch->source;
	char	   *problem = crm_describe_source(source, &branch->relation);

	if (problem != NULL)
		report_problem(source, problem);
}

/*
 * The statement for a CRM's sources; of some kinds only, or of all if kinds is
 * NIL.
 */
CrmTimelineQuery *
crm_make_timeline_query(List *sources, CrmTimelineOf of, List *kinds)
{
	CrmTimelineQuery *query = start_query(list_length(sources), INT8OID);
	StringInfoData sql;
	StringInfoData no_time_sql;
	ListCell   *cell;

	initStringInfo(&sql);
	initStringInfo(&no_time_sql);
	foreach(cell, sources)
	{
		Branch		branch = {.source = lfirst(cell), .with_kinds = kinds != NIL};

		describe_source(&branch);
		if (kinds != NIL && !has_kind(branch.source, kinds))
			continue;
		branch.number = query->num_sources;
		add_query_source(query, branch.source->name, branch.relation.key_type);
		append_source(&sql, &branch, of);
		branch.no_time = true;
		if (branch.relation.may_lack_time)
			append_source(&no_time_sql, &branch, of);
	}
	query->sql = finish(&sql);
	query->no_time_sql = finish(&no_time_sql);
	return query;
}

/* The statement for one source, by one of its columns. */
CrmTimelineQuery *
crm_make_timeline_query_by(const CrmTimelineSource *source, CrmTimelineOf column)
{
	CrmTimelineQuery *query = start_query(1, INT8OID);
	Branch		branch = {.source = source, .path = column};
	StringInfoData sql;

	describe_source(&branch);
	add_query_source(query, source->name, branch.relation.key_type);
	initStringInfo(&sql);
	append_branch(&sql, &branch);
	query->sql = finish(&sql);
	return query;
}

/* ----------
 * any relation
 * ----------
 */

/* The operator that is the type's own equality, named with its schema. */
static char *
equality_of(Oid type)
{
	TypeCacheEntry *entry = lookup_type_cache(type, TYPECACHE_EQ_OPR);
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(entry->eq_opr));
	Form_pg_operator operator;
	char	   *name;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an equality operator for type %s",
						format_type_be(type))));
	operator = (Form_pg_operator) GETSTRUCT(tuple);
	name = psprintf("OPERATOR(%s.%s)",
					quote_identifier(get_namespace_name(operator->oprnamespace)),
					NameStr(operator->oprname));
	ReleaseSysCache(tuple);
	return name;
}

static void
append_relation_statement(StringInfo sql, const CrmEventRelation *relation,
						  const char *key_column, Oid key_type, bool with_kinds,
						  bool no_time)
{
	int			time = CRM_PARAM_SOURCES + 1;

	appendStringInfoString(sql, "SELECT s.occurred_at, 0, ");
	append_relation_columns(sql, relation, NULL);
	appendStringInfo(sql, " FROM %s AS s WHERE s.%s %s $%d", relation->name,
					 quote_identifier(key_column), equality_of(key_type),
					 CRM_PARAM_KEY + 1);
	if (no_time)
		appendStringInfoString(sql, " AND s.occurred_at IS NULL");
	else
		appendStringInfo(sql, " AND s.occurred_at OPERATOR(pg_catalog.<=) $%d", time);
	if (with_kinds)
	{
		appendStringInfoString(sql, " AND ");
		crm_append_event_column(sql, relation, "s", CRM_EVENT_KIND);
		appendStringInfo(sql, " OPERATOR(pg_catalog.=) ANY ($%d)", CRM_PARAM_KINDS + 1);
	}
}

/*
 * The statement for a relation that is not a CRM's, by a column of any type.
 * It may hold several sources, so the place within an instant is left to
 * whoever reads the rows.
 */
CrmTimelineQuery *
crm_make_relation_query(const CrmEventRelation *relation, const char *key_column,
						Oid key_type, bool with_kinds)
{
	CrmTimelineQuery *query = start_query(1, key_type);
	StringInfoData sql;
	StringInfoData no_time_sql;

	query->compares_time_alone = true;
	add_query_source(query, get_rel_name(relation->relation), relation->key_type);
	initStringInfo(&sql);
	append_relation_statement(&sql, relation, key_column, key_type, with_kinds, false);
	query->sql = finish(&sql);
	if (!relation->may_lack_time)
		return query;
	initStringInfo(&no_time_sql);
	append_relation_statement(&no_time_sql, relation, key_column, key_type, with_kinds, true);
	query->no_time_sql = no_time_sql.data;
	return query;
}
