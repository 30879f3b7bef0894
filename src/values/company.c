/*
 * company.c
 *		Normal forms and legal forms of company names, as SQL functions.
 *
 * Bytes that are not UTF-8 in a database of SQL_ASCII are kept as they are.  In
 * another database, text that Unicode does not have has no normal form; where the
 * encoding lacks a character of the normal form, only ASCII is folded.
 */
#include "crm.h"

#include "access/detoast.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "values/company_name.h"
#include "values/utf8_text.h"

/* In bytes; what is longer is no name. */
#define MAX_NAME (64 * 1024)

/* Names up to this length need no allocation. */
#define SHORT_NAME 256

typedef struct NormalName
{
	char	   *bytes;
	size_t		length;
	CrmCompanyForms forms;
	char		room[CRM_COMPANY_SIZE(SHORT_NAME)];
} NormalName;

/*
 * The normal form of argument 0; empty if it has none.  What is too long is
 * refused before it is read from its table.
 */
static void
normalize(FunctionCallInfo fcinfo, bool ascii_only, NormalName *normal)
{
	CrmUtf8Text utf8;

	normal->length = 0;
	normal->forms.start_count = 0;
	normal->forms.end_count = 0;
	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) > MAX_NAME + VARHDRSZ)
		return;
	if (!crm_text_to_utf8(PG_GETARG_TEXT_PP(0), &utf8) &&
		GetDatabaseEncoding() != PG_SQL_ASCII)
		return;
	normal->bytes = normal->room;
	if (utf8.length > SHORT_NAME)
		normal->bytes = palloc(CRM_COMPANY_SIZE(utf8.length));
	normal->length = crm_company_normalize(utf8.bytes, utf8.length, ascii_only,
										   normal->bytes, &normal->forms);
}

/* NULL for a name without letters and digits, and for what is no name. */
PG_FUNCTION_INFO_V1(crm_normalize_company);
Datum
crm_normalize_company(PG_FUNCTION_ARGS)
{
	NormalName	normal;
	text	   *result;

	normalize(fcinfo, false, &normal);
	if (normal.length == 0)
		PG_RETURN_NULL();
	result = crm_text_from_utf8(normal.bytes, normal.length);
	if (result == NULL)
	{
		normalize(fcinfo, true, &normal);
		result = crm_text_from_utf8(normal.bytes, normal.length);
	}
	if (result == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(result);
}

PG_FUNCTION_INFO_V1(crm_company_legal_form);
Datum
crm_company_legal_form(PG_FUNCTION_ARGS)
{
	NormalName	normal;
	char		forms[CRM_COMPANY_FORMS_SIZE];
	size_t		length;

	normalize(fcinfo, false, &normal);
	length = crm_company_forms_text(&normal.forms, forms);
	if (length == 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(forms, (int) length));
}
