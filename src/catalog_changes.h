/*
 * catalog_changes.h
 *		Counting changes of relations and schemas.
 */
#ifndef CRM_CATALOG_CHANGES_H
#define CRM_CATALOG_CHANGES_H

#include "crm.h"

/*
 * A number that differs whenever any relation or schema may have changed since
 * it was asked for last, as far as this backend has heard.
 */
extern uint64 crm_catalog_changes(void);

#endif							/* CRM_CATALOG_CHANGES_H */
