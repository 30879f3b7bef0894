/*
 * company_words.c
 *		The words of a company's name: what company_name.c strips legal forms from.
 *
 * Signs separate words, "&" is the word "and", and every word is folded as
 * crm_name_fold does it.  Then single letters that follow each other become one
 * word, in place.
 *
 * Plain C on UTF-8 and a caller's buffer: no allocation, no state, no locale.
 */
#include "values/company_words.h"

#include "values/name_fold.h"
#include "values/utf8.h"

/* The name while it is read. */
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

/* Writes a word; the bytes may stand further on in the same buffer. */
static void
write_word(Words *words, int mark, const char *bytes, size_t length)
{
	*words->out++ = (char) (CRM_MARK | mark);
	while (length-- > 0)
		*words->out++ = *bytes++;
}

/*
 * Behind an "and", "et" is a name ("Acme & E.T."), or the normal form would lose
 * it when it is normalized again; another "and" adds nothing there.
 */
static void
put_word(Words *words, int mark, const char *bytes, size_t length)
{
	const char *joining = joining_word(bytes, length);
	bool		only_and = words->out - words->start == 4 && crm_is_and(words->start);

	/* one at the start joins nothing */
	if (joining != NULL && words->out > words->start &&
		(*joining == 'a' || !(words->and_waits || only_and)))
	{
		if (!words->and_waits)
			words->waiting = joining;
		words->and_waits = true;
		return;
	}
	/* behind a name's first word that is "and", another adds nothing */
	if (words->and_waits && !only_and)
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
	int			mark = words->quoted ? CRM_MARK_QUOTED : 0;

	if ((unsigned char) *words->at >= 0xD0 && (unsigned char) *words->at <= 0xD3)
		mark |= CRM_MARK_CYRILLIC;
	if (has_dot && is_letter(folded, folded_length))
		mark |= CRM_MARK_DOTTED;
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
 * Takes all words.  A byte of the name makes at most three ("&" is "and" behind
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

static bool
is_dotted_initial(const char *p, const char *end)
{
	return crm_is_initial(p, end) && (*p & CRM_MARK_DOTTED) != 0;
}

/* Two or more letters with dots, which make a word apart from others. */
static bool
begins_dotted(const char *p, const char *end)
{
	return is_dotted_initial(p, end) && is_dotted_initial(p + 2, end);
}

/*
 * What put_word does to words that join, for one that initials made:
 * "o g" between two words is "and", and a second "and" is dropped.  Initials take
 * two bytes each, so there is room.  Returns the end of the words.
 */
static char *
join_by_and(char *start, char *word, char *to, bool is_last)
{
	if (joining_word(word + 1, (size_t) (to - word - 1)) == NULL)
		return to;
	if (word - start >= 4 && CRM_IS_MARK(word[-4]) && crm_is_and(word - 4))
		return word[1] == 'a' ? word : to;
	if (word == start || is_last)
		return to;
	memcpy(word + 1, "and", 3);
	return word + 4;
}

/* Joins initials, in place; returns the new end. */
static char *
join_initials(char *start, const char *end)
{
	const char *p = start;
	char	   *to = start;

	while (p < end)
	{
		bool		dotted = begins_dotted(p, end);
		bool		is_word = !crm_is_initial(p, end);
		char	   *word = to;

		*to++ = *p;
		if (is_word)
			for (p++; p < end && !CRM_IS_MARK(*p); p++)
				*to++ = *p;
		else
			do
			{
				*to++ = p[1];
				p += 2;
			} while (dotted ? is_dotted_initial(p, end) :
					 crm_is_initial(p, end) && !begins_dotted(p, end));
		to = join_by_and(start, word, to, p == end);
	}
	return to;
}

/* --- both ------------------------------------------------------------------ */

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
 * Writes the words of a name into out, which has room for CRM_COMPANY_SIZE(length)
 * bytes, and returns their end: out if there are none.  With ascii_only, or if the
 * name is not UTF-8, bytes beyond ASCII are kept as they are.
 */
char *
crm_company_words(const char *name, size_t length, bool ascii_only, char *out)
{
	Words		words = {.name = name, .at = name, .end = name + length,
	.fold = !ascii_only && is_utf8(name, length) ? crm_name_fold : crm_name_fold_bytes,
	.start = out, .out = out};

	take_words(&words);
	return words.has_initials ? join_initials(out, words.out) : words.out;
}
