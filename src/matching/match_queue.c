/*
 * match_queue.c
 *		The queue of rows that were written since a refresh looked at them.
 *
 * An AFTER row trigger puts the key of each row that is inserted, deleted, or
 * changed in a column that matching reads into match_queue; a TRUNCATE puts NULL
 * there, which stands for all rows.  The queue is only ever appended to: nobody
 * who writes waits for a refresh, and none overlooks what is written while it
 * works.
 *
 * The trigger may stand on a table of any schema.  It learns its queue from its
 * own condition, crm._queues_into(a constant), since there the catalog knows
 * that it depends on the queue: it follows when the schema is renamed, is dumped
 * with it, and is dropped with it.
 *
 * Rows are written as the owner of match_queue, if that is the owner of the
 * relation too; else with the writer's rights.  The writer has no say in what is
 * written: it is the key of a row that the server has just stored.  It is written
 * as the cast to text writes it; types that are written otherwise under other
 * settings are no keys here.
 */
#include "matching/match_queue.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "lib/stringinfo.h"
#include "matching/match_input.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "parser/parse_func.h"
#include "tables/ddl_script.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* For one statement on one table; lives in fn_extra. */
typedef struct QueueTrigger
{
	Oid			relation;		/* whose queue it is: of partitions, perhaps a parent */
	Oid			owner;			/* whose rights it takes; InvalidOid: the writer's */
	char	   *schema;			/* of the queue */
	char	   *sql;
	AttrNumber	key;			/* 0: none, so that a row cannot be told from another */
	bool		is_all_noted;	/* without a key, once for a statement */
	Oid			key_type;
	bool		has_virtual;	/* any change may be one of a column that is read */
	int			num_columns;
	AttrNumber	columns[CRM_INPUT_COLUMNS_MAX + 2];	/* the key, archived_at, and those that are read */
} QueueTrigger;

/* ----------
 * which queue
 * ----------
 */

/* Stops at a constant that names a relation, and puts it where context points. */
static bool
find_relation_constant(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Const) && ((Const *) node)->consttype == REGCLASSOID &&
		!((Const *) node)->constisnull)
	{
		*(Oid *) context = DatumGetObjectId(((Const *) node)->constvalue);
		return true;
	}
	return expression_tree_walker(node, find_relation_constant, context);
}

/* The queue that a trigger's condition names; InvalidOid if none. */
static Oid
queue_of_trigger(const Trigger *trigger)
{
	Oid			queue = InvalidOid;

	if (trigger->tgqual != NULL)
		(void) find_relation_constant(stringToNode(trigger->tgqual), &queue);
	return queue;
}

static Oid
check_queue(const Trigger *trigger)
{
	Oid			queue = queue_of_trigger(trigger);
	char	   *name = OidIsValid(queue) ? get_rel_name(queue) : NULL;

	if (name == NULL || strcmp(name, "match_queue") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\" does not say which queue it fills", trigger->tgname),
				 errhint("Drop it, and call create_match_queue of the schema that has the queue.")));
	return queue;
}

/* ----------
 * the trigger
 * ----------
 */

/*
 * The relation that the trigger was made for: partitions have copies of the triggers
 * of their parents, and perhaps one of their own.
 */
static Oid
relation_of_trigger(const TriggerData *trigger)
{
	Oid			result = RelationGetRelid(trigger->tg_relation);
	Oid			oid = trigger->tg_trigger->tgisclone ? trigger->tg_trigger->tgoid : InvalidOid;
	Relation	catalog = OidIsValid(oid) ? table_open(TriggerRelationId, AccessShareLock) : NULL;

	while (OidIsValid(oid))
	{
		ScanKeyData key;
		SysScanDesc scan;
		HeapTuple	tuple;

		ScanKeyInit(&key, Anum_pg_trigger_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(oid));
		scan = systable_beginscan(catalog, TriggerOidIndexId, true, NULL, 1, &key);
		tuple = systable_getnext(scan);
		oid = InvalidOid;
		if (HeapTupleIsValid(tuple))
		{
			result = ((Form_pg_trigger) GETSTRUCT(tuple))->tgrelid;
			oid = ((Form_pg_trigger) GETSTRUCT(tuple))->tgparentid;
		}
		systable_endscan(scan);
	}
	if (catalog != NULL)
		table_close(catalog, AccessShareLock);
	return result;
}

static void
find_columns(QueueTrigger *queue, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	AttrNumber	key = crm_match_key_column(queue->relation);
	int			i;

	if (key != InvalidAttrNumber)
	{
		/* partitions may number their columns otherwise */
		queue->key = SPI_fnumber(desc, get_attname(queue->relation, key, false));
		queue->columns[queue->num_columns++] = queue->key;
		queue->key_type = SPI_gettypeid(desc, queue->key);
	}
	for (i = 0; crm_match_column_name(i) != NULL; i++)
	{
		int			number = SPI_fnumber(desc, crm_match_column_name(i));

		if (number > 0 && crm_is_virtual(TupleDescAttr(desc, number - 1)))
			queue->has_virtual = true;
		else if (number > 0)
			queue->columns[queue->num_columns++] = number;
	}
}

static QueueTrigger *
start_queue(const TriggerData *trigger, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	QueueTrigger *queue = palloc0(sizeof(QueueTrigger));
	Oid			table = check_queue(trigger->tg_trigger);

	queue->relation = relation_of_trigger(trigger);
	queue->owner = crm_relation_owner(table);
	if (queue->owner != crm_relation_owner(queue->relation))
		queue->owner = InvalidOid;
	queue->schema = crm_relation_schema(table);
	queue->sql = psprintf("INSERT INTO %s (relation, key) VALUES ($1, $2::pg_catalog.text)",
						  quote_qualified_identifier(queue->schema, get_rel_name(table)));
	queue->key_type = TEXTOID;
	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		find_columns(queue, trigger->tg_relation);
	MemoryContextSwitchTo(old);
	return queue;
}

static void
set(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Puts a key, or NULL, into the queue.  What the table's owner has put on it runs
 * as he, so not with the search path of whoever writes.
 */
static void
put_key(QueueTrigger *queue, Datum key, bool is_null)
{
	Oid			types[] = {REGCLASSOID, queue->key_type};
	Datum		values[] = {ObjectIdGetDatum(queue->relation), key};
	int			nest_level = NewGUCNestLevel();
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	if (OidIsValid(queue->owner))
	{
		SetUserIdAndSecContext(queue->owner, security | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_NOFORCE_RLS);
		set("search_path", psprintf("pg_catalog, %s, pg_temp", quote_identifier(queue->schema)));
	}
	SPI_connect();
	crm_execute_kept(queue->sql, 2, types, values, is_null ? " n" : "  ", false, 0);
	SPI_finish();
	SetUserIdAndSecContext(user, security);
	AtEOXact_GUC(true, nest_level);
}

/*
 * The relation has lost its key: nobody is kept from writing, and the next refresh
 * says so, or, if there is a key again, looks at all rows.
 */
static void
put_all(QueueTrigger *queue)
{
	if (!queue->is_all_noted)
		put_key(queue, (Datum) 0, true);
	queue->is_all_noted = true;
}

/* No row is known by NULL. */
static void
put_key_of(QueueTrigger *queue, HeapTuple tuple, TupleDesc desc)
{
	bool		is_null;
	Datum		key = heap_getattr(tuple, queue->key, desc, &is_null);

	if (!is_null)
		put_key(queue, key, false);
}

static bool
is_changed(AttrNumber column, HeapTuple old, HeapTuple new, TupleDesc desc)
{
	Form_pg_attribute attribute = TupleDescAttr(desc, column - 1);
	bool		old_is_null;
	bool		new_is_null;
	Datum		before = heap_getattr(old, column, desc, &old_is_null);
	Datum		after = heap_getattr(new, column, desc, &new_is_null);

	if (old_is_null || new_is_null)
		return old_is_null != new_is_null;
	return !datum_image_eq(before, after, attribute->attbyval, attribute->attlen);
}

static bool
has_changed(const QueueTrigger *queue, HeapTuple old, HeapTuple new, TupleDesc desc)
{
	int			i;

	if (queue->has_virtual)
		return true;
	for (i = 0; i < queue->num_columns; i++)
		if (is_changed(queue->columns[i], old, new, desc))
			return true;
	return false;
}

static void
queue_row(QueueTrigger *queue, const TriggerData *trigger)
{
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	HeapTuple	row = trigger->tg_trigtuple;
	HeapTuple	new_row = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newtuple : NULL;

	if (new_row != NULL && !has_changed(queue, row, new_row, desc))
		return;
	if (queue->key == InvalidAttrNumber)
	{
		put_all(queue);
		return;
	}
	put_key_of(queue, row, desc);
	if (new_row != NULL && is_changed(queue->key, row, new_row, desc))
		put_key_of(queue, new_row, desc);
}

PG_FUNCTION_INFO_V1(crm_queue_match);
Datum
crm_queue_match(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_AFTER(trigger->tg_event) ||
		TRIGGER_FIRED_FOR_ROW(trigger->tg_event) == TRIGGER_FIRED_BY_TRUNCATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("the queue of rows to be matched is filled by AFTER triggers for each row, and for TRUNCATE")));
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = start_queue(trigger, fcinfo->flinfo->fn_mcxt);
	if (TRIGGER_FIRED_FOR_ROW(trigger->tg_event))
		queue_row(fcinfo->flinfo->fn_extra, trigger);
	else
		put_key(fcinfo->flinfo->fn_extra, (Datum) 0, true);
	return PointerGetDatum(NULL);
}

PG_FUNCTION_INFO_V1(crm_queues_into);
Datum
crm_queues_into(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(true);
}

PG_FUNCTION_INFO_V1(crm_settings_of);
Datum
crm_settings_of(PG_FUNCTION_ARGS)
{
	PG_RETURN_OID(PG_GETARG_OID(0));
}

/* ----------
 * types of keys
 * ----------
 */

/* Whether settings or names of things have a say in how values of a type are written. */
static bool
depends_on_settings(Oid type)
{
	switch (type)
	{
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INTERVALOID:
		case FLOAT4OID:
		case FLOAT8OID:
		case BYTEAOID:
		case CASHOID:
		case REGCLASSOID:
		case REGPROCOID:
		case REGPROCEDUREOID:
		case REGOPEROID:
		case REGOPERATOROID:
		case REGTYPEOID:
		case REGROLEOID:
		case REGNAMESPACEOID:
		case REGCOLLATIONOID:
		case REGCONFIGOID:
		case REGDICTIONARYOID:
			return true;
		default:
			return type_is_array(type) || type_is_range(type) || type_is_multirange(type) ||
				type_is_rowtype(type);
	}
}

/*
 * What is kept of rows is kept under their keys, as text, and must mean the same row
 * to whoever reads it.  A relation without a key is not this function's business.
 */
void
crm_check_kept_key(const CrmMatchTables *tables)
{
	AttrNumber	column = crm_match_key_column(tables->contacts);
	Oid			type = column == InvalidAttrNumber ? InvalidOid : get_atttype(tables->contacts, column);

	if (OidIsValid(type) && depends_on_settings(getBaseType(type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("key \"%s\" of relation \"%s\" is of type %s, whose text depends on settings",
						get_attname(tables->contacts, column, false), get_rel_name(tables->contacts),
						format_type_be(type)),
				 errdetail("What is kept of a row is kept under its key as text."),
				 errhint("Name a view whose column \"id\" is of another type: what to_char makes of a time, a number::numeric, encode(bytes, 'hex').")));
}

/* ----------
 * making and dropping it
 * ----------
 */

static Oid
queue_function(void)
{
	return LookupFuncName(list_make2(makeString(CRM_SCHEMA), makeString("_queue_match")),
						  0, NULL, false);
}

/*
 * The trigger of a relation that fills the queue, for rows; NULL if none.  A copy of
 * its parent's notes its rows as the parent's.
 */
static Trigger *
find_queue_trigger(Relation relation, Oid queue)
{
	Oid			function = queue_function();
	TriggerDesc *triggers = relation->trigdesc;
	int			i;

	for (i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (triggers->triggers[i].tgfoid == function &&
			TRIGGER_FOR_ROW(triggers->triggers[i].tgtype) &&
			!triggers->triggers[i].tgisclone &&
			queue_of_trigger(&triggers->triggers[i]) == queue)
			return &triggers->triggers[i];
	return NULL;
}

static Oid
queue_table(const CrmMatchTables *tables)
{
	return get_relname_relid("match_queue", get_rel_namespace(tables->settings));
}

/* Other than partitions, child tables do not have the triggers of their parents. */
static bool
has_child_tables(Relation relation)
{
	return relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE &&
		find_inheritance_children(RelationGetRelid(relation), NoLock) != NIL;
}

/* What is disabled fills nothing; what fires for replicas alone, next to nothing. */
bool
crm_has_match_queue(const CrmMatchTables *tables)
{
	Relation	relation = relation_open(tables->contacts, AccessShareLock);
	Trigger    *trigger = find_queue_trigger(relation, queue_table(tables));
	bool		result = trigger != NULL &&
		(trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN ||
		 trigger->tgenabled == TRIGGER_FIRES_ALWAYS) &&
		!has_child_tables(relation);

	relation_close(relation, NoLock);
	return result;
}

static void
check_can_have_triggers(const CrmMatchTables *tables)
{
	char		kind = get_rel_relkind(tables->contacts);
	CrmMatchKey key;
	CrmMatchInput input;

	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE &&
		kind != RELKIND_FOREIGN_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("relation \"%s\" is not a table", get_rel_name(tables->contacts)),
				 errdetail("Triggers that note which rows are written stand on tables."),
				 errhint("Without them refresh_duplicates looks at every row of the relation.")));
	crm_find_match_key(tables->contacts, &key);
	crm_check_kept_key(tables);
	/* an error where a refresh would find nothing to read */
	crm_match_input_find_quietly(&input, tables->contacts, true);
}

static bool
is_trigger_name_taken(List *relations, const char *name)
{
	ListCell   *cell;

	foreach(cell, relations)
		if (OidIsValid(get_trigger_oid(lfirst_oid(cell), name, true)))
			return true;
	return false;
}

/*
 * A name that no trigger of the relation has, nor one of its partitions, which get
 * it too; others may have taken the usual one, such as the queue of another CRM.
 */
static char *
free_trigger_name(const CrmMatchTables *tables, const char *name)
{
	List	   *relations = find_all_inheritors(tables->contacts, NoLock, NULL);
	char	   *free_name = pstrdup(name);
	int			i;

	for (i = 2; is_trigger_name_taken(relations, free_name); i++)
		free_name = psprintf("%s_%d", name, i);
	return free_name;
}

static char *
trigger_sql(const CrmMatchTables *tables, const char *usual_name, const char *events,
			const char *level, const char *comment)
{
	char	   *name = free_trigger_name(tables, usual_name);

	return psprintf("CREATE TRIGGER %s AFTER %s ON %s FOR EACH %s"
					" WHEN (crm._queues_into(%s::pg_catalog.regclass))"
					" EXECUTE FUNCTION crm._queue_match();\n"
					"COMMENT ON TRIGGER %s ON %s IS %s;\n",
					name, events, tables->contacts_name, level,
					quote_literal_cstr(tables->queue),
					name, tables->contacts_name, quote_literal_cstr(comment));
}

static void
execute_for_relation(const CrmMatchTables *tables, const char *sql)
{
	Oid			type = REGCLASSOID;
	Datum		value = ObjectIdGetDatum(tables->contacts);

	if (SPI_execute_with_args(sql, 1, &type, &value, NULL, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
}

/* Rows that were there before have to be looked at once. */
PG_FUNCTION_INFO_V1(crm_create_match_queue);
Datum
crm_create_match_queue(PG_FUNCTION_ARGS)
{
	CrmMatchTables tables;
	Relation	relation;
	bool		exists;

	crm_read_match_tables(fcinfo, &tables);
	check_can_have_triggers(&tables);
	relation = relation_open(tables.contacts, AccessShareLock);
	exists = find_queue_trigger(relation, queue_table(&tables)) != NULL;
	relation_close(relation, NoLock);
	if (exists)
		ereport(NOTICE,
				(errmsg("relation \"%s\" fills the queue already; nothing was changed",
						get_rel_name(tables.contacts))));
	else
	{
		crm_ddl_run(psprintf("%s%s",
							 trigger_sql(&tables, "match_queue", "INSERT OR UPDATE OR DELETE",
										 "ROW", "Notes which rows are written, for refresh_duplicates."),
							 trigger_sql(&tables, "match_queue_truncate", "TRUNCATE",
										 "STATEMENT", "Notes that all rows are gone, for refresh_duplicates.")));
		SPI_connect();
		execute_for_relation(&tables, psprintf("INSERT INTO %s (relation) VALUES ($1)", tables.queue));
		SPI_finish();
	}
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("what is written to %s is noted in %s",
											  tables.contacts_name, tables.queue)));
}

/* The statements that drop the triggers by which the relation fills the queue. */
static char *
drop_sql(const CrmMatchTables *tables)
{
	Relation	relation = relation_open(tables->contacts, AccessShareLock);
	TriggerDesc *triggers = relation->trigdesc;
	Oid			function = queue_function();
	Oid			queue = queue_table(tables);
	StringInfoData sql;
	int			i;

	initStringInfo(&sql);
	for (i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (triggers->triggers[i].tgfoid == function && !triggers->triggers[i].tgisclone &&
			queue_of_trigger(&triggers->triggers[i]) == queue)
			appendStringInfo(&sql, "DROP TRIGGER %s ON %s;\n",
							 quote_identifier(triggers->triggers[i].tgname),
							 tables->contacts_name);
	relation_close(relation, NoLock);
	return sql.data;
}

PG_FUNCTION_INFO_V1(crm_drop_match_queue);
Datum
crm_drop_match_queue(PG_FUNCTION_ARGS)
{
	CrmMatchTables tables;

	crm_read_match_tables(fcinfo, &tables);
	crm_ddl_run(drop_sql(&tables));
	SPI_connect();
	execute_for_relation(&tables, psprintf("DELETE FROM %s AS q"
										   " WHERE q.relation OPERATOR(pg_catalog.=) $1",
										   tables.queue));
	execute_for_relation(&tables, psprintf("UPDATE %s AS r SET full_had_queue = false"
										   " WHERE r.relation OPERATOR(pg_catalog.=) $1",
										   tables.refreshes));
	SPI_finish();
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("what is written to %s is no longer noted",
											  tables.contacts_name)));
}
