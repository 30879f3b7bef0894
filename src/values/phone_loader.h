/*
 * phone_loader.h
 *		crm_phone.so, if it is there.
 */
#ifndef CRM_PHONE_LOADER_H
#define CRM_PHONE_LOADER_H

#include "crm.h"
#include "phone/phone_library.h"

extern const CrmPhoneLibrary *crm_phone_library_find(void);
pg_noreturn extern void crm_phone_library_report_missing(void);

#endif							/* CRM_PHONE_LOADER_H */
