-- Imports into tables that their owner has changed, by roles that may not do
-- everything, of values that nobody wants.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_traps');
SET search_path = regress_crm_traps;
SET DateStyle = 'ISO, DMY';
SET TimeZone = 'UTC';
CREATE TABLE staged (external_id text, email text, first_name text, job_title text, city text);
CREATE VIEW last_import AS SELECT line, outcome, reason, column_name, value FROM import_rows WHERE import_id = (SELECT max(id) FROM imports);
CREATE FUNCTION pg_temp.fill(lines integer) RETURNS void LANGUAGE sql AS $$
	TRUNCATE staged;
	INSERT INTO staged SELECT 'E' || g, 'e' || g || '@example.com', 'First ' || g, 'Title ' || g, 'City ' || g FROM generate_series(1, lines) AS g $$;
CREATE FUNCTION pg_temp.summary(INOUT outcome text DEFAULT NULL, OUT lines bigint, OUT first_line bigint, OUT reason text) RETURNS SETOF record LANGUAGE sql AS $$
	SELECT l.outcome, count(*), min(line), l.reason FROM last_import AS l GROUP BY l.outcome, l.reason ORDER BY 3 $$;

-- one line costs one line: CHECK, UNIQUE, foreign key, exclusion, NOT NULL, domain, triggers; at once or at the end
SELECT pg_temp.fill(100);
ALTER TABLE contacts ADD CONSTRAINT own_check CHECK (city <> 'City 7'), ADD CONSTRAINT own_unique UNIQUE (job_title), ADD CONSTRAINT own_exclusion EXCLUDE (city WITH =) WHERE (city LIKE 'Ghost%');
UPDATE staged SET job_title = 'Title 20' WHERE external_id IN ('E21', 'E22');
UPDATE staged SET city = 'Ghost town' WHERE external_id IN ('E40', 'E41');
SELECT count(*) FROM import_contacts('staged');
SELECT * FROM pg_temp.summary();
SELECT count(*) FROM contacts;
DELETE FROM contacts;
ALTER TABLE contacts DROP CONSTRAINT own_check, DROP CONSTRAINT own_unique, DROP CONSTRAINT own_exclusion;
SELECT pg_temp.fill(100);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.city = 'City 3' THEN RETURN NULL; END IF;
	IF NEW.city = 'City 4' THEN RAISE EXCEPTION 'no four' USING ERRCODE = 'UE004', DETAIL = 'For reasons.'; END IF;
	IF NEW.city = 'City 5' THEN PERFORM 1 / 0; END IF;
	IF NEW.city = 'City 6' THEN NEW.city := 'Elsewhere'; END IF;
	IF NEW.city = 'City 8' THEN NEW.id := -8; END IF;
	RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION refuse();
CREATE FUNCTION refuse_later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.city = 'City 9' THEN RAISE EXCEPTION 'no nine'; END IF; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER refuse_later AFTER INSERT OR UPDATE ON contacts DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_later();
ALTER TABLE contacts ADD COLUMN region_id bigint, ADD COLUMN nickname text;
CREATE TABLE regions (id bigint PRIMARY KEY);
INSERT INTO regions VALUES (1);
ALTER TABLE contacts ADD CONSTRAINT common_name FOREIGN KEY (region_id) REFERENCES regions DEFERRABLE INITIALLY DEFERRED, ADD CONSTRAINT late_unique UNIQUE (nickname) DEFERRABLE INITIALLY DEFERRED;
-- the same name on another table, and not deferrable there
ALTER TABLE companies ADD COLUMN region_id bigint, ADD CONSTRAINT common_name FOREIGN KEY (region_id) REFERENCES regions;
ALTER TABLE staged ADD COLUMN region_id text, ADD COLUMN nickname text;
UPDATE staged SET region_id = '2' WHERE external_id = 'E10';
UPDATE staged SET region_id = '1', nickname = 'Nick' WHERE external_id IN ('E11', 'E12');
SELECT count(*) FROM import_contacts('staged', batch_size => 30);
SELECT * FROM pg_temp.summary();
SELECT external_id, city, id < 0 AS negative FROM contacts WHERE external_id IN ('E6', 'E8') ORDER BY external_id;
SELECT count(*) FROM contacts;
-- the same by way of updates
SELECT count(*) FROM import_contacts('staged', 'update');
SELECT * FROM pg_temp.summary();
-- constraints stay immediate to the end of the transaction
BEGIN;
SELECT count(*) FROM import_contacts('staged');
INSERT INTO contacts (nickname) VALUES ('Nick');
ROLLBACK;
DROP TRIGGER refuse ON contacts;
DROP TRIGGER refuse_later ON contacts;
ALTER TABLE contacts DROP CONSTRAINT common_name, DROP CONSTRAINT late_unique;
ALTER TABLE companies DROP CONSTRAINT common_name;
ALTER TABLE staged DROP COLUMN region_id, DROP COLUMN nickname;
-- what waits for the end in a table that a row is made in
ALTER TABLE companies ALTER region_id SET DEFAULT 7, ADD CONSTRAINT late FOREIGN KEY (region_id) REFERENCES regions DEFERRABLE INITIALLY DEFERRED;
CREATE TABLE employed (last_name text, company text);
INSERT INTO employed VALUES ('x', 'Made'), ('y', '');
SELECT line, outcome, reason FROM import_contacts('employed', create_missing => true);
ALTER TABLE companies DROP COLUMN region_id;
-- a statement trigger or rule of the owner's
CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF (SELECT count(*) FROM new_rows WHERE city = 'City 55') > 0 THEN RAISE EXCEPTION 'no fifty-five'; END IF; RETURN NULL; END $$;
CREATE TRIGGER count_rows AFTER INSERT ON contacts REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_rows();
DELETE FROM contacts;
SELECT count(*) FROM import_contacts('staged');
SELECT * FROM pg_temp.summary();
DROP TRIGGER count_rows ON contacts;
-- a trigger that imports: no error, and no line lost
CREATE TABLE inner_staged (last_name text);
INSERT INTO inner_staged VALUES ('inner');
CREATE FUNCTION import_inside() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.city = 'City 2' THEN PERFORM regress_crm_traps.import_contacts('regress_crm_traps.inner_staged'); END IF; RETURN NEW; END $$;
CREATE TRIGGER import_inside BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION import_inside();
DELETE FROM contacts;
SELECT pg_temp.fill(5);
SELECT outcome, count(*) FROM import_contacts('staged') GROUP BY outcome;
SELECT last_name, external_id FROM contacts ORDER BY external_id, last_name;
DROP TRIGGER import_inside ON contacts;
-- errors that are not about a line end the import
CREATE FUNCTION give_up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'as if the disk were full' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER give_up BEFORE UPDATE ON contacts FOR EACH ROW EXECUTE FUNCTION give_up();
UPDATE staged SET city = 'x';
SELECT count(*) FROM import_contacts('staged', 'update');
\echo :LAST_ERROR_SQLSTATE
DROP TRIGGER give_up ON contacts;

-- columns of the owner's own: domain, enum, array, generated, identity, names with capitals, blanks and quotes
DELETE FROM contacts;
CREATE DOMAIN rating AS integer CHECK (VALUE BETWEEN 1 AND 5);
CREATE DOMAIN must_have AS text NOT NULL DEFAULT 'given';
CREATE DOMAIN never_null AS text NOT NULL;
CREATE TYPE colour AS ENUM ('red', 'green');
ALTER TABLE contacts ADD COLUMN stars rating, ADD COLUMN must must_have, ADD COLUMN colour colour, ADD COLUMN tags text[], ADD COLUMN note jsonb, ADD COLUMN shout text GENERATED ALWAYS AS (upper(last_name)) STORED,
	ADD COLUMN serial_number bigint GENERATED ALWAYS AS IDENTITY, ADD COLUMN "Tier Level" text, ADD COLUMN "it's" text, ADD COLUMN "a""b" text, ADD COLUMN "select" text, ADD COLUMN short varchar(5), ADD COLUMN fixed char(3), ADD COLUMN bits bit(4),
	ADD COLUMN spell interval, ADD COLUMN during tstzrange, ADD COLUMN amount money;
CREATE TABLE own (last_name text, stars text, must text, colour text, tags text, note text, shout text, serial_number text, "Tier Level" text, "it's" text, "a""b" text, "select" text, short text, fixed text, bits text, spell text, during text);
INSERT INTO own (last_name, stars, must, colour, tags, note, shout, serial_number, "Tier Level", "it's", "a""b", "select", short, fixed, bits, spell, during) VALUES
	('ok', '5', 'x', 'red', '{a,"b c"}', '{"a": 1}', 'ignored', '77', 'Gold', 'is', 'ab', 'from', 'short', 'ab', '1010', '1 day', '[2026-01-01,2026-02-01)'), ('empty', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO own (last_name, stars) VALUES ('six', '6'), ('word', 'many'), ('three', '3'), ('seven', '7');
INSERT INTO own (last_name, colour) VALUES ('blue', 'blue');
INSERT INTO own (last_name, tags) VALUES ('array', '{a');
INSERT INTO own (last_name, note) VALUES ('json', '{a}');
INSERT INTO own (last_name, short) VALUES ('long', 'too long'), ('blanks', 'short      ');
INSERT INTO own (last_name, bits) VALUES ('bits', '10');
SET client_min_messages = notice;
SELECT line, outcome, left(reason, 110) AS reason, column_name, value FROM import_contacts('own', batch_size => 4);
SET client_min_messages = warning;
SELECT last_name, stars, must, colour, tags, note, shout, serial_number < 50 AS numbered, "Tier Level", "it's", "a""b", "select", short, fixed, bits, spell, during FROM contacts ORDER BY id;
ALTER TABLE contacts ADD COLUMN required text NOT NULL DEFAULT 'x';
ALTER TABLE contacts ALTER required DROP DEFAULT;
SELECT DISTINCT outcome, reason, column_name FROM import_contacts('own') WHERE outcome = 'invalid' AND column_name = 'required';
ALTER TABLE contacts DROP COLUMN required;
ALTER TABLE contacts ADD COLUMN needed never_null DEFAULT 'x';
ALTER TABLE contacts ALTER needed DROP DEFAULT;
ALTER TABLE own ADD COLUMN needed text;
UPDATE own SET needed = 'y' WHERE last_name = 'ok';
SELECT line, outcome, reason FROM import_contacts('own') WHERE outcome = 'inserted' OR reason ~ 'null';
ALTER TABLE contacts DROP COLUMN needed;
-- what the triggers keep, remade as generated or dropped
BEGIN;
ALTER TABLE contacts DROP COLUMN phone_e164;
ALTER TABLE contacts ADD COLUMN phone_e164 text GENERATED ALWAYS AS (phone) STORED;
CREATE TABLE phoned (last_name text, phone text, website text);
INSERT INTO phoned VALUES ('generated', '+1 212 555 0100', 'x');
SELECT line, outcome, reason FROM import_contacts('phoned');
SELECT phone_e164 FROM contacts WHERE last_name = 'generated';
ALTER TABLE contacts DROP COLUMN phone_e164, DROP COLUMN phone_version, DROP COLUMN phone_status;
SELECT line, outcome, reason FROM import_contacts('phoned');
ALTER TABLE contacts DROP COLUMN phone, DROP COLUMN updated_at, DROP COLUMN country, DROP COLUMN external_id;
SELECT line, outcome, reason FROM import_contacts('phoned');
ROLLBACK;
-- keys of another kind
BEGIN;
ALTER TABLE contacts ALTER id SET GENERATED ALWAYS;
CREATE TABLE keyless (last_name text);
INSERT INTO keyless VALUES ('always'), ('always too');
SELECT line, outcome, id IS NOT NULL AS has_id FROM import_contacts('keyless');
CREATE SEQUENCE own_ids START 5000;
ALTER TABLE contacts ALTER id DROP IDENTITY, ALTER id SET DEFAULT nextval('own_ids');
SELECT line, outcome, id FROM import_contacts('keyless');
ALTER TABLE contacts ALTER id DROP DEFAULT;
SELECT line, outcome, id FROM import_contacts('keyless');
ROLLBACK;

-- staging of every kind
CREATE VIEW staged_view AS SELECT email AS "E-MAIL", upper(first_name) AS "First-Name", external_id FROM staged;
SELECT outcome, count(*) FROM import_contacts('staged_view') GROUP BY outcome;
CREATE MATERIALIZED VIEW staged_matview AS SELECT * FROM staged_view;
SELECT outcome, count(*) FROM import_contacts('staged_matview') GROUP BY outcome;
CREATE TABLE staged_parts (email text, n integer) PARTITION BY RANGE (n);
CREATE TABLE staged_part_1 PARTITION OF staged_parts FOR VALUES FROM (0) TO (10);
INSERT INTO staged_parts VALUES ('part@example.com', 1);
SELECT outcome FROM import_contacts('staged_parts');
CREATE TEMP TABLE crm_import_rows (email text);
INSERT INTO crm_import_rows VALUES ('temporary@example.com');
SELECT outcome FROM import_contacts('crm_import_rows');
CREATE SCHEMA "regress crm ""odd""";
CREATE TABLE "regress crm ""odd"""."Staged 'rows'; --" ("E""mail" text, email text, dropped text, "First Name " text);
ALTER TABLE "regress crm ""odd"""."Staged 'rows'; --" DROP COLUMN dropped;
INSERT INTO "regress crm ""odd"""."Staged 'rows'; --" VALUES ('x', 'odd@example.com', 'Odd');
SELECT outcome FROM import_contacts('"regress crm ""odd"""."Staged ''rows''; --"');
SELECT first_name FROM contacts WHERE email = 'odd@example.com';
SELECT staging FROM imports ORDER BY id DESC LIMIT 1;
DROP SCHEMA "regress crm ""odd""" CASCADE;
-- a view over the target itself: what it shows is read once
CREATE VIEW copies AS SELECT 'copy-' || email AS email, first_name FROM contacts WHERE email LIKE 'e%@example.com';
SELECT outcome, count(*) FROM import_contacts('copies', batch_size => 1) GROUP BY outcome;
SELECT count(*) FROM contacts WHERE email LIKE 'copy-%';
-- a view that fails in the middle fails the import: that is no line
CREATE VIEW failing AS SELECT 'v' || (10 / (4 - g)) || '@example.com' AS email FROM generate_series(1, 9) AS g;
SELECT count(*) FROM import_contacts('failing', batch_size => 1);
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM contacts WHERE email LIKE 'v%';

-- values that nobody wants
CREATE TABLE hostile (n integer, last_name text, email text, phone text, country text, source text, date_of_birth text, company text);
INSERT INTO hostile (n, last_name) VALUES (1, $$'; DROP TABLE contacts; --$$), (2, $$Robert"); SELECT 'x$$), (3, '$1 %s %I \ {"a"} E''\x''' ), (4, E'\x01\x02\x07bell'), (5, E'\u202Eevil\u202C'), (6, E'\u200F\u200Emarks\u200F'), (7, E'\uFEFFmark'), (8, E'a\nb\tc'), (9, repeat('x', 1000000));
INSERT INTO hostile (n, email) VALUES (11, repeat('a', 1000000) || '@example.com'), (12, '<' || repeat('<', 1000000) || '>'), (13, E'a\x01@example.com'), (14, E'\u202Ea@example.com'), (15, '<>'), (16, 'mailto:'), (17, 'mailto:?x'), (18, 'A <b@example.com> c'), (19, '"quoted name, Jr." <q@example.com>'), (20, 'MAILTO:r@example.com');
INSERT INTO hostile (n, phone) VALUES (21, repeat('9', 1000000)), (22, repeat('ext', 100000)), (23, E'+49\u202D30901820'), (24, '+');
INSERT INTO hostile (n, country) VALUES (31, repeat('D', 1000000));
INSERT INTO hostile (n, date_of_birth) VALUES (41, repeat('9', 1000000)), (42, 'infinity'), (43, 'today');
INSERT INTO hostile (n, source) VALUES (51, repeat('w', 1000000));
INSERT INTO hostile (n, company) VALUES (61, repeat('c', 1000000)), (62, $$x'); DROP TABLE companies; --$$);
ALTER TABLE hostile RENAME n TO line;
DELETE FROM contacts;
SELECT outcome, count(*) FROM import_contacts('hostile') GROUP BY outcome ORDER BY outcome;
-- not aligned: psql's idea of the width of characters differs between versions
\pset format unaligned
SELECT line, outcome, left(regexp_replace(regexp_replace(reason, '(.)\1{30,}', '\1...'), 'requires \d+ bytes, maximum size is \d+', 'requires N bytes'), 120) AS reason, length(reason) > 130 AS long, column_name, length(value) AS value FROM last_import WHERE outcome = 'invalid' OR reason IS NOT NULL ORDER BY line;
SELECT r.line, left(c.last_name, 50) AS last_name, length(c.last_name) AS length, c.email, left(c.phone, 20) AS phone, c.phone_e164, c.phone_status FROM import_rows AS r JOIN contacts AS c ON c.id = r.row_id WHERE import_id = (SELECT max(id) FROM imports) AND r.line NOT IN (43) ORDER BY r.line;
\pset format aligned
SELECT outcome, count(*) FROM import_contacts('hostile', create_missing => true, batch_size => 2) GROUP BY outcome ORDER BY outcome;
SELECT left(name, 30) AS name, length(name) FROM companies ORDER BY id;
SELECT count(*) FROM undo_import((SELECT max(id) FROM imports));
SELECT count(*) FROM companies;
CREATE TABLE hostile_numbers (name text, value text);
INSERT INTO hostile_numbers VALUES ('signs', repeat('$', 1000000)), ('signs and a number', repeat('$', 1000000) || '5'), ('blanks', '1' || repeat(E'\u00A0', 1000000) || '2'), ('apostrophes', repeat('''', 1000000)), ('groups', '1' || repeat(',000', 250000)), ('dots', repeat('.', 1000000)), ('digits', repeat('7', 1000000)), ('minus', repeat('-', 1000000));
SELECT outcome, left(reason, 40) AS reason, column_name, length(value) FROM import_deals('hostile_numbers');
SELECT name, value FROM deals ORDER BY id;
-- an index that the value does not fit into costs the line
CREATE TABLE big (job_title text);
INSERT INTO big SELECT string_agg(md5(g::text), '') FROM generate_series(1, 1000) AS g;
CREATE INDEX titles ON contacts (job_title);
SELECT outcome, left(reason, 18) AS reason FROM import_contacts('big');
DROP INDEX titles;

-- privileges: one error, not one for each line
CREATE ROLE regress_crm_importer;
GRANT USAGE ON SCHEMA regress_crm_traps TO regress_crm_importer;
SELECT pg_temp.fill(3);
CREATE FUNCTION pg_temp.try(mode text DEFAULT 'skip') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	SET LOCAL ROLE regress_crm_importer;
	SELECT string_agg(DISTINCT concat_ws(': ', outcome, regexp_replace(reason, '\d+', 'N')), ', ') INTO result FROM regress_crm_traps.import_contacts('regress_crm_traps.staged', mode);
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT pg_temp.try();
GRANT SELECT ON settings TO regress_crm_importer;
SELECT pg_temp.try();
GRANT INSERT ON contacts TO regress_crm_importer;
SELECT pg_temp.try();
GRANT INSERT, SELECT, UPDATE ON imports TO regress_crm_importer;
SELECT pg_temp.try();
GRANT SELECT ON staged TO regress_crm_importer;
SELECT pg_temp.try();
GRANT SELECT ON contacts TO regress_crm_importer;
SELECT pg_temp.try();
GRANT INSERT, SELECT ON import_rows TO regress_crm_importer;
SELECT pg_temp.try();
SELECT pg_temp.try('update');
GRANT UPDATE ON contacts TO regress_crm_importer;
UPDATE staged SET city = 'Changed';
SELECT pg_temp.try('update');
-- row-level security costs rows
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON contacts TO regress_crm_importer USING (city <> 'Hidden') WITH CHECK (city <> 'Forbidden');
TRUNCATE staged;
INSERT INTO staged (external_id, city) VALUES ('R1', 'Allowed'), ('R2', 'Forbidden'), ('R3', 'Allowed');
SELECT pg_temp.try();
UPDATE contacts SET city = 'Hidden' WHERE external_id = 'R1';
SELECT pg_temp.try();
UPDATE staged SET city = 'Forbidden' WHERE external_id = 'R3';
SELECT pg_temp.try('update');
ALTER TABLE contacts DISABLE ROW LEVEL SECURITY;
REVOKE INSERT ON import_rows FROM regress_crm_importer;
SELECT pg_temp.try();
-- read-only
BEGIN READ ONLY;
SELECT count(*) FROM import_contacts('staged');
ROLLBACK;
\echo :LAST_ERROR_SQLSTATE

-- a trigger that closes all cursors costs its lines
CREATE FUNCTION close_all() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'CLOSE ALL'; RETURN COALESCE(NEW, OLD); END $$;
CREATE TRIGGER close_all BEFORE INSERT OR DELETE ON deals FOR EACH ROW EXECUTE FUNCTION close_all();
CREATE TABLE closing AS SELECT 'D' || g AS name FROM generate_series(1, 3) AS g;
SELECT outcome, count(*) FROM import_deals('closing', batch_size => 2) GROUP BY outcome;
DROP TRIGGER close_all ON deals;
-- columns that bear the names of the statements' aliases
ALTER TABLE companies ADD COLUMN c text, ADD COLUMN b text;
CREATE TABLE aliased (external_id text, name text, c text);
INSERT INTO aliased VALUES ('C1', 'Aliased', NULL);
SELECT outcome FROM import_companies('aliased');
UPDATE aliased SET name = 'Renamed';
SELECT outcome FROM import_companies('aliased', on_duplicate => 'update');
SELECT before_image ->> 'name' AS before FROM import_rows ORDER BY id DESC LIMIT 1;
SELECT outcome FROM undo_import((SELECT max(id) FROM imports));
SELECT name FROM companies WHERE external_id = 'C1';
-- a cascade by another key than id
CREATE TABLE by_key (company text REFERENCES companies (external_id) ON DELETE CASCADE);
INSERT INTO by_key VALUES ('C1');
SELECT outcome, reason FROM undo_import((SELECT max(id) - 1 FROM imports));
SELECT count(*) FROM by_key;

RESET search_path;
DROP SCHEMA regress_crm_traps CASCADE;
DROP ROLE regress_crm_importer;
