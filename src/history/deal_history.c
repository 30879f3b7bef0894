/*
 * deal_history.c
 *		Recording what changes in a deal.
 *
 * One row of deal_changes for each INSERT or UPDATE that changes a tracked
 * column, written by an AFTER row trigger, so that what other triggers and
 * cascading foreign keys do is in it.
 *
 *	- A deal has one row of kind "created", a unique index sees to that.  Where
 *	  the history of an inserted deal is there already (it was loaded first, or
 *	  the deal is inserted again after a DELETE), it goes on from its last row.
 *	- changed_at is the time of the transaction, but never before the deal's
 *	  previous change: a transaction that began first and had to wait for the
 *	  row comes second.  Rows of the same time are in the order of their id.
 *
 * Rows are written as the owner of deal_changes, if that is the owner of deals
 * too and both are in one schema; else with the writer's rights.  This is the
 * extension's only step beyond the caller's rights.  The writer has no say in
 * it: statements name everything with its schema, the values are what the
 * server has just stored in deals, and what the owner has put on the table
 * (triggers, checks) does not run with the writer's search path.
 *
 * Memory: what is found out once per statement lives in the statement's
 * context; the rest in the caller's, which is reset per row.
 */
#include "history/deal_history.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "history/history_table.h"
#include "kept_plans.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pipeline/deal_stage.h"
#include "tables/deal_lookups.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

/* What a history row holds of the deal at the time. */
static const struct
{
	const char *column;			/* of deals */
	const char *history_column;
}			facts[] = {
	{"id", "deal_id"},			/* the first */
	{"name", "deal_name"},
	{"contact_id", "contact_id"},
	{"company_id", "company_id"},
	{"lost_reason", "lost_reason"}
};

/* What makes a history row when it changes; the stage is the first. */
static const char *const tracked[] = {
	"stage", "pipeline_stage_id", "pipeline_id", "value", "currency",
	"probability", "expected_close_date", "owner_id", "archived_at"
};

#define NUM_FACTS	lengthof(facts)
#define NUM_TRACKED	lengthof(tracked)
/* In tracked[]: before it are the columns of kind "stage", then of "value". */
#define FIRST_VALUE_COLUMN	3
#define FIRST_OTHER_COLUMN	5

/* What is written, in this order. */
#define PARAM_FACTS		0
#define PARAM_NEW		(PARAM_FACTS + NUM_FACTS)
#define PARAM_OLD		(PARAM_NEW + NUM_TRACKED)
#define PARAM_KIND		(PARAM_OLD + NUM_TRACKED)
#define PARAM_CHANGED_AT (PARAM_KIND + 1)
#define PARAM_CHANGED_BY (PARAM_KIND + 2)
#define PARAM_ACTOR		(PARAM_KIND + 3)
#define NUM_PARAMS		(PARAM_KIND + 4)

typedef struct HistoryColumn
{
	AttrNumber	number;			/* in deals */
	bool		by_value;
	int16		length;
	Oid			collation;
	FmgrInfo	equals;			/* looked up if not by_value */
} HistoryColumn;

struct CrmDealHistory
{
	HistoryColumn columns[NUM_FACTS + NUM_TRACKED];
	Oid			types[NUM_PARAMS];
	MemoryContext context;
	Oid			relation;		/* deal_changes */
	char	   *name;			/* qualified */
	Oid			owner;			/* whose rights it takes; InvalidOid: the writer's */
	CrmHistoryTable *table;		/* NULL: each row is a query */
};

/* ----------
 * what is found out once per statement
 * ----------
 */

static void
find_column(Relation deals, TupleDesc desc, const char *name, HistoryColumn *column,
			Oid *type, MemoryContext context)
{
	Form_pg_attribute attribute;
	TypeCacheEntry *entry;

	column->number = SPI_fnumber(desc, name);
	if (column->number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist",
						name, RelationGetRelationName(deals)),
				 errdetail("The history of deals needs the column."),
				 errhint("Restore the column, or drop the trigger _deals_history.")));
	attribute = TupleDescAttr(desc, column->number - 1);
	column->by_value = attribute->attbyval;
	column->length = attribute->attlen;
	column->collation = attribute->attcollation;
	*type = attribute->atttypid;
	if (column->by_value)
		return;
	entry = lookup_type_cache(attribute->atttypid, TYPECACHE_EQ_OPR_FINFO);
	if (!OidIsValid(entry->eq_opr_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an equality operator for type %s",
						format_type_be(attribute->atttypid))));
	fmgr_info_copy(&column->equals, &entry->eq_opr_finfo, context);
}

static void
find_columns(CrmDealHistory *history, Relation deals, TupleDesc desc,
			 MemoryContext context)
{
	int			i;

	for (i = 0; i < (int) NUM_FACTS; i++)
		find_column(deals, desc, facts[i].column, &history->columns[i],
					&history->types[PARAM_FACTS + i], context);
	for (i = 0; i < (int) NUM_TRACKED; i++)
	{
		find_column(deals, desc, tracked[i], &history->columns[NUM_FACTS + i],
					&history->types[PARAM_NEW + i], context);
		history->types[PARAM_OLD + i] = history->types[PARAM_NEW + i];
	}
	if (history->types[PARAM_NEW] != crm_stage_type_oid())
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"stage\" of relation \"%s\" has another type than the history of deals expects",
						RelationGetRelationName(deals)),
				 errhint("Give it its type back, or drop the trigger _deals_history.")));
	history->types[PARAM_KIND] = TEXTOID;
	history->types[PARAM_CHANGED_AT] = TIMESTAMPTZOID;
	history->types[PARAM_CHANGED_BY] = TEXTOID;
	history->types[PARAM_ACTOR] = TEXTOID;
}

static void
find_table(CrmDealHistory *history, Relation deals, MemoryContext context)
{
	Oid			root = crm_topmost_parent(deals);
	Oid			schema = get_rel_namespace(root);
	Oid			table = get_relname_relid("deal_changes", schema);
	char		kind = OidIsValid(table) ? get_rel_relkind(table) : '\0';

	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"deal_changes\" does not exist in schema \"%s\"",
						get_namespace_name(schema)),
				 errdetail("The history of deals is written to it."),
				 errhint("Restore the table, or drop the trigger _deals_history.")));
	history->relation = table;
	history->name = MemoryContextStrdup(context,
										quote_qualified_identifier(get_namespace_name(schema),
																   "deal_changes"));
	history->owner = crm_relation_owner(table);
	if (history->owner != crm_relation_owner(root))
		history->owner = InvalidOid;
}

/* Name of the column that a parameter goes to. */
static const char *
written_column(int param)
{
	static const char *const others[] = {"kind", "changed_at", "changed_by", "actor"};

	if (param < (int) PARAM_NEW)
		return facts[param].history_column;
	if (param < (int) PARAM_OLD)
		return psprintf("new_%s", tracked[param - PARAM_NEW]);
	if (param < (int) PARAM_KIND)
		return psprintf("old_%s", tracked[param - PARAM_OLD]);
	return others[param - PARAM_KIND];
}

static void
append_columns(StringInfo sql)
{
	int			i;

	for (i = 0; i < (int) NUM_PARAMS; i++)
		appendStringInfo(sql, "%s%s", i == 0 ? " (" : ", ", written_column(i));
	appendStringInfoChar(sql, ')');
}

/* Prepares for rows without queries, where the table allows it. */
static void
open_table(CrmDealHistory *history)
{
	CrmHistoryValue columns[NUM_PARAMS];
	int			i;

	history->table = NULL;
	if (!OidIsValid(history->owner) || history->types[PARAM_FACTS] != INT8OID)
		return;
	for (i = 0; i < (int) NUM_PARAMS; i++)
	{
		columns[i].column = written_column(i);
		columns[i].type = history->types[i];
	}
	history->table = crm_open_history_table(history->relation, history->owner, columns,
											NUM_PARAMS, history->context);
}

/* A change of a deal, not before the one that is last so far. */
static char *
change_sql(const CrmDealHistory *history)
{
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "INSERT INTO %s", history->name);
	append_columns(&sql);
	for (i = 0; i < (int) NUM_PARAMS; i++)
	{
		appendStringInfoString(&sql, i == 0 ? " VALUES (" : ", ");
		if (i == PARAM_CHANGED_AT)
			appendStringInfo(&sql, "GREATEST($%d, (SELECT c.changed_at FROM %s AS c"
							 " WHERE c.deal_id OPERATOR(pg_catalog.=) $%d"
							 " ORDER BY c.changed_at DESC, c.id DESC LIMIT 1))",
							 i + 1, history->name, PARAM_FACTS + 1);
		else
			appendStringInfo(&sql, "$%d", i + 1);
	}
	appendStringInfoChar(&sql, ')');
	return sql.data;
}

static bool
has_rules(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	bool		result = false;

	if (HeapTupleIsValid(tuple))
	{
		result = ((Form_pg_class) GETSTRUCT(tuple))->relhasrules;
		ReleaseSysCache(tuple);
	}
	return result;
}

/*
 * The first row of a deal.  If somebody makes up one at the same time (a
 * backfill), it waits for him, and writes none if he has.
 */
static char *
creation_sql(const CrmDealHistory *history)
{
	Oid			schema = get_rel_namespace(history->relation);
	bool		can_wait = get_rel_relkind(history->relation) == RELKIND_RELATION &&
		!has_rules(history->relation) &&
		OidIsValid(get_relname_relid("deal_changes_created_key", schema));

	return psprintf("%s%s", change_sql(history),
					can_wait ? " ON CONFLICT (deal_id)"
					" WHERE kind OPERATOR(pg_catalog.=) 'created' DO NOTHING" : "");
}

/* What a deal was after the last row of its history, in the types of deals. */
static char *
last_row_sql(const CrmDealHistory *history)
{
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	for (i = 0; i < (int) NUM_TRACKED; i++)
		appendStringInfo(&sql, "%s c.new_%s::%s", i == 0 ? "SELECT" : ",", tracked[i],
						 format_type_be_qualified(history->types[PARAM_NEW + i]));
	appendStringInfo(&sql,
					 " FROM %s AS c WHERE c.deal_id OPERATOR(pg_catalog.=) $%d"
					 " ORDER BY c.changed_at DESC, c.id DESC LIMIT 1",
					 history->name, PARAM_FACTS + 1);
	return sql.data;
}

/* Prepares for the changes that one statement makes; rows have the descriptor. */
CrmDealHistory *
crm_start_deal_history(Relation deals, TupleDesc desc, MemoryContext context)
{
	CrmDealHistory *history = MemoryContextAllocZero(context, sizeof(CrmDealHistory));

	history->context = context;
	find_columns(history, deals, desc, context);
	find_table(history, deals, context);
	open_table(history);
	return history;
}

/* ----------
 * recording
 * ----------
 */

/* Parameters of one row; old values stay NULL for a new deal. */
typedef struct HistoryRow
{
	Datum		values[NUM_PARAMS];
	bool		nulls[NUM_PARAMS];
} HistoryRow;

static void
set_text(HistoryRow *row, int param, const char *words)
{
	row->nulls[param] = words == NULL || words[0] == '\0';
	row->values[param] = row->nulls[param] ? (Datum) 0 : CStringGetTextDatum(words);
}

static void
read_columns(HistoryRow *row, int param, HeapTuple tuple, TupleDesc desc,
			 const HistoryColumn *columns, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		row->values[param + i] = heap_getattr(tuple, columns[i].number, desc,
											  &row->nulls[param + i]);
}

static bool
has_changed(HistoryColumn *column, const HistoryRow *row, int i)
{
	Datum		old = row->values[PARAM_OLD + i];
	Datum		new = row->values[PARAM_NEW + i];

	if (row->nulls[PARAM_OLD + i] != row->nulls[PARAM_NEW + i])
		return true;
	if (row->nulls[PARAM_NEW + i])
		return false;
	if (column->by_value)
		return old != new;
	if (datum_image_eq(old, new, false, column->length))
		return false;
	/* the same number may be written in two ways */
	return !DatumGetBool(FunctionCall2Coll(&column->equals, column->collation, old, new));
}

static bool
is_open(const HistoryRow *row, int param)
{
	return !row->nulls[param] &&
		CRM_STAGE_IS_OPEN(crm_stage_from_oid(DatumGetObjectId(row->values[param])));
}

/* The first kind that applies; NULL if nothing tracked has changed. */
static const char *
kind_of_change(CrmDealHistory *history, const HistoryRow *row)
{
	int			i;

	if (row->nulls[PARAM_NEW])
		return "stage";			/* which the history refuses */
	for (i = 0; i < (int) NUM_TRACKED; i++)
		if (has_changed(&history->columns[NUM_FACTS + i], row, i))
			break;
	if (i == (int) NUM_TRACKED)
		return NULL;
	if (i == 0 && !is_open(row, PARAM_NEW))
		return crm_stages[crm_stage_from_oid(DatumGetObjectId(row->values[PARAM_NEW]))].label;
	if (i == 0 && !is_open(row, PARAM_OLD))
		return "reopened";
	return i < FIRST_VALUE_COLUMN ? "stage" : i < FIRST_OTHER_COLUMN ? "value" : "other";
}

/* Opens the table for one row without a query; false if the row needs one. */
static bool
begin_directly(CrmDealHistory *history)
{
	if (history->table == NULL)
		return false;
	if (crm_begin_history_row(history->table))
		return true;
	crm_close_history_table(history->table);
	open_table(history);
	return history->table != NULL && crm_begin_history_row(history->table);
}

/*
 * Writes the row without a query; false if it needs one.  A deal that has a
 * history already is not new.
 */
static bool
write_directly(CrmDealHistory *history, HistoryRow *row, bool is_new)
{
	TimestampTz last;
	bool		has_history;

	if (!begin_directly(history))
		return false;
	has_history = crm_last_change(history->table, row->values[PARAM_FACTS], &last);
	if (has_history && last > DatumGetTimestampTz(row->values[PARAM_CHANGED_AT]))
		row->values[PARAM_CHANGED_AT] = TimestampTzGetDatum(last);
	if (!(is_new && has_history))
		crm_insert_history_row(history->table, row->values, row->nulls);
	crm_end_history_row(history->table);
	return !(is_new && has_history);
}

static void
execute(CrmDealHistory *history, const char *sql, HistoryRow *row)
{
	char		nulls[NUM_PARAMS];
	int			i;

	for (i = 0; i < (int) NUM_PARAMS; i++)
		nulls[i] = row->nulls[i] ? 'n' : ' ';
	crm_execute_kept_by_index(sql, NUM_PARAMS, history->types, row->values, nulls);
}

/*
 * A new deal may have a history: then that goes on from its last row, with what
 * differs.  False if there is nothing to write.
 */
static bool
continues_history(CrmDealHistory *history, HistoryRow *row, bool *is_change)
{
	const char *kind;
	int			i;

	execute(history, last_row_sql(history), row);
	*is_change = SPI_processed > 0;
	if (!*is_change)
		return true;
	for (i = 0; i < (int) NUM_TRACKED; i++)
		row->values[PARAM_OLD + i] = SPI_getbinval(SPI_tuptable->vals[0],
												   SPI_tuptable->tupdesc, i + 1,
												   &row->nulls[PARAM_OLD + i]);
	kind = kind_of_change(history, row);
	if (kind != NULL)
		set_text(row, PARAM_KIND, kind);
	return kind != NULL;
}

/*
 * What the table's owner has put on it runs as he, so not with the search path
 * of whoever writes the deal.
 */
static void
lock_search_path(CrmDealHistory *history)
{
	char	   *schema = get_namespace_name(get_rel_namespace(history->relation));

	(void) set_config_option("search_path",
							 psprintf("pg_catalog, %s, pg_temp", quote_identifier(schema)),
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static void
write_by_query(CrmDealHistory *history, HistoryRow *row, bool is_new)
{
	int			nest_level = NewGUCNestLevel();
	bool		is_change;

	if (OidIsValid(history->owner))
		lock_search_path(history);
	SPI_connect();
	if (!is_new)
		execute(history, change_sql(history), row);
	else if (continues_history(history, row, &is_change))
	{
		execute(history, is_change ? change_sql(history) : creation_sql(history), row);
		/* somebody was faster, and has committed */
		if (SPI_processed == 0 && !is_change &&
			continues_history(history, row, &is_change) && is_change)
			execute(history, change_sql(history), row);
	}
	SPI_finish();
	AtEOXact_GUC(true, nest_level);
}

/* Writes the row with the rights that it takes. */
static void
write_row(CrmDealHistory *history, HistoryRow *row, bool is_new)
{
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	if (OidIsValid(history->owner))
		SetUserIdAndSecContext(history->owner, security | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_NOFORCE_RLS);
	if (!write_directly(history, row, is_new))
		write_by_query(history, row, is_new);
	SetUserIdAndSecContext(user, security);
}

/*
 * Records the difference between two versions of a deal, if there is any that
 * is tracked; old is NULL for a new deal.
 */
void
crm_record_deal_change(CrmDealHistory *history, TupleDesc desc,
					   HeapTuple old, HeapTuple new)
{
	const HistoryColumn *columns = &history->columns[NUM_FACTS];
	const char *kind = "created";
	HistoryRow	row;

	memset(row.nulls, true, sizeof(row.nulls));
	read_columns(&row, PARAM_NEW, new, desc, columns, NUM_TRACKED);
	if (old != NULL)
	{
		read_columns(&row, PARAM_OLD, old, desc, columns, NUM_TRACKED);
		kind = kind_of_change(history, &row);
		if (kind == NULL)
			return;
	}
	read_columns(&row, PARAM_FACTS, new, desc, history->columns, NUM_FACTS);
	set_text(&row, PARAM_KIND, kind);
	row.values[PARAM_CHANGED_AT] =
		TimestampTzGetDatum(GetCurrentTransactionStartTimestamp());
	row.nulls[PARAM_CHANGED_AT] = false;
	set_text(&row, PARAM_CHANGED_BY, GetUserNameFromId(GetUserId(), true));
	set_text(&row, PARAM_ACTOR, crm_actor);
	write_row(history, &row, old == NULL);
}

PG_FUNCTION_INFO_V1(crm_record_deal_change_trigger);
Datum
crm_record_deal_change_trigger(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	FmgrInfo   *function = fcinfo->flinfo;
	TupleDesc	desc;
	bool		is_update;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("must be called as an AFTER INSERT OR UPDATE row trigger")));
	desc = RelationGetDescr(trigger->tg_relation);
	if (function->fn_extra == NULL)
		function->fn_extra = crm_start_deal_history(trigger->tg_relation, desc,
													function->fn_mcxt);
	is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	crm_record_deal_change(function->fn_extra, desc,
						   is_update ? trigger->tg_trigtuple : NULL,
						   is_update ? trigger->tg_newtuple : trigger->tg_trigtuple);
	return PointerGetDatum(NULL);
}
