/*
 * pipeline_sum.c
 *		From columns to fixed-point numbers and back.
 *
 * Probabilities are checked here, whatever type they come in: outside 0 to
 * 100 is an error that names the value.  Results are exact; their display
 * scale is what sum(value * probability::numeric * 0.01) has.
 *
 * Everything is allocated in the caller's memory context.
 */
#include "pipeline/pipeline_sum.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

Datum
crm_int64_to_numeric_datum(int64 value)
{
	return NumericGetDatum(int64_to_numeric(value));
}

void
crm_percent_out_of_range(Datum numeric)
{
	char	   *text = DatumGetCString(DirectFunctionCall1(numeric_out, numeric));

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("probability %.100s is not between 0 and 100", text),
			 errhint("Probabilities are percent: write 25 for one in four.")));
}

static bool
is_less(Datum a, Datum b)
{
	return DatumGetBool(DirectFunctionCall2(numeric_lt, a, b));
}

/* A number with more digits than CrmPercent keeps: only its range matters. */
static void
percent_from_long_numeric(Datum datum, CrmPercent *out)
{
	if (is_less(datum, crm_int64_to_numeric_datum(0)) ||
		is_less(crm_int64_to_numeric_datum(100), datum))
		crm_percent_out_of_range(datum);
	out->whole = 0;
	out->fraction = 0;
	out->scale = 0;
	out->is_fixed = false;
	out->numeric = DatumGetNumeric(datum);
}

void
crm_percent_from_numeric(Datum datum, CrmPercent *out)
{
	CrmFixed	fixed;

	if (!crm_numeric_read(datum, &fixed) || fixed.rest != 0)
	{
		percent_from_long_numeric(datum, out);
		return;
	}
	if (fixed.units < 0 || fixed.units > 100 * CRM_NBASE)
		crm_percent_out_of_range(datum);
	out->whole = (int) (fixed.units / CRM_NBASE);
	out->fraction = (int) (fixed.units % CRM_NBASE);
	out->scale = fixed.scale;
	out->is_fixed = true;
	out->numeric = NULL;
}

/*
 * A double precision number means what the server's cast to numeric makes of
 * it: its 15 significant digits.  If it is the double nearest to a number of
 * four decimals below 101, those 15 digits are that number.
 */
void
crm_percent_from_float8(double percent, CrmPercent *out)
{
	double		scaled = rint(percent * CRM_NBASE);

	if (!(percent >= 0 && percent <= 100))	/* NaN too */
		crm_percent_out_of_range(DirectFunctionCall1(float8_numeric,
													 Float8GetDatum(percent)));
	if (scaled / CRM_NBASE != percent || !crm_numeric_fast_path)
	{
		percent_from_long_numeric(DirectFunctionCall1(float8_numeric,
													  Float8GetDatum(percent)),
								  out);
		return;
	}

	out->whole = (int) scaled / CRM_NBASE;
	out->fraction = (int) scaled % CRM_NBASE;
	out->scale = 0;
	if (out->fraction != 0)
		out->scale = out->fraction % 10 != 0 ? 4 :
			out->fraction % 100 != 0 ? 3 :
			out->fraction % 1000 != 0 ? 2 : 1;
	out->is_fixed = true;
	out->numeric = NULL;
}

/* The percent as numeric, with the display scale that it came with. */
static Numeric
percent_numeric(const CrmPercent *percent)
{
	Numeric		result;

	if (!percent->is_fixed)
		return percent->numeric;
	result = int64_div_fast_to_numeric((int64) percent->whole * CRM_NBASE +
									   percent->fraction, 4);
	return DatumGetNumeric(DirectFunctionCall2(numeric_round,
											   NumericGetDatum(result),
											   Int32GetDatum(percent->scale)));
}

/*
 * Fills the slow half of a deal.  One exact multiplication does for a whole
 * percent: it gives the digits and the scale that the two of SQL give.
 */
void
crm_deal_make_slow(CrmDeal *deal, Datum value)
{
	const CrmPercent *percent = &deal->percent;

	deal->is_fixed = false;
	deal->slow_value = DatumGetNumeric(value);
	if (percent->is_fixed && percent->scale == 0)
		deal->slow_weighted =
			crm_numeric_mul(deal->slow_value,
							int64_div_fast_to_numeric(percent->whole, 2));
	else
		deal->slow_weighted =
			crm_numeric_mul(crm_numeric_mul(deal->slow_value,
											percent_numeric(percent)),
							int64_div_fast_to_numeric(1, 2));
}

static const int64 powers_of_ten[] = {
	INT64CONST(1), INT64CONST(10), INT64CONST(100), INT64CONST(1000),
	INT64CONST(10000), INT64CONST(100000), INT64CONST(1000000),
	INT64CONST(10000000), INT64CONST(100000000), INT64CONST(1000000000),
	INT64CONST(10000000000), INT64CONST(100000000000),
	INT64CONST(1000000000000), INT64CONST(10000000000000),
	INT64CONST(100000000000000), INT64CONST(1000000000000000),
	INT64CONST(10000000000000000), INT64CONST(100000000000000000),
	INT64CONST(1000000000000000000)
};

/* number * 10^-exponent, through text, for numbers beyond 64 bits */
static Numeric
big_to_numeric(int128 number, int exponent)
{
	char		buffer[64];
	char	   *p = buffer + sizeof(buffer) - 1;
	bool		negative = number < 0;
	uint128		rest = negative ? -(uint128) number : (uint128) number;
	int			written = 0;

	*p = '\0';
	do
	{
		if (written == exponent && exponent > 0)
			*--p = '.';
		*--p = '0' + (int) (rest % 10);
		rest /= 10;
		written++;
	} while (rest > 0 || written <= exponent);
	if (negative)
		*--p = '-';

	return DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(p),
											   ObjectIdGetDatum(InvalidOid),
											   Int32GetDatum(-1)));
}

/*
 * number * 10^-exponent with display scale "scale".  No row had more than
 * "scale" decimals, so the digits that are cut are zeros.
 */
static Numeric
fixed_to_numeric(int128 number, int exponent, int scale)
{
	Numeric		result;

	if (scale < exponent)
	{
		number /= powers_of_ten[exponent - scale];
		exponent = scale;
	}

	if (likely(number >= PG_INT64_MIN && number <= PG_INT64_MAX))
	{
		if (likely(scale == exponent))
			return int64_div_fast_to_numeric((int64) number, exponent);
		result = int64_div_fast_to_numeric((int64) number, exponent);
	}
	else
		result = big_to_numeric(number, exponent);

	return DatumGetNumeric(DirectFunctionCall2(numeric_round,
											   NumericGetDatum(result),
											   Int32GetDatum(scale)));
}

static Numeric
add_fixed(Numeric sum, int128 number, int exponent, int scale)
{
	if (likely(number == 0))
		return sum;
	return crm_numeric_add(sum, fixed_to_numeric(number, exponent, scale));
}

/* Both halves of a sum; slow is NULL if no row was slow. */
static Numeric
add_slow(Numeric fixed, Numeric slow)
{
	return slow == NULL ? fixed : crm_numeric_add(fixed, slow);
}

static Numeric
nothing_or(Numeric slow)
{
	return slow != NULL ? slow : int64_to_numeric(0);
}

/* The sum of the values; scale is the largest display scale of a fixed one. */
Numeric
crm_sums_value(const CrmSums *sums, int scale, Numeric slow)
{
	Numeric		fixed;

	if (scale == CRM_NO_SCALE)
		return nothing_or(slow);
	fixed = fixed_to_numeric(sums->value_units, 4, scale);
	fixed = add_fixed(fixed, sums->value_rest, 16, scale);
	return add_slow(fixed, slow);
}

/*
 * The sum of value * percent * 0.01; scale is the largest display scale of a
 * product value * percent.
 */
Numeric
crm_sums_weighted(const CrmSums *sums, int scale, Numeric slow)
{
	Numeric		fixed;

	if (scale == CRM_NO_SCALE)
		return nothing_or(slow);
	scale += 2;
	fixed = fixed_to_numeric(sums->weighted_units, 6, scale);
	fixed = add_fixed(fixed, sums->weighted_fraction, 10, scale);
	fixed = add_fixed(fixed, sums->weighted_rest, 18, scale);
	return add_slow(fixed, slow);
}
