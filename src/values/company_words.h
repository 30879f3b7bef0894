/*
 * company_words.h
 *		The words of a company's name, as company_name.c strips them.
 *
 * Each word stands behind a mark: a control character whose low bits say how
 * the word was written.  Words are ASCII letters and digits in lower case, and
 * characters of other scripts.
 */
#ifndef CRM_COMPANY_WORDS_H
#define CRM_COMPANY_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define CRM_MARK			0x10
#define CRM_MARK_DOTTED		1	/* a letter with a dot or slash, or such letters */
#define CRM_MARK_CYRILLIC	2
#define CRM_MARK_QUOTED		4	/* stood behind a quotation mark */
#define CRM_IS_MARK(c)		((unsigned char) (c) < 0x20)

/* Whether a word of one letter stands behind the mark at p. */
static inline bool
crm_is_initial(const char *p, const char *end)
{
	return end - p >= 2 && p[1] >= 'a' && p[1] <= 'z' &&
		(end - p == 2 || CRM_IS_MARK(p[2]));
}

/* Whether the word behind a mark begins as "and" does; a mark must follow it. */
static inline bool
crm_is_and(const char *mark)
{
	return memcmp(mark + 1, "and", 3) == 0;
}

extern char *crm_company_words(const char *name, size_t length, bool ascii_only, char *out);

#endif							/* CRM_COMPANY_WORDS_H */
