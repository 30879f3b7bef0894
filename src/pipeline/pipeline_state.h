/*
 * pipeline_state.h
 *		The state of the pipeline aggregates: the type crm.pipeline_state.
 *
 * A plain value without pointers: it is stored, sent and compared with memory
 * only through its text and binary forms, which carry the exact sums and not
 * the way they are held here.  Alignment is double.
 *
 * A slow row's exact numerics follow the fixed part, each at an 8-byte
 * boundary: first the value's sum, then the weighted sum.
 */
#ifndef CRM_PIPELINE_STATE_H
#define CRM_PIPELINE_STATE_H

#include "pipeline/pipeline_sum.h"

#define CRM_STATE_VERSION 1

/* What the probabilities looked like, for the warning about fractions. */
#define CRM_SAW_FRACTION	0x01	/* one above 0 and below 1 */
#define CRM_SAW_PERCENT		0x02	/* one above 1 */
#define CRM_SAW_ALL			(CRM_SAW_FRACTION | CRM_SAW_PERCENT)

typedef struct CrmPipelineState
{
	int32		vl_len_;		/* varlena header, always 4 bytes in memory */
	uint8		version;
	uint8		saw;
	int8		value_scale;	/* largest display scales in the fixed sums */
	int8		weighted_scale;
	CrmSums		sums;
	/* the slow sums, if any */
} CrmPipelineState;

#define CRM_STATE_HAS_SLOW(state) (VARSIZE(state) > sizeof(CrmPipelineState))

extern CrmPipelineState *crm_state_make(void);
extern CrmPipelineState *crm_state_copy(Datum datum);
extern CrmPipelineState *crm_state_add_slow(const CrmPipelineState *state,
											Numeric value, Numeric weighted);
extern CrmPipelineState *crm_state_combine(const CrmPipelineState *a,
										   const CrmPipelineState *b);
extern Numeric crm_state_value(const CrmPipelineState *state);
extern Numeric crm_state_weighted(const CrmPipelineState *state);

#endif							/* CRM_PIPELINE_STATE_H */
