/*
 * similarity_text.h
 *		How alike two strings in the database's encoding are, whatever their length.
 *
 * For the server's side: long strings take memory of the current context, which is
 * given back before the functions return, and look at interrupts.  Strings that are
 * too long to be compared raise 54000.
 */
#ifndef CRM_SIMILARITY_TEXT_H
#define CRM_SIMILARITY_TEXT_H

#include "crm.h"
#include "values/similarity.h"

/* In bytes; a string that is longer is no name. */
#define CRM_SIMILARITY_MAX_LENGTH (1024 * 1024)

/* Characters of one string times those of the other, where that is the time. */
#define CRM_SIMILARITY_MAX_PRODUCT 1e10

extern double crm_jaro_winkler_of(const char *a, int a_length, const char *b, int b_length);
extern int32 crm_edit_distance_of(const char *a, int a_length, const char *b, int b_length,
								  int32 bound, bool transpositions);
extern double crm_token_similarity_of(const char *a, int a_length, const char *b, int b_length);

#endif							/* CRM_SIMILARITY_TEXT_H */
