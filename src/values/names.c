/*
 * names.c
 *		Names of people, as SQL functions.
 *
 * A name that is no text in the database's encoding is folded as bytes.  So is
 * one whose folded form the encoding lacks, which makes both forms equal to
 * themselves and to nothing else.
 */
#include "crm.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"
#include "values/name_fold.h"
#include "values/utf8.h"
#include "values/utf8_text.h"

typedef size_t (*CrmFolder) (const char *name, size_t length, char *out, size_t capacity);

/* Folded straight into a new value; what exceeds the longest value is cut off. */
static text *
folded_by(CrmFolder folder, const char *name, size_t length)
{
	size_t		capacity = Min(CRM_NAME_FOLD_GROWTH * length, MaxAllocSize - VARHDRSZ);
	text	   *folded = palloc(VARHDRSZ + capacity);

	SET_VARSIZE(folded, VARHDRSZ + folder(name, length, VARDATA(folded), capacity));
	return folded;
}

PG_FUNCTION_INFO_V1(crm_fold_name);
Datum
crm_fold_name(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	int			encoding = GetDatabaseEncoding();
	CrmUtf8Text utf8;
	text	   *folded;

	if (crm_text_to_utf8(name, &utf8))
	{
		folded = folded_by(crm_name_fold, utf8.bytes, utf8.length);
		if (encoding != PG_UTF8)
			folded = crm_text_from_utf8(VARDATA(folded), VARSIZE(folded) - VARHDRSZ);
		if (folded != NULL)
			PG_RETURN_TEXT_P(folded);
	}
	PG_RETURN_TEXT_P(folded_by(crm_name_fold_bytes, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)));
}
