/*
 * punycode.c
 *		Punycode (RFC 3492), the ASCII form of the labels of domain names.
 *
 * A label has at most CRM_LABEL_MAX code points, which bounds both loops; more
 * is refused.  Names are those of the RFC.
 */
#include "values/punycode.h"

#include <stdbool.h>
#include <string.h>

#define BASE			36
#define T_MIN			1
#define T_MAX			26
#define SKEW			38
#define DAMP			700
#define INITIAL_BIAS	72
#define INITIAL_N		128
#define LAST_CODE_POINT	0x10FFFF

/* More than any delta of a label of legal length. */
#define DELTA_LIMIT		UINT32_C(0x40000000)

static uint32_t
adapt(uint32_t delta, uint32_t count, bool is_first)
{
	uint32_t	k = 0;

	delta = is_first ? delta / DAMP : delta / 2;
	delta += delta / count;
	while (delta > (BASE - T_MIN) * T_MAX / 2)
	{
		delta /= BASE - T_MIN;
		k += BASE;
	}
	return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

/* The threshold of the digit whose place is k. */
static uint32_t
threshold(uint32_t k, uint32_t bias)
{
	if (k <= bias)
		return T_MIN;
	return k >= bias + T_MAX ? T_MAX : k - bias;
}

static char
digit_char(uint32_t digit)
{
	return (char) (digit < 26 ? 'a' + digit : '0' + (digit - 26));
}

/* BASE if c is no digit; capitals are none. */
static uint32_t
digit_value(char c)
{
	if (c >= 'a' && c <= 'z')
		return (uint32_t) (c - 'a');
	return c >= '0' && c <= '9' ? (uint32_t) (c - '0') + 26 : BASE;
}

/* Writes delta as a variable-length number; returns how many digits, 0: no room. */
static size_t
put_delta(uint32_t delta, uint32_t bias, char *out, size_t room)
{
	size_t		length = 0;
	uint32_t	k;

	for (k = BASE;; k += BASE)
	{
		uint32_t	t = threshold(k, bias);

		if (length >= room)
			return 0;
		if (delta < t)
			break;
		out[length++] = digit_char(t + (delta - t) % (BASE - t));
		delta = (delta - t) / (BASE - t);
	}
	out[length++] = digit_char(delta);
	return length;
}

/* The smallest code point that is at least n. */
static uint32_t
next_code_point(const int32_t *points, size_t count, uint32_t n)
{
	uint32_t	next = LAST_CODE_POINT + 1;
	size_t		i;

	for (i = 0; i < count; i++)
		if ((uint32_t) points[i] >= n && (uint32_t) points[i] < next)
			next = (uint32_t) points[i];
	return next;
}

/*
 * Encodes lower-case text; returns the length, or 0 if it is longer than
 * "room", or than a label may be.
 */
size_t
crm_punycode_encode(const int32_t *points, size_t count, char *out, size_t room)
{
	uint32_t	n = INITIAL_N;
	uint32_t	delta = 0;
	uint32_t	bias = INITIAL_BIAS;
	size_t		length = 0;
	size_t		basic;
	size_t		done;
	size_t		i;

	if (count > CRM_LABEL_MAX || room < count + 1)
		return 0;
	for (i = 0; i < count; i++)
		if (points[i] < INITIAL_N)
			out[length++] = (char) points[i];
	basic = done = length;
	if (basic > 0)
		out[length++] = '-';

	/* no overflow: (0x10FFFF - 0x80) * 64 is far below the limit of 32 bits */
	while (done < count)
	{
		uint32_t	next = next_code_point(points, count, n);

		delta += (next - n) * (uint32_t) (done + 1);
		n = next;
		for (i = 0; i < count; i++)
		{
			size_t		digits;

			if ((uint32_t) points[i] < n)
				delta++;
			if ((uint32_t) points[i] != n)
				continue;
			digits = put_delta(delta, bias, out + length, room - length);
			if (digits == 0)
				return 0;
			length += digits;
			bias = adapt(delta, (uint32_t) done + 1, done == basic);
			delta = 0;
			done++;
		}
		delta++;
		n++;
	}
	return length;
}

/* Reads one variable-length number at *p; false if it is none. */
static bool
get_delta(const char **p, const char *end, uint32_t bias, uint32_t *delta)
{
	uint32_t	weight = 1;
	uint32_t	k;

	*delta = 0;
	for (k = BASE;; k += BASE)
	{
		uint32_t	t = threshold(k, bias);
		uint32_t	digit = *p < end ? digit_value(*(*p)++) : BASE;

		if (digit == BASE || digit > (DELTA_LIMIT - *delta) / weight)
			return false;
		*delta += digit * weight;
		if (digit < t)
			return true;
		if (weight > DELTA_LIMIT / (BASE - t))
			return false;
		weight *= BASE - t;
	}
}

/*
 * Decodes lower-case text; returns the number of code points, or 0 if it is
 * none, or longer than "room", or than a label may be.
 */
size_t
crm_punycode_decode(const char *text, size_t length, int32_t *out, size_t room)
{
	const char *p = text;
	const char *end = text + length;
	uint32_t	n = INITIAL_N;
	uint32_t	place = 0;
	uint32_t	bias = INITIAL_BIAS;
	size_t		count = 0;
	size_t		i;

	if (length > CRM_LABEL_MAX || room > CRM_LABEL_MAX)
		return 0;
	for (i = length; i > 0 && text[i - 1] != '-'; i--)
		;
	if (i > 0)
	{
		if (i - 1 > room)
			return 0;
		for (; count < i - 1; count++)
			out[count] = (unsigned char) text[count];
		p = text + i;
	}
	while (p < end)
	{
		uint32_t	delta;

		if (count >= room || !get_delta(&p, end, bias, &delta))
			return 0;
		count++;
		bias = adapt(delta, (uint32_t) count, count == 1 + (size_t) (i > 0 ? i - 1 : 0));
		place += delta;
		n += place / (uint32_t) count;
		place %= (uint32_t) count;
		if (n > LAST_CODE_POINT)
			return 0;
		memmove(out + place + 1, out + place, (count - 1 - place) * sizeof(*out));
		out[place++] = (int32_t) n;
	}
	return count;
}
