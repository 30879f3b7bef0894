/*
 * evidence.h
 *		Why two contacts match: the weight of each kind of evidence.
 */
#ifndef CRM_EVIDENCE_H
#define CRM_EVIDENCE_H

#include "matching/model.h"
#include "utils/jsonb.h"

/* Bits; they sum to the match weight, but for what rounding costs. */
typedef struct CrmEvidenceWeights
{
	double		prior;			/* how likely any two contacts are one person */
	double		weight[CRM_EVIDENCES];
	double		rarity[CRM_EVIDENCES];	/* part of it that is due to rare or common values */
	double		other[CRM_RELATIONSHIPS];	/* what other relationships explain; of strangers
										 * and the same person 0 */
	double		total;			/* the match weight */
} CrmEvidenceWeights;

/* Fields that a kind of evidence is made of, as bits. */
extern const int crm_evidence_fields[CRM_EVIDENCES];

extern void crm_weigh_evidence(const CrmMatchModel *model, const CrmScorer *scorer,
							   const CrmComparison *comparison, CrmEvidenceWeights *weights);
extern Jsonb *crm_evidence_to_json(const CrmComparison *comparison,
								   const CrmEvidenceWeights *weights, const char *decision);

#endif							/* CRM_EVIDENCE_H */
