/*
 * compat.h
 *		The one door for differences between server versions.
 *
 * Code is written against the newest API; this header brings older servers up
 * to it.  No other file looks at PG_VERSION_NUM.
 */
#ifndef CRM_COMPAT_H
#define CRM_COMPAT_H

#include "fmgr.h"

#if PG_VERSION_NUM < 150000
#error "crm needs PostgreSQL 15 or newer"
#endif

#if PG_VERSION_NUM >= 190000
#error "this version of crm knows PostgreSQL 15 to 18"
#endif

/* 16 moved the varlena macros out of postgres.h. */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 18 replaced the attribute after a declaration by a specifier before it. */
#if PG_VERSION_NUM < 180000
#define pg_noreturn __attribute__((noreturn))
#endif

/* The sums of a pipeline are 128 bits wide (every 64-bit platform has them). */
#ifndef HAVE_INT128
#error "crm needs a compiler with 128-bit integers"
#endif

/* 16 brought soft errors of input functions; 15 raises them. */
#if PG_VERSION_NUM < 160000
#define ereturn(context, dummy_value, ...) \
	do { \
		(void) (context); \
		ereport(ERROR, __VA_ARGS__); \
		return (dummy_value); \
	} while (0)
#define crm_numeric_in(text, context, result) \
	((void) (context), \
	 *(result) = DirectFunctionCall3(numeric_in, CStringGetDatum(text), \
									 ObjectIdGetDatum(InvalidOid), \
									 Int32GetDatum(-1)), \
	 true)
#else
#include "nodes/miscnodes.h"
#define crm_numeric_in(text, context, result) \
	DirectInputFunctionCallSafe(numeric_in, (text), InvalidOid, -1, \
								(context), (result))
#endif

/* 18 names the library and its version in pg_get_loaded_modules(). */
#if PG_VERSION_NUM >= 180000
#define CRM_MODULE_MAGIC(module) \
	PG_MODULE_MAGIC_EXT(.name = module, .version = CRM_VERSION)
#else
#define CRM_MODULE_MAGIC(module) PG_MODULE_MAGIC
#endif

/* The magic block of this build, and whether the loader takes one of its length. */
#if PG_VERSION_NUM >= 180000
#define CRM_MAGIC_DATA PG_MODULE_MAGIC_DATA(.name = NULL)
#define CRM_SAME_ABI(a, b) (memcmp(&(a)->abi_fields, &(b)->abi_fields, sizeof(Pg_abi_values)) == 0)
#else
#define CRM_MAGIC_DATA PG_MODULE_MAGIC_DATA
#define CRM_SAME_ABI(a, b) (memcmp(a, b, sizeof(Pg_magic_struct)) == 0)
#endif

/* The error flag that nobody here wants is not in the names of later releases. */
#include "utils/numeric.h"
#define crm_numeric_add(a, b)	numeric_add_opt_error((a), (b), NULL)
#define crm_numeric_sub(a, b)	numeric_sub_opt_error((a), (b), NULL)
#define crm_numeric_mul(a, b)	numeric_mul_opt_error((a), (b), NULL)

/* 18 has CHECKs that are there, and not enforced. */
#if PG_VERSION_NUM < 180000
#define crm_check_is_enforced(check) ((void) (check), true)
#else
#define crm_check_is_enforced(check) ((check)->ccenforced)
#endif

/* 16 added a flag for indexes that only summarise; 18, counters for a scan
 * and room before a tuple. */
#if PG_VERSION_NUM < 160000
#define crm_insert_index_tuples(result, slot, estate) \
	ExecInsertIndexTuples((result), (slot), (estate), false, false, NULL, NIL)
#else
#define crm_insert_index_tuples(result, slot, estate) \
	ExecInsertIndexTuples((result), (slot), (estate), false, false, NULL, NIL, false)
#endif
#if PG_VERSION_NUM < 180000
#define crm_form_minimal_tuple(desc, values, nulls) \
	heap_form_minimal_tuple((desc), (values), (nulls))
#else
#define crm_form_minimal_tuple(desc, values, nulls) \
	heap_form_minimal_tuple((desc), (values), (nulls), 0)
#endif
#if PG_VERSION_NUM < 180000
#define crm_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan((heap), (index), (snapshot), (nkeys), 0)
#else
#define crm_index_beginscan(heap, index, snapshot, nkeys) \
	index_beginscan((heap), (index), (snapshot), NULL, (nkeys), 0)
#endif

#if PG_VERSION_NUM < 180000
#define crm_index_beginscan_bitmap(index, snapshot, nkeys) \
	index_beginscan_bitmap((index), (snapshot), (nkeys))
#else
#define crm_index_beginscan_bitmap(index, snapshot, nkeys) \
	index_beginscan_bitmap((index), (snapshot), NULL, (nkeys))
#endif

/* 18 fills in a result of the caller's, and takes the tuples of a page out on demand. */
#if PG_VERSION_NUM < 180000
#define CrmBitmapIterator TBMIterator
#define crm_bitmap_begin(bitmap)	tbm_begin_iterate(bitmap)
#define crm_bitmap_end(iterator)	tbm_end_iterate(iterator)
#define crm_bitmap_next(iterator, page, offsets, max_offsets, count) \
	do { \
		TBMIterateResult *crm_result = tbm_iterate(iterator); \
		*(count) = crm_result == NULL ? 0 : crm_result->ntuples; \
		*(page) = crm_result == NULL ? InvalidBlockNumber : crm_result->blockno; \
		if (*(count) > 0) \
			memcpy((offsets), crm_result->offsets, *(count) * sizeof(OffsetNumber)); \
	} while (0)
#else
#define CrmBitmapIterator TBMPrivateIterator
#define crm_bitmap_begin(bitmap)	tbm_begin_private_iterate(bitmap)
#define crm_bitmap_end(iterator)	tbm_end_private_iterate(iterator)
#define crm_bitmap_next(iterator, page, offsets, max_offsets, count) \
	do { \
		TBMIterateResult crm_result; \
		bool		crm_found = tbm_private_iterate((iterator), &crm_result); \
		*(page) = crm_found ? crm_result.blockno : InvalidBlockNumber; \
		*(count) = !crm_found ? 0 : crm_result.lossy ? -1 : \
			tbm_extract_page_tuple(&crm_result, (offsets), (max_offsets)); \
	} while (0)
#endif

/* 18 has generated columns that are computed when they are read, and stand in no tuple. */
#if PG_VERSION_NUM < 180000
#define crm_is_virtual(attribute) ((void) (attribute), false)
#else
#define crm_is_virtual(attribute) ((attribute)->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
#endif

/* 17 takes the relation itself. */
#if PG_VERSION_NUM < 170000
#define crm_identity_sequence(relation, column) \
	getIdentitySequence(RelationGetRelid(relation), (column), false)
#else
#define crm_identity_sequence(relation, column) \
	getIdentitySequence((relation), (column), false)
#endif

/* 17 gave it another name. */
#if PG_VERSION_NUM < 170000
#define crm_search_path_matches(path) OverrideSearchPathMatchesCurrent(path)
#else
#define crm_search_path_matches(path) SearchPathMatchesCurrentEnvironment(path)
#endif

#endif							/* CRM_COMPAT_H */
