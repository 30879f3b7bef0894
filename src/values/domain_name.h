/*
 * domain_name.h
 *		Names of hosts: from what people write to lower-case A-labels.
 *
 * Plain C on UTF-8 bytes and a length, without the server's headers, memory,
 * locale or libraries.
 */
#ifndef CRM_DOMAIN_NAME_H
#define CRM_DOMAIN_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Longest name in A-labels, in octets. */
#define CRM_DOMAIN_MAX 253

/* The version of the data, for reports. */
extern const char crm_domain_chars_version[];

/* What a name was refused for. */
typedef enum CrmDomainRule
{
	CRM_DOMAIN_EMPTY = 1,
	CRM_DOMAIN_TOO_LONG,
	CRM_DOMAIN_NOT_UTF8,
	CRM_DOMAIN_DOT_FIRST,
	CRM_DOMAIN_DOT_DOUBLE,
	CRM_DOMAIN_DOT_LAST,
	CRM_DOMAIN_BLANK,
	CRM_DOMAIN_CHARACTER,
	CRM_DOMAIN_LABEL_TOO_LONG,
	CRM_DOMAIN_HYPHEN_FIRST,
	CRM_DOMAIN_HYPHEN_LAST,
	CRM_DOMAIN_HYPHENS,
	CRM_DOMAIN_PUNYCODE,
	CRM_DOMAIN_MARK_FIRST,
	CRM_DOMAIN_JOINER,
	CRM_DOMAIN_BIDI
} CrmDomainRule;

/* Where: the byte of the given name at which it shows, at most its length. */
typedef struct CrmDomainFault
{
	CrmDomainRule rule;
	size_t		offset;
} CrmDomainFault;

extern size_t crm_domain_to_ascii(const char *domain, size_t length, char *out,
								  CrmDomainFault *fault);
extern bool crm_domain_check_ascii(const char *domain, size_t length,
								   CrmDomainFault *fault);
extern bool crm_domain_ends_in_number(const char *domain, size_t length);
extern const char *crm_domain_fault_text(CrmDomainRule rule);

#endif							/* CRM_DOMAIN_NAME_H */
