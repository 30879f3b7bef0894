/*
 * web_host.h
 *		The host in what people type as a website.
 */
#ifndef CRM_WEB_HOST_H
#define CRM_WEB_HOST_H

#include <stddef.h>

/* Longest text that is looked at, in bytes of UTF-8. */
#define CRM_WEB_MAX 2048

/* Room for every host, with the byte 0 behind it. */
#define CRM_WEB_HOST_SIZE 254

extern size_t crm_web_host(const char *utf8, size_t length, char *out);

#endif							/* CRM_WEB_HOST_H */
