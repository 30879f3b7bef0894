/*
 * email_fuzz.c
 *		libFuzzer target: the e-mail workers on any bytes.
 *
 * Compiles the very header that the server runs, with the address and
 * undefined-behaviour sanitizers.  Beyond "no crash" it asserts what the
 * documentation promises: accepted addresses are short, ASCII and have one
 * '@' that splits them as the limits say; folding keeps them accepted, and
 * twice is the same as once.
 */
#include "values/email_parse.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition) \
	do { \
		if (!(condition)) \
		{ \
			fprintf(stderr, "broken promise: %s\n", #condition); \
			abort(); \
		} \
	} while (0)

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an exact copy, so that a read beyond the end is seen */
	char	   *address = malloc(size > 0 ? size : 1);
	char	   *at;
	size_t		i;

	memcpy(address, data, size);
	if (crm_email_is_valid(address, size))
	{
		CHECK(size <= CRM_EMAIL_MAX);
		at = memchr(address, '@', size);
		CHECK(at != NULL && memchr(at + 1, '@', size - (at + 1 - address)) == NULL);
		CHECK((size_t) (at - address) <= CRM_EMAIL_MAX_LOCAL);
		CHECK(memchr(at, '.', size - (at - address)) != NULL);
		for (i = 0; i < size; i++)
			CHECK(address[i] > ' ' && address[i] < 127);
		crm_email_fold(address, size);
		CHECK(crm_email_is_valid(address, size));
		for (i = 0; i < size; i++)
			CHECK(address[i] < 'A' || address[i] > 'Z');
	}
	free(address);
	return 0;
}
