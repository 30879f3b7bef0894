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

double		crm_cluster_cap = 12;
double		crm_cluster_threshold = 0;
double		crm_cluster_bonus = 0.33;

typedef struct Clustering
{
	const CrmMatchSet *set;
	const CrmScorer *scorer;
	uint32	   *parent;			/* union-find over records */
	uint32	   *size;
	float	   *mean;			/* of two groups: n * n */
	float	   *best;
	uint32		n;
	uint32	   *members;		/* of the component */
	uint32	   *weights;		/* members of each group; 0: merged away */
	uint32	   *group;			/* by member */
} Clustering;

static uint32
find_root(uint32 *parent, uint32 i)
{
	while (parent[i] != i)
		i = parent[i] = parent[parent[i]];
	return i;
}

static int
compare_pairs(const void *a, const void *b)
{
	const CrmMatchPair *p = a;
	const CrmMatchPair *q = b;

	if (p->weight != q->weight)
		return p->weight > q->weight ? -1 : 1;
	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	return p->b < q->b ? -1 : p->b > q->b;
}

static void
connect(Clustering *clustering, const CrmMatchPairs *pairs, double min_weight)
{
	uint64		i;

	for (i = 0; i < pairs->count && pairs->pairs[i].weight >= min_weight; i++)
	{
		uint32		a = find_root(clustering->parent, pairs->pairs[i].a);
		uint32		b = find_root(clustering->parent, pairs->pairs[i].b);

		if (a == b || clustering->size[a] + clustering->size[b] > COMPONENT_MAX)
			continue;
		if (clustering->size[a] < clustering->size[b])
		{
			uint32		other = a;

			a = b;
			b = other;
		}
		clustering->parent[b] = a;
		clustering->size[a] += clustering->size[b];
	}
}

static void
score_component(Clustering *clustering)
{
	uint32		n = clustering->n;
	uint32		i;
	uint32		j;

	for (i = 0; i < n; i++)
		for (j = i + 1; j < n; j++)
		{
			CrmComparison comparison;
			double		weight;

			crm_compare(clustering->set, &clustering->set->records[clustering->members[i]],
						&clustering->set->records[clustering->members[j]], &comparison);
			weight = crm_match_weight(clustering->scorer, &comparison);
			weight = Max(-crm_cluster_cap, Min(crm_cluster_cap, weight));
			clustering->mean[i * n + j] = clustering->mean[j * n + i] = (float) weight;
		}
}

/* What speaks for merging two groups. */
static inline float
linkage(const Clustering *clustering, uint32 i, uint32 j)
{
	uint32		at = i * clustering->n + j;

	return clustering->mean[at] + (float) crm_cluster_bonus * (clustering->best[at] - clustering->mean[at]);
}

/* The two groups that match best; false if none do. */
static bool
best_merge(const Clustering *clustering, uint32 *left, uint32 *right)
{
	uint32		n = clustering->n;
	float		best = (float) crm_cluster_threshold;
	bool		found = false;
	uint32		i;
	uint32		j;

	for (i = 0; i < n; i++)
		for (j = i + 1; j < n && clustering->weights[i] > 0; j++)
			if (clustering->weights[j] > 0 && linkage(clustering, i, j) > best)
			{
				best = linkage(clustering, i, j);
				*left = i;
				*right = j;
				found = true;
			}
	return found;
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
	uint32		left;
	uint32		right;
	uint32		i;

	clustering->n = n;
	clustering->members = members;
	clustering->mean = palloc(n * n * sizeof(float));
	clustering->weights = palloc(n * sizeof(uint32));
	clustering->group = palloc(n * sizeof(uint32));
	for (i = 0; i < n; i++)
	{
		clustering->weights[i] = 1;
		clustering->group[i] = i;
	}
	score_component(clustering);
	clustering->best = palloc(n * n * sizeof(float));
	memcpy(clustering->best, clustering->mean, n * n * sizeof(float));
	while (best_merge(clustering, &left, &right))
		merge_groups(clustering, left, right);
	for (i = 0; i < n; i++)
		result[members[i]] = members[clustering->group[i]];
	pfree(clustering->mean);
	pfree(clustering->best);
	pfree(clustering->weights);
	pfree(clustering->group);
	CHECK_FOR_INTERRUPTS();
}

/* For each record the number of a record that stands for its group. */
uint32 *
crm_cluster(const CrmMatchSet *set, const CrmScorer *scorer, const CrmMatchPairs *pairs,
			double min_weight)
{
	Clustering	clustering;
	uint32	   *result = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	uint32	   *first = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	uint32	   *members = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	uint32		start = 0;
	uint32		i;

	clustering.set = set;
	clustering.scorer = scorer;
	clustering.parent = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	clustering.size = MemoryContextAllocHuge(CurrentMemoryContext, (set->count + 1) * sizeof(uint32));
	for (i = 0; i < set->count; i++)
	{
		clustering.parent[i] = result[i] = i;
		clustering.size[i] = 1;
	}
	qsort(pairs->pairs, pairs->count, sizeof(CrmMatchPair), compare_pairs);
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
	return result;
}
