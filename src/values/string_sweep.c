/*
 * string_sweep.c
 *		Edit distances and common subsequences of strings of any length.
 *
 * The table of string_distance.c in strips of CRM_WORD_LENGTH rows.  A step goes
 * through the columns of one strip; what crosses from a strip to the one below is
 * a few bits per column.  So the memory is linear, and one table of masks serves
 * for all strips: it is cleared where it was set.
 *
 * With a bound, a strip ends where no path within the bound comes: a path that
 * strays x from the diagonals between both corners costs 2x besides what their
 * distance costs.  Beyond the left end of a strip every row is taken for one more
 * than the row above, beyond the right end of the strip above every column for one
 * more than the column before.  Such values belong to paths that exist, so that no
 * result is too small, and paths within the bound do not come there, so that none
 * of theirs is too large.
 *
 * An exchange of neighbours goes into the sum as equal characters do.  Within a
 * table it would not matter, since the row that it ends in never exceeds the row
 * above in the column before; at the left end of a strip, where all rows are taken
 * to do so, the sum must carry it on.
 */
#include "values/similarity.h"

#include <string.h>

/* Bits of a column's carry. */
#define RIGHT_UP	1
#define RIGHT_DOWN	2
#define EXCHANGED	4

static inline int64_t
smaller_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static inline int64_t
larger_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/*
 * Room for the largest of: two copies of a, to label it; places and marks of
 * crm_jaro_winkler_long; masks and carries of a sweep.
 */
size_t
crm_scratch_size(size_t a_length, size_t b_length)
{
	return 9 * a_length + b_length + 257 * sizeof(uint64_t);
}

/* --- labels --------------------------------------------------------------- */

/* By one byte after the other, from the lowest; the result is in *values again. */
static void
sort_characters(uint32_t *values, uint32_t *other, size_t count)
{
	int			shift;

	for (shift = 0; shift < 32; shift += 8)
	{
		size_t		start[257] = {0};
		uint32_t   *sorted = other;
		size_t		i;

		for (i = 0; i < count; i++)
			start[(values[i] >> shift & 0xFF) + 1]++;
		for (i = 0; i < 256; i++)
			start[i + 1] += start[i];
		for (i = 0; i < count; i++)
			sorted[start[values[i] >> shift & 0xFF]++] = values[i];
		other = values;
		values = sorted;
	}
}

/* The place of a character among the sorted ones; count if it is not there. */
static uint32_t
find_character(const uint32_t *sorted, uint32_t count, uint32_t c)
{
	uint32_t	from = 0;
	uint32_t	to = count;

	while (from < to)
	{
		uint32_t	middle = from + (to - from) / 2;

		if (sorted[middle] < c)
			from = middle + 1;
		else
			to = middle;
	}
	return from < count && sorted[from] == c ? from : count;
}

static bool
all_below(const uint32_t *characters, size_t length, uint32_t limit)
{
	uint32_t	all = 0;
	size_t		i;

	for (i = 0; i < length; i++)
		all |= characters[i];
	return all < limit;
}

/* Characters of single bytes are labels already. */
uint32_t
crm_label_characters(uint32_t *a, size_t a_length, uint32_t *b, size_t b_length, void *scratch)
{
	uint32_t   *sorted = scratch;
	uint32_t	count = 0;
	size_t		i;

	if (all_below(a, a_length, 256) && all_below(b, b_length, 256))
		return 256;

	memcpy(sorted, a, a_length * sizeof(uint32_t));
	sort_characters(sorted, sorted + a_length, a_length);
	for (i = 0; i < a_length; i++)
		if (i == 0 || sorted[i] != sorted[i - 1])
			sorted[count++] = sorted[i];

	for (i = 0; i < a_length; i++)
		a[i] = find_character(sorted, count, a[i]);
	for (i = 0; i < b_length; i++)
		b[i] = find_character(sorted, count, b[i]);
	return count + 1;
}

/* --- the sweep ------------------------------------------------------------ */

/*
 * What both strings begin or end with costs nothing, and belongs to a longest
 * common subsequence.
 */
static size_t
trim_common(CrmSweep *sweep)
{
	size_t		before = sweep->a_length;

	while (sweep->a_length > 0 && sweep->b_length > 0 && sweep->a[0] == sweep->b[0])
	{
		sweep->a++;
		sweep->b++;
		sweep->a_length--;
		sweep->b_length--;
	}
	while (sweep->a_length > 0 && sweep->b_length > 0 &&
		   sweep->a[sweep->a_length - 1] == sweep->b[sweep->b_length - 1])
	{
		sweep->a_length--;
		sweep->b_length--;
	}
	return before - sweep->a_length;
}

static bool
finish(CrmSweep *sweep, int64_t result)
{
	sweep->result = result;
	sweep->row = sweep->a_length;
	return false;
}

void
crm_sweep_begin(CrmSweep *sweep, CrmSweepKind kind, const uint32_t *a, size_t a_length,
				const uint32_t *b, size_t b_length, uint32_t labels, int32_t bound, void *scratch)
{
	int64_t		longer = (int64_t) (a_length > b_length ? a_length : b_length);
	int64_t		skew = (int64_t) b_length - (int64_t) a_length;
	size_t		trimmed;

	sweep->kind = kind;
	sweep->a = a;
	sweep->b = b;
	sweep->a_length = a_length;
	sweep->b_length = b_length;
	sweep->row = 0;
	sweep->bound = smaller_of(bound, longer);
	sweep->swept = 0;
	sweep->corner = 0;
	sweep->masks = scratch;
	sweep->carry = (uint8_t *) (sweep->masks + labels);
	trimmed = trim_common(sweep);

	if (kind == CRM_COMMON_SUBSEQUENCE)
	{
		sweep->result = (int64_t) trimmed;
		memset(sweep->carry, 0, sweep->b_length);
	}
	else if (larger_of(skew, -skew) > sweep->bound)
		finish(sweep, sweep->bound + 1);
	else if (sweep->a_length == 0)
		finish(sweep, skew);
	sweep->below = (sweep->bound - skew) / 2;
	sweep->above = (sweep->bound + skew) / 2;
	memset(sweep->masks, 0, labels * sizeof(uint64_t));
}

double
crm_sweep_cells(const CrmSweep *sweep)
{
	double		columns = (double) sweep->b_length;
	double		strip = (double) (sweep->below + sweep->above + CRM_WORD_LENGTH + 1);

	if (sweep->kind != CRM_COMMON_SUBSEQUENCE && strip < columns)
		columns = strip;
	return (double) (sweep->a_length - sweep->row) * columns;
}

/* One strip of a table of distances. */
static inline bool
sweep_distances(CrmSweep *sweep, int height, bool transpositions)
{
	int64_t		bottom = (int64_t) sweep->row + height;
	int64_t		from = larger_of((int64_t) sweep->row - sweep->below, 0);
	int64_t		to = smaller_of(bottom + sweep->above + 1, (int64_t) sweep->b_length);
	int64_t		next_from = larger_of(bottom - sweep->below, 0);
	int64_t		skew = (int64_t) sweep->b_length - (int64_t) sweep->a_length;
	int64_t		distance = sweep->corner + height;
	int64_t		next_corner = distance;
	int64_t		least = distance + larger_of(skew + bottom - from, from - skew - bottom);
	uint64_t	last = UINT64_C(1) << (height - 1);
	uint64_t	up = ~UINT64_C(0);
	uint64_t	down = 0;
	uint64_t	diagonal = ~UINT64_C(0);
	uint64_t	previous = from > 0 ? sweep->masks[sweep->b[from - 1]] : 0;
	int64_t		j;

	for (j = from; j < to; j++)
	{
		uint64_t	equal = sweep->masks[sweep->b[j]];
		unsigned	carry = (size_t) j < sweep->swept ? sweep->carry[j] : RIGHT_UP;
		uint64_t	exchanged = 0;
		uint64_t	right_up;
		uint64_t	right_down;
		int64_t		stray = skew + bottom - j - 1;

		if (transpositions)
			exchanged = ((~diagonal & equal) << 1 | (carry & EXCHANGED) / EXCHANGED) & previous;
		sweep->carry[j] = transpositions && (~diagonal & equal & last) != 0 ? EXCHANGED : 0;
		equal |= exchanged | (carry & RIGHT_DOWN) / RIGHT_DOWN;
		diagonal = (((equal & up) + up) ^ up) | equal | down;
		right_up = down | ~(diagonal | up);
		right_down = diagonal & up;
		if ((right_up & last) != 0)
		{
			distance++;
			sweep->carry[j] |= RIGHT_UP;
		}
		else if ((right_down & last) != 0)
		{
			distance--;
			sweep->carry[j] |= RIGHT_DOWN;
		}
		if (j + 1 == next_from)
			next_corner = distance;
		least = smaller_of(least, distance + larger_of(stray, -stray));

		right_up = right_up << 1 | (carry & RIGHT_UP);
		right_down = right_down << 1 | (carry & RIGHT_DOWN) / RIGHT_DOWN;
		up = right_down | ~(diagonal | right_up);
		down = right_up & diagonal;
		previous = sweep->masks[sweep->b[j]];
	}
	sweep->swept = (size_t) to;
	sweep->corner = next_corner;
	if (least > sweep->bound)
		return finish(sweep, sweep->bound + 1);
	sweep->result = distance;
	return true;
}

/* One strip of the longest common subsequence: sums that carry. */
static bool
sweep_subsequence(CrmSweep *sweep)
{
	uint64_t	open = ~UINT64_C(0);
	size_t		j;

	for (j = 0; j < sweep->b_length; j++)
	{
		uint64_t	equal = open & sweep->masks[sweep->b[j]];
		uint64_t	sum = open + equal;
		uint64_t	carried = sum + sweep->carry[j];

		sweep->carry[j] = sum < open || carried < sum;
		open = carried | (open - equal);
	}
	sweep->result += __builtin_popcountll(~open);
	return true;
}

bool
crm_sweep_step(CrmSweep *sweep)
{
	size_t		rest = sweep->a_length - sweep->row;
	int			height = rest < CRM_WORD_LENGTH ? (int) rest : CRM_WORD_LENGTH;
	const uint32_t *strip = sweep->a + sweep->row;
	bool		go_on;
	int			i;

	if (height == 0)
		return false;
	for (i = 0; i < height; i++)
		sweep->masks[strip[i]] |= UINT64_C(1) << i;
	if (sweep->kind == CRM_LEVENSHTEIN)
		go_on = sweep_distances(sweep, height, false);
	else if (sweep->kind == CRM_OPTIMAL_ALIGNMENT)
		go_on = sweep_distances(sweep, height, true);
	else
		go_on = sweep_subsequence(sweep);
	for (i = 0; i < height; i++)
		sweep->masks[strip[i]] = 0;
	if (go_on)
		sweep->row += (size_t) height;
	return go_on && sweep->row < sweep->a_length;
}
