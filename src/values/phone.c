/*
 * phone.c
 *		Telephone numbers as SQL and other modules see them.
 *
 * A text is cleaned (phone_parse.c), then read by libphonenumber, or, where
 * crm_phone.so is not there and the number is international, by a table of our
 * own.  Whether a number is valid never decides whether it is one: the metadata
 * of a distribution's libphonenumber are years behind the numbering plans.
 *
 * Only the check for E.164 is IMMUTABLE.  Everything else depends on metadata
 * that a package replaces under the database, hence is STABLE and for columns,
 * not for indexes; crm_phone_library_version says whether a stored value is due.
 */
#include "values/phone.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "values/country.h"
#include "values/phone_loader.h"
#include "values/utf8_text.h"

/* In bytes; a text that is longer names no country. */
#define MAX_COUNTRY 1024

/* A text that was read, by whichever way. */
typedef struct Reading
{
	CrmPhoneFlaw flaw;
	bool		by_library;
	int			calling_code;	/* of the table's reading */
	CrmLibraryPhone phone;
} Reading;

static CrmPhoneFlaw
flaw_of_outcome(int outcome)
{
	switch (outcome)
	{
		case CRM_LIBRARY_POSSIBLE:
			return CRM_PHONE_FINE;
		case CRM_LIBRARY_UNKNOWN_CODE:
			return CRM_PHONE_UNKNOWN_CODE;
		case CRM_LIBRARY_UNKNOWN_REGION:
			return CRM_PHONE_UNKNOWN_REGION;
		case CRM_LIBRARY_TOO_SHORT:
			return CRM_PHONE_TOO_SHORT;
		case CRM_LIBRARY_TOO_LONG:
			return CRM_PHONE_TOO_LONG;
		case CRM_LIBRARY_WRONG_LENGTH:
			return CRM_PHONE_WRONG_LENGTH;
		case CRM_LIBRARY_NO_AREA_CODE:
			return CRM_PHONE_NO_AREA_CODE;
		case CRM_LIBRARY_REFUSED:
			return CRM_PHONE_LONG_TEXT;
		default:
			return CRM_PHONE_NOT_A_NUMBER;
	}
}

/* Errors are raised here, with no frame of C++ on the stack. */
static void
read_by_library(const CrmPhoneLibrary *library, const char *clean, size_t length,
				const char *region, int wanted, Reading *reading)
{
	char		plain[CRM_PHONE_MAX_LENGTH];
	char		extension[CRM_PHONE_EXTENSION_SIZE];
	size_t		plain_length;

	if (crm_phone_plain(clean, length, plain, &plain_length, extension))
	{
		library->parse(plain, plain_length, region, wanted, &reading->phone);
		strlcpy(reading->phone.extension, extension, sizeof(reading->phone.extension));
	}
	else
		library->parse(clean, length, region, wanted, &reading->phone);
	if (reading->phone.outcome == CRM_LIBRARY_OUT_OF_MEMORY)
		ereport(ERROR,
				(errcode(ERRCODE_OUT_OF_MEMORY),
				 errmsg("out of memory"),
				 errdetail("Failed in libphonenumber.")));
	if (reading->phone.outcome == CRM_LIBRARY_FAILED)
		ereport(ERROR,
				(errcode(ERRCODE_EXTERNAL_ROUTINE_EXCEPTION),
				 errmsg("libphonenumber failed")));
	reading->by_library = true;
	reading->flaw = flaw_of_outcome(reading->phone.outcome);
	if (reading->flaw == CRM_PHONE_UNKNOWN_CODE && region == NULL &&
		!crm_phone_is_international(clean, length))
		reading->flaw = CRM_PHONE_NO_REGION;
}

static void
read_by_table(const char *clean, size_t length, Reading *reading)
{
	CrmTablePhone phone;

	reading->flaw = crm_phone_by_table(clean, length, &phone);
	if (reading->flaw != CRM_PHONE_FINE)
		return;
	reading->calling_code = phone.calling_code;
	strlcpy(reading->phone.e164, phone.e164, sizeof(reading->phone.e164));
	strlcpy(reading->phone.extension, phone.extension, sizeof(reading->phone.extension));
}

/*
 * Reads a text in UTF-8.  What comes out as fine has an E.164 form that
 * crm.is_e164 accepts: libphonenumber alone would let longer ones pass.
 */
static void
read_phone(const char *utf8, size_t length, const char *region, int wanted, Reading *reading)
{
	const CrmPhoneLibrary *library;
	char		clean[CRM_PHONE_MAX_LENGTH];
	size_t		clean_length;

	memset(reading, 0, sizeof(*reading));
	reading->flaw = crm_phone_clean(utf8, length, clean, &clean_length);
	if (reading->flaw != CRM_PHONE_FINE)
		return;
	library = crm_phone_library_find();
	if (library != NULL)
		read_by_library(library, clean, clean_length, region, wanted, reading);
	else
		read_by_table(clean, clean_length, reading);
	if (reading->flaw == CRM_PHONE_FINE &&
		!crm_phone_is_e164(reading->phone.e164, strlen(reading->phone.e164)))
		reading->flaw = CRM_PHONE_NOT_E164;
}

/*
 * The E.164 form of a text in UTF-8, of any length; region is an alpha-2 code
 * or NULL.  Without judge a number is POSSIBLE, never VALID, which takes half
 * the time.  Raises an error only if libphonenumber itself fails.
 */
void
crm_phone_normalize(const char *utf8, size_t length, const char *region, bool judge,
					CrmPhoneResult *result)
{
	Reading		reading;

	read_phone(utf8, length, region, judge ? CRM_LIBRARY_VALIDITY : 0, &reading);
	result->e164[0] = '\0';
	result->extension[0] = '\0';
	result->reason = crm_phone_flaw_text(reading.flaw);
	if (reading.flaw == CRM_PHONE_FINE)
	{
		result->status = reading.phone.is_valid ? CRM_PHONE_VALID : CRM_PHONE_POSSIBLE;
		strlcpy(result->e164, reading.phone.e164, sizeof(result->e164));
		strlcpy(result->extension, reading.phone.extension, sizeof(result->extension));
	}
	else
		result->status = reading.flaw == CRM_PHONE_UNDECIDED ||
			reading.flaw == CRM_PHONE_NO_REGION ?
			CRM_PHONE_UNCHECKED : CRM_PHONE_INVALID;
}

/*
 * What numbers are read by, in a text that changes when the metadata do; static.
 */
const char *
crm_phone_library_version(void)
{
	const CrmPhoneLibrary *library = crm_phone_library_find();

	return library != NULL ? library->data_version() : crm_phone_table_version;
}

/* The alpha-2 code of the argument region, NULL if that is NULL. */
static const char *
region_argument(FunctionCallInfo fcinfo, int arg)
{
	text	   *given;
	CrmUtf8Text utf8;
	const char *region = NULL;

	if (PG_ARGISNULL(arg))
		return NULL;
	given = PG_GETARG_TEXT_PP(arg);
	if (crm_text_to_utf8(given, &utf8))
		region = crm_region_of_country(utf8.bytes, utf8.length);
	if (region == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown region \"%s\"",
						crm_shown(VARDATA_ANY(given), (int) VARSIZE_ANY_EXHDR(given))),
				 errhint("Give a country as its ISO 3166 code, such as DE or DEU, or by its name; crm.phone_region(country) is NULL for what is unknown.")));
	return region;
}

/* A text that is too long is refused before it is read from its table. */
static void
read_arguments(FunctionCallInfo fcinfo, int wanted, Reading *reading)
{
	const char *region = region_argument(fcinfo, 1);
	CrmUtf8Text utf8;

	memset(reading, 0, sizeof(*reading));
	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) > CRM_PHONE_MAX_LENGTH + VARHDRSZ)
		reading->flaw = CRM_PHONE_LONG_TEXT;
	else if (!crm_text_to_utf8(PG_GETARG_TEXT_PP(0), &utf8))
		reading->flaw = CRM_PHONE_NOT_TEXT;
	else
		read_phone(utf8.bytes, utf8.length, region, wanted, reading);

	if (reading->flaw == CRM_PHONE_UNDECIDED)
		crm_phone_library_report_missing();
}

PG_FUNCTION_INFO_V1(crm_is_e164);
Datum
crm_is_e164(PG_FUNCTION_ARGS)
{
	text	   *phone;

	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) > CRM_PHONE_MAX_LENGTH + VARHDRSZ)
		PG_RETURN_BOOL(false);
	phone = PG_GETARG_TEXT_PP(0);
	PG_RETURN_BOOL(crm_phone_is_e164(VARDATA_ANY(phone), VARSIZE_ANY_EXHDR(phone)));
}

PG_FUNCTION_INFO_V1(crm_phone_region);
Datum
crm_phone_region(PG_FUNCTION_ARGS)
{
	text	   *country;
	CrmUtf8Text utf8;
	const char *region = NULL;

	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) > MAX_COUNTRY + VARHDRSZ)
		PG_RETURN_NULL();
	country = PG_GETARG_TEXT_PP(0);
	if (crm_text_to_utf8(country, &utf8))
		region = crm_region_of_country(utf8.bytes, utf8.length);
	if (region == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(region));
}

PG_FUNCTION_INFO_V1(crm_phone_version);
Datum
crm_phone_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(crm_phone_library_version()));
}

/* NULL for what is no telephone number. */
PG_FUNCTION_INFO_V1(crm_normalize_phone);
Datum
crm_normalize_phone(PG_FUNCTION_ARGS)
{
	Reading		reading;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	read_arguments(fcinfo, 0, &reading);
	if (reading.flaw != CRM_PHONE_FINE)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(reading.phone.e164));
}

/* Columns of crm.phone_info */
enum
{
	INFO_E164,
	INFO_IS_POSSIBLE,
	INFO_IS_VALID,
	INFO_TYPE,
	INFO_REGION,
	INFO_NATIONAL,
	INFO_INTERNATIONAL,
	INFO_EXTENSION,
	INFO_REASON,
	INFO_COLUMNS
};

/* A column of text; NULL for what is not there. */
static void
set_text(Datum *values, bool *nulls, int column, const char *utf8)
{
	text	   *value = NULL;

	if (utf8 != NULL && utf8[0] != '\0')
		value = crm_text_from_utf8(utf8, strlen(utf8));
	nulls[column] = value == NULL;
	values[column] = PointerGetDatum(value);
}

/*
 * What is known depends on who read it: the table knows neither validity nor
 * type nor formats, and the region only where the calling code has but one.
 */
static void
set_columns(const Reading *reading, Datum *values, bool *nulls)
{
	const CrmLibraryPhone *phone = &reading->phone;
	bool		fine = reading->flaw == CRM_PHONE_FINE;

	set_text(values, nulls, INFO_E164, fine ? phone->e164 : NULL);
	set_text(values, nulls, INFO_TYPE, fine ? phone->type : NULL);
	set_text(values, nulls, INFO_NATIONAL, fine ? phone->national : NULL);
	set_text(values, nulls, INFO_INTERNATIONAL, fine ? phone->international : NULL);
	set_text(values, nulls, INFO_EXTENSION, fine ? phone->extension : NULL);
	set_text(values, nulls, INFO_REASON, crm_phone_flaw_text(reading->flaw));
	set_text(values, nulls, INFO_REGION, !fine ? NULL : reading->by_library ?
			 phone->region : crm_region_of_calling_code(reading->calling_code));
	values[INFO_IS_POSSIBLE] = BoolGetDatum(fine);
	values[INFO_IS_VALID] = BoolGetDatum(fine && phone->is_valid);
	nulls[INFO_IS_POSSIBLE] = false;
	nulls[INFO_IS_VALID] = fine && !reading->by_library;
}

PG_FUNCTION_INFO_V1(crm_phone_info);
Datum
crm_phone_info(PG_FUNCTION_ARGS)
{
	Reading		reading;
	TupleDesc	desc;
	Datum		values[INFO_COLUMNS];
	bool		nulls[INFO_COLUMNS];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");

	read_arguments(fcinfo, CRM_LIBRARY_VALIDITY | CRM_LIBRARY_DETAILS, &reading);
	set_columns(&reading, values, nulls);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
