/*
 * match_probe.h
 *		Asking an index of keys directly, whoever may see its rows.
 */
#ifndef CRM_MATCH_PROBE_H
#define CRM_MATCH_PROBE_H

#include "matching/match_candidates.h"

#include "executor/tuptable.h"
#include "nodes/execnodes.h"
#include "utils/snapshot.h"

/* Reads contacts out of tuples.  Belongs to the context in which it was made. */
typedef struct CrmMatchReader
{
	EState	   *estate;
	ExprState  *argument[CRM_MATCH_ARGUMENTS];
	CrmValueKind kind[CRM_MATCH_ARGUMENTS];
} CrmMatchReader;

extern CrmMatchReader *crm_match_reader_create(const CrmMatchSource *source);
extern void crm_match_reader_read(CrmMatchReader *reader, TupleTableSlot *slot,
								  CrmMatchPerson *person);

/* Sees a row that has one of the keys; the snapshot says who is changing it. */
typedef void (*CrmProbeVisitor) (void *state, TupleTableSlot *slot, const SnapshotData *dirty);

extern void crm_match_probe(Relation table, Relation index, const int64 *keys, int count,
							CrmProbeVisitor visit, void *state);

#endif							/* CRM_MATCH_PROBE_H */
