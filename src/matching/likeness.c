/*
 * likeness.c
 *		How alike two values are as strings.
 *
 * Values have at most CRM_MATCH_VALUE_MAX bytes, one machine word of characters.
 * Nothing is allocated, nothing is kept.
 */
#include "matching/likeness.h"

#include "values/similarity.h"
#include "values/utf8.h"

StaticAssertDecl(CRM_MATCH_VALUE_MAX <= CRM_WORD_LENGTH, "values are compared in one machine word");

/* ----------
 * characters
 * ----------
 */

/* The characters of a value; bytes that are none stand for themselves. */
static int
characters_of(const CrmMatchValue *value, uint32 *characters)
{
	const char *p = value->bytes;
	const char *end = p + value->length;
	int			count = 0;

	while (p < end)
	{
		int32		c = crm_utf8_next(&p, end);

		characters[count++] = c >= 0 ? (uint32) c : UINT32_C(0x110000) + (unsigned char) *p++;
	}
	return count;
}

static void
match(const CrmMatchValue *a, const CrmMatchValue *b, CrmMatches *matches)
{
	if ((a->flags | b->flags) & CRM_VALUE_WIDE)
	{
		uint32		left[CRM_MATCH_VALUE_MAX];
		uint32		right[CRM_MATCH_VALUE_MAX];
		int			left_count = characters_of(a, left);
		int			right_count = characters_of(b, right);

		crm_match_two_characters(left, left_count, right, right_count, matches);
	}
	else
		crm_match_two_bytes(a->bytes, a->length, b->bytes, b->length, matches);
}

double
crm_similarity(const CrmMatchValue *a, const CrmMatchValue *b)
{
	CrmMatches	matches;

	match(a, b, &matches);
	return crm_matches_jaro_winkler(&matches);
}

/* Whether two values have at least this similarity. */
bool
crm_are_alike(const CrmMatchValue *a, const CrmMatchValue *b, double similarity)
{
	return crm_letters_may_be_alike(a->letters, b->letters, Max(a->length, b->length), similarity) &&
		crm_similarity(a, b) >= similarity;
}

/* Letters that are inserted, left out, exchanged or replaced; beyond the bound: bound + 1. */
int
crm_bytes_distance(const char *a, int a_length, const char *b, int b_length, int bound)
{
	CrmMatches	matches;

	if (abs(a_length - b_length) > bound)
		return bound + 1;
	crm_match_two_bytes(a, a_length, b, b_length, &matches);
	return crm_matches_edit_distance(&matches, bound, true);
}

int
crm_distance(const CrmMatchValue *a, const CrmMatchValue *b, int bound)
{
	CrmMatches	matches;

	if (crm_letters_apart(a->letters, b->letters) > 2 * bound)
		return bound + 1;
	if (((a->flags | b->flags) & CRM_VALUE_WIDE) == 0)
		return crm_bytes_distance(a->bytes, a->length, b->bytes, b->length, bound);
	match(a, b, &matches);
	return crm_matches_edit_distance(&matches, bound, true);
}

/* What is left of two strings without what they begin with alike. */
static int
common_prefix(const char *a, const char *b, int length)
{
	int			i = 0;

	while (i < length && a[i] == b[i])
		i++;
	return i;
}

bool
crm_are_one_slip_apart(const CrmMatchValue *a, const CrmMatchValue *b)
{
	const char *left = a->bytes;
	const char *right = b->bytes;
	int			more = a->length - b->length;
	int			rest;
	int			same;

	if ((a->flags | b->flags) & CRM_VALUE_WIDE)
		return crm_distance(a, b, 1) <= 1;
	if (more > 1 || more < -1)
		return false;
	rest = Min(a->length, b->length);
	same = common_prefix(left, right, rest);
	left += same;
	right += same;
	rest -= same;
	if (more != 0)
		return memcmp(left + (more > 0), right + (more < 0), rest) == 0;
	if (rest <= 1 || memcmp(left + 1, right + 1, rest - 1) == 0)
		return true;
	return left[0] == right[1] && left[1] == right[0] && memcmp(left + 2, right + 2, rest - 2) == 0;
}

/* ----------
 * words
 * ----------
 */

/* The word after this one, or the first if its bytes are NULL; false if there is none. */
bool
crm_next_word(const CrmMatchValue *value, CrmWord *word)
{
	const char *end = value->bytes + value->length;
	const char *start = word->bytes == NULL ? value->bytes : word->bytes + word->length + 1;
	const char *blank;

	if (start >= end)
		return false;
	blank = memchr(start, ' ', end - start);
	word->bytes = start;
	word->length = (blank != NULL ? blank : end) - start;
	return true;
}

bool
crm_has_word(const CrmMatchValue *value, const CrmWord *word)
{
	CrmWord		own = {NULL, 0};

	while (crm_next_word(value, &own))
		if (own.length == word->length && memcmp(own.bytes, word->bytes, own.length) == 0)
			return true;
	return false;
}

int
crm_count_words(const CrmMatchValue *value)
{
	CrmWord		word = {NULL, 0};
	int			count = 0;

	while (crm_next_word(value, &word))
		count++;
	return count;
}

/* Whether every word of the second, none of them an initial, is one of the first's. */
bool
crm_has_all_words(const CrmMatchValue *a, const CrmMatchValue *b)
{
	CrmWord		word = {NULL, 0};

	while (crm_next_word(b, &word))
		if (word.length < 2 || !crm_has_word(a, &word))
			return false;
	return b->length > 0;
}

/* A shorter word is hardly a name. */
#define NAME_MIN 4

/* Whether two different values have a word in common that is long enough to be a name. */
bool
crm_share_word(const CrmMatchValue *a, const CrmMatchValue *b)
{
	CrmWord		word = {NULL, 0};

	if (((a->flags | b->flags) & CRM_VALUE_WORDS) == 0)
		return false;
	while (crm_next_word(a, &word))
		if (word.length >= NAME_MIN && crm_has_word(b, &word))
			return true;
	return false;
}
