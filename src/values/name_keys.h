/*
 * name_keys.h
 *		Phonetic keys of names: names that sound alike share one.
 *
 * Plain C on bytes and a length, without the server's headers, so that the
 * fuzzer compiles the very code that the server runs.
 */
#ifndef CRM_NAME_KEYS_H
#define CRM_NAME_KEYS_H

#include <stddef.h>

/*
 * A key: at most CRM_NAME_KEY_LENGTH bytes, the rest zero, of which there is at
 * least one.  Equal keys are equal bytes.
 */
#define CRM_NAME_KEY_LENGTH 15

typedef struct CrmNameKey
{
	char		bytes[CRM_NAME_KEY_LENGTH + 1];
} CrmNameKey;

/* A word has at most so many keys, with or without what is joined to it. */
#define CRM_NAME_KEYS_OF_WORD 3

/* Words behind the sixteenth, and letters of a word behind the fortieth, have no part. */
#define CRM_NAME_KEYS_WORDS 16
#define CRM_NAME_KEYS_LETTERS 40

/* Room enough for every name of five words; longer ones are cut off at the end. */
#define CRM_NAME_KEYS_MAX 32

/* What of a folded name can matter; so much of it is folded. */
#define CRM_NAME_KEYS_FOLDED 512

extern const char crm_name_keys_version[];

/*
 * The keys of a name that crm_name_fold has folded: at most max_keys of them are
 * written, word by word, none twice.  Returns how many.  Never allocates.
 */
extern int	crm_name_keys(const char *folded, size_t length, CrmNameKey *keys, int max_keys);

#endif							/* CRM_NAME_KEYS_H */
