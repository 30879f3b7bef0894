/*
 * timeline_of.c
 *		The timeline of an application that has no CRM's tables: a page of any
 *		table or view that has the timeline's columns.
 *
 * The relation may hold several sources.  The key is given as text and cast to
 * the type of the column, never the column, so that an index on it serves.
 */
#include "crm.h"

#include "catalog/pg_attribute.h"
#include "executor/spi.h"
#include "timeline/timeline.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static void
describe_relation(Oid oid, CrmEventRelation *relation)
{
	char	   *problem;

	if (get_rel_name(oid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", oid)));
	problem = crm_describe_event_relation(oid, relation);
	if (problem != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation \"%s\" is not a timeline", get_rel_name(oid)),
				 errdetail_internal("The reason is: %s.", problem),
				 errhint("Make a view that gives its columns the names and types of a timeline: occurred_at timestamptz, source_id, kind, title and so on.")));
}

/* The key in the type of its column. */
static Datum
cast_key(const CrmEventRelation *relation, const char *column, char *key, Oid *type)
{
	AttrNumber	number = get_attnum(relation->relation, column);
	Oid			input;
	Oid			io_param;

	if (number == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist",
						column, get_rel_name(relation->relation))));
	*type = getBaseType(get_atttype(relation->relation, number));
	getTypeInputInfo(*type, &input, &io_param);
	return OidInputFunctionCall(input, key, io_param, -1);
}

PG_FUNCTION_INFO_V1(crm_timeline_of);
Datum
crm_timeline_of(PG_FUNCTION_ARGS)
{
	CrmEventRelation relation;
	CrmPageRequest request;
	const char *column;
	char	   *key;
	char	   *whose;
	Oid			key_type;
	List	   *kinds;

	crm_require_argument(fcinfo, 0, "relation");
	crm_require_argument(fcinfo, 1, "key_column");
	crm_start_timeline_result(fcinfo);
	describe_relation(PG_GETARG_OID(0), &relation);
	column = NameStr(*PG_GETARG_NAME(1));
	key = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	whose = psprintf("%s %s=%s", relation.name, quote_identifier(column),
					 key != NULL ? key : "");
	if (!crm_read_page_arguments(fcinfo, 3,
								 crm_timeline_number(CRM_TIMELINE_OF_RELATION, whose,
													 (int) strlen(whose)),
								 &request, &kinds) || key == NULL)
		return (Datum) 0;
	request.key = cast_key(&relation, column, key, &key_type);

	SPI_connect();
	crm_read_timeline_page((ReturnSetInfo *) fcinfo->resultinfo,
						   crm_make_relation_query(&relation, column, key_type, kinds != NIL),
						   &request);
	SPI_finish();
	return (Datum) 0;
}
