/*
 * word_hash.h
 *		The hash of the compiled-in word lists.
 *
 * The awk programs of src/data compute the same, in numbers that awk can hold
 * exactly; so a list is found sorted into buckets when the library starts.
 * Bytes are taken from the last to the first: one pass over a domain or a name
 * has the hash of each of its endings on the way.
 */
#ifndef CRM_WORD_HASH_H
#define CRM_WORD_HASH_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t
crm_word_hash_step(uint32_t hash, char c)
{
	return (hash + (unsigned char) c) * UINT32_C(69069);
}

static inline uint32_t
crm_word_hash(const char *word, size_t length)
{
	uint32_t	hash = 0;

	while (length > 0)
		hash = crm_word_hash_step(hash, word[--length]);
	return hash;
}

#endif							/* CRM_WORD_HASH_H */
