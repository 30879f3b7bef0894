/*
 * phone_parse.c
 *		Telephone numbers without libphonenumber: the check for E.164, the
 *		cleaning that comes before either way of reading a number, and the
 *		reading of international numbers by a table of calling codes.
 *
 * Plain C on UTF-8 bytes, without the server's headers, allocation, locale or
 * state of its own, so that a fuzzer compiles the very code that the server
 * runs.
 *
 * crm_phone_is_e164 stands in CHECK constraints: a later version may accept
 * more, never less.  It knows no calling codes, which come and go.
 */
#include "values/phone_parse.h"

#include <stdint.h>
#include <string.h>

#include "data/calling_codes_table.h"
#include "values/utf8.h"

/* An extension behind a label; libphonenumber reads more where the label is clear. */
#define MAX_EXTENSION	9

/* Shorter texts are left to libphonenumber as they are. */
#define MIN_PLAIN_DIGITS	5

const char	crm_calling_codes_version[] = CRM_CALLING_CODES_VERSION;
const char	crm_phone_table_version[] = "crm calling codes " CRM_CALLING_CODES_VERSION;

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* '+' and 7 to 15 digits, the first of them not 0. */
bool
crm_phone_is_e164(const char *s, size_t length)
{
	size_t		i;

	if (length < CRM_E164_MIN_DIGITS + 1 || length > CRM_E164_MAX_DIGITS + 1 ||
		s[0] != '+' || s[1] == '0')
		return false;
	for (i = 1; i < length; i++)
		if (!is_digit(s[i]))
			return false;
	return true;
}

const char *
crm_phone_flaw_text(CrmPhoneFlaw flaw)
{
	switch (flaw)
	{
		case CRM_PHONE_FINE:
			break;
		case CRM_PHONE_LONG_TEXT:
			return "longer than 128 octets";
		case CRM_PHONE_NOT_TEXT:
			return "not text in the encoding of the database";
		case CRM_PHONE_CONTROL:
			return "a control character inside";
		case CRM_PHONE_NOT_A_NUMBER:
			return "not a telephone number";
		case CRM_PHONE_NO_REGION:
			return "no region is given, and the number does not begin with +";
		case CRM_PHONE_UNKNOWN_REGION:
			return "the region has no numbering plan";
		case CRM_PHONE_UNKNOWN_CODE:
			return "unknown country calling code";
		case CRM_PHONE_TOO_SHORT:
			return "too short";
		case CRM_PHONE_TOO_LONG:
			return "too long";
		case CRM_PHONE_WRONG_LENGTH:
			return "the country has no numbers of this length";
		case CRM_PHONE_NO_AREA_CODE:
			return "the area code is missing";
		case CRM_PHONE_NOT_E164:
			return "not 7 to 15 digits with the country calling code";
		case CRM_PHONE_UNDECIDED:
			return "only libphonenumber can read it";
	}
	return NULL;
}

/* First digits of the scripts whose digits people type; each has ten in a row. */
static const int32_t zeros[] = {
	0x660, 0x6F0, 0x966, 0x9E6, 0xE50, 0xFF10
};

/*
 * The ASCII character that stands for a code point in telephone numbers: digits
 * of other scripts, wide forms, dashes, blanks.  0: it is not to be seen, and is
 * left out.  Otherwise the code point itself.
 */
static int32_t
plain_character(int32_t c)
{
	size_t		i;

	if (c < 0x80)
		return c;
	for (i = 0; i < sizeof(zeros) / sizeof(zeros[0]); i++)
		if (c >= zeros[i] && c <= zeros[i] + 9)
			return '0' + (c - zeros[i]);
	if (c >= 0xFF01 && c <= 0xFF5E)
		return c - 0xFEE0;
	if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x30FC)
		return '-';
	if (c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000)
		return ' ';
	if (c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
		(c >= 0x2060 && c <= 0x206F) || c == 0x61C || c == 0xFEFF)
		return 0;
	return c;
}

static bool
is_control(int32_t c)
{
	return c < ' ' || (c >= 0x7F && c <= 0x9F) || c == 0x2028 || c == 0x2029;
}

/* Moves *s and *end inwards over white space. */
static void
trim(const char **s, const char **end)
{
	while (*s < *end && strchr(" \t\r\n", **s) != NULL && **s != '\0')
		(*s)++;
	while (*s < *end && strchr(" \t\r\n", (*end)[-1]) != NULL && (*end)[-1] != '\0')
		(*end)--;
}

/*
 * Writes the text as it is read on into clean, which has room for
 * CRM_PHONE_MAX_LENGTH bytes: never longer than it was, without white space
 * around it, in plain digits and punctuation, without marks that are not to be
 * seen (numbers copied from right-to-left text have them).  Characters without
 * a plain form stay.
 */
CrmPhoneFlaw
crm_phone_clean(const char *utf8, size_t length, char *clean, size_t *clean_length)
{
	const char *p = utf8;
	const char *end = utf8 + length;
	size_t		n = 0;

	if (length > CRM_PHONE_MAX_LENGTH)
		return CRM_PHONE_LONG_TEXT;
	trim(&p, &end);
	while (p < end)
	{
		int32_t		c = crm_utf8_next(&p, end);

		if (c == CRM_UTF8_MALFORMED)
			return CRM_PHONE_NOT_TEXT;
		if (is_control(c))
			return CRM_PHONE_CONTROL;
		c = plain_character(c);
		if (c != 0 && !(c == ' ' && n == 0))
			n += crm_utf8_put(clean + n, c);
	}
	while (n > 0 && clean[n - 1] == ' ')
		n--;
	*clean_length = n;
	return CRM_PHONE_FINE;
}

/* True if a '+' comes before the digits. */
bool
crm_phone_is_international(const char *clean, size_t length)
{
	size_t		i;

	for (i = 0; i < length && !is_digit(clean[i]); i++)
		if (clean[i] == '+')
			return true;
	return false;
}

/* The digits of a text, up to the first thing that is neither digit nor
 * punctuation. */
typedef struct Digits
{
	char		digit[CRM_E164_MAX_DIGITS + 4];
	int			count;
	int			pluses;			/* before the digits */
	int			bracketed_zero; /* how many digits came before "(0)"; 0: none */
	size_t		end;			/* where reading stopped */
} Digits;

static bool
is_punctuation(char c)
{
	return c != '\0' && strchr(" -./()[]", c) != NULL;
}

/* False if there are more digits than any number has. */
static bool
read_digits(const char *s, size_t length, Digits *digits)
{
	size_t		i = 0;

	digits->count = 0;
	digits->pluses = 0;
	digits->bracketed_zero = 0;
	for (; i < length && (s[i] == '+' || is_punctuation(s[i])); i++)
		digits->pluses += s[i] == '+';
	for (; i < length && (is_digit(s[i]) || is_punctuation(s[i])); i++)
	{
		if (!is_digit(s[i]))
			continue;
		if (s[i] == '0' && i > 0 && s[i - 1] == '(' && i + 1 < length &&
			s[i + 1] == ')' && digits->bracketed_zero == 0)
			digits->bracketed_zero = digits->count;
		if (digits->count == (int) sizeof(digits->digit))
			return false;
		digits->digit[digits->count++] = s[i];
	}
	digits->end = i;
	return true;
}

/* Width of the label of an extension at the start, 0 if there is none. */
static size_t
label_width(const char *s, size_t length)
{
	static const char *const labels[] = {"extension", "extn", "ext", "x", "#", ";ext="};
	size_t		label;

	for (label = 0; label < sizeof(labels) / sizeof(labels[0]); label++)
	{
		size_t		width = strlen(labels[label]);
		size_t		i;

		for (i = 0; i < width && i < length; i++)
			if ((is_letter(s[i]) ? (s[i] | 0x20) : s[i]) != labels[label][i])
				break;
		if (i == width)
			return width;
	}
	return 0;
}

/*
 * Reads "x 12", "ext. 12", "extension: 12", "#12" or ";ext=12" to the end of
 * the text; false if what is there is something else.
 */
static bool
read_extension(const char *s, size_t length, char *extension)
{
	size_t		i = label_width(s, length);
	size_t		n = 0;

	if (i == 0)
		return false;
	if (i < length && (s[i] == '.' || s[i] == ':'))
		i++;
	while (i < length && (s[i] == ' ' || s[i] == '-'))
		i++;
	while (i < length && is_digit(s[i]) && n < MAX_EXTENSION)
		extension[n++] = s[i++];
	extension[n] = '\0';
	return n > 0 && i == length;
}

/*
 * The plain form of a cleaned text, for a library that is twice as slow on
 * punctuation: at most one '+', digits, nothing else, and an extension apart
 * (both empty if there is none).  False if the text is not so simple that the
 * plain form surely means the same; plain has room for CRM_PHONE_MAX_LENGTH
 * bytes.
 */
bool
crm_phone_plain(const char *clean, size_t length,
				char *plain, size_t *plain_length, char *extension)
{
	Digits		digits;
	size_t		n = 0;

	extension[0] = '\0';
	if (!read_digits(clean, length, &digits) || digits.pluses > 1 ||
		digits.count < MIN_PLAIN_DIGITS)
		return false;
	if (digits.end < length)
	{
		size_t		last = digits.end;

		while (clean[last - 1] == ' ')
			last--;
		if (!is_digit(clean[last - 1]) || !is_letter(clean[digits.end]) ||
			!read_extension(clean + digits.end, length - digits.end, extension))
			return false;
	}
	if (digits.pluses > 0)
		plain[n++] = '+';
	memcpy(plain + n, digits.digit, (size_t) digits.count);
	*plain_length = n + (size_t) digits.count;
	return true;
}

/* The calling code at the start of the digits, 0 if there is none. */
static int
read_calling_code(const Digits *digits, int *width)
{
	int			code = 0;

	if (digits->count > 0 && digits->digit[0] == '0')
		return 0;
	for (*width = 1; *width <= 3 && *width <= digits->count; (*width)++)
	{
		code = code * 10 + (digits->digit[*width - 1] - '0');
		if (calling_codes[code].lengths != 0)
			return code;
	}
	return 0;
}

/*
 * How many digits after the calling code are the trunk prefix, which people
 * leave in the international form.  Where it is 0 no number begins with it;
 * another one is taken away only from what would be too long with it.  A zero in
 * brackets is the trunk prefix, except where there is none: there the zero
 * belongs to the number.
 */
static int
trunk_width(const Digits *digits, int code, int code_width)
{
	const char *trunk = calling_codes[code].trunk;
	int			width = (int) strlen(trunk);
	int			rest = digits->count - code_width;
	int			zeros = 0;

	if (width == 0)
		return 0;
	if (strcmp(trunk, "0") == 0)
	{
		while (zeros < rest && digits->digit[code_width + zeros] == '0')
			zeros++;
		return zeros;
	}
	if (digits->bracketed_zero == code_width)
		return 1;
	return rest > width &&
		memcmp(digits->digit + code_width, trunk, (size_t) width) == 0 &&
		(calling_codes[code].lengths & 1U << rest) == 0 &&
		(calling_codes[code].lengths & 1U << (rest - width)) != 0 ? width : 0;
}

/* Whether a number of this many digits exists behind the calling code. */
static CrmPhoneFlaw
check_length(int code, int count)
{
	unsigned int lengths = calling_codes[code].lengths;

	if (count > CRM_E164_MAX_DIGITS || (lengths >> count) == 0)
		return CRM_PHONE_TOO_LONG;
	if (lengths & 1U << count)
		return CRM_PHONE_FINE;
	return (lengths & ((1U << count) - 1)) == 0 ? CRM_PHONE_TOO_SHORT :
		CRM_PHONE_WRONG_LENGTH;
}

/* Fills in calling_code and e164. */
static CrmPhoneFlaw
number_of_digits(const Digits *digits, CrmTablePhone *phone)
{
	CrmPhoneFlaw flaw;
	int			code_width;
	int			code = read_calling_code(digits, &code_width);
	int			skip;
	int			count;

	if (code == 0)
		return CRM_PHONE_UNKNOWN_CODE;
	skip = trunk_width(digits, code, code_width);
	count = digits->count - code_width - skip;
	flaw = check_length(code, count);
	if (flaw != CRM_PHONE_FINE)
		return flaw;
	if (code_width + count > CRM_E164_MAX_DIGITS || code_width + count < CRM_E164_MIN_DIGITS)
		return CRM_PHONE_NOT_E164;

	phone->calling_code = code;
	phone->e164[0] = '+';
	memcpy(phone->e164 + 1, digits->digit, (size_t) code_width);
	memcpy(phone->e164 + 1 + code_width, digits->digit + code_width + skip, (size_t) count);
	phone->e164[1 + code_width + count] = '\0';
	return CRM_PHONE_FINE;
}

/* True if nobody takes the text for a number: ASCII with less than two digits. */
static bool
is_no_number(const char *clean, size_t length)
{
	int			digits = 0;
	size_t		i;

	for (i = 0; i < length; i++)
	{
		if ((unsigned char) clean[i] >= 0x80)
			return false;
		digits += is_digit(clean[i]);
	}
	return digits < 2;
}

/*
 * Reads a cleaned text that begins with '+' by the table of calling codes.
 * Whatever is more than digits, punctuation and an extension is undecided.
 */
CrmPhoneFlaw
crm_phone_by_table(const char *clean, size_t length, CrmTablePhone *phone)
{
	Digits		digits;
	const char *plus = memchr(clean, '+', length);
	size_t		rest;

	phone->extension[0] = '\0';
	if (is_no_number(clean, length))
		return CRM_PHONE_NOT_A_NUMBER;
	if (!crm_phone_is_international(clean, length))
		return CRM_PHONE_UNDECIDED;
	rest = length - (size_t) (plus - clean);
	if (!read_digits(plus, rest, &digits))
		return CRM_PHONE_TOO_LONG;
	if (digits.count == 0)
		return CRM_PHONE_NOT_A_NUMBER;
	if (digits.end < rest &&
		!read_extension(plus + digits.end, rest - digits.end, phone->extension))
		return CRM_PHONE_UNDECIDED;
	return number_of_digits(&digits, phone);
}
