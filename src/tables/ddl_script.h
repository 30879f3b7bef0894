/*
 * ddl_script.h
 *		The SQL that makes a CRM: composing it, and running it.
 */
#ifndef CRM_DDL_SCRIPT_H
#define CRM_DDL_SCRIPT_H

#include "crm.h"

#include "nodes/pg_list.h"

/* Version of the tables; each step since 1 is a file upgrade/N--M.sql. */
#define CRM_TABLES_VERSION 5

/* What the placeholders of the SQL files stand for. */
typedef struct CrmDdlVariables
{
	const char *schema;
	bool		is_matching_only;	/* that part, not a whole CRM */
	const char *home_currency;	/* may be NULL in parts that do not use it */
	List	   *timeline_sources;	/* what the view timeline reads */
	bool		has_sources;	/* else the timeline reads the CRM's own tables */
	bool		with_event_key; /* branches of the timeline have the key's column */
} CrmDdlVariables;

/*
 * Queries about a CRM's objects.  The plans return statements to be run, and
 * how much each counts.
 */
typedef enum CrmDdlQuery
{
	CRM_DDL_DROP_VIEWS,			/* plan */
	CRM_DDL_KEEP_GRANTS,		/* an UPDATE */
	CRM_DDL_RESTORE_GRANTS,		/* plan */
	CRM_DDL_DETACH,				/* plan */
	CRM_DDL_DEPENDENTS,			/* one text, or NULL */
	CRM_DDL_BACKFILL,			/* one number */
	CRM_DDL_CHECK				/* rows, with parameters */
} CrmDdlQuery;

extern char *crm_ddl_tables(const CrmDdlVariables *variables, bool with_triggers);
extern char *crm_ddl_views(const CrmDdlVariables *variables, bool replace);
extern int	crm_ddl_count_views(const CrmDdlVariables *variables);
extern char *crm_ddl_upgrade(const CrmDdlVariables *variables, int from_version,
							 bool with_triggers);
extern char *crm_ddl_timeline_branch(const CrmDdlVariables *variables,
									 const char *source);
extern char *crm_ddl_timeline_view(const CrmDdlVariables *variables, bool replace);
extern char *crm_ddl_query(CrmDdlQuery query, const char *schema, bool is_matching_only);
extern const char *crm_ddl_made_name(Node *statement, bool *is_function);
extern void crm_ddl_lock_settings(void);
extern void crm_ddl_run(const char *script);
extern int	crm_ddl_run_plan(const char *query);
extern char *crm_ddl_read_text(const char *query);

#endif							/* CRM_DDL_SCRIPT_H */
