/*
 * kept_values.c
 *		What follows from a value that somebody typed.
 *
 * The workers of values/ on text in the database's encoding, as triggers and
 * imports need them.  Nothing here raises an error because of what the text says.
 * Strings that are not static are palloc'd.
 */
#include "tables/kept_values.h"

#include "utils/builtins.h"
#include "values/country.h"
#include "values/email.h"
#include "values/phone.h"
#include "values/registrable_domain.h"
#include "values/utf8_text.h"

/* What is wrong with an address, as a part of a sentence; NULL if nothing is. */
const char *
crm_email_problem(const char *address, int length)
{
	int			position;
	const char *problem = crm_email_refusal(cstring_to_text_with_len(address, length), &position);

	return problem == NULL ? NULL : psprintf("%s, at character %d", problem, position);
}

/* NULL for what is no address. */
char *
crm_normalized_email(const char *address, int length)
{
	text	   *normal = crm_email_normal_form(cstring_to_text_with_len(address, length));

	return normal == NULL ? NULL : text_to_cstring(normal);
}

/* The region that a country's code or name stands for; NULL if it is unknown. */
char *
crm_region_of_text(const char *country, int length)
{
	CrmUtf8Text utf8;
	const char *region = NULL;

	if (crm_bytes_to_utf8(country, length, &utf8))
		region = crm_region_of_country(utf8.bytes, utf8.length);
	return region == NULL ? NULL : pstrdup(region);
}

/* The number as typed is not refused, whatever it is. */
void
crm_phone_values(const char *phone, int length, const char *region,
				 CrmPhoneValues *values)
{
	static const char *const words[] = {
		[CRM_PHONE_INVALID] = "invalid",
		[CRM_PHONE_UNCHECKED] = "unchecked",
		[CRM_PHONE_POSSIBLE] = "possible",
		[CRM_PHONE_VALID] = "valid"
	};
	CrmPhoneResult result;
	CrmUtf8Text utf8;

	values->version = crm_phone_library_version();
	values->status = words[CRM_PHONE_INVALID];
	values->e164 = NULL;
	if (!crm_bytes_to_utf8(phone, length, &utf8))
		return;
	crm_phone_normalize(utf8.bytes, utf8.length, region, true, &result);
	values->status = words[result.status];
	if (result.e164[0] != '\0')
		values->e164 = pstrdup(result.e164);
}

/* The domain that a website, or a domain, belongs to; NULL if there is none. */
char *
crm_company_domain(const char *website, int length)
{
	CrmUtf8Text utf8;
	char		domain[CRM_WEB_HOST_SIZE];
	size_t		domain_length;

	if (!crm_bytes_to_utf8(website, length, &utf8))
		return NULL;
	domain_length = crm_registrable_domain(utf8.bytes, utf8.length, domain);
	return domain_length == 0 ? NULL : pnstrdup(domain, domain_length);
}

/* Parts that the name does not have are NULL. */
void
crm_split_full_name(const char *name, int length, char **first_name, char **last_name)
{
	*first_name = NULL;
	*last_name = pnstrdup(name, length);
}
