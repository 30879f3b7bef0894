/*
 * timeline.h
 *		What all functions that return a timeline share.
 */
#ifndef CRM_TIMELINE_H
#define CRM_TIMELINE_H

#include "crm.h"

#include "timeline/timeline_page.h"

extern bool crm_read_page_arguments(FunctionCallInfo fcinfo, int first, uint64 timeline,
									CrmPageRequest *request, List **kinds);
extern uint64 crm_timeline_number(CrmTimelineOf of, const char *key, int size);
extern void crm_start_timeline_result(FunctionCallInfo fcinfo);

#endif							/* CRM_TIMELINE_H */
