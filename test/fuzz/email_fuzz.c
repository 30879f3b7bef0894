/*
 * email_fuzz.c
 *		libFuzzer target: the e-mail workers on any bytes.
 *
 * Compiles the very files that the server runs, with the address and
 * undefined-behaviour sanitizers.  Beyond "no crash" it asserts what the
 * documentation promises: a refusal has a text and a place; an accepted address
 * keeps the limits; its normal form and its key are addresses in normal form,
 * in every encoding, and in ASCII the normal form is lower case and no more.
 */
#include "values/email_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "values/utf8.h"

#include "promise.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Encodings that lack much of Unicode. */
static bool
is_latin1(int32_t c)
{
	return c < 0x100;
}

static bool
is_odd(int32_t c)
{
	return c % 3 != 0;
}

static void
check_refusal(const char *address, size_t length, const CrmEmailFault *fault)
{
	char		out[CRM_EMAIL_MAX + 1];
	size_t		position = crm_email_fault_position(address, length, fault);

	CHECK(crm_email_fault_text(fault) != NULL);
	CHECK(fault->offset <= length);
	CHECK(position >= 1 && position <= length + 1);
	CHECK(crm_email_normalize(address, length, out, NULL) == 0);
}

/* An address within its limits, with an ASCII domain in lower case. */
static void
check_form(const char *address, size_t length)
{
	CrmEmailFault fault;
	size_t		start = crm_email_domain_start(address, length);
	size_t		i;

	CHECK(length <= CRM_EMAIL_MAX && address[length] == '\0' && strlen(address) == length);
	CHECK(crm_email_diagnose(address, length, &fault));
	CHECK(start >= 2 && start - 1 <= CRM_EMAIL_MAX_LOCAL);
	CHECK(memchr(address + start, '.', length - start) != NULL);
	for (i = start; i < length; i++)
		CHECK(strchr("abcdefghijklmnopqrstuvwxyz0123456789-.", address[i]) != NULL);
	for (i = 0; i < start; i++)
		CHECK((unsigned char) address[i] >= ' ' && (address[i] < 'A' || address[i] > 'Z'));
}

static void
check_normal_form(const char *address, size_t length, CrmHasCharacter has)
{
	char		normal[CRM_EMAIL_MAX + 1];
	char		again[CRM_EMAIL_MAX + 1];
	size_t		normal_length = crm_email_normalize(address, length, normal, has);
	size_t		i;

	check_form(normal, normal_length);
	CHECK(crm_email_normalize(normal, normal_length, again, has) == normal_length);
	CHECK(memcmp(normal, again, normal_length) == 0);

	if (address[0] != '"' && crm_ascii_prefix(address, length) == length)
	{
		CHECK(normal_length == length);
		for (i = 0; i < length; i++)
			CHECK(normal[i] == (address[i] >= 'A' && address[i] <= 'Z' ? address[i] + 'a' - 'A' : address[i]));
	}
	if (has == NULL)
	{
		char		key[CRM_EMAIL_MAX + 1];
		size_t		key_length = crm_email_key(normal, normal_length, key);

		check_form(key, key_length);
		CHECK(crm_email_normalize(key, key_length, again, NULL) == key_length);
		CHECK(memcmp(key, again, key_length) == 0);
		CHECK(crm_email_key(key, key_length, again) == key_length);
		CHECK(memcmp(key, again, key_length) == 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an exact copy, so that a read beyond the end is seen */
	char	   *address = malloc(size > 0 ? size : 1);
	CrmEmailFault fault;

	memcpy(address, data, size);
	if (crm_email_diagnose(address, size, &fault))
	{
		CHECK(size <= CRM_EMAIL_MAX);
		check_normal_form(address, size, NULL);
		check_normal_form(address, size, is_latin1);
		check_normal_form(address, size, is_odd);
	}
	else
		check_refusal(address, size, &fault);
	free(address);
	return 0;
}
