/*
 * name_keys.c
 *		Phonetic keys of names: names that sound alike share one.
 *
 * Every word of a name has keys of its own, so that the order of words, and
 * what a form calls the first or the last name, do not matter.  How a word
 * sounds is name_sounds.c's business; here is what a word is.
 *
 * Particles (van, de la, O, Mac) have no keys, for they would be everybody's.
 * They are written apart or together (Vandenberg, De la Cruz), so the word
 * behind them has the keys of both forms.  Initials and abbreviations have
 * none beside a name.  The last word is never taken for a particle.
 *
 * A word that begins with a digit, or has letters of a script that folding
 * keeps, is its own key, cut to the key's room.
 */
#include "values/name_keys.h"

#include <stdbool.h>
#include <string.h>

#include "values/name_sounds.h"
#include "values/utf8.h"

const char	crm_name_keys_version[] = "1";

#define PARTICLE_LENGTH 5

/* Romance; Dutch, German and Nordic; Irish and Scottish; Arabic and Hebrew; saints */
static const char particles[][PARTICLE_LENGTH + 1] = {
	"d", "da", "dal", "dalla", "das", "de", "degli", "dei", "del", "della", "des", "di", "do",
	"dos", "du", "l", "la", "las", "le", "les", "li", "lo", "los",
	"af", "av", "den", "der", "het", "ten", "ter", "van", "vande", "vom", "von", "zu", "zum", "zur",
	"fitz", "mac", "mc", "o",
	"abd", "abdel", "abdul", "abu", "al", "ben", "bin", "bint", "el", "ibn",
	"saint", "san", "sankt", "santa", "sao", "st", "ste"
};

typedef struct Keys
{
	CrmNameKey *keys;
	int			count;
	int			max;
	char		joined[CRM_NAME_KEYS_LETTERS];	/* particles before the word */
	size_t		joined_length;
} Keys;

static bool
is_particle(const char *word, size_t length)
{
	size_t		i;

	if (length > PARTICLE_LENGTH)
		return false;
	for (i = 0; i < sizeof(particles) / sizeof(particles[0]); i++)
		if (particles[i][0] == *word && particles[i][length] == '\0' &&
			memcmp(particles[i], word, length) == 0)
			return true;
	return false;
}

/* An initial, or two consonants as in Dr and Jr; Ng is a name. */
static bool
is_abbreviation(const char *word, size_t length)
{
	static const char vowels[] = "aeiouy";

	return length == 1 ||
		(length == 2 && strchr(vowels, word[0]) == NULL && strchr(vowels, word[1]) == NULL &&
		 memcmp(word, "ng", 2) != 0);
}

static void
add_key(Keys *k, const CrmNameKey *key)
{
	int			i;

	for (i = 0; i < k->count; i++)
		if (memcmp(key, &k->keys[i], sizeof(*key)) == 0)
			return;
	if (k->count < k->max)
		k->keys[k->count++] = *key;
}

static void
add_sounds(Keys *k, const char *word, size_t length)
{
	CrmNameKey	keys[CRM_NAME_KEYS_OF_WORD];
	int			count = crm_name_sounds(word, length, keys);
	int			i;

	for (i = 0; i < count; i++)
		add_key(k, &keys[i]);
}

/* Cut at a whole character, if there are characters. */
static void
add_itself(Keys *k, const char *word, size_t length)
{
	CrmNameKey	key = {{0}};

	if (length > CRM_NAME_KEY_LENGTH)
	{
		length = CRM_NAME_KEY_LENGTH;
		while (length > CRM_NAME_KEY_LENGTH - CRM_UTF8_MAX_LENGTH && crm_utf8_is_tail(word[length]))
			length--;
	}
	memcpy(key.bytes, word, length);
	add_key(k, &key);
}

static void
join(Keys *k, const char *word, size_t length)
{
	size_t		room = sizeof(k->joined) - k->joined_length;

	if (length > room)
		length = room;
	memcpy(k->joined + k->joined_length, word, length);
	k->joined_length += length;
}

static void
add_word(Keys *k, const char *word, size_t length, bool is_last)
{
	bool		is_alone = is_last && k->count == 0;

	if (!is_last && is_particle(word, length))
	{
		join(k, word, length);
		return;
	}
	if ((word[0] >= '0' && word[0] <= '9') || crm_ascii_prefix(word, length) < length)
		add_itself(k, word, length);
	else if (is_alone || !is_abbreviation(word, length))
	{
		add_sounds(k, word, length);
		if (k->joined_length > 0)
		{
			join(k, word, length);
			add_sounds(k, k->joined, k->joined_length);
		}
	}
	k->joined_length = 0;
}

/* The next word at *p, which moves behind it; NULL if there is none. */
static const char *
next_word(const char **p, const char *end, size_t *length)
{
	const char *word;

	while (*p < end && **p == ' ')
		(*p)++;
	word = *p;
	while (*p < end && **p != ' ')
		(*p)++;
	*length = (size_t) (*p - word);
	return *length > 0 ? word : NULL;
}

int
crm_name_keys(const char *folded, size_t length, CrmNameKey *keys, int max_keys)
{
	Keys		k = {.keys = keys, .max = max_keys};
	const char *end = folded + length;
	size_t		next_length;
	const char *next = next_word(&folded, end, &next_length);
	int			words;

	for (words = 1; next != NULL && words <= CRM_NAME_KEYS_WORDS && k.count < max_keys; words++)
	{
		const char *word = next;
		size_t		word_length = next_length;

		next = next_word(&folded, end, &next_length);
		add_word(&k, word, word_length, next == NULL || words == CRM_NAME_KEYS_WORDS);
	}
	return k.count;
}
