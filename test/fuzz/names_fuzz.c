/*
 * names_fuzz.c
 *		libFuzzer target: names of people, on any bytes.
 *
 * Compiles the very code that the server runs.  Beyond "no crash" it asserts
 * what the documentation promises.  A folded name fits its room, has no capital
 * letters or signs of ASCII, no blank at its ends or beside another, is UTF-8
 * if the name was, is folded to itself, and is the same for Normalization
 * Forms C and D of a name.  Similarity of given names is symmetric, and the
 * variants of a name are the names that are similar to it, once each.  The parts
 * of a full name are words of it, fit their room, and leave no name without
 * one.
 */
#include "values/given_names.h"
#include "values/name_fold.h"
#include "values/split_name.h"
#include "values/unicode_fold.h"
#include "values/utf8.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "promise.h"

typedef size_t (*Folder) (const char *name, size_t length, char *out, size_t capacity);

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_utf8(const char *p, size_t length)
{
	const char *end = p + length;

	while (p < end)
		if (crm_utf8_next(&p, end) == CRM_UTF8_MALFORMED)
			return false;
	return true;
}

/* Memory of exactly that size, so that a read beyond the end is seen. */
static char *
copy_of(const void *bytes, size_t size)
{
	char	   *copy = malloc(size > 0 ? size : 1);

	memcpy(copy, bytes, size);
	return copy;
}

static char *
fold(Folder folder, const void *name, size_t size, size_t capacity, size_t *length)
{
	char	   *copy = copy_of(name, size);
	char	   *out = malloc(capacity > 0 ? capacity : 1);

	*length = folder(copy, size, out, capacity);
	CHECK(*length <= capacity);
	free(copy);
	return out;
}

static void
check_signs(const char *out, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
	{
		char		c = out[i];

		CHECK((unsigned char) c >= 0x80 || (c >= 'a' && c <= 'z') ||
			  (c >= '0' && c <= '9') || c == ' ');
		CHECK(c != ' ' || (i > 0 && i + 1 < length && out[i - 1] != ' '));
	}
}

/* Marks of Indian letters, kana and Han on one letter are in no name. */
static bool
mixes_marks(const CrmCodePoints *text)
{
	unsigned	classes = 0;
	size_t		i;

	for (i = 0; i < text->count; i++)
	{
		int			class = crm_unicode_combining_class(text->items[i]);

		if (class >= 6 && class <= 8)
			classes |= 1U << class;
	}
	return (classes & (classes - 1)) != 0;
}

static char *
fold_code_points(const CrmCodePoints *text, size_t *length)
{
	char	   *bytes = malloc((text->count + 1) * CRM_UTF8_MAX_LENGTH);
	size_t		count = 0;
	size_t		i;
	char	   *folded;

	for (i = 0; i < text->count; i++)
		count += crm_utf8_put(bytes + count, text->items[i]);
	folded = fold(crm_name_fold, bytes, count, count * CRM_NAME_FOLD_GROWTH, length);
	free(bytes);
	return folded;
}

static void
check_composition(const char *name, size_t size)
{
	size_t		room = (size + 1) * 20;
	CrmCodePoints text = {malloc(room * sizeof(int32_t)), 0, room};
	const char *end = name + size;
	size_t		length;
	size_t		composed_length;
	char	   *decomposed;
	char	   *composed;

	while (name < end)
		CHECK(crm_unicode_append_decomposed(&text, crm_utf8_next(&name, end)));
	crm_unicode_order_marks(&text);
	decomposed = fold_code_points(&text, &length);
	if (!mixes_marks(&text))
	{
		crm_unicode_compose(&text);
		composed = fold_code_points(&text, &composed_length);
		CHECK(length == composed_length && memcmp(decomposed, composed, length) == 0);
		free(composed);
	}
	free(decomposed);
	free(text.items);
}

static void
check_fold(Folder folder, const char *name, size_t size, size_t capacity)
{
	size_t		length;
	size_t		again_length;
	size_t		cut_length;
	char	   *out = fold(folder, name, size, capacity, &length);
	char	   *again = fold(folder, out, length, length * CRM_NAME_FOLD_GROWTH, &again_length);
	char	   *cut = fold(folder, name, size, length / 2, &cut_length);

	check_signs(out, length);
	CHECK(again_length == length && memcmp(again, out, length) == 0);
	if (folder == crm_name_fold && is_utf8(name, size))
	{
		CHECK(is_utf8(out, length) && is_utf8(cut, cut_length));
		check_composition(name, size);
	}
	free(cut);
	free(again);
	free(out);
}

/* What stands before and behind a line feed, as given names. */
static void
check_given_names(const char *name, size_t size)
{
	const char *line_feed = memchr(name, '\n', size);
	size_t		a_length = line_feed != NULL ? (size_t) (line_feed - name) : size;
	size_t		b_length = line_feed != NULL ? size - a_length - 1 : 0;
	char	   *a = copy_of(name, a_length);
	char	   *b = copy_of(name + size - b_length, b_length);
	CrmGivenNameCursor cursor;
	CrmGivenNameVariant variant;
	double		similarity;
	int			count = 0;

	similarity = crm_given_name_similarity(a, a_length, b, b_length);
	CHECK(similarity >= 0.0 && similarity <= 1.0);
	CHECK(similarity == crm_given_name_similarity(b, b_length, a, a_length));
	CHECK((similarity == 1.0) == (a_length > 0 && a_length == b_length && memcmp(a, b, a_length) == 0));
	crm_given_name_variants_begin(&cursor, a, a_length);
	while (crm_given_name_variants_next(&cursor, &variant))
	{
		CHECK(variant.weight > 0.0 && variant.weight < 1.0);
		CHECK(variant.weight == crm_given_name_similarity(variant.name, variant.length, a, a_length));
		count += variant.length == b_length && memcmp(variant.name, b, b_length) == 0;
	}
	CHECK(count == (similarity > 0.0 && similarity < 1.0));
	free(b);
	free(a);
}

/* Each word of a part is somewhere in the name; no blanks but between words. */
static void
check_part(const char *part, size_t length, const char *name, size_t size)
{
	const char *end = part + length;

	while (part < end)
	{
		const char *blank = memchr(part, ' ', (size_t) (end - part));
		size_t		word = (size_t) ((blank != NULL ? blank : end) - part);
		size_t		i = 0;

		CHECK(word > 0 && word <= size);
		while (i + word <= size && memcmp(name + i, part, word) != 0)
			i++;
		CHECK(i + word <= size);
		CHECK(blank == NULL || blank + 1 < end);
		part += word + (blank != NULL);
	}
}

static void
check_split(const char *name, size_t size)
{
	char	   *out = malloc(CRM_SPLIT_NAME_SIZE(size));
	CrmNameParts parts;
	const char *at = out;
	int			part;

	crm_split_name(name, size, out, &parts);
	/* what has too many words is one part, as it is */
	for (part = 0; part < CRM_NAME_PARTS; part++)
	{
		CHECK(parts.bytes[part] == at || parts.length[part] == 0);
		at += parts.length[part];
		if (parts.length[part] < 2 * CRM_NAME_MAX_WORDS)
			check_part(parts.bytes[part], parts.length[part], name, size);
		if (is_utf8(name, size))
			CHECK(is_utf8(parts.bytes[part], parts.length[part]));
	}
	CHECK((size_t) (at - out) <= CRM_SPLIT_NAME_SIZE(size));
	if (at > out)
		CHECK(parts.length[CRM_NAME_FIRST] + parts.length[CRM_NAME_LAST] > 0);
	free(out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *name = copy_of(data, size);

	check_fold(crm_name_fold, name, size, size * CRM_NAME_FOLD_GROWTH);
	check_fold(crm_name_fold_bytes, name, size, size);
	check_given_names(name, size);
	check_split(name, size);
	free(name);
	return 0;
}
