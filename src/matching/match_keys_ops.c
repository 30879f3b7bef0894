/*
 * match_keys_ops.c
 *		Keys of contacts in a GIN index, and the operator that looks for them.
 *
 * The operator is true if two arrays have a key in common, as && of arrays is.  Its
 * name is another, since with crm in the search path it would be taken for that of
 * bigint[].  It is one of our own because it can promise what that one cannot: that it is
 * LEAKPROOF, and that few rows have a key in common with a given contact, whatever
 * has or has not been analysed.  The proof of the former: arrays of any other
 * shape than ours are compared as if they were empty; no error, no message and no
 * other effect depends on what is in them.
 */
#include "matching/match_keys.h"

#include "access/gin.h"
#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

/* Share of a table's rows that have a key in common with a contact. */
#define SELECTIVITY 1e-6

/* The keys in an array; none if it is not one of keys. */
static const int64 *
keys_in(ArrayType *array, int *count)
{
	*count = 0;
	if (ARR_NDIM(array) == 1 && ARR_ELEMTYPE(array) == INT8OID && !ARR_HASNULL(array))
		*count = ARR_DIMS(array)[0];
	return (const int64 *) ((char *) array + ARR_OVERHEAD_NONULLS(1));
}

static bool
is_ascending(const int64 *keys, int count)
{
	int			i;

	for (i = 1; i < count; i++)
		if (keys[i - 1] > keys[i])
			return false;
	return true;
}

static bool
overlap_ascending(const int64 *a, int a_count, const int64 *b, int b_count)
{
	int			i = 0;
	int			j = 0;

	while (i < a_count && j < b_count)
	{
		if (a[i] == b[j])
			return true;
		if (a[i] < b[j])
			i++;
		else
			j++;
	}
	return false;
}

static int
compare_keys(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	CHECK_FOR_INTERRUPTS();
	return x < y ? -1 : x > y;
}

/* The keys in ascending order: as crm.match_keys gives them, or else a copy. */
static const int64 *
ascending(const int64 *keys, int count)
{
	int64	   *copy;

	if (is_ascending(keys, count))
		return keys;
	copy = palloc(count * sizeof(int64));
	memcpy(copy, keys, count * sizeof(int64));
	qsort(copy, count, sizeof(int64), compare_keys);
	return copy;
}

PG_FUNCTION_INFO_V1(crm_match_keys_overlap);
Datum
crm_match_keys_overlap(PG_FUNCTION_ARGS)
{
	int			a_count;
	int			b_count;
	const int64 *a = keys_in(PG_GETARG_ARRAYTYPE_P(0), &a_count);
	const int64 *b = keys_in(PG_GETARG_ARRAYTYPE_P(1), &b_count);

	PG_RETURN_BOOL(overlap_ascending(ascending(a, a_count), a_count, ascending(b, b_count), b_count));
}

/* Few rows, whatever is known of the table: the index is always worth it. */
PG_FUNCTION_INFO_V1(crm_match_keys_selectivity);
Datum
crm_match_keys_selectivity(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(SELECTIVITY);
}

/* ----------
 * what GIN asks for
 * ----------
 */

static Datum *
entries_of(ArrayType *array, int32 *count)
{
	int			keys_count;
	const int64 *keys = keys_in(array, &keys_count);
	Datum	   *entries = palloc(Max(keys_count, 1) * sizeof(Datum));
	int			i;

	for (i = 0; i < keys_count; i++)
		entries[i] = Int64GetDatum(keys[i]);
	*count = keys_count;
	return entries;
}

PG_FUNCTION_INFO_V1(crm_match_keys_extract);
Datum
crm_match_keys_extract(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(entries_of(PG_GETARG_ARRAYTYPE_P(0), (int32 *) PG_GETARG_POINTER(1)));
}

PG_FUNCTION_INFO_V1(crm_match_keys_extract_query);
Datum
crm_match_keys_extract_query(PG_FUNCTION_ARGS)
{
	int32	   *mode = (int32 *) PG_GETARG_POINTER(6);

	*mode = GIN_SEARCH_MODE_DEFAULT;
	PG_RETURN_POINTER(entries_of(PG_GETARG_ARRAYTYPE_P(0), (int32 *) PG_GETARG_POINTER(1)));
}

PG_FUNCTION_INFO_V1(crm_match_keys_consistent);
Datum
crm_match_keys_consistent(PG_FUNCTION_ARGS)
{
	bool	   *check = (bool *) PG_GETARG_POINTER(0);
	int32		count = PG_GETARG_INT32(3);
	bool	   *recheck = (bool *) PG_GETARG_POINTER(5);
	int			i;

	*recheck = false;
	for (i = 0; i < count; i++)
		if (check[i])
			PG_RETURN_BOOL(true);
	PG_RETURN_BOOL(false);
}

PG_FUNCTION_INFO_V1(crm_match_keys_triconsistent);
Datum
crm_match_keys_triconsistent(PG_FUNCTION_ARGS)
{
	GinTernaryValue *check = (GinTernaryValue *) PG_GETARG_POINTER(0);
	int32		count = PG_GETARG_INT32(3);
	GinTernaryValue result = GIN_FALSE;
	int			i;

	for (i = 0; i < count; i++)
	{
		if (check[i] == GIN_TRUE)
			PG_RETURN_GIN_TERNARY_VALUE(GIN_TRUE);
		if (check[i] == GIN_MAYBE)
			result = GIN_MAYBE;
	}
	PG_RETURN_GIN_TERNARY_VALUE(result);
}
