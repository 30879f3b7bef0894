/*
 * matching_input.c
 *		What matching reads of a relation.
 */
#include "matching/match_input.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define RESULT_COLUMNS 8

/* The field whose distinct values are those of a column. */
static const CrmMatchField field_of_column[CRM_MATCH_COLUMNS] = {
	CRM_FIELD_GIVEN, CRM_FIELD_MIDDLE, CRM_FIELD_SURNAME, CRM_FIELD_SURNAME, CRM_FIELD_EMAIL,
	CRM_FIELD_PHONE, CRM_FIELD_BIRTH, CRM_FIELD_STREET, CRM_FIELD_CITY, CRM_FIELD_POSTCODE,
	CRM_FIELD_STATE, CRM_FIELD_COUNTRY, CRM_FIELD_COMPANY, CRM_FIELD_JOB, CRM_FIELD_GENDER,
	CRM_FIELD_COMPANY
};

StaticAssertDecl(CRM_MATCH_COLUMNS == 16, "fields of all columns");

typedef struct Row
{
	const char *name;
	Oid			type;			/* InvalidOid: not known */
	const char *used_as;		/* NULL: not used */
	const CrmInputCounts *counts;	/* NULL: not counted */
	uint64		rows;
	uint64		distinct;
	const char *note;
} Row;

static void
put_row(ReturnSetInfo *result, const Row *row)
{
	Datum		values[RESULT_COLUMNS] = {0};
	bool		nulls[RESULT_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(row->name);
	nulls[1] = !OidIsValid(row->type);
	if (!nulls[1])
		values[1] = CStringGetTextDatum(format_type_be(row->type));
	nulls[2] = row->used_as == NULL;
	if (!nulls[2])
		values[2] = CStringGetTextDatum(row->used_as);
	nulls[3] = nulls[4] = nulls[5] = nulls[6] = row->counts == NULL;
	if (row->counts != NULL)
	{
		values[3] = Int64GetDatum(row->counts->filled);
		values[4] = Float8GetDatum(row->rows > 0 ? (double) row->counts->filled / row->rows : 0);
		values[5] = Int64GetDatum(row->counts->usable);
		values[6] = Int64GetDatum(row->distinct);
	}
	nulls[7] = row->note == NULL;
	if (!nulls[7])
		values[7] = CStringGetTextDatum(row->note);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_key(ReturnSetInfo *result, const CrmMatchInput *input, const CrmMatchSet *set)
{
	CrmInputCounts counts = {set->count, set->count};
	Row			row = {input->key, input->key_type, "key", &counts, set->count, set->count, NULL};

	put_row(result, &row);
}

static void
put_columns(ReturnSetInfo *result, const CrmMatchInput *input, const CrmMatchSet *set,
			const CrmInputCounts *counts)
{
	int			i;

	for (i = 0; i < input->count; i++)
	{
		const CrmInputColumn *column = &input->columns[i];
		Row			row = {column->name, column->type, crm_match_column_words(column->column),
		&counts[i], set->count, 0, NULL};

		row.distinct = set->dictionary[field_of_column[column->column]].count - 1;
		if (counts[i].usable < counts[i].filled)
			row.note = "some values cannot be read as what they should be, and count as none";
		if (column->is_fallback && i > 0 && input->columns[i - 1].column == column->column)
			row.note = psprintf("where %s is null", input->columns[i - 1].name);
		put_row(result, &row);
	}
}

static void
put_archive(ReturnSetInfo *result, const CrmMatchInput *input)
{
	AttrNumber	number = get_attnum(input->relation, "archived_at");
	Row			row = {"archived_at", InvalidOid, NULL, NULL, 0, 0,
	"no row is left out: it is neither a date nor a timestamp"};

	if (number == InvalidAttrNumber)
		return;
	row.type = get_atttype(input->relation, number);
	if (input->has_archive)
	{
		row.used_as = "archive";
		row.note = "rows where it is not null are left out";
	}
	put_row(result, &row);
}

static void
put_near_misses(ReturnSetInfo *result, Oid relation)
{
	ListCell   *cell;

	foreach(cell, crm_match_near_misses(relation))
	{
		CrmNearMiss *miss = lfirst(cell);
		Row			row = {miss->name, get_atttype(relation, get_attnum(relation, miss->name)), NULL, NULL, 0, 0,
		psprintf("would be used if its name were %s", miss->known_name)};

		put_row(result, &row);
	}
}

PG_FUNCTION_INFO_V1(crm_matching_input);
Datum
crm_matching_input(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	CrmMatchInput *input;
	CrmInputCounts counts[CRM_INPUT_COLUMNS_MAX] = {{0}};
	CrmInputOptions options = {NULL, counts};
	MemoryContext work;
	MemoryContext before;
	CrmMatchSet *set;

	crm_require_argument(fcinfo, 0, "contacts");
	InitMaterializedSRF(fcinfo, 0);
	work = AllocSetContextCreate(CurrentMemoryContext, "crm matching", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(work);
	input = palloc(sizeof(CrmMatchInput));
	crm_match_input_find(input, PG_GETARG_OID(0), true);
	set = crm_match_input_read(input, &options);
	put_key(result, input, set);
	put_columns(result, input, set, counts);
	put_archive(result, input);
	put_near_misses(result, PG_GETARG_OID(0));
	MemoryContextSwitchTo(before);
	MemoryContextDelete(work);
	PG_RETURN_NULL();
}
