/*
 * model_names.h
 *		Evidence, levels and relationships by name, and in words.
 */
#ifndef CRM_MODEL_NAMES_H
#define CRM_MODEL_NAMES_H

#include "matching/stored_model.h"

/* No name of a level is longer; nor are its words. */
#define CRM_LEVEL_NAME_MAX 128

extern const char *const crm_relationship_names[CRM_RELATIONSHIPS];
extern const char *const crm_evidence_names[CRM_EVIDENCES];
extern const char *const crm_rarity_list_names[CRM_RARITY_LISTS];

extern const char *crm_level_name(CrmEvidence evidence, int level, char *room);
extern const char *crm_level_words(CrmEvidence evidence, int level, char *room);

#endif							/* CRM_MODEL_NAMES_H */
