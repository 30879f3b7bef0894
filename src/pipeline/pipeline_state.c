/*
 * pipeline_state.c
 *		Type crm.pipeline_state: text and binary forms, and its readers.
 *
 * Text form: (version,deals,value,weighted,saw), for example
 * (1,3,1500.50,750.2500,2).  value and weighted are the exact sums in decimal,
 * so the form is the same under any setting and on any machine.  The binary
 * form carries the same five fields.  Both directions check everything: a
 * state that comes in has been through hands that are not ours.
 *
 * Functions that read a state take it as it comes (compressed, with a short
 * header, unaligned) and copy it first; nothing here changes its argument.
 */
#include "pipeline/pipeline_state.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define STATE_FIELDS 5

/* The longest text of a field: a numeric has at most about 147,500 digits. */
#define MAX_FIELD_LENGTH 200000

/* The five fields of both external forms. */
typedef struct StateFields
{
	int64		version;
	int64		deals;
	Datum		value;
	Datum		weighted;
	int64		saw;
} StateFields;

/* An empty state in the current memory context. */
CrmPipelineState *
crm_state_make(void)
{
	CrmPipelineState *state = palloc0(sizeof(CrmPipelineState));

	SET_VARSIZE(state, sizeof(CrmPipelineState));
	state->version = CRM_STATE_VERSION;
	state->value_scale = CRM_NO_SCALE;
	state->weighted_scale = CRM_NO_SCALE;
	return state;
}

/* An aligned copy with a plain header, checked for a version that we know. */
CrmPipelineState *
crm_state_copy(Datum datum)
{
	CrmPipelineState *state = (CrmPipelineState *)
		PG_DETOAST_DATUM_COPY(datum);

	if (VARSIZE(state) < sizeof(CrmPipelineState) ||
		state->version != CRM_STATE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("pipeline state of an unknown version"),
				 errhint("It was written by a newer crm; update the extension.")));
	return state;
}

/* Both slow sums; only of a state that has them. */
static void
slow_sums(const CrmPipelineState *state, Numeric *value, Numeric *weighted)
{
	char	   *first = (char *) state + sizeof(CrmPipelineState);

	*value = (Numeric) first;
	*weighted = (Numeric) (first + MAXALIGN(VARSIZE(first)));
}

/* A copy of the state with these slow sums instead of its own. */
static CrmPipelineState *
with_slow_sums(const CrmPipelineState *state, Numeric value, Numeric weighted)
{
	Size		value_size = MAXALIGN(VARSIZE(value));
	Size		size = sizeof(CrmPipelineState) + value_size + VARSIZE(weighted);
	CrmPipelineState *result = palloc0(size);
	char	   *slow = (char *) result + sizeof(CrmPipelineState);

	memcpy(result, state, sizeof(CrmPipelineState));
	SET_VARSIZE(result, size);
	memcpy(slow, value, VARSIZE(value));
	memcpy(slow + value_size, weighted, VARSIZE(weighted));
	return result;
}

/* A copy of the state to which a slow row's numerics have been added. */
CrmPipelineState *
crm_state_add_slow(const CrmPipelineState *state, Numeric value, Numeric weighted)
{
	Numeric		old_value;
	Numeric		old_weighted;

	if (CRM_STATE_HAS_SLOW(state))
	{
		slow_sums(state, &old_value, &old_weighted);
		value = crm_numeric_add(old_value, value);
		weighted = crm_numeric_add(old_weighted, weighted);
	}
	return with_slow_sums(state, value, weighted);
}

/* A new state: the sum of both. */
CrmPipelineState *
crm_state_combine(const CrmPipelineState *a, const CrmPipelineState *b)
{
	CrmPipelineState *result = palloc(VARSIZE(a));
	Numeric		value;
	Numeric		weighted;

	memcpy(result, a, VARSIZE(a));
	crm_sums_combine(&result->sums, &b->sums);
	result->saw |= b->saw;
	result->value_scale = Max(a->value_scale, b->value_scale);
	result->weighted_scale = Max(a->weighted_scale, b->weighted_scale);
	if (!CRM_STATE_HAS_SLOW(b))
		return result;
	slow_sums(b, &value, &weighted);
	return crm_state_add_slow(result, value, weighted);
}

/* The exact sum of the values. */
Numeric
crm_state_value(const CrmPipelineState *state)
{
	Numeric		value = NULL;
	Numeric		weighted;

	if (CRM_STATE_HAS_SLOW(state))
		slow_sums(state, &value, &weighted);
	return crm_sums_value(&state->sums, state->value_scale, value);
}

/* The exact sum of value * probability * 0.01. */
Numeric
crm_state_weighted(const CrmPipelineState *state)
{
	Numeric		value;
	Numeric		weighted = NULL;

	if (CRM_STATE_HAS_SLOW(state))
		slow_sums(state, &value, &weighted);
	return crm_sums_weighted(&state->sums, state->weighted_scale, weighted);
}

/* ----------
 * text form
 * ----------
 */

static char *
numeric_text(Numeric number)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(number)));
}

PG_FUNCTION_INFO_V1(crm_pipeline_state_out);
Datum
crm_pipeline_state_out(PG_FUNCTION_ARGS)
{
	CrmPipelineState *state = crm_state_copy(PG_GETARG_DATUM(0));

	PG_RETURN_CSTRING(psprintf("(%d," INT64_FORMAT ",%s,%s,%d)",
							   state->version, state->sums.deals,
							   numeric_text(crm_state_value(state)),
							   numeric_text(crm_state_weighted(state)),
							   state->saw));
}

/*
 * Cuts "(a,b,c,d,e)" into its fields, in a copy of the text.  False if it is
 * anything else; a field is never longer than a number can be.
 */
static bool
split_fields(char *text, char **fields)
{
	size_t		length = strlen(text);
	char	   *p = text + 1;
	int			i;

	if (length < 2 || text[0] != '(' || text[length - 1] != ')')
		return false;
	text[length - 1] = '\0';
	for (i = 0; i < STATE_FIELDS; i++)
	{
		char	   *comma = strchr(p, ',');

		if ((comma == NULL) != (i == STATE_FIELDS - 1))
			return false;
		if (comma != NULL)
			*comma = '\0';
		if (*p == '\0' || strlen(p) > MAX_FIELD_LENGTH)
			return false;
		fields[i] = p;
		p = comma + 1;
	}
	return true;
}

/* A whole number of 64 bits, without sign or leading zeros. */
static bool
read_count(const char *text, int64 *result)
{
	size_t		length = strlen(text);

	if (length > 19 || strspn(text, "0123456789") != length ||
		(length > 1 && text[0] == '0'))
		return false;
	errno = 0;
	*result = strtoi64(text, NULL, 10);
	return errno == 0;
}

/* Sums that no rows can have: the fields contradict each other. */
static bool
fields_agree(const StateFields *fields)
{
	Datum		zero = NumericGetDatum(int64_to_numeric(0));

	if (fields->deals < 0 || fields->saw < 0 || fields->saw > CRM_SAW_ALL)
		return false;
	return fields->deals > 0 ||
		(DatumGetBool(DirectFunctionCall2(numeric_eq, fields->value, zero)) &&
		 DatumGetBool(DirectFunctionCall2(numeric_eq, fields->weighted, zero)));
}

static CrmPipelineState *
state_from_fields(const StateFields *fields)
{
	CrmPipelineState *state = crm_state_make();

	state->saw = (uint8) fields->saw;
	state->sums.deals = fields->deals;
	if (fields->deals == 0)
		return state;
	return with_slow_sums(state, DatumGetNumeric(fields->value),
						  DatumGetNumeric(fields->weighted));
}

PG_FUNCTION_INFO_V1(crm_pipeline_state_in);
Datum
crm_pipeline_state_in(PG_FUNCTION_ARGS)
{
	char	   *input = PG_GETARG_CSTRING(0);
	struct Node *escontext = (struct Node *) fcinfo->context;
	char	   *texts[STATE_FIELDS];
	StateFields fields;

	if (!split_fields(pstrdup(input), texts) ||
		!read_count(texts[0], &fields.version) ||
		!read_count(texts[1], &fields.deals) ||
		!read_count(texts[4], &fields.saw))
		ereturn(escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s: \"%s\"",
						"crm.pipeline_state",
						crm_shown(input, (int) strlen(input))),
				 errhint("The form is (version,deals,value,weighted,saw).")));
	if (fields.version != CRM_STATE_VERSION)
		ereturn(escontext, (Datum) 0,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("pipeline state of unknown version " INT64_FORMAT,
						fields.version),
				 errdetail("This library knows version %d.", CRM_STATE_VERSION),
				 errhint("Update the extension crm on this server.")));
	if (!crm_numeric_in(texts[2], escontext, &fields.value) ||
		!crm_numeric_in(texts[3], escontext, &fields.weighted))
		PG_RETURN_NULL();
	if (!fields_agree(&fields))
		ereturn(escontext, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("impossible pipeline state \"%s\"",
						crm_shown(input, (int) strlen(input))),
				 errdetail("Without deals both sums are 0; saw is 0 to %d.",
						   CRM_SAW_ALL)));

	PG_RETURN_POINTER(state_from_fields(&fields));
}

/* ----------
 * binary form: int16 version, int64 deals, two numerics with their lengths,
 * int16 saw
 * ----------
 */

static void
send_numeric(StringInfo buf, Numeric number)
{
	bytea	   *wire = DatumGetByteaPP(DirectFunctionCall1(numeric_send,
														   NumericGetDatum(number)));

	pq_sendint32(buf, VARSIZE_ANY_EXHDR(wire));
	pq_sendbytes(buf, VARDATA_ANY(wire), VARSIZE_ANY_EXHDR(wire));
}

PG_FUNCTION_INFO_V1(crm_pipeline_state_send);
Datum
crm_pipeline_state_send(PG_FUNCTION_ARGS)
{
	CrmPipelineState *state = crm_state_copy(PG_GETARG_DATUM(0));
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint16(&buf, state->version);
	pq_sendint64(&buf, state->sums.deals);
	send_numeric(&buf, crm_state_value(state));
	send_numeric(&buf, crm_state_weighted(state));
	pq_sendint16(&buf, state->saw);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

/* One numeric, which must fill exactly the length that it announces. */
static Datum
receive_numeric(StringInfo buf)
{
	int			length = pq_getmsgint(buf, 4);
	StringInfoData part;
	Datum		result;

	if (length < 0 || length > buf->len - buf->cursor)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid length of a number in external \"%s\" value",
						"crm.pipeline_state")));
	initStringInfo(&part);
	appendBinaryStringInfo(&part, pq_getmsgbytes(buf, length), length);
	result = DirectFunctionCall3(numeric_recv, PointerGetDatum(&part),
								 ObjectIdGetDatum(InvalidOid),
								 Int32GetDatum(-1));
	pq_getmsgend(&part);
	return result;
}

PG_FUNCTION_INFO_V1(crm_pipeline_state_recv);
Datum
crm_pipeline_state_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	StateFields fields;

	fields.version = pq_getmsgint(buf, 2);
	if (fields.version != CRM_STATE_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("pipeline state of unknown version " INT64_FORMAT,
						fields.version),
				 errhint("Update the extension crm on this server.")));
	fields.deals = pq_getmsgint64(buf);
	fields.value = receive_numeric(buf);
	fields.weighted = receive_numeric(buf);
	fields.saw = pq_getmsgint(buf, 2);
	if (!fields_agree(&fields))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("impossible external \"%s\" value",
						"crm.pipeline_state")));

	PG_RETURN_POINTER(state_from_fields(&fields));
}

/* ----------
 * readers of a stored state
 * ----------
 */

PG_FUNCTION_INFO_V1(crm_state_total_deals);
Datum
crm_state_total_deals(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(crm_state_copy(PG_GETARG_DATUM(0))->sums.deals);
}

PG_FUNCTION_INFO_V1(crm_state_total_value);
Datum
crm_state_total_value(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(crm_state_value(crm_state_copy(PG_GETARG_DATUM(0))));
}

PG_FUNCTION_INFO_V1(crm_state_weighted_value);
Datum
crm_state_weighted_value(PG_FUNCTION_ARGS)
{
	PG_RETURN_NUMERIC(crm_state_weighted(crm_state_copy(PG_GETARG_DATUM(0))));
}
