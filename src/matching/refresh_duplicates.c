/*
 * refresh_duplicates.c
 *		Bringing duplicate_candidates up to date.
 *
 * A run takes rows from the queue, a batch per transaction, and asks the engine
 * for the duplicates of each; or, where the queue cannot tell what has changed,
 * it looks at all rows at once.  Candidates that no longer hold go.
 *
 *	- Rows leave the queue in the transaction that stores their candidates: what
 *	  is cut short is done again by the next run.
 *	- Whoever works on a batch has locked the relation's row of match_refreshes
 *	  before his snapshots.  Two sessions take turns: a result that was computed
 *	  before another one would otherwise overwrite it, and a pair has two rows,
 *	  so that locking rows of the queue would not keep it from that.
 *	- Transactions are READ COMMITTED, whatever the session's default is.
 *	- row_security is off: with a policy in the way the run fails, rather than
 *	  taking hidden rows for deleted ones.
 *
 * Everything runs with the caller's rights.
 *
 * Memory: what outlives a batch is in the caller's context, which is the portal's;
 * each batch has a connection to SPI, and its memory, of its own.
 */
#include "matching/match_refresh.h"

#include "executor/spi.h"
#include "matching/match_queue.h"
#include "matching/match_search.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/timestamp.h"

/* More keys than this make one statement of a batch unwieldy. */
#define MAX_BATCH_SIZE 10000

/*
 * One batch, or all rows; what all rows are looked at for may come up between two
 * batches too.  Returns whether there may be more to do.
 */
static bool
run_batch(CrmRefresh *refresh)
{
	CrmFullReason reason;
	bool		has_more = false;

	SPI_connect_ext(SPI_OPT_NONATOMIC);
	crm_refresh_next_transaction();
	crm_refresh_lock(refresh);
	crm_check_kept_key(&refresh->tables);
	crm_refresh_read_model(refresh);
	reason = crm_refresh_find_reason(refresh);
	if (reason != CRM_NOT_FULL)
		has_more = !crm_refresh_all(refresh, reason);
	else
	{
		if (!refresh->is_queue_begun)
			crm_refresh_start_queue(refresh);
		refresh->is_queue_begun = true;
		has_more = crm_refresh_batch(refresh);
	}
	if (!has_more)
		crm_refresh_finish_progress(refresh);
	SPI_commit();
	SPI_finish();
	return has_more;
}

static void
check_batch_size(int size)
{
	if (size < 1 || size > MAX_BATCH_SIZE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("batch_size cannot be %d", size),
				 errdetail("It must be between 1 and %d.", MAX_BATCH_SIZE)));
}

static void
check_can_commit(FunctionCallInfo fcinfo)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		((CallContext *) fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("duplicates cannot be refreshed inside a transaction block"),
				 errdetail("Each batch is a transaction of its own."),
				 errhint("Call it on its own, outside BEGIN and COMMIT and with autocommit on.")));
}

PG_FUNCTION_INFO_V1(crm_refresh_duplicates);
Datum
crm_refresh_duplicates(PG_FUNCTION_ARGS)
{
	CrmRefresh	refresh;

	check_can_commit(fcinfo);
	crm_require_argument(fcinfo, 0, "settings");
	crm_require_argument(fcinfo, 2, "batch_size");
	crm_require_argument(fcinfo, 4, "everything");
	check_batch_size(PG_GETARG_INT32(2));

	memset(&refresh, 0, sizeof(refresh));
	crm_find_match_tables(&refresh.tables, PG_GETARG_OID(0),
						  PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1));
	refresh.batch_size = PG_GETARG_INT32(2);
	refresh.has_min_probability = !PG_ARGISNULL(3);
	if (refresh.has_min_probability)
		refresh.min_probability = Float8GetDatum(crm_checked_probability(PG_GETARG_FLOAT8(3)));
	refresh.is_asked_full = PG_GETARG_BOOL(4);
	refresh.called_at = GetCurrentTimestamp();
	while (run_batch(&refresh))
		CHECK_FOR_INTERRUPTS();
	PG_RETURN_VOID();
}
