/*
 * company_name.c
 *		Names of companies in the form in which they are compared.
 *
 * Three passes over the name, each linear; company_words.c has the first two:
 *
 * 1. Words: signs separate them, "&" is the word "and", every word is folded as
 *    crm_name_fold does it (lower case, no accents, Latin letters).
 * 2. Initials: single letters that follow each other become one word, so that
 *    "S.A.", "S. A." and "SA" are the same; letters with dots keep apart from
 *    letters without ("Vitamin C S. A.").
 * 3. Legal forms: stripped from both ends, the longest first, until none is
 *    left, but never the last word that remains.
 *
 * In between, each word stands behind a mark: a control character whose low
 * bits say how the word was written.  What depends on a mark can only strip
 * more, so the normal form of a normal form is itself, although that has no
 * marks.
 *
 * Plain C on UTF-8 and a caller's buffer: no allocation, no state, no locale.
 */
#include "values/company_name.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "values/company_words.h"
#include "values/utf8.h"
#include "values/word_hash.h"

/* Where a form stands; the numbers of legal_forms.awk. */
#define FORM_AT_END		1
#define FORM_AT_START	2
#define FORM_DOTTED		4
#define FORM_CYRILLIC	8
#define FORM_QUOTED		16
#define FORM_ATTACHED	32
#define FORM_PAIRED		64

struct LegalFormKey
{
	uint16_t	key;			/* place in legal_form_keys */
	uint16_t	form;			/* place in legal_form_names */
	uint8_t		length;
	uint8_t		where;
};

/* The same for a spelling in a script of its own. */
struct ScriptForm
{
	char		key[48];
	uint8_t		length;
	uint8_t		where;
	uint16_t	form;
};

#define SCRIPT_FORM(key, where, form) {key, sizeof(key) - 1, where, form}

#include "data/legal_forms_table.h"

const char	crm_legal_forms_version[] = LEGAL_FORMS_VERSION;

/* What is left of the words in the third pass; start is a mark. */
typedef struct Window
{
	char	   *start;
	char	   *end;
	bool		has_script;		/* there are bytes beyond ASCII */
} Window;

/* A legal form that was found, and the side of it that remains. */
typedef struct Found
{
	char	   *cut;			/* NULL: none */
	uint16_t	form;
} Found;

/* Whether the bytes, in which marks count as blanks, are the key. */
static bool
equals_key(const char *bytes, const char *key, size_t length)
{
	size_t		i;

	for (i = 0; i < length; i++)
		if (bytes[i] != key[i] && !(key[i] == ' ' && CRM_IS_MARK(bytes[i])))
			return false;
	return true;
}

/* A form that stands where one of the bits of allowed says. */
static const struct LegalFormKey *
find_form(uint32_t hash, const char *bytes, size_t length, int allowed)
{
	const uint16_t *bucket = legal_form_buckets + (hash >> (32 - LEGAL_FORMS_BITS));
	int			i;

	for (i = bucket[0]; i < bucket[1]; i++)
	{
		const struct LegalFormKey *entry = &legal_form_entries[i];

		if (entry->length == length && (entry->where & allowed) != 0 &&
			equals_key(bytes, legal_form_keys + entry->key, length))
			return entry;
	}
	return NULL;
}

/* The longest form of ASCII at the end, in front of which a word remains. */
static Found
form_at_end(const Window *window)
{
	Found		found = {NULL, 0};
	uint32_t	hash = 0;
	bool		one_word = true;
	char	   *p = window->end;

	while (--p > window->start && window->end - p <= LEGAL_FORMS_LONGEST + 1)
	{
		const struct LegalFormKey *entry;
		int			allowed = FORM_AT_END;

		if (!CRM_IS_MARK(*p))
		{
			hash = crm_word_hash_step(hash, *p);
			continue;
		}
		if (one_word && (*p & CRM_MARK_DOTTED))
			allowed |= FORM_DOTTED;
		if (one_word && (*p & CRM_MARK_CYRILLIC))
			allowed |= FORM_CYRILLIC;
		entry = find_form(hash, p + 1, (size_t) (window->end - p - 1), allowed);
		if (entry != NULL)
		{
			found.cut = p;
			found.form = entry->form;
		}
		hash = crm_word_hash_step(hash, ' ');
		one_word = false;
	}
	return found;
}

static uint32_t
hash_of(const char *bytes, const char *end)
{
	uint32_t	hash = 0;

	while (end-- > bytes)
		hash = crm_word_hash_step(hash, CRM_IS_MARK(*end) ? ' ' : *end);
	return hash;
}

/* Whether the first word has the first letter and the length of such a form. */
static bool
may_begin_form(const Window *window)
{
	const char *word = window->start + 1;
	const char *p = word;

	if (*word < 'a' || *word > 'z')
		return false;
	while (p < window->end && !CRM_IS_MARK(*p) && p - word < 32)
		p++;
	return p - word < 32 && (legal_form_starts[*word - 'a'] >> (p - word) & 1) != 0;
}

/* The longest form of ASCII at the start, behind which a word remains. */
static Found
form_at_start(const Window *window)
{
	Found		found = {NULL, 0};
	bool		one_word = true;
	char	   *p;

	if (!may_begin_form(window))
		return found;
	for (p = window->start + 1; p < window->end && p - window->start <= LEGAL_FORMS_LONGEST + 1; p++)
	{
		const struct LegalFormKey *entry;
		int			allowed = FORM_AT_START;

		if (!CRM_IS_MARK(*p))
			continue;
		if (one_word && (*window->start & CRM_MARK_CYRILLIC))
			allowed |= FORM_CYRILLIC;
		if (one_word && (*p & CRM_MARK_QUOTED) && !(*window->start & CRM_MARK_QUOTED))
			allowed |= FORM_QUOTED;
		entry = find_form(hash_of(window->start + 1, p), window->start + 1,
						  (size_t) (p - window->start - 1), allowed);
		if (entry != NULL)
		{
			found.cut = p;
			found.form = entry->form;
		}
		one_word = false;
	}
	return found;
}

/*
 * The longest form in a script of its own at one end, if it is longer than what
 * was found in ASCII.  Some need no blank.
 */
static void
find_script_form(const Window *window, bool at_end, Found *found)
{
	char	   *words = window->start + 1;
	size_t		length = (size_t) (window->end - words);
	size_t		longest = found->cut == NULL ? 0 :
		(size_t) (at_end ? window->end - found->cut : found->cut - words);
	size_t		i;

	for (i = 0; i < sizeof(script_forms) / sizeof(*script_forms); i++)
	{
		const struct ScriptForm *form = &script_forms[i];
		char	   *key = at_end ? window->end - form->length : words;
		char	   *cut = at_end ? key : words + form->length;
		int			allowed = FORM_ATTACHED;

		if (form->length >= length || form->length <= longest)
			continue;
		if (CRM_IS_MARK(at_end ? key[-1] : *cut))
			allowed |= at_end ? FORM_AT_END : FORM_AT_START;
		if ((form->where & allowed) == 0 || !equals_key(key, form->key, form->length))
			continue;
		longest = form->length;
		found->cut = at_end && CRM_IS_MARK(key[-1]) ? key - 1 : cut;
		found->form = form->form;
	}
}

/* Cuts one form off the end; a letter that stands free joins the letter before. */
static bool
strip_end(Window *window, CrmCompanyForms *forms)
{
	Found		found = form_at_end(window);

	if (window->has_script)
		find_script_form(window, true, &found);
	if (found.cut == NULL)
		return false;
	if (forms->end_count < CRM_COMPANY_MAX_FORMS)
		forms->at_end[forms->end_count++] = found.form;
	window->end = found.cut;
	while (window->end - window->start > 4 && CRM_IS_MARK(window->end[-4]) &&
		   crm_is_and(window->end - 4))
		window->end -= 4;
	if (window->end - window->start >= 4 && crm_is_initial(window->end - 2, window->end) &&
		CRM_IS_MARK(window->end[-2]) && CRM_IS_MARK(window->end[-4]) &&
		crm_is_initial(window->end - 4, window->end))
	{
		window->end[-2] = window->end[-1];
		window->end--;
	}
	return true;
}

/* The same at the start: what is in front of cut goes. */
static void
cut_start(Window *window, CrmCompanyForms *forms, char *cut, uint16_t form)
{
	if (forms->start_count < CRM_COMPANY_MAX_FORMS)
		forms->at_start[forms->start_count++] = form;
	window->start = cut;
	if (!CRM_IS_MARK(*window->start))
		*--window->start = CRM_MARK;
	while (window->end - window->start > 4 && CRM_IS_MARK(window->start[4]) &&
		   crm_is_and(window->start))
		window->start += 4;
	if (crm_is_initial(window->start, window->end) && crm_is_initial(window->start + 2, window->end))
	{
		window->start[2] = window->start[1];
		window->start[1] = window->start[0];
		window->start++;
	}
}

static bool
strip_start(Window *window, CrmCompanyForms *forms)
{
	Found		found = form_at_start(window);

	if (window->has_script)
		find_script_form(window, false, &found);
	if (found.cut == NULL)
		return false;
	cut_start(window, forms, found.cut, found.form);
	return true;
}

/*
 * Cuts a first word that is a form only beside one that was cut off the end:
 * "Oy" of "Oy Karl Fazer Ab" is found as "oy ab".
 */
static bool
strip_paired(Window *window, CrmCompanyForms *forms)
{
	char	   *word = window->start + 1;
	char	   *mark = word;
	int			i;

	if (forms->end_count == 0 || !may_begin_form(window))
		return false;
	while (mark < window->end && !CRM_IS_MARK(*mark))
		mark++;
	for (i = 0; i < forms->end_count && mark < window->end; i++)
	{
		char		pair[LEGAL_FORMS_LONGEST + 1];
		int			length = snprintf(pair, sizeof(pair), "%.*s %s", (int) (mark - word), word,
									  legal_form_names + forms->at_end[i]);
		const struct LegalFormKey *entry;

		if (length >= (int) sizeof(pair))
			continue;
		entry = find_form(hash_of(pair, pair + length), pair, (size_t) length, FORM_PAIRED);
		if (entry == NULL)
			continue;
		cut_start(window, forms, mark, entry->form);
		return true;
	}
	return false;
}

static bool
strip_the(Window *window)
{
	if (window->end - window->start <= 4 || !CRM_IS_MARK(window->start[4]) ||
		memcmp(window->start + 1, "the", 3) != 0)
		return false;
	window->start += 4;
	return true;
}

/*
 * Writes the normal form of a name of UTF-8 into out, which has room for
 * CRM_COMPANY_SIZE(length) bytes, and returns its length: 0 if there is no
 * letter or digit in the name.  *forms tells which legal forms were stripped.
 * With ascii_only, or if the name is not UTF-8, bytes beyond ASCII are kept as
 * they are.  out must not overlap name.
 */
size_t
crm_company_normalize(const char *name, size_t length, bool ascii_only, char *out,
					  CrmCompanyForms *forms)
{
	Window		window = {.start = out};
	char	   *p;

	forms->start_count = 0;
	forms->end_count = 0;
	window.end = crm_company_words(name, length, ascii_only, out);
	if (window.end == out)
		return 0;
	length = (size_t) (window.end - out);
	window.has_script = crm_ascii_prefix(out, length) < length;
	do
	{
		while (strip_the(&window) || strip_start(&window, forms))
			;
		while (strip_end(&window, forms))
			;
	} while (strip_paired(&window, forms));
	for (p = window.start + 1; p < window.end; p++)
		*out++ = CRM_IS_MARK(*p) ? ' ' : *p;
	return (size_t) (window.end - window.start - 1);
}

/* A form that is the same as the one before it says nothing new. */
static size_t
append_form(uint16_t form, char *out, size_t length, const char **last)
{
	const char *name = legal_form_names + form;
	size_t		name_length = strlen(name);

	if (name == *last || length + name_length + 2 > CRM_COMPANY_FORMS_SIZE)
		return length;
	*last = name;
	if (length > 0)
		out[length++] = ' ';
	memcpy(out + length, name, name_length + 1);
	return length + name_length;
}

/*
 * Writes the names of the stripped forms in the order of the name, with blanks
 * between them and a byte 0 behind, into out[CRM_COMPANY_FORMS_SIZE]; returns
 * the length, 0 if there were none.
 */
size_t
crm_company_forms_text(const CrmCompanyForms *forms, char *out)
{
	const char *last = NULL;
	size_t		length = 0;
	int			i;

	for (i = 0; i < forms->start_count; i++)
		length = append_form(forms->at_start[i], out, length, &last);
	for (i = forms->end_count; i > 0; i--)
		length = append_form(forms->at_end[i - 1], out, length, &last);
	return length;
}
