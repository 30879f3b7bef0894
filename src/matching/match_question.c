/*
 * match_question.c
 *		Who of a relation is one person with a given contact?
 *
 * Contacts are compared that have a key in common with the one that is asked for;
 * those that people have decided to be the same person; and those that were found
 * earlier.  What people have decided to be others is not shown.  Under a model the answer
 * is what a search of the whole relation finds of this contact.
 */
#include "matching/match_question.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "matching/evidence.h"
#include "matching/match_search.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

/* Decisions and the like are the caller's to add. */
void
crm_question_open(CrmQuestion *question, Oid contacts, bool text_keys, bool by_names,
				  double min_probability)
{
	memset(question, 0, sizeof(*question));
	crm_candidates_open(&question->candidates, contacts, text_keys, by_names);
	question->min_weight = crm_probability_weight(min_probability);
}

/* ----------
 * keys
 * ----------
 */

static int
compare_records(const CrmMatchSet *set, uint32 a, uint32 b)
{
	if (set->keys != NULL)
		return strcmp(set->keys[a], set->keys[b]);
	return set->ids[a] < set->ids[b] ? -1 : set->ids[a] > set->ids[b];
}

static const CrmPairedContact *
find_decided(const List *decided, const char *key)
{
	ListCell   *cell;

	foreach(cell, decided)
	{
		const CrmPairedContact *contact = lfirst(cell);

		if (strcmp(contact->key, key) == 0)
			return contact;
	}
	return NULL;
}

/* ----------
 * comparing
 * ----------
 */

/* In the order of their keys, as a search of all compares them. */
static void
compare(const CrmAnswer *answer, uint32 record, CrmComparison *comparison)
{
	CrmMatchSet *set = answer->set;
	bool		is_first = answer->key != NULL && compare_records(set, record, 0) < 0;

	crm_compare(set, &set->records[is_first ? record : 0],
				&set->records[is_first ? 0 : record], comparison);
}

static int
compare_found(const void *a, const void *b, void *set)
{
	const CrmFoundContact *p = a;
	const CrmFoundContact *q = b;

	if (p->is_decided != q->is_decided)
		return p->is_decided ? -1 : 1;
	if (p->weight != q->weight)
		return p->weight > q->weight ? -1 : 1;
	return compare_records(set, p->record, q->record);
}

/* The likeliest first, each once. */
static void
order_found(CrmAnswer *answer)
{
	int			kept = 0;
	int			i;

	qsort_arg(answer->found, answer->count, sizeof(CrmFoundContact), compare_found, answer->set);
	for (i = 0; i < answer->count; i++)
		if (kept == 0 || compare_found(&answer->found[kept - 1], &answer->found[i], answer->set) != 0)
			answer->found[kept++] = answer->found[i];
	answer->count = kept;
}

/* Scores all but the contact itself and those that it is not. */
static void
score(CrmAnswer *answer, const CrmQuestion *question, const List *decided)
{
	CrmMatchSet *set = answer->set;
	uint32		i;

	answer->model = crm_online_model(question->candidates.source.rows, question->model);
	crm_online_rarities(answer->model, set, 0);
	answer->found = palloc(set->count * sizeof(CrmFoundContact));
	answer->count = 0;
	for (i = 1; i < set->count; i++)
	{
		CrmFoundContact *found = &answer->found[answer->count];
		const CrmPairedContact *contact = decided == NIL ? NULL : find_decided(decided, crm_match_key(set, i));
		CrmComparison comparison;

		if ((contact != NULL && !contact->same) ||
			(answer->key != NULL && compare_records(set, 0, i) == 0))
			continue;
		compare(answer, i, &comparison);
		found->record = i;
		found->weight = crm_match_weight(answer->model->scorer, &comparison);
		found->is_decided = contact != NULL;
		if (found->is_decided || found->weight >= question->min_weight)
			answer->count++;
	}
	order_found(answer);
}

/* ----------
 * contacts
 * ----------
 */

/* A contact that is not stored. */
void
crm_answer_person(CrmAnswer *answer, const CrmQuestion *question, const CrmMatchPerson *person)
{
	int64		keys[CRM_MATCH_KEYS_MAX];
	int			count = crm_person_keys(person, keys);

	memset(answer, 0, sizeof(*answer));
	answer->text_keys = question->candidates.text_keys;
	answer->set = crm_match_set_create(CurrentMemoryContext,
									   !question->candidates.input.has_number);
	crm_match_set_add(answer->set, person);
	SPI_connect();
	answer->cut = crm_candidates_add(answer->set, &question->candidates, keys, count);
	SPI_finish();
	score(answer, question, NIL);
}

/* Adds those of a list who are the same, who may have no key in common. */
static void
add_paired(CrmAnswer *answer, const CrmQuestion *question, const List *paired)
{
	ArrayBuildState *names = NULL;
	ListCell   *cell;

	foreach(cell, paired)
	{
		const CrmPairedContact *contact = lfirst(cell);

		if (contact->same)
			names = accumArrayResult(names, CStringGetTextDatum(contact->key), false, TEXTOID,
									 CurrentMemoryContext);
	}
	if (names != NULL)
		crm_candidates_add_named(answer->set, &question->candidates,
								 makeArrayResult(names, CurrentMemoryContext));
}

/*
 * A contact by its key, a text; SPI must be connected.  False if the caller sees no
 * such contact.
 */
bool
crm_answer_stored(CrmAnswer *answer, const CrmQuestion *question, Datum key)
{
	const CrmCandidates *candidates = &question->candidates;
	int64		keys[CRM_MATCH_KEYS_MAX];
	List	   *decided = NIL;
	int			count;

	memset(answer, 0, sizeof(*answer));
	answer->text_keys = question->candidates.text_keys;
	answer->set = crm_match_set_create(CurrentMemoryContext, !candidates->input.has_number);
	if (!crm_candidates_add_one(answer->set, candidates, key))
	{
		crm_answer_free(answer);
		return false;
	}
	answer->key = crm_match_key(answer->set, 0);
	count = crm_candidates_keys(candidates, key, keys);
	answer->cut = crm_candidates_add(answer->set, candidates, keys, count);
	if (OidIsValid(question->decisions))
		decided = crm_read_paired(question->decisions, candidates->source.relation, answer->key, true);
	add_paired(answer, question, decided);
	if (OidIsValid(question->earlier))
		add_paired(answer, question,
				   crm_read_paired(question->earlier, candidates->source.relation, answer->key, false));
	score(answer, question, decided);
	return true;
}

/* A found contact as key, probability, weight and evidence. */
void
crm_answer_values(const CrmAnswer *answer, const CrmFoundContact *found, Datum *values)
{
	const CrmOnlineModel *model = answer->model;
	CrmComparison comparison;
	CrmEvidenceWeights weights;

	compare(answer, found->record, &comparison);
	crm_weigh_evidence(model->model, model->scorer, &comparison, &weights);
	values[0] = answer->text_keys ?
		CStringGetTextDatum(crm_match_key(answer->set, found->record)) :
		Int64GetDatum(answer->set->ids[found->record]);
	values[1] = Float8GetDatum(found->is_decided ? 1.0 : crm_weight_probability(weights.total));
	values[2] = Float8GetDatum(weights.total);
	values[3] = JsonbPGetDatum(crm_evidence_to_json(&comparison, &weights,
													found->is_decided ? "same" : NULL));
}

void
crm_answer_free(CrmAnswer *answer)
{
	MemoryContextDelete(answer->set->context);
	answer->set = NULL;
}
