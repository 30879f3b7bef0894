/*
 * crm.h
 *		What two or more modules share.
 */
#ifndef CRM_H
#define CRM_H

#include "postgres.h"

#include "compat.h"

/* Schema of the extension's members: the control file fixes it. */
#define CRM_SCHEMA "crm"

/* crm.numeric_fast_path: false makes every sum go through the server's numeric */
extern bool crm_numeric_fast_path;

/* crm.actor: who works, in the application's words; may be empty */
extern char *crm_actor;

/* Longest part of a user's text that a message shows, in bytes. */
#define CRM_SHOWN_LENGTH 80

extern char *crm_shown(const char *bytes, int length);
extern void crm_require_argument(FunctionCallInfo fcinfo, int arg, const char *name);
extern Oid	crm_relation_owner(Oid relation);
extern char *crm_relation_schema(Oid relation);
extern Datum crm_array_of_ids(Datum *ids, int count);
extern Datum crm_array_of_texts(Datum *texts, int count);

/* One initialiser per module that keeps state in the backend. */
extern void crm_deal_stage_init(void);
extern void crm_catalog_changes_init(void);

/* Defines crm.phone_library. */
extern void crm_phone_loader_init(void);

#endif							/* CRM_H */
