-- Keys as text are what the type of the relation's key reads them as, in arguments and
-- in decisions.
\set SHOW_CONTEXT never
CREATE SCHEMA regress_crm_matching_keys;
SET search_path = regress_crm_matching_keys;
CREATE TABLE named (first_name text, last_name text, email text, date_of_birth date);
INSERT INTO named SELECT 'Ada', 'Zawadzka', 'ada@zawadzka.example', '1980-02-03' FROM generate_series(1, 3);
CREATE TABLE by_uuid (id uuid PRIMARY KEY, LIKE named);
INSERT INTO by_uuid SELECT ('0000000a-0000-0000-0000-00000000000' || to_hex(9 + row_number() OVER ()))::uuid, * FROM named;
CREATE TABLE by_number (id bigint PRIMARY KEY, LIKE named);
INSERT INTO by_number SELECT 6 + row_number() OVER (), * FROM named;
CREATE TABLE by_smallint AS SELECT id::smallint, first_name, last_name, email, date_of_birth FROM by_number;
CREATE TABLE by_numeric AS SELECT id::numeric, first_name, last_name, email, date_of_birth FROM by_number;
CREATE TABLE by_code AS SELECT ('ab' || id)::char(5) AS id, first_name, last_name, email, date_of_birth FROM by_number;
CREATE DOMAIN odd AS integer CHECK (VALUE <> 8);
CREATE TABLE by_domain AS SELECT (id * 2 + 1)::odd AS id, first_name, last_name, email, date_of_birth FROM by_number;
CREATE TABLE models AS SELECT crm.train_matching('by_number') AS model;

-- why, by any spelling, with a model and without; weights as rounded text
CREATE FUNCTION pg_temp.explained(relation regclass, a text, b text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(DISTINCT e.left_value, ' ') || ' ' || count(*) || ' ' || (SELECT count(*) FROM crm.explain_match_by_key(relation, a, b, (SELECT model FROM models)))
	FROM crm.explain_match_by_key(relation, a, b) AS e WHERE field IN ('first_name', 'last_name') $$;
SELECT pg_temp.explained('by_uuid', '0000000A-0000-0000-0000-00000000000A', '{0000000a00000000000000000000000b}') IS NOT DISTINCT FROM
	pg_temp.explained('by_uuid', '0000000a-0000-0000-0000-00000000000a', '0000000a-0000-0000-0000-00000000000b') AS uuid;
SELECT pg_temp.explained('by_uuid', '0000000A-0000-0000-0000-00000000000A', '0000000a-0000-0000-0000-00000000000b') ~ '^Ada Zawadzka 2 [0-9]+$' AS values_of_uuid;
SELECT pg_temp.explained('by_number', '007', ' +8 ') IS NOT DISTINCT FROM pg_temp.explained('by_number', '7', '8') AS number;
SELECT pg_temp.explained('by_number', '007', '8') ~ '^Ada Zawadzka 2 [0-9]+$' AS values_of_number;
SELECT pg_temp.explained('by_smallint', '007', '8') ~ '^Ada Zawadzka 2 [0-9]+$' AS "smallint";
SELECT pg_temp.explained('by_numeric', '07.0', '8') ~ '^Ada Zawadzka 2 [0-9]+$' AS "numeric";
SELECT pg_temp.explained('by_code', 'ab7', 'ab8  ') ~ '^Ada Zawadzka 2 [0-9]+$' AS code;
SELECT pg_temp.explained('by_domain', '015', '17') ~ '^Ada Zawadzka 2 [0-9]+$' AS domain;
SELECT duplicate_key FROM crm.duplicates_of_by_key('by_code', 'ab7') ORDER BY 1;
-- no such contact, and no key at all: the same with a model
SELECT * FROM crm.explain_match_by_key('by_number', '7', '70');
SELECT * FROM crm.explain_match_by_key('by_number', '7', '70', (SELECT model FROM models));
SELECT * FROM crm.explain_match_by_key('by_number', '7', 'abc');
SELECT * FROM crm.explain_match_by_key('by_number', '7', 'abc', (SELECT model FROM models));
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM crm.explain_match_by_key('by_number', '7', '99999999999999999999');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM crm.explain_match('by_smallint', 7, 70000, (SELECT model FROM models));
SELECT * FROM crm.explain_match_by_key('by_uuid', '0000000a-0000-0000-0000-00000000000a', 'abc');

-- decisions: different in capital letters; keys that nobody can have say nothing, in batch and for one contact, where a
-- number is looked up as it is usually written
CREATE TABLE decisions (left_key text, right_key text, same boolean);
CREATE FUNCTION pg_temp.decided(relation regclass) RETURNS TABLE (found text) LANGUAGE sql AS $$
	SELECT 'pair ' || left_key || ' ' || right_key FROM crm.find_duplicates_by_key(relation, decisions => 'decisions')
	UNION ALL SELECT 'of ' || right(k, 3) || ' ' || duplicate_key || coalesce(' ' || (evidence->>'decision'), '')
	FROM (SELECT left_key FROM crm.find_duplicates_by_key(relation) UNION SELECT right_key FROM crm.find_duplicates_by_key(relation)) AS d (k),
		crm.duplicates_of_by_key(relation, k, decisions => 'decisions')
	ORDER BY 1 $$;
SET client_min_messages = warning;
INSERT INTO decisions VALUES ('0000000A-0000-0000-0000-00000000000B', '0000000A-0000-0000-0000-00000000000A', false),
	('0000000a-0000-0000-0000-00000000000c', '0000000A00000000000000000000000A', false),
	('0000000a-0000-0000-0000-00000000000b', 'nobody', true), ('zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz', '0000000a-0000-0000-0000-00000000000b', true), ('7', '8', false);
SELECT * FROM pg_temp.decided('by_uuid');
TRUNCATE decisions;
INSERT INTO decisions VALUES ('007', '8', false), ('7', ' +9', true), ('8', 'x', true), ('8', '99999999999999999999', true), ('70000', '8', true), ('8', '0000000a-0000-0000-0000-00000000000b', true);
SELECT * FROM pg_temp.decided('by_number') WHERE found ~ 'pair';
SELECT * FROM pg_temp.decided('by_smallint');
SELECT * FROM pg_temp.decided('by_numeric') WHERE found ~ 'pair';
TRUNCATE decisions;
INSERT INTO decisions VALUES ('015', '17', false), ('8', '19', true), ('19', 'x', true);
SELECT * FROM pg_temp.decided('by_domain');
-- reading them keeps nothing of the keys that were spelled, readable or not
TRUNCATE decisions;
INSERT INTO decisions SELECT CASE i % 5 WHEN 0 THEN 'x' ELSE '0' || i END, '007', false FROM generate_series(1, 2500) AS i;
CREATE FUNCTION pg_temp.told() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
	RAISE WARNING 'few rows are kept: %', (SELECT count(*) < 10 FROM pg_backend_memory_contexts WHERE name = 'SPI TupTable');
	RETURN false; END $$;
CREATE TEMP VIEW watched AS SELECT left_key, right_key, CASE left_key WHEN '02401' THEN pg_temp.told() ELSE same END AS same FROM decisions;
SELECT count(*) FROM crm.find_duplicates_by_key('by_numeric', decisions => 'watched');
TRUNCATE decisions;
INSERT INTO decisions VALUES ('015', '17', false), ('8', '19', true), ('19', 'x', true);
-- in training, too
SELECT crm.train_matching('by_domain', 'decisions')->'sample'->'decisions' AS decisions;
-- a CRM's decisions about keys of a fixed length
SELECT crm.create_tables('regress_crm_matching_keys', parts => 'matching') IS NULL AS failed;
SELECT mark_different('by_code', 'ab7', 'ab9');
SELECT left_key, right_key FROM match_decisions;
DROP SCHEMA regress_crm_matching_keys CASCADE;
