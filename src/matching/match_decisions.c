/*
 * match_decisions.c
 *		What people decide about two rows: the same, or different.
 *
 * A pair has one row of match_decisions, whatever order its keys are named in.
 * Nothing else is written: a candidate is open as long as its pair has no
 * decision, so deciding takes effect at once, waits for no refresh, and is
 * undone by ROLLBACK.  Taking a decision back queues both rows, since a refresh
 * may have removed the pair from the candidates meanwhile.
 *
 * Everything runs with the caller's rights.
 */
#include "crm.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "matching/match_queue.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/* A pair of keys, as the relation writes them, the smaller one left. */
typedef struct Pair
{
	CrmMatchTables tables;
	Datum		values[6];		/* of the statements: relation, keys, same, note, actor */
	char		nulls[6];
} Pair;

static const Oid pair_types[] = {REGCLASSOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID, TEXTOID};

/* A key as the relation writes it.  With must_exist, the caller must see the row. */
static char *
read_key(const CrmMatchTables *tables, Datum key, bool must_exist)
{
	CrmMatchKey column;
	char	   *own;

	if (!must_exist)
	{
		crm_find_match_key(tables->contacts, &column);
		return crm_spell_match_key(&column, key);
	}
	own = crm_own_match_key(tables->contacts, key);
	if (own == NULL)
	{
		char	   *shown = TextDatumGetCString(key);

		ereport(ERROR,
				(errcode(ERRCODE_NO_DATA_FOUND),
				 errmsg("relation \"%s\" has no row with key \"%s\"",
						get_rel_name(tables->contacts), crm_shown(shown, (int) strlen(shown)))));
	}
	return own;
}

/* The first four arguments of the functions here; SPI must be connected. */
static void
read_pair(FunctionCallInfo fcinfo, Pair *pair, bool must_exist)
{
	char	   *left;
	char	   *right;
	int			order;

	crm_read_match_tables(fcinfo, &pair->tables);
	if (must_exist)
		crm_check_kept_key(&pair->tables);
	crm_require_argument(fcinfo, 2, "left_key");
	crm_require_argument(fcinfo, 3, "right_key");
	left = read_key(&pair->tables, PG_GETARG_DATUM(2), must_exist);
	right = read_key(&pair->tables, PG_GETARG_DATUM(3), must_exist);
	order = strcmp(left, right);
	if (order == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("both keys are \"%s\"", crm_shown(left, (int) strlen(left))),
				 errdetail("A decision is about two rows.")));
	pair->values[0] = ObjectIdGetDatum(pair->tables.contacts);
	pair->values[1] = CStringGetTextDatum(order < 0 ? left : right);
	pair->values[2] = CStringGetTextDatum(order < 0 ? right : left);
	memset(pair->nulls, ' ', sizeof(pair->nulls));
}

/*
 * Returns whether the decision is new or another one.  Repeating it takes over
 * the note, if there is one, with who and when; another decision has no use for
 * the note of the first.
 */
PG_FUNCTION_INFO_V1(crm_mark_match);
Datum
crm_mark_match(PG_FUNCTION_ARGS)
{
	Pair		pair;
	char	   *decisions;
	bool		is_null;
	bool		is_news;

	crm_require_argument(fcinfo, 4, "same");
	SPI_connect();
	read_pair(fcinfo, &pair, true);
	pair.values[3] = PG_GETARG_DATUM(4);
	pair.nulls[4] = PG_ARGISNULL(5) ? 'n' : ' ';
	pair.values[4] = PG_ARGISNULL(5) ? (Datum) 0 : PG_GETARG_DATUM(5);
	pair.values[5] = crm_actor_value(&pair.nulls[5]);

	decisions = pair.tables.decisions;
	crm_execute_kept(psprintf("SELECT NOT EXISTS (SELECT FROM %s AS d"
							  " WHERE d.relation OPERATOR(pg_catalog.=) $1"
							  " AND d.left_key OPERATOR(pg_catalog.=) $2"
							  " AND d.right_key OPERATOR(pg_catalog.=) $3"
							  " AND d.same OPERATOR(pg_catalog.=) $4)", decisions),
					 4, pair_types, pair.values, pair.nulls, false, 1);
	is_news = DatumGetBool(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
										 1, &is_null));
	crm_execute_kept(psprintf("INSERT INTO %s AS d (relation, left_key, right_key, same, note, actor)"
							  " VALUES ($1, $2, $3, $4, $5, $6)"
							  " ON CONFLICT (relation, left_key, right_key) DO UPDATE SET"
							  " same = excluded.same,"
							  " note = COALESCE(excluded.note, CASE WHEN d.same OPERATOR(pg_catalog.=) excluded.same THEN d.note END),"
							  " decided_at = excluded.decided_at, decided_by = excluded.decided_by,"
							  " actor = excluded.actor", decisions),
					 6, pair_types, pair.values, pair.nulls, false, 0);
	SPI_finish();
	PG_RETURN_BOOL(is_news);
}

/* The rows need not exist any more. */
PG_FUNCTION_INFO_V1(crm_forget_decision);
Datum
crm_forget_decision(PG_FUNCTION_ARGS)
{
	Pair		pair;
	bool		found;

	SPI_connect();
	read_pair(fcinfo, &pair, false);
	crm_execute_kept(psprintf("DELETE FROM %s AS d"
							  " WHERE d.relation OPERATOR(pg_catalog.=) $1"
							  " AND d.left_key OPERATOR(pg_catalog.=) $2"
							  " AND d.right_key OPERATOR(pg_catalog.=) $3",
							  pair.tables.decisions),
					 3, pair_types, pair.values, pair.nulls, false, 0);
	found = SPI_processed > 0;
	if (found)
		crm_execute_kept(psprintf("INSERT INTO %s (relation, key) VALUES ($1, $2), ($1, $3)",
								  pair.tables.queue),
						 3, pair_types, pair.values, pair.nulls, false, 0);
	SPI_finish();
	PG_RETURN_BOOL(found);
}
