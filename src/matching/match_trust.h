/*
 * match_trust.h
 *		Whose functions an expression calls.
 */
#ifndef CRM_MATCH_TRUST_H
#define CRM_MATCH_TRUST_H

#include "crm.h"

#include "nodes/nodes.h"

extern bool crm_calls_trusted_only(Node *expression, Oid role);

#endif							/* CRM_MATCH_TRUST_H */
