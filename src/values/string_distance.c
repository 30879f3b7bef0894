/*
 * string_distance.c
 *		Edit distances and common subsequences of short strings, bit-parallel.
 *
 * The textbook fills a table of distances D(i, j) between the first i characters
 * of the pattern and the first j of the text.  Neighbouring cells differ by -1, 0
 * or 1, so that a column is a word of bits for each: H. Hyyrö, "A Bit-Vector
 * Algorithm for Computing Levenshtein and Damerau Edit Distances" (2003), and
 * "Bit-Parallel LCS-length Computation Revisited" (2004).
 */
#include "values/similarity.h"

static inline int32_t
difference_of(int32_t a, int32_t b)
{
	return a > b ? a - b : b - a;
}

/*
 * Of the last row only the sum of its steps is kept.  A remaining column lowers it
 * by one at most, which is what ends the search early.
 */
static inline int32_t
bounded_distance(const CrmMatches *matches, int32_t bound, bool transpositions)
{
	uint64_t	last = UINT64_C(1) << (matches->pattern_length - 1);
	uint64_t	up = ~UINT64_C(0);	/* rows that exceed the row above */
	uint64_t	down = 0;		/* rows that the row above exceeds */
	uint64_t	diagonal = ~UINT64_C(0);	/* rows that equal their diagonal neighbour */
	uint64_t	previous = 0;
	int32_t		distance = matches->pattern_length;
	int32_t		remaining;

	for (remaining = matches->text_length - 1; remaining >= 0; remaining--)
	{
		uint64_t	equal = matches->at[matches->text_length - 1 - remaining];
		uint64_t	exchanged = transpositions ? ((~diagonal & equal) << 1) & previous : 0;
		uint64_t	right_up;
		uint64_t	right_down;

		diagonal = (((equal & up) + up) ^ up) | equal | down | exchanged;
		right_up = down | ~(diagonal | up);
		right_down = diagonal & up;
		distance += (right_up & last) != 0;
		distance -= (right_down & last) != 0;
		if (distance - remaining > bound)
			return bound + 1;

		right_up = right_up << 1 | 1;
		right_down <<= 1;
		up = right_down | ~(diagonal | right_up);
		down = right_up & diagonal;
		previous = equal;
	}
	return distance;
}

int32_t
crm_matches_edit_distance(const CrmMatches *matches, int32_t bound, bool transpositions)
{
	int32_t		least = difference_of(matches->pattern_length, matches->text_length);

	if (least > bound)
		return bound + 1;
	if (matches->pattern_length == 0)
		return least;
	return transpositions ? bounded_distance(matches, bound, true) :
		bounded_distance(matches, bound, false);
}

int32_t
crm_matches_subsequence(const CrmMatches *matches)
{
	uint64_t	open = ~UINT64_C(0);
	int			j;

	for (j = 0; j < matches->text_length; j++)
	{
		uint64_t	equal = open & matches->at[j];

		open = (open + equal) | (open - equal);
	}
	return __builtin_popcountll(~open);
}

double
crm_indel_similarity(size_t a_length, size_t b_length, size_t common)
{
	size_t		sum = a_length + b_length;

	return sum == 0 ? 1.0 : 1.0 - (double) (sum - 2 * common) / (double) sum;
}
