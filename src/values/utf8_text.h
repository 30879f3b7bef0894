/*
 * utf8_text.h
 *		Text values as UTF-8, whatever the database's encoding.
 */
#ifndef CRM_UTF8_TEXT_H
#define CRM_UTF8_TEXT_H

#include "crm.h"

/* A text as UTF-8: the value's own bytes where they serve, else a palloc'd copy. */
typedef struct CrmUtf8Text
{
	const char *bytes;
	size_t		length;
} CrmUtf8Text;

extern bool crm_bytes_to_utf8(const char *bytes, int length, CrmUtf8Text *utf8);
extern text *crm_text_from_utf8(const char *bytes, size_t length);

/* False if the value is no text that UTF-8 could hold; see crm_bytes_to_utf8. */
static inline bool
crm_text_to_utf8(const text *value, CrmUtf8Text *utf8)
{
	return crm_bytes_to_utf8(VARDATA_ANY(value), (int) VARSIZE_ANY_EXHDR(value), utf8);
}

#endif							/* CRM_UTF8_TEXT_H */
