/*
 * match_decided.c
 *		What people have decided about pairs of contacts.
 *
 * A relation of decisions has left_key and right_key, the keys as text in either
 * order, and same.  If it has a column relation, only its rows about the contacts'
 * relation count.  Rows that lack a value, and rows about contacts that are not
 * there, say nothing.  Where two rows contradict each other, "different" holds.
 */
#include "matching/match_search.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define ROWS_PER_FETCH 1000

static Oid
column_type(Oid relation, const char *name)
{
	AttrNumber	number = get_attnum(relation, name);

	return number == InvalidAttrNumber ? InvalidOid : getBaseType(get_atttype(relation, number));
}

static void
check_columns(Oid decisions)
{
	static const char *const names[] = {"left_key", "right_key", "same"};
	int			i;

	for (i = 0; i < (int) lengthof(names); i++)
		if (!OidIsValid(column_type(decisions, names[i])))
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("relation \"%s\" of decisions has no column \"%s\"",
							get_rel_name(decisions), names[i]),
					 errhint("It needs left_key text, right_key text and same boolean.")));
	if (column_type(decisions, "same") != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"same\" of relation \"%s\" is of type %s, not boolean",
						get_rel_name(decisions),
						format_type_be(column_type(decisions, "same")))));
}

/* Rows of one relation only, if the decisions say which they are about. */
static char *
decisions_query(Oid decisions)
{
	Oid			relation_type = column_type(decisions, "relation");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT d.left_key::pg_catalog.text, d.right_key::pg_catalog.text, d.same"
					 " FROM %s AS d WHERE d.same IS NOT NULL AND d.left_key IS NOT NULL"
					 " AND d.right_key IS NOT NULL",
					 quote_qualified_identifier(crm_relation_schema(decisions),
												get_rel_name(decisions)));
	if (relation_type == REGCLASSOID || relation_type == OIDOID)
		appendStringInfoString(&sql, " AND d.relation::pg_catalog.oid OPERATOR(pg_catalog.=) $1");
	else if (OidIsValid(relation_type))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"relation\" of relation \"%s\" is of type %s, not regclass",
						get_rel_name(decisions), format_type_be(relation_type))));
	return sql.data;
}

static void
add_decided(CrmMatchSet *set, uint32 *room, uint32 a, uint32 b, bool same)
{
	CrmDecidedPair *pair;

	if (set->decided_count == *room)
	{
		*room *= 2;
		set->decided = repalloc_huge(set->decided, *room * sizeof(CrmDecidedPair));
	}
	pair = &set->decided[set->decided_count++];
	pair->a = Min(a, b);
	pair->b = Max(a, b);
	pair->same = same;
}

static void
add_row(CrmMatchSet *set, uint32 *room, HeapTuple tuple, TupleDesc descriptor)
{
	Datum		values[3];
	bool		nulls[3];
	uint32		left;
	uint32		right;

	heap_deform_tuple(tuple, descriptor, values, nulls);
	if (nulls[0] || nulls[1] || nulls[2])
		return;
	if (crm_match_find_key(set, TextDatumGetCString(values[0]), &left) &&
		crm_match_find_key(set, TextDatumGetCString(values[1]), &right) && left != right)
		add_decided(set, room, left, right, DatumGetBool(values[2]));
}

static void
read_rows(CrmMatchSet *set, const char *sql, Oid contacts)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "crm decisions",
													  ALLOCSET_DEFAULT_SIZES);
	Oid			types[1] = {OIDOID};
	Datum		values[1] = {ObjectIdGetDatum(contacts)};
	Portal		cursor = SPI_cursor_open_with_args(NULL, sql, 1, types, values, NULL, true, 0);
	uint32		room = ROWS_PER_FETCH;
	uint64		i;

	set->decided = MemoryContextAlloc(set->context, room * sizeof(CrmDecidedPair));
	do
	{
		MemoryContext old;

		SPI_cursor_fetch(cursor, true, ROWS_PER_FETCH);
		old = MemoryContextSwitchTo(row_context);
		for (i = 0; i < SPI_processed; i++)
			add_row(set, &room, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
		SPI_freetuptable(SPI_tuptable);
		CHECK_FOR_INTERRUPTS();
	} while (SPI_processed > 0);
	SPI_cursor_close(cursor);
	MemoryContextDelete(row_context);
}

/* Of one pair "different" comes first. */
static int
compare_decided(const void *a, const void *b)
{
	const CrmDecidedPair *p = a;
	const CrmDecidedPair *q = b;

	if (p->a != q->a)
		return p->a < q->a ? -1 : 1;
	if (p->b != q->b)
		return p->b < q->b ? -1 : 1;
	return (int) p->same - (int) q->same;
}

/* Reads the decisions about contacts of the set, in order, each pair once. */
void
crm_read_decided(CrmMatchSet *set, Oid decisions, Oid contacts)
{
	uint32		kept = 0;
	uint32		i;

	if (get_rel_name(decisions) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", decisions)));
	check_columns(decisions);
	SPI_connect();
	read_rows(set, decisions_query(decisions), contacts);
	SPI_finish();
	qsort(set->decided, set->decided_count, sizeof(CrmDecidedPair), compare_decided);
	for (i = 0; i < set->decided_count; i++)
		if (kept == 0 || set->decided[kept - 1].a != set->decided[i].a ||
			set->decided[kept - 1].b != set->decided[i].b)
			set->decided[kept++] = set->decided[i];
	set->decided_count = kept;
}

/* What has been decided about two records; NULL if nothing. */
const CrmDecidedPair *
crm_decided_pair(const CrmMatchSet *set, uint32 a, uint32 b)
{
	uint32		low = 0;
	uint32		high = set->decided_count;
	CrmDecidedPair wanted = {Min(a, b), Max(a, b), false};

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;
		const CrmDecidedPair *pair = &set->decided[middle];

		if (pair->a == wanted.a && pair->b == wanted.b)
			return pair;
		if (pair->a < wanted.a || (pair->a == wanted.a && pair->b < wanted.b))
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}
