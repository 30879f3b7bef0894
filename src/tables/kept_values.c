/*
 * kept_values.c
 *		What follows from a value that somebody typed.
 *
 * The workers of values/ on text in the database's encoding, as triggers and
 * imports need them.  Nothing here raises an error because of what the text says.
 * Strings that are not static are palloc'd.
 */
#include "tables/kept_values.h"

#include "executor/spi.h"
#include "kept_plans.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "values/country.h"
#include "values/email.h"
#include "values/phone.h"
#include "values/registrable_domain.h"
#include "values/split_name.h"
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

/* The region that a CRM's settings name, by its quoted schema; NULL if they name none. */
char *
crm_default_phone_region(const char *schema)
{
	MemoryContext caller = CurrentMemoryContext;
	char	   *region = NULL;

	SPI_connect();
	crm_execute_kept(psprintf("SELECT default_phone_region::pg_catalog.text FROM %s.settings", schema),
					 0, NULL, NULL, NULL, false, 1);
	if (SPI_processed > 0)
		region = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (region != NULL)
		region = MemoryContextStrdup(caller, region);
	SPI_finish();
	return region;
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

/* A part of a name in the database's encoding; NULL if the name has none. */
static char *
name_part(const CrmNameParts *parts, CrmNamePart part)
{
	text	   *value = parts->length[part] == 0 ? NULL :
		crm_text_from_utf8(parts->bytes[part], parts->length[part]);

	return value == NULL ? NULL : text_to_cstring(value);
}

/* Words with a blank between them; either may be NULL. */
static char *
joined(char *a, char *b)
{
	return a == NULL ? b : b == NULL ? a : psprintf("%s %s", a, b);
}

/*
 * What the columns of a contact take of a full name.  Jr tells a son from his father
 * and stays with the family name; honorifics and nicknames have no column.  NULL for
 * what the name does not have.
 */
void
crm_split_full_name(const char *name, int length, char **first_name, char **last_name)
{
	CrmUtf8Text utf8;
	CrmNameParts parts;

	*first_name = NULL;
	*last_name = pnstrdup(name, length);
	if (!crm_bytes_to_utf8(name, length, &utf8))
		return;
	crm_split_name(utf8.bytes, utf8.length, palloc(CRM_SPLIT_NAME_SIZE(utf8.length)), &parts);
	*first_name = joined(name_part(&parts, CRM_NAME_FIRST), name_part(&parts, CRM_NAME_MIDDLE));
	*last_name = joined(name_part(&parts, CRM_NAME_LAST), name_part(&parts, CRM_NAME_SUFFIX));
}
