/*
 * json_text.c
 *		Tokens of a JSON text.
 *
 * The server's parser raises errors on what the type json holds and text cannot
 * (on 15 also on characters that the database's encoding lacks), and takes apart all
 * of a value at once.  Here nothing is an error, nothing is allocated, and nothing
 * recurs, however deep a value is.
 */
#include "values/json_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "values/utf8.h"

#define NO_CHARACTER (-1)

/* ----------
 * tokens
 * ----------
 */

/* Stands between tokens. */
static bool
is_gap(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ':';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_of_number(char c)
{
	return is_digit(c) || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

static bool
is_of_word(char c)
{
	return c >= 'a' && c <= 'z';
}

/* Behind the quote that begins a string, to the one that ends it. */
static const char *
end_of_string(const char *p, const char *end)
{
	while (p < end && *p != '"')
		p += *p == '\\' && p + 1 < end ? 2 : 1;
	return p;
}

static CrmJsonKind
kind_of(char c)
{
	switch (c)
	{
		case '{':
			return CRM_JSON_OBJECT;
		case '[':
			return CRM_JSON_ARRAY;
		case '}':
		case ']':
			return CRM_JSON_CLOSE;
		case '"':
			return CRM_JSON_STRING;
		default:
			return is_digit(c) || c == '-' ? CRM_JSON_NUMBER : CRM_JSON_OTHER;
	}
}

/* The token at *next, which moves behind it; its kind. */
CrmJsonKind
crm_json_next(const char **next, const char *end, CrmJsonToken *token)
{
	const char *p = *next;

	while (p < end && is_gap(*p))
		p++;
	token->bytes = p;
	token->kind = p == end ? CRM_JSON_END : kind_of(*p);
	if (token->kind == CRM_JSON_STRING)
	{
		token->bytes++;
		p = end_of_string(token->bytes, end);
		token->length = (size_t) (p - token->bytes);
		*next = p == end ? end : p + 1;
		return token->kind;
	}
	if (p < end)
		p++;
	if (token->kind == CRM_JSON_NUMBER)
		while (p < end && is_of_number(*p))
			p++;
	else if (token->kind == CRM_JSON_OTHER)
		while (p < end && is_of_word(*p))
			p++;
	token->length = (size_t) (p - token->bytes);
	*next = p;
	return token->kind;
}

/* Behind the object or array whose beginning was the last token. */
void
crm_json_skip(const char **next, const char *end)
{
	CrmJsonToken token;
	size_t		depth = 1;

	while (depth > 0 && crm_json_next(next, end, &token) != CRM_JSON_END)
	{
		if (token.kind == CRM_JSON_OBJECT || token.kind == CRM_JSON_ARRAY)
			depth++;
		else if (token.kind == CRM_JSON_CLOSE)
			depth--;
	}
}

/* ----------
 * strings
 * ----------
 */

static int32_t
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : NO_CHARACTER;
}

/* Four digits; NO_CHARACTER if they are not there. */
static int32_t
read_hex(const char **next, const char *end)
{
	int32_t		c = 0;
	int			i;

	if (end - *next < 4)
		return NO_CHARACTER;
	for (i = 0; i < 4; i++)
	{
		int32_t		digit = hex_digit((*next)[i]);

		if (digit == NO_CHARACTER)
			return NO_CHARACTER;
		c = c << 4 | digit;
	}
	*next += 4;
	return c;
}

/* Behind \u: a character, or two halves of one. */
static int32_t
read_unicode(const char **next, const char *end)
{
	int32_t		c = read_hex(next, end);
	int32_t		low;

	if (c <= 0 || (c >= 0xDC00 && c <= 0xDFFF))
		return NO_CHARACTER;
	if (c < 0xD800 || c > 0xDBFF)
		return c;
	if (end - *next < 2 || (*next)[0] != '\\' || (*next)[1] != 'u')
		return NO_CHARACTER;
	*next += 2;
	low = read_hex(next, end);
	if (low < 0xDC00 || low > 0xDFFF)
		return NO_CHARACTER;
	return 0x10000 + ((c - 0xD800) << 10 | (low - 0xDC00));
}

/* Behind a backslash. */
static int32_t
read_escape(const char **next, const char *end)
{
	static const char letters[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	const char *letter;
	char		c;

	if (*next == end)
		return NO_CHARACTER;
	c = *(*next)++;
	if (c == 'u')
		return read_unicode(next, end);
	letter = c == '\0' ? NULL : strchr(letters, c);
	return letter == NULL ? NO_CHARACTER : meant[letter - letters];
}

/*
 * The string that a token stands for, as UTF-8: its bytes that fit into the room, or
 * CRM_JSON_NO_TEXT if it holds what no text can hold, U+0000 or half a character.
 * Other bytes are taken as they are.
 */
size_t
crm_json_string(const CrmJsonToken *string, char *out, size_t room)
{
	const char *p = string->bytes;
	const char *end = p + string->length;
	size_t		length = 0;

	while (p < end)
	{
		char		bytes[CRM_UTF8_MAX_LENGTH];
		size_t		count = 1;

		bytes[0] = *p++;
		if (bytes[0] == '\\')
		{
			int32_t		c = read_escape(&p, end);

			if (c == NO_CHARACTER)
				return CRM_JSON_NO_TEXT;
			count = crm_utf8_put(bytes, c);
		}
		if (count > room - length)
			break;
		memcpy(out + length, bytes, count);
		length += count;
	}
	return length;
}
