/*
 * company_name.h
 *		Names of companies in the form in which they are compared.
 *
 * Plain C on bytes and a length, without the server's headers, so that the
 * fuzzer compiles the very code that the server runs.
 */
#ifndef CRM_COMPANY_NAME_H
#define CRM_COMPANY_NAME_H

#include <stdbool.h>
#include <stddef.h>

/* Room that crm_company_normalize needs for a name of length bytes. */
#define CRM_COMPANY_SIZE(length)	(3 * (length) + 8)

/* Legal forms that are remembered of one name; more are stripped. */
#define CRM_COMPANY_MAX_FORMS	4

/* Room for the legal forms of one name, with the byte 0 behind them. */
#define CRM_COMPANY_FORMS_SIZE	128

/*
 * The legal forms stripped from a name, as places in the table of names: those
 * at its start, in order, and those at its end, the last one first.
 */
typedef struct CrmCompanyForms
{
	unsigned short at_start[CRM_COMPANY_MAX_FORMS];
	unsigned short at_end[CRM_COMPANY_MAX_FORMS];
	int			start_count;
	int			end_count;
} CrmCompanyForms;

/* Version of the table of legal forms, for crm.versions(). */
extern const char crm_legal_forms_version[];

extern size_t crm_company_normalize(const char *name, size_t length, bool ascii_only,
									char *out, CrmCompanyForms *forms);
extern size_t crm_company_forms_text(const CrmCompanyForms *forms, char *out);

#endif							/* CRM_COMPANY_NAME_H */
