/*
 * name_words.h
 *		The words of a full name, and what each may be.
 *
 * Plain C on UTF-8 and a length, without the server's headers.  Words point
 * into the name that was read.
 */
#ifndef CRM_NAME_WORDS_H
#define CRM_NAME_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char crm_name_words_version[];

/* The kinds of name_words.txt. */
#define CRM_WORD_HONORIFIC	0x0001
#define CRM_WORD_DOTTED		0x0002
#define CRM_WORD_FAMILIAR	0x0004
#define CRM_WORD_TITLE		0x0008
#define CRM_WORD_ARTICLE	0x0010
#define CRM_WORD_SUFFIX		0x0020
#define CRM_WORD_CAPITALS	0x0040
#define CRM_WORD_LATE		0x0080
#define CRM_WORD_PARTICLE	0x0100
#define CRM_WORD_INNER		0x0200
#define CRM_WORD_LEADING	0x0400
#define CRM_WORD_JOINER		0x0800
#define CRM_WORD_GIVEN		0x1000
#define CRM_WORD_DEVOUT		0x2000
#define CRM_WORD_BORN		0x4000
#define CRM_WORD_IGNORED	0x8000

#define CRM_NAME_MAX_WORDS 64

/* Words are compared by so many bytes of their folded form. */
#define CRM_NAME_WORD_FOLDED 32

typedef struct CrmNameWord
{
	const char *bytes;
	size_t		length;
	uint16_t	kinds;
	int8_t		segment;		/* commas before it */
	int8_t		bracket;		/* number of the brackets around it; 0: none */
	int8_t		part;			/* for the caller; -1 */
	bool		is_small;		/* begins with a small letter of ASCII, or 't */
	bool		is_capitals;	/* has capitals of ASCII only */
	bool		has_dot;
	bool		is_cjk;			/* Han, Hangul or kana */
	int8_t		folded_length;
	char		folded[CRM_NAME_WORD_FOLDED];	/* without blanks */
} CrmNameWord;

typedef struct CrmNameWords
{
	int			count;
	int			brackets;
	int			commas;
	bool		has_middle_dot;	/* between words of Han or kana */
	CrmNameWord words[CRM_NAME_MAX_WORDS + 1];	/* one for the caller to add */
} CrmNameWords;

/* False if there are too many. */
extern bool crm_name_words_read(const char *name, size_t length, CrmNameWords *words);

/* Bytes at a word's end that are an honorific of Han, Hangul or kana; 0: none. */
extern size_t crm_name_ending(const CrmNameWord *word);

#endif							/* CRM_NAME_WORDS_H */
