/*
 * name_keys_fuzz.c
 *		libFuzzer target: phonetic keys, of any bytes and of folded names.
 *
 * Compiles the very code that the server runs.  Beyond "no crash" it asserts
 * what the documentation promises.  Keys are whole and different, as many as
 * there is room for, and the first ones are the same with less room.  A word
 * of letters has its keys whatever stands around it, and a name has the same
 * ones in any order; a word behind a particle has those of both joined.
 */
#include "values/name_fold.h"
#include "values/name_keys.h"
#include "values/name_sounds.h"
#include "values/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "promise.h"

/* Longer than any particle and abbreviation, short enough to be read whole. */
#define PLAIN_MIN 6
#define PLAIN_MAX 30

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads memory of exactly that size, so that a read beyond the end is seen. */
static int
keys_of(const char *name, size_t length, CrmNameKey *keys, int max_keys)
{
	char	   *copy = malloc(length > 0 ? length : 1);
	CrmNameKey *room = malloc((size_t) max_keys * sizeof(*room) + 1);
	int			count;

	memcpy(copy, name, length);
	count = crm_name_keys(copy, length, room, max_keys);
	CHECK(count >= 0 && count <= max_keys);
	memcpy(keys, room, (size_t) count * sizeof(*room));
	free(room);
	free(copy);
	return count;
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

static bool
are_among(const CrmNameKey *some, int some_count, const CrmNameKey *keys, int count)
{
	int			i;

	for (i = 0; i < some_count; i++)
		if (!is_among(&some[i], keys, count))
			return false;
	return true;
}

static void
check_key(const CrmNameKey *key)
{
	size_t		length = strnlen(key->bytes, sizeof(key->bytes));
	size_t		i;

	CHECK(length > 0 && length <= CRM_NAME_KEY_LENGTH);
	for (i = length; i < sizeof(key->bytes); i++)
		CHECK(key->bytes[i] == '\0');
	CHECK(memchr(key->bytes, ' ', length) == NULL);
}

/* Consonants as capitals, A for a vowel in front, and the kind of a vowel. */
static void
check_sounds(const CrmNameKey *keys, int count)
{
	int			i;

	CHECK(count >= 1 && count <= CRM_NAME_KEYS_OF_WORD);
	for (i = 0; i < count; i++)
	{
		size_t		letters = strspn(keys[i].bytes, "ABDFGHJKLMNPRST");
		const char *rest = keys[i].bytes + letters;

		check_key(&keys[i]);
		CHECK(letters <= 8 && !is_among(&keys[i], keys, i));
		CHECK(*rest == '\0' || (strchr("aeo", *rest) != NULL && rest[1] == '\0' && letters <= 3));
		CHECK(strchr(keys[i].bytes + 1, 'A') == NULL);
	}
}

static void
check_word(const char *word, size_t length, const CrmNameKey *all, int all_count)
{
	CrmNameKey	sounds[CRM_NAME_KEYS_OF_WORD];
	CrmNameKey	keys[CRM_NAME_KEYS_MAX];
	char		joined[PLAIN_MAX + 5];
	int			count = crm_name_sounds(word, length, sounds);
	int			joined_count;

	check_sounds(sounds, count);
	CHECK(are_among(sounds, count, all, all_count));
	CHECK(keys_of(word, length, keys, CRM_NAME_KEYS_MAX) == count);
	CHECK(are_among(sounds, count, keys, count));

	snprintf(joined, sizeof(joined), "van %.*s", (int) length, word);
	joined_count = keys_of(joined, length + 4, keys, CRM_NAME_KEYS_MAX);
	CHECK(are_among(sounds, count, keys, joined_count));
	memmove(joined + 3, joined + 4, length);
	count = crm_name_sounds(joined, length + 3, sounds);
	CHECK(are_among(sounds, count, keys, joined_count));
}

static bool
is_plain(const char *word, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		if (word[i] < 'a' || word[i] > 'z')
			return false;
	return length >= PLAIN_MIN && length <= PLAIN_MAX;
}

/* The words of a folded name, and the name from its last word to its first. */
static void
check_words(const char *name, size_t length, const CrmNameKey *keys, int count)
{
	char	   *backwards = malloc(length + 1);
	size_t		written = length;
	size_t		at = 0;
	bool		all_plain = true;
	int			words = 0;
	CrmNameKey	others[CRM_NAME_KEYS_MAX];

	while (at < length)
	{
		const char *blank = memchr(name + at, ' ', length - at);
		size_t		end = blank != NULL ? (size_t) (blank - name) : length;

		if (words++ < CRM_NAME_KEYS_WORDS && count < CRM_NAME_KEYS_MAX &&
			is_plain(name + at, end - at))
			check_word(name + at, end - at, keys, count);
		else
			all_plain = false;
		written -= end - at;
		memcpy(backwards + written, name + at, end - at);
		if (end < length)
			backwards[--written] = ' ';
		at = end + 1;
	}
	if (all_plain && length > 0)
	{
		CHECK(written == 0);
		CHECK(keys_of(backwards, length, others, CRM_NAME_KEYS_MAX) == count);
		CHECK(are_among(others, count, keys, count));
	}
	free(backwards);
}

static int
check_name(const char *name, size_t length, CrmNameKey *keys)
{
	CrmNameKey	fewer[CRM_NAME_KEYS_MAX];
	int			count = keys_of(name, length, keys, CRM_NAME_KEYS_MAX);
	int			i;

	for (i = 0; i < count; i++)
		CHECK(!is_among(&keys[i], keys, i));
	CHECK(keys_of(name, length, fewer, count / 2) == count / 2);
	CHECK(memcmp(fewer, keys, (size_t) (count / 2) * sizeof(*keys)) == 0);
	return count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *name = (const char *) data;
	char	   *folded = malloc(size * CRM_NAME_FOLD_GROWTH + 1);
	CrmNameKey	keys[CRM_NAME_KEYS_MAX];
	size_t		length;
	int			count;
	int			i;

	check_name(name, size, keys);

	length = crm_name_fold(name, size, folded, size * CRM_NAME_FOLD_GROWTH);
	count = check_name(folded, length, keys);
	CHECK((count > 0) == (length > 0));
	for (i = 0; i < count; i++)
		check_key(&keys[i]);
	check_words(folded, length, keys, count);
	free(folded);
	return 0;
}
