/*
 * match_parts.h
 *		What those share that read single columns of a contact.
 *
 * Plain C, as match_fields.h, from which everybody else knows all there is to know.
 */
#ifndef CRM_MATCH_PARTS_H
#define CRM_MATCH_PARTS_H

#include <string.h>

#include "matching/match_fields.h"
#include "values/name_fold.h"

/* Of a value with more words the first ones are looked at. */
#define CRM_WORDS_MAX 16

/* A word of a folded value. */
typedef struct CrmWord
{
	const char *bytes;
	size_t		length;
} CrmWord;

/* A folded value's words, and the bytes in which they stand. */
typedef struct CrmWords
{
	int			count;
	CrmWord		word[CRM_WORDS_MAX];
	char		bytes[CRM_MATCH_RAW_MAX * CRM_NAME_FOLD_GROWTH];
} CrmWords;

/* Words are looked up in lists: most are told apart by their first letter. */
static inline bool
crm_word_is(const CrmWord *word, const char *text)
{
	return word->length > 0 && word->bytes[0] == text[0] && strlen(text) == word->length &&
		memcmp(word->bytes, text, word->length) == 0;
}

/* match_words.c */
extern void crm_text_set(CrmMatchText *text, const char *bytes, size_t length);
extern void crm_text_fold(CrmMatchText *text, const char *utf8, size_t length);
extern void crm_text_append(CrmMatchText *text, const CrmWord *word);
extern bool crm_text_has_word(const CrmMatchText *text, const CrmWord *word);
extern void crm_words_fold(CrmWords *words, const char *utf8, size_t length);
extern bool crm_word_is_one_of(const CrmWord *word, const char *const *texts);
extern void crm_put_digits(char *out, int number, int digits);

/* match_names.c */
extern void crm_person_add_given(CrmMatchPerson *person, const char *utf8, size_t length);
extern void crm_person_add_middle(CrmMatchPerson *person, const char *utf8, size_t length);
extern void crm_person_add_surname(CrmMatchPerson *person, const char *utf8, size_t length);
extern void crm_person_add_full_name(CrmMatchPerson *person, const char *utf8, size_t length);

/* match_addresses.c */
extern void crm_person_add_email(CrmMatchPerson *person, const char *utf8, size_t length);
extern void crm_person_add_phone(CrmMatchPerson *person, const char *utf8, size_t length);
extern void crm_person_add_street(CrmMatchPerson *person, const char *utf8, size_t length);
extern void crm_person_add_postcode(CrmMatchPerson *person, const char *utf8, size_t length);

#endif							/* CRM_MATCH_PARTS_H */
