/*
 * match_fields.h
 *		What of a contact is compared, and in which form.
 *
 * Plain C on UTF-8 and lengths, without the server's headers, without allocation.
 * A value in its comparable form has at most CRM_MATCH_VALUE_MAX bytes: what is
 * longer is cut there, so that nothing that is done with it depends on how much a
 * user typed.
 */
#ifndef CRM_MATCH_FIELDS_H
#define CRM_MATCH_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The columns of a contact that matching knows, by what they mean. */
typedef enum CrmMatchColumn
{
	CRM_COLUMN_FIRST_NAME,
	CRM_COLUMN_MIDDLE_NAME,
	CRM_COLUMN_LAST_NAME,
	CRM_COLUMN_FULL_NAME,
	CRM_COLUMN_EMAIL,
	CRM_COLUMN_PHONE,
	CRM_COLUMN_BIRTH,
	CRM_COLUMN_STREET,
	CRM_COLUMN_CITY,
	CRM_COLUMN_POSTCODE,
	CRM_COLUMN_STATE,
	CRM_COLUMN_COUNTRY,
	CRM_COLUMN_COMPANY,
	CRM_COLUMN_JOB,
	CRM_COLUMN_GENDER,
	CRM_COLUMN_COMPANY_KEY		/* whatever tells companies apart */
} CrmMatchColumn;

#define CRM_MATCH_COLUMNS (CRM_COLUMN_COMPANY_KEY + 1)

/* What a contact is compared by. */
typedef enum CrmMatchField
{
	CRM_FIELD_GIVEN,			/* the name somebody is called by */
	CRM_FIELD_SURNAME,
	CRM_FIELD_MIDDLE,			/* other given names, or their initials */
	CRM_FIELD_GENERATION,		/* jr, sr, ii, iii */
	CRM_FIELD_EMAIL,
	CRM_FIELD_PHONE,
	CRM_FIELD_BIRTH,			/* eight digits */
	CRM_FIELD_STREET,
	CRM_FIELD_CITY,
	CRM_FIELD_POSTCODE,
	CRM_FIELD_STATE,
	CRM_FIELD_COUNTRY,
	CRM_FIELD_COMPANY,
	CRM_FIELD_JOB,
	CRM_FIELD_GENDER
} CrmMatchField;

#define CRM_MATCH_FIELDS (CRM_FIELD_GENDER + 1)

/* Longest comparable value, in bytes: one machine word of characters of ASCII. */
#define CRM_MATCH_VALUE_MAX 64

/* Of a column longer than this only so much is looked at. */
#define CRM_MATCH_RAW_MAX 256

/* So many e-mail addresses, and phone numbers, of one contact are compared. */
#define CRM_MATCH_LIST_MAX 3

/* A comparable value; of length 0 if there is none. */
typedef struct CrmMatchText
{
	uint8_t		length;
	char		bytes[CRM_MATCH_VALUE_MAX];
} CrmMatchText;

/* A contact in the form in which it is compared. */
typedef struct CrmMatchPerson
{
	CrmMatchText field[CRM_MATCH_FIELDS];
	CrmMatchText more_emails[CRM_MATCH_LIST_MAX - 1];
	CrmMatchText more_phones[CRM_MATCH_LIST_MAX - 1];
} CrmMatchPerson;

extern void crm_person_clear(CrmMatchPerson *person);
extern void crm_person_add(CrmMatchPerson *person, CrmMatchColumn column,
						   const char *utf8, size_t length);

#endif							/* CRM_MATCH_FIELDS_H */
