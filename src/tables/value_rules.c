/*
 * value_rules.c
 *		Row trigger that keeps what follows from a value beside it.
 *
 * On companies and contacts alike, for every column that the table has:
 *	- phone_e164, phone_status and phone_version follow phone (and country, which
 *	  names the region of a number without a country code), unless phone_e164 or
 *	  phone_version is written.  No phone number is refused.
 *	- domain and domain_version follow website, unless one of them is written.
 *	- Writing the phone_e164 or domain that follows anyway is no decision of the
 *	  writer's: applications write all columns, and so does undo_import.
 *	- NULL written to phone_e164 or domain returns to what follows.
 *	- updated_at is the transaction's time unless written.
 *	- An e-mail address that the table's CHECK or unique index will refuse is
 *	  refused here, with an explanation (email_errors.c).
 *
 * A column counts as written if an INSERT gives it, or an UPDATE changes it to
 * something.  Everything runs with the writer's rights.  Types other than text
 * are the owner's own doing: such a column is left alone.
 */
#include "crm.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "tables/deal_lookups.h"
#include "tables/deal_rules.h"
#include "tables/email_errors.h"
#include "tables/kept_values.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "values/registrable_domain.h"

typedef enum ValueColumn
{
	VALUE_PHONE,
	VALUE_PHONE_E164,
	VALUE_PHONE_STATUS,
	VALUE_PHONE_VERSION,
	VALUE_COUNTRY,
	VALUE_WEBSITE,
	VALUE_DOMAIN,
	VALUE_DOMAIN_VERSION,
	VALUE_EMAIL,
	VALUE_ARCHIVED_AT,
	VALUE_UPDATED_AT
} ValueColumn;

#define NUM_VALUE_COLUMNS (VALUE_UPDATED_AT + 1)

static const struct
{
	const char *name;
	Oid			type;
}			value_columns[NUM_VALUE_COLUMNS] = {
	{"phone", TEXTOID},
	{"phone_e164", TEXTOID},
	{"phone_status", TEXTOID},
	{"phone_version", TEXTOID},
	{"country", TEXTOID},
	{"website", TEXTOID},
	{"domain", TEXTOID},
	{"domain_version", TEXTOID},
	{"email", TEXTOID},
	{"archived_at", TIMESTAMPTZOID},
	{"updated_at", TIMESTAMPTZOID}
};

/* For one statement on one table; lives in fn_extra. */
typedef struct ValueRules
{
	int			columns[NUM_VALUE_COLUMNS]; /* 0: the table has none */
	char	   *default_region;
	bool		has_read_region;
	MemoryContext context;
} ValueRules;

/* A row that is being written. */
typedef struct ValueWrite
{
	TriggerData *trigger;
	TupleDesc	desc;
	ValueRules *rules;
	HeapTuple	old;			/* NULL for an INSERT */
	HeapTuple	new;
	int			num_changes;
	int			columns[NUM_VALUE_COLUMNS];
	Datum		values[NUM_VALUE_COLUMNS];
	bool		nulls[NUM_VALUE_COLUMNS];
} ValueWrite;

/* ----------
 * columns
 * ----------
 */

static ValueRules *
start_rules(TupleDesc desc, MemoryContext context)
{
	ValueRules *rules = MemoryContextAllocZero(context, sizeof(ValueRules));
	int			i;

	rules->context = context;
	for (i = 0; i < NUM_VALUE_COLUMNS; i++)
	{
		int			number = SPI_fnumber(desc, value_columns[i].name);

		if (number > 0 &&
			TupleDescAttr(desc, number - 1)->atttypid == value_columns[i].type)
			rules->columns[i] = number;
	}
	return rules;
}

static bool
has_column(const ValueWrite *write, ValueColumn column)
{
	return write->rules->columns[column] > 0;
}

static Datum
column_of(const ValueWrite *write, HeapTuple tuple, ValueColumn column, bool *is_null)
{
	if (!has_column(write, column))
	{
		*is_null = true;
		return (Datum) 0;
	}
	return heap_getattr(tuple, write->rules->columns[column], write->desc, is_null);
}

static bool
is_null_in(const ValueWrite *write, HeapTuple tuple, ValueColumn column)
{
	bool		is_null;

	(void) column_of(write, tuple, column, &is_null);
	return is_null;
}

static bool
texts_are_equal(Datum a, Datum b)
{
	text	   *x = DatumGetTextPP(a);
	text	   *y = DatumGetTextPP(b);

	return VARSIZE_ANY_EXHDR(x) == VARSIZE_ANY_EXHDR(y) &&
		memcmp(VARDATA_ANY(x), VARDATA_ANY(y), VARSIZE_ANY_EXHDR(x)) == 0;
}

/* Whether the statement leaves the column other than it was; at first, not NULL. */
static bool
has_changed(const ValueWrite *write, ValueColumn column)
{
	bool		old_is_null = true;
	bool		new_is_null;
	Datum		old = (Datum) 0;
	Datum		new = column_of(write, write->new, column, &new_is_null);

	if (write->old != NULL)
		old = column_of(write, write->old, column, &old_is_null);
	if (old_is_null || new_is_null)
		return old_is_null != new_is_null;
	return value_columns[column].type == TEXTOID ?
		!texts_are_equal(old, new) : old != new;
}

static bool
is_written(const ValueWrite *write, ValueColumn column)
{
	return has_changed(write, column) && !is_null_in(write, write->new, column);
}

static bool
is_cleared(const ValueWrite *write, ValueColumn column)
{
	return has_changed(write, column) && is_null_in(write, write->new, column);
}

static void
set_column(ValueWrite *write, ValueColumn column, Datum value, bool is_null)
{
	if (!has_column(write, column))
		return;
	write->columns[write->num_changes] = write->rules->columns[column];
	write->values[write->num_changes] = value;
	write->nulls[write->num_changes] = is_null;
	write->num_changes++;
}

/* NULL for NULL. */
static void
set_text(ValueWrite *write, ValueColumn column, const char *value)
{
	set_column(write, column,
			   value != NULL ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
}

/* ----------
 * phone numbers
 * ----------
 */

/* The CRM's region; NULL if it has none, or if the writer may not read it. */
static const char *
default_region(ValueWrite *write)
{
	ValueRules *rules = write->rules;
	char	   *schema;
	Oid			settings;
	MemoryContext context;

	if (rules->has_read_region)
		return rules->default_region;
	schema = crm_schema_of_table(write->trigger->tg_relation);
	settings = get_relname_relid("settings", get_namespace_oid(schema, true));
	if (OidIsValid(settings) &&
		pg_class_aclcheck(settings, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		get_attnum(settings, "default_phone_region") != InvalidAttrNumber)
	{
		context = MemoryContextSwitchTo(rules->context);
		rules->default_region = crm_default_phone_region(quote_identifier(schema));
		MemoryContextSwitchTo(context);
	}
	rules->has_read_region = true;
	return rules->default_region;
}

/* The contact's country names the region, else the CRM's setting. */
static const char *
region_of(ValueWrite *write)
{
	bool		is_null;
	Datum		country = column_of(write, write->new, VALUE_COUNTRY, &is_null);
	const char *region = NULL;

	if (!is_null)
	{
		text	   *name = DatumGetTextPP(country);

		region = crm_region_of_text(VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name));
	}
	return region != NULL ? region : default_region(write);
}

/* What follows from phone: NULLs if there is none. */
static CrmPhoneValues
values_of_phone(ValueWrite *write)
{
	bool		is_null;
	Datum		phone = column_of(write, write->new, VALUE_PHONE, &is_null);
	CrmPhoneValues values = {NULL, NULL, NULL};

	if (!is_null)
	{
		text	   *number = DatumGetTextPP(phone);

		crm_phone_values(VARDATA_ANY(number), VARSIZE_ANY_EXHDR(number),
						 region_of(write), &values);
	}
	return values;
}

static void
follow_phone(ValueWrite *write, const CrmPhoneValues *values)
{
	set_text(write, VALUE_PHONE_E164, values->e164);
	set_text(write, VALUE_PHONE_STATUS, values->status);
	set_text(write, VALUE_PHONE_VERSION, values->version);
}

/* Whether the row's column is to be this text. */
static bool
is_text_in(const ValueWrite *write, ValueColumn column, const char *value)
{
	bool		is_null;
	Datum		datum = column_of(write, write->new, column, &is_null);

	return value != NULL && !is_null && texts_are_equal(datum, CStringGetTextDatum(value));
}

static void
keep_phone(ValueWrite *write)
{
	CrmPhoneValues values;

	if (!has_column(write, VALUE_PHONE) || !has_column(write, VALUE_PHONE_E164) ||
		is_written(write, VALUE_PHONE_VERSION))
		return;
	if (is_written(write, VALUE_PHONE_E164))
	{
		values = values_of_phone(write);
		if (is_text_in(write, VALUE_PHONE_E164, values.e164))
		{
			follow_phone(write, &values);
			return;
		}
		/* somebody knows better: nothing is known of it but what is written */
		set_text(write, VALUE_PHONE_VERSION, NULL);
		if (!is_written(write, VALUE_PHONE_STATUS))
			set_text(write, VALUE_PHONE_STATUS, NULL);
	}
	else if (has_changed(write, VALUE_PHONE) || is_cleared(write, VALUE_PHONE_E164) ||
			 (write->old != NULL && has_changed(write, VALUE_COUNTRY) &&
			  !is_null_in(write, write->old, VALUE_PHONE_VERSION)))
	{
		values = values_of_phone(write);
		follow_phone(write, &values);
	}
}

/* ----------
 * websites
 * ----------
 */

/* NULL if there is no website, or no domain in it. */
static char *
domain_of_website(ValueWrite *write)
{
	bool		is_null;
	Datum		website = column_of(write, write->new, VALUE_WEBSITE, &is_null);
	text	   *address;

	if (is_null)
		return NULL;
	address = DatumGetTextPP(website);
	return crm_company_domain(VARDATA_ANY(address), VARSIZE_ANY_EXHDR(address));
}

static void
keep_domain(ValueWrite *write)
{
	char	   *domain;

	if (!has_column(write, VALUE_WEBSITE) || !has_column(write, VALUE_DOMAIN) ||
		is_written(write, VALUE_DOMAIN_VERSION))
		return;
	if (is_written(write, VALUE_DOMAIN))
	{
		domain = domain_of_website(write);
		set_text(write, VALUE_DOMAIN_VERSION,
				 is_text_in(write, VALUE_DOMAIN, domain) ? crm_psl_version() : NULL);
		return;
	}
	/* a domain that somebody wrote stays when the website changes */
	if (!is_cleared(write, VALUE_DOMAIN) &&
		(!has_changed(write, VALUE_WEBSITE) ||
		 (write->old != NULL && !is_null_in(write, write->old, VALUE_DOMAIN) &&
		  is_null_in(write, write->old, VALUE_DOMAIN_VERSION))))
		return;
	domain = domain_of_website(write);
	set_text(write, VALUE_DOMAIN, domain);
	set_text(write, VALUE_DOMAIN_VERSION, domain != NULL ? crm_psl_version() : NULL);
}

/* ----------
 * the trigger
 * ----------
 */

static void
explain_email(ValueWrite *write)
{
	bool		is_null;
	Datum		email;
	bool		is_restored;

	email = column_of(write, write->new, VALUE_EMAIL, &is_null);
	if (is_null)
		return;
	is_restored = write->old != NULL && is_cleared(write, VALUE_ARCHIVED_AT);
	if (has_changed(write, VALUE_EMAIL))
		crm_check_email(write->trigger->tg_relation, DatumGetTextPP(email));
	if ((has_changed(write, VALUE_EMAIL) || is_restored) &&
		is_null_in(write, write->new, VALUE_ARCHIVED_AT))
		crm_check_email_holder(write->trigger, DatumGetTextPP(email), is_restored);
}

static void
keep_updated_at(ValueWrite *write)
{
	if (write->old != NULL && !is_written(write, VALUE_UPDATED_AT))
		set_column(write, VALUE_UPDATED_AT,
				   TimestampTzGetDatum(GetCurrentTransactionStartTimestamp()), false);
}

PG_FUNCTION_INFO_V1(crm_keep_values);
Datum
crm_keep_values(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	FmgrInfo   *function = fcinfo->flinfo;
	ValueWrite	write = {0};
	bool		is_update;

	crm_check_row_trigger(fcinfo);
	is_update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	write.trigger = trigger;
	write.desc = RelationGetDescr(trigger->tg_relation);
	if (function->fn_extra == NULL)
		function->fn_extra = start_rules(write.desc, function->fn_mcxt);
	write.rules = function->fn_extra;
	write.old = is_update ? trigger->tg_trigtuple : NULL;
	write.new = is_update ? trigger->tg_newtuple : trigger->tg_trigtuple;

	explain_email(&write);
	keep_phone(&write);
	keep_domain(&write);
	keep_updated_at(&write);
	if (write.num_changes == 0)
		return PointerGetDatum(write.new);
	return PointerGetDatum(heap_modify_tuple_by_cols(write.new, write.desc,
													 write.num_changes, write.columns,
													 write.values, write.nulls));
}
