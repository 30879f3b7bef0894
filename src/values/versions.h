/*
 * versions.h
 *		Versions of the library's data.
 */
#ifndef CRM_VERSIONS_H
#define CRM_VERSIONS_H

#include "crm.h"

/* Reference data, or a library, that answers may change with. */
typedef struct CrmComponent
{
	const char *name;
	const char *version;
	const char *functions;		/* members whose answers it changes: names,
								 * separated by blanks; NULL: none is in an index */
	bool		is_ours;		/* compiled in; else a library of the system's */
} CrmComponent;

extern const CrmComponent *crm_components(int *count);

#endif							/* CRM_VERSIONS_H */
