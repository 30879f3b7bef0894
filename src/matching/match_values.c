/*
 * match_values.c
 *		Values of the server's types as values of a contact.
 *
 * What must hold here, since crm.match_keys is LEAKPROOF: no error, no message and
 * no other effect depends on a value.  So
 *	- of a text only the first bytes are looked at, and only they are detoasted
 *	  (that a toasted value cannot be read at all is an error of the storage, which
 *	  the server's own leakproof functions, such as texteq, have as well);
 *	- a list is detoasted whole, if it is not larger than LIST_MAX; memory that is
 *	  asked for is bounded by that;
 *	- conversion to UTF-8 is done by the server's procedures in the form that
 *	  reports what it cannot convert, and what it cannot convert is no value;
 *	- dates are taken apart by arithmetic, never by functions that look at settings;
 *	- the readers of jsonb and of arrays (match_lists.c) raise no errors on values that
 *	  are stored.
 */
#include "matching/match_values.h"

#include "access/detoast.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "matching/match_input.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* Bytes of a text that are looked at: enough for CRM_MATCH_RAW_MAX characters. */
#define TEXT_MAX (CRM_MATCH_RAW_MAX * 4)

/* Characters of a uuid. */
#define UUID_TEXT 36

/* A larger list is no value. */
#define LIST_MAX (1024 * 1024)

/* How values of a type are read.  Looks at the catalog, not at values. */
CrmValueKind
crm_value_kind(Oid type)
{
	type = getBaseType(type);
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
		case BPCHAROID:
			return CRM_VALUE_TEXT;
		case UNKNOWNOID:
			return CRM_VALUE_CSTRING;
		case DATEOID:
			return CRM_VALUE_DATE;
		case TIMESTAMPOID:
			return CRM_VALUE_TIMESTAMP;
		case INT2OID:
			return CRM_VALUE_SMALLINT;
		case INT4OID:
			return CRM_VALUE_INTEGER;
		case INT8OID:
			return CRM_VALUE_BIGINT;
		case UUIDOID:
			return CRM_VALUE_UUID;
		case JSONBOID:
			return CRM_VALUE_JSONB;
		case TEXTARRAYOID:
		case VARCHARARRAYOID:
			return CRM_VALUE_TEXTS;
		default:
			/* citext, and what else is text under another name */
			return OidIsValid(type) && IsBinaryCoercible(type, TEXTOID) ?
				CRM_VALUE_TEXT : CRM_VALUE_UNREADABLE;
	}
}

static void
add_text(CrmMatchPerson *person, CrmMatchColumn column, Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	struct varlena *plain = value;

	if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value))
		plain = detoast_attr_slice(value, 0, TEXT_MAX + MAX_MULTIBYTE_CHAR_LEN);
	crm_person_add_bytes(person, column, VARDATA_ANY(plain), (int) VARSIZE_ANY_EXHDR(plain));
	if (plain != value)
		pfree(plain);
}

/* ----------
 * numbers and dates
 * ----------
 */

static void
add_number(CrmMatchPerson *person, CrmMatchColumn column, int64 number)
{
	char		text[MAXINT8LEN + 1];

	crm_person_add_bytes(person, column, text, pg_lltoa(number, text));
}

static void
add_date(CrmMatchPerson *person, CrmMatchColumn column, DateADT date)
{
	char		text[32];
	int			year;
	int			month;
	int			day;

	if (DATE_NOT_FINITE(date))
		return;
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (year >= 1 && year <= 9999)
		crm_person_add_bytes(person, column, text,
				  snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month, day));
}

static void
add_timestamp(CrmMatchPerson *person, CrmMatchColumn column, Timestamp timestamp)
{
	int64		days = timestamp / USECS_PER_DAY;

	if (TIMESTAMP_NOT_FINITE(timestamp))
		return;
	if (timestamp % USECS_PER_DAY < 0)
		days--;
	add_date(person, column, (DateADT) days);
}

/* ----------
 * lists
 * ----------
 */

/* A list as it was before it was compressed and stored elsewhere; NULL if too large. */
static struct varlena *
plain_list(Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);

	if (toast_raw_datum_size(datum) > LIST_MAX)
		return NULL;
	return pg_detoast_datum(value);
}

static void
add_json(CrmMatchPerson *person, CrmMatchColumn column, Datum datum)
{
	Jsonb	   *json = (Jsonb *) plain_list(datum);

	if (json != NULL)
		crm_person_add_json(person, column, json);
}

static void
add_texts(CrmMatchPerson *person, CrmMatchColumn column, Datum datum)
{
	ArrayType  *array = (ArrayType *) plain_list(datum);
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int			i;

	if (array == NULL)
		return;
	deconstruct_array(array, ARR_ELEMTYPE(array), -1, false, TYPALIGN_INT,
					  &elements, &nulls, &count);
	for (i = 0; i < count; i++)
		if (!nulls[i])
			add_text(person, column, elements[i]);
}

void
crm_person_add_datum(CrmMatchPerson *person, CrmMatchColumn column,
					 CrmValueKind kind, Datum datum)
{
	switch (kind)
	{
		case CRM_VALUE_UNREADABLE:
			break;
		case CRM_VALUE_TEXT:
			add_text(person, column, datum);
			break;
		case CRM_VALUE_CSTRING:
			crm_person_add_bytes(person, column, DatumGetCString(datum),
					  (int) strnlen(DatumGetCString(datum), TEXT_MAX));
			break;
		case CRM_VALUE_DATE:
			add_date(person, column, DatumGetDateADT(datum));
			break;
		case CRM_VALUE_TIMESTAMP:
			add_timestamp(person, column, DatumGetTimestamp(datum));
			break;
		case CRM_VALUE_SMALLINT:
			add_number(person, column, DatumGetInt16(datum));
			break;
		case CRM_VALUE_INTEGER:
			add_number(person, column, DatumGetInt32(datum));
			break;
		case CRM_VALUE_BIGINT:
			add_number(person, column, DatumGetInt64(datum));
			break;
		case CRM_VALUE_UUID:
			crm_person_add_bytes(person, column, DatumGetCString(DirectFunctionCall1(uuid_out, datum)), UUID_TEXT);
			break;
		case CRM_VALUE_JSONB:
			add_json(person, column, datum);
			break;
		case CRM_VALUE_TEXTS:
			add_texts(person, column, datum);
			break;
	}
}
