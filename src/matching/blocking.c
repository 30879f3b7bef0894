/*
 * blocking.c
 *		Which keys contacts are compared by.
 *
 * Rules are taken by their number of kinds: first every kind alone, then pairs of
 * kinds for those records whose blocks were too large alone, then threes.  What a
 * size of block costs is summed up before any pair is visited, and the largest
 * size that the budget allows is the cap; a record remembers, rule by rule, that
 * its block was beyond it.  The blocks that stay are kept as lists of records, four
 * bytes each: keys are made and sorted once, however often pairs are visited.
 */
#include "matching/blocking.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#define K(kind) CRM_TOKEN_##kind

const CrmBlockingRule crm_blocking_rules[] = {
	{1, {K(EMAIL)}}, {1, {K(PHONE)}}, {1, {K(USER)}}, {1, {K(NAME)}}, {1, {K(BIRTH)}},
	{1, {K(STREET)}}, {1, {K(SOUND)}}, {1, {K(SURNAME)}}, {1, {K(GIVEN)}}, {1, {K(COMPANY)}},
	{1, {K(POSTCODE)}}, {1, {K(CITY)}}, {1, {K(DAY)}}, {1, {K(JOB)}},

	{2, {K(EMAIL), K(GIVEN)}}, {2, {K(EMAIL), K(SURNAME)}},
	{2, {K(PHONE), K(GIVEN)}}, {2, {K(PHONE), K(SURNAME)}},
	{2, {K(NAME), K(YEAR)}}, {2, {K(NAME), K(CITY)}}, {2, {K(NAME), K(POSTCODE)}},
	{2, {K(NAME), K(COMPANY)}}, {2, {K(NAME), K(JOB)}},
	{2, {K(SOUND), K(YEAR)}}, {2, {K(SOUND), K(CITY)}}, {2, {K(SOUND), K(POSTCODE)}},
	{2, {K(SOUND), K(COMPANY)}},
	{2, {K(BIRTH), K(SURNAME)}}, {2, {K(BIRTH), K(GIVEN)}}, {2, {K(BIRTH), K(INITIALS)}},
	{2, {K(BIRTH), K(CITY)}}, {2, {K(BIRTH), K(POSTCODE)}},
	{2, {K(STREET), K(CITY)}}, {2, {K(STREET), K(INITIALS)}},
	{2, {K(SURNAME), K(DAY)}}, {2, {K(SURNAME), K(CITY)}}, {2, {K(SURNAME), K(POSTCODE)}},
	{2, {K(SURNAME), K(COMPANY)}}, {2, {K(SURNAME), K(YEAR)}}, {2, {K(SURNAME), K(JOB)}},
	{2, {K(GIVEN), K(DAY)}}, {2, {K(GIVEN), K(POSTCODE)}}, {2, {K(GIVEN), K(CITY)}},
	{2, {K(GIVEN), K(COMPANY)}}, {2, {K(GIVEN), K(YEAR)}},
	{2, {K(POSTCODE), K(INITIALS)}}, {2, {K(POSTCODE), K(YEAR)}}, {2, {K(POSTCODE), K(DAY)}},
	{2, {K(COMPANY), K(INITIALS)}}, {2, {K(CITY), K(DAY)}},

	{3, {K(SOUND), K(CITY), K(YEAR)}}, {3, {K(SURNAME), K(YEAR), K(INITIALS)}},
	{3, {K(GIVEN), K(CITY), K(YEAR)}}, {3, {K(SURNAME), K(CITY), K(INITIALS)}},
	{3, {K(GIVEN), K(CITY), K(INITIALS)}}, {3, {K(CITY), K(DAY), K(INITIALS)}}
};

const int	crm_blocking_rule_count = lengthof(crm_blocking_rules);

const char *const crm_token_names[CRM_TOKEN_KINDS] = {
	"e-mail", "e-mail user", "phone", "surname sound", "given name sound", "name sound",
	"name", "date of birth", "street", "company", "postcode", "city", "day and month",
	"year of birth", "initials", "occupation"
};

/* A record under one key. */
typedef struct KeyedRecord
{
	uint32		key;
	uint32		record;
} KeyedRecord;

/* ----------
 * sorting
 * ----------
 */

#define RADIX_BITS 11
#define RADIX_SIZE (1 << RADIX_BITS)

/* By key, stable; the result is in one of the two arrays. */
static KeyedRecord *
sort_by_key(KeyedRecord *records, KeyedRecord *spare, uint32 count)
{
	static const int shifts[] = {0, 11, 22};
	uint32		offsets[RADIX_SIZE];
	int			pass;

	for (pass = 0; pass < (int) lengthof(shifts); pass++)
	{
		int			shift = shifts[pass];
		uint32		sum = 0;
		uint32		i;
		KeyedRecord *other;

		memset(offsets, 0, sizeof(offsets));
		for (i = 0; i < count; i++)
			offsets[(records[i].key >> shift) & (RADIX_SIZE - 1)]++;
		for (i = 0; i < RADIX_SIZE; i++)
		{
			uint32		here = offsets[i];

			offsets[i] = sum;
			sum += here;
		}
		for (i = 0; i < count; i++)
			spare[offsets[(records[i].key >> shift) & (RADIX_SIZE - 1)]++] = records[i];
		other = records;
		records = spare;
		spare = other;
	}
	return records;
}

/* ----------
 * keys of a rule
 * ----------
 */

/* Rules made of some of this rule's kinds: all must have been cut for this one to matter. */
static uint64
parents_of(int rule)
{
	const CrmBlockingRule *child = &crm_blocking_rules[rule];
	uint64		parents = 0;
	int			i;

	for (i = 0; i < crm_blocking_rule_count; i++)
	{
		const CrmBlockingRule *parent = &crm_blocking_rules[i];
		int			found = 0;
		int			j;
		int			k;

		if (parent->count >= child->count)
			continue;
		for (j = 0; j < parent->count; j++)
			for (k = 0; k < child->count; k++)
				found += parent->kind[j] == child->kind[k];
		if (found == parent->count)
			parents |= UINT64CONST(1) << i;
	}
	return parents;
}

/*
 * What is needed while rules are priced: keys of records column by column, so that a
 * rule reads only what it is made of.
 */
typedef struct Pricing
{
	CrmBlocking *blocking;
	uint32	   *columns[CRM_TOKEN_SLOTS];
	uint64	   *met;			/* bits by hash: keys that were met once, and then twice */
	KeyedRecord *work;
	uint64	   *cost;			/* by size of block */
} Pricing;

/* Bits for keys that were met. */
#define MET_BITS (UINT32_C(1) << 24)
#define MET_WORDS (MET_BITS / 64)

/* As many keys as a record has under one rule. */
#define KEYS_MAX 8

/* All keys of a record under a rule; returns how many. */
static inline int
keys_of(const Pricing *pricing, uint32 record, const CrmBlockingRule *rule, uint32 *keys)
{
	int			count = 1;
	int			i;

	keys[0] = 0;
	for (i = 0; i < rule->count; i++)
	{
		int			first = crm_token_first[rule->kind[i]];
		int			slots = crm_token_first[rule->kind[i] + 1] - first;
		uint32		made[KEYS_MAX];
		int			made_count = 0;
		int			j;
		int			k;

		for (j = 0; j < slots; j++)
		{
			uint32		token = pricing->columns[first + j][record];

			if (token == 0 || (j > 0 && token == pricing->columns[first][record]))
				continue;
			for (k = 0; k < count; k++)
				made[made_count++] = i == 0 ? token : hash_combine(keys[k], token);
		}
		memcpy(keys, made, made_count * sizeof(uint32));
		count = made_count;
	}
	return count;
}

/* Notes a key; true if it, or one that falls on the same bit, was met before. */
static inline bool
note_key(uint64 *met, uint32 key)
{
	uint32		bit = key & (MET_BITS - 1);
	uint64		mask = UINT64CONST(1) << (bit & 63);
	bool		is_met = (met[bit >> 6] & mask) != 0;

	met[bit >> 6] |= mask;
	if (is_met)
		met[MET_WORDS + (bit >> 6)] |= mask;
	return is_met;
}

static inline bool
is_met_twice(const uint64 *met, uint32 key)
{
	uint32		bit = key & (MET_BITS - 1);

	return met[MET_WORDS + (bit >> 6)] >> (bit & 63) & 1;
}

/* The keys that several records have, with those records; most keys are one record's own. */
static uint32
gather_keys(Pricing *pricing, int rule)
{
	const CrmMatchSet *set = pricing->blocking->set;
	uint64		parents = parents_of(rule);
	KeyedRecord *out = pricing->work;
	uint32		count = 0;
	uint32		kept = 0;
	uint32		i;
	uint32		keys[KEYS_MAX];

	memset(pricing->met, 0, 2 * MET_WORDS * sizeof(uint64));
	for (i = 0; i < set->count; i++)
	{
		int			n;
		int			j;

		if ((set->skipped[i] & parents) != parents || crm_is_copy(set, i))
			continue;
		n = keys_of(pricing, i, &crm_blocking_rules[rule], keys);
		for (j = 0; j < n; j++)
		{
			uint32		key = murmurhash32(keys[j]);

			note_key(pricing->met, key);
			out[count].key = key;
			out[count++].record = i;
		}
	}
	for (i = 0; i < count; i++)
		if (is_met_twice(pricing->met, out[i].key))
			out[kept++] = out[i];
	CHECK_FOR_INTERRUPTS();
	return kept;
}

static inline uint32
block_end(const KeyedRecord *sorted, uint32 count, uint32 start)
{
	uint32		end = start + 1;

	while (end < count && sorted[end].key == sorted[start].key)
		end++;
	return end;
}

static inline uint64
pairs_of(uint64 size)
{
	return size * (size - 1) / 2;
}

/* ----------
 * pricing the rules
 * ----------
 */

#define SIZES 4096				/* larger blocks are never compared whole */

/* Records of a block that is too large: rules with more kinds have them. */
static void
cut_block(CrmBlocking *blocking, int rule, const uint32 *records, uint32 size)
{
	CrmRuleReport *report = &blocking->report[rule];
	uint32		i;

	report->cut_blocks++;
	report->cut_pairs += pairs_of(size);
	for (i = 0; i < size; i++)
		blocking->set->skipped[records[i] & ~CRM_BLOCK_END] |= UINT64CONST(1) << rule;
}

/* Adds what blocks of each size cost, and lists them; the largest are cut at once. */
static void
price_rule(Pricing *pricing, int rule)
{
	CrmBlocking *blocking = pricing->blocking;
	uint32		count = gather_keys(pricing, rule);
	KeyedRecord *sorted = sort_by_key(pricing->work, pricing->work + 4 * (Size) blocking->set->count, count);
	uint32	   *list = MemoryContextAllocHuge(CurrentMemoryContext, ((Size) count + 1) * sizeof(uint32));
	uint32		listed = 0;
	uint32		start;
	uint32		end;

	for (start = 0; start < count; start = end)
	{
		uint32		size;
		uint32		i;

		end = block_end(sorted, count, start);
		size = end - start;
		blocking->report[rule].largest_block = Max(blocking->report[rule].largest_block, size);
		if (size < 2)
			continue;
		for (i = 0; i < size; i++)
			list[listed + i] = sorted[start + i].record;
		if (size >= SIZES)
		{
			cut_block(blocking, rule, &list[listed], size);
			continue;
		}
		listed += size;
		list[listed - 1] |= CRM_BLOCK_END;
		pricing->cost[size] += pairs_of(size);
	}
	blocking->blocks[rule].records = repalloc_huge(list, ((Size) listed + 1) * sizeof(uint32));
	blocking->blocks[rule].count = listed;
}

/* The largest size of blocks that the budget allows. */
static uint32
affordable_size(const uint64 *cost, uint64 budget)
{
	uint64		sum = 0;
	uint32		size;

	for (size = 2; size < SIZES; size++)
	{
		sum += cost[size];
		if (sum > budget)
			break;
	}
	return size - 1;
}

/* Cuts the blocks beyond the cap. */
static void
cap_rule(CrmBlocking *blocking, int rule, uint32 cap)
{
	CrmRuleReport *report = &blocking->report[rule];
	CrmBlockList *list = &blocking->blocks[rule];
	uint32		kept = 0;
	uint32		start;
	uint32		end;

	for (start = 0; start < list->count; start = end)
	{
		uint32		size;

		end = crm_block_end(list, start);
		size = end - start;
		if (size > cap)
		{
			cut_block(blocking, rule, &list->records[start], size);
			continue;
		}
		memmove(&list->records[kept], &list->records[start], size * sizeof(uint32));
		kept += size;
		report->blocks++;
		report->pairs += pairs_of(size);
	}
	list->records = repalloc_huge(list->records, ((Size) kept + 1) * sizeof(uint32));
	list->count = kept;
}

static void
begin_pricing(Pricing *pricing, CrmBlocking *blocking)
{
	const CrmMatchSet *set = blocking->set;
	uint32		i;
	int			slot;

	pricing->blocking = blocking;
	pricing->cost = palloc(SIZES * sizeof(uint64));
	pricing->met = palloc(2 * MET_WORDS * sizeof(uint64));
	pricing->work = MemoryContextAllocHuge(CurrentMemoryContext,
										   8 * (Size) set->count * sizeof(KeyedRecord) + 64);
	for (slot = 0; slot < crm_token_first[CRM_TOKEN_KINDS]; slot++)
		pricing->columns[slot] = MemoryContextAllocHuge(CurrentMemoryContext,
														((Size) set->count + 1) * sizeof(uint32));
	for (i = 0; i < set->count; i++)
		for (slot = 0; slot < crm_token_first[CRM_TOKEN_KINDS]; slot++)
			pricing->columns[slot][i] = set->records[i].token[slot];
}

static void
end_pricing(Pricing *pricing)
{
	int			slot;

	for (slot = 0; slot < crm_token_first[CRM_TOKEN_KINDS]; slot++)
		pfree(pricing->columns[slot]);
	pfree(pricing->work);
	pfree(pricing->met);
	pfree(pricing->cost);
}

/* Prices all rules and decides what is cut. */
void
crm_blocking_prepare(CrmBlocking *blocking, CrmMatchSet *set, uint64 budget)
{
	Pricing		pricing;
	int			kinds;
	int			rule;

	memset(blocking, 0, sizeof(*blocking));
	blocking->set = set;
	blocking->budget = budget;
	if (set->skipped == NULL)
		set->skipped = MemoryContextAllocHuge(set->context, ((Size) set->count + 1) * sizeof(uint64));
	memset(set->skipped, 0, (Size) set->count * sizeof(uint64));
	begin_pricing(&pricing, blocking);
	for (kinds = 1; kinds <= 3; kinds++)
	{
		memset(pricing.cost, 0, SIZES * sizeof(uint64));
		for (rule = 0; rule < crm_blocking_rule_count; rule++)
			if (crm_blocking_rules[rule].count == kinds)
				price_rule(&pricing, rule);
		/* where all pairs can be afforded, it does not matter how often they are met */
		blocking->caps[kinds - 1] = pairs_of(set->count) <= budget ? SIZES - 1 :
			affordable_size(pricing.cost, budget / 3);
		for (rule = 0; rule < crm_blocking_rule_count; rule++)
			if (crm_blocking_rules[rule].count == kinds)
				cap_rule(blocking, rule, blocking->caps[kinds - 1]);
	}
	end_pricing(&pricing);
}

/* Gives back what preparing has made; other caps may be tried. */
void
crm_blocking_forget(CrmBlocking *blocking)
{
	int			rule;

	for (rule = 0; rule < crm_blocking_rule_count; rule++)
		pfree(blocking->blocks[rule].records);
}

/* Pairs in the blocks that are compared; those that several rules have count for each. */
uint64
crm_blocking_pairs(const CrmBlocking *blocking)
{
	uint64		pairs = 0;
	int			rule;

	for (rule = 0; rule < crm_blocking_rule_count; rule++)
		pairs += blocking->report[rule].pairs;
	return pairs;
}
