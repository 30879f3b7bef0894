/*
 * match_keys.h
 *		Keys under which a contact's likely duplicates stand in an index.
 */
#ifndef CRM_MATCH_KEYS_H
#define CRM_MATCH_KEYS_H

#include "matching/match_set.h"
#include "matching/match_values.h"

/* A contact has at most so many keys. */
#define CRM_MATCH_KEYS_MAX 24

/* The arguments of crm.match_keys, in their order. */
#define CRM_MATCH_ARGUMENTS 21

typedef struct CrmMatchArgument
{
	const char *name;
	const char *other_name;		/* of columns that mean the same; or NULL */
	CrmMatchColumn column;
} CrmMatchArgument;

extern const CrmMatchArgument crm_match_arguments[CRM_MATCH_ARGUMENTS];

extern int	crm_person_keys(const CrmMatchPerson *person, int64 *keys);
extern Datum crm_keys_datum(const int64 *keys, int count);
extern Datum crm_match_keys(PG_FUNCTION_ARGS);

#endif							/* CRM_MATCH_KEYS_H */
