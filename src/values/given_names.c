/*
 * given_names.c
 *		Given names that may stand for one another: William and Bill.
 *
 * The list has lines: a full name and its variants, with weights.  Two names
 * are related only through a line that both are on, the full name itself with
 * weight 1, and what is related to a third name counts for nothing: Sasha is
 * Aleksandr and Aleksandra, who are strangers.  All is read-only; nothing is
 * allocated.
 */
#include "values/given_names.h"

#include <string.h>

#include "values/word_hash.h"

/* From a name to a line that it is on, or from a line to a name; in hundredths. */
struct GivenNameLink
{
	uint16_t	to;
	uint8_t		weight;
};

#include "data/given_names_table.h"

const char	crm_given_names_version[] = GIVEN_NAMES_VERSION;

#define NOT_LISTED (-1)
#define FULL_WEIGHT (100.0 * 100.0)

/* Less says nothing; no weight in the list is less. */
#define LEAST_WEIGHT 3000

static bool
is_name(int32_t name, const char *folded, size_t length)
{
	size_t		at = given_names_at[name];

	return (size_t) given_names_at[name + 1] - at == length &&
		memcmp(given_names_text + at, folded, length) == 0;
}

static int32_t
find_name(const char *folded, size_t length)
{
	uint32_t	bucket = crm_word_hash(folded, length) >> (32 - GIVEN_NAMES_BITS);
	int32_t		name;

	for (name = given_names_buckets[bucket]; name < given_names_buckets[bucket + 1]; name++)
		if (is_name(name, folded, length))
			return name;
	return NOT_LISTED;
}

/*
 * The greatest product of two names' weights on one line, in ten-thousandths,
 * and the first line that gives it; 0 if there is none that counts.  The lines
 * of a name are in order.
 */
static int
shared_weight(int32_t a, int32_t b, uint16_t *line)
{
	const struct GivenNameLink *p = given_names_links + given_names_links_at[a];
	const struct GivenNameLink *p_end = given_names_links + given_names_links_at[a + 1];
	const struct GivenNameLink *q = given_names_links + given_names_links_at[b];
	const struct GivenNameLink *q_end = given_names_links + given_names_links_at[b + 1];
	int			greatest = LEAST_WEIGHT - 1;

	while (p < p_end && q < q_end)
	{
		if (p->to < q->to)
			p++;
		else if (p->to > q->to)
			q++;
		else
		{
			if (p->weight * q->weight > greatest)
			{
				greatest = p->weight * q->weight;
				*line = p->to;
			}
			p++;
			q++;
		}
	}
	return greatest < LEAST_WEIGHT ? 0 : greatest;
}

bool
crm_given_name_is_known(const char *folded, size_t length)
{
	return find_name(folded, length) != NOT_LISTED;
}

double
crm_given_name_similarity(const char *folded_a, size_t a_length,
						  const char *folded_b, size_t b_length)
{
	int32_t		a;
	int32_t		b;
	uint16_t	line;

	if (a_length == 0 || b_length == 0)
		return 0.0;
	if (a_length == b_length && memcmp(folded_a, folded_b, a_length) == 0)
		return 1.0;
	a = find_name(folded_a, a_length);
	b = a == NOT_LISTED ? NOT_LISTED : find_name(folded_b, b_length);
	return b == NOT_LISTED ? 0.0 : shared_weight(a, b, &line) / FULL_WEIGHT;
}

void
crm_given_name_variants_begin(CrmGivenNameCursor *cursor, const char *folded, size_t length)
{
	cursor->name = find_name(folded, length);
	cursor->link = 0;
	cursor->member = 0;
	if (cursor->name == NOT_LISTED)
		return;
	cursor->link = given_names_links_at[cursor->name];
	cursor->member = given_names_lines_at[given_names_links[cursor->link].to];
}

/* A name that shares several lines is given at the one that weighs most. */
bool
crm_given_name_variants_next(CrmGivenNameCursor *cursor, CrmGivenNameVariant *variant)
{
	if (cursor->name == NOT_LISTED)
		return false;
	while (cursor->link < given_names_links_at[cursor->name + 1])
	{
		uint16_t	line = given_names_links[cursor->link].to;

		while (cursor->member < given_names_lines_at[line + 1])
		{
			int32_t		name = given_names_members[cursor->member++].to;
			uint16_t	best = 0;
			int			weight = name == cursor->name ? 0 : shared_weight(cursor->name, name, &best);

			if (weight == 0 || best != line)
				continue;
			variant->name = given_names_text + given_names_at[name];
			variant->length = (size_t) (given_names_at[name + 1] - given_names_at[name]);
			variant->weight = weight / FULL_WEIGHT;
			return true;
		}
		cursor->link++;
		if (cursor->link < given_names_links_at[cursor->name + 1])
			cursor->member = given_names_lines_at[given_names_links[cursor->link].to];
	}
	return false;
}
