-- Taking imports back: what they left is deleted or restored, what somebody has
-- touched since stays and is reported.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_undo');
SET search_path = regress_crm_undo;
SET DateStyle = 'ISO, DMY';
SET TimeZone = 'UTC';
UPDATE settings SET default_phone_region = 'US';
CREATE FUNCTION pg_temp.last() RETURNS bigint LANGUAGE sql AS $$ SELECT max(id) FROM imports $$;
CREATE TABLE staged (external_id text, email text, first_name text, phone text, country text, status text);

-- inserted rows: as they were left, edited, touched, deleted, referred to
INSERT INTO staged SELECT 'K' || g, 'k' || g || '@example.com', 'First ' || g, '(212) 555-01' || (10 + g), NULL, NULL FROM generate_series(1, 9) AS g;
SELECT outcome, count(*) FROM import_contacts('staged') GROUP BY outcome;
UPDATE contacts SET first_name = 'Edited' WHERE external_id = 'K2';
UPDATE contacts SET first_name = first_name WHERE external_id = 'K3';
DELETE FROM contacts WHERE external_id = 'K4';
INSERT INTO activities (type, contact_id) SELECT 'call', id FROM contacts WHERE external_id = 'K5';
UPDATE contacts SET archived_at = now() WHERE external_id = 'K6';
UPDATE contacts SET phone_version = 'another library' WHERE external_id = 'K7';
UPDATE contacts SET first_name = 'Edited' WHERE external_id = 'K8';
UPDATE contacts SET first_name = 'First 8' WHERE external_id = 'K8';
SET client_min_messages = notice;
SELECT * FROM undo_import(1);
SET client_min_messages = warning;
SELECT external_id, first_name FROM contacts ORDER BY external_id;
SELECT undone_at IS NOT NULL AS undone FROM imports;
SELECT line, outcome, reason FROM undo_report WHERE import_id = 1 ORDER BY line;
-- again: what was kept is tried again
DELETE FROM activities;
UPDATE contacts SET first_name = 'First 2' WHERE external_id = 'K2';
SELECT * FROM undo_import(1);
SELECT * FROM undo_import(1);
SELECT external_id FROM contacts ORDER BY external_id;
DELETE FROM contacts;

-- updated rows get back what they had, and nothing else happens to them
CREATE FUNCTION pg_temp.rows() RETURNS TABLE (row_now text) LANGUAGE sql AS $$
	SELECT (to_jsonb(c) - 'updated_at' - 'created_at')::text FROM contacts AS c ORDER BY id $$;
INSERT INTO contacts (external_id, email, first_name, phone, country, status) VALUES ('U1', 'u1@example.com', 'One', '(212) 555-0100', NULL, 'customer'), ('U2', 'u2@example.com', 'Two', '030 901820', 'DE', 'lead'), ('U3', NULL, NULL, NULL, NULL, 'lead'),
	('U4', 'u4@example.com', 'Four', 'not a number', NULL, 'lead'), ('U5', 'u5@example.com', 'Five', '+1 212 555 0105', NULL, 'lead'), (NULL, 'u6@example.com', 'Six', NULL, NULL, 'lead');
UPDATE contacts SET phone_e164 = '+12125550999' WHERE external_id = 'U5';
CREATE TABLE rows_before AS SELECT * FROM pg_temp.rows();
TRUNCATE staged;
INSERT INTO staged VALUES ('U1', 'new1@example.com', 'Uno', '+44 20 7946 0958', 'GB', 'former'), ('U2', 'u2@example.com', 'Due', '089 21800', NULL, NULL), ('U3', 'u3@example.com', 'Tre', '(212) 555-0103', NULL, 'customer'),
	('U4', NULL, 'Quattro', '(212) 555-0104', NULL, NULL), ('U5', NULL, 'Cinque', '+1 212 555 0155', NULL, NULL), ('U6', 'u6@example.com', 'Sei', NULL, NULL, NULL);
SELECT line, outcome, reason FROM import_contacts('staged', 'update');
SELECT external_id, email, first_name, phone_e164, phone_status FROM contacts ORDER BY id;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT count(*) FROM rows_before;
SELECT * FROM pg_temp.rows() EXCEPT SELECT * FROM rows_before;
-- an edit since, of any column, keeps the row
SELECT count(*) FROM import_contacts('staged', 'update');
UPDATE contacts SET city = 'Ghent' WHERE external_id = 'U1';
UPDATE contacts SET email_opt_out = true WHERE external_id = 'U2';
DELETE FROM contacts WHERE external_id = 'U3';
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT external_id, first_name, city FROM contacts ORDER BY id;
-- what cannot be given back any more: somebody has the address
DELETE FROM contacts;
INSERT INTO contacts (external_id, email) VALUES ('U1', 'u1@example.com'), ('U2', 'u2@example.com');
SELECT outcome, count(*) FROM import_contacts('staged', 'update') GROUP BY outcome ORDER BY outcome;
INSERT INTO contacts (email) VALUES ('u1@example.com');
SELECT line, outcome, reason FROM undo_import(pg_temp.last()) WHERE outcome = 'kept';
DELETE FROM contacts WHERE external_id IS NULL;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT external_id, email, first_name FROM contacts ORDER BY id;

-- several lines for one row, within and across batches
DELETE FROM contacts;
INSERT INTO contacts (external_id, first_name) VALUES ('S1', 'Zero');
TRUNCATE staged;
INSERT INTO staged (external_id, first_name) VALUES ('S1', 'One'), ('S2', 'New'), ('S1', 'Two'), ('S2', 'Newer'), ('S1', 'Three'), ('S2', 'Newest');
SELECT line, outcome FROM import_contacts('staged', 'update', batch_size => 4);
SELECT external_id, first_name FROM contacts ORDER BY external_id;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT external_id, first_name FROM contacts ORDER BY external_id;
SELECT count(*) FROM import_contacts('staged', 'update');
UPDATE contacts SET first_name = 'Edited' WHERE external_id = 'S1';
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
-- more lines than a batch of undo_import
TRUNCATE staged;
INSERT INTO staged (external_id, first_name) SELECT 'B' || g, g::text FROM generate_series(1, 2500) AS g;
INSERT INTO staged (external_id, first_name) VALUES ('B1', 'again'), ('S1', 'again');
SELECT outcome, count(*) FROM import_contacts('staged', 'update', batch_size => 900) GROUP BY outcome ORDER BY outcome;
UPDATE contacts SET first_name = 'Edited' WHERE external_id = 'B1500';
SELECT outcome, count(*) FROM undo_import(pg_temp.last()) GROUP BY outcome ORDER BY outcome;
SELECT external_id, first_name FROM contacts ORDER BY external_id;
DELETE FROM contacts;

-- two imports, taken back in the wrong order and in the right one
TRUNCATE staged;
INSERT INTO staged (external_id, first_name) VALUES ('T1', 'First');
SELECT count(*) FROM import_contacts('staged', 'update');
UPDATE staged SET first_name = 'Second';
SELECT count(*) FROM import_contacts('staged', 'update');
SELECT outcome, reason FROM undo_import(pg_temp.last() - 1);
SELECT outcome, reason FROM undo_import(pg_temp.last());
SELECT first_name FROM contacts;
SELECT outcome, reason FROM undo_import(pg_temp.last() - 1);
SELECT first_name FROM contacts;

-- companies and users that were made go, too: unless edited, or in use
CREATE TABLE made (email text, company text, owner_email text);
INSERT INTO made VALUES ('a@example.com', 'A', 'ann@our.example'), ('b@example.com', 'B', 'ann@our.example'), ('c@example.com', 'C', ''), ('d@example.com', 'D', 'dan@our.example'), ('e@example.com', 'A', ''), ('f@example.com', 'F', 'fay@our.example'), ('g@example.com', 'G', '');
ALTER TABLE contacts ADD CONSTRAINT not_g CHECK (email <> 'g@example.com');
SELECT line, outcome, reason FROM import_contacts('made', create_missing => true);
UPDATE companies SET industry = 'Steel' WHERE name = 'B';
INSERT INTO contacts (last_name, company_id) SELECT 'Other', id FROM companies WHERE name = 'C';
UPDATE contacts SET first_name = 'Edited' WHERE email = 'd@example.com';
CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY, company_id bigint REFERENCES companies ON DELETE CASCADE, contact_id bigint REFERENCES contacts ON DELETE SET NULL, user_id bigint REFERENCES users ON DELETE SET DEFAULT);
INSERT INTO notes (company_id) SELECT id FROM companies WHERE name = 'F';
INSERT INTO notes (user_id) SELECT id FROM users WHERE email = 'fay@our.example';
SELECT line, outcome, id, reason FROM undo_import(pg_temp.last());
SELECT name FROM companies ORDER BY id;
SELECT name FROM users ORDER BY id;
SELECT email, last_name FROM contacts ORDER BY id;
SELECT count(*) FROM notes WHERE COALESCE(company_id, user_id) IS NOT NULL;
-- of a line that stored nothing, what was made is tried again as long as it stays
DELETE FROM contacts;
DELETE FROM notes;
DELETE FROM companies;
TRUNCATE made;
INSERT INTO made VALUES ('g@example.com', 'G', '');
SELECT line, outcome, regexp_replace(reason, '\d+', 'N') AS reason FROM import_contacts('made', create_missing => true);
INSERT INTO notes (company_id) SELECT id FROM companies WHERE name = 'G';
SELECT line, outcome, id, regexp_replace(reason, '\d+', 'N') AS reason FROM undo_import(pg_temp.last());
DELETE FROM notes;
SELECT line, outcome, id, reason FROM undo_import(pg_temp.last());
SELECT count(*) FROM companies;
ALTER TABLE contacts DROP CONSTRAINT not_g;
-- tables that would lose rows, or references, silently: the parent stays
TRUNCATE staged;
INSERT INTO staged (external_id) VALUES ('N1'), ('N2'), ('N3');
SELECT count(*) FROM import_contacts('staged');
INSERT INTO notes (contact_id) SELECT id FROM contacts WHERE external_id = 'N1';
CREATE TABLE strict_notes (contact_id bigint REFERENCES contacts ON DELETE RESTRICT);
INSERT INTO strict_notes SELECT id FROM contacts WHERE external_id = 'N2';
SELECT line, outcome, COALESCE(substring(reason FROM 'strict_notes_contact_id_fkey'), reason) AS reason FROM undo_import(pg_temp.last());
SELECT count(contact_id) FROM notes;
DROP TABLE notes, strict_notes;
DELETE FROM contacts;

-- deals: rules, history, participants
CREATE FUNCTION pg_temp.deals() RETURNS SETOF text LANGUAGE sql AS $$ SELECT (to_jsonb(d) - 'updated_at')::text FROM deals AS d ORDER BY id $$;
INSERT INTO deals (name, external_id, value, stage, probability) VALUES ('auto', 'D1', 100, 'proposal', NULL), ('manual', 'D2', 200, 'lead', 33), ('closed', 'D3', 300, 'won', NULL), ('lost', 'D4', 400, 'lost', NULL), ('manual default', 'D5', 500, 'lead', 10);
UPDATE deals SET probability_is_manual = true WHERE external_id = 'D5';
UPDATE deals SET closed_at = '2020-01-01' WHERE external_id = 'D3';
CREATE TABLE deals_before AS SELECT * FROM pg_temp.deals();
CREATE TABLE staged_deals (name text, external_id text, value text, stage text);
INSERT INTO staged_deals VALUES ('auto', 'D1', '1', 'won'), ('manual', 'D2', '', 'lost'), ('closed', 'D3', '', 'lead'), ('lost', 'D4', '4', 'won'), ('manual default', 'D5', '', 'won'), ('new', 'D9', '9', ''), ('new won', 'D10', '10', 'won');
SELECT outcome, count(*) FROM import_deals('staged_deals', 'update') GROUP BY outcome ORDER BY outcome;
SELECT name, stage, probability, probability_is_manual AS manual, closed_at IS NOT NULL AS closed FROM deals ORDER BY id;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT count(*) FROM deals;
SELECT * FROM pg_temp.deals() EXCEPT SELECT * FROM deals_before;
SELECT d.name, count(*) AS changes FROM deal_changes AS c LEFT JOIN deals AS d ON d.id = c.deal_id GROUP BY d.name ORDER BY d.name;
-- participants would be deleted along with the deal
SELECT count(*) FROM import_deals('staged_deals', 'skip');
INSERT INTO contacts (id, last_name) VALUES (9001, 'Participant');
INSERT INTO deal_contacts (deal_id, contact_id) SELECT id, 9001 FROM deals WHERE external_id = 'D9';
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
DELETE FROM deal_contacts;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT name FROM deals WHERE external_id IN ('D9', 'D10');
-- activities, companies
CREATE TABLE staged_activities (type text, subject text, contact_email text);
INSERT INTO contacts (email) VALUES ('with@example.com');
INSERT INTO staged_activities VALUES ('call', 'x', 'with@example.com'), ('note', 'y', NULL);
SELECT count(*) FROM import_activities('staged_activities');
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT count(*) FROM activities;
CREATE TABLE staged_companies (name text, website text, phone text);
INSERT INTO companies (name, website, phone) VALUES ('Kept', 'kept.example', '(212) 555-0100');
UPDATE companies SET domain = 'kept.example' WHERE name = 'Kept';
CREATE TABLE companies_before AS SELECT to_jsonb(c) - 'updated_at' AS c FROM companies AS c;
INSERT INTO staged_companies VALUES ('Changed', 'www.kept.example', '(212) 555-0199'), ('New', 'new.example', NULL);
SELECT line, outcome FROM import_companies('staged_companies', 'update');
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
SELECT to_jsonb(c) - 'updated_at' FROM companies AS c EXCEPT SELECT c FROM companies_before;

-- columns of the owner's own: types that a session writes in its way, columns added, dropped or renamed since
DELETE FROM contacts;
ALTER TABLE contacts ADD COLUMN during tstzrange, ADD COLUMN spells interval[], ADD COLUMN days date[], ADD COLUMN bytes bytea, ADD COLUMN ratio double precision, ADD COLUMN nothing jsonb, ADD COLUMN old text;
CREATE TABLE own (external_id text, during text, spells text, days text, bytes text, ratio text, nothing text, old text);
INSERT INTO own VALUES ('O1', '[2026-01-01,2026-02-01)', '{1 day,-2 hours}', '{2026-01-31}', '\xdeadbeef', '0.1', '{"a": null}', 'old'), ('O2', 'empty', '{}', '{}', '\x', '1e-300', '[]', 'old');
INSERT INTO contacts (external_id, during, spells, days, bytes, ratio, nothing, old) VALUES ('O2', '[2026-03-01,2026-04-01)', '{-1 day,2 hours}', '{2026-02-01}', '\x00ff', 0.30000000000000004, '{"b": [1]}', 'was');
CREATE FUNCTION pg_temp.own() RETURNS SETOF text LANGUAGE sql SET TimeZone = 'UTC' SET DateStyle = 'ISO' SET IntervalStyle = 'postgres' AS $$ SELECT (to_jsonb(c) - 'updated_at' - 'old' - 'added' - 'flag' - 'since')::text FROM contacts AS c $$;
CREATE TABLE own_before AS SELECT * FROM pg_temp.own();
SELECT line, outcome FROM import_contacts('own', 'update');
SET DateStyle = 'SQL, MDY';
SET IntervalStyle = 'sql_standard';
SET TimeZone = 'Asia/Tokyo';
SET extra_float_digits = 0;
SET bytea_output = 'escape';
-- a column more is no edit of its rows
ALTER TABLE contacts ADD COLUMN added text, ADD COLUMN flag boolean NOT NULL DEFAULT false, ADD COLUMN since date NOT NULL DEFAULT '2020-01-01';
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
RESET extra_float_digits;
RESET bytea_output;
SET DateStyle = 'ISO, DMY';
SET IntervalStyle = 'postgres';
SET TimeZone = 'UTC';
SELECT * FROM pg_temp.own() EXCEPT SELECT * FROM own_before;
-- what they have in it later is
SELECT line, outcome FROM import_contacts('own', 'update');
UPDATE contacts SET flag = true WHERE external_id = 'O1';
UPDATE contacts SET added = 'x' WHERE external_id = 'O2';
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
UPDATE contacts SET flag = false, added = NULL;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
-- a column less is, if there was something in it
SELECT line, outcome FROM import_contacts('own', 'update');
ALTER TABLE contacts DROP COLUMN added, DROP COLUMN flag, DROP COLUMN since;
ALTER TABLE contacts DROP COLUMN old;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());

-- triggers and privileges of the owner's
DELETE FROM contacts;
TRUNCATE staged;
INSERT INTO staged (external_id, first_name) VALUES ('G1', 'one'), ('G2', 'two'), ('G3', 'three');
SELECT count(*) FROM import_contacts('staged');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.first_name = 'two' THEN RETURN NULL; END IF;
	IF OLD.first_name = 'three' THEN RAISE EXCEPTION 'three stays'; END IF;
	RETURN OLD;
END $$;
CREATE TRIGGER refuse BEFORE DELETE ON contacts FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
DROP TRIGGER refuse ON contacts;
CREATE ROLE regress_crm_undoer;
GRANT USAGE ON SCHEMA regress_crm_undo TO regress_crm_undoer;
GRANT SELECT, INSERT, UPDATE ON contacts, imports, import_rows TO regress_crm_undoer;
SET ROLE regress_crm_undoer;
SELECT * FROM undo_import(pg_temp.last());
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SELECT undo_outcome, count(*) FROM import_rows WHERE import_id = pg_temp.last() GROUP BY undo_outcome ORDER BY 1;
GRANT DELETE ON contacts TO regress_crm_undoer;
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON contacts TO regress_crm_undoer USING (first_name <> 'three');
SET ROLE regress_crm_undoer;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());
RESET ROLE;
ALTER TABLE contacts DISABLE ROW LEVEL SECURITY;
SELECT line, outcome, reason FROM undo_import(pg_temp.last());

-- rolled back, in a subtransaction, with LIMIT
SELECT count(*) FROM import_contacts('staged');
BEGIN;
SELECT count(*) FROM undo_import(pg_temp.last());
ROLLBACK;
SELECT count(*) FROM contacts;
SELECT line FROM undo_import(pg_temp.last()) LIMIT 1;
SELECT count(*) FROM contacts;
-- lines that nobody will ask for may be deleted: what is gone is not taken back
SELECT count(*) FROM import_contacts('staged');
DELETE FROM import_rows WHERE line > 1;
SELECT line, outcome FROM undo_import(pg_temp.last());
SELECT external_id FROM contacts ORDER BY external_id;
-- import_rows that say what no import does
SELECT count(*) FROM import_contacts('staged');
UPDATE import_rows SET created_rows = jsonb_build_array(jsonb_build_object('table', 'pipelines', 'id', 1, 'hash', 0)) WHERE import_id = pg_temp.last() AND line = 1;
SELECT line, outcome, reason FROM undo_import(pg_temp.last()) WHERE line = 1;
SELECT count(*) > 0 AS is_there FROM pipelines;
-- rows that would go along, hidden from the caller by a policy
CREATE TABLE one_deal (name text, currency text);
INSERT INTO one_deal VALUES ('Undone', 'USD');
SELECT outcome FROM import_deals('one_deal');
INSERT INTO contacts (first_name) VALUES ('Hidden');
INSERT INTO deal_contacts (deal_id, contact_id) SELECT d.id, c.id FROM deals AS d, contacts AS c WHERE d.name = 'Undone' AND c.first_name = 'Hidden';
ALTER TABLE deal_contacts ENABLE ROW LEVEL SECURITY;
GRANT USAGE ON SCHEMA regress_crm_undo TO regress_crm_undoer;
GRANT ALL ON ALL TABLES IN SCHEMA regress_crm_undo TO regress_crm_undoer;
SET ROLE regress_crm_undoer;
SELECT outcome, reason FROM undo_import((SELECT max(id) FROM imports));
RESET ROLE;
ALTER TABLE deal_contacts DISABLE ROW LEVEL SECURITY;
SELECT count(*) FROM deal_contacts;
-- wrong calls
SELECT * FROM undo_import(NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM undo_import(999999);
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM undo_import(-1);
TRUNCATE staged;
SELECT * FROM import_contacts('staged');
SELECT * FROM undo_import(pg_temp.last());

RESET search_path;
DROP SCHEMA regress_crm_undo CASCADE;
DROP ROLE regress_crm_undoer;
