/*
 * compare.h
 *		How alike two contacts are, field by field.
 *
 * The result is a level for each kind of evidence: an ordered, small number of
 * ways to agree or to differ.  Level 0 is always "one of the two has no value", no
 * evidence.  What levels are worth is the model's affair.
 */
#ifndef CRM_COMPARE_H
#define CRM_COMPARE_H

#include "matching/match_set.h"

/* Kinds of evidence.  What depends on one another is one kind. */
typedef enum CrmEvidence
{
	CRM_EVIDENCE_GIVEN,
	CRM_EVIDENCE_SURNAME,
	CRM_EVIDENCE_MIDDLE,
	CRM_EVIDENCE_GENERATION,
	CRM_EVIDENCE_EMAIL,
	CRM_EVIDENCE_PHONE,
	CRM_EVIDENCE_BIRTH,
	CRM_EVIDENCE_ADDRESS,		/* street, city and postcode together */
	CRM_EVIDENCE_STATE,
	CRM_EVIDENCE_COUNTRY,
	CRM_EVIDENCE_COMPANY,
	CRM_EVIDENCE_JOB,
	CRM_EVIDENCE_GENDER
} CrmEvidence;

#define CRM_EVIDENCES (CRM_EVIDENCE_GENDER + 1)

/* Levels that all kinds have. */
#define CRM_LEVEL_NONE 0
#define CRM_LEVEL_SAME 1

typedef enum CrmGivenLevel
{
	CRM_GIVEN_VARIANT = 2,		/* William, Bill */
	CRM_GIVEN_INITIAL,			/* W., William */
	CRM_GIVEN_CLOSE,			/* a slip */
	CRM_GIVEN_MIDDLE,			/* called by another of the given names */
	CRM_GIVEN_PREFIX,
	CRM_GIVEN_LOOSE,
	CRM_GIVEN_SWAPPED,			/* with the surname */
	CRM_GIVEN_DIFFERENT,
	CRM_GIVEN_LEVELS
} CrmGivenLevel;

typedef enum CrmSurnameLevel
{
	CRM_SURNAME_PART = 2,		/* one of several surnames */
	CRM_SURNAME_CLOSE,
	CRM_SURNAME_HALF,			/* one of them, and another */
	CRM_SURNAME_LOOSE,
	CRM_SURNAME_DIFFERENT,
	CRM_SURNAME_LEVELS
} CrmSurnameLevel;

typedef enum CrmEmailLevel
{
	CRM_EMAIL_CLOSE = 2,		/* a slip in user or domain */
	CRM_EMAIL_USER,				/* the same user elsewhere */
	CRM_EMAIL_NAMED_USER,		/* made of the name that both have */
	CRM_EMAIL_USER_CLOSE,		/* a similar user elsewhere */
	CRM_EMAIL_DOMAIN,			/* of one company */
	CRM_EMAIL_OTHER_KIND,		/* one of a company, one of a provider for all */
	CRM_EMAIL_DIFFERENT,
	CRM_EMAIL_LEVELS
} CrmEmailLevel;

typedef enum CrmBirthLevel
{
	CRM_BIRTH_CLOSE = 2,		/* a slip, or day and month exchanged */
	CRM_BIRTH_PARTLY,			/* two of day, month and year */
	CRM_BIRTH_YEAR,				/* the year, or day and month, alone */
	CRM_BIRTH_DIFFERENT,
	CRM_BIRTH_LEVELS
} CrmBirthLevel;

/* phone, middle name, company, occupation, street, city, postcode, ... */
#define CRM_LEVEL_CLOSE 2
#define CRM_LEVEL_DIFFERENT 3
#define CRM_PLAIN_LEVELS 4

/* Streets have one more: the same street, another number. */
#define CRM_STREET_NUMBER 3
#define CRM_STREET_DIFFERENT 4
#define CRM_STREET_LEVELS 5

/* Address: street, then city, then postcode, as digits of one number. */
#define CRM_ADDRESS_LEVELS (CRM_STREET_LEVELS * CRM_PLAIN_LEVELS * CRM_PLAIN_LEVELS)
#define CRM_ADDRESS_LEVEL(street, city, postcode) \
	(((street) * CRM_PLAIN_LEVELS + (city)) * CRM_PLAIN_LEVELS + (postcode))

/* Whether neither cities nor postcodes could be compared. */
#define crm_has_no_place(level) ((level) % (CRM_PLAIN_LEVELS * CRM_PLAIN_LEVELS) == 0)

#define CRM_MAX_LEVELS CRM_ADDRESS_LEVELS

/* A name that explains an address both have says little more than the address. */
#define CRM_NAMED_RARITY (2 * CRM_RARITY_STEPS)

typedef struct CrmComparison
{
	uint8		level[CRM_EVIDENCES];
	uint8		rarity[CRM_EVIDENCES];	/* of what agrees; of the commoner value */
} CrmComparison;

extern const uint8 crm_evidence_levels[CRM_EVIDENCES];

extern int	crm_birth_level(uint64 a, uint64 b);
extern int	crm_known_given_level(const CrmMatchSet *set, uint32 a, uint32 b);
extern int	crm_known_surname_level(const CrmMatchSet *set, uint32 a, uint32 b);
extern void crm_compare(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b,
						CrmComparison *comparison);

#endif							/* CRM_COMPARE_H */
