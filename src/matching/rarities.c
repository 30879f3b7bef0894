/*
 * rarities.c
 *		How rare values are, as a model keeps it: the frequent ones one by one, and
 *		one figure for all others.
 */
#include "matching/stored_model.h"

#include <math.h>

#include "common/hashfn.h"
#include "miscadmin.h"

/* How rare a value is of which nothing is known: as rare as strangers agree in one. */
uint8
crm_default_rarity(int list)
{
	static const struct
	{
		CrmEvidence evidence;
		int			level;
	}			agreement[CRM_RARITY_LISTS] =
	{
		[CRM_FIELD_GIVEN] = {CRM_EVIDENCE_GIVEN, CRM_LEVEL_SAME},
		[CRM_FIELD_SURNAME] = {CRM_EVIDENCE_SURNAME, CRM_LEVEL_SAME},
		[CRM_FIELD_MIDDLE] = {CRM_EVIDENCE_MIDDLE, CRM_LEVEL_SAME},
		[CRM_FIELD_GENERATION] = {CRM_EVIDENCE_GENERATION, CRM_LEVEL_SAME},
		[CRM_FIELD_EMAIL] = {CRM_EVIDENCE_EMAIL, CRM_LEVEL_SAME},
		[CRM_FIELD_PHONE] = {CRM_EVIDENCE_PHONE, CRM_LEVEL_SAME},
		[CRM_FIELD_BIRTH] = {CRM_EVIDENCE_BIRTH, CRM_LEVEL_SAME},
		[CRM_FIELD_STREET] = {CRM_EVIDENCE_ADDRESS, CRM_ADDRESS_LEVEL(CRM_LEVEL_SAME, 0, 0)},
		[CRM_FIELD_CITY] = {CRM_EVIDENCE_ADDRESS, CRM_ADDRESS_LEVEL(0, CRM_LEVEL_SAME, 0)},
		[CRM_FIELD_POSTCODE] = {CRM_EVIDENCE_ADDRESS, CRM_ADDRESS_LEVEL(0, 0, CRM_LEVEL_SAME)},
		[CRM_FIELD_STATE] = {CRM_EVIDENCE_STATE, CRM_LEVEL_SAME},
		[CRM_FIELD_COUNTRY] = {CRM_EVIDENCE_COUNTRY, CRM_LEVEL_SAME},
		[CRM_FIELD_COMPANY] = {CRM_EVIDENCE_COMPANY, CRM_LEVEL_SAME},
		[CRM_FIELD_JOB] = {CRM_EVIDENCE_JOB, CRM_LEVEL_SAME},
		[CRM_FIELD_GENDER] = {CRM_EVIDENCE_GENDER, CRM_LEVEL_SAME},
		[CRM_RARITY_USERS] = {CRM_EVIDENCE_EMAIL, CRM_EMAIL_USER}
	};
	double		chance = crm_model_default(CRM_STRANGERS, agreement[list].evidence,
										   agreement[list].level);

	StaticAssertStmt(CRM_RARITY_LISTS == 16, "agreement in all fields");
	return (uint8) Min(-log2(Max(chance, 1e-9)) * CRM_RARITY_STEPS + 0.5, CRM_RARITY_MAX);
}

static int
compare_listed(const void *a, const void *b)
{
	const CrmListedValue *p = a;
	const CrmListedValue *q = b;

	if (p->hash != q->hash)
		return p->hash < q->hash ? -1 : 1;
	if (p->length != q->length)
		return p->length < q->length ? -1 : 1;
	return memcmp(p->bytes, q->bytes, p->length);
}

/* Users of addresses that differ in nothing but dots are one. */
static int
compare_users(const void *a, const void *b)
{
	const CrmListedValue *p = a;
	const CrmListedValue *q = b;

	if (p->hash != q->hash)
		return p->hash < q->hash ? -1 : 1;
	return 0;
}

/* The user of an address, as a value that is looked up. */
static CrmListedValue
listed_user(const char *bytes, int length, int rarity)
{
	CrmListedValue listed = {bytes, 0, (uint8) length, (uint8) rarity};
	CrmMatchValue address;

	memset(&address, 0, sizeof(address));
	address.bytes = bytes;
	address.length = (uint8) length;
	crm_value_tokens(CRM_FIELD_EMAIL, &address);
	listed.hash = address.token[1];
	return listed;
}

CrmListedValue
crm_listed_value(int list, const char *bytes, int length, int rarity)
{
	CrmListedValue listed = {bytes, 0, (uint8) length, (uint8) rarity};

	if (list == CRM_RARITY_USERS)
		return listed_user(bytes, length, rarity);
	listed.hash = hash_bytes((const unsigned char *) bytes, length);
	return listed;
}

/* Values are looked for only after this. */
void
crm_rarity_list_finish(CrmRarityList *list)
{
	qsort(list->values, list->count, sizeof(CrmListedValue), compare_listed);
}

/* ----------
 * collecting
 * ----------
 */

/* A value of a set, of which it is not known yet whether it is listed. */
typedef struct Choice
{
	const char *bytes;
	uint32		count;			/* records */
	uint8		length;
	uint8		rarity;
} Choice;

/* The most frequent first; nothing depends on where a value stands. */
static int
compare_choices(const void *a, const void *b)
{
	const Choice *p = a;
	const Choice *q = b;
	int			order;

	if (p->count != q->count)
		return p->count > q->count ? -1 : 1;
	if (p->rarity != q->rarity)
		return p->rarity < q->rarity ? -1 : 1;
	order = memcmp(p->bytes, q->bytes, Min(p->length, q->length));
	return order != 0 ? order : (int) p->length - (int) q->length;
}

/* What is common to all that are not listed; as if they were one, if there are any. */
static uint8
rest_of(const Choice *choices, uint32 count, int listed, int list)
{
	double		sum = 0;
	double		records = 0;
	uint32		i;

	for (i = listed; i < count; i++)
	{
		sum += (double) choices[i].rarity * choices[i].count;
		records += choices[i].count;
	}
	if (records > 0)
		return (uint8) (sum / records + 0.5);
	return count > 0 ? Min(choices[count - 1].rarity + CRM_RARITY_STEPS, CRM_RARITY_MAX) :
		crm_default_rarity(list);
}

/* Values that occur once are nobody else's, and are not listed. */
static void
choose(CrmRarityList *list, int number, Choice *choices, uint32 count)
{
	int			listed = 0;
	int			i;

	qsort(choices, count, sizeof(Choice), compare_choices);
	while (listed < (int) Min(count, CRM_RARITY_LISTED) && choices[listed].count > 1)
		listed++;
	list->count = listed;
	list->values = palloc((listed + 1) * sizeof(CrmListedValue));
	for (i = 0; i < listed; i++)
		list->values[i] = crm_listed_value(number, choices[i].bytes, choices[i].length,
										   choices[i].rarity);
	list->rest = rest_of(choices, count, listed, number);
	crm_rarity_list_finish(list);
}

static void
collect_field(CrmRarityList *list, const CrmMatchSet *set, int field)
{
	const CrmDictionary *dictionary = &set->dictionary[field];
	Choice	   *choices = MemoryContextAllocHuge(CurrentMemoryContext,
												 dictionary->count * sizeof(Choice));
	uint32		i;

	for (i = 1; i < dictionary->count; i++)
	{
		const CrmMatchValue *value = &dictionary->values[i];

		choices[i - 1].bytes = value->bytes;
		choices[i - 1].length = value->length;
		choices[i - 1].count = value->count;
		choices[i - 1].rarity = value->rarity;
	}
	choose(list, field, choices, dictionary->count - 1);
	pfree(choices);
}

/* Users of addresses; of several spellings of one the first stands for all. */
static void
collect_users(CrmRarityList *list, const CrmMatchSet *set)
{
	const CrmDictionary *dictionary = &set->dictionary[CRM_FIELD_EMAIL];
	CrmListedValue *users = MemoryContextAllocHuge(CurrentMemoryContext,
												   dictionary->count * sizeof(CrmListedValue));
	Choice	   *choices = MemoryContextAllocHuge(CurrentMemoryContext,
												 dictionary->count * sizeof(Choice));
	uint32		count = 0;
	uint32		chosen = 0;
	uint32		i;

	for (i = 1; i < dictionary->count; i++)
		if (dictionary->values[i].token[1] != 0)
			users[count++] = listed_user(dictionary->values[i].bytes,
										 dictionary->values[i].part,
										 dictionary->values[i].part_rarity);
	qsort(users, count, sizeof(CrmListedValue), compare_listed);
	for (i = 0; i < count; i++)
		if (chosen > 0 && compare_users(&users[i - 1], &users[i]) == 0)
			choices[chosen - 1].count++;
		else
		{
			choices[chosen].bytes = users[i].bytes;
			choices[chosen].length = users[i].length;
			choices[chosen].rarity = users[i].rarity;
			choices[chosen++].count = 1;
		}
	choose(list, CRM_RARITY_USERS, choices, chosen);
	pfree(choices);
	pfree(users);
}

/* How rare the values of a finished set are; bytes stay the set's. */
void
crm_rarities_collect(CrmRarities *rarities, const CrmMatchSet *set)
{
	int			field;

	for (field = 0; field < CRM_MATCH_FIELDS; field++)
		collect_field(&rarities->list[field], set, field);
	collect_users(&rarities->list[CRM_RARITY_USERS], set);
}

/* ----------
 * applying
 * ----------
 */

static uint8
rarity_in(const CrmRarityList *list, const CrmListedValue *wanted,
		  int (*compare) (const void *, const void *))
{
	const CrmListedValue *found = bsearch(wanted, list->values, list->count,
										  sizeof(CrmListedValue), compare);

	return found != NULL ? found->rarity : list->rest;
}

/* Instead of finishing a set: its values are as rare as the model says. */
void
crm_rarities_apply(const CrmRarities *rarities, CrmMatchSet *set)
{
	int			field;
	uint32		i;

	for (field = 0; field < CRM_MATCH_FIELDS; field++)
	{
		const CrmRarityList *list = &rarities->list[field];
		CrmDictionary *dictionary = &set->dictionary[field];

		for (i = 1; i < dictionary->count; i++)
		{
			CrmMatchValue *value = &dictionary->values[i];
			CrmListedValue wanted = {value->bytes, 0, value->length, 0};


			wanted.hash = hash_bytes((const unsigned char *) value->bytes, value->length);
			value->rarity = rarity_in(list, &wanted, compare_listed);
			if (field == CRM_FIELD_EMAIL && value->token[1] != 0)
			{
				wanted.hash = value->token[1];
				value->part_rarity = rarity_in(&rarities->list[CRM_RARITY_USERS], &wanted,
											   compare_users);
			}
		}
		CHECK_FOR_INTERRUPTS();
	}
	crm_match_set_choose_keys(set);
}
