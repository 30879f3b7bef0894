/*
 * name_words.c
 *		The words of a full name, and what each may be.
 *
 * Blanks, commas and brackets divide words.  A word of signs alone is none,
 * except "&".  A quotation mark is a bracket where it begins a word and another
 * ends one, so that O'Brien and 't Hooft have none; a bracket that is not
 * closed is part of its word.
 */
#include "values/name_words.h"

#include <string.h>

#include "values/name_fold.h"
#include "values/utf8.h"

static const struct
{
	int32_t		opening;
	int32_t		closing;
	bool		is_quotation;
}			brackets[] = {
	{'(', ')', false}, {'[', ']', false}, {'{', '}', false}, {'<', '>', false},
	{0xFF08, 0xFF09, false}, {0x300C, 0x300D, false},
	{'"', '"', true}, {'\'', '\'', true}, {0x201C, 0x201D, true}, {0x2018, 0x2019, true},
	{0x201E, 0x201C, true}, {0x201E, 0x201D, true}, {0x201A, 0x2018, true}, {0xAB, 0xBB, true}
};

#include "data/name_words_table.h"

#define LENGTH_OF(array) (sizeof(array) / sizeof((array)[0]))

const char	crm_name_words_version[] = NAME_WORDS_VERSION;

typedef struct Reader
{
	CrmNameWords *words;
	const char *end;
	const char *word;			/* where the word that is being read begins */
	const char *closing;		/* where the brackets end; NULL outside */
	unsigned	unclosed;		/* bits of brackets that nothing closes any more */
	bool		has_room;
} Reader;

static bool
is_blank(int32_t c)
{
	return c <= ' ' || c == 0x7F || c == 0x85 || c == 0xA0 || c == 0x1680 ||
		(c >= 0x2000 && c <= 0x200B) || c == 0x200E || c == 0x200F ||
		(c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x2060) ||
		(c >= 0x2066 && c <= 0x2069) || c == 0x3000 || c == 0xFEFF;
}

static bool
is_comma(int32_t c)
{
	return c == ',' || c == 0x060C || c == 0x3001 || c == 0xFF0C || c == 0xFF64;
}

static bool
is_cjk(int32_t c)
{
	return (c >= 0x1100 && c <= 0x11FF) || (c >= 0x2E80 && c <= 0x2FDF) ||
		(c >= 0x3005 && c <= 0x3007) || (c >= 0x3041 && c <= 0x30FA) ||
		(c >= 0x30FC && c <= 0x31FF) || (c >= 0x3400 && c <= 0x4DBF) ||
		(c >= 0x4E00 && c <= 0x9FFF) || (c >= 0xAC00 && c <= 0xD7A3) ||
		(c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9F) ||
		(c >= 0x20000 && c <= 0x3FFFF);
}

static bool
is_middle_dot(int32_t c)
{
	return c == 0x30FB || c == 0xB7 || c == 0xFF65 || c == 0x2022 || c == 0x2027;
}

/* A byte that begins no character is one of its own, a letter. */
static int32_t
next_character(const char **p, const char *end)
{
	int32_t		c = crm_utf8_next(p, end);

	if (c != CRM_UTF8_MALFORMED)
		return c;
	++*p;
	return 0xFFFD;
}

static uint16_t
kinds_of(const char *folded, int length)
{
	int			low = 0;
	int			high = NAME_WORDS_COUNT;

	while (low < high && length <= NAME_WORDS_LONGEST)
	{
		int			middle = (low + high) / 2;
		int			order = strncmp(name_words[middle].word, folded, (size_t) length);

		if (order == 0 && name_words[middle].word[length] == '\0')
			return name_words[middle].kinds;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* Letters of the folded form, without blanks: Ph.D. is phd. */
static void
fold_word(CrmNameWord *word)
{
	char		folded[CRM_NAME_WORD_FOLDED];
	size_t		length = crm_name_fold(word->bytes, word->length, folded, sizeof(folded));
	size_t		i;

	word->folded_length = 0;
	for (i = 0; i < length; i++)
		if (folded[i] != ' ')
			word->folded[word->folded_length++] = folded[i];
}

static void
describe_spelling(CrmNameWord *word)
{
	const char *p = word->bytes;
	const char *end = p + word->length;
	bool		has_small = false;
	bool		has_capital = false;

	/* 't, also with a typographic apostrophe, which begins with this byte */
	word->is_small = (*p >= 'a' && *p <= 'z') || *p == '\'' || *p == '\xE2';
	word->has_dot = memchr(p, '.', word->length) != NULL;
	word->is_cjk = true;
	while (p < end)
	{
		int32_t		c = next_character(&p, end);

		has_small = has_small || (c >= 'a' && c <= 'z');
		has_capital = has_capital || (c >= 'A' && c <= 'Z');
		word->is_cjk = word->is_cjk && is_cjk(c);
	}
	word->is_capitals = has_capital && !has_small;
}

static void
end_word(Reader *r, const char *end)
{
	CrmNameWord *word = &r->words->words[r->words->count];

	if (r->word == NULL)
		return;
	if (r->words->count == CRM_NAME_MAX_WORDS)
	{
		r->has_room = false;
		return;
	}
	word->bytes = r->word;
	word->length = (size_t) (end - r->word);
	word->segment = (int8_t) r->words->commas;
	word->bracket = (int8_t) (r->closing != NULL ? r->words->brackets : 0);
	word->part = -1;
	r->word = NULL;

	fold_word(word);
	describe_spelling(word);
	word->kinds = kinds_of(word->folded, word->folded_length);
	/* Initials are no particles, 't is one. */
	if (word->folded_length == 1 && word->bytes[0] != '\'' && word->bytes[0] != '\xE2')
		word->kinds &= (uint16_t) ~CRM_WORD_PARTICLE;
	if (word->folded_length > 0)
		r->words->count++;
	else if (word->length == 1 && word->bytes[0] == '&')
	{
		word->kinds = CRM_WORD_ARTICLE;
		r->words->count++;
	}
}

/* Whether a quotation mark at p, which ends at next, may be a closing one. */
static bool
ends_word(const char *next, const char *end)
{
	int32_t		c;

	if (next == end)
		return true;
	c = next_character(&next, end);
	return is_blank(c) || is_comma(c);
}

/* Where the brackets are closed that were opened before p; NULL if nowhere. */
static const char *
find_closing(int32_t closing, bool is_quotation, const char *p, const char *end)
{
	const char *start = p;

	while (p < end)
	{
		const char *at = p;

		if (next_character(&p, end) == closing && at > start &&
			(!is_quotation || ends_word(p, end)))
			return at;
	}
	return NULL;
}

/* Opens brackets with the character c, which ends at p; false if it does not. */
static bool
open_brackets(Reader *r, int32_t c, const char *start, const char *p)
{
	size_t		i;

	for (i = 0; i < LENGTH_OF(brackets); i++)
	{
		const char *closing;

		if (brackets[i].opening != c || (brackets[i].is_quotation && r->word != NULL) ||
			(r->unclosed & 1U << i) != 0)
			continue;
		closing = find_closing(brackets[i].closing, brackets[i].is_quotation, p, r->end);
		if (closing == NULL)
		{
			r->unclosed |= 1U << i;
			continue;
		}
		end_word(r, start);
		r->closing = closing;
		r->words->brackets++;
		return true;
	}
	return false;
}

/* The character c, from start to p. */
static void
read_character(Reader *r, int32_t c, const char *start, const char *p)
{
	if (start == r->closing)
	{
		end_word(r, start);
		r->closing = NULL;
	}
	else if (is_blank(c))
		end_word(r, start);
	else if (is_comma(c))
	{
		end_word(r, start);
		/* No name has so many; the number is that of a byte. */
		if (r->closing == NULL && r->words->commas < CRM_NAME_MAX_WORDS)
			r->words->commas++;
	}
	else if (r->closing == NULL && r->words->brackets < CRM_NAME_MAX_WORDS &&
			 open_brackets(r, c, start, p))
		return;
	else if (r->word == NULL)
		r->word = start;
}

bool
crm_name_words_read(const char *name, size_t length, CrmNameWords *words)
{
	Reader		r = {.words = words, .end = name + length, .has_room = true};
	const char *p = name;
	int32_t		before = 0;

	words->count = 0;
	words->brackets = 0;
	words->commas = 0;
	words->has_middle_dot = false;
	while (p < r.end && r.has_room)
	{
		const char *start = p;
		int32_t		c = next_character(&p, r.end);

		if (is_middle_dot(c) && is_cjk(before) && r.closing == NULL)
		{
			end_word(&r, start);
			words->has_middle_dot = true;
		}
		else
			read_character(&r, c, start, p);
		before = c;
	}
	end_word(&r, r.end);
	return r.has_room;
}

size_t
crm_name_ending(const CrmNameWord *word)
{
	size_t		i;

	for (i = 0; i < LENGTH_OF(name_endings); i++)
	{
		size_t		length = strlen(name_endings[i]);

		if (word->length >= length &&
			memcmp(word->bytes + word->length - length, name_endings[i], length) == 0)
			return length;
	}
	return 0;
}
