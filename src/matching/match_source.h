/*
 * match_source.h
 *		A relation whose contacts are searched, and its index of keys.
 */
#ifndef CRM_MATCH_SOURCE_H
#define CRM_MATCH_SOURCE_H

#include "matching/match_keys.h"

#include "nodes/nodes.h"
#include "utils/rel.h"

/*
 * What of a relation's rows is a contact.  Expressions are over the relation's
 * columns (as range table entry 1).  Everything is in the context in which it was
 * described.
 */
typedef struct CrmMatchSource
{
	Oid			relation;
	Oid			table;			/* that has the index: the relation, or what a view reads */
	Oid			index;			/* of keys; or InvalidOid */
	Node	   *argument[CRM_MATCH_ARGUMENTS];	/* of contacts; NULL: there is none */
	Node	   *key_argument[CRM_MATCH_ARGUMENTS];	/* of the index; NULL: left out */
	CrmValueKind kind[CRM_MATCH_ARGUMENTS];
	bool		is_mapped;		/* arguments are what the index says, not what names say */
	bool		is_distrusted;	/* there is an index, whose functions the caller does not trust */
	AttrNumber	id;				/* column named id; 0: none */
	Oid			id_type;
	double		rows;			/* about so many */
} CrmMatchSource;

extern void crm_match_source_describe(CrmMatchSource *source, Relation relation);
extern void crm_match_source_describe_for_reader(CrmMatchSource *source, Relation relation);
extern char *crm_match_source_keys(const CrmMatchSource *source, Node *const *arguments,
								   Oid relation);
extern bool crm_match_source_base(const CrmMatchSource *source, Relation view,
								  Oid *table, Node **arguments);
extern bool crm_match_source_can_have_index(const CrmMatchSource *source);
extern Oid	crm_find_match_index(Relation table, Node **arguments, Node *const *wanted);

#endif							/* CRM_MATCH_SOURCE_H */
