/*
 * import_keys.h
 *		Hash tables of a batch: strings of any length, and rows of a round.
 */
#ifndef CRM_IMPORT_KEYS_H
#define CRM_IMPORT_KEYS_H

#include "crm.h"

#include "utils/hsearch.h"

extern HTAB *crm_import_key_table(const char *name, Size entry_size,
								  MemoryContext context);
extern HTAB *crm_import_number_table(const char *name, MemoryContext context);
extern bool crm_import_enter_number(HTAB *numbers, int64 number, int round);
extern bool crm_import_has_number(HTAB *numbers, int64 number, int round);

#endif							/* CRM_IMPORT_KEYS_H */
