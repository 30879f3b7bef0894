/*
 * kept_matching.h
 *		The tables of a CRM that matching uses, and keys of rows as text.
 */
#ifndef CRM_KEPT_MATCHING_H
#define CRM_KEPT_MATCHING_H

#include "crm.h"

#include "access/attnum.h"

/* One relation, and the tables that keep what is known of its duplicates. */
typedef struct CrmMatchTables
{
	Oid			settings;
	Oid			contacts;		/* the relation */
	char	   *contacts_name;	/* qualified and quoted, as the next */
	char	   *models;
	char	   *decisions;
	char	   *candidates;
	char	   *queue;
	char	   *refreshes;
	bool		has_archive;	/* rows with archived_at are left out */
} CrmMatchTables;

/* How a text is read as a key, so that no code of a user's runs. */
typedef enum CrmKeyReading
{
	CRM_KEY_CAST,				/* of a type of the server's own: cast */
	CRM_KEY_INPUT,				/* by the type's input function: a cast may be a user's */
	CRM_KEY_AS_TEXT				/* not: what it consists of may be checked by a user's function */
} CrmKeyReading;

/* The column by which rows of a relation are known. */
typedef struct CrmMatchKey
{
	char	   *column;			/* as it is, not quoted */
	char	   *name;			/* quoted, and cast to what a domain is of */
	Oid			type_id;		/* no domain, but what it is of */
	char	   *type;			/* as a query writes it */
	CrmKeyReading reading;
	char	   *equals;			/* the operator, as a query writes it */
} CrmMatchKey;

extern void crm_find_match_tables(CrmMatchTables *tables, Oid settings, Oid contacts);
extern void crm_read_match_tables(FunctionCallInfo fcinfo, CrmMatchTables *tables);
extern char *crm_current_model_sql(const CrmMatchTables *tables);
extern char *crm_decisions_sql(const CrmMatchTables *tables);
extern AttrNumber crm_match_key_column(Oid relation);
extern void crm_find_match_key(Oid relation, CrmMatchKey *key);
extern char *crm_match_key_condition(const CrmMatchKey *key, bool is_list);
extern Oid	crm_match_key_parameter(const CrmMatchKey *key, bool is_list, Datum *value);
extern char *crm_spell_match_key(const CrmMatchKey *column, Datum key);
extern char *crm_own_match_key(Oid relation, Datum key);
extern Datum crm_actor_value(char *null);
extern void crm_keep_model(const CrmMatchTables *tables, Datum model, bool is_automatic);

#endif							/* CRM_KEPT_MATCHING_H */
