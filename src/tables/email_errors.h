/*
 * email_errors.h
 *		Errors of a table's e-mail column that say what is wrong.
 */
#ifndef CRM_EMAIL_ERRORS_H
#define CRM_EMAIL_ERRORS_H

#include "crm.h"

#include "commands/trigger.h"

extern void crm_check_email(Relation relation, text *address);
extern void crm_check_email_holder(TriggerData *trigger, text *address, bool is_restored);

#endif							/* CRM_EMAIL_ERRORS_H */
