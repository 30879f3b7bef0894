/*
 * match_keys.c
 *		Keys under which a contact's likely duplicates stand in an index.
 *
 * Every key is made of so much that few contacts share it by chance: a phone
 * number, or a postcode and how a surname sounds.  Two contacts that have no key
 * in common are not compared online.
 *
 * The keys stand in indexes.  They are frozen: another set of keys, another value
 * of a key, is another function with another name, and another VERSION.  They
 * depend on nothing but the arguments and the data that is compiled in: no
 * setting, no locale, no table.
 *
 * crm.match_keys is LEAKPROOF, so that the planner may use the index of a table
 * with row-level security.  The proof: its only errors are about the types of
 * its arguments, are raised at the first call before any value is looked at, and
 * do not depend on values.  Values are read by match_values.c, whose header has
 * the proof for reading; what is made of them here and in match_fields.c,
 * match_tokens.c and the workers of values/ is plain C over buffers of fixed
 * size, which raises nothing and sends nothing; the array that is returned has a
 * bounded size.
 */
#include "matching/match_keys.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "utils/array.h"
#include "utils/builtins.h"

#define VERSION 1

/* Letters of a name, or of the user of an address, that stand for both. */
#define LETTERS_MIN 7

const CrmMatchArgument crm_match_arguments[CRM_MATCH_ARGUMENTS] = {
	{"first_name", NULL, CRM_COLUMN_FIRST_NAME},
	{"middle_name", NULL, CRM_COLUMN_MIDDLE_NAME},
	{"last_name", NULL, CRM_COLUMN_LAST_NAME},
	{"full_name", NULL, CRM_COLUMN_FULL_NAME},
	{"email", NULL, CRM_COLUMN_EMAIL},
	{"emails", NULL, CRM_COLUMN_EMAIL},
	{"additional_emails", NULL, CRM_COLUMN_EMAIL},
	{"phone_e164", NULL, CRM_COLUMN_PHONE},
	{"phone", NULL, CRM_COLUMN_PHONE},
	{"phones", NULL, CRM_COLUMN_PHONE},
	{"additional_phones", NULL, CRM_COLUMN_PHONE},
	{"date_of_birth", NULL, CRM_COLUMN_BIRTH},
	{"street", NULL, CRM_COLUMN_STREET},
	{"city", NULL, CRM_COLUMN_CITY},
	{"postal_code", "postcode", CRM_COLUMN_POSTCODE},
	{"state", NULL, CRM_COLUMN_STATE},
	{"country", NULL, CRM_COLUMN_COUNTRY},
	{"company", NULL, CRM_COLUMN_COMPANY},
	{"company_id", NULL, CRM_COLUMN_COMPANY_KEY},
	{"job_title", "occupation", CRM_COLUMN_JOB},
	{"gender", NULL, CRM_COLUMN_GENDER}
};

/* Kinds of keys; their numbers are hashed into them. */
typedef enum KeyKind
{
	KEY_EMAIL = 1,
	KEY_USER,
	KEY_LETTERS,				/* of a name, or of the user of an address */
	KEY_PHONE,
	KEY_BIRTH,
	KEY_BIRTH_INITIALS,
	KEY_SOUND,
	KEY_STREET,
	KEY_GIVEN_COMPANY,
	KEY_SURNAME_COMPANY,
	KEY_GIVEN_POSTCODE,
	KEY_GIVEN_DAY,
	KEY_SURNAME_POSTCODE,
	KEY_SURNAME_CITY
} KeyKind;

typedef struct Keys
{
	int64	   *keys;
	int			count;
} Keys;

/* ----------
 * keys
 * ----------
 */

/* Spreads what is put together over all bits (the last steps of MurmurHash3). */
static uint64
spread(uint64 hash)
{
	hash ^= hash >> 33;
	hash *= UINT64CONST(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	hash *= UINT64CONST(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 33;
}

/* A key of two parts, of which neither may be missing. */
static void
add_key(Keys *keys, KeyKind kind, uint32 first, uint32 second)
{
	uint64		hash;

	if (first == 0 || second == 0 || keys->count == CRM_MATCH_KEYS_MAX)
		return;
	hash = spread(((uint64) first << 32 | second) +
				  (uint64) (VERSION << 8 | kind) * UINT64CONST(0x9E3779B97F4A7C15));
	keys->keys[keys->count++] = (int64) hash;
}

static void
value_of(CrmMatchField field, const CrmMatchText *text, CrmMatchValue *value)
{
	memset(value, 0, sizeof(*value));
	value->bytes = text->bytes;
	value->length = text->length;
	if (text->length > 0)
		crm_value_tokens(field, value);
}

/* A hash of the letters of up to two texts; 0 if there are too few. */
static uint32
letters_token(const char *a, int a_length, const char *b, int b_length)
{
	char		letters[2 * CRM_MATCH_VALUE_MAX];
	int			count = 0;
	int			i;
	uint32		token;

	for (i = 0; i < a_length + b_length; i++)
	{
		unsigned char byte = i < a_length ? a[i] : b[i - a_length];

		if ((byte >= 'a' && byte <= 'z') || byte >= 0x80)
			letters[count++] = (char) byte;
	}
	if (count < LETTERS_MIN)
		return 0;
	token = hash_bytes((const unsigned char *) letters, count);
	return token != 0 ? token : 1;
}

/* The user of an address alone, unless it is one that many have. */
static void
add_email_keys(Keys *keys, const CrmMatchText *text)
{
	CrmMatchValue email;

	value_of(CRM_FIELD_EMAIL, text, &email);
	if (email.token[1] == 0)
	{
		add_key(keys, KEY_EMAIL, email.token[0], 1);
		return;
	}
	add_key(keys, KEY_USER, email.token[1], 1);
	add_key(keys, KEY_LETTERS, letters_token(email.bytes, email.part, "", 0), 1);
}

static void
add_phone_keys(Keys *keys, const CrmMatchText *text)
{
	CrmMatchValue phone;

	value_of(CRM_FIELD_PHONE, text, &phone);
	add_key(keys, KEY_PHONE, phone.token[0], 1);
}

static uint32
letter_token(const CrmMatchValue *value)
{
	return value->length > 0 ? (uint8) value->bytes[0] : 0;
}

static void
add_birth_keys(Keys *keys, const CrmMatchValue *birth, const CrmMatchValue *given,
			   const CrmMatchValue *surname)
{
	uint32		a = letter_token(given);
	uint32		b = letter_token(surname);

	if (birth->length == 0)
		return;
	/* the first of January is what is written where the day is not known */
	if (memcmp(birth->bytes + 4, "0101", 4) != 0)
		add_key(keys, KEY_BIRTH, birth->token[0], 1);
	else if (a != 0 && b != 0)
		add_key(keys, KEY_BIRTH_INITIALS, birth->token[0], Min(a, b) << 8 | Max(a, b));
	add_key(keys, KEY_GIVEN_DAY, birth->token[1], given->token[0]);
}

static void
add_name_keys(Keys *keys, const CrmMatchValue *given, const CrmMatchValue *surname)
{
	uint32		sounds[2] = {given->token[0], given->token[2]};
	uint32		other = surname->token[0];
	int			i;

	for (i = 0; i < 2; i++)
		add_key(keys, KEY_SOUND, Min(sounds[i], other), Max(sounds[i], other));
	if (given->length > 1 && surname->length > 1)
		add_key(keys, KEY_LETTERS, letters_token(given->bytes, given->length,
												 surname->bytes, surname->length), 1);
}

static int
compare_keys(const void *a, const void *b)
{
	int64		p = *(const int64 *) a;
	int64		q = *(const int64 *) b;

	return p < q ? -1 : p > q;
}

/*
 * The keys of a contact, ascending, each once; returns how many.  There is room
 * for CRM_MATCH_KEYS_MAX.
 */
int
crm_person_keys(const CrmMatchPerson *person, int64 *out)
{
	Keys		keys = {out, 0};
	CrmMatchValue given;
	CrmMatchValue surname;
	CrmMatchValue birth;
	CrmMatchValue street;
	CrmMatchValue city;
	CrmMatchValue postcode;
	CrmMatchValue company;
	int			kept = 0;
	int			i;

	value_of(CRM_FIELD_GIVEN, &person->field[CRM_FIELD_GIVEN], &given);
	value_of(CRM_FIELD_SURNAME, &person->field[CRM_FIELD_SURNAME], &surname);
	value_of(CRM_FIELD_BIRTH, &person->field[CRM_FIELD_BIRTH], &birth);
	value_of(CRM_FIELD_STREET, &person->field[CRM_FIELD_STREET], &street);
	value_of(CRM_FIELD_CITY, &person->field[CRM_FIELD_CITY], &city);
	value_of(CRM_FIELD_POSTCODE, &person->field[CRM_FIELD_POSTCODE], &postcode);
	value_of(CRM_FIELD_COMPANY, &person->field[CRM_FIELD_COMPANY], &company);
	for (i = 0; i < CRM_MATCH_LIST_MAX; i++)
	{
		add_email_keys(&keys, i == 0 ? &person->field[CRM_FIELD_EMAIL] : &person->more_emails[i - 1]);
		add_phone_keys(&keys, i == 0 ? &person->field[CRM_FIELD_PHONE] : &person->more_phones[i - 1]);
	}
	add_name_keys(&keys, &given, &surname);
	add_birth_keys(&keys, &birth, &given, &surname);
	add_key(&keys, KEY_STREET, street.token[1], street.token[2]);
	add_key(&keys, KEY_GIVEN_COMPANY, given.token[0], company.token[0]);
	add_key(&keys, KEY_SURNAME_COMPANY, surname.token[0], company.token[0]);
	add_key(&keys, KEY_GIVEN_POSTCODE, given.token[0], postcode.token[0]);
	add_key(&keys, KEY_SURNAME_POSTCODE, surname.token[0], postcode.token[0]);
	if (given.length > 0 && city.token[0] != 0)
		add_key(&keys, KEY_SURNAME_CITY, surname.token[0],
				hash_combine(city.token[0], letter_token(&given)));

	qsort(out, keys.count, sizeof(int64), compare_keys);
	for (i = 0; i < keys.count; i++)
		if (i == 0 || out[i] != out[kept - 1])
			out[kept++] = out[i];
	return kept;
}

/* A bigint[] of keys. */
Datum
crm_keys_datum(const int64 *keys, int count)
{
	Size		size;
	ArrayType  *array;

	if (count == 0)
		return PointerGetDatum(construct_empty_array(INT8OID));
	size = ARR_OVERHEAD_NONULLS(1) + count * sizeof(int64);
	array = palloc0(size);
	SET_VARSIZE(array, size);
	array->ndim = 1;
	array->elemtype = INT8OID;
	ARR_DIMS(array)[0] = count;
	ARR_LBOUND(array)[0] = 1;
	memcpy((char *) array + ARR_OVERHEAD_NONULLS(1), keys, count * sizeof(int64));
	return PointerGetDatum(array);
}

/* ----------
 * the function of SQL
 * ----------
 */

/* How the arguments of one call in a query are read; in fn_mcxt. */
typedef struct Readers
{
	CrmValueKind kind[CRM_MATCH_ARGUMENTS];
} Readers;

static Readers *
readers_of(FunctionCallInfo fcinfo)
{
	Readers    *readers = fcinfo->flinfo->fn_extra;
	int			i;

	if (readers != NULL)
		return readers;
	readers = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Readers));
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
	{
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);

		readers->kind[i] = crm_value_kind(type);
		if (readers->kind[i] == CRM_VALUE_UNREADABLE)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("cannot match contacts by \"%s\" of type %s",
							crm_match_arguments[i].name,
							OidIsValid(type) ? format_type_be(type) : "unknown"),
					 errhint("Cast it to text, date or jsonb.")));
	}
	fcinfo->flinfo->fn_extra = readers;
	return readers;
}

/* The keys of the contact that the arguments make. */
PG_FUNCTION_INFO_V1(crm_match_keys);
Datum
crm_match_keys(PG_FUNCTION_ARGS)
{
	Readers    *readers = readers_of(fcinfo);
	CrmMatchPerson person;
	int64		keys[CRM_MATCH_KEYS_MAX];
	int			i;

	crm_person_clear(&person);
	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (!PG_ARGISNULL(i))
			crm_person_add_datum(&person, crm_match_arguments[i].column,
								 readers->kind[i], PG_GETARG_DATUM(i));
	PG_RETURN_DATUM(crm_keys_datum(keys, crm_person_keys(&person, keys)));
}
