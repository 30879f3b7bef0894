/*
 * match_decided.c
 *		What people have decided about pairs of contacts.
 *
 * A relation of decisions has left_key and right_key, the keys as text in either
 * order, and same.  If it has a column relation, only its rows about the contacts'
 * relation count.  Rows that lack a value, and rows about contacts that are not
 * there, say nothing.  Where two rows contradict each other, "different" holds.
 */
#include "matching/match_question.h"
#include "matching/match_search.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
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
pairs_query(Oid decisions, const char *same)
{
	Oid			relation_type = column_type(decisions, "relation");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT d.left_key::pg_catalog.text, d.right_key::pg_catalog.text, %s"
					 " FROM %s AS d WHERE %s IS NOT NULL AND d.left_key IS NOT NULL"
					 " AND d.right_key IS NOT NULL",
					 same,
					 quote_qualified_identifier(crm_relation_schema(decisions),
												get_rel_name(decisions)),
					 same);
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

static void
check_relation(Oid relation)
{
	if (get_rel_name(relation) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relation)));
}

/* Reads the decisions about contacts of the set, in order, each pair once. */
void
crm_read_decided(CrmMatchSet *set, Oid decisions, Oid contacts)
{
	uint32		kept = 0;
	uint32		i;

	check_relation(decisions);
	check_columns(decisions);
	SPI_connect();
	read_rows(set, pairs_query(decisions, "d.same"), contacts);
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

/* ----------
 * one contact
 * ----------
 */

/*
 * Those who stand beside a contact in a relation of pairs: decisions, or pairs that
 * were found, all of which are the same.  A list of CrmPairedContact, those that
 * are different first; SPI must be connected.
 */
List *
crm_read_paired(Oid pairs, Oid contacts, const char *key, bool are_decisions)
{
	Oid			types[2] = {OIDOID, TEXTOID};
	Datum		values[2] = {ObjectIdGetDatum(contacts), CStringGetTextDatum(key)};
	List	   *paired = NIL;
	uint64		i;

	check_relation(pairs);
	if (are_decisions)
		check_columns(pairs);
	crm_execute_kept(psprintf("%s AND (d.left_key::pg_catalog.text OPERATOR(pg_catalog.=) $2"
							  " OR d.right_key::pg_catalog.text OPERATOR(pg_catalog.=) $2) ORDER BY 3",
							  pairs_query(pairs, are_decisions ? "d.same" : "true")),
					 2, types, values, NULL, true, 0);
	for (i = 0; i < SPI_processed; i++)
	{
		CrmPairedContact *contact = palloc(sizeof(CrmPairedContact));
		HeapTuple	tuple = SPI_tuptable->vals[i];
		bool		is_null;

		contact->key = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 1);
		if (strcmp(contact->key, key) == 0)
			contact->key = SPI_getvalue(tuple, SPI_tuptable->tupdesc, 2);
		contact->same = DatumGetBool(SPI_getbinval(tuple, SPI_tuptable->tupdesc, 3, &is_null));
		paired = lappend(paired, contact);
	}
	SPI_freetuptable(SPI_tuptable);
	return paired;
}
