/*
 * blocking.c
 *		Which pairs of contacts are compared.
 *
 * Rules are taken by their number of kinds: first every kind alone, then pairs of
 * kinds for those records whose blocks were too large alone, then threes.  What a
 * size of block costs is summed up before any pair is visited, and the largest
 * size that the budget allows is the cap; a record remembers, rule by rule, that
 * its block was beyond it.
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
	"e-mail", "e-mail user", "phone", "name", "date of birth", "street", "surname sound",
	"given name sound", "name sound", "company", "postcode", "city", "day and month",
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

/* All keys of a record under a rule; returns how many. */
static int
keys_of(const CrmMatchRecord *record, const CrmBlockingRule *rule, uint32 *keys)
{
	int			count = 1;
	int			i;

	keys[0] = 0;
	for (i = 0; i < rule->count; i++)
	{
		int			first = crm_token_first[rule->kind[i]];
		int			slots = crm_token_first[rule->kind[i] + 1] - first;
		uint32		made[8];
		int			made_count = 0;
		int			j;
		int			k;

		for (j = 0; j < slots; j++)
		{
			uint32		token = record->token[first + j];

			if (token == 0 || (j > 0 && token == record->token[first]))
				continue;
			for (k = 0; k < count; k++)
				made[made_count++] = i == 0 ? token : hash_combine(keys[k], token);
		}
		memcpy(keys, made, made_count * sizeof(uint32));
		count = made_count;
	}
	return count;
}

static uint32
gather_keys(CrmBlocking *blocking, int rule, KeyedRecord *out)
{
	CrmMatchSet *set = blocking->set;
	uint64		parents = parents_of(rule);
	uint32		count = 0;
	uint32		i;
	uint32		keys[8];

	for (i = 0; i < set->count; i++)
	{
		const CrmMatchRecord *record = &set->records[i];
		int			n;
		int			j;

		if ((record->skipped & parents) != parents)
			continue;
		n = keys_of(record, &crm_blocking_rules[rule], keys);
		for (j = 0; j < n; j++)
		{
			uint32		key = murmurhash32(keys[j]);

			if (blocking->parts > 1 && (int) (key % blocking->parts) != blocking->part)
				continue;
			out[count].key = key;
			out[count++].record = i;
		}
	}
	return count;
}

/* ----------
 * pairs
 * ----------
 */

static inline bool
kinds_agree(const CrmMatchRecord *a, const CrmMatchRecord *b, int kind)
{
	int			i;
	int			j;

	for (i = crm_token_first[kind]; i < crm_token_first[kind + 1]; i++)
		for (j = crm_token_first[kind]; j < crm_token_first[kind + 1]; j++)
			if (a->token[i] == b->token[j] && a->token[i] != 0)
				return true;
	return false;
}

/* Kinds of which two records share a key, as bits. */
static inline uint32
agreeing_kinds(const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	uint32		agreeing = 0;
	int			kind;

	for (kind = 0; kind < CRM_TOKEN_KINDS; kind++)
		agreeing |= (uint32) kinds_agree(a, b, kind) << kind;
	return agreeing;
}

static uint32 rule_kinds[CRM_MAX_RULES];

/* Whether a rule before this one has the pair. */
static inline bool
is_visited_before(const CrmMatchRecord *a, const CrmMatchRecord *b, int rule)
{
	uint32		agreeing = agreeing_kinds(a, b);
	uint64		skipped = a->skipped | b->skipped;
	int			i;

	for (i = 0; i < rule; i++)
		if ((rule_kinds[i] & agreeing) == rule_kinds[i] && !(skipped >> i & 1))
			return true;
	return false;
}

static void
visit_block(CrmBlocking *blocking, int rule, const KeyedRecord *block, uint32 size)
{
	const CrmMatchRecord *records = blocking->set->records;
	CrmMatchRecord *near = blocking->near;
	uint32		i;
	uint32		j;

	/* one cache miss for each record rather than for each pair */
	for (i = 0; i < size; i++)
		near[i] = records[block[i].record];
	for (i = 0; i < size; i++)
	{
		for (j = i + 1; j < size; j++)
		{
			if (rule > 0 && is_visited_before(&near[i], &near[j], rule))
				continue;
			blocking->visited++;
			blocking->visit(blocking->state, block[i].record, block[j].record, &near[i], &near[j]);
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

static inline uint64
pairs_of(uint64 size)
{
	return size * (size - 1) / 2;
}

/* ----------
 * running the rules
 * ----------
 */

#define SIZES 4096				/* larger blocks are never compared whole */

static KeyedRecord *
sorted_keys(CrmBlocking *blocking, int rule, KeyedRecord *work, uint32 *count)
{
	*count = gather_keys(blocking, rule, work);
	return sort_by_key(work, work + 4 * (Size) blocking->set->count, *count);
}

/* Adds what blocks of each size cost. */
static void
price_rule(CrmBlocking *blocking, int rule, KeyedRecord *work, uint64 *cost)
{
	uint32		count;
	KeyedRecord *sorted = sorted_keys(blocking, rule, work, &count);
	uint32		start;
	uint32		end;

	for (start = 0; start < count; start = end)
	{
		end = block_end(sorted, count, start);
		if (end - start < SIZES)
			cost[end - start] += pairs_of(end - start);
	}
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

static void
mark_skipped(CrmBlocking *blocking, int rule, const KeyedRecord *block, uint32 size)
{
	uint32		i;

	for (i = 0; i < size; i++)
		blocking->set->records[block[i].record].skipped |= UINT64CONST(1) << rule;
}

/* Notes which blocks are cut; those of one record are, too, if it has no partner. */
static void
cut_rule(CrmBlocking *blocking, int rule, KeyedRecord *work, uint32 cap)
{
	CrmRuleReport *report = &blocking->report[rule];
	uint32		count;
	KeyedRecord *sorted = sorted_keys(blocking, rule, work, &count);
	uint32		start;
	uint32		end;

	for (start = 0; start < count; start = end)
	{
		uint32		size;

		end = block_end(sorted, count, start);
		size = end - start;
		report->largest_block = Max(report->largest_block, size);
		if (size > cap)
		{
			mark_skipped(blocking, rule, &sorted[start], size);
			report->cut_blocks++;
			report->cut_pairs += pairs_of(size);
		}
		else if (size > 1)
		{
			report->blocks++;
			report->pairs += pairs_of(size);
		}
	}
}

static void
visit_rule(CrmBlocking *blocking, int rule, KeyedRecord *work)
{
	uint32		cap = blocking->caps[crm_blocking_rules[rule].count - 1];
	uint32		count;
	KeyedRecord *sorted = sorted_keys(blocking, rule, work, &count);
	uint32		start;
	uint32		end;

	for (start = 0; start < count; start = end)
	{
		end = block_end(sorted, count, start);
		if (end - start > 1 && end - start <= cap &&
			(sorted[start].key & blocking->sample_mask) == 0)
			visit_block(blocking, rule, &sorted[start], end - start);
	}
}

static KeyedRecord *
work_space(CrmMatchSet *set)
{
	return MemoryContextAllocHuge(CurrentMemoryContext, 8 * (Size) set->count * sizeof(KeyedRecord) + 64);
}

/* Kinds that have no rule alone count as cut alone. */
static void
fill_rule_kinds(void)
{
	int			i;
	int			j;

	for (i = 0; i < crm_blocking_rule_count; i++)
	{
		rule_kinds[i] = 0;
		for (j = 0; j < crm_blocking_rules[i].count; j++)
			rule_kinds[i] |= 1u << crm_blocking_rules[i].kind[j];
	}
}

/* Prices all rules and decides what is cut. */
void
crm_blocking_prepare(CrmBlocking *blocking, CrmMatchSet *set, uint64 budget)
{
	KeyedRecord *work = work_space(set);
	uint64	   *cost = palloc(SIZES * sizeof(uint64));
	int			kinds;
	int			rule;

	memset(blocking, 0, sizeof(*blocking));
	blocking->set = set;
	blocking->budget = budget;
	for (kinds = 1; kinds <= 3; kinds++)
	{
		memset(cost, 0, SIZES * sizeof(uint64));
		for (rule = 0; rule < crm_blocking_rule_count; rule++)
			if (crm_blocking_rules[rule].count == kinds)
				price_rule(blocking, rule, work, cost);
		blocking->caps[kinds - 1] = affordable_size(cost, budget / 3);
		for (rule = 0; rule < crm_blocking_rule_count; rule++)
			if (crm_blocking_rules[rule].count == kinds)
				cut_rule(blocking, rule, work, blocking->caps[kinds - 1]);
	}
	pfree(cost);
	pfree(work);
}

/* Visits every candidate pair, or those of a sample of the blocks. */
void
crm_blocking_visit(CrmBlocking *blocking, uint32 sample_mask, CrmPairVisitor visit, void *state)
{
	KeyedRecord *work = work_space(blocking->set);
	int			rule;

	fill_rule_kinds();
	blocking->visit = visit;
	blocking->state = state;
	blocking->sample_mask = sample_mask;
	blocking->visited = 0;
	blocking->near = palloc(SIZES * sizeof(CrmMatchRecord));
	for (rule = 0; rule < crm_blocking_rule_count; rule++)
		visit_rule(blocking, rule, work);
	pfree(blocking->near);
	pfree(work);
}
