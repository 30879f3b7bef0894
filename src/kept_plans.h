/*
 * kept_plans.h
 *		Prepared statements of the library's own, kept between calls.
 */
#ifndef CRM_KEPT_PLANS_H
#define CRM_KEPT_PLANS_H

#include "crm.h"

#include "executor/spi.h"

extern void crm_execute_kept(const char *sql, int nargs, const Oid *types,
							 Datum *values, const char *nulls,
							 bool read_only, long limit);

#endif							/* CRM_KEPT_PLANS_H */
