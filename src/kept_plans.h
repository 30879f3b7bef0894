/*
 * kept_plans.h
 *		Prepared statements of the library's own, kept between calls.
 */
#ifndef CRM_KEPT_PLANS_H
#define CRM_KEPT_PLANS_H

#include "crm.h"

#include "executor/spi.h"
#include "tcop/dest.h"

extern void crm_execute_kept(const char *sql, int nargs, const Oid *types,
							 Datum *values, const char *nulls,
							 bool read_only, long limit);
extern void crm_execute_kept_by_index(const char *sql, int nargs,
									  const Oid *types, Datum *values,
									  const char *nulls);
extern void crm_execute_kept_into(const char *sql, int nargs, const Oid *types,
								  const Datum *values, const bool *nulls,
								  DestReceiver *receiver);

#endif							/* CRM_KEPT_PLANS_H */
