/*
 * model.h
 *		What agreeing and differing is worth: the probabilities behind a match.
 *
 * Two contacts are one of four things to each other: the same person, members of a
 * household, colleagues, or strangers.  Each has its own chances of agreeing in
 * each kind of evidence, and its own share of all pairs.  The probability of a
 * match is what Bayes' rule makes of them (Fellegi and Sunter's model with the
 * non-matches split in three: people who share an address or an office agree in
 * much without being one person).
 *
 * How often strangers agree in a value is that value's own share: two Smiths are
 * less remarkable than two Zawadzkis.
 */
#ifndef CRM_MODEL_H
#define CRM_MODEL_H

#include "matching/compare.h"

struct CrmBlocking;

typedef enum CrmRelationship
{
	CRM_STRANGERS,
	CRM_HOUSEHOLD,
	CRM_COLLEAGUES,
	CRM_SAME_PERSON,
	CRM_CARELESS				/* the same person, in a record where much is wrong */
} CrmRelationship;

#define CRM_RELATIONSHIPS (CRM_CARELESS + 1)

/* Of a careless record so many values are anybody's. */
#define CRM_CARELESS_SHARE 0.5

/*
 * Names come from a people's stock: who is called Dhaanyalakshmi is likelier to be
 * a Malik than others are.  The rarer both names, the more so.
 */
#define CRM_NAME_RARITY_STEP (2 * CRM_RARITY_STEPS)
#define CRM_NAME_RARITIES (2 * CRM_RARITY_MAX / CRM_NAME_RARITY_STEP + 1)

typedef struct CrmMatchModel
{
	double		share[CRM_RELATIONSHIPS];	/* of all pairs; they sum to 1 */
	double		chance[CRM_RELATIONSHIPS][CRM_EVIDENCES][CRM_MAX_LEVELS];
	double		overall[CRM_EVIDENCES][CRM_MAX_LEVELS]; /* of all pairs, whatever they are */
	double		name_lift[CRM_NAME_RARITIES];	/* how much likelier strangers agree in
												 * both names than by chance */
	int			sample;			/* pairs it was trained on */
	int			rounds;
} CrmMatchModel;

/* The model as tables, for scoring: log2 of chances. */
typedef struct CrmScorer
{
	float		share[CRM_RELATIONSHIPS];
	float		name_lift[CRM_NAME_RARITIES];
	float		weight[CRM_EVIDENCES][CRM_MAX_LEVELS][CRM_RELATIONSHIPS];
	float		same[CRM_EVIDENCES][CRM_RARITY_MAX + 1][CRM_RELATIONSHIPS];
	float		ratio[CRM_EVIDENCES][CRM_RARITY_MAX + 1];	/* how much less for fuzzy levels */
} CrmScorer;

extern void crm_model_set_defaults(CrmMatchModel *model);
extern double crm_model_default(CrmRelationship relationship, CrmEvidence evidence, int level);
extern double crm_address_default(CrmRelationship relationship, int level);
extern int	crm_level_group(CrmEvidence evidence, int level);
extern void crm_scorer_init(CrmScorer *scorer, const CrmMatchModel *model);
extern void crm_forget_idle_rarity(CrmComparison *comparison);
extern int	crm_name_rarity(const CrmComparison *comparison);
extern double crm_name_lift_default(int rarity);
extern bool crm_names_agree(const CrmComparison *comparison);
extern double crm_match_weight(const CrmScorer *scorer, const CrmComparison *comparison);
extern void crm_relationship_weights(const CrmScorer *scorer, const CrmComparison *comparison,
									 double *weights);
extern void crm_evidence_bits(const CrmScorer *scorer, CrmEvidence evidence, int level, int rarity,
							  double *bits);

/* A weight in bits as a probability. */
extern double crm_weight_probability(double weight);

/* training.c */
extern void crm_model_train(CrmMatchModel *model, CrmMatchSet *set, struct CrmBlocking *blocking);

#endif							/* CRM_MODEL_H */
