/*
 * event_details.c
 *		What the timeline says of deals and e-mails beyond their own columns.
 *
 * The same could be written in SQL; here it costs a tenth, on every event that
 * is shown.  The functions look at their arguments alone.
 */
#include "crm.h"

#include "lib/stringinfo.h"
#include "pipeline/deal_stage.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

/* ----------
 * details
 * ----------
 */

static void
start_object(JsonbParseState **state)
{
	*state = NULL;
	(void) pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
}

static void
push_key(JsonbParseState **state, const char *key)
{
	JsonbValue	value;

	value.type = jbvString;
	value.val.string.val = unconstify(char *, key);
	value.val.string.len = (int) strlen(key);
	(void) pushJsonbValue(state, WJB_KEY, &value);
}

static void
push_string(JsonbParseState **state, const char *key, const char *bytes, int length)
{
	JsonbValue	value;

	push_key(state, key);
	value.type = jbvString;
	value.val.string.val = unconstify(char *, bytes);
	value.val.string.len = length;
	(void) pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_text(JsonbParseState **state, const char *key, text *words)
{
	push_string(state, key, VARDATA_ANY(words), (int) VARSIZE_ANY_EXHDR(words));
}

static void
push_numeric(JsonbParseState **state, const char *key, Datum numeric)
{
	JsonbValue	value;

	push_key(state, key);
	value.type = jbvNumeric;
	value.val.numeric = DatumGetNumeric(numeric);
	(void) pushJsonbValue(state, WJB_VALUE, &value);
}

static Datum
finish_object(JsonbParseState **state)
{
	return JsonbPGetDatum(JsonbValueToJsonb(pushJsonbValue(state, WJB_END_OBJECT, NULL)));
}

PG_FUNCTION_INFO_V1(crm_email_details);
Datum
crm_email_details(PG_FUNCTION_ARGS)
{
	JsonbParseState *state;
	JsonbValue	value;

	start_object(&state);
	if (!PG_ARGISNULL(0))
	{
		Jsonb	   *addresses = PG_GETARG_JSONB_P(0);

		push_key(&state, "to");
		value.type = jbvBinary;
		value.val.binary.data = &addresses->root;
		value.val.binary.len = VARSIZE(addresses) - VARHDRSZ;
		(void) pushJsonbValue(&state, WJB_VALUE, &value);
	}
	if (!PG_ARGISNULL(1))
		push_text(&state, "thread_id", PG_GETARG_TEXT_PP(1));
	PG_RETURN_DATUM(finish_object(&state));
}

PG_FUNCTION_INFO_V1(crm_deal_details);
Datum
crm_deal_details(PG_FUNCTION_ARGS)
{
	JsonbParseState *state;

	start_object(&state);
	if (!PG_ARGISNULL(0))
	{
		const CrmStageInfo *stage = &crm_stages[crm_stage_from_oid(PG_GETARG_OID(0))];

		push_string(&state, "stage", stage->label, stage->label_length);
	}
	if (!PG_ARGISNULL(1) && !numeric_is_nan(PG_GETARG_NUMERIC(1)) &&
		!numeric_is_inf(PG_GETARG_NUMERIC(1)))
		push_numeric(&state, "value", PG_GETARG_DATUM(1));
	if (!PG_ARGISNULL(2))
		push_text(&state, "currency", PG_GETARG_TEXT_PP(2));
	if (!PG_ARGISNULL(3))
		push_numeric(&state, "probability",
					 DirectFunctionCall1(int4_numeric, PG_GETARG_DATUM(3)));
	PG_RETURN_DATUM(finish_object(&state));
}

/* ----------
 * the description of a change
 * ----------
 */

/* Arguments of the function below, after the kind: pairs of old and new. */
enum
{
	ARG_KIND,
	ARG_STAGE,
	ARG_VALUE = ARG_STAGE + 2,
	ARG_CURRENCY = ARG_VALUE + 2,
	ARG_PROBABILITY = ARG_CURRENCY + 2,
	ARG_CLOSE_DATE = ARG_PROBABILITY + 2,
	ARG_OWNER = ARG_CLOSE_DATE + 2,
	ARG_ARCHIVED = ARG_OWNER + 2,
	ARG_LOST_REASON = ARG_ARCHIVED + 2
};

static const char *
shown_argument(FunctionCallInfo fcinfo, int arg, PGFunction output)
{
	return PG_ARGISNULL(arg) ? "none" :
		DatumGetCString(DirectFunctionCall1(output, PG_GETARG_DATUM(arg)));
}

static void
append_stage(StringInfo words, FunctionCallInfo fcinfo, int arg)
{
	appendStringInfoString(words, PG_ARGISNULL(arg) ? "none" :
						   crm_stages[crm_stage_from_oid(PG_GETARG_OID(arg))].label);
}

static void
append_money(StringInfo words, FunctionCallInfo fcinfo, bool new)
{
	if (PG_ARGISNULL(ARG_VALUE + new))
	{
		appendStringInfoString(words, "no value");
		return;
	}
	appendStringInfoString(words, shown_argument(fcinfo, ARG_VALUE + new, numeric_out));
	if (!PG_ARGISNULL(ARG_CURRENCY + new))
		appendStringInfo(words, " %s", text_to_cstring(PG_GETARG_TEXT_PP(ARG_CURRENCY + new)));
}

/* "what old -> new", if the two differ. */
static void
append_change(StringInfo words, FunctionCallInfo fcinfo, const char *what, int arg,
			  PGFunction output)
{
	if (PG_ARGISNULL(arg) && PG_ARGISNULL(arg + 1))
		return;
	if (!PG_ARGISNULL(arg) && !PG_ARGISNULL(arg + 1) &&
		PG_GETARG_DATUM(arg) == PG_GETARG_DATUM(arg + 1))
		return;
	appendStringInfo(words, "%s%s %s -> %s", words->len > 0 ? ", " : "", what,
					 shown_argument(fcinfo, arg, output),
					 shown_argument(fcinfo, arg + 1, output));
}

static void
append_other_changes(StringInfo words, FunctionCallInfo fcinfo)
{
	append_change(words, fcinfo, "probability", ARG_PROBABILITY, int4out);
	append_change(words, fcinfo, "expected close", ARG_CLOSE_DATE, date_out);
	append_change(words, fcinfo, "owner", ARG_OWNER, int8out);
	if (PG_ARGISNULL(ARG_ARCHIVED) != PG_ARGISNULL(ARG_ARCHIVED + 1))
		appendStringInfo(words, "%s%s", words->len > 0 ? ", " : "",
						 PG_ARGISNULL(ARG_ARCHIVED) ? "archived" : "restored");
}

PG_FUNCTION_INFO_V1(crm_deal_change_text);
Datum
crm_deal_change_text(PG_FUNCTION_ARGS)
{
	StringInfoData words;
	char	   *kind;

	if (PG_ARGISNULL(ARG_KIND))
		PG_RETURN_NULL();
	kind = text_to_cstring(PG_GETARG_TEXT_PP(ARG_KIND));
	initStringInfo(&words);
	if (strcmp(kind, "lost") == 0)
	{
		if (PG_ARGISNULL(ARG_LOST_REASON))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(ARG_LOST_REASON));
	}
	if (strcmp(kind, "won") == 0)
		append_money(&words, fcinfo, true);
	else if (strcmp(kind, "created") == 0)
	{
		append_stage(&words, fcinfo, ARG_STAGE + 1);
		appendStringInfoString(&words, ", ");
		append_money(&words, fcinfo, true);
	}
	else if (strcmp(kind, "value") == 0)
	{
		append_money(&words, fcinfo, false);
		appendStringInfoString(&words, " -> ");
		append_money(&words, fcinfo, true);
	}
	else if (strcmp(kind, "other") == 0)
		append_other_changes(&words, fcinfo);
	else
	{
		append_stage(&words, fcinfo, ARG_STAGE);
		appendStringInfoString(&words, " -> ");
		append_stage(&words, fcinfo, ARG_STAGE + 1);
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(words.data, words.len));
}

/* The kind of event that a kind of change is. */
PG_FUNCTION_INFO_V1(crm_deal_event_kind);
Datum
crm_deal_event_kind(PG_FUNCTION_ARGS)
{
	static const char *const kinds[][2] = {
		{"created", "deal_created"},
		{"won", "deal_won"},
		{"lost", "deal_lost"},
		{"reopened", "deal_reopened"},
		{"stage", "deal_stage_changed"},
		{"value", "deal_value_changed"}
	};
	text	   *kind = PG_GETARG_TEXT_PP(0);
	int			i;

	for (i = 0; i < (int) lengthof(kinds); i++)
		if (VARSIZE_ANY_EXHDR(kind) == strlen(kinds[i][0]) &&
			memcmp(VARDATA_ANY(kind), kinds[i][0], strlen(kinds[i][0])) == 0)
			PG_RETURN_TEXT_P(cstring_to_text(kinds[i][1]));
	PG_RETURN_TEXT_P(cstring_to_text("deal_changed"));
}
