/*
 * name_sounds.h
 *		What a word of a name sounds like, as it may be read.
 */
#ifndef CRM_NAME_SOUNDS_H
#define CRM_NAME_SOUNDS_H

#include "values/name_keys.h"

/*
 * The keys of one word of lower-case letters and digits of ASCII; letters
 * behind CRM_NAME_KEYS_LETTERS have no part.  Writes up to
 * CRM_NAME_KEYS_OF_WORD different keys and returns how many; none only if
 * there is no letter or digit.
 */
extern int	crm_name_sounds(const char *word, size_t length, CrmNameKey *keys);

#endif							/* CRM_NAME_SOUNDS_H */
