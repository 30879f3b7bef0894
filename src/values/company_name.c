/*
 * company_name.c
 *		Names of companies in the form in which they are compared.
 *
 * Three passes over the name, each linear:
 *
 * 1. Words: signs separate them, "&" is the word "and", every word is folded as
 *    crm_name_fold does it (lower case, no accents, Latin letters).
 * 2. Initials: single letters that follow each other become one word, so that
 *    "S.A.", "S. A." and "SA" are the same; letters with dots keep apart from
 *    letters without ("Vitamin C S. A.").
 * 3. Legal forms: stripped from both ends, the longest first, until none is
 *    left, but never the last word that remains.
 *
 * In between, each word stands behind a mark: a control character whose low
 * bits say how the word was written.  What depends on a mark can only strip
 * more, so the normal form of a normal form is itself, although that has no
 * marks.
 *
 * Plain C on UTF-8 and a caller's buffer: no allocation, no state, no locale.
 */
#include "values/company_name.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "values/name_fold.h"
#include "values/utf8.h"
#include "values/word_hash.h"

/* Where a form stands; the numbers of legal_forms.awk. */
#define FORM_AT_END		1
#define FORM_AT_START	2
#define FORM_DOTTED		4
#define FORM_CYRILLIC	8
#define FORM_QUOTED		16
#define FORM_ATTACHED	32

struct LegalFormKey
{
	uint16_t	key;			/* place in legal_form_keys */
	uint16_t	form;			/* place in legal_form_names */
	uint8_t		length;
	uint8_t		where;
};

/* The same for a spelling in a script of its own. */
struct ScriptForm
{
	char		key[48];
	uint8_t		length;
	uint8_t		where;
	uint16_t	form;
};

#define SCRIPT_FORM(key, where, form) {key, sizeof(key) - 1, where, form}

#include "data/legal_forms_table.h"

const char	crm_legal_forms_version[] = LEGAL_FORMS_VERSION;

/* The byte before a word: MARK and bits. */
#define MARK			0x10
#define MARK_DOTTED		1		/* a letter with a dot or slash, or such letters */
#define MARK_CYRILLIC	2
#define MARK_QUOTED		4		/* stood behind a quotation mark */
#define IS_MARK(c)		((unsigned char) (c) < 0x20)

/* The first pass. */
typedef struct Words
{
	const char *name;
	const char *at;
	const char *end;
	size_t		(*fold) (const char *, size_t, char *, size_t);	/* beyond ASCII */
	char	   *start;
	char	   *out;
	bool		quoted;			/* a quotation mark was the last sign */
	bool		after_dot;		/* a dot or slash stands right before */
	bool		has_initials;	/* words of one letter were written */
	bool		and_waits;		/* "and" joins the last word to the next */
	const char *waiting;		/* the word it was; NULL if it was a sign */
} Words;

/* What is left of the words in the third pass; start is a mark. */
typedef struct Window
{
	char	   *start;
	char	   *end;
	bool		has_script;		/* there are bytes beyond ASCII */
} Window;

/* A legal form that was found, and the side of it that remains. */
typedef struct Found
{
	char	   *cut;			/* NULL: none */
	uint16_t	form;
} Found;

/* --- words ----------------------------------------------------------------- */

typedef enum Sign
{
	SIGN_NONE,					/* a part of a word */
	SIGN_BLANK,
	SIGN_DOT,					/* or slash */
	SIGN_AND,
	SIGN_QUOTE,
	SIGN_FORM					/* a legal form in one character */
} Sign;

/* Signs for legal forms, and the word that each stands for, both of 3 bytes. */
static const char form_signs[][2][4] = {
	{"㈱", "株"}, {"㈲", "有"}, {"㈜", "주"}
};

static bool
is_word_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '\'' || c == '`';
}

/* The word of a sign for a legal form; NULL for another character. */
static const char *
form_sign_word(const char *p)
{
	size_t		i;

	for (i = 0; i < sizeof(form_signs) / sizeof(*form_signs); i++)
		if (memcmp(p, form_signs[i][0], 3) == 0)
			return form_signs[i][1];
	return NULL;
}

/* A sign beyond ASCII that means more than a blank; its length in bytes. */
static Sign
wide_sign(const char *p, const char *end, size_t *length)
{
	const unsigned char *u = (const unsigned char *) p;

	*length = 2;
	if (end - p >= 2 && u[0] == 0xC2 && (u[1] == 0xAB || u[1] == 0xBB))
		return SIGN_QUOTE;
	*length = 3;
	if (end - p < 3)
		return SIGN_NONE;
	if (u[0] == 0xE2 && u[1] == 0x80 && u[2] >= 0x9C && u[2] <= 0x9F)
		return SIGN_QUOTE;
	if (u[0] == 0xEF && u[1] == 0xBC && u[2] == 0x86)
		return SIGN_AND;
	if (u[0] == 0xEF && u[1] == 0xBC && (u[2] == 0x8E || u[2] == 0x8F))
		return SIGN_DOT;
	if (u[0] == 0xE3 && u[1] == 0x88 && form_sign_word(p) != NULL)
		return SIGN_FORM;
	return SIGN_NONE;
}

/* A plus between blanks stands for "and"; elsewhere it is a part of a name. */
static bool
is_plus_between_blanks(const Words *words)
{
	return *words->at == '+' && words->at > words->name && words->at[-1] == ' ' &&
		words->end - words->at >= 2 && words->at[1] == ' ';
}

/* The sign at the reader's place, or SIGN_NONE for a word. */
static Sign
sign_here(const Words *words, size_t *length)
{
	const char *p = words->at;

	if ((unsigned char) *p >= 0x80)
		return wide_sign(p, words->end, length);
	*length = 1;
	if (is_word_byte(*p))
		return SIGN_NONE;
	if (*p == '.' || *p == '/')
		return SIGN_DOT;
	if (*p == '"')
		return SIGN_QUOTE;
	if (*p == '&')
	{
		/* as it comes out of web pages */
		if (words->end - p >= 5 && memcmp(p, "&amp;", 5) == 0)
			*length = 5;
		return SIGN_AND;
	}
	return is_plus_between_blanks(words) ? SIGN_AND : SIGN_BLANK;
}

/* Behind the word at the reader's place; *is_ascii says what it is made of. */
static const char *
word_end(const Words *words, bool *is_ascii)
{
	const char *p = words->at;
	size_t		length;

	*is_ascii = true;
	for (; p < words->end; p++)
	{
		if ((unsigned char) *p < 0x80)
		{
			if (!is_word_byte(*p))
				break;
		}
		else if (wide_sign(p, words->end, &length) == SIGN_NONE)
			*is_ascii = false;
		else
			break;
	}
	return p;
}

/* Letters and digits of ASCII in lower case; apostrophes vanish. */
static size_t
fold_ascii(const char *word, size_t length, char *out)
{
	size_t		written = 0;
	size_t		i;

	for (i = 0; i < length; i++)
	{
		char		c = word[i];

		if (c >= 'A' && c <= 'Z')
			out[written++] = (char) (c | 0x20);
		else if (c != '\'' && c != '`')
			out[written++] = c;
	}
	return written;
}

/* The word, if it is one that joins two others. */
static const char *
joining_word(const char *word, size_t length)
{
	static const char joining[][4] = {"and", "und", "et", "og", "och"};
	size_t		i;

	if (length < 2 || length > 3)
		return NULL;
	for (i = 0; i < sizeof(joining) / sizeof(*joining); i++)
		if (strlen(joining[i]) == length && memcmp(word, joining[i], length) == 0)
			return joining[i];
	return NULL;
}

static bool
is_letter(const char *word, size_t length)
{
	return length == 1 && *word >= 'a' && *word <= 'z';
}

static bool
is_and_at(const char *mark)
{
	return memcmp(mark + 1, "and", 3) == 0;
}

/* Writes a word; the bytes may stand further on in the same buffer. */
static void
write_word(Words *words, int mark, const char *bytes, size_t length)
{
	*words->out++ = (char) (MARK | mark);
	while (length-- > 0)
		*words->out++ = *bytes++;
}

static void
put_word(Words *words, int mark, const char *bytes, size_t length)
{
	const char *joining = joining_word(bytes, length);

	/* one at the start joins nothing */
	if (joining != NULL && words->out > words->start)
	{
		if (!words->and_waits)
			words->waiting = joining;
		words->and_waits = true;
		return;
	}
	/* behind a name's first word that is "and", another adds nothing */
	if (words->and_waits && !(words->out - words->start == 4 && is_and_at(words->start)))
		write_word(words, 0, "and", 3);
	words->and_waits = false;
	words->has_initials |= is_letter(bytes, length);
	write_word(words, mark, bytes, length);
}

/*
 * Takes the word at the reader's place.  Beyond ASCII the fold may find several
 * in it: then each is put by itself.  The folded bytes stand far enough behind
 * the written ones; see take_words.
 */
static void
take_word(Words *words)
{
	bool		is_ascii;
	const char *end = word_end(words, &is_ascii);
	size_t		length = (size_t) (end - words->at);
	char	   *folded = words->out + length + 8;
	size_t		folded_length = is_ascii ? fold_ascii(words->at, length, folded) :
		words->fold(words->at, length, folded, CRM_NAME_FOLD_GROWTH * length);
	bool		has_dot = words->after_dot ||
		(end < words->end && (*end == '.' || *end == '/'));
	int			mark = words->quoted ? MARK_QUOTED : 0;

	if ((unsigned char) *words->at >= 0xD0 && (unsigned char) *words->at <= 0xD3)
		mark |= MARK_CYRILLIC;
	if (has_dot && is_letter(folded, folded_length))
		mark |= MARK_DOTTED;
	words->at = end;
	while (folded_length > 0)
	{
		const char *blank = memchr(folded, ' ', folded_length);
		size_t		part = blank == NULL ? folded_length : (size_t) (blank - folded);

		if (part > 0)
		{
			put_word(words, mark, folded, part);
			words->quoted = false;
			mark = 0;
		}
		part += blank != NULL;
		folded += part;
		folded_length -= part;
	}
}

/*
 * The first pass.  A byte of the name makes at most three ("&" is "and" behind
 * its mark, for which the word before and the word behind leave room); a folded
 * word has twice its length at most, and is put where that ends.
 */
static void
take_words(Words *words)
{
	while (words->at < words->end)
	{
		size_t		length;
		Sign		sign = sign_here(words, &length);

		if (sign == SIGN_NONE)
		{
			take_word(words);
			words->after_dot = false;
			continue;
		}
		if (sign == SIGN_FORM)
			put_word(words, 0, form_sign_word(words->at), 3);
		else if (sign == SIGN_AND && words->out > words->start && !words->and_waits)
		{
			words->and_waits = true;
			words->waiting = NULL;
		}
		words->quoted = sign == SIGN_QUOTE || (words->quoted && sign == SIGN_BLANK);
		words->after_dot = sign == SIGN_DOT;
		words->at += length;
	}
	if (words->and_waits && words->waiting != NULL)
		write_word(words, 0, words->waiting, strlen(words->waiting));
}

/* --- initials -------------------------------------------------------------- */

/* Whether a word of one letter stands behind the mark at p. */
static bool
is_initial(const char *p, const char *end)
{
	return end - p >= 2 && is_letter(p + 1, 1) && (end - p == 2 || IS_MARK(p[2]));
}

static bool
is_dotted_initial(const char *p, const char *end)
{
	return is_initial(p, end) && (*p & MARK_DOTTED) != 0;
}

/* Two or more letters with dots, which make a word apart from others. */
static bool
begins_dotted(const char *p, const char *end)
{
	return is_dotted_initial(p, end) && is_dotted_initial(p + 2, end);
}

/*
 * What the first pass does to words that join, for one that initials made:
 * "o g" between two words is "and", and a second one is dropped.  Initials take
 * two bytes each, so there is room.  Returns the end of the words.
 */
static char *
join_by_and(char *start, char *word, char *to, bool is_last)
{
	if (joining_word(word + 1, (size_t) (to - word - 1)) == NULL)
		return to;
	if (word - start >= 4 && IS_MARK(word[-4]) && is_and_at(word - 4))
		return word;
	if (word == start || is_last)
		return to;
	memcpy(word + 1, "and", 3);
	return word + 4;
}

/* The second pass, in place; returns the new end. */
static char *
join_initials(char *start, const char *end)
{
	const char *p = start;
	char	   *to = start;

	while (p < end)
	{
		bool		dotted = begins_dotted(p, end);
		bool		is_word = !is_initial(p, end);
		char	   *word = to;

		*to++ = *p;
		if (is_word)
			for (p++; p < end && !IS_MARK(*p); p++)
				*to++ = *p;
		else
			do
			{
				*to++ = p[1];
				p += 2;
			} while (dotted ? is_dotted_initial(p, end) :
					 is_initial(p, end) && !begins_dotted(p, end));
		to = join_by_and(start, word, to, p == end);
	}
	return to;
}

/* --- legal forms ----------------------------------------------------------- */

/* Whether the bytes, in which marks count as blanks, are the key. */
static bool
equals_key(const char *bytes, const char *key, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		if (bytes[i] != key[i] && !(key[i] == ' ' && IS_MARK(bytes[i])))
			return false;
	return true;
}

/* A form that stands where one of the bits of allowed says. */
static const struct LegalFormKey *
find_form(uint32_t hash, const char *bytes, size_t length, int allowed)
{
	const uint16_t *bucket = legal_form_buckets + (hash >> (32 - LEGAL_FORMS_BITS));
	int			i;

	for (i = bucket[0]; i < bucket[1]; i++)
	{
		const struct LegalFormKey *entry = &legal_form_entries[i];

		if (entry->length == length && (entry->where & allowed) != 0 &&
			equals_key(bytes, legal_form_keys + entry->key, length))
			return entry;
	}
	return NULL;
}

/* The longest form of ASCII at the end, in front of which a word remains. */
static Found
form_at_end(const Window *window)
{
	Found		found = {NULL, 0};
	uint32_t	hash = 0;
	bool		one_word = true;
	char	   *p = window->end;

	while (--p > window->start && window->end - p <= LEGAL_FORMS_LONGEST + 1)
	{
		const struct LegalFormKey *entry;
		int			allowed = FORM_AT_END;

		if (!IS_MARK(*p))
		{
			hash = crm_word_hash_step(hash, *p);
			continue;
		}
		if (one_word && (*p & MARK_DOTTED))
			allowed |= FORM_DOTTED;
		if (one_word && (*p & MARK_CYRILLIC))
			allowed |= FORM_CYRILLIC;
		entry = find_form(hash, p + 1, (size_t) (window->end - p - 1), allowed);
		if (entry != NULL)
		{
			found.cut = p;
			found.form = entry->form;
		}
		hash = crm_word_hash_step(hash, ' ');
		one_word = false;
	}
	return found;
}

static uint32_t
hash_of(const char *bytes, const char *end)
{
	uint32_t	hash = 0;

	while (end-- > bytes)
		hash = crm_word_hash_step(hash, IS_MARK(*end) ? ' ' : *end);
	return hash;
}

/* Whether the first word has the first letter and the length of such a form. */
static bool
may_begin_form(const Window *window)
{
	const char *word = window->start + 1;
	const char *p = word;

	if (*word < 'a' || *word > 'z')
		return false;
	while (p < window->end && !IS_MARK(*p) && p - word < 32)
		p++;
	return p - word < 32 && (legal_form_starts[*word - 'a'] >> (p - word) & 1) != 0;
}

/* The longest form of ASCII at the start, behind which a word remains. */
static Found
form_at_start(const Window *window)
{
	Found		found = {NULL, 0};
	bool		one_word = true;
	char	   *p;

	if (!may_begin_form(window))
		return found;
	for (p = window->start + 1; p < window->end && p - window->start <= LEGAL_FORMS_LONGEST + 1; p++)
	{
		const struct LegalFormKey *entry;
		int			allowed = FORM_AT_START;

		if (!IS_MARK(*p))
			continue;
		if (one_word && (*window->start & MARK_CYRILLIC))
			allowed |= FORM_CYRILLIC;
		if (one_word && (*p & MARK_QUOTED) && !(*window->start & MARK_QUOTED))
			allowed |= FORM_QUOTED;
		entry = find_form(hash_of(window->start + 1, p), window->start + 1,
						  (size_t) (p - window->start - 1), allowed);
		if (entry != NULL)
		{
			found.cut = p;
			found.form = entry->form;
		}
		one_word = false;
	}
	return found;
}

/*
 * The longest form in a script of its own at one end, if it is longer than what
 * was found in ASCII.  Some need no blank.
 */
static void
find_script_form(const Window *window, bool at_end, Found *found)
{
	char	   *words = window->start + 1;
	size_t		length = (size_t) (window->end - words);
	size_t		longest = found->cut == NULL ? 0 :
		(size_t) (at_end ? window->end - found->cut : found->cut - words);
	size_t		i;

	for (i = 0; i < sizeof(script_forms) / sizeof(*script_forms); i++)
	{
		const struct ScriptForm *form = &script_forms[i];
		char	   *key = at_end ? window->end - form->length : words;
		char	   *cut = at_end ? key : words + form->length;
		int			allowed = FORM_ATTACHED;

		if (form->length >= length || form->length <= longest)
			continue;
		if (IS_MARK(at_end ? key[-1] : *cut))
			allowed |= at_end ? FORM_AT_END : FORM_AT_START;
		if ((form->where & allowed) == 0 || !equals_key(key, form->key, form->length))
			continue;
		longest = form->length;
		found->cut = at_end && IS_MARK(key[-1]) ? key - 1 : cut;
		found->form = form->form;
	}
}

/* Cuts one form off the end; a letter that stands free joins the letter before. */
static bool
strip_end(Window *window, CrmCompanyForms *forms)
{
	Found		found = form_at_end(window);

	if (window->has_script)
		find_script_form(window, true, &found);
	if (found.cut == NULL)
		return false;
	if (forms->end_count < CRM_COMPANY_MAX_FORMS)
		forms->at_end[forms->end_count++] = found.form;
	window->end = found.cut;
	while (window->end - window->start > 4 && IS_MARK(window->end[-4]) &&
		   is_and_at(window->end - 4))
		window->end -= 4;
	if (window->end - window->start >= 4 && is_initial(window->end - 2, window->end) &&
		IS_MARK(window->end[-2]) && IS_MARK(window->end[-4]) &&
		is_initial(window->end - 4, window->end))
	{
		window->end[-2] = window->end[-1];
		window->end--;
	}
	return true;
}

/* The same at the start. */
static bool
strip_start(Window *window, CrmCompanyForms *forms)
{
	Found		found = form_at_start(window);

	if (window->has_script)
		find_script_form(window, false, &found);
	if (found.cut == NULL)
		return false;
	if (forms->start_count < CRM_COMPANY_MAX_FORMS)
		forms->at_start[forms->start_count++] = found.form;
	window->start = found.cut;
	if (!IS_MARK(*window->start))
		*--window->start = MARK;
	while (window->end - window->start > 4 && IS_MARK(window->start[4]) &&
		   is_and_at(window->start))
		window->start += 4;
	if (is_initial(window->start, window->end) && is_initial(window->start + 2, window->end))
	{
		window->start[2] = window->start[1];
		window->start[1] = window->start[0];
		window->start++;
	}
	return true;
}

static bool
strip_the(Window *window)
{
	if (window->end - window->start <= 4 || !IS_MARK(window->start[4]) ||
		memcmp(window->start + 1, "the", 3) != 0)
		return false;
	window->start += 4;
	return true;
}

static bool
is_utf8(const char *p, size_t length)
{
	const char *end = p + length;

	p += crm_ascii_prefix(p, length);
	while (p < end)
		if (crm_utf8_next(&p, end) == CRM_UTF8_MALFORMED)
			return false;
	return true;
}

/*
 * Writes the normal form of a name of UTF-8 into out, which has room for
 * CRM_COMPANY_SIZE(length) bytes, and returns its length: 0 if there is no
 * letter or digit in the name.  *forms tells which legal forms were stripped.
 * In a name that is not UTF-8, bytes beyond ASCII are kept as they are.  out
 * must not overlap name.
 */
size_t
crm_company_normalize(const char *name, size_t length, char *out, CrmCompanyForms *forms)
{
	Words		words = {.name = name, .at = name, .end = name + length,
	.fold = is_utf8(name, length) ? crm_name_fold : crm_name_fold_bytes,
	.start = out, .out = out};
	Window		window;
	char	   *p;

	forms->start_count = 0;
	forms->end_count = 0;
	take_words(&words);
	if (words.out == out)
		return 0;
	window.start = out;
	window.end = words.has_initials ? join_initials(out, words.out) : words.out;
	length = (size_t) (window.end - out);
	window.has_script = crm_ascii_prefix(out, length) < length;
	while (strip_the(&window) || strip_start(&window, forms))
		;
	while (strip_end(&window, forms))
		;
	for (p = window.start + 1; p < window.end; p++)
		*out++ = IS_MARK(*p) ? ' ' : *p;
	return (size_t) (window.end - window.start - 1);
}

/* A form that is the same as the one before it says nothing new. */
static size_t
append_form(uint16_t form, char *out, size_t length, const char **last)
{
	const char *name = legal_form_names + form;
	size_t		name_length = strlen(name);

	if (name == *last || length + name_length + 2 > CRM_COMPANY_FORMS_SIZE)
		return length;
	*last = name;
	if (length > 0)
		out[length++] = ' ';
	memcpy(out + length, name, name_length + 1);
	return length + name_length;
}

/*
 * Writes the names of the stripped forms in the order of the name, with blanks
 * between them and a byte 0 behind, into out[CRM_COMPANY_FORMS_SIZE]; returns
 * the length, 0 if there were none.
 */
size_t
crm_company_forms_text(const CrmCompanyForms *forms, char *out)
{
	const char *last = NULL;
	size_t		length = 0;
	int			i;

	for (i = 0; i < forms->start_count; i++)
		length = append_form(forms->at_start[i], out, length, &last);
	for (i = forms->end_count; i > 0; i--)
		length = append_form(forms->at_end[i - 1], out, length, &last);
	return length;
}
