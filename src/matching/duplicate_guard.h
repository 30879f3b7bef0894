/*
 * duplicate_guard.h
 *		What the trigger of a duplicate guard shares with the commands that make it.
 */
#ifndef CRM_DUPLICATE_GUARD_H
#define CRM_DUPLICATE_GUARD_H

#include "matching/match_probe.h"

/* guard_commands.c */
extern void crm_guard_check_table(Relation table);
extern void crm_guard_check_index(const CrmMatchSource *source);
extern bool crm_guard_rejects(const char *action);

#endif							/* CRM_DUPLICATE_GUARD_H */
