/*
 * name_keys_text.c
 *		Phonetic keys of names, as an SQL function.
 *
 * A name that is no text in the database's encoding is folded as bytes, as
 * crm.fold_name does.  A key is text in the database's encoding in any case:
 * one that it lacks is left out.
 */
#include "crm.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "values/name_fold.h"
#include "values/name_keys.h"
#include "values/utf8_text.h"

/* NULL if the database's encoding lacks one of the characters. */
static text *
key_text(const CrmNameKey *key, bool is_utf8)
{
	int			length = (int) strlen(key->bytes);

	if (is_utf8)
		return crm_text_from_utf8(key->bytes, (size_t) length);
	return cstring_to_text_with_len(key->bytes, pg_mbcliplen(key->bytes, length, length));
}

PG_FUNCTION_INFO_V1(crm_name_keys_text);
Datum
crm_name_keys_text(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	char		folded[CRM_NAME_KEYS_FOLDED];
	size_t		length;
	CrmNameKey	keys[CRM_NAME_KEYS_MAX];
	Datum		elements[CRM_NAME_KEYS_MAX];
	CrmUtf8Text utf8;
	bool		is_utf8 = crm_text_to_utf8(name, &utf8);
	int			count;
	int			kept = 0;
	int			i;

	if (is_utf8)
		length = crm_name_fold(utf8.bytes, utf8.length, folded, sizeof(folded));
	else
		length = crm_name_fold_bytes(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name), folded, sizeof(folded));
	count = crm_name_keys(folded, length, keys, CRM_NAME_KEYS_MAX);

	for (i = 0; i < count; i++)
	{
		text	   *key = key_text(&keys[i], is_utf8);

		if (key != NULL)
			elements[kept++] = PointerGetDatum(key);
	}
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, kept, TEXTOID, -1, false, TYPALIGN_INT));
}
