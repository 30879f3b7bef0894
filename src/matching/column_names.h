/*
 * column_names.h
 *		Names under which columns are known, and names that come near to one.
 */
#ifndef CRM_COLUMN_NAMES_H
#define CRM_COLUMN_NAMES_H

#include "matching/match_input.h"

/* A name, and what a column of it is read as. */
typedef struct CrmKnownColumn
{
	const char *name;
	CrmMatchColumn column;
	bool		is_fallback;	/* read where the columns before it had no value */
} CrmKnownColumn;

#define CRM_KNOWN_COLUMNS 23

extern const CrmKnownColumn crm_known_columns[CRM_KNOWN_COLUMNS];

extern Form_pg_attribute crm_attribute_named(TupleDesc descriptor, const char *name);
extern List *crm_near_misses(TupleDesc descriptor);

#endif							/* CRM_COLUMN_NAMES_H */
