/*
 * code_table.h
 *		Looking code points up in the tables made from src/data/.
 *
 * Two forms, both sorted and searched by halves: ranges that carry a small
 * number, and runs that map code points.
 */
#ifndef CRM_CODE_TABLE_H
#define CRM_CODE_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define CRM_LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

/*
 * A run of "count" code points, "step" apart.  length 1: the first becomes
 * "to", the others follow at the same distance.  Otherwise count is 1, and it
 * becomes "length" code points from place "to" of the table's texts.
 */
typedef struct CrmCodeMap
{
	uint32_t	start;
	uint16_t	count;
	uint8_t		step;
	uint8_t		length;
	int32_t		to;
} CrmCodeMap;

/*
 * The number of the range that holds c.  An item is the first code point of a
 * range times 256 plus its number; it ends where the next begins.  The first
 * item begins at 0.
 */
static inline int
crm_code_range(const uint32_t *ranges, size_t count, int32_t c)
{
	uint32_t	key = (uint32_t) c << 8 | 0xFF;
	const uint32_t *found = ranges;

	while (count > 1)
	{
		size_t		half = count / 2;

		found = found[half] <= key ? found + half : found;
		count -= half;
	}
	return (int) (*found & 0xFF);
}

/* The run that maps c, or NULL. */
static inline const CrmCodeMap *
crm_code_map(const CrmCodeMap *maps, size_t count, int32_t c)
{
	const CrmCodeMap *found = maps;
	uint32_t	distance;

	while (count > 1)
	{
		size_t		half = count / 2;

		found = found[half].start <= (uint32_t) c ? found + half : found;
		count -= half;
	}
	distance = (uint32_t) c - found->start;
	if ((uint32_t) c < found->start || distance % found->step != 0 ||
		distance / found->step >= found->count)
		return NULL;
	return found;
}

/* What a run of length 1 maps c to. */
static inline int32_t
crm_code_mapped(const CrmCodeMap *map, int32_t c)
{
	return c - (int32_t) map->start + map->to;
}

#endif							/* CRM_CODE_TABLE_H */
