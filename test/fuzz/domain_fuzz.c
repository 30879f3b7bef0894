/*
 * domain_fuzz.c
 *		libFuzzer target: names of hosts on any bytes.
 *
 * Compiles the very files that the server runs, with the address and
 * undefined-behaviour sanitizers.  Asserts that a result is LDH labels within
 * the limits and becomes itself again, that a refusal has a text and a place,
 * and that Punycode and composition are each other's way back.
 */
#include "values/domain_name.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "values/punycode.h"
#include "values/unicode_fold.h"
#include "values/utf8.h"

#include "promise.h"

#define MAX_POINTS 400

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_name(const char *name, size_t length)
{
	char		again[CRM_DOMAIN_MAX + 1];
	CrmDomainFault fault;
	size_t		label = 0;
	size_t		i;

	CHECK(length <= CRM_DOMAIN_MAX && name[length] == '\0');
	for (i = 0; i <= length; i++)
	{
		if (i < length && name[i] != '.')
		{
			CHECK(strchr("abcdefghijklmnopqrstuvwxyz0123456789-", name[i]) != NULL);
			continue;
		}
		CHECK(i > label && i - label <= CRM_LABEL_MAX);
		CHECK(name[label] != '-' && name[i - 1] != '-');
		label = i + 1;
	}
	CHECK(crm_domain_check_ascii(name, length, &fault));
	CHECK(crm_domain_to_ascii(name, length, again, &fault) == length);
	CHECK(memcmp(name, again, length) == 0);
}

static void
check_punycode(const int32_t *points, size_t count, const char *bytes, size_t length)
{
	char		encoded[CRM_LABEL_MAX];
	int32_t		decoded[CRM_LABEL_MAX];
	size_t		encoded_length = crm_punycode_encode(points, count, encoded, sizeof(encoded));

	if (encoded_length > 0 && count > 0)
	{
		CHECK(crm_punycode_decode(encoded, encoded_length, decoded, CRM_LABEL_MAX) == count);
		CHECK(memcmp(points, decoded, count * sizeof(*points)) == 0);
	}
	count = crm_punycode_decode(bytes, length, decoded, CRM_LABEL_MAX);
	CHECK(count <= CRM_LABEL_MAX);
}

/* Normal forms are fixed points. */
static void
check_normal_forms(const int32_t *points, size_t count, bool fold)
{
	int32_t		items[8 * MAX_POINTS];
	int32_t		again_items[8 * MAX_POINTS];
	CrmCodePoints text = {items, 0, 8 * MAX_POINTS};
	CrmCodePoints again = {again_items, 0, 8 * MAX_POINTS};
	size_t		i;

	for (i = 0; i < count; i++)
		CHECK(crm_unicode_append_decomposed(&text, points[i]));
	crm_unicode_order_marks(&text);
	if (fold)
		CHECK(crm_unicode_fold_case(&text));
	crm_unicode_order_marks(&text);
	crm_unicode_compose(&text);
	for (i = 0; i < text.count; i++)
		CHECK(crm_unicode_append_decomposed(&again, text.items[i]));
	crm_unicode_order_marks(&again);
	if (fold)
		CHECK(crm_unicode_fold_case(&again));
	crm_unicode_order_marks(&again);
	crm_unicode_compose(&again);
	CHECK(text.count == again.count && memcmp(items, again_items, text.count * sizeof(*items)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an exact copy, so that a read beyond the end is seen */
	char	   *bytes = malloc(size > 0 ? size : 1);
	char		name[CRM_DOMAIN_MAX + 1];
	int32_t		points[MAX_POINTS];
	size_t		count = 0;
	const char *p = bytes;
	CrmDomainFault fault;
	size_t		length;

	memcpy(bytes, data, size);
	length = crm_domain_to_ascii(bytes, size, name, &fault);
	if (length > 0)
		check_name(name, length);
	else
		CHECK(crm_domain_fault_text(fault.rule) != NULL && fault.offset <= size);

	while (p < bytes + size && count < MAX_POINTS)
	{
		int32_t		c = crm_utf8_next(&p, bytes + size);

		if (c == CRM_UTF8_MALFORMED)
			break;
		points[count++] = c;
	}
	check_punycode(points, count, bytes, size);
	check_normal_forms(points, count, false);
	check_normal_forms(points, count, true);
	free(bytes);
	return 0;
}
