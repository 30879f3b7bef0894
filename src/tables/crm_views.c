/*
 * crm_views.c
 *		Dropping a CRM's views and wrappers, and making them again.
 *
 * A view blocks ALTER COLUMN TYPE of what it reads.  Between dropping and
 * making, the grants are kept in settings.dropped_view_grants, as data: they
 * are turned into GRANT statements word by word, never pasted.
 */
#include "tables/crm_schema.h"

#include "tables/ddl_script.h"
#include "tables/timeline_sources.h"
#include "utils/builtins.h"

/* Drops views and wrappers; what the user built on them is an error. */
int
crm_drop_view_objects(const char *schema, const CrmMaintenance *work)
{
	return crm_ddl_run_plan(crm_ddl_query(CRM_DDL_DROP_VIEWS, schema,
										  work->is_matching_only));
}

/* Gives back what crm.drop_views kept, and forgets it. */
void
crm_restore_view_grants(const char *schema, const CrmMaintenance *work)
{
	(void) crm_ddl_run_plan(crm_ddl_query(CRM_DDL_RESTORE_GRANTS, schema,
										  work->is_matching_only));
	crm_ddl_run(psprintf("UPDATE %s.settings SET dropped_view_grants = NULL"
						 " WHERE dropped_view_grants IS NOT NULL",
						 quote_identifier(schema)));
}

PG_FUNCTION_INFO_V1(crm_drop_views);
Datum
crm_drop_views(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	CrmMaintenance work;
	int			dropped;

	crm_begin_maintenance(schema, &work);
	crm_ddl_run(crm_ddl_query(CRM_DDL_KEEP_GRANTS, schema, work.is_matching_only));
	dropped = crm_drop_view_objects(schema, &work);
	crm_end_maintenance(&work);
	PG_RETURN_INT32(dropped);
}

PG_FUNCTION_INFO_V1(crm_create_views);
Datum
crm_create_views(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	CrmDdlVariables variables = {.schema = schema};
	CrmMaintenance work;

	crm_begin_maintenance(schema, &work);
	variables.is_matching_only = work.is_matching_only;
	crm_read_own_timeline(&variables);
	crm_ddl_run(crm_ddl_views(&variables, true));
	crm_restore_view_grants(schema, &work);
	crm_end_maintenance(&work);
	PG_RETURN_INT32(crm_ddl_count_views(&variables));
}
