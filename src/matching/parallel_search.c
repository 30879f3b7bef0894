/*
 * parallel_search.c
 *		Scoring candidate pairs in several processes.
 *
 * The leader has read the contacts, priced the keys and made the model; workers get
 * records, values, blocks and scorer in dynamic shared memory, and each process takes
 * one slice of the blocks after another, until none is left.  What workers find they write to temporary
 * files, which the leader reads when they are done: memory does not grow with pairs.
 *
 * Workers read no table.  Where there is nothing to be won, no worker to be had, or
 * no room in shared memory, the caller goes on alone: the result is the same.
 */
#include "matching/parallel_search.h"

#include <sys/statvfs.h>

#include "access/parallel.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "optimizer/cost.h"
#include "storage/buffile.h"
#include "storage/dsm_impl.h"
#include "storage/sharedfileset.h"
#include "utils/memutils.h"

/* Fewer candidate pairs are scored before a worker has started. */
#define PAIRS_WORTH_IT 300000

#define MAX_WORKERS 16

/* Keys of the table of contents. */
#define KEY_SHARED		UINT64CONST(0xC500000000000001)
#define KEY_SCORER		UINT64CONST(0xC500000000000002)
#define KEY_BOUNDS		UINT64CONST(0xC500000000000004)
#define KEY_RECORDS		UINT64CONST(0xC500000000000003)
#define KEY_SKIPPED		UINT64CONST(0xC500000000000005)
#define KEY_VALUES		UINT64CONST(0xC500000000000100)
#define KEY_BYTES		UINT64CONST(0xC500000000000200)
#define KEY_BLOCKS		UINT64CONST(0xC500000000000300)

/* What all processes share beside the contacts. */
typedef struct Shared
{
	pg_atomic_uint64 next_slice;
	uint32		records;
	uint32		values[CRM_MATCH_FIELDS];
	CrmBlocking blocking;		/* its pointers mean nothing here */
	double		min_weight;
	uint64		visited[MAX_WORKERS];
	uint64		found[MAX_WORKERS];
	SharedFileSet files;
} Shared;

/* Where a worker puts the pairs that it finds. */
typedef struct Output
{
	CrmPairScoring scoring;
	BufFile    *file;
	uint64		count;
} Output;

/* ----------
 * contacts in shared memory
 * ----------
 */

static Size
bytes_of(const CrmDictionary *dictionary)
{
	Size		size = 1;
	uint32		i;

	for (i = 1; i < dictionary->count; i++)
		size += dictionary->values[i].length;
	return size;
}

/* Adds what each process needs, or looks how much room that takes. */
static Size
estimate(ParallelContext *context, const CrmMatchSearch *search)
{
	const CrmMatchSet *set = search->set;
	Size		total = 0;
	Size		sizes[5 + 2 * CRM_MATCH_FIELDS + CRM_MAX_RULES];
	int			count = 0;
	int			i;

	sizes[count++] = sizeof(Shared);
	sizes[count++] = sizeof(CrmScorer);
	sizes[count++] = sizeof(CrmBounds);
	sizes[count++] = set->count * sizeof(CrmMatchRecord);
	sizes[count++] = set->count * sizeof(uint64);
	for (i = 0; i < CRM_MATCH_FIELDS; i++)
	{
		sizes[count++] = set->dictionary[i].count * sizeof(CrmMatchValue);
		sizes[count++] = bytes_of(&set->dictionary[i]);
	}
	for (i = 0; i < crm_blocking_rule_count; i++)
		sizes[count++] = search->blocking.blocks[i].count * sizeof(uint32);
	for (i = 0; i < count; i++)
	{
		total += sizes[i];
		if (context != NULL)
			shm_toc_estimate_chunk(&context->estimator, sizes[i]);
	}
	if (context != NULL)
		shm_toc_estimate_keys(&context->estimator, count);
	return total;
}

static void *
put_chunk(shm_toc *toc, uint64 key, const void *data, Size size)
{
	void	   *chunk = shm_toc_allocate(toc, size);

	if (data != NULL)
		memcpy(chunk, data, size);
	shm_toc_insert(toc, key, chunk);
	return chunk;
}

/* Values with places in the bytes for pointers: each process has its own addresses. */
static void
put_dictionary(shm_toc *toc, const CrmDictionary *dictionary, int field)
{
	CrmMatchValue *values = put_chunk(toc, KEY_VALUES + field, dictionary->values,
									  dictionary->count * sizeof(CrmMatchValue));
	char	   *bytes = put_chunk(toc, KEY_BYTES + field, NULL, bytes_of(dictionary));
	uintptr_t	place = 0;
	uint32		i;

	for (i = 0; i < dictionary->count; i++)
	{
		memcpy(bytes + place, dictionary->values[i].bytes, dictionary->values[i].length);
		values[i].bytes = (const char *) place;
		place += dictionary->values[i].length;
	}
}

static Shared *
put_search(ParallelContext *context, const CrmMatchSearch *search, double min_weight)
{
	Shared	   *shared = put_chunk(context->toc, KEY_SHARED, NULL, sizeof(Shared));
	int			i;

	memset(shared, 0, sizeof(Shared));
	pg_atomic_init_u64(&shared->next_slice, 0);
	shared->records = search->set->count;
	shared->blocking = search->blocking;
	shared->min_weight = min_weight;
	SharedFileSetInit(&shared->files, context->seg);
	put_chunk(context->toc, KEY_SCORER, &search->scorer, sizeof(CrmScorer));
	put_chunk(context->toc, KEY_BOUNDS, &search->bounds, sizeof(CrmBounds));
	put_chunk(context->toc, KEY_RECORDS, search->set->records,
			  search->set->count * sizeof(CrmMatchRecord));
	put_chunk(context->toc, KEY_SKIPPED, search->set->skipped, search->set->count * sizeof(uint64));
	for (i = 0; i < CRM_MATCH_FIELDS; i++)
	{
		shared->values[i] = search->set->dictionary[i].count;
		put_dictionary(context->toc, &search->set->dictionary[i], i);
	}
	for (i = 0; i < crm_blocking_rule_count; i++)
		put_chunk(context->toc, KEY_BLOCKS + i, search->blocking.blocks[i].records,
				  search->blocking.blocks[i].count * sizeof(uint32));
	return shared;
}

/* ----------
 * workers
 * ----------
 */

static void
take_dictionary(shm_toc *toc, CrmDictionary *dictionary, int field, uint32 count)
{
	const CrmMatchValue *values = shm_toc_lookup(toc, KEY_VALUES + field, false);
	const char *bytes = shm_toc_lookup(toc, KEY_BYTES + field, false);
	uint32		i;

	dictionary->count = count;
	dictionary->values = MemoryContextAllocHuge(CurrentMemoryContext, count * sizeof(CrmMatchValue));
	memcpy(dictionary->values, values, count * sizeof(CrmMatchValue));
	for (i = 0; i < count; i++)
		dictionary->values[i].bytes = bytes + (uintptr_t) values[i].bytes;
}

/* The contacts as the leader has them; records stay where they are, and are not written. */
static CrmMatchSet *
take_set(shm_toc *toc, const Shared *shared)
{
	CrmMatchSet *set = palloc0(sizeof(CrmMatchSet));
	int			i;

	set->count = shared->records;
	set->records = shm_toc_lookup(toc, KEY_RECORDS, false);
	set->skipped = shm_toc_lookup(toc, KEY_SKIPPED, false);
	set->memo = palloc0(CRM_MEMO_SIZE * sizeof(CrmMemo));
	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		take_dictionary(toc, &set->dictionary[i], i, shared->values[i]);
	return set;
}

static void
write_pair(void *state, uint32 a, uint32 b, const CrmMatchRecord *left, const CrmMatchRecord *right)
{
	Output	   *output = state;
	CrmMatchPair pair;

	if (!crm_score_candidates(&output->scoring, a, b, left, right, &pair))
		return;
	BufFileWrite(output->file, &pair, sizeof(pair));
	output->count++;
}

/* The blocks as the leader has them. */
static void
take_blocks(shm_toc *toc, Shared *shared, CrmMatchSet *set, CrmBlocking *blocking)
{
	int			i;

	*blocking = shared->blocking;
	blocking->set = set;
	blocking->next_slice = &shared->next_slice;
	for (i = 0; i < crm_blocking_rule_count; i++)
		blocking->blocks[i].records = shm_toc_lookup(toc, KEY_BLOCKS + i, false);
}

static void
file_name(char *name, int worker)
{
	snprintf(name, 32, "pairs.%d", worker);
}

PGDLLEXPORT void crm_match_worker(dsm_segment *segment, shm_toc *toc);

void
crm_match_worker(dsm_segment *segment, shm_toc *toc)
{
	Shared	   *shared = shm_toc_lookup(toc, KEY_SHARED, false);
	int			worker = ParallelWorkerNumber;
	CrmMatchSet *set = take_set(toc, shared);
	CrmBlocking blocking;
	Output		output;
	char		name[32];

	output.scoring.set = set;
	output.scoring.scorer = shm_toc_lookup(toc, KEY_SCORER, false);
	output.scoring.bounds = shm_toc_lookup(toc, KEY_BOUNDS, false);
	output.scoring.min_weight = shared->min_weight;
	output.count = 0;
	SharedFileSetAttach(&shared->files, segment);
	file_name(name, worker);
	output.file = BufFileCreateFileSet(&shared->files.fs, name);
	take_blocks(toc, shared, set, &blocking);
	crm_blocking_visit(&blocking, 1, write_pair, &output);
	BufFileExportFileSet(output.file);
	BufFileClose(output.file);
	shared->visited[worker] = blocking.visited;
	shared->found[worker] = output.count;
}

/* ----------
 * the leader
 * ----------
 */

static void
read_found(CrmMatchSearch *search, Shared *shared, int worker)
{
	char		name[32];
	BufFile    *file;
	uint64		i;

	file_name(name, worker);
	file = BufFileOpenFileSet(&shared->files.fs, name, O_RDONLY, false);
	for (i = 0; i < shared->found[worker]; i++)
	{
		CrmMatchPair pair;

		if (BufFileRead(file, &pair, sizeof(pair)) != sizeof(pair))
			elog(ERROR, "temporary file of pairs ends too soon");
		crm_keep_pair(&search->found, &pair);
	}
	BufFileClose(file);
	search->blocking.visited += shared->visited[worker];
}

/* Whether shared memory has room, where that can be known; running out of it is an error. */
static bool
has_room(Size size)
{
	struct statvfs room;

	if (dynamic_shared_memory_type != DSM_IMPL_POSIX || statvfs("/dev/shm", &room) != 0)
		return true;
	return (double) room.f_bavail * room.f_frsize > 1.25 * size;
}

static bool
is_worth_it(const CrmMatchSearch *search)
{
	return crm_blocking_pairs(&search->blocking) >= PAIRS_WORTH_IT &&
		max_parallel_workers_per_gather > 0 &&
		!IsInParallelMode() && has_room(estimate(NULL, search));
}

/* Finds the pairs together with workers; false if there are none to be had. */
bool
crm_match_search_in_parallel(CrmMatchSearch *search, double min_weight)
{
	ParallelContext *context;
	Shared	   *shared;
	int			workers;
	int			i;

	if (!is_worth_it(search))
		return false;
	EnterParallelMode();
	context = CreateParallelContext("crm", "crm_match_worker",
									Min(max_parallel_workers_per_gather, MAX_WORKERS));
	estimate(context, search);
	InitializeParallelDSM(context);
	/* without a segment there are no workers */
	if (context->seg == NULL)
	{
		DestroyParallelContext(context);
		ExitParallelMode();
		return false;
	}
	shared = put_search(context, search, min_weight);
	LaunchParallelWorkers(context);
	workers = context->nworkers_launched;
	search->blocking.next_slice = &shared->next_slice;
	crm_match_search_alone(search, min_weight);
	search->blocking.next_slice = NULL;
	WaitForParallelWorkersToFinish(context);
	for (i = 0; i < workers; i++)
		read_found(search, shared, i);
	DestroyParallelContext(context);
	ExitParallelMode();
	return true;
}
