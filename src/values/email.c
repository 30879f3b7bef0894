/*
 * email.c
 *		E-mail addresses: one pass over the bytes, no allocation, no locale.
 *
 * What is accepted is the part of an RFC 5321 Mailbox that people have: a
 * dot-atom of at most 64 octets, '@', and a domain of at least two LDH labels
 * whose last one is not a number; 254 octets in all (RFC 5321 4.5.3.1 with
 * erratum 1690).  The functions stand in CHECK constraints and indexes, so a
 * later version may accept more, never less.
 *
 * Workers take bytes and a length and touch no server state, so that they can
 * be fuzzed alone.  Every accepted address is ASCII, hence the same bytes in
 * every server encoding.
 */
#include "crm.h"

#include "utils/builtins.h"
#include "values/email_parse.h"

PG_FUNCTION_INFO_V1(crm_is_email);
Datum
crm_is_email(PG_FUNCTION_ARGS)
{
	text	   *address = PG_GETARG_TEXT_PP(0);

	PG_RETURN_BOOL(crm_email_is_valid(VARDATA_ANY(address),
									  VARSIZE_ANY_EXHDR(address)));
}

/* NULL for what is not an address; otherwise ASCII letters in lower case. */
PG_FUNCTION_INFO_V1(crm_normalize_email);
Datum
crm_normalize_email(PG_FUNCTION_ARGS)
{
	text	   *address = PG_GETARG_TEXT_PP(0);
	const char *bytes = VARDATA_ANY(address);
	size_t		length = VARSIZE_ANY_EXHDR(address);
	text	   *result;

	if (!crm_email_is_valid(bytes, length))
		PG_RETURN_NULL();

	result = cstring_to_text_with_len(bytes, (int) length);
	crm_email_fold(VARDATA(result), length);
	PG_RETURN_TEXT_P(result);
}
