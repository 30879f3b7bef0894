/*
 * deal_writes.c
 *		Writing deals and their history where there are no triggers, and the
 *		history of deals that came before it was kept.
 *
 * set_stage moves a deal by the same rules, and records the same row, whether
 * triggers do it or not.  A trigger that exists but is disabled is its owner's
 * choice: then there is no row.
 *
 * Both run with the caller's rights; the history row of set_stage is written as
 * the trigger would write it (deal_history.c).
 */
#include "crm.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "history/deal_history.h"
#include "kept_plans.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pipeline/deal_stage.h"
#include "tables/ddl_script.h"
#include "tables/deal_rules.h"
#include "tables/table_triggers.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ----------
 * the tables
 * ----------
 */

/* The table, which the caller may read or write at least in part. */
static Oid
deals_argument(FunctionCallInfo fcinfo, AclMode right)
{
	Oid			deals;
	char		kind;

	crm_require_argument(fcinfo, 0, "deals");
	deals = PG_GETARG_OID(0);
	kind = get_rel_relkind(deals);
	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation with OID %u is not a table of deals", deals)));
	if (pg_class_aclcheck(deals, GetUserId(), right) != ACLCHECK_OK &&
		pg_attribute_aclcheck_all(deals, GetUserId(), right, ACLMASK_ANY) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(deals));
	return deals;
}

static char *
table_name(Relation deals)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(deals)),
									  RelationGetRelationName(deals));
}

/* ----------
 * set_stage
 * ----------
 */

/* A deal on its way to a stage. */
typedef struct StageMove
{
	Relation	deals;
	int64		deal_id;
	Datum		stage;
	Datum		lost_reason;
	bool		has_reason;
} StageMove;

/* Locks the deal; the row is in the SPI context. */
static HeapTuple
lock_deal(const StageMove *move, TupleDesc *desc)
{
	Oid			type = INT8OID;
	Datum		id = Int64GetDatum(move->deal_id);
	char	   *sql = psprintf("SELECT d.* FROM %s AS d WHERE d.id OPERATOR(pg_catalog.=) $1"
							   " FOR NO KEY UPDATE", table_name(move->deals));

	crm_execute_kept(sql, 1, &type, &id, NULL, false, 2);
	if (SPI_processed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("deal " INT64_FORMAT " does not exist", move->deal_id),
				 errdetail("There is no such row that you may change.")));
	*desc = SPI_tuptable->tupdesc;
	return SPI_tuptable->vals[0];
}

static void
set_value(HeapTuple *deal, TupleDesc desc, const char *column, Datum value, Oid type)
{
	int			number = SPI_fnumber(desc, column);
	bool		is_null = false;

	if (number <= 0 || TupleDescAttr(desc, number - 1)->atttypid != type)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("deals have no column \"%s\" of type %s", column,
						format_type_be(type))));
	*deal = heap_modify_tuple_by_cols(*deal, desc, 1, &number, &value, &is_null);
}

/* The columns that the rules may set, beside the stage. */
static const char *const ruled_columns[] = {
	"stage", "pipeline_id", "pipeline_stage_id", "probability",
	"probability_is_manual", "closed_at", "updated_at", "lost_reason"
};

#define NUM_RULED	lengthof(ruled_columns)

/* Writes the columns of the row as it is to be; returns it as it has become. */
static HeapTuple
update_deal(const StageMove *move, HeapTuple deal, TupleDesc desc,
			bool rules_follow, TupleDesc *result_desc)
{
	StringInfoData sql;
	Oid			types[NUM_RULED + 1] = {INT8OID};
	Datum		values[NUM_RULED + 1];
	char		nulls[NUM_RULED + 1];
	int			count = 1;
	int			i;

	values[0] = Int64GetDatum(move->deal_id);
	nulls[0] = ' ';
	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s AS d SET ", table_name(move->deals));
	for (i = 0; i < (int) NUM_RULED; i++)
	{
		int			number = SPI_fnumber(desc, ruled_columns[i]);
		bool		is_reason = strcmp(ruled_columns[i], "lost_reason") == 0;
		bool		is_null;

		/* with the rules' trigger only what was asked for is written */
		if (is_reason ? !move->has_reason : rules_follow && i > 0)
			continue;
		types[count] = SPI_gettypeid(desc, number);
		values[count] = SPI_getbinval(deal, desc, number, &is_null);
		nulls[count] = is_null ? 'n' : ' ';
		count++;
		appendStringInfo(&sql, "%s%s = $%d", count > 2 ? ", " : "",
						 quote_identifier(ruled_columns[i]), count);
	}
	appendStringInfoString(&sql, " WHERE d.id OPERATOR(pg_catalog.=) $1 RETURNING d.*");
	crm_execute_kept(sql.data, count, types, values, nulls, false, 0);
	if (SPI_processed == 0)
		return NULL;
	*result_desc = SPI_tuptable->tupdesc;
	return SPI_tuptable->vals[0];
}

static void
move_deal(const StageMove *move)
{
	bool		rules_follow = crm_find_trigger(move->deals, "_keep_deal_rules") == CRM_TRIGGER_ENABLED;
	TupleDesc	desc;
	TupleDesc	new_desc;
	HeapTuple	old = lock_deal(move, &desc);
	HeapTuple	new = old;

	set_value(&new, desc, "stage", move->stage, crm_stage_type_oid());
	if (move->has_reason)
		set_value(&new, desc, "lost_reason", move->lost_reason, TEXTOID);
	if (!rules_follow)
		new = crm_settle_deal(move->deals, desc, old, new);
	new = update_deal(move, new, desc, rules_follow, &new_desc);
	/* NULL if a trigger of the user's refused the row without an error */
	if (new != NULL && crm_find_trigger(move->deals, "_record_deal_change") == CRM_TRIGGER_MISSING)
		crm_record_deal_change(crm_start_deal_history(move->deals, new_desc,
													  CurrentMemoryContext),
							   new_desc, old, new);
}

PG_FUNCTION_INFO_V1(crm_set_stage);
Datum
crm_set_stage(PG_FUNCTION_ARGS)
{
	Oid			deals = deals_argument(fcinfo, ACL_UPDATE);
	StageMove	move;

	crm_require_argument(fcinfo, 1, "deal_id");
	crm_require_argument(fcinfo, 2, "stage");
	move.deal_id = PG_GETARG_INT64(1);
	move.stage = PG_GETARG_DATUM(2);
	move.has_reason = !PG_ARGISNULL(3);
	move.lost_reason = move.has_reason ? PG_GETARG_DATUM(3) : (Datum) 0;

	move.deals = table_open(deals, RowExclusiveLock);
	SPI_connect();
	move_deal(&move);
	SPI_finish();
	table_close(move.deals, NoLock);
	PG_RETURN_INT64(move.deal_id);
}

/* ----------
 * backfill_deal_history
 * ----------
 */

PG_FUNCTION_INFO_V1(crm_backfill_deal_history);
Datum
crm_backfill_deal_history(PG_FUNCTION_ARGS)
{
	Relation	deals = table_open(deals_argument(fcinfo, ACL_SELECT), AccessShareLock);
	char	   *sql = crm_ddl_query(CRM_DDL_BACKFILL,
									get_namespace_name(RelationGetNamespace(deals)), false);
	bool		is_null;
	int64		count;

	SPI_connect();
	crm_execute_kept(sql, 0, NULL, NULL, NULL, false, 0);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
										1, &is_null));
	SPI_finish();
	table_close(deals, NoLock);
	PG_RETURN_INT64(count);
}
