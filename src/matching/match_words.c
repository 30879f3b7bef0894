/*
 * match_words.c
 *		Folded values, and the words that they are made of.
 */
#include "matching/match_parts.h"

/* ----------
 * values
 * ----------
 */

/* Hexadecimal digits that stand for the rest of what is too long. */
#define REST_DIGITS 8

/* Of what is too long the beginning, and a hash of it all: two of them are not the same. */
void
crm_text_set(CrmMatchText *text, const char *bytes, size_t length)
{
	text->length = (uint8_t) (length > CRM_MATCH_VALUE_MAX ? CRM_MATCH_VALUE_MAX : length);
	memcpy(text->bytes, bytes, text->length);
	if (length > CRM_MATCH_VALUE_MAX)
	{
		uint32_t	hash = UINT32_C(2166136261);
		size_t		i;

		for (i = 0; i < length; i++)
			hash = (hash ^ (uint8_t) bytes[i]) * UINT32_C(16777619);
		for (i = 0; i < REST_DIGITS; i++, hash >>= 4)
			text->bytes[CRM_MATCH_VALUE_MAX - 1 - i] = "0123456789abcdef"[hash & 15];
	}
}

void
crm_text_fold(CrmMatchText *text, const char *utf8, size_t length)
{
	text->length = (uint8_t) crm_name_fold(utf8, length, text->bytes, CRM_MATCH_VALUE_MAX);
}

/* A word for which there is no room is left out, unless it is the first. */
void
crm_text_append(CrmMatchText *text, const CrmWord *word)
{
	size_t		blank = text->length > 0;

	if (blank == 0 && word->length > CRM_MATCH_VALUE_MAX)
		crm_text_set(text, word->bytes, word->length);
	if (text->length + blank + word->length > CRM_MATCH_VALUE_MAX)
		return;
	if (blank)
		text->bytes[text->length++] = ' ';
	memcpy(text->bytes + text->length, word->bytes, word->length);
	text->length += (uint8_t) word->length;
}

/* ----------
 * words
 * ----------
 */

static int
split_words(const char *folded, size_t length, CrmWord *words)
{
	int			count = 0;
	size_t		i = 0;

	while (i < length && count < CRM_WORDS_MAX)
	{
		size_t		start = i;

		while (i < length && folded[i] != ' ')
			i++;
		words[count].bytes = folded + start;
		words[count++].length = i - start;
		i++;
	}
	return count;
}

/* The words of a value as they are compared; they stand in the answer, which is not to be moved. */
void
crm_words_fold(CrmWords *words, const char *utf8, size_t length)
{
	length = crm_name_fold(utf8, length, words->bytes, sizeof(words->bytes));
	words->count = split_words(words->bytes, length, words->word);
}

bool
crm_text_has_word(const CrmMatchText *text, const CrmWord *word)
{
	CrmWord		words[CRM_WORDS_MAX];
	int			count = split_words(text->bytes, text->length, words);
	int			i;

	for (i = 0; i < count; i++)
		if (words[i].length == word->length &&
			memcmp(words[i].bytes, word->bytes, word->length) == 0)
			return true;
	return false;
}

/* The list ends with NULL. */
bool
crm_word_is_one_of(const CrmWord *word, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (crm_word_is(word, *texts))
			return true;
	return false;
}

/* ----------
 * digits
 * ----------
 */

/* A number's last digits, with zeros before it. */
void
crm_put_digits(char *out, int number, int digits)
{
	while (digits-- > 0)
	{
		out[digits] = (char) ('0' + number % 10);
		number /= 10;
	}
}
