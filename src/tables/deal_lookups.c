/*
 * deal_lookups.c
 *		Stages, pipelines and settings for the rules of deals.
 *
 * A statement over 100,000 deals meets a handful of stages.  What was looked
 * up is therefore remembered, for this statement and no longer: another one
 * may run under another role, another snapshot, or after a rollback.  Within
 * the statement, a trigger of the user's that writes something moves the
 * command counter on, and the answers are forgotten.
 *
 * Reads go through SPI with the rights of whoever writes the deal, in the
 * schema of the table; of a partition, in that of the partitioned table.  The
 * tables are the user's, so every type and NULL is checked.
 *
 * Memory: answers live in the statement's context.  One is entered when it is
 * complete, so an ERROR leaves none half made.
 */
#include "tables/deal_lookups.h"

#include "access/xact.h"
#include "catalog/partition.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "utils/builtins.h"
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
	int64		kind;
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

#define MAX_LOOKUP_COLUMNS 4

/* The statement that answers a look-up, and what it must return. */
typedef struct LookupQuery
{
	const char *sql;			/* %s is the CRM's schema */
	int			columns;
	Oid			types[MAX_LOOKUP_COLUMNS];	/* InvalidOid: crm.deal_stage */
} LookupQuery;

#define STAGE_COLUMNS "id, pipeline_id, counts_as, probability"
#define STAGE_TYPES 4, {INT8OID, INT8OID, InvalidOid, INT4OID}

static const LookupQuery queries[] = {
	/* LOOKUP_STAGE */
	{"SELECT " STAGE_COLUMNS " FROM %s.pipeline_stages"
		" WHERE id OPERATOR(pg_catalog.=) $1", STAGE_TYPES},
	/* LOOKUP_FIRST_STAGE */
	{"SELECT " STAGE_COLUMNS " FROM %s.pipeline_stages"
		" WHERE pipeline_id OPERATOR(pg_catalog.=) $1"
		" AND counts_as OPERATOR(pg_catalog.=) $2 AND archived_at IS NULL"
	" ORDER BY position, id LIMIT 1", STAGE_TYPES},
	/* LOOKUP_DEFAULT_PIPELINE */
	{"SELECT id FROM %s.pipelines WHERE archived_at IS NULL"
	" ORDER BY position, id LIMIT 1", 1, {INT8OID}},
	/* LOOKUP_SETTINGS */
	{"SELECT home_currency, require_lost_reason FROM %s.settings",
	2, {TEXTOID, BOOLOID}}
};

/*
 * What the user calls deals: a partition's topmost parent, if it has one (while
 * it is being detached, it has none).
 */
Oid
crm_topmost_parent(Relation deals)
{
	List	   *ancestors = NIL;

	if (deals->rd_rel->relispartition)
		ancestors = get_partition_ancestors(RelationGetRelid(deals));
	return ancestors != NIL ? llast_oid(ancestors) : RelationGetRelid(deals);
}

/* The schema of a CRM's table; of a partition, that of the topmost parent. */
char *
crm_schema_of_table(Relation deals)
{
	Oid			parent = crm_topmost_parent(deals);
	Oid			schema = parent == RelationGetRelid(deals) ?
		RelationGetNamespace(deals) : get_rel_namespace(parent);
	char	   *name = get_namespace_name(schema);

	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("the schema of relation \"%s\" was dropped meanwhile",
						RelationGetRelationName(deals))));
	return name;
}

/* Forgets all answers. */
static void
forget_answers(CrmDealLookups *lookups)
{
	HASHCTL		ctl;

	MemoryContextReset(lookups->context);
	ctl.keysize = sizeof(LookupKey);
	ctl.entrysize = sizeof(Lookup);
	ctl.hcxt = lookups->context;
	lookups->answers = hash_create("crm deal look-ups", 16, &ctl,
								   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Prepares for the look-ups of one statement, in its memory context. */
void
crm_start_lookups(CrmDealLookups *lookups, Relation deals, MemoryContext context)
{
	lookups->schema = MemoryContextStrdup(context,
										  quote_identifier(crm_schema_of_table(deals)));
	lookups->context = AllocSetContextCreate(context, "crm deal look-ups",
											 ALLOCSET_SMALL_SIZES);
	lookups->command = GetCurrentCommandId(false);
	forget_answers(lookups);
}

/* Raises an error unless the result's columns have the expected types. */
static void
check_result_types(const LookupQuery *query)
{
	int			i;

	for (i = 0; i < query->columns; i++)
	{
		Oid			expected = OidIsValid(query->types[i]) ?
			query->types[i] : crm_stage_type_oid();

		if (SPI_gettypeid(SPI_tuptable->tupdesc, i + 1) != expected)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" must be of type %s for the rules of deals",
							SPI_fname(SPI_tuptable->tupdesc, i + 1),
							format_type_be(expected)),
					 errhint("Give the column its type back, or drop the trigger deals_rules.")));
	}
}

/* A column of the only row; NULL is an error. */
static Datum
required_value(int column)
{
	bool		is_null;
	Datum		value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
									  column, &is_null);

	if (is_null)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("column \"%s\" must not be null for the rules of deals",
						SPI_fname(SPI_tuptable->tupdesc, column))));
	return value;
}

static void
read_answer(CrmDealLookups *lookups, Lookup *answer)
{
	MemoryContext old;

	switch ((LookupKind) answer->key.kind)
	{
		case LOOKUP_STAGE:
		case LOOKUP_FIRST_STAGE:
			answer->row.id = DatumGetInt64(required_value(1));
			answer->row.pipeline_id = DatumGetInt64(required_value(2));
			answer->row.stage = crm_stage_from_oid(DatumGetObjectId(required_value(3)));
			answer->row.probability = DatumGetInt32(required_value(4));
			break;
		case LOOKUP_DEFAULT_PIPELINE:
			answer->row.id = DatumGetInt64(required_value(1));
			break;
		case LOOKUP_SETTINGS:
			old = MemoryContextSwitchTo(lookups->context);
			answer->settings.home_currency = DatumGetTextPCopy(required_value(1));
			MemoryContextSwitchTo(old);
			answer->settings.require_lost_reason = DatumGetBool(required_value(2));
			break;
	}
}

static void
execute_lookup(CrmDealLookups *lookups, const LookupKey *key)
{
	char	   *sql = psprintf(queries[key->kind].sql, lookups->schema);
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
look_up(CrmDealLookups *lookups, LookupKind kind, int64 id, CrmStage stage)
{
	LookupKey	key = {kind, id, stage};
	Lookup	   *answer;
	Lookup		fresh;

	if (lookups->command != GetCurrentCommandId(false))
		forget_answers(lookups);
	answer = hash_search(lookups->answers, &key, HASH_FIND, NULL);
	if (answer != NULL)
		return answer;

	memset(&fresh, 0, sizeof(fresh));
	fresh.key = key;
	SPI_connect();
	execute_lookup(lookups, &key);
	check_result_types(&queries[kind]);
	fresh.found = SPI_processed > 0;
	if (fresh.found)
		read_answer(lookups, &fresh);
	SPI_finish();

	/* after SPI, which moves the counter on for the first look-up */
	lookups->command = GetCurrentCommandId(false);
	answer = hash_search(lookups->answers, &key, HASH_ENTER, NULL);
	*answer = fresh;
	return answer;
}

/* False if there is no such pipeline stage. */
bool
crm_lookup_stage(CrmDealLookups *lookups, int64 id, CrmStageRow *row)
{
	const Lookup *answer = look_up(lookups, LOOKUP_STAGE, id, CRM_STAGE_LEAD);

	*row = answer->row;
	return answer->found;
}

/* False if no stage of the pipeline counts as the deal stage. */
bool
crm_lookup_first_stage(CrmDealLookups *lookups, int64 pipeline_id, CrmStage stage,
					   CrmStageRow *row)
{
	const Lookup *answer = look_up(lookups, LOOKUP_FIRST_STAGE, pipeline_id, stage);

	*row = answer->row;
	return answer->found;
}

/* False if there is no pipeline. */
bool
crm_lookup_default_pipeline(CrmDealLookups *lookups, int64 *id)
{
	const Lookup *answer = look_up(lookups, LOOKUP_DEFAULT_PIPELINE, 0, CRM_STAGE_LEAD);

	*id = answer->row.id;
	return answer->found;
}

/* Valid until the next look-up. */
const CrmSettings *
crm_lookup_settings(CrmDealLookups *lookups)
{
	return &look_up(lookups, LOOKUP_SETTINGS, 0, CRM_STAGE_LEAD)->settings;
}
