/*
 * page_token.h
 *		The place of an event in a timeline, and its form for clients.
 */
#ifndef CRM_PAGE_TOKEN_H
#define CRM_PAGE_TOKEN_H

#include "crm.h"

#include "datatype/timestamp.h"

/*
 * A timeline is ordered newest first by time, source and key, each descending:
 * sources by the bytes of their names, keys as integers or by their bytes.
 * Events without a time come last.
 */
typedef struct CrmPlace
{
	bool		has_time;
	bool		is_integer;		/* of the two keys, which it has */
	TimestampTz at;
	const char *source;
	int64		integer_key;
	const char *text_key;
} CrmPlace;

extern int	crm_compare_places(const CrmPlace *a, const CrmPlace *b);
extern char *crm_make_page_token(const CrmPlace *place, uint64 timeline);
extern void crm_read_page_token(const char *token, uint64 timeline, CrmPlace *place);

#endif							/* CRM_PAGE_TOKEN_H */
