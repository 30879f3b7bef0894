/*
 * phone_module.c
 *		The side of crm_phone.so that the server sees.
 *
 * crm.so loads this library when a telephone number is first to be read.  In
 * shared_preload_libraries it reads its metadata in the postmaster, so that the
 * backends share the pages instead of each having its own.
 */
#include "postgres.h"

#include "compat.h"
#include "miscadmin.h"
#include "phone/phone_library.h"

CRM_MODULE_MAGIC("crm_phone");

extern PGDLLEXPORT void _PG_init(void);
extern PGDLLEXPORT const CrmPhoneLibrary *crm_phone_library(void);

/* A failure here is one warning, and an error for whoever needs the library. */
void
_PG_init(void)
{
	if (process_shared_preload_libraries_in_progress &&
		crm_phone_cxx_table()->prepare(true) != 0)
		ereport(WARNING,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("could not read the metadata of libphonenumber")));
}

const CrmPhoneLibrary *
crm_phone_library(void)
{
	return crm_phone_cxx_table();
}
