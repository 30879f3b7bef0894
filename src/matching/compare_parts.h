/*
 * compare_parts.h
 *		What those share that compare single kinds of evidence.
 */
#ifndef CRM_COMPARE_PARTS_H
#define CRM_COMPARE_PARTS_H

#include "matching/compare.h"
#include "matching/likeness.h"

/* The level of two different values of a field. */
typedef int (*CrmLevelOf) (const CrmMatchValue *, const CrmMatchValue *);

static inline uint8
crm_commoner(const CrmMatchValue *a, const CrmMatchValue *b)
{
	return Min(a->rarity, b->rarity);
}

/* The level of two different values of a field, remembered. */
static inline int
crm_known_level(const CrmMatchSet *set, CrmMatchField field, uint32 a, uint32 b,
			CrmLevelOf level_of)
{
	uint32		low = Min(a, b);
	uint32		high = Max(a, b);
	uint32		slot = (low * 0x9E3779B1u ^ high * 0x85EBCA6Bu ^ field * 0xC2B2AE35u) >> 16;
	CrmMemo    *memo = &set->memo[slot & (CRM_MEMO_SIZE - 1)];

	if (memo->a != low || memo->b != high || memo->field != field + 1)
	{
		memo->a = low;
		memo->b = high;
		memo->field = field + 1;
		memo->level = level_of(crm_match_value(set, field, low), crm_match_value(set, field, high));
	}
	return memo->level;
}

/* compare_names.c */
extern void crm_compare_names(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
							  CrmComparison *comparison);
extern int	crm_middle_level(const CrmMatchValue *a, const CrmMatchValue *b);

#endif							/* CRM_COMPARE_PARTS_H */
