/*
 * country.h
 *		Countries by what people call them.
 *
 * Workers without server state; see country.c.
 */
#ifndef CRM_COUNTRY_H
#define CRM_COUNTRY_H

#include <stddef.h>

extern const char crm_countries_version[];

extern const char *crm_region_of_country(const char *utf8, size_t length);
extern const char *crm_region_of_calling_code(int calling_code);

#endif							/* CRM_COUNTRY_H */
