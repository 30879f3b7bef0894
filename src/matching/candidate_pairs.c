/*
 * candidate_pairs.c
 *		Visiting the pairs that keys bring together.
 *
 * A pair that shares the keys of several rules is visited by the first of them
 * alone.  (Where two records share two keys of one kind, or one of two such keys is in
 * a block that was cut, a pair may be visited twice; visitors bear that.)
 */
#include "matching/blocking.h"

#include "miscadmin.h"

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

/* ----------
 * blocks
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
		uint32		next = crm_block_end(list, start);

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
