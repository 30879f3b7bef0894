/*
 * import_keys.c
 *		Hash tables of a batch: strings of any length, and rows of a round.
 *
 * Tables live in the context that they are made in; keys that are strings, as long
 * as the caller keeps them.
 */
#include "import/import_keys.h"

#include "common/hashfn.h"

/* Strings as keys, by what they point to. */
static uint32
hash_key(const void *key, Size size)
{
	const char *text = *(char *const *) key;

	return hash_bytes((const unsigned char *) text, (int) strlen(text));
}

static int
compare_keys(const void *a, const void *b, Size size)
{
	return strcmp(*(char *const *) a, *(char *const *) b);
}

HTAB *
crm_import_key_table(const char *name, Size entry_size, MemoryContext context)
{
	HASHCTL		ctl;

	ctl.keysize = sizeof(char *);
	ctl.entrysize = entry_size;
	ctl.hash = hash_key;
	ctl.match = compare_keys;
	ctl.hcxt = context;
	return hash_create(name, 256, &ctl,
					   HASH_ELEM | HASH_FUNCTION | HASH_COMPARE | HASH_CONTEXT);
}

/* A number that was entered, and in which round last. */
typedef struct NumberEntry
{
	int64		number;
	int			round;
} NumberEntry;

HTAB *
crm_import_number_table(const char *name, MemoryContext context)
{
	HASHCTL		ctl;

	ctl.keysize = sizeof(int64);
	ctl.entrysize = sizeof(NumberEntry);
	ctl.hcxt = context;
	return hash_create(name, 256, &ctl, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Whether the number is new in this round. */
bool
crm_import_enter_number(HTAB *numbers, int64 number, int round)
{
	bool		found;
	NumberEntry *entry = hash_search(numbers, &number, HASH_ENTER, &found);
	bool		is_new = !found || entry->round != round;

	entry->round = round;
	return is_new;
}

bool
crm_import_has_number(HTAB *numbers, int64 number, int round)
{
	const NumberEntry *entry = hash_search(numbers, &number, HASH_FIND, NULL);

	return entry != NULL && entry->round == round;
}
