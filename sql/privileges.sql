-- What roles may do: an application, a read-only reader, nobody in particular.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_crm_owner;
CREATE ROLE regress_crm_app;
CREATE ROLE regress_crm_bi;
CREATE ROLE regress_crm_rep;
CREATE ROLE regress_crm_nobody;
CREATE SCHEMA regress_crm_acl AUTHORIZATION regress_crm_owner;
SET ROLE regress_crm_owner;
SELECT crm.create_tables('regress_crm_acl');
-- the grants that the README gives
GRANT USAGE ON SCHEMA regress_crm_acl TO regress_crm_app, regress_crm_bi, regress_crm_rep;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA regress_crm_acl TO regress_crm_app;
REVOKE INSERT, UPDATE, DELETE ON regress_crm_acl.settings FROM regress_crm_app;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_crm_acl TO regress_crm_bi;
GRANT SELECT, INSERT, UPDATE ON regress_crm_acl.deals TO regress_crm_rep;
GRANT SELECT ON regress_crm_acl.pipelines, regress_crm_acl.pipeline_stages, regress_crm_acl.settings, regress_crm_acl.users TO regress_crm_rep;
INSERT INTO regress_crm_acl.users (id, name) VALUES (1, 'Ann'), (2, 'Ben');

-- the application works
SET ROLE regress_crm_app;
INSERT INTO regress_crm_acl.contacts (email) VALUES ('a@example.com');
INSERT INTO regress_crm_acl.deals (name, value, stage, owner_id) VALUES ('x', 100, 'proposal', 1), ('y', 200, 'lead', 2), ('z', 400, 'won', 1);
UPDATE regress_crm_acl.deals SET stage = 'negotiation' WHERE name = 'x';
SELECT * FROM regress_crm_acl.pipeline_totals();
SELECT crm.drop_views('regress_crm_acl');
SELECT crm.detach_tables('regress_crm_acl');
SELECT crm.upgrade_tables('regress_crm_acl');
SELECT owner, total_value FROM regress_crm_acl.pipeline_by_owner ORDER BY owner;
SELECT stage, probability FROM regress_crm_acl.set_stage(2, 'qualified');
SELECT kind, title, description FROM regress_crm_acl.deal_timeline(2) ORDER BY source_id::bigint;
SELECT crm.add_timeline_source('regress_crm_acl', 'more', 'regress_crm_acl.emails');
SELECT crm.remove_timeline_source('regress_crm_acl', 'emails');
SELECT crm.rebuild_timeline('regress_crm_acl');
-- the reader reads, and no more
SET ROLE regress_crm_bi;
SELECT * FROM regress_crm_acl.pipeline_totals(owner_id => 1);
SELECT stage, total_deals FROM regress_crm_acl.pipeline_by_stage ORDER BY stage_position;
UPDATE regress_crm_acl.deals SET value = 0;
SELECT stage FROM regress_crm_acl.set_stage(2, 'proposal');
SELECT regress_crm_acl.backfill_deal_history();
SELECT kind, title FROM regress_crm_acl.deal_timeline(2) ORDER BY source_id::bigint;
SELECT count(*) FROM regress_crm_acl.timeline WHERE deal_id = 2;
SELECT tables_version IS NULL AS hidden FROM crm.list_schemas() WHERE in_schema = 'regress_crm_acl';
-- nobody in particular: values and aggregates, but no CRM
SET ROLE regress_crm_nobody;
SELECT crm.weighted_pipeline(100, 'lead'), crm.is_email('a@b.cd'), crm.default_probability('won');
SELECT * FROM regress_crm_acl.pipeline_totals();
SELECT in_schema, tables_version FROM crm.list_schemas() WHERE in_schema = 'regress_crm_acl';
SELECT * FROM crm._pipeline_totals('regress_crm_acl.deals', 'regress_crm_acl.settings', NULL, NULL);
SELECT * FROM regress_crm_acl.deal_timeline(2);
SELECT * FROM crm._deal_timeline('regress_crm_acl.timeline_sources', 2, NULL, 50, NULL, false, NULL);
SELECT * FROM crm._company_timeline('regress_crm_acl.timeline_sources', 2, NULL, 50, NULL, false, NULL);
SELECT crm._set_stage('regress_crm_acl.deals', 2, 'won', NULL);
SELECT crm._backfill_deal_history('regress_crm_acl.deals');
CREATE TABLE crm.mine (id integer);
CREATE FUNCTION crm.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1';

-- row-level security of whoever asks applies to tables, views and totals
SET ROLE regress_crm_owner;
ALTER TABLE regress_crm_acl.deals ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_deals ON regress_crm_acl.deals TO regress_crm_rep USING (owner_id = 1);
CREATE POLICY all_deals ON regress_crm_acl.deals TO regress_crm_app USING (true);
SET ROLE regress_crm_rep;
SELECT currency, total_deals, total_value FROM regress_crm_acl.pipeline_totals();
SELECT total_deals FROM regress_crm_acl.pipeline_by_currency;
SELECT owner FROM regress_crm_acl.pipeline_by_owner;
-- the same session, another role: another plan
SET ROLE regress_crm_app;
SELECT total_deals FROM regress_crm_acl.pipeline_totals();
SET ROLE regress_crm_bi;
SELECT total_deals FROM regress_crm_acl.pipeline_totals();
SET ROLE regress_crm_rep;
SELECT total_deals FROM regress_crm_acl.pipeline_totals();
INSERT INTO regress_crm_acl.deals (name, value, owner_id) VALUES ('mine', 1, 1) RETURNING stage, probability;
INSERT INTO regress_crm_acl.deals (name, value, owner_id) VALUES ('not mine', 1, 2);
-- the history of what he writes is written, though he has no right on it
SELECT count(*) FROM regress_crm_acl.deal_changes;
SET ROLE regress_crm_owner;
SELECT deal_name, kind, changed_by FROM regress_crm_acl.deal_changes WHERE changed_by = 'regress_crm_rep';
SET ROLE regress_crm_rep;
-- without a right to read the stages a deal cannot be written: the error names them
RESET ROLE;
REVOKE SELECT ON regress_crm_acl.pipeline_stages FROM regress_crm_rep;
SET ROLE regress_crm_rep;
INSERT INTO regress_crm_acl.deals (name, value, owner_id) VALUES ('mine', 1, 1);
RESET ROLE;

-- grants on views and functions outlive drop_views and create_views
REVOKE EXECUTE ON FUNCTION regress_crm_acl.pipeline_totals(bigint, bigint) FROM PUBLIC;
REVOKE EXECUTE ON FUNCTION regress_crm_acl.backfill_deal_history() FROM PUBLIC;
REVOKE SELECT ON regress_crm_acl.timeline_page FROM regress_crm_bi;
GRANT EXECUTE ON FUNCTION regress_crm_acl.pipeline_totals(bigint, bigint) TO regress_crm_bi WITH GRANT OPTION;
-- (the owner's own rights differ between server versions)
CREATE FUNCTION pg_temp.grants() RETURNS TABLE (object text, grants text) LANGUAGE sql AS $$
	SELECT o.name::text, string_agg(concat_ws(' ', COALESCE(NULLIF(a.grantee, 0)::regrole::text, 'PUBLIC'), a.privilege_type, CASE WHEN a.is_grantable THEN 'grantable' END), ', '
		ORDER BY a.grantee::regrole::text COLLATE "C", a.privilege_type COLLATE "C")
	FROM (SELECT relname, relacl FROM pg_class WHERE relnamespace = 'regress_crm_acl'::regnamespace AND relkind = 'v'
		UNION ALL SELECT proname, proacl FROM pg_proc WHERE pronamespace = 'regress_crm_acl'::regnamespace) AS o (name, acl), aclexplode(o.acl) AS a
	WHERE a.grantee <> a.grantor GROUP BY o.name $$;
CREATE TEMP TABLE grants_before AS SELECT * FROM pg_temp.grants();
SET ROLE regress_crm_owner;
SELECT crm.drop_views('regress_crm_acl');
SELECT jsonb_array_length(dropped_view_grants) > 4 AS kept FROM regress_crm_acl.settings;
SELECT crm.create_views('regress_crm_acl');
SELECT dropped_view_grants FROM regress_crm_acl.settings;
RESET ROLE;
SELECT count(*) FROM (SELECT * FROM grants_before EXCEPT SELECT * FROM pg_temp.grants()) AS t;
SELECT object, grants FROM pg_temp.grants() ORDER BY object;
-- a function closed to everybody stays closed, a right on one column stays
REVOKE ALL ON FUNCTION regress_crm_acl.pipeline_totals(bigint, bigint) FROM regress_crm_bi;
GRANT SELECT (currency) ON regress_crm_acl.pipeline_by_stage TO regress_crm_nobody;
SET ROLE regress_crm_owner;
SELECT crm.drop_views('regress_crm_acl') = crm.create_views('regress_crm_acl') AS same;
RESET ROLE;
SELECT has_function_privilege('regress_crm_nobody', 'regress_crm_acl.pipeline_totals(bigint, bigint)', 'EXECUTE') AS open,
	has_column_privilege('regress_crm_nobody', 'regress_crm_acl.pipeline_by_stage', 'currency', 'SELECT') AS currency,
	has_column_privilege('regress_crm_nobody', 'regress_crm_acl.pipeline_by_stage', 'stage', 'SELECT') AS stage;

-- closed to everybody, the owner included
REVOKE ALL ON FUNCTION regress_crm_acl.pipeline_totals(bigint, bigint) FROM regress_crm_owner;
SET ROLE regress_crm_owner;
SELECT crm.drop_views('regress_crm_acl') = crm.create_views('regress_crm_acl') AS same;
RESET ROLE;
SELECT has_function_privilege('regress_crm_nobody', 'regress_crm_acl.pipeline_totals(bigint, bigint)', 'EXECUTE') AS open;

-- who looks after another role's CRM acts as its owner: triggers, rules and
-- policies on it never get the rights of an administrator
CREATE FUNCTION regress_crm_acl.who() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'trigger runs as %', current_user; RETURN NEW; END $$;
CREATE TRIGGER a_who BEFORE UPDATE ON regress_crm_acl.settings FOR EACH ROW EXECUTE FUNCTION regress_crm_acl.who();
SELECT crm.drop_views('regress_crm_acl'), crm.create_views('regress_crm_acl');
SELECT current_user = session_user AS back;
SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'regress_crm_acl'::regnamespace;
DROP TRIGGER a_who ON regress_crm_acl.settings;
-- nor do settings that such code makes stay behind
CREATE FUNCTION regress_crm_acl.set_path() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('search_path', 'regress_crm_acl, pg_catalog', false); RETURN NEW; END $$;
CREATE TRIGGER a_path BEFORE UPDATE ON regress_crm_acl.settings FOR EACH ROW EXECUTE FUNCTION regress_crm_acl.set_path();
SELECT crm.drop_views('regress_crm_acl'), crm.create_views('regress_crm_acl');
SHOW search_path;
DROP TRIGGER a_path ON regress_crm_acl.settings;
-- tables of others in the schema are theirs: their code does not run, and they
-- are named
GRANT CREATE ON SCHEMA regress_crm_acl TO regress_crm_app;
BEGIN;
SET LOCAL ROLE regress_crm_app;
CREATE FUNCTION regress_crm_acl.notes_check(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'check runs as %', current_user; RETURN true; END $$;
CREATE TABLE regress_crm_acl.notes (s crm.deal_stage, CONSTRAINT notes_check CHECK (regress_crm_acl.notes_check(s::text)));
INSERT INTO regress_crm_acl.notes VALUES ('lead');
RESET ROLE;
SELECT crm.detach_tables('regress_crm_acl');
ROLLBACK;
-- a CRM has one owner
BEGIN;
ALTER TABLE regress_crm_acl.emails OWNER TO regress_crm_app;
SELECT crm.upgrade_tables('regress_crm_acl');
ROLLBACK;
-- an owner without rights on the table does not spoil the list
BEGIN;
REVOKE ALL ON regress_crm_acl.settings FROM regress_crm_owner;
SELECT tables_version IS NOT NULL AS readable FROM crm.list_schemas() WHERE in_schema = 'regress_crm_acl';
ROLLBACK;
-- what was kept of a view stays kept when others are dropped after it
BEGIN;
SELECT crm.drop_views('regress_crm_acl');
CREATE VIEW regress_crm_acl.pipeline_by_owner AS SELECT 1 AS one;
ALTER VIEW regress_crm_acl.pipeline_by_owner OWNER TO regress_crm_owner;
SELECT crm.drop_views('regress_crm_acl');
SELECT crm.create_views('regress_crm_acl');
SELECT has_table_privilege('regress_crm_bi', 'regress_crm_acl.pipeline_by_stage', 'SELECT') AS kept;
ROLLBACK;
-- an error on the way gives the rights back too
CREATE VIEW regress_crm_acl.in_the_way AS SELECT * FROM regress_crm_acl.pipeline_by_stage;
SELECT crm.drop_views('regress_crm_acl');
SELECT current_user = session_user AS back;
DROP VIEW regress_crm_acl.in_the_way;
-- listing runs nobody's code, and a view is no CRM
CREATE FUNCTION regress_crm_acl.spy() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'policy runs as %', current_user; RETURN true; END $$;
ALTER TABLE regress_crm_acl.settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY spy ON regress_crm_acl.settings USING (regress_crm_acl.spy());
GRANT SELECT ON regress_crm_acl.settings TO PUBLIC;
SET ROLE regress_crm_nobody;
SELECT in_schema, tables_version FROM crm.list_schemas() WHERE in_schema = 'regress_crm_acl';
RESET ROLE;
SELECT in_schema, tables_version IS NOT NULL AS readable FROM crm.list_schemas() WHERE in_schema = 'regress_crm_acl';
ALTER TABLE regress_crm_acl.settings DISABLE ROW LEVEL SECURITY;
CREATE SCHEMA regress_crm_trap AUTHORIZATION regress_crm_owner;
SET ROLE regress_crm_owner;
CREATE VIEW regress_crm_trap.settings AS SELECT 1 AS crm_tables_version, regress_crm_acl.spy() AS sprung;
RESET ROLE;
SELECT crm.upgrade_tables('regress_crm_trap');
SELECT crm.create_tables('regress_crm_trap');
SELECT count(*) FROM crm.list_schemas() WHERE in_schema = 'regress_crm_trap';
DROP SCHEMA regress_crm_trap CASCADE;
-- relations of any other shape are refused, not believed
CREATE TABLE pg_temp.shape (currency bigint, value numeric, stage crm.deal_stage, probability integer, archived_at timestamptz, owner_id bigint, pipeline_id bigint);
INSERT INTO shape VALUES (42, 10, 'lead', 10);
SELECT * FROM crm._pipeline_totals('shape', 'shape', NULL, NULL);
CREATE TABLE pg_temp.odd_settings (home_currency integer);
SELECT * FROM crm._pipeline_totals('regress_crm_acl.deals', 'odd_settings', 999, NULL);
-- an answer that one role was given is not another's
BEGIN;
GRANT SELECT, UPDATE ON regress_crm_acl.deals TO regress_crm_rep;
UPDATE regress_crm_acl.deals SET probability = NULL WHERE owner_id = 1;
SET LOCAL ROLE regress_crm_rep;
UPDATE regress_crm_acl.deals SET probability = NULL WHERE owner_id = 1;
ROLLBACK;

-- what the settings hold is data: it cannot become a statement
SET ROLE regress_crm_owner;
SELECT crm.drop_views('regress_crm_acl');
UPDATE regress_crm_acl.settings SET dropped_view_grants = '[
	{"kind": "VIEW", "name": "pipeline_by_stage", "privilege": "SELECT ON regress_crm_acl.deals TO PUBLIC; --", "grantee": null, "grantable": false},
	{"kind": "VIEW", "name": "pipeline_by_stage", "privilege": "SELECT", "grantee": "PUBLIC; DROP TABLE x", "grantable": false},
	{"kind": "VIEW; DROP TABLE x", "name": "pipeline_by_stage", "privilege": "SELECT", "grantee": "regress_crm_bi", "grantable": true},
	{"kind": "VIEW", "name": "pipeline_by_stage", "privilege": "SELECT", "grantee": "regress_crm_bi", "grantable": false}]';
SELECT crm.create_views('regress_crm_acl');
RESET ROLE;
SELECT object, grants FROM pg_temp.grants() WHERE object = 'pipeline_by_stage';

DROP SCHEMA regress_crm_acl CASCADE;
DROP ROLE regress_crm_owner, regress_crm_app, regress_crm_bi, regress_crm_rep, regress_crm_nobody;
