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
 *	- the readers of jsonb and of arrays (match_lists.c), and of json (match_json.c),
 *	  raise no errors on values that are stored.
 */
#include "matching/match_values.h"

#include "access/detoast.h"
#include "access/transam.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "matching/match_parts.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_node.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
#include "values/utf8.h"
#include "values/utf8_text.h"

/* Bytes of a text that are looked at: enough for CRM_MATCH_RAW_MAX bytes of UTF-8. */
#define TEXT_MAX (CRM_MATCH_RAW_MAX * 4)

/* Characters of a uuid, and of a date: 2001-12-31. */
#define UUID_TEXT 36
#define DATE_TEXT 10

/* A larger list is no value. */
#define LIST_MAX (1024 * 1024)

/* ----------
 * types
 * ----------
 */

/* How values of a type are read.  Looks at the catalog, not at values. */
CrmValueKind
crm_value_kind(Oid type)
{
	type = getBaseType(type);
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
			return CRM_VALUE_TEXT;
		case BPCHAROID:
			return CRM_VALUE_PADDED_TEXT;
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
		case JSONOID:
			return CRM_VALUE_JSON;
		case JSONARRAYOID:
			return CRM_VALUE_JSONS;
		case TEXTARRAYOID:
		case VARCHARARRAYOID:
			return CRM_VALUE_TEXTS;
		default:
			/* citext, and what else is text under another name */
			return OidIsValid(type) && IsBinaryCoercible(type, TEXTOID) ?
				CRM_VALUE_TEXT : CRM_VALUE_UNREADABLE;
	}
}

static Node *
cast_to(Node *value, Oid type)
{
	return coerce_to_target_type(make_parsestate(NULL), value, exprType(value), type, -1,
								 COERCION_EXPLICIT, COERCE_EXPLICIT_CAST, -1);
}

/*
 * Whether a cast of a type to text calls nothing that a user may have written: of the
 * server's own types, and of those whose cast calls nothing.
 */
static bool
has_safe_cast(Oid type)
{
	type = getBaseType(type);
	return type < FirstNormalObjectId || IsBinaryCoercible(type, TEXTOID);
}

/*
 * A value as text, in SQL.  Of a type that may have a cast of a user's it is what the
 * type writes: the cast would run with the rights of whoever reads.
 */
char *
crm_text_sql(const char *value, Oid type)
{
	return has_safe_cast(type) ? psprintf("%s::pg_catalog.text", value) :
		psprintf("CASE WHEN %s IS DISTINCT FROM NULL THEN pg_catalog.format('%%s', %s) END",
				 value, value);
}

/* The same of a type that may have a cast, as an expression. */
static Node *
written(Node *value)
{
	Const	   *form = makeConst(TEXTOID, -1, DEFAULT_COLLATION_OID, -1,
								 CStringGetTextDatum("%s"), false, false);
	NullTest   *test = makeNode(NullTest);
	CaseWhen   *when = makeNode(CaseWhen);
	CaseExpr   *result = makeNode(CaseExpr);

	test->arg = (Expr *) value;
	test->nulltesttype = IS_NOT_NULL;
	test->location = -1;
	when->expr = (Expr *) test;
	when->result = (Expr *) makeFuncExpr(F_FORMAT_TEXT_ANY, TEXTOID,
										 list_make2(form, copyObject(value)),
										 InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
	when->location = -1;
	result->casetype = TEXTOID;
	result->args = list_make1(when);
	result->defresult = (Expr *) makeNullConst(TEXTOID, -1, DEFAULT_COLLATION_OID);
	result->location = -1;
	return (Node *) result;
}

static Node *
cast_to_readable(Node *value)
{
	Oid			type = getBaseType(exprType(value));
	Oid			element = get_element_type(type);

	if (element == JSONBOID)
		return (Node *) makeFuncExpr(F_TO_JSONB, JSONBOID, list_make1(value), InvalidOid, InvalidOid,
									 COERCE_EXPLICIT_CALL);
	if (OidIsValid(element))
		return cast_to(has_safe_cast(element) ? value : written(value), TEXTARRAYOID);
	if (!has_safe_cast(type))
		return written(value);
	switch (type)
	{
		case TIMESTAMPTZOID:
			return cast_to(value, DATEOID);
		default:
			return cast_to(value, TEXTOID);
	}
}

/*
 * An expression as one whose values can be read: itself, or, of a type that the
 * readers do not know, brought into one that they do.
 */
Node *
crm_readable_value(Node *value)
{
	ParseState *parse;

	if (crm_value_kind(exprType(value)) != CRM_VALUE_UNREADABLE)
		return value;
	value = cast_to_readable(value);
	parse = make_parsestate(NULL);
	/* as in an expression that the server has parsed, so that the two are equal */
	assign_expr_collations(parse, value);
	free_parsestate(parse);
	return value;
}

/* ----------
 * text
 * ----------
 */

/* Without the half of a character at the end. */
static size_t
clipped_utf8(const char *bytes, size_t length)
{
	if (length <= CRM_MATCH_RAW_MAX)
		return length;
	length = CRM_MATCH_RAW_MAX;
	while (length > 0 && crm_utf8_is_tail(bytes[length]))
		length--;
	return length;
}

/* A value as UTF-8; of a long one the beginning. */
void
crm_person_add_utf8(CrmMatchPerson *person, CrmMatchColumn column,
					const char *utf8, size_t length)
{
	if (length > 0)
		crm_person_add(person, column, utf8, clipped_utf8(utf8, length));
}

/* The same in the database's encoding. */
void
crm_person_add_bytes(CrmMatchPerson *person, CrmMatchColumn column,
					 const char *bytes, int length)
{
	CrmUtf8Text utf8;

	if (length > TEXT_MAX)
		length = pg_mbcliplen(bytes, length, TEXT_MAX);
	if (length <= 0)
		return;
	/* bytes of no known encoding are compared as they are */
	if (crm_bytes_to_utf8(bytes, length, &utf8) || utf8.bytes != NULL)
		crm_person_add_utf8(person, column, utf8.bytes, utf8.length);
}

static void
add_text(CrmMatchPerson *person, CrmMatchColumn column, Datum datum, bool is_padded)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);
	struct varlena *plain = value;
	const char *bytes;
	int			length;

	if (VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value))
		plain = detoast_attr_slice(value, 0, TEXT_MAX + MAX_MULTIBYTE_CHAR_LEN);
	bytes = VARDATA_ANY(plain);
	length = (int) VARSIZE_ANY_EXHDR(plain);
	while (is_padded && length > 0 && bytes[length - 1] == ' ')
		length--;
	crm_person_add_bytes(person, column, bytes, length);
	if (plain != value)
		pfree(plain);
}

/* ----------
 * numbers, dates and uuids
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
	char		text[DATE_TEXT + 1] = "yyyy-mm-dd";
	int			year;
	int			month;
	int			day;

	if (DATE_NOT_FINITE(date))
		return;
	j2date(date + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	if (year < 1 || year > 9999)
		return;
	crm_put_digits(text, year, 4);
	crm_put_digits(text + 5, month, 2);
	crm_put_digits(text + 8, day, 2);
	crm_person_add_bytes(person, column, text, DATE_TEXT);
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

/* Small letters, a hyphen after the bytes 4, 6, 8 and 10. */
static void
add_uuid(CrmMatchPerson *person, CrmMatchColumn column, const pg_uuid_t *uuid)
{
	static const char digits[] = "0123456789abcdef";
	char		text[UUID_TEXT];
	char	   *out = text;
	int			i;

	for (i = 0; i < UUID_LEN; i++)
	{
		if (i >= 4 && i <= 10 && i % 2 == 0)
			*out++ = '-';
		*out++ = digits[uuid->data[i] >> 4];
		*out++ = digits[uuid->data[i] & 0x0F];
	}
	crm_person_add_bytes(person, column, text, UUID_TEXT);
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
add_jsonb(CrmMatchPerson *person, CrmMatchColumn column, Datum datum)
{
	Jsonb	   *json = (Jsonb *) plain_list(datum);

	if (json != NULL)
		crm_person_add_json(person, column, json);
}

static void
add_json(CrmMatchPerson *person, CrmMatchColumn column, Datum datum)
{
	struct varlena *json = plain_list(datum);

	if (json != NULL)
		crm_person_add_json_text(person, column, VARDATA(json), VARSIZE(json) - VARHDRSZ);
}

static void
add_jsons(CrmMatchPerson *person, CrmMatchColumn column, Datum datum)
{
	ArrayType  *list = (ArrayType *) plain_list(datum);
	Datum	   *elements;
	bool	   *nulls;
	int			count;
	int			i;

	if (list == NULL)
		return;
	deconstruct_array(list, JSONOID, -1, false, TYPALIGN_INT, &elements, &nulls, &count);
	for (i = 0; i < count; i++)
		if (!nulls[i])
			add_json(person, column, elements[i]);
}

static void
add_texts(CrmMatchPerson *person, CrmMatchColumn column, Datum datum)
{
	ArrayType  *texts = (ArrayType *) plain_list(datum);

	if (texts != NULL)
		crm_person_add_texts(person, column, texts);
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
			add_text(person, column, datum, false);
			break;
		case CRM_VALUE_PADDED_TEXT:
			add_text(person, column, datum, true);
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
			add_uuid(person, column, DatumGetUUIDP(datum));
			break;
		case CRM_VALUE_JSONB:
			add_jsonb(person, column, datum);
			break;
		case CRM_VALUE_JSON:
			add_json(person, column, datum);
			break;
		case CRM_VALUE_JSONS:
			add_jsons(person, column, datum);
			break;
		case CRM_VALUE_TEXTS:
			add_texts(person, column, datum);
			break;
	}
}
