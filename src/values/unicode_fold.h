/*
 * unicode_fold.h
 *		Normalization Forms D and C and case folding, from a frozen table.
 *
 * Plain C, without the server's headers, locale or libraries.  Texts are arrays
 * of code points with a fixed room: nothing here allocates.  Sorting marks and
 * expanding folds is quadratic in the number of code points at worst, so
 * callers keep the room small (a name, an address).
 */
#ifndef CRM_UNICODE_FOLD_H
#define CRM_UNICODE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The version of the data, for reports. */
extern const char crm_unicode_fold_version[];

/* Code points in the caller's memory. */
typedef struct CrmCodePoints
{
	int32_t    *items;
	size_t		count;
	size_t		room;
} CrmCodePoints;

extern bool crm_unicode_is_refused(int32_t c);
extern int	crm_unicode_combining_class(int32_t c);
extern bool crm_unicode_append_decomposed(CrmCodePoints *text, int32_t c);
extern void crm_unicode_order_marks(CrmCodePoints *text);
extern bool crm_unicode_fold_case(CrmCodePoints *text);
extern void crm_unicode_compose(CrmCodePoints *text);

#endif							/* CRM_UNICODE_FOLD_H */
