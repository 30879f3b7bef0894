/*
 * jaro_winkler.c
 *		The similarity of Jaro and Winkler, for names.
 *
 * Characters are common if they are equal and not farther apart than half the
 * longer string, less one; each counts once.  Going through one string from its
 * beginning and giving each character the earliest partner still free, common
 * characters are found in the same number and the same places whichever string is
 * gone through: partners of one character never cross.  So the measure is
 * symmetric.
 */
#include "values/similarity.h"

#include <string.h>

/* How far apart equal characters may be. */
static inline size_t
jaro_window(size_t a_length, size_t b_length)
{
	size_t		half = (a_length > b_length ? a_length : b_length) / 2;

	return half > 0 ? half - 1 : 0;
}

/* Below, what the strings share at the beginning does not count. */
#define WINKLER_THRESHOLD 0.7

/*
 * Sums and quotients are written in the order of operations that makes results
 * equal, to the last bit, to those of others.
 */
static double
jaro_of(int64_t a_length, int64_t b_length, int64_t common, int64_t out_of_order)
{
	double		m = (double) common;
	double		similarity;

	if (common == 0)
		return a_length == 0 && b_length == 0 ? 1.0 : 0.0;
	similarity = m / (double) a_length;
	similarity += m / (double) b_length;
	similarity += (m - (double) (out_of_order / 2)) / m;
	return similarity / 3.0;
}

static double
add_bonus(double similarity, int prefix)
{
	/* volatile: rounded before it is added, also where one instruction does both */
	volatile double bonus = prefix * 0.1 * (1.0 - similarity);

	similarity += bonus;
	return similarity < 1.0 ? similarity : 1.0;
}

/* Equal characters at the beginning, at most four. */
static inline int
winkler_prefix(const CrmMatches *matches)
{
	int			shorter = matches->pattern_length < matches->text_length ?
		matches->pattern_length : matches->text_length;
	int			prefix = 0;

	while (prefix < 4 && prefix < shorter && (matches->at[prefix] >> prefix & 1) != 0)
		prefix++;
	return prefix;
}

/* Common characters that stand elsewhere in the other string's sequence of them. */
static inline int
count_out_of_order(const CrmMatches *matches, uint64_t in_pattern, uint64_t in_text)
{
	int			count = 0;

	while (in_text != 0)
	{
		uint64_t	earliest = in_pattern & -in_pattern;

		count += (matches->at[__builtin_ctzll(in_text)] & earliest) == 0;
		in_pattern ^= earliest;
		in_text &= in_text - 1;
	}
	return count;
}

double
crm_matches_jaro_winkler(const CrmMatches *matches)
{
	int			window = (int) jaro_window((size_t) matches->pattern_length,
										   (size_t) matches->text_length);
	int			reached = matches->pattern_length + window < matches->text_length ?
		matches->pattern_length + window : matches->text_length;
	uint64_t	within = (UINT64_C(2) << window) - 1;
	uint64_t	in_pattern = 0;
	uint64_t	in_text = 0;
	int			common = 0;
	double		similarity;
	int			j;

	for (j = 0; j < reached; j++)
	{
		uint64_t	partners = matches->at[j] & within & ~in_pattern;

		in_pattern |= partners & -partners;
		in_text |= (uint64_t) (partners != 0) << j;
		common += partners != 0;
		within = within << 1 | (j < window);
	}
	similarity = jaro_of(matches->pattern_length, matches->text_length, common,
						 count_out_of_order(matches, in_pattern, in_text));
	return similarity > WINKLER_THRESHOLD ? add_bonus(similarity, winkler_prefix(matches)) :
		similarity;
}

/* --- strings of any length ------------------------------------------------ */

#define NOWHERE UINT32_MAX

/*
 * Marks the common characters of both strings; returns their number.  Each label
 * has a list of its places in a, of which those that the window has left behind,
 * or that are taken, are dropped for good: that makes it linear.
 */
static size_t
mark_common(const uint32_t *a, size_t a_length, uint8_t *a_common, const uint32_t *b,
			size_t b_length, uint8_t *b_common, uint32_t *places, uint32_t *next)
{
	size_t		window = jaro_window(a_length, b_length);
	size_t		common = 0;
	size_t		i;
	size_t		j;

	for (i = a_length; i-- > 0;)
	{
		next[i] = places[a[i]];
		places[a[i]] = (uint32_t) i;
	}
	for (j = 0; j < b_length; j++)
	{
		uint32_t	place = places[b[j]];

		while (place != NOWHERE && place + window < j)
			place = next[place];
		if (place != NOWHERE && place <= j + window)
		{
			a_common[place] = b_common[j] = 1;
			common++;
			place = next[place];
		}
		places[b[j]] = place;
	}
	return common;
}

double
crm_jaro_winkler_long(const uint32_t *a, size_t a_length, const uint32_t *b, size_t b_length,
					  uint32_t labels, void *scratch)
{
	uint32_t   *places = scratch;
	uint32_t   *next = places + labels;
	uint8_t    *a_common = (uint8_t *) (next + a_length);
	uint8_t    *b_common = a_common + a_length;
	size_t		common;
	size_t		out_of_order = 0;
	size_t		i = 0;
	size_t		j;
	int			prefix = 0;
	double		similarity;

	memset(places, 0xFF, labels * sizeof(uint32_t));
	memset(a_common, 0, a_length + b_length);
	common = mark_common(a, a_length, a_common, b, b_length, b_common, places, next);

	for (j = 0; j < b_length; j++)
	{
		if (!b_common[j])
			continue;
		while (!a_common[i])
			i++;
		out_of_order += a[i++] != b[j];
	}
	similarity = jaro_of((int64_t) a_length, (int64_t) b_length, (int64_t) common,
						 (int64_t) out_of_order);
	if (similarity <= WINKLER_THRESHOLD)
		return similarity;
	while (prefix < 4 && (size_t) prefix < a_length && (size_t) prefix < b_length &&
		   a[prefix] == b[prefix])
		prefix++;
	return add_bonus(similarity, prefix);
}
