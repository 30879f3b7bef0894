/*
 * deal_rules.c
 *		Row triggers that keep the rules of a CRM's deals.
 *
 * The rules, for every way of writing (psql, COPY, MERGE, bulk UPDATE, mappers
 * that write all columns):
 *	- A column counts as written if an INSERT gives it, or an UPDATE changes it.
 *	- Stage and pipeline stage agree.  Either may be written; written both, they
 *	  must agree.  The enum alone keeps the present pipeline stage if that
 *	  counts as it, and otherwise picks the pipeline's first stage that does, or
 *	  none.
 *	- Probability is the stage's default until written; a written one stays.
 *	  NULL, or probability_is_manual set to false, returns to the default.  Won
 *	  is 100, lost is 0.
 *	- closed_at is set on entering won or lost unless given, kept between the
 *	  two, and cleared on reopening.
 *	- Currency is the CRM's home currency unless given.
 *	- updated_at is the transaction's time unless written.
 *
 * Stages, pipelines and settings are read with the writer's rights from the
 * schema of the table that fires the trigger (deal_lookups.c).
 */
#include "crm.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "pipeline/deal_stage.h"
#include "tables/deal_lookups.h"
#include "tables/deal_rules.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

/* The columns that the rules read or write. */
typedef enum DealColumn
{
	DEAL_STAGE,
	DEAL_PIPELINE_ID,
	DEAL_PIPELINE_STAGE_ID,
	DEAL_PROBABILITY,
	DEAL_IS_MANUAL,
	DEAL_CURRENCY,
	DEAL_CLOSED_AT,
	DEAL_LOST_REASON,
	DEAL_UPDATED_AT
} DealColumn;

#define NUM_DEAL_COLUMNS (DEAL_UPDATED_AT + 1)

static const struct
{
	const char *name;
	Oid			type;			/* InvalidOid: crm.deal_stage */
}			deal_columns[NUM_DEAL_COLUMNS] = {
	{"stage", InvalidOid},
	{"pipeline_id", INT8OID},
	{"pipeline_stage_id", INT8OID},
	{"probability", INT4OID},
	{"probability_is_manual", BOOLOID},
	{"currency", TEXTOID},
	{"closed_at", TIMESTAMPTZOID},
	{"lost_reason", TEXTOID},
	{"updated_at", TIMESTAMPTZOID}
};

/*
 * What a trigger keeps for one statement on one table: where the columns are,
 * and what was looked up.  Lives in fn_extra, as long as the statement.
 */
typedef struct DealRules
{
	AttrNumber	columns[NUM_DEAL_COLUMNS];
	CrmDealLookups lookups;
} DealRules;

typedef struct Deal
{
	Datum		values[NUM_DEAL_COLUMNS];
	bool		nulls[NUM_DEAL_COLUMNS];
	bool		changed[NUM_DEAL_COLUMNS];	/* by the rules */
} Deal;

/* A deal that is being written; old is NULL for an INSERT. */
typedef struct DealWrite
{
	Relation	relation;
	CrmDealLookups *lookups;
	Deal	   *old;
	Deal	   *new;
	CrmStage	stage;			/* of the new row, once it is settled */
} DealWrite;

/* ----------
 * columns
 * ----------
 */

static AttrNumber
find_column(Relation relation, TupleDesc desc, DealColumn column)
{
	const char *name = deal_columns[column].name;
	AttrNumber	number = SPI_fnumber(desc, name);
	Oid			type;

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist",
						name, RelationGetRelationName(relation)),
				 errdetail("The rules of deals need the column."),
				 errhint("Restore the column, or drop the trigger deals_rules.")));
	type = TupleDescAttr(desc, number - 1)->atttypid;
	if (type != (OidIsValid(deal_columns[column].type) ?
				 deal_columns[column].type : crm_stage_type_oid()))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of relation \"%s\" has another type than the rules of deals expect",
						name, RelationGetRelationName(relation)),
				 errhint("Give it its type back, or drop the trigger deals_rules.")));
	return number;
}

static DealRules *
start_rules(Relation relation, TupleDesc desc, MemoryContext context)
{
	DealRules  *rules = MemoryContextAllocZero(context, sizeof(DealRules));
	int			i;

	for (i = 0; i < NUM_DEAL_COLUMNS; i++)
		rules->columns[i] = find_column(relation, desc, (DealColumn) i);
	crm_start_lookups(&rules->lookups, relation, context);
	return rules;
}

static void
read_deal(HeapTuple tuple, TupleDesc desc, const DealRules *rules, Deal *deal)
{
	int			i;

	for (i = 0; i < NUM_DEAL_COLUMNS; i++)
	{
		deal->values[i] = heap_getattr(tuple, rules->columns[i], desc,
									   &deal->nulls[i]);
		deal->changed[i] = false;
	}
}

static void
set_column(Deal *deal, DealColumn column, Datum value)
{
	deal->values[column] = value;
	deal->nulls[column] = false;
	deal->changed[column] = true;
}

static void
set_null(Deal *deal, DealColumn column)
{
	deal->values[column] = (Datum) 0;
	deal->nulls[column] = true;
	deal->changed[column] = true;
}

/* Whether the statement gives the column; by-value columns only. */
static bool
is_written(const DealWrite *write, DealColumn column)
{
	const Deal *old = write->old;
	const Deal *new = write->new;

	if (old == NULL)
		return !new->nulls[column];
	if (old->nulls[column] || new->nulls[column])
		return old->nulls[column] != new->nulls[column];
	return old->values[column] != new->values[column];
}

static int64
id_or_zero(const Deal *deal, DealColumn column)
{
	return deal->nulls[column] ? 0 : DatumGetInt64(deal->values[column]);
}

static void
set_id(Deal *deal, DealColumn column, int64 id, bool is_null)
{
	if (is_null)
		set_null(deal, column);
	else
		set_column(deal, column, Int64GetDatum(id));
}

/* ----------
 * stage and pipeline
 * ----------
 */

static void
report_disagreement(const char *what, int64 pipeline_stage_id, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("%s and pipeline_stage_id of the deal do not agree", what),
			 errdetail("Pipeline stage " INT64_FORMAT " %s.",
					   pipeline_stage_id, detail),
			 errhint("Write either of them: the other follows.")));
}

/* pipeline_stage_id was written: the stage and the pipeline follow it. */
static void
follow_pipeline_stage(DealWrite *write)
{
	Deal	   *deal = write->new;
	int64		id = DatumGetInt64(deal->values[DEAL_PIPELINE_STAGE_ID]);
	CrmStageRow row;

	if (!crm_lookup_stage(write->lookups, id, &row))
		ereport(ERROR,
				(errcode(ERRCODE_FOREIGN_KEY_VIOLATION),
				 errmsg("pipeline stage " INT64_FORMAT " does not exist", id),
				 errhint("The stages are the rows of pipeline_stages."),
				 errtableconstraint(write->relation, "deals_pipeline_stage_id_fkey")));
	if (is_written(write, DEAL_STAGE) && !deal->nulls[DEAL_STAGE] &&
		crm_stage_from_oid(DatumGetObjectId(deal->values[DEAL_STAGE])) != row.stage)
		report_disagreement("stage", id,
							psprintf("counts as %s", crm_stages[row.stage].label));
	if (is_written(write, DEAL_PIPELINE_ID) && !deal->nulls[DEAL_PIPELINE_ID] &&
		DatumGetInt64(deal->values[DEAL_PIPELINE_ID]) != row.pipeline_id)
		report_disagreement("pipeline_id", id,
							psprintf("belongs to pipeline " INT64_FORMAT, row.pipeline_id));

	set_column(deal, DEAL_STAGE, ObjectIdGetDatum(crm_stage_oid(row.stage)));
	set_column(deal, DEAL_PIPELINE_ID, Int64GetDatum(row.pipeline_id));
	write->stage = row.stage;
}

/*
 * Whether the deal can stay in its pipeline stage.  If it can, and that stage
 * has itself changed what it counts as and its pipeline, the deal follows: two
 * foreign keys cascade such a change, one after the other.
 */
static bool
stays_in_pipeline_stage(DealWrite *write)
{
	Deal	   *deal = write->new;
	CrmStageRow row;
	bool		same_stage;
	bool		same_pipeline;

	if (deal->nulls[DEAL_PIPELINE_STAGE_ID] ||
		!crm_lookup_stage(write->lookups,
						  DatumGetInt64(deal->values[DEAL_PIPELINE_STAGE_ID]), &row))
		return false;
	same_stage = row.stage == write->stage;
	same_pipeline = row.pipeline_id == id_or_zero(deal, DEAL_PIPELINE_ID);
	if (same_stage && !same_pipeline && !is_written(write, DEAL_PIPELINE_ID))
		set_column(deal, DEAL_PIPELINE_ID, Int64GetDatum(row.pipeline_id));
	else if (same_pipeline && !same_stage && !is_written(write, DEAL_STAGE))
	{
		set_column(deal, DEAL_STAGE, ObjectIdGetDatum(crm_stage_oid(row.stage)));
		write->stage = row.stage;
	}
	else
		return same_stage && same_pipeline;
	return true;
}

/* The stage alone was written: it picks the pipeline's stage. */
static void
follow_stage(DealWrite *write)
{
	Deal	   *deal = write->new;
	CrmStageRow row;
	bool		found;

	if (write->old == NULL && deal->nulls[DEAL_PIPELINE_ID])
	{
		int64		pipeline;

		found = crm_lookup_default_pipeline(write->lookups, &pipeline);
		set_id(deal, DEAL_PIPELINE_ID, pipeline, !found);
	}
	if (stays_in_pipeline_stage(write))
		return;
	found = !deal->nulls[DEAL_PIPELINE_ID] &&
		crm_lookup_first_stage(write->lookups,
							   DatumGetInt64(deal->values[DEAL_PIPELINE_ID]),
							   write->stage, &row);
	set_id(deal, DEAL_PIPELINE_STAGE_ID, found ? row.id : 0, !found);
}

/* False if the row has no stage: NULL in an UPDATE is left to NOT NULL. */
static bool
settle_stage(DealWrite *write)
{
	Deal	   *deal = write->new;

	if (is_written(write, DEAL_PIPELINE_STAGE_ID) &&
		!deal->nulls[DEAL_PIPELINE_STAGE_ID])
	{
		follow_pipeline_stage(write);
		return true;
	}
	if (deal->nulls[DEAL_STAGE] && write->old != NULL)
		return false;
	if (deal->nulls[DEAL_STAGE])
		set_column(deal, DEAL_STAGE,
				   ObjectIdGetDatum(crm_stage_oid(CRM_STAGE_LEAD)));
	write->stage = crm_stage_from_oid(DatumGetObjectId(deal->values[DEAL_STAGE]));
	if (write->old == NULL || is_written(write, DEAL_STAGE) ||
		is_written(write, DEAL_PIPELINE_ID) ||
		is_written(write, DEAL_PIPELINE_STAGE_ID))
		follow_stage(write);
	return true;
}

/* ----------
 * what depends on the stage
 * ----------
 */

/* Default probability of the stage that the deal is in now. */
static int
default_probability(const DealWrite *write)
{
	const Deal *deal = write->new;
	CrmStageRow row;

	if (!deal->nulls[DEAL_PIPELINE_STAGE_ID] &&
		crm_lookup_stage(write->lookups,
						 DatumGetInt64(deal->values[DEAL_PIPELINE_STAGE_ID]), &row))
		return row.probability;
	return crm_stages[write->stage].probability;
}

static bool
stage_has_changed(const DealWrite *write)
{
	return write->old == NULL || is_written(write, DEAL_STAGE) ||
		is_written(write, DEAL_PIPELINE_STAGE_ID);
}

static void
set_probability(Deal *deal, int probability, bool is_manual)
{
	set_column(deal, DEAL_PROBABILITY, Int32GetDatum(probability));
	set_column(deal, DEAL_IS_MANUAL, BoolGetDatum(is_manual));
}

static void
settle_probability(DealWrite *write)
{
	Deal	   *deal = write->new;
	bool		is_manual = !deal->nulls[DEAL_IS_MANUAL] &&
		DatumGetBool(deal->values[DEAL_IS_MANUAL]);
	bool		returns = write->old != NULL && !is_manual &&
		is_written(write, DEAL_IS_MANUAL);
	bool		is_given = is_written(write, DEAL_PROBABILITY);

	if (!CRM_STAGE_IS_OPEN(write->stage))
		set_probability(deal, crm_stages[write->stage].probability, false);
	else if (deal->nulls[DEAL_PROBABILITY])
		set_probability(deal, default_probability(write), false);
	else if (is_given)
		set_column(deal, DEAL_IS_MANUAL,
				   BoolGetDatum((is_manual && is_written(write, DEAL_IS_MANUAL)) ||
								DatumGetInt32(deal->values[DEAL_PROBABILITY]) !=
								default_probability(write)));
	else if (returns || (stage_has_changed(write) && !is_manual))
		set_probability(deal, default_probability(write), false);
	else if (deal->nulls[DEAL_IS_MANUAL])
		set_column(deal, DEAL_IS_MANUAL, BoolGetDatum(false));
}

static bool
was_closed(const DealWrite *write)
{
	return write->old != NULL && !write->old->nulls[DEAL_STAGE] &&
		!CRM_STAGE_IS_OPEN(crm_stage_from_oid(DatumGetObjectId(write->old->values[DEAL_STAGE])));
}

static void
settle_closed_at(DealWrite *write)
{
	Deal	   *deal = write->new;

	if (CRM_STAGE_IS_OPEN(write->stage))
	{
		/* a date that is given with an open stage is left to the CHECK */
		if (was_closed(write) && !is_written(write, DEAL_CLOSED_AT))
			set_null(deal, DEAL_CLOSED_AT);
	}
	else if (deal->nulls[DEAL_CLOSED_AT])
	{
		if (was_closed(write) && !write->old->nulls[DEAL_CLOSED_AT])
			set_column(deal, DEAL_CLOSED_AT, write->old->values[DEAL_CLOSED_AT]);
		else
			set_column(deal, DEAL_CLOSED_AT,
					   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
	}
}

/* NULL, or nothing but spaces. */
static bool
is_blank(const Deal *deal, DealColumn column)
{
	char	   *words;

	if (deal->nulls[column])
		return true;
	words = TextDatumGetCString(deal->values[column]);
	return words[strspn(words, " \t\r\n")] == '\0';
}

static void
require_lost_reason(DealWrite *write)
{
	Deal	   *deal = write->new;

	if (write->stage == CRM_STAGE_LOST && stage_has_changed(write) &&
		is_blank(deal, DEAL_LOST_REASON) &&
		crm_lookup_settings(write->lookups)->require_lost_reason)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("a lost deal needs a lost_reason"),
				 errdetail("This CRM requires it: settings.require_lost_reason is true."),
				 errhint("Write lost_reason together with the stage."),
				 errtableconstraint(write->relation, "deals_lost_reason_required")));
}

static void
settle_currency(DealWrite *write)
{
	const CrmSettings *settings;

	if (write->old != NULL || !write->new->nulls[DEAL_CURRENCY])
		return;
	settings = crm_lookup_settings(write->lookups);
	if (settings->home_currency != NULL)
		set_column(write->new, DEAL_CURRENCY,
				   PointerGetDatum(settings->home_currency));
}

static void
settle_updated_at(DealWrite *write)
{
	if (write->old != NULL && !is_written(write, DEAL_UPDATED_AT))
		set_column(write->new, DEAL_UPDATED_AT,
				   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()));
}

/* ----------
 * the triggers
 * ----------
 */

/* Raises an error for a call that is no BEFORE INSERT OR UPDATE row trigger's. */
void
crm_check_row_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("must be called as a BEFORE INSERT OR UPDATE row trigger")));
}

static HeapTuple
with_changes(HeapTuple tuple, TupleDesc desc, const DealRules *rules, Deal *deal)
{
	int			columns[NUM_DEAL_COLUMNS];
	Datum		values[NUM_DEAL_COLUMNS];
	bool		nulls[NUM_DEAL_COLUMNS];
	int			count = 0;
	int			i;

	for (i = 0; i < NUM_DEAL_COLUMNS; i++)
	{
		if (!deal->changed[i])
			continue;
		columns[count] = rules->columns[i];
		values[count] = deal->values[i];
		nulls[count] = deal->nulls[i];
		count++;
	}
	if (count == 0)
		return tuple;
	return heap_modify_tuple_by_cols(tuple, desc, count, columns, values, nulls);
}

/* The new row as the rules want it; old is NULL for an INSERT. */
static HeapTuple
settle(Relation relation, TupleDesc desc, DealRules *rules,
	   HeapTuple old_tuple, HeapTuple new_tuple)
{
	Deal		old;
	Deal		new;
	DealWrite	write;

	read_deal(new_tuple, desc, rules, &new);
	if (old_tuple != NULL)
		read_deal(old_tuple, desc, rules, &old);
	write.relation = relation;
	write.lookups = &rules->lookups;
	write.old = old_tuple != NULL ? &old : NULL;
	write.new = &new;
	if (settle_stage(&write))
	{
		settle_probability(&write);
		settle_closed_at(&write);
		require_lost_reason(&write);
		settle_currency(&write);
		settle_updated_at(&write);
	}
	return with_changes(new_tuple, desc, rules, &new);
}

/*
 * The rules for a writer that has no trigger: rows have the given descriptor,
 * in which columns are found by name.
 */
HeapTuple
crm_settle_deal(Relation deals, TupleDesc desc, HeapTuple old, HeapTuple new)
{
	return settle(deals, desc, start_rules(deals, desc, CurrentMemoryContext),
				  old, new);
}

PG_FUNCTION_INFO_V1(crm_keep_deal_rules);
Datum
crm_keep_deal_rules(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	FmgrInfo   *function = fcinfo->flinfo;
	TupleDesc	desc;
	bool		is_update;

	crm_check_row_trigger(fcinfo);
	desc = RelationGetDescr(trigger->tg_relation);
	if (function->fn_extra == NULL)
		function->fn_extra = start_rules(trigger->tg_relation, desc, function->fn_mcxt);
	is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);

	return PointerGetDatum(settle(trigger->tg_relation, desc, function->fn_extra,
								  is_update ? trigger->tg_trigtuple : NULL,
								  is_update ? trigger->tg_newtuple : trigger->tg_trigtuple));
}

PG_FUNCTION_INFO_V1(crm_touch_updated_at);
Datum
crm_touch_updated_at(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	TupleDesc	desc;
	int			column;
	Datum		value = TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	bool		is_null = false;
	bool		old_is_null;
	bool		new_is_null;
	Datum		old;
	Datum		new;

	crm_check_row_trigger(fcinfo);
	desc = RelationGetDescr(trigger->tg_relation);
	column = SPI_fnumber(desc, "updated_at");
	if (column <= 0 ||
		TupleDescAttr(desc, column - 1)->atttypid != TIMESTAMPTZOID)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s\" has no column \"updated_at\" of type timestamptz",
						RelationGetRelationName(trigger->tg_relation)),
				 errhint("Restore the column, or drop the trigger \"%s\".",
						 trigger->tg_trigger->tgname)));
	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);

	old = heap_getattr(trigger->tg_trigtuple, column, desc, &old_is_null);
	new = heap_getattr(trigger->tg_newtuple, column, desc, &new_is_null);
	if (!new_is_null && (old_is_null || old != new))
		return PointerGetDatum(trigger->tg_newtuple);
	return PointerGetDatum(heap_modify_tuple_by_cols(trigger->tg_newtuple, desc, 1,
													 &column, &value, &is_null));
}
