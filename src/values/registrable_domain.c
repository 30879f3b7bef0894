/*
 * registrable_domain.c
 *		The domain that somebody registered: one label below a public suffix.
 *
 * libpsl knows the suffixes; its list is built in, and another version of the
 * library answers otherwise.  It is asked with lower-case A-labels only: it
 * takes what it gets as it is, and would call 1.1 the domain of 192.168.1.1.
 * Private suffixes count (two shops below myshopify.com are two companies).
 */
#include "values/registrable_domain.h"

#include <libpsl.h>
#include <string.h>

/*
 * Takes what crm_web_host takes, and writes the registrable domain of that host
 * with a byte 0 behind it; returns its length.  0: no host, or the host itself
 * is a public suffix.  out has room for CRM_WEB_HOST_SIZE bytes.
 */
size_t
crm_registrable_domain(const char *utf8, size_t length, char *out)
{
	char		host[CRM_WEB_HOST_SIZE];
	const char *domain;
	size_t		host_length = crm_web_host(utf8, length, host);
	size_t		domain_length;

	if (host_length == 0)
		return 0;
	/* points into host; nothing is allocated for ASCII */
	domain = psl_registrable_domain(psl_builtin(), host);
	if (domain == NULL)
		return 0;
	domain_length = host_length - (size_t) (domain - host);
	memcpy(out, domain, domain_length + 1);
	return domain_length;
}
