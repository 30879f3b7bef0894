/*
 * name_fold.h
 *		Names in the form in which they are compared.
 *
 * Plain C on bytes and a length, without the server's headers, so that the
 * fuzzer compiles the very code that the server runs.
 */
#ifndef CRM_NAME_FOLD_H
#define CRM_NAME_FOLD_H

#include <stddef.h>

/* A folded name is at most so many times as long as the name, in bytes. */
#define CRM_NAME_FOLD_GROWTH 2

extern const char crm_name_fold_version[];

/*
 * Folds a name of UTF-8 into out, of which at most capacity bytes are written,
 * and returns how many; what does not fit is left out, at a whole character, and
 * what stands behind it is not looked at.  CRM_NAME_FOLD_GROWTH times length is
 * always enough.  Bytes that are not
 * UTF-8 make it crm_name_fold_bytes.  out must not overlap name.
 */
extern size_t crm_name_fold(const char *name, size_t length, char *out, size_t capacity);

/*
 * The same for text of an unknown encoding that has ASCII as its half: only
 * letters and punctuation of ASCII are folded.  Never grows.
 */
extern size_t crm_name_fold_bytes(const char *name, size_t length, char *out, size_t capacity);

#endif							/* CRM_NAME_FOLD_H */
