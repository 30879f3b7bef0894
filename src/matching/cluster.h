/*
 * cluster.h
 *		From pairs to groups: contacts that are one person.
 */
#ifndef CRM_CLUSTER_H
#define CRM_CLUSTER_H

#include "matching/model.h"

/* Evidence for or against counts at most so much, in bits, where groups are made. */
#define CRM_GROUP_WEIGHT_CAP 12.0

/* Two records, and the log2 of the odds that they are one person. */
typedef struct CrmMatchPair
{
	uint32		a;
	uint32		b;
	float		weight;
} CrmMatchPair;

typedef struct CrmMatchPairs
{
	CrmMatchPair *pairs;
	uint64		count;
	uint64		room;
} CrmMatchPairs;

extern uint32 *crm_cluster(const CrmMatchSet *set, const CrmScorer *scorer,
						   const CrmMatchPairs *pairs, double min_weight,
						   double threshold);

#endif							/* CRM_CLUSTER_H */
