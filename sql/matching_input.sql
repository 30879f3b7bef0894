-- What matching reads, and input that nobody would wish for: a defined result or a
-- clear error, in a short time.
\set SHOW_CONTEXT never
CREATE SCHEMA regress_crm_input;
SET search_path = regress_crm_input;
SET statement_timeout = '60s';
-- pairs, members of groups, and whether a model is made
CREATE FUNCTION pg_temp.results(relation regclass, OUT pairs bigint, OUT grouped bigint, OUT model boolean) LANGUAGE sql AS $$
	SELECT (SELECT count(*) FROM crm.find_duplicates_by_key(relation)), (SELECT count(*) FROM crm.duplicate_groups_by_key(relation)),
		(SELECT count(*) >= 0 FROM crm.find_duplicates_by_key(relation, model => crm.train_matching(relation))) $$;

-- nobody, one, two
CREATE TABLE people (id int PRIMARY KEY, first_name text, last_name text, email text, phone text, city text);
SELECT * FROM pg_temp.results('people');
SELECT * FROM crm.matching_input('people');
SELECT section, item, pairs FROM crm.matching_report('people') WHERE section = 'contacts';
SELECT crm.train_matching('people')->'contacts' AS contacts;
INSERT INTO people VALUES (1, 'Ada', 'Byron', 'ada@byron.example', '020 7946 0958', 'London');
SELECT * FROM pg_temp.results('people');
INSERT INTO people VALUES (2, 'Ada', 'Byron', 'ada@byron.example', '020 7946 0958', 'London');
SELECT model FROM pg_temp.results('people');
SELECT left_id, right_id, probability BETWEEN 0 AND 1 AS probability FROM crm.find_duplicates('people', 0);

-- all rows equal; all values null; all values the same placeholder
INSERT INTO people SELECT g, 'Ada', 'Byron', 'ada@byron.example', '020 7946 0958', 'London' FROM generate_series(3, 20000) AS g;
SELECT model FROM pg_temp.results('people');
-- keys that too many share bring nobody together; with a model nobody knows how many share them
CREATE TABLE crowd AS SELECT g AS id, 'Ada' AS first_name, 'Byron' AS last_name, 'ada@byron.example' AS email, translate(md5(g::text), '0123456789', 'ghijklmnop') AS city FROM generate_series(1, 5000) AS g;
SELECT blocking_keys FROM crm.explain_match('crowd', 1, 2) WHERE field = 'prior';
SELECT blocking_keys LIKE 'in common: %e-mail%' AS in_common FROM crm.explain_match('crowd', 1, 2, crm.train_matching('crowd')) WHERE field = 'prior';
CREATE TABLE nothing AS SELECT g AS id, NULL::text AS first_name, NULL::text AS last_name, NULL::jsonb AS emails, NULL::date AS date_of_birth FROM generate_series(1, 5000) AS g;
SELECT * FROM pg_temp.results('nothing');
SELECT column_name, used_as, filled, filled_share, usable, distinct_values FROM crm.matching_input('nothing');
CREATE TABLE placeholders AS SELECT g AS id, (ARRAY['Ada', 'Ben', 'Cleo', 'Dirk', 'Esra', 'Femi', 'Greta', 'Hugo'])[1 + g % 8] AS first_name, translate(substr(md5(g::text), 1, 9), '0123456789', 'ghijklmnop') AS last_name, 'info@example.com' AS email, '0000000000' AS phone, '1900-01-01' AS date_of_birth, 'n/a' AS city FROM generate_series(1, 3000) AS g;
SELECT count(*) < 30 AS few FROM crm.duplicate_groups('placeholders');

-- long values, other scripts, broken addresses, empty strings, dates that are none
CREATE TABLE strange (id text PRIMARY KEY, first_name text, last_name text, email text, phone text, date_of_birth text, street text, postal_code text, state text, country text, company text, job_title text, gender text);
INSERT INTO strange SELECT 'long ' || g, repeat('Ann', 3500), repeat('é', 5000) || g % 2, repeat('a', 5000) || '@' || repeat('b', 5000), repeat('1', 10000), repeat('9', 10000),
	repeat('x y ', 3000), repeat('1', 10000), repeat('山', 4000), repeat('ß', 9000), repeat('GmbH ', 2000), repeat(chr(128512), 3000), repeat('m', 10000) FROM generate_series(1, 20) AS g;
INSERT INTO strange (id, first_name, last_name, email, phone, date_of_birth, company) VALUES
	('a', '山田', '太郎', '太郎@例え.example', '+81 3-1234-5678', '昭和六十年', '株式会社例'), ('b', '太郎', '山田', '太郎@例え.example', '+81312345678', NULL, '例株式会社'),
	('c', 'Иван', 'Петров', 'ivan@почта.example', NULL, '31.12.1980', 'ООО Пример'), ('d', 'Ivan', 'Petrov', 'ivan@почта.example', NULL, '1980-12-31', NULL),
	('e', '', ' ', '@', '+', '-', ''), ('f', E'\t\n', U&'\200B\FEFF', 'a@', '()', '0000-00-00', '.'), ('g', '''"\%_', '$1', 'x@@y', 'ext 5', '99/99/9999', ';'),
	('h', 'محمد', 'علي', NULL, '٠١٢٣', '1980', NULL), ('i', U&'e\0301', U&'\1F600', '"a b"@[127.0.0.1]', NULL, 'infinity', NULL);
SELECT pairs > 0 AS pairs, model FROM pg_temp.results('strange');
SELECT left_key, right_key FROM crm.find_duplicates_by_key('strange') WHERE left_key !~ 'long' ORDER BY 1;
SELECT max(length(left_normal)) <= 64 * 3 + 4 AS short, max(length(left_value)) FROM crm.explain_match_by_key('strange', 'long 1', 'long 2');
-- json that no jsonb can be made of
CREATE TABLE of_json (id int, last_name text, emails json, phones json[]);
INSERT INTO of_json VALUES (1, 'Zawadzki', '["a\u0000b@x.example"]', ARRAY['1e1000000', '"030 1234567"']::json[]), (2, 'Zawadzki', '[1e1000000, "z@zawadzki.example"]', ARRAY['{"number": "\ud800"}', '["030 1234567"]']::json[]),
	(3, 'Zawadzki', '{"home": "z@zawadzki.example"}', NULL), (4, 'Meier', 'null', ARRAY[NULL]::json[]);
SELECT left_id, right_id, evidence->'email'->>'level' AS email, evidence->'phone'->>'level' AS phone FROM crm.find_duplicates('of_json', 0.01) ORDER BY 1, 2;
SELECT column_name, data_type, filled, usable, distinct_values FROM crm.matching_input('of_json') WHERE column_name ~ 's$';
SELECT left_value, right_value, left_normal, right_normal FROM crm.explain_match('of_json', 1, 2) WHERE field IN ('email', 'phone');
SELECT duplicate_id FROM crm.duplicates_of('of_json', 2) ORDER BY 1;
-- a user's text is no format, and no SQL
CREATE TABLE "a'b""%s %d" ("key;--%s" text PRIMARY KEY, first_name text, last_name text);
INSERT INTO "a'b""%s %d" VALUES ('%s', 'Ada', 'Byron'), ('%d''', 'Ada', 'Byron');
SELECT left_key, right_key FROM crm.find_duplicates_by_key('"a''b""%s %d"', 0);
SELECT count(*) > 2 AS explained FROM crm.explain_match_by_key('"a''b""%s %d"', '%s', '%d''', crm.train_matching('"a''b""%s %d"'));
SELECT * FROM crm.explain_match_by_key('"a''b""%s %d"', '%n', '%s');
SELECT count(*) FROM crm.find_duplicates_by_key('people', decisions => '"a''b""%s %d"');

-- keys: of every integer type, of others, none, twice, null
CREATE VIEW small AS SELECT id::smallint, first_name, last_name FROM people WHERE id <= 2;
SELECT left_id, right_id FROM crm.find_duplicates('small', 0);
CREATE TABLE by_primary_key (person varchar(9) PRIMARY KEY, last_name text);
INSERT INTO by_primary_key VALUES ('x', 'Zawadzka'), ('a', 'Zawadzka');
SELECT left_key, right_key FROM crm.find_duplicates_by_key('by_primary_key', 0);
SELECT * FROM crm.find_duplicates('by_primary_key');
SELECT * FROM crm.duplicate_groups('by_primary_key');
SELECT * FROM crm.explain_match('by_primary_key', 1, 2);
CREATE TABLE two_columns (a int, b int, last_name text, PRIMARY KEY (a, b));
SELECT * FROM crm.find_duplicates('two_columns');
CREATE VIEW no_key AS SELECT last_name FROM by_primary_key;
SELECT * FROM crm.find_duplicates_by_key('no_key');
CREATE VIEW twice AS SELECT id % 10 AS id, last_name FROM people;
SELECT * FROM crm.find_duplicates('twice');
CREATE VIEW twice_text AS SELECT (id % 10)::text AS id, last_name FROM people;
SELECT * FROM crm.duplicate_groups_by_key('twice_text');
CREATE VIEW without AS SELECT nullif(id, 2) AS id, first_name, last_name FROM people WHERE id <= 3;
SELECT left_id, right_id FROM crm.find_duplicates('without', 0);
CREATE VIEW negative AS SELECT v.id, 'Zoltan' AS first_name, 'Zawadzki' AS last_name, 'z@zawadzki.example' AS email FROM (VALUES (-9223372036854775808), (9223372036854775807), (0)) AS v (id);
SELECT left_id, right_id FROM crm.find_duplicates('negative', 0) ORDER BY 1, 2;

-- columns: too few, near misses, unknown ones, other names
CREATE TABLE too_little (id int, city text, date_of_birth date);
SELECT * FROM crm.find_duplicates('too_little');
SELECT * FROM crm.matching_input('too_little');
CREATE TABLE near_miss (id int, fist_name text, "lastName" text, zip text, email text, whatever text);
INSERT INTO near_miss VALUES (1, 'Ada', 'Byron', '1', 'ada@byron.example', 'x');
SELECT count(*) FROM crm.find_duplicates('near_miss');
SELECT column_name, used_as, note FROM crm.matching_input('near_miss');
CREATE TABLE dropped (id int, last_name text, city text);
ALTER TABLE dropped DROP COLUMN city;
INSERT INTO dropped VALUES (1, 'Byron');
SELECT * FROM pg_temp.results('dropped');
SELECT column_name FROM crm.matching_input('dropped');
-- what archives a row: a date or a timestamp that is there; and a word if that leaves nobody
CREATE DOMAIN instant AS timestamptz;
CREATE TABLE flagged (id int, last_name text, email text, archived_at boolean NOT NULL DEFAULT false);
INSERT INTO flagged VALUES (1, 'Zawadzki', 'z@zawadzki.example'), (2, 'Zawadzki', 'z@zawadzki.example');
SELECT left_id, right_id FROM crm.find_duplicates('flagged');
SELECT count(*) > 0 AS explained FROM crm.explain_match('flagged', 1, 2, crm.train_matching('flagged'));
SELECT column_name, data_type, used_as, note FROM crm.matching_input('flagged') WHERE column_name = 'archived_at';
CREATE VIEW put_away AS SELECT id, last_name, email, now()::instant AS archived_at FROM flagged;
SELECT count(*) FROM crm.find_duplicates('put_away');
SELECT column_name, data_type, used_as, note FROM crm.matching_input('put_away') WHERE column_name = 'archived_at';
CREATE VIEW one_put_away AS SELECT id, last_name, email, CASE WHEN id = 1 THEN date '2024-02-29' END AS archived_at FROM flagged;
SELECT count(*) FROM crm.find_duplicates('one_put_away');
CREATE VIEW none_put_away AS SELECT id, last_name, email, NULL::timestamp AS archived_at FROM flagged WHERE id < 0;
SELECT count(*) FROM crm.find_duplicates('none_put_away');
-- a column dropped after training
CREATE TABLE trained AS SELECT crm.train_matching('people') AS model;
ALTER TABLE people DROP COLUMN city, DROP COLUMN phone;
SELECT count(*) >= 0 AS runs FROM crm.find_duplicates('people', model => (SELECT model FROM trained));

-- relations that are none, views that fail, partitions, a foreign table's cousin: a materialized view
CREATE SEQUENCE numbers;
SELECT * FROM crm.find_duplicates('numbers');
SELECT * FROM crm.find_duplicates('people_pkey');
SELECT * FROM crm.find_duplicates('no_such_table');
SELECT * FROM crm.find_duplicates(4294967295::oid::regclass);
CREATE VIEW failing AS SELECT id, last_name, (10000 / (10000 - id))::text AS email FROM people;
SELECT * FROM crm.find_duplicates('failing');
SELECT crm.train_matching('failing');
BEGIN;
SAVEPOINT s;
SELECT * FROM crm.duplicate_groups('failing');
ROLLBACK TO s;
SELECT count(*) FROM crm.find_duplicates('near_miss');
COMMIT;
-- a view that writes, in a query that is parallel but for it
ANALYZE people;
CREATE TABLE seen (id int);
CREATE FUNCTION see(id int) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO seen VALUES (id); RETURN id; END $$;
CREATE VIEW seeing AS SELECT see(id) AS id, last_name, email FROM (VALUES (1, 'Byron', 'ada@byron.example'), (2, 'Byron', 'ada@byron.example')) AS v (id, last_name, email);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SELECT p.id, (SELECT count(*) FROM crm.find_duplicates('seeing', 0) WHERE left_id <= p.id) AS pairs,
	(SELECT count(*) > 0 FROM crm.explain_match('seeing', 1, 2) WHERE weight <> p.id) AS explained,
	(SELECT count(*) FROM crm.duplicates_of('seeing', 1, 0) WHERE duplicate_id <> p.id) AS others
FROM people AS p WHERE p.id % 10000 = 1 ORDER BY p.id;
SELECT count(*) > 0 AS written FROM seen;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
CREATE TABLE parted (id int, last_name text, email text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (1) TO (10);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20);
INSERT INTO parted VALUES (1, 'Zawadzki', 'z@zawadzki.example'), (11, 'Zawadzki', 'z@zawadzki.example'), (12, 'Meier', NULL);
SELECT left_id, right_id FROM crm.find_duplicates('parted') ORDER BY 1;
CREATE MATERIALIZED VIEW stored AS SELECT * FROM parted;
SELECT left_id, right_id FROM crm.find_duplicates('stored') ORDER BY 1;
CREATE TEMP TABLE temporary AS SELECT * FROM parted;
SELECT left_id, right_id FROM crm.find_duplicates('temporary') ORDER BY 1;
-- nobody's search_path, and nobody's operators
CREATE FUNCTION never(int, int) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;
CREATE OPERATOR = (LEFTARG = int, RIGHTARG = int, FUNCTION = never);
CREATE FUNCTION text(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE 'called'; END $$;
SET search_path = regress_crm_input, pg_catalog;
SELECT left_id OPERATOR(pg_catalog.<) right_id AS found FROM crm.find_duplicates('parted') LIMIT 1;
SELECT count(*) OPERATOR(pg_catalog.>) 0 AS found FROM crm.explain_match('parted', 1, 11, crm.train_matching('parted'));
SET search_path = '';
SELECT count(*) OPERATOR(pg_catalog.>) 0 AS found FROM crm.find_duplicates('regress_crm_input.parted');
RESET search_path;
-- a query that is cancelled leaves nothing behind
SET statement_timeout = '1ms';
SELECT * FROM crm.find_duplicates('regress_crm_input.placeholders');
RESET statement_timeout;
SELECT count(*) FROM crm.find_duplicates('regress_crm_input.near_miss');

SET client_min_messages = warning;
DROP SCHEMA regress_crm_input CASCADE;
