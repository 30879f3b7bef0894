/*
 * character_matches.c
 *		Which characters of a pattern equal which of a text, as bits.
 *
 * The masks of a prepared pattern are cleared as a whole.  Where a pattern serves
 * for one text only, just the entries that the two strings touch are: the rest of
 * the table, which is on the stack, is never read.
 */
#include "values/similarity.h"

#include <string.h>

#include "values/utf8.h"

/* The slot of a character, or the empty one where it would be. */
static inline uint32_t
high_slot(const CrmPattern *pattern, uint32_t c)
{
	uint32_t	slot = (c * UINT32_C(0x9E3779B1)) >> 25;

	while (pattern->high[slot] != c && pattern->high[slot] != CRM_NO_CHARACTER)
		slot = (slot + 1) % CRM_HIGH_SLOTS;
	return slot;
}

static void
add_high(CrmPattern *pattern, uint32_t c, uint64_t bit)
{
	uint32_t	slot;

	if (!pattern->has_high)
	{
		memset(pattern->high, 0xFF, sizeof(pattern->high));
		pattern->has_high = true;
	}
	slot = high_slot(pattern, c);
	if (pattern->high[slot] == CRM_NO_CHARACTER)
	{
		pattern->high[slot] = c;
		pattern->high_masks[slot] = 0;
	}
	pattern->high_masks[slot] |= bit;
}

static inline uint64_t
mask_of(const CrmPattern *pattern, uint32_t c)
{
	uint32_t	slot;

	if (c < 256)
		return pattern->low[c];
	if (!pattern->has_high)
		return 0;
	slot = high_slot(pattern, c);
	return pattern->high[slot] == c ? pattern->high_masks[slot] : 0;
}

static inline void
add_bytes(CrmPattern *pattern, const unsigned char *bytes, int length)
{
	int			i;

	pattern->length = length;
	pattern->has_high = false;
	for (i = 0; i < length; i++)
		pattern->low[bytes[i]] |= UINT64_C(1) << i;
}

static void
add_characters(CrmPattern *pattern, const uint32_t *characters, int length)
{
	int			i;

	pattern->length = length;
	pattern->has_high = false;
	for (i = 0; i < length; i++)
	{
		if (characters[i] < 256)
			pattern->low[characters[i]] |= UINT64_C(1) << i;
		else
			add_high(pattern, characters[i], UINT64_C(1) << i);
	}
}

void
crm_pattern_of_bytes(CrmPattern *pattern, const char *bytes, int length)
{
	memset(pattern->low, 0, sizeof(pattern->low));
	add_bytes(pattern, (const unsigned char *) bytes, length);
}

void
crm_pattern_of_characters(CrmPattern *pattern, const uint32_t *characters, int length)
{
	memset(pattern->low, 0, sizeof(pattern->low));
	add_characters(pattern, characters, length);
}

void
crm_match_bytes(const CrmPattern *pattern, const char *bytes, int length, CrmMatches *matches)
{
	const unsigned char *text = (const unsigned char *) bytes;
	int			j;

	matches->pattern_length = pattern->length;
	matches->text_length = length;
	for (j = 0; j < length; j++)
		matches->at[j] = pattern->low[text[j]];
}

void
crm_match_characters(const CrmPattern *pattern, const uint32_t *characters, int length,
					 CrmMatches *matches)
{
	int			j;

	matches->pattern_length = pattern->length;
	matches->text_length = length;
	for (j = 0; j < length; j++)
		matches->at[j] = mask_of(pattern, characters[j]);
}

void
crm_match_two_bytes(const char *a, int a_length, const char *b, int b_length, CrmMatches *matches)
{
	const unsigned char *pattern_bytes = (const unsigned char *) a;
	const unsigned char *text = (const unsigned char *) b;
	CrmPattern	pattern;
	int			i;

	for (i = 0; i < b_length; i++)
		pattern.low[text[i]] = 0;
	for (i = 0; i < a_length; i++)
		pattern.low[pattern_bytes[i]] = 0;
	add_bytes(&pattern, pattern_bytes, a_length);
	crm_match_bytes(&pattern, b, b_length, matches);
}

void
crm_match_two_characters(const uint32_t *a, int a_length, const uint32_t *b, int b_length,
						 CrmMatches *matches)
{
	CrmPattern	pattern;
	int			i;

	for (i = 0; i < b_length; i++)
		if (b[i] < 256)
			pattern.low[b[i]] = 0;
	for (i = 0; i < a_length; i++)
		if (a[i] < 256)
			pattern.low[a[i]] = 0;
	add_characters(&pattern, a, a_length);
	crm_match_characters(&pattern, b, b_length, matches);
}

int
crm_utf8_characters(const char *bytes, size_t length, uint32_t *characters, int room)
{
	const char *p = bytes;
	const char *end = bytes + length;
	int			count = 0;

	while (p < end)
	{
		int32_t		c;

		if (count == room)
			return -1;
		c = crm_utf8_next(&p, end);
		if (c == CRM_UTF8_MALFORMED)
			c = 0xDC00 + (unsigned char) *p++;
		characters[count++] = (uint32_t) c;
	}
	return count;
}
