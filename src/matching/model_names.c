/*
 * model_names.c
 *		Evidence, levels and relationships by name, and in words.
 *
 * Names are what a model and evidence are written in: they change no more than a
 * column's name does.  Words are for people.  The tables are as long as what they
 * name, which the compiler checks.
 */
#include "matching/model_names.h"

/* A level: its name, and what a sales manager would call it. */
typedef struct LevelName
{
	const char *name;
	const char *words;
} LevelName;

const char *const crm_relationship_names[CRM_RELATIONSHIPS] = {
	"strangers", "household", "colleagues", "same_person", "careless"
};

const char *const crm_evidence_names[CRM_EVIDENCES] = {
	"first_name", "last_name", "middle_name", "generation", "email", "phone",
	"date_of_birth", "address", "state", "country", "company", "job_title", "gender"
};

const char *const crm_rarity_list_names[CRM_RARITY_LISTS] = {
	"first_name", "last_name", "middle_name", "generation", "email", "phone",
	"date_of_birth", "street", "city", "postcode", "state", "country", "company",
	"job_title", "gender", "email_user"
};

StaticAssertDecl(CRM_EVIDENCE_GENDER == 12, "names of evidence");
StaticAssertDecl(CRM_FIELD_GENDER == 14, "names of fields");
StaticAssertDecl(CRM_CARELESS == 4 && CRM_RELATIONSHIPS == 5, "names of relationships");

static const LevelName given_levels[] = {
	{"none", "one of the two has none"},
	{"same", "the same"},
	{"variant", "forms of one name"},
	{"initial", "one is the other's initial"},
	{"close", "a typing error apart"},
	{"middle", "one is called by the other's middle name"},
	{"prefix", "one begins with the other"},
	{"loose", "similar"},
	{"swapped", "first and last name exchanged"},
	{"different", "different"}
};

static const LevelName surname_levels[] = {
	{"none", "one of the two has none"},
	{"same", "the same"},
	{"part", "one has more names than the other"},
	{"close", "a typing error apart"},
	{"half", "one name in common, and another"},
	{"loose", "similar"},
	{"different", "different"}
};

static const LevelName email_levels[] = {
	{"none", "one of the two has none"},
	{"same", "the same"},
	{"close", "a typing error apart"},
	{"user", "the same user at another domain"},
	{"named_user", "made of the same name at another domain"},
	{"user_close", "a similar user at another domain"},
	{"domain", "of the same company"},
	{"other_kind", "one of a company, one of a provider for everybody"},
	{"different", "different"}
};

static const LevelName birth_levels[] = {
	{"none", "one of the two has none"},
	{"same", "the same"},
	{"close", "a typing error apart, or day and month exchanged"},
	{"partly", "two of day, month and year are the same"},
	{"year", "the same year"},
	{"different", "different"}
};

static const LevelName plain_levels[] = {
	{"none", "one of the two has none"},
	{"same", "the same"},
	{"close", "nearly the same"},
	{"different", "different"}
};

static const LevelName street_levels[] = {
	{"none", "one of the two has none"},
	{"same", "the same"},
	{"close", "nearly the same"},
	{"number", "the same, another number"},
	{"different", "different"}
};

StaticAssertDecl(lengthof(given_levels) == CRM_GIVEN_LEVELS, "levels of given names");
StaticAssertDecl(lengthof(surname_levels) == CRM_SURNAME_LEVELS, "levels of surnames");
StaticAssertDecl(lengthof(email_levels) == CRM_EMAIL_LEVELS, "levels of e-mail addresses");
StaticAssertDecl(lengthof(birth_levels) == CRM_BIRTH_LEVELS, "levels of dates of birth");
StaticAssertDecl(lengthof(plain_levels) == CRM_PLAIN_LEVELS, "levels of the rest");
StaticAssertDecl(lengthof(street_levels) == CRM_STREET_LEVELS, "levels of streets");

static const LevelName *
levels_of(CrmEvidence evidence)
{
	switch (evidence)
	{
		case CRM_EVIDENCE_GIVEN:
			return given_levels;
		case CRM_EVIDENCE_SURNAME:
			return surname_levels;
		case CRM_EVIDENCE_EMAIL:
			return email_levels;
		case CRM_EVIDENCE_BIRTH:
			return birth_levels;
		default:
			Assert(crm_evidence_levels[evidence] == CRM_PLAIN_LEVELS);
			return plain_levels;
	}
}

/* The parts of an address's level, those that both have. */
static const char *
address_name(int level, bool in_words, char *room)
{
	const LevelName *street = &street_levels[level / CRM_PLAIN_LEVELS / CRM_PLAIN_LEVELS];
	const LevelName *city = &plain_levels[level / CRM_PLAIN_LEVELS % CRM_PLAIN_LEVELS];
	const LevelName *postcode = &plain_levels[level % CRM_PLAIN_LEVELS];
	const LevelName *parts[3] = {street, city, postcode};
	static const char *const names[3] = {"street", "city", "postcode"};
	int			length = 0;
	int			i;

	if (level == CRM_LEVEL_NONE)
		return in_words ? street->words : street->name;
	room[0] = '\0';
	for (i = 0; i < 3; i++)
		if (strcmp(parts[i]->name, "none") != 0)
			length += snprintf(room + length, CRM_LEVEL_NAME_MAX - length,
							   in_words ? "%s%s: %s" : "%s%s %s", length > 0 ? ", " : "",
							   names[i], in_words ? parts[i]->words : parts[i]->name);
	return room;
}

/* The room is of CRM_LEVEL_NAME_MAX bytes, and may be where the name stands. */
const char *
crm_level_name(CrmEvidence evidence, int level, char *room)
{
	if (evidence == CRM_EVIDENCE_ADDRESS)
		return address_name(level, false, room);
	return levels_of(evidence)[level].name;
}

const char *
crm_level_words(CrmEvidence evidence, int level, char *room)
{
	if (evidence == CRM_EVIDENCE_ADDRESS)
		return address_name(level, true, room);
	return levels_of(evidence)[level].words;
}
