/*
 * train_matching.c
 *		A model learned from a relation's contacts, as jsonb.
 */
#include "matching/match_search.h"

#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(crm_train_matching);
Datum
crm_train_matching(PG_FUNCTION_ARGS)
{
	MemoryContext work;
	MemoryContext before;
	CrmMatchSearch *search;
	Jsonb	   *json;
	Jsonb	   *result;

	crm_require_argument(fcinfo, 0, "contacts");
	work = AllocSetContextCreate(CurrentMemoryContext, "crm matching", ALLOCSET_DEFAULT_SIZES);
	before = MemoryContextSwitchTo(work);
	search = crm_match_search_open(PG_GETARG_OID(0), true, NULL,
								   PG_ARGISNULL(1) ? InvalidOid : PG_GETARG_OID(1));
	crm_rarities_collect(&search->stored->rarities, search->set);
	json = crm_model_to_json(search->stored);
	MemoryContextSwitchTo(before);
	result = (Jsonb *) PG_DETOAST_DATUM_COPY(JsonbPGetDatum(json));
	MemoryContextDelete(work);
	PG_RETURN_JSONB_P(result);
}
