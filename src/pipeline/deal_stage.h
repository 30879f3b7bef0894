/*
 * deal_stage.h
 *		The six stages, as C sees them.
 */
#ifndef CRM_DEAL_STAGE_H
#define CRM_DEAL_STAGE_H

#include "crm.h"

/* In the order of the enum's labels; indexes the table in deal_stage.c. */
typedef enum CrmStage
{
	CRM_STAGE_LEAD,
	CRM_STAGE_QUALIFIED,
	CRM_STAGE_PROPOSAL,
	CRM_STAGE_NEGOTIATION,
	CRM_STAGE_WON,
	CRM_STAGE_LOST
} CrmStage;

#define CRM_NUM_STAGES	(CRM_STAGE_LOST + 1)
#define CRM_STAGE_IS_OPEN(stage)	((stage) < CRM_STAGE_WON)

typedef struct CrmStageInfo
{
	const char *label;
	int			label_length;
	int			probability;	/* percent */
} CrmStageInfo;

extern const CrmStageInfo crm_stages[CRM_NUM_STAGES];

/*
 * Backend-local map from the enum's OIDs to stages.  The OIDs of one type are
 * mostly consecutive even numbers, so that nearly every probe hits at once.
 */
#define CRM_STAGE_SLOTS 32

typedef struct CrmStageSlot
{
	Oid			oid;			/* InvalidOid: free */
	CrmStage	stage;
} CrmStageSlot;

extern CrmStageSlot crm_stage_slots[CRM_STAGE_SLOTS];

extern CrmStage crm_stage_lookup(Oid label);
extern CrmStage crm_stage_from_text(const char *bytes, int length);
extern bool crm_stage_match(const char *bytes, int length, CrmStage *stage);
extern Oid	crm_stage_type_oid(void);
extern Oid	crm_stage_oid(CrmStage stage);

/* The stage of an enum value; an error names a label that is not ours. */
static inline CrmStage
crm_stage_from_oid(Oid label)
{
	const CrmStageSlot *slot;

	slot = &crm_stage_slots[(label >> 1) & (CRM_STAGE_SLOTS - 1)];
	return likely(slot->oid == label && OidIsValid(label)) ?
		slot->stage : crm_stage_lookup(label);
}

#endif							/* CRM_DEAL_STAGE_H */
