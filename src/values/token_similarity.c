/*
 * token_similarity.c
 *		Strings by their words, whatever order the words are in.
 */
#include "values/similarity.h"

#include <string.h>

/* Up to here insertion sort is quicker, and its time short. */
#define FEW_WORDS (CRM_WORD_LENGTH / 2)

typedef struct Word
{
	const uint32_t *at;
	size_t		length;
} Word;

/*
 * Characters between words: those of Unicode's bidirectional classes B, S and WS
 * and of its category Zs.  The set is part of what is promised: it does not follow
 * later versions of Unicode.
 */
static inline bool
is_blank(uint32_t c)
{
	if (c <= 0x20)
		return c == 0x20 || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
	if (c < 0x1680)
		return c == 0x85 || c == 0xA0;
	return c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
		c == 0x202F || c == 0x205F || c == 0x3000;
}

static bool
is_before(const Word *a, const Word *b)
{
	size_t		shorter = a->length < b->length ? a->length : b->length;
	size_t		i = 0;

	while (i < shorter && a->at[i] == b->at[i])
		i++;
	return i < shorter ? a->at[i] < b->at[i] : a->length < b->length;
}

static size_t
split_words(const uint32_t *characters, size_t length, Word *words)
{
	size_t		count = 0;
	size_t		i = 0;

	while (i < length)
	{
		if (is_blank(characters[i]))
		{
			i++;
			continue;
		}
		words[count].at = characters + i;
		while (i < length && !is_blank(characters[i]))
			i++;
		words[count].length = (size_t) (characters + i - words[count].at);
		count++;
	}
	return count;
}

static void
sort_few(Word *words, size_t count)
{
	size_t		i;

	for (i = 1; i < count; i++)
	{
		Word		word = words[i];
		size_t		place = i;

		for (; place > 0 && is_before(&word, &words[place - 1]); place--)
			words[place] = words[place - 1];
		words[place] = word;
	}
}

/* Lets the word at place sink until both words below it come before it. */
static void
sink(Word *words, size_t place, size_t count)
{
	Word		word = words[place];
	size_t		child;

	while ((child = 2 * place + 1) < count)
	{
		if (child + 1 < count && is_before(&words[child], &words[child + 1]))
			child++;
		if (!is_before(&word, &words[child]))
			break;
		words[place] = words[child];
		place = child;
	}
	words[place] = word;
}

/* Heap sort: no allocation, and no input that makes it slow. */
static void
sort_many(Word *words, size_t count)
{
	size_t		i;

	for (i = count / 2; i-- > 0;)
		sink(words, i, count);
	for (i = count; i-- > 1;)
	{
		Word		latest = words[0];

		words[0] = words[i];
		words[i] = latest;
		sink(words, 0, i);
	}
}

size_t
crm_words_scratch_size(size_t length)
{
	return (length + 1) / 2 * sizeof(Word);
}

size_t
crm_sort_words(const uint32_t *characters, size_t length, uint32_t *sorted, void *scratch)
{
	Word		few[FEW_WORDS];
	Word	   *words = length <= CRM_WORD_LENGTH ? few : scratch;
	size_t		count = split_words(characters, length, words);
	size_t		used = 0;
	size_t		i;

	if (count <= FEW_WORDS)
		sort_few(words, count);
	else
		sort_many(words, count);
	for (i = 0; i < count; i++)
	{
		if (i > 0)
			sorted[used++] = ' ';
		memcpy(sorted + used, words[i].at, words[i].length * sizeof(uint32_t));
		used += words[i].length;
	}
	return used;
}
