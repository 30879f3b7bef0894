/*
 * crm_schema.h
 *		Schemas that are CRMs: finding, checking and changing them.
 */
#ifndef CRM_SCHEMA_H
#define CRM_SCHEMA_H

#include "crm.h"

/* Argument of a SQL function, which must not be NULL. */
extern char *crm_name_argument(FunctionCallInfo fcinfo, int arg, const char *name);
extern char *crm_text_argument(FunctionCallInfo fcinfo, int arg, const char *name);

extern void crm_lock_schema(const char *schema);
extern bool crm_schema_is_crm(const char *schema);
extern void crm_check_is_crm(const char *schema);

extern int	crm_drop_view_objects(const char *schema);

#endif							/* CRM_SCHEMA_H */
