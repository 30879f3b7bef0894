/*
 * email.c
 *		E-mail addresses: the functions that SQL calls.
 *
 * The workers know UTF-8.  In a database of another encoding the address is
 * converted first; a character of the normal form that the encoding lacks stays
 * as it was typed, so that every address has a normal form in every database.
 * Nothing here raises an error because of what the text says.
 */
#include "values/email.h"

#include "access/detoast.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "values/email_parse.h"
#include "values/utf8.h"
#include "values/utf8_text.h"

/*
 * Bytes that may be an address in any server encoding: no character has more
 * than four.  What is behind them is not looked at.
 */
#define MAX_BYTES (4 * CRM_EMAIL_MAX)

/*
 * The address as UTF-8; false if it holds what is no character.  Bytes of
 * SQL_ASCII are left to the worker, which says where they are wrong.
 */
static bool
address_to_utf8(const text *address, CrmUtf8Text *utf8)
{
	const char *bytes = VARDATA_ANY(address);
	int			length = (int) VARSIZE_ANY_EXHDR(address);

	if (length > MAX_BYTES)
		length = pg_mbcliplen(bytes, length, MAX_BYTES);
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
	{
		utf8->bytes = bytes;
		utf8->length = (size_t) length;
		return true;
	}
	return crm_bytes_to_utf8(bytes, length, utf8);
}

/* False with *fault, or true. */
static bool
diagnose(const text *address, CrmUtf8Text *utf8, CrmEmailFault *fault)
{
	if (address_to_utf8(address, utf8))
		return crm_email_diagnose(utf8->bytes, utf8->length, fault);
	fault->rule = CRM_EMAIL_NOT_TEXT;
	fault->offset = 0;
	utf8->length = 0;
	return false;
}

/*
 * Argument 0, of a long one no more than is looked at and a byte, so that the
 * rest is not read from its table.
 */
static text *
address_argument(FunctionCallInfo fcinfo)
{
	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) > MAX_BYTES + VARHDRSZ)
		return PG_GETARG_TEXT_P_SLICE(0, 0, MAX_BYTES + 1);
	return PG_GETARG_TEXT_PP(0);
}

static bool
database_has_character(int32_t c)
{
	char		bytes[CRM_UTF8_MAX_LENGTH];
	text	   *converted = crm_text_from_utf8(bytes, crm_utf8_put(bytes, c));

	if (converted == NULL)
		return false;
	pfree(converted);
	return true;
}

/* The normal form in UTF-8 into out[CRM_EMAIL_MAX + 1]; 0 if there is none. */
static size_t
normalize(const text *address, char *out)
{
	int			encoding = GetDatabaseEncoding();
	CrmUtf8Text utf8;

	if (!address_to_utf8(address, &utf8))
		return 0;
	return crm_email_normalize(utf8.bytes, utf8.length, out,
							   encoding == PG_UTF8 || encoding == PG_SQL_ASCII ?
							   NULL : database_has_character);
}

/*
 * Why a text is no address, as a fragment of a sentence, and the number of the
 * character that shows it, counted from 1; NULL if it is one.
 */
const char *
crm_email_refusal(const text *address, int *position)
{
	CrmUtf8Text utf8;
	CrmEmailFault fault;

	if (diagnose(address, &utf8, &fault))
		return NULL;
	*position = (int) crm_email_fault_position(utf8.bytes, utf8.length, &fault);
	return crm_email_fault_text(&fault);
}

PG_FUNCTION_INFO_V1(crm_is_email);
Datum
crm_is_email(PG_FUNCTION_ARGS)
{
	CrmUtf8Text utf8;
	CrmEmailFault fault;

	PG_RETURN_BOOL(diagnose(address_argument(fcinfo), &utf8, &fault));
}

/* The normal form, palloc'd; NULL for what is not an address. */
text *
crm_email_normal_form(const text *address)
{
	char		normal[CRM_EMAIL_MAX + 1];
	size_t		length = normalize(address, normal);

	return length == 0 ? NULL : crm_text_from_utf8(normal, length);
}

PG_FUNCTION_INFO_V1(crm_normalize_email);
Datum
crm_normalize_email(PG_FUNCTION_ARGS)
{
	text	   *normal = crm_email_normal_form(address_argument(fcinfo));

	if (normal == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(normal);
}

/* NULL for what is not an address. */
PG_FUNCTION_INFO_V1(crm_email_key_of);
Datum
crm_email_key_of(PG_FUNCTION_ARGS)
{
	char		normal[CRM_EMAIL_MAX + 1];
	char		key[CRM_EMAIL_MAX + 1];
	size_t		length = normalize(address_argument(fcinfo), normal);

	if (length == 0)
		PG_RETURN_NULL();
	length = crm_email_key(normal, length, key);
	PG_RETURN_TEXT_P(crm_text_from_utf8(key, length));
}

/* NULL for what is not an address. */
PG_FUNCTION_INFO_V1(crm_email_domain);
Datum
crm_email_domain(PG_FUNCTION_ARGS)
{
	char		normal[CRM_EMAIL_MAX + 1];
	size_t		length = normalize(address_argument(fcinfo), normal);
	size_t		start;

	if (length == 0)
		PG_RETURN_NULL();
	start = crm_email_domain_start(normal, length);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(normal + start, (int) (length - start)));
}

/* The two parts as they were typed, and the normal form. */
static void
accepted_values(const text *address, Datum *values, bool *nulls)
{
	const char *bytes = VARDATA_ANY(address);
	size_t		length = VARSIZE_ANY_EXHDR(address);
	size_t		start = crm_email_domain_start(bytes, length);
	char		normal[CRM_EMAIL_MAX + 1];

	values[1] = PointerGetDatum(cstring_to_text_with_len(bytes, (int) start - 1));
	values[2] = PointerGetDatum(cstring_to_text_with_len(bytes + start,
														 (int) (length - start)));
	length = normalize(address, normal);
	values[3] = PointerGetDatum(crm_text_from_utf8(normal, length));
	nulls[4] = nulls[5] = true;
}

/* What was refused, in one sentence fragment, and where. */
static void
refused_values(const char *refusal, int position, Datum *values, bool *nulls)
{
	nulls[1] = nulls[2] = nulls[3] = true;
	values[4] = PointerGetDatum(cstring_to_text(psprintf("%s, at character %d",
														 refusal, position)));
	values[5] = Int32GetDatum(position);
}

PG_FUNCTION_INFO_V1(crm_parse_email);
Datum
crm_parse_email(PG_FUNCTION_ARGS)
{
	text	   *address = address_argument(fcinfo);
	Datum		values[6];
	bool		nulls[6] = {false};
	TupleDesc	desc;
	const char *refusal;
	int			position;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "parse_email does not return a record");
	refusal = crm_email_refusal(address, &position);
	values[0] = BoolGetDatum(refusal == NULL);
	if (refusal == NULL)
		accepted_values(address, values, nulls);
	else
		refused_values(refusal, position, values, nulls);
	desc = BlessTupleDesc(desc);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
