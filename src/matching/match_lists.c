/*
 * match_lists.c
 *		Lists of texts as values of a contact.
 *
 * A list is an array of text, or jsonb: a string, an array of strings, or objects
 * that have the value under one of a few names.  What else such an object says
 * (a label, whether the address is the main one) is not looked at.  No value is an
 * error: what cannot be read is no value.  Values of the type json are read by
 * match_json.c.
 */
#include "matching/match_values.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

/* Digits that a number has at least, where nothing but its look tells that it is one. */
#define NUMBER_DIGITS 6

static void add_container(CrmMatchPerson *person, CrmMatchColumn column,
						  JsonbContainer *container, int depth);

/* ----------
 * jsonb
 * ----------
 */

/* Names under which an object of a list has its value, the likeliest first. */
static const char *const email_keys[] = {"email", "value", "address", "email_address", "mail", NULL};
static const char *const phone_keys[] = {
	"e164", "phone_e164", "phone", "value", "number", "phone_number", "tel", NULL
};
static const char *const other_keys[] = {"value", "name", NULL};

StaticAssertDecl(lengthof(email_keys) <= CRM_LIST_KEYS_MAX + 1 &&
				 lengthof(phone_keys) <= CRM_LIST_KEYS_MAX + 1, "names of a list's values");

const char *const *
crm_list_keys(CrmMatchColumn column)
{
	switch (column)
	{
		case CRM_COLUMN_EMAIL:
			return email_keys;
		case CRM_COLUMN_PHONE:
			return phone_keys;
		default:
			return other_keys;
	}
}

/* Whether a string of an object can be nothing else than the value looked for. */
bool
crm_looks_like_value(CrmMatchColumn column, const char *bytes, int length)
{
	int			digits = 0;
	int			i;

	if (column == CRM_COLUMN_EMAIL)
		return memchr(bytes, '@', length) != NULL;
	if (column != CRM_COLUMN_PHONE)
		return false;
	for (i = 0; i < length; i++)
		if (bytes[i] >= '0' && bytes[i] <= '9')
			digits++;
		else if ((bytes[i] >= 'a' && bytes[i] <= 'z') || (bytes[i] >= 'A' && bytes[i] <= 'Z'))
			return false;
	return digits >= NUMBER_DIGITS;
}

/* A string or a number; false if it is neither. */
static bool
add_scalar(CrmMatchPerson *person, CrmMatchColumn column, const JsonbValue *value)
{
	char	   *digits;

	if (value->type == jbvString)
		crm_person_add_bytes(person, column, value->val.string.val, value->val.string.len);
	else if (value->type == jbvNumeric)
	{
		digits = DatumGetCString(DirectFunctionCall1(numeric_out,
													 NumericGetDatum(value->val.numeric)));
		crm_person_add_bytes(person, column, digits, (int) strlen(digits));
	}
	else
		return false;
	return true;
}

/* An object that has its value under none of the names: {"work": "a@b.example"}. */
static void
add_telling_strings(CrmMatchPerson *person, CrmMatchColumn column, JsonbContainer *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(object);
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
		if (token == WJB_VALUE && value.type == jbvString &&
			crm_looks_like_value(column, value.val.string.val, value.val.string.len))
			add_scalar(person, column, &value);
}

static void
add_object(CrmMatchPerson *person, CrmMatchColumn column, JsonbContainer *object)
{
	const char *const *keys;

	for (keys = crm_list_keys(column); *keys != NULL; keys++)
	{
		JsonbValue	room;
		JsonbValue *value = getKeyJsonValueFromContainer(object, *keys, (int) strlen(*keys), &room);

		if (value != NULL && add_scalar(person, column, value))
			return;
	}
	add_telling_strings(person, column, object);
}

static void
add_array(CrmMatchPerson *person, CrmMatchColumn column, JsonbContainer *array, int depth)
{
	JsonbIterator *iterator = JsonbIteratorInit(array);
	JsonbValue	value;
	JsonbIteratorToken token;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token != WJB_ELEM)
			continue;
		if (value.type == jbvBinary)
			add_container(person, column, value.val.binary.data, depth + 1);
		else
			add_scalar(person, column, &value);
	}
}

static void
add_container(CrmMatchPerson *person, CrmMatchColumn column, JsonbContainer *container, int depth)
{
	if (depth > CRM_LIST_DEPTH_MAX)
		return;
	if (JsonContainerIsObject(container))
		add_object(person, column, container);
	else
		add_array(person, column, container, depth);
}

/* Strings of a list, or the values in the objects of one. */
void
crm_person_add_json(CrmMatchPerson *person, CrmMatchColumn column, Jsonb *json)
{
	add_container(person, column, &json->root, 0);
}

/* An array of text, or of what has its bytes. */
void
crm_person_add_texts(CrmMatchPerson *person, CrmMatchColumn column, ArrayType *texts)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int			i;

	deconstruct_array(texts, ARR_ELEMTYPE(texts), -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	for (i = 0; i < count; i++)
		if (!nulls[i])
			crm_person_add_bytes(person, column, VARDATA_ANY(DatumGetPointer(elements[i])),
								 (int) VARSIZE_ANY_EXHDR(DatumGetPointer(elements[i])));
}
