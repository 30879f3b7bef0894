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
#include "pipeline/deal_stage.h"
#include "tables/deal_rules.h"
#include "tables/table_triggers.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* ----------
 * the tables
 * ----------
 */

static Oid
deals_argument(FunctionCallInfo fcinfo)
{
	Oid			deals;
	char		kind;

	if (PG_ARGISNULL(0))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be null", "deals")));
	deals = PG_GETARG_OID(0);
	kind = get_rel_relkind(deals);
	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation with OID %u is not a table of deals", deals)));
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
	Oid			deals = deals_argument(fcinfo);
	StageMove	move;
	int			i;

	for (i = 1; i < 3; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not be null",
							i == 1 ? "deal_id" : "stage")));
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

/*
 * A deal's first row is made of what its first recorded change says it was
 * before, else of what it is.  A closed deal without any change began in the
 * first open stage of its pipeline, as far as anybody knows, and gets a second
 * row for its end.  %1$s is deals, %2$s deal_changes, %3$s pipeline_stages.
 */
static const char backfill_sql[] =
"WITH beginnings AS ("
" INSERT INTO %2$s (deal_id, deal_name, contact_id, company_id, kind,"
"  new_stage, new_pipeline_stage_id, new_pipeline_id, new_value, new_currency,"
"  new_probability, new_expected_close_date, new_owner_id, new_archived_at,"
"  changed_at, is_backfilled)"
" SELECT d.id, d.name, d.contact_id, d.company_id, 'created',"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_stage WHEN d.closed_at IS NULL THEN d.stage"
"   ELSE COALESCE(s.counts_as, 'lead') END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_pipeline_stage_id"
"   WHEN d.closed_at IS NULL THEN d.pipeline_stage_id ELSE s.id END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_pipeline_id ELSE d.pipeline_id END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_value ELSE d.value END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_currency ELSE d.currency END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_probability WHEN d.closed_at IS NULL THEN d.probability"
"   ELSE COALESCE(s.probability, crm.default_probability('lead')) END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_expected_close_date ELSE d.expected_close_date END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_owner_id ELSE d.owner_id END,"
"  CASE WHEN f.deal_id IS NOT NULL THEN f.old_archived_at END,"
"  LEAST(d.created_at, d.closed_at, f.changed_at), true"
" FROM %1$s AS d"
" LEFT JOIN LATERAL (SELECT * FROM %2$s AS c"
"  WHERE c.deal_id OPERATOR(pg_catalog.=) d.id ORDER BY c.changed_at, c.id LIMIT 1) AS f ON true"
" LEFT JOIN LATERAL (SELECT p.id, p.counts_as, p.probability FROM %3$s AS p"
"  WHERE p.pipeline_id OPERATOR(pg_catalog.=) d.pipeline_id"
"  AND p.counts_as OPERATOR(pg_catalog.<>) ALL ('{won,lost}'::crm.deal_stage[])"
"  ORDER BY p.position, p.id LIMIT 1) AS s ON d.closed_at IS NOT NULL"
" WHERE NOT EXISTS (SELECT FROM %2$s AS k"
"  WHERE k.deal_id OPERATOR(pg_catalog.=) d.id AND k.kind OPERATOR(pg_catalog.=) 'created')"
" ON CONFLICT (deal_id) WHERE kind OPERATOR(pg_catalog.=) 'created' DO NOTHING"
" RETURNING *),"
"ends AS ("
" INSERT INTO %2$s (deal_id, deal_name, contact_id, company_id, kind,"
"  old_stage, new_stage, old_pipeline_stage_id, new_pipeline_stage_id,"
"  old_pipeline_id, new_pipeline_id, old_value, new_value, old_currency, new_currency,"
"  old_probability, new_probability, old_expected_close_date, new_expected_close_date,"
"  old_owner_id, new_owner_id, new_archived_at, lost_reason, changed_at, is_backfilled)"
" SELECT d.id, d.name, d.contact_id, d.company_id,"
"  CASE WHEN b.new_stage OPERATOR(pg_catalog.=) d.stage THEN 'other'"
"   ELSE d.stage::pg_catalog.text END,"
"  b.new_stage, d.stage, b.new_pipeline_stage_id, d.pipeline_stage_id,"
"  b.new_pipeline_id, d.pipeline_id, b.new_value, d.value, b.new_currency, d.currency,"
"  b.new_probability, d.probability, b.new_expected_close_date, d.expected_close_date,"
"  b.new_owner_id, d.owner_id, d.archived_at, d.lost_reason,"
"  GREATEST(b.changed_at, COALESCE(d.closed_at, d.archived_at)), true"
" FROM beginnings AS b JOIN %1$s AS d ON d.id OPERATOR(pg_catalog.=) b.deal_id"
" WHERE (d.closed_at IS NOT NULL OR d.archived_at IS NOT NULL)"
" AND NOT EXISTS (SELECT FROM %2$s AS c WHERE c.deal_id OPERATOR(pg_catalog.=) d.id))"
"SELECT pg_catalog.count(*) FROM beginnings";

PG_FUNCTION_INFO_V1(crm_backfill_deal_history);
Datum
crm_backfill_deal_history(PG_FUNCTION_ARGS)
{
	Relation	deals = table_open(deals_argument(fcinfo), AccessShareLock);
	char	   *schema = get_namespace_name(RelationGetNamespace(deals));
	char	   *sql = psprintf(backfill_sql, table_name(deals),
							   quote_qualified_identifier(schema, "deal_changes"),
							   quote_qualified_identifier(schema, "pipeline_stages"));
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
