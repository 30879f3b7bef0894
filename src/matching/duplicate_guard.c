/*
 * duplicate_guard.c
 *		A trigger that keeps contacts out that are there already.
 *
 * The trigger runs after the row and its index entries are there, and looks for
 * others with a dirty snapshot.  Whom it finds committed is a duplicate; for whom
 * it finds being inserted, changed or deleted by another transaction it waits, and
 * looks again.  Of two transactions that insert the same person the later one to
 * look sees the other's row, whatever their isolation levels: each had inserted
 * before it looked.  If both look when both have inserted, they wait for each
 * other, and the server ends one of them as a deadlock: which is what exclusion
 * constraints do.  Nothing but transactions is waited for, and nothing is locked.
 *
 * A guard that only warns never waits: a row that is being inserted is warned of.
 *
 * A row that was likely a duplicate before it was changed may be changed: only
 * what an UPDATE makes a duplicate is kept out.  Archived rows (archived_at is
 * not NULL) are nobody's duplicates.
 *
 * Memory: what is known about the table is kept for a statement, in the context of
 * the trigger's call; of rows nothing is.
 */
#include "matching/duplicate_guard.h"

#include "access/genam.h"
#include "access/sysattr.h"
#include "access/tableam.h"
#include "catalog/pg_constraint.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "matching/match_search.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

/* Values of a set after which a new one is begun. */
#define RECORDS_PER_SET 5000

/* What is known about a guarded table; for one statement. */
typedef struct Guard
{
	CrmMatchSource source;
	CrmMatchReader *reader;
	CrmMatchSet *set;
	int			records;		/* that have been through the set */
	AttrNumber	archived;		/* column that says when a row was archived; or 0 */
	AttrNumber	key;			/* column that tells rows apart; or 0 */
	double		min_weight;
	bool		rejects;
	MemoryContext context;
} Guard;

/* One look.  Record 0 of the set is the row, record 1 what it was before. */
typedef struct Look
{
	Guard	   *guard;
	const CrmOnlineModel *online;
	ItemPointerData self;
	bool		has_old;
	bool		found;			/* somebody whom nobody is changing */
	double		weight;			/* of the likeliest of them */
	char	   *key;			/* its id as text */
	TransactionId wait_for;		/* somebody whom this transaction is changing */
	uint32		token;			/* of an insertion that may yet be taken back */
	ItemPointerData wait_place;
} Look;

/* ----------
 * looking
 * ----------
 */

static bool
is_archived(const Guard *guard, TupleTableSlot *slot)
{
	return guard->archived != 0 && !slot_attisnull(slot, guard->archived);
}

static char *
key_of(const Guard *guard, TupleTableSlot *slot)
{
	Oid			output;
	bool		is_varlena;
	bool		is_null;
	Datum		value;

	if (guard->key == 0)
		return NULL;
	value = slot_getattr(slot, guard->key, &is_null);
	if (is_null)
		return NULL;
	getTypeOutputInfo(TupleDescAttr(slot->tts_tupleDescriptor, guard->key - 1)->atttypid,
					  &output, &is_varlena);
	return OidOutputFunctionCall(output, value);
}

/* Whether the row and a candidate, the set's last record, are one person, and were not. */
static bool
has_become_duplicate(const Look *look, double *weight)
{
	CrmMatchSet *set = look->guard->set;
	uint32		candidate = set->count - 1;

	crm_online_rarities(look->online, set, candidate);
	*weight = crm_online_weight(look->online, set, 0, candidate);
	return *weight >= look->guard->min_weight &&
		(!look->has_old ||
		 crm_online_weight(look->online, set, 1, candidate) < look->guard->min_weight);
}

static void
note_match(Look *look, TupleTableSlot *slot, const SnapshotData *dirty, double weight)
{
	TransactionId other = TransactionIdIsValid(dirty->xmin) ? dirty->xmin : dirty->xmax;

	if (look->guard->rejects && TransactionIdIsValid(other))
	{
		look->wait_for = other;
		look->token = TransactionIdIsValid(dirty->xmin) ? dirty->speculativeToken : 0;
		look->wait_place = slot->tts_tid;
	}
	else if (!look->found || weight > look->weight)
	{
		look->found = true;
		look->weight = weight;
		look->key = key_of(look->guard, slot);
	}
}

static void
visit_candidate(void *state, TupleTableSlot *slot, const SnapshotData *dirty)
{
	Look	   *look = state;
	Guard	   *guard = look->guard;
	CrmMatchPerson person;
	double		weight;

	if (ItemPointerEquals(&look->self, &slot->tts_tid) || is_archived(guard, slot))
		return;
	crm_match_reader_read(guard->reader, slot, &person);
	crm_match_set_add(guard->set, &person);
	guard->records++;
	if (has_become_duplicate(look, &weight))
		note_match(look, slot, dirty, weight);
	guard->set->count--;
}

/* ----------
 * what is found
 * ----------
 */

/* Whether the caller may know other rows of the table. */
static bool
may_read(const Guard *guard)
{
	Oid			table = guard->source.relation;
	Oid			user = GetUserId();

	if (check_enable_rls(table, InvalidOid, true) == RLS_ENABLED)
		return false;
	return pg_class_aclcheck(table, user, ACL_SELECT) == ACLCHECK_OK ||
		(guard->key != 0 &&
		 pg_attribute_aclcheck(table, guard->key, user, ACL_SELECT) == ACLCHECK_OK);
}

static void
report(const Look *look, TriggerData *trigger)
{
	Relation	table = trigger->tg_relation;
	bool		shows = look->key != NULL && may_read(look->guard);

	ereport(look->guard->rejects ? ERROR : WARNING,
			(errcode(ERRCODE_UNIQUE_VIOLATION),
			 errmsg("contact is likely a duplicate of another one in \"%s\"", RelationGetRelationName(table)),
			 shows ? errdetail("The other one has the key (%s)=(%s); they are one person with a probability of %.3f.",
							   get_attname(RelationGetRelid(table), look->guard->key, false),
							   crm_shown(look->key, (int) strlen(look->key)),
							   Min(crm_weight_probability(look->weight), 0.999)) : 0,
			 errtableconstraint(table, trigger->tg_trigger->tgname)));
}

static void
wait_for(const Look *look, Relation table)
{
	ItemPointerData place = look->wait_place;

	if (look->token != 0)
		SpeculativeInsertionWait(look->wait_for, look->token);
	else
		XactLockTableWait(look->wait_for, table, &place, XLTW_RecheckExclusionConstr);
}

/* Looks until nobody is in the way; what is definite is reported without waiting. */
static void
check_row(Guard *guard, TriggerData *trigger, TupleTableSlot *row, const CrmMatchPerson *person,
		  bool has_old)
{
	Look		look = {0};
	Relation	index = index_open(guard->source.index, RowExclusiveLock);
	int64		keys[CRM_MATCH_KEYS_MAX];
	int			count = crm_person_keys(person, keys);

	look.guard = guard;
	look.online = crm_online_model(guard->source.rows, NULL);
	crm_online_rarities(look.online, guard->set, 0);
	look.self = row->tts_tid;
	look.has_old = has_old;
	for (;;)
	{
		look.wait_for = InvalidTransactionId;
		crm_match_probe(trigger->tg_relation, index, keys, count, visit_candidate, &look);
		if (look.found || !TransactionIdIsValid(look.wait_for))
			break;
		wait_for(&look, trigger->tg_relation);
	}
	index_close(index, NoLock);
	if (look.found)
		report(&look, trigger);
}

/* ----------
 * the trigger
 * ----------
 */

static void
check_protocol(FunctionCallInfo fcinfo)
{
	TriggerEvent event;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("not called by a trigger")));
	event = ((TriggerData *) fcinfo->context)->tg_event;
	if (!TRIGGER_FIRED_AFTER(event) || !TRIGGER_FIRED_FOR_ROW(event) ||
		!(TRIGGER_FIRED_BY_INSERT(event) || TRIGGER_FIRED_BY_UPDATE(event)))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger must be an AFTER trigger FOR EACH ROW of INSERT or UPDATE")));
}

/* A probability that stands as text in the trigger. */
static double
weight_of(const char *text)
{
	Datum		value = DirectFunctionCall1(float8in, CStringGetDatum(text));

	return crm_probability_weight(crm_checked_probability(DatumGetFloat8(value)));
}

/* The primary key, if it is one column; else a column named id. */
static AttrNumber
key_column(const CrmMatchSource *source)
{
	Oid			constraint;
	Bitmapset  *columns = get_primary_key_attnos(source->relation, true, &constraint);
	int			column;

	if (!bms_get_singleton_member(columns, &column))
		return source->id;
	return (AttrNumber) (column + FirstLowInvalidHeapAttributeNumber);
}

/* What is known about the table, once for a statement. */
static Guard *
guard_of(FunctionCallInfo fcinfo)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Guard	   *guard = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	if (guard != NULL && guard->source.relation == RelationGetRelid(trigger->tg_relation))
		return guard;
	if (trigger->tg_trigger->tgnargs != 2)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger must have an action and a probability as arguments")));
	crm_guard_check_table(trigger->tg_relation);
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	guard = palloc0(sizeof(Guard));
	guard->context = CurrentMemoryContext;
	guard->rejects = crm_guard_rejects(trigger->tg_trigger->tgargs[0]);
	guard->min_weight = weight_of(trigger->tg_trigger->tgargs[1]);
	crm_match_source_describe(&guard->source, trigger->tg_relation);
	crm_guard_check_index(&guard->source);
	guard->archived = crm_match_archive_column(guard->source.relation);
	guard->key = key_column(&guard->source);
	guard->reader = crm_match_reader_create(&guard->source);
	fcinfo->flinfo->fn_extra = guard;
	MemoryContextSwitchTo(old);
	return guard;
}

static bool
are_same_text(const CrmMatchText *a, const CrmMatchText *b)
{
	return a->length == b->length && memcmp(a->bytes, b->bytes, a->length) == 0;
}

static bool
are_same_person(const CrmMatchPerson *a, const CrmMatchPerson *b)
{
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		if (!are_same_text(&a->field[i], &b->field[i]))
			return false;
	for (i = 0; i < CRM_MATCH_LIST_MAX - 1; i++)
		if (!are_same_text(&a->more_emails[i], &b->more_emails[i]) ||
			!are_same_text(&a->more_phones[i], &b->more_phones[i]))
			return false;
	return true;
}

/*
 * The row as it is now, in the slot: who was fired before this trigger may have
 * changed it, and so has the rest of the transaction before a deferred one.  False
 * if it is gone.  Nobody else can have changed it.
 */
static bool
fetch_present_row(Relation table, TupleTableSlot *row, TupleTableSlot *slot)
{
	ItemPointerData tid = row->tts_tid;
	TableScanDesc scan;

	if (table_tuple_fetch_row_version(table, &tid, SnapshotSelf, slot))
		return true;
	scan = table_beginscan_tid(table, SnapshotSelf);
	table_tuple_get_latest_tid(scan, &tid);
	table_endscan(scan);
	return table_tuple_fetch_row_version(table, &tid, SnapshotSelf, slot);
}

static void
begin_set(Guard *guard)
{
	if (guard->set != NULL && guard->records > RECORDS_PER_SET)
	{
		MemoryContextDelete(guard->set->context);
		guard->set = NULL;
	}
	if (guard->set == NULL)
	{
		guard->set = crm_match_set_create(guard->context, false);
		guard->records = 0;
	}
	guard->set->count = 0;
}

/*
 * Checks the row as it is now against what it was before the event, NULL if it is
 * to count as new.  That a later event changed it in turn is no reason to leave it
 * to that one, for which it was a duplicate before.
 */
static void
check_present_row(Guard *guard, TriggerData *trigger, TupleTableSlot *row,
				  const CrmMatchPerson *old_person)
{
	TupleTableSlot *slot = table_slot_create(trigger->tg_relation, NULL);
	CrmMatchPerson person;

	if (fetch_present_row(trigger->tg_relation, row, slot) && !is_archived(guard, slot))
	{
		crm_match_reader_read(guard->reader, slot, &person);
		if (old_person == NULL || !are_same_person(&person, old_person))
		{
			begin_set(guard);
			crm_match_set_add(guard->set, &person);
			if (old_person != NULL)
				crm_match_set_add(guard->set, old_person);
			check_row(guard, trigger, slot, &person, old_person != NULL);
		}
	}
	ExecDropSingleTupleTableSlot(slot);
}

/* Arguments: reject or warn, and the least probability. */
PG_FUNCTION_INFO_V1(crm_duplicate_guard);
Datum
crm_duplicate_guard(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	bool		is_update;
	bool		has_old;
	TupleTableSlot *row;
	CrmMatchPerson person;
	CrmMatchPerson old_person;
	Guard	   *guard;

	check_protocol(fcinfo);
	guard = guard_of(fcinfo);
	is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	row = is_update ? trigger->tg_newslot : trigger->tg_trigslot;
	/* what archives a row, or leaves the person as it was, makes no duplicate */
	if (is_archived(guard, row))
		PG_RETURN_POINTER(NULL);
	has_old = is_update && !is_archived(guard, trigger->tg_trigslot);
	if (has_old)
	{
		crm_match_reader_read(guard->reader, row, &person);
		crm_match_reader_read(guard->reader, trigger->tg_trigslot, &old_person);
		if (are_same_person(&person, &old_person))
			PG_RETURN_POINTER(NULL);
	}
	check_present_row(guard, trigger, row, has_old ? &old_person : NULL);
	PG_RETURN_POINTER(NULL);
}
