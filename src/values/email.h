/*
 * email.h
 *		What is wrong with an address, for triggers and imports.
 */
#ifndef CRM_EMAIL_H
#define CRM_EMAIL_H

#include "crm.h"

extern const char *crm_email_refusal(const text *address, int *position);

#endif							/* CRM_EMAIL_H */
