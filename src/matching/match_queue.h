/*
 * match_queue.h
 *		The queue of rows that were written, and what keys they may have.
 */
#ifndef CRM_MATCH_QUEUE_H
#define CRM_MATCH_QUEUE_H

#include "matching/kept_matching.h"

/* Whether a trigger fills the queue with what is written to the relation. */
extern bool crm_has_match_queue(const CrmMatchTables *tables);

/* An error if the type of the relation's key is one that is not kept. */
extern void crm_check_kept_key(const CrmMatchTables *tables);

#endif							/* CRM_MATCH_QUEUE_H */
