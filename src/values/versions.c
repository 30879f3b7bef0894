/*
 * versions.c
 *		crm.versions(): what answers depend on, besides the code.
 *
 * Data that is compiled in changes with the extension alone; libraries of the
 * system's change when its packages do.  Functions that stand in CHECKs and indexes
 * use the first kind only.
 */
#include "crm.h"

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "values/company_name.h"
#include "values/country.h"
#include "values/domain_name.h"
#include "values/email_parse.h"
#include "values/free_mail.h"
#include "values/given_names.h"
#include "values/name_fold.h"
#include "values/name_keys.h"
#include "values/name_words.h"
#include "values/phone.h"
#include "values/phone_loader.h"
#include "values/registrable_domain.h"
#include "values/unicode_fold.h"

/* Reference data, or a library, that answers may change with. */
typedef struct Component
{
	const char *name;
	const char *version;		/* compiled in; NULL: asked of a library */
	const char *functions;		/* members whose answers it changes: names,
								 * separated by blanks; NULL: none is in an index */
	const char *(*ask_version) (void);
} Component;

static const char *phone_version(void);

/*
 * The frozen tables come first: they are not to change at all.  The functions are
 * those that an index, a generated column or a materialized view may call.
 */
static const Component components[] = {
	{"crm", CRM_VERSION, NULL, NULL},
	{"unicode_fold", crm_unicode_fold_version, "is_email normalize_email email_key email_domain web_host is_free_mail match_keys", NULL},
	{"domain_chars", crm_domain_chars_version, "is_email normalize_email email_key email_domain web_host is_free_mail match_keys", NULL},
	{"mail_providers", crm_mail_providers_version, "email_key match_keys", NULL},
	{"free_mail", crm_free_mail_version, "is_free_mail match_keys", NULL},
	{"name_fold", crm_name_fold_version, "fold_name name_keys given_name_similarity given_name_variants split_name normalize_company company_legal_form match_keys", NULL},
	{"name_keys", crm_name_keys_version, "name_keys match_keys", NULL},
	{"given_names", crm_given_names_version, "given_name_similarity given_name_variants split_name match_keys", NULL},
	{"name_words", crm_name_words_version, "split_name match_keys", NULL},
	{"legal_forms", crm_legal_forms_version, "normalize_company company_legal_form match_keys", NULL},
	{"countries", crm_countries_version, "phone_region", NULL},
	{"calling_codes", crm_calling_codes_version, NULL, NULL},
	{"libphonenumber", NULL, NULL, phone_version},
	{"public_suffix_list", NULL, NULL, crm_psl_version}
};

static const char *
phone_version(void)
{
	return crm_phone_library_find() != NULL ? crm_phone_library_version() : NULL;
}

PG_FUNCTION_INFO_V1(crm_versions);
Datum
crm_versions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < (int) lengthof(components); i++)
	{
		const Component *component = &components[i];
		const char *version = component->ask_version != NULL ?
			component->ask_version() : component->version;
		Datum		values[4];
		bool		nulls[4] = {false};

		values[0] = CStringGetTextDatum(component->name);
		nulls[1] = version == NULL;
		values[1] = nulls[1] ? (Datum) 0 : CStringGetTextDatum(version);
		values[2] = BoolGetDatum(component->ask_version == NULL);
		nulls[3] = component->functions == NULL;
		values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(component->functions);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* What objects of a CRM may depend on, as jsonb, for its settings. */
PG_FUNCTION_INFO_V1(crm_data_versions);
Datum
crm_data_versions(PG_FUNCTION_ARGS)
{
	StringInfoData json;
	int			i;

	initStringInfo(&json);
	for (i = 0; i < (int) lengthof(components); i++)
	{
		if (components[i].functions == NULL)
			continue;
		appendStringInfoString(&json, json.len > 0 ? ", " : "{");
		escape_json(&json, components[i].name);
		appendStringInfoString(&json, ": ");
		escape_json(&json, components[i].version);
	}
	appendStringInfoString(&json, json.len > 0 ? "}" : "{}");
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}
