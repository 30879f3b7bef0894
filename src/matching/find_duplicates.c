/*
 * find_duplicates.c
 *		Duplicates of a whole relation: pairs, and groups.
 *
 * Everything but the result lives in a context of the call.  Results are ordered,
 * and the same for the same contacts, in whatever order they are stored.
 */
#include "matching/evidence.h"
#include "matching/match_search.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/*
 * Members of a group need not all be found as pairs; what is so much less than
 * sought still holds a group together, if the others speak for it.
 */
#define GROUP_MARGIN 3.0

/* A call: its result, and the context of everything else. */
typedef struct Call
{
	ReturnSetInfo *result;
	MemoryContext work;
	MemoryContext row;			/* of one row of the result */
	MemoryContext before;
	CrmMatchSearch *search;
	bool		text_keys;
	double		threshold;		/* bits */
} Call;

/* The arguments of all functions here: contacts, min_probability, model, decisions. */
static void
begin_call(Call *call, FunctionCallInfo fcinfo, bool text_keys)
{
	double		probability;

	crm_require_argument(fcinfo, 0, "contacts");
	probability = crm_min_probability(fcinfo, 1);
	InitMaterializedSRF(fcinfo, 0);
	call->result = (ReturnSetInfo *) fcinfo->resultinfo;
	call->text_keys = text_keys;
	call->threshold = crm_probability_weight(probability);
	call->work = AllocSetContextCreate(CurrentMemoryContext, "crm matching", ALLOCSET_DEFAULT_SIZES);
	call->row = AllocSetContextCreate(call->work, "crm matching row", ALLOCSET_DEFAULT_SIZES);
	call->before = MemoryContextSwitchTo(call->work);
	call->search = crm_match_search_open(PG_GETARG_OID(0), text_keys,
										 PG_ARGISNULL(2) ? NULL : PG_GETARG_JSONB_P(2),
										 PG_ARGISNULL(3) ? InvalidOid : PG_GETARG_OID(3));
}

static Datum
end_call(Call *call, FunctionCallInfo fcinfo)
{
	MemoryContextSwitchTo(call->before);
	MemoryContextDelete(call->work);
	PG_RETURN_NULL();
}

/* A record's key, as the result has it. */
static Datum
key_of(const Call *call, uint32 record)
{
	if (!call->text_keys)
		return Int64GetDatum(call->search->set->ids[record]);
	return CStringGetTextDatum(crm_match_key(call->search->set, record));
}

static void
put_row(Call *call, Datum *values, bool *nulls)
{
	tuplestore_putvalues(call->result->setResult, call->result->setDesc, values, nulls);
	MemoryContextReset(call->row);
	CHECK_FOR_INTERRUPTS();
}

/* ----------
 * pairs
 * ----------
 */

/* The smaller key is the left one: of texts, the one whose bytes come first. */
static void
put_keys(const Call *call, uint32 a, uint32 b, Datum *values)
{
	const CrmMatchSet *set = call->search->set;
	bool		in_order = !call->text_keys ||
		strcmp(crm_match_key(set, a), crm_match_key(set, b)) < 0;

	values[0] = key_of(call, in_order ? a : b);
	values[1] = key_of(call, in_order ? b : a);
}

static void
put_pair(Call *call, uint32 a, uint32 b, bool is_decided)
{
	CrmMatchSearch *search = call->search;
	CrmMatchSet *set = search->set;
	MemoryContext old = MemoryContextSwitchTo(call->row);
	CrmComparison comparison;
	CrmEvidenceWeights weights;
	Datum		values[5];
	bool		nulls[5] = {false};

	crm_compare(set, &set->records[a], &set->records[b], &comparison);
	crm_weigh_evidence(&search->stored->model, &search->scorer, &comparison, &weights);
	put_keys(call, a, b, values);
	values[2] = Float8GetDatum(is_decided ? 1.0 : crm_weight_probability(weights.total));
	values[3] = Float8GetDatum(weights.total);
	values[4] = JsonbPGetDatum(crm_evidence_to_json(&comparison, &weights,
													is_decided ? "same" : NULL));
	put_row(call, values, nulls);
	MemoryContextSwitchTo(old);
}

/* First what people have decided, then what the evidence says, the heaviest first. */
static Datum
find_duplicates(FunctionCallInfo fcinfo, bool text_keys)
{
	Call		call;
	CrmMatchSearch *search;
	uint64		i;

	begin_call(&call, fcinfo, text_keys);
	search = call.search;
	crm_match_search_run(search, call.threshold);
	for (i = 0; i < search->set->decided_count; i++)
		if (search->set->decided[i].same)
			put_pair(&call, search->set->decided[i].a, search->set->decided[i].b, true);
	for (i = 0; i < search->found.count; i++)
	{
		const CrmMatchPair *pair = &search->found.pairs[i];

		if (crm_decided_pair(search->set, pair->a, pair->b) == NULL)
			put_pair(&call, pair->a, pair->b, false);
	}
	return end_call(&call, fcinfo);
}

PG_FUNCTION_INFO_V1(crm_find_duplicates);
Datum
crm_find_duplicates(PG_FUNCTION_ARGS)
{
	return find_duplicates(fcinfo, false);
}

PG_FUNCTION_INFO_V1(crm_find_duplicates_by_key);
Datum
crm_find_duplicates_by_key(PG_FUNCTION_ARGS)
{
	return find_duplicates(fcinfo, true);
}

/* ----------
 * groups
 * ----------
 */

/* A record of a group, which is known by its smallest record. */
typedef struct Member
{
	uint32		group;
	uint32		record;
} Member;

static int
compare_members(const void *a, const void *b)
{
	const Member *p = a;
	const Member *q = b;

	if (p->group != q->group)
		return p->group < q->group ? -1 : 1;
	return p->record < q->record ? -1 : p->record > q->record;
}

/* All records by group; a group's number becomes that of its smallest record. */
static Member *
members_of(const uint32 *groups, uint32 count)
{
	Member	   *members = MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * sizeof(Member));
	uint32	   *smallest = MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * sizeof(uint32));
	uint32		i;

	for (i = count; i-- > 0;)
		smallest[groups[i]] = i;
	for (i = 0; i < count; i++)
	{
		members[i].group = smallest[groups[i]];
		members[i].record = i;
	}
	qsort(members, count, sizeof(Member), compare_members);
	return members;
}

/* What speaks for two records being one person, as far as it counts in groups. */
static double
capped_weight(const CrmMatchSearch *search, uint32 a, uint32 b)
{
	const CrmMatchSet *set = search->set;
	const CrmDecidedPair *decided = crm_decided_pair(set, a, b);
	CrmComparison comparison;
	double		weight;

	if (decided != NULL && decided->same)
		return CRM_GROUP_WEIGHT_CAP;
	crm_compare(set, &set->records[Min(a, b)], &set->records[Max(a, b)], &comparison);
	weight = crm_match_weight(&search->scorer, &comparison);
	return Min(Max(weight, -CRM_GROUP_WEIGHT_CAP), CRM_GROUP_WEIGHT_CAP);
}

/*
 * How likely a record belongs to the rest of its group, on the average: the rest
 * without copies, or, if it is one or has nothing but copies, what it equals.
 */
static double
member_probability(const CrmMatchSearch *search, const Member *group, uint32 size, uint32 member)
{
	const CrmMatchSet *set = search->set;
	uint32		record = group[member].record;
	double		sum = 0;
	uint32		others = 0;
	uint32		i;

	if (crm_is_copy(set, record))
		return crm_weight_probability(capped_weight(search, set->copy_of[record], record));
	for (i = 0; i < size; i++)
		if (i != member && !crm_is_copy(set, group[i].record))
		{
			sum += capped_weight(search, group[i].record, record);
			others++;
		}
	if (others == 0)
		return crm_weight_probability(capped_weight(search, record, group[member == 0].record));
	return crm_weight_probability(sum / others);
}

static void
put_group(Call *call, const Member *group, uint32 size, int64 number)
{
	const CrmMatchSet *set = call->search->set;
	uint32		i;

	for (i = 0; i < size; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(call->row);
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = Int64GetDatum(call->text_keys ? number : set->ids[group[0].record]);
		values[1] = key_of(call, group[i].record);
		values[2] = Float8GetDatum(member_probability(call->search, group, size, i));
		put_row(call, values, nulls);
		MemoryContextSwitchTo(old);
	}
}

static Datum
duplicate_groups(FunctionCallInfo fcinfo, bool text_keys)
{
	Call		call;
	CrmMatchSearch *search;
	Member	   *members;
	int64		number = 0;
	uint32		start;
	uint32		end;

	begin_call(&call, fcinfo, text_keys);
	search = call.search;
	crm_match_search_run(search, call.threshold - GROUP_MARGIN);
	members = members_of(crm_cluster(search->set, &search->scorer, &search->found,
									 call.threshold - GROUP_MARGIN, call.threshold), search->set->count);
	for (start = 0; start < search->set->count; start = end)
	{
		for (end = start; end < search->set->count && members[end].group == members[start].group; end++)
			 /* look for the end */ ;
		if (end - start > 1)
			put_group(&call, &members[start], end - start, ++number);
	}
	return end_call(&call, fcinfo);
}

PG_FUNCTION_INFO_V1(crm_duplicate_groups);
Datum
crm_duplicate_groups(PG_FUNCTION_ARGS)
{
	return duplicate_groups(fcinfo, false);
}

PG_FUNCTION_INFO_V1(crm_duplicate_groups_by_key);
Datum
crm_duplicate_groups_by_key(PG_FUNCTION_ARGS)
{
	return duplicate_groups(fcinfo, true);
}
