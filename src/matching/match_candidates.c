/*
 * match_candidates.c
 *		Contacts of a relation that have a key in common with a given one.
 *
 * The relation is asked with a SELECT, as its caller would ask it: privileges,
 * row-level security, views and partitions are the server's business.  Plans are
 * kept.  Whether an index serves it or every row is read, the answer is the same.
 *
 * Contacts are read as a search of the whole relation reads them, so that a pair
 * has one score.  Where the index says what columns of other names are, it is
 * believed, if the caller can trust the functions that it calls.
 */
#include "matching/match_candidates.h"

#include "access/relation.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "matching/kept_matching.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/ruleutils.h"

/* ----------
 * relations
 * ----------
 */

static void
add_mapped_columns(CrmCandidates *candidates)
{
	const CrmMatchSource *source = &candidates->source;
	List	   *context = deparse_context_for(get_rel_name(source->relation), source->relation);
	int			i;

	for (i = 0; i < CRM_MATCH_ARGUMENTS; i++)
		if (source->argument[i] != NULL)
			crm_match_input_add(&candidates->input, crm_match_arguments[i].column,
								deparse_expression(source->argument[i], context, false, false),
								exprType(source->argument[i]));
}

/*
 * Finds out how a relation, which stays locked, is read and searched.  With by_names
 * it is read as a search of all reads it, whatever its index says of columns.
 */
void
crm_candidates_open(CrmCandidates *candidates, Oid relation, bool text_keys, bool by_names)
{
	Relation	opened = relation_open(relation, AccessShareLock);

	if (by_names)
		crm_match_source_describe_by_names(&candidates->source, opened);
	else
		crm_match_source_describe_for_reader(&candidates->source, opened);
	relation_close(opened, NoLock);
	if (candidates->source.is_mapped && !by_names)
	{
		crm_match_input_open(&candidates->input, relation, text_keys);
		add_mapped_columns(candidates);
	}
	else
		crm_match_input_find_quietly(&candidates->input, relation, text_keys);
	candidates->text_keys = text_keys;
}

/* ----------
 * statements
 * ----------
 */

static const char *
keys_sql(const CrmCandidates *candidates)
{
	const CrmMatchSource *source = &candidates->source;

	return crm_match_source_keys(source, source->key_argument, source->relation);
}

static char *
read_sql(const CrmCandidates *candidates, const char *condition)
{
	return psprintf("%s AND %s", crm_match_input_query(&candidates->input, false), condition);
}

static char *
overlap_sql(const CrmCandidates *candidates)
{
	return read_sql(candidates, psprintf("%s OPERATOR(crm.&&&) $1", keys_sql(candidates)));
}

/*
 * That the key is the parameter, or, with is_list, one of it.  Of a text, or a text[],
 * it makes the parameter, whose type it says.
 */
static char *
key_sql(const CrmCandidates *candidates, bool is_list, Oid *type, Datum *value)
{
	CrmMatchKey key;

	crm_find_match_key(candidates->source.relation, &key);
	*type = crm_match_key_parameter(&key, is_list, value);
	return crm_match_key_condition(&key, is_list);
}

/* ----------
 * rows
 * ----------
 */

/*
 * Adds the rows that a statement with one parameter gives; if there are more than
 * the limit, none, or with even_if_more so many.  Returns whether there are not
 * more.
 */
static bool
add_rows(CrmMatchSet *set, const CrmCandidates *candidates, const char *sql,
		 Oid type, Datum value, int limit, bool even_if_more)
{
	bool		complete;
	uint64		i;

	crm_execute_kept(sql, 1, &type, &value, NULL, true, limit + 1);
	complete = SPI_processed <= (uint64) limit;
	if (complete || even_if_more)
		for (i = 0; i < Min(SPI_processed, (uint64) limit); i++)
			crm_match_input_add_row(set, &candidates->input, SPI_tuptable->vals[i],
									SPI_tuptable->tupdesc);
	SPI_freetuptable(SPI_tuptable);
	return complete;
}

/*
 * Adds to a set the contacts that have one of the keys.  Returns how many of the
 * keys had more holders than are compared; then a contact may be there twice.
 */
int
crm_candidates_add(CrmMatchSet *set, const CrmCandidates *candidates, const int64 *keys, int count)
{
	char	   *sql = overlap_sql(candidates);
	int			cut = 0;
	int			i;

	if (count == 0 ||
		add_rows(set, candidates, sql, INT8ARRAYOID, crm_keys_datum(keys, count),
				 CRM_CANDIDATES_MAX, false))
		return 0;
	for (i = 0; i < count; i++)
		if (!add_rows(set, candidates, sql, INT8ARRAYOID, crm_keys_datum(&keys[i], 1),
					  CRM_CANDIDATES_PER_KEY, true))
			cut++;
	return cut;
}

/* Adds the contacts that are called by a list of texts; some may be there already. */
void
crm_candidates_add_named(CrmMatchSet *set, const CrmCandidates *candidates, Datum names)
{
	Oid			type;
	char	   *condition = key_sql(candidates, true, &type, &names);

	(void) add_rows(set, candidates, read_sql(candidates, condition), type, names,
					CRM_CANDIDATES_MAX, true);
}

/* Adds the contact with a key, a text, archived or not; false if the caller sees none. */
bool
crm_candidates_add_one(CrmMatchSet *set, const CrmCandidates *candidates, Datum name)
{
	CrmCandidates all = *candidates;
	uint32		count = set->count;
	Oid			type;
	char	   *condition = key_sql(&all, false, &type, &name);

	all.input.has_archive = false;
	(void) add_rows(set, &all, read_sql(&all, condition), type, name, 1, true);
	return set->count > count;
}

/* The keys for searching of the contact with a key, as the index has them; returns how many. */
int
crm_candidates_keys(const CrmCandidates *candidates, Datum name, int64 *keys)
{
	Oid			type;
	char	   *condition = key_sql(candidates, false, &type, &name);
	Datum		value;
	Datum	   *elements;
	bool	   *nulls;
	bool		is_null;
	int			count;
	int			i;

	crm_execute_kept(psprintf("SELECT %s FROM %s AS c WHERE %s", keys_sql(candidates),
							  candidates->input.name, condition),
					 1, &type, &name, NULL, true, 1);
	if (SPI_processed == 0)
		return 0;
	value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	deconstruct_array(DatumGetArrayTypeP(value), INT8OID, sizeof(int64), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &elements, &nulls, &count);
	Assert(count <= CRM_MATCH_KEYS_MAX);
	for (i = 0; i < count; i++)
		keys[i] = DatumGetInt64(elements[i]);
	SPI_freetuptable(SPI_tuptable);
	return count;
}
