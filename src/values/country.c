/*
 * country.c
 *		Countries by what people call them: codes of ISO 3166-1, English and
 *		native names, and the usual aliases (src/data/countries.txt).
 *
 * Plain C on UTF-8 bytes, without the server's headers, allocation, locale or
 * state of its own, so that a fuzzer compiles the very code that the server
 * runs.  A name is folded into a small key and looked up in a sorted table.
 *
 * The folding knows the case of the scripts that have one here (Latin, Greek,
 * Cyrillic, Armenian); names without their diacritics are names of their own
 * in the table, so that nothing is guessed.
 */
#include "values/country.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "data/countries_table.h"
#include "values/utf8.h"

/* Longest key; countries.awk refuses longer ones. */
#define MAX_KEY 63

/* Longest name that is looked at: keys are shorter for their punctuation. */
#define MAX_NAME 256

const char	crm_countries_version[] = CRM_COUNTRIES_VERSION;

/* Lower case of a letter beyond ASCII. */
static int32_t
lower_letter(int32_t c)
{
	if ((c >= 0xC0 && c <= 0xDE && c != 0xD7) ||
		(c >= 0x391 && c <= 0x3AB) || (c >= 0x410 && c <= 0x42F))
		return c + 0x20;
	if (c == 0x130)
		return 'i';
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E))
		return (c & 1) ? c + 1 : c;
	if ((c >= 0x100 && c <= 0x177) || (c >= 0x48A && c <= 0x4BF) ||
		(c >= 0x4D0 && c <= 0x52F) || (c >= 0x1E00 && c <= 0x1EFF))
		return c | 1;
	if (c == 0x18F)
		return 0x259;
	if (c >= 0x400 && c <= 0x40F)
		return c + 0x50;
	if (c >= 0x531 && c <= 0x556)
		return c + 0x30;
	return c;
}

/* What stands between letters, or cannot be seen. */
static bool
is_ignored(int32_t c)
{
	if (c < 0x80)
		return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'));
	return c <= 0xBF ||						/* C1 controls, signs */
		(c >= 0x2B9 && c <= 0x36F) ||		/* modifiers, combining marks */
		(c >= 0x2000 && c <= 0x206F) ||		/* blanks, dashes, quotes, marks */
		(c >= 0x3000 && c <= 0x3003) ||
		c == 0xFEFF;
}

/*
 * Folds a name into a key of at most MAX_KEY bytes; false if it has no place
 * there or is malformed.
 */
static bool
fold_country(const char *utf8, size_t length, char *key, size_t *key_length)
{
	const char *p = utf8;
	const char *end = utf8 + length;
	size_t		n = 0;

	while (p < end)
	{
		int32_t		c = crm_utf8_next(&p, end);

		if (c == CRM_UTF8_MALFORMED)
			return false;
		if (c >= 'A' && c <= 'Z')
			c += 'a' - 'A';
		else if (c >= 0x80)
			c = lower_letter(c);
		if (n + CRM_UTF8_MAX_LENGTH > MAX_KEY)
			return false;
		if (c == '&')
		{
			memcpy(key + n, "and", 3);
			n += 3;
		}
		else if (c == ' ' && n == 3 && memcmp(key, "the", 3) == 0)
			n = 0;
		else if (!is_ignored(c))
			n += crm_utf8_put(key + n, c);
	}
	key[n] = '\0';
	*key_length = n;
	return n > 0;
}

/*
 * ISO 3166-1 alpha-2 code of a country given by that code, its alpha-3 code or
 * a name; NULL if it is none of them.
 */
const char *
crm_region_of_country(const char *utf8, size_t length)
{
	char		key[MAX_KEY + 1];
	size_t		key_length;
	size_t		low = 0;
	size_t		high = sizeof(country_name_index) / sizeof(country_name_index[0]);

	if (length > MAX_NAME || !fold_country(utf8, length, key, &key_length))
		return NULL;
	while (low < high)
	{
		size_t		middle = (low + high) / 2;
		int			order = strcmp(key, country_names + country_name_index[middle].start);

		if (order == 0)
			return country_name_index[middle].region;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

/* The only country that has the calling code; NULL if several share it. */
const char *
crm_region_of_calling_code(int calling_code)
{
	const char *region = NULL;
	size_t		i;

	for (i = 0; i < sizeof(country_codes) / sizeof(country_codes[0]); i++)
	{
		if (country_codes[i].calling_code != calling_code)
			continue;
		if (region != NULL)
			return NULL;
		region = country_codes[i].region;
	}
	return region;
}
