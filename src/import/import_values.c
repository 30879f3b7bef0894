/*
 * import_values.c
 *		Cleaned text to values of the target's types.
 *
 * The input functions decide what a value is, under the session's settings (a date
 * is read as DateStyle says).  One that fails costs its line and no other: it runs
 * in a subtransaction, after which the next line goes on in a new one.
 */
#include "import/import.h"

#include "fmgr.h"
#include "miscadmin.h"

/* Where the conversion is. */
typedef struct Conversion
{
	CrmImport  *import;
	int			row;
	int			column;
} Conversion;

static void
convert_row(CrmImport *import, CrmImportRow *row, Conversion *at)
{
	for (at->column = 0; at->column < import->num_columns; at->column++)
	{
		CrmImportColumn *column = &import->columns[at->column];
		char	   *text = row->texts[at->column];

		row->nulls[at->column] = text == NULL;
		row->values[at->column] = text == NULL ? (Datum) 0 :
			InputFunctionCall(&column->input, text, column->input_argument, column->typmod);
	}
}

static void
convert_rows(void *argument)
{
	Conversion *at = argument;
	CrmImport  *import = at->import;

	for (; at->row < import->num_rows; at->row++)
	{
		CHECK_FOR_INTERRUPTS();
		if (import->rows[at->row].outcome == CRM_IMPORT_PENDING)
			convert_row(import, &import->rows[at->row], at);
	}
}

/* Rejects the line for the staging column that filled a column of the target. */
static void
reject_value(CrmImport *import, CrmImportRow *row, int column, const char *message)
{
	int			i;

	for (i = 0; i < import->num_sources; i++)
		if (import->sources[i].column == column && row->raw[i] != NULL)
		{
			crm_import_reject(row, message, import->sources[i].name, row->raw[i]);
			return;
		}
	crm_import_reject(row, message, import->columns[column].name, row->texts[column]);
}

/* Makes the batch's values; rejects lines that have one that is none. */
void
crm_import_convert(CrmImport *import)
{
	Conversion	at = {import, 0, 0};
	ErrorData  *error;

	while ((error = crm_import_try(convert_rows, &at)) != NULL)
	{
		reject_value(import, &import->rows[at.row], at.column, error->message);
		at.row++;
	}
}
