/*
 * name_fold_generate.c
 *		Writes name_fold.txt: what each code point of a name is compared as.
 *
 * Not part of the build.  Run by hand when the table is to follow a newer
 * Unicode; it needs ICU:
 *
 *		cc name_fold_generate.c -licui18n -licuuc && ./a.out > name_fold.txt
 *
 * ICU supplies the properties, the decompositions and the transliteration of
 * rare Latin and Cyrillic letters.  The alphabets that people's names are
 * written in are spelled out below, in the form that passports and the press
 * use, rather than in a reversible one.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>
#include <unicode/uversion.h>

#define LAST_CODE_POINT 0x2FFFF
#define RESULT_SIZE 64

#define DROP "-"
#define BLANK "_"
#define KEEP "="

typedef struct Romanised
{
	UChar32		c;
	const char *latin;
} Romanised;

/* Lower-case letters, and composed ones that are more than letter and accent. */
static const Romanised corrections[] = {
	/* Latin: what is no letter with an accent */
	{0x00DF, "ss"}, {0x00E6, "ae"}, {0x00F0, "d"}, {0x00F8, "o"}, {0x00FE, "th"},
	{0x0111, "d"}, {0x0127, "h"}, {0x0131, "i"}, {0x0138, "k"}, {0x0140, "l"}, {0x0142, "l"},
	{0x0149, "n"}, {0x014B, "n"}, {0x0153, "oe"}, {0x0167, "t"}, {0x017F, "s"},
	{0x0180, "b"}, {0x0185, "b"}, {0x0188, "c"}, {0x018C, "d"}, {0x0192, "f"}, {0x0195, "hv"},
	{0x0199, "k"}, {0x019A, "l"}, {0x019B, "l"}, {0x019E, "n"}, {0x01A3, "oi"}, {0x01A5, "p"},
	{0x01AB, "t"}, {0x01AD, "t"}, {0x01B4, "y"}, {0x01B6, "z"}, {0x01BF, "w"}, {0x01DD, "a"},
	{0x021D, "y"}, {0x0223, "ou"}, {0x0225, "z"}, {0x0250, "a"}, {0x0253, "b"}, {0x0254, "o"},
	{0x0256, "d"}, {0x0257, "d"}, {0x0259, "a"}, {0x025B, "e"}, {0x0260, "g"}, {0x0263, "g"},
	{0x0266, "h"}, {0x0268, "i"}, {0x0269, "i"}, {0x026B, "l"}, {0x026F, "u"}, {0x0272, "n"},
	{0x0275, "o"}, {0x0280, "r"}, {0x0283, "sh"}, {0x0288, "t"}, {0x0289, "u"}, {0x028A, "u"},
	{0x028B, "v"}, {0x0292, "z"}, {0x0294, DROP}, {0x1E9E, "ss"}, {0xA78B, DROP}, {0xA78C, DROP},
	{0xA7B5, "b"}, {0x00AA, "a"}, {0x00BA, "o"}, {0x00B5, "m"},
	/* Cyrillic, Slavic alphabets */
	{0x0430, "a"}, {0x0431, "b"}, {0x0432, "v"}, {0x0433, "g"}, {0x0434, "d"}, {0x0435, "e"},
	{0x0436, "zh"}, {0x0437, "z"}, {0x0438, "i"}, {0x0439, "y"}, {0x043A, "k"}, {0x043B, "l"},
	{0x043C, "m"}, {0x043D, "n"}, {0x043E, "o"}, {0x043F, "p"}, {0x0440, "r"}, {0x0441, "s"},
	{0x0442, "t"}, {0x0443, "u"}, {0x0444, "f"}, {0x0445, "kh"}, {0x0446, "ts"}, {0x0447, "ch"},
	{0x0448, "sh"}, {0x0449, "shch"}, {0x044A, "a"}, {0x044B, "y"}, {0x044C, DROP}, {0x044D, "e"},
	{0x044E, "yu"}, {0x044F, "ya"}, {0x0450, "e"}, {0x0451, "e"}, {0x0452, "dj"}, {0x0453, "gj"},
	{0x0454, "ye"}, {0x0455, "dz"}, {0x0456, "i"}, {0x0457, "i"}, {0x0458, "j"}, {0x0459, "lj"},
	{0x045A, "nj"}, {0x045B, "c"}, {0x045C, "kj"}, {0x045D, "i"}, {0x045E, "u"}, {0x045F, "dz"},
	{0x0463, "e"}, {0x046B, "a"}, {0x0473, "f"}, {0x0475, "i"}, {0x0491, "g"},
	/* Cyrillic, others with many speakers: Kazakh, Tatar, Kyrgyz, Mongolian, Tajik, Uzbek */
	{0x0493, "g"}, {0x0497, "zh"}, {0x049B, "q"}, {0x04A3, "n"}, {0x04AF, "u"}, {0x04B1, "u"},
	{0x04B3, "h"}, {0x04B7, "j"}, {0x04BB, "h"}, {0x04C0, DROP}, {0x04CF, DROP}, {0x04D9, "a"},
	{0x04E3, "i"}, {0x04E9, "o"}, {0x04EF, "u"},
	/* Bashkir, Chuvash, Yakut, Azeri, Abkhaz, Kildin Sami and their neighbours */
	{0x048B, "y"}, {0x048D, DROP}, {0x048F, "r"}, {0x049D, "g"}, {0x049F, "k"}, {0x04A1, "q"},
	{0x04A5, "ng"}, {0x04A7, "p"}, {0x04A9, "o"}, {0x04AB, "s"}, {0x04AD, "t"}, {0x04B5, "ts"},
	{0x04B9, "j"}, {0x04BD, "ch"}, {0x04BF, "ch"}, {0x04C4, "k"}, {0x04C6, "l"}, {0x04C8, "n"},
	{0x04CA, "n"}, {0x04CC, "ch"}, {0x04CE, "m"}, {0x04E1, "dz"}, {0x04F7, "g"}, {0x04FB, "g"},
	{0x04FD, "h"}, {0x04FF, "h"},
	/* old letters, in names of saints and clergy */
	{0x0461, "o"}, {0x0465, "e"}, {0x0467, "ya"}, {0x0469, "ya"}, {0x046D, "yu"}, {0x046F, "ks"},
	{0x0471, "ps"}, {0x0479, "u"}, {0x047B, "o"}, {0x047D, "o"}, {0x047F, "ot"},
	/* Greek, as passports have it; pairs of letters are the business of the folding */
	{0x03B1, "a"}, {0x03B2, "v"}, {0x03B3, "g"}, {0x03B4, "d"}, {0x03B5, "e"}, {0x03B6, "z"},
	{0x03B7, "i"}, {0x03B8, "th"}, {0x03B9, "i"}, {0x03BA, "k"}, {0x03BB, "l"}, {0x03BC, "m"},
	{0x03BD, "n"}, {0x03BE, "x"}, {0x03BF, "o"}, {0x03C0, "p"}, {0x03C1, "r"}, {0x03C2, "s"},
	{0x03C3, "s"}, {0x03C4, "t"}, {0x03C5, "y"}, {0x03C6, "f"}, {0x03C7, "ch"}, {0x03C8, "ps"},
	{0x03C9, "o"}, {0x03F3, "j"},
	/* Arabic script: Persian and final forms of one letter, ta marbuta */
	{0x06CC, "U+064A"}, {0x06A9, "U+0643"}, {0x0649, "U+064A"}, {0x0629, "U+0647"},
	{0x06C0, "U+0647"}, {0x06D5, "U+0647"}, {0x0640, DROP}, {0x0621, DROP},
	/* the number zero, repetition and abbreviation marks of Han names are letters */
	{0x3005, KEEP}, {0x3006, KEEP}, {0x3007, KEEP},
	/* the acute tone mark is the acute accent */
	{0x0341, "U+0301"}, {0x0344, "U+0301"},
	/* Hebrew geresh and gershayim stand for an apostrophe */
	{0x05F3, DROP}, {0x05F4, DROP},
};

/* What joins O and Brien; and accents standing alone, of broken conversions. */
static const UChar32 apostrophes[] = {
	0x00A8, 0x00B4, 0x00B8, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02BE, 0x02BF, 0x02C8,
	0x02CA, 0x02CB, 0x055A, 0x2018, 0x2019, 0x201A, 0x201B, 0x2032, 0x2035, 0xFF07, 0xFF40,
};

static UTransliterator *to_ascii;
static const UNormalizer2 *nfc;
static const UNormalizer2 *nfd;
static const UNormalizer2 *nfkd;

static void
check(UErrorCode status)
{
	if (U_FAILURE(status))
	{
		fprintf(stderr, "%s\n", u_errorName(status));
		exit(1);
	}
}

static UScriptCode
script_of(UChar32 c)
{
	UErrorCode	status = U_ZERO_ERROR;

	return uscript_getScript(c, &status);
}

static bool
is_consonantal(UScriptCode script)
{
	return script == USCRIPT_HEBREW || script == USCRIPT_ARABIC || script == USCRIPT_SYRIAC;
}

static bool
is_european(UScriptCode script)
{
	return script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC;
}

/* Marks that a name may be written without; vowel signs of India are no such. */
static bool
is_optional_mark(UChar32 c)
{
	int8_t		category = u_charType(c);
	UScriptCode script = script_of(c);

	if (script == USCRIPT_COMMON)
		return (U_MASK(category) & U_GC_M_MASK) != 0;
	return (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK) &&
		(script == USCRIPT_INHERITED || is_european(script) || is_consonantal(script));
}

static int32_t
normalized(const UNormalizer2 *form, UChar32 c, UChar32 *result)
{
	UErrorCode	status = U_ZERO_ERROR;
	UChar		source[2];
	UChar		target[RESULT_SIZE];
	int32_t		length = 0;
	int32_t		i = 0;
	int32_t		n = 0;

	U16_APPEND_UNSAFE(source, length, c);
	length = unorm2_normalize(form, source, length, target, RESULT_SIZE, &status);
	check(status);
	while (i < length)
	{
		U16_NEXT(target, i, length, result[n]);
		n++;
	}
	return n;
}

static const char *
correction(UChar32 c)
{
	size_t		i;

	for (i = 0; i < sizeof(corrections) / sizeof(*corrections); i++)
		if (corrections[i].c == c)
			return corrections[i].latin;
	return NULL;
}

static bool
is_apostrophe(UChar32 c)
{
	size_t		i;

	for (i = 0; i < sizeof(apostrophes) / sizeof(*apostrophes); i++)
		if (apostrophes[i] == c)
			return true;
	return false;
}

/* ICU's transliteration, if it is letters and digits of ASCII. */
static bool
transliterate(UChar32 c, char *result)
{
	UErrorCode	status = U_ZERO_ERROR;
	UChar		text[RESULT_SIZE];
	int32_t		length = 0;
	int32_t		limit;
	int32_t		i;

	U16_APPEND_UNSAFE(text, length, c);
	limit = length;
	utrans_transUChars(to_ascii, text, &length, RESULT_SIZE, 0, &limit, &status);
	check(status);
	for (i = 0; i < length; i++)
	{
		if (text[i] >= 128 || !u_isalnum(text[i]))
			return false;
		result[i] = (char) u_tolower(text[i]);
	}
	result[length] = '\0';
	return length > 0;
}

static void
append_kept(char *result, UChar32 c)
{
	sprintf(result + strlen(result), "U+%04X", (unsigned) c);
}

/* Latin, Greek and Cyrillic letters, each part of the decomposition on its own. */
static void
fold_european(UChar32 c, char *result)
{
	UChar32		parts[RESULT_SIZE];
	int32_t		n = normalized(nfkd, c, parts);
	int32_t		i;

	*result = '\0';
	for (i = 0; i < n; i++)
	{
		UChar32		part = u_tolower(parts[i]);
		const char *fixed = correction(part);
		char		ascii[RESULT_SIZE];

		if (is_optional_mark(part) || is_apostrophe(part) || part == 0x2019 ||
			(fixed != NULL && strcmp(fixed, DROP) == 0))
			continue;
		if (fixed != NULL)
			strcat(result, fixed);
		else if (part < 128 && u_isalnum(part))
			sprintf(result + strlen(result), "%c", (char) part);
		else if (u_isalnum(part) && transliterate(part, ascii))
			strcat(result, ascii);
		else if (u_isalnum(part))
			append_kept(result, part);
	}
	/* A mixture would not be folded to itself. */
	if (strstr(result, "U+") != NULL)
	{
		*result = '\0';
		append_kept(result, u_tolower(c));
	}
	if (*result == '\0')
		strcpy(result, DROP);
}

/* Other scripts: lower case, composed, Semitic ones without points. */
static void
fold_other(UChar32 c, UScriptCode script, char *result)
{
	UErrorCode	status = U_ZERO_ERROR;
	UChar32		parts[RESULT_SIZE];
	UChar		text[RESULT_SIZE];
	UChar		composed[RESULT_SIZE];
	int			width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
	int			type = u_getIntPropertyValue(c, UCHAR_DECOMPOSITION_TYPE);
	bool		compatible = is_consonantal(script) || width == U_EA_HALFWIDTH ||
		type == U_DT_VERTICAL;
	int32_t		n = normalized(compatible ? nfkd : nfd, c, parts);
	int32_t		length = 0;
	int32_t		letters = 0;
	int32_t		i;

	for (i = 0; i < n; i++)
	{
		UChar32		part = u_tolower(parts[i]);
		const char *fixed = correction(part);

		if (is_consonantal(script) && is_optional_mark(part))
			continue;
		letters++;
		if (fixed != NULL && strncmp(fixed, "U+", 2) == 0)
			part = (UChar32) strtol(fixed + 2, NULL, 16);
		if (fixed != NULL && strcmp(fixed, DROP) == 0)
			continue;
		if (!u_isalnum(part) && !(U_MASK(u_charType(part)) & U_GC_M_MASK))
			continue;
		U16_APPEND_UNSAFE(text, length, part);
	}
	length = unorm2_normalize(nfc, text, length, composed, RESULT_SIZE, &status);
	check(status);

	*result = '\0';
	for (i = 0; i < length;)
	{
		UChar32		part;

		U16_NEXT(composed, i, length, part);
		append_kept(result, part);
	}
	/* Ligatures of whole phrases are kept, too. */
	if (letters > 2 && compatible)
	{
		*result = '\0';
		append_kept(result, c);
	}
	if (*result == '\0')
		strcpy(result, DROP);
}

static void
fold_number(UChar32 c, char *result)
{
	int			digit = u_charDigitValue(c);

	if (digit >= 0 && u_charType(c) == U_DECIMAL_DIGIT_NUMBER)
		sprintf(result, "%d", digit);
	else if (!transliterate(c, result))
		strcpy(result, u_charType(c) == U_LETTER_NUMBER ? KEEP : BLANK);
}

/* Circled and squared letters are letters; other symbols divide words. */
static void
fold_symbol(UChar32 c, char *result)
{
	UChar32		parts[RESULT_SIZE];

	if (u_charType(c) == U_OTHER_SYMBOL && normalized(nfkd, c, parts) == 1 &&
		parts[0] < 128 && u_isalnum(parts[0]))
		sprintf(result, "%c", (char) u_tolower(parts[0]));
	else if (is_apostrophe(c) || u_charType(c) == U_MODIFIER_SYMBOL)
		strcpy(result, DROP);
	else
		strcpy(result, BLANK);
}

static void
fold(UChar32 c, char *result)
{
	UScriptCode script = script_of(c);
	const char *fixed = correction(u_tolower(c));

	if (fixed != NULL)
		strcpy(result, fixed);
	else if (is_optional_mark(c) || is_apostrophe(c) ||
			 u_charType(c) == U_FORMAT_CHAR ||
			 u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
		strcpy(result, DROP);
	else if (U_MASK(u_charType(c)) & U_GC_N_MASK)
		fold_number(c, result);
	else if (u_isalpha(c) && (is_european(script) || script == USCRIPT_COMMON) &&
			 script_of(u_tolower(c)) == script &&
			 u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH) != U_EA_HALFWIDTH &&
			 !u_hasBinaryProperty(c, UCHAR_EXTENDER))
		fold_european(c, result);
	else if (u_isalpha(c) || (U_MASK(u_charType(c)) & (U_GC_M_MASK | U_GC_L_MASK)))
		fold_other(c, script, result);
	else
		fold_symbol(c, result);

	/* kept as it is */
	if (strncmp(result, "U+", 2) == 0 && strtol(result + 2, NULL, 16) == c &&
		strchr(result + 2, 'U') == NULL)
		strcpy(result, KEEP);
}

static void
put_character(UChar32 c)
{
	char		bytes[8];
	int32_t		n = 0;

	U8_APPEND_UNSAFE(bytes, n, c);
	printf("%.*s", (int) n, bytes);
}

static void
put_range(UChar32 from, UChar32 to, const char *result)
{
	bool		shown = u_isalnum(from) && !u_hasBinaryProperty(from, UCHAR_DEFAULT_IGNORABLE_CODE_POINT);

	if (strcmp(result, KEEP) == 0)
		return;
	printf(from == to ? "%04X" : "%04X..%04X", (unsigned) from, (unsigned) to);
	printf("\t%s", result);
	if (shown)
	{
		printf("\t");
		put_character(from);
	}
	printf("\n");
}

/* One code point per line where the results differ, ranges where they do not. */
static void
put_code_points(void)
{
	char		last[RESULT_SIZE * 8] = KEEP;
	UChar32		from = 0x80;
	UChar32		c;

	for (c = 0x80; c <= LAST_CODE_POINT; c++)
	{
		char		result[RESULT_SIZE * 8] = KEEP;

		if (u_isdefined(c) || u_charType(c) == U_CONTROL_CHAR)
		{
			if (u_charType(c) == U_CONTROL_CHAR)
				strcpy(result, BLANK);
			else if (!U_IS_SURROGATE(c) && u_charType(c) != U_PRIVATE_USE_CHAR &&
					 !(c >= 0xAC00 && c <= 0xD7A3))
				fold(c, result);
		}
		if (strcmp(result, last) != 0)
		{
			put_range(from, c - 1, last);
			from = c;
			strcpy(last, result);
		}
	}
	put_range(from, c - 1, last);
}

static void
append_fold(UChar32 c, char *result)
{
	char		one[RESULT_SIZE * 8];

	fold(c, one);
	if (strcmp(one, KEEP) == 0)
		append_kept(result, c);
	else if (strcmp(one, DROP) != 0)
		strcat(result, one);
}

/* Letter and mark that together are more than the two folded apart. */
static void
put_pairs(void)
{
	UChar32		c;

	for (c = 0x80; c <= LAST_CODE_POINT; c++)
	{
		UErrorCode	status = U_ZERO_ERROR;
		UChar		raw[8];
		int32_t		length;
		int32_t		i = 0;
		UChar32		letter;
		UChar32		mark;
		char		apart[RESULT_SIZE * 16] = "";
		char		together[RESULT_SIZE * 8] = "";

		if (c >= 0xAC00 && c <= 0xD7A3)
			continue;
		length = unorm2_getRawDecomposition(nfc, c, raw, 8, &status);
		if (length < 2 || U_FAILURE(status))
			continue;
		U16_NEXT(raw, i, length, letter);
		U16_NEXT(raw, i, length, mark);
		if (unorm2_composePair(nfc, letter, mark) != c)
			continue;
		append_fold(letter, apart);
		append_fold(mark, apart);
		append_fold(c, together);
		if (strcmp(apart, together) == 0)
			continue;
		printf("%04X+%04X\tU+%04X\t", (unsigned) letter, (unsigned) mark, (unsigned) c);
		put_character(c);
		printf("\n");
	}
}

int
main(void)
{
	UErrorCode	status = U_ZERO_ERROR;
	UChar		id[200];
	int32_t		length;

	u_strFromUTF8(id, 200, &length,
				  "Any-Latin; Latin-ASCII; NFD; [:Nonspacing Mark:] Remove; [ʹʺʼʻ'`\"\\-] Remove; Lower",
				  -1, &status);
	to_ascii = utrans_openU(id, length, UTRANS_FORWARD, NULL, 0, NULL, &status);
	nfc = unorm2_getNFCInstance(&status);
	nfd = unorm2_getNFDInstance(&status);
	nfkd = unorm2_getNFKDInstance(&status);
	check(status);

	printf("# Names as they are compared.  Written by name_fold_generate.c; see README.md.\n"
		   "#\n"
		   "# CODE or FROM..TO <tab> what it becomes <tab> the first character, for reading.\n"
		   "#   -  nothing           _  the blank between words\n"
		   "#   letters of ASCII     U+CODE...  characters of another script\n"
		   "# Code points that are not listed are kept.  Letters of ASCII are in the code.\n"
		   "# LETTER+MARK <tab> U+CODE: two code points that are taken for one.\n"
		   "#version\tUnicode %s, ICU %s, 1\n", U_UNICODE_VERSION, U_ICU_VERSION);
	put_code_points();
	put_pairs();
	return 0;
}
