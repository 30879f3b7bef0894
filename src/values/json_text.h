/*
 * json_text.h
 *		Tokens of a JSON text, for workers that touch no server state.
 *
 * Plain C without the server's headers.  The text is what the server's type json
 * holds, as UTF-8: it has been checked for its syntax.  Of what has not, tokens come
 * out that make no sense, and the reader stops at the end all the same.
 */
#ifndef CRM_JSON_TEXT_H
#define CRM_JSON_TEXT_H

#include <stddef.h>

typedef enum CrmJsonKind
{
	CRM_JSON_END,
	CRM_JSON_OBJECT,			/* its members follow, names and values by turns */
	CRM_JSON_ARRAY,
	CRM_JSON_CLOSE,				/* of either */
	CRM_JSON_STRING,
	CRM_JSON_NUMBER,
	CRM_JSON_OTHER				/* true, false, null */
} CrmJsonKind;

/* Bytes of the text: of a string those between its quotes, with its escapes. */
typedef struct CrmJsonToken
{
	CrmJsonKind kind;
	const char *bytes;
	size_t		length;
} CrmJsonToken;

/* What crm_json_string returns for a string that is no text. */
#define CRM_JSON_NO_TEXT ((size_t) -1)

extern CrmJsonKind crm_json_next(const char **next, const char *end, CrmJsonToken *token);
extern void crm_json_skip(const char **next, const char *end);
extern size_t crm_json_string(const CrmJsonToken *string, char *out, size_t room);

#endif							/* CRM_JSON_TEXT_H */
