/*
 * numeric_read.c
 *		The check, once per backend, that numeric is laid out as
 *		numeric_read.h believes.
 *
 * Sample values are made by numeric_in, read in place, and compared with what
 * numeric_send says of them: its format is documented and stable.  The check
 * costs some microseconds and allocates only in the caller's context.
 */
#include "pipeline/numeric_read.h"

#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

CrmLayout	crm_numeric_layout = CRM_LAYOUT_UNKNOWN;

/* Values that must be read: every weight, sign, scale and zero pattern. */
static const char *const readable[] = {
	"0", "0.00", "1", "-1", "10000", "50000", "99999999.99", "-12345.67",
	"2986.50", "0.01", "-0.0001", "0.00000001", "123.4567890123456789",
	"900000000000", "-899999999999999.9999", "8999999999999.9999", "0.0000000000000001",
	"1.500000000000000000000000000000"
};

/* Values that must be refused. */
static const char *const unreadable[] = {
	"NaN", "Infinity", "-Infinity", "1e16", "-1e30", "1e-17",
	"9000000000000000", "1.00000000000000000000000000000000000000000000000000000000000000000"
};

static Datum
numeric_of(const char *text)
{
	return DirectFunctionCall3(numeric_in, CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(-1));
}

/* What the wire format says: ndigits, weight, sign, scale, digits. */
static void
read_wire_format(Datum value, CrmFixed *out)
{
	bytea	   *wire = DatumGetByteaPP(DirectFunctionCall1(numeric_send, value));
	StringInfoData buf;
	int			count;
	int			weight;
	int			sign;
	int			i;

	initStringInfo(&buf);
	appendBinaryStringInfo(&buf, VARDATA_ANY(wire), VARSIZE_ANY_EXHDR(wire));
	count = pq_getmsgint(&buf, 2);
	weight = (int16) pq_getmsgint(&buf, 2);
	sign = pq_getmsgint(&buf, 2) == 0x4000 ? -1 : 1;
	out->scale = pq_getmsgint(&buf, 2);
	out->units = 0;
	out->rest = 0;

	for (i = 0; i < count; i++)
	{
		int64		digit = sign * (int64) pq_getmsgint(&buf, 2);
		int			w = weight - i;
		int			power;

		for (power = (w >= -1) ? -1 : CRM_MIN_WEIGHT; power < w; power++)
			digit *= CRM_NBASE;
		if (w >= -1)
			out->units += digit;
		else
			out->rest += digit;
	}
}

static bool
is_read_right(const char *text)
{
	Datum		value = numeric_of(text);
	struct varlena *bytes = (struct varlena *) DatumGetPointer(value);
	CrmFixed	wire;
	CrmFixed	read;

	read_wire_format(value, &wire);
	return crm_numeric_read_body(VARDATA_ANY(bytes),
								 (int) VARSIZE_ANY_EXHDR(bytes), &read) &&
		read.units == wire.units &&
		read.rest == wire.rest &&
		read.scale == wire.scale;
}

static bool
is_refused(const char *text)
{
	struct varlena *bytes = (struct varlena *) DatumGetPointer(numeric_of(text));
	CrmFixed	read;

	return !crm_numeric_read_body(VARDATA_ANY(bytes),
								  (int) VARSIZE_ANY_EXHDR(bytes), &read);
}

static bool
layout_is_as_believed(void)
{
	int			i;

	for (i = 0; i < (int) lengthof(readable); i++)
		if (!is_read_right(readable[i]))
			return false;
	for (i = 0; i < (int) lengthof(unreadable); i++)
		if (!is_refused(unreadable[i]))
			return false;
	return true;
}

/* Checks at the first call, answers from memory afterwards. */
CrmLayout
crm_check_numeric_layout(void)
{
	if (crm_numeric_layout == CRM_LAYOUT_UNKNOWN)
		crm_numeric_layout = layout_is_as_believed() ?
			CRM_LAYOUT_TRUSTED : CRM_LAYOUT_REFUSED;
	return crm_numeric_layout;
}
