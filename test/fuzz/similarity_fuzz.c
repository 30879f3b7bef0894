/*
 * similarity_fuzz.c
 *		libFuzzer target: the measures of similarity against textbook versions.
 *
 * Compiles the very workers that the server runs, with the address and
 * undefined-behaviour sanitizers.  Each input is two strings, a bound and how to
 * read the bytes: as they are, as UTF-8, or as letters of a small alphabet, each
 * perhaps repeated until machine words are crossed.  All results are compared with
 * slow versions written from the definitions, short forms with long ones, and with
 * what is promised: symmetry, limits, words in any order.
 */
#include "values/similarity.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "promise.h"

#define LONGEST 260

/* An exact copy of the characters, so that a read beyond the end is seen. */
typedef struct String
{
	uint32_t   *at;
	size_t		length;
} String;

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --- textbook versions ---------------------------------------------------- */

static int
least(int a, int b)
{
	return a < b ? a : b;
}

static int
slow_distance(String a, String b, bool transpositions)
{
	static int	d[LONGEST + 1][LONGEST + 1];
	size_t		i;
	size_t		j;

	for (i = 0; i <= a.length; i++)
		for (j = 0; j <= b.length; j++)
		{
			if (i == 0 || j == 0)
			{
				d[i][j] = (int) (i + j);
				continue;
			}
			d[i][j] = d[i - 1][j - 1] + (a.at[i - 1] != b.at[j - 1]);
			d[i][j] = least(d[i][j], least(d[i - 1][j], d[i][j - 1]) + 1);
			if (transpositions && i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
				a.at[i - 2] == b.at[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a.length][b.length];
}

static size_t
slow_subsequence(String a, String b)
{
	static size_t d[LONGEST + 1][LONGEST + 1];
	size_t		i;
	size_t		j;

	for (i = 1; i <= a.length; i++)
		for (j = 1; j <= b.length; j++)
		{
			d[i][j] = d[i - 1][j] > d[i][j - 1] ? d[i - 1][j] : d[i][j - 1];
			if (a.at[i - 1] == b.at[j - 1] && d[i - 1][j - 1] + 1 > d[i][j])
				d[i][j] = d[i - 1][j - 1] + 1;
		}
	return a.length == 0 || b.length == 0 ? 0 : d[a.length][b.length];
}

static double
slow_jaro_winkler(String a, String b)
{
	static bool a_used[LONGEST];
	static bool b_used[LONGEST];
	long		window = (long) (a.length > b.length ? a.length : b.length) / 2 - 1;
	double		m = 0;
	int			half = 0;
	int			prefix = 0;
	double		jaro;
	long		i;
	long		j;

	if (a.length == 0 && b.length == 0)
		return 1;
	if (window < 0)
		window = 0;
	memset(a_used, 0, sizeof(a_used));
	memset(b_used, 0, sizeof(b_used));
	for (i = 0; i < (long) a.length; i++)
		for (j = 0; j < (long) b.length; j++)
			if (labs(i - j) <= window && !b_used[j] && a.at[i] == b.at[j])
			{
				a_used[i] = b_used[j] = true;
				m++;
				break;
			}
	if (m == 0)
		return 0;
	for (i = 0, j = 0; i < (long) a.length; i++)
		if (a_used[i])
		{
			while (!b_used[j])
				j++;
			half += a.at[i] != b.at[j++];
		}
	jaro = m / (double) a.length + m / (double) b.length;
	jaro = (jaro + (m - half / 2) / m) / 3.0;
	while (prefix < 4 && prefix < (long) a.length && prefix < (long) b.length &&
		   a.at[prefix] == b.at[prefix])
		prefix++;
	if (jaro > 0.7)
		jaro += prefix * 0.1 * (1.0 - jaro);
	return jaro < 1.0 ? jaro : 1.0;
}

/* --- input ---------------------------------------------------------------- */

/*
 * The reading is bits of the first byte: 1 UTF-8, 2 an alphabet of four, 4 repeated,
 * 8 far code points.
 */
static String
read_string(const uint8_t *bytes, size_t size, int reading)
{
	uint32_t	characters[LONGEST];
	String		s;
	size_t		i;

	if ((reading & 1) != 0)
		s.length = (size_t) crm_utf8_characters((const char *) bytes, size, characters, LONGEST);
	else
		for (s.length = 0; s.length < size; s.length++)
			characters[s.length] = (reading & 2) != 0 ? "ab c"[bytes[s.length] % 4] : bytes[s.length];
	if ((reading & 4) != 0)
		for (i = 0; s.length > 0 && i < 130 && s.length < LONGEST; i++, s.length++)
			characters[s.length] = characters[i];
	if ((reading & 8) != 0)
		for (i = 0; i < s.length; i++)
			if (characters[i] != ' ')
				characters[i] = characters[i] * 0x10001;
	s.at = malloc(s.length * sizeof(uint32_t) + 1);
	memcpy(s.at, characters, s.length * sizeof(uint32_t));
	return s;
}

/* --- checks --------------------------------------------------------------- */

static void
check_short(String a, String b, int32_t bound, double jaro_winkler, int levenshtein, int aligned,
			size_t common)
{
	CrmMatches	matches;
	CrmMatches	prepared;
	CrmPattern	pattern;

	crm_match_two_characters(a.at, (int) a.length, b.at, (int) b.length, &matches);
	CHECK(crm_matches_jaro_winkler(&matches) == jaro_winkler);
	CHECK(crm_matches_edit_distance(&matches, CRM_NO_BOUND, false) == levenshtein);
	CHECK(crm_matches_edit_distance(&matches, CRM_NO_BOUND, true) == aligned);
	CHECK(crm_matches_edit_distance(&matches, bound, false) == least(levenshtein, bound + 1));
	CHECK(crm_matches_edit_distance(&matches, bound, true) == least(aligned, bound + 1));
	CHECK((size_t) crm_matches_subsequence(&matches) == common);

	crm_pattern_of_characters(&pattern, a.at, (int) a.length);
	crm_match_characters(&pattern, b.at, (int) b.length, &prepared);
	CHECK(prepared.pattern_length == matches.pattern_length &&
		  prepared.text_length == matches.text_length &&
		  memcmp(prepared.at, matches.at, b.length * sizeof(uint64_t)) == 0);
}

/* Strings of bytes have one more way in. */
static void
check_bytes(const uint8_t *a, size_t a_length, const uint8_t *b, size_t b_length,
			double jaro_winkler)
{
	CrmMatches	matches;
	CrmMatches	prepared;
	CrmPattern	pattern;

	crm_match_two_bytes((const char *) a, (int) a_length, (const char *) b, (int) b_length, &matches);
	CHECK(crm_matches_jaro_winkler(&matches) == jaro_winkler);
	crm_pattern_of_bytes(&pattern, (const char *) a, (int) a_length);
	crm_match_bytes(&pattern, (const char *) b, (int) b_length, &prepared);
	CHECK(memcmp(prepared.at, matches.at, b_length * sizeof(uint64_t)) == 0);
}

static int64_t
swept(CrmSweepKind kind, String a, String b, uint32_t labels, int32_t bound, void *scratch)
{
	CrmSweep	sweep;
	size_t		steps = 1;

	crm_sweep_begin(&sweep, kind, a.at, a.length, b.at, b.length, labels, bound, scratch);
	while (crm_sweep_step(&sweep))
		steps++;
	CHECK(steps <= a.length / CRM_WORD_LENGTH + 1);
	return sweep.result;
}

/* Labels replace the characters. */
static void
check_long(String a, String b, int32_t bound, double jaro_winkler, int levenshtein, int aligned,
		   size_t common)
{
	void	   *scratch = malloc(crm_scratch_size(a.length, b.length));
	uint32_t	labels = crm_label_characters(a.at, a.length, b.at, b.length, scratch);
	size_t		i;

	for (i = 0; i < a.length; i++)
		CHECK(a.at[i] < labels);
	for (i = 0; i < b.length; i++)
		CHECK(b.at[i] < labels);
	CHECK(crm_jaro_winkler_long(a.at, a.length, b.at, b.length, labels, scratch) == jaro_winkler);
	CHECK(swept(CRM_LEVENSHTEIN, a, b, labels, CRM_NO_BOUND, scratch) == levenshtein);
	CHECK(swept(CRM_OPTIMAL_ALIGNMENT, a, b, labels, CRM_NO_BOUND, scratch) == aligned);
	CHECK(swept(CRM_LEVENSHTEIN, a, b, labels, bound, scratch) == least(levenshtein, bound + 1));
	CHECK(swept(CRM_OPTIMAL_ALIGNMENT, a, b, labels, bound, scratch) == least(aligned, bound + 1));
	CHECK(swept(CRM_COMMON_SUBSEQUENCE, a, b, labels, 0, scratch) == (int64_t) common);
	free(scratch);
}

/* Sorted words are sorted, no longer than before, and stay as they are. */
static void
check_words(String s)
{
	uint32_t   *sorted = malloc(s.length * sizeof(uint32_t) + 1);
	uint32_t   *again = malloc(s.length * sizeof(uint32_t) + 1);
	void	   *scratch = malloc(crm_words_scratch_size(s.length) + 1);
	size_t		length = crm_sort_words(s.at, s.length, sorted, scratch);
	size_t		i;

	CHECK(length <= s.length);
	CHECK(crm_sort_words(sorted, length, again, scratch) == length);
	CHECK(memcmp(sorted, again, length * sizeof(uint32_t)) == 0);
	CHECK(length == 0 || (sorted[0] != ' ' && sorted[length - 1] != ' '));
	for (i = 1; i < length; i++)
		CHECK(sorted[i] != ' ' || sorted[i - 1] != ' ');
	free(sorted);
	free(again);
	free(scratch);
}

static void
check_pair(String a, String b, int32_t bound)
{
	double		jaro_winkler = slow_jaro_winkler(a, b);
	int			levenshtein = slow_distance(a, b, false);
	int			aligned = slow_distance(a, b, true);
	size_t		common = slow_subsequence(a, b);
	double		indel = crm_indel_similarity(a.length, b.length, common);

	CHECK(jaro_winkler >= 0 && jaro_winkler <= 1 && indel >= 0 && indel <= 1);
	CHECK(aligned <= levenshtein);
	if (a.length <= CRM_WORD_LENGTH && b.length <= CRM_WORD_LENGTH)
	{
		check_short(a, b, bound, jaro_winkler, levenshtein, aligned, common);
		check_short(b, a, bound, jaro_winkler, levenshtein, aligned, common);
	}
	check_words(a);
	check_words(b);
	check_long(b, a, bound, jaro_winkler, levenshtein, aligned, common);
	check_long(a, b, bound, jaro_winkler, levenshtein, aligned, common);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int			reading;
	int32_t		bound;
	size_t		split;
	String		a;
	String		b;

	if (size < 3)
		return 0;
	if (size > LONGEST)
		size = LONGEST;
	reading = data[0];
	bound = data[1];
	split = data[2] * (size - 3) / 255;
	data += 3;
	size -= 3;
	a = read_string(data, split, reading);
	b = read_string(data + split, size - split, reading >> 4 & 3 ? reading : reading & ~4);
	if ((reading & 15) == 0 && a.length <= CRM_WORD_LENGTH && b.length <= CRM_WORD_LENGTH)
		check_bytes(data, a.length, data + split, b.length, slow_jaro_winkler(a, b));
	check_pair(a, b, bound);
	free(a.at);
	free(b.at);
	return 0;
}
