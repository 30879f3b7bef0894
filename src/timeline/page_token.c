/*
 * page_token.c
 *		The place of an event in a timeline, and its form for clients.
 *
 * A token is, in hexadecimal digits: checksum (4 bytes), format (1), flags (1),
 * time (8), length of the source's name (2), name, and the key: 8 bytes, or the
 * bytes of a text.  Numbers have their most significant byte first.  The
 * checksum covers the timeline that the token belongs to.  It finds damage and
 * mix-ups, not malice: a forged token can do no more than choose a place to
 * start from in what its bearer may read anyway.
 */
#include "timeline/page_token.h"

#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define TOKEN_FORMAT	1
#define HAS_TIME		0x01
#define IS_INTEGER		0x02
#define CHECKSUM_SIZE	4
#define HEADER_SIZE		(CHECKSUM_SIZE + 1 + 1 + 8 + 2)
#define MAX_NAME		PG_UINT16_MAX

static int
compare_int64(int64 a, int64 b)
{
	return a < b ? -1 : a > b;
}

/* Negative if a comes first, which means that it is newer. */
int
crm_compare_places(const CrmPlace *a, const CrmPlace *b)
{
	int			order;

	if (a->has_time != b->has_time)
		return a->has_time ? -1 : 1;
	order = a->has_time ? compare_int64(b->at, a->at) : 0;
	if (order == 0 && a->source != b->source)
		order = strcmp(b->source, a->source);
	if (order != 0)
		return order;
	/* keys of two types may meet after a column has changed its type */
	if (a->is_integer != b->is_integer)
		return a->is_integer ? 1 : -1;
	return a->is_integer ? compare_int64(b->integer_key, a->integer_key) :
		strcmp(b->text_key, a->text_key);
}

static void
put_number(unsigned char *bytes, uint64 number, int size)
{
	int			i;

	for (i = size - 1; i >= 0; i--, number >>= 8)
		bytes[i] = (unsigned char) number;
}

static uint64
get_number(const unsigned char *bytes, int size)
{
	uint64		number = 0;
	int			i;

	for (i = 0; i < size; i++)
		number = number << 8 | bytes[i];
	return number;
}

static uint32
checksum(const unsigned char *bytes, int size, uint64 timeline)
{
	return (uint32) hash_bytes_extended(bytes + CHECKSUM_SIZE, size - CHECKSUM_SIZE,
										timeline);
}

/* The token of an event; timeline is a number that stands for whose it is. */
char *
crm_make_page_token(const CrmPlace *place, uint64 timeline)
{
	int			name_size = (int) strlen(place->source);
	int			key_size = place->is_integer ? 8 : (int) strlen(place->text_key);
	int			size = HEADER_SIZE + name_size + key_size;
	unsigned char *bytes = palloc(size);
	char	   *token = palloc(2 * size + 1);

	if (name_size > MAX_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the name of a timeline source is longer than %d bytes", MAX_NAME)));
	bytes[4] = TOKEN_FORMAT;
	bytes[5] = (place->has_time ? HAS_TIME : 0) | (place->is_integer ? IS_INTEGER : 0);
	put_number(bytes + 6, (uint64) place->at, 8);
	put_number(bytes + 14, name_size, 2);
	memcpy(bytes + HEADER_SIZE, place->source, name_size);
	if (place->is_integer)
		put_number(bytes + HEADER_SIZE + name_size, (uint64) place->integer_key, 8);
	else
		memcpy(bytes + HEADER_SIZE + name_size, place->text_key, key_size);
	put_number(bytes, checksum(bytes, size, timeline), CHECKSUM_SIZE);
	token[hex_encode((char *) bytes, size, token)] = '\0';
	return token;
}

pg_noreturn static void report_invalid(const char *detail);

static void
report_invalid(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("page_token is not valid"),
			 errdetail("%s", detail),
			 errhint("Pass the page_token of the last event that you have, as it is, to the same function with the same key; or NULL for the first page.")));
}

static char *
copy_text(const unsigned char *bytes, int size)
{
	char	   *copy = pnstrdup((const char *) bytes, size);

	if ((int) strlen(copy) != size || !pg_verifymbstr(copy, size, true))
		report_invalid("It is damaged.");
	return copy;
}

/* Reads a token that came back, in the caller's memory; an error if it is none. */
void
crm_read_page_token(const char *token, uint64 timeline, CrmPlace *place)
{
	size_t		length = strlen(token);
	unsigned char *bytes;
	int			size = (int) (length / 2);
	int			name_size;

	if (length % 2 != 0 || size < HEADER_SIZE ||
		strspn(token, "0123456789abcdef") != length)
		report_invalid("It is not in the form that the timeline gives out.");
	bytes = palloc(size);
	(void) hex_decode(token, length, (char *) bytes);
	if (get_number(bytes, CHECKSUM_SIZE) != checksum(bytes, size, timeline))
		report_invalid("It is damaged, or belongs to another timeline.");
	name_size = (int) get_number(bytes + 14, 2);
	if (bytes[4] != TOKEN_FORMAT || HEADER_SIZE + name_size > size ||
		((bytes[5] & IS_INTEGER) != 0 && HEADER_SIZE + name_size + 8 != size))
		report_invalid("It is damaged, or of another version of the extension.");

	place->has_time = (bytes[5] & HAS_TIME) != 0;
	place->is_integer = (bytes[5] & IS_INTEGER) != 0;
	place->at = (TimestampTz) get_number(bytes + 6, 8);
	place->source = copy_text(bytes + HEADER_SIZE, name_size);
	place->integer_key = 0;
	place->text_key = NULL;
	if (place->is_integer)
		place->integer_key = (int64) get_number(bytes + HEADER_SIZE + name_size, 8);
	else
		place->text_key = copy_text(bytes + HEADER_SIZE + name_size,
									size - HEADER_SIZE - name_size);
}
