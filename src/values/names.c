/*
 * names.c
 *		Names of people, as SQL functions.
 *
 * A name that is no text in the database's encoding is folded as bytes.  So is
 * one whose folded form the encoding lacks, which makes it equal to itself and
 * to little else.
 */
#include "crm.h"

#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "values/given_names.h"
#include "values/name_fold.h"
#include "values/split_name.h"
#include "values/utf8_text.h"

typedef size_t (*CrmFolder) (const char *name, size_t length, char *out, size_t capacity);

/* Names of up to half so many bytes are compared without allocating. */
#define FOLDED_ROOM 256

/* A folded name, as UTF-8 where it could be read as text. */
typedef struct CrmFoldedName
{
	char	   *bytes;
	size_t		length;
	char		room[FOLDED_ROOM];
} CrmFoldedName;

/* What exceeds the longest value is cut off. */
static size_t
fold_capacity(size_t length)
{
	return Min(CRM_NAME_FOLD_GROWTH * length, MaxAllocSize - VARHDRSZ);
}

/* Folded straight into a new value. */
static text *
folded_text(CrmFolder folder, const char *name, size_t length)
{
	size_t		capacity = fold_capacity(length);
	text	   *folded = palloc(VARHDRSZ + capacity);

	SET_VARSIZE(folded, VARHDRSZ + folder(name, length, VARDATA(folded), capacity));
	return folded;
}

/* Folded for comparison. */
static void
fold_name(const text *name, CrmFoldedName *folded)
{
	CrmUtf8Text utf8;
	CrmFolder	folder = crm_name_fold;
	size_t		capacity;

	if (!crm_text_to_utf8(name, &utf8))
	{
		folder = crm_name_fold_bytes;
		utf8.bytes = VARDATA_ANY(name);
		utf8.length = VARSIZE_ANY_EXHDR(name);
	}
	capacity = fold_capacity(utf8.length);
	folded->bytes = capacity <= FOLDED_ROOM ? folded->room : palloc(capacity);
	folded->length = folder(utf8.bytes, utf8.length, folded->bytes, capacity);
}

PG_FUNCTION_INFO_V1(crm_fold_name);
Datum
crm_fold_name(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	CrmUtf8Text utf8;
	text	   *folded;

	if (crm_text_to_utf8(name, &utf8))
	{
		folded = folded_text(crm_name_fold, utf8.bytes, utf8.length);
		if (GetDatabaseEncoding() != PG_UTF8)
			folded = crm_text_from_utf8(VARDATA(folded), VARSIZE(folded) - VARHDRSZ);
		if (folded != NULL)
			PG_RETURN_TEXT_P(folded);
	}
	PG_RETURN_TEXT_P(folded_text(crm_name_fold_bytes, VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)));
}

PG_FUNCTION_INFO_V1(crm_given_name_similarity_of);
Datum
crm_given_name_similarity_of(PG_FUNCTION_ARGS)
{
	CrmFoldedName a;
	CrmFoldedName b;

	fold_name(PG_GETARG_TEXT_PP(0), &a);
	fold_name(PG_GETARG_TEXT_PP(1), &b);
	PG_RETURN_FLOAT8(crm_given_name_similarity(a.bytes, a.length, b.bytes, b.length));
}

/* The most likely ones first. */
static int
compare_variants(const void *a, const void *b)
{
	const CrmGivenNameVariant *p = a;
	const CrmGivenNameVariant *q = b;
	int			order;

	if (p->weight != q->weight)
		return p->weight > q->weight ? -1 : 1;
	order = memcmp(p->name, q->name, Min(p->length, q->length));
	return order != 0 ? order : (int) p->length - (int) q->length;
}

/* All variants of a name, in order, in new memory. */
static CrmGivenNameVariant *
variants_of(const CrmFoldedName *name, int *count)
{
	int			room = 64;
	CrmGivenNameVariant *variants = palloc(room * sizeof(*variants));
	CrmGivenNameCursor cursor;

	*count = 0;
	crm_given_name_variants_begin(&cursor, name->bytes, name->length);
	while (crm_given_name_variants_next(&cursor, &variants[*count]))
	{
		if (++*count == room)
		{
			room *= 2;
			variants = repalloc(variants, room * sizeof(*variants));
		}
	}
	qsort(variants, *count, sizeof(*variants), compare_variants);
	return variants;
}

PG_FUNCTION_INFO_V1(crm_given_name_variants);
Datum
crm_given_name_variants(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	CrmFoldedName name;
	CrmGivenNameVariant *variants;
	int			count;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	fold_name(PG_GETARG_TEXT_PP(0), &name);
	variants = variants_of(&name, &count);
	for (i = 0; i < count; i++)
	{
		Datum		values[2];
		bool		nulls[2] = {false, false};

		values[0] = PointerGetDatum(cstring_to_text_with_len(variants[i].name, (int) variants[i].length));
		values[1] = Float8GetDatum(variants[i].weight);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * Splits a text of the database's encoding.  Text that cannot be read as
 * characters is split at ASCII in SQL_ASCII; elsewhere a byte may be half of a
 * character, and it is left whole.
 */
static void
split_text(const text *name, CrmNameParts *parts)
{
	CrmUtf8Text utf8;
	bool		is_text = crm_text_to_utf8(name, &utf8);

	if (!is_text)
	{
		utf8.bytes = VARDATA_ANY(name);
		utf8.length = VARSIZE_ANY_EXHDR(name);
	}
	if (is_text || GetDatabaseEncoding() == PG_SQL_ASCII)
	{
		crm_split_name(utf8.bytes, utf8.length,
					   palloc(CRM_SPLIT_NAME_SIZE(utf8.length)), parts);
		return;
	}
	memset(parts, 0, sizeof(*parts));
	parts->bytes[CRM_NAME_LAST] = utf8.bytes;
	parts->length[CRM_NAME_LAST] = utf8.length;
}

/* A part as a value; what could not be read goes back as it came. */
static Datum
part_value(const CrmNameParts *parts, int part)
{
	text	   *value = crm_text_from_utf8(parts->bytes[part], parts->length[part]);

	if (value == NULL)
		value = cstring_to_text_with_len(parts->bytes[part], (int) parts->length[part]);
	return PointerGetDatum(value);
}

PG_FUNCTION_INFO_V1(crm_split_name_of);
Datum
crm_split_name_of(PG_FUNCTION_ARGS)
{
	CrmNameParts parts;
	Datum		values[CRM_NAME_PARTS];
	bool		nulls[CRM_NAME_PARTS];
	TupleDesc	desc;
	int			part;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "split_name does not return a record");
	split_text(PG_GETARG_TEXT_PP(0), &parts);
	for (part = 0; part < CRM_NAME_PARTS; part++)
	{
		nulls[part] = parts.length[part] == 0;
		values[part] = nulls[part] ? (Datum) 0 : part_value(&parts, part);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
