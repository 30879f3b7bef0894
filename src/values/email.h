/*
 * email.h
 *		What is wrong with an address, and its normal form, for triggers and imports.
 */
#ifndef CRM_EMAIL_H
#define CRM_EMAIL_H

#include "crm.h"

extern const char *crm_email_refusal(const text *address, int *position);
extern text *crm_email_normal_form(const text *address);

#endif							/* CRM_EMAIL_H */
