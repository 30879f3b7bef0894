/*
 * split_name.h
 *		The parts of a full name.
 *
 * Plain C on UTF-8 and a length, without the server's headers.
 */
#ifndef CRM_SPLIT_NAME_H
#define CRM_SPLIT_NAME_H

#include <stddef.h>

#include "values/name_words.h"

/* In the order in which crm.split_name returns them. */
typedef enum CrmNamePart
{
	CRM_NAME_HONORIFIC,
	CRM_NAME_FIRST,
	CRM_NAME_MIDDLE,
	CRM_NAME_LAST,
	CRM_NAME_SUFFIX,
	CRM_NAME_NICKNAME
} CrmNamePart;

#define CRM_NAME_PARTS (CRM_NAME_NICKNAME + 1)

/*
 * Longer texts, and those of more than CRM_NAME_MAX_WORDS words, are no names:
 * all is the last name.
 */
#define CRM_SPLIT_NAME_MAX 1000

/* Room for the parts of a name of so many bytes. */
#define CRM_SPLIT_NAME_SIZE(length) ((length) + CRM_NAME_MAX_WORDS)

/* Each part in the caller's memory; of length 0 if the name has none. */
typedef struct CrmNameParts
{
	const char *bytes[CRM_NAME_PARTS];
	size_t		length[CRM_NAME_PARTS];
} CrmNameParts;

/*
 * Splits a name, written as people write it.  The parts are put into out, of
 * CRM_SPLIT_NAME_SIZE(length) bytes, as they are spelled, words divided by one
 * blank.  Bytes that are not UTF-8 are taken for letters.  out must not overlap
 * name.
 */
extern void crm_split_name(const char *name, size_t length, char *out, CrmNameParts *parts);

#endif							/* CRM_SPLIT_NAME_H */
