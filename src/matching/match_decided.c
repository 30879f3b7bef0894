/*
 * match_decided.c
 *		What people have decided about pairs of contacts.
 *
 * A relation of decisions has left_key and right_key, the keys as text in either
 * order, and same.  If it has a column relation, only its rows about the contacts'
 * relation count.  Keys are what the type of the contacts' key reads them as: uuids
 * in capital letters mean the same contacts.  Rows that lack a value, and rows about
 * contacts that are not there, say nothing; so do keys that the type cannot read,
 * since they may be those of another relation, or of a time when the key was of
 * another type.  Where two rows contradict each other, "different" holds.
 */
#include "matching/kept_matching.h"
#include "matching/match_input.h"
#include "matching/match_question.h"
#include "matching/match_search.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "kept_plans.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#define ROWS_PER_FETCH 1000

/* Characters of a uuid. */
#define UUID_TEXT 36

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

/* A key in a relation of decisions or pairs as text, in SQL. */
static char *
key_sql(Oid decisions, const char *name)
{
	return crm_text_sql(psprintf("d.%s", name), get_atttype(decisions, get_attnum(decisions, name)));
}

/* Rows of one relation only, if the decisions say which they are about. */
static char *
pairs_query(Oid decisions, const char *same)
{
	Oid			relation_type = column_type(decisions, "relation");
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s, %s, %s"
					 " FROM %s AS d WHERE %s IS NOT NULL AND d.left_key IS NOT NULL"
					 " AND d.right_key IS NOT NULL",
					 key_sql(decisions, "left_key"), key_sql(decisions, "right_key"), same,
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

/* ----------
 * keys
 * ----------
 */

static bool
is_plain_uuid(const char *key)
{
	int			i;

	for (i = 0; i < UUID_TEXT; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? key[i] != '-' :
			!((key[i] >= '0' && key[i] <= '9') || (key[i] >= 'a' && key[i] <= 'f')))
			return false;
	return key[i] == '\0';
}

/* The spelling of a key where it needs no query; NULL if it does. */
static const char *
plain_spelling(Oid type, const char *key)
{
	int64		id;

	switch (type)
	{
		case INT4OID:
			return crm_read_id(key, &id) && id == (int32) id ? psprintf(INT64_FORMAT, id) : NULL;
		case INT8OID:
			return crm_read_id(key, &id) ? psprintf(INT64_FORMAT, id) : NULL;
		case UUIDOID:
			return is_plain_uuid(key) ? key : NULL;
		default:
			return IsBinaryCoercible(type, TEXTOID) && type == getBaseType(type) ? key : NULL;
	}
}

/* Gives up what a subtransaction did; an error that is not about a value goes on. */
static void
give_up_spelling(MemoryContext context, ResourceOwner owner)
{
	ErrorData  *error;
	int			category;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	category = ERRCODE_TO_CATEGORY(error->sqlerrcode);
	if (category != ERRCODE_DATA_EXCEPTION &&
		category != ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION)
		ReThrowError(error);
	FreeErrorData(error);
}

/*
 * A key as the relation writes it; NULL if its type cannot read it.  SPI must be
 * connected; what it has read last is gone.
 */
static const char *
spelling(const CrmMatchKey *column, const char *key)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	const char *plain = plain_spelling(column->type_id, key);
	const char *volatile spelled = NULL;

	if (plain != NULL)
		return plain;
	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		spelled = crm_spell_match_key(column, CStringGetTextDatum(key));
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		give_up_spelling(context, owner);
		spelled = NULL;
	}
	PG_END_TRY();
	return spelled;
}

/* The record that a decision means. */
static bool
find_meant(const CrmMatchSet *set, const CrmMatchKey *column, const char *key, uint32 *record)
{
	const char *spelled;

	if (crm_match_find_key(set, key, record))
		return true;
	spelled = spelling(column, key);
	return spelled != NULL && crm_match_find_key(set, spelled, record);
}

/* ----------
 * all contacts
 * ----------
 */

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
add_row(CrmMatchSet *set, const CrmMatchKey *column, uint32 *room,
		HeapTuple tuple, TupleDesc descriptor)
{
	Datum		values[3];
	bool		nulls[3];
	uint32		left;
	uint32		right;

	heap_deform_tuple(tuple, descriptor, values, nulls);
	if (nulls[0] || nulls[1] || nulls[2])
		return;
	if (find_meant(set, column, TextDatumGetCString(values[0]), &left) &&
		find_meant(set, column, TextDatumGetCString(values[1]), &right) && left != right)
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
	CrmMatchKey column;

	crm_find_match_key(contacts, &column);
	set->decided = MemoryContextAlloc(set->context, room * sizeof(CrmDecidedPair));
	for (;;)
	{
		MemoryContext old;
		SPITupleTable *rows;
		uint64		count;
		uint64		i;

		SPI_cursor_fetch(cursor, true, ROWS_PER_FETCH);
		rows = SPI_tuptable;
		count = SPI_processed;
		old = MemoryContextSwitchTo(row_context);
		for (i = 0; i < count; i++)
			add_row(set, &column, &room, rows->vals[i], rows->tupdesc);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
		SPI_freetuptable(rows);
		CHECK_FOR_INTERRUPTS();
		if (count == 0)
			break;
	}
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

/* The spellings under which a contact is looked for, a text[]. */
static Datum
usual_spellings(const CrmMatchKey *column, const char *key)
{
	Datum		spellings[2] = {CStringGetTextDatum(key), 0};
	int			count = 1;

	if (getBaseType(column->type_id) == UUIDOID)
		spellings[count++] = CStringGetTextDatum(asc_toupper(key, strlen(key)));
	return PointerGetDatum(construct_array(spellings, count, TEXTOID, -1, false, TYPALIGN_INT));
}

/* The contact beside another one in a row; NULL if no contact can have such a key. */
static const char *
beside(const CrmMatchKey *column, const char *key, HeapTuple tuple, TupleDesc descriptor)
{
	const char *left = spelling(column, SPI_getvalue(tuple, descriptor, 1));
	const char *right = spelling(column, SPI_getvalue(tuple, descriptor, 2));

	return left == NULL || right == NULL ? NULL : strcmp(left, key) == 0 ? right : left;
}

/*
 * Those who stand beside a contact in a relation of pairs: decisions, or pairs that
 * were found, all of which are the same.  A list of CrmPairedContact, those that
 * are different first; SPI must be connected.
 */
List *
crm_read_paired(Oid pairs, Oid contacts, const char *key, bool are_decisions)
{
	Oid			types[2] = {OIDOID, TEXTARRAYOID};
	Datum		values[2] = {ObjectIdGetDatum(contacts), 0};
	CrmMatchKey column;
	List	   *paired = NIL;
	SPITupleTable *rows;
	uint64		count;
	uint64		i;

	check_relation(pairs);
	if (are_decisions)
		check_columns(pairs);
	crm_find_match_key(contacts, &column);
	values[1] = usual_spellings(&column, key);
	crm_execute_kept(psprintf("%s AND (%s OPERATOR(pg_catalog.=) ANY ($2)"
							  " OR %s OPERATOR(pg_catalog.=) ANY ($2)) ORDER BY 3",
							  pairs_query(pairs, are_decisions ? "d.same" : "true"),
							  key_sql(pairs, "left_key"), key_sql(pairs, "right_key")),
					 2, types, values, NULL, true, 0);
	rows = SPI_tuptable;
	count = SPI_processed;
	for (i = 0; i < count; i++)
	{
		const char *other = beside(&column, key, rows->vals[i], rows->tupdesc);
		CrmPairedContact *contact = palloc(sizeof(CrmPairedContact));
		bool		is_null;

		if (other == NULL)
			continue;
		contact->key = pstrdup(other);
		contact->same = DatumGetBool(SPI_getbinval(rows->vals[i], rows->tupdesc, 3, &is_null));
		paired = lappend(paired, contact);
	}
	SPI_freetuptable(rows);
	return paired;
}
