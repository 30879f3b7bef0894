/*
 * match_source.h
 *		A relation whose contacts are searched, and its index of keys.
 */
#ifndef CRM_MATCH_SOURCE_H
#define CRM_MATCH_SOURCE_H

#include "matching/match_keys.h"

#include "nodes/nodes.h"
#include "utils/rel.h"

/* What an index has of the columns that are known by their names, and make keys. */
typedef enum CrmIndexFit
{
	CRM_INDEX_NONE,				/* there is no index */
	CRM_INDEX_OTHER,			/* it lacks one */
	CRM_INDEX_READS_ALL,		/* it has all, as whatever */
	CRM_INDEX_HAS_ALL,			/* it has each as what its name says, and may have more */
	CRM_INDEX_SAME				/* it is what crm.create_match_index makes */
} CrmIndexFit;

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
	CrmIndexFit fit;			/* of the index */
	AttrNumber	lacks;			/* a column that it has not; 0: none */
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
extern void crm_match_source_describe_by_names(CrmMatchSource *source, Relation relation);
extern void crm_match_source_tell_lack(const CrmMatchSource *source);
extern char *crm_match_source_keys(const CrmMatchSource *source, Node *const *arguments,
								   Oid relation);
extern bool crm_match_source_base(const CrmMatchSource *source, Relation view,
								  Oid *table, Node **arguments);
extern bool crm_match_source_can_have_index(const CrmMatchSource *source);

#endif							/* CRM_MATCH_SOURCE_H */
