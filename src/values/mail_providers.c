/*
 * mail_providers.c
 *		Which addresses reach the same mailbox, as their providers have it.
 *
 * A key is for finding people who may be one, never for sending: it is weaker
 * evidence than an equal normal form, and not every rule holds for every
 * account.
 */
#include "values/email_parse.h"

#include <string.h>

#include "values/utf8.h"

/* One line of mail_providers.txt; without pointers, so that it is shared. */
typedef struct CrmMailProvider
{
	char		domain[20];
	char		counts_as[20];
	char		tag;
	char		ignored[4];		/* characters that do not count */
	bool		has_subdomains; /* tag@name.domain is name@domain */
} CrmMailProvider;

#include "data/mail_providers_table.h"

const char	crm_mail_providers_version[] = CRM_MAIL_PROVIDERS_VERSION;

static const CrmMailProvider *
provider_of(const char *domain, size_t length)
{
	size_t		low = 0;
	size_t		high = CRM_MAIL_PROVIDER_COUNT;

	while (low < high)
	{
		size_t		middle = (low + high) / 2;
		const char *candidate = crm_mail_providers[middle].domain;
		int			order = strncmp(candidate, domain, length);

		if (order == 0 && candidate[length] == '\0')
			return &crm_mail_providers[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* Without its tag, and without what does not count; returns the length. */
static size_t
reduce_local(const char *local, size_t length, const CrmMailProvider *provider, char *out)
{
	const char *tag = length > 0 ? memchr(local, provider->tag, length) : NULL;
	size_t		kept = 0;
	size_t		i;

	if (tag != NULL)
		length = (size_t) (tag - local);
	for (i = 0; i < length; i++)
		if (strchr(provider->ignored, local[i]) == NULL)
			out[kept++] = local[i];
	return kept;
}

/*
 * The key of an address in normal form, into out[CRM_EMAIL_MAX + 1], ended by a
 * zero byte; returns the length.  The key is an address in normal form, and its
 * own key.  One that the rules would leave without a proper name in ASCII, which
 * all mailboxes of these providers have, stays as it is.
 */
size_t
crm_email_key(const char *normal, size_t length, char *out)
{
	size_t		start = crm_email_domain_start(normal, length);
	const char *local = normal;
	size_t		local_length = start - 1;
	const char *domain = normal + start;
	size_t		domain_length = length - start;
	const CrmMailProvider *provider = provider_of(domain, domain_length);
	size_t		kept = 0;

	if (provider == NULL)
	{
		const char *dot = memchr(domain, '.', domain_length);
		size_t		label = (size_t) (dot - domain);

		provider = provider_of(dot + 1, domain_length - label - 1);
		if (provider != NULL && !provider->has_subdomains)
			provider = NULL;
		local = domain;
		local_length = label;
	}
	if (provider != NULL && normal[0] != '"')
		kept = reduce_local(local, local_length, provider, out);
	if (kept == 0 || out[kept - 1] == '.' || crm_ascii_prefix(out, kept) < kept)
	{
		memcpy(out, normal, length);
		out[length] = '\0';
		return length;
	}
	out[kept++] = '@';
	strcpy(out + kept, provider->counts_as);
	return kept + strlen(provider->counts_as);
}
