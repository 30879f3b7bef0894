/*
 * kept_matching.c
 *		The engines of matching, with the model and the decisions that a CRM keeps.
 *
 * Each function composes one query that calls an engine by keys that are text,
 * and hands on what it returns.  Everything runs with the caller's rights: it
 * takes SELECT of the relation, of matching_models and of match_decisions, and
 * of settings for nothing but its place.  The engines leave archived rows
 * out: they are no duplicates, and nobody's.
 *
 * Nothing but train_matching writes, so the rest runs on a standby too.
 */
#include "matching/kept_matching.h"

#include "matching/match_input.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tstoreReceiver.h"
#include "funcapi.h"
#include "kept_plans.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#define MAX_ARGUMENTS 14

/* Times that another session may be faster. */
#define MAX_ATTEMPTS 10

/* ----------
 * tables and keys
 * ----------
 */

/*
 * Finds the tables; contacts InvalidOid stands for the CRM's own.  They are named,
 * not opened: whoever uses them has the rights checked.
 */
void
crm_find_match_tables(CrmMatchTables *tables, Oid settings, Oid contacts)
{
	char	   *schema = crm_relation_schema(settings);
	Oid			own = get_relname_relid("contacts", get_rel_namespace(settings));

	if (!OidIsValid(contacts))
		contacts = own;
	if (!OidIsValid(contacts))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("schema \"%s\" has no table \"contacts\"", schema)));
	tables->settings = settings;
	tables->contacts = contacts;
	tables->contacts_name = quote_qualified_identifier(crm_relation_schema(contacts),
													   get_rel_name(contacts));
	tables->models = quote_qualified_identifier(schema, "matching_models");
	tables->decisions = quote_qualified_identifier(schema, "match_decisions");
	tables->candidates = quote_qualified_identifier(schema, "duplicate_candidates");
	tables->queue = quote_qualified_identifier(schema, "match_queue");
	tables->refreshes = quote_qualified_identifier(schema, "match_refreshes");
	tables->has_archive = crm_match_archive_column(contacts) != InvalidAttrNumber;
}

/* The first two arguments of nearly every function of a CRM's matching. */
void
crm_read_match_tables(FunctionCallInfo fcinfo, CrmMatchTables *tables)
{
	crm_require_argument(fcinfo, 0, "settings");
	crm_require_argument(fcinfo, 1, "contacts");
	crm_find_match_tables(tables, PG_GETARG_OID(0), PG_GETARG_OID(1));
}

/* The relation's current model, or NULL; $1 is the relation. */
char *
crm_current_model_sql(const CrmMatchTables *tables)
{
	return psprintf("(SELECT m.model FROM %s AS m"
					" WHERE m.relation OPERATOR(pg_catalog.=) $1 AND m.is_current)",
					tables->models);
}

char *
crm_decisions_sql(const CrmMatchTables *tables)
{
	return psprintf("%s::pg_catalog.regclass", quote_literal_cstr(tables->decisions));
}

/* The operator that compares two values of a type, as a query writes it. */
static char *
equality_operator(Oid type)
{
	Oid			operator = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(operator));
	Form_pg_operator form;
	char	   *result;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an equality operator for type %s",
						format_type_be(type))));
	form = (Form_pg_operator) GETSTRUCT(tuple);
	result = psprintf("OPERATOR(%s.%s)",
					  quote_identifier(get_namespace_name(form->oprnamespace)),
					  NameStr(form->oprname));
	ReleaseSysCache(tuple);
	return result;
}

/* The column of a primary key that has only one; InvalidAttrNumber if none. */
static AttrNumber
primary_key_column(Oid relation_oid)
{
	Relation	relation = relation_open(relation_oid, AccessShareLock);
	Oid			index_oid = InvalidOid;
	AttrNumber	column = InvalidAttrNumber;

	if (relation->rd_rel->relkind == RELKIND_RELATION ||
		relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		list_free(RelationGetIndexList(relation));
		index_oid = relation->rd_pkindex;
	}
	if (OidIsValid(index_oid))
	{
		Relation	index = index_open(index_oid, AccessShareLock);

		if (index->rd_index->indnkeyatts == 1)
			column = index->rd_index->indkey.values[0];
		index_close(index, AccessShareLock);
	}
	relation_close(relation, NoLock);
	return column;
}

static CrmKeyReading
key_reading(Oid type)
{
	char		kind = get_typtype(type);

	if (type < FirstNormalObjectId)
		return CRM_KEY_CAST;
	return kind == TYPTYPE_ENUM || (kind == TYPTYPE_BASE && !OidIsValid(get_element_type(type))) ?
		CRM_KEY_INPUT : CRM_KEY_AS_TEXT;
}

/* It is called id, or is the primary key; InvalidAttrNumber if there is none. */
AttrNumber
crm_match_key_column(Oid relation)
{
	AttrNumber	column = get_attnum(relation, "id");

	return column != InvalidAttrNumber ? column : primary_key_column(relation);
}

void
crm_find_match_key(Oid relation, CrmMatchKey *key)
{
	AttrNumber	column = crm_match_key_column(relation);
	int32		typmod = -1;
	Oid			declared;
	Oid			type;

	if (column == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("relation \"%s\" has no column \"id\"", get_rel_name(relation)),
				 errdetail("Its rows are known by that column, or by a primary key of one column."),
				 errhint("Name a view that gives the key that name.")));
	/* a domain's checks are its owner's */
	declared = get_atttype(relation, column);
	type = getBaseTypeAndTypmod(declared, &typmod);
	key->column = get_attname(relation, column, false);
	key->name = pstrdup(quote_identifier(key->column));
	key->type_id = type;
	/* not as "character", which is one character */
	key->type = format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
	if (declared != type)
		key->name = psprintf("%s::%s", key->name,
							 format_type_extended(type, -1, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY));
	key->reading = key_reading(type);
	key->equals = equality_operator(type);
}

/*
 * That the key of c is the parameter $1, or, with is_list, one of it, in SQL; whose
 * type crm_match_key_parameter says.
 */
char *
crm_match_key_condition(const CrmMatchKey *key, bool is_list)
{
	switch (key->reading)
	{
		case CRM_KEY_CAST:
			return psprintf(is_list ? "c.%s %s ANY ($1::%s[])" : "c.%s %s $1::%s",
							key->name, key->equals, key->type);
		case CRM_KEY_INPUT:
			return psprintf(is_list ? "c.%s %s ANY ($1)" : "c.%s %s $1", key->name, key->equals);
		case CRM_KEY_AS_TEXT:
			break;
	}
	return psprintf(is_list ? "%s OPERATOR(pg_catalog.=) ANY ($1)" : "%s OPERATOR(pg_catalog.=) $1",
					crm_text_sql(psprintf("c.%s", key->name), key->type_id));
}

static Datum
input_key(Oid type, Datum key)
{
	Oid			input;
	Oid			parameter;

	getTypeInputInfo(type, &input, &parameter);
	return OidInputFunctionCall(input, TextDatumGetCString(key), parameter, -1);
}

static Datum
input_keys(Oid type, Datum keys)
{
	Datum	   *elements;
	int			count;
	int			i;
	int16		length;
	bool		by_value;
	char		alignment;

	deconstruct_array(DatumGetArrayTypeP(keys), TEXTOID, -1, false, TYPALIGN_INT,
					  &elements, NULL, &count);
	for (i = 0; i < count; i++)
		elements[i] = input_key(type, elements[i]);
	get_typlenbyvalalign(type, &length, &by_value, &alignment);
	return PointerGetDatum(construct_array(elements, count, type, length, by_value, alignment));
}

/*
 * Makes of a text, or, with is_list, of a text[], the value of the parameter, whose
 * type it returns.  An error if it cannot be read as a key.
 */
Oid
crm_match_key_parameter(const CrmMatchKey *key, bool is_list, Datum *value)
{
	if (key->reading != CRM_KEY_INPUT)
		return is_list ? TEXTARRAYOID : TEXTOID;
	*value = is_list ? input_keys(key->type_id, *value) : input_key(key->type_id, *value);
	return is_list ? get_array_type(key->type_id) : key->type_id;
}

/* A text as the input function reads it and the output function writes it. */
static char *
respelled(Oid type, Datum key)
{
	Oid			output;
	bool		is_varlena;

	getTypeOutputInfo(type, &output, &is_varlena);
	return OidOutputFunctionCall(output, input_key(type, key));
}

/* The one value that a query has given, copied; its rows are freed: there may be many queries. */
static char *
take_value(void)
{
	SPITupleTable *rows = SPI_tuptable;
	char	   *value = SPI_processed == 0 ? NULL : SPI_getvalue(rows->vals[0], rows->tupdesc, 1);

	SPI_freetuptable(rows);
	return value;
}

/*
 * A text as its type writes it: '7' for '007'.  An error if it cannot be read as a
 * key.  SPI must be connected.
 */
char *
crm_spell_match_key(const CrmMatchKey *column, Datum key)
{
	Oid			type = TEXTOID;

	if (column->reading == CRM_KEY_AS_TEXT)
		return TextDatumGetCString(key);
	if (column->reading == CRM_KEY_INPUT)
		return respelled(column->type_id, key);
	crm_execute_kept(psprintf("SELECT $1::%s::pg_catalog.text", column->type),
					 1, &type, &key, NULL, true, 1);
	return take_value();
}

/*
 * The key of the row that a text means, as the relation writes it.  NULL if the caller
 * sees no such row; otherwise the same.
 */
char *
crm_own_match_key(Oid relation, Datum key)
{
	CrmMatchKey column;
	Oid			type;

	crm_find_match_key(relation, &column);
	type = crm_match_key_parameter(&column, false, &key);
	crm_execute_kept(psprintf("SELECT %s FROM %s AS c WHERE %s",
							  crm_text_sql(psprintf("c.%s", column.name), column.type_id),
							  quote_qualified_identifier(crm_relation_schema(relation),
														 get_rel_name(relation)),
							  crm_match_key_condition(&column, false)),
					 1, &type, &key, NULL, true, 1);
	return take_value();
}

/* ----------
 * calling an engine
 * ----------
 */

/*
 * The SQL function's arguments from the second on are the query's parameters.
 * Returns their number.
 */
static int
read_parameters(FunctionCallInfo fcinfo, Datum *values, char *nulls)
{
	int			count = PG_NARGS() - 1;
	int			i;

	Assert(count <= MAX_ARGUMENTS);
	for (i = 0; i < count; i++)
	{
		nulls[i] = PG_ARGISNULL(i + 1) ? 'n' : ' ';
		values[i] = PG_ARGISNULL(i + 1) ? (Datum) 0 : PG_GETARG_DATUM(i + 1);
	}
	return count;
}

/* Returns the rows of a query that may have very many. */
static Datum
return_many(FunctionCallInfo fcinfo, const char *sql, const Oid *types)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		values[MAX_ARGUMENTS];
	char		nulls[MAX_ARGUMENTS];
	int			count = read_parameters(fcinfo, values, nulls);
	SPIExecuteOptions options = {0};
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	options.params = makeParamList(count);
	for (i = 0; i < count; i++)
	{
		options.params->params[i].value = values[i];
		options.params->params[i].isnull = nulls[i] == 'n';
		options.params->params[i].pflags = PARAM_FLAG_CONST;
		options.params->params[i].ptype = types[i];
	}
	options.read_only = true;
	options.dest = CreateTuplestoreDestReceiver();
	SetTuplestoreDestReceiverParams(options.dest, result->setResult,
									result->econtext->ecxt_per_query_memory, false,
									NULL, NULL);
	if (SPI_execute_extended(sql, &options) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
	SPI_finish();
	return (Datum) 0;
}

/* Returns the rows of a query that has few, and a plan that is kept. */
static Datum
return_few(FunctionCallInfo fcinfo, const char *sql, const Oid *types)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		values[MAX_ARGUMENTS];
	char		nulls[MAX_ARGUMENTS];
	int			count = read_parameters(fcinfo, values, nulls);
	uint64		i;

	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	crm_execute_kept(sql, count, types, values, nulls, true, 0);
	for (i = 0; i < SPI_processed; i++)
		tuplestore_puttuple(result->setResult, SPI_tuptable->vals[i]);
	SPI_finish();
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(crm_kept_find_duplicates);
Datum
crm_kept_find_duplicates(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID, FLOAT8OID};
	CrmMatchTables tables;

	crm_read_match_tables(fcinfo, &tables);
	return return_many(fcinfo,
					   psprintf("SELECT d.left_key, d.right_key, d.probability, d.match_weight, d.evidence"
								" FROM crm.find_duplicates_by_key($1, $2, %s, %s) AS d",
								crm_current_model_sql(&tables), crm_decisions_sql(&tables)), types);
}

PG_FUNCTION_INFO_V1(crm_kept_duplicate_groups);
Datum
crm_kept_duplicate_groups(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID, FLOAT8OID};
	CrmMatchTables tables;

	crm_read_match_tables(fcinfo, &tables);
	return return_many(fcinfo,
					   psprintf("SELECT d.group_id, d.contact_key, d.probability"
								" FROM crm.duplicate_groups_by_key($1, $2, %s, %s) AS d",
								crm_current_model_sql(&tables), crm_decisions_sql(&tables)), types);
}

PG_FUNCTION_INFO_V1(crm_kept_match_contact);
Datum
crm_kept_match_contact(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {
		REGCLASSOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, DATEOID, TEXTOID,
		TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, FLOAT8OID
	};
	CrmMatchTables tables;

	crm_read_match_tables(fcinfo, &tables);
	return return_few(fcinfo,
					  psprintf("SELECT d.contact_key, d.probability, d.match_weight, d.evidence"
							   " FROM crm.match_contact_by_key($1, first_name => $2, last_name => $3,"
							   " full_name => $4, email => $5, phone => $6, date_of_birth => $7,"
							   " street => $8, city => $9, postal_code => $10, state => $11,"
							   " country => $12, company => $13, min_probability => $14, model => %s) AS d"
							   " ORDER BY d.probability DESC, d.match_weight DESC, d.contact_key",
							   crm_current_model_sql(&tables)), types);
}

PG_FUNCTION_INFO_V1(crm_kept_duplicates_of);
Datum
crm_kept_duplicates_of(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID, TEXTOID, FLOAT8OID};
	CrmMatchTables tables;

	crm_read_match_tables(fcinfo, &tables);
	return return_few(fcinfo,
					  psprintf("SELECT d.other_key, d.probability, d.match_weight, d.evidence"
							   " FROM crm.duplicates_of_by_key($1, $2, $3, %s, %s)"
							   " AS d (other_key, probability, match_weight, evidence)"
							   " ORDER BY d.probability DESC, d.match_weight DESC, d.other_key",
							   crm_current_model_sql(&tables), crm_decisions_sql(&tables)), types);
}

PG_FUNCTION_INFO_V1(crm_kept_explain_match);
Datum
crm_kept_explain_match(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID, TEXTOID, TEXTOID};
	CrmMatchTables tables;

	crm_read_match_tables(fcinfo, &tables);
	return return_few(fcinfo,
					  psprintf("SELECT d.field, d.left_value, d.right_value, d.left_normal, d.right_normal,"
							   " d.level, d.weight, d.term_frequency_weight, d.blocking_keys"
							   " FROM crm.explain_match_by_key($1, $2, $3, %s) AS d",
							   crm_current_model_sql(&tables)), types);
}

/* Figures may be added to the report: a CRM's function returns them by name. */
PG_FUNCTION_INFO_V1(crm_kept_matching_report);
Datum
crm_kept_matching_report(PG_FUNCTION_ARGS)
{
	static const Oid types[] = {REGCLASSOID};
	CrmMatchTables tables;

	crm_read_match_tables(fcinfo, &tables);
	return return_many(fcinfo,
					   psprintf("SELECT r.line OPERATOR(pg_catalog.->>) 'section',"
								" r.line OPERATOR(pg_catalog.->>) 'item',"
								" r.line OPERATOR(pg_catalog.-) 'section' OPERATOR(pg_catalog.-) 'item'"
								" FROM (SELECT pg_catalog.to_jsonb(d) AS line"
								" FROM crm.matching_report($1, %s) AS d) AS r",
								crm_current_model_sql(&tables)), types);
}

/* ----------
 * models
 * ----------
 */

/* The setting crm.actor as a parameter; NULL if it is empty. */
Datum
crm_actor_value(char *null)
{
	bool		is_empty = crm_actor == NULL || crm_actor[0] == '\0';

	*null = is_empty ? 'n' : ' ';
	return is_empty ? (Datum) 0 : CStringGetTextDatum(crm_actor);
}

/*
 * Makes a model the current one.  Whoever does the same at the same time comes
 * first or second, and the second one's is current.  SPI must be connected.
 */
void
crm_keep_model(const CrmMatchTables *tables, Datum model, bool is_automatic)
{
	Oid			types[] = {REGCLASSOID, JSONBOID, BOOLOID, TEXTOID};
	char		nulls[] = "    ";
	Datum		values[] = {ObjectIdGetDatum(tables->contacts), model,
	BoolGetDatum(is_automatic), crm_actor_value(&nulls[3])};
	char	   *retire = psprintf("UPDATE %s AS m SET is_current = false"
								  " WHERE m.relation OPERATOR(pg_catalog.=) $1 AND m.is_current",
								  tables->models);
	char	   *insert = psprintf("INSERT INTO %s (relation, model, is_automatic, actor, row_count)"
								  " SELECT $1, $2, $3, $4, pg_catalog.count(*) FROM %s"
								  " ON CONFLICT (relation) WHERE is_current DO NOTHING",
								  tables->models, tables->contacts_name);
	int			i;

	for (i = 0; i < MAX_ATTEMPTS; i++)
	{
		if (SPI_execute_with_args(retire, 1, types, values, NULL, false, 0) < 0 ||
			SPI_execute_with_args(insert, 4, types, values, nulls, false, 0) < 0)
			elog(ERROR, "could not keep a model");
		if (SPI_processed > 0)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_IN_USE),
			 errmsg("could not make the model of relation \"%s\" the current one",
					get_rel_name(tables->contacts)),
			 errdetail("Others keep making theirs the current one, or matching_models hides it by a policy or a trigger.")));
}

PG_FUNCTION_INFO_V1(crm_kept_train_matching);
Datum
crm_kept_train_matching(PG_FUNCTION_ARGS)
{
	Oid			type = REGCLASSOID;
	MemoryContext caller = CurrentMemoryContext;
	CrmMatchTables tables;
	Datum		value;
	Datum		model;
	bool		is_null;

	crm_read_match_tables(fcinfo, &tables);
	value = ObjectIdGetDatum(tables.contacts);
	SPI_connect();
	if (SPI_execute_with_args(psprintf("SELECT crm.train_matching($1, %s)",
									   crm_decisions_sql(&tables)),
							  1, &type, &value, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not train a model");
	model = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &is_null);
	if (is_null)
		elog(ERROR, "training returned no model");
	crm_keep_model(&tables, model, false);
	MemoryContextSwitchTo(caller);
	model = PointerGetDatum(PG_DETOAST_DATUM_COPY(model));
	SPI_finish();
	MemoryContextSwitchTo(caller);
	PG_RETURN_DATUM(model);
}
