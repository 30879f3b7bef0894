/*
 * email_parse.h
 *		The workers behind crm.is_email and crm.normalize_email.
 *
 * Plain C on bytes and a length, without the server's headers, so that the
 * fuzzer compiles the very code that the server runs.
 */
#ifndef CRM_EMAIL_PARSE_H
#define CRM_EMAIL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define CRM_EMAIL_MAX_LOCAL		64
#define CRM_EMAIL_MAX_LABEL		63
#define CRM_EMAIL_MAX_DOMAIN	253
#define CRM_EMAIL_MAX			254

static inline bool
crm_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
crm_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* RFC 5322 atext */
static inline bool
crm_is_atext(char c)
{
	return crm_is_letter(c) || crm_is_digit(c) ||
		(c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL);
}

/* Length of the dot-atom at the start, 0 if there is none before '@'. */
static inline size_t
crm_email_local_length(const char *s, size_t length)
{
	bool		atom_open = false;
	size_t		i;

	for (i = 0; i < length && s[i] != '@'; i++)
	{
		if (s[i] == '.')
		{
			if (!atom_open)
				return 0;
			atom_open = false;
		}
		else if (crm_is_atext(s[i]))
			atom_open = true;
		else
			return 0;
	}
	return (i < length && atom_open) ? i : 0;
}

/* One label: letters, digits and inner hyphens. */
static inline bool
crm_email_is_label(const char *s, size_t length)
{
	size_t		i;

	if (length == 0 || length > CRM_EMAIL_MAX_LABEL ||
		s[0] == '-' || s[length - 1] == '-')
		return false;
	for (i = 0; i < length; i++)
		if (!crm_is_letter(s[i]) && !crm_is_digit(s[i]) && s[i] != '-')
			return false;
	return true;
}

static inline bool
crm_email_is_number(const char *s, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		if (!crm_is_digit(s[i]))
			return false;
	return true;
}

/* At least two labels, the last one no number. */
static inline bool
crm_email_is_domain(const char *s, size_t length)
{
	size_t		start = 0;
	size_t		labels = 1;
	size_t		i;

	if (length > CRM_EMAIL_MAX_DOMAIN)
		return false;
	for (i = 0; i < length; i++)
	{
		if (s[i] != '.')
			continue;
		if (!crm_email_is_label(s + start, i - start))
			return false;
		start = i + 1;
		labels++;
	}
	return labels >= 2 &&
		crm_email_is_label(s + start, length - start) &&
		!crm_email_is_number(s + start, length - start);
}

static inline bool
crm_email_is_valid(const char *s, size_t length)
{
	size_t		local;

	if (length > CRM_EMAIL_MAX)
		return false;
	local = crm_email_local_length(s, length);
	return local > 0 && local <= CRM_EMAIL_MAX_LOCAL &&
		crm_email_is_domain(s + local + 1, length - local - 1);
}

/* ASCII letters to lower case, in place. */
static inline void
crm_email_fold(char *s, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		if (s[i] >= 'A' && s[i] <= 'Z')
			s[i] += 'a' - 'A';
}

#endif							/* CRM_EMAIL_PARSE_H */
