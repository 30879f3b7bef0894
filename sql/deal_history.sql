-- The history of deals: what is recorded, by whom, with whose rights.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
SELECT crm.create_tables('regress_crm_history');
SET search_path = regress_crm_history;
INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Ben');
INSERT INTO companies (id, name) VALUES (1, 'Acme'), (2, 'Brand');
INSERT INTO contacts (id, first_name, company_id) VALUES (1, 'Carl', 1), (2, 'Dora', 2);
INSERT INTO pipelines (id, name, position) VALUES (2, 'Renewals', 2);
INSERT INTO pipeline_stages (id, pipeline_id, name, position, probability, counts_as) VALUES
	(20, 2, 'Due', 1, 60, 'qualified'), (21, 2, 'Talking', 2, 80, 'qualified'), (22, 2, 'Signed', 3, 100, 'won'), (23, 2, 'Gone', 4, 0, 'lost');
-- a deal's history in order: of every pair of columns, what differs
CREATE FUNCTION pg_temp.history(deal text) RETURNS TABLE (kind text, change text) LANGUAGE sql AS $$
	SELECT c.kind, (SELECT string_agg(substr(n.key, 5) || ': ' || CASE WHEN c.kind = 'created' THEN '' ELSE COALESCE(o.value, 'none') || ' -> ' END || COALESCE(n.value, 'none'), ', ' ORDER BY n.key)
		FROM jsonb_each_text(to_jsonb(c)) AS n JOIN jsonb_each_text(to_jsonb(c)) AS o ON o.key = 'old_' || substr(n.key, 5)
		WHERE n.key ~ '^new_' AND n.value IS DISTINCT FROM o.value)
	FROM deal_changes AS c WHERE c.deal_id = (SELECT id FROM deals WHERE name = $1) ORDER BY c.changed_at, c.id $$;

-- every tracked column by itself, and the kind that it makes
INSERT INTO deals (name) VALUES ('each');
UPDATE deals SET stage = 'qualified' WHERE name = 'each';
UPDATE deals SET pipeline_id = 2 WHERE name = 'each';
UPDATE deals SET pipeline_stage_id = 21 WHERE name = 'each';
UPDATE deals SET value = 100 WHERE name = 'each';
UPDATE deals SET currency = 'EUR' WHERE name = 'each';
UPDATE deals SET probability = 33 WHERE name = 'each';
UPDATE deals SET expected_close_date = '2030-01-31' WHERE name = 'each';
UPDATE deals SET owner_id = 1 WHERE name = 'each';
UPDATE deals SET archived_at = '2030-02-01 00:00Z' WHERE name = 'each';
UPDATE deals SET archived_at = NULL WHERE name = 'each';
UPDATE deals SET value = NULL, expected_close_date = NULL, owner_id = NULL WHERE name = 'each';
SELECT * FROM pg_temp.history('each');
-- all of them when the deal is made
INSERT INTO deals (name, stage, value, currency, probability, expected_close_date, owner_id, archived_at) VALUES ('full', 'proposal', 10.50, 'CHF', 40, '2030-03-01', 2, '2030-02-01 00:00Z');
SELECT * FROM pg_temp.history('full');
-- what is not tracked, and what only looks like a change, makes no row
UPDATE deals SET name = 'each', contact_id = 1, company_id = 1, external_id = 'x', lost_reason = 'none', probability_is_manual = true, created_at = '2020-01-01', updated_at = '2020-01-01' WHERE name = 'each';
UPDATE deals SET id = id, stage = stage, value = value, currency = currency, probability = probability, owner_id = owner_id, pipeline_id = pipeline_id, pipeline_stage_id = pipeline_stage_id WHERE name IN ('each', 'full');
UPDATE deals SET value = 10.5000 WHERE name = 'full';
SELECT count(*) FROM pg_temp.history('each');
SELECT count(*) FROM pg_temp.history('full');

-- won, lost, reopened, and from one end to the other
INSERT INTO deals (name, value) VALUES ('ends', 1);
UPDATE deals SET stage = 'won' WHERE name = 'ends';
UPDATE deals SET stage = 'lost', lost_reason = 'price' WHERE name = 'ends';
UPDATE deals SET lost_reason = 'other' WHERE name = 'ends';
UPDATE deals SET stage = 'won' WHERE name = 'ends';
UPDATE deals SET value = 2 WHERE name = 'ends';
UPDATE deals SET stage = 'negotiation' WHERE name = 'ends';
SELECT * FROM pg_temp.history('ends');
SELECT kind, lost_reason FROM deal_changes WHERE deal_name = 'ends' ORDER BY id;
-- the first that applies: won and lost, reopened, stage, value, other
INSERT INTO deals (name, stage) VALUES ('many', 'won');
UPDATE deals SET stage = 'lead', value = 5, owner_id = 1 WHERE name = 'many';
UPDATE deals SET stage = 'qualified', value = 6, owner_id = 2 WHERE name = 'many';
UPDATE deals SET pipeline_id = 2, value = 7, owner_id = 1 WHERE name = 'many';
UPDATE deals SET currency = 'EUR', owner_id = 2, archived_at = now() WHERE name = 'many';
UPDATE deals SET probability = 1, expected_close_date = '2030-01-01' WHERE name = 'many';
UPDATE deals SET stage = 'lost', value = 8, archived_at = NULL WHERE name = 'many';
UPDATE deals SET stage = 'won', value = 9 WHERE name = 'many';
SELECT kind FROM deal_changes WHERE deal_name = 'many' ORDER BY id;

-- the deal as it was at the time
UPDATE deals SET name = 'renamed', contact_id = 2, company_id = 2 WHERE name = 'many';
UPDATE deals SET value = 10 WHERE name = 'renamed';
UPDATE deals SET contact_id = NULL, company_id = NULL, value = 11 WHERE name = 'renamed';
SELECT deal_name, contact_id, company_id, new_value FROM deal_changes WHERE deal_id = (SELECT id FROM deals WHERE name = 'renamed') ORDER BY id DESC LIMIT 3;
-- who: the setting, and the role
SET crm.actor = 'ann@example.com';
INSERT INTO deals (name) VALUES ('who');
SET crm.actor = '';
UPDATE deals SET value = 1 WHERE name = 'who';
BEGIN;
SET LOCAL crm.actor = 'für Ben';
UPDATE deals SET value = 2 WHERE name = 'who';
COMMIT;
RESET crm.actor;
UPDATE deals SET value = 3 WHERE name = 'who';
SELECT new_value, actor, changed_by = current_user AS me, is_backfilled FROM deal_changes WHERE deal_name = 'who' ORDER BY id;

-- time: the transaction's; within it the order of the changes is that of the key
BEGIN;
INSERT INTO deals (name) VALUES ('order');
UPDATE deals SET value = 1 WHERE name = 'order';
UPDATE deals SET value = 2 WHERE name = 'order';
UPDATE deals SET value = 3 WHERE name = 'order';
SELECT new_value, changed_at = now() AS now FROM deal_changes WHERE deal_name = 'order' ORDER BY changed_at, id;
COMMIT;
-- but never before the deal's previous change
UPDATE deal_changes SET changed_at = '2100-01-01 00:00Z' WHERE deal_name = 'order' AND new_value = 3;
UPDATE deals SET value = 4 WHERE name = 'order';
SELECT new_value, changed_at FROM deal_changes WHERE deal_name = 'order' ORDER BY changed_at DESC, id DESC LIMIT 2;
SELECT * FROM pg_temp.history('order');
-- what is undone leaves nothing
BEGIN;
SAVEPOINT s;
UPDATE deals SET value = 5 WHERE name = 'order';
ROLLBACK TO s;
UPDATE deals SET value = 6 WHERE name = 'order';
COMMIT;
SELECT * FROM pg_temp.history('order') OFFSET 5;

-- what cascades: a stage that counts as another, or moves to another pipeline
INSERT INTO deals (name, pipeline_stage_id) VALUES ('cascade', 20);
UPDATE pipeline_stages SET counts_as = 'proposal' WHERE id = 20;
UPDATE pipeline_stages SET id = 25 WHERE id = 20;
UPDATE pipeline_stages SET pipeline_id = 1 WHERE id = 25;
UPDATE pipeline_stages SET counts_as = 'won', probability = 100 WHERE id = 25;
SELECT * FROM pg_temp.history('cascade');
-- and what other triggers of the user's do to the row
CREATE FUNCTION double_value() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.value = NEW.value * 2; RETURN NEW; END $$;
CREATE TRIGGER z_double BEFORE INSERT OR UPDATE OF value ON deals FOR EACH ROW EXECUTE FUNCTION double_value();
INSERT INTO deals (name, value) VALUES ('doubled', 5);
UPDATE deals SET value = 6 WHERE name = 'doubled';
SELECT * FROM pg_temp.history('doubled');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER zz_refuse BEFORE UPDATE ON deals FOR EACH ROW EXECUTE FUNCTION refuse();
UPDATE deals SET value = 7 WHERE name = 'doubled';
SELECT count(*) FROM pg_temp.history('doubled');
DROP TRIGGER z_double ON deals;
DROP TRIGGER zz_refuse ON deals;

-- every way of writing
COPY deals (name, value) FROM stdin;
copied	7
\.
INSERT INTO deals (id, name, value) VALUES (1000, 'upserted', 1) ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value;
INSERT INTO deals (id, name, value) VALUES (1000, 'upserted', 2) ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value;
INSERT INTO deals (id, name, value) VALUES (1000, 'upserted', 2) ON CONFLICT (id) DO UPDATE SET value = EXCLUDED.value;
INSERT INTO deals (id, name, value) VALUES (1000, 'upserted', 3) ON CONFLICT (id) DO NOTHING;
MERGE INTO deals AS d USING (VALUES (1000, 4), (1001, 5)) AS v (id, value) ON d.id = v.id
WHEN MATCHED THEN UPDATE SET value = v.value WHEN NOT MATCHED THEN INSERT (id, name, value) VALUES (v.id, 'merged', v.value);
SELECT deal_name, kind, old_value, new_value FROM deal_changes WHERE deal_name IN ('copied', 'upserted', 'merged') ORDER BY id;
-- many at once
INSERT INTO deals (name, value) SELECT 'bulk', i FROM generate_series(1, 500) AS i;
UPDATE deals SET stage = 'won' WHERE name = 'bulk' AND value <= 400;
UPDATE deals SET value = value + 1 WHERE name = 'bulk' AND value > 200;
SELECT kind, count(*), count(DISTINCT deal_id) AS deals, count(DISTINCT changed_at) AS times, sum(new_value - COALESCE(old_value, new_value)) AS more FROM deal_changes WHERE deal_name = 'bulk' GROUP BY kind ORDER BY kind;

-- a deleted deal keeps its history, and goes on with it when it comes again
INSERT INTO deals (id, name, value) VALUES (2000, 'phoenix', 1);
UPDATE deals SET stage = 'proposal' WHERE id = 2000;
DELETE FROM deals WHERE id = 2000;
SELECT kind FROM deal_changes WHERE deal_id = 2000 ORDER BY id;
INSERT INTO deals (id, name, value, stage) VALUES (2000, 'phoenix', 1, 'proposal');
SELECT count(*) FROM deal_changes WHERE deal_id = 2000;
DELETE FROM deals WHERE id = 2000;
INSERT INTO deals (id, name, value, stage) VALUES (2000, 'phoenix', 3, 'lost');
DELETE FROM deals WHERE id = 2000;
INSERT INTO deals (id, name, value) VALUES (2000, 'phoenix', 4);
SELECT * FROM pg_temp.history('phoenix');
-- a second beginning is impossible, whoever writes it
INSERT INTO deal_changes (deal_id, kind, new_stage) VALUES (2000, 'created', 'lead');
\echo :LAST_ERROR_SQLSTATE
UPDATE deal_changes SET kind = 'created', old_stage = NULL WHERE deal_id = 2000;
\echo :LAST_ERROR_SQLSTATE
-- rows that contradict themselves are refused
\set VERBOSITY terse
INSERT INTO deal_changes (deal_id, kind, new_stage) VALUES (1, 'sold', 'won');
INSERT INTO deal_changes (deal_id, kind, old_stage, new_stage) VALUES (9, 'created', 'lead', 'won');
INSERT INTO deal_changes (deal_id, kind, old_stage, new_stage) VALUES (9, 'won', 'lead', 'lost');
INSERT INTO deal_changes (deal_id, kind, old_stage, new_stage) VALUES (9, 'lost', 'lost', 'lost');
INSERT INTO deal_changes (deal_id, kind, new_stage, changed_at) VALUES (9, 'created', 'lead', 'infinity');
\set VERBOSITY default
-- history that is loaded first: the deal goes on from its last row
INSERT INTO deal_changes (deal_id, deal_name, kind, new_stage, new_value, new_currency, new_probability, new_pipeline_id, new_pipeline_stage_id, changed_at) VALUES
	(3000, 'imported', 'created', 'lead', 1, 'USD', 10, 1, 1, '2020-01-01'), (3001, 'imported', 'created', 'lead', 1, 'USD', 10, 1, 1, '2020-01-01');
INSERT INTO deal_changes (deal_id, deal_name, kind, old_stage, new_stage, old_value, new_value, old_currency, new_currency, old_probability, new_probability, old_pipeline_id, new_pipeline_id, old_pipeline_stage_id, new_pipeline_stage_id, changed_at) VALUES
	(3000, 'imported', 'stage', 'lead', 'qualified', 1, 1, 'USD', 'USD', 10, 25, 1, 1, 1, 2, '2020-02-01');
INSERT INTO deals (id, name, value, stage) VALUES (3000, 'imported', 1, 'qualified'), (3001, 'imported', 1, 'proposal');
SELECT deal_id, kind, old_stage, new_stage, changed_at::date < '2021-01-01' AS was_loaded FROM deal_changes WHERE deal_name = 'imported' ORDER BY deal_id, id;

-- the same number, written in two ways, is no change
BEGIN;
SELECT crm.drop_views('regress_crm_history') > 0 AS dropped;
ALTER TABLE deals ALTER COLUMN value TYPE numeric;
INSERT INTO deals (name, value) VALUES ('scale', 100);
UPDATE deals SET value = 100.00 WHERE name = 'scale';
UPDATE deals SET value = 1e2 WHERE name = 'scale';
UPDATE deals SET value = 100.001 WHERE name = 'scale';
SELECT * FROM pg_temp.history('scale');
ROLLBACK;

-- each row follows from the one before it, for every deal so far
SELECT deal_id, id FROM (
	SELECT deal_id, id, kind, old_stage, to_jsonb(c) AS change, lag(to_jsonb(c)) OVER (PARTITION BY deal_id ORDER BY changed_at, id) AS previous FROM deal_changes AS c) AS c
WHERE CASE WHEN previous IS NULL THEN kind <> 'created' ELSE kind = 'created' OR old_stage IS NULL OR EXISTS (
	SELECT FROM jsonb_each(change) AS n JOIN jsonb_each(previous) AS p ON p.key = 'new_' || substr(n.key, 5) WHERE n.key ~ '^old_' AND n.value <> p.value) END;
-- and the last row is the deal as it is
SELECT d.id, d.name FROM deals AS d JOIN LATERAL (SELECT * FROM deal_changes AS c WHERE c.deal_id = d.id ORDER BY c.changed_at DESC, c.id DESC LIMIT 1) AS c ON true
WHERE (d.stage, d.value, d.currency, d.probability, d.expected_close_date, d.owner_id, d.pipeline_id, d.pipeline_stage_id, d.archived_at)
	IS DISTINCT FROM (c.new_stage, c.new_value, c.new_currency, c.new_probability, c.new_expected_close_date, c.new_owner_id, c.new_pipeline_id, c.new_pipeline_stage_id, c.new_archived_at);

-- rights: whoever may write deals needs none on the history, and gets none
CREATE ROLE regress_crm_app;
CREATE ROLE regress_crm_rep;
CREATE ROLE regress_crm_other;
GRANT USAGE ON SCHEMA regress_crm_history TO regress_crm_app, regress_crm_rep, regress_crm_other;
GRANT SELECT, INSERT, UPDATE ON deals TO regress_crm_app, regress_crm_rep;
GRANT SELECT ON pipelines, pipeline_stages, settings TO regress_crm_app, regress_crm_rep;
SET ROLE regress_crm_app;
SET crm.actor = 'somebody';
INSERT INTO deals (name, value) VALUES ('app', 1);
UPDATE deals SET value = 2 WHERE name = 'app';
SELECT count(*) FROM deal_changes;
INSERT INTO deal_changes (deal_id, kind, new_stage) VALUES (1, 'other', 'lead');
UPDATE deal_changes SET actor = 'nobody';
DELETE FROM deal_changes;
RESET ROLE;
RESET crm.actor;
SELECT kind, new_value, changed_by, actor FROM deal_changes WHERE deal_name = 'app' ORDER BY id;
-- row-level security of the history, even forced on its owner, does not lose a row
ALTER TABLE deal_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE deal_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY nothing ON deal_changes USING (false) WITH CHECK (false);
SET ROLE regress_crm_app;
UPDATE deals SET value = 3 WHERE name = 'app';
UPDATE deals SET stage = 'won' WHERE name = 'app';
SELECT stage FROM set_stage((SELECT id FROM deals WHERE name = 'app'), 'lead');
DELETE FROM deals WHERE name = 'app';
RESET ROLE;
SELECT kind, new_value, changed_by FROM deal_changes WHERE deal_name = 'app' ORDER BY id;
-- nor for a CRM whose owner is no superuser
BEGIN;
CREATE ROLE regress_crm_owner;
SELECT current_database() AS database \gset
GRANT CREATE ON DATABASE :"database" TO regress_crm_owner;
SET LOCAL ROLE regress_crm_owner;
SELECT crm.create_tables('regress_crm_owned');
ALTER TABLE regress_crm_owned.deal_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE regress_crm_owned.deal_changes FORCE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA regress_crm_owned TO regress_crm_rep;
GRANT SELECT, INSERT, UPDATE ON regress_crm_owned.deals TO regress_crm_rep;
GRANT SELECT ON regress_crm_owned.pipelines, regress_crm_owned.pipeline_stages, regress_crm_owned.settings TO regress_crm_rep;
SET LOCAL ROLE regress_crm_rep;
INSERT INTO regress_crm_owned.deals (name) VALUES ('a');
UPDATE regress_crm_owned.deals SET stage = 'won';
SELECT current_user;
RESET ROLE;
SELECT kind, changed_by FROM regress_crm_owned.deal_changes ORDER BY id;
ROLLBACK;
DROP POLICY nothing ON deal_changes;
ALTER TABLE deal_changes NO FORCE ROW LEVEL SECURITY;
ALTER TABLE deal_changes DISABLE ROW LEVEL SECURITY;
-- a history of another owner's is written with the writer's rights
ALTER TABLE deal_changes OWNER TO regress_crm_other;
SET ROLE regress_crm_rep;
UPDATE deals SET value = 4 WHERE name = 'app';
\echo :LAST_ERROR_SQLSTATE
SELECT stage FROM set_stage((SELECT id FROM deals WHERE name = 'app'), 'qualified');
RESET ROLE;
GRANT SELECT, INSERT ON deal_changes TO regress_crm_rep;
SET ROLE regress_crm_rep;
UPDATE deals SET value = 4 WHERE name = 'app';
RESET ROLE;
SELECT kind, new_value, changed_by FROM deal_changes WHERE deal_name = 'app' ORDER BY id DESC LIMIT 1;
ALTER TABLE deal_changes OWNER TO CURRENT_USER;
REVOKE ALL ON deal_changes FROM regress_crm_rep;
-- the setting of one transaction, the role of one statement: who it was is told of each
SET ROLE regress_crm_rep;
UPDATE deals SET value = 5 WHERE name = 'app';
RESET ROLE;
SELECT new_value, changed_by FROM deal_changes WHERE deal_name = 'app' ORDER BY id DESC LIMIT 1;

-- operators and functions of the writer's own are not used
CREATE SCHEMA regress_crm_trap;
CREATE FUNCTION regress_crm_trap.spring(anyelement, anyelement) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.spring(bigint, bigint) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.spring(text, text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.spring(crm.deal_stage, crm.deal_stage) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.now() RETURNS timestamptz LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
CREATE FUNCTION regress_crm_trap.default_probability(text) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'sprung as %', current_user; END $$;
SELECT format('CREATE OPERATOR regress_crm_trap.%s (FUNCTION = regress_crm_trap.spring, LEFTARG = %s, RIGHTARG = %2$s)', o, t)
FROM unnest('{=,<>,<,>,<=,>=}'::text[]) AS o, unnest('{anyelement,bigint,text,crm.deal_stage}'::text[]) AS t ORDER BY 1 \gexec
GRANT USAGE ON SCHEMA regress_crm_trap TO PUBLIC;
SET ROLE regress_crm_rep;
SET search_path = regress_crm_trap, pg_catalog;
SELECT 1::bigint = 1::bigint;
INSERT INTO regress_crm_history.deals (id, name, value) VALUES (4000, 'trapped', 1);
UPDATE regress_crm_history.deals SET value = 2 WHERE id OPERATOR(pg_catalog.=) 4000;
SELECT stage FROM regress_crm_history.set_stage(4000, 'lost', 'a trap');
RESET ROLE;
DELETE FROM regress_crm_history.deals WHERE id OPERATOR(pg_catalog.=) 4000;
INSERT INTO regress_crm_history.deals (id, name, value) VALUES (4000, 'trapped', 3);
DELETE FROM regress_crm_history.deal_changes WHERE deal_id OPERATOR(pg_catalog.=) 4000;
SELECT regress_crm_history.backfill_deal_history();
SET search_path = regress_crm_history;
SELECT kind, new_value, is_backfilled FROM deal_changes WHERE deal_id = 4000 ORDER BY id;
DROP SCHEMA regress_crm_trap CASCADE;

-- what the history needs, somebody took away: clear errors, and nothing is written
BEGIN;
ALTER TABLE deals RENAME COLUMN expected_close_date TO closes_on;
UPDATE deals SET value = 10 WHERE name = 'app';
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
ALTER TABLE deals DROP COLUMN owner_id CASCADE;
INSERT INTO deals (name) VALUES ('x');
ROLLBACK;
BEGIN;
ALTER TABLE deals RENAME COLUMN stage TO real_stage;
ALTER TABLE deals DISABLE TRIGGER deals_rules, ALTER COLUMN real_stage SET DEFAULT 'lead', ADD COLUMN stage text DEFAULT 'lead';
INSERT INTO deals (name, currency) VALUES ('x', 'USD');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
ALTER TABLE deal_changes DROP COLUMN new_owner_id CASCADE;
\set VERBOSITY sqlstate
INSERT INTO deals (name) VALUES ('x');
\set VERBOSITY default
\echo :LAST_ERROR_MESSAGE
ROLLBACK;
BEGIN;
DROP INDEX deal_changes_created_key;
INSERT INTO deals (name) VALUES ('x');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
ALTER TABLE deal_changes RENAME TO elsewhere;
INSERT INTO deals (name) VALUES ('x');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
ALTER TABLE deal_changes RENAME TO elsewhere;
CREATE VIEW deal_changes AS SELECT * FROM elsewhere;
INSERT INTO deals (name) VALUES ('x');
ROLLBACK;
BEGIN;
CREATE SCHEMA regress_crm_away;
ALTER TABLE deals DISABLE TRIGGER deals_rules;
ALTER TABLE deals SET SCHEMA regress_crm_away;
INSERT INTO regress_crm_away.deals (name, stage, currency) VALUES ('x', 'lead', 'USD');
ROLLBACK;
-- a statement begun before goes on with columns added since
BEGIN;
UPDATE deals SET value = 11 WHERE name = 'app';
ALTER TABLE deals ADD COLUMN extra text DEFAULT 'x';
ALTER TABLE deals DROP COLUMN external_id;
ALTER TABLE deal_changes ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
UPDATE deals SET value = 12 WHERE name = 'app';
SELECT old_value, new_value, noted_at IS NOT NULL AS noted FROM deal_changes WHERE deal_name = 'app' ORDER BY id DESC LIMIT 1;
ROLLBACK;
-- an error while the owner's rights are in use gives them back
GRANT SELECT, INSERT, UPDATE ON deals TO regress_crm_rep;
ALTER TABLE deal_changes ADD CONSTRAINT small CHECK (new_value < 1000);
SET ROLE regress_crm_rep;
BEGIN;
SAVEPOINT s;
\set VERBOSITY terse
UPDATE deals SET value = 1000 WHERE name = 'app';
\set VERBOSITY default
ROLLBACK TO s;
SELECT current_user;
SELECT count(*) FROM deal_changes;
ROLLBACK;
UPDATE deals SET value = 999 WHERE name = 'app';
RESET ROLE;
SELECT new_value, changed_by FROM deal_changes WHERE deal_name = 'app' ORDER BY id DESC LIMIT 1;
ALTER TABLE deal_changes DROP CONSTRAINT small;

-- what the owner adds to the table works as for any INSERT; each in its own way
CREATE TABLE seen (n serial, what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	INSERT INTO seen (what) SELECT concat_ws(' ', TG_WHEN, TG_LEVEL, CASE WHEN TG_LEVEL = 'ROW' THEN NEW.kind END, (SELECT count(*) FROM deal_changes WHERE deal_name = 'noted'));
	RETURN NEW;
END $$;
BEGIN;
CREATE TRIGGER a BEFORE INSERT ON deal_changes FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER b AFTER INSERT ON deal_changes FOR EACH ROW EXECUTE FUNCTION note();
CREATE TRIGGER c AFTER INSERT ON deal_changes FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE CONSTRAINT TRIGGER d AFTER INSERT ON deal_changes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
INSERT INTO deals (name) VALUES ('noted');
UPDATE deals SET stage = 'won' WHERE name = 'noted';
SET CONSTRAINTS ALL IMMEDIATE;
SELECT what FROM seen ORDER BY n;
ROLLBACK;
BEGIN;
CREATE RULE noted AS ON INSERT TO deal_changes DO ALSO INSERT INTO seen (what) VALUES (NEW.kind);
UPDATE deals SET value = 14 WHERE name = 'app';
SELECT what FROM seen;
ROLLBACK;
BEGIN;
ALTER TABLE deal_changes ADD COLUMN day date GENERATED ALWAYS AS ((changed_at AT TIME ZONE 'UTC')::date) STORED, ADD COLUMN by_default text DEFAULT 'x' || 1, ADD COLUMN number bigserial;
INSERT INTO deals (name) VALUES ('noted');
UPDATE deals SET value = 1 WHERE name = 'noted';
SELECT day = current_date AS today, by_default, number - lag(number) OVER (ORDER BY id) AS more FROM deal_changes WHERE deal_name = 'noted' ORDER BY id;
ALTER TABLE deal_changes DROP COLUMN day;
UPDATE deals SET value = 2 WHERE name = 'noted';
SELECT new_value, by_default FROM deal_changes WHERE deal_name = 'noted' ORDER BY id DESC LIMIT 1;
ALTER TABLE deal_changes ADD COLUMN required text DEFAULT 'x' NOT NULL;
ALTER TABLE deal_changes ALTER COLUMN required DROP DEFAULT;
\set VERBOSITY sqlstate
UPDATE deals SET value = 3 WHERE name = 'noted';
\set VERBOSITY default
ROLLBACK;
BEGIN;
SELECT crm.drop_views('regress_crm_history') > 0 AS dropped;
ALTER TABLE deal_changes ALTER COLUMN new_value TYPE numeric(20, 1), ALTER COLUMN deal_name TYPE varchar(10);
INSERT INTO deals (name, value) VALUES ('noted', 1.25);
SELECT new_value, deal_name FROM deal_changes WHERE deal_name = 'noted';
INSERT INTO deals (name, value) VALUES ('a longer name', 1.25);
ROLLBACK;
-- indexes of other kinds, and uniqueness of his own
BEGIN;
CREATE INDEX by_hash ON deal_changes USING hash (kind);
CREATE INDEX by_block ON deal_changes USING brin (changed_at);
CREATE INDEX by_expression ON deal_changes (lower(deal_name)) WHERE kind <> 'created';
ALTER TABLE deal_changes ADD CONSTRAINT later UNIQUE (id, deal_id) DEFERRABLE INITIALLY DEFERRED;
INSERT INTO deals (name) VALUES ('Noted');
UPDATE deals SET stage = 'won' WHERE name = 'Noted';
DROP INDEX by_hash, by_block;
ALTER TABLE deal_changes DROP CONSTRAINT later;
UPDATE deals SET stage = 'lost' WHERE name = 'Noted';
SET LOCAL enable_seqscan = off;
SELECT kind FROM deal_changes WHERE lower(deal_name) = 'noted' AND kind <> 'created' ORDER BY id;
RESET enable_seqscan;
CREATE UNIQUE INDEX one_win ON deal_changes (deal_id) WHERE kind = 'lost' AND deal_name = 'Noted';
SAVEPOINT s;
UPDATE deals SET stage = 'won' WHERE name = 'Noted';
\set VERBOSITY sqlstate
UPDATE deals SET stage = 'lost' WHERE name = 'Noted';
\set VERBOSITY default
\echo :LAST_ERROR_MESSAGE
ROLLBACK TO s;
SELECT stage, (SELECT count(*) FROM deal_changes WHERE deal_name = 'Noted') FROM deals WHERE name = 'Noted';
-- without the index by deal, it is only slower
DROP INDEX deal_changes_deal_timeline_idx;
UPDATE deals SET stage = 'lead' WHERE name = 'Noted';
SELECT kind, old_stage FROM deal_changes WHERE deal_name = 'Noted' ORDER BY id DESC LIMIT 1;
ROLLBACK;
-- long values, stored out of line
INSERT INTO deals (name, lost_reason) SELECT 'long ' || string_agg(md5(i::text), ' '), string_agg(md5((-i)::text), ' ') FROM generate_series(1, 2000) AS i;
UPDATE deals SET stage = 'lost' WHERE name ~ '^long';
SELECT c.kind, length(c.deal_name), length(c.lost_reason), c.deal_name = d.name AND c.lost_reason = d.lost_reason AS same FROM deal_changes AS c JOIN deals AS d ON d.id = c.deal_id WHERE c.deal_name ~ '^long' ORDER BY c.id;
-- the table is changed while a statement writes to it
CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.value = 2 THEN ALTER TABLE deal_changes ADD COLUMN meddled text DEFAULT 'yes'; CREATE INDEX meddled_idx ON deal_changes (meddled, id); END IF;
	IF NEW.value = 4 THEN ALTER TABLE deal_changes DROP COLUMN meddled; END IF;
	IF NEW.value = 6 THEN CREATE TRIGGER meddled BEFORE INSERT ON deal_changes FOR EACH ROW EXECUTE FUNCTION note(); END IF;
	RETURN NULL;
END $$;
BEGIN;
CREATE TRIGGER z_meddle AFTER INSERT ON deals FOR EACH ROW EXECUTE FUNCTION meddle();
INSERT INTO deals (name, value) SELECT 'meddled', i FROM generate_series(1, 8) AS i;
SELECT count(*), count(DISTINCT deal_id) FROM deal_changes WHERE deal_name = 'meddled';
SELECT count(*) FROM seen;
ROLLBACK;
-- errors that are caught, again and again
ALTER TABLE deal_changes ADD CONSTRAINT small CHECK (new_value < 1000);
DO $$
BEGIN
	FOR i IN 1..300 LOOP
		BEGIN
			UPDATE regress_crm_history.deals SET value = 990 + i % 20 WHERE name = 'app';
		EXCEPTION WHEN check_violation THEN
		END;
	END LOOP;
END $$;
SELECT count(*), max(new_value) FROM deal_changes WHERE deal_name = 'app' AND new_value >= 990;
ALTER TABLE deal_changes DROP CONSTRAINT small;
-- the trigger is a row trigger, after
CREATE TABLE bare (id bigint);
CREATE TRIGGER wrong BEFORE INSERT ON bare FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
INSERT INTO bare VALUES (1);
DROP TRIGGER wrong ON bare;
CREATE TRIGGER wrong AFTER INSERT ON bare EXECUTE FUNCTION crm._record_deal_change();
INSERT INTO bare VALUES (1);
DROP TRIGGER wrong ON bare;
CREATE TRIGGER wrong AFTER DELETE ON bare FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
ALTER TABLE bare DISABLE TRIGGER wrong;
INSERT INTO bare VALUES (1);
ALTER TABLE bare ENABLE TRIGGER wrong;
DELETE FROM bare;
DROP TRIGGER wrong ON bare;
CREATE TRIGGER wrong AFTER INSERT ON bare FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
INSERT INTO bare VALUES (1);
DROP TABLE bare;
SELECT crm._record_deal_change();

-- deals in partitions that lie elsewhere
CREATE SCHEMA regress_crm_parted;
CREATE TABLE regress_crm_parted.deals (LIKE deals INCLUDING DEFAULTS) PARTITION BY LIST (currency);
CREATE TABLE regress_crm_parted.deal_changes (LIKE deal_changes INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES);
CREATE TRIGGER _deals_history AFTER INSERT OR UPDATE ON regress_crm_parted.deals FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
CREATE TABLE deals_usd (extra text, LIKE deals INCLUDING DEFAULTS);
ALTER TABLE deals_usd DROP COLUMN extra;
ALTER TABLE regress_crm_parted.deals ATTACH PARTITION deals_usd FOR VALUES IN ('USD');
CREATE TABLE deals_rest PARTITION OF regress_crm_parted.deals DEFAULT;
INSERT INTO regress_crm_parted.deals (id, name, stage, currency, value) VALUES (1, 'a', 'lead', 'USD', 1), (2, 'b', 'lead', 'EUR', 2);
UPDATE regress_crm_parted.deals SET stage = 'qualified', value = value + 1;
-- to another partition: the deal goes on
UPDATE regress_crm_parted.deals SET currency = 'EUR' WHERE id = 1;
UPDATE deals_rest SET value = 5;
SELECT deal_id, kind, old_value, new_value, old_currency, new_currency FROM regress_crm_parted.deal_changes ORDER BY deal_id, id;
DROP SCHEMA regress_crm_parted CASCADE;
-- a history in partitions
BEGIN;
CREATE SCHEMA regress_crm_parted;
CREATE TABLE regress_crm_parted.deals (LIKE deals INCLUDING DEFAULTS);
CREATE TABLE regress_crm_parted.deal_changes (LIKE deal_changes INCLUDING DEFAULTS) PARTITION BY HASH (deal_id);
CREATE SEQUENCE regress_crm_parted.keys;
ALTER TABLE regress_crm_parted.deal_changes ALTER COLUMN id SET DEFAULT nextval('regress_crm_parted.keys');
CREATE UNIQUE INDEX ON regress_crm_parted.deal_changes (deal_id) WHERE kind = 'created';
CREATE TABLE regress_crm_parted.changes_0 PARTITION OF regress_crm_parted.deal_changes FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE regress_crm_parted.changes_1 PARTITION OF regress_crm_parted.deal_changes FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TRIGGER _deals_history AFTER INSERT OR UPDATE ON regress_crm_parted.deals FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
INSERT INTO regress_crm_parted.deals (id, name, stage, currency) SELECT i, 'x', 'lead', 'USD' FROM generate_series(1, 10) AS i;
UPDATE regress_crm_parted.deals SET value = 1;
SELECT kind, count(*) FROM regress_crm_parted.deal_changes GROUP BY kind ORDER BY kind;
ROLLBACK;

DROP SCHEMA regress_crm_history CASCADE;
DROP ROLE regress_crm_app, regress_crm_rep, regress_crm_other;
