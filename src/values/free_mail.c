/*
 * free_mail.c
 *		Domains at which anybody can have a mailbox.
 *
 * The list is compiled in (src/data/free_mail.txt): one string in which the
 * domains of a bucket stand together, and where each bucket begins.  A domain
 * is hashed from its end, so that its parents are looked up on the way.
 */
#include "values/free_mail.h"

#include <stdint.h>
#include <string.h>

#include "data/free_mail_table.h"
#include "values/domain_name.h"
#include "values/word_hash.h"

const char	crm_free_mail_version[] = FREE_MAIL_VERSION;

/* Whether the list has the domain; is_parent: of what was asked for. */
static bool
is_listed(uint32_t hash, const char *domain, size_t length, bool is_parent)
{
	const uint32_t *bucket = free_mail_buckets + (hash >> (32 - FREE_MAIL_BITS));
	const char *entry = free_mail_domains + bucket[0];
	const char *bucket_end = free_mail_domains + bucket[1];

	while (entry < bucket_end)
	{
		const char *entry_end = memchr(entry, '\n', (size_t) (bucket_end - entry));
		bool		is_exact = *entry == '=';

		entry += is_exact;
		if ((size_t) (entry_end - entry) == length &&
			memcmp(entry, domain, length) == 0)
			return !(is_exact && is_parent);
		entry = entry_end + 1;
	}
	return false;
}

/* True if the domain, or one above it, is listed; lower case and A-labels. */
static bool
is_listed_or_below(const char *domain, size_t length)
{
	uint32_t	hash = 0;
	size_t		i = length;

	while (i > 0)
	{
		if (domain[--i] == '.' &&
			is_listed(hash, domain + i + 1, length - i - 1, true))
			return true;
		hash = crm_word_hash_step(hash, domain[i]);
	}
	return is_listed(hash, domain, length, false);
}

/*
 * True for a free-mail domain and what lies below it, in any case, as A-labels
 * or U-labels, with or without a dot at its end.  What is no domain is none.
 */
bool
crm_is_free_mail_domain(const char *utf8, size_t length)
{
	char		domain[CRM_DOMAIN_MAX + 1];
	CrmDomainFault fault;

	if (length > 0 && utf8[length - 1] == '.')
		length--;
	length = crm_domain_to_ascii(utf8, length, domain, &fault);
	return length > 0 && is_listed_or_below(domain, length);
}
