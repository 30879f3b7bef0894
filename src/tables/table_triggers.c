/*
 * table_triggers.c
 *		Whether the extension's triggers work on a table.
 */
#include "tables/table_triggers.h"

#include "commands/trigger.h"
#include "nodes/pg_list.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "utils/rel.h"

/* Whether a function of the extension is a trigger of the table. */
CrmTriggerState
crm_find_trigger(Relation relation, const char *name)
{
	List	   *function_name = list_make2(makeString(CRM_SCHEMA), makeString(pstrdup(name)));
	Oid			function = LookupFuncName(function_name, 0, NULL, false);
	TriggerDesc *triggers = relation->trigdesc;
	CrmTriggerState state = CRM_TRIGGER_MISSING;
	int			i;

	for (i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		char		enabled = triggers->triggers[i].tgenabled;

		if (triggers->triggers[i].tgfoid != function)
			continue;
		if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA ?
			enabled == TRIGGER_FIRES_ALWAYS || enabled == TRIGGER_FIRES_ON_REPLICA :
			enabled == TRIGGER_FIRES_ALWAYS || enabled == TRIGGER_FIRES_ON_ORIGIN)
			return CRM_TRIGGER_ENABLED;
		state = CRM_TRIGGER_DISABLED;
	}
	return state;
}
