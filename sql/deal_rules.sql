-- The rules of deals, for every way of writing.
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_rules');
SET search_path = regress_crm_rules;
-- a second pipeline, with stages of its own
INSERT INTO pipelines (id, name, position) VALUES (2, 'Renewals', 2);
INSERT INTO pipeline_stages (id, pipeline_id, name, position, probability, counts_as) VALUES
	(20, 2, 'Due', 1, 60, 'qualified'), (21, 2, 'Talking', 2, 80, 'qualified'), (22, 2, 'Signed', 3, 100, 'won'), (23, 2, 'Gone', 4, 0, 'lost');
CREATE FUNCTION pg_temp.deal(text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', d.stage, 'pipeline', d.pipeline_id, 'stage', COALESCE(s.name, '-'), COALESCE(d.probability::text, '-') || '%',
		CASE WHEN probability_is_manual THEN 'manual' END, d.currency, CASE WHEN d.closed_at IS NOT NULL THEN 'closed ' || CASE WHEN d.closed_at = now() THEN 'now' ELSE d.closed_at::date::text END END)
	FROM deals AS d LEFT JOIN pipeline_stages AS s ON s.id = d.pipeline_stage_id WHERE d.name = $1 $$;
SET DateStyle = ISO;

-- insert: by nothing, by stage, by pipeline stage, by both, by pipeline
BEGIN;
INSERT INTO deals (name) VALUES ('a');
INSERT INTO deals (name, stage) VALUES ('b', 'proposal'), ('c', 'won'), ('d', 'lost');
INSERT INTO deals (name, pipeline_stage_id) VALUES ('e', 21), ('f', 22);
INSERT INTO deals (name, stage, pipeline_stage_id) VALUES ('g', 'qualified', 21);
INSERT INTO deals (name, stage, pipeline_id) VALUES ('h', 'qualified', 2), ('i', 'negotiation', 2);
INSERT INTO deals (name, stage, pipeline_id, pipeline_stage_id) VALUES ('j', 'won', 2, 22);
SELECT n, pg_temp.deal(n) FROM unnest('{a,b,c,d,e,f,g,h,i,j}'::text[]) AS n;
COMMIT;
INSERT INTO deals (name, stage, pipeline_stage_id) VALUES ('x', 'lead', 21);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deals (name, pipeline_id, pipeline_stage_id) VALUES ('x', 1, 21);
INSERT INTO deals (name, pipeline_stage_id) VALUES ('x', 999);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO deals (name, pipeline_id) VALUES ('x', 999);

-- probability: automatic until written, then it stays; NULL returns
BEGIN;
INSERT INTO deals (name) VALUES ('p');
UPDATE deals SET stage = 'qualified' WHERE name = 'p';
SELECT pg_temp.deal('p');
UPDATE deals SET probability = 33 WHERE name = 'p';
SELECT pg_temp.deal('p');
UPDATE deals SET stage = 'proposal' WHERE name = 'p';
SELECT pg_temp.deal('p');
UPDATE deals SET probability = NULL WHERE name = 'p';
SELECT pg_temp.deal('p');
UPDATE deals SET stage = 'negotiation', probability = 90 WHERE name = 'p';
SELECT pg_temp.deal('p');
UPDATE deals SET probability = 75 WHERE name = 'p';
SELECT pg_temp.deal('p');
UPDATE deals SET probability_is_manual = true WHERE name = 'p';
UPDATE deals SET stage = 'lead' WHERE name = 'p';
SELECT pg_temp.deal('p');
UPDATE deals SET probability_is_manual = false WHERE name = 'p';
SELECT pg_temp.deal('p');
INSERT INTO deals (name, stage, probability) VALUES ('q', 'proposal', 50), ('r', 'proposal', 51), ('s', 'won', 30), ('t', 'lost', NULL);
SELECT n, pg_temp.deal(n) FROM unnest('{q,r,s,t}'::text[]) AS n;
-- a mapper writes every column, changed or not: only changes count
UPDATE deals SET name = 'q', stage = 'negotiation', pipeline_id = 1, pipeline_stage_id = 3, probability = 50, probability_is_manual = false, closed_at = NULL, currency = 'USD' WHERE name = 'q';
SELECT pg_temp.deal('q');
-- a stage's new default leaves existing deals alone, and they stay automatic
UPDATE pipeline_stages SET probability = 70 WHERE id = 4;
SELECT pg_temp.deal('q');
UPDATE deals SET stage = 'lead' WHERE name = 'q';
SELECT pg_temp.deal('q');
UPDATE deals SET stage = 'negotiation' WHERE name = 'q';
SELECT pg_temp.deal('q');
ROLLBACK;

-- closing and reopening
BEGIN;
INSERT INTO deals (name, stage, closed_at) VALUES ('u', 'won', '2020-02-02 12:00Z'), ('v', 'proposal', NULL), ('w', 'lost', NULL);
SELECT n, pg_temp.deal(n) FROM unnest('{u,v,w}'::text[]) AS n;
UPDATE deals SET stage = 'lost' WHERE name = 'u';
SELECT pg_temp.deal('u');
UPDATE deals SET stage = 'won', closed_at = '2021-03-03 12:00Z' WHERE name IN ('u', 'v');
SELECT n, pg_temp.deal(n) FROM unnest('{u,v}'::text[]) AS n;
UPDATE deals SET closed_at = NULL WHERE name = 'u';
SELECT pg_temp.deal('u');
UPDATE deals SET stage = 'negotiation' WHERE name = 'u';
SELECT pg_temp.deal('u');
SAVEPOINT s;
\set VERBOSITY terse
UPDATE deals SET closed_at = now() WHERE name = 'u';
\set VERBOSITY default
ROLLBACK TO s;
UPDATE deals SET stage = 'won', probability = 20 WHERE name = 'u';
SELECT pg_temp.deal('u');
ROLLBACK;

-- moving between pipelines
BEGIN;
INSERT INTO deals (name, stage) VALUES ('m', 'qualified');
UPDATE deals SET pipeline_id = 2 WHERE name = 'm';
SELECT pg_temp.deal('m');
UPDATE deals SET pipeline_stage_id = 21 WHERE name = 'm';
SELECT pg_temp.deal('m');
UPDATE deals SET stage = 'qualified' WHERE name = 'm';
SELECT pg_temp.deal('m');
UPDATE deals SET stage = 'proposal' WHERE name = 'm';
SELECT pg_temp.deal('m');
UPDATE deals SET stage = 'qualified' WHERE name = 'm';
SELECT pg_temp.deal('m');
UPDATE deals SET pipeline_stage_id = 1 WHERE name = 'm';
SELECT pg_temp.deal('m');
UPDATE deals SET pipeline_stage_id = NULL WHERE name = 'm';
SELECT pg_temp.deal('m');
UPDATE deals SET pipeline_id = NULL WHERE name = 'm';
SELECT pg_temp.deal('m');
ROLLBACK;

-- a stage changes what it counts as, or its pipeline: its deals follow
BEGIN;
INSERT INTO deals (name, pipeline_stage_id) VALUES ('k', 21), ('l', 20);
UPDATE pipeline_stages SET counts_as = 'negotiation' WHERE id = 21;
SELECT n, pg_temp.deal(n) FROM unnest('{k,l}'::text[]) AS n;
UPDATE pipeline_stages SET counts_as = 'won', probability = 100 WHERE id = 21;
SELECT pg_temp.deal('k');
UPDATE pipeline_stages SET pipeline_id = 1 WHERE id = 20;
SELECT pg_temp.deal('l');
ROLLBACK;
-- both at once
BEGIN;
INSERT INTO deals (name, pipeline_stage_id) VALUES ('k', 21);
UPDATE pipeline_stages SET pipeline_id = 1, counts_as = 'negotiation' WHERE id = 21;
SELECT pg_temp.deal('k');
ROLLBACK;
-- what was looked up in a statement that was rolled back is forgotten
BEGIN;
SAVEPOINT s;
UPDATE pipeline_stages SET probability = 99 WHERE id = 1;
UPDATE settings SET require_lost_reason = true, home_currency = 'XTS';
\set VERBOSITY terse
INSERT INTO deals (name) VALUES (' ');
\set VERBOSITY default
ROLLBACK TO s;
INSERT INTO deals (name) VALUES ('after'), ('lost after');
UPDATE deals SET stage = 'lost' WHERE name = 'lost after';
SELECT n, pg_temp.deal(n) FROM unnest('{after,lost after}'::text[]) AS n;
ROLLBACK;
DO $$ BEGIN
	BEGIN
		UPDATE regress_crm_rules.pipeline_stages SET probability = 88 WHERE id = 1;
		INSERT INTO regress_crm_rules.deals (name) VALUES ('inner');
		RAISE EXCEPTION 'undo';
	EXCEPTION WHEN raise_exception THEN NULL;
	END;
	INSERT INTO regress_crm_rules.deals (name) VALUES ('outer');
END $$;
SELECT pg_temp.deal('outer');
-- NULL is no stage: a won deal is not reopened by it
INSERT INTO deals (name, stage) VALUES ('null', 'won');
\set VERBOSITY terse
UPDATE deals SET stage = NULL WHERE name = 'null';
\set VERBOSITY default
-- with the present data a stage in use cannot go
BEGIN;
INSERT INTO deals (name, pipeline_stage_id) VALUES ('k', 21);
DELETE FROM pipeline_stages WHERE id = 21;
ROLLBACK;

-- archived stages and pipelines are not picked
BEGIN;
UPDATE pipeline_stages SET archived_at = now() WHERE id = 20;
INSERT INTO deals (name, stage, pipeline_id) VALUES ('n', 'qualified', 2);
SELECT pg_temp.deal('n');
UPDATE pipelines SET archived_at = now() WHERE id = 1;
INSERT INTO deals (name, stage) VALUES ('o', 'won');
SELECT pg_temp.deal('o');
-- without any pipeline there is still the deal stage
DELETE FROM deals;
DELETE FROM pipeline_stages;
DELETE FROM pipelines;
INSERT INTO deals (name, stage) VALUES ('y', 'proposal');
SELECT pg_temp.deal('y');
ROLLBACK;

-- the reason of a lost deal
BEGIN;
INSERT INTO deals (name) VALUES ('z');
UPDATE settings SET require_lost_reason = true;
SAVEPOINT s;
UPDATE deals SET stage = 'lost' WHERE name = 'z';
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
UPDATE deals SET stage = 'lost', lost_reason = ' ' WHERE name = 'z';
ROLLBACK TO s;
UPDATE deals SET stage = 'lost', lost_reason = 'price' WHERE name = 'z';
SELECT pg_temp.deal('z');
UPDATE deals SET lost_reason = NULL WHERE name = 'z';
ROLLBACK;

-- currency: the home currency, as it is now
BEGIN;
UPDATE settings SET home_currency = 'EUR';
INSERT INTO deals (name, currency) VALUES ('c1', NULL), ('c2', 'JPY');
INSERT INTO deals (name) VALUES ('c3');
SELECT n, pg_temp.deal(n) FROM unnest('{c1,c2,c3}'::text[]) AS n;
ROLLBACK;
\set VERBOSITY terse
UPDATE deals SET currency = NULL WHERE name = 'a';
\set VERBOSITY default

-- updated_at: set by every change, unless the change sets it
INSERT INTO companies (name, updated_at) VALUES ('old', '2001-01-01');
UPDATE companies SET industry = 'steel' WHERE name = 'old' RETURNING updated_at = now() AS now;
UPDATE companies SET updated_at = '2002-02-02' WHERE name = 'old' RETURNING updated_at::date;
UPDATE companies SET updated_at = NULL WHERE name = 'old' RETURNING updated_at = now() AS now;
UPDATE deals SET updated_at = '2002-02-02' WHERE name = 'a' RETURNING updated_at::date;
UPDATE deals SET value = 5 WHERE name = 'a' RETURNING updated_at = now() AS now;

-- COPY, MERGE and bulk UPDATE
COPY deals (name, stage, value, probability) FROM stdin;
copy1	negotiation	100.00	\N
copy2	won	200.00	\N
copy3	lead	300.00	55
\.
SELECT n, pg_temp.deal(n) ~ 'closed' AS closed, regexp_replace(pg_temp.deal(n), ' closed.*', '') AS deal FROM unnest('{copy1,copy2,copy3}'::text[]) AS n;
MERGE INTO deals AS d USING (VALUES ('copy1', 'won'), ('copy3', 'proposal'), ('merged', 'qualified')) AS s (name, stage) ON d.name = s.name
	WHEN MATCHED THEN UPDATE SET stage = s.stage
	WHEN NOT MATCHED THEN INSERT (name, stage) VALUES (s.name, s.stage);
SELECT n, regexp_replace(pg_temp.deal(n), ' closed.*', '') AS deal FROM unnest('{copy1,copy3,merged}'::text[]) AS n;
UPDATE deals SET stage = 'negotiation' WHERE name LIKE 'copy%';
SELECT n, pg_temp.deal(n) FROM unnest('{copy1,copy2,copy3}'::text[]) AS n;
-- stages made and used in one statement
WITH s AS (INSERT INTO pipeline_stages (pipeline_id, name, position, probability, counts_as) VALUES (2, 'New one', 9, 44, 'proposal') RETURNING id)
INSERT INTO deals (name, pipeline_stage_id) SELECT 'cte', id FROM s;
SELECT pg_temp.deal('cte');
-- ON CONFLICT, whose proposed row passes the rules too
INSERT INTO deals (name, external_id, stage) VALUES ('up', 'e1', 'lead');
INSERT INTO deals (name, external_id, stage) VALUES ('up', 'e1', 'won') ON CONFLICT (external_id) DO UPDATE SET stage = EXCLUDED.stage;
SELECT regexp_replace(pg_temp.deal('up'), ' closed.*', '');
-- text and varchar parameters, as drivers send them
PREPARE ins(text, varchar) AS INSERT INTO deals (name, stage) VALUES ($1, $2);
EXECUTE ins('jdbc', 'proposal');
SELECT pg_temp.deal('jdbc');
DEALLOCATE ins;

-- ten thousand at once: all keep the rules
INSERT INTO deals (name, stage, value) SELECT 'bulk', (enum_range(NULL::crm.deal_stage))[1 + i % 6], i FROM generate_series(1, 10000) AS i;
UPDATE deals SET stage = 'proposal' WHERE name = 'bulk' AND value < 5000;
SELECT count(*) FROM deals AS d JOIN pipeline_stages AS s ON s.id = d.pipeline_stage_id
WHERE d.name = 'bulk' AND (s.counts_as <> d.stage OR d.probability <> s.probability OR (d.closed_at IS NULL) = (d.stage IN ('won', 'lost')));

-- a user's own trigger that also writes
CREATE TABLE audit (at timestamptz DEFAULT now(), what text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO regress_crm_rules.audit (what) VALUES (NEW.name); RETURN NEW; END $$;
CREATE TRIGGER a_note BEFORE INSERT OR UPDATE ON deals FOR EACH ROW EXECUTE FUNCTION note();
INSERT INTO deals (name, stage) SELECT 'noted', 'qualified' FROM generate_series(1, 5);
SELECT DISTINCT pg_temp.deal('noted'), (SELECT count(*) FROM audit) FROM deals WHERE name = 'noted';

-- a user's own trigger that makes the stage which the rules will look for
CREATE FUNCTION make_stage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF NEW.name = 'B' THEN
		INSERT INTO regress_crm_rules.pipeline_stages (pipeline_id, name, probability, counts_as) VALUES (3, 'Made', 33, 'lead');
	END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER a_make BEFORE INSERT ON deals FOR EACH ROW EXECUTE FUNCTION make_stage();
INSERT INTO pipelines (id, name, position) VALUES (3, 'Third', 3);
INSERT INTO deals (name, pipeline_id) VALUES ('A', 3), ('B', 3), ('C', 3);
SELECT n, pg_temp.deal(n) FROM unnest('{A,B,C}'::text[]) AS n;
DROP TRIGGER a_make ON deals;

-- what the rules need, somebody took away: clear errors
ALTER TABLE deals ADD COLUMN extra text;
INSERT INTO deals (name, extra) VALUES ('extra', 'x') RETURNING stage, extra;
BEGIN;
ALTER TABLE deals DROP COLUMN lost_reason;
INSERT INTO deals (name) VALUES ('x');
ROLLBACK;
BEGIN;
SELECT crm.drop_views('regress_crm_rules');
ALTER TABLE deals ALTER COLUMN probability TYPE numeric;
INSERT INTO deals (name) VALUES ('x');
ROLLBACK;
INSERT INTO deals (name) VALUES ('still works') RETURNING stage;
-- deals in partitions that lie elsewhere: the rules are those of the parent's CRM
CREATE SCHEMA regress_crm_parts;
CREATE TABLE parted (LIKE deals INCLUDING DEFAULTS) PARTITION BY LIST (currency);
CREATE TRIGGER deals_rules BEFORE INSERT OR UPDATE ON parted FOR EACH ROW EXECUTE FUNCTION crm._keep_deal_rules();
CREATE TABLE regress_crm_parts.rest PARTITION OF parted DEFAULT;
INSERT INTO parted (id, name, stage, currency) VALUES (1, 'parted', 'proposal', 'USD') RETURNING pipeline_stage_id, probability;
UPDATE parted SET stage = 'won' RETURNING probability, closed_at IS NOT NULL AS closed;
DROP SCHEMA regress_crm_parts CASCADE;
-- tables of another shape than the rules expect: errors, whatever they hold
CREATE SCHEMA regress_crm_shapes;
CREATE TABLE regress_crm_shapes.deals (LIKE deals);
CREATE TRIGGER deals_rules BEFORE INSERT ON regress_crm_shapes.deals FOR EACH ROW EXECUTE FUNCTION crm._keep_deal_rules();
CREATE TABLE regress_crm_shapes.pipelines (id text, position integer, archived_at timestamptz);
INSERT INTO regress_crm_shapes.pipelines VALUES ('abcdefghijk', 1);
INSERT INTO regress_crm_shapes.deals (id, name) VALUES (1, 'x');
ALTER TABLE regress_crm_shapes.pipelines ALTER COLUMN id TYPE bigint USING NULL;
INSERT INTO regress_crm_shapes.deals (id, name) VALUES (1, 'x');
DROP SCHEMA regress_crm_shapes CASCADE;
-- the functions are triggers, of the right kind only
CREATE TABLE bare (id integer);
CREATE TRIGGER wrong AFTER UPDATE ON bare FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
INSERT INTO bare VALUES (1);
UPDATE bare SET id = 2;
DROP TRIGGER wrong ON bare;
CREATE TRIGGER wrong BEFORE UPDATE ON bare FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
UPDATE bare SET id = 2;
SELECT crm._keep_deal_rules();

-- the schema is renamed: the rules follow
DROP TRIGGER a_note ON deals;
ALTER SCHEMA regress_crm_rules RENAME TO regress_crm_renamed;
INSERT INTO regress_crm_renamed.deals (name, stage) VALUES ('renamed', 'proposal') RETURNING pipeline_stage_id, currency;
DROP SCHEMA regress_crm_renamed CASCADE;
