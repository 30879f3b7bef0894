/*
 * deal_rules.h
 *		The rules of deals, for writers that have no trigger.
 */
#ifndef CRM_DEAL_RULES_H
#define CRM_DEAL_RULES_H

#include "crm.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/relcache.h"

extern HeapTuple crm_settle_deal(Relation deals, TupleDesc desc,
								 HeapTuple old, HeapTuple new);
extern void crm_check_row_trigger(FunctionCallInfo fcinfo);

#endif							/* CRM_DEAL_RULES_H */
