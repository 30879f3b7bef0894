/*
 * parallel_search.h
 *		Scoring candidate pairs in several processes.
 */
#ifndef CRM_PARALLEL_SEARCH_H
#define CRM_PARALLEL_SEARCH_H

#include "matching/match_search.h"

extern bool crm_match_search_in_parallel(CrmMatchSearch *search, double min_weight);

#endif							/* CRM_PARALLEL_SEARCH_H */
