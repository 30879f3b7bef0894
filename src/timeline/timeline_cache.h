/*
 * timeline_cache.h
 *		The statements of the timelines that a session reads.
 */
#ifndef CRM_TIMELINE_CACHE_H
#define CRM_TIMELINE_CACHE_H

#include "timeline/timeline_query.h"

typedef struct CrmKeptTimeline CrmKeptTimeline;

extern const CrmTimelineQuery *crm_keep_timeline(Oid registry, CrmTimelineOf of,
												 List *kinds, CrmKeptTimeline **kept);
extern void crm_release_timeline(CrmKeptTimeline *kept);

#endif							/* CRM_TIMELINE_CACHE_H */
