/*
 * bounds.c
 *		Telling that a pair is none without looking at its strings.
 *
 * A weight is log2 of (person + careless) / (strangers + household + colleagues),
 * each of them a product over the kinds of evidence; so it is at most one bit more
 * than the better of the first two against the best of the others.  All are sums of
 * bits here, eight at a time.
 *
 * What is rejected here is rejected for certain: of everything that is not known the
 * best is assumed.  Names come last, since they need a look into what is remembered
 * of pairs of names.
 */
#include "matching/bounds.h"

#include <math.h>

#include "matching/likeness.h"

/* ----------
 * tables
 * ----------
 */

static const int others[4] = {CRM_STRANGERS, CRM_HOUSEHOLD, CRM_COLLEAGUES, CRM_STRANGERS};

static void
odds_of(CrmOdds *odds, const double *bits)
{
	int			i;

	for (i = 0; i < 4; i++)
	{
		odds->person[i] = (float) (bits[CRM_SAME_PERSON] - bits[others[i]]);
		odds->careless[i] = (float) (bits[CRM_CARELESS] - bits[others[i]]);
	}
}

static void
keep_best(CrmOdds *best, const CrmOdds *odds)
{
	int			i;

	for (i = 0; i < 4; i++)
	{
		best->person[i] = Max(best->person[i], odds->person[i]);
		best->careless[i] = Max(best->careless[i], odds->careless[i]);
	}
}

static const CrmOdds no_odds;

static CrmOdds
worst_odds(void)
{
	CrmOdds		odds;
	int			i;

	for (i = 0; i < 4; i++)
		odds.person[i] = odds.careless[i] = -1000;
	return odds;
}

/* The best of a level, however rare what agrees. */
static CrmOdds
best_of_level(const CrmScorer *scorer, CrmEvidence evidence, int level)
{
	CrmOdds		best = worst_odds();
	int			rarity;

	for (rarity = 0; rarity <= CRM_RARITY_MAX; rarity++)
	{
		double		bits[CRM_RELATIONSHIPS];
		CrmOdds		odds;

		crm_evidence_bits(scorer, evidence, level, rarity, bits);
		odds_of(&odds, bits);
		keep_best(&best, &odds);
	}
	return best;
}

/* Levels of addresses whose users are the same. */
static bool
is_close_level(CrmEvidence evidence, int level)
{
	return evidence == CRM_EVIDENCE_EMAIL && level >= CRM_EMAIL_CLOSE && level <= CRM_EMAIL_NAMED_USER;
}

static void
set_levels(CrmBounds *bounds, const CrmScorer *scorer, CrmEvidence evidence)
{
	CrmOdds    *table = bounds->level[evidence];
	int			rarity;
	int			level;

	for (level = CRM_BOUND_OTHER; level < CRM_BOUND_LEVELS; level++)
		table[level] = worst_odds();
	for (level = CRM_LEVEL_SAME; level < crm_evidence_levels[evidence]; level++)
	{
		table[level] = best_of_level(scorer, evidence, level);
		/* names that are exchanged are looked at before */
		if (level > CRM_LEVEL_SAME && !(evidence == CRM_EVIDENCE_GIVEN && level == CRM_GIVEN_SWAPPED))
			keep_best(&table[CRM_BOUND_OTHER], &table[level]);
		if (is_close_level(evidence, level))
			keep_best(&table[CRM_BOUND_CLOSE], &table[level]);
		keep_best(&table[CRM_BOUND_ANY], &table[level]);
	}
	for (rarity = 0; rarity <= CRM_RARITY_MAX; rarity++)
	{
		double		bits[CRM_RELATIONSHIPS];

		crm_evidence_bits(scorer, evidence, CRM_LEVEL_SAME, rarity, bits);
		odds_of(&bounds->same[evidence][rarity], bits);
		/* a country may not count, and a name that explains an address is a common one */
		if (evidence == CRM_EVIDENCE_COUNTRY)
			keep_best(&bounds->same[evidence][rarity], &no_odds);
		if ((evidence == CRM_EVIDENCE_GIVEN || evidence == CRM_EVIDENCE_SURNAME) &&
			rarity > CRM_NAMED_RARITY)
			keep_best(&bounds->same[evidence][rarity], &bounds->same[evidence][CRM_NAMED_RARITY]);
	}
}

/* Parts of addresses: 0 none, 1 the same; of streets 2 is close, 3 open, 4 not close. */
static bool
fits_street(int bound, int level)
{
	switch (bound)
	{
		case 3:
			return level > CRM_LEVEL_SAME;
		case 4:
			return level > CRM_LEVEL_CLOSE;
		default:
			return level == bound;
	}
}

/* Of towns and postcodes 2 is open, 3 not close. */
static bool
fits_place(int bound, int level)
{
	return bound == 2 ? level > CRM_LEVEL_SAME : level == bound;
}

static void
set_address(CrmBounds *bounds, const CrmScorer *scorer, int street, int city, int postcode)
{
	CrmOdds    *best = &bounds->address[street][city][postcode];
	int			level;

	*best = street == 0 && city == 0 && postcode == 0 ? no_odds : worst_odds();
	for (level = 1; level < CRM_ADDRESS_LEVELS; level++)
		if (fits_street(street, level / (CRM_PLAIN_LEVELS * CRM_PLAIN_LEVELS)) &&
			fits_place(city, level / CRM_PLAIN_LEVELS % CRM_PLAIN_LEVELS) &&
			fits_place(postcode, level % CRM_PLAIN_LEVELS))
		{
			CrmOdds		odds = best_of_level(scorer, CRM_EVIDENCE_ADDRESS, level);

			keep_best(best, &odds);
		}
}

void
crm_bounds_init(CrmBounds *bounds, const CrmScorer *scorer)
{
	double		share[CRM_RELATIONSHIPS];
	int			e;
	int			street;
	int			city;
	int			postcode;

	memset(bounds, 0, sizeof(*bounds));
	for (e = 0; e < CRM_RELATIONSHIPS; e++)
		share[e] = scorer->share[e];
	odds_of(&bounds->share, share);
	for (e = 0; e < CRM_EVIDENCES; e++)
		if (e != CRM_EVIDENCE_ADDRESS)
			set_levels(bounds, scorer, e);
	for (street = 0; street < CRM_BOUND_STREETS; street++)
		for (city = 0; city < CRM_BOUND_PLACES; city++)
			for (postcode = 0; postcode < CRM_BOUND_PLACES; postcode++)
				set_address(bounds, scorer, street, city, postcode);
}

/* ----------
 * pairs
 * ----------
 */

static inline void
add_odds(CrmOdds *sum, const CrmOdds *odds)
{
	sum->person += odds->person;
	sum->careless += odds->careless;
}

/* Whether a sum of everything reaches a weight. */
static inline bool
reaches(const CrmOdds *sum, double min_weight)
{
	float		person = Min(Min(sum->person[0], sum->person[1]), sum->person[2]);
	float		careless = Min(Min(sum->careless[0], sum->careless[1]), sum->careless[2]);

	return Max(person, careless) + 1.001 >= min_weight;
}

static inline void
add_same(const CrmBounds *bounds, const CrmMatchSet *set, CrmMatchField field, CrmEvidence evidence,
		 uint32 value, CrmOdds *sum)
{
	add_odds(sum, &bounds->same[evidence][crm_match_value(set, field, value)->rarity]);
}

/* Values that are the same, or else of a level, or one of several. */
static inline void
add_plain(const CrmBounds *bounds, const CrmMatchSet *set, CrmMatchField field, CrmEvidence evidence,
		  int otherwise, const CrmMatchRecord *a, const CrmMatchRecord *b, CrmOdds *sum)
{
	uint32		left = a->value[field];
	uint32		right = b->value[field];

	if (left == 0 || right == 0)
		return;
	if (left == right)
		add_same(bounds, set, field, evidence, left, sum);
	else
		add_odds(sum, &bounds->level[evidence][otherwise]);
}

/* Whether two lists of keys, two slots each, have one in common. */
static inline bool
share_token(const CrmMatchRecord *a, const CrmMatchRecord *b, CrmTokenKind kind)
{
	const uint32 *left = &a->token[crm_token_first[kind]];
	const uint32 *right = &b->token[crm_token_first[kind]];

	return (left[0] != 0 && (left[0] == right[0] || left[0] == right[1])) ||
		(left[1] != 0 && (left[1] == right[0] || left[1] == right[1]));
}

/* A slip in two letters of a user at most. */
#define USER_LETTERS 4

static inline int
open_email_level(const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	if (a->more_emails[0] != 0 || b->more_emails[0] != 0)
		return CRM_BOUND_ANY;
	if (share_token(a, b, CRM_TOKEN_USER))
		return CRM_BOUND_CLOSE;
	if (crm_letters_apart(a->email_letters, b->email_letters) <= USER_LETTERS)
		return CRM_BOUND_OTHER;
	if (a->email_domain == b->email_domain)
		return a->email_domain != 0 ? CRM_EMAIL_DOMAIN : CRM_EMAIL_DIFFERENT;
	return a->email_domain != 0 && b->email_domain != 0 ? CRM_EMAIL_DIFFERENT : CRM_EMAIL_OTHER_KIND;
}

static inline int
open_phone_level(const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	if (a->more_phones[0] != 0 || b->more_phones[0] != 0)
		return CRM_BOUND_ANY;
	/* of long numbers a common end says nothing, nor does a slip in short ones */
	if (share_token(a, b, CRM_TOKEN_PHONE) || crm_digits_are_one_slip_apart(a->phone, b->phone))
		return CRM_BOUND_ANY;
	return CRM_LEVEL_DIFFERENT;
}

static inline void
add_lists(const CrmBounds *bounds, const CrmMatchSet *set, const CrmMatchRecord *a,
		  const CrmMatchRecord *b, CrmOdds *sum)
{
	uint32		email = a->value[CRM_FIELD_EMAIL];
	uint32		phone = a->value[CRM_FIELD_PHONE];

	if (email != 0 && b->value[CRM_FIELD_EMAIL] != 0)
	{
		if (email == b->value[CRM_FIELD_EMAIL] && a->more_emails[0] == 0 && b->more_emails[0] == 0)
			add_same(bounds, set, CRM_FIELD_EMAIL, CRM_EVIDENCE_EMAIL, email, sum);
		else
			add_odds(sum, &bounds->level[CRM_EVIDENCE_EMAIL][open_email_level(a, b)]);
	}
	if (phone != 0 && b->value[CRM_FIELD_PHONE] != 0)
	{
		if (phone == b->value[CRM_FIELD_PHONE] && a->more_phones[0] == 0 && b->more_phones[0] == 0)
			add_same(bounds, set, CRM_FIELD_PHONE, CRM_EVIDENCE_PHONE, phone, sum);
		else
			add_odds(sum, &bounds->level[CRM_EVIDENCE_PHONE][open_phone_level(a, b)]);
	}
}

static inline void
add_birth(const CrmBounds *bounds, const CrmMatchSet *set, const CrmMatchRecord *a,
		  const CrmMatchRecord *b, CrmOdds *sum)
{
	if (a->birth == 0 || b->birth == 0)
		return;
	if (a->birth == b->birth)
		add_same(bounds, set, CRM_FIELD_BIRTH, CRM_EVIDENCE_BIRTH, a->value[CRM_FIELD_BIRTH], sum);
	else
		add_odds(sum, &bounds->level[CRM_EVIDENCE_BIRTH][crm_birth_level(a->birth, b->birth)]);
}

/* From which similarity streets, towns and firms are close. */
#define WORDS_CLOSE 0.90

static inline int
open_street_level(const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	uint32		left = a->value[CRM_FIELD_STREET];
	uint32		right = b->value[CRM_FIELD_STREET];
	int			slot = crm_token_first[CRM_TOKEN_STREET];

	if (left == 0 || right == 0)
		return 0;
	if (left == right)
		return 1;
	if (a->token[slot] != 0 && a->token[slot] == b->token[slot])
		return 2;
	if (crm_letters_apart(a->street_letters, b->street_letters) <= 4 ||
		crm_letters_may_be_alike(a->street_letters, b->street_letters,
								 Max(a->street_length, b->street_length), WORDS_CLOSE))
		return 3;
	return 4;
}

/* Whether two different values may be one slip apart, have a word in common or be alike. */
static inline bool
may_be_close(const CrmMatchValue *a, const CrmMatchValue *b)
{
	return crm_letters_apart(a->letters, b->letters) <= 2 ||
		((a->flags | b->flags) & CRM_VALUE_WORDS) != 0 ||
		crm_letters_may_be_alike(a->letters, b->letters, Max(a->length, b->length), WORDS_CLOSE);
}

static inline int
open_city_level(const CrmMatchSet *set, uint32 a, uint32 b)
{
	if (a == 0 || b == 0)
		return 0;
	if (a == b)
		return 1;
	return may_be_close(crm_match_value(set, CRM_FIELD_CITY, a),
						crm_match_value(set, CRM_FIELD_CITY, b)) ? 2 : 3;
}

static inline void
add_address(const CrmBounds *bounds, const CrmMatchSet *set, const CrmMatchRecord *a,
			const CrmMatchRecord *b, CrmOdds *sum)
{
	int			street = open_street_level(a, b);
	int			city = open_city_level(set, a->value[CRM_FIELD_CITY], b->value[CRM_FIELD_CITY]);
	uint32		left = a->value[CRM_FIELD_POSTCODE];
	uint32		right = b->value[CRM_FIELD_POSTCODE];
	int			postcode = left == 0 || right == 0 ? 0 : left == right ? 1 : 2;

	add_odds(sum, &bounds->address[street][city][postcode]);
	if (city != 0 || postcode != 0)
		return;
	if (a->value[CRM_FIELD_STATE] != 0 && b->value[CRM_FIELD_STATE] != 0)
		add_plain(bounds, set, CRM_FIELD_STATE, CRM_EVIDENCE_STATE, CRM_LEVEL_DIFFERENT, a, b, sum);
	else
		add_plain(bounds, set, CRM_FIELD_COUNTRY, CRM_EVIDENCE_COUNTRY, CRM_LEVEL_DIFFERENT, a, b, sum);
}

/* ----------
 * names
 * ----------
 */

/* From which similarity names are close enough to have been exchanged. */
#define SURNAME_CLOSE 0.94

static inline bool
may_be_one_name(const CrmMatchValue *a, const CrmMatchValue *b)
{
	return crm_letters_apart(a->letters, b->letters) <= 2 ||
		((a->flags | b->flags) & CRM_VALUE_WORDS) != 0 ||
		crm_letters_may_be_alike(a->letters, b->letters, Max(a->length, b->length), SURNAME_CLOSE);
}

/*
 * Whether the names of a pair may be something else than they look like, column by
 * column: exchanged, or a single name that stands in the other column.
 */
static inline bool
may_be_exchanged(const CrmMatchSet *set, const CrmMatchRecord *a, const CrmMatchRecord *b)
{
	const CrmMatchValue *ag = crm_match_value(set, CRM_FIELD_GIVEN, a->value[CRM_FIELD_GIVEN]);
	const CrmMatchValue *bg = crm_match_value(set, CRM_FIELD_GIVEN, b->value[CRM_FIELD_GIVEN]);
	const CrmMatchValue *as = crm_match_value(set, CRM_FIELD_SURNAME, a->value[CRM_FIELD_SURNAME]);
	const CrmMatchValue *bs = crm_match_value(set, CRM_FIELD_SURNAME, b->value[CRM_FIELD_SURNAME]);

	if (ag->length == 0 || bg->length == 0)
		return false;
	if ((as->length == 0) != (bs->length == 0))
		return true;
	return may_be_one_name(ag, bs) && may_be_one_name(as, bg);
}

static inline const CrmOdds *
given_odds(const CrmBounds *bounds, const CrmMatchSet *set, const CrmMatchRecord *a,
		   const CrmMatchRecord *b, bool exactly)
{
	uint32		left = a->value[CRM_FIELD_GIVEN];
	uint32		right = b->value[CRM_FIELD_GIVEN];
	const CrmOdds *levels = bounds->level[CRM_EVIDENCE_GIVEN];
	int			level;

	if (left == 0 || right == 0)
		return &no_odds;
	if (left == right)
	{
		const CrmMatchValue *value = crm_match_value(set, CRM_FIELD_GIVEN, left);

		return value->length > 1 ? &bounds->same[CRM_EVIDENCE_GIVEN][value->rarity] :
			&levels[CRM_GIVEN_INITIAL];
	}
	if (!exactly)
		return &levels[CRM_BOUND_OTHER];
	level = crm_known_given_level(set, left, right);
	/* perhaps another of several given names */
	return level >= CRM_GIVEN_PREFIX && (a->value[CRM_FIELD_MIDDLE] | b->value[CRM_FIELD_MIDDLE]) != 0 ?
		&levels[CRM_BOUND_OTHER] : &levels[level];
}

static inline const CrmOdds *
surname_odds(const CrmBounds *bounds, const CrmMatchSet *set, const CrmMatchRecord *a,
			 const CrmMatchRecord *b, bool exactly)
{
	uint32		left = a->value[CRM_FIELD_SURNAME];
	uint32		right = b->value[CRM_FIELD_SURNAME];
	const CrmOdds *levels = bounds->level[CRM_EVIDENCE_SURNAME];

	if (left == 0 || right == 0)
		return &no_odds;
	if (left == right)
		return &bounds->same[CRM_EVIDENCE_SURNAME][crm_match_value(set, CRM_FIELD_SURNAME, left)->rarity];
	return exactly ? &levels[crm_known_surname_level(set, left, right)] : &levels[CRM_BOUND_OTHER];
}

/* Whether a pair may weigh at least so much; false is certain. */
bool
crm_can_weigh(const CrmBounds *bounds, const CrmMatchSet *set, const CrmMatchRecord *a,
			  const CrmMatchRecord *b, double min_weight)
{
	CrmOdds		sum = bounds->share;
	CrmOdds		all;

	add_lists(bounds, set, a, b, &sum);
	add_birth(bounds, set, a, b, &sum);
	add_address(bounds, set, a, b, &sum);
	add_plain(bounds, set, CRM_FIELD_COMPANY, CRM_EVIDENCE_COMPANY, CRM_BOUND_OTHER, a, b, &sum);
	add_plain(bounds, set, CRM_FIELD_JOB, CRM_EVIDENCE_JOB, CRM_BOUND_OTHER, a, b, &sum);
	add_plain(bounds, set, CRM_FIELD_GENDER, CRM_EVIDENCE_GENDER, CRM_LEVEL_DIFFERENT, a, b, &sum);
	add_plain(bounds, set, CRM_FIELD_MIDDLE, CRM_EVIDENCE_MIDDLE, CRM_BOUND_ANY, a, b, &sum);
	add_plain(bounds, set, CRM_FIELD_GENERATION, CRM_EVIDENCE_GENERATION, CRM_LEVEL_DIFFERENT, a, b, &sum);
	if (may_be_exchanged(set, a, b))
		return true;
	all = sum;
	add_odds(&all, given_odds(bounds, set, a, b, false));
	add_odds(&all, surname_odds(bounds, set, a, b, false));
	if (!reaches(&all, min_weight))
		return false;
	add_odds(&sum, given_odds(bounds, set, a, b, true));
	add_odds(&sum, surname_odds(bounds, set, a, b, true));
	return reaches(&sum, min_weight);
}
