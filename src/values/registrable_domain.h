/*
 * registrable_domain.h
 *		The domain that somebody registered, by the Public Suffix List.
 */
#ifndef CRM_REGISTRABLE_DOMAIN_H
#define CRM_REGISTRABLE_DOMAIN_H

#include <stddef.h>

#include "values/web_host.h"

extern size_t crm_registrable_domain(const char *utf8, size_t length, char *out);

#endif							/* CRM_REGISTRABLE_DOMAIN_H */
