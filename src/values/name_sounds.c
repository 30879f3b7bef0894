/*
 * name_sounds.c
 *		What a word of a name sounds like, as it may be read.
 *
 * A key is the word's consonants, as classes of sounds: what voices, doubles,
 * lengthens or mutes them is taken away.  Vowels vary too much between spellings
 * and languages; that there is one in front counts, and in a word of one or two
 * consonants, which has little else to be known by, the kind of the first one.
 *
 * Letters are not read alike everywhere (Charles, Michael, Chaim).  A word is
 * read from beginning to end in one of three ways, which bounds its keys and
 * leaves out mixtures that no language has:
 *
 *	CENTRAL		German, Dutch, Nordic and Slavic: g is hard, ch is k, w is v, j glides
 *	WESTERN		English and French: g before e and i is soft, ch is sh, w is u
 *	OUTER		Spanish, Portuguese, Greek, Semitic, what is left of Slavic: h is
 *				mute in front and ch inside, v is b, x is sh, j inside is ch, rz is r
 *
 * The first reading notes whether another would differ, so that most words are
 * read once.  Rules are for languages, and say which names show them.  No
 * locale, no allocation, no state.
 */
#include "values/name_sounds.h"

#include <stdbool.h>
#include <string.h>

typedef enum Reading
{
	CENTRAL,
	WESTERN,
	OUTER
} Reading;

#define READINGS CRM_NAME_KEYS_OF_WORD

/* Letters of a key, that of a vowel in front among them. */
#define KEY_CODES 4

/* With at most so many consonants beside H the kind of the first vowel counts. */
#define SHORT_CODES 2

/* How many letters more a key may have; see beginnings. */
#define MORE_CODES 4

/* Rules look at so many letters on either side; zeros are around the word. */
#define MARGIN 4

/*
 * What many names of a language begin with tells little of them: their keys
 * have so many letters more.
 */
static const struct Beginning
{
	char		letters[8];
	signed char codes;
}			beginnings[] = {
	{"abd", 2}, {"abdal", 3}, {"abdel", 3}, {"abdul", 3},
	{"christ", 1}, {"crist", 1}, {"hrist", 1}, {"khrist", 1}, {"krist", 1}, {"kryst", 1}, {"krzyszt", 1},
	{"dela", 2}, {"della", 2}, {"delos", 2}, {"fitz", 2}, {"kara", 2},
	{"mac", 2}, {"mak", 2}, {"mc", 2}, {"papa", 1}, {"saint", 2}, {"san", 2}, {"sankt", 2},
	{"van", 2}, {"vande", 3}, {"vanden", 4}, {"vander", 4}, {"von", 2}, {"vonder", 4}
};

typedef struct Word
{
	char		room[MARGIN + CRM_NAME_KEYS_LETTERS + MARGIN];
	const char *start;
	Reading		reading;
	unsigned	forks;			/* readings that differ, as bits */
	char		codes[KEY_CODES + MORE_CODES];
	int			count;
	int			max_codes;
	bool		vowel_leads;
	bool		apart;			/* a vowel stands behind the last code */
	char		vowel;			/* kind of the first one: a, e, o; 0 if none yet */
} Word;

static inline bool
is_vowel(char c)
{
	return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
}

static inline bool
is_consonant(char c)
{
	return c >= 'a' && c <= 'z' && !is_vowel(c);
}

/* Vowels before which c and g are soft. */
static inline bool
is_front(char c)
{
	return c == 'e' || c == 'i' || c == 'y';
}

/* Whether the word is now read so; notes that this reading differs here. */
static inline bool
read_as(Word *w, Reading reading)
{
	w->forks |= 1U << reading;
	return w->reading == reading;
}

/* The same code twice is one sound, unless a vowel is between. */
static inline void
put(Word *w, char code)
{
	if (w->count > 0 && !w->apart && w->codes[w->count - 1] == code)
		return;
	if (w->count < w->max_codes)
		w->codes[w->count++] = code;
	w->apart = false;
}

/*
 * The same for b, d, g and what sounds like them.  Whether they are voiced is
 * lost inside and at the end of words (Schmidt, Schmitt), and kept in front.
 */
static inline void
put_voiced(Word *w, const char *p, char code_in_front, char code)
{
	if (p[-1] != p[0])
		put(w, p == w->start ? code_in_front : code);
}

/*
 * The kind of a first vowel.  Two letters make one where most languages agree:
 * ai, ei are e; au, ou, eu are o; ae, oe, ue are the umlauts, which are folded
 * to a, o, u.  A short i glides into the vowel behind it.
 */
static char
vowel_kind(Word *w, const char *p)
{
	char		c = p[0];
	char		next = p[1];

	if (c == 'i' || c == 'y' || c == 'j')
	{
		if (p == w->start || !is_vowel(next) || is_front(next))
			return 'e';
		return next == 'a' ? 'a' : 'o';
	}
	if (c != 'a' && c != 'e')
		return 'o';
	if (next == 'u' || (next == 'w' && read_as(w, WESTERN)) ||
		(c == 'a' ? next == 'o' : next == 'a' && p[2] == 'u'))
		return 'o';
	if (c == 'e' || next == 'i' || next == 'y' || (next == 'j' && read_as(w, CENTRAL)))
		return 'e';
	/* Jane as Jayne */
	if (is_consonant(next) && p[2] == 'e' && p[3] == '\0' && read_as(w, WESTERN))
		return 'e';
	return 'a';
}

static void
put_vowel(Word *w, const char *p)
{
	if (w->count == 0)
		w->vowel_leads = true;
	if (w->vowel == '\0')
		w->vowel = vowel_kind(w, p);
	w->apart = true;
}

/*
 * A rule for each letter that has any: puts what is heard at p, and returns how
 * many letters that took.
 */

/* A vowel that begins a word is a consonant in Yusuf, Yelena; Iulia; Oualid. */
static int
read_vowel(Word *w, const char *p)
{
	if (p == w->start && is_vowel(p[1]))
	{
		if (p[0] == 'y' && !(p[1] == 'e' && read_as(w, OUTER)))
		{
			put(w, 'J');
			return 1;
		}
		if (p[0] == 'i' && !is_front(p[1]) && read_as(w, WESTERN))
		{
			put(w, 'J');
			return 1;
		}
		if (p[0] == 'o' && p[1] == 'u' && is_vowel(p[2]) && read_as(w, WESTERN))
		{
			put(w, 'F');
			return 2;
		}
	}
	put_vowel(w, p);
	return 1;
}

/* Philip, Pfeiffer; Thompson; Lamb */
static int
read_p_or_b(Word *w, const char *p)
{
	if (p[0] == 'p' && (p[1] == 'h' || p[1] == 'f'))
	{
		put(w, 'F');
		return 2;
	}
	if (p[-1] == 'm' && (p[1] == 's' || p[1] == 't' || p[1] == 'k'))
		return 1;
	if (p[-1] == 'm' && p[0] == 'b' && p[1] == '\0' && read_as(w, WESTERN))
		return 1;
	put_voiced(w, p, p[0] == 'b' ? 'B' : 'P', 'P');
	return 1;
}

/* Khrouchtchev; Christian, Fuchs; Charles; Chaim */
static int
read_ch(Word *w, const char *p)
{
	if (p[2] == 't' && p[3] == 'c' && p[4] == 'h')
		put(w, 'S');
	else if (is_consonant(p[2]) && p[2] != 'j')
		put(w, 'K');
	else if (read_as(w, WESTERN))
		put(w, 'S');
	else if (p == w->start && read_as(w, OUTER))
		put(w, 'H');
	else
		put(w, 'K');
	return 2;
}

/* McIntyre, MacIntyre; Cecil, Czerny, Ricci; Ferenc, Kovacs, Eric */
static int
read_c(Word *w, const char *p)
{
	bool		mc = p == w->start + 1 && p[-1] == 'm';
	bool		mac = p == w->start + 2 && p[-1] == 'a' && p[-2] == 'm';

	if (p[1] == 'h')
		return read_ch(w, p);
	if (mc)
		w->vowel = 'a';
	if (mc || (mac && is_front(p[1]) && read_as(w, WESTERN)))
		put(w, 'K');
	else if (is_front(p[1]) || p[1] == 'z' || (p[1] == 'c' && is_front(p[2])))
		put(w, 'S');
	else if ((p[1] == '\0' || p[1] == 's') && !read_as(w, WESTERN))
		put(w, 'S');
	else
		put(w, 'K');
	return 1;
}

/* Schultz, Hernandez, Watson: with the hiss behind it, it is one sound. */
static int
read_d_or_t(Word *w, const char *p)
{
	bool		is_d = p[0] == 'd';

	if (p[1] == 's' || p[1] == 'z')
	{
		int			hiss = p[2] == 'h' ? 3 : p[2] == 'c' && p[3] == 'h' ? 4 : 0;

		/* Dzhamal, Dschamal */
		if (is_d && hiss > 0 && read_as(w, WESTERN))
		{
			put(w, 'J');
			return hiss;
		}
		return 1;
	}
	if (!is_d && p[1] == 'c' && p[2] == 'h')
	{
		put(w, 'S');
		return 3;
	}
	/* Djamal, Rodgers */
	if (is_d && (p[1] == 'j' || (p[1] == 'g' && is_front(p[2]))) && read_as(w, WESTERN))
		return 1;
	put_voiced(w, p, is_d ? 'D' : 'T', 'T');
	return 1;
}

/* Leigh; Agnes, Castiglione; Nguyen; Georg, George */
static int
read_g(Word *w, const char *p)
{
	if (p[1] == 'h')
	{
		if (!is_vowel(p[-1]) || !read_as(w, WESTERN))
			put_voiced(w, p, 'G', 'K');
		return 2;
	}
	if ((p[1] == 'n' || (p[1] == 'l' && p[2] == 'i' && is_vowel(p[3]))) && read_as(w, OUTER))
		return 1;
	if (p == w->start + 1 && p[-1] == 'n' && read_as(w, WESTERN))
		return 1;
	/* Ruggiero */
	if (p[1] == 'g' && is_front(p[2]) && read_as(w, WESTERN))
		return 1;
	if (is_front(p[1]) && read_as(w, WESTERN))
		put(w, 'J');
	else
		put_voiced(w, p, 'G', 'K');
	return 1;
}

/* Hernandez, Hristo; Ahmed, but not Behr, Hannah.  Behind a consonant it is mute. */
static int
read_h(Word *w, const char *p)
{
	if (p == w->start)
	{
		if (is_vowel(p[1]) && !read_as(w, OUTER))
			put(w, 'H');
		else if ((p[1] == 'r' || p[1] == 'm' || p[1] == 'l') && read_as(w, OUTER))
			put(w, 'K');
	}
	else if (is_vowel(p[-1]) && p[1] != 'l' && p[1] != 'n' && p[1] != 'r' &&
			 !(p[-1] == 'a' && p[1] == '\0') && read_as(w, OUTER))
		put(w, 'K');
	return 1;
}

/* Jelena; Andrej, Wojciech; Benjamin, Mejia, Majer */
static int
read_j(Word *w, const char *p)
{
	if (p == w->start)
	{
		if (p[1] != 'e' || !read_as(w, OUTER))
			put(w, 'J');
	}
	else if (!is_vowel(p[1]) && is_front(p[-1]))
		put_vowel(w, p);
	else if (read_as(w, WESTERN))
		put(w, 'J');
	else if (is_vowel(p[1]) && read_as(w, OUTER))
		put(w, 'K');
	else
		put_vowel(w, p);
	return 1;
}

/* Knight; Khan, Mikhail */
static int
read_k(Word *w, const char *p)
{
	if (p == w->start && p[1] == 'n' && read_as(w, WESTERN))
		return 1;
	put(w, p == w->start && p[1] == 'h' && is_vowel(p[2]) && read_as(w, OUTER) ? 'H' : 'K');
	return p[1] == 'h' ? 2 : 1;
}

/* Renault, Thibauld */
static int
read_l(Word *w, const char *p)
{
	if (p[-1] == 'u' && p[-2] == 'a' && (p[1] == 'd' || p[1] == 't') && read_as(w, WESTERN))
		return 1;
	put(w, 'L');
	return 1;
}

/* Istanbul */
static int
read_n(Word *w, const char *p)
{
	put(w, p[1] == 'b' || p[1] == 'p' ? 'M' : 'N');
	return 1;
}

/* Quentin; Qian */
static int
read_q(Word *w, const char *p)
{
	put(w, p[1] == 'i' && read_as(w, WESTERN) ? 'S' : 'K');
	return p[1] == 'u' && is_vowel(p[2]) ? 2 : 1;
}

/* Polish rz, and the Czech letter that is folded to r: Grzegorz, Dvorzhak; Schwarz */
static int
read_r(Word *w, const char *p)
{
	bool		may_be_soft = p[1] == 'z' && (p[2] == '\0' || p[2] == 'h' || is_vowel(p[2]));

	if (!may_be_soft || read_as(w, WESTERN))
		put(w, 'R');
	else if (read_as(w, OUTER))
	{
		put(w, 'R');
		return p[2] == 'h' ? 3 : 2;
	}
	else if (p[2] == '\0')
		put(w, 'R');
	return 1;
}

/* Schmidt; Shcherbakov */
static int
read_s(Word *w, const char *p)
{
	put(w, 'S');
	if (p[1] == 'c' && p[2] == 'h')
		return 3;
	if (p[1] == 'h' && p[2] == 'c' && p[3] == 'h')
		return 4;
	return 1;
}

/* Vogel, Ivanov; Vazquez */
static int
read_v(Word *w, const char *p)
{
	if (read_as(w, OUTER))
		put_voiced(w, p, 'B', 'P');
	else
		put(w, 'F');
	return 1;
}

/* Wagner, Wright; Nowak; Brown, Edward */
static int
read_w(Word *w, const char *p)
{
	if (p != w->start && read_as(w, WESTERN))
		put_vowel(w, p);
	else if (p != w->start || p[1] != 'r' || !read_as(w, WESTERN))
		put(w, 'F');
	return 1;
}

/* Xavier; Lemieux; Alexander, Teixeira */
static int
read_x(Word *w, const char *p)
{
	if (p == w->start)
		put(w, read_as(w, OUTER) ? 'J' : 'S');
	else if (p[1] != '\0' || p[-1] != 'u' || !read_as(w, WESTERN))
	{
		if (!read_as(w, OUTER))
			put(w, 'K');
		put(w, 'S');
	}
	return 1;
}

/* Zhukov */
static int
read_z(Word *w, const char *p)
{
	put(w, p[1] == 'h' && read_as(w, WESTERN) ? 'J' : 'S');
	return 1;
}

static int
read_letter(Word *w, const char *p)
{
	switch (*p)
	{
		case 'a':
		case 'e':
		case 'i':
		case 'o':
		case 'u':
		case 'y':
			return read_vowel(w, p);
		case 'b':
		case 'p':
			return read_p_or_b(w, p);
		case 'c':
			return read_c(w, p);
		case 'd':
		case 't':
			return read_d_or_t(w, p);
		case 'g':
			return read_g(w, p);
		case 'h':
			return read_h(w, p);
		case 'j':
			return read_j(w, p);
		case 'k':
			return read_k(w, p);
		case 'l':
			return read_l(w, p);
		case 'n':
			return read_n(w, p);
		case 'q':
			return read_q(w, p);
		case 'r':
			return read_r(w, p);
		case 's':
			return read_s(w, p);
		case 'v':
			return read_v(w, p);
		case 'w':
			return read_w(w, p);
		case 'x':
			return read_x(w, p);
		case 'z':
			return read_z(w, p);
		case 'f':
			put(w, 'F');
			return 1;
		case 'm':
			put(w, 'M');
			return 1;
		default:
			/* a digit among letters was hit by mistake */
			return 1;
	}
}

static int
max_codes_of(const char *word)
{
	int			more = 0;
	size_t		i;

	for (i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
		if (beginnings[i].letters[0] == word[0] && beginnings[i].codes > more &&
			strncmp(beginnings[i].letters, word, strlen(beginnings[i].letters)) == 0)
			more = beginnings[i].codes;
	return KEY_CODES + more;
}

/* The key is left empty if the reading hears nothing. */
static void
read_word(Word *w, Reading reading, CrmNameKey *key)
{
	const char *p = w->start;
	char	   *out = key->bytes;
	int			consonants;
	int			i;

	w->reading = reading;
	w->count = 0;
	w->vowel_leads = w->apart = false;
	w->vowel = '\0';
	while (*p != '\0' && w->count + w->vowel_leads < w->max_codes)
		p += read_letter(w, p);

	consonants = w->count - (w->count > 0 && w->codes[0] == 'H');
	memset(key, 0, sizeof(*key));
	if (w->vowel_leads)
		*out++ = 'A';
	for (i = 0; i < w->count; i++)
		*out++ = w->codes[i];
	if (consonants <= SHORT_CODES && w->vowel != '\0')
		*out = w->vowel;
}

static bool
is_among(const CrmNameKey *key, const CrmNameKey *keys, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		if (memcmp(key, &keys[i], sizeof(*key)) == 0)
			return true;
	return false;
}

int
crm_name_sounds(const char *word, size_t length, CrmNameKey *keys)
{
	Word		w;
	int			count = 0;
	int			reading;

	if (length > CRM_NAME_KEYS_LETTERS)
		length = CRM_NAME_KEYS_LETTERS;
	memset(w.room, 0, sizeof(w.room));
	memcpy(w.room + MARGIN, word, length);
	w.start = w.room + MARGIN;
	w.forks = 1U << CENTRAL;
	w.max_codes = max_codes_of(w.start);

	for (reading = CENTRAL; reading < READINGS; reading++)
	{
		CrmNameKey	key;

		if (!(w.forks & 1U << reading))
			continue;
		read_word(&w, (Reading) reading, &key);
		if (key.bytes[0] != '\0' && !is_among(&key, keys, count))
			keys[count++] = key;
	}
	/* an h that nothing follows */
	if (count == 0)
		keys[count++] = (CrmNameKey) {"H"};
	return count;
}
