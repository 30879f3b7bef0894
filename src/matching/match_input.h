/*
 * match_input.h
 *		Which columns of a relation are read, and reading them.
 */
#ifndef CRM_MATCH_INPUT_H
#define CRM_MATCH_INPUT_H

#include "matching/match_set.h"
#include "matching/match_values.h"

#include "access/htup.h"
#include "access/tupdesc.h"
#include "nodes/pg_list.h"

/* As many columns as have a meaning. */
#define CRM_INPUT_COLUMNS_MAX 24

/* A column that is read. */
typedef struct CrmInputColumn
{
	const char *name;			/* NULL: it is an expression only */
	Oid			type;
	const char *expression;		/* that gives what is read */
	CrmValueKind kind;
	CrmMatchColumn column;
	bool		is_fallback;	/* read where the column before it had no value */
} CrmInputColumn;

/* What is read of a relation; in the context that was current when it was found. */
typedef struct CrmMatchInput
{
	Oid			relation;
	char	   *name;			/* qualified and quoted */
	char	   *key;
	Oid			key_type;
	bool		has_number;		/* the key is an integer: contacts are in its order */
	bool		has_archive;	/* rows with archived_at are left out */
	int			count;
	CrmInputColumn columns[CRM_INPUT_COLUMNS_MAX];
} CrmMatchInput;

/* A column that is not used, and the name under which it might be. */
typedef struct CrmNearMiss
{
	const char *name;
	const char *known_name;		/* NULL: no near miss */
	int			distance;
} CrmNearMiss;

/* How full a column is. */
typedef struct CrmInputCounts
{
	uint64		filled;			/* rows where it is not null */
	uint64		usable;			/* of them, rows where it can be read as what it is */
} CrmInputCounts;

struct CrmRarities;

typedef struct CrmInputOptions
{
	const struct CrmRarities *rarities; /* NULL: those that are found in the relation */
	CrmInputCounts *counts;		/* one for each column, or NULL */
} CrmInputOptions;

/* match_columns.c */
extern void crm_match_input_find(CrmMatchInput *input, Oid relation, bool text_keys);
extern void crm_match_input_find_quietly(CrmMatchInput *input, Oid relation, bool text_keys);
extern void crm_match_input_open(CrmMatchInput *input, Oid relation, bool text_keys);
extern void crm_match_input_add(CrmMatchInput *input, CrmMatchColumn column,
								const char *expression, Oid type);
extern char *crm_match_input_query(const CrmMatchInput *input, bool raw);
extern AttrNumber crm_match_archive_column(Oid relation);
extern List *crm_match_near_misses(Oid relation);

/* column_names.c */
extern const char *crm_match_column_words(CrmMatchColumn column);
extern const char *crm_match_column_name(int number);

/* match_input.c */
extern CrmMatchSet *crm_match_input_read(const CrmMatchInput *input,
										 const CrmInputOptions *options);
extern CrmMatchSet *crm_match_input_read_pair(const CrmMatchInput *input, const char *left,
											  const char *right, const CrmInputOptions *options);
extern bool crm_match_input_add_row(CrmMatchSet *set, const CrmMatchInput *input,
									HeapTuple tuple, TupleDesc descriptor);
extern char *crm_match_pair_query(const CrmMatchInput *input, bool raw);
extern char *crm_match_key(const CrmMatchSet *set, uint32 record);
extern bool crm_match_find_key(const CrmMatchSet *set, const char *key, uint32 *record);
extern bool crm_read_id(const char *text, int64 *id);

#endif							/* CRM_MATCH_INPUT_H */
