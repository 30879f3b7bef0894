/*
 * blocking.h
 *		Which pairs of contacts are compared.
 *
 * Two contacts are a candidate pair if they share a key of one of the rules, and
 * not too many others have that key, too.  A key that is too common is combined
 * with a second one rather than dropped.  Pairs are visited, never stored.
 */
#ifndef CRM_BLOCKING_H
#define CRM_BLOCKING_H

#include "matching/match_set.h"
#include "port/atomics.h"

/* At most as many as there are bits for rules that skip a record. */
#define CRM_MAX_RULES 64

/* One rule: up to three kinds of keys that must agree together. */
typedef struct CrmBlockingRule
{
	uint8		count;
	uint8		kind[3];
} CrmBlockingRule;

/* What became of a rule. */
typedef struct CrmRuleReport
{
	uint32		largest_block;	/* records */
	uint32		blocks;			/* that were compared */
	uint64		pairs;			/* in them */
	uint32		cut_blocks;		/* too large */
	uint64		cut_pairs;
} CrmRuleReport;

typedef void (*CrmPairVisitor) (void *state, uint32 a, uint32 b,
								const CrmMatchRecord *left, const CrmMatchRecord *right);

/* The blocks of a rule that are compared, one after the other. */
typedef struct CrmBlockList
{
	uint32	   *records;		/* the last of each block has CRM_BLOCK_END */
	uint32		count;
} CrmBlockList;

#define CRM_BLOCK_END UINT32_C(0x80000000)

typedef struct CrmBlocking
{
	CrmMatchSet *set;
	uint64		budget;			/* pairs */
	uint32		caps[3];		/* largest block by number of kinds */
	CrmRuleReport report[CRM_MAX_RULES];
	CrmBlockList blocks[CRM_MAX_RULES];
	uint64		visited;
	pg_atomic_uint64 *next_slice;	/* of the work that processes share; NULL: all of it */
} CrmBlocking;

/* Where the block that begins at a place ends. */
static inline uint32
crm_block_end(const CrmBlockList *list, uint32 start)
{
	while ((list->records[start] & CRM_BLOCK_END) == 0)
		start++;
	return start + 1;
}

extern const CrmBlockingRule crm_blocking_rules[];
extern const int crm_blocking_rule_count;
extern const char *const crm_token_names[CRM_TOKEN_KINDS];

extern void crm_blocking_prepare(CrmBlocking *blocking, CrmMatchSet *set, uint64 budget);
extern void crm_blocking_forget(CrmBlocking *blocking);
extern uint64 crm_blocking_pairs(const CrmBlocking *blocking);

/* candidate_pairs.c */
extern void crm_blocking_visit(CrmBlocking *blocking, double share, CrmPairVisitor visitor,
							   void *state);

#endif							/* CRM_BLOCKING_H */
