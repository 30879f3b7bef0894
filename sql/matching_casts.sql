-- Casts and domains are their owner's: whoever reads his table does not run them.
\set SHOW_CONTEXT never
CREATE ROLE regress_crm_caster;
CREATE SCHEMA regress_crm_casts AUTHORIZATION regress_crm_caster;
SET search_path = regress_crm_casts;
SET ROLE regress_crm_caster;
CREATE FUNCTION told(what text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
	IF current_user <> 'regress_crm_caster' THEN RAISE WARNING 'code of the owner runs: %', what; END IF;
	RETURN true; END $$;
CREATE TYPE e AS ENUM ('Anna', 'Bob', 'Cid');
CREATE FUNCTION e_text(e) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_crm_casts.told('e to text'); RETURN 'Dora'; END $$;
CREATE FUNCTION text_e(text) RETURNS e IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_crm_casts.told('text to e'); RETURN 'Anna'; END $$;
CREATE CAST (e AS text) WITH FUNCTION e_text(e);
CREATE CAST (text AS e) WITH FUNCTION text_e(text);
CREATE TYPE place AS (street text, e e);
CREATE FUNCTION place_text(place) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM regress_crm_casts.told('place to text'); RETURN 'x'; END $$;
CREATE CAST (place AS text) WITH FUNCTION place_text(place);
CREATE FUNCTION ok(text) RETURNS boolean IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN regress_crm_casts.told('check'); END $$;
CREATE DOMAIN d AS text CHECK (regress_crm_casts.ok(VALUE));
CREATE DOMAIN de AS e CHECK (regress_crm_casts.told('check of e'));
CREATE TABLE by_number (id bigint PRIMARY KEY, first_name e, middle_name de, last_name text, email text, additional_emails e[], street place);
INSERT INTO by_number SELECT n, 'Anna', CASE n WHEN 1 THEN 'Bob'::de END, 'Zawadzka', 'anna@zawadzka.example', '{Cid}', ROW('Rynek 7', NULL)::place FROM generate_series(1, 2) AS n;
INSERT INTO by_number VALUES (3, NULL, NULL, 'Zawadzka', 'anna@zawadzka.example', NULL, NULL);
CREATE TABLE by_e AS SELECT ('{Anna,Bob}'::e[])[id] AS id, 'Anna' AS first_name, last_name, email FROM by_number WHERE id < 3;
CREATE TABLE by_de AS SELECT id::de AS id, first_name, last_name, email FROM by_e;
CREATE TABLE by_d (id d PRIMARY KEY, first_name text, last_name text, email text);
INSERT INTO by_d SELECT chr(96 + id::int), 'Anna', last_name, email FROM by_number WHERE id < 3;
CREATE TABLE by_place AS SELECT (id::text, 'Cid')::place AS id, 'Anna' AS first_name, last_name, email FROM by_number WHERE id < 3;
CREATE TABLE said (left_key e, right_key de, same boolean);
INSERT INTO said VALUES ('Anna', 'Bob', false);
CREATE TABLE said_of_places AS SELECT '(1,Cid)'::place AS left_key, '(2,Cid)'::text AS right_key, true AS same;
RESET ROLE;
SET client_min_messages = warning;

-- values are what their type writes
SELECT left_id, right_id FROM crm.find_duplicates('by_number') ORDER BY 1, 2;
SELECT column_name, data_type, filled, usable FROM crm.matching_input('by_number') WHERE column_name IS NOT NULL AND filled > 0 ORDER BY 1;
SELECT count(*) FROM crm.match_contact('by_number', first_name => 'Anna', last_name => 'Zawadzka', email => 'anna@zawadzka.example');
SELECT jsonb_typeof(crm.train_matching('by_number')) AS model;
SELECT field, left_value, right_value FROM crm.explain_match('by_number', 1, 2) WHERE left_value IS NOT NULL ORDER BY 1;
SELECT field, left_value, right_value FROM crm.explain_match('by_number', 1, 3) WHERE left_value IS NOT NULL ORDER BY 1;

-- keys, in both directions
CREATE FUNCTION pg_temp.asked(relation regclass, decisions regclass, a text, b text) RETURNS TABLE (found text) LANGUAGE sql AS $$
	SELECT 'pair ' || left_key || ' ' || right_key FROM crm.find_duplicates_by_key(relation)
	UNION ALL SELECT 'decided ' || left_key || ' ' || right_key FROM crm.find_duplicates_by_key(relation, decisions => decisions)
	UNION ALL SELECT 'of ' || duplicate_key FROM crm.duplicates_of_by_key(relation, a)
	UNION ALL SELECT 'decided of ' || duplicate_key || coalesce(' ' || (evidence->>'decision'), '') FROM crm.duplicates_of_by_key(relation, a, decisions => decisions)
	UNION ALL SELECT 'why ' || field FROM crm.explain_match_by_key(relation, a, b) WHERE field = 'email' $$;
SELECT * FROM pg_temp.asked('by_e', 'said', 'Anna', 'Bob');
SELECT * FROM pg_temp.asked('by_de', 'said', 'Anna', 'Bob');
SELECT * FROM pg_temp.asked('by_d', 'said', 'a', 'b');
SELECT * FROM pg_temp.asked('by_place', 'said_of_places', '(1,Cid)', '(2,Cid)');
SELECT count(*) FROM crm.duplicates_of_by_key('by_e', 'Cid');
SELECT count(*) FROM crm.duplicates_of_by_key('by_e', 'nobody');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.create_tables('regress_crm_casts', parts => 'matching') IS NULL AS failed;
SELECT mark_different('by_de', 'Bob', 'Anna');
SELECT left_key, right_key FROM match_decisions;
SELECT forget_decision('by_de', 'Anna', 'Bob');

SET client_min_messages = warning;
DROP SCHEMA regress_crm_casts CASCADE;
DROP ROLE regress_crm_caster;
