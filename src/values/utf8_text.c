/*
 * utf8_text.c
 *		Text values as UTF-8, whatever the database's encoding.
 *
 * Workers know UTF-8 only.  ASCII is the same bytes in every server encoding;
 * the rest is converted by the server.  In a database of SQL_ASCII bytes above
 * 127 have no meaning of their own: they are taken for UTF-8 where they are.
 * Nothing here raises an error because of what the text says.
 */
#include "values/utf8_text.h"

#include "catalog/pg_conversion.h"
#include "catalog/pg_namespace.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "values/utf8.h"

/*
 * Converts with the server's own procedure, whatever stands in the search path;
 * NULL if there is none, or if a character has no counterpart.
 */
static char *
convert(const char *bytes, int length, int from, int to, int *converted_length)
{
	Oid			procedure = FindDefaultConversion(PG_CATALOG_NAMESPACE, from, to);
	char	   *converted;

	if (!OidIsValid(procedure) ||
		(Size) length >= MaxAllocSize / MAX_CONVERSION_GROWTH)
		return NULL;
	converted = palloc((Size) length * MAX_CONVERSION_GROWTH + 1);
	if (pg_do_encoding_conversion_buf(procedure, from, to,
									  (unsigned char *) unconstify(char *, bytes), length,
									  (unsigned char *) converted,
									  length * MAX_CONVERSION_GROWTH + 1, true) != length)
	{
		pfree(converted);
		return NULL;
	}
	*converted_length = (int) strlen(converted);
	return converted;
}

/*
 * The bytes as valid UTF-8.  False if they are not text in the database's
 * encoding, or hold a character that Unicode does not have.
 */
bool
crm_bytes_to_utf8(const char *bytes, int length, CrmUtf8Text *utf8)
{
	int			encoding = GetDatabaseEncoding();
	int			converted_length;

	utf8->bytes = bytes;
	utf8->length = (size_t) length;
	if (encoding == PG_UTF8 || crm_ascii_prefix(bytes, (size_t) length) == (size_t) length)
		return true;
	if (encoding == PG_SQL_ASCII)
		return pg_verify_mbstr(PG_UTF8, bytes, length, true);

	utf8->bytes = convert(bytes, length, encoding, PG_UTF8, &converted_length);
	if (utf8->bytes == NULL)
		return false;
	utf8->length = (size_t) converted_length;
	return true;
}

/* A text in the database's encoding; NULL if it lacks one of the characters. */
text *
crm_text_from_utf8(const char *bytes, size_t length)
{
	int			encoding = GetDatabaseEncoding();
	int			converted_length;
	char	   *converted;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII ||
		crm_ascii_prefix(bytes, length) == length)
		return cstring_to_text_with_len(bytes, (int) length);
	converted = convert(bytes, (int) length, PG_UTF8, encoding, &converted_length);
	return converted == NULL ? NULL :
		cstring_to_text_with_len(converted, converted_length);
}
