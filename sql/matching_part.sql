-- The matching part of a CRM, beside tables of an application's own.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE SCHEMA regress_crm_app;
CREATE TABLE regress_crm_app.people (id uuid PRIMARY KEY, first_name text, last_name text, email text, phone text, date_of_birth date, notes text);
INSERT INTO regress_crm_app.people
	SELECT format('00000000-0000-0000-0000-%s', lpad(n::text, 12, '0'))::uuid,
		(ARRAY['Ann', 'Boris', 'Carla', 'Dmitri', 'Elena', 'Farid', 'Greta', 'Hugo', 'Ingrid', 'Jonas'])[p],
		(ARRAY['Lindqvist', 'Abramov', 'Montoya', 'Petrenko', 'Kowalczyk', 'Haddad', 'Zimmer', 'Okafor', 'Dahl', 'Weber'])[p],
		(ARRAY['ann.lindqvist', 'b.abramov', 'carla', 'dpetrenko', 'elena.k', 'farid.haddad', 'greta_zimmer', 'hugo', 'idahl', 'jonas.weber'])[p] || '@example.com',
		'+1 212 ' || 2000000 + 713717 * p, date '1951-03-14' + 1187 * p
	FROM generate_series(1, 12) AS n, LATERAL (SELECT (n - 1) % 10 + 1 AS p) AS who;
RESET client_min_messages;

-- which parts there are
SELECT crm.create_tables('regress_crm_part', parts => 'deals');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.create_tables('regress_crm_part', parts => '');
SELECT crm.create_tables_sql('regress_crm_part', parts => 'Matching');
SELECT crm.create_tables('regress_crm_part', parts => 'matching');
SELECT relname, relkind FROM pg_class WHERE relnamespace = 'regress_crm_part'::regnamespace AND relkind IN ('r', 'v') ORDER BY relkind, relname COLLATE "C";
SELECT proname, prokind FROM pg_proc WHERE pronamespace = 'regress_crm_part'::regnamespace ORDER BY prokind, proname COLLATE "C";
SELECT parts, crm_tables_version = newest_version AS up_to_date FROM regress_crm_part.settings, crm.list_schemas() WHERE in_schema = 'regress_crm_part';

-- it counts as a CRM
SELECT in_schema, advice FROM crm.list_schemas() WHERE in_schema = 'regress_crm_part';
SELECT * FROM crm.check_tables('regress_crm_part');
SELECT crm.upgrade_tables('regress_crm_part') LIKE 'schema regress_crm_part already has %' AS has, crm.upgrade_tables_sql('regress_crm_part');
SELECT crm.add_timeline_source('regress_crm_part', 'people', 'regress_crm_app.people');
-- a second time nothing happens; and it does not become a whole one
SELECT crm.create_tables('regress_crm_part', parts => 'matching');
SELECT crm.create_tables('regress_crm_part');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.create_tables('regress_crm_part', parts => 'all');
-- a whole one has the part
SELECT crm.create_tables('regress_crm_whole', parts => 'all') IS NULL AS failed;
SELECT parts FROM regress_crm_whole.settings;
SELECT crm.create_tables('regress_crm_whole', parts => 'matching');
SELECT crm.create_tables('regress_crm_whole', parts => NULL);
-- what is missing is named
BEGIN;
DROP VIEW regress_crm_part.duplicate_review;
DROP PROCEDURE regress_crm_part.refresh_duplicates;
SELECT crm.create_tables('regress_crm_part', parts => 'matching');
SELECT crm.create_views('regress_crm_part') > 0 AS made;
SELECT crm.create_tables('regress_crm_part', parts => 'matching');
DROP TABLE regress_crm_part.match_queue CASCADE;
SELECT crm.create_tables('regress_crm_part', parts => 'matching');
ROLLBACK;
-- every object has a comment, every function a label, everything is bound to its objects
SELECT c.relname, a.attname FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'regress_crm_part'::regnamespace AND c.relkind IN ('r', 'v')
	AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'regress_crm_part'::regnamespace
	AND (obj_description(oid, 'pg_proc') IS NULL OR prosecdef OR (prosqlbody IS NULL) <> (prokind = 'p')
		OR (prokind = 'f' AND (proparallel <> 'u' OR (provolatile = 'v') <> (proname ~ '^(mark_|forget_|train_|create_|drop_)'))));
SELECT relname FROM pg_class WHERE relnamespace = 'regress_crm_part'::regnamespace AND relkind = 'v' AND NOT reloptions @> '{security_invoker=true}';

-- in the application's schema itself; what bears a name of a whole CRM stays its own
BEGIN;
CREATE VIEW regress_crm_app.timeline AS SELECT 1 AS mine;
CREATE FUNCTION regress_crm_app.set_stage(id bigint) RETURNS bigint LANGUAGE sql RETURN id;
SELECT crm.create_tables('regress_crm_app', parts => 'matching');
SELECT crm.drop_views('regress_crm_app') = crm.create_views('regress_crm_app') AS same;
SELECT mine, regress_crm_app.set_stage(2) FROM regress_crm_app.timeline;
SELECT * FROM crm.check_tables('regress_crm_app');
SELECT crm.detach_tables('regress_crm_app');
SELECT mine FROM regress_crm_app.timeline;
ROLLBACK;
-- names in the way
BEGIN;
CREATE TABLE regress_crm_app.settings (theme text);
CREATE FUNCTION regress_crm_app.mark_same() RETURNS integer LANGUAGE sql RETURN 1;
SELECT crm.create_tables('regress_crm_app', parts => 'matching');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;

-- without triggers, and as text
BEGIN;
SELECT crm.create_tables('regress_crm_plain', parts => 'matching', triggers => 'off') IS NULL AS failed;
SELECT count(*) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = 'regress_crm_plain'::regnamespace AND NOT tgisinternal;
ROLLBACK;
SELECT crm.create_tables_sql('regress_crm_by_text', parts => 'matching') AS script \gset
BEGIN;
:script
COMMIT;
SELECT relkind, count(*) FILTER (WHERE relnamespace = 'regress_crm_part'::regnamespace) = count(*) FILTER (WHERE relnamespace = 'regress_crm_by_text'::regnamespace) AS same
FROM pg_class GROUP BY relkind HAVING count(*) FILTER (WHERE relnamespace = 'regress_crm_part'::regnamespace) > 0 ORDER BY relkind;

-- duplicates of rows whose key is a uuid
SELECT left_key, right_key FROM regress_crm_part.find_duplicates('regress_crm_app.people') ORDER BY 1, 2;
SELECT count(DISTINCT group_id), count(*) FROM regress_crm_part.duplicate_groups('regress_crm_app.people');
SELECT contact_key FROM regress_crm_part.duplicates_of('regress_crm_app.people', '00000000-0000-0000-0000-000000000001');
-- through an index, which is the application's to make
SELECT crm.create_match_index('regress_crm_app.people') IS NULL AS failed;
SELECT contact_key FROM regress_crm_part.duplicates_of('regress_crm_app.people', '00000000-0000-0000-0000-000000000001');
CALL regress_crm_part.refresh_duplicates('regress_crm_app.people');
SELECT relation, left_key, right_key FROM regress_crm_part.duplicate_review ORDER BY left_key;
-- keys are what the relation takes them for
SELECT regress_crm_part.mark_different('regress_crm_app.people', '{00000000-0000-0000-0000-0000000000AA}', '00000000000000000000000000000001');
SELECT regress_crm_part.mark_different('regress_crm_app.people', '00000000-0000-0000-0000-000000000011', '00000000000000000000000000000001', 'twins');
SELECT left_key, right_key, same, note FROM regress_crm_part.match_decisions;
SELECT regress_crm_part.mark_same('regress_crm_app.people', 'nobody', '00000000000000000000000000000001');
SELECT regress_crm_part.mark_same(NULL, 'a', 'b');
SELECT regress_crm_part.find_duplicates(NULL);
SELECT regress_crm_part.refresh_duplicates('regress_crm_app.people');
CREATE VIEW regress_crm_app.keyless AS SELECT first_name, last_name FROM regress_crm_app.people;
SELECT regress_crm_part.mark_same('regress_crm_app.keyless', 'a', 'b');

-- the queue: a trigger on the application's table, which depends on it
SELECT regress_crm_part.create_match_queue('regress_crm_app.keyless');
SELECT regress_crm_part.create_match_queue('regress_crm_app.people');
SELECT regress_crm_part.create_match_queue('regress_crm_app.people');
CALL regress_crm_part.refresh_duplicates('regress_crm_app.people');
INSERT INTO regress_crm_app.people SELECT '00000000-0000-0000-0000-00000000000c', first_name, last_name, email, phone, date_of_birth
	FROM regress_crm_app.people WHERE id = '00000000-0000-0000-0000-000000000002';
UPDATE regress_crm_app.people SET notes = 'seen';
SELECT relation, key FROM regress_crm_part.match_queue ORDER BY id;
ALTER SCHEMA regress_crm_part RENAME TO regress_crm_parts;
UPDATE regress_crm_app.people SET email = 'other@example.com', first_name = 'Zoe', last_name = 'Quite', phone = NULL, date_of_birth = '1950-12-31'
	WHERE id = '00000000-0000-0000-0000-000000000001';
SELECT relation, key FROM regress_crm_parts.match_queue ORDER BY id;
CALL regress_crm_parts.refresh_duplicates('regress_crm_app.people');
SELECT left_key, right_key FROM regress_crm_parts.duplicate_review ORDER BY 1, 2;
-- a relation that was replaced: what was decided is not lost, and is found
CREATE VIEW regress_crm_app.seen AS SELECT * FROM regress_crm_app.people;
SELECT regress_crm_parts.mark_same('regress_crm_app.seen', '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-00000000000c');
DROP VIEW regress_crm_app.seen;
SELECT object, regexp_replace(problem, '[0-9]{2,}', 'N') AS problem, regexp_replace(remedy, '[0-9]{2,}', 'N') AS remedy FROM crm.check_tables('regress_crm_parts');
DELETE FROM regress_crm_parts.match_decisions AS d WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = d.relation);

-- a table with partitions, whose keys are numbers
CREATE TABLE regress_crm_app.leads (id bigint, region text, first_name text, last_name text, email text, phone text) PARTITION BY LIST (region);
CREATE TABLE regress_crm_app.leads_n PARTITION OF regress_crm_app.leads FOR VALUES IN ('n');
CREATE TABLE regress_crm_app.leads_s PARTITION OF regress_crm_app.leads FOR VALUES IN ('s');
SELECT regress_crm_parts.create_match_queue('regress_crm_app.leads');
INSERT INTO regress_crm_app.leads VALUES (7, 'n', 'Ada', 'Byron', 'ada@example.com', '+442071234567'), (12, 's', 'Ada', 'Byron', 'ada@example.com', '+442071234567'),
	(9, 's', 'Alan', 'Turing', 'alan@example.com', '+442079876543');
UPDATE regress_crm_app.leads SET region = 's' WHERE id = 7;
SELECT relation, key FROM regress_crm_parts.match_queue ORDER BY id;
CALL regress_crm_parts.refresh_duplicates('regress_crm_app.leads');
SELECT relation, left_key, right_key FROM regress_crm_parts.duplicate_review WHERE relation = 'regress_crm_app.leads'::regclass;
SELECT regress_crm_parts.mark_different('regress_crm_app.leads', '0012', ' 7 ');
SELECT left_key, right_key FROM regress_crm_parts.match_decisions WHERE relation = 'regress_crm_app.leads'::regclass;
SELECT count(*) FROM regress_crm_parts.duplicate_review WHERE relation = 'regress_crm_app.leads'::regclass;
SELECT regress_crm_parts.drop_match_queue('regress_crm_app.leads');
SELECT count(*) FROM pg_trigger WHERE tgrelid IN (SELECT 'regress_crm_app.leads'::regclass UNION SELECT inhrelid FROM pg_inherits WHERE inhparent = 'regress_crm_app.leads'::regclass);

-- a key of another name: the primary key, if it has one column
CREATE TABLE regress_crm_app.codes (last_name text, email text, code text PRIMARY KEY);
CREATE TABLE regress_crm_app.pairs (a integer, b integer, last_name text, PRIMARY KEY (a, b));
SELECT regress_crm_parts.create_match_queue('regress_crm_app.codes');
INSERT INTO regress_crm_app.codes (code, last_name) VALUES ('b', 'Lee'), ('a', 'Lee');
UPDATE regress_crm_app.codes SET code = 'c' WHERE code = 'a';
SELECT relation, key FROM regress_crm_parts.match_queue WHERE relation = 'regress_crm_app.codes'::regclass ORDER BY id;
SELECT regress_crm_parts.mark_same('regress_crm_app.codes', 'c', 'b');
SELECT regress_crm_parts.mark_same('regress_crm_app.pairs', '1', '2');
SELECT regress_crm_parts.create_match_queue('regress_crm_app.pairs');
ALTER TABLE regress_crm_app.codes DROP COLUMN code;
DELETE FROM regress_crm_app.codes;
DROP TABLE regress_crm_app.codes;
SELECT regress_crm_parts.forget_decision('regress_crm_app.people', '00000000-0000-0000-0000-000000000011', '00000000-0000-0000-0000-000000000001');

-- making the part independent of the extension: triggers on other tables of the
-- owner's go; those of others are named
CREATE ROLE regress_crm_apps;
BEGIN;
CREATE TABLE regress_crm_app.others (id bigint, last_name text, email text);
SELECT regress_crm_parts.create_match_queue('regress_crm_app.others');
ALTER TABLE regress_crm_app.others OWNER TO regress_crm_apps;
SELECT crm.detach_tables('regress_crm_parts');
SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgrelid IN ('regress_crm_app.people'::regclass, 'regress_crm_app.others'::regclass) AND NOT tgisinternal ORDER BY 1, 2;
SELECT left_key, right_key, same, note FROM regress_crm_parts.match_decisions;
ROLLBACK;
-- dropping the part harms no table of the application's
SET client_min_messages = warning;
DROP SCHEMA regress_crm_parts CASCADE;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'regress_crm_app.people'::regclass;
DELETE FROM regress_crm_app.people WHERE id = '00000000-0000-0000-0000-000000000001';
DROP SCHEMA regress_crm_app, regress_crm_whole, regress_crm_by_text CASCADE;
DROP ROLE regress_crm_apps;
