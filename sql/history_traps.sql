-- What others put on the tables of deals and their history, and what they load.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
SELECT crm.create_tables('regress_crm_traps');
SET search_path = regress_crm_traps;

-- a trigger of one's own that changes the deal again comes second in history too
BEGIN;
CREATE FUNCTION raise_value() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE deals SET value = 2 WHERE id = new.id; RETURN NULL; END $$;
CREATE TRIGGER audit AFTER UPDATE OF stage ON deals FOR EACH ROW EXECUTE FUNCTION raise_value();
INSERT INTO deals (id, name, value) VALUES (9001, 'twice', 1);
UPDATE deals SET stage = 'qualified' WHERE id = 9001;
SELECT kind, old_stage, new_stage, old_value, new_value FROM deal_changes WHERE deal_id = 9001 ORDER BY changed_at, id;
ROLLBACK;

-- history that was imported without a beginning goes on at its end
BEGIN;
INSERT INTO deal_changes (deal_id, kind, old_stage, new_stage, changed_at) VALUES (9002, 'stage', 'lead', 'qualified', '2020-01-01'), (9003, 'stage', 'lead', 'qualified', '2090-01-01');
INSERT INTO deals (id, name, stage) VALUES (9002, 'imported', 'proposal'), (9003, 'of the future', 'proposal');
SELECT deal_id, kind, old_stage, new_stage, changed_at > '2020-01-01' AS later FROM deal_changes WHERE deal_id IN (9002, 9003) ORDER BY deal_id, changed_at, id;
ROLLBACK;

-- what the owner has put on the table does not run with the writer's search path
BEGIN;
CREATE TABLE words (w text);
CREATE FUNCTION okay(a text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN NOT EXISTS (SELECT FROM words WHERE w = a); END $$;
ALTER TABLE deal_changes ADD CHECK (okay(actor));
CREATE SCHEMA regress_crm_trap;
CREATE VIEW regress_crm_trap.words AS SELECT (1 / (random() * 0)::integer)::text AS w;
SET LOCAL search_path = regress_crm_trap;
INSERT INTO regress_crm_traps.deals (id, name) VALUES (9004, 'not trapped');
SELECT kind FROM regress_crm_traps.deal_changes WHERE deal_id = 9004;
ROLLBACK;

-- settings that a trigger of one's own makes stay as it made them
BEGIN;
CREATE FUNCTION note_id() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM set_config('noted.ids', coalesce(current_setting('noted.ids', true), '') || new.deal_id || ',', false); RETURN NULL; END $$;
CREATE TRIGGER note AFTER INSERT ON deal_changes FOR EACH ROW EXECUTE FUNCTION note_id();
INSERT INTO deals (id, name) VALUES (9005, 'a'), (9006, 'b'), (9007, 'c');
SELECT current_setting('noted.ids'), current_setting('enable_sort'), current_setting('search_path');
ROLLBACK;

-- history in partitions by time
BEGIN;
ALTER TABLE deal_changes RENAME TO deal_changes_old;
CREATE TABLE deal_changes (LIKE deal_changes_old INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY RANGE (changed_at);
CREATE TABLE deal_changes_all PARTITION OF deal_changes DEFAULT;
INSERT INTO deals (id, name) VALUES (9008, 'kept in parts');
UPDATE deals SET stage = 'won' WHERE id = 9008;
SELECT kind FROM deal_changes WHERE deal_id = 9008 ORDER BY id;
ROLLBACK;

-- a change that changes the catalog between two rows
BEGIN;
INSERT INTO deals (id, name) SELECT g, 'many' FROM generate_series(9100, 9120) AS g;
CREATE FUNCTION change_catalog() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	EXECUTE format('CREATE INDEX noted_%s ON deal_changes (actor)', new.id);
	IF new.id % 5 = 0 THEN EXECUTE format('ALTER TABLE deal_changes ADD COLUMN noted_%s text DEFAULT ''x''', new.id); END IF;
	RETURN NULL; END $$;
CREATE TRIGGER change_catalog AFTER UPDATE ON deals FOR EACH ROW EXECUTE FUNCTION change_catalog();
UPDATE deals SET value = 7 WHERE id BETWEEN 9100 AND 9120;
SELECT count(*), count(noted_9100), count(noted_9120) FROM deal_changes WHERE deal_id BETWEEN 9100 AND 9120 AND kind = 'value';
SET LOCAL enable_seqscan = off;
SELECT count(*) FROM deal_changes WHERE actor IS NULL AND deal_id BETWEEN 9100 AND 9120;
ROLLBACK;

-- a stage that somebody has let be NULL
BEGIN;
ALTER TABLE deals ALTER stage DROP NOT NULL, DISABLE TRIGGER deals_rules;
\set VERBOSITY sqlstate
INSERT INTO deals (id, name, currency) VALUES (9009, 'no stage', 'USD');
\set VERBOSITY default
ROLLBACK;

-- columns of one's own that only the server's own way of writing checks
BEGIN;
CREATE DOMAIN present AS text CHECK (VALUE IS NOT NULL);
ALTER TABLE deal_changes ADD COLUMN r present DEFAULT 'x';
ALTER TABLE deal_changes ALTER COLUMN r DROP DEFAULT;
\set VERBOSITY sqlstate
INSERT INTO deals (name) VALUES ('a');
\set VERBOSITY default
ROLLBACK;

-- deals whose times are infinite get a beginning like the others
BEGIN;
ALTER TABLE deals DISABLE TRIGGER USER;
INSERT INTO deals (id, name, stage, currency, created_at, closed_at, archived_at, probability) VALUES
	(1, 'created never', 'lead', 'USD', 'infinity', NULL, NULL, 10),
	(2, 'created always', 'lead', 'USD', '-infinity', NULL, NULL, 10),
	(3, 'closed never', 'won', 'USD', '2020-01-01', 'infinity', NULL, 100),
	(4, 'archived never', 'lead', 'USD', '2020-01-01', NULL, 'infinity', 10),
	(5, 'all known', 'won', 'USD', '2020-01-01', '2020-02-01', '2020-03-01', 100);
ALTER TABLE deals ENABLE TRIGGER USER;
UPDATE deals SET value = 5 WHERE id = 5;
SELECT backfill_deal_history();
SELECT deal_id, kind, old_stage, new_stage, old_value, new_value, old_archived_at::date AS old_archived, new_archived_at::date AS new_archived,
	CASE WHEN changed_at = now() THEN 'now' ELSE changed_at::date::text END AS changed_at, is_backfilled
FROM deal_changes ORDER BY deal_id, deal_changes.changed_at, id;
SELECT backfill_deal_history();
ROLLBACK;

-- what is made up comes before what is known, at the same time too
BEGIN;
ALTER TABLE deals DISABLE TRIGGER _deals_history;
INSERT INTO deals (id, name, value, stage, currency) VALUES (11, 'old', 10, 'won', 'EUR'), (12, 'closed now', 10, 'won', 'EUR');
ALTER TABLE deals ENABLE TRIGGER _deals_history;
INSERT INTO deal_changes (deal_id, kind, old_stage, new_stage, old_value, new_value, changed_at) VALUES (11, 'won', 'lead', 'won', 10, 10, '2020-05-05');
UPDATE deals SET value = 11 WHERE id = 12;
SELECT backfill_deal_history();
SELECT deal_id, kind, old_stage, new_stage, new_value, is_backfilled FROM deal_changes ORDER BY deal_id, changed_at, id;
ROLLBACK;

-- a check on a system column, and children
BEGIN;
ALTER TABLE deal_changes ADD CONSTRAINT of_a_table CHECK (tableoid <> 0) NOT VALID;
INSERT INTO deals (id, name) VALUES (13, 'checked');
CREATE TABLE old_changes () INHERITS (deal_changes);
WITH moved AS (DELETE FROM deal_changes WHERE deal_id = 13 RETURNING *) INSERT INTO old_changes SELECT * FROM moved;
DELETE FROM deals WHERE id = 13;
INSERT INTO deals (id, name, stage) VALUES (13, 'again', 'won');
SELECT tableoid::regclass, kind, old_stage, new_stage FROM deal_changes WHERE deal_id = 13 ORDER BY changed_at, id;
ROLLBACK;
DROP SCHEMA regress_crm_traps CASCADE;
