/*
 * domain_name.c
 *		Names of hosts: from what people write to lower-case A-labels.
 *
 * UTS 46, non-transitional, with the rules of STD 3, from a frozen table:
 * characters are mapped (case, width, compatibility) or dropped, the text is
 * brought into Normalization Form C, and each label becomes ASCII by Punycode.
 * A label that comes as "xn--..." must be what its own Unicode form would
 * become.  Checked: the characters, hyphens, a mark at the start of a label,
 * the joiners (CONTEXTJ of RFC 5892) and the Bidi rule (RFC 5893).  Not checked:
 * CONTEXTO, and whether the name exists.
 *
 * Labels in ASCII may have hyphens in their third and fourth place
 * (r3---sn.example exists); labels beyond ASCII may not, as RFC 5891 says.
 * Characters that the frozen version of Unicode does not have are refused, so
 * that a later version can only accept more.
 *
 * A result always is LDH labels of 1 to 63 octets without hyphens at the ends,
 * CRM_DOMAIN_MAX octets in all, and becomes itself again.  One label, and
 * numbers such as 192.168.1.1, are names here: callers know what they want.
 */
#include "values/domain_name.h"

#include <stdint.h>
#include <string.h>

#include "values/code_table.h"
#include "values/punycode.h"
#include "values/unicode_fold.h"
#include "values/utf8.h"

#include "data/domain_chars_table.h"

const char	crm_domain_chars_version[] = CRM_DOMAIN_CHARS_VERSION;

/* Octets of a name as given: no character of a label has more than four. */
#define GIVEN_MAX (4 * CRM_DOMAIN_MAX)

/* Code points of a name while it is mapped, before composition shortens it. */
#define MAPPED_MAX (4 * CRM_DOMAIN_MAX)

#define ACE_PREFIX "xn--"
#define ACE_PREFIX_LENGTH 4

#define ZERO_WIDTH_NON_JOINER	0x200C
#define ZERO_WIDTH_JOINER		0x200D
#define CLASS_VIRAMA			9

/* The bits of crm_domain_classes; domain_chars.awk has the same numbers. */
#define CLASS_DIRECTION(class)	((class) & 0x0F)
#define CLASS_JOINING(class)	((class) >> 4 & 0x07)
#define CLASS_MARK				0x80

enum
{
	BIDI_L = 1, BIDI_R, BIDI_AL, BIDI_AN, BIDI_EN, BIDI_ES, BIDI_CS, BIDI_ET,
	BIDI_ON, BIDI_BN, BIDI_NSM
};
#define BIDI_SET(direction)		(1u << (direction))
#define BIDI_RIGHT_TO_LEFT		(BIDI_SET(BIDI_R) | BIDI_SET(BIDI_AL))
#define BIDI_NEUTRAL			(BIDI_SET(BIDI_ES) | BIDI_SET(BIDI_CS) | BIDI_SET(BIDI_ET) | \
								 BIDI_SET(BIDI_ON) | BIDI_SET(BIDI_BN) | BIDI_SET(BIDI_NSM))

enum
{
	JOINING_NONE, JOINING_CAUSING, JOINING_DUAL, JOINING_LEFT, JOINING_RIGHT,
	JOINING_TRANSPARENT
};

static const char *const fault_texts[] = {
	[CRM_DOMAIN_EMPTY] = "no domain",
	[CRM_DOMAIN_TOO_LONG] = "a domain of more than 253 octets",
	[CRM_DOMAIN_NOT_UTF8] = "bytes that are no character in the domain",
	[CRM_DOMAIN_DOT_FIRST] = "a dot at the start of the domain",
	[CRM_DOMAIN_DOT_DOUBLE] = "two dots in a row in the domain",
	[CRM_DOMAIN_DOT_LAST] = "a dot at the end of the domain",
	[CRM_DOMAIN_BLANK] = "a blank in the domain",
	[CRM_DOMAIN_CHARACTER] = "a character that no domain may have",
	[CRM_DOMAIN_LABEL_TOO_LONG] = "more than 63 octets between two dots of the domain",
	[CRM_DOMAIN_HYPHEN_FIRST] = "a hyphen at the start of a part of the domain",
	[CRM_DOMAIN_HYPHEN_LAST] = "a hyphen at the end of a part of the domain",
	[CRM_DOMAIN_HYPHENS] = "two hyphens as third and fourth character of an international part of the domain",
	[CRM_DOMAIN_PUNYCODE] = "a part of the domain that begins with xn-- and is no international name",
	[CRM_DOMAIN_MARK_FIRST] = "a combining mark at the start of a part of the domain",
	[CRM_DOMAIN_JOINER] = "an invisible joiner where it has no meaning in the domain",
	[CRM_DOMAIN_BIDI] = "a domain that mixes writing from left to right and from right to left"
};

/* One rule as a fragment of a sentence, for "..., at character 5". */
const char *
crm_domain_fault_text(CrmDomainRule rule)
{
	return fault_texts[rule];
}

static bool
refuse(CrmDomainFault *fault, CrmDomainRule rule, size_t offset)
{
	fault->rule = rule;
	fault->offset = offset;
	return false;
}

/* Letters, digits and the hyphen, as bits by code. */
static const uint32_t ldh[8] = {0, 0x03FF2000, 0x07FFFFFE, 0x07FFFFFE, 0, 0, 0, 0};

static bool
is_ldh(char c)
{
	return (ldh[(unsigned char) c >> 5] >> ((unsigned char) c & 31) & 1) != 0;
}

static CrmDomainRule
character_rule(int32_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') ? CRM_DOMAIN_BLANK : CRM_DOMAIN_CHARACTER;
}

static CrmDomainRule
empty_label_rule(size_t start, size_t end, size_t length)
{
	if (start == 0)
		return CRM_DOMAIN_DOT_FIRST;
	return end == length ? CRM_DOMAIN_DOT_LAST : CRM_DOMAIN_DOT_DOUBLE;
}

/* A label of LDH characters at start of an ASCII name, up to end. */
static bool
check_ldh_label(const char *domain, size_t start, size_t end, size_t length,
				CrmDomainFault *fault)
{
	if (start == end)
		return refuse(fault, empty_label_rule(start, end, length),
					  end < length || end == 0 ? end : end - 1);
	if (domain[start] == '-')
		return refuse(fault, CRM_DOMAIN_HYPHEN_FIRST, start);
	if (domain[end - 1] == '-')
		return refuse(fault, CRM_DOMAIN_HYPHEN_LAST, end - 1);
	if (end - start > CRM_LABEL_MAX)
		return refuse(fault, CRM_DOMAIN_LABEL_TOO_LONG, start + CRM_LABEL_MAX);
	return true;
}

/*
 * Whether ASCII bytes are LDH labels, dots between them.  "xn--" labels are not
 * looked into.
 */
bool
crm_domain_check_ascii(const char *domain, size_t length, CrmDomainFault *fault)
{
	size_t		start = 0;
	size_t		i;

	if (length == 0)
		return refuse(fault, CRM_DOMAIN_EMPTY, 0);
	if (length > CRM_DOMAIN_MAX)
		return refuse(fault, CRM_DOMAIN_TOO_LONG, CRM_DOMAIN_MAX);
	for (i = 0; i < length; i++)
	{
		if (is_ldh(domain[i]))
			continue;
		if (domain[i] != '.')
			return refuse(fault, character_rule(domain[i]), i);
		if (!check_ldh_label(domain, start, i, length, fault))
			return false;
		start = i + 1;
	}
	return check_ldh_label(domain, start, length, length, fault);
}

/* Whether the last label of a name in ASCII is all digits. */
bool
crm_domain_ends_in_number(const char *domain, size_t length)
{
	while (length > 0 && domain[length - 1] >= '0' && domain[length - 1] <= '9')
		length--;
	return length == 0 || domain[length - 1] == '.';
}

static int
class_of(int32_t c)
{
	return crm_code_range(crm_domain_classes, CRM_LENGTH_OF(crm_domain_classes), c);
}

/* Appends what c is mapped to, decomposed; false if it is refused or too much. */
static bool
append_mapped(CrmCodePoints *name, int32_t c, bool *is_known)
{
	const CrmCodeMap *map;
	int			i;

	*is_known = true;
	if (class_of(c) != 0)
		return crm_unicode_append_decomposed(name, c);
	map = crm_code_map(crm_domain_maps, CRM_LENGTH_OF(crm_domain_maps), c);
	if (map == NULL)
	{
		*is_known = c == '.';
		return *is_known && crm_unicode_append_decomposed(name, c);
	}
	if (map->length == 1)
		return crm_unicode_append_decomposed(name, crm_code_mapped(map, c));
	for (i = 0; i < map->length; i++)
		if (!crm_unicode_append_decomposed(name, crm_domain_texts[map->to + i]))
			return false;
	return true;
}

/* The given bytes mapped and in Normalization Form C. */
static bool
map_name(const char *domain, size_t length, CrmCodePoints *name, CrmDomainFault *fault)
{
	const char *p = domain;
	const char *end = domain + length;
	bool		is_known;

	while (p < end)
	{
		size_t		offset = (size_t) (p - domain);
		int32_t		c = crm_utf8_next(&p, end);

		if (c == CRM_UTF8_MALFORMED)
			return refuse(fault, CRM_DOMAIN_NOT_UTF8, offset);
		if (append_mapped(name, c, &is_known))
			continue;
		if (is_known)
			return refuse(fault, CRM_DOMAIN_TOO_LONG, offset);
		return refuse(fault, character_rule(c), offset);
	}
	crm_unicode_order_marks(name);
	crm_unicode_compose(name);
	return true;
}

static bool
is_full_stop(int32_t c)
{
	return c == '.' || c == 0x3002 || c == 0xFF0E || c == 0xFF61;
}

/*
 * The place in the given, well-formed bytes of label "number", counted from 0:
 * faults that show only after mapping are reported there.
 */
static size_t
label_offset(const char *domain, size_t length, size_t number)
{
	const char *p = domain;

	while (number > 0 && p < domain + length)
		if (is_full_stop(crm_utf8_next(&p, domain + length)))
			number--;
	return (size_t) (p - domain);
}

/*
 * Whether the joiner in place i may stand there: RFC 5892, A.1 and A.2.
 */
static bool
joiner_has_meaning(const int32_t *label, size_t count, size_t i)
{
	size_t		left = i;
	size_t		right = i + 1;
	int			joining;

	if (i > 0 && crm_unicode_combining_class(label[i - 1]) == CLASS_VIRAMA)
		return true;
	if (label[i] == ZERO_WIDTH_JOINER)
		return false;
	while (left > 0 && CLASS_JOINING(class_of(label[left - 1])) == JOINING_TRANSPARENT)
		left--;
	while (right < count && CLASS_JOINING(class_of(label[right])) == JOINING_TRANSPARENT)
		right++;
	if (left == 0 || right == count)
		return false;
	joining = CLASS_JOINING(class_of(label[left - 1]));
	if (joining != JOINING_LEFT && joining != JOINING_DUAL)
		return false;
	joining = CLASS_JOINING(class_of(label[right]));
	return joining == JOINING_RIGHT || joining == JOINING_DUAL;
}

/* The rule that a label in Unicode breaks; 0 if none. */
static int
unicode_label_rule(const int32_t *label, size_t count)
{
	size_t		i;

	if (label[0] == '-')
		return CRM_DOMAIN_HYPHEN_FIRST;
	if (label[count - 1] == '-')
		return CRM_DOMAIN_HYPHEN_LAST;
	if (count >= 4 && label[2] == '-' && label[3] == '-')
		return CRM_DOMAIN_HYPHENS;
	if (class_of(label[0]) & CLASS_MARK)
		return CRM_DOMAIN_MARK_FIRST;
	for (i = 0; i < count; i++)
	{
		if (class_of(label[i]) == 0)
			return CRM_DOMAIN_CHARACTER;
		if ((label[i] == ZERO_WIDTH_JOINER || label[i] == ZERO_WIDTH_NON_JOINER) &&
			!joiner_has_meaning(label, count, i))
			return CRM_DOMAIN_JOINER;
	}
	return 0;
}

static unsigned
directions_of(const int32_t *label, size_t count)
{
	unsigned	directions = 0;
	size_t		i;

	for (i = 0; i < count; i++)
		directions |= BIDI_SET(CLASS_DIRECTION(class_of(label[i])));
	return directions;
}

/* RFC 5893, section 2, for one label of a name that has right-to-left letters. */
static bool
keeps_bidi_rule(const int32_t *label, size_t count)
{
	unsigned	directions = directions_of(label, count);
	unsigned	start = BIDI_SET(CLASS_DIRECTION(class_of(label[0])));
	unsigned	end;

	while (CLASS_DIRECTION(class_of(label[count - 1])) == BIDI_NSM && count > 1)
		count--;
	end = BIDI_SET(CLASS_DIRECTION(class_of(label[count - 1])));

	if (start & BIDI_RIGHT_TO_LEFT)
		return (directions & ~(BIDI_RIGHT_TO_LEFT | BIDI_NEUTRAL |
							   BIDI_SET(BIDI_AN) | BIDI_SET(BIDI_EN))) == 0 &&
			(end & (BIDI_RIGHT_TO_LEFT | BIDI_SET(BIDI_AN) | BIDI_SET(BIDI_EN))) != 0 &&
			(directions & (BIDI_SET(BIDI_AN) | BIDI_SET(BIDI_EN))) !=
			(BIDI_SET(BIDI_AN) | BIDI_SET(BIDI_EN));
	return start == BIDI_SET(BIDI_L) &&
		(directions & ~(BIDI_SET(BIDI_L) | BIDI_SET(BIDI_EN) | BIDI_NEUTRAL)) == 0 &&
		(end & (BIDI_SET(BIDI_L) | BIDI_SET(BIDI_EN))) != 0;
}

static bool
is_ascii(const int32_t *label, size_t count)
{
	size_t		i;

	for (i = 0; i < count; i++)
		if (label[i] >= 0x80)
			return false;
	return true;
}

/* Whether a label is its own Normalization Form C. */
static bool
is_composed(const int32_t *label, size_t count)
{
	int32_t		items[4 * CRM_LABEL_MAX];
	CrmCodePoints text = {items, 0, CRM_LENGTH_OF(items)};
	size_t		i;

	for (i = 0; i < count; i++)
		if (!crm_unicode_append_decomposed(&text, label[i]))
			return false;
	crm_unicode_order_marks(&text);
	crm_unicode_compose(&text);
	return text.count == count && memcmp(text.items, label, count * sizeof(*label)) == 0;
}

/* One label in both forms. */
typedef struct Label
{
	int32_t		unicode[CRM_LABEL_MAX];
	size_t		count;
	char		ascii[CRM_LABEL_MAX];
	size_t		length;
} Label;

/* A label in ASCII that begins with "xn--": back to Unicode, and there again. */
static int
decode_label(Label *label)
{
	char		again[CRM_LABEL_MAX];
	size_t		length = label->length - ACE_PREFIX_LENGTH;
	const char *encoded = label->ascii + ACE_PREFIX_LENGTH;
	int			rule;

	label->count = crm_punycode_decode(encoded, length, label->unicode, CRM_LABEL_MAX);
	if (label->count == 0 || is_ascii(label->unicode, label->count) ||
		!is_composed(label->unicode, label->count) ||
		crm_punycode_encode(label->unicode, label->count, again, sizeof(again)) != length ||
		memcmp(again, encoded, length) != 0)
		return CRM_DOMAIN_PUNYCODE;
	rule = unicode_label_rule(label->unicode, label->count);
	return rule == CRM_DOMAIN_CHARACTER ? CRM_DOMAIN_PUNYCODE : rule;
}

/* Both forms of one mapped label; returns the rule that it breaks, 0 if none. */
static int
convert_label(const int32_t *points, size_t count, Label *label)
{
	CrmDomainFault fault;
	int			rule;
	size_t		i;

	if (count > CRM_LABEL_MAX)
		return CRM_DOMAIN_LABEL_TOO_LONG;
	memcpy(label->unicode, points, count * sizeof(*points));
	label->count = count;
	if (is_ascii(points, count))
	{
		for (i = 0; i < count; i++)
			label->ascii[i] = (char) points[i];
		label->length = count;
		if (!check_ldh_label(label->ascii, 0, count, count, &fault))
			return fault.rule;
		return count >= ACE_PREFIX_LENGTH &&
			memcmp(label->ascii, ACE_PREFIX, ACE_PREFIX_LENGTH) == 0 ? decode_label(label) : 0;
	}
	rule = unicode_label_rule(points, count);
	if (rule != 0)
		return rule;
	memcpy(label->ascii, ACE_PREFIX, ACE_PREFIX_LENGTH);
	label->length = crm_punycode_encode(points, count, label->ascii + ACE_PREFIX_LENGTH,
										CRM_LABEL_MAX - ACE_PREFIX_LENGTH);
	if (label->length == 0)
		return CRM_DOMAIN_LABEL_TOO_LONG;
	label->length += ACE_PREFIX_LENGTH;
	return 0;
}

/*
 * The labels of a mapped name in ASCII; their Unicode form replaces it, for the
 * Bidi rule.  Returns the length, or 0 with the rule and the label's number.
 */
static size_t
convert_labels(CrmCodePoints *name, char *out, int *rule, size_t *number)
{
	size_t		length = 0;
	size_t		kept = 0;
	size_t		start = 0;
	Label		label;

	for (*number = 0;; ++*number)
	{
		size_t		end = start;

		while (end < name->count && name->items[end] != '.')
			end++;
		*rule = end == start ? (int) empty_label_rule(start, end, name->count) :
			convert_label(name->items + start, end - start, &label);
		if (*rule == 0 && length + label.length > CRM_DOMAIN_MAX)
			*rule = CRM_DOMAIN_TOO_LONG;
		if (*rule != 0)
			return 0;
		memcpy(out + length, label.ascii, label.length);
		length += label.length;
		memmove(name->items + kept, label.unicode, label.count * sizeof(*label.unicode));
		kept += label.count;
		if (end == name->count)
			break;
		start = end + 1;
		name->items[kept++] = '.';
		out[length++] = '.';
	}
	name->count = kept;
	return length;
}

/* The number of the label that breaks the Bidi rule, or -1. */
static int
bidi_fault(const CrmCodePoints *name)
{
	size_t		start = 0;
	size_t		end;
	int			number;

	if ((directions_of(name->items, name->count) & (BIDI_RIGHT_TO_LEFT | BIDI_SET(BIDI_AN))) == 0)
		return -1;
	for (number = 0; start < name->count; number++)
	{
		for (end = start; end < name->count && name->items[end] != '.'; end++)
			;
		if (!keeps_bidi_rule(name->items + start, end - start))
			return number;
		start = end + 1;
	}
	return -1;
}

static bool
has_ace_label(const char *domain, size_t length)
{
	size_t		i;

	for (i = 0; i + ACE_PREFIX_LENGTH <= length; i++)
		if ((i == 0 || domain[i - 1] == '.') &&
			(domain[i] | 0x20) == 'x' && (domain[i + 1] | 0x20) == 'n' &&
			domain[i + 2] == '-' && domain[i + 3] == '-')
			return true;
	return false;
}

/* A name that is not plain ASCII; returns as crm_domain_to_ascii does. */
static size_t
convert_name(const char *domain, size_t length, char *out, CrmDomainFault *fault)
{
	int32_t		items[MAPPED_MAX];
	CrmCodePoints name = {items, 0, MAPPED_MAX};
	size_t		result;
	size_t		number;
	size_t		offset;
	int			rule;
	int			bidi;

	if (!map_name(domain, length, &name, fault))
		return 0;
	if (name.count == 0)
	{
		refuse(fault, CRM_DOMAIN_EMPTY, 0);
		return 0;
	}
	result = convert_labels(&name, out, &rule, &number);
	if (result > 0)
	{
		out[result] = '\0';
		bidi = bidi_fault(&name);
		if (bidi < 0)
			return result;
		rule = CRM_DOMAIN_BIDI;
		number = (size_t) bidi;
	}
	offset = label_offset(domain, length, number);
	while (rule == CRM_DOMAIN_DOT_LAST && crm_utf8_is_tail(domain[--offset]))
		;
	refuse(fault, (CrmDomainRule) rule, offset);
	return 0;
}

/*
 * The name of a host, in UTF-8 and without a dot at its end, as lower-case
 * A-labels in out[CRM_DOMAIN_MAX + 1], ended by a zero byte.  Returns the
 * length, or 0 with *fault filled.
 */
size_t
crm_domain_to_ascii(const char *domain, size_t length, char *out, CrmDomainFault *fault)
{
	size_t		i;

	if (length > GIVEN_MAX)
	{
		refuse(fault, CRM_DOMAIN_TOO_LONG, GIVEN_MAX);
		return 0;
	}
	if (crm_ascii_prefix(domain, length) < length || has_ace_label(domain, length))
		return convert_name(domain, length, out, fault);
	if (!crm_domain_check_ascii(domain, length, fault))
		return 0;
	for (i = 0; i < length; i++)
		out[i] = domain[i] >= 'A' && domain[i] <= 'Z' ? (char) (domain[i] | 0x20) : domain[i];
	out[length] = '\0';
	return length;
}
