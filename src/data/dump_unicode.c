/*
 * dump_unicode.c
 *		Writes unicode_fold.txt and domain_chars.txt, from ICU.
 *
 * A developer's program, no part of the build: the two files are frozen, since
 * indexes of users rest on them, and are made again only for a new function
 * name or to accept characters of a newer Unicode.
 *
 *		cc -o dump_unicode dump_unicode.c -licuuc
 *		./dump_unicode fold > unicode_fold.txt
 *		./dump_unicode domain > domain_chars.txt
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#define LAST_CODE_POINT	0x10FFFF
#define MAX_MAPPED		40

typedef struct Mapping
{
	int			length;			/* -1: no mapping */
	UChar32		to[MAX_MAPPED];
} Mapping;

static const UNormalizer2 *nfc;
static const UNormalizer2 *nfd;
static const UNormalizer2 *uts46;
static Mapping mappings[LAST_CODE_POINT + 2];

static void
check(UErrorCode status)
{
	if (U_FAILURE(status))
	{
		fprintf(stderr, "ICU: %s\n", u_errorName(status));
		exit(1);
	}
}

static bool
is_surrogate(UChar32 c)
{
	return c >= 0xD800 && c <= 0xDFFF;
}

static bool
is_hangul_syllable(UChar32 c)
{
	return c >= 0xAC00 && c <= 0xD7A3;
}

static void
to_code_points(const UChar *units, int length, Mapping *mapping)
{
	int			i;

	for (mapping->length = 0, i = 0; i < length; mapping->length++)
		U16_NEXT(units, i, length, mapping->to[mapping->length]);
}

static void
normalize(const UNormalizer2 *form, const UChar *units, int length, Mapping *mapping)
{
	UErrorCode	status = U_ZERO_ERROR;
	UChar		result[2 * MAX_MAPPED];

	length = unorm2_normalize(form, units, length, result, 2 * MAX_MAPPED, &status);
	check(status);
	to_code_points(result, length, mapping);
}

static int
one_code_point(UChar32 c, UChar *units)
{
	int			length = 0;

	U16_APPEND_UNSAFE(units, length, c);
	return length;
}

static bool
is_same(const Mapping *mapping, UChar32 c)
{
	return mapping->length == 1 && mapping->to[0] == c;
}

static void
print_range(const char *word, UChar32 start, UChar32 end)
{
	printf("%s\t%04X", word, start);
	if (end > start)
		printf("..%04X", end);
}

static void
print_mapping(const char *word, const Mapping *mapping)
{
	int			i;

	for (i = 0; i < mapping->length; i++)
		printf("%s%04X", i == 0 ? word : " ", mapping->to[i]);
	printf("\n");
}

/* How many code points, "step" apart, are mapped at the same distance. */
static int
run_length(UChar32 c, int step)
{
	int			n = 1;

	while (c + n * step <= LAST_CODE_POINT &&
		   mappings[c + n * step].length == 1 &&
		   mappings[c + n * step].to[0] == mappings[c].to[0] + n * step &&
		   (step == 1 || mappings[c + n * step - 1].length == -1))
		n++;
	return n;
}

static void
print_mappings(const char *word)
{
	UChar32		c = 0;

	while (c <= LAST_CODE_POINT)
	{
		int			step = 1;
		int			n = 1;

		if (mappings[c].length < 1)
		{
			c++;
			continue;
		}
		if (mappings[c].length == 1)
		{
			if (run_length(c, 1) == 1 && run_length(c, 2) > 2)
				step = 2;
			n = run_length(c, step);
		}
		print_range(word, c, c + (n - 1) * step);
		if (step == 2)
			printf("/2");
		print_mapping("\t", &mappings[c]);
		c += (n - 1) * step + 1;
	}
}

/* One line per run of code points with the same, not empty, description. */
static void
print_runs(const char *word, bool (*describe) (UChar32 c, char *text))
{
	char		last[40] = "";
	char		text[40];
	UChar32		start = 0;
	UChar32		c;

	for (c = 0; c <= LAST_CODE_POINT + 1; c++)
	{
		bool		has = c <= LAST_CODE_POINT && describe(c, text);

		if (!has)
			text[0] = '\0';
		if (strcmp(text, last) == 0)
			continue;
		if (last[0] != '\0')
		{
			print_range(word, start, c - 1);
			printf("%s\n", last[0] == '\t' ? last : "");
		}
		strcpy(last, text);
		start = c;
	}
}

static bool
describe_class(UChar32 c, char *text)
{
	sprintf(text, "\t%d", u_getCombiningClass(c));
	return u_getCombiningClass(c) != 0;
}

static bool
describe_refused(UChar32 c, char *text)
{
	strcpy(text, "refused");
	return (U_GET_GC_MASK(c) & (U_GC_C_MASK | U_GC_Z_MASK)) != 0;
}

static void
print_decompositions(void)
{
	UChar32		c;

	for (c = 0; c <= LAST_CODE_POINT; c++)
	{
		UErrorCode	status = U_ZERO_ERROR;
		UChar		units[8];
		Mapping		parts;
		int			length;

		if (is_surrogate(c) || is_hangul_syllable(c))
			continue;
		length = unorm2_getRawDecomposition(nfc, c, units, 8, &status);
		check(status);
		if (length < 0)
			continue;
		to_code_points(units, length, &parts);
		printf("%s\t%04X", parts.length == 2 &&
			   unorm2_composePair(nfc, parts.to[0], parts.to[1]) == c ?
			   "compose" : "decompose", c);
		print_mapping("\t", &parts);
	}
}

/* Case folding of what canonical decomposition leaves. */
static void
find_folds(void)
{
	UChar32		c;

	for (c = 0; c <= LAST_CODE_POINT; c++)
	{
		UErrorCode	status = U_ZERO_ERROR;
		UChar		units[2];
		UChar		folded[8];
		int			length;

		mappings[c].length = -1;
		if (is_surrogate(c))
			continue;
		length = one_code_point(c, units);
		if (!unorm2_isNormalized(nfd, units, length, &status))
			continue;
		length = u_strFoldCase(folded, 8, units, length, U_FOLD_CASE_DEFAULT, &status);
		check(status);
		normalize(nfd, folded, length, &mappings[c]);
		if (is_same(&mappings[c], c))
			mappings[c].length = -1;
	}
}

/*
 * UTS 46 and STD 3: -1 valid or refused, 0 ignored, else what it is mapped to.
 * The capital sharp s is mapped as later versions of UTS 46 do.
 */
static bool
find_domain_mapping(UChar32 c, Mapping *mapping)
{
	UChar		units[2];
	int			i;

	mapping->length = -1;
	if (is_surrogate(c) || u_charType(c) == U_UNASSIGNED)
		return false;
	normalize(uts46, units, one_code_point(c, units), mapping);
	if (c == 0x1E9E)
	{
		mapping->length = 1;
		mapping->to[0] = 0xDF;
	}
	for (i = 0; i < mapping->length; i++)
	{
		UChar32		m = mapping->to[i];

		if (m == 0xFFFD || m == 0x2260 || m == 0x226E || m == 0x226F ||
			(m < 0x80 && !u_isalnum(m) && m != '-' && m != '.'))
		{
			mapping->length = -1;
			return false;
		}
	}
	if (is_same(mapping, c))
	{
		mapping->length = -1;
		return c != '.';
	}
	return false;
}

static bool
describe_valid(UChar32 c, char *text)
{
	static const char *const joining[] = {"U", "C", "D", "L", "R", "T"};
	static const char *const direction[] = {
		"L", "R", "EN", "ES", "ET", "AN", "CS", "?", "?", "?", "ON", "?", "?",
		"AL", "?", "?", "?", "NSM", "BN"
	};
	Mapping		mapping;

	if (!find_domain_mapping(c, &mapping))
		return false;
	sprintf(text, "\t%s\t%s\t%s", direction[u_charDirection(c)],
			joining[u_getIntPropertyValue(c, UCHAR_JOINING_TYPE)],
			U_GET_GC_MASK(c) & U_GC_M_MASK ? "mark" : "-");
	return true;
}

static bool
describe_ignored(UChar32 c, char *text)
{
	strcpy(text, "ignored");
	return mappings[c].length == 0;
}

static void
print_fold_file(void)
{
	printf("# Canonical decomposition and composition (without Hangul syllables, which\n"
		   "# are arithmetic), combining classes, and case folding, from the Unicode\n"
		   "# Character Database.  Frozen: indexes of users rest on it.\n#\n"
		   "# class      code points, canonical combining class; all others have 0\n"
		   "# refuse     code points that no local part of an address may have: control,\n"
		   "#            format, private use, unassigned, surrogates, separators\n"
		   "# compose    code point, the pair that it decomposes into and is composed from\n"
		   "# decompose  code point, what it decomposes into; never composed\n"
		   "# fold       code points (/2: every second), full case folding of the first;\n"
		   "#            the others follow at the same distance.  Only of what canonical\n"
		   "#            decomposition leaves.\n"
		   "#version\tUnicode " U_UNICODE_VERSION "\n");
	print_runs("class", describe_class);
	print_runs("refuse", describe_refused);
	print_decompositions();
	find_folds();
	print_mappings("fold");
}

static void
print_domain_file(void)
{
	UChar32		c;

	printf("# What a character means in the name of a host: UTS 46, non-transitional, with\n"
		   "# the rules of STD 3 (of ASCII only letters, digits and hyphens).  Frozen:\n"
		   "# indexes of users rest on it.  Code points not named here are refused.\n#\n"
		   "# valid   code points, bidirectional class, joining type, whether a mark\n"
		   "# ignore  code points that are dropped\n"
		   "# map     code points (/2: every second), what the first becomes; the others\n"
		   "#         follow at the same distance.  In Normalization Form C.\n"
		   "#version\tUTS 46 of Unicode " U_UNICODE_VERSION "\n");
	for (c = 0; c <= LAST_CODE_POINT; c++)
		find_domain_mapping(c, &mappings[c]);
	print_runs("valid", describe_valid);
	print_runs("ignore", describe_ignored);
	print_mappings("map");
}

int
main(int argc, char **argv)
{
	UErrorCode	status = U_ZERO_ERROR;

	nfc = unorm2_getNFCInstance(&status);
	nfd = unorm2_getNFDInstance(&status);
	uts46 = unorm2_getInstance(NULL, "uts46", UNORM2_COMPOSE, &status);
	check(status);
	if (argc == 2 && strcmp(argv[1], "fold") == 0)
		print_fold_file();
	else if (argc == 2 && strcmp(argv[1], "domain") == 0)
		print_domain_file();
	else
	{
		fprintf(stderr, "usage: dump_unicode fold | domain\n");
		return 1;
	}
	return 0;
}
