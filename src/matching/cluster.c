/*
 * cluster.c
 *		From pairs to groups: contacts that are one person.
 *
 * Contacts that pairs connect, however indirectly, are a component.  Within one,
 * the two groups whose members match best on average are merged, again and again,
 * as long as the average speaks for it.  Pairs that no key brought together are
 * scored here, too, so that a chain of likely pairs does not make one person of
 * two whose ends contradict each other.
 */
#include "matching/cluster.h"

#include <math.h>

#include "miscadmin.h"

/* Larger components are taken apart at their weakest pairs. */
#define COMPONENT_MAX 400

/* However high the threshold is, evidence counts so much beyond it. */
#define CAP_MARGIN 3.0

/*
 * How much the best pair counts beside the average one: records of one person that
 * have little in common are held together by a third that has it all.
 */
#define BEST_PAIR_SHARE 0.5

typedef struct Clustering
{
	const CrmMatchSet *set;
	const CrmScorer *scorer;
	double		threshold;		/* of the linkage of groups that are merged, in bits */
	double		cap;
	uint32	   *parent;			/* union-find over records */
	uint32	   *size;
	float	   *mean;			/* of two groups: n * n */
	float	   *best;			/* pair between two groups: n * n */
	uint32	   *nearest;		/* of the groups after each, the one that matches it best */
	uint32		n;
	uint32	   *members;		/* of the component */
	uint32	   *weights;		/* members of each group; 0: merged away */
	uint32	   *group;			/* by member */
	uint64		cut;			/* pairs between components that would have been too large */
	uint32	   *place;			/* of a record among the members; with decisions only */
} Clustering;

/* Components that people have put together may be larger, within reason. */
#define DECIDED_COMPONENT_MAX 4000

static void merge_groups(Clustering *clustering, uint32 left, uint32 right);
static void connect_decided(Clustering *clustering);
static void keep_decided_apart(Clustering *clustering);
static void merge_decided(Clustering *clustering);

static uint32
find_root(uint32 *parent, uint32 i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

/* Puts the components of two records together; false if the result were too large. */
static bool
join(Clustering *clustering, uint32 a, uint32 b, uint32 most)
{
	a = find_root(clustering->parent, a);
	b = find_root(clustering->parent, b);
	if (a == b)
		return true;
	if (clustering->size[a] + clustering->size[b] > most)
		return false;
	if (clustering->size[a] < clustering->size[b])
	{
		uint32		other = a;

		a = b;
		b = other;
	}
	clustering->parent[b] = a;
	clustering->size[a] += clustering->size[b];
	return true;
}

static void
connect(Clustering *clustering, const CrmMatchPairs *pairs, double min_weight)
{
	uint64		i;

	for (i = 0; i < pairs->count && pairs->pairs[i].weight >= min_weight; i++)
		if (!crm_is_copy(clustering->set, pairs->pairs[i].a) &&
			!crm_is_copy(clustering->set, pairs->pairs[i].b) &&
			!join(clustering, pairs->pairs[i].a, pairs->pairs[i].b, COMPONENT_MAX))
			clustering->cut++;
	if (clustering->cut > 0)
		ereport(NOTICE,
				(errmsg("groups of more than %d contacts that likely pairs connect were taken apart: %llu pairs lie between the parts",
						COMPONENT_MAX, (unsigned long long) clustering->cut),
				 errhint("A larger min_probability connects fewer.")));
}

/* Copies are in the group of what they are copies of, if that is likely enough. */
static void
add_copies(const Clustering *clustering, uint32 *result)
{
	const CrmMatchSet *set = clustering->set;
	uint32		i;

	for (i = 0; i < set->count && set->copies > 0; i++)
		if (crm_is_copy(set, i))
		{
			CrmComparison comparison;

			crm_compare(set, &set->records[set->copy_of[i]], &set->records[i], &comparison);
			if (crm_match_weight(clustering->scorer, &comparison) >= clustering->threshold)
				result[i] = result[set->copy_of[i]];
			CHECK_FOR_INTERRUPTS();
		}
}

static void
score_component(Clustering *clustering)
{
	uint32		n = clustering->n;
	uint32		i;
	uint32		j;

	for (i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (j = i + 1; j < n; j++)
		{
			CrmComparison comparison;
			double		weight;

			crm_compare(clustering->set, &clustering->set->records[clustering->members[i]],
						&clustering->set->records[clustering->members[j]], &comparison);
			weight = crm_match_weight(clustering->scorer, &comparison);
			weight = Max(-clustering->cap, Min(clustering->cap, weight));
			clustering->mean[i * n + j] = clustering->mean[j * n + i] = (float) weight;
		}
	}
}

/* What speaks for merging two groups. */
static inline float
linkage(const Clustering *clustering, uint32 i, uint32 j)
{
	uint32		at = i * clustering->n + j;

	if (isinf(clustering->mean[at]))
		return clustering->mean[at];
	return clustering->mean[at] + (float) BEST_PAIR_SHARE * (clustering->best[at] - clustering->mean[at]);
}

/* No group after this one is left. */
#define NOBODY UINT32_MAX

static void
find_nearest(Clustering *clustering, uint32 i)
{
	float		best = -INFINITY;
	uint32		j;

	clustering->nearest[i] = NOBODY;
	for (j = i + 1; j < clustering->n; j++)
		if (clustering->weights[j] > 0 && linkage(clustering, i, j) > best)
		{
			best = linkage(clustering, i, j);
			clustering->nearest[i] = j;
		}
}

/* Two groups have become one: whose nearest was one of them looks anew. */
static void
update_nearest(Clustering *clustering, uint32 left, uint32 right)
{
	uint32		i;

	for (i = 0; i < right; i++)
	{
		uint32		nearest = clustering->nearest[i];

		if (clustering->weights[i] == 0)
			continue;
		if (i == left || nearest == left || nearest == right)
			find_nearest(clustering, i);
		else if (i < left && (nearest == NOBODY ||
							  linkage(clustering, i, left) > linkage(clustering, i, nearest) ||
							  (linkage(clustering, i, left) == linkage(clustering, i, nearest) && left < nearest)) &&
				 !isinf(linkage(clustering, i, left)))
			clustering->nearest[i] = left;
	}
}

/* The two groups that match best; false if none do. */
static bool
best_merge(const Clustering *clustering, uint32 *left, uint32 *right)
{
	float		best = (float) clustering->threshold;
	bool		found = false;
	uint32		i;

	for (i = 0; i < clustering->n; i++)
	{
		uint32		nearest = clustering->nearest[i];

		if (clustering->weights[i] > 0 && nearest != NOBODY &&
			linkage(clustering, i, nearest) > best)
		{
			best = linkage(clustering, i, nearest);
			*left = i;
			*right = nearest;
			found = true;
		}
	}
	return found;
}

static void
merge_all(Clustering *clustering)
{
	uint32		left = 0;
	uint32		right = 0;
	uint32		i;

	for (i = 0; i < clustering->n; i++)
		find_nearest(clustering, i);
	while (best_merge(clustering, &left, &right))
	{
		merge_groups(clustering, left, right);
		update_nearest(clustering, left, right);
		CHECK_FOR_INTERRUPTS();
	}
}

static void
merge_groups(Clustering *clustering, uint32 left, uint32 right)
{
	uint32		n = clustering->n;
	uint32		l = clustering->weights[left];
	uint32		r = clustering->weights[right];
	uint32		i;

	for (i = 0; i < n; i++)
	{
		float		mean;

		if (clustering->weights[i] > 0 && i != left && i != right)
		{
			mean = (clustering->mean[left * n + i] * l + clustering->mean[right * n + i] * r) / (l + r);
			clustering->mean[left * n + i] = clustering->mean[i * n + left] = mean;
			clustering->best[left * n + i] = clustering->best[i * n + left] =
				Max(clustering->best[left * n + i], clustering->best[right * n + i]);
		}
		if (clustering->group[i] == right)
			clustering->group[i] = left;
	}
	clustering->weights[left] = l + r;
	clustering->weights[right] = 0;
}

/* Splits a component into groups; each record's group is its first member. */
static void
split_component(Clustering *clustering, uint32 *members, uint32 n, uint32 *result)
{
	uint32		i;

	clustering->n = n;
	clustering->members = members;
	clustering->mean = palloc((Size) n * n * sizeof(float));
	clustering->nearest = palloc(n * sizeof(uint32));
	clustering->weights = palloc(n * sizeof(uint32));
	clustering->group = palloc(n * sizeof(uint32));
	for (i = 0; i < n; i++)
	{
		clustering->weights[i] = 1;
		clustering->group[i] = i;
	}
	score_component(clustering);
	clustering->best = palloc((Size) n * n * sizeof(float));
	memcpy(clustering->best, clustering->mean, (Size) n * n * sizeof(float));
	if (clustering->set->decided_count > 0)
	{
		keep_decided_apart(clustering);
		merge_decided(clustering);
	}
	merge_all(clustering);
	for (i = 0; i < n; i++)
		result[members[i]] = members[clustering->group[i]];
	pfree(clustering->mean);
	pfree(clustering->nearest);
	pfree(clustering->best);
	pfree(clustering->weights);
	pfree(clustering->group);
	CHECK_FOR_INTERRUPTS();
}

/*
 * For each record the number of a record that stands for its group.  Pairs come with
 * the heaviest first; those of at least min_weight make components, and what is
 * merged within them reaches the threshold.
 */
uint32 *
crm_cluster(const CrmMatchSet *set, const CrmScorer *scorer, const CrmMatchPairs *pairs,
			double min_weight, double threshold)
{
	Clustering	clustering;
	uint32	   *result = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	uint32	   *first = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	uint32	   *members = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	uint32		start = 0;
	uint32		i;

	clustering.set = set;
	clustering.scorer = scorer;
	clustering.threshold = threshold;
	clustering.cut = 0;
	clustering.cap = Max(CRM_GROUP_WEIGHT_CAP, threshold + CAP_MARGIN);
	clustering.parent = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	clustering.size = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	for (i = 0; i < set->count; i++)
	{
		clustering.parent[i] = result[i] = i;
		clustering.size[i] = 1;
	}
	connect_decided(&clustering);
	connect(&clustering, pairs, min_weight);
	for (i = 0; i < set->count; i++)
		if (clustering.parent[i] == i)
		{
			first[i] = start;
			start += clustering.size[i];
		}
	for (i = 0; i < set->count; i++)
		members[first[find_root(clustering.parent, i)]++] = i;
	for (i = 0; i < set->count; i++)
		if (clustering.parent[i] == i && clustering.size[i] > 1)
			split_component(&clustering, &members[first[i] - clustering.size[i]],
							clustering.size[i], result);
	add_copies(&clustering, result);
	return result;
}

/* ----------
 * what people have decided
 * ----------
 */

/* Records that people have called one are of one component. */
static void
connect_decided(Clustering *clustering)
{
	const CrmMatchSet *set = clustering->set;
	uint64		cut = 0;
	uint32		i;

	if (set->decided_count == 0)
		return;
	clustering->place = MemoryContextAllocExtended(CurrentMemoryContext,
												   (set->count + 1) * sizeof(uint32),
												   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (i = 0; i < set->decided_count; i++)
		if (set->decided[i].same &&
			!join(clustering, set->decided[i].a, set->decided[i].b, DECIDED_COMPONENT_MAX))
			cut++;
	if (cut > 0)
		ereport(NOTICE,
				(errmsg("groups hold at most %d contacts that decisions put together: %llu decisions lie between groups",
						DECIDED_COMPONENT_MAX, (unsigned long long) cut)));
}

/* Where a record's own decisions begin: those in which it is the smaller one. */
static uint32
first_decided(const CrmMatchSet *set, uint32 record)
{
	uint32		low = 0;
	uint32		high = set->decided_count;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;

		if (set->decided[middle].a < record)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Calls a function for each decided pair within the component. */
static void
for_decided(Clustering *clustering, bool same,
			void (*act) (Clustering *clustering, uint32 i, uint32 j))
{
	const CrmMatchSet *set = clustering->set;
	uint32		i;
	uint32		k;

	for (i = 0; i < clustering->n; i++)
		for (k = first_decided(set, clustering->members[i]);
			 k < set->decided_count && set->decided[k].a == clustering->members[i]; k++)
		{
			uint32		j = clustering->place[set->decided[k].b];

			if (set->decided[k].same == same && j < clustering->n &&
				clustering->members[j] == set->decided[k].b)
				act(clustering, i, j);
		}
}

static void
keep_apart(Clustering *clustering, uint32 i, uint32 j)
{
	clustering->mean[i * clustering->n + j] = -INFINITY;
	clustering->mean[j * clustering->n + i] = -INFINITY;
}

/* No average brings together what somebody has called different. */
static void
keep_decided_apart(Clustering *clustering)
{
	uint32		i;

	for (i = 0; i < clustering->n; i++)
		clustering->place[clustering->members[i]] = i;
	for_decided(clustering, false, keep_apart);
}

/* Of decisions that contradict each other, those that divide hold. */
static void
put_together(Clustering *clustering, uint32 i, uint32 j)
{
	uint32		a = clustering->group[i];
	uint32		b = clustering->group[j];

	if (a != b && !isinf(clustering->mean[a * clustering->n + b]))
		merge_groups(clustering, Min(a, b), Max(a, b));
}

static void
merge_decided(Clustering *clustering)
{
	for_decided(clustering, true, put_together);
}
