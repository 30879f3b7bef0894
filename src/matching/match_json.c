/*
 * match_json.c
 *		Lists of texts in values of the type json, as values of a contact.
 *
 * They are read as those of jsonb are (match_lists.c), but from the text: what the
 * type json holds cannot always be made jsonb of, and one value that cannot would
 * end the reading of all.  Here it is no value: a string with U+0000 or half a
 * character, a number with an exponent.
 */
#include "matching/match_values.h"

#include "values/json_text.h"
#include "values/utf8_text.h"

/* Bytes of a string that are looked at: one more than are compared, to cut it between characters. */
#define STRING_MAX (CRM_MATCH_RAW_MAX + 1)

/* What is read, and how far. */
typedef struct Reader
{
	CrmMatchPerson *person;
	CrmMatchColumn column;
	const char *next;
	const char *end;
} Reader;

/* A string or a number as a text; CRM_JSON_NO_TEXT if it is none. */
static size_t
scalar_text(const CrmJsonToken *token, char *out)
{
	if (token->kind == CRM_JSON_STRING)
		return crm_json_string(token, out, STRING_MAX);
	if (token->kind != CRM_JSON_NUMBER || token->length > STRING_MAX ||
		memchr(token->bytes, 'e', token->length) != NULL ||
		memchr(token->bytes, 'E', token->length) != NULL)
		return CRM_JSON_NO_TEXT;
	memcpy(out, token->bytes, token->length);
	return token->length;
}

static void
add_scalar(Reader *reader, const CrmJsonToken *token)
{
	char		text[STRING_MAX];
	size_t		length = scalar_text(token, text);

	if (length != CRM_JSON_NO_TEXT)
		crm_person_add_utf8(reader->person, reader->column, text, length);
}

/* How likely a member has the object's value, by its name: 0 is the likeliest; -1 if not. */
static int
rank_of(const Reader *reader, const CrmJsonToken *name)
{
	const char *const *keys = crm_list_keys(reader->column);
	char		text[NAMEDATALEN];
	size_t		length = crm_json_string(name, text, sizeof(text));
	int			i;

	for (i = 0; keys[i] != NULL; i++)
		if (strlen(keys[i]) == length && memcmp(keys[i], text, length) == 0)
			return i;
	return -1;
}

/* The next member of an object; false behind the last. */
static bool
next_member(Reader *reader, CrmJsonToken *name, CrmJsonToken *value)
{
	if (crm_json_next(&reader->next, reader->end, name) != CRM_JSON_STRING)
		return false;
	crm_json_next(&reader->next, reader->end, value);
	if (value->kind == CRM_JSON_OBJECT || value->kind == CRM_JSON_ARRAY)
		crm_json_skip(&reader->next, reader->end);
	return true;
}

/*
 * An object that has its value under none of the names; it begins at reader->next.  A
 * member of one of the names has been looked at: it is no text, or a later one is not.
 */
static void
add_telling_strings(Reader *reader)
{
	CrmJsonToken name;
	CrmJsonToken value;

	while (next_member(reader, &name, &value))
	{
		char		text[STRING_MAX];
		size_t		length = value.kind == CRM_JSON_STRING ? scalar_text(&value, text) : CRM_JSON_NO_TEXT;

		if (length != CRM_JSON_NO_TEXT && rank_of(reader, &name) < 0 &&
			crm_looks_like_value(reader->column, text, (int) length))
			crm_person_add_utf8(reader->person, reader->column, text, length);
	}
}

/* Of members of one name the last counts, as in jsonb, even if it is no text. */
static void
add_object(Reader *reader)
{
	Reader		again = *reader;
	CrmJsonToken name;
	CrmJsonToken value;
	CrmJsonToken found[CRM_LIST_KEYS_MAX];
	bool		is_found[CRM_LIST_KEYS_MAX] = {false};
	int			rank;

	while (next_member(reader, &name, &value))
	{
		char		text[STRING_MAX];

		rank = rank_of(reader, &name);
		if (rank < 0)
			continue;
		found[rank] = value;
		is_found[rank] = scalar_text(&value, text) != CRM_JSON_NO_TEXT;
	}
	for (rank = 0; rank < CRM_LIST_KEYS_MAX; rank++)
		if (is_found[rank])
		{
			add_scalar(reader, &found[rank]);
			return;
		}
	add_telling_strings(&again);
}

/* A value whose first token has been read. */
static void
add_value(Reader *reader, const CrmJsonToken *token, int depth)
{
	CrmJsonToken element;

	if (token->kind != CRM_JSON_OBJECT && token->kind != CRM_JSON_ARRAY)
		add_scalar(reader, token);
	else if (depth > CRM_LIST_DEPTH_MAX)
		crm_json_skip(&reader->next, reader->end);
	else if (token->kind == CRM_JSON_OBJECT)
		add_object(reader);
	else
		while (crm_json_next(&reader->next, reader->end, &element) != CRM_JSON_END &&
			   element.kind != CRM_JSON_CLOSE)
			add_value(reader, &element, depth + 1);
}

/* A value of the type json: strings of a list, or the values in the objects of one. */
void
crm_person_add_json_text(CrmMatchPerson *person, CrmMatchColumn column,
						 const char *bytes, int length)
{
	Reader		reader = {person, column, NULL, NULL};
	CrmJsonToken token;
	CrmUtf8Text utf8;

	/* bytes of no known encoding are read as they are */
	if (!crm_bytes_to_utf8(bytes, length, &utf8) && utf8.bytes == NULL)
		return;
	reader.next = utf8.bytes;
	reader.end = utf8.bytes + utf8.length;
	crm_json_next(&reader.next, reader.end, &token);
	add_value(&reader, &token, 0);
}
