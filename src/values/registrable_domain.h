/*
 * registrable_domain.h
 *		The domain that somebody registered, by the Public Suffix List.
 */
#ifndef CRM_REGISTRABLE_DOMAIN_H
#define CRM_REGISTRABLE_DOMAIN_H

#include <stddef.h>

#include "values/web_host.h"

extern size_t crm_registrable_domain(const char *utf8, size_t length, char *out);

/* For crm.versions(); needs the server, hence in web.c. */
extern const char *crm_psl_version(void);

#endif							/* CRM_REGISTRABLE_DOMAIN_H */
