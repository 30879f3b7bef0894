/*
 * timeline.c
 *		The timelines of contacts, companies and deals, a page at a time.
 *
 * All of it runs with the caller's rights, on the caller's snapshot; row-level
 * security and column privileges apply to every source.  The sources are the
 * choice of the CRM's owner (timeline_sources), who reads them is checked by
 * the server as for any query.
 */
#include "timeline/timeline.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "kept_plans.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "timeline/timeline_cache.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#define DEFAULT_MAX_EVENTS 50

/* What the planner is told at most: few histories are longer. */
#define MAX_ESTIMATED_EVENTS 10000

/* Contacts and deals of one company together. */
#define MAX_COMPANY_KEYS 10000

/* ----------
 * arguments
 * ----------
 */

/* The words of a text[]; an error for one that is NULL. */
static List *
words_of(Datum array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	List	   *words = NIL;
	int			i;

	deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	for (i = 0; i < count; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("kinds must not contain null"),
					 errhint("Leave the argument out, or pass NULL, for all kinds.")));
		words = lappend(words, TextDatumGetCString(elements[i]));
	}
	return words;
}

/*
 * The arguments that all timelines have, from the one at "first" on: until,
 * max_events, kinds, include_planned, page_token.  False if no event is asked
 * for.
 */
bool
crm_read_page_arguments(FunctionCallInfo fcinfo, int first, uint64 timeline,
						CrmPageRequest *request, List **kinds)
{
	bool		include_planned = !PG_ARGISNULL(first + 3) && PG_GETARG_BOOL(first + 3);
	TimestampTz soon = GetCurrentStatementStartTimestamp() + 1;

	memset(request, 0, sizeof(CrmPageRequest));
	request->timeline = timeline;
	request->max_events = PG_ARGISNULL(first + 1) ? DEFAULT_MAX_EVENTS : PG_GETARG_INT32(first + 1);
	if (request->max_events < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE),
				 errmsg("max_events must not be negative, but is " INT64_FORMAT,
						request->max_events),
				 errhint("Pass NULL for the default, %d.", DEFAULT_MAX_EVENTS)));
	request->until_infinity = PG_ARGISNULL(first) && include_planned;
	request->until = PG_ARGISNULL(first) ? soon : PG_GETARG_TIMESTAMPTZ(first);
	if (!include_planned && request->until > soon)
		request->until = soon;
	if (!PG_ARGISNULL(first + 4))
	{
		crm_read_page_token(text_to_cstring(PG_GETARG_TEXT_PP(first + 4)), timeline,
							&request->place);
		request->has_place = true;
	}
	*kinds = NIL;
	if (PG_ARGISNULL(first + 2))
		return request->max_events > 0;
	request->kinds = PG_GETARG_DATUM(first + 2);
	*kinds = words_of(request->kinds);
	return request->max_events > 0 && *kinds != NIL;
}

/* A number that stands for whose timeline it is. */
uint64
crm_timeline_number(CrmTimelineOf of, const char *key, int size)
{
	return hash_bytes_extended((const unsigned char *) key, size, (uint64) of + 1);
}

/* Prepares the result; the caller's row type serves where it is at hand. */
void
crm_start_timeline_result(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, result != NULL && IsA(result, ReturnSetInfo) &&
						result->expectedDesc != NULL ? MAT_SRF_USE_EXPECTED_DESC : 0);
}

/* ----------
 * kinds
 * ----------
 */

static bool
is_among(const char *word, List *words)
{
	ListCell   *cell;

	foreach(cell, words)
		if (strcmp(word, lfirst(cell)) == 0)
			return true;
	return false;
}

/* Names of activity_types, read with the caller's rights. */
static List *
activity_kinds(const char *schema)
{
	char	   *sql = psprintf("SELECT name FROM %s.activity_types ORDER BY position, name",
							   quote_identifier(schema));
	List	   *names = NIL;
	uint64		row;

	crm_execute_kept(sql, 0, NULL, NULL, NULL, true, 0);
	for (row = 0; row < SPI_processed; row++)
	{
		char	   *name = SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, 1);

		if (name != NULL)
			names = lappend(names, name);
	}
	return names;
}

static void
report_unknown_kind(const char *word, List *known)
{
	StringInfoData list;
	ListCell   *cell;

	initStringInfo(&list);
	foreach(cell, known)
		if (!is_among(lfirst(cell), list_copy_head(known, foreach_current_index(cell))))
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "", (char *) lfirst(cell));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown kind of event: \"%s\"", crm_shown(word, (int) strlen(word))),
			 errdetail("Kinds of this timeline: %s.", list.len > 0 ? list.data : "none")));
}

/*
 * Raises an error for a kind that no source can have.  The rows of
 * activity_types are asked only for words that are not known otherwise.
 */
static void
check_kinds(List *kinds, Oid registry, const char *schema)
{
	static const char *const standard_activities[] = {"call", "email", "meeting", "note", "task"};
	List	   *known = NIL;
	bool		has_activities = false;
	bool		any_word = false;
	ListCell   *cell;
	int			i;

	foreach(cell, crm_read_timeline_sources(registry, schema, GetActiveSnapshot()))
	{
		const CrmTimelineSource *source = lfirst(cell);

		if (source->is_builtin && !source->kinds_are_known)
			has_activities = true;
		else if (!source->kinds_are_known)
			any_word = true;
		known = list_concat(known, source->kinds);
	}
	if (any_word)
		return;
	for (i = 0; has_activities && i < (int) lengthof(standard_activities); i++)
		known = lappend(known, unconstify(char *, standard_activities[i]));
	foreach(cell, kinds)
	{
		if (is_among(lfirst(cell), known))
			continue;
		if (has_activities)
			known = list_concat(activity_kinds(schema), known);
		has_activities = false;
		if (!is_among(lfirst(cell), known))
			report_unknown_kind(lfirst(cell), known);
	}
}

/* ----------
 * a company's contacts and deals
 * ----------
 */

/* Appends the keys that a statement returns to those found so far. */
static Datum
read_keys(const char *sql, const char *schema, Datum company, int *total)
{
	Oid			type = INT8OID;
	Datum	   *keys;
	int			count;
	int			i;

	crm_execute_kept(psprintf(sql, quote_identifier(schema)), 1, &type, &company,
					 NULL, true, MAX_COMPANY_KEYS + 1);
	count = (int) SPI_processed;
	*total += count;
	if (*total > MAX_COMPANY_KEYS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("company " INT64_FORMAT " has too many contacts and deals for a timeline of its own",
						DatumGetInt64(company)),
				 errdetail("The limit is %d together.", MAX_COMPANY_KEYS),
				 errhint("Read the timelines of its contacts, or the view timeline by company_id.")));
	keys = palloc(Max(count, 1) * sizeof(Datum));
	if (count > 0 && SPI_gettypeid(SPI_tuptable->tupdesc, 1) != INT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the keys of contacts and deals must be of type bigint")));
	for (i = 0; i < count; i++)
	{
		bool		is_null;

		keys[i] = SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &is_null);
	}
	return PointerGetDatum(construct_array(keys, count, INT8OID, sizeof(int64),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

static void
resolve_company(const char *schema, CrmPageRequest *request)
{
	int			total = 0;

	request->contacts = read_keys("SELECT id FROM %s.contacts WHERE company_id OPERATOR(pg_catalog.=) $1",
								  schema, request->key, &total);
	request->deals = read_keys("SELECT id FROM %s.deals WHERE company_id OPERATOR(pg_catalog.=) $1",
							   schema, request->key, &total);
}

/* ----------
 * the functions
 * ----------
 */

static Datum
read_timeline(FunctionCallInfo fcinfo, CrmTimelineOf of)
{
	CrmPageRequest request;
	CrmTimelineQuery *query;
	Oid			registry;
	char	   *schema;
	int64		key;
	List	   *kinds;

	crm_require_argument(fcinfo, 0, "sources");
	registry = PG_GETARG_OID(0);
	key = PG_ARGISNULL(1) ? 0 : PG_GETARG_INT64(1);
	crm_start_timeline_result(fcinfo);
	if (!crm_read_page_arguments(fcinfo, 2,
								 crm_timeline_number(of, (char *) &key, sizeof(key)),
								 &request, &kinds) || PG_ARGISNULL(1))
		return (Datum) 0;
	request.key = Int64GetDatum(key);

	SPI_connect();
	schema = crm_relation_schema(registry);
	if (kinds != NIL)
		check_kinds(kinds, registry, schema);
	query = crm_kept_timeline(registry, of, kinds);
	if (of == CRM_TIMELINE_OF_COMPANY)
		resolve_company(schema, &request);
	crm_read_timeline_page((ReturnSetInfo *) fcinfo->resultinfo, query, &request);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(crm_contact_timeline);
Datum
crm_contact_timeline(PG_FUNCTION_ARGS)
{
	return read_timeline(fcinfo, CRM_TIMELINE_OF_CONTACT);
}

PG_FUNCTION_INFO_V1(crm_company_timeline);
Datum
crm_company_timeline(PG_FUNCTION_ARGS)
{
	return read_timeline(fcinfo, CRM_TIMELINE_OF_COMPANY);
}

PG_FUNCTION_INFO_V1(crm_deal_timeline);
Datum
crm_deal_timeline(PG_FUNCTION_ARGS)
{
	return read_timeline(fcinfo, CRM_TIMELINE_OF_DEAL);
}

/*
 * For the planner: a page has as many rows as are asked for.  The argument's
 * place is the fourth from the end of those of every timeline.
 */
PG_FUNCTION_INFO_V1(crm_timeline_support);
Datum
crm_timeline_support(PG_FUNCTION_ARGS)
{
	Node	   *node = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *request = (SupportRequestRows *) node;
	List	   *arguments;
	Node	   *max_events;

	if (!IsA(node, SupportRequestRows) || !is_funcclause(request->node))
		PG_RETURN_POINTER(NULL);
	arguments = ((FuncExpr *) request->node)->args;
	if (list_length(arguments) < 4)
		PG_RETURN_POINTER(NULL);
	max_events = estimate_expression_value(request->root,
										   list_nth(arguments, list_length(arguments) - 4));
	request->rows = DEFAULT_MAX_EVENTS;
	if (IsA(max_events, Const) && !((Const *) max_events)->constisnull)
		request->rows = Min(Max(DatumGetInt32(((Const *) max_events)->constvalue), 0),
							MAX_ESTIMATED_EVENTS);
	PG_RETURN_POINTER(request);
}
