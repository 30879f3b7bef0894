/*
 * split_name.c
 *		The parts of a full name.
 *
 * A name is a row of words.  What stands in brackets is taken out first, then
 * the parts behind commas that are no names (Jr., PhD).  If a comma remains,
 * the family name stands before it; otherwise honorifics are taken off the
 * front and suffixes off the end, and the last word, with what belongs to it,
 * is the family name.  At least one word is left to be the name.
 *
 * Nothing is looked up in a list of family names: what has two of them without
 * a hyphen, a particle or "y" keeps only the last, and the other is a middle
 * name.
 */
#include "values/split_name.h"

#include <string.h>

#include "values/given_names.h"

#define UNDECIDED (-1)

/* The words that are not in brackets, in order. */
typedef struct Splitting
{
	CrmNameWords read;
	CrmNameWord *words[CRM_NAME_MAX_WORDS + 1];
	int			count;
	const CrmNameWord *inverted;	/* first word behind the family name, or NULL */
	bool		is_mixed;		/* not all in capitals */
	bool		has_honorific;
	bool		is_familiar;	/* the last honorific goes with a given name */
	bool		has_suffix;
} Splitting;

static bool
has_kind(const CrmNameWord *word, unsigned kinds)
{
	return (word->kinds & kinds) != 0;
}

static void
assign(Splitting *s, int start, int end, CrmNamePart part)
{
	int			i;

	for (i = start; i < end; i++)
		s->words[i]->part = (int8_t) part;
}

/* --- before and behind the name -------------------------------------------- */

static bool
is_initial(const CrmNameWord *word)
{
	return word->folded_length == 1 && word->has_dot;
}

/*
 * Whether the word at i is an honorific, given that others stand before it and
 * another word behind it.  M. is Monsieur, but not in M. J. Smith.
 */
static bool
is_honorific(const Splitting *s, int i)
{
	const CrmNameWord *word = s->words[i];

	if (has_kind(word, CRM_WORD_HONORIFIC | CRM_WORD_FAMILIAR))
		return true;
	return has_kind(word, CRM_WORD_DOTTED) && word->has_dot &&
		(word->folded_length > 1 || !is_initial(s->words[i + 1]));
}

/* Where the name begins.  Articles count if an honorific follows. */
static int
skip_honorifics(Splitting *s, int start, int end)
{
	int			name = start;
	int			i;

	for (i = start; i < end - 1; i++)
	{
		const CrmNameWord *word = s->words[i];

		if (is_honorific(s, i) || (name == i && i > start && 
						  (word->is_small || word->has_dot) && has_kind(word, CRM_WORD_TITLE)))
		{
			name = i + 1;
			s->has_honorific = true;
			s->is_familiar = has_kind(word, CRM_WORD_FAMILIAR);
		}
		else if (!has_kind(word, CRM_WORD_ARTICLE))
			break;
	}
	assign(s, start, name, CRM_NAME_HONORIFIC);
	return name;
}

static bool
is_written_as_suffix(const Splitting *s, const CrmNameWord *word)
{
	return has_kind(word, CRM_WORD_CAPITALS) &&
		(word->has_dot || (word->is_capitals && s->is_mixed));
}

/* Where the name ends. */
static int
skip_suffixes(Splitting *s, int start, int end)
{
	int			name = end;

	while (name - start >= 2)
	{
		const CrmNameWord *word = s->words[name - 1];

		if (has_kind(word, CRM_WORD_SUFFIX))
			name--;
		else if (name - start >= 3 &&
				 (has_kind(word, CRM_WORD_LATE) || is_written_as_suffix(s, word)))
			name--;
		else
			break;
	}
	assign(s, name, end, CRM_NAME_SUFFIX);
	s->has_suffix = s->has_suffix || name < end;
	return name;
}

/* --- family names ------------------------------------------------------------ */

/* Whether a family name may begin with the word at i, and not end with it. */
static bool
is_particle(const Splitting *s, int i, int end)
{
	if (has_kind(s->words[i], CRM_WORD_PARTICLE | CRM_WORD_INNER))
		return i + 1 < end;
	return has_kind(s->words[i], CRM_WORD_LEADING) && s->words[i]->is_small &&
		i + 2 < end && has_kind(s->words[i + 1], CRM_WORD_PARTICLE | CRM_WORD_INNER);
}

/* Behind the first given name: one word, or what makes one name with it. */
static int
end_of_first_name(const Splitting *s, int start, int end)
{
	int			i = start + 1;

	if (has_kind(s->words[start], CRM_WORD_GIVEN))
	{
		while (i + 1 < end && has_kind(s->words[i], CRM_WORD_INNER))
			i++;
		return i + 1 < end ? i + 1 : start + 1;
	}
	if (!has_kind(s->words[start], CRM_WORD_DEVOUT) || i >= end ||
		!has_kind(s->words[i], CRM_WORD_PARTICLE))
		return i;
	while (i + 1 < end && has_kind(s->words[i], CRM_WORD_PARTICLE | CRM_WORD_INNER))
		i++;
	return i + 1 < end && crm_given_name_is_known(s->words[i]->folded, (size_t) s->words[i]->folded_length) ?
		i + 1 : start + 1;
}

/* Where the family name begins, from start on; the last word belongs to it. */
static int
start_of_family_name(const Splitting *s, int start, int end)
{
	int			family = end - 1;
	int			i;

	if (family - 2 >= start && s->words[family - 1]->is_small && !s->words[family - 1]->has_dot &&
		has_kind(s->words[family - 1], CRM_WORD_JOINER))
		family -= 2;
	for (i = start + 1; i < family; i++)
		if (s->words[i]->is_small && has_kind(s->words[i], CRM_WORD_BORN))
			family = i - 1;
	for (i = start; i < family; i++)
		if (is_particle(s, i, end))
			family = i;
	return family;
}

/*
 * Whether a family name is all there is: von Neumann, De La Cruz, and with an
 * honorific also Mr Van Dyke.
 */
static bool
is_family_name(const Splitting *s, int start, int end)
{
	int			i = start;

	if (!has_kind(s->words[start], CRM_WORD_PARTICLE) || end - start < 2)
		return false;
	while (i < end && has_kind(s->words[i], CRM_WORD_PARTICLE | CRM_WORD_INNER))
		i++;
	return s->words[start]->is_small || i - start >= 2 || (s->has_honorific && i == end - 1);
}

/* --- names ---------------------------------------------------------------------- */

/* Adds a word behind the last, which loses it. */
static void
cut_ending(Splitting *s, int last)
{
	CrmNameWord *word = s->words[last];
	CrmNameWord *cut = &s->read.words[s->read.count];
	size_t		length = crm_name_ending(word);

	if (length == 0 || length == word->length)
		return;
	*cut = *word;
	cut->bytes += word->length - length;
	cut->length = length;
	cut->part = CRM_NAME_HONORIFIC;
	word->length -= length;
	s->read.count++;
}

/* The family name first, as in East Asia; without blanks it is all one. */
static void
split_cjk(Splitting *s, int start, int end)
{
	while (end - start >= 2 && crm_name_ending(s->words[end - 1]) == s->words[end - 1]->length)
	{
		end--;
		assign(s, end, end + 1, CRM_NAME_HONORIFIC);
	}
	cut_ending(s, end - 1);
	assign(s, start, start + 1, CRM_NAME_LAST);
	assign(s, start + 1, end, CRM_NAME_FIRST);
}

static bool
is_cjk_name(const Splitting *s, int start, int end)
{
	int			i;

	for (i = start; i < end; i++)
		if (!s->words[i]->is_cjk)
			return false;
	return !s->read.has_middle_dot;
}

/* A name as it is spoken. */
static void
split_plain(Splitting *s, int start, int end)
{
	int			first;
	int			family;

	start = skip_honorifics(s, start, end);
	end = skip_suffixes(s, start, end);
	if (is_cjk_name(s, start, end))
		split_cjk(s, start, end);
	else if (end - start == 1)
		assign(s, start, end, (s->has_honorific && !s->is_familiar) || s->has_suffix ||
			   s->words[start]->segment < s->read.commas ? CRM_NAME_LAST : CRM_NAME_FIRST);
	else if (is_family_name(s, start, end))
		assign(s, start, end, CRM_NAME_LAST);
	else
	{
		first = end_of_first_name(s, start, end);
		family = start_of_family_name(s, first, end);
		assign(s, start, first, CRM_NAME_FIRST);
		assign(s, first, family, CRM_NAME_MIDDLE);
		assign(s, family, end, CRM_NAME_LAST);
	}
}

/*
 * "Last, First": the family name ends at comma.  Particles may stand behind the
 * given names, as Dutch and German lists have them: Berg, Anna van den.
 */
static void
split_inverted(Splitting *s, int comma, int end)
{
	int			start = skip_honorifics(s, 0, comma);
	int			first;
	int			particles;

	s->inverted = s->words[comma];
	assign(s, start, skip_suffixes(s, start, comma), CRM_NAME_LAST);
	start = skip_honorifics(s, comma, end);
	end = skip_suffixes(s, start, end);
	particles = end;
	while (particles - start >= 2 && s->words[particles - 1]->is_small &&
		   has_kind(s->words[particles - 1], CRM_WORD_PARTICLE | CRM_WORD_INNER | CRM_WORD_LEADING))
		particles--;
	first = end_of_first_name(s, start, particles);
	assign(s, start, first, CRM_NAME_FIRST);
	assign(s, first, particles, CRM_NAME_MIDDLE);
	assign(s, particles, end, CRM_NAME_LAST);
}

/* --- commas and brackets ----------------------------------------------------- */

/* The part of a name that a run of words is, if all are of its kind. */
static int
part_of_run(const Splitting *s, CrmNameWord *const *words, int count)
{
	bool		all_honorifics = has_kind(words[0], CRM_WORD_HONORIFIC);
	bool		all_suffixes = true;
	int			i;

	for (i = 0; i < count; i++)
	{
		all_honorifics = all_honorifics && has_kind(words[i], CRM_WORD_HONORIFIC | CRM_WORD_TITLE);
		all_suffixes = all_suffixes &&
			(has_kind(words[i], CRM_WORD_SUFFIX) || is_written_as_suffix(s, words[i]));
	}
	return all_suffixes ? CRM_NAME_SUFFIX : all_honorifics ? CRM_NAME_HONORIFIC : UNDECIDED;
}

/* Pronouns, and e-mail addresses behind the name of their owner. */
static bool
is_ignored(CrmNameWord *const *words, int count)
{
	return count == 1 && (has_kind(words[0], CRM_WORD_IGNORED) ||
						  memchr(words[0]->bytes, '@', words[0]->length) != NULL);
}

/* Words in brackets: a nickname, unless they say something else. */
static void
decide_brackets(Splitting *s, CrmNameWord **words, int count)
{
	int			part;
	int			i;

	if (is_ignored(words, count))
		return;
	if (has_kind(words[0], CRM_WORD_BORN))
	{
		for (i = 0; i < count; i++)
			words[i]->bracket = 0;
		return;
	}
	part = part_of_run(s, words, count);
	for (i = 0; i < count; i++)
		words[i]->part = (int8_t) (part == UNDECIDED ? CRM_NAME_NICKNAME : part);
}

/* Whether there is a word outside of brackets. */
static bool
has_open_word(const CrmNameWords *read)
{
	int			i;

	for (i = 0; i < read->count; i++)
		if (read->words[i].bracket == 0)
			return true;
	return false;
}

/* Decides on everything in brackets and gathers the other words. */
static void
gather_words(Splitting *s)
{
	CrmNameWord *inside[CRM_NAME_MAX_WORDS];
	bool		has_brackets = has_open_word(&s->read);
	int			bracket;
	int			i;

	s->is_mixed = false;
	for (i = 0; i < s->read.count; i++)
		s->is_mixed = s->is_mixed ||
			(!s->read.words[i].is_capitals && s->read.words[i].folded_length > 1);
	for (bracket = 1; has_brackets && bracket <= s->read.brackets; bracket++)
	{
		int			count = 0;

		for (i = 0; i < s->read.count; i++)
			if (s->read.words[i].bracket == bracket)
				inside[count++] = &s->read.words[i];
		if (count > 0)
			decide_brackets(s, inside, count);
	}
	s->count = 0;
	for (i = 0; i < s->read.count; i++)
		if (s->read.words[i].bracket == 0 || !has_brackets)
			s->words[s->count++] = &s->read.words[i];
}

/* Takes out what is no name between commas, except before the first. */
static void
decide_segments(Splitting *s)
{
	int			count = 0;
	int			start;
	int			end;

	for (start = 0; start < s->count; start = end)
	{
		int			part = UNDECIDED;
		bool		is_safe = start >= 2;
		int			i;

		for (end = start; end < s->count && s->words[end]->segment == s->words[start]->segment; end++)
			is_safe = is_safe || has_kind(s->words[end], CRM_WORD_SUFFIX);
		if (start > 0)
			part = part_of_run(s, s->words + start, end - start);
		/* "Smith, J.D." has initials */
		if (part == CRM_NAME_SUFFIX && !is_safe)
			part = UNDECIDED;
		for (i = start; i < end; i++)
		{
			s->words[i]->part = (int8_t) part;
			if (part == UNDECIDED)
				s->words[count++] = s->words[i];
		}
		s->has_suffix = s->has_suffix || part == CRM_NAME_SUFFIX;
		s->has_honorific = s->has_honorific || part == CRM_NAME_HONORIFIC;
	}
	s->count = count;
}

static void
decide_names(Splitting *s)
{
	int			comma = 0;

	if (s->count == 0)
		return;
	while (comma < s->count && s->words[comma]->segment == s->words[0]->segment)
		comma++;
	if (comma == s->count)
		split_plain(s, 0, s->count);
	else
		split_inverted(s, comma, s->count);
}

/* --- the result ------------------------------------------------------------------ */

/* Appends the words of a part from start to end to what out has of it. */
static void
put_words(const CrmNameWord *start, const CrmNameWord *end, CrmNamePart part,
		  char *out, size_t *length)
{
	const CrmNameWord *word;

	for (word = start; word < end; word++)
	{
		if (word->part != (int8_t) part)
			continue;
		if (*length > 0)
			out[(*length)++] = ' ';
		memcpy(out + *length, word->bytes, word->length);
		*length += word->length;
	}
}

static void
put_parts(const Splitting *s, char *out, CrmNameParts *parts)
{
	const CrmNameWord *start = s->read.words;
	const CrmNameWord *end = start + s->read.count;
	int			part;

	for (part = 0; part < CRM_NAME_PARTS; part++)
	{
		size_t		length = 0;

		if (part == CRM_NAME_LAST && s->inverted != NULL)
		{
			put_words(s->inverted, end, CRM_NAME_LAST, out, &length);
			put_words(start, s->inverted, CRM_NAME_LAST, out, &length);
		}
		else
			put_words(start, end, (CrmNamePart) part, out, &length);
		parts->bytes[part] = out;
		parts->length[part] = length;
		out += length;
	}
}

/* All of a text that is no name, without blanks at its ends. */
static void
put_all(const char *name, size_t length, char *out, CrmNameParts *parts)
{
	while (length > 0 && (unsigned char) name[length - 1] <= ' ')
		length--;
	while (length > 0 && (unsigned char) *name <= ' ')
	{
		name++;
		length--;
	}
	memcpy(out, name, length);
	parts->length[CRM_NAME_LAST] = length;
}

/* Reads the name, or what is in the brackets around all of it. */
static bool
read_words(Splitting *s, const char *name, size_t length)
{
	int			i;

	if (!crm_name_words_read(name, length, &s->read))
		return false;
	if (s->read.count == 0)
		return true;
	for (i = 0; i < s->read.count; i++)
		if (s->read.words[i].bracket != 1)
			return true;
	name = s->read.words[0].bytes;
	length = (size_t) (s->read.words[i - 1].bytes - name) + s->read.words[i - 1].length;
	return crm_name_words_read(name, length, &s->read);
}

void
crm_split_name(const char *name, size_t length, char *out, CrmNameParts *parts)
{
	Splitting	s;
	int			part;

	for (part = 0; part < CRM_NAME_PARTS; part++)
	{
		parts->bytes[part] = out;
		parts->length[part] = 0;
	}
	if (length > CRM_SPLIT_NAME_MAX || !read_words(&s, name, length))
	{
		put_all(name, length, out, parts);
		return;
	}
	s.inverted = NULL;
	s.has_honorific = s.is_familiar = s.has_suffix = false;
	gather_words(&s);
	decide_segments(&s);
	decide_names(&s);
	put_parts(&s, out, parts);
}
