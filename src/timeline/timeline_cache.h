/*
 * timeline_cache.h
 *		The statements of the timelines that a session reads.
 */
#ifndef CRM_TIMELINE_CACHE_H
#define CRM_TIMELINE_CACHE_H

#include "timeline/timeline_query.h"

extern CrmTimelineQuery *crm_kept_timeline(Oid registry, CrmTimelineOf of, List *kinds);

#endif							/* CRM_TIMELINE_CACHE_H */
