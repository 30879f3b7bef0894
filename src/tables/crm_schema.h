/*
 * crm_schema.h
 *		Schemas that are CRMs: finding, locking and changing them.
 */
#ifndef CRM_SCHEMA_H
#define CRM_SCHEMA_H

#include "crm.h"

#include "utils/snapshot.h"

/* What stands for a version where there is no row of settings. */
#define CRM_NO_VERSION PG_INT32_MIN

/* Argument of a SQL function, which must not be NULL. */
extern char *crm_name_argument(FunctionCallInfo fcinfo, int arg, const char *name);
extern char *crm_text_argument(FunctionCallInfo fcinfo, int arg, const char *name);

/*
 * A CRM under maintenance: locked, and the work runs as its owner, so that
 * nobody's code ever runs with the rights of whoever looks after it.
 */
typedef struct CrmMaintenance
{
	int			version;		/* of the tables */
	bool		is_matching_only;	/* that part, not a whole CRM */
	Oid			saved_user;
	int			saved_security;
	int			guc_level;		/* settings that the owner's code makes go */
} CrmMaintenance;

extern void crm_lock_schema(const char *schema);
extern Oid	crm_find_settings(const char *schema);
extern Oid	crm_lock_settings_table(const char *schema);
extern bool crm_may_maintain(Oid settings);
extern int	crm_read_tables_version(Oid settings, Snapshot snapshot);
extern int	crm_newest_tables_version(Oid settings);
extern bool crm_has_matching_only(Oid settings);
extern void crm_check_version_is_known(const char *schema, int version);
extern void crm_begin_maintenance(const char *schema, CrmMaintenance *work);
extern void crm_end_maintenance(const CrmMaintenance *work);

extern int	crm_drop_view_objects(const char *schema, const CrmMaintenance *work);
extern void crm_restore_view_grants(const char *schema, const CrmMaintenance *work);

#endif							/* CRM_SCHEMA_H */
