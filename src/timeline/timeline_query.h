/*
 * timeline_query.h
 *		The statement that reads a page of a timeline.
 */
#ifndef CRM_TIMELINE_QUERY_H
#define CRM_TIMELINE_QUERY_H

#include "crm.h"

#include "lib/stringinfo.h"
#include "tables/timeline_sources.h"

/* Whose events. */
typedef enum CrmTimelineOf
{
	CRM_TIMELINE_OF_CONTACT,
	CRM_TIMELINE_OF_COMPANY,
	CRM_TIMELINE_OF_DEAL,
	CRM_TIMELINE_OF_RELATION	/* a relation of the user's, by a column of his */
} CrmTimelineOf;

/* Columns of the result, beside those of CrmEventColumn that follow. */
typedef enum CrmResultColumn
{
	CRM_RESULT_OCCURRED_AT,
	CRM_RESULT_SOURCE_NUMBER,	/* in CrmTimelineQuery */
	CRM_RESULT_SOURCE,			/* or its name, if the relation has one */
	CRM_RESULT_INTEGER_KEY,		/* either of the two keys */
	CRM_RESULT_TEXT_KEY,
	CRM_RESULT_KIND,
	CRM_RESULT_TITLE,
	CRM_RESULT_DESCRIPTION,
	CRM_RESULT_CONTACT_ID,
	CRM_RESULT_COMPANY_ID,
	CRM_RESULT_DEAL_ID,
	CRM_RESULT_ACTOR,
	CRM_RESULT_DIRECTION,
	CRM_RESULT_DETAILS
} CrmResultColumn;

#define CRM_NUM_RESULT_COLUMNS (CRM_RESULT_DETAILS + 1)

typedef struct CrmQuerySource
{
	char	   *name;
	CrmEventKeyType key_type;
} CrmQuerySource;

/*
 * Parameters: the key, the limit, the kinds (used or not), a company's contacts
 * and deals (used or not), no limit, then a time and a key for each source.
 */
#define CRM_PARAM_KEY		0
#define CRM_PARAM_LIMIT		1
#define CRM_PARAM_KINDS		2
#define CRM_PARAM_CONTACTS	3
#define CRM_PARAM_DEALS		4
#define CRM_PARAM_NO_LIMIT	5	/* NULL; a limit that the planner cannot see through */
#define CRM_PARAM_SOURCES	6
#define CRM_NUM_PARAMS(query) (CRM_PARAM_SOURCES + 2 * (query)->num_sources)

typedef struct CrmTimelineQuery
{
	char	   *sql;			/* events that have a time; NULL: no source */
	char	   *no_time_sql;	/* those that have none; NULL: there cannot be any */
	bool		compares_time_alone;	/* no keys in the statement */
	int			num_sources;	/* in the order of their names as bytes */
	CrmQuerySource *sources;
	Oid		   *types;			/* of the parameters */
} CrmTimelineQuery;

extern CrmTimelineQuery *crm_copy_timeline_query(const CrmTimelineQuery *query);
extern CrmTimelineQuery *crm_make_timeline_query(List *sources, CrmTimelineOf of,
												 List *kinds);
extern CrmTimelineQuery *crm_make_timeline_query_by(const CrmTimelineSource *source,
													CrmTimelineOf column);
extern CrmTimelineQuery *crm_make_relation_query(const CrmEventRelation *relation,
												 const char *key_column, Oid key_type,
												 bool with_kinds);

#endif							/* CRM_TIMELINE_QUERY_H */
