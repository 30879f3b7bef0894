-- One contact against a relation: the answer, and who gets which.
\set SHOW_CONTEXT never
CREATE ROLE regress_crm_owner;
CREATE ROLE regress_crm_reader;
CREATE SCHEMA regress_crm_mc AUTHORIZATION regress_crm_owner;
GRANT USAGE ON SCHEMA regress_crm_mc TO regress_crm_reader;
SET ROLE regress_crm_owner;
SET search_path = regress_crm_mc;
CREATE TABLE contacts (id bigint PRIMARY KEY, first_name text, last_name text, email text, phone text, date_of_birth date, street text, city text, postal_code text, company text, team text NOT NULL DEFAULT 'a');
INSERT INTO contacts SELECT g, 'Name' || chr(97 + g % 26), 'Family' || chr(97 + g / 26 % 26) || chr(97 + g / 676), 'user' || g || '@example.com', to_char(g * 7919, '0300000009999'), date '1950-01-03' + g * 7 FROM generate_series(1001, 4000) AS g;
INSERT INTO contacts (id, first_name, last_name, email, phone, date_of_birth, street, city, postal_code, company) VALUES
	(1, 'William', 'Zimmermann', 'william.zimmermann@example.com', '+49 30 1234567', '1980-02-03', 'Hauptstr. 5', 'Berlin', '10115', 'Acme GmbH'),
	(2, 'Bill', 'Zimmerman', 'w.zimmermann@example.org', '030/1234567', '1980-02-03', NULL, NULL, NULL, 'ACME'),
	(3, 'Berta', 'Zimmermann', NULL, '030 1234567', '1955-07-08', 'Hauptstraße 5', 'Berlin', '10115', NULL),
	(4, 'Olga', 'Petrova', 'olga.petrova@example.com', NULL, NULL, NULL, NULL, NULL, NULL);
ANALYZE contacts;

-- without an index every row is read, and the answer is the same
CREATE TEMP TABLE answers AS SELECT * FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', phone => '0049 30 1234567', date_of_birth => '1980-02-03');
SELECT length(crm.create_match_index('contacts')) > 0 AS made;
SELECT contact_id, probability > 0.9 AS sure, probability BETWEEN 0 AND 1 AS sound, round(match_weight) = round(log(2, (probability / (1 - probability))::numeric)) AS weighs, jsonb_typeof(evidence) FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', phone => '0049 30 1234567', date_of_birth => '1980-02-03');
SELECT count(*) FROM (TABLE answers EXCEPT SELECT * FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', phone => '0049 30 1234567', date_of_birth => '1980-02-03')) AS other;
-- by whatever is known, best first, as it is typed
SELECT contact_id FROM crm.match_contact('contacts', full_name => 'Dr. Bill ZIMMERMANN', date_of_birth => '1980-02-03', company => 'Acme');
SELECT contact_id FROM crm.match_contact('contacts', email => 'Olga.Petrova@example.com', first_name => 'Olga');
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'Petrova', last_name => 'Olga', email => 'olga.petrova@example.com');
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'Nobody', last_name => 'Atall');
SELECT contact_id FROM crm.match_contact('contacts');
SELECT contact_id FROM crm.match_contact('contacts', '', '', '', '', '');
SELECT contact_id FROM crm.match_contact('contacts', first_name => repeat('x', 1000000), email => repeat('y', 1000000));
SELECT count(*) FROM crm.match_contact('contacts', last_name => 'Zimmermann', first_name => 'Berta', phone => '0301234567', min_probability => 0);
SELECT count(*) FROM crm.match_contact('contacts', last_name => 'Zimmermann', first_name => 'Berta', phone => '0301234567', min_probability => 1);
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'Olga', min_probability => 90);
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'Olga', min_probability => 'NaN');
SELECT contact_id FROM crm.match_contact(NULL, first_name => 'Olga');
-- keys as text
SELECT contact_key, probability > 0.9 AS sure FROM crm.match_contact_by_key('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03', min_probability => 0.9);
-- in a join
SELECT n.nr, m.contact_id FROM (VALUES (1, 'Olga', 'Petrova', 'olga.petrova@example.com'), (2, 'No', 'Body', 'n.body@example.com'), (3, 'Will', 'Zimmermann', 'william.zimmermann@example.com')) AS n (nr, f, l, e),
	crm.match_contact('contacts', first_name => n.f, last_name => n.l, email => n.e, min_probability => 0.9) AS m ORDER BY 1, 2;
-- many times in a session
SELECT count(*) FROM generate_series(1, 20), crm.match_contact('contacts', first_name => 'Olga', last_name => 'Petrova', email => 'olga.petrova@example.com');

-- duplicates of one that is there
SELECT duplicate_id FROM crm.duplicates_of('contacts', 1);
SELECT duplicate_id FROM crm.duplicates_of('contacts', 4);
SELECT duplicate_key FROM crm.duplicates_of_by_key('contacts', '2');
SELECT * FROM crm.duplicates_of('contacts', 5);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM crm.duplicates_of('contacts', NULL);
-- the same for both
SELECT (SELECT probability FROM crm.duplicates_of('contacts', 1) WHERE duplicate_id = 2) = (SELECT probability FROM crm.duplicates_of('contacts', 2) WHERE duplicate_id = 1) AS symmetric;
-- who was called different is not shown again
CREATE TABLE decisions (left_key text, right_key text, same boolean, relation regclass);
INSERT INTO decisions VALUES ('2', '1', false, 'contacts'), ('4', '1', false, 'contacts');
SELECT duplicate_id FROM crm.duplicates_of('contacts', 1, decisions => 'decisions');
SELECT duplicate_key FROM crm.duplicates_of_by_key('contacts', '2', decisions => 'decisions');
UPDATE decisions SET relation = 'decisions';
SELECT duplicate_id FROM crm.duplicates_of('contacts', 1, decisions => 'decisions');
ALTER TABLE decisions DROP relation;
SELECT duplicate_id FROM crm.duplicates_of('contacts', 1, decisions => 'decisions');

-- a model that was trained: a pair weighs the same online and where all are compared
CREATE TEMP TABLE models AS SELECT crm.train_matching('contacts') AS model;
SELECT count(*) > 0 AS some, count(*) FILTER (WHERE abs(f.match_weight - d.match_weight) > 1e-5) AS others, count(*) FILTER (WHERE f.evidence IS DISTINCT FROM d.evidence) AS other_evidence
FROM models AS m, LATERAL (SELECT * FROM crm.find_duplicates('contacts', 0.1, m.model) ORDER BY md5(left_id::text), right_id LIMIT 50) AS f, crm.duplicates_of('contacts', f.left_id, 0.05, m.model) AS d WHERE d.duplicate_id = f.right_id;
SELECT count(*) FROM models AS m, crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03', min_probability => 0.9, model => m.model);
SELECT * FROM crm.match_contact('contacts', first_name => 'William', model => '{"chances": 1}');
SELECT count(*) FROM models AS m, crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03', min_probability => 0.9, model => m.model);
-- archived rows are nobody's duplicates; a company may be known by its key
CREATE TABLE staff (id int, first_name text, last_name text, phone_e164 text, phone text, company_id uuid, archived_at timestamptz);
INSERT INTO staff VALUES (1, 'William', 'Zimmermann', '+49301234567', '030 1234567', '00000000-0000-0000-0000-00000000000a', NULL), (2, 'Bill', 'Zimmermann', '+49301234567', NULL, '00000000-0000-0000-0000-00000000000a', now()),
	(3, 'Will', 'Zimerman', NULL, '0301234567', '00000000-0000-0000-0000-00000000000a', NULL);
SELECT crm.create_match_index('staff');
SELECT duplicate_id FROM crm.duplicates_of('staff', 1);
SELECT duplicate_id FROM crm.duplicates_of('staff', 2);

-- whoever asks sees what he may read
GRANT SELECT ON contacts TO regress_crm_reader;
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_team ON contacts FOR SELECT USING (team = 'b');
SET ROLE regress_crm_reader;
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03');
SELECT duplicate_id FROM crm.duplicates_of('contacts', 1);
SET ROLE regress_crm_owner;
UPDATE contacts SET team = 'b' WHERE id = 2;
SET ROLE regress_crm_reader;
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03');
SET ROLE regress_crm_owner;
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03', min_probability => 0.9);
REVOKE SELECT ON contacts FROM regress_crm_reader;
GRANT SELECT (id, first_name) ON contacts TO regress_crm_reader;
SET ROLE regress_crm_reader;
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann');
SET ROLE regress_crm_owner;
CREATE VIEW phone_book WITH (security_barrier = true) AS SELECT id, first_name, last_name, phone FROM contacts WHERE team = 'b';
GRANT SELECT ON phone_book TO regress_crm_reader;
SET ROLE regress_crm_reader;
SET client_min_messages = warning;
SELECT contact_id FROM crm.match_contact('phone_book', first_name => 'William', last_name => 'Zimmerman', phone => '0301234567');
RESET client_min_messages;
SET ROLE regress_crm_owner;

-- a key that half of the table shares is cut, and that is said; who shares another one is found
INSERT INTO contacts (id, first_name, last_name, phone) SELECT g, 'Vor' || chr(97 + g % 26), 'Nach' || translate(md5(g::text), '0123456789', 'ghijklmnop'), '0000000000' FROM generate_series(10001, 14000) AS g;
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03', email => 'william.zimmermann@example.com', phone => '0000000000', min_probability => 0.99);
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'Vor' || chr(97 + 13999 % 26), last_name => 'Nach' || translate(md5('13999'), '0123456789', 'ghijklmnop'), phone => '0000000000', min_probability => 0.9) LIMIT 1;

-- an application's table: other keys, lists, names of its own
CREATE TABLE kunden (nummer uuid PRIMARY KEY, person jsonb, name text, mails jsonb);
INSERT INTO kunden VALUES ('00000000-0000-0000-0000-00000000000a', '{"born": "1980-02-03"}', 'Zimmermann, William', '[{"kind": "work", "address": "wz@example.com"}, {"address": "William.Zimmermann@example.com"}]'),
	('00000000-0000-0000-0000-00000000000b', NULL, 'William Zimmermann', '["william.zimmermann@example.com"]');
CREATE VIEW customers AS SELECT nummer AS id, name AS full_name, mails AS emails, person ->> 'born' AS date_of_birth FROM kunden;
SELECT crm.create_match_index('customers');
SELECT contact_key FROM crm.match_contact_by_key('customers', full_name => 'William Zimmermann', email => 'william.zimmermann@example.com') ORDER BY 1;
SELECT duplicate_key FROM crm.duplicates_of_by_key('customers', '00000000-0000-0000-0000-00000000000A');
SELECT duplicate_key FROM crm.duplicates_of_by_key('customers', 'no uuid');
SELECT contact_id FROM crm.match_contact('customers', full_name => 'William Zimmermann');
SELECT duplicate_id FROM crm.duplicates_of('customers', 1);
SELECT contact_key FROM crm.match_contact_by_key('kunden', full_name => 'William Zimmermann');
CREATE TABLE bare (id int, a text);
SELECT contact_id FROM crm.match_contact('bare', first_name => 'x');
CREATE TABLE empty (id int, last_name text);
SELECT contact_id FROM crm.match_contact('empty', last_name => 'x');
-- partitions
CREATE TABLE parted (id bigint, last_name text, first_name text, email text) PARTITION BY HASH (id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT length(crm.create_match_index('parted')) > 0 AS made;
INSERT INTO parted SELECT g, 'Zimmermann', 'William', 'william.zimmermann@example.com' FROM generate_series(1, 4) AS g;
SELECT contact_id FROM crm.match_contact('parted', first_name => 'William', last_name => 'Zimmermann', email => 'william.zimmermann@example.com', min_probability => 0) ORDER BY 1;
-- changes of the table are noticed
ALTER TABLE contacts DROP COLUMN email CASCADE;
SELECT contact_id FROM crm.match_contact('contacts', first_name => 'William', last_name => 'Zimmermann', date_of_birth => '1980-02-03', min_probability => 0.9);

-- decisions about contacts of other relations say nothing, whatever their keys are
CREATE TABLE by_uuid (id uuid PRIMARY KEY, last_name text, email text);
CREATE TABLE by_number (id int PRIMARY KEY, last_name text, email text);
CREATE TABLE by_date (id date PRIMARY KEY, last_name text, email text);
CREATE DOMAIN code AS varchar(3) CHECK (VALUE ~ '^[a-z]+$');
CREATE TABLE by_code (id code PRIMARY KEY, last_name text, email text);
INSERT INTO by_uuid VALUES ('00000000-0000-0000-0000-00000000000a', 'Montoya', 'carla@example.com'), ('00000000-0000-0000-0000-00000000000b', 'Petrenko', 'dp@example.com');
INSERT INTO by_number VALUES (1, 'Montoya', 'carla@example.com'), (2, 'Petrenko', 'dp@example.com');
INSERT INTO by_date VALUES ('2001-02-03', 'Montoya', 'carla@example.com'), ('2002-03-04', 'Petrenko', 'dp@example.com');
INSERT INTO by_code VALUES ('a', 'Montoya', 'carla@example.com'), ('b', 'Petrenko', 'dp@example.com');
CREATE TABLE said (left_key text, right_key text, same boolean);
INSERT INTO said SELECT k, o, true FROM unnest('{1,2001-02-03,00000000-0000-0000-0000-00000000000a,a}'::text[]) AS k, unnest('{x,9223372036854775808,99999999999,-,2,2002-03-04,00000000-0000-0000-0000-00000000000b,b}'::text[]) AS o;
SET client_min_messages = warning;
SET datestyle = 'ISO';
SELECT duplicate_id FROM crm.duplicates_of('by_number', 1, decisions => 'said');
SELECT duplicate_key FROM crm.duplicates_of_by_key('by_date', '2001-02-03', decisions => 'said');
SELECT duplicate_key FROM crm.duplicates_of_by_key('by_uuid', '00000000-0000-0000-0000-00000000000a', decisions => 'said');
SELECT duplicate_key FROM crm.duplicates_of_by_key('by_code', 'a', decisions => 'said');
RESET datestyle;
RESET client_min_messages;
-- where no index can be made from here, none is promised
CREATE VIEW pairs AS SELECT n.id, n.last_name, d.email FROM by_number AS n JOIN by_date AS d USING (last_name);
SELECT contact_id FROM crm.match_contact('pairs', last_name => 'Montoya', email => 'carla@example.com');
CREATE VIEW single AS SELECT id, last_name, email FROM by_number;
SELECT contact_id FROM crm.match_contact('single', last_name => 'Montoya', email => 'carla@example.com');

RESET ROLE;
SET client_min_messages = warning;
DISCARD TEMP;
DROP SCHEMA regress_crm_mc CASCADE;
DROP ROLE regress_crm_owner, regress_crm_reader;
