/*
 * web_fuzz.c
 *		libFuzzer target: hosts, registrable domains and free-mail domains, on
 *		any bytes.
 *
 * Compiles the very code that the server runs.  Beyond "no crash" it asserts
 * what the documentation promises: a host is lower-case LDH labels, at least
 * two, with a top domain that is no number; it is its own host, also behind
 * "https://" and a user, before a port and a path; the registrable domain ends
 * the host at a dot and is its own; free-mail domains include those below them,
 * whatever their case.
 */
#include "values/free_mail.h"
#include "values/registrable_domain.h"
#include "values/web_host.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "promise.h"

int			LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_host(const char *host, size_t length)
{
	size_t		label = 0;
	size_t		i;

	CHECK(length < CRM_WEB_HOST_SIZE && host[length] == '\0');
	CHECK(strlen(host) == length && memchr(host, '.', length) != NULL);
	for (i = 0; i <= length; i++)
	{
		if (i < length && host[i] != '.')
		{
			CHECK((host[i] >= 'a' && host[i] <= 'z') ||
				  (host[i] >= '0' && host[i] <= '9') || host[i] == '-');
			continue;
		}
		CHECK(i > label && i - label <= 63);
		CHECK(host[label] != '-' && host[i - 1] != '-');
		label = i + 1;
	}
	CHECK(strrchr(host, '.')[1] >= 'a');
}

/* The host stays what it is, whatever stands around it. */
static void
check_around(const char *host, size_t length)
{
	static const char *const around[][2] = {
		{"", ""}, {" ", "\t"}, {"https://", ""}, {"HTTP:\\\\u:p@", ":80/x@y.example"},
		{"//", "."}, {"joe@", ""}, {"mailto:joe@", "?subject=x"}, {"", ":8080#top"}
	};
	char		text[CRM_WEB_HOST_SIZE + 40];
	char		again[CRM_WEB_HOST_SIZE];
	size_t		i;

	for (i = 0; i < sizeof(around) / sizeof(*around); i++)
	{
		size_t		text_length = (size_t) snprintf(text, sizeof(text), "%s%s%s",
													around[i][0], host, around[i][1]);

		CHECK(crm_web_host(text, text_length, again) == length);
		CHECK(strcmp(again, host) == 0);
	}
}

static void
check_domain(const char *host, size_t length)
{
	char		domain[CRM_WEB_HOST_SIZE];
	char		again[CRM_WEB_HOST_SIZE];
	size_t		domain_length = crm_registrable_domain(host, length, domain);

	if (domain_length == 0)
		return;
	CHECK(domain_length <= length && domain[domain_length] == '\0');
	CHECK(strcmp(host + length - domain_length, domain) == 0);
	CHECK(domain_length == length || host[length - domain_length - 1] == '.');
	CHECK(crm_registrable_domain(domain, domain_length, again) == domain_length);
	if (crm_is_free_mail_domain(domain, domain_length) && domain_length < length)
		CHECK(crm_is_free_mail_domain(host, length));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* an exact copy, so that a read beyond the end is seen */
	char	   *text = malloc(size > 0 ? size : 1);
	char		host[CRM_WEB_HOST_SIZE];
	char		domain[CRM_WEB_HOST_SIZE];
	size_t		length;

	memcpy(text, data, size);
	crm_is_free_mail_domain(text, size);
	length = crm_web_host(text, size, host);
	if (length > 0)
	{
		CHECK(size <= CRM_WEB_MAX);
		check_host(host, length);
		check_around(host, length);
		check_domain(host, length);
	}
	else
		CHECK(crm_registrable_domain(text, size, domain) == 0);
	free(text);
	return 0;
}
