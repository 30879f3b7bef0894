/*
 * versions.c
 *		crm.versions(): what answers depend on, besides the code.
 *
 * Data that is compiled in changes with the extension alone; libraries of the
 * system's change when its packages do.  Functions that stand in CHECKs and indexes
 * use the first kind only.
 */
#include "values/versions.h"

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
#include "values/name_fold.h"
#include "values/phone.h"
#include "values/phone_loader.h"
#include "values/registrable_domain.h"
#include "values/unicode_fold.h"

/*
 * The frozen tables come first: they are not to change at all.  The functions are
 * those that an index, a generated column or a materialized view may call.
 */
const CrmComponent *
crm_components(int *count)
{
	static CrmComponent components[] = {
		{"crm", CRM_VERSION, NULL, true},
		{"unicode_fold", crm_unicode_fold_version, "normalize_email email_key email_domain", true},
		{"domain_chars", crm_domain_chars_version, "normalize_email email_key email_domain web_host", true},
		{"mail_providers", crm_mail_providers_version, "email_key", true},
		{"free_mail", crm_free_mail_version, "is_free_mail", true},
		{"name_fold", crm_name_fold_version, "fold_name name_keys given_name_similarity normalize_company", true},
		{"legal_forms", crm_legal_forms_version, "normalize_company company_legal_form", true},
		{"countries", crm_countries_version, "phone_region", true},
		{"calling_codes", crm_calling_codes_version, NULL, true},
		{"libphonenumber", NULL, NULL, false},
		{"public_suffix_list", NULL, NULL, false}
	};
	static const int phone = lengthof(components) - 2;
	static const int domain = lengthof(components) - 1;

	components[phone].version = crm_phone_library_find() != NULL ? crm_phone_library_version() : NULL;
	components[domain].version = crm_psl_version();
	*count = lengthof(components);
	return components;
}

PG_FUNCTION_INFO_V1(crm_versions);
Datum
crm_versions(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			count;
	const CrmComponent *all = crm_components(&count);
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; i < count; i++)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = CStringGetTextDatum(all[i].name);
		nulls[1] = all[i].version == NULL;
		values[1] = nulls[1] ? (Datum) 0 : CStringGetTextDatum(all[i].version);
		values[2] = BoolGetDatum(all[i].is_ours);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* The compiled-in ones as jsonb, for a CRM's settings. */
PG_FUNCTION_INFO_V1(crm_data_versions);
Datum
crm_data_versions(PG_FUNCTION_ARGS)
{
	int			count;
	const CrmComponent *all = crm_components(&count);
	StringInfoData json;
	int			i;

	initStringInfo(&json);
	for (i = 0; i < count; i++)
	{
		if (!all[i].is_ours || all[i].functions == NULL)
			continue;
		appendStringInfoString(&json, json.len > 0 ? ", " : "{");
		escape_json(&json, all[i].name);
		appendStringInfoString(&json, ": ");
		escape_json(&json, all[i].version);
	}
	appendStringInfoString(&json, json.len > 0 ? "}" : "{}");
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}
