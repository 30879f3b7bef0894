/*
 * match_fields.c
 *		A contact's columns in the form in which they are compared.
 *
 * Everything is folded as names are: small letters of ASCII without accents where
 * there are any, words divided by one blank.  What carries no information about
 * who somebody is (titles, legal forms, the zeros in front of a phone number) is
 * left out; what cannot be read as what it should be (an address without an @, a
 * number of four digits) is no value at all, and counts neither for nor against.
 */
#include "matching/match_fields.h"

#include <string.h>

#include "values/company_name.h"
#include "values/email_parse.h"
#include "values/name_fold.h"
#include "values/name_words.h"
#include "values/split_name.h"

/* Digits of a phone number that are compared: those at its end. */
#define PHONE_DIGITS 9

/* Fewer digits are an extension, or a slip. */
#define PHONE_DIGITS_MIN 6

#define MAX_WORDS 16

/* Of a company that is known by its key alone. */
#define COMPANY_KEY_DIGITS 20

/* A word of a folded value. */
typedef struct Word
{
	const char *bytes;
	size_t		length;
} Word;

/* ----------
 * text
 * ----------
 */

static void
set_text(CrmMatchText *text, const char *bytes, size_t length)
{
	if (length > CRM_MATCH_VALUE_MAX)
		length = CRM_MATCH_VALUE_MAX;
	memcpy(text->bytes, bytes, length);
	text->length = (uint8_t) length;
}

static void
append_word(CrmMatchText *text, const Word *word)
{
	size_t		blank = text->length > 0;

	if (text->length + blank + word->length > CRM_MATCH_VALUE_MAX)
		return;
	if (blank)
		text->bytes[text->length++] = ' ';
	memcpy(text->bytes + text->length, word->bytes, word->length);
	text->length += (uint8_t) word->length;
}

static void
set_folded(CrmMatchText *text, const char *utf8, size_t length)
{
	text->length = (uint8_t) crm_name_fold(utf8, length, text->bytes, CRM_MATCH_VALUE_MAX);
}

static int
split_words(const char *folded, size_t length, Word *words)
{
	int			count = 0;
	size_t		i = 0;

	while (i < length && count < MAX_WORDS)
	{
		size_t		start = i;

		while (i < length && folded[i] != ' ')
			i++;
		words[count].bytes = folded + start;
		words[count++].length = i - start;
		i++;
	}
	return count;
}

static bool
word_is(const Word *word, const char *text)
{
	return strlen(text) == word->length && memcmp(word->bytes, text, word->length) == 0;
}

static bool
word_is_one_of(const Word *word, const char *const *texts)
{
	for (; *texts != NULL; texts++)
		if (word_is(word, *texts))
			return true;
	return false;
}

/* ----------
 * names
 * ----------
 */

/* The generation that a folded word stands for; NULL if it is none. */
static const char *
generation_of(const Word *word)
{
	static const char *const younger[] = {"jr", "junior", "jnr", "ii", "2nd", NULL};
	static const char *const elder[] = {"sr", "senior", "snr", NULL};
	static const char *const third[] = {"iii", "3rd", NULL};

	if (word_is_one_of(word, younger))
		return "jr";
	if (word_is_one_of(word, elder))
		return "sr";
	if (word_is_one_of(word, third))
		return "iii";
	return NULL;
}

static bool
is_title(const Word *word)
{
	static const char *const titles[] = {
		"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "herr", "frau",
		"sir", "dame", "lady", "lord", "rev", "fr", "hon", "sra", "srta", "dra",
		"don", "dona", "dott", "dottssa", "sig", "signora", "mme", "mlle", "madame",
		"monsieur", "ing", "dipl", "mag", "pan", "pani", "hr", "dhr", "mevr", "mw",
		"shri", "smt", "phd", "md", "esq", "mba", "cpa", NULL
	};

	return word_is_one_of(word, titles);
}

/*
 * Takes titles out of a name's words, and the generation, too.  A name that is
 * nothing else ("Don", "Lord") is one.
 */
static int
keep_name_words(CrmMatchPerson *person, Word *words, int count)
{
	int			kept = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		const char *generation = i > 0 || count > 1 ? generation_of(&words[i]) : NULL;

		if (generation != NULL && i > 0)
			set_text(&person->field[CRM_FIELD_GENERATION], generation, strlen(generation));
		else if (!(count > 1 && is_title(&words[i])))
			words[kept++] = words[i];
	}
	if (kept == 0 && count > 0)
		return 1;
	return kept;
}

/* The first word of two letters or more is what somebody is called. */
static void
add_given(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		folded[CRM_MATCH_RAW_MAX * CRM_NAME_FOLD_GROWTH];
	size_t		folded_length = crm_name_fold(utf8, length, folded, sizeof(folded));
	Word		words[MAX_WORDS];
	int			count = split_words(folded, folded_length, words);
	int			called = 0;
	int			i;

	count = keep_name_words(person, words, count);
	if (count == 0)
		return;
	for (i = 0; i < count; i++)
		if (words[i].length > 1)
		{
			called = i;
			break;
		}
	if (person->field[CRM_FIELD_GIVEN].length == 0)
		set_text(&person->field[CRM_FIELD_GIVEN], words[called].bytes, words[called].length);
	for (i = 0; i < count; i++)
		if (i != called)
			append_word(&person->field[CRM_FIELD_MIDDLE], &words[i]);
}

static void
add_surname(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		folded[CRM_MATCH_RAW_MAX * CRM_NAME_FOLD_GROWTH];
	size_t		folded_length = crm_name_fold(utf8, length, folded, sizeof(folded));
	Word		words[MAX_WORDS];
	int			count = split_words(folded, folded_length, words);
	int			i;

	count = keep_name_words(person, words, count);
	for (i = 0; i < count; i++)
		append_word(&person->field[CRM_FIELD_SURNAME], &words[i]);
}

static void
add_middle(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmMatchText folded;
	Word		words[MAX_WORDS];
	int			count;
	int			i;

	set_folded(&folded, utf8, length);
	count = split_words(folded.bytes, folded.length, words);
	for (i = 0; i < count; i++)
		append_word(&person->field[CRM_FIELD_MIDDLE], &words[i]);
}

static bool
has_word(const CrmMatchText *text, const Word *word)
{
	Word		words[MAX_WORDS];
	int			count = split_words(text->bytes, text->length, words);
	int			i;

	for (i = 0; i < count; i++)
		if (words[i].length == word->length &&
			memcmp(words[i].bytes, word->bytes, word->length) == 0)
			return true;
	return false;
}

/*
 * A full name beside a first and a last name has nothing new but the names in
 * between.
 */
static void
add_rest_of_full_name(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		folded[CRM_MATCH_RAW_MAX * CRM_NAME_FOLD_GROWTH];
	size_t		folded_length = crm_name_fold(utf8, length, folded, sizeof(folded));
	Word		words[MAX_WORDS];
	int			count = split_words(folded, folded_length, words);
	int			i;

	count = keep_name_words(person, words, count);
	for (i = 0; i < count; i++)
		if (!has_word(&person->field[CRM_FIELD_GIVEN], &words[i]) &&
			!has_word(&person->field[CRM_FIELD_SURNAME], &words[i]) &&
			!has_word(&person->field[CRM_FIELD_MIDDLE], &words[i]))
			append_word(&person->field[CRM_FIELD_MIDDLE], &words[i]);
}

static void
add_full_name(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		room[CRM_SPLIT_NAME_SIZE(CRM_MATCH_RAW_MAX)];
	CrmNameParts parts;

	if (person->field[CRM_FIELD_GIVEN].length > 0 ||
		person->field[CRM_FIELD_SURNAME].length > 0)
	{
		add_rest_of_full_name(person, utf8, length);
		return;
	}
	crm_split_name(utf8, length, room, &parts);
	add_given(person, parts.bytes[CRM_NAME_FIRST], parts.length[CRM_NAME_FIRST]);
	add_middle(person, parts.bytes[CRM_NAME_MIDDLE], parts.length[CRM_NAME_MIDDLE]);
	add_surname(person, parts.bytes[CRM_NAME_LAST], parts.length[CRM_NAME_LAST]);
	if (parts.length[CRM_NAME_SUFFIX] > 0)
	{
		CrmMatchText folded;
		Word		word;
		const char *generation;

		set_folded(&folded, parts.bytes[CRM_NAME_SUFFIX], parts.length[CRM_NAME_SUFFIX]);
		word.bytes = folded.bytes;
		word.length = folded.length;
		generation = generation_of(&word);
		if (generation != NULL)
			set_text(&person->field[CRM_FIELD_GENERATION], generation, strlen(generation));
	}
}

/* ----------
 * e-mail addresses and phone numbers
 * ----------
 */

/* Puts a value into the first free place of a list; one that is there stays alone. */
static void
add_to_list(CrmMatchText *head, CrmMatchText *more, const char *bytes, size_t length)
{
	int			i;

	for (i = 0; i < CRM_MATCH_LIST_MAX; i++)
	{
		CrmMatchText *place = i == 0 ? head : &more[i - 1];

		if (place->length == 0)
		{
			set_text(place, bytes, length);
			return;
		}
		if (place->length == length && memcmp(place->bytes, bytes, length) == 0)
			return;
	}
}

/* Without being so strict as an address that mail can be sent to must be. */
static void
add_email(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		normal[CRM_MATCH_RAW_MAX * 4 + 512];
	char		key[CRM_MATCH_RAW_MAX * 4 + 512];
	size_t		normal_length = crm_email_normalize(utf8, length, normal, NULL);
	size_t		key_length = 0;

	if (normal_length > 0)
		key_length = crm_email_key(normal, normal_length, key);
	else if (memchr(utf8, '@', length) != NULL)
	{
		/* a slip in an address leaves an address that can be compared */
		size_t		i;

		for (i = 0; i < length; i++)
			key[i] = utf8[i] >= 'A' && utf8[i] <= 'Z' ? utf8[i] + 32 : utf8[i];
		key_length = length;
	}
	if (key_length > 2)
		add_to_list(&person->field[CRM_FIELD_EMAIL], person->more_emails, key, key_length);
}

/* Where a number ends: what follows x, ext or # is an extension. */
static size_t
phone_end(const char *text, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		if (i > 0 && (text[i] == 'x' || text[i] == 'X' || text[i] == '#' || text[i] == 'e' ||
					  text[i] == 'E' || text[i] == ';' || text[i] == ','))
			return i;
	return length;
}

/* The last digits: with and without calling codes and leading zeros they are the same. */
static void
add_phone(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		digits[CRM_MATCH_RAW_MAX];
	size_t		count = 0;
	size_t		start = 0;
	size_t		i;

	length = phone_end(utf8, length);
	for (i = 0; i < length; i++)
		if (utf8[i] >= '0' && utf8[i] <= '9')
			digits[count++] = utf8[i];
	if (count > PHONE_DIGITS)
		start = count - PHONE_DIGITS;
	else
		while (count - start > PHONE_DIGITS_MIN && digits[start] == '0')
			start++;
	if (count - start >= PHONE_DIGITS_MIN)
		add_to_list(&person->field[CRM_FIELD_PHONE], person->more_phones,
					digits + start, count - start);
}

/* ----------
 * the rest
 * ----------
 */

/* Numbers of a date, in the order in which they stand. */
static int
date_numbers(const char *text, size_t length, int *numbers, int *digits)
{
	int			count = 0;
	size_t		i = 0;

	while (i < length && count < 3)
	{
		if (text[i] < '0' || text[i] > '9')
		{
			i++;
			continue;
		}
		numbers[count] = 0;
		digits[count] = 0;
		while (i < length && text[i] >= '0' && text[i] <= '9' && digits[count] < 8)
		{
			numbers[count] = numbers[count] * 10 + (text[i++] - '0');
			digits[count]++;
		}
		count++;
	}
	return count;
}

/* A number's last digits, with zeros before it. */
void
crm_put_digits(char *out, int number, int digits)
{
	while (digits-- > 0)
	{
		out[digits] = (char) ('0' + number % 10);
		number /= 10;
	}
}

/* Year, month and day as eight digits; a day that no month has is a slip like any. */
static void
add_birth(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmMatchText *birth = &person->field[CRM_FIELD_BIRTH];
	int			numbers[3];
	int			digits[3];
	int			count = date_numbers(utf8, length, numbers, digits);

	if (count == 1 && digits[0] == 8)
		crm_put_digits(birth->bytes, numbers[0], 8);
	else if (count < 3)
		return;
	else if (digits[0] == 4)
	{
		crm_put_digits(birth->bytes, numbers[0], 4);
		crm_put_digits(birth->bytes + 4, numbers[1], 2);
		crm_put_digits(birth->bytes + 6, numbers[2], 2);
	}
	else if (digits[2] == 4)
	{
		bool		month_leads = numbers[1] > 12;

		crm_put_digits(birth->bytes, numbers[2], 4);
		crm_put_digits(birth->bytes + 4, numbers[month_leads ? 0 : 1], 2);
		crm_put_digits(birth->bytes + 6, numbers[month_leads ? 1 : 0], 2);
	}
	else
		return;
	birth->length = 8;
}

/* Words of streets that are written in more than one way. */
static const char *const street_words[][2] = {
	{"street", "st"}, {"str", "st"}, {"strasse", "st"}, {"road", "rd"}, {"avenue", "ave"},
	{"av", "ave"}, {"avda", "ave"}, {"avenida", "ave"}, {"drive", "dr"}, {"lane", "ln"},
	{"court", "ct"}, {"crt", "ct"}, {"place", "pl"}, {"square", "sq"}, {"boulevard", "blvd"},
	{"circuit", "cct"}, {"circle", "cir"}, {"crescent", "cres"}, {"terrace", "tce"},
	{"ter", "tce"}, {"parade", "pde"}, {"highway", "hwy"}, {"close", "cl"}, {"north", "n"},
	{"south", "s"}, {"east", "e"}, {"west", "w"}, {"apartment", "apt"}, {"calle", "c"},
	{"carretera", "ctra"}, {"rua", "r"}, {"rue", "r"}, {"ulica", "ul"}, {"aleja", "al"},
	{"platz", "pl"}, {"piazza", "pza"}, {"plaza", "pza"}, {"suite", "ste"}, {"number", "no"}
};

/* Words that add nothing to a street's number and name. */
static bool
is_street_filler(const Word *word)
{
	static const char *const fillers[] = {"apt", "unit", "flat", "ste", "no", "nr", NULL};

	return word_is_one_of(word, fillers);
}

static void
shorten_street_word(Word *word)
{
	size_t		i;

	for (i = 0; i < sizeof(street_words) / sizeof(street_words[0]); i++)
		if (word_is(word, street_words[i][0]))
		{
			word->bytes = street_words[i][1];
			word->length = strlen(street_words[i][1]);
			return;
		}
	/* Hauptstrasse, Hauptstr. */
	if (word->length > 8 && memcmp(word->bytes + word->length - 6, "strasse", 6) == 0)
		word->length -= 4;
}

static void
add_street(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		folded[CRM_MATCH_RAW_MAX * CRM_NAME_FOLD_GROWTH];
	size_t		folded_length = crm_name_fold(utf8, length, folded, sizeof(folded));
	Word		words[MAX_WORDS];
	int			count = split_words(folded, folded_length, words);
	int			i;

	for (i = 0; i < count; i++)
	{
		shorten_street_word(&words[i]);
		if (!is_street_filler(&words[i]))
			append_word(&person->field[CRM_FIELD_STREET], &words[i]);
	}
}

/* Letters and digits only: "BB6 8JA" and "bb68ja" are one. */
static void
add_postcode(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmMatchText *postcode = &person->field[CRM_FIELD_POSTCODE];
	int			kept = 0;
	int			i;

	set_folded(postcode, utf8, length);
	for (i = 0; i < postcode->length; i++)
		if (postcode->bytes[i] != ' ')
			postcode->bytes[kept++] = postcode->bytes[i];
	postcode->length = (uint8_t) kept;
}

static void
add_company(CrmMatchPerson *person, const char *utf8, size_t length)
{
	char		normal[CRM_COMPANY_SIZE(CRM_MATCH_RAW_MAX)];
	CrmCompanyForms forms;

	length = crm_company_normalize(utf8, length, false, normal, &forms);
	set_folded(&person->field[CRM_FIELD_COMPANY], normal, length);
}

/*
 * A company's key, which resembles no other company's: 42 and 43 are not one slip
 * apart but twenty digits.
 */
static void
add_company_key(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmMatchText *company = &person->field[CRM_FIELD_COMPANY];
	uint64_t	hash = UINT64_C(14695981039346656037);
	size_t		i;

	for (i = 0; i < length; i++)
		hash = (hash ^ (uint8_t) utf8[i]) * UINT64_C(1099511628211);
	hash ^= hash >> 33;
	hash *= UINT64_C(0xff51afd7ed558ccd);
	hash ^= hash >> 33;
	for (i = COMPANY_KEY_DIGITS; i-- > 0; hash /= 10)
		company->bytes[i] = (char) ('0' + hash % 10);
	company->length = COMPANY_KEY_DIGITS;
}

/* Column by column, names before the full name. */
void
crm_person_add(CrmMatchPerson *person, CrmMatchColumn column, const char *utf8, size_t length)
{
	if (length > CRM_MATCH_RAW_MAX)
		length = CRM_MATCH_RAW_MAX;
	switch (column)
	{
		case CRM_COLUMN_FIRST_NAME:
			add_given(person, utf8, length);
			break;
		case CRM_COLUMN_MIDDLE_NAME:
			add_middle(person, utf8, length);
			break;
		case CRM_COLUMN_LAST_NAME:
			add_surname(person, utf8, length);
			break;
		case CRM_COLUMN_FULL_NAME:
			add_full_name(person, utf8, length);
			break;
		case CRM_COLUMN_EMAIL:
			add_email(person, utf8, length);
			break;
		case CRM_COLUMN_PHONE:
			add_phone(person, utf8, length);
			break;
		case CRM_COLUMN_BIRTH:
			add_birth(person, utf8, length);
			break;
		case CRM_COLUMN_STREET:
			add_street(person, utf8, length);
			break;
		case CRM_COLUMN_CITY:
			set_folded(&person->field[CRM_FIELD_CITY], utf8, length);
			break;
		case CRM_COLUMN_POSTCODE:
			add_postcode(person, utf8, length);
			break;
		case CRM_COLUMN_STATE:
			set_folded(&person->field[CRM_FIELD_STATE], utf8, length);
			break;
		case CRM_COLUMN_COUNTRY:
			set_folded(&person->field[CRM_FIELD_COUNTRY], utf8, length);
			break;
		case CRM_COLUMN_COMPANY:
			add_company(person, utf8, length);
			break;
		case CRM_COLUMN_COMPANY_KEY:
			if (length > 0)
				add_company_key(person, utf8, length);
			break;
		case CRM_COLUMN_JOB:
			set_folded(&person->field[CRM_FIELD_JOB], utf8, length);
			break;
		case CRM_COLUMN_GENDER:
			set_folded(&person->field[CRM_FIELD_GENDER], utf8, length);
			if (person->field[CRM_FIELD_GENDER].length > 1)
				person->field[CRM_FIELD_GENDER].length = 1;
			break;
	}
}

void
crm_person_clear(CrmMatchPerson *person)
{
	int			i;

	for (i = 0; i < CRM_MATCH_FIELDS; i++)
		person->field[i].length = 0;
	for (i = 0; i < CRM_MATCH_LIST_MAX - 1; i++)
		person->more_emails[i].length = person->more_phones[i].length = 0;
}
