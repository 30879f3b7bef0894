/*
 * blocking.c
 *		Which pairs of contacts are compared.
 *
 * Rules are taken by their number of kinds: first every kind alone, then pairs of
 * kinds for those records whose blocks were too large alone, then threes.  What a
 * size of block costs is summed up before any pair is visited, and the largest
 * size that the budget allows is the cap; a record remembers, rule by rule, that
 * its block was beyond it.  The blocks that stay are kept as lists of records, four
 * bytes each: keys are made and sorted once, however often pairs are visited.
 *
 * A pair that shares the keys of several rules is visited by the first of them
 * alone.  (Where one of two keys of a kind is in a block that was cut, a pair may
 * be visited twice; visitors bear that.)
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

/* ----------
 * pairs
 * ----------
 */

/* A visit of all blocks, or of some. */
typedef struct Visit
{
	CrmBlocking *blocking;
	CrmPairVisitor visitor;
	void	   *state;
	uint32		rule_slots[CRM_MAX_RULES];	/* of kinds, the bit of the first slot */
	uint32		paired_slots;	/* the first ones of kinds that have two */
	uint32		drawn;			/* pairs whose hash is at most this */
} Visit;

/* Numbers that are compared at once; every compiler here knows how. */
typedef uint32 Tokens __attribute__((vector_size(16)));
typedef uint64 TokenPairs __attribute__((vector_size(16)));

/* Slots of kinds that have two stand in front: so many vectors of them. */
#define PAIRED_TOKENS 3

/*
 * Kinds of which two records share a key, as bits at their first slots.  A kind with
 * two slots is shared crosswise, too.
 */
static inline uint32
agreeing_slots(const Visit *visit, const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	static const Tokens bits[CRM_TOKEN_SLOTS / 4] = {
		{1 << 0, 1 << 1, 1 << 2, 1 << 3}, {1 << 4, 1 << 5, 1 << 6, 1 << 7},
		{1 << 8, 1 << 9, 1 << 10, 1 << 11}, {1 << 12, 1 << 13, 1 << 14, 1 << 15},
		{1 << 16, 1 << 17, 1 << 18, 1 << 19}, {1 << 20, 1 << 21, 1 << 22, 1 << 23}
	};
	Tokens		agreeing = {0};
	uint32		slots;
	int			i;

	for (i = 0; i < CRM_TOKEN_SLOTS / 4; i++)
	{
		Tokens		left;
		Tokens		right;
		Tokens		equal;

		memcpy(&left, &a->token[4 * i], sizeof(Tokens));
		memcpy(&right, &b->token[4 * i], sizeof(Tokens));
		equal = (Tokens) (left == right);
		if (i < PAIRED_TOKENS)
		{
			TokenPairs	pairs = (TokenPairs) right;

			equal |= (Tokens) (left == (Tokens) (pairs << 32 | pairs >> 32));
		}
		agreeing |= equal & (Tokens) (left != 0) & bits[i];
	}
	slots = agreeing[0] | agreeing[1] | agreeing[2] | agreeing[3];
	return slots | (slots >> 1 & visit->paired_slots);
}

/* Whether a rule before this one has the pair. */
static inline bool
is_visited_before(const Visit *visit, uint32 a, uint32 b, int rule)
{
	const CrmMatchSet *set = visit->blocking->set;
	uint32		agreeing = agreeing_slots(visit, &set->records[a], &set->records[b]);
	uint64		skipped = set->skipped[a] | set->skipped[b];
	int			i;

	for (i = 0; i < rule; i++)
		if ((visit->rule_slots[i] & ~agreeing) == 0 && !(skipped >> i & 1))
			return true;
	return false;
}

/* Whether a pair is one of the sample; in whichever block it is met. */
static inline bool
is_drawn(const Visit *visit, uint32 a, uint32 b)
{
	uint64		pair = (uint64) Min(a, b) << 32 | Max(a, b);

	return (uint32) ((pair * UINT64CONST(0x9E3779B97F4A7C15) ^ pair >> 29) * UINT64CONST(0xBF58476D1CE4E5B9) >> 32) <= visit->drawn;
}

static void
visit_block(Visit *visit, int rule, const uint32 *block, uint32 size)
{
	const CrmMatchRecord *records = visit->blocking->set->records;
	uint32		i;
	uint32		j;

	for (i = 0; i < size; i++)
	{
		uint32		a = block[i];

		for (j = i + 1; j < size; j++)
		{
			uint32		b = block[j] & ~CRM_BLOCK_END;

			/* keys of one record that are the same by chance make no pair */
			if (!is_drawn(visit, a, b) || a == b ||
				(rule > 0 && is_visited_before(visit, a, b, rule)))
				continue;
			visit->blocking->visited++;
			visit->visitor(visit->state, a, b, &records[a], &records[b]);
		}
		CHECK_FOR_INTERRUPTS();
	}
}

static inline uint32
block_end(const KeyedRecord *sorted, uint32 count, uint32 start)
{
	uint32		end = start + 1;

	while (end < count && sorted[end].key == sorted[start].key)
		end++;
	return end;
}

static inline uint32
listed_end(const CrmBlockList *list, uint32 start)
{
	while ((list->records[start] & CRM_BLOCK_END) == 0)
		start++;
	return start + 1;
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

		end = listed_end(list, start);
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
	for (slot = 0; slot < CRM_TOKEN_SLOTS; slot++)
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

	for (slot = 0; slot < CRM_TOKEN_SLOTS; slot++)
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
		blocking->caps[kinds - 1] = affordable_size(pricing.cost, budget / 3);
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

/* ----------
 * visiting
 * ----------
 */

static void
begin_visit(Visit *visit)
{
	int			rule;
	int			kind;
	int			i;

	visit->paired_slots = 0;
	for (kind = 0; kind < CRM_TOKEN_KINDS; kind++)
		if (crm_token_first[kind + 1] - crm_token_first[kind] == 2)
			visit->paired_slots |= 1u << crm_token_first[kind];
	for (rule = 0; rule < crm_blocking_rule_count; rule++)
	{
		visit->rule_slots[rule] = 0;
		for (i = 0; i < crm_blocking_rules[rule].count; i++)
			visit->rule_slots[rule] |= 1u << crm_token_first[crm_blocking_rules[rule].kind[i]];
	}
}

/* So many records of a list, and the rest of their last block, are one slice of the work. */
#define SLICE 4096

/* So many records before they are compared they are asked for, to be there in time. */
#define AHEAD 16

/* Visits the blocks that begin within a slice. */
static void
visit_slice(Visit *visit, int rule, uint32 start, uint32 end)
{
	const CrmBlockList *list = &visit->blocking->blocks[rule];
	uint32		fetched = start;

	while (start > 0 && start < end && (list->records[start - 1] & CRM_BLOCK_END) == 0)
		start++;
	while (start < end)
	{
		uint32		next = listed_end(list, start);

		if (visit->drawn == PG_UINT32_MAX)
			for (; fetched < Min(next + AHEAD, list->count); fetched++)
				crm_fetch_record(&visit->blocking->set->records[list->records[fetched] & ~CRM_BLOCK_END]);

		visit_block(visit, rule, &list->records[start], next - start);
		start = next;
	}
}

/* Visits a share of the candidate pairs, up to all of them. */
void
crm_blocking_visit(CrmBlocking *blocking, double share, CrmPairVisitor visitor, void *state)
{
	Visit		visit = {.blocking = blocking, .visitor = visitor, .state = state};
	uint64		slice = 0;
	uint64		mine = 0;
	int			rule;

	begin_visit(&visit);
	visit.drawn = (uint32) (Min(share, 1) * PG_UINT32_MAX);
	blocking->visited = 0;
	if (blocking->next_slice != NULL)
		mine = pg_atomic_fetch_add_u64(blocking->next_slice, 1);
	for (rule = 0; rule < crm_blocking_rule_count; rule++)
	{
		uint32		count = blocking->blocks[rule].count;
		uint32		start;

		for (start = 0; start < count; start += SLICE, slice++)
		{
			if (slice != mine)
				continue;
			visit_slice(&visit, rule, start, Min(start + SLICE, count));
			mine = blocking->next_slice != NULL ? pg_atomic_fetch_add_u64(blocking->next_slice, 1) : slice + 1;
		}
	}
}
