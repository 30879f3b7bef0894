/*
 * numeric_read.h
 *		Reads a numeric's digits where they lie: the one place that knows the
 *		server's private layout of numeric.
 *
 * The layout has been the same since 9.1 (it is on disk), but it is not an
 * API.  Each backend therefore checks it once against the documented wire
 * format (numeric_read.c); if they ever disagree, or the setting
 * crm.numeric_fast_path is off, callers use the server's own arithmetic.
 *
 * Only the short form is read (display scale up to 63), with digits between
 * 1e-16 and about 9e14; everything else, NaN and the infinities included, is
 * refused and left to the caller's slow path.
 */
#ifndef CRM_NUMERIC_READ_H
#define CRM_NUMERIC_READ_H

#include "crm.h"

/* A decimal number as units * 1e-4 + rest * 1e-16, both of the same sign. */
typedef struct CrmFixed
{
	int64		units;
	int64		rest;
	int			scale;			/* display scale */
} CrmFixed;

typedef enum CrmLayout
{
	CRM_LAYOUT_UNKNOWN,
	CRM_LAYOUT_TRUSTED,
	CRM_LAYOUT_REFUSED
} CrmLayout;

extern CrmLayout crm_numeric_layout;

extern CrmLayout crm_check_numeric_layout(void);

/* NBASE digits (base 10,000) from weight 3 down to weight -4 are read. */
#define CRM_NBASE				10000
#define CRM_MAX_WEIGHT			3
#define CRM_MIN_WEIGHT			(-4)
/* the first digit of weight 3 for which units still fit 64 bits */
#define CRM_MAX_TOP_DIGIT		900

static inline int16
crm_numeric_digit(const char *digits, int i)
{
	int16		digit;

	memcpy(&digit, digits + 2 * i, sizeof(digit));
	return digit;
}

/* The digits below 1e-4; *rest is in units of 1e-16. */
static inline int64
crm_numeric_rest(const char *digits, int count, int weight)
{
	int64		rest = 0;
	int			i = (weight >= -1) ? weight + 2 : 0;
	int			w = weight - i;

	for (; i < count; i++, w--)
		rest += crm_numeric_digit(digits, i) *
			(w == -2 ? INT64CONST(100000000) : w == -3 ? CRM_NBASE : 1);
	return rest;
}

/* The short form's body, which may be unaligned; false if it is not for us. */
static pg_attribute_always_inline bool
crm_numeric_read_body(const char *body, int length, CrmFixed *out)
{
	const char *digits = body + 2;
	uint16		header;
	int			weight;
	int			count;
	int			taken;
	int			i;
	int64		units = 0;

	memcpy(&header, body, sizeof(header));
	if (unlikely((header & 0xC000) != 0x8000))
		return false;
	out->scale = (header & 0x1F80) >> 7;
	out->rest = 0;
	weight = (header & 0x003F) - (header & 0x0040);
	count = (length - 2) / 2;

	if (unlikely(count == 0))
	{
		out->units = 0;
		return true;
	}
	if (unlikely(weight > CRM_MAX_WEIGHT ||
				 weight - count + 1 < CRM_MIN_WEIGHT ||
				 (weight == CRM_MAX_WEIGHT &&
				  crm_numeric_digit(digits, 0) >= CRM_MAX_TOP_DIGIT)))
		return false;

	/* weights from "weight" down to -1 are units, trailing zeros not stored */
	taken = Min(count, weight + 2);
	for (i = 0; i < taken; i++)
		units = units * CRM_NBASE + crm_numeric_digit(digits, i);
	for (; i < weight + 2; i++)
		units *= CRM_NBASE;
	if (unlikely(count > taken))
		out->rest = crm_numeric_rest(digits, count, weight);

	out->units = units;
	if (header & 0x2000)
	{
		out->units = -out->units;
		out->rest = -out->rest;
	}
	return true;
}

/* True and *out set if the datum can be read in place. */
static pg_attribute_always_inline bool
crm_numeric_read(Datum datum, CrmFixed *out)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);

	if (unlikely(crm_numeric_layout != CRM_LAYOUT_TRUSTED))
	{
		if (crm_check_numeric_layout() != CRM_LAYOUT_TRUSTED)
			return false;
	}
	if (unlikely(!crm_numeric_fast_path ||
				 VARATT_IS_EXTERNAL(value) || VARATT_IS_COMPRESSED(value)))
		return false;
	return crm_numeric_read_body(VARDATA_ANY(value),
								 (int) VARSIZE_ANY_EXHDR(value), out);
}

#endif							/* CRM_NUMERIC_READ_H */
