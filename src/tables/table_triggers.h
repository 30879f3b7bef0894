/*
 * table_triggers.h
 *		Whether the extension's triggers work on a table.
 */
#ifndef CRM_TABLE_TRIGGERS_H
#define CRM_TABLE_TRIGGERS_H

#include "crm.h"

#include "utils/relcache.h"

typedef enum CrmTriggerState
{
	CRM_TRIGGER_MISSING,
	CRM_TRIGGER_DISABLED,
	CRM_TRIGGER_ENABLED
} CrmTriggerState;

extern CrmTriggerState crm_find_trigger(Relation relation, const char *name);

#endif							/* CRM_TABLE_TRIGGERS_H */
