/*
 * ddl_script.c
 *		The SQL that makes a CRM: composing it, and running it.
 *
 * The statements are the files src/tables/ddl/, compiled in as text.  Their
 * placeholders are psql's: :"schema" is a quoted identifier, :'home_currency'
 * a literal.  None stands in a comment, which a line break in a name would end.
 * What crm.create_tables runs is, to the letter, what crm.create_tables_sql
 * returns.
 *
 * Utility statements go through ProcessUtility as if the client had typed
 * them: a distributed engine that hooks in there sees them (and no privilege
 * check is lifted).  The few INSERTs go through SPI.
 */
#include "tables/ddl_script.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "matching/match_source.h"
#include "miscadmin.h"
#include "tables/ddl_text.h"
#include "tables/timeline_sources.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* ----------
 * composing
 * ----------
 */

static char *
qualified_literal(const CrmDdlVariables *variables, const char *relation)
{
	return quote_literal_cstr(quote_qualified_identifier(variables->schema, relation));
}

/* Name of the relation or function that a statement makes; NULL if none. */
const char *
crm_ddl_made_name(Node *statement, bool *is_function)
{
	*is_function = IsA(statement, CreateFunctionStmt);
	if (*is_function)
		return strVal(llast(((CreateFunctionStmt *) statement)->funcname));
	if (IsA(statement, CreateStmt))
		return ((CreateStmt *) statement)->relation->relname;
	if (IsA(statement, IndexStmt))
		return ((IndexStmt *) statement)->idxname;
	if (IsA(statement, ViewStmt))
		return ((ViewStmt *) statement)->view->relname;
	return NULL;
}

/* The names of a CRM's views, or of its wrappers, as an array literal. */
static char *
made_names_literal(const CrmDdlVariables *variables, bool functions)
{
	StringInfoData names;
	ListCell   *cell;

	initStringInfo(&names);
	foreach(cell, pg_parse_query(crm_ddl_views(variables, false)))
	{
		bool		is_function;
		const char *name = crm_ddl_made_name(lfirst_node(RawStmt, cell)->stmt,
											 &is_function);

		if (name != NULL && is_function == functions)
			appendStringInfo(&names, "%s%s", names.len > 0 ? "," : "{", name);
	}
	appendStringInfoChar(&names, '}');
	return quote_literal_cstr(names.data);
}

static void append_filled(StringInfo out, const char *text,
						  const CrmDdlVariables *variables);

/* What crm.check_tables says of values, where there are any. */
static char *
value_findings(const CrmDdlVariables *variables)
{
	StringInfoData out;

	initStringInfo(&out);
	if (!variables->is_matching_only)
		append_filled(&out, sql_check_values, variables);
	return out.data;
}

/* What a placeholder stands for. */
static char *
placeholder_value(const CrmDdlVariables *variables, int placeholder)
{
	switch (placeholder)
	{
		case 0:
			return pstrdup(quote_identifier(variables->schema));
		case 1:
			return quote_literal_cstr(variables->schema);
		case 2:
			return quote_literal_cstr(variables->home_currency);
		case 3:
			return qualified_literal(variables, "deals");
		case 4:
			return qualified_literal(variables, "settings");
		case 5:
			return made_names_literal(variables, false);
		case 6:
			return made_names_literal(variables, true);
		case 7:
			return qualified_literal(variables, "timeline_sources");
		case 8:
			return qualified_literal(variables, "imports");
		case 9:
			return qualified_literal(variables, "contacts");
		case 10:
			return quote_literal_cstr(variables->is_matching_only ? "matching" : "all");
		case 11:
			return pstrdup(variables->with_event_key ? ",\n\t\tid AS event_key" : "");
		case 12:
			return value_findings(variables);
		default:
			return psprintf("%d", CRM_TABLES_VERSION);
	}
}

/* In the order of placeholder_value. */
static const char *const placeholders[] = {
	":\"schema\"", ":'schema_name'", ":'home_currency'", ":'schema_deals'",
	":'schema_settings'", ":'view_names'", ":'function_names'",
	":'schema_timeline_sources'", ":'schema_imports'", ":'schema_contacts'",
	":'parts'", ":event_key", ":value_findings", ":tables_version"
};

/* Which placeholder starts at a colon; -1 if none does. */
static int
placeholder_at(const char *p)
{
	int			i;

	for (i = 0; i < (int) lengthof(placeholders); i++)
		if (strncmp(p, placeholders[i], strlen(placeholders[i])) == 0)
			return i;
	return -1;
}

/* Appends a file's text, placeholders filled in. */
static void
append_filled(StringInfo out, const char *text, const CrmDdlVariables *variables)
{
	const char *p = text;

	while (*p != '\0')
	{
		int			placeholder = *p == ':' ? placeholder_at(p) : -1;

		if (placeholder < 0)
			appendStringInfoChar(out, *p++);
		else
		{
			appendStringInfoString(out, placeholder_value(variables, placeholder));
			p += strlen(placeholders[placeholder]);
		}
	}
	appendStringInfoChar(out, '\n');
}

/* What only a whole CRM has of tables, first rows and triggers. */
static void
append_crm_tables(StringInfo out, const CrmDdlVariables *variables, bool with_triggers)
{
	append_filled(out, sql_vocabularies, variables);
	append_filled(out, sql_people, variables);
	append_filled(out, sql_deals, variables);
	append_filled(out, sql_interactions, variables);
	append_filled(out, sql_deal_changes, variables);
	append_filled(out, sql_timeline_sources, variables);
	append_filled(out, sql_imports, variables);
	append_filled(out, sql_defaults, variables);
	append_filled(out, with_triggers ? sql_triggers : sql_no_triggers, variables);
	if (with_triggers)
	{
		append_filled(out, sql_value_triggers, variables);
		append_filled(out, sql_history_trigger, variables);
	}
}

/* Tables, their first rows, and triggers or what stands in for them. */
char *
crm_ddl_tables(const CrmDdlVariables *variables, bool with_triggers)
{
	StringInfoData out;

	initStringInfo(&out);
	append_filled(&out, sql_settings, variables);
	if (with_triggers)
		append_filled(&out, sql_settings_trigger, variables);
	if (!variables->is_matching_only)
		append_crm_tables(&out, variables, with_triggers);
	append_filled(&out, sql_matching, variables);
	if (!variables->is_matching_only)
		append_filled(&out, sql_match_index, variables);
	return out.data;
}

/* Every "from" becomes "to" where it starts a line. */
static char *
replace_line_starts(const char *text, const char *from, const char *to)
{
	StringInfoData out;
	const char *p;

	initStringInfo(&out);
	for (p = text; *p != '\0'; p++)
	{
		if ((p == text || p[-1] == '\n') && strncmp(p, from, strlen(from)) == 0)
		{
			appendStringInfoString(&out, to);
			p += strlen(from) - 1;
		}
		else
			appendStringInfoChar(&out, *p);
	}
	return out.data;
}

static char *
made_or_replaced(char *text, bool replace)
{
	if (!replace)
		return text;
	text = replace_line_starts(text, "CREATE VIEW", "CREATE OR REPLACE VIEW");
	text = replace_line_starts(text, "CREATE PROCEDURE", "CREATE OR REPLACE PROCEDURE");
	return replace_line_starts(text, "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION");
}

/* The SELECT of one of the CRM's own tables in the timeline. */
char *
crm_ddl_timeline_branch(const CrmDdlVariables *variables, const char *source)
{
	static const struct
	{
		const char *source;
		const char *text;
	}			branches[] = {
		{"activities", sql_timeline_activities},
		{"companies", sql_timeline_companies},
		{"contacts", sql_timeline_contacts},
		{"deal_changes", sql_timeline_deal_changes},
		{"emails", sql_timeline_emails}
	};
	StringInfoData out;
	int			i;

	initStringInfo(&out);
	for (i = 0; i < (int) lengthof(branches); i++)
		if (strcmp(branches[i].source, source) == 0)
			append_filled(&out, branches[i].text, variables);
	Assert(out.len > 0);
	out.data[--out.len] = '\0';
	return out.data;
}

/* The view timeline, with its comments. */
char *
crm_ddl_timeline_view(const CrmDdlVariables *variables, bool replace)
{
	StringInfoData out;
	List	   *sources = variables->timeline_sources;

	if (!variables->has_sources)
		sources = crm_builtin_timeline_sources(variables->schema);
	initStringInfo(&out);
	appendStringInfoString(&out, crm_timeline_view_sql(variables->schema, sources));
	append_filled(&out, sql_timeline_view, variables);
	return made_or_replaced(out.data, replace);
}

/* Views and wrappers; "replace" for a schema that may have them already. */
char *
crm_ddl_views(const CrmDdlVariables *variables, bool replace)
{
	StringInfoData out;

	initStringInfo(&out);
	if (variables->is_matching_only)
		append_filled(&out, sql_matching_relations, variables);
	else
	{
		append_filled(&out, sql_views, variables);
		append_filled(&out, sql_timeline_page, variables);
		appendStringInfoString(&out, crm_ddl_timeline_view(variables, false));
		append_filled(&out, sql_functions, variables);
		append_filled(&out, sql_import_views, variables);
		append_filled(&out, sql_matching_contacts, variables);
	}
	return made_or_replaced(out.data, replace);
}

/* How many views and wrappers a CRM has. */
int
crm_ddl_count_views(const CrmDdlVariables *variables)
{
	bool		is_function;
	ListCell   *cell;
	int			count = 0;

	foreach(cell, pg_parse_query(crm_ddl_views(variables, false)))
		if (crm_ddl_made_name(lfirst_node(RawStmt, cell)->stmt, &is_function) != NULL)
			count++;
	return count;
}

/*
 * Upgrade steps; index 0 leads from version 1 to 2.  The matching part alone can
 * be had since version 5.
 */
static const char *const upgrade_steps[CRM_TABLES_VERSION - 1] = {
	sql_1__2, sql_2__3, sql_3__4, sql_4__5
};

/*
 * Whether the contacts have an index of match keys already, whatever its name, for
 * all columns by which they are found.
 */
static bool
has_match_index(const char *schema)
{
	Oid			contacts = get_relname_relid("contacts", get_namespace_oid(schema, false));
	CrmMatchSource source;
	Relation	relation;

	if (!OidIsValid(contacts))
		return false;
	relation = relation_open(contacts, AccessShareLock);
	crm_match_source_describe(&source, relation);
	relation_close(relation, NoLock);
	return source.fit >= CRM_INDEX_HAS_ALL;
}

/* The statements from an older version to the present one, views included. */
char *
crm_ddl_upgrade(const CrmDdlVariables *variables, int from_version,
				bool with_triggers)
{
	StringInfoData out;
	int			version;

	initStringInfo(&out);
	for (version = from_version; version < CRM_TABLES_VERSION; version++)
		append_filled(&out, upgrade_steps[version - 1], variables);
	if (from_version < 3)
	{
		append_filled(&out, sql_deal_changes, variables);
		append_filled(&out, sql_timeline_sources, variables);
		if (with_triggers)
			append_filled(&out, sql_history_trigger, variables);
	}
	if (from_version < 4)
	{
		append_filled(&out, sql_imports, variables);
		if (with_triggers)
			append_filled(&out, sql_value_triggers, variables);
	}
	if (from_version < 5)
	{
		append_filled(&out, sql_matching, variables);
		/* an index that is older than version 4 lacks the columns that came with it */
		if (from_version < 4 || !has_match_index(variables->schema))
			append_filled(&out, sql_match_index, variables);
	}
	appendStringInfoString(&out, crm_ddl_views(variables, true));
	appendStringInfo(&out, "UPDATE %s.settings SET crm_tables_version = %d;\n",
					 quote_identifier(variables->schema), CRM_TABLES_VERSION);
	return out.data;
}

/* A query of the given kind, about the CRM in a schema. */
char *
crm_ddl_query(CrmDdlQuery query, const char *schema, bool is_matching_only)
{
	static const char *const texts[] = {
		sql_drop_plan, sql_keep_grants, sql_grant_plan, sql_detach,
		sql_dependents, sql_history_backfill, sql_check_tables
	};
	CrmDdlVariables variables = {.schema = schema, .is_matching_only = is_matching_only};
	StringInfoData out;

	initStringInfo(&out);
	if (query <= CRM_DDL_RESTORE_GRANTS)
		append_filled(&out, sql_ours, &variables);
	append_filled(&out, texts[query], &variables);
	return out.data;
}

/* ----------
 * running
 * ----------
 */

/*
 * Until the nest level ends, unqualified names in the scripts are pg_catalog's,
 * and the session's taste in quoting does not change what they mean.
 */
void
crm_ddl_lock_settings(void)
{
	static const char *const settings[][2] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"quote_all_identifiers", "off"},
		{"standard_conforming_strings", "on"}
	};
	int			i;

	for (i = 0; i < (int) lengthof(settings); i++)
		(void) set_config_option(settings[i][0], settings[i][1],
								 PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

static void
run_utility(const char *script, RawStmt *statement)
{
	PlannedStmt *planned = makeNode(PlannedStmt);

	planned->commandType = CMD_UTILITY;
	planned->utilityStmt = statement->stmt;
	planned->stmt_location = statement->stmt_location;
	planned->stmt_len = statement->stmt_len;

	PushActiveSnapshot(GetTransactionSnapshot());
	ProcessUtility(planned, script, false, PROCESS_UTILITY_TOPLEVEL,
				   NULL, NULL, None_Receiver, NULL);
	PopActiveSnapshot();
	CommandCounterIncrement();
}

static void
run_query(const char *script, RawStmt *statement)
{
	const char *start = script + Max(statement->stmt_location, 0);
	char	   *sql = statement->stmt_len > 0 ?
		pnstrdup(start, statement->stmt_len) : pstrdup(start);

	SPI_connect();
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
	SPI_finish();
}

static bool
is_query(const Node *statement)
{
	return IsA(statement, InsertStmt) || IsA(statement, UpdateStmt);
}

/* Runs every statement of the script, with the settings locked. */
void
crm_ddl_run(const char *script)
{
	int			nest_level = NewGUCNestLevel();
	ListCell   *cell;

	crm_ddl_lock_settings();
	foreach(cell, pg_parse_query(script))
	{
		RawStmt    *statement = lfirst_node(RawStmt, cell);

		CHECK_FOR_INTERRUPTS();
		if (is_query(statement->stmt))
			run_query(script, statement);
		else
			run_utility(script, statement);
	}
	AtEOXact_GUC(false, nest_level);
}

/*
 * Runs the statements that a query returns in its first column.  Returns the
 * sum of its second column.
 */
int
crm_ddl_run_plan(const char *query)
{
	int			nest_level = NewGUCNestLevel();
	SPITupleTable *result;
	uint64		count;
	uint64		row;
	int			total = 0;

	crm_ddl_lock_settings();
	SPI_connect();
	/* not read-only: it must see what the present command has made */
	if (SPI_execute(query, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not execute \"%s\"", query);
	result = SPI_tuptable;
	count = SPI_processed;
	for (row = 0; row < count; row++)
	{
		crm_ddl_run(SPI_getvalue(result->vals[row], result->tupdesc, 1));
		total += atoi(SPI_getvalue(result->vals[row], result->tupdesc, 2));
	}
	SPI_finish();
	AtEOXact_GUC(false, nest_level);
	return total;
}

/* The text that a query returns, in the caller's context; NULL if none. */
char *
crm_ddl_read_text(const char *query)
{
	int			nest_level = NewGUCNestLevel();
	MemoryContext caller = CurrentMemoryContext;
	char	   *text;

	crm_ddl_lock_settings();
	SPI_connect();
	if (SPI_execute(query, false, 1) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "could not execute \"%s\"", query);
	text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	if (text != NULL)
		text = MemoryContextStrdup(caller, text);
	SPI_finish();
	AtEOXact_GUC(false, nest_level);
	return text;
}
