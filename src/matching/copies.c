/*
 * copies.c
 *		Contacts that are equal in everything that is compared.
 *
 * A few of them are found like others.  Of many, which would make blocks of any size
 * and as many pairs as their square, only the first one takes part in the search;
 * the rest are its copies, each of which is a pair with it alone, and is in its group.
 *
 * Contacts that somebody has decided about are no copies: they differ in that; unless
 * what was decided is that equal ones are the same.
 */
#include "matching/match_set.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

/* So many equal contacts are compared like others. */
#define EQUALS_MAX 50

/* Values of a record, all of them; numbers, so that equal ones are equal bytes. */
typedef struct Values
{
	uint32		value[CRM_MATCH_FIELDS];
	uint32		more_emails[CRM_MATCH_LIST_MAX - 1];
	uint32		more_phones[CRM_MATCH_LIST_MAX - 1];
} Values;

static void
values_of(const CrmMatchRecord *record, Values *values)
{
	memcpy(values->value, record->value, sizeof(values->value));
	memcpy(values->more_emails, record->more_emails, sizeof(values->more_emails));
	memcpy(values->more_phones, record->more_phones, sizeof(values->more_phones));
}

static bool
are_equal(const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	return memcmp(a->value, b->value, sizeof(a->value)) == 0 &&
		memcmp(a->more_emails, b->more_emails, sizeof(a->more_emails)) == 0 &&
		memcmp(a->more_phones, b->more_phones, sizeof(a->more_phones)) == 0;
}

static bool *
decided_records(const CrmMatchSet *set)
{
	bool	   *decided = MemoryContextAllocExtended(CurrentMemoryContext, (Size) set->count + 1,
													 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint32		i;

	for (i = 0; i < set->decided_count; i++)
	{
		const CrmDecidedPair *pair = &set->decided[i];

		if (!pair->same || !are_equal(&set->records[pair->a], &set->records[pair->b]))
			decided[pair->a] = decided[pair->b] = true;
	}
	return decided;
}

/* For each record the first that equals it; those that are decided about equal none. */
static void
find_first_equals(const CrmMatchSet *set, uint32 *first)
{
	bool	   *decided = decided_records(set);
	uint32		mask = pg_nextpower2_32(Max(set->count, 8)) * 2 - 1;
	uint32	   *slots = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) mask + 1) * sizeof(uint32),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint32		i;

	for (i = 0; i < set->count; i++)
	{
		Values		values;
		uint32		slot;

		values_of(&set->records[i], &values);
		slot = hash_bytes((const unsigned char *) &values, sizeof(values)) & mask;
		first[i] = i;
		if (decided[i])
			continue;
		while (slots[slot] != 0 && !are_equal(&set->records[slots[slot] - 1], &set->records[i]))
			slot = (slot + 1) & mask;
		if (slots[slot] == 0)
			slots[slot] = i + 1;
		else
			first[i] = slots[slot] - 1;
	}
	pfree(slots);
	pfree(decided);
}

/* Finds which contacts of a set are copies; sets copy_of where there are any. */
void
crm_match_set_find_copies(CrmMatchSet *set)
{
	uint32	   *first = MemoryContextAllocHuge(set->context, ((Size) set->count + 1) * sizeof(uint32));
	uint32	   *equals = MemoryContextAllocExtended(CurrentMemoryContext, ((Size) set->count + 1) * sizeof(uint32),
													MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	uint32		i;

	find_first_equals(set, first);
	for (i = 0; i < set->count; i++)
		equals[first[i]]++;
	set->copies = 0;
	for (i = 0; i < set->count; i++)
	{
		if (equals[first[i]] <= EQUALS_MAX)
			first[i] = i;
		set->copies += first[i] != i;
	}
	pfree(equals);
	if (set->copies > 0)
		set->copy_of = first;
	else
		pfree(first);
	CHECK_FOR_INTERRUPTS();
}
