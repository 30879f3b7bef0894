/*
 * timeline_sources.h
 *		What the timeline of a CRM is made of.
 */
#ifndef CRM_TIMELINE_SOURCES_H
#define CRM_TIMELINE_SOURCES_H

#include "crm.h"

#include "lib/stringinfo.h"
#include "nodes/pg_list.h"
#include "tables/ddl_script.h"
#include "utils/snapshot.h"

/* The columns of a timeline, in the order of the view. */
typedef enum CrmEventColumn
{
	CRM_EVENT_OCCURRED_AT,
	CRM_EVENT_KIND,
	CRM_EVENT_TITLE,
	CRM_EVENT_DESCRIPTION,
	CRM_EVENT_CONTACT_ID,
	CRM_EVENT_COMPANY_ID,
	CRM_EVENT_DEAL_ID,
	CRM_EVENT_ACTOR,
	CRM_EVENT_DIRECTION,
	CRM_EVENT_SOURCE,
	CRM_EVENT_SOURCE_ID,
	CRM_EVENT_DETAILS
} CrmEventColumn;

#define CRM_NUM_EVENT_COLUMNS (CRM_EVENT_DETAILS + 1)

/* How the key of a source's events is compared. */
typedef enum CrmEventKeyType
{
	CRM_KEY_INTEGER,
	CRM_KEY_UUID,
	CRM_KEY_TEXT				/* in the collation "C" */
} CrmEventKeyType;

/* A relation with the timeline's columns. */
typedef struct CrmEventRelation
{
	Oid			relation;
	char	   *name;			/* qualified and quoted */
	Oid			types[CRM_NUM_EVENT_COLUMNS];	/* InvalidOid: has no such column */
	CrmEventKeyType key_type;
	bool		may_lack_time;
} CrmEventRelation;

/* A row of timeline_sources. */
typedef struct CrmTimelineSource
{
	char	   *name;
	char	   *relation_schema;
	char	   *relation_name;
	List	   *kinds;			/* of char * */
	bool		kinds_are_known;
	List	   *columns;		/* of char *, that a relation of the user's must have */
	bool		is_builtin;		/* one of the CRM's own tables */
} CrmTimelineSource;

typedef struct CrmEventColumnInfo
{
	const char *name;
	const char *type;
} CrmEventColumnInfo;

extern const CrmEventColumnInfo crm_event_columns[CRM_NUM_EVENT_COLUMNS];

extern List *crm_builtin_timeline_sources(const char *schema);
extern void crm_check_timeline_registry(Oid registry);
extern void crm_recognise_builtin(CrmTimelineSource *source, const char *schema);
extern List *crm_newest_timeline_sources(Oid registry, const char *schema);
extern List *crm_read_timeline_sources(Oid registry, const char *schema,
									   Snapshot snapshot);
extern void crm_read_own_timeline(CrmDdlVariables *variables);
extern void crm_check_timeline_sources(const char *schema, List *sources);
extern char *crm_describe_source(const CrmTimelineSource *source,
								 CrmEventRelation *described);
extern char *crm_describe_event_relation(Oid relation, CrmEventRelation *described);
extern void crm_append_event_column(StringInfo sql, const CrmEventRelation *relation,
									const char *alias, CrmEventColumn column);
extern char *crm_builtin_branch(const CrmTimelineSource *source, bool with_key);
extern char *crm_timeline_view_sql(const char *schema, List *sources);
extern Oid	crm_find_timeline_sources(const char *schema);

#endif							/* CRM_TIMELINE_SOURCES_H */
