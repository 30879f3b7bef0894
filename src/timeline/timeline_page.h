/*
 * timeline_page.h
 *		Reading one page of a timeline.
 */
#ifndef CRM_TIMELINE_PAGE_H
#define CRM_TIMELINE_PAGE_H

#include "crm.h"

#include "nodes/execnodes.h"
#include "timeline/page_token.h"
#include "timeline/timeline_query.h"

/* What is asked for. */
typedef struct CrmPageRequest
{
	Datum		key;			/* of the type in the query's parameters */
	Datum		kinds;			/* text[]; 0: all */
	Datum		contacts;		/* bigint[], of a company */
	Datum		deals;
	TimestampTz until;			/* events before it */
	bool		until_infinity; /* infinite times too */
	bool		has_place;
	CrmPlace	place;			/* events after it, which means older ones */
	int64		max_events;
	uint64		timeline;		/* stands for whose it is, in page tokens */
} CrmPageRequest;

extern void crm_read_timeline_page(ReturnSetInfo *result, const CrmTimelineQuery *query,
								   const CrmPageRequest *request);

#endif							/* CRM_TIMELINE_PAGE_H */
