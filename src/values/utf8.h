/*
 * utf8.h
 *		Code points of UTF-8 text, for workers that touch no server state.
 *
 * Plain C without the server's headers, so that fuzzers compile the very code
 * that the server runs.  Overlong forms, surrogates and code points above
 * U+10FFFF are malformed.
 */
#ifndef CRM_UTF8_H
#define CRM_UTF8_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define CRM_UTF8_MAX_LENGTH 4

/* What crm_utf8_next returns for bytes that are no character; *p stays. */
#define CRM_UTF8_MALFORMED (-1)

static inline int
crm_utf8_is_tail(char c)
{
	return ((unsigned char) c & 0xC0) == 0x80;
}

/* The code point at *p, which moves behind it; *p < end. */
static inline int32_t
crm_utf8_next(const char **p, const char *end)
{
	const char *s = *p;
	unsigned char lead = (unsigned char) s[0];
	int32_t		c;

	if (lead < 0x80)
	{
		*p = s + 1;
		return lead;
	}
	if (lead < 0xC2 || lead > 0xF4)
		return CRM_UTF8_MALFORMED;
	if (lead < 0xE0)
	{
		if (end - s < 2 || !crm_utf8_is_tail(s[1]))
			return CRM_UTF8_MALFORMED;
		*p = s + 2;
		return (lead & 0x1F) << 6 | (s[1] & 0x3F);
	}
	if (lead < 0xF0)
	{
		if (end - s < 3 || !crm_utf8_is_tail(s[1]) || !crm_utf8_is_tail(s[2]))
			return CRM_UTF8_MALFORMED;
		c = (lead & 0x0F) << 12 | (s[1] & 0x3F) << 6 | (s[2] & 0x3F);
		if (c < 0x800 || (c >= 0xD800 && c <= 0xDFFF))
			return CRM_UTF8_MALFORMED;
		*p = s + 3;
		return c;
	}
	if (end - s < 4 || !crm_utf8_is_tail(s[1]) || !crm_utf8_is_tail(s[2]) ||
		!crm_utf8_is_tail(s[3]))
		return CRM_UTF8_MALFORMED;
	c = (lead & 0x07) << 18 | (s[1] & 0x3F) << 12 | (s[2] & 0x3F) << 6 | (s[3] & 0x3F);
	if (c < 0x10000 || c > 0x10FFFF)
		return CRM_UTF8_MALFORMED;
	*p = s + 4;
	return c;
}

/* Writes a valid code point into at most CRM_UTF8_MAX_LENGTH bytes; returns how many. */
static inline size_t
crm_utf8_put(char *out, int32_t c)
{
	if (c < 0x80)
	{
		out[0] = (char) c;
		return 1;
	}
	if (c < 0x800)
	{
		out[0] = (char) (0xC0 | c >> 6);
		out[1] = (char) (0x80 | (c & 0x3F));
		return 2;
	}
	if (c < 0x10000)
	{
		out[0] = (char) (0xE0 | c >> 12);
		out[1] = (char) (0x80 | (c >> 6 & 0x3F));
		out[2] = (char) (0x80 | (c & 0x3F));
		return 3;
	}
	out[0] = (char) (0xF0 | c >> 18);
	out[1] = (char) (0x80 | (c >> 12 & 0x3F));
	out[2] = (char) (0x80 | (c >> 6 & 0x3F));
	out[3] = (char) (0x80 | (c & 0x3F));
	return 4;
}

/* Length of the ASCII prefix: eight bytes at a time. */
static inline size_t
crm_ascii_prefix(const char *s, size_t length)
{
	size_t		i = 0;

	for (; i + sizeof(uint64_t) <= length; i += sizeof(uint64_t))
	{
		uint64_t	chunk;

		memcpy(&chunk, s + i, sizeof(chunk));
		if (chunk & UINT64_C(0x8080808080808080))
			break;
	}
	while (i < length && (unsigned char) s[i] < 0x80)
		i++;
	return i;
}

#endif							/* CRM_UTF8_H */
