-- Whoever reads a timeline sees what he may read of its sources, and no more.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
CREATE ROLE regress_crm_owner;
CREATE ROLE regress_crm_all;
CREATE ROLE regress_crm_rep;
CREATE ROLE regress_crm_other;
CREATE ROLE regress_crm_nobody;
CREATE ROLE regress_crm_exempt BYPASSRLS;
CREATE SCHEMA regress_crm_tlsec AUTHORIZATION regress_crm_owner;
SET ROLE regress_crm_owner;
SELECT crm.create_tables('regress_crm_tlsec');
GRANT USAGE ON SCHEMA regress_crm_tlsec TO regress_crm_all, regress_crm_rep, regress_crm_other, regress_crm_exempt;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_crm_tlsec TO regress_crm_all, regress_crm_exempt;
SET search_path = regress_crm_tlsec;
INSERT INTO users (id, name) VALUES (1, 'Rep'), (2, 'Other');
INSERT INTO companies (id, name, owner_id, created_at) VALUES (1, 'Acme', 1, '2024-01-01');
INSERT INTO contacts (id, first_name, company_id, owner_id, created_at) VALUES (1, 'of rep', 1, 1, '2024-01-01'), (2, 'of other', 1, 2, '2024-01-01');
INSERT INTO deals (id, name, contact_id, company_id, value, owner_id) VALUES (1, 'secret', 1, 1, 100000, 1);
UPDATE deal_changes SET changed_at = '2024-01-02';
INSERT INTO activities (contact_id, company_id, type, subject, user_id, created_at) VALUES (1, 1, 'note', 'by rep', 1, '2024-01-03'), (1, 1, 'note', 'by other', 2, '2024-01-04'), (2, 1, 'note', 'of other', 2, '2024-01-05');
INSERT INTO emails (contact_id, direction, subject, body, sent_at) VALUES (1, 'inbound', 'public', 'text', '2024-01-06'), (1, 'inbound', 'private', 'text', '2024-01-07'), (2, 'inbound', 'public', 'text', '2024-01-08');

-- without a right on a source the call is refused, and the error names it
GRANT SELECT ON contacts, companies, activities, emails, deals, activity_types TO regress_crm_rep, regress_crm_other;
GRANT SELECT (id, deal_id, deal_name, contact_id, company_id, kind, old_stage, new_stage, changed_at) ON deal_changes TO regress_crm_rep;
SET ROLE regress_crm_rep;
SELECT title FROM contact_timeline(1);
\echo :LAST_ERROR_SQLSTATE
SELECT title FROM company_timeline(1);
SELECT title FROM deal_timeline(1);
SELECT title FROM timeline;
SELECT title FROM crm.timeline_of('timeline', 'contact_id', '1');
-- but not for kinds that the source does not have
SELECT kind, title FROM contact_timeline(1, kinds => '{note,email}');
SELECT kind, title FROM contact_timeline(1, kinds => '{note,deal_won}');
SET ROLE regress_crm_other;
SELECT title FROM contact_timeline(1);
SET ROLE regress_crm_all;
SELECT kind, title, description FROM contact_timeline(1);
-- which sources there are is the owner's choice: here one without values
SET ROLE regress_crm_owner;
CREATE VIEW changes_without_values WITH (security_invoker = true) AS
SELECT changed_at AS occurred_at, id AS source_id, contact_id, company_id, deal_id, 'deal_' || kind AS kind, deal_name AS title, concat_ws(' -> ', old_stage, new_stage) AS description FROM deal_changes;
GRANT SELECT ON changes_without_values TO PUBLIC;
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'deal_changes');
SELECT crm.add_timeline_source('regress_crm_tlsec', 'deal_changes', 'changes_without_values', '{deal_created,deal_won,deal_lost,deal_reopened,deal_stage,deal_value,deal_other}');
SET ROLE regress_crm_rep;
SELECT kind, title, description, details FROM contact_timeline(1);
SELECT kind, title, description FROM deal_timeline(1);
SELECT kind, title FROM company_timeline(1);
-- a right on the view is needed for the view alone; the registry is nobody's secret
SELECT title FROM timeline WHERE contact_id = 1;
SELECT source FROM timeline_sources;
SET ROLE regress_crm_other;
SELECT title FROM contact_timeline(1);
SET ROLE regress_crm_owner;
GRANT SELECT ON timeline TO regress_crm_rep;
SET ROLE regress_crm_rep;
SELECT count(*) FROM timeline WHERE contact_id = 1;
-- without a right on the schema
SET ROLE regress_crm_nobody;
SELECT title FROM contact_timeline(1);
RESET ROLE;
SELECT 'regress_crm_tlsec.timeline_sources'::regclass::oid AS registry, 'regress_crm_tlsec.timeline'::regclass::oid AS timeline, 'regress_crm_tlsec.deals'::regclass::oid AS deals \gset
SET ROLE regress_crm_nobody;
\set VERBOSITY sqlstate
SELECT title FROM crm._contact_timeline(:registry, 1, NULL, 50, NULL, false, NULL);
\echo :LAST_ERROR_MESSAGE
SELECT title FROM crm._company_timeline(:registry, 1, NULL, 50, NULL, false, NULL);
\echo :LAST_ERROR_MESSAGE
SELECT title FROM crm._contact_timeline(:registry, 1, NULL, 50, '{visit}', false, NULL);
\echo :LAST_ERROR_MESSAGE
SELECT title FROM crm.timeline_of(:timeline, 'contact_id', '1');
\echo :LAST_ERROR_MESSAGE
SELECT crm._set_stage(:deals, 1, 'won', NULL);
\echo :LAST_ERROR_MESSAGE
SELECT crm._backfill_deal_history(:deals);
\echo :LAST_ERROR_MESSAGE
-- nor does a page that shows nothing say what there is
SELECT title FROM crm._contact_timeline(:registry, 1, NULL, 0, NULL, false, NULL);
SELECT title FROM crm._contact_timeline(:registry, 99, NULL, 50, NULL, false, NULL);
\echo :LAST_ERROR_MESSAGE
\set VERBOSITY default
RESET ROLE;

-- row-level security of whoever asks
SET ROLE regress_crm_owner;
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE activities ENABLE ROW LEVEL SECURITY;
ALTER TABLE emails ENABLE ROW LEVEL SECURITY;
CREATE POLICY everything ON contacts TO regress_crm_all USING (true);
CREATE POLICY everything ON activities TO regress_crm_all USING (true);
CREATE POLICY everything ON emails TO regress_crm_all USING (true);
CREATE POLICY own ON contacts TO regress_crm_rep USING (owner_id = 1);
CREATE POLICY own ON activities TO regress_crm_rep USING (user_id = 1);
CREATE POLICY public ON emails TO regress_crm_rep USING (subject = 'public' AND EXISTS (SELECT FROM regress_crm_tlsec.contacts AS c WHERE c.id = contact_id));
CREATE POLICY of_other ON contacts TO regress_crm_other USING (owner_id = 2);
CREATE POLICY of_other ON activities TO regress_crm_other USING (user_id = 2);
GRANT SELECT ON deal_changes TO regress_crm_other;
-- each sees his own, in one session, again and again
CREATE FUNCTION seen(call text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE titles text;
BEGIN
	EXECUTE 'SELECT string_agg(title, '', '' ORDER BY occurred_at, source COLLATE "C", source_id) FROM regress_crm_tlsec.' || call INTO titles;
	RETURN COALESCE(titles, 'nothing');
END $$;
RESET ROLE;
CREATE TEMP TABLE sights (n serial, who text, call text, titles text);
DO $$
DECLARE who text; call text; titles text;
BEGIN
	FOR round IN 1..12 LOOP
		FOREACH who IN ARRAY '{regress_crm_rep,regress_crm_other,regress_crm_all,regress_crm_owner,regress_crm_exempt}'::text[] LOOP
			FOREACH call IN ARRAY '{contact_timeline(1),contact_timeline(2),company_timeline(1),deal_timeline(1)}'::text[] LOOP
				PERFORM set_config('role', who, true);
				titles := regress_crm_tlsec.seen(call);
				PERFORM set_config('role', 'none', true);
				INSERT INTO sights (who, call, titles) VALUES (who, call, titles);
			END LOOP;
		END LOOP;
	END LOOP;
END $$;
SELECT who, call, titles, count(*) FROM sights GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- a company's contacts and deals are those that he may see
SET ROLE regress_crm_rep;
SELECT kind, title FROM company_timeline(1);
SELECT kind, title FROM timeline WHERE contact_id IN (1, 2) ORDER BY occurred_at, title;
-- forced on the owner
SET ROLE regress_crm_owner;
SELECT seen('contact_timeline(1)');
ALTER TABLE emails FORCE ROW LEVEL SECURITY;
SELECT seen('contact_timeline(1)');
ALTER TABLE emails NO FORCE ROW LEVEL SECURITY;
SELECT seen('contact_timeline(1)');
-- policies changed between two calls
CREATE POLICY more ON emails TO regress_crm_other USING (subject = 'private');
SET ROLE regress_crm_other;
SELECT seen('contact_timeline(1)');
SET ROLE regress_crm_owner;
DROP POLICY more ON emails;
SET ROLE regress_crm_other;
SELECT seen('contact_timeline(1)');
-- row_security off: refused rather than filtered
SET ROLE regress_crm_rep;
SET row_security = off;
SELECT seen('contact_timeline(1)');
\echo :LAST_ERROR_SQLSTATE
SET ROLE regress_crm_exempt;
SELECT seen('contact_timeline(1)');
RESET row_security;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
SET row_security = off;
SELECT seen('contact_timeline(1)');
RESET row_security;
-- a role's rights changed between two calls of the same plan
RESET ROLE;
GRANT regress_crm_other TO regress_crm_rep;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
RESET ROLE;
REVOKE regress_crm_other FROM regress_crm_rep;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
RESET ROLE;
REVOKE SELECT ON emails FROM regress_crm_rep;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
RESET ROLE;
GRANT SELECT ON emails TO regress_crm_rep;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
RESET ROLE;
ALTER ROLE regress_crm_rep BYPASSRLS;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
RESET ROLE;
ALTER ROLE regress_crm_rep NOBYPASSRLS;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
RESET ROLE;
ALTER TABLE emails DISABLE ROW LEVEL SECURITY;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
RESET ROLE;
ALTER TABLE emails ENABLE ROW LEVEL SECURITY;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
-- one call may change the role of the next: functions with their owner's rights
RESET ROLE;
CREATE FUNCTION as_owner(id bigint) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ SELECT string_agg(title, ', ' ORDER BY occurred_at, source COLLATE "C", source_id) FROM regress_crm_tlsec.contact_timeline(id) $$;
ALTER FUNCTION as_owner(bigint) OWNER TO regress_crm_all;
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)'), as_owner(1), seen('contact_timeline(1)');
PREPARE mine AS SELECT title FROM contact_timeline(1, kinds => '{note}');
EXECUTE mine;
SET ROLE regress_crm_other;
EXECUTE mine;
SET ROLE regress_crm_all;
EXECUTE mine;
SET ROLE regress_crm_rep;
EXECUTE mine;
DEALLOCATE mine;
-- a token tells nothing and opens nothing: it is a place, in what its bearer may see
SET ROLE regress_crm_all;
SELECT page_token AS token FROM contact_timeline(1, max_events => 1) \gset
SET ROLE regress_crm_rep;
SELECT title FROM contact_timeline(1, page_token => :'token');

-- a view of the owner's without security_invoker is the owner's choice, and shows what he may see
SET ROLE regress_crm_owner;
CREATE VIEW subjects AS SELECT sent_at AS occurred_at, id AS source_id, contact_id, 'mail'::text AS kind, subject AS title FROM emails;
GRANT SELECT ON subjects TO regress_crm_rep;
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'emails');
SELECT crm.add_timeline_source('regress_crm_tlsec', 'mails', 'subjects', '{mail}');
SET ROLE regress_crm_rep;
SELECT seen('contact_timeline(1)');
-- a source in a schema that the reader may not use
RESET ROLE;
CREATE SCHEMA regress_crm_hidden AUTHORIZATION regress_crm_owner;
SET ROLE regress_crm_owner;
CREATE TABLE regress_crm_hidden.events (occurred_at timestamptz NOT NULL, source_id bigint, contact_id bigint, title text);
CREATE INDEX ON regress_crm_hidden.events (contact_id, occurred_at, source_id);
INSERT INTO regress_crm_hidden.events VALUES ('2024-02-01', 1, 1, 'hidden');
GRANT SELECT ON regress_crm_hidden.events TO regress_crm_rep;
SELECT crm.add_timeline_source('regress_crm_tlsec', 'hidden', 'regress_crm_hidden.events', '{hidden}');
SET ROLE regress_crm_rep;
\set VERBOSITY sqlstate
SELECT seen('contact_timeline(1)');
\set VERBOSITY default
\echo :LAST_ERROR_MESSAGE
SET ROLE regress_crm_owner;
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'hidden');
-- one that the owner himself may not read: it may be added, and nobody reads it
RESET ROLE;
CREATE TABLE regress_crm_tlsec.foreign_events (occurred_at timestamptz NOT NULL, source_id bigint, contact_id bigint, title text);
CREATE INDEX ON regress_crm_tlsec.foreign_events (contact_id, occurred_at, source_id);
SET ROLE regress_crm_owner;
SELECT crm.add_timeline_source('regress_crm_tlsec', 'foreign', 'foreign_events', '{foreign}');
SELECT seen('contact_timeline(1)');
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'foreign');
RESET ROLE;

-- only the owner changes the sources
SET ROLE regress_crm_all;
SELECT crm.add_timeline_source('regress_crm_tlsec', 'mine', 'subjects');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'mails');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.rebuild_timeline('regress_crm_tlsec');
INSERT INTO timeline_sources (source, relation_name) VALUES ('mine', 'subjects');
DELETE FROM timeline_sources;
-- an administrator does it as the owner, who owns what is made
RESET ROLE;
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'mails') IS NULL AS failed;
SELECT crm.add_timeline_source('regress_crm_tlsec', 'emails', 'emails') IS NULL AS failed;
SELECT relowner::regrole FROM pg_class WHERE oid = 'timeline'::regclass;
SELECT current_user = session_user AS back;
-- code of the owner's that the administrator's call meets runs as the owner
SET ROLE regress_crm_owner;
CREATE FUNCTION who() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'trigger runs as %', current_user; RETURN COALESCE(NEW, OLD); END $$;
CREATE TRIGGER who BEFORE INSERT OR DELETE ON timeline_sources FOR EACH ROW EXECUTE FUNCTION who();
CREATE FUNCTION spy() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'policy runs as %', current_user; RETURN true; END $$;
ALTER TABLE timeline_sources ENABLE ROW LEVEL SECURITY;
CREATE POLICY spy ON timeline_sources USING (spy());
RESET ROLE;
SELECT crm.add_timeline_source('regress_crm_tlsec', 'mails', 'subjects') IS NULL AS failed;
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'mails') IS NULL AS failed;
-- and reading runs none of it: the registry is looked at, not queried
GRANT SELECT ON timeline_sources TO regress_crm_all;
SET ROLE regress_crm_all;
SELECT count(*) FROM contact_timeline(1);
SELECT count(*) FROM contact_timeline(1, kinds => '{note}');
RESET ROLE;
-- something else in the registry's place is not believed, and not run
SET ROLE regress_crm_owner;
CREATE VIEW trap AS SELECT 'activities'::text AS source, NULL::text AS relation_schema, CASE WHEN spy() THEN 'activities' END::text AS relation_name, NULL::jsonb AS kinds, NULL::jsonb AS columns;
GRANT SELECT ON trap TO PUBLIC;
SET ROLE regress_crm_all;
SELECT count(*) FROM crm._contact_timeline('trap', 1, NULL, 50, NULL, false, NULL);
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;

-- operators and functions of the reader's own are not used
CREATE SCHEMA regress_crm_trap;
CREATE FUNCTION regress_crm_trap.spring(anyelement, anyelement) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.spring(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.spring(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.spring(timestamptz, timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.concat_ws(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
DO $$
DECLARE o text; t text;
BEGIN
	FOREACH o IN ARRAY '{=,<>,<,>,<=,>=}'::text[] LOOP
		FOREACH t IN ARRAY '{anyelement,bigint,text,timestamptz}'::text[] LOOP
			EXECUTE format('CREATE OPERATOR regress_crm_trap.%s (FUNCTION = regress_crm_trap.spring, LEFTARG = %s, RIGHTARG = %2$s)', o, t);
		END LOOP;
	END LOOP;
END $$;
DISCARD PLANS;
SET search_path = regress_crm_trap, pg_catalog;
SELECT 'a'::text = 'a'::text;
SELECT kind, title FROM regress_crm_tlsec.contact_timeline(1, kinds => '{note,email,contact_created}', until => '2024-02-01', page_token => NULL);
SELECT count(*) FROM regress_crm_tlsec.company_timeline(1);
SELECT count(*) FROM regress_crm_tlsec.deal_timeline(1);
SELECT count(*) FROM regress_crm_tlsec.contact_timeline(1, kinds => '{visit}');
SELECT count(*) FROM crm.timeline_of('regress_crm_tlsec.timeline', 'title', 'public');
SELECT count(*) FROM crm.timeline_of('regress_crm_tlsec.timeline', 'contact_id', '1');
SELECT crm.remove_timeline_source('regress_crm_tlsec', 'emails') IS NULL AS failed;
SELECT crm.add_timeline_source('regress_crm_tlsec', 'mails', 'regress_crm_tlsec.subjects', '{mail}') IS NULL AS failed;
SELECT crm.rebuild_timeline('regress_crm_tlsec') IS NULL AS failed;
RESET search_path;
DROP SCHEMA regress_crm_trap CASCADE;
DROP SCHEMA regress_crm_hidden CASCADE;
DROP SCHEMA regress_crm_tlsec CASCADE;
DROP ROLE regress_crm_owner, regress_crm_all, regress_crm_rep, regress_crm_other, regress_crm_nobody, regress_crm_exempt;
