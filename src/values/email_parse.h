/*
 * email_parse.h
 *		The workers behind crm.is_email and its relatives.
 *
 * Plain C on UTF-8 bytes and a length, without the server's headers, memory,
 * locale or libraries, so that the fuzzer compiles the very code that the
 * server runs.  The bytes need not be valid: that is a fault like others.
 */
#ifndef CRM_EMAIL_PARSE_H
#define CRM_EMAIL_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "values/domain_name.h"

/* In octets of UTF-8 (RFC 5321, 4.5.3.1, with erratum 1690). */
#define CRM_EMAIL_MAX_LOCAL	64
#define CRM_EMAIL_MAX		254

/* What a text was refused for. */
typedef enum CrmEmailRule
{
	CRM_EMAIL_EMPTY = 1,
	CRM_EMAIL_TOO_LONG,
	CRM_EMAIL_NOT_TEXT,
	CRM_EMAIL_NO_AT,
	CRM_EMAIL_NO_LOCAL,
	CRM_EMAIL_LOCAL_DOT_FIRST,
	CRM_EMAIL_LOCAL_DOT_DOUBLE,
	CRM_EMAIL_LOCAL_DOT_LAST,
	CRM_EMAIL_LOCAL_BLANK,
	CRM_EMAIL_LOCAL_CONTROL,
	CRM_EMAIL_LOCAL_SPECIAL,
	CRM_EMAIL_LOCAL_REFUSED,
	CRM_EMAIL_LOCAL_TOO_LONG,
	CRM_EMAIL_LOCAL_NORMAL_TOO_LONG,
	CRM_EMAIL_QUOTE_EMPTY,
	CRM_EMAIL_QUOTE_OPEN,
	CRM_EMAIL_QUOTE_BACKSLASH,
	CRM_EMAIL_QUOTE_BEHIND,
	CRM_EMAIL_SECOND_AT,
	CRM_EMAIL_NO_DOMAIN,
	CRM_EMAIL_LITERAL,
	CRM_EMAIL_DOMAIN,			/* see domain_rule */
	CRM_EMAIL_DOMAIN_ONE_LABEL,
	CRM_EMAIL_DOMAIN_NUMBER,
	CRM_EMAIL_NORMAL_TOO_LONG
} CrmEmailRule;

/* Where: the byte of the text at which it shows, at most its length. */
typedef struct CrmEmailFault
{
	CrmEmailRule rule;
	CrmDomainRule domain_rule;
	size_t		offset;
} CrmEmailFault;

/*
 * Whether the caller's encoding has a character; NULL where every character of
 * Unicode will do.
 */
typedef bool (*CrmHasCharacter) (int32_t c);

extern bool crm_email_diagnose(const char *address, size_t length, CrmEmailFault *fault);
extern const char *crm_email_fault_text(const CrmEmailFault *fault);
extern size_t crm_email_fault_position(const char *address, size_t length,
									   const CrmEmailFault *fault);
extern size_t crm_email_normalize(const char *address, size_t length, char *out,
								  CrmHasCharacter has);
extern size_t crm_email_domain_start(const char *address, size_t length);

/* mail_providers.c */
extern const char crm_mail_providers_version[];
extern size_t crm_email_key(const char *normal, size_t length, char *out);

#endif							/* CRM_EMAIL_PARSE_H */
