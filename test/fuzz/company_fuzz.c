/*
 * company_fuzz.c
 *		libFuzzer target: names of companies, on any bytes.
 *
 * Compiles the very code that the server runs.  Beyond "no crash" it asserts
 * what the documentation promises: the result fits the room that is asked for;
 * it has no capital letters of ASCII, no signs of ASCII, no control characters
 * and no blank at the ends or beside another; the normal form of UTF-8 is
 * UTF-8, and its own normal form; no name is stripped of its last word; a legal
 * form that is put behind a name changes nothing but the legal form.
 */
#include "values/company_name.h"
#include "values/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "promise.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_utf8(const char *p, size_t length)
{
	const char *end = p + length;

	while (p < end)
		if (crm_utf8_next(&p, end) == CRM_UTF8_MALFORMED)
			return false;
	return true;
}

/* An exact copy, so that a read beyond the end is seen; then the normal form. */
static char *
normalize(const void *name, size_t size, size_t *length, CrmCompanyForms *forms)
{
	char	   *copy = malloc(size > 0 ? size : 1);
	char	   *out = malloc(CRM_COMPANY_SIZE(size));

	memcpy(copy, name, size);
	*length = crm_company_normalize(copy, size, false, out, forms);
	CHECK(*length <= CRM_COMPANY_SIZE(size));
	free(copy);
	return out;
}

static void
check_signs(const char *out, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
	{
		char		c = out[i];

		CHECK((unsigned char) c >= 0x80 || (c >= 'a' && c <= 'z') ||
			  (c >= '0' && c <= '9') || c == ' ');
		CHECK(c != ' ' || (i > 0 && i + 1 < length && out[i - 1] != ' '));
	}
}

static bool
ends_with(const char *s, size_t length, const char *word)
{
	size_t		word_length = strlen(word);

	return length >= word_length &&
		(length == word_length || s[length - word_length - 1] == ' ') &&
		memcmp(s + length - word_length, word, word_length) == 0;
}

/*
 * A form behind a name is stripped and told.  The name begins with a word that
 * is no form; "and" in front of a form goes with it.
 */
static void
check_form(const char *normal, size_t length)
{
	static const char start[] = "zz ";
	static const char form[] = " GmbH & Co. KG";
	size_t		name_length = sizeof(start) - 1 + length;
	char	   *name;
	char		text[CRM_COMPANY_FORMS_SIZE];
	CrmCompanyForms forms;
	size_t		plain_length;
	size_t		with_length;
	char	   *plain;
	char	   *with;

	if (ends_with(normal, length, "and") || ends_with(normal, length, "und") ||
		ends_with(normal, length, "et") || ends_with(normal, length, "og") ||
		ends_with(normal, length, "och"))
		return;
	name = malloc(name_length + sizeof(form));
	memcpy(name, start, sizeof(start) - 1);
	memcpy(name + sizeof(start) - 1, normal, length);
	memcpy(name + name_length, form, sizeof(form));
	plain = normalize(name, name_length, &plain_length, &forms);
	with = normalize(name, name_length + sizeof(form) - 1, &with_length, &forms);
	CHECK(with_length == plain_length && memcmp(with, plain, with_length) == 0);
	CHECK(crm_company_forms_text(&forms, text) > 0);
	CHECK(strstr(text, "gmbh & co. kg") != NULL);
	free(plain);
	free(with);
	free(name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CrmCompanyForms forms;
	char		text[CRM_COMPANY_FORMS_SIZE];
	size_t		length;
	size_t		again_length;
	char	   *out = normalize(data, size, &length, &forms);
	char	   *again;

	CHECK(crm_company_forms_text(&forms, text) < sizeof(text));
	if (length == 0)
		CHECK(forms.start_count == 0 && forms.end_count == 0);
	check_signs(out, length);
	if (is_utf8((const char *) data, size))
		CHECK(is_utf8(out, length));
	again = normalize(out, length, &again_length, &forms);
	CHECK(again_length == length && memcmp(again, out, length) == 0);
	CHECK(forms.start_count == 0 && forms.end_count == 0);
	if (length > 0)
		check_form(out, length);
	free(again);
	free(out);
	return 0;
}
