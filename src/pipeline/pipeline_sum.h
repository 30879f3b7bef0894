/*
 * pipeline_sum.h
 *		Exact sums of deals: how many, how much, how much weighted.
 *
 * CrmSums holds what can be added without allocation: 128-bit integers in
 * fixed units.  Rows that numeric_read.h refuses are added with the server's
 * numeric arithmetic and kept beside it, by whoever owns the sums.
 *
 * Room: a row's units are below 9.2e18 and its fraction of a percent below
 * 10,000 units, so the narrowest sum overflows after 1.8e15 rows.
 */
#ifndef CRM_PIPELINE_SUM_H
#define CRM_PIPELINE_SUM_H

#include "pipeline/numeric_read.h"

#include "common/int.h"
#include "utils/numeric.h"

typedef struct CrmSums
{
	int64		deals;
	int128		value_units;	/* 1e-4 */
	int128		value_rest;		/* 1e-16 */
	int128		weighted_units; /* 1e-4 x percent */
	int128		weighted_fraction;	/* 1e-4 x 1e-4 percent */
	int128		weighted_rest;	/* 1e-16 x percent */
} CrmSums;

/* The scale of sums to which no fixed-point row has been added. */
#define CRM_NO_SCALE (-1)

/* A probability in percent. */
typedef struct CrmPercent
{
	int			whole;
	int			fraction;		/* 1e-4 percent */
	int			scale;			/* display scale of the number as numeric */
	bool		is_fixed;		/* else only numeric has it */
	Numeric		numeric;
} CrmPercent;

/*
 * One deal, ready to be added.  If is_fixed, value and percent hold it;
 * otherwise slow_value and slow_weighted do (the weighted value is final:
 * value * percent * 0.01).
 */
typedef struct CrmDeal
{
	bool		is_fixed;
	CrmFixed	value;
	CrmPercent	percent;
	Numeric		slow_value;
	Numeric		slow_weighted;
} CrmDeal;

extern void crm_percent_from_numeric(Datum datum, CrmPercent *out);
extern void crm_percent_from_float8(double percent, CrmPercent *out);
pg_noreturn extern void crm_percent_out_of_range(Datum numeric);
extern Datum crm_int64_to_numeric_datum(int64 value);
extern void crm_deal_make_slow(CrmDeal *deal, Datum value);
extern Numeric crm_sums_value(const CrmSums *sums, int scale, Numeric slow);
extern Numeric crm_sums_weighted(const CrmSums *sums, int scale, Numeric slow);

static pg_attribute_always_inline void
crm_percent_from_int64(int64 percent, CrmPercent *out)
{
	if (unlikely(percent < 0 || percent > 100))
		crm_percent_out_of_range(crm_int64_to_numeric_datum(percent));
	out->whole = (int) percent;
	out->fraction = 0;
	out->scale = 0;
	out->is_fixed = true;
	out->numeric = NULL;
}

/* Reads the value; false if the deal must take the slow path. */
static pg_attribute_always_inline bool
crm_deal_read(CrmDeal *deal, Datum value)
{
	deal->is_fixed = crm_numeric_read(value, &deal->value) &&
		deal->percent.is_fixed &&
		(deal->value.rest == 0 || deal->percent.fraction == 0);
	return deal->is_fixed;
}

static pg_attribute_always_inline void
crm_sums_add(CrmSums *sums, const CrmDeal *deal)
{
	sums->value_units += deal->value.units;
	sums->weighted_units += (int128) deal->value.units * deal->percent.whole;
	if (unlikely(deal->percent.fraction != 0))
		sums->weighted_fraction += (int128) deal->value.units * deal->percent.fraction;
	if (unlikely(deal->value.rest != 0))
	{
		sums->value_rest += deal->value.rest;
		sums->weighted_rest += (int128) deal->value.rest * deal->percent.whole;
	}
}

static pg_attribute_always_inline void
crm_sums_remove(CrmSums *sums, const CrmDeal *deal)
{
	sums->value_units -= deal->value.units;
	sums->weighted_units -= (int128) deal->value.units * deal->percent.whole;
	if (unlikely(deal->percent.fraction != 0))
		sums->weighted_fraction -= (int128) deal->value.units * deal->percent.fraction;
	if (unlikely(deal->value.rest != 0))
	{
		sums->value_rest -= deal->value.rest;
		sums->weighted_rest -= (int128) deal->value.rest * deal->percent.whole;
	}
}

static inline void
crm_sums_combine(CrmSums *into, const CrmSums *from)
{
	if (pg_add_s64_overflow(into->deals, from->deals, &into->deals))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("number of deals is out of range")));
	into->value_units += from->value_units;
	into->value_rest += from->value_rest;
	into->weighted_units += from->weighted_units;
	into->weighted_fraction += from->weighted_fraction;
	into->weighted_rest += from->weighted_rest;
}

#endif							/* CRM_PIPELINE_SUM_H */
