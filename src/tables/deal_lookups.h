/*
 * deal_lookups.h
 *		What the rules of deals read from the CRM's other tables.
 */
#ifndef CRM_DEAL_LOOKUPS_H
#define CRM_DEAL_LOOKUPS_H

#include "crm.h"

#include "pipeline/deal_stage.h"
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
	text	   *home_currency;	/* NULL if the row is missing */
	bool		require_lost_reason;
} CrmSettings;

/* Each takes the relation deals, whose schema names the CRM. */
extern bool crm_lookup_stage(Relation deals, int64 id, CrmStageRow *row);
extern bool crm_lookup_first_stage(Relation deals, int64 pipeline_id,
								   CrmStage stage, CrmStageRow *row);
extern bool crm_lookup_default_pipeline(Relation deals, int64 *id);
extern const CrmSettings *crm_lookup_settings(Relation deals);

#endif							/* CRM_DEAL_LOOKUPS_H */
