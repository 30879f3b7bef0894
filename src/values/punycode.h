/*
 * punycode.h
 *		Punycode (RFC 3492), the ASCII form of the labels of domain names.
 *
 * Both directions write into the caller's memory and know nothing of "xn--".
 */
#ifndef CRM_PUNYCODE_H
#define CRM_PUNYCODE_H

#include <stddef.h>
#include <stdint.h>

/* Longest label of a domain name, in either form: no text here is longer. */
#define CRM_LABEL_MAX 63

extern size_t crm_punycode_encode(const int32_t *points, size_t count, char *out, size_t room);
extern size_t crm_punycode_decode(const char *text, size_t length, int32_t *out, size_t room);

#endif							/* CRM_PUNYCODE_H */
