/*
 * refresh_queue.c
 *		Looking at the rows that wait in the queue.
 */
#include "matching/match_refresh.h"
#include "matching/match_values.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* Each of the rows takes a look at all of them: few enough for that, but not nothing. */
static void
report_no_index(const CrmRefresh *refresh)
{
	const char *name = get_rel_name(refresh->tables.contacts);

	ereport(NOTICE,
			(errmsg("every row of \"%s\" is read for each that waits, since it has no index of match keys for all of its columns", name),
			 errhint("SELECT crm.create_match_index(%s) makes one.",
					 quote_literal_cstr(refresh->tables.contacts_name))));
}

void
crm_refresh_start_queue(CrmRefresh *refresh)
{
	int64		waiting = crm_refresh_count(refresh, psprintf("SELECT count(*) FROM %s WHERE relation = $1",
															  refresh->tables.queue));

	refresh->last_id = crm_refresh_count(refresh, psprintf("SELECT max(id) FROM %s WHERE relation = $1",
														   refresh->tables.queue));
	crm_refresh_start_progress(refresh, false, waiting);
	if (waiting > 0 && !crm_refresh_has_index(refresh))
		report_no_index(refresh);
}

/* Takes the next keys from the queue, as text[]; returns how many rows. */
static int64
claim_keys(const CrmRefresh *refresh, Datum *keys)
{
	Oid			types[] = {REGCLASSOID, INT8OID, INT8OID};
	Datum		values[] = {ObjectIdGetDatum(refresh->tables.contacts),
		Int64GetDatum(refresh->last_id), Int64GetDatum(refresh->batch_size)};
	CrmMatchKey key;
	const char *spelled;
	int64		count;
	bool		is_null;

	/* as candidates have them: what was queued may be written otherwise; a cast may be a user's */
	crm_find_match_key(refresh->tables.contacts, &key);
	spelled = key.reading == CRM_KEY_CAST ? psprintf("key::%s::text", key.type) : "key";
	crm_refresh_execute(psprintf("WITH claimed AS (DELETE FROM %s AS q WHERE q.id IN ("
								 "SELECT n.id FROM %s AS n WHERE n.relation = $1 AND n.id <= $2 AND n.key IS NOT NULL"
								 " ORDER BY n.id LIMIT $3 FOR UPDATE SKIP LOCKED) RETURNING q.key)"
								 " SELECT count(*), array_agg(DISTINCT %s) FROM claimed",
								 refresh->tables.queue, refresh->tables.queue, spelled),
						3, types, values, NULL);
	count = crm_refresh_number(1, 0);
	if (count > 0)
		*keys = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &is_null);
	return count;
}

/* The keys of rows that there are still; the others are deleted or archived. */
static Datum
existing_keys(const CrmRefresh *refresh, Datum keys)
{
	const CrmMatchTables *tables = &refresh->tables;
	CrmMatchKey key;
	Oid			type;
	bool		is_null;

	crm_find_match_key(tables->contacts, &key);
	type = crm_match_key_parameter(&key, true, &keys);
	crm_refresh_execute(psprintf("SELECT COALESCE(array_agg(%s), '{}') FROM %s AS c WHERE %s%s",
								 crm_text_sql(psprintf("c.%s", key.name), key.type_id), tables->contacts_name,
								 crm_match_key_condition(&key, true),
								 tables->has_archive ? " AND c.archived_at IS NULL" : ""),
						1, &type, &keys, NULL);
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
}

/* Looks at the next rows of the queue; false if there are none left. */
bool
crm_refresh_batch(const CrmRefresh *refresh)
{
	const CrmMatchTables *tables = &refresh->tables;
	Oid			types[] = {REGCLASSOID, TEXTARRAYOID, TEXTARRAYOID, FLOAT8OID, JSONBOID};
	Datum		values[5] = {ObjectIdGetDatum(tables->contacts), 0, 0,
	refresh->min_probability, refresh->model};
	char		nulls[] = {' ', ' ', ' ', refresh->has_min_probability ? ' ' : 'n',
		refresh->model != (Datum) 0 ? ' ' : 'n', '\0'};
	int64		claimed = claim_keys(refresh, &values[1]);
	char	   *found;

	if (claimed == 0)
		return false;
	values[2] = existing_keys(refresh, values[1]);
	found = psprintf("SELECT d.contact_key AS one_key, d.other_key, d.probability,"
					 " d.match_weight, d.evidence"
					 " FROM crm._duplicates_of_many($1, $3, $4, $5, %s, %s::regclass) AS d",
					 crm_decisions_sql(tables), quote_literal_cstr(tables->candidates));
	crm_refresh_execute(crm_refresh_store_sql(refresh, found, "(c.left_key = ANY ($2) OR c.right_key = ANY ($2))"),
						5, types, values, nulls);
	crm_refresh_note_progress(refresh, claimed, crm_refresh_number(1, 0), crm_refresh_number(2, 0));
	return true;
}
