/*
 * kept_values.h
 *		What follows from a value that somebody typed: the workers of values/ on
 *		text in the database's encoding, as triggers and imports need them.
 */
#ifndef CRM_KEPT_VALUES_H
#define CRM_KEPT_VALUES_H

#include "crm.h"

/* What stands beside a phone number; strings are static or palloc'd. */
typedef struct CrmPhoneValues
{
	const char *e164;			/* NULL if there is none */
	const char *status;			/* valid, possible, invalid or unchecked */
	const char *version;		/* of what looked at it */
} CrmPhoneValues;

extern const char *crm_email_problem(const char *address, int length);
extern char *crm_normalized_email(const char *address, int length);
extern char *crm_default_phone_region(const char *schema);
extern char *crm_region_of_text(const char *country, int length);
extern void crm_phone_values(const char *phone, int length, const char *region,
							 CrmPhoneValues *values);
extern char *crm_company_domain(const char *website, int length);
extern void crm_split_full_name(const char *name, int length,
								char **first_name, char **last_name);

#endif							/* CRM_KEPT_VALUES_H */
