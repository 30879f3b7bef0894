/*
 * match_fields.c
 *		A contact's columns in the form in which they are compared.
 *
 * Everything is folded as names are: small letters of ASCII without accents where
 * there are any, words divided by one blank.  What carries no information about
 * who somebody is (titles, legal forms, the zeros in front of a phone number) is
 * left out; what cannot be read as what it should be (an address without an @, a
 * number of four digits) is no value at all, and counts neither for nor against.
 */
#include "matching/match_parts.h"

#include "values/company_name.h"

/* Of a company that is known by its key alone. */
#define COMPANY_KEY_DIGITS 20

/* ----------
 * dates
 * ----------
 */

/* Numbers of a date, in the order in which they stand. */
static int
date_numbers(const char *text, size_t length, int *numbers, int *digits)
{
	int			count = 0;
	size_t		i = 0;

	while (i < length && count < 3)
	{
		if (text[i] < '0' || text[i] > '9')
		{
			i++;
			continue;
		}
		numbers[count] = 0;
		digits[count] = 0;
		while (i < length && text[i] >= '0' && text[i] <= '9' && digits[count] < 8)
		{
			numbers[count] = numbers[count] * 10 + (text[i++] - '0');
			digits[count]++;
		}
		count++;
	}
	return count;
}

/* Year, month and day as eight digits; a day that no month has is a slip like any. */
static void
add_birth(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmMatchText *birth = &person->field[CRM_FIELD_BIRTH];
	int			numbers[3];
	int			digits[3];
	int			count = date_numbers(utf8, length, numbers, digits);

	if (count == 1 && digits[0] == 8)
		crm_put_digits(birth->bytes, numbers[0], 8);
	else if (count < 3)
		return;
	else if (digits[0] == 4)
	{
		crm_put_digits(birth->bytes, numbers[0], 4);
		crm_put_digits(birth->bytes + 4, numbers[1], 2);
		crm_put_digits(birth->bytes + 6, numbers[2], 2);
	}
	else if (digits[2] == 4)
	{
		bool		month_leads = numbers[1] > 12;

		crm_put_digits(birth->bytes, numbers[2], 4);
		crm_put_digits(birth->bytes + 4, numbers[month_leads ? 0 : 1], 2);
		crm_put_digits(birth->bytes + 6, numbers[month_leads ? 1 : 0], 2);
	}
	else
		return;
	birth->length = 8;
}

/* ----------
 * companies
 * ----------
 */

static void
add_company(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		normal[CRM_COMPANY_SIZE(CRM_MATCH_RAW_MAX)];
	CrmCompanyForms forms;

	length = crm_company_normalize(utf8, length, false, normal, &forms);
	crm_text_fold(&person->field[CRM_FIELD_COMPANY], normal, length);
}

/*
 * A company's key, which resembles no other company's: 42 and 43 are not one slip
 * apart but twenty digits.
 */
static void
add_company_key(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmMatchText *company = &person->field[CRM_FIELD_COMPANY];
	uint64_t	hash = UINT64_C(14695981039346656037);
	size_t		i;

	for (i = 0; i < length; i++)
		hash = (hash ^ (uint8_t) utf8[i]) * UINT64_C(1099511628211);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	for (i = COMPANY_KEY_DIGITS; i-- > 0; hash /= 10)
		company->bytes[i] = (char) ('0' + hash % 10);
	company->length = COMPANY_KEY_DIGITS;
}

/* ----------
 * columns
 * ----------
 */

/* Column by column, names before the full name. */
void
crm_person_add(CrmMatchPerson *person, CrmMatchColumn column, const char *utf8, size_t length)
{
	if (length > CRM_MATCH_RAW_MAX)
		length = CRM_MATCH_RAW_MAX;
	switch (column)
	{
		case CRM_COLUMN_FIRST_NAME:
			crm_person_add_given(person, utf8, length);
			break;
		case CRM_COLUMN_MIDDLE_NAME:
			crm_person_add_middle(person, utf8, length);
			break;
		case CRM_COLUMN_LAST_NAME:
			crm_person_add_surname(person, utf8, length);
			break;
		case CRM_COLUMN_FULL_NAME:
			crm_person_add_full_name(person, utf8, length);
			break;
		case CRM_COLUMN_EMAIL:
			crm_person_add_email(person, utf8, length);
			break;
		case CRM_COLUMN_PHONE:
			crm_person_add_phone(person, utf8, length);
			break;
		case CRM_COLUMN_BIRTH:
			add_birth(person, utf8, length);
			break;
		case CRM_COLUMN_STREET:
			crm_person_add_street(person, utf8, length);
			break;
		case CRM_COLUMN_CITY:
			crm_text_fold(&person->field[CRM_FIELD_CITY], utf8, length);
			break;
		case CRM_COLUMN_POSTCODE:
			crm_person_add_postcode(person, utf8, length);
			break;
		case CRM_COLUMN_STATE:
			crm_text_fold(&person->field[CRM_FIELD_STATE], utf8, length);
			break;
		case CRM_COLUMN_COUNTRY:
			crm_text_fold(&person->field[CRM_FIELD_COUNTRY], utf8, length);
			break;
		case CRM_COLUMN_COMPANY:
			add_company(person, utf8, length);
			break;
		case CRM_COLUMN_COMPANY_KEY:
			if (length > 0)
				add_company_key(person, utf8, length);
			break;
		case CRM_COLUMN_JOB:
			crm_text_fold(&person->field[CRM_FIELD_JOB], utf8, length);
			break;
		case CRM_COLUMN_GENDER:
			crm_text_fold(&person->field[CRM_FIELD_GENDER], utf8, length);
			if (person->field[CRM_FIELD_GENDER].length > 1)
				person->field[CRM_FIELD_GENDER].length = 1;
			break;
	}
}

void
crm_person_clear(CrmMatchPerson *person)
{
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		person->field[i].length = 0;
	for (i = 0; i < CRM_MATCH_LIST_MAX - 1; i++)
		person->more_emails[i].length = person->more_phones[i].length = 0;
}
