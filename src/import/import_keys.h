/*
 * import_keys.h
 *		Hash tables whose keys are strings of any length.
 */
#ifndef CRM_IMPORT_KEYS_H
#define CRM_IMPORT_KEYS_H

#include "crm.h"

#include "utils/hsearch.h"

extern HTAB *crm_import_key_table(const char *name, Size entry_size,
								  MemoryContext context);

#endif							/* CRM_IMPORT_KEYS_H */
