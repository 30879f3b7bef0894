/*
 * history_table.h
 *		Writing rows of deal_changes without a query for each.
 */
#ifndef CRM_HISTORY_TABLE_H
#define CRM_HISTORY_TABLE_H

#include "crm.h"

#include "datatype/timestamp.h"
#include "utils/relcache.h"

typedef struct CrmHistoryTable CrmHistoryTable;

/* A column that the caller writes. */
typedef struct CrmHistoryValue
{
	const char *column;
	Oid			type;
} CrmHistoryValue;

extern CrmHistoryTable *crm_open_history_table(Oid relation, Oid owner,
											   const CrmHistoryValue *columns, int num_columns,
											   MemoryContext context);
extern void crm_close_history_table(CrmHistoryTable *table);
extern bool crm_begin_history_row(CrmHistoryTable *table);
extern bool crm_last_change(CrmHistoryTable *table, Datum deal_id, TimestampTz *changed_at);
extern void crm_insert_history_row(CrmHistoryTable *table, const Datum *values,
								   const bool *nulls);
extern void crm_end_history_row(CrmHistoryTable *table);

#endif							/* CRM_HISTORY_TABLE_H */
