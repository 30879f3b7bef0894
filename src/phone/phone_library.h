/*
 * phone_library.h
 *		The only door between crm.so (C) and crm_phone.so (C++, libphonenumber).
 *
 * Plain C: no header of the server, none of libphonenumber.  crm.so asks the
 * entry for a table of functions and looks at its version before anything else,
 * since the two files may come from different builds.
 *
 * No function throws, longjmps, allocates memory that the caller must free, or
 * writes anywhere but into the structure it is given.
 */
#ifndef CRM_PHONE_LIBRARY_H
#define CRM_PHONE_LIBRARY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C"
{
#endif

/* Changes with whatever is below. */
#define CRM_PHONE_LIBRARY_VERSION	1

/* What became of a text. */
enum CrmPhoneOutcome
{
	CRM_LIBRARY_POSSIBLE,		/* a number of a length that exists */
	CRM_LIBRARY_NOT_A_NUMBER,
	CRM_LIBRARY_UNKNOWN_CODE,
	CRM_LIBRARY_UNKNOWN_REGION,
	CRM_LIBRARY_TOO_SHORT,
	CRM_LIBRARY_TOO_LONG,
	CRM_LIBRARY_WRONG_LENGTH,
	CRM_LIBRARY_NO_AREA_CODE,	/* could be dialled inside its area only */
	CRM_LIBRARY_REFUSED,		/* longer than the caller may pass */
	CRM_LIBRARY_OUT_OF_MEMORY,
	CRM_LIBRARY_FAILED
};

/* What to find out besides the E.164 form: each takes its time. */
#define CRM_LIBRARY_VALIDITY	1
#define CRM_LIBRARY_DETAILS		2

/* Texts end with '\0'; "" where there is none, or it was not asked for. */
typedef struct CrmLibraryPhone
{
	int			outcome;		/* enum CrmPhoneOutcome */
	int			is_valid;		/* 0 or 1 */
	char		type[24];
	char		region[4];
	char		e164[24];
	char		extension[24];
	char		national[80];
	char		international[80];
} CrmLibraryPhone;

typedef struct CrmPhoneLibrary
{
	int			version;		/* CRM_PHONE_LIBRARY_VERSION */

	/*
	 * Reads the metadata; 0 or CRM_LIBRARY_OUT_OF_MEMORY or CRM_LIBRARY_FAILED.
	 * May be called any number of times.  With all_regions it also compiles the
	 * patterns of every region, which would otherwise happen one by one.
	 */
	int			(*prepare) (int all_regions);

	/* Name of the library and its metadata; changes when the metadata do. */
	const char *(*data_version) (void);

	/*
	 * Reads a number: at most 128 bytes, not '\0'-terminated; region is two
	 * letters, or NULL.
	 */
	void		(*parse) (const char *utf8, size_t length, const char *region,
						  int wanted, CrmLibraryPhone *phone);
} CrmPhoneLibrary;

/* The one exported function, and its name for those who look it up. */
#define CRM_PHONE_LIBRARY_ENTRY "crm_phone_library"
typedef const CrmPhoneLibrary *(*CrmPhoneLibraryEntry) (void);
extern const CrmPhoneLibrary *crm_phone_library(void);

/* Between the two files of crm_phone.so. */
extern const CrmPhoneLibrary *crm_phone_cxx_table(void);

#ifdef __cplusplus
}
#endif

#endif							/* CRM_PHONE_LIBRARY_H */
