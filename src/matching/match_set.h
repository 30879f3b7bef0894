/*
 * match_set.h
 *		The contacts of a relation in memory, each column encoded once.
 *
 * A set holds every distinct value of every field once, with what can be known
 * about it alone (how often it occurs, its phonetic keys); a record is little more
 * than the numbers of its values.  All memory belongs to the set's context, and
 * grows with rows and distinct values, never with pairs.
 */
#ifndef CRM_MATCH_SET_H
#define CRM_MATCH_SET_H

#include "crm.h"

#include "matching/match_fields.h"
#include "utils/memutils.h"

/* Keys of one value under which others may be found that resemble it. */
#define CRM_VALUE_TOKENS 4

/* A distinct value of a field.  Number 0 is no value. */
typedef struct CrmMatchValue
{
	const char *bytes;
	uint32		count;			/* records that have it */
	uint32		letters;		/* which it has, a bit each */
	uint8		length;
	uint8		part;			/* bytes of an address's user, of a street's number */
	uint8		rarity;			/* how rare it is, see CRM_RARITY_STEPS */
	uint8		part_rarity;	/* of an address's user */
	uint8		flags;
	uint32		token[CRM_VALUE_TOKENS];	/* by field, see match_tokens.c; 0: none */
} CrmMatchValue;

#define CRM_VALUE_WORDS			0x01	/* more than one */
#define CRM_VALUE_WIDE			0x04	/* with characters of several bytes */
#define CRM_VALUE_SHARED		0x02	/* info@, 0000000000: says nothing about a person */

/* Rarity: -log2 of a value's share, in steps of a half; 63 is the rarest. */
#define CRM_RARITY_STEPS 2
#define CRM_RARITY_MAX 63

typedef struct CrmDictionary
{
	CrmMatchValue *values;
	uint32		count;			/* with number 0 */
	uint32		room;
	uint64	   *slots;			/* by hash: it, and the number; 0: free */
	uint32		slot_mask;
	double		same;			/* chance that two people have the same value */
} CrmDictionary;

/* A record's keys for finding others, by kind. */
typedef enum CrmTokenKind
{
	CRM_TOKEN_EMAIL,
	CRM_TOKEN_USER,
	CRM_TOKEN_PHONE,
	CRM_TOKEN_SURNAME,			/* as it sounds */
	CRM_TOKEN_GIVEN,			/* as it sounds, or a name it stands for */
	CRM_TOKEN_SOUND,			/* both as they sound, in either order */
	CRM_TOKEN_NAME,				/* given name and surname, in either order */
	CRM_TOKEN_BIRTH,
	CRM_TOKEN_STREET,
	CRM_TOKEN_COMPANY,
	CRM_TOKEN_POSTCODE,
	CRM_TOKEN_CITY,
	CRM_TOKEN_DAY,				/* day and month, in either order */
	CRM_TOKEN_YEAR,
	CRM_TOKEN_INITIALS,
	CRM_TOKEN_JOB
} CrmTokenKind;

#define CRM_TOKEN_KINDS (CRM_TOKEN_JOB + 1)

/* Where each kind's keys stand in a record; those with two in front, the last slots empty. */
#define CRM_TOKEN_SLOTS 24

extern const uint8 crm_token_first[CRM_TOKEN_KINDS + 1];

typedef struct CrmMatchRecord
{
	uint32		value[CRM_MATCH_FIELDS];
	uint32		more_emails[CRM_MATCH_LIST_MAX - 1];
	uint32		more_phones[CRM_MATCH_LIST_MAX - 1];
	uint32		token[CRM_TOKEN_SLOTS];

	/* of its values, what tells most pairs apart without looking at strings */
	uint64		phone;			/* digits plus one, the first in the lowest four bits */
	uint64		birth;			/* likewise */
	uint32		email_letters;	/* of the first address's user */
	uint32		email_domain;	/* a hash; 0: anybody's */
	uint32		street_letters;
	uint8		street_length;
} CrmMatchRecord;

/*
 * What comparing two values of a field gave, for those that were compared last: most
 * pairs of names are met again and again.
 */
#define CRM_MEMO_SIZE (1 << 16)

typedef struct CrmMemo
{
	uint32		a;
	uint32		b;
	uint16		field;			/* + 1; 0: empty */
	uint16		level;
} CrmMemo;

/* Two records that people have decided about; a < b. */
typedef struct CrmDecidedPair
{
	uint32		a;
	uint32		b;
	bool		same;
} CrmDecidedPair;

typedef struct CrmMatchSet
{
	CrmMemo    *memo;
	char	   *chunk;			/* where the bytes of the next value go */
	Size		chunk_left;
	MemoryContext context;
	CrmDictionary dictionary[CRM_MATCH_FIELDS];
	CrmMatchRecord *records;
	uint64	   *skipped;		/* of each, rules whose block of it is too large; see blocking.h */
	int64	   *ids;			/* keys that are numbers, else NULL */
	char	  **keys;			/* keys as text, else NULL */
	uint32		count;
	uint32		room;
	uint32	   *copy_of;		/* of each, the one it is a copy of, or itself; NULL: no copies */
	uint32		copies;
	CrmDecidedPair *decided;	/* in order of a and b, each pair once */
	uint32		decided_count;
} CrmMatchSet;

/*
 * A person who is about to be added.  Most of the time of adding goes by waiting for
 * memory; of several people together that is asked for all of them before the first is
 * added: announce all, then await all, then add all.
 */
typedef struct CrmArrival
{
	CrmMatchPerson person;
	uint32		hash[CRM_MATCH_FIELDS];
} CrmArrival;

extern CrmMatchSet *crm_match_set_create(MemoryContext parent, bool text_keys);
extern CrmMatchRecord *crm_match_set_add(CrmMatchSet *set, const CrmMatchPerson *person);
extern void crm_match_set_announce(const CrmMatchSet *set, CrmArrival *arrival);
extern void crm_match_set_await(const CrmMatchSet *set, const CrmArrival *arrival);
extern CrmMatchRecord *crm_match_set_add_arrival(CrmMatchSet *set, const CrmArrival *arrival);
extern void crm_match_set_finish(CrmMatchSet *set);
extern void crm_match_set_choose_keys(CrmMatchSet *set);
extern void crm_match_set_close(CrmMatchSet *set);

static inline const CrmMatchValue *
crm_match_value(const CrmMatchSet *set, int field, uint32 number)
{
	return &set->dictionary[field].values[number];
}

/* Asks for the memory of a record that is needed soon. */
static inline void
crm_fetch_record(const CrmMatchRecord *record)
{
	const char *end = (const char *) (record + 1);
	const char *p;

	for (p = (const char *) record; p < end; p += PG_CACHE_LINE_SIZE / 2)
		__builtin_prefetch(p);
}

/* Whether a record equals one before it in everything, and is searched for with it. */
static inline bool
crm_is_copy(const CrmMatchSet *set, uint32 record)
{
	return set->copy_of != NULL && set->copy_of[record] != record;
}

/* copies.c */
extern void crm_match_set_find_copies(CrmMatchSet *set);

/* match_tokens.c */
extern uint32 crm_initial_of(const CrmMatchValue *value);
extern void crm_value_tokens(CrmMatchField field, CrmMatchValue *value);
extern void crm_record_tokens(const CrmMatchSet *set, CrmMatchRecord *record);
extern void crm_record_list_tokens(const CrmMatchSet *set, CrmMatchRecord *record);

/* match_decided.c */
extern const CrmDecidedPair *crm_decided_pair(const CrmMatchSet *set, uint32 a, uint32 b);

/* match_input.c */
extern CrmMatchSet *crm_match_set_read(Oid relation, MemoryContext parent, bool text_keys);

#endif							/* CRM_MATCH_SET_H */
