-- Keys of contacts, the operator class, and the index.
\set SHOW_CONTEXT never
CREATE ROLE regress_crm_owner;
CREATE ROLE regress_crm_reader;
CREATE SCHEMA regress_crm_mi AUTHORIZATION regress_crm_owner;
GRANT USAGE ON SCHEMA regress_crm_mi TO regress_crm_reader;
SET ROLE regress_crm_owner;
SET search_path = regress_crm_mi;

-- the keys are frozen: indexes are made of them
SELECT crm.match_keys(first_name => 'Anna', last_name => 'Zimmermann', email => 'anna.z@example.com', phone => '+49 30 1234567',
	date_of_birth => date '1980-02-03', street => 'Hauptstr. 5', city => 'Berlin', postal_code => '10115', company => 'Acme GmbH');
SELECT crm.match_keys(), crm.match_keys('', '', ''), crm.match_keys(email => 'x', phone => '12');
-- types that mean the same make the same keys
CREATE TABLE typed (t text, v varchar(60), b char(60), d date, ts timestamp, i bigint, j jsonb, a text[]);
INSERT INTO typed VALUES ('anna.z@example.com', 'anna.z@example.com', 'anna.z@example.com', '1980-02-03', '1980-02-03 23:59:59', 301234567,
	'[{"email": "anna.z@example.com", "kind": "work"}, "ann@example.org", 7, null]', '{anna.z@example.com,NULL,ann@example.org}');
SELECT crm.match_keys(email => t) = crm.match_keys(email => v) AS varchar, crm.match_keys(email => t) = crm.match_keys(email => b) AS char,
	crm.match_keys(email => t) = crm.match_keys(email => 'anna.z@example.com') AS unknown,
	crm.match_keys(date_of_birth => d) = crm.match_keys(date_of_birth => '1980-02-03'::text) AS date,
	crm.match_keys(date_of_birth => d) = crm.match_keys(date_of_birth => ts) AS timestamp,
	crm.match_keys(phone => i) = crm.match_keys(phone => '0301234567'::text) AS bigint,
	crm.match_keys(emails => j) = crm.match_keys(emails => a) AS lists,
	crm.match_keys(emails => j) = crm.match_keys(email => t, additional_emails => '["ann@example.org"]'::jsonb) AS together
FROM typed;
SELECT crm.match_keys(date_of_birth => date 'infinity'), crm.match_keys(date_of_birth => date '0044-03-15 BC'), crm.match_keys(emails => 'null'::jsonb), crm.match_keys(emails => '{}'::text[]);
-- the order of names and of lists is no difference
SELECT crm.match_keys(first_name => 'Anna', last_name => 'Zimmermann') = crm.match_keys(full_name => 'Anna Zimmermann') AS full_name,
	crm.match_keys(emails => '["a.b.c@x.de","d.e.f@x.de"]'::jsonb) = crm.match_keys(emails => '["d.e.f@x.de","a.b.c@x.de"]'::jsonb) AS lists;
-- no more than so many, and quick whatever is typed
SELECT cardinality(crm.match_keys(first_name => 'Bill', last_name => 'Zimmermann Lopez', emails => '["a.first@x.de","b.second@x.de","c.third@x.de","d.fourth@x.de"]'::jsonb,
	phones => '["0301234567","0301234568","0301234569","0301234560"]'::jsonb, date_of_birth => date '1980-02-03', street => 'Hauptstr. 5', city => 'Berlin', postal_code => '10115', company => 'Acme GmbH')) <= 24 AS bounded;
SELECT crm.match_keys(last_name => repeat('ä', 1000000)) = crm.match_keys(last_name => repeat('ä', 2000000)) AS long_name,
	crm.match_keys(emails => jsonb_build_array(repeat('x', 2000000) || '@x.de')) AS long_list;
-- json is read as jsonb is
SELECT v FROM (VALUES ('["ann@example.org", "bob@example.org"]'), ('"ann@example.org"'), ('[{"label": "work", "email": "ann@example.org"}, {"value": "bob@example.org"}]'),
	('{"work": "ann@example.org", "note": "no address", "more": ["bob@example.org"]}'), ('[[[["ann@example.org"]]], [[[[["bob@example.org"]]]]]]'), ('{"mail": "bob@example.org", "email": {"x": 1}}'),
	('{"email": "x@example.org", "email": "ann@example.org"}'), ('{"\u0065mail": "a\u006e\u006E@ex\u0061mple.org", "value": "bob@example.org"}'), ('["J\u00fcrgen@example.org", "\ud83d\ude00@example.org"]'),
	('["\"a\\b\/\"@example.org", "\b\f\n\r\tann@example.org"]'), (' [ ] '), ('{}'), ('null'), ('[null, true, false, -1.5, {"email": null}, "ann@example.org"]'), ('["jürgen@example.org"]'),
	('["' || repeat('é', 300) || '@example.org"]'), ('["' || repeat('\u00e9', 300) || '@example.org"]'), ('["' || repeat('a', 255) || 'é@example.org"]')) AS v (v)
WHERE crm.match_keys(emails => v::json) IS DISTINCT FROM crm.match_keys(emails => v::jsonb) OR crm.match_keys(last_name => v::json, company => v::json) IS DISTINCT FROM crm.match_keys(last_name => v::jsonb, company => v::jsonb)
	OR crm.match_keys(emails => ARRAY[v::json, NULL]) IS DISTINCT FROM crm.match_keys(emails => v::jsonb);
SELECT v FROM (VALUES ('[4402079460958, "020 7946 0959"]'), ('[{"e164": 4402079460958}, {"number": "020 7946 0959", "e164": "x"}]'), ('{"mobile": "020 7946 0958", "pin": 1234567, "note": "a123456"}')) AS v (v)
WHERE crm.match_keys(phones => v::json) IS DISTINCT FROM crm.match_keys(phones => v::jsonb) OR cardinality(crm.match_keys(phones => v::json)) = 0;
-- of members of one name the last counts, whatever it is
SELECT v, cardinality(crm.match_keys(emails => v::jsonb)) > 0 AS has_value FROM (VALUES ('{"email": "ann@example.org", "email": null}'), ('{"email": "ann@example.org", "email": {"x": 1}}'),
	('{"email": "ann@example.org", "mail": "bob@example.org", "email": []}'), ('{"email": null, "email": "ann@example.org"}'), ('{"email": "ann@example.org", "email": null, "work": "bob@example.org"}')) AS v (v)
WHERE crm.match_keys(emails => v::json) IS NOT DISTINCT FROM crm.match_keys(emails => v::jsonb);
-- but what jsonb cannot hold is no value, and no error
SELECT v FROM (VALUES ('["ann@example.org", "a\u0000b@x.example"]'), ('["ann@example.org", "\ud83dx@x.example", "\ude00@x.example", "\ud83d\u0041@x.example"]'), ('["ann@example.org", 1e1000000, ' || repeat('1', 200000) || ']'),
	('[{"email": "\u0000", "value": "ann@example.org"}]'), ('{"a\u0000": "ann@example.org"}')) AS v (v)
WHERE crm.match_keys(emails => v::json) IS DISTINCT FROM crm.match_keys(emails => '["ann@example.org"]'::jsonb);
SELECT cardinality(crm.match_keys(emails => (repeat('[', 2000) || repeat(']', 2000))::json)) AS deep, crm.match_keys(emails => to_json(repeat('x', 2000000) || '@x.de')) AS long_json;
CREATE TABLE toasted (full_name text);
ALTER TABLE toasted ALTER full_name SET STORAGE EXTERNAL;
INSERT INTO toasted VALUES ('Anna Zimmermann' || repeat(' ', 100000)), (repeat('Anna ', 3) || repeat(' ', 300000));
SELECT crm.match_keys(full_name => full_name) = crm.match_keys(full_name => 'Anna Zimmermann') AS same FROM toasted;
-- types that say nothing
SELECT crm.match_keys(email => 1.5);
SELECT crm.match_keys(email => NULL::interval);

-- the operator
SELECT '{1,2}'::bigint[] OPERATOR(crm.&&&) '{2,3}', '{1,2}'::bigint[] OPERATOR(crm.&&&) '{3}', '{}'::bigint[] OPERATOR(crm.&&&) '{}',
	'{3,1}'::bigint[] OPERATOR(crm.&&&) '{2,1}', '{1,NULL}'::bigint[] OPERATOR(crm.&&&) '{1}', '{{1},{2}}'::bigint[] OPERATOR(crm.&&&) '{1}', NULL OPERATOR(crm.&&&) '{1}'::bigint[];
-- who has crm in his search path has no other operators of arrays by it
BEGIN;
SET LOCAL search_path = crm, pg_catalog;
SELECT '{1,NULL}'::bigint[] && '{1}' AS of_arrays, '{1,NULL}'::bigint[] &&& '{1}' AS of_keys;
COMMIT;
-- long ones in any order: seconds, not hours
SET statement_timeout = '20s';
SELECT (SELECT array_agg(-n) FROM generate_series(1::bigint, 400000) AS n) OPERATOR(crm.&&&) (SELECT array_agg(500000 - n) FROM generate_series(1::bigint, 400000) AS n) AS none,
	(SELECT array_agg(-n) FROM generate_series(1::bigint, 400000) AS n) OPERATOR(crm.&&&) (SELECT array_agg(399999 - n) || '{-400000}'::bigint[] FROM generate_series(1::bigint, 400000) AS n) AS one;
RESET statement_timeout;
SELECT proname, proleakproof, provolatile, proparallel, proisstrict FROM pg_proc WHERE pronamespace = 'crm'::regnamespace AND proname IN ('match_keys', 'match_keys_overlap') ORDER BY 1;
SELECT amvalidate(oid) FROM pg_opclass WHERE opcname = 'match_keys_ops';

-- the index
CREATE TABLE contacts (id bigint PRIMARY KEY, first_name varchar(40), last_name text, email text, additional_emails jsonb, phone text, date_of_birth date, postcode text, secret boolean NOT NULL DEFAULT false);
INSERT INTO contacts SELECT g, 'Name' || chr(97 + g % 26), 'Family' || chr(97 + g / 26 % 26) || chr(97 + g / 676), 'user' || g || '@example.com', NULL, to_char(g, '0300000009999'), date '1950-01-01' + g * 7, to_char(g, '09999') FROM generate_series(1, 3000) AS g;
SELECT crm.create_match_index('contacts');
SELECT crm.create_match_index('contacts');
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'contacts'::regclass ORDER BY 1;
ALTER INDEX contacts_match_keys_idx RENAME TO "any other name";
SELECT crm.create_match_index('contacts');
-- what the index answers is what a look at every row answers
CREATE TEMP TABLE probes AS SELECT id, crm.match_keys(first_name => first_name, last_name => last_name, email => email, additional_emails => additional_emails, phone => phone, date_of_birth => date_of_birth, postal_code => postcode) AS keys FROM contacts WHERE id % 97 = 0;
CREATE FUNCTION pg_temp.found() RETURNS bigint LANGUAGE sql AS $$
	SELECT sum(c.id * p.id) FROM probes AS p JOIN contacts AS c ON crm.match_keys(first_name => c.first_name, last_name => c.last_name, email => c.email, additional_emails => c.additional_emails, phone => c.phone, date_of_birth => c.date_of_birth, postal_code => c.postcode) OPERATOR(crm.&&&) p.keys $$;
SELECT pg_temp.found() AS by_index \gset
BEGIN;
SET LOCAL enable_bitmapscan = off;
SELECT pg_temp.found() = :by_index AS same, :by_index > 0 AS found;
ROLLBACK;
-- the planner takes it: with a constant, with a parameter, in a join, without statistics, and through a policy
CREATE FUNCTION pg_temp.nodes(statement text) RETURNS TABLE (node text) LANGUAGE plpgsql AS $$
DECLARE line text;
BEGIN
	FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
		IF line ~ 'Scan|Nested|Hash' THEN node := substring(line FROM '\S.*'); RETURN NEXT; END IF;
	END LOOP;
END $$;
CREATE VIEW keyed AS SELECT id, secret, crm.match_keys(first_name => first_name, last_name => last_name, email => email, additional_emails => additional_emails, phone => phone, date_of_birth => date_of_birth, postal_code => postcode) AS keys FROM contacts;
SELECT * FROM pg_temp.nodes($$ SELECT id FROM keyed WHERE keys OPERATOR(crm.&&&) '{1,2,3}' $$);
PREPARE find (bigint[]) AS SELECT id FROM keyed WHERE keys OPERATOR(crm.&&&) $1;
SET plan_cache_mode = force_generic_plan;
SELECT * FROM pg_temp.nodes('EXECUTE find (''{1,2}'')');
SELECT * FROM pg_temp.nodes('SELECT count(*) FROM probes AS p JOIN keyed AS c ON c.keys OPERATOR(crm.&&&) p.keys');
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY not_secret ON contacts USING (NOT secret AND last_name <> 'nobody');
GRANT SELECT ON contacts TO regress_crm_reader;
GRANT USAGE ON SCHEMA regress_crm_mi TO regress_crm_reader;
SET ROLE regress_crm_reader;
PREPARE find_mine (bigint[]) AS SELECT id FROM contacts WHERE crm.match_keys(first_name => first_name, last_name => last_name, email => email, additional_emails => additional_emails, phone => phone, date_of_birth => date_of_birth, postal_code => postcode) OPERATOR(crm.&&&) $1;
SELECT * FROM pg_temp.nodes('EXECUTE find_mine (''{1,2}'')');
-- that of arrays would not do
SELECT * FROM pg_temp.nodes($$ SELECT id FROM contacts WHERE crm.match_keys(first_name => first_name, last_name => last_name, email => email, additional_emails => additional_emails, phone => phone, date_of_birth => date_of_birth, postal_code => postcode) && '{1,2}' $$);
RESET plan_cache_mode;
-- an index is its owner's to make
SELECT crm.create_match_index('contacts') IS NOT NULL AS there;
SET ROLE regress_crm_owner;
DROP INDEX "any other name";
SET ROLE regress_crm_reader;
SELECT crm.create_match_index('contacts');
SET ROLE regress_crm_owner;

-- views over one table: the index is that table's
CREATE TABLE personen (nr int PRIMARY KEY, vorname text, nachname text, mail text, geboren date, notiz text);
CREATE VIEW people AS SELECT nr AS id, vorname AS first_name, upper(nachname) AS last_name, mail::varchar(100) AS email, geboren AS date_of_birth FROM personen WHERE notiz IS NULL;
INSERT INTO personen SELECT g, 'Name' || chr(97 + g % 26), 'Family' || chr(97 + g / 26 % 26), 'user' || g || '@example.com', date '1950-01-01' + g FROM generate_series(1, 1000) AS g;
SELECT crm.create_match_index('people');
SELECT crm.create_match_index('people');
SELECT * FROM pg_temp.nodes($$ SELECT id FROM people WHERE crm.match_keys(first_name => first_name, last_name => last_name, email => email, date_of_birth => date_of_birth) OPERATOR(crm.&&&) '{1,2}' $$);
-- and the table's own, through it, whose columns have other names
SELECT crm.create_match_index('personen');
CREATE VIEW changing AS SELECT nr AS id, to_char(geboren, 'TMMonth') AS last_name, mail AS email FROM personen;
SELECT crm.create_match_index('changing');
CREATE VIEW joined AS SELECT nr AS id, vorname AS first_name, c.email FROM personen JOIN contacts AS c ON c.id = nr;
SELECT crm.create_match_index('joined');
CREATE VIEW grouped AS SELECT min(nr) AS id, mail AS email FROM personen GROUP BY mail;
SELECT crm.create_match_index('grouped');
CREATE VIEW of_view AS SELECT * FROM people;
SELECT crm.create_match_index('of_view');
CREATE MATERIALIZED VIEW stored AS SELECT * FROM people;
SELECT crm.create_match_index('stored');
-- partitions
CREATE TABLE parted (id bigint, last_name text, email text) PARTITION BY HASH (id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT crm.create_match_index('parted');
SELECT crm.create_match_index('parted');
SELECT count(*) FROM pg_index WHERE indrelid IN ('parted_0'::regclass, 'parted_1'::regclass);
-- columns of types that need a cast
CREATE DOMAIN address AS text CHECK (VALUE LIKE '%@%');
CREATE TABLE odd (id int, email address, phones json, phone numeric, last_name name, company uuid);
SELECT crm.create_match_index('odd');
-- an index that lacks a column hides those who are known by it: whoever asks for one is told
CREATE TABLE narrow (id bigint PRIMARY KEY, first_name text, last_name text, email text, country text, date_of_birth date);
INSERT INTO narrow VALUES (1, 'Carla', 'Montoya', 'carla@example.com', 'ES', '1980-02-03');
CREATE INDEX narrow_idx ON narrow USING gin (crm.match_keys(email => email) crm.match_keys_ops);
SELECT crm.create_match_index('narrow');
SELECT crm.create_duplicate_guard('narrow') IS NOT NULL AS guarded;
SELECT contact_id FROM crm.match_contact('narrow', first_name => 'Carla', last_name => 'Montoya', date_of_birth => '1980-02-03');
-- one that has all is taken before it, whichever is older; another name or expression for a column is not a lack
CREATE INDEX wide_idx ON narrow USING gin (crm.match_keys(full_name => first_name || ' ' || last_name, email => email, date_of_birth => date_of_birth) crm.match_keys_ops);
SELECT crm.create_match_index('narrow');
SELECT contact_id FROM crm.match_contact('narrow', first_name => 'Carla', last_name => 'Montoya', date_of_birth => '1980-02-03');
DROP INDEX narrow_idx, wide_idx;
SELECT crm.create_match_index('narrow');
ALTER TABLE narrow ADD gender text;
SELECT crm.create_match_index('narrow') IS NOT NULL AS there;
ALTER TABLE narrow ADD phone text;
SELECT crm.create_match_index('narrow') IS NOT NULL AS there;
DROP TABLE narrow;
-- nothing to compare by; nothing at all
CREATE TABLE useless (id int, fist_name text);
SELECT crm.create_match_index('useless');
SELECT crm.create_match_index(NULL);

RESET ROLE;
SET client_min_messages = warning;
DISCARD TEMP;
DROP SCHEMA regress_crm_mi CASCADE;
DROP ROLE regress_crm_owner, regress_crm_reader;
