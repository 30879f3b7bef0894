/*
 * match_addresses.c
 *		Where a contact is reached: e-mail, phone, street and postcode, in the form in
 *		which they are compared.
 */
#include "matching/match_parts.h"

#include "values/email_parse.h"

/* Digits of a phone number that are compared: those at its end. */
#define PHONE_DIGITS 9

/* Fewer digits are an extension, or a slip. */
#define PHONE_DIGITS_MIN 6

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
			crm_text_set(place, bytes, length);
			return;
		}
		if (place->length == length && memcmp(place->bytes, bytes, length) == 0)
			return;
	}
}

/* Without being so strict as an address that mail can be sent to must be. */
void
crm_person_add_email(CrmMatchPerson *person, const char *utf8, size_t length)
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
void
crm_person_add_phone(CrmMatchPerson *person, const char *utf8, size_t length)
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
 * streets and postcodes
 * ----------
 */

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
is_street_filler(const CrmWord *word)
{
	static const char *const fillers[] = {"apt", "unit", "flat", "ste", "no", "nr", NULL};

	return crm_word_is_one_of(word, fillers);
}

static void
shorten_street_word(CrmWord *word)
{
	size_t		i;

	for (i = 0; i < sizeof(street_words) / sizeof(street_words[0]); i++)
		if (crm_word_is(word, street_words[i][0]))
		{
			word->bytes = street_words[i][1];
			word->length = strlen(street_words[i][1]);
			return;
		}
	/* Hauptstrasse, Hauptstr. */
	if (word->length > strlen("strasse") &&
		memcmp(word->bytes + word->length - strlen("strasse"), "strasse", strlen("strasse")) == 0)
		word->length -= strlen("asse");
}

void
crm_person_add_street(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmWords	words;
	int			i;

	crm_words_fold(&words, utf8, length);
	for (i = 0; i < words.count; i++)
	{
		shorten_street_word(&words.word[i]);
		if (!is_street_filler(&words.word[i]))
			crm_text_append(&person->field[CRM_FIELD_STREET], &words.word[i]);
	}
}

/* Letters and digits only: "BB6 8JA" and "bb68ja" are one. */
void
crm_person_add_postcode(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmMatchText *postcode = &person->field[CRM_FIELD_POSTCODE];
	int			kept = 0;
	int			i;

	crm_text_fold(postcode, utf8, length);
	for (i = 0; i < postcode->length; i++)
		if (postcode->bytes[i] != ' ')
			postcode->bytes[kept++] = postcode->bytes[i];
	postcode->length = (uint8_t) kept;
}
