/*
 * free_mail.h
 *		Domains at which anybody can have a mailbox.
 */
#ifndef CRM_FREE_MAIL_H
#define CRM_FREE_MAIL_H

#include <stdbool.h>
#include <stddef.h>

/* Version of the list, for crm.versions(). */
extern const char crm_free_mail_version[];

extern bool crm_is_free_mail_domain(const char *utf8, size_t length);

#endif							/* CRM_FREE_MAIL_H */
