/*
 * match_refresh.h
 *		A run of refresh_duplicates, and its parts.
 *
 * refresh_duplicates.c says what a run is, and what its transactions rely on.
 */
#ifndef CRM_MATCH_REFRESH_H
#define CRM_MATCH_REFRESH_H

#include "matching/kept_matching.h"

#include "datatype/timestamp.h"

/* Why all rows are looked at. */
typedef enum CrmFullReason
{
	CRM_NOT_FULL,
	CRM_FULL_ASKED,
	CRM_FULL_NO_QUEUE,
	CRM_FULL_FIRST,
	CRM_FULL_MODEL,
	CRM_FULL_GROWN,
	CRM_FULL_PROBABILITY,
	CRM_FULL_SHAPE,
	CRM_FULL_MARKED,
	CRM_FULL_NO_INDEX,
	CRM_FULL_MANY
} CrmFullReason;

typedef struct CrmRefresh
{
	CrmMatchTables tables;		/* names are good for a transaction */
	int			batch_size;
	bool		is_asked_full;
	Datum		min_probability;
	bool		has_min_probability;
	TimestampTz called_at;
	bool		is_full_done;	/* in this call, by whomever */
	bool		is_queue_begun;
	int64		last_id;		/* of the queue, when it was begun */

	/* as of the present transaction */
	Datum		model;			/* jsonb, NULL: none is current */
	int64		model_id;		/* 0: none */
} CrmRefresh;

/* refresh_statements.c */
extern void crm_refresh_next_transaction(void);
extern void crm_refresh_execute(const char *sql, int nargs, Oid *types, Datum *values,
								const char *nulls);
extern void crm_refresh_execute_for(const CrmRefresh *refresh, const char *sql);
extern int64 crm_refresh_number(int column, int64 fallback);
extern bool crm_refresh_flag(int column);
extern int64 crm_refresh_count(const CrmRefresh *refresh, const char *sql);
extern int64 crm_refresh_count_rows(const CrmRefresh *refresh);
extern void crm_refresh_lock(CrmRefresh *refresh);
extern void crm_refresh_read_model(CrmRefresh *refresh);
extern char *crm_refresh_store_sql(const CrmRefresh *refresh, const char *found,
								   const char *which);
extern void crm_refresh_start_progress(const CrmRefresh *refresh, bool is_full, int64 total);
extern void crm_refresh_note_progress(const CrmRefresh *refresh, int64 done, int64 stored,
									  int64 removed);
extern void crm_refresh_finish_progress(const CrmRefresh *refresh);

/* refresh_all.c */
extern bool crm_refresh_has_index(const CrmRefresh *refresh);
extern CrmFullReason crm_refresh_find_reason(const CrmRefresh *refresh);
extern bool crm_refresh_all(CrmRefresh *refresh, CrmFullReason reason);

/* refresh_queue.c */
extern void crm_refresh_start_queue(CrmRefresh *refresh);
extern bool crm_refresh_batch(const CrmRefresh *refresh);

#endif							/* CRM_MATCH_REFRESH_H */
