/*
 * given_names.h
 *		Given names that may stand for one another: William and Bill.
 *
 * Plain C, without the server's headers.  Names are given as crm_name_fold
 * leaves them.
 */
#ifndef CRM_GIVEN_NAMES_H
#define CRM_GIVEN_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char crm_given_names_version[];

/* What a name may be called instead; the name is in read-only memory. */
typedef struct CrmGivenNameVariant
{
	const char *name;			/* folded, not ended by a zero */
	size_t		length;
	double		weight;			/* above 0, below 1 */
} CrmGivenNameVariant;

/* Where an enumeration is. */
typedef struct CrmGivenNameCursor
{
	int32_t		name;
	int32_t		link;
	int32_t		member;
} CrmGivenNameCursor;

/* Whether the list has the name at all. */
extern bool crm_given_name_is_known(const char *folded, size_t length);

/*
 * 1 for equal names; the weight of the list if one is a variant of the other;
 * the product of both weights if they are variants of one name, unless it is
 * low; 0 otherwise, and for no name.  Symmetric.
 */
extern double crm_given_name_similarity(const char *folded_a, size_t a_length,
										const char *folded_b, size_t b_length);

/*
 * Every name whose similarity to the given one is above 0 and below 1, once
 * each, in no order that matters.
 */
extern void crm_given_name_variants_begin(CrmGivenNameCursor *cursor, const char *folded, size_t length);
extern bool crm_given_name_variants_next(CrmGivenNameCursor *cursor, CrmGivenNameVariant *variant);

#endif							/* CRM_GIVEN_NAMES_H */
