/*
 * web.c
 *		Hosts, registrable domains and free-mail domains, as SQL functions.
 *
 * Hosts are ASCII, hence the same bytes in every server encoding.  Text that is
 * not valid in the database's encoding has no host.
 */
#include "crm.h"

#include <libpsl.h>
#include <time.h>

#include "access/detoast.h"
#include "utils/builtins.h"
#include "values/free_mail.h"
#include "values/registrable_domain.h"
#include "values/utf8_text.h"
#include "values/web_host.h"

/*
 * The version of libpsl and of its list: the date of the list, and the start of
 * the checksum that identifies it.  Palloc'd.
 */
const char *
crm_psl_version(void)
{
	time_t		list_time = psl_builtin_file_time();
	struct tm	date;

	if (psl_builtin() == NULL)
		return psprintf("%s, without a list", psl_get_version());
	if (gmtime_r(&list_time, &date) == NULL)
		memset(&date, 0, sizeof(date));
	return psprintf("%s, list of %04d-%02d-%02d (%.8s)", psl_get_version(),
					date.tm_year + 1900, date.tm_mon + 1, date.tm_mday,
					psl_builtin_sha1sum());
}

typedef size_t (*CrmHostWorker) (const char *utf8, size_t length, char *out);

/*
 * The host that a worker finds in argument 0, or NULL.  What is too long for the
 * worker is neither read from its table nor converted.
 */
static Datum
host_by(CrmHostWorker worker, FunctionCallInfo fcinfo)
{
	CrmUtf8Text utf8;
	char		host[CRM_WEB_HOST_SIZE];
	size_t		length;

	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) > CRM_WEB_MAX + VARHDRSZ ||
		!crm_text_to_utf8(PG_GETARG_TEXT_PP(0), &utf8))
		PG_RETURN_NULL();
	length = worker(utf8.bytes, utf8.length, host);
	if (length == 0)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(host, (int) length));
}

PG_FUNCTION_INFO_V1(crm_web_host_of);
Datum
crm_web_host_of(PG_FUNCTION_ARGS)
{
	return host_by(crm_web_host, fcinfo);
}

PG_FUNCTION_INFO_V1(crm_registrable_domain_of);
Datum
crm_registrable_domain_of(PG_FUNCTION_ARGS)
{
	return host_by(crm_registrable_domain, fcinfo);
}

PG_FUNCTION_INFO_V1(crm_is_free_mail);
Datum
crm_is_free_mail(PG_FUNCTION_ARGS)
{
	CrmUtf8Text utf8;

	PG_RETURN_BOOL(toast_raw_datum_size(PG_GETARG_DATUM(0)) <= CRM_WEB_MAX + VARHDRSZ &&
				   crm_text_to_utf8(PG_GETARG_TEXT_PP(0), &utf8) &&
				   crm_is_free_mail_domain(utf8.bytes, utf8.length));
}
