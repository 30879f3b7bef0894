/*
 * column_names.c
 *		Names under which columns are known, and names that come near to one.
 */
#include "matching/column_names.h"

#include "values/similarity.h"

/* Edits by which a name may differ from one that is known, and be meant as it. */
#define NEAR_EDITS 2
#define NEAR_LENGTH 5			/* shorter names are other names */

/*
 * Names under which columns are known; names before full names.  A fallback is
 * read where the columns before it that mean the same had no value.
 */
const CrmKnownColumn crm_known_columns[] =
{
	{"first_name", CRM_COLUMN_FIRST_NAME, false},
	{"middle_name", CRM_COLUMN_MIDDLE_NAME, false},
	{"last_name", CRM_COLUMN_LAST_NAME, false},
	{"full_name", CRM_COLUMN_FULL_NAME, false},
	{"email", CRM_COLUMN_EMAIL, false},
	{"emails", CRM_COLUMN_EMAIL, false},
	{"additional_emails", CRM_COLUMN_EMAIL, false},
	{"phone_e164", CRM_COLUMN_PHONE, false},
	{"phone", CRM_COLUMN_PHONE, true},
	{"phones", CRM_COLUMN_PHONE, false},
	{"additional_phones", CRM_COLUMN_PHONE, false},
	{"date_of_birth", CRM_COLUMN_BIRTH, false},
	{"street", CRM_COLUMN_STREET, false},
	{"city", CRM_COLUMN_CITY, false},
	{"postal_code", CRM_COLUMN_POSTCODE, false},
	{"postcode", CRM_COLUMN_POSTCODE, true},
	{"state", CRM_COLUMN_STATE, false},
	{"country", CRM_COLUMN_COUNTRY, false},
	{"company", CRM_COLUMN_COMPANY, false},
	{"company_id", CRM_COLUMN_COMPANY_KEY, false},
	{"job_title", CRM_COLUMN_JOB, false},
	{"occupation", CRM_COLUMN_JOB, true},
	{"gender", CRM_COLUMN_GENDER, false}
};

StaticAssertDecl(CRM_KNOWN_COLUMNS <= CRM_INPUT_COLUMNS_MAX, "room for all columns");

/* Names that others give to columns. */
static const struct
{
	const char *name;
	const char *known_name;
}			other_names[] =
{
	{"givenname", "first_name"}, {"forename", "first_name"}, {"fname", "first_name"},
	{"surname", "last_name"}, {"familyname", "last_name"}, {"lname", "last_name"},
	{"name", "full_name"}, {"contactname", "full_name"}, {"displayname", "full_name"},
	{"mail", "email"}, {"emailaddress", "email"},
	{"mobile", "phone"}, {"mobilephone", "phone"}, {"telephone", "phone"}, {"phonenumber", "phone"},
	{"birthday", "date_of_birth"}, {"birthdate", "date_of_birth"}, {"dob", "date_of_birth"},
	{"address", "street"}, {"streetaddress", "street"}, {"addressline1", "street"},
	{"town", "city"}, {"zip", "postal_code"}, {"zipcode", "postal_code"},
	{"province", "state"}, {"region", "state"},
	{"organization", "company"}, {"organisation", "company"}, {"companyname", "company"},
	{"employer", "company"}, {"position", "job_title"}, {"sex", "gender"}
};

/* What a column is used as, for people. */
const char *
crm_match_column_words(CrmMatchColumn column)
{
	static const char *const words[] = {
		"first name", "middle name", "last name", "full name", "e-mail", "phone",
		"date of birth", "street", "city", "postcode", "state", "country", "company",
		"job title", "gender", "company, by its key"
	};

	StaticAssertStmt(lengthof(words) == CRM_MATCH_COLUMNS, "words for all columns");
	return words[column];
}

/* A relation's column of a name; NULL if it has none. */
Form_pg_attribute
crm_attribute_named(TupleDesc descriptor, const char *name)
{
	int			i;

	for (i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);

		if (!attribute->attisdropped && strcmp(NameStr(attribute->attname), name) == 0)
			return attribute;
	}
	return NULL;
}

/* ----------
 * near misses
 * ----------
 */

/* A name in small letters without underscores; returns its length. */
static int
plain_name(const char *name, char *out)
{
	int			length = 0;

	for (; *name != '\0'; name++)
		if (*name != '_' && *name != ' ' && *name != '-')
			out[length++] = *name >= 'A' && *name <= 'Z' ? *name + 32 : *name;
	out[length] = '\0';
	return length;
}

static int
edits_between(const char *a, int a_length, const char *b, int b_length)
{
	CrmMatches	matches;

	if (abs(a_length - b_length) > NEAR_EDITS || Min(a_length, b_length) < NEAR_LENGTH ||
		Max(a_length, b_length) > CRM_MATCH_VALUE_MAX)
		return a_length == b_length && memcmp(a, b, a_length) == 0 ? 0 : NEAR_EDITS + 1;
	crm_match_two_bytes(a, a_length, b, b_length, &matches);
	return crm_matches_edit_distance(&matches, NEAR_EDITS, true);
}

/*
 * Names that the relation has, or whose meaning it has, are not what was meant; nor
 * is a full name beside a last name.
 */
static bool
is_missing(TupleDesc descriptor, int known)
{
	int			i;

	if (crm_known_columns[known].column == CRM_COLUMN_FULL_NAME &&
		crm_attribute_named(descriptor, "last_name") != NULL)
		return false;

	for (i = 0; i < CRM_KNOWN_COLUMNS; i++)
		if (crm_known_columns[i].column == crm_known_columns[known].column &&
			crm_attribute_named(descriptor, crm_known_columns[i].name) != NULL)
			return false;
	return true;
}

/* How far a plain name is from a known one; 0 if others mean that by it. */
static int
distance_to(const char *plain, int length, const char *known_name)
{
	char		known[NAMEDATALEN];
	int			i;

	for (i = 0; i < (int) lengthof(other_names); i++)
		if (strcmp(other_names[i].name, plain) == 0 &&
			strcmp(other_names[i].known_name, known_name) == 0)
			return 0;
	return edits_between(plain, length, known, plain_name(known_name, known));
}

static bool
is_known(const char *name)
{
	int			i;

	for (i = 0; i < CRM_KNOWN_COLUMNS; i++)
		if (strcmp(name, crm_known_columns[i].name) == 0)
			return true;
	return false;
}

static CrmNearMiss
nearest_name(TupleDesc descriptor, const char *name)
{
	CrmNearMiss nearest = {name, NULL, NEAR_EDITS + 1};
	char		plain[NAMEDATALEN];
	int			length = plain_name(name, plain);
	int			i;

	if (is_known(name))
		return nearest;
	for (i = 0; i < CRM_KNOWN_COLUMNS; i++)
	{
		int			distance;

		if (!is_missing(descriptor, i))
			continue;
		distance = distance_to(plain, length, crm_known_columns[i].name);
		if (distance < nearest.distance)
		{
			nearest.distance = distance;
			nearest.known_name = crm_known_columns[i].name;
		}
	}
	return nearest;
}

/* Columns that are not used, but might be under another name: a list of CrmNearMiss. */
List *
crm_near_misses(TupleDesc descriptor)
{
	List	   *misses = NIL;
	int			i;

	for (i = 0; i < descriptor->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(descriptor, i);
		CrmNearMiss miss;

		if (attribute->attisdropped)
			continue;
		miss = nearest_name(descriptor, NameStr(attribute->attname));
		if (miss.known_name != NULL)
		{
			CrmNearMiss *kept = palloc(sizeof(CrmNearMiss));

			*kept = miss;
			kept->name = pstrdup(miss.name);
			misses = lappend(misses, kept);
		}
	}
	return misses;
}
