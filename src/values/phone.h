/*
 * phone.h
 *		Telephone numbers for modules that store them.
 */
#ifndef CRM_PHONE_H
#define CRM_PHONE_H

#include "crm.h"
#include "values/phone_parse.h"

typedef enum CrmPhoneStatus
{
	CRM_PHONE_INVALID,			/* no telephone number */
	CRM_PHONE_UNCHECKED,		/* cannot be said without libphonenumber, or a
								 * region */
	CRM_PHONE_POSSIBLE,			/* a number of a length that exists */
	CRM_PHONE_VALID				/* libphonenumber knows a range that it is in */
} CrmPhoneStatus;

typedef struct CrmPhoneResult
{
	CrmPhoneStatus status;
	const char *reason;			/* static; NULL if there is a number */
	char		e164[CRM_E164_SIZE];	/* "" if there is none */
	char		extension[CRM_PHONE_EXTENSION_SIZE];	/* "" if there is none */
} CrmPhoneResult;

extern void crm_phone_normalize(const char *utf8, size_t length, const char *region,
								bool judge, CrmPhoneResult *result);
extern const char *crm_phone_library_version(void);

#endif							/* CRM_PHONE_H */
