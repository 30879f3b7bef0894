/*
 * compare_names.c
 *		How alike what two contacts are called is.
 *
 * Most pairs of different names are met again and again: their levels are remembered.
 */
#include "matching/compare_parts.h"

#include "values/given_names.h"

/* From which given names that are not variants are close, and loosely alike. */
#define GIVEN_CLOSE 0.92
#define GIVEN_LOOSE 0.80
#define SURNAME_CLOSE 0.94
#define SURNAME_LOOSE 0.86

/* A weight in the list of variants below which two names are not the same. */
#define VARIANT_WEIGHT 0.3

static bool
is_prefix(const CrmMatchValue *a, const CrmMatchValue *b)
{
	int			shorter = Min(a->length, b->length);

	return shorter >= 3 && memcmp(a->bytes, b->bytes, shorter) == 0;
}

static int
given_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	double		alike = 0;

	if (a->length == 1 || b->length == 1)
		return a->bytes[0] == b->bytes[0] ? CRM_GIVEN_INITIAL : CRM_GIVEN_DIFFERENT;
	if (crm_given_name_similarity(a->bytes, a->length, b->bytes, b->length) >= VARIANT_WEIGHT)
		return CRM_GIVEN_VARIANT;
	if (crm_letters_may_be_alike(a->letters, b->letters, Max(a->length, b->length), GIVEN_LOOSE))
		alike = crm_similarity(a, b);
	if (alike >= GIVEN_CLOSE || (Min(a->length, b->length) >= 4 && crm_are_one_slip_apart(a, b)))
		return CRM_GIVEN_CLOSE;
	if (is_prefix(a, b))
		return CRM_GIVEN_PREFIX;
	return alike >= GIVEN_LOOSE ? CRM_GIVEN_LOOSE : CRM_GIVEN_DIFFERENT;
}

static int
surname_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	double		alike = 0;

	if ((a->flags | b->flags) & CRM_VALUE_WORDS &&
		(crm_has_all_words(a, b) || crm_has_all_words(b, a)))
		return CRM_SURNAME_PART;
	if (crm_letters_may_be_alike(a->letters, b->letters, Max(a->length, b->length), SURNAME_LOOSE))
		alike = crm_similarity(a, b);
	if ((alike >= SURNAME_CLOSE && crm_count_words(a) == crm_count_words(b)) ||
		(Min(a->length, b->length) >= 4 && crm_are_one_slip_apart(a, b)))
		return CRM_SURNAME_CLOSE;
	if (crm_share_word(a, b))
		return CRM_SURNAME_HALF;
	return alike >= SURNAME_LOOSE ? CRM_SURNAME_LOOSE : CRM_SURNAME_DIFFERENT;
}

static bool
is_same_or_close(const CrmMatchValue *a, const CrmMatchValue *b)
{
	if (a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0)
		return true;
	return Min(a->length, b->length) >= 4 &&
		(crm_are_one_slip_apart(a, b) || crm_share_word(a, b) || crm_are_alike(a, b, SURNAME_CLOSE));
}

int
crm_known_given_level(const CrmMatchSet *set, uint32 a, uint32 b)
{
	return crm_known_level(set, CRM_FIELD_GIVEN, a, b, given_level);
}

int
crm_known_surname_level(const CrmMatchSet *set, uint32 a, uint32 b)
{
	return crm_known_level(set, CRM_FIELD_SURNAME, a, b, surname_level);
}

/* What two contacts are called. */
typedef struct Names
{
	const CrmMatchValue *given[2];
	const CrmMatchValue *surname[2];
	const CrmMatchValue *middle[2];
} Names;

static void
names_of(const CrmMatchSet *set, const CrmMatchRecord *record, int side, Names *names)
{
	names->given[side] = crm_match_value(set, CRM_FIELD_GIVEN, record->value[CRM_FIELD_GIVEN]);
	names->surname[side] = crm_match_value(set, CRM_FIELD_SURNAME, record->value[CRM_FIELD_SURNAME]);
	names->middle[side] = crm_match_value(set, CRM_FIELD_MIDDLE, record->value[CRM_FIELD_MIDDLE]);
}

/* The only name of one, in whichever column, is the surname of the other. */
static const CrmMatchValue *
single_name(const Names *names)
{
	int			single = names->surname[0]->length == 0 ? 0 : 1;
	const CrmMatchValue *only = names->given[single];
	const CrmMatchValue *other = names->surname[1 - single];

	if ((names->surname[0]->length == 0) == (names->surname[1]->length == 0) ||
		names->given[0]->length == 0 || names->given[1]->length == 0 ||
		only->length != other->length || memcmp(only->bytes, other->bytes, only->length) != 0)
		return NULL;
	return other;
}

/* Given name of one and surname of the other, both ways, slips allowed. */
static bool
are_swapped(const Names *names)
{
	return names->given[0]->length > 1 && names->given[1]->length > 1 &&
		is_same_or_close(names->given[0], names->surname[1]) &&
		is_same_or_close(names->surname[0], names->given[1]);
}

/* Whether one is called by a name that is among the other's further ones. */
static bool
is_middle_name(const CrmMatchValue *given, const CrmMatchValue *middle)
{
	CrmWord		word = {given->bytes, given->length};

	return middle->length > 0 && given->length > 2 && crm_has_word(middle, &word);
}

static void
compare_columns(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
				const Names *names, CrmComparison *comparison)
{
	uint32		left = a->value[CRM_FIELD_GIVEN];
	uint32		right = b->value[CRM_FIELD_GIVEN];

	if (left != 0 && right != 0)
	{
		comparison->level[CRM_EVIDENCE_GIVEN] = left != right ? crm_known_given_level(set, left, right) :
			names->given[0]->length > 1 ? CRM_LEVEL_SAME : CRM_GIVEN_INITIAL;
		comparison->rarity[CRM_EVIDENCE_GIVEN] = crm_commoner(names->given[0], names->given[1]);
	}
	left = a->value[CRM_FIELD_SURNAME];
	right = b->value[CRM_FIELD_SURNAME];
	if (left != 0 && right != 0)
	{
		int			level = left == right ? CRM_LEVEL_SAME : crm_known_surname_level(set, left, right);

		comparison->level[CRM_EVIDENCE_SURNAME] = level;
		comparison->rarity[CRM_EVIDENCE_SURNAME] = level == CRM_SURNAME_HALF ? 0 :
			crm_commoner(names->surname[0], names->surname[1]);
	}
}

/* Column by column, and then what column by column looks different and is not. */
void
crm_compare_names(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
			  CrmComparison *comparison)
{
	uint8	   *given = &comparison->level[CRM_EVIDENCE_GIVEN];
	uint8	   *surname = &comparison->level[CRM_EVIDENCE_SURNAME];
	uint8	   *rarity = &comparison->rarity[CRM_EVIDENCE_SURNAME];
	Names		names;

	names_of(set, a, 0, &names);
	names_of(set, b, 1, &names);
	compare_columns(set, a, b, &names, comparison);
	if (*given < CRM_GIVEN_PREFIX)
		return;
	if (*given >= CRM_GIVEN_LOOSE && single_name(&names) != NULL)
	{
		*given = CRM_LEVEL_NONE;
		*surname = CRM_LEVEL_SAME;
		*rarity = single_name(&names)->rarity;
	}
	else if (*given >= CRM_GIVEN_LOOSE && *surname >= CRM_SURNAME_LOOSE && are_swapped(&names))
	{
		*given = CRM_GIVEN_SWAPPED;
		*surname = CRM_LEVEL_SAME;
		*rarity = crm_commoner(names.surname[0], names.surname[1]);
	}
	else if (is_middle_name(names.given[1], names.middle[0]) ||
			 is_middle_name(names.given[0], names.middle[1]))
		*given = CRM_GIVEN_MIDDLE;
}

/* How two of the middle names are alike. */
static int
middle_word_level(const CrmWord *a, const CrmWord *b)
{
	if (a->bytes[0] == b->bytes[0] && (a->length == 1 || b->length == 1))
		return CRM_LEVEL_SAME;
	if (Min(a->length, b->length) > 3 &&
		crm_bytes_distance(a->bytes, (int) a->length, b->bytes, (int) b->length, 1) <= 1)
		return CRM_LEVEL_CLOSE;
	return CRM_LEVEL_DIFFERENT;
}

/* Middle names agree if a word of one, or its initial, is in the other. */
int
crm_middle_level(const CrmMatchValue *a, const CrmMatchValue *b)
{
	int			best = CRM_LEVEL_DIFFERENT;
	CrmWord		left = {NULL, 0};

	if (crm_share_word(a, b))
		return CRM_LEVEL_SAME;
	while (crm_next_word(a, &left))
	{
		CrmWord		right = {NULL, 0};

		while (crm_next_word(b, &right))
			best = Min(best, middle_word_level(&left, &right));
	}
	return best;
}
