/*
 * similarity.c
 *		SQL functions that say how alike two strings are.
 *
 * The measures stand in indexes and generated columns of their callers: what they
 * return for two strings does not change, and is the same in every encoding.
 */
#include "values/similarity_text.h"

PG_FUNCTION_INFO_V1(crm_jaro_winkler);
Datum
crm_jaro_winkler(PG_FUNCTION_ARGS)
{
	text	   *a = PG_GETARG_TEXT_PP(0);
	text	   *b = PG_GETARG_TEXT_PP(1);

	PG_RETURN_FLOAT8(crm_jaro_winkler_of(VARDATA_ANY(a), (int) VARSIZE_ANY_EXHDR(a),
										 VARDATA_ANY(b), (int) VARSIZE_ANY_EXHDR(b)));
}

static int32
bound_of(PG_FUNCTION_ARGS, int arg)
{
	int32		bound;

	if (PG_ARGISNULL(arg))
		return CRM_NO_BOUND;
	bound = PG_GETARG_INT32(arg);
	if (bound < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_distance %d is negative", bound),
				 errhint("Give 0 or more, or NULL for a distance without bound.")));
	return Min(bound, CRM_NO_BOUND);
}

/* NULL for a string or a flag that is NULL; a bound that is NULL is none. */
PG_FUNCTION_INFO_V1(crm_edit_distance);
Datum
crm_edit_distance(PG_FUNCTION_ARGS)
{
	int32		bound = bound_of(fcinfo, 2);
	text	   *a;
	text	   *b;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(3))
		PG_RETURN_NULL();
	a = PG_GETARG_TEXT_PP(0);
	b = PG_GETARG_TEXT_PP(1);
	PG_RETURN_INT32(crm_edit_distance_of(VARDATA_ANY(a), (int) VARSIZE_ANY_EXHDR(a),
										 VARDATA_ANY(b), (int) VARSIZE_ANY_EXHDR(b),
										 bound, PG_GETARG_BOOL(3)));
}

PG_FUNCTION_INFO_V1(crm_token_similarity);
Datum
crm_token_similarity(PG_FUNCTION_ARGS)
{
	text	   *a = PG_GETARG_TEXT_PP(0);
	text	   *b = PG_GETARG_TEXT_PP(1);

	PG_RETURN_FLOAT8(crm_token_similarity_of(VARDATA_ANY(a), (int) VARSIZE_ANY_EXHDR(a),
											 VARDATA_ANY(b), (int) VARSIZE_ANY_EXHDR(b)));
}
