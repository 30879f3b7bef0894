/*
 * json_fuzz.c
 *		libFuzzer target: tokens of a JSON text, on any bytes.
 *
 * Compiles the very code that the server runs.  Beyond "no crash" it asserts that
 * every token lies in the text behind the one before it, that nothing but the end
 * has none, that skipping ends at or before the end, and that a string fits its
 * room, whatever room there is, begins with what fits into less, and is UTF-8 if
 * its bytes are.
 */
#include "values/json_text.h"
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

static size_t
string_of(const CrmJsonToken *token, size_t room, char **out)
{
	size_t		length;

	*out = malloc(room > 0 ? room : 1);
	length = crm_json_string(token, *out, room);
	CHECK(length == CRM_JSON_NO_TEXT || length <= room);
	return length;
}

static void
check_string(const CrmJsonToken *token, size_t less)
{
	char	   *whole;
	char	   *part;
	size_t		length = string_of(token, token->length, &whole);
	size_t		part_length = string_of(token, less, &part);

	if (length != CRM_JSON_NO_TEXT)
	{
		CHECK(part_length <= length && memcmp(whole, part, part_length) == 0);
		CHECK(memchr(whole, '\0', length) == NULL || memchr(token->bytes, '\0', token->length) != NULL);
		if (is_utf8(token->bytes, token->length))
			CHECK(is_utf8(whole, length));
	}
	free(whole);
	free(part);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *text = malloc(size > 0 ? size : 1);
	const char *end = text + size;
	const char *next = text;
	CrmJsonToken token;

	memcpy(text, data, size);
	for (;;)
	{
		const char *from = next;

		if (crm_json_next(&next, end, &token) == CRM_JSON_END)
			break;
		CHECK(token.bytes >= from && token.bytes + token.length <= next);
		CHECK(next > from && next <= end);
		if (token.kind == CRM_JSON_STRING)
			check_string(&token, size % 7);
		if (token.kind == CRM_JSON_ARRAY)
		{
			const char *behind = next;

			crm_json_skip(&behind, end);
			CHECK(behind >= next && behind <= end);
		}
	}
	CHECK(next == end);
	free(text);
	return 0;
}
