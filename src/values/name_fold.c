/*
 * name_fold.c
 *		Names in the form in which they are compared.
 *
 * One pass over the code points: each becomes letters of ASCII, itself, a
 * blank, or nothing, as a table says that is generated when the library is
 * developed.  No locale, no allocation.  Folding a folded name changes
 * nothing, and Normalization Forms C and D of a name give the same; both are
 * fuzzed.
 *
 * Four things take more than one code point.  A letter and a mark that the
 * table lists as a pair are taken for the one that they make (Cyrillic short
 * i, voiced kana), unless another mark is between, with which Unicode composes
 * it first.  Jamo make syllables.  Pairs of Greek letters are written as
 * passports have them (Stavros, Evangelos).  A Cyrillic hard sign is a vowel in
 * Bulgarian (Tarnovo) and mute in Russian (Podyachev): it is mute before e, yo,
 * yu, ya and at the end of a word.
 */
#include "values/name_fold.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "values/utf8.h"
#include "data/name_fold_table.h"

const char	crm_name_fold_version[] = NAME_FOLD_VERSION;

/* A blank is written when the next word begins, so that none ends a name. */
typedef struct Folding
{
	char	   *start;
	char	   *out;
	char	   *end;
	bool		gap;			/* a blank is due */
	bool		full;
	/* the last code point that was not of ASCII, and what it was before it */
	int32_t		last;
	char	   *last_at;
	char	   *last_after;
	bool		last_gap;
	bool		marked;			/* a mark above it has been dropped */
	char		greek;			/* the sound of that, if it was Greek */
} Folding;

/* What ASCII becomes: itself, a lower-case letter, or one of these. */
#define ASCII_BLANK '\0'
#define ASCII_DROP '\1'

static const char ascii_fold[128] = {
	['\''] = ASCII_DROP, ['`'] = ASCII_DROP,
	['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',
	['5'] = '5', ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9',
	['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd', ['E'] = 'e', ['F'] = 'f',
	['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k', ['L'] = 'l',
	['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',
	['S'] = 's', ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x',
	['Y'] = 'y', ['Z'] = 'z',
	['a'] = 'a', ['b'] = 'b', ['c'] = 'c', ['d'] = 'd', ['e'] = 'e', ['f'] = 'f',
	['g'] = 'g', ['h'] = 'h', ['i'] = 'i', ['j'] = 'j', ['k'] = 'k', ['l'] = 'l',
	['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p', ['q'] = 'q', ['r'] = 'r',
	['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w', ['x'] = 'x',
	['y'] = 'y', ['z'] = 'z'
};

#define IS_LATIN(c) ((c) < 0x0300 || ((c) >= 0x1E00 && (c) <= 0x1EFF))
#define IS_GREEK(c) (((c) >= 0x0370 && (c) <= 0x03FF) || ((c) >= 0x1F00 && (c) <= 0x1FFF))
#define IS_CYRILLIC(c) ((c) >= 0x0400 && (c) <= 0x052F)
#define IS_MARK_ABOVE(c) ((c) >= 0x0300 && (c) <= 0x0314)
#define IS_HARD_SIGN(c) ((c) == 0x042A || (c) == 0x044A)

/* Whether nothing has been written since the last code point. */
static inline bool
follows_last(const Folding *f)
{
	return f->out == f->last_after && !f->gap;
}

/* As if the last code point had not been there. */
static void
take_back(Folding *f)
{
	f->out = f->last_at;
	f->gap = f->last_gap;
	f->last_after = NULL;
}

static void
end_word(Folding *f)
{
	if (IS_HARD_SIGN(f->last) && f->out == f->last_after)
	{
		bool		gap = f->gap;

		take_back(f);
		f->gap = f->gap || gap;
	}
}

static inline void
put(Folding *f, const char *bytes, size_t length)
{
	bool		blank;

	if (f->gap)
		end_word(f);
	blank = f->gap && f->out > f->start;
	if (length + blank > (size_t) (f->end - f->out))
	{
		f->full = true;
		return;
	}
	if (blank)
		*f->out++ = ' ';
	f->gap = false;
	while (length-- > 0)
		*f->out++ = *bytes++;
}

/* The code point that a letter and a mark make; 0 if they do not. */
static int32_t
joined_pair(int32_t letter, int32_t mark)
{
	int			low = 0;
	int			high = NAME_FOLD_PAIRS;

	while (low < high)
	{
		int			middle = (low + high) / 2;
		const struct NameFoldPair *pair = &name_fold_pairs[middle];

		if (pair->letter == letter && pair->mark == mark)
			return pair->joined;
		if (pair->letter < letter || (pair->letter == letter && pair->mark < mark))
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* The same for the parts of a Hangul syllable (The Unicode Standard, 3.12). */
static int32_t
joined_jamo(int32_t before, int32_t c)
{
	if (before >= 0x1100 && before <= 0x1112 && c >= 0x1161 && c <= 0x1175)
		return 0xAC00 + ((before - 0x1100) * 21 + (c - 0x1161)) * 28;
	if (before >= 0xAC00 && before <= 0xD7A3 && (before - 0xAC00) % 28 == 0 &&
		c >= 0x11A8 && c <= 0x11C2)
		return before + (c - 0x11A7);
	return 0;
}

/*
 * A Greek letter.  Upsilon is u behind o, and behind a, e and i it is v, which
 * is f before a voiceless letter; gamma is n before g, x and ch; mp is b at
 * the beginning of a word.
 */
static void
put_greek(Folding *f, const char *latin, size_t length)
{
	bool		begins = f->gap || f->out == f->start;
	char		before = f->greek;
	char		sound = *latin;

	if (sound == 'y' && before != '\0' && strchr("aeio", before) != NULL)
	{
		latin = before == 'o' ? "u" : "v";
		sound = before == 'o' ? 'u' : 'V';
	}
	else if (before == 'V' && strchr("ckfpstx", sound) != NULL)
		f->out[-1] = 'f';
	else if (before == 'g' && strchr("cgx", sound) != NULL)
		f->out[-1] = 'n';
	else if (before == 'M' && sound == 'p' && length == 1)
	{
		f->out[-1] = 'b';
		f->greek = 'p';
		return;
	}
	else if (sound == 'm' && begins)
		sound = 'M';
	put(f, latin, length);
	f->greek = sound;
}

static void
put_letter(Folding *f, int32_t c, unsigned entry, const char *bytes, size_t length)
{
	char	   *at;
	bool		gap;

	if (entry > NAME_FOLD_DROP_JOINING)
	{
		length = (size_t) name_fold_pool[entry];
		bytes = name_fold_pool + entry + 1;
	}
	if (IS_HARD_SIGN(f->last) && follows_last(f) && IS_CYRILLIC(c) &&
		(bytes[0] == 'e' || (bytes[0] == 'y' && length == 2)))
		take_back(f);
	if (f->gap)
		end_word(f);
	at = f->out;
	gap = f->gap;
	if (!follows_last(f))
		f->greek = '\0';

	if (IS_GREEK(c))
		put_greek(f, bytes, length);
	else
	{
		put(f, bytes, length);
		f->greek = '\0';
	}
	f->last = c;
	f->last_at = at;
	f->last_after = f->out;
	f->last_gap = gap;
	f->marked = false;
}

static inline unsigned
entry_of(int32_t c)
{
	if (c < NAME_FOLD_END)
		return name_fold_entries[name_fold_blocks[c / 64]][c % 64];
	/* tags and variation selectors */
	return c >= 0xE0000 && c <= 0xE0FFF ? NAME_FOLD_DROP : NAME_FOLD_KEEP;
}

/* A code point beyond ASCII, which stands at bytes and has that entry. */
static void
put_entry(Folding *f, int32_t c, unsigned entry, const char *bytes, size_t length)
{
	int32_t		joined = 0;
	char		buffer[CRM_UTF8_MAX_LENGTH];

	if (entry == NAME_FOLD_KEEP_JOINING || entry == NAME_FOLD_DROP_JOINING)
		joined = follows_last(f) && !f->marked ? joined_pair(f->last, c) : 0;
	else if (c >= 0x1161 && c <= 0x11C2)
		joined = follows_last(f) ? joined_jamo(f->last, c) : 0;

	if (joined != 0)
	{
		take_back(f);
		put_letter(f, joined, entry_of(joined), buffer, crm_utf8_put(buffer, joined));
	}
	else if (entry == NAME_FOLD_BLANK)
		f->gap = true;
	else if (entry != NAME_FOLD_DROP && entry != NAME_FOLD_DROP_JOINING)
		put_letter(f, c, entry, bytes, length);
	else if (IS_MARK_ABOVE(c))
		f->marked = true;
}

/*
 * The same, where the entry may stand for characters of another script: they
 * are put one by one, since they may join what goes before them.
 */
static inline void
put_code_point(Folding *f, int32_t c, const char *bytes, size_t length)
{
	unsigned	entry = entry_of(c);
	const char *end;

	if (entry <= NAME_FOLD_DROP_JOINING ||
		(unsigned char) name_fold_pool[entry + 1] < 0x80)
	{
		/* Latin letters join nothing, and no letter looks back at them. */
		if (entry > NAME_FOLD_DROP_JOINING && IS_LATIN(c))
			put(f, name_fold_pool + entry + 1, (size_t) name_fold_pool[entry]);
		else
			put_entry(f, c, entry, bytes, length);
		return;
	}
	bytes = name_fold_pool + entry + 1;
	end = bytes + name_fold_pool[entry];
	while (bytes < end)
	{
		const char *part = bytes;

		c = crm_utf8_next(&bytes, end);
		put_entry(f, c, entry_of(c), part, (size_t) (bytes - part));
	}
}

static inline void
put_ascii(Folding *f, char c)
{
	char		folded = ascii_fold[(unsigned char) c];

	if (folded > ASCII_DROP)
	{
		if (f->gap || f->out == f->end)
			put(f, &folded, 1);
		else
			*f->out++ = folded;
	}
	else if (folded == ASCII_BLANK)
		f->gap = true;
}

size_t
crm_name_fold(const char *name, size_t length, char *out, size_t capacity)
{
	Folding		f = {.start = out, .out = out, .end = out + capacity};
	const char *p = name;
	const char *end = name + length;

	while (p < end && !f.full)
	{
		const char *bytes = p;
		int32_t		c;

		if ((unsigned char) *p < 0x80)
		{
			put_ascii(&f, *p++);
			continue;
		}
		c = crm_utf8_next(&p, end);
		if (c == CRM_UTF8_MALFORMED)
			return crm_name_fold_bytes(name, length, out, capacity);
		put_code_point(&f, c, bytes, (size_t) (p - bytes));
	}
	if (!f.full)
		end_word(&f);
	return (size_t) (f.out - f.start);
}

/*
 * An apostrophe vanishes only where that brings no two bytes beyond ASCII
 * together: they might become a character, and folding twice would change it.
 */
size_t
crm_name_fold_bytes(const char *name, size_t length, char *out, size_t capacity)
{
	Folding		f = {.start = out, .out = out, .end = out + capacity};
	size_t		i;

	for (i = 0; i < length && !f.full; i++)
	{
		if ((unsigned char) name[i] >= 0x80)
			put(&f, name + i, 1);
		else if (ascii_fold[(unsigned char) name[i]] == ASCII_DROP &&
				 f.out > f.start && (unsigned char) f.out[-1] >= 0x80)
			f.gap = true;
		else
			put_ascii(&f, name[i]);
	}
	return (size_t) (f.out - f.start);
}
