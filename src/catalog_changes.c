/*
 * catalog_changes.c
 *		Counting changes of relations and schemas.
 *
 * What a module prepares from the catalog is good as long as the count stays.
 * The callbacks only count: they may be called anywhere.
 */
#include "catalog_changes.h"

#include "utils/inval.h"
#include "utils/syscache.h"

static uint64 changes = 0;

static void
count_relation(Datum arg, Oid relation)
{
	changes++;
}

static void
count_schema(Datum arg, int cache, uint32 hash)
{
	changes++;
}

void
crm_catalog_changes_init(void)
{
	CacheRegisterRelcacheCallback(count_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, count_schema, (Datum) 0);
}

uint64
crm_catalog_changes(void)
{
	return changes;
}
