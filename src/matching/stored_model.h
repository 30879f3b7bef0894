/*
 * stored_model.h
 *		A model that can be kept: chances, and how rare the frequent values are.
 *
 * As jsonb it can be read by people, and edited.  A pair has the same score
 * under a stored model whether the whole relation is at hand or only the two:
 * nothing but the model says how rare a value is.
 */
#ifndef CRM_STORED_MODEL_H
#define CRM_STORED_MODEL_H

#include "matching/model.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"

/* Changes when a model of before can no longer be read. */
#define CRM_MODEL_VERSION 1

/* Values are listed of so many kinds: of every field, and users of addresses. */
#define CRM_RARITY_USERS CRM_MATCH_FIELDS
#define CRM_RARITY_LISTS (CRM_MATCH_FIELDS + 1)

/* So many values of each are listed. */
#define CRM_RARITY_LISTED 500

/* A listed value. */
typedef struct CrmListedValue
{
	const char *bytes;
	uint32		hash;			/* of users the token */
	uint8		length;
	uint8		rarity;
} CrmListedValue;

/* In the order of their hashes and bytes. */
typedef struct CrmRarityList
{
	CrmListedValue *values;
	int			count;
	uint8		rest;			/* rarity of all that are not listed */
} CrmRarityList;

typedef struct CrmRarities
{
	CrmRarityList list[CRM_RARITY_LISTS];
} CrmRarities;

/* All memory belongs to the context in which it was made. */
typedef struct CrmStoredModel
{
	CrmMatchModel model;
	CrmRarities rarities;
	TimestampTz trained_at;
	int64		contacts;
	int64		decisions;		/* pairs that people had decided */
} CrmStoredModel;

/* How much likelier namesakes are than chance has it: one figure, or a row of them. */
#define CRM_NAME_LIFT(model) ((double *) &(model)->name_lift)
#define CRM_NAME_LIFTS(model) ((int) (sizeof((model)->name_lift) / sizeof(double)))

/* rarities.c */
extern uint8 crm_default_rarity(int list);
extern void crm_rarities_collect(CrmRarities *rarities, const CrmMatchSet *set);
extern void crm_rarities_apply(const CrmRarities *rarities, CrmMatchSet *set);
extern void crm_rarity_list_finish(CrmRarityList *list);
extern CrmListedValue crm_listed_value(int list, const char *bytes, int length, int rarity);

/* model_to_json.c */
extern double crm_round_chance(double chance);
extern void crm_model_round(CrmMatchModel *model);
extern Jsonb *crm_model_to_json(const CrmStoredModel *stored);

/* model_from_json.c */
extern CrmStoredModel *crm_model_from_json(Jsonb *json);

#endif							/* CRM_STORED_MODEL_H */
