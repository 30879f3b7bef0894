/*
 * detach.c
 *		Making a CRM's tables independent of the extension.
 *
 * After it, DROP EXTENSION needs no CASCADE.  Every row stays; enum columns
 * hold the same words as text.  All of it is one transaction.
 */
#include "crm.h"

#include "tables/crm_schema.h"
#include "tables/ddl_script.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(crm_detach_tables);
Datum
crm_detach_tables(PG_FUNCTION_ARGS)
{
	char	   *schema = crm_name_argument(fcinfo, 0, "in_schema");
	CrmMaintenance work;
	char	   *remaining;

	crm_begin_maintenance(schema, &work);
	(void) crm_drop_view_objects(schema, &work);
	(void) crm_ddl_run_plan(crm_ddl_query(CRM_DDL_DETACH, schema, work.is_matching_only));
	remaining = crm_ddl_read_text(crm_ddl_query(CRM_DDL_DEPENDENTS, schema,
												work.is_matching_only));
	crm_end_maintenance(&work);
	if (remaining != NULL)
		ereport(WARNING,
				(errmsg("objects of your own in schema \"%s\" still depend on the extension",
						schema),
				 errdetail("They are: %s.", remaining),
				 errhint("DROP EXTENSION will name them again; change or drop them first.")));

	PG_RETURN_TEXT_P(cstring_to_text(psprintf("the tables of schema %s no longer depend on the extension",
											  quote_identifier(schema))));
}
