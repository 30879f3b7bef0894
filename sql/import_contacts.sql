-- Imports of contacts: every outcome, every kind of refusal, every way to treat what
-- is there already, whatever the size of batches.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_import');
SET search_path = regress_crm_import;
SET DateStyle = 'ISO, DMY';
UPDATE settings SET default_phone_region = 'US';
INSERT INTO users (id, name, email, external_id) VALUES (1, 'Ann', 'ann@our.example', 'U1'), (2, 'Ben', 'ben@our.example', NULL);
INSERT INTO companies (id, name, website, external_id) VALUES (1, 'Acme', 'https://www.acme.example', 'C1'), (2, 'Twin', NULL, NULL), (3, 'twin', NULL, NULL), (4, 'Gone', 'gone.example', 'C4');
UPDATE companies SET archived_at = now() WHERE id = 4;
INSERT INTO contacts (id, first_name, last_name, email, external_id) VALUES (101, 'Old', 'Timer', 'Old.Timer@example.com', 'X1'), (102, 'No', 'Mail', NULL, 'X2'), (103, 'Mail', 'Only', 'mail.only@example.com', NULL);
INSERT INTO contacts (id, last_name, email, external_id, archived_at) VALUES (104, 'Archived', 'archived@example.com', 'X4', now());
ALTER TABLE contacts ALTER id RESTART WITH 1001;
ALTER TABLE companies ALTER id RESTART WITH 11;
ALTER TABLE users ALTER id RESTART WITH 11;
CREATE FUNCTION pg_temp.show(import bigint) RETURNS TABLE (line bigint, outcome text, id bigint, reason text, column_name text, value text) LANGUAGE sql AS $$
	SELECT line, outcome, row_id, reason, column_name, left(value, 40) FROM import_rows WHERE import_id = import ORDER BY id $$;

-- every outcome but updated; what is repaired
CREATE TABLE staged (line text, "First Name" text, last_name text, "E-mail" text, phone text, country text, company text, owner_email text,
	source text, status text, date_of_birth text, email_opt_out text, external_id text, tags text);
\copy staged from stdin with (format csv)
2,Ada,Lovelace, ada@example.com ,+44 20 7946 0958,,Acme,Ann@Our.Example,referral,Lead,10/12/1815,yes,N1,x
3,Bob,Display,"Bob <bob@example.com>",(212) 555-0100,,acme,,,,,,N2,
4,Cy,Mailto,mailto:cy@example.com?subject=hi,030 901820,DE,,,WEBSITE,,,,N3,
5,  Dee  ,NBSP, dee@example.com​ ,,,,,,,,,N4,
6,Eve,Phone,eve@example.com,call me,,,,,,,,N5,
7,Fay,Bad,fay.example.com,,,,,,,,,N6,
8,Gus,Bad,,,,Nowhere Ltd,,,,,,N7,
9,Hal,Bad,,,,Twin,,,,,,N8,
10,Ida,Bad,,,,,nobody@our.example,,,,,N9,
11,Jon,Bad,,,,,,rumour,,,,N10,
12,Kim,Bad,,,,,,,wizard,,,N11,
13,Lea,Bad,,,,,,,,31/02/1990,,N12,
14,Max,Bad,,,,,,,,,perhaps,N13,
15,,,,,,,,,,,,,
16,Old,Again,old.timer@EXAMPLE.com,,,,,,,,,,
17,Other,Again,other@example.com,,,,,,,,,X2,
18,Arc,Again,archived@example.com,,,,,,,,,N18,
19,Arc,Again,,,,,,,,,,X4,
20,Torn,Apart,mail.only@example.com,,,,,,,,,X2,
21,Ada,Twice,ADA@example.com,,,,,,,,,,
22,Ada,Thrice,,,,,,,,,,N1,
23,,,,,,,,,,,,,only a tag
24,Gone,Company,,,,Gone,,,,,,N24,
\.
SET client_min_messages = notice;
SELECT * FROM import_contacts('staged');
SET client_min_messages = warning;
SELECT id, first_name, last_name, email, phone, phone_e164, phone_status, company_id, owner_id, source, status, date_of_birth, email_opt_out, external_id FROM contacts WHERE id > 1000 ORDER BY id;
SELECT id, table_name, staging, on_duplicate, lines, inserted, updated, skipped, duplicate, invalid, imported_by = CURRENT_USER AS by_me, actor, undone_at FROM imports;
SELECT count(*) FROM import_report;
-- again: what is there is skipped, what was invalid is so again; nothing is stored twice
SELECT outcome, count(*) FROM import_contacts('staged') GROUP BY outcome ORDER BY outcome;
SELECT count(*) FROM contacts;
-- report: nothing is stored that is there already
SELECT outcome, count(*) FROM import_contacts('staged', 'report') GROUP BY outcome ORDER BY outcome;
SELECT * FROM pg_temp.show(3) LIMIT 3;

-- update: what the file has replaces what is there, nothing leaves it as it was
TRUNCATE staged;
INSERT INTO staged (line, "First Name", "E-mail", phone, external_id, status, company) VALUES
	(2, 'Adah', 'ada@example.com', '', NULL, NULL, NULL), (3, NULL, 'Bob@example.com', '+1 212 555 0199', 'N2', NULL, NULL), (4, 'Cy', 'cy@example.com', '', 'N3', '', ''),
	(5, 'Moved', 'dee.moved@example.com', NULL, 'N4', 'customer', NULL), (6, 'Given a key', 'mail.only@example.com', NULL, 'N99', NULL, NULL), (7, 'Another key', 'eve@example.com', NULL, 'N77', NULL, NULL),
	(8, 'Archived', 'archived@example.com', NULL, NULL, NULL, NULL), (9, 'Archived', NULL, NULL, 'X4', NULL, NULL), (10, 'Bad', NULL, NULL, 'X1', 'wizard', NULL), (11, 'Torn', 'mail.only@example.com', NULL, 'X1', NULL, NULL);
SELECT line, outcome, id, reason, column_name, value FROM import_contacts('staged', on_duplicate => 'update');
SELECT id, first_name, email, phone, phone_e164, phone_status, phone_version IS NOT NULL AS kept, external_id, status, company_id FROM contacts WHERE id IN (103, 1001, 1002, 1003, 1004, 1005, 1006) OR email = 'archived@example.com' ORDER BY id;
SELECT line, before_image ->> 'email' AS email, before_image ->> 'first_name' AS first_name FROM import_rows WHERE import_id = 4 AND before_image IS NOT NULL ORDER BY line;
-- again: nothing new
SELECT outcome, reason, count(*) FROM import_contacts('staged', on_duplicate => 'update') WHERE outcome = 'skipped' GROUP BY outcome, reason ORDER BY reason;

-- insert: e-mail addresses do not match, the table's constraint does; external_id always does
TRUNCATE staged;
INSERT INTO staged (line, "First Name", "E-mail", external_id) VALUES (2, 'Ada', 'ada@example.com', NULL), (3, 'New', 'new@example.com', 'I1'), (4, 'New', 'new@example.com', 'I2'), (5, 'Same key', NULL, 'I1'), (6, 'Old key', NULL, 'N2');
SELECT line, outcome, id, reason, column_name, value FROM import_contacts('staged', on_duplicate => 'insert');

-- one line after the other, whatever the batch: the outcome does not depend on its size
CREATE FUNCTION pg_temp.outcome_of(mode text, size integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	BEGIN
		SELECT string_agg(concat_ws(' ', r.line, r.outcome, CASE WHEN r.id < 1000 THEN r.id END, regexp_replace(r.reason, '(contact|row) \d{4,}', '\1 N', 'g')), E'\n' ORDER BY r.line) INTO result
		FROM import_contacts('chain', mode, batch_size => size) AS r;
		SELECT concat_ws(E'\n', result, string_agg(concat_ws(' ', c.first_name, c.email, c.external_id, c.job_title), E'\n' ORDER BY c.first_name, c.email, c.external_id)) INTO result FROM contacts AS c WHERE c.first_name ~ '^\d';
		RAISE EXCEPTION SQLSTATE 'ZZ000';
	EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
		RETURN result;
	END;
END $$;
CREATE FUNCTION pg_temp.compare(mode text) RETURNS TABLE (sizes integer[], result text) LANGUAGE sql AS $$
	SELECT array_agg(size ORDER BY size), r FROM (SELECT size, pg_temp.outcome_of(mode, size) AS r FROM unnest('{1,2,3,5,1000}'::integer[]) AS size) AS x GROUP BY r $$;
CREATE TABLE chain (line integer, external_id text, email text, first_name text, date_of_birth text);
-- the first one of an address cannot be stored, the second one can, the third repeats it
INSERT INTO chain VALUES (1, 'K1', 'k1@example.com', '1', 'no date'), (2, NULL, 'K1@example.com', '2', NULL), (3, 'K1', NULL, '3', NULL), (4, NULL, 'k1@example.com', '4', NULL);
-- keys that lead from one line to the next
INSERT INTO chain VALUES (11, 'A', NULL, '11', NULL), (12, 'A', 'b@example.com', '12', NULL), (13, 'C', 'b@example.com', '13', NULL), (14, 'C', 'd@example.com', '14', NULL), (15, 'E', 'd@example.com', '15', NULL);
-- an address that moves away, and one that takes its place
INSERT INTO chain VALUES (21, 'X1', 'moved.timer@example.com', '21', NULL), (22, NULL, 'old.timer@example.com', '22', NULL), (23, NULL, 'moved.timer@example.com', '23', NULL), (24, 'F', 'old.timer@example.com', '24', NULL),
	(25, 'X1', 'old.timer@example.com', '25', NULL), (26, 'X1', 'third.timer@example.com', '26', NULL), (27, 'G', 'third.timer@example.com', '27', NULL);
-- the CHECK of the table refuses the first
ALTER TABLE contacts ADD CONSTRAINT no_thirteen CHECK (first_name <> '31');
INSERT INTO chain VALUES (31, 'H', 'h@example.com', '31', NULL), (32, 'H', 'h2@example.com', '32', NULL), (33, 'I', 'h@example.com', '33', NULL), (34, 'H', 'h@example.com', '34', NULL);
\pset format unaligned
SELECT * FROM pg_temp.compare('skip');
SELECT * FROM pg_temp.compare('update');
SELECT * FROM pg_temp.compare('insert');
SELECT * FROM pg_temp.compare('report');
\pset format aligned
-- the same address on every line: one contact, 300 lines, the last one's values
TRUNCATE chain;
INSERT INTO chain SELECT g, NULL, 'same@example.com', g::text FROM generate_series(1, 300) AS g;
SELECT outcome, count(*), min(line), max(line) FROM import_contacts('chain', 'update') GROUP BY outcome ORDER BY outcome;
SELECT first_name FROM contacts WHERE email = 'same@example.com';
SELECT outcome, count(*), min(line), max(line) FROM import_contacts('chain', 'skip', batch_size => 7) GROUP BY outcome ORDER BY outcome;

-- lines: their numbers decide the order; without, the order of the table
CREATE TABLE numbered (line text, first_name text);
INSERT INTO numbered VALUES ('10', 'ten'), ('2', 'two'), (NULL, 'none'), ('x', 'letter'), ('-1', 'negative'), ('999999999999999999', 'long'), ('9999999999999999999', 'too long'), ('2', 'two again'), ('', 'empty'), ('007', 'seven');
SELECT count(*) FROM import_contacts('numbered');
SELECT r.line, c.first_name FROM import_rows AS r JOIN contacts AS c ON c.id = r.row_id WHERE import_id = (SELECT max(id) FROM imports) ORDER BY r.id;
CREATE TABLE unnumbered AS SELECT first_name FROM numbered;
SELECT count(*) FROM import_contacts('unnumbered');
SELECT r.line, c.first_name FROM import_rows AS r JOIN contacts AS c ON c.id = r.row_id WHERE import_id = (SELECT max(id) FROM imports) ORDER BY r.id;

-- full_name, and the columns that it leaves alone
CREATE TABLE named (full_name text, last_name text, company_id text);
INSERT INTO named VALUES (NULL, 'Single', '1'), ('', 'Single', '999');
SELECT line, outcome, reason FROM import_contacts('named');

-- regions: argument, then country, then the CRM's setting
CREATE TABLE phones (last_name text, phone text, country text);
CREATE VIEW last_phones AS SELECT r.line, c.last_name, outcome, reason, c.phone_e164, c.phone_status, c.phone_version IS NOT NULL AS kept
	FROM import_rows AS r JOIN contacts AS c ON c.id = r.row_id WHERE import_id = (SELECT max(id) FROM imports);
INSERT INTO phones VALUES ('a', '030 901820', NULL), ('b', '030 901820', 'Germany'), ('c', '(212) 555-0100', NULL), ('d', '+49 30 901820', NULL), ('e', '01 40 20 50 50', 'FR');
SELECT count(*) FROM import_contacts('phones');
SELECT * FROM last_phones ORDER BY line;
SELECT count(*) FROM import_contacts('phones', region => 'de');
SELECT * FROM last_phones ORDER BY line;
SELECT count(*) FROM import_contacts('phones', region => 'France');
SELECT last_name, phone_e164 FROM last_phones ORDER BY line;
-- a number normalised for the caller's region is not taken back
SELECT count(*) FROM renormalize_phones();
-- one that somebody corrected stays as long as the number is the same
CREATE TABLE keyed (external_id text, phone text);
INSERT INTO keyed VALUES ('P1', '+1 212 555 0111');
SELECT outcome FROM import_contacts('keyed');
UPDATE contacts SET phone_e164 = '+12125550222' WHERE external_id = 'P1';
SELECT outcome, reason FROM import_contacts('keyed', 'update');
SELECT phone, phone_e164 FROM contacts WHERE external_id = 'P1';
UPDATE keyed SET phone = '+1 212 555 0333';
SELECT outcome, reason FROM import_contacts('keyed', 'update');
SELECT phone, phone_e164, phone_status, phone_version IS NOT NULL AS kept FROM contacts WHERE external_id = 'P1';

-- create_missing: once, for lines that are stored, and the report says so
CREATE TABLE missing (email text, date_of_birth text, company text, company_domain text, company_external_id text, owner_email text, owner_external_id text);
INSERT INTO missing VALUES
	('m1@example.com', '', 'New One', '', '', '', ''), ('m2@example.com', '', 'NEW ONE', 'new-one.example', '', '', ''), ('m3@example.com', '', '', 'www.new-two.example', '', 'Cat <cat@our.example>', ''),
	('m4@example.com', '', 'New Two GmbH', 'https://new-two.example/x', 'NT', 'CAT@our.example', ''), ('m5@example.com', '', '', '', 'NT', '', 'U9'), ('no address', '', 'Never Made', '', '', '', ''),
	('m7@example.com', 'no date', 'Never Made', '', '', '', ''), ('m1@example.com', '', 'Never Made', '', '', '', ''), ('m9@example.com', '', '', 'gmail.com', '', '', ''),
	('m10@example.com', '', '', '', '', 'not an address', ''), ('m11@example.com', '', 'New Three', 'gmail.com', '', '', ''), ('m12@example.com', '', 'Gone', '', '', '', ''), ('m13@example.com', '', 'Twin', '', '', '', '');
BEGIN;
SELECT line, outcome, reason, column_name, value FROM import_contacts('missing');
ROLLBACK;
BEGIN;
SELECT line, outcome, regexp_replace(reason, '\d+', 'N', 'g') AS reason, column_name, value FROM import_contacts('missing', create_missing => true);
SELECT name, website, domain, external_id FROM companies WHERE id NOT BETWEEN 1 AND 4 OR name = 'Acme' ORDER BY id;
SELECT name, email, external_id FROM users ORDER BY id;
SELECT c.email, k.name, u.name FROM contacts AS c LEFT JOIN companies AS k ON k.id = c.company_id LEFT JOIN users AS u ON u.id = c.owner_id WHERE c.email LIKE 'm%@example.com' AND c.id > 1000 ORDER BY c.id;
ROLLBACK;
CREATE FUNCTION pg_temp.made_with(size integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	BEGIN
		SELECT string_agg(concat_ws(' ', r.line, r.outcome, regexp_replace(r.reason, '\d+', 'N', 'g')), ', ' ORDER BY r.line) INTO result FROM import_contacts('missing', create_missing => true, batch_size => size) AS r;
		SELECT concat_ws(' | ', result, string_agg(concat_ws(' ', name, domain), ', ' ORDER BY id)) INTO result FROM companies;
		RAISE EXCEPTION SQLSTATE 'ZZ000';
	EXCEPTION WHEN SQLSTATE 'ZZ000' THEN
		RETURN result;
	END;
END $$;
SELECT count(DISTINCT pg_temp.made_with(size)) FROM unnest('{1,2,3,1000}'::integer[]) AS size;
-- what a constraint of the table refuses after something was made for it is said
BEGIN;
ALTER TABLE contacts ADD CONSTRAINT not_m1 CHECK (email <> 'm1@example.com');
SELECT line, outcome, regexp_replace(reason, '\d+', 'N', 'g') AS reason FROM import_contacts('missing', create_missing => true) ORDER BY line LIMIT 3;
ROLLBACK;
-- a company that cannot be made costs its lines
BEGIN;
ALTER TABLE companies ADD CONSTRAINT no_news CHECK (name NOT LIKE 'New%' OR website IS NOT NULL);
SELECT line, outcome, regexp_replace(reason, '\d+', 'N', 'g') AS reason, column_name FROM import_contacts('missing', create_missing => true) ORDER BY line LIMIT 5;
ROLLBACK;

-- the whole work is done, however much of the result is read
CREATE TABLE ten AS SELECT 'ten' || g || '@example.com' AS email FROM generate_series(1, 10) AS g;
SELECT line FROM import_contacts('ten') LIMIT 1;
SELECT count(*) FROM contacts WHERE email LIKE 'ten%';
DELETE FROM contacts WHERE email LIKE 'ten%';
SELECT (import_contacts('ten', batch_size => 3)).outcome LIMIT 1;
SELECT count(*) FROM contacts WHERE email LIKE 'ten%';
DELETE FROM contacts WHERE email LIKE 'ten%';
BEGIN;
DECLARE c CURSOR FOR SELECT line, outcome FROM import_contacts('ten', batch_size => 4);
FETCH 2 FROM c;
SELECT count(*) FROM contacts WHERE email LIKE 'ten%';
FETCH 1 FROM c;
CLOSE c;
COMMIT;
SELECT count(*) FROM contacts WHERE email LIKE 'ten%';
DELETE FROM contacts WHERE email LIKE 'ten%';
-- rolled back with the caller, altogether
SELECT count(*) AS before FROM imports \gset
BEGIN;
SELECT count(*) FROM import_contacts('ten');
ROLLBACK;
SELECT count(*) FROM contacts WHERE email LIKE 'ten%';
SELECT count(*) - :before AS more FROM imports;
BEGIN;
SAVEPOINT s;
SELECT count(*) FROM import_contacts('ten', batch_size => 3);
ROLLBACK TO s;
SELECT count(*) FROM import_contacts('ten', batch_size => 3);
COMMIT;
SELECT count(*) FROM contacts WHERE email LIKE 'ten%';
-- in a function, twice
CREATE FUNCTION pg_temp.twice() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	a text; b text;
BEGIN
	SELECT string_agg(DISTINCT outcome, ' ') INTO a FROM regress_crm_import.import_contacts('regress_crm_import.ten');
	DELETE FROM regress_crm_import.contacts WHERE email LIKE 'ten%';
	SELECT string_agg(DISTINCT outcome, ' ') INTO b FROM regress_crm_import.import_contacts('regress_crm_import.ten');
	RETURN a || ' then ' || b;
END $$;
SELECT pg_temp.twice();
SET search_path = pg_catalog;
SELECT outcome, count(*) FROM regress_crm_import.import_contacts('regress_crm_import.ten') GROUP BY outcome;
SET search_path = regress_crm_import;

-- wrong calls
SELECT * FROM import_contacts(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('ten', NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('ten', batch_size => NULL);
SELECT * FROM import_contacts('ten', create_missing => NULL);
SELECT * FROM import_contacts('ten', 'Skip');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('ten', region => 'Atlantis');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('ten', region => '');
SELECT * FROM import_contacts('ten', batch_size => 0);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('ten', batch_size => -1);
SELECT * FROM import_contacts('ten', batch_size => 10001);
SELECT count(*) FROM import_contacts('ten', batch_size => 10000);
SELECT * FROM import_contacts('no_such_table');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts(4294967295::oid::regclass);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('contacts');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('contacts_pkey');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM import_contacts('contacts_id_seq');
CREATE TABLE useless (a text, b text);
SELECT * FROM import_contacts('useless');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE only_line (line text);
SELECT * FROM import_contacts('only_line');
CREATE TABLE no_columns ();
SELECT * FROM import_contacts('no_columns');
CREATE TABLE doubled (email text, "E-mail" text);
SELECT * FROM import_contacts('doubled');
\echo :LAST_ERROR_SQLSTATE
CREATE TABLE doubled_line (email text, line text, "Line" text);
SELECT * FROM import_contacts('doubled_line');
CREATE TABLE empty (email text);
SELECT * FROM import_contacts('empty');
SELECT lines FROM imports ORDER BY id DESC LIMIT 1;
SET client_min_messages = notice;
CREATE TABLE with_id (id text, email text, phone_e164 text, updated_at text, "Some ""Thing""" text);
SELECT * FROM import_contacts('with_id');
-- progress
CREATE TABLE many AS SELECT g || '@many.example' AS email FROM generate_series(1, 6000) AS g;
SELECT count(*) FROM import_contacts('many', batch_size => 1500);
SET client_min_messages = warning;

RESET search_path;
DROP SCHEMA regress_crm_import CASCADE;
