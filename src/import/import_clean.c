/*
 * import_clean.c
 *		What can be repaired safely in the text of an imported value, and what must
 *		be refused.
 *
 * Repaired: blanks around a value, mailto: and display names of addresses, an
 * address in angle brackets, separators of thousands where there is only one way to
 * read them, the case of words from a vocabulary.  Nothing is guessed: what can be
 * read two ways is refused, with both readings.
 *
 * Texts are in the database's encoding, and live in the batch's memory.
 */
#include "import/import.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pipeline/deal_stage.h"
#include "tables/kept_values.h"
#include "utils/builtins.h"
#include "values/registrable_domain.h"

/* The words of a vocabulary, as the table has them. */
typedef struct CrmImportWords
{
	const char *table;
	int			count;
	char	  **words;
} CrmImportWords;

/* Blanks of UTF-8 that spreadsheets leave: no-break, zero-width, byte-order mark. */
static const char *const wide_blanks[] = {
	"\xC2\xA0", "\xE2\x80\x8B", "\xE2\x80\x8E", "\xE2\x80\x8F", "\xE2\x80\xAF",
	"\xEF\xBB\xBF", "\xE3\x80\x80"
};

/* ----------
 * blanks
 * ----------
 */

/* Whether a single byte is the no-break blank: in ISO 8859 and most of Windows' pages. */
static bool
has_byte_for_wide_blank(void)
{
	switch (GetDatabaseEncoding())
	{
		case PG_LATIN1:
		case PG_LATIN2:
		case PG_LATIN3:
		case PG_LATIN4:
		case PG_LATIN5:
		case PG_LATIN6:
		case PG_LATIN7:
		case PG_LATIN8:
		case PG_LATIN9:
		case PG_LATIN10:
		case PG_ISO_8859_5:
		case PG_ISO_8859_6:
		case PG_ISO_8859_7:
		case PG_ISO_8859_8:
		case PG_WIN1250:
		case PG_WIN1251:
		case PG_WIN1252:
		case PG_WIN1253:
		case PG_WIN1254:
		case PG_WIN1255:
		case PG_WIN1256:
		case PG_WIN1257:
		case PG_WIN1258:
			return true;
		default:
			return false;
	}
}

static int
blank_length(const char *p, size_t length)
{
	int			i;

	if (length > 0 && (unsigned char) *p <= ' ')
		return 1;
	if (length > 0 && (unsigned char) *p == 0xA0 && has_byte_for_wide_blank())
		return 1;
	if (GetDatabaseEncoding() != PG_UTF8)
		return 0;
	for (i = 0; i < (int) lengthof(wide_blanks); i++)
	{
		size_t		blank = strlen(wide_blanks[i]);

		if (length >= blank && memcmp(p, wide_blanks[i], blank) == 0)
			return (int) blank;
	}
	return 0;
}

static int
trailing_blank_length(const char *start, const char *end)
{
	int			i;

	for (i = 1; i <= 3 && end - start >= i; i++)
		if (blank_length(end - i, i) == i)
			return i;
	return 0;
}

/* The text without blanks around it, in place; NULL if nothing is left. */
char *
crm_import_trim(char *text)
{
	char	   *end = text + strlen(text);
	int			blank;

	while ((blank = blank_length(text, end - text)) > 0)
		text += blank;
	while ((blank = trailing_blank_length(text, end)) > 0)
		end -= blank;
	*end = '\0';
	return *text == '\0' ? NULL : text;
}

/* ----------
 * addresses
 * ----------
 */

/* joe@example.com of "mailto:joe@example.com?subject=x" or "Joe <joe@example.com>". */
char *
crm_import_clean_email(char *text)
{
	char	   *open = strrchr(text, '<');
	size_t		length = strlen(text);

	if (open != NULL && text[length - 1] == '>')
	{
		text[length - 1] = '\0';
		text = open + 1;
	}
	if (pg_strncasecmp(text, "mailto:", 7) == 0)
	{
		text += 7;
		text[strcspn(text, "?")] = '\0';
	}
	return crm_import_trim(text);
}

/* ----------
 * numbers
 * ----------
 */

/* How many groups of three digits follow the first; -1: it is not made of groups. */
static int
count_groups(const char *text, size_t length, char separator)
{
	size_t		lead = strspn(text, "0123456789");
	size_t		i;
	int			groups = 0;

	if (lead < 1 || lead > 3)
		return -1;
	for (i = lead; i < length; i += 4)
	{
		if (text[i] != separator || length - i < 4 ||
			strspn(text + i + 1, "0123456789") < 3 ||
			(i + 4 < length && text[i + 4] != separator))
			return -1;
		groups++;
	}
	return groups;
}

/* Copies without the character. */
static char *
without(const char *text, char character)
{
	char	   *copy = palloc(strlen(text) + 1);
	char	   *out = copy;

	for (; *text != '\0'; text++)
		if (*text != character)
			*out++ = *text;
	*out = '\0';
	return copy;
}

/* Puts one string in the place of another, which is at least as long. */
static void
replace_all(char *text, const char *old, const char *new)
{
	size_t		old_length = strlen(old);
	size_t		new_length = strlen(new);
	char	   *out = strstr(text, old);

	if (out == NULL)
		return;
	for (text = out; *text != '\0';)
		if (strncmp(text, old, old_length) == 0)
		{
			memcpy(out, new, new_length);
			out += new_length;
			text += old_length;
		}
		else
			*out++ = *text++;
	*out = '\0';
}

/* Without blanks or apostrophes between thousands; elsewhere they stay. */
static char *
join_groups(char *text)
{
	size_t		sign = *text == '-' || *text == '+' ? 1 : 0;
	size_t		length = strcspn(text, ".,") - sign;
	int			i;

	for (i = 0; i < 2; i++)
		if (count_groups(text + sign, length, " '"[i]) > 0)
			return psprintf("%s%s", without(pnstrdup(text, sign + length), " '"[i]),
							text + sign + length);
	return text;
}

/* Takes one sign of a currency away, in front of the number or behind it, in place. */
static char *
strip_currency(char *text)
{
	static const char *const signs[] = {"$", "\xE2\x82\xAC", "\xC2\xA3", "\xC2\xA5"};
	size_t		length = strlen(text);
	int			i;

	for (i = 0; i < (GetDatabaseEncoding() == PG_UTF8 ? (int) lengthof(signs) : 1); i++)
	{
		size_t		sign = strlen(signs[i]);

		if (strncmp(text, signs[i], sign) == 0)
			return crm_import_trim(text + sign);
		if (length >= sign && strcmp(text + length - sign, signs[i]) == 0)
		{
			text[length - sign] = '\0';
			return crm_import_trim(text);
		}
	}
	return text;
}

/* Without a currency's sign at either end, and without blanks between thousands. */
static char *
bare_number(const char *text)
{
	static const char *const blanks[] = {"\xC2\xA0", "\xE2\x80\xAF", "\xE2\x80\x99"};
	char	   *bare = pstrdup(text);
	bool		is_negative = *bare == '-';
	int			i;

	for (i = 0; i < (int) lengthof(blanks) && GetDatabaseEncoding() == PG_UTF8; i++)
		replace_all(bare, blanks[i], i == 2 ? "'" : " ");
	bare = crm_import_trim(is_negative ? bare + 1 : bare);
	if (bare != NULL)
		bare = strip_currency(bare);
	if (bare == NULL)
		return pstrdup(text);
	return join_groups(is_negative ? psprintf("-%s", bare) : bare);
}

/*
 * A number as the server reads it, with a decimal point.  Returns NULL, or why it
 * cannot be told what number is meant; what is no number at all is left to the type.
 */
const char *
crm_import_clean_number(const char *text, char **cleaned)
{
	static const char *const ambiguous =
		"it can be read as thousands or as a decimal fraction; write it without a separator of thousands, and with a decimal point and not three decimals";
	char	   *bare = bare_number(text);
	char	   *digits = bare + (*bare == '-' || *bare == '+' ? 1 : 0);
	size_t		length = strlen(digits);
	char	   *comma = strchr(digits, ',');
	char	   *dot = strrchr(digits, '.');

	*cleaned = bare;
	if (comma == NULL)
	{
		int			groups = dot == NULL ? 0 : count_groups(digits, length, '.');

		if (groups > 1)
			*cleaned = without(bare, '.');
		return groups == 1 && *digits != '0' ? ambiguous : NULL;
	}
	if (dot != NULL && dot > comma)
	{
		/* 1,234.50 */
		if (dot == strchr(digits, '.') && dot > strrchr(digits, ',') &&
			count_groups(digits, dot - digits, ',') > 0)
			*cleaned = without(bare, ',');
		return NULL;
	}
	if (dot != NULL)
	{
		/* 1.234,50 */
		if (comma == strrchr(digits, ',') && count_groups(digits, comma - digits, '.') > 0)
		{
			*cleaned = without(bare, '.');
			*strchr(*cleaned, ',') = '.';
		}
		return NULL;
	}
	if (count_groups(digits, length, ',') > 1)
		*cleaned = without(bare, ',');
	else if (count_groups(digits, length, ',') == 1 && *digits != '0')
		return ambiguous;
	else if (comma == strrchr(digits, ','))
		*comma = '.';
	return NULL;
}

/* Whether a column of the type would round the number. */
static bool
is_rounded(const char *number, Oid type, int32 typmod)
{
	const char *dot = strchr(number, '.');
	int			scale = type != NUMERICOID || typmod < (int32) VARHDRSZ ? -1 :
		(typmod - VARHDRSZ) & 0x7ff;
	int			decimals;

	if (dot == NULL || scale < 0 || scale > 1000)
		return false;
	decimals = (int) strspn(dot + 1, "0123456789");
	while (decimals > 0 && dot[decimals] == '0')
		decimals--;
	return decimals > scale;
}

/* ----------
 * words
 * ----------
 */

/* Reads a vocabulary, once for the import. */
CrmImportWords *
crm_import_read_words(CrmImport *import, const char *table)
{
	CrmImportWords *words = palloc0(sizeof(CrmImportWords));
	uint64		i;

	crm_import_execute(psprintf("SELECT name::pg_catalog.text FROM %s.%s WHERE name IS NOT NULL",
								import->schema, quote_identifier(table)),
					   0, NULL, NULL, NULL);
	words->table = table;
	words->count = (int) SPI_processed;
	words->words = palloc(sizeof(char *) * (words->count + 1));
	for (i = 0; i < SPI_processed; i++)
		words->words[i] = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
	SPI_freetuptable(SPI_tuptable);
	return words;
}

/* The word as the vocabulary has it; NULL if it has none. */
static char *
find_word(const CrmImportWords *words, const char *text)
{
	int			i;

	for (i = 0; i < words->count; i++)
		if (strcmp(words->words[i], text) == 0)
			return words->words[i];
	for (i = 0; i < words->count; i++)
		if (pg_strcasecmp(words->words[i], text) == 0)
			return words->words[i];
	return NULL;
}

/* ----------
 * one value
 * ----------
 */

/* The region that the number belongs to, as far as anything says so. */
static const char *
region_of_row(const CrmImport *import, const CrmImportRow *row, const char *region)
{
	int			column = crm_import_column(import, "country");
	const char *country = column >= 0 && row->texts[column] != NULL ?
		row->texts[column] : row->old_country;

	if (region == NULL && country != NULL)
		region = crm_region_of_text(country, (int) strlen(country));
	return region != NULL ? region : import->default_region;
}

static void
set_value(const CrmImport *import, CrmImportRow *row, const char *column, const char *text)
{
	int			index = crm_import_column(import, column);

	if (index < 0)
		return;
	row->nulls[index] = text == NULL;
	row->values[index] = text == NULL ? (Datum) 0 : CStringGetTextDatum(text);
}

/*
 * The number stays as it was typed; what is wrong with it is only said.  A region
 * that only the caller of the import knows is not to be taken back when numbers are
 * looked at again, so that phone_e164 counts as written.
 */
static void
look_at_phone(const CrmImport *import, CrmImportRow *row, const CrmImportSource *source)
{
	char	   *phone = row->texts[source->column];
	const char *own_region = region_of_row(import, row, NULL);
	const char *region = region_of_row(import, row, import->region);
	CrmPhoneValues values;

	if (phone == NULL)
		return;
	crm_phone_values(phone, (int) strlen(phone), region, &values);
	if (values.e164 != NULL && *phone != '+' &&
		(own_region == NULL || strcmp(own_region, region) != 0))
		values.version = NULL;
	set_value(import, row, "phone_e164", values.e164);
	set_value(import, row, "phone_status", values.status);
	set_value(import, row, "phone_version", values.version);
	if (values.e164 != NULL || row->reason != NULL)
		return;
	row->reason = strcmp(values.status, "unchecked") == 0 ?
		"the phone number is kept as it is: it could not be checked" :
		"the phone number is kept as it is: it is none";
	row->column = source->name;
	row->value = phone;
}

static void
look_at_website(const CrmImport *import, CrmImportRow *row, const CrmImportSource *source)
{
	char	   *website = row->texts[source->column];
	char	   *domain;

	if (website == NULL)
		return;
	domain = crm_company_domain(website, (int) strlen(website));
	set_value(import, row, "domain", domain);
	set_value(import, row, "domain_version", domain == NULL ? NULL : crm_psl_version());
}

/*
 * Fills in what stands beside phone numbers and websites, in lines that are about
 * to be stored: it is the dearest of all checks, and refuses nothing.
 */
void
crm_import_fill_followers(CrmImport *import, const int *rows, int count)
{
	int			i;
	int			j;

	for (i = 0; i < import->num_sources; i++)
	{
		const CrmImportSource *source = &import->sources[i];

		if (!source->is_followed)
			continue;
		for (j = 0; j < count; j++)
		{
			CHECK_FOR_INTERRUPTS();
			if (source->kind == CRM_IMPORT_PHONE)
				look_at_phone(import, &import->rows[rows[j]], source);
			else
				look_at_website(import, &import->rows[rows[j]], source);
		}
	}
}

static void
clean_full_name(CrmImport *import, CrmImportRow *row, const CrmImportSource *source, char *text)
{
	int			first = crm_import_column(import, "first_name");
	char	   *first_name = NULL;
	char	   *last_name = NULL;

	crm_split_full_name(text, (int) strlen(text), &first_name, &last_name);
	if (row->texts[source->column] == NULL)
		row->texts[source->column] = last_name;
	if (first >= 0 && row->texts[first] == NULL)
		row->texts[first] = first_name;
}

static void
clean_word(CrmImportRow *row, const CrmImportSource *source, char *text)
{
	char	   *word = find_word(source->words, text);

	if (word == NULL)
		crm_import_reject(row, psprintf("it is no word of %s", source->words->table),
						  source->name, text);
	row->texts[source->column] = word;
}

static void
clean_email(CrmImportRow *row, const CrmImportSource *source, char *text)
{
	char	   *address = crm_import_clean_email(text);
	const char *problem = "nothing is left of it";

	if (address != NULL)
		problem = crm_email_problem(address, (int) strlen(address));
	if (problem != NULL)
		crm_import_reject(row, psprintf("it is no e-mail address: %s", problem),
						  source->name, text);
	row->texts[source->column] = address;
}

static void
clean_number(const CrmImport *import, CrmImportRow *row, const CrmImportSource *source, char *text)
{
	char	   *number = text;
	const char *problem = source->is_number ? NULL : crm_import_clean_number(text, &number);

	if (problem != NULL)
		crm_import_reject(row, problem, source->name, text);
	else if (row->reason == NULL &&
			 is_rounded(number, import->columns[source->column].type,
						import->columns[source->column].typmod))
	{
		row->reason = "it has more decimals than the column keeps, and is rounded";
		row->column = source->name;
	}
	row->texts[source->column] = number;
}

static void
clean_stage(CrmImportRow *row, const CrmImportSource *source, char *text)
{
	CrmStage	stage;
	char	   *lower = pstrdup(text);
	char	   *p;

	for (p = lower; *p != '\0'; p++)
		*p = pg_ascii_tolower((unsigned char) *p);
	if (!crm_stage_match(lower, (int) strlen(lower), &stage))
		crm_import_reject(row, "it is none of the stages lead, qualified, proposal, negotiation, won and lost; names of one's own go into pipeline_stage",
						  source->name, text);
	row->texts[source->column] = lower;
}

static void
clean_domain(CrmImportRow *row, const CrmImportSource *source, char *text)
{
	row->texts[source->column] = crm_company_domain(text, (int) strlen(text));
	if (row->texts[source->column] == NULL)
		crm_import_reject(row, "it is no domain that a company could have", source->name, text);
}

static void
clean_currency(CrmImportRow *row, const CrmImportSource *source, char *text)
{
	char	   *p;

	for (p = text; *p != '\0'; p++)
		*p = pg_ascii_toupper((unsigned char) *p);
	row->texts[source->column] = text;
}

static void
clean_source(CrmImport *import, CrmImportRow *row, const CrmImportSource *source, char *text)
{
	switch (source->kind)
	{
		case CRM_IMPORT_VALUE:
		case CRM_IMPORT_PHONE:
			row->texts[source->column] = text;
			break;
		case CRM_IMPORT_EMAIL:
			clean_email(row, source, text);
			break;
		case CRM_IMPORT_DOMAIN:
			clean_domain(row, source, text);
			break;
		case CRM_IMPORT_FULL_NAME:
			clean_full_name(import, row, source, text);
			break;
		case CRM_IMPORT_NUMBER:
			clean_number(import, row, source, text);
			break;
		case CRM_IMPORT_CURRENCY:
			clean_currency(row, source, text);
			break;
		case CRM_IMPORT_STAGE:
			clean_stage(row, source, text);
			break;
		case CRM_IMPORT_WORD:
			clean_word(row, source, text);
			break;
		case CRM_IMPORT_REFERENCE:
			break;
	}
}

/* Whether the value needs others of the row, which are cleaned before. */
static bool
comes_second(const CrmImportSource *source)
{
	return source->kind == CRM_IMPORT_FULL_NAME;
}

/* Cleans the values of a row; the first that cannot be used rejects it. */
void
crm_import_clean_row(CrmImport *import, CrmImportRow *row)
{
	bool		is_empty = true;
	int			pass;
	int			i;

	for (i = 0; i < import->num_sources; i++)
		if (row->raw[i] != NULL)
		{
			row->raw[i] = crm_import_trim(row->raw[i]);
			is_empty = is_empty && row->raw[i] == NULL;
		}
	if (is_empty)
		crm_import_reject(row, "the line is empty", NULL, NULL);
	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < import->num_sources; i++)
			if (row->raw[i] != NULL && row->outcome == CRM_IMPORT_PENDING &&
				comes_second(&import->sources[i]) == (pass == 1))
			{
				clean_source(import, row, &import->sources[i], pstrdup(row->raw[i]));
				/* cleaning may have changed its copy */
				if (row->column == import->sources[i].name)
					row->value = row->raw[i];
			}
}
