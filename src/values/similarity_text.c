/*
 * similarity_text.c
 *		How alike two strings in the database's encoding are, whatever their length.
 *
 * What counts is characters.  ASCII, and every encoding of single bytes, is compared
 * as it is; UTF-8 as code points.  In a database of SQL_ASCII bytes are taken for
 * UTF-8 where they are that, and any other byte for a character of its own.  Other
 * encodings need no conversion either, since it is equality that decides: only the
 * order of words is one of code points, so that it is the same in every database.
 *
 * Up to CRM_WORD_LENGTH characters on both sides nothing is allocated, but for
 * words that have to be converted.
 */
#include "values/similarity_text.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "values/utf8.h"
#include "values/utf8_text.h"

/* How bytes are read. */
typedef enum Reading
{
	AS_BYTES,					/* each is a character */
	AS_UTF8,
	AS_OPAQUE					/* characters of another encoding */
} Reading;

/* Set in opaque characters other than ASCII: they equal no code point. */
#define OPAQUE_CHARACTER UINT32_C(0x80000000)

/* Two strings of any length, a the shorter; all in one chunk of memory. */
typedef struct LongPair
{
	uint32_t   *a;
	uint32_t   *b;
	size_t		a_length;
	size_t		b_length;
	uint32_t	labels;
	void	   *scratch;
} LongPair;

static bool
is_ascii(const char *bytes, int length)
{
	return crm_ascii_prefix(bytes, (size_t) length) == (size_t) length;
}

static Reading
reading_of(const char *a, int a_length, const char *b, int b_length)
{
	int			encoding = GetDatabaseEncoding();

	if (encoding != PG_UTF8 && encoding != PG_SQL_ASCII &&
		pg_database_encoding_max_length() == 1)
		return AS_BYTES;
	if (is_ascii(a, a_length) && is_ascii(b, b_length))
		return AS_BYTES;
	return encoding == PG_UTF8 || encoding == PG_SQL_ASCII ? AS_UTF8 : AS_OPAQUE;
}

/* -1 if there are more than room. */
static int
read_bytes(const char *bytes, int length, uint32_t *characters, int room)
{
	int			i;

	if (length > room)
		return -1;
	for (i = 0; i < length; i++)
		characters[i] = (unsigned char) bytes[i];
	return length;
}

/* A character's bytes make a number; a broken one at the end is cut short. */
static int
read_opaque(const char *bytes, int length, uint32_t *characters, int room)
{
	const char *p = bytes;
	const char *end = bytes + length;
	int			count = 0;

	while (p < end)
	{
		int			rest = Min(pg_encoding_mblen(GetDatabaseEncoding(), p), end - p);
		uint32_t	c = (unsigned char) *p++;

		if (count == room)
			return -1;
		if (c >= 0x80)
			c |= OPAQUE_CHARACTER;
		while (--rest > 0)
			c = (c & ~OPAQUE_CHARACTER) << 8 | (unsigned char) *p++ | OPAQUE_CHARACTER;
		characters[count++] = c;
	}
	return count;
}

static int
read_characters(Reading reading, const char *bytes, int length, uint32_t *characters, int room)
{
	switch (reading)
	{
		case AS_BYTES:
			return read_bytes(bytes, length, characters, room);
		case AS_UTF8:
			return crm_utf8_characters(bytes, (size_t) length, characters, room);
		case AS_OPAQUE:
			return read_opaque(bytes, length, characters, room);
	}
	elog(ERROR, "unknown reading of a string: %d", (int) reading);
}

/*
 * False, with nothing done, if a string has more than CRM_WORD_LENGTH characters;
 * else any measures of similarity.h may follow.
 */
static bool
match_text(const char *a, int a_length, const char *b, int b_length, CrmMatches *matches)
{
	Reading		reading = reading_of(a, a_length, b, b_length);
	uint32_t	a_characters[CRM_WORD_LENGTH];
	uint32_t	b_characters[CRM_WORD_LENGTH];

	if (reading == AS_BYTES)
	{
		if (a_length > CRM_WORD_LENGTH || b_length > CRM_WORD_LENGTH)
			return false;
		crm_match_two_bytes(a, a_length, b, b_length, matches);
		return true;
	}
	a_length = read_characters(reading, a, a_length, a_characters, CRM_WORD_LENGTH);
	b_length = read_characters(reading, b, b_length, b_characters, CRM_WORD_LENGTH);
	if (a_length < 0 || b_length < 0)
		return false;
	crm_match_two_characters(a_characters, a_length, b_characters, b_length, matches);
	return true;
}

/* --- strings of any length ------------------------------------------------ */

static void
refuse_long(int length)
{
	if (length > CRM_SIMILARITY_MAX_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("string of %d bytes is too long to compare", length),
				 errdetail("At most %d bytes can be compared.", CRM_SIMILARITY_MAX_LENGTH),
				 errhint("Compare the beginnings, for example left(value, 1000).")));
}

/* Of what both strings begin and end with a sweep takes no notice. */
static void
refuse_product(const LongPair *pair, const CrmSweep *sweep)
{
	if (crm_sweep_cells(sweep) <= CRM_SIMILARITY_MAX_PRODUCT)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("strings of %zu and %zu characters are too long to compare",
					pair->a_length, pair->b_length),
			 errdetail("The product of their lengths, without what both begin and end with, must not exceed %.0f.",
					   CRM_SIMILARITY_MAX_PRODUCT),
			 sweep->kind == CRM_COMMON_SUBSEQUENCE ?
			 errhint("Compare the beginnings, for example left(value, 1000).") :
			 errhint("Give a smaller max_distance, or compare the beginnings, for example left(value, 1000).")));
}

static void
make_pair(LongPair *pair, Reading reading, const char *a, int a_length, const char *b, int b_length)
{
	uint32_t   *room;

	refuse_long(a_length);
	refuse_long(b_length);
	room = palloc(((Size) a_length + b_length) * sizeof(uint32_t));
	pair->a = room;
	pair->a_length = (size_t) read_characters(reading, a, a_length, room, a_length);
	pair->b = room + pair->a_length;
	pair->b_length = (size_t) read_characters(reading, b, b_length, pair->b, b_length);
}

/* The shorter one first: its words are what a sweep goes through. */
static void
prepare_pair(LongPair *pair)
{
	if (pair->a_length > pair->b_length)
	{
		uint32_t   *longer = pair->a;
		size_t		length = pair->a_length;

		pair->a = pair->b;
		pair->a_length = pair->b_length;
		pair->b = longer;
		pair->b_length = length;
	}
	pair->scratch = palloc(crm_scratch_size(pair->a_length, pair->b_length));
	pair->labels = crm_label_characters(pair->a, pair->a_length, pair->b, pair->b_length,
										pair->scratch);
}

static void
free_pair(LongPair *pair)
{
	pfree(pair->scratch);
	pfree(Min(pair->a, pair->b));
}

static int64
sweep_pair(LongPair *pair, CrmSweepKind kind, int32 bound)
{
	CrmSweep	sweep;

	crm_sweep_begin(&sweep, kind, pair->a, pair->a_length, pair->b, pair->b_length,
					pair->labels, bound, pair->scratch);
	refuse_product(pair, &sweep);
	while (crm_sweep_step(&sweep))
		CHECK_FOR_INTERRUPTS();
	return sweep.result;
}

double
crm_jaro_winkler_of(const char *a, int a_length, const char *b, int b_length)
{
	CrmMatches	matches;
	LongPair	pair;
	double		similarity;

	if (match_text(a, a_length, b, b_length, &matches))
		return crm_matches_jaro_winkler(&matches);

	make_pair(&pair, reading_of(a, a_length, b, b_length), a, a_length, b, b_length);
	prepare_pair(&pair);
	similarity = crm_jaro_winkler_long(pair.a, pair.a_length, pair.b, pair.b_length,
									   pair.labels, pair.scratch);
	free_pair(&pair);
	return similarity;
}

int32
crm_edit_distance_of(const char *a, int a_length, const char *b, int b_length, int32 bound,
					 bool transpositions)
{
	CrmMatches	matches;
	LongPair	pair;
	int32		distance;

	if (match_text(a, a_length, b, b_length, &matches))
		return crm_matches_edit_distance(&matches, bound, transpositions);

	make_pair(&pair, reading_of(a, a_length, b, b_length), a, a_length, b, b_length);
	prepare_pair(&pair);
	distance = (int32) sweep_pair(&pair, transpositions ? CRM_OPTIMAL_ALIGNMENT : CRM_LEVENSHTEIN,
								  bound);
	free_pair(&pair);
	return distance;
}

/* --- words ---------------------------------------------------------------- */

/*
 * Both strings as what their words are sorted by: code points, if both can be had
 * as such.
 */
static Reading
read_for_words(CrmUtf8Text *a, CrmUtf8Text *b)
{
	CrmUtf8Text a_utf8;
	CrmUtf8Text b_utf8;
	int			encoding = GetDatabaseEncoding();

	if (is_ascii(a->bytes, (int) a->length) && is_ascii(b->bytes, (int) b->length))
		return AS_BYTES;
	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return AS_UTF8;
	if (!crm_bytes_to_utf8(a->bytes, (int) a->length, &a_utf8) ||
		!crm_bytes_to_utf8(b->bytes, (int) b->length, &b_utf8))
		return AS_OPAQUE;
	*a = a_utf8;
	*b = b_utf8;
	return AS_UTF8;
}

static bool
match_words(Reading reading, const CrmUtf8Text *a, const CrmUtf8Text *b, CrmMatches *matches)
{
	uint32_t	characters[CRM_WORD_LENGTH];
	uint32_t	a_sorted[CRM_WORD_LENGTH];
	uint32_t	b_sorted[CRM_WORD_LENGTH];
	int			a_length;
	int			b_length;

	a_length = read_characters(reading, a->bytes, (int) a->length, characters, CRM_WORD_LENGTH);
	if (a_length < 0)
		return false;
	a_length = (int) crm_sort_words(characters, (size_t) a_length, a_sorted, NULL);
	b_length = read_characters(reading, b->bytes, (int) b->length, characters, CRM_WORD_LENGTH);
	if (b_length < 0)
		return false;
	b_length = (int) crm_sort_words(characters, (size_t) b_length, b_sorted, NULL);
	crm_match_two_characters(a_sorted, a_length, b_sorted, b_length, matches);
	return true;
}

static void
sort_pair(LongPair *pair)
{
	size_t		a_length = pair->a_length;
	uint32_t   *unsorted = Min(pair->a, pair->b);
	uint32_t   *sorted = palloc((a_length + pair->b_length) * sizeof(uint32_t));
	void	   *scratch = palloc(crm_words_scratch_size(Max(a_length, pair->b_length)));

	pair->a_length = crm_sort_words(pair->a, a_length, sorted, scratch);
	pair->b_length = crm_sort_words(pair->b, pair->b_length, sorted + a_length, scratch);
	pair->a = sorted;
	pair->b = sorted + a_length;
	pfree(scratch);
	pfree(unsorted);
}

double
crm_token_similarity_of(const char *a, int a_length, const char *b, int b_length)
{
	CrmUtf8Text a_text = {a, (size_t) a_length};
	CrmUtf8Text b_text = {b, (size_t) b_length};
	CrmMatches	matches;
	LongPair	pair;
	Reading		reading;
	double		similarity;

	refuse_long(a_length);
	refuse_long(b_length);
	reading = read_for_words(&a_text, &b_text);
	if (match_words(reading, &a_text, &b_text, &matches))
		return crm_indel_similarity((size_t) matches.pattern_length, (size_t) matches.text_length,
									(size_t) crm_matches_subsequence(&matches));

	make_pair(&pair, reading, a_text.bytes, (int) a_text.length, b_text.bytes, (int) b_text.length);
	sort_pair(&pair);
	prepare_pair(&pair);
	similarity = crm_indel_similarity(pair.a_length, pair.b_length,
									  (size_t) sweep_pair(&pair, CRM_COMMON_SUBSEQUENCE, 0));
	free_pair(&pair);
	return similarity;
}
