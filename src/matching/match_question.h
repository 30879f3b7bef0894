/*
 * match_question.h
 *		Who of a relation is one person with a given contact?
 */
#ifndef CRM_MATCH_QUESTION_H
#define CRM_MATCH_QUESTION_H

#include "matching/match_candidates.h"

/* A contact that is one person with the one that was asked for. */
typedef struct CrmFoundContact
{
	uint32		record;
	double		weight;
	bool		is_decided;		/* people have said so */
} CrmFoundContact;

/* What stays the same from contact to contact. */
typedef struct CrmQuestion
{
	CrmCandidates candidates;
	Jsonb	   *model;			/* or NULL */
	double		min_weight;
	Oid			decisions;		/* what people have decided, or InvalidOid */
	Oid			earlier;		/* pairs to look at again, or InvalidOid */
} CrmQuestion;

/*
 * One contact and the answer, in the context that was current when it was asked.
 * Record 0 of the set is the contact.
 */
typedef struct CrmAnswer
{
	CrmMatchSet *set;
	bool		text_keys;		/* keys are shown as text */
	const char *key;			/* of the contact; NULL: it is not stored */
	const CrmOnlineModel *model;	/* until something is read again */
	CrmFoundContact *found;		/* the likeliest first */
	int			count;
	int			cut;			/* keys that more contacts have than were compared */
} CrmAnswer;

extern void crm_question_open(CrmQuestion *question, Oid contacts, bool text_keys, bool by_names,
							  double min_probability);
extern void crm_answer_person(CrmAnswer *answer, const CrmQuestion *question,
							  const CrmMatchPerson *person);
extern bool crm_answer_stored(CrmAnswer *answer, const CrmQuestion *question, Datum key);
extern void crm_answer_values(const CrmAnswer *answer, const CrmFoundContact *found, Datum *values);
extern void crm_answer_free(CrmAnswer *answer);

/* A contact that stands beside another one in a relation of pairs. */
typedef struct CrmPairedContact
{
	char	   *key;
	bool		same;			/* where the relation says so */
} CrmPairedContact;

/* match_decided.c */
extern List *crm_read_paired(Oid pairs, Oid contacts, const char *key, bool are_decisions);

#endif							/* CRM_MATCH_QUESTION_H */
