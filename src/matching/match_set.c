/*
 * match_set.c
 *		The contacts of a relation in memory, each column encoded once.
 *
 * A dictionary is a hash table with open addressing, at most half full, over an
 * array of values; the bytes of values are packed into chunks of the context.  Slots
 * have the values' hashes, so that looking for a value that is new reads no other.
 */
#include "matching/match_set.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#define FIRST_RECORDS 256
#define FIRST_VALUES 64

/* Chunks in which the bytes of values are kept. */
#define CHUNK_SIZE (64 * 1024)

static void
create_dictionary(CrmDictionary *dictionary)
{
	dictionary->room = FIRST_VALUES;
	dictionary->values = palloc0(FIRST_VALUES * sizeof(CrmMatchValue));
	dictionary->values[0].bytes = "";
	dictionary->values[0].rarity = CRM_RARITY_MAX;
	dictionary->count = 1;
	dictionary->slots = palloc0(2 * FIRST_VALUES * sizeof(uint64));
	dictionary->slot_mask = 2 * FIRST_VALUES - 1;
}

CrmMatchSet *
crm_match_set_create(MemoryContext parent, bool text_keys)
{
	MemoryContext context = AllocSetContextCreate(parent, "crm match set",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CrmMatchSet *set = palloc0(sizeof(CrmMatchSet));
	int			i;

	set->context = context;
	set->memo = palloc0(CRM_MEMO_SIZE * sizeof(CrmMemo));
	set->room = FIRST_RECORDS;
	set->records = palloc(FIRST_RECORDS * sizeof(CrmMatchRecord));
	if (text_keys)
		set->keys = palloc(FIRST_RECORDS * sizeof(char *));
	else
		set->ids = palloc(FIRST_RECORDS * sizeof(int64));
	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		create_dictionary(&set->dictionary[i]);
	MemoryContextSwitchTo(old);
	return set;
}

/* A slot's number and hash. */
#define SLOT(hash, number) ((uint64) (hash) << 32 | (number))
#define SLOT_NUMBER(slot) ((uint32) (slot))
#define SLOT_HASH(slot) ((uint32) ((slot) >> 32))

static void
grow_dictionary(CrmDictionary *dictionary, MemoryContext context)
{
	uint64	   *old = dictionary->slots;
	uint32		old_count = dictionary->slot_mask + 1;
	uint32		i;

	dictionary->room *= 2;
	dictionary->values = repalloc_huge(dictionary->values,
									   dictionary->room * sizeof(CrmMatchValue));
	dictionary->slot_mask = 2 * dictionary->room - 1;
	dictionary->slots = MemoryContextAllocExtended(context, 2 * (Size) dictionary->room * sizeof(uint64),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < old_count; i++)
		if (old[i] != 0)
		{
			uint32		slot = SLOT_HASH(old[i]) & dictionary->slot_mask;

			while (dictionary->slots[slot] != 0)
				slot = (slot + 1) & dictionary->slot_mask;
			dictionary->slots[slot] = old[i];
		}
	pfree(old);
}

/* Room for the bytes of a value; given back with the set. */
static char *
bytes_from_chunk(CrmMatchSet *set, Size length)
{
	char	   *bytes;

	if (set->chunk_left < length)
	{
		set->chunk = MemoryContextAlloc(set->context, CHUNK_SIZE);
		set->chunk_left = CHUNK_SIZE;
	}
	bytes = set->chunk;
	set->chunk += length;
	set->chunk_left -= length;
	return bytes;
}

static uint32
add_new_value(CrmMatchSet *set, CrmMatchField field, const CrmMatchText *text)
{
	CrmDictionary *dictionary = &set->dictionary[field];
	CrmMatchValue *value = &dictionary->values[dictionary->count];
	char	   *bytes = bytes_from_chunk(set, text->length);

	memset(value, 0, sizeof(*value));
	memcpy(bytes, text->bytes, text->length);
	value->bytes = bytes;
	value->length = text->length;
	value->count = 1;
	crm_value_tokens(field, value);
	if (++dictionary->count == dictionary->room)
		grow_dictionary(dictionary, set->context);
	return dictionary->count - 1;
}

static inline uint32
hash_of(const CrmMatchText *text)
{
	return hash_bytes((const unsigned char *) text->bytes, text->length);
}

static uint32
add_value(CrmMatchSet *set, CrmMatchField field, const CrmMatchText *text, uint32 hash)
{
	CrmDictionary *dictionary = &set->dictionary[field];
	uint32		slot = hash & dictionary->slot_mask;

	for (; dictionary->slots[slot] != 0; slot = (slot + 1) & dictionary->slot_mask)
	{
		uint32		number = SLOT_NUMBER(dictionary->slots[slot]);
		CrmMatchValue *value = &dictionary->values[number];

		if (SLOT_HASH(dictionary->slots[slot]) == hash && value->length == text->length &&
			memcmp(value->bytes, text->bytes, text->length) == 0)
		{
			value->count++;
			return number;
		}
	}
	dictionary->slots[slot] = SLOT(hash, dictionary->count);
	return add_new_value(set, field, text);
}

static uint32
add_listed(CrmMatchSet *set, CrmMatchField field, const CrmMatchText *text)
{
	return text->length == 0 ? 0 : add_value(set, field, text, hash_of(text));
}

static CrmMatchRecord *
new_record(CrmMatchSet *set)
{
	CrmMatchRecord *record;

	if (set->count == set->room)
	{
		set->room *= 2;
		set->records = repalloc_huge(set->records, set->room * sizeof(CrmMatchRecord));
		if (set->keys)
			set->keys = repalloc_huge(set->keys, set->room * sizeof(char *));
		else
			set->ids = repalloc_huge(set->ids, set->room * sizeof(int64));
	}
	record = &set->records[set->count++];
	memset(record, 0, sizeof(*record));
	return record;
}

void
crm_match_set_announce(const CrmMatchSet *set, CrmArrival *arrival)
{
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		if (arrival->person.field[i].length > 0)
		{
			arrival->hash[i] = hash_of(&arrival->person.field[i]);
			__builtin_prefetch(&set->dictionary[i].slots[arrival->hash[i] & set->dictionary[i].slot_mask]);
		}
}

/* Values come after slots. */
void
crm_match_set_await(const CrmMatchSet *set, const CrmArrival *arrival)
{
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		if (arrival->person.field[i].length > 0)
		{
			const CrmDictionary *dictionary = &set->dictionary[i];
			uint64		slot = dictionary->slots[arrival->hash[i] & dictionary->slot_mask];

			__builtin_prefetch(&dictionary->values[SLOT_NUMBER(slot)]);
		}
}

/* Adds a record; the caller adds its key. */
CrmMatchRecord *
crm_match_set_add_arrival(CrmMatchSet *set, const CrmArrival *arrival)
{
	const CrmMatchPerson *person = &arrival->person;
	CrmMatchRecord *record = new_record(set);
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		if (person->field[i].length > 0)
			record->value[i] = add_value(set, i, &person->field[i], arrival->hash[i]);
	for (i = 0; i < CRM_MATCH_LIST_MAX - 1; i++)
	{
		record->more_emails[i] = add_listed(set, CRM_FIELD_EMAIL, &person->more_emails[i]);
		record->more_phones[i] = add_listed(set, CRM_FIELD_PHONE, &person->more_phones[i]);
	}
	crm_record_tokens(set, record);
	return record;
}

/* One alone. */
CrmMatchRecord *
crm_match_set_add(CrmMatchSet *set, const CrmMatchPerson *person)
{
	CrmArrival	arrival;

	arrival.person = *person;
	crm_match_set_announce(set, &arrival);
	return crm_match_set_add_arrival(set, &arrival);
}

/* ----------
 * how rare values are
 * ----------
 */

static uint8
rarity_of(double share)
{
	double		steps = -log2(Min(Max(share, 1e-15), 1.0)) * CRM_RARITY_STEPS;

	return (uint8) Min(steps + 0.5, CRM_RARITY_MAX);
}

/*
 * A table of numbers that were met, and how often: by hash, a free slot is 0.  Each
 * slot has room for a key, which is not 0, and a count.
 */
typedef struct Tally
{
	uint64	   *keys;
	uint32	   *counts;			/* NULL: keys alone */
	uint32		mask;
} Tally;

static void
tally_begin(Tally *tally, uint32 most, bool counts)
{
	uint32		room = pg_nextpower2_32(Max(most, 8)) * 2;

	tally->mask = room - 1;
	tally->keys = MemoryContextAllocExtended(CurrentMemoryContext, room * sizeof(uint64),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	tally->counts = counts ? MemoryContextAllocExtended(CurrentMemoryContext, room * sizeof(uint32),
														MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO) : NULL;
}

static void
tally_end(Tally *tally)
{
	pfree(tally->keys);
	if (tally->counts != NULL)
		pfree(tally->counts);
}

/* Where a key is, or would be. */
static inline uint32
tally_slot(const Tally *tally, uint64 key)
{
	uint32		slot = (uint32) ((key * UINT64CONST(0x9E3779B97F4A7C15)) >> 32) & tally->mask;

	while (tally->keys[slot] != 0 && tally->keys[slot] != key)
		slot = (slot + 1) & tally->mask;
	return slot;
}

/* Values of more records than this tell people apart by how names sound. */
#define FEW_HOLDERS 50

/* Who has a value, as far as can be told without having found duplicates. */
static uint32
holder_of(const CrmMatchSet *set, const CrmMatchRecord *record, CrmMatchField field, bool few)
{
	const CrmMatchValue *given = crm_match_value(set, CRM_FIELD_GIVEN, record->value[CRM_FIELD_GIVEN]);
	const CrmMatchValue *surname = crm_match_value(set, CRM_FIELD_SURNAME, record->value[CRM_FIELD_SURNAME]);

	if (field == CRM_FIELD_GIVEN)
		return few ? crm_initial_of(surname) : surname->token[0];
	if (field == CRM_FIELD_SURNAME)
		return few ? crm_initial_of(given) : given->token[0];
	/* of few, somebody with half a name is likely one of the others */
	if (!few && (given->length == 0 || surname->length == 0))
		return given->length > 0 ? given->token[0] : surname->token[0];
	return record->token[crm_token_first[few ? CRM_TOKEN_INITIALS : CRM_TOKEN_SOUND]];
}

#define GOOD_TURING 5

/*
 * How often a value seen so many times is to be expected (Good and Turing): where
 * hardly any value is held by two people, one that is held by one is hardly ever
 * met again.
 */
static void
expected_counts(const uint32 *people, uint32 count, double *expected)
{
	double		seen[GOOD_TURING + 2] = {0};
	uint32		i;
	int			r;

	for (i = 1; i < count; i++)
		if (people[i] <= GOOD_TURING + 1)
			seen[people[i]]++;
	for (r = 1; r <= GOOD_TURING; r++)
	{
		expected[r] = Min(r, (r + 1) * (seen[r + 1] + 0.05) / (seen[r] + 1));
		/* where few were met so often, those met less often say more */
		if (r > 1)
			expected[r] = Max(expected[r], expected[r - 1]);
	}
}

/*
 * What counts is how many people have a value, not how many records: that one
 * person is stored ten times does not make a name a common one.
 */
static uint32 *
count_people(const CrmMatchSet *set, CrmMatchField field)
{
	const CrmDictionary *dictionary = &set->dictionary[field];
	uint32	   *people = MemoryContextAllocExtended(CurrentMemoryContext, dictionary->count * sizeof(uint32),
													MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	Tally		holders;
	uint32		i;

	tally_begin(&holders, set->count, false);
	for (i = 0; i < set->count; i++)
	{
		uint32		value = set->records[i].value[field];
		uint32		count = dictionary->values[value].count;
		uint32		holder;
		uint32		slot;

		/* of one record there is one, and none of no value */
		if (value == 0 || count == 1)
			continue;
		holder = holder_of(set, &set->records[i], field, count <= FEW_HOLDERS);
		slot = tally_slot(&holders, (uint64) value << 32 | holder);
		if (holder != 0 && holders.keys[slot] == 0)
		{
			holders.keys[slot] = (uint64) value << 32 | holder;
			people[value]++;
		}
	}
	tally_end(&holders);
	for (i = 1; i < dictionary->count; i++)
		people[i] = Max(people[i], 1);
	return people;
}

static void
set_rarity(CrmMatchSet *set, CrmMatchField field)
{
	CrmDictionary *dictionary = &set->dictionary[field];
	uint32	   *people = count_people(set, field);
	double		expected[GOOD_TURING + 1];
	double		all = 0;
	uint32		i;

	for (i = 1; i < dictionary->count; i++)
		all += people[i];
	expected_counts(people, dictionary->count, expected);
	dictionary->same = 0;
	for (i = 1; i < dictionary->count; i++)
	{
		double		met = people[i] <= GOOD_TURING ? expected[people[i]] : people[i];

		dictionary->values[i].rarity = rarity_of(met / all);
		dictionary->same += people[i] / all * met / all;
	}
	pfree(people);
}

/* A user of one address alone is hardly ever met by chance. */
#define OWN_USER 0.05

/* How rare the users of addresses are, over all distinct addresses. */
static void
set_user_rarity(CrmMatchSet *set)
{
	CrmDictionary *dictionary = &set->dictionary[CRM_FIELD_EMAIL];
	Tally		users;
	uint32		count = 0;
	uint32		i;

	tally_begin(&users, dictionary->count, true);
	for (i = 1; i < dictionary->count; i++)
		if (dictionary->values[i].token[1] != 0)
		{
			uint32		slot = tally_slot(&users, dictionary->values[i].token[1]);

			users.keys[slot] = dictionary->values[i].token[1];
			users.counts[slot]++;
			count++;
		}
	for (i = 1; i < dictionary->count; i++)
		if (dictionary->values[i].token[1] != 0)
		{
			uint32		slot = tally_slot(&users, dictionary->values[i].token[1]);

			dictionary->values[i].part_rarity = rarity_of((users.counts[slot] - 1 + OWN_USER) / count);
		}
	tally_end(&users);
}

/* Once it is known how rare each value is. */
void
crm_match_set_choose_keys(CrmMatchSet *set)
{
	uint32		i;

	for (i = 0; i < set->count; i++)
		if (set->records[i].more_emails[CRM_MATCH_LIST_MAX - 2] != 0 ||
			set->records[i].more_phones[CRM_MATCH_LIST_MAX - 2] != 0)
			crm_record_list_tokens(set, &set->records[i]);
}

/* Nothing is added any more: gives back what only that needs. */
void
crm_match_set_close(CrmMatchSet *set)
{
	int			field;

	for (field = 0; field < CRM_MATCH_FIELDS; field++)
	{
		pfree(set->dictionary[field].slots);
		set->dictionary[field].slots = NULL;
	}
}

/* Once all records are there: how rare each value is. */
void
crm_match_set_finish(CrmMatchSet *set)
{
	int			field;

	for (field = 0; field < CRM_MATCH_FIELDS; field++)
	{
		set_rarity(set, field);
		CHECK_FOR_INTERRUPTS();
	}
	set_user_rarity(set);
	crm_match_set_choose_keys(set);
}
