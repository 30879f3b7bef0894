/*
 * similarity.h
 *		Workers that say how alike two strings are.
 *
 * Plain C without the server's headers, on characters and lengths: no locale, no
 * allocation, no state besides what the caller supplies.  A character is a number
 * that is compared for being equal: a code point, or a byte where every byte is a
 * character (ASCII in every encoding, all bytes in an encoding of single bytes).
 * All measures are symmetric.
 *
 * There are two forms of each.  For strings of up to CRM_WORD_LENGTH characters
 * on both sides (names), one machine word holds a whole column of the table that
 * a textbook would fill:
 *
 *		CrmPattern	pattern;	on the caller's stack
 *		CrmMatches	matches;
 *
 *		crm_pattern_of_bytes(&pattern, "martha", 6);	once
 *		crm_match_bytes(&pattern, "marhta", 6, &matches);	per candidate
 *		crm_matches_jaro_winkler(&matches);		any number of measures
 *		crm_matches_edit_distance(&matches, 2, true);
 *
 * Without a prepared pattern: crm_match_two_bytes, crm_match_two_characters.
 *
 * Longer strings are taken as labels, see crm_label_characters, and need a scratch
 * of crm_scratch_size() bytes, aligned as malloc does.  Jaro-Winkler is linear.
 * The others are a CrmSweep, of which each step costs at most a few milliseconds
 * for a text of a million characters, so that a server may look at its interrupts:
 *
 *		crm_sweep_begin(&sweep, CRM_LEVENSHTEIN, ...);
 *		while (crm_sweep_step(&sweep))
 *			CHECK_FOR_INTERRUPTS();
 *		... sweep.result ...
 */
#ifndef CRM_SIMILARITY_H
#define CRM_SIMILARITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Characters that one machine word stands for. */
#define CRM_WORD_LENGTH 64

/* A distance that nothing exceeds: longer strings than this are nobody's. */
#define CRM_NO_BOUND (INT32_MAX - 1)

/* No string has this character. */
#define CRM_NO_CHARACTER UINT32_MAX

/* Twice as many slots as keys: a search ends soon. */
#define CRM_HIGH_SLOTS (2 * CRM_WORD_LENGTH)

/*
 * Where a string of at most CRM_WORD_LENGTH characters has which: bit i of a
 * character's mask stands for position i.  The upper half is empty, and never
 * looked at, unless has_high.
 */
typedef struct CrmPattern
{
	int			length;
	bool		has_high;
	uint64_t	low[256];		/* masks of characters below 256 */
	uint32_t	high[CRM_HIGH_SLOTS];	/* other characters, hashed */
	uint64_t	high_masks[CRM_HIGH_SLOTS];
} CrmPattern;

/* Bit i of at[j] is set if position i of the pattern equals position j of the text. */
typedef struct CrmMatches
{
	int			pattern_length; /* 0 to CRM_WORD_LENGTH, as is text_length */
	int			text_length;
	uint64_t	at[CRM_WORD_LENGTH];
} CrmMatches;

/*
 * Patterns and texts have at most CRM_WORD_LENGTH characters.  A pattern of ASCII
 * bytes may be matched with code points and the other way round.
 */
extern void crm_pattern_of_bytes(CrmPattern *pattern, const char *bytes, int length);
extern void crm_pattern_of_characters(CrmPattern *pattern, const uint32_t *characters, int length);
extern void crm_match_bytes(const CrmPattern *pattern, const char *bytes, int length,
							CrmMatches *matches);
extern void crm_match_characters(const CrmPattern *pattern, const uint32_t *characters,
								 int length, CrmMatches *matches);
extern void crm_match_two_bytes(const char *a, int a_length, const char *b, int b_length,
								CrmMatches *matches);
extern void crm_match_two_characters(const uint32_t *a, int a_length, const uint32_t *b,
									 int b_length, CrmMatches *matches);

/* 0 to 1 */
extern double crm_matches_jaro_winkler(const CrmMatches *matches);

/*
 * Insertions, deletions and substitutions of a character that make one string the
 * other; with transpositions also exchanges of neighbours, none of them edited
 * again (optimal string alignment).  Above the bound, which is at least 0: bound + 1.
 */
extern int32_t crm_matches_edit_distance(const CrmMatches *matches, int32_t bound, bool transpositions);

/* Length of the longest common subsequence. */
extern int32_t crm_matches_subsequence(const CrmMatches *matches);

/*
 * Similarity of two strings whose longest common subsequence is known: 1 for equal
 * ones, 0 for those with no character in common.
 */
extern double crm_indel_similarity(size_t a_length, size_t b_length, size_t common);

/* --- strings of any length ------------------------------------------------ */

extern size_t crm_scratch_size(size_t a_length, size_t b_length);

/*
 * Replaces characters by labels below the returned number: equal characters have
 * equal labels, and labels say nothing about order.
 */
extern uint32_t crm_label_characters(uint32_t *a, size_t a_length, uint32_t *b, size_t b_length,
									 void *scratch);

extern double crm_jaro_winkler_long(const uint32_t *a, size_t a_length, const uint32_t *b,
									size_t b_length, uint32_t labels, void *scratch);

typedef enum CrmSweepKind
{
	CRM_LEVENSHTEIN,
	CRM_OPTIMAL_ALIGNMENT,		/* with transpositions */
	CRM_COMMON_SUBSEQUENCE
} CrmSweepKind;

/* How far the comparison of two long strings has come. */
typedef struct CrmSweep
{
	CrmSweepKind kind;
	const uint32_t *a;			/* the caller's labels, until the sweep ends */
	const uint32_t *b;
	size_t		a_length;
	size_t		b_length;
	size_t		row;			/* rows of a that are done */
	int64_t		bound;			/* of a distance */
	int64_t		below;			/* how far a path within the bound strays below */
	int64_t		above;			/* and above the diagonal */
	size_t		swept;			/* columns of b that the last word reached */
	int64_t		corner;			/* distance where the next word begins */
	uint64_t   *masks;			/* of the present word, per label; in the scratch */
	uint8_t    *carry;			/* from word to word, per column; in the scratch */
	int64_t		result;			/* once crm_sweep_step returns false */
} CrmSweep;

extern void crm_sweep_begin(CrmSweep *sweep, CrmSweepKind kind, const uint32_t *a, size_t a_length,
							const uint32_t *b, size_t b_length, uint32_t labels, int32_t bound,
							void *scratch);
/* Cells of the table ahead, of which CRM_WORD_LENGTH are computed at once. */
extern double crm_sweep_cells(const CrmSweep *sweep);
/* False when the result is known. */
extern bool crm_sweep_step(CrmSweep *sweep);

/* --- text ----------------------------------------------------------------- */

/*
 * Characters of UTF-8: code points, and each byte that belongs to none as
 * 0xDC00 + byte, which no text has otherwise.  Returns how many; -1 if there are
 * more than room.
 */
extern int	crm_utf8_characters(const char *bytes, size_t length, uint32_t *characters, int room);

/*
 * The words of a string in the order of their code points, separated by a space
 * each.  Room for length characters; returns how many there are.  The scratch
 * holds crm_words_scratch_size(length) bytes; none is needed up to
 * CRM_WORD_LENGTH characters.
 */
extern size_t crm_words_scratch_size(size_t length);
extern size_t crm_sort_words(const uint32_t *characters, size_t length, uint32_t *sorted,
							 void *scratch);

#endif							/* CRM_SIMILARITY_H */
