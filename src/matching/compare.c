/*
 * compare.c
 *		How alike two contacts are, field by field.
 *
 * Values are numbers, so that agreeing costs nothing; strings are compared only
 * where the numbers differ.  Every comparison is symmetric.
 */
#include "matching/compare.h"

#include "values/given_names.h"
#include "values/similarity.h"

const uint8 crm_evidence_levels[CRM_EVIDENCES] = {
	CRM_GIVEN_LEVELS, CRM_SURNAME_LEVELS, CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS,
	CRM_EMAIL_LEVELS, CRM_PLAIN_LEVELS, CRM_BIRTH_LEVELS, CRM_ADDRESS_LEVELS,
	CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS, CRM_PLAIN_LEVELS,
	CRM_PLAIN_LEVELS
};

/* From which given names that are not variants are close, and loosely alike. */
#define GIVEN_CLOSE 0.92
#define GIVEN_LOOSE 0.80
#define SURNAME_CLOSE 0.94
#define SURNAME_LOOSE 0.86
#define WORDS_CLOSE 0.90

/* A weight in the list of variants below which two names are not the same. */
#define VARIANT_WEIGHT 0.3

/* ----------
 * strings
 * ----------
 */

static double
similarity(const CrmMatchValue *a, const CrmMatchValue *b)
{
	CrmMatches	matches;

	crm_match_two_bytes(a->bytes, a->length, b->bytes, b->length, &matches);
	return crm_matches_jaro_winkler(&matches);
}

static int
distance(const char *a, int a_length, const char *b, int b_length, int bound)
{
	CrmMatches	matches;

	if (abs(a_length - b_length) > bound)
		return bound + 1;
	crm_match_two_bytes(a, a_length, b, b_length, &matches);
	return crm_matches_edit_distance(&matches, bound, true);
}

static bool
is_one_slip_apart(const CrmMatchValue *a, const CrmMatchValue *b)
{
	return distance(a->bytes, a->length, b->bytes, b->length, 1) <= 1;
}

/* Whether a value has the whole word. */
static bool
has_whole_word(const CrmMatchValue *value, const char *word, size_t length)
{
	size_t		i = 0;

	while (i + length <= value->length)
	{
		size_t		start = i;

		while (i < value->length && value->bytes[i] != ' ')
			i++;
		if (i - start == length && memcmp(value->bytes + start, word, length) == 0)
			return true;
		i++;
	}
	return false;
}

static int
count_words(const CrmMatchValue *value)
{
	int			count = 1;
	int			i;

	for (i = 0; i < value->length; i++)
		count += value->bytes[i] == ' ';
	return count;
}

/* Whether every word of the second is one of the first's. */
static bool
has_all_words(const CrmMatchValue *a, const CrmMatchValue *b)
{
	size_t		i = 0;

	while (i < b->length)
	{
		size_t		start = i;

		while (i < b->length && b->bytes[i] != ' ')
			i++;
		if (i - start < 2 || !has_whole_word(a, b->bytes + start, i - start))
			return false;
		i++;
	}
	return b->length > 0;
}

/* Whether the two have a word in common that is long enough to be a name. */
static bool
share_word(const CrmMatchValue *a, const CrmMatchValue *b)
{
	size_t		i = 0;

	while (i < a->length)
	{
		size_t		start = i;

		while (i < a->length && a->bytes[i] != ' ')
			i++;
		if (i - start >= 4 && has_whole_word(b, a->bytes + start, i - start))
			return true;
		i++;
	}
	return false;
}

static bool
is_prefix(const CrmMatchValue *a, const CrmMatchValue *b)
{
	int			shorter = Min(a->length, b->length);

	return shorter >= 3 && memcmp(a->bytes, b->bytes, shorter) == 0;
}

static inline uint8
commoner(const CrmMatchValue *a, const CrmMatchValue *b)
{
	return Min(a->rarity, b->rarity);
}

/* ----------
 * names
 * ----------
 */

static int
given_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	double		alike;

	if (a->length == 1 || b->length == 1)
		return a->bytes[0] == b->bytes[0] ? CRM_GIVEN_INITIAL : CRM_GIVEN_DIFFERENT;
	if (crm_given_name_similarity(a->bytes, a->length, b->bytes, b->length) >= VARIANT_WEIGHT)
		return CRM_GIVEN_VARIANT;
	alike = similarity(a, b);
	if (alike >= GIVEN_CLOSE || (Min(a->length, b->length) >= 4 && is_one_slip_apart(a, b)))
		return CRM_GIVEN_CLOSE;
	if (is_prefix(a, b))
		return CRM_GIVEN_PREFIX;
	return alike >= GIVEN_LOOSE ? CRM_GIVEN_LOOSE : CRM_GIVEN_DIFFERENT;
}

static int
surname_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	double		alike = similarity(a, b);

	if (has_all_words(a, b) || has_all_words(b, a))
		return CRM_SURNAME_PART;
	if ((alike >= SURNAME_CLOSE && count_words(a) == count_words(b)) ||
		(Min(a->length, b->length) >= 4 && is_one_slip_apart(a, b)))
		return CRM_SURNAME_CLOSE;
	if (share_word(a, b))
		return CRM_SURNAME_HALF;
	return alike >= SURNAME_LOOSE ? CRM_SURNAME_LOOSE : CRM_SURNAME_DIFFERENT;
}

static bool
is_same_or_close(const CrmMatchValue *a, const CrmMatchValue *b)
{
	if (a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0)
		return true;
	return Min(a->length, b->length) >= 4 &&
		(is_one_slip_apart(a, b) || similarity(a, b) >= SURNAME_CLOSE);
}

/* The level of two different values of a field, remembered. */
static inline int
known_level(const CrmMatchSet *set, CrmMatchField field, uint32 a, uint32 b,
			int (*level_of) (const CrmMatchValue *, const CrmMatchValue *))
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

/* Given name of one and surname of the other, both ways, slips allowed. */
static bool
are_swapped(const CrmMatchValue *a_given, const CrmMatchValue *a_surname,
			const CrmMatchValue *b_given, const CrmMatchValue *b_surname)
{
	return a_given->length > 1 && b_given->length > 1 &&
		is_same_or_close(a_given, b_surname) && is_same_or_close(a_surname, b_given);
}

static void
compare_names(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
			  CrmComparison *comparison)
{
	uint32		a_given = a->value[CRM_FIELD_GIVEN];
	uint32		b_given = b->value[CRM_FIELD_GIVEN];
	uint32		a_surname = a->value[CRM_FIELD_SURNAME];
	uint32		b_surname = b->value[CRM_FIELD_SURNAME];
	const CrmMatchValue *ag = crm_match_value(set, CRM_FIELD_GIVEN, a_given);
	const CrmMatchValue *bg = crm_match_value(set, CRM_FIELD_GIVEN, b_given);
	const CrmMatchValue *as = crm_match_value(set, CRM_FIELD_SURNAME, a_surname);
	const CrmMatchValue *bs = crm_match_value(set, CRM_FIELD_SURNAME, b_surname);
	int			given = CRM_LEVEL_NONE;
	int			surname = CRM_LEVEL_NONE;

	if (a_given != 0 && b_given != 0)
	{
		given = a_given == b_given ? (ag->length > 1 ? CRM_LEVEL_SAME : CRM_GIVEN_INITIAL) :
			known_level(set, CRM_FIELD_GIVEN, a_given, b_given, given_level);
		comparison->rarity[CRM_EVIDENCE_GIVEN] = commoner(ag, bg);
	}
	if (a_surname != 0 && b_surname != 0)
	{
		surname = a_surname == b_surname ? CRM_LEVEL_SAME :
			known_level(set, CRM_FIELD_SURNAME, a_surname, b_surname, surname_level);
		comparison->rarity[CRM_EVIDENCE_SURNAME] = surname == CRM_SURNAME_HALF ? 0 : commoner(as, bs);
	}
	if ((a_surname == 0) != (b_surname == 0) && a_given != 0 && b_given != 0 &&
		given >= CRM_GIVEN_LOOSE)
	{
		/* one name only, in whichever column it stands */
		const CrmMatchValue *only = a_surname == 0 ? ag : bg;
		const CrmMatchValue *other = a_surname == 0 ? bs : as;

		if (only->length == other->length && memcmp(only->bytes, other->bytes, only->length) == 0)
		{
			given = CRM_LEVEL_NONE;
			surname = CRM_LEVEL_SAME;
			comparison->rarity[CRM_EVIDENCE_SURNAME] = other->rarity;
		}
	}
	if (given >= CRM_GIVEN_LOOSE && surname >= CRM_SURNAME_LOOSE &&
		are_swapped(ag, as, bg, bs))
	{
		given = CRM_GIVEN_SWAPPED;
		surname = CRM_LEVEL_SAME;
		comparison->rarity[CRM_EVIDENCE_SURNAME] = commoner(as, bs);
	}
	if (given >= CRM_GIVEN_PREFIX && given != CRM_GIVEN_SWAPPED)
	{
		const CrmMatchValue *am = crm_match_value(set, CRM_FIELD_MIDDLE, a->value[CRM_FIELD_MIDDLE]);
		const CrmMatchValue *bm = crm_match_value(set, CRM_FIELD_MIDDLE, b->value[CRM_FIELD_MIDDLE]);

		if ((am->length > 0 && bg->length > 2 && has_whole_word(am, bg->bytes, bg->length)) ||
			(bm->length > 0 && ag->length > 2 && has_whole_word(bm, ag->bytes, ag->length)))
			given = CRM_GIVEN_MIDDLE;
	}
	comparison->level[CRM_EVIDENCE_GIVEN] = given;
	comparison->level[CRM_EVIDENCE_SURNAME] = surname;
}

/* How two of the middle names are alike. */
static int
middle_word_level(const char *a, int a_length, const char *b, int b_length)
{
	if (a[0] == b[0] && (a_length == 1 || b_length == 1))
		return CRM_LEVEL_SAME;
	if (Min(a_length, b_length) > 3 && distance(a, a_length, b, b_length, 1) <= 1)
		return CRM_LEVEL_CLOSE;
	return CRM_LEVEL_DIFFERENT;
}

/* Middle names agree if a word of one, or its initial, is in the other. */
static int
middle_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	int			best = CRM_LEVEL_DIFFERENT;
	size_t		i = 0;

	if (share_word(a, b))
		return CRM_LEVEL_SAME;
	while (i < a->length)
	{
		size_t		start = i;
		size_t		j = 0;

		while (i < a->length && a->bytes[i] != ' ')
			i++;
		while (j < b->length)
		{
			size_t		other = j;

			while (j < b->length && b->bytes[j] != ' ')
				j++;
			best = Min(best, middle_word_level(a->bytes + start, i - start, b->bytes + other, j - other));
			j++;
		}
		i++;
	}
	return best;
}

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
		return same_domain || distance(a_domain, a_rest, b_domain, b_rest, 2) <= 2 ?
			CRM_EMAIL_CLOSE : CRM_EMAIL_USER;
	if (((a->flags | b->flags) & CRM_VALUE_SHARED) == 0 && Min(a->part, b->part) >= 5)
	{
		apart = distance(a->bytes, a->part, b->bytes, b->part, 2);
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
	if (Min(a->length, b->length) >= 7 && is_one_slip_apart(a, b))
		return CRM_LEVEL_CLOSE;
	return CRM_LEVEL_DIFFERENT;
}

/* Of all values of both sides, those that are most alike. */
static void
compare_lists(const CrmMatchSet *set, CrmMatchField field, CrmEvidence evidence,
			  uint32 a_head, const uint32 *a_more, uint32 b_head, const uint32 *b_more,
			  int (*level_of) (const CrmMatchValue *, const CrmMatchValue *),
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

			if (b == 0)
				break;
			bv = crm_match_value(set, field, b);
			level = a == b ? CRM_LEVEL_SAME : level_of(av, bv);
			if (best == CRM_LEVEL_NONE || level < best)
			{
				best = level;
				rarity = level == CRM_EMAIL_USER && field == CRM_FIELD_EMAIL ?
					Min(av->part_rarity, bv->part_rarity) : commoner(av, bv);
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

static int
birth_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	bool		year = memcmp(a->bytes, b->bytes, 4) == 0;
	bool		month = memcmp(a->bytes + 4, b->bytes + 4, 2) == 0;
	bool		day = memcmp(a->bytes + 6, b->bytes + 6, 2) == 0;

	if (is_one_slip_apart(a, b) || (year && a->token[1] == b->token[1]))
		return CRM_BIRTH_CLOSE;
	if (year + month + day == 2)
		return CRM_BIRTH_PARTLY;
	return year ? CRM_BIRTH_YEAR : CRM_BIRTH_DIFFERENT;
}

/* ----------
 * addresses
 * ----------
 */

static int
street_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	bool		number = a->token[1] == b->token[1] && a->token[1] != 0;
	bool		name = a->token[2] == b->token[2] && a->token[2] != 0;

	if (number && name)
		return CRM_LEVEL_CLOSE;
	if (similarity(a, b) >= WORDS_CLOSE && (number || a->token[1] == 0 || b->token[1] == 0))
		return CRM_LEVEL_CLOSE;
	if (distance(a->bytes, a->length, b->bytes, b->length, 2) <= 2)
		return CRM_LEVEL_CLOSE;
	return name ? CRM_STREET_NUMBER : CRM_STREET_DIFFERENT;
}

static int
words_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	if (is_one_slip_apart(a, b) || share_word(a, b) || similarity(a, b) >= WORDS_CLOSE)
		return CRM_LEVEL_CLOSE;
	return CRM_LEVEL_DIFFERENT;
}

static int
postcode_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	int			shorter = Min(a->length, b->length);

	if (is_one_slip_apart(a, b) ||
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
				int (*level_of) (const CrmMatchValue *, const CrmMatchValue *), uint8 *rarity)
{
	const CrmMatchValue *av;
	const CrmMatchValue *bv;

	if (a == 0 || b == 0)
		return CRM_LEVEL_NONE;
	av = crm_match_value(set, field, a);
	bv = crm_match_value(set, field, b);
	*rarity = commoner(av, bv);
	return a == b ? CRM_LEVEL_SAME : known_level(set, field, a, b, level_of);
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
			  int (*level_of) (const CrmMatchValue *, const CrmMatchValue *),
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
	compare_names(set, a, b, comparison);
	compare_field(set, CRM_FIELD_MIDDLE, CRM_EVIDENCE_MIDDLE, a, b, middle_level, comparison);
	compare_field(set, CRM_FIELD_GENERATION, CRM_EVIDENCE_GENERATION, a, b, different_level, comparison);
	compare_lists(set, CRM_FIELD_EMAIL, CRM_EVIDENCE_EMAIL, a->value[CRM_FIELD_EMAIL], a->more_emails,
				  b->value[CRM_FIELD_EMAIL], b->more_emails, email_level, comparison);
	name_users(set, a, b, comparison);
	compare_lists(set, CRM_FIELD_PHONE, CRM_EVIDENCE_PHONE, a->value[CRM_FIELD_PHONE], a->more_phones,
				  b->value[CRM_FIELD_PHONE], b->more_phones, phone_level, comparison);
	compare_field(set, CRM_FIELD_BIRTH, CRM_EVIDENCE_BIRTH, a, b, birth_level, comparison);
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

/* Whether two records have a key of one of the kinds in common. */
static inline bool
share_key(const CrmMatchRecord *a, const CrmMatchRecord *b, const uint8 *kinds, int count)
{
	int			k;
	int			i;
	int			j;

	for (k = 0; k < count; k++)
		for (i = crm_token_first[kinds[k]]; i < crm_token_first[kinds[k] + 1]; i++)
			for (j = crm_token_first[kinds[k]]; j < crm_token_first[kinds[k] + 1]; j++)
				if (a->token[i] != 0 && a->token[i] == b->token[j])
					return true;
	return false;
}

static inline bool
names_differ(const CrmMatchSet *set, CrmMatchField field, const CrmMatchRecord *a, const CrmMatchRecord *b,
			 int (*level_of) (const CrmMatchValue *, const CrmMatchValue *), int different)
{
	uint32		left = a->value[field];
	uint32		right = b->value[field];

	return left != right && left != 0 && right != 0 &&
		known_level(set, field, left, right, level_of) == different;
}

/*
 * Whether two records need not be compared: names that are not those of one person,
 * and nothing in common that would outweigh that.
 */
bool
crm_is_hopeless(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	static const uint8 strong[] = {
		CRM_TOKEN_EMAIL, CRM_TOKEN_USER, CRM_TOKEN_PHONE, CRM_TOKEN_BIRTH, CRM_TOKEN_STREET
	};
	static const uint8 weak[] = {
		CRM_TOKEN_POSTCODE, CRM_TOKEN_CITY, CRM_TOKEN_DAY, CRM_TOKEN_COMPANY, CRM_TOKEN_JOB
	};
	bool		weakly;

	if (share_key(a, b, strong, lengthof(strong)))
		return false;
	/* swapped names sound the same in one of the two orders */
	if (a->token[crm_token_first[CRM_TOKEN_SOUND]] == b->token[crm_token_first[CRM_TOKEN_SOUND]])
		return false;
	weakly = share_key(a, b, weak, lengthof(weak));
	if (names_differ(set, CRM_FIELD_GIVEN, a, b, given_level, CRM_GIVEN_DIFFERENT))
		return !weakly ||
			names_differ(set, CRM_FIELD_SURNAME, a, b, surname_level, CRM_SURNAME_DIFFERENT);
	return !weakly && names_differ(set, CRM_FIELD_SURNAME, a, b, surname_level, CRM_SURNAME_DIFFERENT);
}
