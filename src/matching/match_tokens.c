/*
 * match_tokens.c
 *		Keys under which a contact's likely duplicates are found.
 *
 * What depends on a value alone is worked out once for each distinct value; a
 * record's keys are put together from its values'.  A key is a hash; 0 is none.
 * Two that meet by chance cost a comparison, no more.
 */
#include "matching/match_set.h"

#include "common/hashfn.h"
#include "values/given_names.h"
#include "values/free_mail.h"
#include "values/name_keys.h"
#include "values/utf8.h"

/* Keys of a record by kind: where they begin. */
const uint8 crm_token_first[CRM_TOKEN_KINDS + 1] = {
	0,							/* email: 2 */
	2,							/* user: 2 */
	4,							/* phone: 2 */
	6,							/* surname: 2 */
	8,							/* given: 2 */
	10,							/* sound: 2 */
	12,							/* name */
	13,							/* birth */
	14,							/* street */
	15,							/* company */
	16,							/* postcode */
	17,							/* city */
	18,							/* day */
	19,							/* year */
	20,							/* initials */
	21,							/* job */
	22							/* the rest is empty */
};

/* Digits at the end of a number that two spellings of it share. */
#define PHONE_TAIL 7

/* A shorter user of an address is shared by too many. */
#define USER_MIN 4

static uint32
token_of(const char *bytes, size_t length)
{
	uint32		hash = hash_bytes((const unsigned char *) bytes, (int) length);

	return hash != 0 ? hash : 1;
}

static uint32
combined(uint32 a, uint32 b)
{
	uint32		hash = hash_combine(a, b);

	if (a == 0 || b == 0)
		return 0;
	return hash != 0 ? hash : 1;
}

static uint32
combined_unordered(uint32 a, uint32 b)
{
	return a < b ? combined(a, b) : combined(b, a);
}

/* ----------
 * values
 * ----------
 */

/*
 * Which letters a text has, one bit each; those beyond a to z share six.  One letter
 * more or less is a bit at most, one exchanged for another two.
 */
static uint32
letters_of(const char *bytes, size_t length)
{
	const char *end = bytes + length;
	uint32		letters = 0;

	while (bytes < end)
	{
		int32		letter = crm_utf8_next(&bytes, end);

		if (letter < 0)
			letter = (unsigned char) *bytes++;
		letters |= UINT32_C(1) << (letter >= 'a' && letter <= 'z' ? letter - 'a' : 26 + letter % 6);
	}
	return letters;
}

/* The first letter of a name, whatever the script; 0 if there is none. */
uint32
crm_initial_of(const CrmMatchValue *value)
{
	const char *p = value->bytes;
	int32		letter;

	if (value->length == 0)
		return 0;
	letter = crm_utf8_next(&p, value->bytes + value->length);
	return letter > 0 ? (uint32) letter : (unsigned char) value->bytes[0];
}

/* Up to sixteen digits, the first in the lowest four bits, each plus one. */
static uint64
digits_of(const char *bytes, size_t length)
{
	uint64		digits = 0;
	size_t		i;

	Assert(length <= 16);
	for (i = 0; i < length; i++)
		digits |= (uint64) (bytes[i] - '0' + 1) << (4 * i);
	return digits;
}

/* As it sounds, by up to the first four keys of its words. */
static void
sound_tokens(CrmMatchValue *value)
{
	CrmNameKey	keys[CRM_VALUE_TOKENS];
	int			count = crm_name_keys(value->bytes, value->length, keys, CRM_VALUE_TOKENS);
	int			i;

	for (i = 0; i < count; i++)
		value->token[i] = token_of(keys[i].bytes, strlen(keys[i].bytes));
	if (count == 0)
		value->token[0] = token_of(value->bytes, value->length);
}

/* How the likeliest longer name sounds that a given name stands for: the last token. */
static void
given_tokens(CrmMatchValue *value)
{
	CrmGivenNameCursor cursor;
	CrmGivenNameVariant variant;
	CrmGivenNameVariant best = {NULL, 0, 0};

	sound_tokens(value);
	crm_given_name_variants_begin(&cursor, value->bytes, value->length);
	while (crm_given_name_variants_next(&cursor, &variant))
		if (variant.weight > best.weight ||
			(variant.weight == best.weight && best.name != NULL &&
			 variant.length > best.length))
			best = variant;
	value->token[2] = 0;
	value->token[3] = token_of(value->bytes, value->length);
	if (best.name != NULL)
	{
		CrmNameKey	key;

		if (crm_name_keys(best.name, best.length, &key, 1) > 0)
			value->token[2] = token_of(key.bytes, strlen(key.bytes));
	}
}

/* Mailboxes of an office, not of a person. */
static bool
is_role(const char *user, size_t length)
{
	static const char *const roles[] = {
		"info", "sales", "contact", "office", "admin", "support", "hello", "mail",
		"noreply", "service", "team", "webmaster", "accounts", "billing", "help",
		"kontakt", "enquiries", "marketing", "post", "test", "none", "unknown"
	};
	int			i;

	for (i = 0; i < (int) lengthof(roles); i++)
		if (strlen(roles[i]) == length && memcmp(roles[i], user, length) == 0)
			return true;
	return false;
}

static void
email_tokens(CrmMatchValue *value)
{
	const char *at = memchr(value->bytes, '@', value->length);
	size_t		user = at != NULL ? at - value->bytes : value->length;
	size_t		i;
	char		letters[CRM_MATCH_VALUE_MAX];
	size_t		count = 0;

	value->part = (uint8) user;
	value->letters = letters_of(value->bytes, user);
	value->token[0] = token_of(value->bytes, value->length);
	if (is_role(value->bytes, user))
		value->flags |= CRM_VALUE_SHARED;
	else
	{
		for (i = 0; i < user; i++)
			if (value->bytes[i] != '.' && value->bytes[i] != '_' && value->bytes[i] != '-')
				letters[count++] = value->bytes[i];
		if (count >= USER_MIN)
			value->token[1] = token_of(letters, count);
	}
	if (at != NULL && user + 1 < value->length &&
		!crm_is_free_mail_domain(at + 1, value->length - user - 1))
		value->token[2] = token_of(at + 1, value->length - user - 1);
}

static void
phone_tokens(CrmMatchValue *value)
{
	int			tail = Min(PHONE_TAIL, value->length);

	value->token[0] = token_of(value->bytes + value->length - tail, tail);
}

static void
birth_tokens(CrmMatchValue *value)
{
	const char *month = value->bytes + 4;
	const char *day = value->bytes + 6;
	char		unordered[4];
	bool		day_first = memcmp(day, month, 2) < 0;

	memcpy(unordered, day_first ? day : month, 2);
	memcpy(unordered + 2, day_first ? month : day, 2);
	value->token[0] = token_of(value->bytes, value->length);
	value->token[1] = token_of(unordered, 4);
	value->token[2] = token_of(value->bytes, 4);
}

/* The number, and the letters of the longest word. */
static void
street_tokens(CrmMatchValue *value)
{
	size_t		longest = 0;
	size_t		length = 0;
	size_t		number = 0;
	size_t		number_length = 0;
	size_t		i = 0;

	while (i < value->length)
	{
		size_t		start = i;

		while (i < value->length && value->bytes[i] != ' ')
			i++;
		if (value->bytes[start] >= '0' && value->bytes[start] <= '9')
		{
			if (number_length == 0)
			{
				number = start;
				number_length = i - start;
			}
		}
		else if (i - start > length)
		{
			longest = start;
			length = i - start;
		}
		i++;
	}
	value->token[0] = token_of(value->bytes, value->length);
	value->token[1] = number_length > 0 ? token_of(value->bytes + number, number_length) : 0;
	value->token[2] = length > 0 ? token_of(value->bytes + longest, length) : 0;
}

void
crm_value_tokens(CrmMatchField field, CrmMatchValue *value)
{
	value->letters = letters_of(value->bytes, value->length);
	if (memchr(value->bytes, ' ', value->length) != NULL)
		value->flags |= CRM_VALUE_WORDS;
	if (crm_ascii_prefix(value->bytes, value->length) < value->length)
		value->flags |= CRM_VALUE_WIDE;
	switch (field)
	{
		case CRM_FIELD_GIVEN:
			given_tokens(value);
			break;
		case CRM_FIELD_SURNAME:
			sound_tokens(value);
			break;
		case CRM_FIELD_EMAIL:
			email_tokens(value);
			break;
		case CRM_FIELD_PHONE:
			phone_tokens(value);
			break;
		case CRM_FIELD_BIRTH:
			birth_tokens(value);
			break;
		case CRM_FIELD_STREET:
			street_tokens(value);
			break;
		case CRM_FIELD_COMPANY:
			sound_tokens(value);
			break;
		default:
			value->token[0] = token_of(value->bytes, value->length);
			break;
	}
}

/* ----------
 * records
 * ----------
 */

/* Of more values than there is room for keys of, the commonest has none. */
static void
list_tokens(const CrmMatchSet *set, CrmMatchRecord *record, CrmMatchField field,
			const uint32 *more, int token, CrmTokenKind kind)
{
	const CrmMatchValue *values[CRM_MATCH_LIST_MAX];
	uint32	   *out = &record->token[crm_token_first[kind]];
	int			commonest = CRM_MATCH_LIST_MAX - 1;
	int			count = 0;
	int			i;

	values[0] = crm_match_value(set, field, record->value[field]);
	for (i = 1; i < CRM_MATCH_LIST_MAX; i++)
		values[i] = crm_match_value(set, field, more[i - 1]);
	for (i = CRM_MATCH_LIST_MAX - 1; i >= 0 && more[CRM_MATCH_LIST_MAX - 2] != 0; i--)
		if (values[i]->rarity < values[commonest]->rarity)
			commonest = i;
	for (i = 0; i < CRM_MATCH_LIST_MAX; i++)
		if (i != commonest)
			out[count++] = values[i]->token[token];
}

/* Once it is known how rare values are: keys of records with long lists. */
void
crm_record_list_tokens(const CrmMatchSet *set, CrmMatchRecord *record)
{
	list_tokens(set, record, CRM_FIELD_EMAIL, record->more_emails, 0, CRM_TOKEN_EMAIL);
	list_tokens(set, record, CRM_FIELD_EMAIL, record->more_emails, 1, CRM_TOKEN_USER);
	list_tokens(set, record, CRM_FIELD_PHONE, record->more_phones, 0, CRM_TOKEN_PHONE);
}

/* What of a record's values is compared before they are. */
static void
record_marks(const CrmMatchSet *set, CrmMatchRecord *record)
{
	const CrmMatchValue *email = crm_match_value(set, CRM_FIELD_EMAIL, record->value[CRM_FIELD_EMAIL]);
	const CrmMatchValue *phone = crm_match_value(set, CRM_FIELD_PHONE, record->value[CRM_FIELD_PHONE]);
	const CrmMatchValue *birth = crm_match_value(set, CRM_FIELD_BIRTH, record->value[CRM_FIELD_BIRTH]);
	const CrmMatchValue *street = crm_match_value(set, CRM_FIELD_STREET, record->value[CRM_FIELD_STREET]);

	record->email_letters = email->letters;
	record->email_domain = email->token[2];
	record->phone = digits_of(phone->bytes, phone->length);
	record->birth = digits_of(birth->bytes, birth->length);
	record->street_letters = street->letters;
	record->street_length = street->length;
}

void
crm_record_tokens(const CrmMatchSet *set, CrmMatchRecord *record)
{
	const CrmMatchValue *given = crm_match_value(set, CRM_FIELD_GIVEN, record->value[CRM_FIELD_GIVEN]);
	const CrmMatchValue *surname = crm_match_value(set, CRM_FIELD_SURNAME, record->value[CRM_FIELD_SURNAME]);
	const CrmMatchValue *birth = crm_match_value(set, CRM_FIELD_BIRTH, record->value[CRM_FIELD_BIRTH]);
	const CrmMatchValue *street = crm_match_value(set, CRM_FIELD_STREET, record->value[CRM_FIELD_STREET]);
	uint32	   *out = record->token;

	record_marks(set, record);
#define SLOT(kind, i) out[crm_token_first[kind] + (i)]
	crm_record_list_tokens(set, record);
	SLOT(CRM_TOKEN_NAME, 0) = combined_unordered(given->token[3],
												 surname->length > 0 ? token_of(surname->bytes, surname->length) : 0);
	SLOT(CRM_TOKEN_BIRTH, 0) = birth->token[0];
	SLOT(CRM_TOKEN_DAY, 0) = birth->token[1];
	SLOT(CRM_TOKEN_YEAR, 0) = birth->token[2];
	SLOT(CRM_TOKEN_STREET, 0) = combined(street->token[1], street->token[2]);
	SLOT(CRM_TOKEN_SURNAME, 0) = surname->token[0];
	SLOT(CRM_TOKEN_SURNAME, 1) = surname->token[1];
	SLOT(CRM_TOKEN_GIVEN, 0) = given->token[0];
	SLOT(CRM_TOKEN_GIVEN, 1) = given->token[2];
	SLOT(CRM_TOKEN_SOUND, 0) = combined_unordered(given->token[0], surname->token[0]);
	SLOT(CRM_TOKEN_SOUND, 1) = combined_unordered(given->token[2], surname->token[0]);
	SLOT(CRM_TOKEN_COMPANY, 0) = crm_match_value(set, CRM_FIELD_COMPANY, record->value[CRM_FIELD_COMPANY])->token[0];
	SLOT(CRM_TOKEN_POSTCODE, 0) = crm_match_value(set, CRM_FIELD_POSTCODE, record->value[CRM_FIELD_POSTCODE])->token[0];
	SLOT(CRM_TOKEN_CITY, 0) = crm_match_value(set, CRM_FIELD_CITY, record->value[CRM_FIELD_CITY])->token[0];
	if (given->length > 0 && surname->length > 0)
		SLOT(CRM_TOKEN_INITIALS, 0) = combined_unordered(crm_initial_of(given), crm_initial_of(surname));
	SLOT(CRM_TOKEN_JOB, 0) = crm_match_value(set, CRM_FIELD_JOB, record->value[CRM_FIELD_JOB])->token[0];
#undef SLOT
}
