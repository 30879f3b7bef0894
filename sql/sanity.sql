-- What must hold for every member of the extension; every result is empty.
CREATE TEMP VIEW member_functions AS
SELECT p.* FROM pg_proc AS p JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'crm';

-- members without a comment
SELECT pg_describe_object(d.classid, d.objid, 0) FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'crm'
WHERE d.deptype = 'e' AND d.classid IN ('pg_proc'::regclass, 'pg_type'::regclass) AND obj_description(d.objid, d.classid::regclass::name) IS NULL
	AND NOT EXISTS (SELECT FROM pg_type AS t WHERE t.oid = d.objid AND d.classid = 'pg_type'::regclass AND t.typelem <> 0);
SELECT a.attrelid::regclass, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'crm'::regnamespace AND a.attnum > 0 AND col_description(a.attrelid, a.attnum) IS NULL;
-- functions that were given no parallel label where they only compute
SELECT oid::regprocedure FROM member_functions WHERE prokind = 'f' AND proparallel = 'u' AND provolatile <> 'v' AND NOT 'contacts' = ANY (proargnames);
-- functions that read a relation of anybody's, a view that writes included, in a parallel query
SELECT oid::regprocedure FROM member_functions WHERE prokind = 'f' AND proparallel <> 'u' AND 'contacts' = ANY (proargnames);
-- aggregates that cannot be parallel
SELECT oid::regprocedure FROM member_functions WHERE prokind = 'a' AND proparallel <> 's';
-- SECURITY DEFINER, LEAKPROOF: none without a proof (match_keys.c, match_keys_ops.c)
SELECT oid::regprocedure FROM member_functions WHERE prosecdef OR proleakproof AND proname NOT IN ('match_keys', 'match_keys_overlap');
-- functions for everybody that write; all run with the caller's rights
SELECT oid::regprocedure FROM member_functions WHERE provolatile = 'v' AND prorettype <> 'trigger'::regtype
	AND proname NOT IN ('create_tables', 'upgrade_tables', 'detach_tables', 'drop_views', 'create_views',
		'add_timeline_source', 'remove_timeline_source', 'rebuild_timeline', '_set_stage', '_backfill_deal_history',
		'check_tables', '_import', '_undo_import', '_renormalize_phones',
		'_train_matching', '_mark_match', '_forget_decision', '_create_match_queue', '_drop_match_queue', '_refresh_duplicates',
		'create_match_index', 'create_duplicate_guard', 'drop_duplicate_guard');
-- SQL-language or dynamic members
SELECT p.oid::regprocedure, l.lanname FROM member_functions AS p JOIN pg_language AS l ON l.oid = p.prolang WHERE l.lanname NOT IN ('c', 'internal') OR (l.lanname = 'internal' AND p.prokind <> 'a');
-- C symbols with another prefix
SELECT oid::regprocedure, prosrc FROM member_functions WHERE prokind = 'f' AND prosrc !~ '^crm_';
-- arguments that API servers choke on
SELECT oid::regprocedure FROM member_functions WHERE proargnames && '{before,after,first,last,limit,offset,order,select,columns,filter,condition}';
-- overloaded functions that clients call
SELECT proname FROM member_functions WHERE prokind = 'f' AND proname !~ '^_' GROUP BY proname HAVING count(*) > 1;
-- results that clients choke on; keys are an array, for an index and its operators
SELECT oid::regprocedure, prorettype::regtype FROM member_functions WHERE prokind = 'f' AND proname !~ '^_' AND proname NOT IN ('name_keys', 'match_keys') AND prorettype::regtype::text NOT IN
	('bigint', 'integer', 'numeric', 'double precision', 'boolean', 'text', 'date', 'timestamp with time zone', 'jsonb', 'uuid', 'record', 'crm.deal_stage', 'crm.pipeline_summary', 'crm.timeline_event');
-- aggregates for a distributed engine: a state that is a type, a combine function, C all the way, no name of a built-in
SELECT a.aggfnoid FROM pg_aggregate AS a JOIN member_functions AS p ON p.oid = a.aggfnoid JOIN pg_type AS t ON t.oid = a.aggtranstype
WHERE t.typtype = 'p' OR a.aggcombinefn = 0 OR a.aggkind <> 'n'
	OR EXISTS (SELECT FROM pg_proc AS f JOIN pg_language AS l ON l.oid = f.prolang WHERE f.oid IN (a.aggtransfn, a.aggcombinefn, a.aggfinalfn) AND l.lanname <> 'c')
	OR p.proname IN (SELECT proname FROM pg_proc WHERE prokind = 'a' AND pronamespace = 'pg_catalog'::regnamespace);
-- polymorphic or pseudo-typed arguments where clients call; keys are made of columns of any type, for an index
SELECT p.oid::regprocedure FROM member_functions AS p WHERE p.proname !~ '^_' AND p.proname <> 'match_keys' AND EXISTS (SELECT FROM unnest(p.proargtypes) AS a JOIN pg_type AS t ON t.oid = a WHERE t.typtype = 'p');
-- relations of the extension's own
SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'crm'::regnamespace AND c.relkind NOT IN ('c');
-- members that bear the name of something that create_tables makes, but for the engines of matching, which have no
-- relation by default: a call that means the one never means the other
BEGIN;
SELECT crm.create_tables('regress_crm_sanity') IS NULL AS failed;
SELECT p.proname FROM member_functions AS p WHERE p.proname NOT IN ('find_duplicates', 'duplicate_groups', 'match_contact', 'duplicates_of',
		'explain_match', 'train_matching', 'matching_report') AND p.proname IN (
	SELECT relname FROM pg_class WHERE relnamespace = 'regress_crm_sanity'::regnamespace UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'regress_crm_sanity'::regnamespace);
-- a CRM's functions: labels, invoker's rights, a body bound to its objects
SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'regress_crm_sanity'::regnamespace AND (prosecdef OR prosqlbody IS NULL
	OR (provolatile = 'v') <> (proname IN ('set_stage', 'backfill_deal_history', 'import_companies', 'import_contacts', 'import_deals', 'import_activities', 'undo_import', 'renormalize_phones',
		'train_matching', 'mark_same', 'mark_different', 'forget_decision', 'create_match_queue', 'drop_match_queue'))
	OR (proparallel = 'u') <> (provolatile = 'v' OR proname IN ('find_duplicates', 'duplicate_groups', 'match_contact', 'duplicates_of', 'explain_match', 'matching_report')))
	AND prokind = 'f';
-- procedures that commit: in a language that can, which knows its tables by the default of an argument
SELECT p.oid::regprocedure FROM pg_proc AS p WHERE pronamespace = 'regress_crm_sanity'::regnamespace AND prokind = 'p'
	AND (prosecdef OR proconfig IS NOT NULL OR NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.refobjid = 'regress_crm_sanity.settings'::regclass));
-- a CRM's relations, columns, functions and triggers without a comment
SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'regress_crm_sanity'::regnamespace AND c.relkind IN ('r', 'v') AND obj_description(c.oid, 'pg_class') IS NULL;
SELECT c.oid::regclass, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'regress_crm_sanity'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 AND col_description(a.attrelid, a.attnum) IS NULL;
SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'regress_crm_sanity'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL;
SELECT t.tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = 'regress_crm_sanity'::regnamespace AND NOT t.tgisinternal AND obj_description(t.oid, 'pg_trigger') IS NULL;
-- views with the rights of their owner
SELECT oid::regclass FROM pg_class WHERE relnamespace = 'regress_crm_sanity'::regnamespace AND relkind = 'v' AND NOT COALESCE(reloptions @> '{security_invoker=true}', false);
-- foreign keys without an index that begins with their column, other than to vocabularies
SELECT k.conrelid::regclass, k.conname FROM pg_constraint AS k JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] AND a.atttypid = 'bigint'::regtype
WHERE k.connamespace = 'regress_crm_sanity'::regnamespace AND k.contype = 'f'
	AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND (i.indkey::int2[])[0:0] = k.conkey[1:1]);
ROLLBACK;
