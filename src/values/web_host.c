/*
 * web_host.c
 *		The host in what people type as a website: an address with or without
 *		http://, a bare name, or an e-mail address.
 *
 * The host is found as browsers find it (the part between the slashes and the
 * next slash, backslash, question mark or hash; behind the last '@'; before the
 * port), so that nobody can show one host and mean another.  What is left must
 * be a name of the public web: at least two labels, the last one of letters.
 * Hence numbers, address literals, "localhost", "n/a" and "none" have no host.
 *
 * Plain C on UTF-8 and a caller's buffer: no allocation, no state, one pass.
 */
#include "values/web_host.h"

#include <stdbool.h>
#include <string.h>

#include "values/domain_name.h"
#include "values/utf8.h"

/* What is left to read of the text. */
typedef struct Rest
{
	const char *at;
	const char *end;
} Rest;

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_slash(char c)
{
	return c == '/' || c == '\\';
}

/* Spaces, and the invisible signs that are copied along with an address. */
static bool
is_blank(int32_t c)
{
	return (c >= 0 && c <= ' ') || (c >= 0x7F && c <= 0xA0) || c == 0x3000 ||
		c == 0xFEFF || (c >= 0x2000 && c <= 0x200F) ||
		(c >= 0x2028 && c <= 0x202F) || (c >= 0x2060 && c <= 0x2069);
}

static void
trim(Rest *rest)
{
	while (rest->at < rest->end)
	{
		const char *next = rest->at;

		if (!is_blank(crm_utf8_next(&next, rest->end)))
			break;
		rest->at = next;
	}
	while (rest->at < rest->end)
	{
		const char *last = rest->end - 1;
		const char *next;

		while (last > rest->at && crm_utf8_is_tail(*last))
			last--;
		next = last;
		if (!is_blank(crm_utf8_next(&next, rest->end)) || next != rest->end)
			break;
		rest->end = last;
	}
}

static bool
has_control(const Rest *rest)
{
	const char *p;

	for (p = rest->at; p < rest->end; p++)
		if ((unsigned char) *p < ' ' || *p == 0x7F)
			return true;
	return false;
}

/* First byte of the rest that ends an authority. */
static const char *
authority_end(const Rest *rest)
{
	const char *p = rest->at;

	while (p < rest->end && !is_slash(*p) && *p != '?' && *p != '#')
		p++;
	return p;
}

/* Length of "letter, letters and digits and +-." at the start. */
static size_t
scheme_length(const Rest *rest)
{
	const char *p = rest->at;

	if (p == rest->end || !is_letter(*p))
		return 0;
	while (p < rest->end && (is_letter(*p) || is_digit(*p) ||
							 *p == '+' || *p == '-' || *p == '.'))
		p++;
	return (size_t) (p - rest->at);
}

static bool
is_word(const char *s, size_t length, const char *word)
{
	size_t		i;

	if (length != strlen(word))
		return false;
	for (i = 0; i < length; i++)
		if ((s[i] | 0x20) != word[i])
			return false;
	return true;
}

/* Whether nothing but a port stands between the colon and the authority's end. */
static bool
is_port(const char *colon, const char *end)
{
	int			port = 0;
	const char *p;

	for (p = colon + 1; p < end; p++)
	{
		if (!is_digit(*p))
			return false;
		port = port * 10 + (*p - '0');
		if (port > 65535)
			return false;
	}
	return true;
}

/*
 * Moves behind the scheme and its slashes, if there are any; false for a scheme
 * of something else.  Browsers take any number of either slash after "http:".
 * *is_web says that the text was written as an address of the web.
 */
static bool
skip_scheme(Rest *rest, bool *is_web)
{
	size_t		length = scheme_length(rest);
	const char *colon = rest->at + length;

	*is_web = false;
	if (length > 0 && colon < rest->end && *colon == ':')
	{
		if (is_word(rest->at, length, "http") || is_word(rest->at, length, "https"))
			*is_web = true;
		else if (!is_word(rest->at, length, "mailto"))
			return is_port(colon, authority_end(rest));
		rest->at = colon + 1;
	}
	else if (rest->end - rest->at >= 2 && rest->at[0] == '/' && rest->at[1] == '/')
		*is_web = true;
	while (*is_web && rest->at < rest->end && is_slash(*rest->at))
		rest->at++;
	return true;
}

/*
 * Moves behind the last '@' of the authority.  A second one is a part of the
 * password in an address of the web, and elsewhere a second e-mail address.
 */
static bool
skip_user(Rest *authority, bool is_web)
{
	const char *at = authority->end;

	while (at > authority->at && at[-1] != '@')
		at--;
	if (at == authority->at)
		return true;
	if (!is_web && memchr(authority->at, '@', (size_t) (at - 1 - authority->at)) != NULL)
		return false;
	authority->at = at;
	return true;
}

static bool
cut_port(Rest *authority)
{
	const char *colon = memchr(authority->at, ':', (size_t) (authority->end - authority->at));

	if (colon == NULL)
		return true;
	if (!is_port(colon, authority->end))
		return false;
	authority->end = colon;
	return true;
}

/* At least two labels, and a top domain as there are: letters, or an A-label. */
static bool
is_public(const char *host, size_t length)
{
	size_t		start = length;
	size_t		i;

	while (start > 0 && host[start - 1] != '.')
		start--;
	if (start == 0 || length - start < 2)
		return false;
	if (length - start > 4 && memcmp(host + start, "xn--", 4) == 0)
		return true;
	for (i = start; i < length; i++)
		if (!is_letter(host[i]))
			return false;
	return true;
}

/*
 * Writes the host in lower case, with A-labels, and a byte 0 behind it; returns
 * its length, or 0 for what has none.  A leading "www." stays.  utf8 is valid
 * UTF-8 of any length; out has room for CRM_WEB_HOST_SIZE bytes and is not to
 * be read if 0 is returned.
 */
size_t
crm_web_host(const char *utf8, size_t length, char *out)
{
	Rest		rest = {utf8, utf8 + length};
	CrmDomainFault fault;
	bool		is_web;
	size_t		written;

	if (length > CRM_WEB_MAX)
		return 0;
	trim(&rest);
	if (has_control(&rest) || !skip_scheme(&rest, &is_web))
		return 0;
	rest.end = authority_end(&rest);
	if (memchr(rest.at, ' ', (size_t) (rest.end - rest.at)) != NULL ||
		!skip_user(&rest, is_web) || !cut_port(&rest))
		return 0;
	if (rest.end > rest.at && rest.end[-1] == '.')
		rest.end--;
	if (rest.at == rest.end)
		return 0;
	written = crm_domain_to_ascii(rest.at, (size_t) (rest.end - rest.at), out, &fault);
	if (written == 0 || written >= CRM_WEB_HOST_SIZE || !is_public(out, written))
		return 0;
	out[written] = '\0';
	return written;
}
