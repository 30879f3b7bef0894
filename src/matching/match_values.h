/*
 * match_values.h
 *		Values of the server's types as values of a contact.
 *
 * Whoever reads a contact reads it here: a search of a whole relation, an index of
 * keys, a question about one contact.
 *
 * Nothing here raises an error, or has an effect, that depends on what a value is:
 * functions that are declared LEAKPROOF rest on that.
 */
#ifndef CRM_MATCH_VALUES_H
#define CRM_MATCH_VALUES_H

#include "crm.h"

#include "matching/match_fields.h"
#include "nodes/nodes.h"
#include "utils/array.h"
#include "utils/jsonb.h"

/* How a value is read. */
typedef enum CrmValueKind
{
	CRM_VALUE_UNREADABLE,
	CRM_VALUE_TEXT,
	CRM_VALUE_PADDED_TEXT,		/* character(n) */
	CRM_VALUE_CSTRING,			/* a literal whose type nobody has said */
	CRM_VALUE_DATE,
	CRM_VALUE_TIMESTAMP,
	CRM_VALUE_SMALLINT,
	CRM_VALUE_INTEGER,
	CRM_VALUE_BIGINT,
	CRM_VALUE_UUID,
	CRM_VALUE_JSONB,
	CRM_VALUE_JSON,
	CRM_VALUE_JSONS,			/* json[] */
	CRM_VALUE_TEXTS				/* an array */
} CrmValueKind;

extern CrmValueKind crm_value_kind(Oid type);
extern Node *crm_readable_value(Node *value);
extern char *crm_text_sql(const char *value, Oid type);
extern void crm_person_add_datum(CrmMatchPerson *person, CrmMatchColumn column,
								 CrmValueKind kind, Datum datum);
extern void crm_person_add_bytes(CrmMatchPerson *person, CrmMatchColumn column,
								 const char *bytes, int length);

extern void crm_person_add_utf8(CrmMatchPerson *person, CrmMatchColumn column,
								const char *utf8, size_t length);

/* Lists within lists are looked at so deep. */
#define CRM_LIST_DEPTH_MAX 4

/* Names under which an object of a list may have its value. */
#define CRM_LIST_KEYS_MAX 7

/* match_lists.c */
extern const char *const *crm_list_keys(CrmMatchColumn column);
extern bool crm_looks_like_value(CrmMatchColumn column, const char *bytes, int length);
extern void crm_person_add_json(CrmMatchPerson *person, CrmMatchColumn column, Jsonb *json);
extern void crm_person_add_texts(CrmMatchPerson *person, CrmMatchColumn column, ArrayType *texts);

/* match_json.c */
extern void crm_person_add_json_text(CrmMatchPerson *person, CrmMatchColumn column,
									 const char *bytes, int length);

#endif							/* CRM_MATCH_VALUES_H */
