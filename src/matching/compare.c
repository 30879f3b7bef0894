/*
 * compare.c
 *		How alike two contacts are, field by field.
 *
 * Values are numbers, so that agreeing costs nothing; strings are compared only
 * where the numbers differ.  Every comparison is symmetric.
 */
#include "matching/compare.h"

#include "matching/compare_parts.h"

const uint8 crm_evidence_levels[CRM_EVIDENCES] = {
	CRM_GIVEN_LEVELS, CRM_SURNAME_LEVELS, CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS,
	CRM_EMAIL_LEVELS, CRM_PLAIN_LEVELS, CRM_BIRTH_LEVELS, CRM_ADDRESS_LEVELS,
	CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS,
	CRM_PLAIN_LEVELS
};

/* From which similarity streets, towns and firms are close. */
#define WORDS_CLOSE 0.90

/* ----------
 * e-mail addresses and phone numbers
 * ----------
 */

/* Whether the user of an address is made of the holder's name. */
static bool
is_made_of_name(const CrmMatchValue *email, const CrmMatchValue *name)
{
	int			i;

	if (name->length < 3)
		return false;
	for (i = 0; i + name->length <= email->part; i++)
		if (memcmp(email->bytes + i, name->bytes, name->length) == 0)
			return true;
	return false;
}

/* Shorter users of addresses resemble each other by chance. */
#define USER_MIN 5

static int
email_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	const char *a_domain = a->bytes + a->part;
	const char *b_domain = b->bytes + b->part;
	int			a_rest = a->length - a->part;
	int			b_rest = b->length - b->part;
	bool		same_domain = a_rest == b_rest && memcmp(a_domain, b_domain, a_rest) == 0;
	int			apart;

	if (a->token[1] != 0 && a->token[1] == b->token[1])
		return same_domain || crm_bytes_distance(a_domain, a_rest, b_domain, b_rest, 2) <= 2 ?
			CRM_EMAIL_CLOSE : CRM_EMAIL_USER;
	if (((a->flags | b->flags) & CRM_VALUE_SHARED) == 0 && Min(a->part, b->part) >= USER_MIN &&
		crm_letters_apart(a->letters, b->letters) <= 4)
	{
		apart = crm_bytes_distance(a->bytes, a->part, b->bytes, b->part, 2);
		if (apart <= (Min(a->part, b->part) >= 8 ? 2 : 1))
			return same_domain ? CRM_EMAIL_CLOSE : CRM_EMAIL_USER_CLOSE;
	}
	if (same_domain && a->token[2] != 0)
		return CRM_EMAIL_DOMAIN;
	if ((a->token[2] != 0) != (b->token[2] != 0))
		return CRM_EMAIL_OTHER_KIND;
	return CRM_EMAIL_DIFFERENT;
}

static int
phone_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	if (a->token[0] == b->token[0] && Min(a->length, b->length) < 9)
		return CRM_LEVEL_SAME;
	if (Min(a->length, b->length) >= 7 && crm_are_one_slip_apart(a, b))
		return CRM_LEVEL_CLOSE;
	return CRM_LEVEL_DIFFERENT;
}

/* Of all values of both sides, those that are most alike. */
static void
compare_lists(const CrmMatchSet *set, CrmMatchField field, CrmEvidence evidence,
			  uint32 a_head, const uint32 *a_more, uint32 b_head, const uint32 *b_more,
			  CrmLevelOf level_of,
			  CrmComparison *comparison)
{
	int			best = CRM_LEVEL_NONE;
	uint8		rarity = 0;
	int			i;
	int			j;

	for (i = 0; i < CRM_MATCH_LIST_MAX; i++)
	{
		uint32		a = i == 0 ? a_head : a_more[i - 1];

		if (a == 0)
			break;
		for (j = 0; j < CRM_MATCH_LIST_MAX; j++)
		{
			uint32		b = j == 0 ? b_head : b_more[j - 1];
			const CrmMatchValue *av = crm_match_value(set, field, a);
			const CrmMatchValue *bv;
			int			level;
			uint8		here;

			if (b == 0)
				break;
			bv = crm_match_value(set, field, b);
			level = a == b ? CRM_LEVEL_SAME : level_of(av, bv);
			here = level == CRM_EMAIL_USER && field == CRM_FIELD_EMAIL ?
				Min(av->part_rarity, bv->part_rarity) : crm_commoner(av, bv);
			/* a mailbox of one's own says more than the office's that both have, too */
			if (best == CRM_LEVEL_NONE || level < best || (level == best && here > rarity))
			{
				best = level;
				rarity = here;
			}
		}
	}
	comparison->level[evidence] = best;
	comparison->rarity[evidence] = rarity;
}

/* Whether the user of a contact's address is made of one of its names. */
static bool
has_named_user(const CrmMatchSet *set, const CrmMatchRecord *record, CrmMatchField name)
{
	return is_made_of_name(crm_match_value(set, CRM_FIELD_EMAIL, record->value[CRM_FIELD_EMAIL]),
						   crm_match_value(set, name, record->value[name]));
}

/* A user that both names explain says no more than the names. */
static void
name_users(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
		   CrmComparison *comparison)
{
	uint8	   *level = &comparison->level[CRM_EVIDENCE_EMAIL];
	bool		of_given;
	bool		of_surname;

	if (*level > CRM_EMAIL_USER_CLOSE || *level == CRM_LEVEL_NONE)
		return;
	of_given = has_named_user(set, a, CRM_FIELD_GIVEN) || has_named_user(set, b, CRM_FIELD_GIVEN);
	of_surname = has_named_user(set, a, CRM_FIELD_SURNAME) || has_named_user(set, b, CRM_FIELD_SURNAME);
	if (*level == CRM_EMAIL_USER || *level == CRM_EMAIL_USER_CLOSE)
	{
		if ((of_given || of_surname) &&
			(!of_surname || comparison->level[CRM_EVIDENCE_SURNAME] <= CRM_SURNAME_CLOSE))
			*level = CRM_EMAIL_NAMED_USER;
		return;
	}
	if (of_given)
		comparison->rarity[CRM_EVIDENCE_GIVEN] = Min(comparison->rarity[CRM_EVIDENCE_GIVEN], CRM_NAMED_RARITY);
	if (of_surname)
		comparison->rarity[CRM_EVIDENCE_SURNAME] = Min(comparison->rarity[CRM_EVIDENCE_SURNAME], CRM_NAMED_RARITY);
}

/* ----------
 * dates of birth
 * ----------
 */

/* Dates as records have them: four digits of the year, then month and day. */
int
crm_birth_level(uint64 a, uint64 b)
{
	uint64		apart = a ^ b;
	bool		year = (apart & 0xFFFF) == 0;
	bool		month = (apart & 0xFF0000) == 0;
	bool		day = (apart & 0xFF000000) == 0;
	bool		exchanged = (a >> 16 & 0xFF) == (b >> 24) && (a >> 24) == (b >> 16 & 0xFF);

	if (crm_digits_are_one_slip_apart(a, b) || (year && exchanged))
		return CRM_BIRTH_CLOSE;
	if (year + month + day == 2)
		return CRM_BIRTH_PARTLY;
	return year ? CRM_BIRTH_YEAR : CRM_BIRTH_DIFFERENT;
}

static void
compare_births(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
			   CrmComparison *comparison)
{
	if (a->birth == 0 || b->birth == 0)
		return;
	comparison->level[CRM_EVIDENCE_BIRTH] =
		a->birth == b->birth ? CRM_LEVEL_SAME : crm_birth_level(a->birth, b->birth);
	comparison->rarity[CRM_EVIDENCE_BIRTH] =
		crm_commoner(crm_match_value(set, CRM_FIELD_BIRTH, a->value[CRM_FIELD_BIRTH]),
				 crm_match_value(set, CRM_FIELD_BIRTH, b->value[CRM_FIELD_BIRTH]));
}

/* ----------
 * addresses
 * ----------
 */

/* Shorter streets resemble each other by chance. */
#define STREET_MIN 6

static int
street_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	bool		number = a->token[1] == b->token[1] && a->token[1] != 0;
	bool		name = a->token[2] == b->token[2] && a->token[2] != 0;

	if (number && name)
		return CRM_LEVEL_CLOSE;
	if ((number || a->token[1] == 0 || b->token[1] == 0) && crm_are_alike(a, b, WORDS_CLOSE))
		return CRM_LEVEL_CLOSE;
	/* of a number alone each letter counts */
	if (Min(a->length, b->length) >= STREET_MIN && crm_distance(a, b, 2) <= 2)
		return CRM_LEVEL_CLOSE;
	return name ? CRM_STREET_NUMBER : CRM_STREET_DIFFERENT;
}

static int
words_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	if (crm_are_one_slip_apart(a, b) || crm_share_word(a, b) || crm_are_alike(a, b, WORDS_CLOSE))
		return CRM_LEVEL_CLOSE;
	return CRM_LEVEL_DIFFERENT;
}

static int
postcode_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	int			shorter = Min(a->length, b->length);

	if (crm_are_one_slip_apart(a, b) ||
		(shorter >= 4 && memcmp(a->bytes, b->bytes, shorter - 2) == 0))
		return CRM_LEVEL_CLOSE;
	return CRM_LEVEL_DIFFERENT;
}

static int
different_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	return CRM_LEVEL_DIFFERENT;
}

static inline int
level_of_values(const CrmMatchSet *set, CrmMatchField field, uint32 a, uint32 b,
				CrmLevelOf level_of, uint8 *rarity)
{
	const CrmMatchValue *av;
	const CrmMatchValue *bv;

	if (a == 0 || b == 0)
		return CRM_LEVEL_NONE;
	av = crm_match_value(set, field, a);
	bv = crm_match_value(set, field, b);
	*rarity = crm_commoner(av, bv);
	return a == b ? CRM_LEVEL_SAME : crm_known_level(set, field, a, b, level_of);
}

static void
compare_addresses(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
				  CrmComparison *comparison)
{
	uint8		street_rarity = 0;
	uint8		city_rarity = 0;
	uint8		postcode_rarity = 0;
	int			street = level_of_values(set, CRM_FIELD_STREET, a->value[CRM_FIELD_STREET],
										 b->value[CRM_FIELD_STREET], street_level, &street_rarity);
	int			city = level_of_values(set, CRM_FIELD_CITY, a->value[CRM_FIELD_CITY],
									   b->value[CRM_FIELD_CITY], words_level, &city_rarity);
	int			postcode = level_of_values(set, CRM_FIELD_POSTCODE, a->value[CRM_FIELD_POSTCODE],
										   b->value[CRM_FIELD_POSTCODE], postcode_level, &postcode_rarity);
	uint8	   *rarity = &comparison->rarity[CRM_EVIDENCE_ADDRESS];

	comparison->level[CRM_EVIDENCE_ADDRESS] = CRM_ADDRESS_LEVEL(street, city, postcode);
	*rarity = street == CRM_LEVEL_SAME ? street_rarity :
		postcode == CRM_LEVEL_SAME ? postcode_rarity :
		city == CRM_LEVEL_SAME ? city_rarity : 0;
}

/* ----------
 * contacts
 * ----------
 */

static void
compare_field(const CrmMatchSet *set, CrmMatchField field, CrmEvidence evidence,
			  const CrmMatchRecord *a, const CrmMatchRecord *b,
			  CrmLevelOf level_of,
			  CrmComparison *comparison)
{
	comparison->level[evidence] =
		level_of_values(set, field, a->value[field], b->value[field], level_of,
						&comparison->rarity[evidence]);
}

void
crm_compare(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
			CrmComparison *comparison)
{
	memset(comparison, 0, sizeof(*comparison));
	crm_compare_names(set, a, b, comparison);
	compare_field(set, CRM_FIELD_MIDDLE, CRM_EVIDENCE_MIDDLE, a, b, crm_middle_level, comparison);
	compare_field(set, CRM_FIELD_GENERATION, CRM_EVIDENCE_GENERATION, a, b, different_level, comparison);
	compare_lists(set, CRM_FIELD_EMAIL, CRM_EVIDENCE_EMAIL, a->value[CRM_FIELD_EMAIL], a->more_emails,
				  b->value[CRM_FIELD_EMAIL], b->more_emails, email_level, comparison);
	name_users(set, a, b, comparison);
	compare_lists(set, CRM_FIELD_PHONE, CRM_EVIDENCE_PHONE, a->value[CRM_FIELD_PHONE], a->more_phones,
				  b->value[CRM_FIELD_PHONE], b->more_phones, phone_level, comparison);
	compare_births(set, a, b, comparison);
	compare_addresses(set, a, b, comparison);
	if (crm_has_no_place(comparison->level[CRM_EVIDENCE_ADDRESS]))
		compare_field(set, CRM_FIELD_STATE, CRM_EVIDENCE_STATE, a, b, different_level, comparison);
	if (crm_has_no_place(comparison->level[CRM_EVIDENCE_ADDRESS]) &&
		comparison->level[CRM_EVIDENCE_STATE] == CRM_LEVEL_NONE)
		compare_field(set, CRM_FIELD_COUNTRY, CRM_EVIDENCE_COUNTRY, a, b, different_level, comparison);
	compare_field(set, CRM_FIELD_COMPANY, CRM_EVIDENCE_COMPANY, a, b, words_level, comparison);
	compare_field(set, CRM_FIELD_JOB, CRM_EVIDENCE_JOB, a, b, words_level, comparison);
	compare_field(set, CRM_FIELD_GENDER, CRM_EVIDENCE_GENDER, a, b, different_level, comparison);
}
