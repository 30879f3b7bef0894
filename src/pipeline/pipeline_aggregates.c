/*
 * pipeline_aggregates.c
 *		Transition, combine, inverse and final functions of the pipeline
 *		aggregates.
 *
 * Every call form (stage as enum, text or not at all; probability as integer,
 * bigint, numeric, double precision or not at all) is one instance of the
 * same inlined code: CALL_FORM at the end of this file.
 *
 * What counts: a deal whose stage is open.  A closed deal or one without stage
 * is skipped before its other columns are looked at.  NULL value: counted,
 * adds 0.  NULL probability: the stage's default, or nothing in weighted_sum.
 *
 * Memory: the plain state is the aggregate's own; the transition function
 * changes it in place when it is called by an aggregate, and returns a new one
 * in the per-row context otherwise (the executor copies it).  The moving state
 * never leaves the backend: it and its numerics live in the aggregate context.
 */
#include "pipeline/deal_stage.h"
#include "pipeline/pipeline_state.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

typedef enum StageForm
{
	STAGE_ABSENT,
	STAGE_ENUM,
	STAGE_TEXT
} StageForm;

typedef enum PercentForm
{
	PERCENT_DEFAULT,
	PERCENT_INT4,
	PERCENT_INT8,
	PERCENT_NUMERIC,
	PERCENT_FLOAT8
} PercentForm;

#define VALUE_ARG 1
#define STAGE_ARG 2

/* Largest display scales of a fixed value and of value * percent, plus one. */
#define VALUE_SCALES	64
#define WEIGHTED_SCALES	(2 * VALUE_SCALES)

/* State of a moving window; rows leave it as they came. */
typedef struct MovingPipeline
{
	CrmSums		sums;
	int			value_top;		/* no larger scale is in the window */
	int			weighted_top;
	int64		value_scales[VALUE_SCALES]; /* rows in the window, by scale */
	int64		weighted_scales[WEIGHTED_SCALES];
	int64		slow_deals;
	int64		wide_deals;		/* slow ones of a scale beyond the arrays */
	Numeric		slow_value;		/* in the aggregate context, like this struct */
	Numeric		slow_weighted;
} MovingPipeline;

/* What a final function keeps between groups; lives in fn_mcxt. */
typedef struct FinalCache
{
	TupleDesc	summary;		/* crm.pipeline_summary; NULL until needed */
	uint8		saw;			/* of all groups so far */
	bool		has_warned;
} FinalCache;

/* ----------
 * reading a row
 * ----------
 */

static pg_attribute_always_inline void
read_percent(FunctionCallInfo fcinfo, PercentForm form, int arg, CrmPercent *out)
{
	switch (form)
	{
		case PERCENT_INT4:
			crm_percent_from_int64(PG_GETARG_INT32(arg), out);
			break;
		case PERCENT_INT8:
			crm_percent_from_int64(PG_GETARG_INT64(arg), out);
			break;
		case PERCENT_NUMERIC:
			crm_percent_from_numeric(PG_GETARG_DATUM(arg), out);
			break;
		case PERCENT_FLOAT8:
			crm_percent_from_float8(PG_GETARG_FLOAT8(arg), out);
			break;
		case PERCENT_DEFAULT:
			break;
	}
}

static int
compare_to_int(Numeric number, int64 integer)
{
	return DatumGetInt32(DirectFunctionCall2(numeric_cmp, NumericGetDatum(number),
											 crm_int64_to_numeric_datum(integer)));
}

/* Where a number that only numeric holds lies: 0 and 1 say nothing. */
static uint8
saw_long_percent(const CrmPercent *percent)
{
	int			sign = compare_to_int(percent->numeric, 1);

	if (sign > 0)
		return CRM_SAW_PERCENT;
	return sign < 0 && compare_to_int(percent->numeric, 0) > 0 ? CRM_SAW_FRACTION : 0;
}

static pg_attribute_always_inline uint8
saw_percent(const CrmPercent *percent)
{
	if (likely(percent->whole > 1))
		return CRM_SAW_PERCENT;
	if (unlikely(!percent->is_fixed))
		return saw_long_percent(percent);
	if (percent->fraction == 0)
		return 0;
	return percent->whole == 1 ? CRM_SAW_PERCENT : CRM_SAW_FRACTION;
}

/* False if the deal is not counted; otherwise its percent, and what it saw. */
static pg_attribute_always_inline bool
read_deal(FunctionCallInfo fcinfo, StageForm stage_form, PercentForm percent_form,
		  CrmDeal *deal, uint8 *saw)
{
	int			percent_arg = STAGE_ARG + (stage_form == STAGE_ABSENT ? 0 : 1);
	CrmStage	stage = CRM_STAGE_LOST;

	if (stage_form != STAGE_ABSENT)
	{
		if (unlikely(PG_ARGISNULL(STAGE_ARG)))
			return false;
		if (stage_form == STAGE_ENUM)
			stage = crm_stage_from_oid(PG_GETARG_OID(STAGE_ARG));
		else
		{
			text	   *label = PG_GETARG_TEXT_PP(STAGE_ARG);

			stage = crm_stage_from_text(VARDATA_ANY(label),
										VARSIZE_ANY_EXHDR(label));
		}
		if (!CRM_STAGE_IS_OPEN(stage))
			return false;
	}

	*saw = 0;
	if (percent_form == PERCENT_DEFAULT || unlikely(PG_ARGISNULL(percent_arg)))
		/* without a stage that is lost's probability: 0 */
		crm_percent_from_int64(crm_stages[stage].probability, &deal->percent);
	else
	{
		read_percent(fcinfo, percent_form, percent_arg, &deal->percent);
		*saw = saw_percent(&deal->percent);
	}
	return true;
}

/* ----------
 * the plain state
 * ----------
 */

/* The state to change: in place only if it is an aggregate's own plain one. */
static pg_attribute_always_inline CrmPipelineState *
own_state(FunctionCallInfo fcinfo)
{
	Pointer		state = PG_GETARG_POINTER(0);

	if (likely(VARATT_IS_4B_U(state) && AggCheckCallContext(fcinfo, NULL)))
		return (CrmPipelineState *) state;
	return crm_state_copy(PG_GETARG_DATUM(0));
}

static CrmPipelineState *
add_slow_deal(FunctionCallInfo fcinfo, CrmPipelineState *state, CrmDeal *deal)
{
	crm_deal_make_slow(deal, NumericGetDatum(PG_GETARG_NUMERIC(VALUE_ARG)));
	return crm_state_add_slow(state, deal->slow_value, deal->slow_weighted);
}

static pg_attribute_always_inline Datum
add_deal(FunctionCallInfo fcinfo, StageForm stage_form, PercentForm percent_form)
{
	CrmPipelineState *state;
	CrmDeal		deal;
	uint8		saw;
	int			scale;

	if (!read_deal(fcinfo, stage_form, percent_form, &deal, &saw))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}

	state = unlikely(PG_ARGISNULL(0)) ? crm_state_make() : own_state(fcinfo);
	state->sums.deals++;
	state->saw |= saw;
	if (unlikely(PG_ARGISNULL(VALUE_ARG)))
		PG_RETURN_POINTER(state);
	if (unlikely(!crm_deal_read(&deal, PG_GETARG_DATUM(VALUE_ARG))))
		PG_RETURN_POINTER(add_slow_deal(fcinfo, state, &deal));

	crm_sums_add(&state->sums, &deal);
	scale = deal.value.scale;
	if (unlikely(scale > state->value_scale))
		state->value_scale = scale;
	scale += deal.percent.scale;
	if (unlikely(scale > state->weighted_scale))
		state->weighted_scale = scale;
	PG_RETURN_POINTER(state);
}

/* Adds two states, either of which may be NULL; changes neither. */
PG_FUNCTION_INFO_V1(crm_pipeline_combine);
Datum
crm_pipeline_combine(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(0) && PG_ARGISNULL(1))
		PG_RETURN_NULL();
	if (PG_ARGISNULL(0))
		PG_RETURN_POINTER(crm_state_copy(PG_GETARG_DATUM(1)));
	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(crm_state_copy(PG_GETARG_DATUM(0)));
	PG_RETURN_POINTER(crm_state_combine(crm_state_copy(PG_GETARG_DATUM(0)),
										crm_state_copy(PG_GETARG_DATUM(1))));
}

/* ----------
 * the moving state
 * ----------
 */

static MovingPipeline *
moving_state(FunctionCallInfo fcinfo)
{
	MemoryContext context;
	MovingPipeline *state;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "moving pipeline state outside an aggregate");
	if (!PG_ARGISNULL(0))
		return (MovingPipeline *) PG_GETARG_POINTER(0);
	state = MemoryContextAllocZero(context, sizeof(MovingPipeline));
	state->value_top = CRM_NO_SCALE;
	state->weighted_top = CRM_NO_SCALE;
	return state;
}

/* Replaces a slow sum by a copy of another in the aggregate context. */
static void
keep_slow_sum(FunctionCallInfo fcinfo, Numeric *kept, Numeric sum)
{
	MemoryContext context;
	MemoryContext old;

	(void) AggCheckCallContext(fcinfo, &context);
	old = MemoryContextSwitchTo(context);
	if (*kept != NULL)
		pfree(*kept);
	*kept = DatumGetNumericCopy(NumericGetDatum(sum));
	MemoryContextSwitchTo(old);
}

static bool
is_finite(Numeric number)
{
	return !numeric_is_nan(number) && !numeric_is_inf(number);
}

static int
display_scale(Numeric number)
{
	return DatumGetInt32(DirectFunctionCall1(numeric_scale, NumericGetDatum(number)));
}

/* Notes that a deal of these display scales came (+1) or went (-1). */
static void
count_scales(MovingPipeline *state, int value_scale, int weighted_scale, int change)
{
	state->value_scales[value_scale] += change;
	state->weighted_scales[weighted_scale] += change;
	state->value_top = Max(state->value_top, value_scale);
	state->weighted_top = Max(state->weighted_top, weighted_scale);
}

/* False if the scales are beyond the arrays. */
static bool
count_slow_scales(MovingPipeline *state, const CrmDeal *deal, int change)
{
	int			value_scale;
	int			weighted_scale;

	if (!is_finite(deal->slow_value))
		return true;
	value_scale = display_scale(deal->slow_value);
	/* the factor 0.01 brought two of its decimals */
	weighted_scale = display_scale(deal->slow_weighted) - 2;
	if (value_scale >= VALUE_SCALES || weighted_scale >= WEIGHTED_SCALES)
		return false;
	count_scales(state, value_scale, weighted_scale, change);
	return true;
}

static void
move_slow_deal(FunctionCallInfo fcinfo, MovingPipeline *state, CrmDeal *deal)
{
	crm_deal_make_slow(deal, NumericGetDatum(PG_GETARG_NUMERIC(VALUE_ARG)));
	if (!count_slow_scales(state, deal, 1))
		state->wide_deals++;
	if (state->slow_deals++ > 0)
	{
		deal->slow_value = crm_numeric_add(state->slow_value, deal->slow_value);
		deal->slow_weighted = crm_numeric_add(state->slow_weighted,
											  deal->slow_weighted);
	}
	keep_slow_sum(fcinfo, &state->slow_value, deal->slow_value);
	keep_slow_sum(fcinfo, &state->slow_weighted, deal->slow_weighted);
}

/*
 * False if the deal cannot be subtracted: NaN and infinity swallow sums, a
 * wide deal leaves its scale behind, and a deal may have come in on the fast
 * path if the setting or a volatile argument changed meanwhile.  With the last
 * slow deal the window starts afresh too: that is as rare as such deals are,
 * and leaves no remainder, whichever way the deals came in.
 */
static bool
remove_slow_deal(FunctionCallInfo fcinfo, MovingPipeline *state, CrmDeal *deal)
{
	if (state->slow_deals <= 1 ||
		!is_finite(state->slow_value) || !is_finite(state->slow_weighted))
		return false;

	crm_deal_make_slow(deal, NumericGetDatum(PG_GETARG_NUMERIC(VALUE_ARG)));
	if (!count_slow_scales(state, deal, -1))
		return false;
	state->slow_deals--;
	keep_slow_sum(fcinfo, &state->slow_value,
				  crm_numeric_sub(state->slow_value, deal->slow_value));
	keep_slow_sum(fcinfo, &state->slow_weighted,
				  crm_numeric_sub(state->slow_weighted, deal->slow_weighted));
	return true;
}

static pg_attribute_always_inline Datum
move_deal(FunctionCallInfo fcinfo, StageForm stage_form, PercentForm percent_form)
{
	MovingPipeline *state = moving_state(fcinfo);
	CrmDeal		deal;
	uint8		saw;

	if (!read_deal(fcinfo, stage_form, percent_form, &deal, &saw))
		PG_RETURN_POINTER(state);

	state->sums.deals++;
	if (PG_ARGISNULL(VALUE_ARG))
		PG_RETURN_POINTER(state);
	if (unlikely(!crm_deal_read(&deal, PG_GETARG_DATUM(VALUE_ARG))))
	{
		move_slow_deal(fcinfo, state, &deal);
		PG_RETURN_POINTER(state);
	}

	crm_sums_add(&state->sums, &deal);
	count_scales(state, deal.value.scale, deal.value.scale + deal.percent.scale, 1);
	PG_RETURN_POINTER(state);
}

/* NULL tells the executor to sum the window up afresh. */
static pg_attribute_always_inline Datum
remove_deal(FunctionCallInfo fcinfo, StageForm stage_form, PercentForm percent_form)
{
	MovingPipeline *state = moving_state(fcinfo);
	CrmDeal		deal;
	uint8		saw;

	if (!read_deal(fcinfo, stage_form, percent_form, &deal, &saw))
		PG_RETURN_POINTER(state);

	if (!PG_ARGISNULL(VALUE_ARG))
	{
		if (unlikely(!crm_deal_read(&deal, PG_GETARG_DATUM(VALUE_ARG))))
		{
			if (!remove_slow_deal(fcinfo, state, &deal))
				PG_RETURN_NULL();
		}
		else
		{
			crm_sums_remove(&state->sums, &deal);
			count_scales(state, deal.value.scale,
						 deal.value.scale + deal.percent.scale, -1);
		}
	}
	state->sums.deals--;
	PG_RETURN_POINTER(state);
}

/* Lowers *top to the largest scale that still has rows. */
static int
top_scale(const int64 *rows, int *top)
{
	while (*top >= 0 && rows[*top] == 0)
		(*top)--;
	return *top;
}

/* ----------
 * results
 * ----------
 */

static FinalCache *
final_cache(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(FinalCache));
	return (FinalCache *) fcinfo->flinfo->fn_extra;
}

/*
 * Once per aggregate in a query, not once per group, and not if an earlier
 * group showed that the numbers are percent.  Windows never warn: a frame may
 * hold small ones only.
 */
static void
warn_about_fractions(FunctionCallInfo fcinfo, uint8 saw)
{
	FinalCache *cache = final_cache(fcinfo);

	if (AggCheckCallContext(fcinfo, NULL) == AGG_CONTEXT_WINDOW)
		return;
	cache->saw |= saw;
	if (likely(cache->saw != CRM_SAW_FRACTION || cache->has_warned))
		return;
	cache->has_warned = true;
	ereport(WARNING,
			(errcode(ERRCODE_WARNING),
			 errmsg("probabilities look like fractions, not percent"),
			 errdetail("No probability is above 1, and at least one is between 0 and 1."),
			 errhint("Probabilities are 0 to 100: pass probability * 100.")));
}

static TupleDesc
summary_descriptor(FunctionCallInfo fcinfo)
{
	FinalCache *cache = final_cache(fcinfo);
	TupleDesc	desc;
	MemoryContext old;

	if (cache->summary != NULL)
		return cache->summary;
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE ||
		desc->natts != 3)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("type crm.pipeline_summary has changed its form")));
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	cache->summary = BlessTupleDesc(CreateTupleDescCopy(desc));
	MemoryContextSwitchTo(old);
	return cache->summary;
}

static Datum
make_summary(FunctionCallInfo fcinfo, int64 deals, Numeric value, Numeric weighted)
{
	Datum		values[3];
	bool		nulls[3] = {false, false, false};

	values[0] = Int64GetDatum(deals);
	values[1] = NumericGetDatum(value);
	values[2] = NumericGetDatum(weighted);
	return HeapTupleGetDatum(heap_form_tuple(summary_descriptor(fcinfo),
											 values, nulls));
}

/* The state of a group without rows is NULL; its sums are zero. */
static CrmPipelineState *
final_state(FunctionCallInfo fcinfo)
{
	return PG_ARGISNULL(0) ? crm_state_make() : crm_state_copy(PG_GETARG_DATUM(0));
}

PG_FUNCTION_INFO_V1(crm_pipeline_final_state);
Datum
crm_pipeline_final_state(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(final_state(fcinfo));
}

PG_FUNCTION_INFO_V1(crm_pipeline_final_weighted);
Datum
crm_pipeline_final_weighted(PG_FUNCTION_ARGS)
{
	CrmPipelineState *state = final_state(fcinfo);

	warn_about_fractions(fcinfo, state->saw);
	PG_RETURN_NUMERIC(crm_state_weighted(state));
}

PG_FUNCTION_INFO_V1(crm_pipeline_final_summary);
Datum
crm_pipeline_final_summary(PG_FUNCTION_ARGS)
{
	CrmPipelineState *state = final_state(fcinfo);

	warn_about_fractions(fcinfo, state->saw);
	PG_RETURN_DATUM(make_summary(fcinfo, state->sums.deals,
								 crm_state_value(state),
								 crm_state_weighted(state)));
}

/*
 * A sum that includes slow deals has the largest scale that ever was in the
 * window; brings it down to what is in there now, as sum() does.
 */
static Numeric
with_scale(Numeric sum, int scale)
{
	return DatumGetNumeric(DirectFunctionCall2(numeric_round, NumericGetDatum(sum),
											   Int32GetDatum(Max(scale, 0))));
}

static Numeric
moving_weighted(MovingPipeline *state)
{
	int			scale = top_scale(state->weighted_scales, &state->weighted_top);
	Numeric		sum = crm_sums_weighted(&state->sums, scale, state->slow_weighted);

	if (likely(state->slow_deals == 0) || state->wide_deals > 0)
		return sum;
	return with_scale(sum, scale + 2);
}

static Numeric
moving_value(MovingPipeline *state)
{
	int			scale = top_scale(state->value_scales, &state->value_top);
	Numeric		sum = crm_sums_value(&state->sums, scale, state->slow_value);

	if (likely(state->slow_deals == 0) || state->wide_deals > 0)
		return sum;
	return with_scale(sum, scale);
}

PG_FUNCTION_INFO_V1(crm_pipeline_moving_weighted);
Datum
crm_pipeline_moving_weighted(PG_FUNCTION_ARGS)
{
	MovingPipeline *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_NUMERIC(int64_to_numeric(0));
	state = (MovingPipeline *) PG_GETARG_POINTER(0);
	PG_RETURN_NUMERIC(moving_weighted(state));
}

PG_FUNCTION_INFO_V1(crm_pipeline_moving_summary);
Datum
crm_pipeline_moving_summary(PG_FUNCTION_ARGS)
{
	MovingPipeline *state;

	if (PG_ARGISNULL(0))
		PG_RETURN_DATUM(make_summary(fcinfo, 0, int64_to_numeric(0),
									 int64_to_numeric(0)));
	state = (MovingPipeline *) PG_GETARG_POINTER(0);
	PG_RETURN_DATUM(make_summary(fcinfo, state->sums.deals,
								 moving_value(state), moving_weighted(state)));
}

/* The same figures as a row, from a stored state. */
PG_FUNCTION_INFO_V1(crm_state_summary);
Datum
crm_state_summary(PG_FUNCTION_ARGS)
{
	CrmPipelineState *state = crm_state_copy(PG_GETARG_DATUM(0));

	PG_RETURN_DATUM(make_summary(fcinfo, state->sums.deals,
								 crm_state_value(state),
								 crm_state_weighted(state)));
}

/* ----------
 * one set of functions per call form
 * ----------
 */

#define CALL_FORM(name, stage_form, percent_form) \
PG_FUNCTION_INFO_V1(crm_pipeline_add_##name); \
Datum \
crm_pipeline_add_##name(PG_FUNCTION_ARGS) \
{ \
	return add_deal(fcinfo, stage_form, percent_form); \
} \
PG_FUNCTION_INFO_V1(crm_pipeline_move_##name); \
Datum \
crm_pipeline_move_##name(PG_FUNCTION_ARGS) \
{ \
	return move_deal(fcinfo, stage_form, percent_form); \
} \
PG_FUNCTION_INFO_V1(crm_pipeline_remove_##name); \
Datum \
crm_pipeline_remove_##name(PG_FUNCTION_ARGS) \
{ \
	return remove_deal(fcinfo, stage_form, percent_form); \
}

CALL_FORM(enum, STAGE_ENUM, PERCENT_DEFAULT)
CALL_FORM(enum_int4, STAGE_ENUM, PERCENT_INT4)
CALL_FORM(enum_int8, STAGE_ENUM, PERCENT_INT8)
CALL_FORM(enum_numeric, STAGE_ENUM, PERCENT_NUMERIC)
CALL_FORM(enum_float8, STAGE_ENUM, PERCENT_FLOAT8)
CALL_FORM(text, STAGE_TEXT, PERCENT_DEFAULT)
CALL_FORM(text_int4, STAGE_TEXT, PERCENT_INT4)
CALL_FORM(text_int8, STAGE_TEXT, PERCENT_INT8)
CALL_FORM(text_numeric, STAGE_TEXT, PERCENT_NUMERIC)
CALL_FORM(text_float8, STAGE_TEXT, PERCENT_FLOAT8)
CALL_FORM(int4, STAGE_ABSENT, PERCENT_INT4)
CALL_FORM(int8, STAGE_ABSENT, PERCENT_INT8)
CALL_FORM(numeric, STAGE_ABSENT, PERCENT_NUMERIC)
CALL_FORM(float8, STAGE_ABSENT, PERCENT_FLOAT8)
