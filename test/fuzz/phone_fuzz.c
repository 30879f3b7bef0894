/*
 * phone_fuzz.c
 *		libFuzzer target: telephone numbers and countries without libphonenumber,
 *		on any bytes.
 *
 * Compiles the very files that the server runs, with the address and
 * undefined-behaviour sanitizers.  Asserts what the documentation promises:
 * cleaning never lengthens and twice is the same as once; what the table reads
 * is E.164, and read again is the same; a country is two letters that name it.
 */
#include "values/country.h"
#include "values/phone_parse.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/countries_table.h"

#include "promise.h"

int			LLVMFuzzerInitialize(int *argc, char ***argv);
int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every name of the table is found as it is written there. */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	size_t		i;

	(void) argc;
	(void) argv;
	for (i = 0; i < sizeof(country_name_index) / sizeof(country_name_index[0]); i++)
	{
		const char *name = country_names + country_name_index[i].start;
		const char *region = crm_region_of_country(name, strlen(name));

		if (region == NULL || strcmp(region, country_name_index[i].region) != 0)
		{
			fprintf(stderr, "%s is not found: is it written in lower case?\n", name);
			abort();
		}
	}
	for (i = 0; i < sizeof(country_codes) / sizeof(country_codes[0]); i++)
	{
		const char *region = crm_region_of_calling_code(country_codes[i].calling_code);

		CHECK(region == NULL || strcmp(region, country_codes[i].region) == 0);
	}
	return 0;
}

static void
check_country(const char *text, size_t size)
{
	const char *region = crm_region_of_country(text, size);

	if (region != NULL)
	{
		CHECK(strlen(region) == 2);
		CHECK(strcmp(crm_region_of_country(region, 2), region) == 0);
	}
}

static void
check_e164(const char *text, size_t size)
{
	CrmTablePhone phone;
	CrmPhoneFlaw flaw;

	if (!crm_phone_is_e164(text, size))
		return;
	CHECK(size >= 8 && size <= 16 && text[0] == '+' && text[1] >= '1');
	flaw = crm_phone_by_table(text, size, &phone);
	CHECK(flaw != CRM_PHONE_UNDECIDED && flaw != CRM_PHONE_NOT_A_NUMBER);
	CHECK(flaw != CRM_PHONE_FINE || phone.extension[0] == '\0');
}

/* A number of the table is E.164, and read again the same. */
static void
check_table(const char *clean, size_t length)
{
	CrmTablePhone phone;
	CrmTablePhone again;
	CrmPhoneFlaw flaw = crm_phone_by_table(clean, length, &phone);

	if (flaw != CRM_PHONE_FINE)
	{
		CHECK(crm_phone_flaw_text(flaw) != NULL);
		return;
	}
	CHECK(crm_phone_is_international(clean, length));
	CHECK(crm_phone_is_e164(phone.e164, strlen(phone.e164)));
	CHECK(strspn(phone.extension, "0123456789") == strlen(phone.extension));
	CHECK(crm_phone_by_table(phone.e164, strlen(phone.e164), &again) == CRM_PHONE_FINE);
	CHECK(strcmp(again.e164, phone.e164) == 0 && again.calling_code == phone.calling_code);
}

/* The plain form is digits, at most one '+' before them, and an extension. */
static void
check_plain(const char *clean, size_t length)
{
	char		plain[CRM_PHONE_MAX_LENGTH];
	char		extension[CRM_PHONE_EXTENSION_SIZE];
	size_t		plain_length;
	size_t		i;

	if (!crm_phone_plain(clean, length, plain, &plain_length, extension))
		return;
	CHECK(plain_length > 0 && plain_length <= length);
	for (i = 0; i < plain_length; i++)
		CHECK((plain[i] >= '0' && plain[i] <= '9') || (i == 0 && plain[i] == '+'));
	CHECK(strspn(extension, "0123456789") == strlen(extension));
	CHECK((plain[0] == '+') == crm_phone_is_international(clean, length));
}

static void
check_clean(const char *text, size_t size)
{
	char		clean[CRM_PHONE_MAX_LENGTH];
	char		again[CRM_PHONE_MAX_LENGTH];
	size_t		length;
	size_t		again_length;
	size_t		i;

	if (crm_phone_clean(text, size, clean, &length) != CRM_PHONE_FINE)
		return;
	CHECK(length <= size && size <= CRM_PHONE_MAX_LENGTH);
	for (i = 0; i < length; i++)
		CHECK((unsigned char) clean[i] >= ' ' && clean[i] != 127);
	check_table(clean, length);
	check_plain(clean, length);
	CHECK(crm_phone_clean(clean, length, again, &again_length) == CRM_PHONE_FINE);
	CHECK(again_length == length && memcmp(again, clean, length) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an exact copy, so that a read beyond the end is seen */
	char	   *text = malloc(size > 0 ? size : 1);

	memcpy(text, data, size);
	check_country(text, size);
	check_e164(text, size);
	check_clean(text, size);
	free(text);
	return 0;
}
