/*
 * deal_history.h
 *		Recording what changes in a deal.
 */
#ifndef CRM_DEAL_HISTORY_H
#define CRM_DEAL_HISTORY_H

#include "crm.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/relcache.h"

typedef struct CrmDealHistory CrmDealHistory;

extern CrmDealHistory *crm_start_deal_history(Relation deals, TupleDesc desc,
											  MemoryContext context);
extern void crm_record_deal_change(CrmDealHistory *history, TupleDesc desc,
								   HeapTuple old, HeapTuple new);

#endif							/* CRM_DEAL_HISTORY_H */
