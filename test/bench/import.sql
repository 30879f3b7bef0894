-- Importing 100,000 contacts into a CRM that has as many, against an INSERT of the
-- same rows into the same table with its indexes and triggers.  Everything is
-- rolled back and cleared away, so that each round finds the same tables.
--! title: 100,000 contacts imported
--! clock: cpu
--! data: none
--! base: INSERT
SET client_min_messages = warning;
SELECT crm.create_tables('sales') \g /dev/null
ALTER TABLE sales.contacts ADD CONSTRAINT contacts_mine_check CHECK (last_name <> 'Refused');
INSERT INTO sales.contacts (first_name, last_name, email, phone, job_title, city)
SELECT 'First ' || n % 1000, 'Last ' || n, 'there' || n || '@example.com', NULL, 'Buyer', 'Ghent' FROM generate_series(1, 100000) AS n;

-- All text, as COPY leaves a file.
CREATE TABLE new_lines AS
SELECT n::text AS line, 'First ' || n % 1000 AS first_name, 'Last ' || n AS last_name, 'new' || n || '@example.com' AS email,
	'Buyer' AS job_title, 'Ghent' AS city, (date '1950-01-01' + n % 20000)::text AS date_of_birth, 'lead' AS status
FROM generate_series(1, 100000) AS n;
CREATE TABLE with_phones AS SELECT *, '+1 202 555 ' || lpad((line::integer % 10000)::text, 4, '0') AS phone FROM new_lines;
CREATE TABLE with_companies AS SELECT *, 'Company ' || line::integer % 10000 AS company FROM new_lines;
CREATE TABLE known_lines AS
SELECT n::text AS line, 'First ' || n % 1000 AS first_name, 'Last ' || n AS last_name, 'there' || n || '@example.com' AS email,
	'Buyer' AS job_title, 'Ghent' AS city FROM generate_series(1, 100000) AS n;
CREATE TABLE changed_lines AS SELECT line, first_name, last_name, email, 'Director' AS job_title, city FROM known_lines;
CREATE TABLE bad_lines AS
SELECT line, first_name, last_name, CASE WHEN line LIKE '%00' THEN 'nobody' ELSE email END AS email, job_title, city, date_of_birth, status FROM new_lines;
CREATE TABLE refused_lines AS
SELECT line, first_name, CASE WHEN line LIKE '%00' THEN 'Refused' ELSE last_name END AS last_name, email, job_title, city, date_of_birth, status FROM new_lines;
VACUUM (FREEZE, ANALYZE);
CHECKPOINT;

-- Times of statements that do not do what they say would mean nothing.
BEGIN;
SELECT count(*) FROM sales.import_contacts('new_lines') \g /dev/null
SELECT count(*) FROM sales.import_contacts('known_lines', on_duplicate => 'update') \g /dev/null
DO $$
BEGIN
	IF (SELECT array_agg(inserted || ' ' || updated || ' ' || skipped || ' ' || invalid ORDER BY id) FROM sales.imports WHERE id < 3)
		IS DISTINCT FROM ARRAY['100000 0 0 0', '0 0 100000 0']
	THEN
		RAISE EXCEPTION 'the imports are not what the statements compare';
	END IF;
END $$;
ROLLBACK;
VACUUM;
--: sum | INSERT ... SELECT
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
INSERT INTO sales.contacts (first_name, last_name, email, job_title, city, date_of_birth, status)
SELECT first_name, last_name, email, job_title, city, date_of_birth::date, status FROM new_lines;
ROLLBACK;
--: import | import_contacts | | sum | at most 3.00
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('new_lines');
ROLLBACK;
--: bad | ... 1 % of the lines without an address | | sum
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('bad_lines');
ROLLBACK;
--: refused | ... 1 % of the lines refused by a CHECK | | sum
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('refused_lines');
ROLLBACK;
--: companies | ... and 10,000 companies made for them | | sum
--@ each: VACUUM sales.contacts, sales.companies, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('with_companies', create_missing => true);
ROLLBACK;
--: again | ... of a file that is there: all skipped | | sum
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('known_lines');
ROLLBACK;
--: nothing_new | ... with on_duplicate => 'update', nothing new | | sum
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('known_lines', on_duplicate => 'update');
ROLLBACK;
--: changed | ... with on_duplicate => 'update', all change | | sum
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('changed_lines', on_duplicate => 'update');
ROLLBACK;
--: undo | undo_import of new rows | | sum
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
--@ each: SELECT count(*) FROM sales.import_contacts('new_lines')
SELECT count(*) FROM sales.undo_import(currval('sales.imports_id_seq'));
ROLLBACK;
--: phone_sum | INSERT ... SELECT with phone numbers | | -
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
INSERT INTO sales.contacts (first_name, last_name, email, job_title, city, date_of_birth, status, phone)
SELECT first_name, last_name, email, job_title, city, date_of_birth::date, status, phone FROM with_phones;
ROLLBACK;
--: phones | import_contacts with phone numbers | | phone_sum | at most 3.00
--@ each: VACUUM sales.contacts, sales.imports, sales.import_rows
--@ each: BEGIN
SELECT count(*) FROM sales.import_contacts('with_phones');
ROLLBACK;
