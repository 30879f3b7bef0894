/*
 * likeness.h
 *		How alike two values are as strings.
 *
 * Everything is symmetric and counts characters, not bytes.  What letters alone rule
 * out is not looked at any further.
 */
#ifndef CRM_LIKENESS_H
#define CRM_LIKENESS_H

#include "matching/match_parts.h"
#include "matching/match_set.h"
#include "port/pg_bitutils.h"

/* Letters that only one of two has. */
static inline int
crm_letters_apart(uint32 a, uint32 b)
{
	return pg_popcount32(a ^ b);
}

/*
 * Whether two strings with these letters may have a Jaro-Winkler similarity of at
 * least so much.  With a common prefix at its best that is 0.4 + 0.6 j for a Jaro
 * similarity of j, and j at most (m / a + m / b + 1) / 3 for m letters matched; so of
 * the longer one's length at most the share 5 (1 - similarity) is left unmatched.
 */
static inline bool
crm_letters_may_be_alike(uint32 a, uint32 b, int longer, double similarity)
{
	return crm_letters_apart(a, b) <= 5 * (1 - similarity) * longer + 1e-6;
}

/* Digits as a record has them: equal, or one too many, another, or two exchanged. */
static inline bool
crm_digits_are_one_slip_apart(uint64 a, uint64 b)
{
	int			same;

	if (a == b)
		return true;
	same = pg_rightmost_one_pos64(a ^ b) & ~3;
	a >>= same;
	b >>= same;
	return a >> 4 == b >> 4 || a >> 4 == b || a == b >> 4 ||
		(a >> 8 == b >> 8 && (a & 15) == (b >> 4 & 15) && (b & 15) == (a >> 4 & 15));
}

extern double crm_similarity(const CrmMatchValue *a, const CrmMatchValue *b);
extern bool crm_are_alike(const CrmMatchValue *a, const CrmMatchValue *b, double similarity);
extern bool crm_are_one_slip_apart(const CrmMatchValue *a, const CrmMatchValue *b);
extern int	crm_bytes_distance(const char *a, int a_length, const char *b, int b_length, int bound);
extern int	crm_distance(const CrmMatchValue *a, const CrmMatchValue *b, int bound);

/* Words of a value are separated by single blanks; of none before the first its bytes are NULL. */
extern bool crm_next_word(const CrmMatchValue *value, CrmWord *word);
extern bool crm_has_word(const CrmMatchValue *value, const CrmWord *word);
extern int	crm_count_words(const CrmMatchValue *value);
extern bool crm_has_all_words(const CrmMatchValue *a, const CrmMatchValue *b);
extern bool crm_share_word(const CrmMatchValue *a, const CrmMatchValue *b);

#endif							/* CRM_LIKENESS_H */
