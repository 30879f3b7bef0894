/*
 * phone_parse.h
 *		Telephone numbers without libphonenumber; see phone_parse.c.
 */
#ifndef CRM_PHONE_PARSE_H
#define CRM_PHONE_PARSE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Longest text that is looked at, in octets of UTF-8.  No number needs more,
 * and libphonenumber's time grows with the square of the length.
 */
#define CRM_PHONE_MAX_LENGTH	128

/* ITU-T E.164: '+' and the digits of an international number. */
#define CRM_E164_MIN_DIGITS		7
#define CRM_E164_MAX_DIGITS		15
#define CRM_E164_SIZE			(CRM_E164_MAX_DIGITS + 2)

/* libphonenumber reads at most 20 digits. */
#define CRM_PHONE_EXTENSION_SIZE	24

/* Why a text is no telephone number; crm_phone_flaw_text has the words. */
typedef enum CrmPhoneFlaw
{
	CRM_PHONE_FINE,
	CRM_PHONE_LONG_TEXT,
	CRM_PHONE_NOT_TEXT,
	CRM_PHONE_CONTROL,
	CRM_PHONE_NOT_A_NUMBER,
	CRM_PHONE_NO_REGION,
	CRM_PHONE_UNKNOWN_REGION,
	CRM_PHONE_UNKNOWN_CODE,
	CRM_PHONE_TOO_SHORT,
	CRM_PHONE_TOO_LONG,
	CRM_PHONE_WRONG_LENGTH,
	CRM_PHONE_NO_AREA_CODE,
	CRM_PHONE_NOT_E164,
	CRM_PHONE_UNDECIDED			/* only libphonenumber can say */
} CrmPhoneFlaw;

/* A number as our own table of calling codes reads it. */
typedef struct CrmTablePhone
{
	int			calling_code;
	char		e164[CRM_E164_SIZE];
	char		extension[CRM_PHONE_EXTENSION_SIZE];
} CrmTablePhone;

extern const char crm_calling_codes_version[];
extern const char crm_phone_table_version[];

extern bool crm_phone_is_e164(const char *s, size_t length);
extern const char *crm_phone_flaw_text(CrmPhoneFlaw flaw);
extern CrmPhoneFlaw crm_phone_clean(const char *utf8, size_t length,
									char *clean, size_t *clean_length);
extern bool crm_phone_is_international(const char *clean, size_t length);
extern bool crm_phone_plain(const char *clean, size_t length,
							char *plain, size_t *plain_length, char *extension);
extern CrmPhoneFlaw crm_phone_by_table(const char *clean, size_t length,
									   CrmTablePhone *phone);

#endif							/* CRM_PHONE_PARSE_H */
