/*
 * deal_lookups.h
 *		What the rules of deals read from the CRM's other tables.
 */
#ifndef CRM_DEAL_LOOKUPS_H
#define CRM_DEAL_LOOKUPS_H

#include "crm.h"

#include "pipeline/deal_stage.h"
#include "utils/hsearch.h"
#include "utils/relcache.h"

/* A row of pipeline_stages. */
typedef struct CrmStageRow
{
	int64		id;
	int64		pipeline_id;
	CrmStage	stage;			/* what it counts as */
	int			probability;
} CrmStageRow;

/* The row of settings, as far as deals need it. */
typedef struct CrmSettings
{
	text	   *home_currency;	/* NULL if no row is seen */
	bool		require_lost_reason;
} CrmSettings;

/* The look-ups of one statement on one table of deals. */
typedef struct CrmDealLookups
{
	MemoryContext context;		/* of the answers; below the statement's */
	const char *schema;			/* of the CRM, quoted */
	CommandId	command;		/* under which the answers were given */
	HTAB	   *answers;
} CrmDealLookups;

extern Oid	crm_topmost_parent(Relation deals);
extern char *crm_schema_of_table(Relation deals);
extern void crm_start_lookups(CrmDealLookups *lookups, Relation deals,
							  MemoryContext context);
extern bool crm_lookup_stage(CrmDealLookups *lookups, int64 id, CrmStageRow *row);
extern bool crm_lookup_first_stage(CrmDealLookups *lookups, int64 pipeline_id,
								   CrmStage stage, CrmStageRow *row);
extern bool crm_lookup_default_pipeline(CrmDealLookups *lookups, int64 *id);
extern const CrmSettings *crm_lookup_settings(CrmDealLookups *lookups);

#endif							/* CRM_DEAL_LOOKUPS_H */
