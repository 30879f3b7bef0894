/*
 * deal_lookups.c
 *		Stages, pipelines and settings for the rules of deals.
 *
 * A statement over 100,000 deals meets a handful of stages.  What was looked
 * up is therefore remembered for as long as the answer cannot change under the
 * statement: until the transaction or its command counter moves on.
 *
 * Reads go through SPI with the rights of whoever writes the deal.
 *
 * Memory: answers live in a context of their own under TopMemoryContext, which
 * is emptied when they are out of date.  An answer is entered when it is
 * complete, so an ERROR leaves none half made.
 */
#include "tables/deal_lookups.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

typedef enum LookupKind
{
	LOOKUP_STAGE,
	LOOKUP_FIRST_STAGE,
	LOOKUP_DEFAULT_PIPELINE,
	LOOKUP_SETTINGS
} LookupKind;

typedef struct LookupKey
{
	Oid			deals;
	int32		kind;
	int64		id;
	int64		stage;
} LookupKey;

typedef struct Lookup
{
	LookupKey	key;
	bool		found;
	CrmStageRow row;
	CrmSettings settings;
} Lookup;

static MemoryContext lookup_context = NULL;
static HTAB *lookups = NULL;
static LocalTransactionId lookups_of_transaction = InvalidLocalTransactionId;
static CommandId lookups_of_command = InvalidCommandId;

#define STAGE_COLUMNS "id, pipeline_id, counts_as, probability"

/* Drops what an earlier command looked up. */
static void
start_lookups(void)
{
	HASHCTL		ctl;

	lookups = NULL;
	if (lookup_context == NULL)
		lookup_context = AllocSetContextCreate(TopMemoryContext, "crm deal look-ups",
											   ALLOCSET_DEFAULT_SIZES);
	else
		MemoryContextReset(lookup_context);
	ctl.keysize = sizeof(LookupKey);
	ctl.entrysize = sizeof(Lookup);
	ctl.hcxt = lookup_context;
	lookups = hash_create("crm deal look-ups", 16, &ctl,
						  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static const Lookup *
remembered(const LookupKey *key)
{
	if (lookups == NULL ||
		lookups_of_transaction != CRM_MY_LXID ||
		lookups_of_command != GetCurrentCommandId(false))
		return NULL;
	return hash_search(lookups, key, HASH_FIND, NULL);
}

static Oid
column_type(int column)
{
	return SPI_gettypeid(SPI_tuptable->tupdesc, column);
}

static Datum
column_value(int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column,
						 is_null);
}

static void
read_stage_row(CrmStageRow *row)
{
	bool		is_null;

	if (column_type(1) != INT8OID || column_type(2) != INT8OID ||
		column_type(4) != INT4OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a column of pipeline_stages has another type than the rules of deals expect"),
				 errhint("Give it its type back, or drop the trigger deals_rules.")));
	row->id = DatumGetInt64(column_value(1, &is_null));
	row->pipeline_id = DatumGetInt64(column_value(2, &is_null));
	row->stage = crm_stage_from_oid(DatumGetObjectId(column_value(3, &is_null)));
	row->probability = DatumGetInt32(column_value(4, &is_null));
}

static void
read_settings(CrmSettings *settings)
{
	bool		is_null;
	Datum		currency = column_value(1, &is_null);
	MemoryContext old;

	if (column_type(1) != TEXTOID || column_type(2) != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a column of settings has another type than the rules of deals expect"),
				 errhint("Give it its type back, or drop the trigger deals_rules.")));
	if (!is_null)
	{
		old = MemoryContextSwitchTo(lookup_context);
		settings->home_currency = DatumGetTextPCopy(currency);
		MemoryContextSwitchTo(old);
	}
	settings->require_lost_reason = DatumGetBool(column_value(2, &is_null)) && !is_null;
}

/* The statement that answers a look-up; %s is the CRM's schema. */
static const char *
lookup_sql(LookupKind kind)
{
	switch (kind)
	{
		case LOOKUP_STAGE:
			return "SELECT " STAGE_COLUMNS " FROM %s.pipeline_stages"
				" WHERE id OPERATOR(pg_catalog.=) $1";
		case LOOKUP_FIRST_STAGE:
			return "SELECT " STAGE_COLUMNS " FROM %s.pipeline_stages"
				" WHERE pipeline_id OPERATOR(pg_catalog.=) $1"
				" AND counts_as OPERATOR(pg_catalog.=) $2 AND archived_at IS NULL"
				" ORDER BY position, id LIMIT 1";
		case LOOKUP_DEFAULT_PIPELINE:
			return "SELECT id FROM %s.pipelines WHERE archived_at IS NULL"
				" ORDER BY position, id LIMIT 1";
		case LOOKUP_SETTINGS:
			return "SELECT home_currency, require_lost_reason FROM %s.settings";
	}
	return NULL;
}

static void
execute_lookup(Relation deals, const LookupKey *key)
{
	const char *schema = quote_identifier(get_namespace_name(RelationGetNamespace(deals)));
	char	   *sql = psprintf(lookup_sql((LookupKind) key->kind), schema);
	Oid			types[2] = {INT8OID, InvalidOid};
	Datum		values[2];
	int			nargs = key->kind == LOOKUP_STAGE ? 1 :
		key->kind == LOOKUP_FIRST_STAGE ? 2 : 0;

	values[0] = Int64GetDatum(key->id);
	if (nargs == 2)
	{
		types[1] = crm_stage_type_oid();
		values[1] = ObjectIdGetDatum(crm_stage_oid((CrmStage) key->stage));
	}
	crm_execute_kept(sql, nargs, types, values, NULL, false, 1);
}

/* Answers from memory or, failing that, from the tables. */
static const Lookup *
look_up(Relation deals, LookupKind kind, int64 id, CrmStage stage)
{
	LookupKey	key = {RelationGetRelid(deals), kind, id, stage};
	const Lookup *known = remembered(&key);
	Lookup		fresh;
	Lookup	   *entry;
	bool		is_null;

	if (known != NULL)
		return known;

	memset(&fresh, 0, sizeof(fresh));
	SPI_connect();
	execute_lookup(deals, &key);
	if (lookups == NULL || lookups_of_transaction != CRM_MY_LXID ||
		lookups_of_command != GetCurrentCommandId(false))
	{
		start_lookups();
		lookups_of_transaction = CRM_MY_LXID;
		lookups_of_command = GetCurrentCommandId(false);
	}
	fresh.key = key;
	fresh.found = SPI_processed > 0;
	if (fresh.found && kind == LOOKUP_SETTINGS)
		read_settings(&fresh.settings);
	else if (fresh.found && kind == LOOKUP_DEFAULT_PIPELINE)
		fresh.row.id = DatumGetInt64(column_value(1, &is_null));
	else if (fresh.found)
		read_stage_row(&fresh.row);
	SPI_finish();

	entry = hash_search(lookups, &key, HASH_ENTER, NULL);
	*entry = fresh;
	return entry;
}

/* False if there is no such pipeline stage. */
bool
crm_lookup_stage(Relation deals, int64 id, CrmStageRow *row)
{
	const Lookup *lookup = look_up(deals, LOOKUP_STAGE, id, CRM_STAGE_LEAD);

	*row = lookup->row;
	return lookup->found;
}

/* False if no stage of the pipeline counts as the deal stage. */
bool
crm_lookup_first_stage(Relation deals, int64 pipeline_id, CrmStage stage,
					   CrmStageRow *row)
{
	const Lookup *lookup = look_up(deals, LOOKUP_FIRST_STAGE, pipeline_id, stage);

	*row = lookup->row;
	return lookup->found;
}

/* False if there is no pipeline. */
bool
crm_lookup_default_pipeline(Relation deals, int64 *id)
{
	const Lookup *lookup = look_up(deals, LOOKUP_DEFAULT_PIPELINE, 0, CRM_STAGE_LEAD);

	*id = lookup->row.id;
	return lookup->found;
}

/* Valid until the next look-up of another command. */
const CrmSettings *
crm_lookup_settings(Relation deals)
{
	return &look_up(deals, LOOKUP_SETTINGS, 0, CRM_STAGE_LEAD)->settings;
}
