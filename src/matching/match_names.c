/*
 * match_names.c
 *		A contact's names in the form in which they are compared.
 *
 * Titles are left out, and the generation (jr, sr, iii) stands alone.
 */
#include "matching/match_parts.h"

#include "values/split_name.h"

/* The generation that a folded word stands for; NULL if it is none. */
static const char *
generation_of(const CrmWord *word)
{
	static const char *const younger[] = {"jr", "junior", "jnr", "ii", "2nd", NULL};
	static const char *const elder[] = {"sr", "senior", "snr", NULL};
	static const char *const third[] = {"iii", "3rd", NULL};

	if (crm_word_is_one_of(word, younger))
		return "jr";
	if (crm_word_is_one_of(word, elder))
		return "sr";
	if (crm_word_is_one_of(word, third))
		return "iii";
	return NULL;
}

static bool
is_title(const CrmWord *word)
{
	static const char *const titles[] = {
		"mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "herr", "frau",
		"sir", "dame", "lady", "lord", "rev", "fr", "hon", "sra", "srta", "dra",
		"don", "dona", "dott", "dottssa", "sig", "signora", "mme", "mlle", "madame",
		"monsieur", "ing", "dipl", "mag", "pan", "pani", "hr", "dhr", "mevr", "mw",
		"shri", "smt", "phd", "md", "esq", "mba", "cpa", NULL
	};

	return crm_word_is_one_of(word, titles);
}

static void
set_generation(CrmMatchPerson *person, const char *generation)
{
	crm_text_set(&person->field[CRM_FIELD_GENERATION], generation, strlen(generation));
}

/*
 * Takes titles out of a name's words, and the generation, too.  A name that is
 * nothing else ("Don", "Lord") is one.
 */
static void
keep_name_words(CrmMatchPerson *person, CrmWords *words)
{
	int			kept = 0;
	int			i;

	for (i = 0; i < words->count; i++)
	{
		const char *generation = i > 0 ? generation_of(&words->word[i]) : NULL;

		if (generation != NULL)
			set_generation(person, generation);
		else if (!(words->count > 1 && is_title(&words->word[i])))
			words->word[kept++] = words->word[i];
	}
	if (kept > 0 || words->count == 0)
		words->count = kept;
	else
		words->count = 1;
}

/* The words of a name, without what is no name. */
static void
read_name(CrmMatchPerson *person, const char *utf8, size_t length, CrmWords *words)
{
	crm_words_fold(words, utf8, length);
	keep_name_words(person, words);
}

/* The first word of two letters or more is what somebody is called. */
void
crm_person_add_given(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmWords	words;
	int			called = 0;
	int			i;

	read_name(person, utf8, length, &words);
	if (words.count == 0)
		return;
	for (i = 0; i < words.count; i++)
		if (words.word[i].length > 1)
		{
			called = i;
			break;
		}
	if (person->field[CRM_FIELD_GIVEN].length == 0)
		crm_text_set(&person->field[CRM_FIELD_GIVEN], words.word[called].bytes,
					 words.word[called].length);
	for (i = 0; i < words.count; i++)
		if (i != called)
			crm_text_append(&person->field[CRM_FIELD_MIDDLE], &words.word[i]);
}

void
crm_person_add_surname(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmWords	words;
	int			i;

	read_name(person, utf8, length, &words);
	for (i = 0; i < words.count; i++)
		crm_text_append(&person->field[CRM_FIELD_SURNAME], &words.word[i]);
}

void
crm_person_add_middle(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmWords	words;
	int			i;

	crm_words_fold(&words, utf8, length);
	for (i = 0; i < words.count; i++)
		crm_text_append(&person->field[CRM_FIELD_MIDDLE], &words.word[i]);
}

/*
 * A full name beside a first and a last name has nothing new but the names in
 * between.
 */
static void
add_rest_of_full_name(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmWords	words;
	int			i;

	read_name(person, utf8, length, &words);
	for (i = 0; i < words.count; i++)
		if (!crm_text_has_word(&person->field[CRM_FIELD_GIVEN], &words.word[i]) &&
			!crm_text_has_word(&person->field[CRM_FIELD_SURNAME], &words.word[i]) &&
			!crm_text_has_word(&person->field[CRM_FIELD_MIDDLE], &words.word[i]))
			crm_text_append(&person->field[CRM_FIELD_MIDDLE], &words.word[i]);
}

/* What stands behind a name; of more words than one there is no generation. */
static void
add_suffix(CrmMatchPerson *person, const char *utf8, size_t length)
{
	CrmWords	words;
	const char *generation;

	crm_words_fold(&words, utf8, length);
	generation = words.count == 1 ? generation_of(&words.word[0]) : NULL;
	if (generation != NULL)
		set_generation(person, generation);
}

void
crm_person_add_full_name(CrmMatchPerson *person, const char *utf8, size_t length)
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
	crm_person_add_given(person, parts.bytes[CRM_NAME_FIRST], parts.length[CRM_NAME_FIRST]);
	crm_person_add_middle(person, parts.bytes[CRM_NAME_MIDDLE], parts.length[CRM_NAME_MIDDLE]);
	crm_person_add_surname(person, parts.bytes[CRM_NAME_LAST], parts.length[CRM_NAME_LAST]);
	add_suffix(person, parts.bytes[CRM_NAME_SUFFIX], parts.length[CRM_NAME_SUFFIX]);
}
