/*
 * unicode_fold.c
 *		Normalization Forms D and C and case folding, from a frozen table.
 *
 * The normal form of a text for comparison is NFC(fold(NFD(text))): append each
 * code point decomposed, order the marks, fold, order, compose.  It is a fixed
 * point of itself: what folding yields is folded and decomposed, and the one
 * mark that it makes a letter of (U+0345) stands last among its marks.
 */
#include "values/unicode_fold.h"

#include "values/code_table.h"

/* What a code point decomposes into; right is 0 if it is one code point. */
typedef struct CrmDecomposition
{
	int32_t		whole;
	int32_t		left;
	int32_t		right;
} CrmDecomposition;

/* In crm_unicode_classes, for code points that no address may have. */
#define CRM_CODE_REFUSED 255

#include "data/unicode_fold_table.h"

const char	crm_unicode_fold_version[] = CRM_UNICODE_FOLD_VERSION;

/* Below these nothing decomposes, and nothing is the second of a pair. */
#define FIRST_DECOMPOSED	0x00C0
#define FIRST_SECOND		0x0300

/* Syllables of Hangul are arithmetic: Unicode Standard, 3.12. */
#define HANGUL_BASE			0xAC00
#define HANGUL_LEADS		0x1100
#define HANGUL_VOWELS		0x1161
#define HANGUL_TAILS		0x11A7
#define HANGUL_LEAD_COUNT	19
#define HANGUL_VOWEL_COUNT	21
#define HANGUL_TAIL_COUNT	28
#define HANGUL_COUNT		(HANGUL_LEAD_COUNT * HANGUL_VOWEL_COUNT * HANGUL_TAIL_COUNT)

/*
 * True for what no local part of an address may have: controls, format
 * characters, private use, unassigned, surrogates, blanks and line separators.
 */
bool
crm_unicode_is_refused(int32_t c)
{
	return crm_code_range(crm_unicode_classes, CRM_LENGTH_OF(crm_unicode_classes), c) == CRM_CODE_REFUSED;
}

/* 0 for characters that begin something, else the place among marks. */
int
crm_unicode_combining_class(int32_t c)
{
	int			class_of;

	if (c < FIRST_SECOND)
		return 0;
	class_of = crm_code_range(crm_unicode_classes, CRM_LENGTH_OF(crm_unicode_classes), c);
	return class_of == CRM_CODE_REFUSED ? 0 : class_of;
}

static bool
append(CrmCodePoints *text, int32_t c)
{
	if (text->count >= text->room)
		return false;
	text->items[text->count++] = c;
	return true;
}

static const CrmDecomposition *
decomposition_of(int32_t c)
{
	size_t		low = 0;
	size_t		high = CRM_LENGTH_OF(crm_decompositions);

	if (c < FIRST_DECOMPOSED)
		return NULL;
	while (low < high)
	{
		size_t		middle = (low + high) / 2;

		if (crm_decompositions[middle].whole < c)
			low = middle + 1;
		else
			high = middle;
	}
	return low < CRM_LENGTH_OF(crm_decompositions) &&
		crm_decompositions[low].whole == c ? &crm_decompositions[low] : NULL;
}

/*
 * Appends c in Normalization Form D, save for the order of marks.  False if
 * there is no room.  The right half of a pair never decomposes further.
 */
bool
crm_unicode_append_decomposed(CrmCodePoints *text, int32_t c)
{
	int32_t		right[4];
	int			n_right = 0;
	int32_t		syllable = c - HANGUL_BASE;
	const CrmDecomposition *parts;

	if (syllable >= 0 && syllable < HANGUL_COUNT)
	{
		int32_t		tail = syllable % HANGUL_TAIL_COUNT;

		syllable /= HANGUL_TAIL_COUNT;
		return append(text, HANGUL_LEADS + syllable / HANGUL_VOWEL_COUNT) &&
			append(text, HANGUL_VOWELS + syllable % HANGUL_VOWEL_COUNT) &&
			(tail == 0 || append(text, HANGUL_TAILS + tail));
	}
	while ((parts = decomposition_of(c)) != NULL)
	{
		if (parts->right != 0)
			right[n_right++] = parts->right;
		c = parts->left;
	}
	if (!append(text, c))
		return false;
	while (n_right > 0)
		if (!append(text, right[--n_right]))
			return false;
	return true;
}

/* Canonical ordering: marks on one character by their class, else as they stood. */
void
crm_unicode_order_marks(CrmCodePoints *text)
{
	size_t		i;
	size_t		j;

	for (i = 1; i < text->count; i++)
	{
		int32_t		c = text->items[i];
		int			class_of = crm_unicode_combining_class(c);

		if (class_of == 0)
			continue;
		for (j = i; j > 0 && crm_unicode_combining_class(text->items[j - 1]) > class_of; j--)
			text->items[j] = text->items[j - 1];
		text->items[j] = c;
	}
}

/*
 * Full case folding of decomposed text, in place.  False if there is no room.
 */
bool
crm_unicode_fold_case(CrmCodePoints *text)
{
	size_t		i;
	size_t		j;

	for (i = 0; i < text->count; i++)
	{
		const CrmCodeMap *map = crm_code_map(crm_folds, CRM_LENGTH_OF(crm_folds), text->items[i]);

		if (map == NULL)
			continue;
		if (map->length == 1)
		{
			text->items[i] = crm_code_mapped(map, text->items[i]);
			continue;
		}
		if (text->count + map->length - 1 > text->room)
			return false;
		for (j = text->count - 1; j > i; j--)
			text->items[j + map->length - 1] = text->items[j];
		for (j = 0; j < map->length; j++)
			text->items[i + j] = crm_fold_texts[map->to + (int32_t) j];
		text->count += map->length - 1u;
		i += map->length - 1u;
	}
	return true;
}

/* The code point that two make together, or 0. */
static int32_t
composition_of(int32_t left, int32_t right)
{
	size_t		low = 0;
	size_t		high = CRM_LENGTH_OF(crm_compositions);

	if (left >= HANGUL_LEADS && left < HANGUL_LEADS + HANGUL_LEAD_COUNT &&
		right >= HANGUL_VOWELS && right < HANGUL_VOWELS + HANGUL_VOWEL_COUNT)
		return HANGUL_BASE + ((left - HANGUL_LEADS) * HANGUL_VOWEL_COUNT +
							  right - HANGUL_VOWELS) * HANGUL_TAIL_COUNT;
	if (left >= HANGUL_BASE && left < HANGUL_BASE + HANGUL_COUNT &&
		(left - HANGUL_BASE) % HANGUL_TAIL_COUNT == 0 &&
		right > HANGUL_TAILS && right < HANGUL_TAILS + HANGUL_TAIL_COUNT)
		return left + right - HANGUL_TAILS;

	while (low < high)
	{
		size_t		middle = (low + high) / 2;
		const CrmDecomposition *pair = &crm_decompositions[crm_compositions[middle]];

		if (pair->left == left && pair->right == right)
			return pair->whole;
		if (pair->left < left || (pair->left == left && pair->right < right))
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/*
 * Canonical composition of decomposed text with its marks in order, in place.
 * A mark joins the last starter unless something of its own class or higher,
 * or a starter that stays, stands between.
 */
void
crm_unicode_compose(CrmCodePoints *text)
{
	size_t		starter = text->count;	/* none yet */
	size_t		count = 0;
	int			last_class = 0;
	size_t		i;

	for (i = 0; i < text->count; i++)
	{
		int32_t		c = text->items[i];
		int			class_of = crm_unicode_combining_class(c);
		bool		blocked = starter + 1 < count && last_class >= class_of;

		if (c >= FIRST_SECOND && starter < count && !blocked)
		{
			int32_t		whole = composition_of(text->items[starter], c);

			if (whole != 0)
			{
				text->items[starter] = whole;
				continue;
			}
		}
		if (class_of == 0)
			starter = count;
		last_class = class_of;
		text->items[count++] = c;
	}
	text->count = count;
}
