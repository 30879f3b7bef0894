/*
 * email_parse.c
 *		E-mail addresses: what is one, what is wrong with it, its normal form.
 *
 * An address is a Mailbox of RFC 5321 with the characters of RFC 6531, as people
 * have them: a dot-atom or a quoted string, '@', and a name of at least two
 * labels whose last is no number.  No comments, no folding, no address literals.
 *
 * The functions stand in CHECK constraints and indexes: a later version may
 * accept more, never less, and the normal form of an accepted address never
 * changes.  Domains in ASCII are lower-cased and no more: "xn--" labels are not
 * looked into, since they never were.
 *
 * The normal form is itself an address, and its own normal form.  Hence an
 * address is refused if its normal form breaks a limit on length, which only
 * characters beyond ASCII can do.
 */
#include "values/email_parse.h"

#include <string.h>

#include "values/punycode.h"
#include "values/unicode_fold.h"
#include "values/utf8.h"

/*
 * Code points of a local part while it is folded: 64 octets are at most 64
 * characters; one of two octets becomes at most three, of three at most four,
 * and folding at most doubles two octets and triples three.
 */
#define LOCAL_ROOM 256

/* RFC 5322 atext: letters, digits and !#$%&'*+-/=?^_`{|}~, as bits by code. */
static const uint32_t atext[4] = {0, 0xA3FFACFA, 0xC7FFFFFE, 0x7FFFFFFF};

static const char *const fault_texts[] = {
	[CRM_EMAIL_EMPTY] = "an empty text",
	[CRM_EMAIL_TOO_LONG] = "more than 254 octets",
	[CRM_EMAIL_NOT_TEXT] = "bytes that are no character",
	[CRM_EMAIL_NO_AT] = "no @",
	[CRM_EMAIL_NO_LOCAL] = "nothing in front of the @",
	[CRM_EMAIL_LOCAL_DOT_FIRST] = "a dot at the start of the local part",
	[CRM_EMAIL_LOCAL_DOT_DOUBLE] = "two dots in a row in the local part",
	[CRM_EMAIL_LOCAL_DOT_LAST] = "a dot at the end of the local part",
	[CRM_EMAIL_LOCAL_BLANK] = "a blank in the local part",
	[CRM_EMAIL_LOCAL_CONTROL] = "a control character in the local part",
	[CRM_EMAIL_LOCAL_SPECIAL] = "a character that a local part may have only in quotation marks",
	[CRM_EMAIL_LOCAL_REFUSED] = "a character that no local part may have",
	[CRM_EMAIL_LOCAL_TOO_LONG] = "more than 64 octets in the local part",
	[CRM_EMAIL_LOCAL_NORMAL_TOO_LONG] = "more than 64 octets in the normal form of the local part",
	[CRM_EMAIL_QUOTE_EMPTY] = "an empty local part in quotation marks",
	[CRM_EMAIL_QUOTE_OPEN] = "a quotation mark that is not closed",
	[CRM_EMAIL_QUOTE_BACKSLASH] = "a backslash in front of what cannot follow one",
	[CRM_EMAIL_QUOTE_BEHIND] = "text between the closing quotation mark and the @",
	[CRM_EMAIL_SECOND_AT] = "a second @",
	[CRM_EMAIL_NO_DOMAIN] = "nothing behind the @",
	[CRM_EMAIL_LITERAL] = "an address in brackets in place of a domain",
	[CRM_EMAIL_DOMAIN_ONE_LABEL] = "a domain without a dot",
	[CRM_EMAIL_DOMAIN_NUMBER] = "a number as the last part of the domain",
	[CRM_EMAIL_NORMAL_TOO_LONG] = "more than 254 octets with the domain in ASCII"
};

/* The fault as a fragment of a sentence, for "..., at character 5". */
const char *
crm_email_fault_text(const CrmEmailFault *fault)
{
	if (fault->rule == CRM_EMAIL_DOMAIN)
		return crm_domain_fault_text(fault->domain_rule);
	return fault_texts[fault->rule];
}

/* The number of the character at which the fault shows, counted from 1. */
size_t
crm_email_fault_position(const char *address, size_t length, const CrmEmailFault *fault)
{
	size_t		position = fault->offset < length ? 0 : 1;
	size_t		i;

	for (i = 0; i <= fault->offset && i < length; i++)
		if (!crm_utf8_is_tail(address[i]))
			position++;
	return position > 0 ? position : 1;
}

static bool
refuse(CrmEmailFault *fault, CrmEmailRule rule, size_t offset)
{
	fault->rule = rule;
	fault->offset = offset;
	return false;
}

static bool
is_atext(int32_t c)
{
	return c < 0x80 && (atext[c >> 5] >> (c & 31) & 1) != 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
is_control(char c)
{
	return (unsigned char) c < ' ' || c == 0x7F;
}

/* One character beyond ASCII of a local part, at *i, which moves behind it. */
static bool
scan_beyond_ascii(const char *s, size_t length, size_t *i, CrmEmailFault *fault)
{
	const char *p = s + *i;
	int32_t		c = crm_utf8_next(&p, s + length);

	if (c == CRM_UTF8_MALFORMED)
		return refuse(fault, CRM_EMAIL_NOT_TEXT, *i);
	if (crm_unicode_is_refused(c))
		return refuse(fault, CRM_EMAIL_LOCAL_REFUSED, *i);
	*i = (size_t) (p - s);
	return true;
}

static CrmEmailRule
ascii_rule(char c)
{
	if (is_blank(c))
		return CRM_EMAIL_LOCAL_BLANK;
	return is_control(c) ? CRM_EMAIL_LOCAL_CONTROL : CRM_EMAIL_LOCAL_SPECIAL;
}

/* Atoms with single dots between them, up to '@'; *end is its place. */
static bool
scan_dot_string(const char *s, size_t length, size_t *end, CrmEmailFault *fault)
{
	size_t		i = 0;

	if (memchr(s, '@', length) == NULL)
		return refuse(fault, CRM_EMAIL_NO_AT, length);
	if (s[0] == '@')
		return refuse(fault, CRM_EMAIL_NO_LOCAL, 0);
	while (s[i] != '@')
	{
		if (is_atext((unsigned char) s[i]))
			i++;
		else if (s[i] == '.')
		{
			if (i == 0)
				return refuse(fault, CRM_EMAIL_LOCAL_DOT_FIRST, 0);
			if (s[i - 1] == '.')
				return refuse(fault, CRM_EMAIL_LOCAL_DOT_DOUBLE, i);
			i++;
		}
		else if ((unsigned char) s[i] < 0x80)
			return refuse(fault, ascii_rule(s[i]), i);
		else if (!scan_beyond_ascii(s, length, &i, fault))
			return false;
	}
	if (s[i - 1] == '.')
		return refuse(fault, CRM_EMAIL_LOCAL_DOT_LAST, i - 1);
	*end = i;
	return true;
}

/* A quoted string, up to '@'; *end is its place. */
static bool
scan_quoted_string(const char *s, size_t length, size_t *end, CrmEmailFault *fault)
{
	size_t		i = 1;

	while (i < length && s[i] != '"')
	{
		if (s[i] == '\\')
		{
			if (i + 1 < length && (s[i + 1] < ' ' || s[i + 1] > '~'))
				return refuse(fault, CRM_EMAIL_QUOTE_BACKSLASH, i);
			i += 2;
		}
		else if (is_control(s[i]))
			return refuse(fault, CRM_EMAIL_LOCAL_CONTROL, i);
		else if ((unsigned char) s[i] < 0x80)
			i++;
		else if (!scan_beyond_ascii(s, length, &i, fault))
			return false;
	}
	if (i >= length)
		return refuse(fault, CRM_EMAIL_QUOTE_OPEN, 0);
	if (i == 1)
		return refuse(fault, CRM_EMAIL_QUOTE_EMPTY, 0);
	i++;
	if (i == length)
		return refuse(fault, CRM_EMAIL_NO_AT, length);
	if (s[i] != '@')
		return refuse(fault, CRM_EMAIL_QUOTE_BEHIND, i);
	*end = i;
	return true;
}

/* A fault of the domain at "start" of the address, in the address's terms. */
static bool
refuse_domain(CrmEmailFault *fault, const CrmDomainFault *domain_fault,
			  const char *address, size_t start)
{
	size_t		offset = start + domain_fault->offset;

	if (domain_fault->rule == CRM_DOMAIN_CHARACTER && address[offset] == '@')
		return refuse(fault, CRM_EMAIL_SECOND_AT, offset);
	if (domain_fault->rule == CRM_DOMAIN_NOT_UTF8)
		return refuse(fault, CRM_EMAIL_NOT_TEXT, offset);
	fault->domain_rule = domain_fault->rule;
	return refuse(fault, CRM_EMAIL_DOMAIN, offset);
}

static size_t
last_label(const char *domain, size_t length)
{
	while (length > 0 && domain[length - 1] != '.')
		length--;
	return length;
}

/*
 * The domain at "start".  One in ASCII is looked at where it is, and *ascii
 * points there; another is converted into "buffer".
 */
static bool
scan_domain(const char *address, size_t length, size_t start, char *buffer,
			const char **ascii, size_t *ascii_length, CrmEmailFault *fault)
{
	const char *domain = address + start;
	CrmDomainFault domain_fault;

	*ascii = domain;
	*ascii_length = length - start;
	if (start == length)
		return refuse(fault, CRM_EMAIL_NO_DOMAIN, length);
	if (domain[0] == '[')
		return refuse(fault, CRM_EMAIL_LITERAL, start);
	if (crm_ascii_prefix(domain, length - start) == length - start)
	{
		if (!crm_domain_check_ascii(domain, length - start, &domain_fault))
			return refuse_domain(fault, &domain_fault, address, start);
	}
	else
	{
		*ascii = buffer;
		*ascii_length = crm_domain_to_ascii(domain, length - start, buffer, &domain_fault);
		if (*ascii_length == 0)
			return refuse_domain(fault, &domain_fault, address, start);
	}
	if (memchr(*ascii, '.', *ascii_length) == NULL)
		return refuse(fault, CRM_EMAIL_DOMAIN_ONE_LABEL, start);
	if (crm_domain_ends_in_number(*ascii, *ascii_length))
		return refuse(fault, CRM_EMAIL_DOMAIN_NUMBER,
					  *ascii == domain ? start + last_label(domain, length - start) : start);
	return true;
}

/*
 * The content of a local part, without quotation marks and backslashes, as code
 * points: decomposed, or as they are.
 */
static void
read_local(const char *local, size_t length, bool decompose, CrmCodePoints *content)
{
	const char *p = local;
	const char *end = local + length;
	bool		is_quoted = *p == '"';

	if (is_quoted)
	{
		p++;
		end--;
	}
	while (p < end)
	{
		if (is_quoted && *p == '\\')
			p++;
		if (decompose)
			crm_unicode_append_decomposed(content, crm_utf8_next(&p, end));
		else
			content->items[content->count++] = crm_utf8_next(&p, end);
	}
}

static void
fold_content(CrmCodePoints *content)
{
	crm_unicode_order_marks(content);
	crm_unicode_fold_case(content);
	crm_unicode_order_marks(content);
	crm_unicode_compose(content);
}

static bool
has_all(const CrmCodePoints *content, CrmHasCharacter has)
{
	size_t		i;

	for (i = 0; i < content->count; i++)
		if (content->items[i] >= 0x80 && !has(content->items[i]))
			return false;
	return true;
}

/*
 * What an encoding without all of Unicode can hold of the folded form: each
 * character folded for itself, or left where the encoding lacks the result.
 * Never longer than it was.
 */
static void
fold_what_exists(CrmCodePoints *content, CrmHasCharacter has)
{
	int32_t		items[8];
	char		bytes[CRM_UTF8_MAX_LENGTH];
	size_t		i;

	for (i = 0; i < content->count; i++)
	{
		int32_t		c = content->items[i];
		CrmCodePoints one = {items, 0, 8};

		crm_unicode_append_decomposed(&one, c);
		fold_content(&one);
		if (one.count == 1 && crm_utf8_put(bytes, items[0]) <= crm_utf8_put(bytes, c) &&
			(items[0] < 0x80 ? is_atext(items[0]) : has(items[0])))
			content->items[i] = items[0];
	}
}

static bool
is_dot_string(const CrmCodePoints *content)
{
	size_t		i;

	for (i = 0; i < content->count; i++)
	{
		int32_t		c = content->items[i];

		if (c == '.' ? i == 0 || i + 1 == content->count || content->items[i - 1] == '.' :
			c < 0x80 && !is_atext(c))
			return false;
	}
	return true;
}

/*
 * Writes a local part, quoted if it must be, into out[CRM_EMAIL_MAX_LOCAL];
 * returns the length, or 0 if it is longer.
 */
static size_t
write_local(const CrmCodePoints *content, char *out)
{
	bool		is_quoted = !is_dot_string(content);
	size_t		length = 0;
	size_t		i;

	if (is_quoted)
		out[length++] = '"';
	for (i = 0; i < content->count; i++)
	{
		int32_t		c = content->items[i];
		char		bytes[CRM_UTF8_MAX_LENGTH];
		size_t		n = crm_utf8_put(bytes, c);
		bool		is_escaped = c == '"' || c == '\\';

		if (length + n + is_escaped + is_quoted > CRM_EMAIL_MAX_LOCAL)
			return 0;
		if (is_escaped)
			out[length++] = '\\';
		memcpy(out + length, bytes, n);
		length += n;
	}
	if (is_quoted)
		out[length++] = '"';
	return length;
}

/*
 * The normal form of a well-formed local part into out[CRM_EMAIL_MAX_LOCAL];
 * returns the length, or 0 if it is longer.
 */
static size_t
normalize_local(const char *local, size_t length, char *out, CrmHasCharacter has)
{
	int32_t		items[LOCAL_ROOM];
	CrmCodePoints content = {items, 0, LOCAL_ROOM};

	read_local(local, length, true, &content);
	fold_content(&content);
	if (has != NULL && !has_all(&content, has))
	{
		content.count = 0;
		read_local(local, length, false, &content);
		fold_what_exists(&content, has);
	}
	return write_local(&content, out);
}

static void
lower_ascii(char *out, const char *s, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		out[i] = s[i] >= 'A' && s[i] <= 'Z' ? (char) (s[i] | 0x20) : s[i];
}

/* The parts of an accepted address. */
typedef struct Parts
{
	size_t		local_length;
	const char *domain;			/* in ASCII: in the address, or in buffer */
	size_t		domain_length;
	char		buffer[CRM_DOMAIN_MAX + 1];
} Parts;

static bool
scan(const char *address, size_t length, Parts *parts, CrmEmailFault *fault)
{
	size_t		at;

	if (length == 0)
		return refuse(fault, CRM_EMAIL_EMPTY, 0);
	if (length > CRM_EMAIL_MAX)
		return refuse(fault, CRM_EMAIL_TOO_LONG, CRM_EMAIL_MAX);
	if (!(address[0] == '"' ? scan_quoted_string(address, length, &at, fault) :
		  scan_dot_string(address, length, &at, fault)))
		return false;
	if (at > CRM_EMAIL_MAX_LOCAL)
		return refuse(fault, CRM_EMAIL_LOCAL_TOO_LONG, CRM_EMAIL_MAX_LOCAL);
	parts->local_length = at;
	return scan_domain(address, length, at + 1, parts->buffer,
					   &parts->domain, &parts->domain_length, fault);
}

/* The limits on the normal form; only what is not ASCII can grow. */
static bool
check_normal_lengths(const char *address, const Parts *parts, CrmEmailFault *fault)
{
	char		local[CRM_EMAIL_MAX_LOCAL];
	size_t		length = parts->local_length;

	if (crm_ascii_prefix(address, length) < length)
	{
		length = normalize_local(address, length, local, NULL);
		if (length == 0)
			return refuse(fault, CRM_EMAIL_LOCAL_NORMAL_TOO_LONG, 0);
		/* where an encoding lacks a character, what was typed stays: see has */
		if (length < parts->local_length)
			length = parts->local_length;
	}
	if (length + 1 + parts->domain_length > CRM_EMAIL_MAX)
		return refuse(fault, CRM_EMAIL_NORMAL_TOO_LONG, parts->local_length + 1);
	return true;
}

/*
 * Whether the text is an e-mail address; if not, *fault says which rule it
 * breaks, and where.
 */
bool
crm_email_diagnose(const char *address, size_t length, CrmEmailFault *fault)
{
	Parts		parts;

	return scan(address, length, &parts, fault) &&
		check_normal_lengths(address, &parts, fault);
}

/*
 * Writes the form in which two spellings of one address are equal into
 * out[CRM_EMAIL_MAX + 1], ended by a zero byte.  Returns the length, or 0 if
 * the text is no address.  With "has", only characters for which it is true are
 * written, apart from those of the address itself.
 */
size_t
crm_email_normalize(const char *address, size_t length, char *out, CrmHasCharacter has)
{
	Parts		parts;
	CrmEmailFault fault;
	size_t		local_length;

	if (!scan(address, length, &parts, &fault) ||
		!check_normal_lengths(address, &parts, &fault))
		return 0;
	local_length = parts.local_length;
	if (address[0] != '"' && crm_ascii_prefix(address, local_length) == local_length)
		lower_ascii(out, address, local_length);
	else
		local_length = normalize_local(address, local_length, out, has);
	out[local_length] = '@';
	lower_ascii(out + local_length + 1, parts.domain, parts.domain_length);
	length = local_length + 1 + parts.domain_length;
	out[length] = '\0';
	return length;
}

/* Where the domain of an accepted address begins: behind its last '@'. */
size_t
crm_email_domain_start(const char *address, size_t length)
{
	while (length > 0 && address[length - 1] != '@')
		length--;
	return length;
}
