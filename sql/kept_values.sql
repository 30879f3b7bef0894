-- What follows from a value and is kept beside it; errors of e-mail addresses; what
-- an upgrade leaves stale.  No line shows the version of a library.
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_values');
SET search_path = regress_crm_values;
CREATE FUNCTION pg_temp.phone(contacts) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', COALESCE($1.phone_e164, '-'), COALESCE($1.phone_status, '-'), CASE WHEN $1.phone_version IS NULL THEN 'by hand' ELSE 'kept' END) $$;
CREATE FUNCTION pg_temp.phone(companies) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', COALESCE($1.phone_e164, '-'), COALESCE($1.phone_status, '-'), CASE WHEN $1.phone_version IS NULL THEN 'by hand' ELSE 'kept' END) $$;
CREATE FUNCTION pg_temp.domain(companies) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', COALESCE($1.domain, '-'), CASE WHEN $1.domain_version IS NULL THEN 'by hand' ELSE 'kept' END) $$;

-- everything that a client sees of an error
CREATE FUNCTION pg_temp.error_of(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	state text; constraint_name text; table_name text; message text; detail text;
BEGIN
	EXECUTE statement;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, constraint_name = CONSTRAINT_NAME, table_name = TABLE_NAME, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN concat_ws(' | ', state, constraint_name, table_name, message, CASE WHEN detail LIKE 'Failing row%' THEN 'Failing row ...' ELSE left(detail, 110) END);
END $$;

-- phone: international, with the contact's country, with the CRM's region, with none
INSERT INTO contacts (last_name, phone, country) VALUES
	('international', '+49 (30) 901820', NULL), ('country', '030 901820', 'DE'), ('country by name', '030 901820', 'Germany'),
	('unknown country', '030 901820', 'Atlantis'), ('no region', '030 901820', NULL), ('from here', '0049 30 901820', 'FR'),
	('none', NULL, NULL), ('empty', '', NULL), ('words', 'call the office', 'US'), ('real', '1-531-332-7771 x8012', 'US'), ('too long', repeat('9', 300), 'US');
SELECT last_name, left(phone, 20) AS phone, pg_temp.phone(c) FROM contacts AS c ORDER BY id;
UPDATE settings SET default_phone_region = 'US';
INSERT INTO contacts (last_name, phone, country) VALUES ('settings', '(212) 555-0100', NULL), ('country wins', '030 901820', 'DE'), ('unknown country again', '(212) 555-0100', 'Atlantis') RETURNING last_name, pg_temp.phone(contacts);
INSERT INTO companies (name, phone, country) VALUES ('settings', '(212) 555-0100', NULL), ('country', '030 901820', 'DE'), ('real', '1-531-332-7771 x8012', NULL) RETURNING name, phone, pg_temp.phone(companies);

-- changes: of the number, of the country, of neither, to nothing
CREATE TEMP TABLE one AS SELECT id FROM contacts WHERE last_name = 'country';
CREATE FUNCTION pg_temp.now() RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.phone(c) FROM contacts AS c JOIN one USING (id) $$;
UPDATE contacts SET phone = '089 2180-0' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET country = 'AT' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET country = 'DE', job_title = 'x' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET phone = NULL FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET phone = '089 2180-0' FROM one WHERE contacts.id = one.id;
-- by hand: stays when the country changes, goes with the number; NULL returns to what follows
UPDATE contacts SET phone_e164 = '+498912345' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET country = 'AT' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET country = 'DE', phone_e164 = NULL FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET phone_e164 = '+498912345', phone_status = 'possible' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
UPDATE contacts SET phone = '089 2180-1' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
-- an application that writes all columns, the old ones too
UPDATE contacts SET phone = '089 2180-2', phone_e164 = phone_e164, phone_status = phone_status, phone_version = phone_version FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
-- what follows anyway is not by hand: neither in an UPDATE nor in an INSERT
UPDATE contacts SET phone = '089 2180-3', phone_e164 = '+498921803' FROM one WHERE contacts.id = one.id;
SELECT pg_temp.now();
INSERT INTO contacts (phone, phone_e164, phone_status) VALUES ('+1 212 555 0101', '+12125550101', NULL), ('+1 212 555 0101', '+12125550102', NULL), ('+1 212 555 0101', '+12125550102', 'possible'), (NULL, '+12125550103', NULL) RETURNING pg_temp.phone(contacts);
-- written together with its version, everything stays as written
INSERT INTO contacts (phone, phone_e164, phone_status, phone_version) VALUES ('+1 212 555 0101', NULL, 'unchecked', 'of old') RETURNING phone_e164, phone_status, phone_version;
SELECT pg_temp.error_of($$INSERT INTO contacts (phone_e164) VALUES ('12345')$$);
SELECT pg_temp.error_of($$UPDATE companies SET phone_e164 = '+0123456789', name = name$$);
SELECT pg_temp.error_of($$UPDATE contacts SET phone_status = 'fine' WHERE last_name = 'country'$$);

-- domains
INSERT INTO companies (name, website) VALUES ('host', 'https://WWW.Example.co.uk/path?x=1'), ('bare', 'example.com'), ('idn', 'http://www.bücher.example'),
	('mailbox', 'info@example.org'), ('address', 'http://192.0.2.1/'), ('suffix', 'co.uk'), ('words', 'ask us'), ('none', NULL), ('hosted', 'https://user.github.io/x')
RETURNING name, pg_temp.domain(companies);
UPDATE companies SET website = 'other.example.net' WHERE name = 'bare' RETURNING pg_temp.domain(companies);
UPDATE companies SET domain = 'hand.example' WHERE name = 'bare' RETURNING pg_temp.domain(companies);
UPDATE companies SET website = 'third.example.net' WHERE name = 'bare' RETURNING pg_temp.domain(companies);
UPDATE companies SET domain = NULL WHERE name = 'bare' RETURNING pg_temp.domain(companies);
UPDATE companies SET website = 'https://fourth.example.org', domain = 'example.org' WHERE name = 'bare' RETURNING pg_temp.domain(companies);
UPDATE companies SET website = NULL WHERE name = 'bare' RETURNING pg_temp.domain(companies);
INSERT INTO companies (name, website, domain) VALUES ('both', 'a.example.com', 'example.com'), ('other', 'a.example.com', 'example.org'), ('alone', NULL, 'example.org') RETURNING name, pg_temp.domain(companies);

-- every way of writing
COPY contacts (last_name, phone, country) FROM stdin;
copied	030 901820	DE
copied, too	+1 212 555 0104	\N
\.
SELECT last_name, pg_temp.phone(c) FROM contacts AS c WHERE last_name LIKE 'copied%' ORDER BY id;
INSERT INTO contacts (email, phone) VALUES ('conflict@example.com', '+1 212 555 0105');
INSERT INTO contacts (email, phone) VALUES ('Conflict@Example.com', '+1 212 555 0106') ON CONFLICT DO NOTHING;
INSERT INTO contacts (email, phone) VALUES ('Conflict@Example.com', '+1 212 555 0107') ON CONFLICT (crm.normalize_email(email)) WHERE archived_at IS NULL DO UPDATE SET phone = EXCLUDED.phone
RETURNING email, pg_temp.phone(contacts);
MERGE INTO contacts AS c USING (VALUES ('conflict@example.com', '+1 212 555 0108')) AS n (email, phone) ON c.email = n.email
	WHEN MATCHED THEN UPDATE SET phone = n.phone;
SELECT pg_temp.phone(c) FROM contacts AS c WHERE email = 'conflict@example.com';
WITH made AS (INSERT INTO contacts (phone) SELECT '+1 212 555 01' || g FROM generate_series(10, 12) AS g RETURNING *) SELECT pg_temp.phone(made::contacts) FROM made;

-- updated_at
UPDATE contacts SET updated_at = '2020-01-01', job_title = 'old' WHERE email = 'conflict@example.com' RETURNING updated_at::date = '2020-01-01' AS written;
UPDATE contacts SET job_title = 'new' WHERE email = 'conflict@example.com' RETURNING updated_at = now() AS kept;

-- a writer who may not read the settings gets no region from there, and no error
CREATE ROLE regress_crm_writer;
GRANT USAGE ON SCHEMA regress_crm_values TO regress_crm_writer;
GRANT INSERT, SELECT ON contacts TO regress_crm_writer;
SET ROLE regress_crm_writer;
INSERT INTO contacts (phone, country) VALUES ('(212) 555-0100', NULL), ('(212) 555-0100', 'US') RETURNING phone_e164, phone_status;
RESET ROLE;

-- columns that the owner dropped, or gave another type: what is left works
BEGIN;
ALTER TABLE contacts DROP COLUMN phone_version;
INSERT INTO contacts (phone) VALUES ('+1 212 555 0120') RETURNING phone_e164, phone_status;
ALTER TABLE contacts DROP COLUMN phone_status, DROP COLUMN country;
INSERT INTO contacts (phone) VALUES ('(212) 555-0100') RETURNING phone_e164;
ALTER TABLE contacts DROP COLUMN phone_e164;
INSERT INTO contacts (phone) VALUES ('+1 212 555 0120') RETURNING phone;
SELECT crm.drop_views('regress_crm_values') > 0 AS dropped;
ALTER TABLE contacts DROP COLUMN phone, DROP COLUMN updated_at, DROP COLUMN email;
INSERT INTO contacts (last_name) VALUES ('bare') RETURNING last_name;
UPDATE contacts SET last_name = 'barer' WHERE last_name = 'bare' RETURNING last_name;
ROLLBACK;
BEGIN;
ALTER TABLE companies ALTER COLUMN phone TYPE varchar(40), ALTER COLUMN website TYPE varchar(40);
INSERT INTO companies (name, phone, website) VALUES ('x', '+1 212 555 0120', 'example.com') RETURNING phone_e164, domain;
ROLLBACK;
BEGIN;
UPDATE settings SET default_phone_region = NULL;
ALTER TABLE settings DROP COLUMN default_phone_region;
INSERT INTO contacts (phone) VALUES ('(212) 555-0100') RETURNING phone_e164;
ROLLBACK;

-- e-mail addresses: the error is the server's, with the rule that is broken
SELECT e, pg_temp.error_of(format('INSERT INTO contacts (email) VALUES (%L)', e)) FROM unnest(ARRAY['plain', 'a@b', 'a b@example.com', 'a@example.com.', '@example.com', 'a@@example.com', '', 'a@[192.0.2.1]', 'ok@example.com']) AS e;
SELECT pg_temp.error_of(format('INSERT INTO contacts (email) VALUES (%L)', repeat('x', 1000000) || '@example.com'));
SELECT pg_temp.error_of($$UPDATE contacts SET email = 'Joe <joe@example.com>' WHERE email = 'ok@example.com'$$);
SELECT pg_temp.error_of($$INSERT INTO contacts (email) VALUES ('good@example.com'), ('bad')$$);
\set SHOW_CONTEXT never
INSERT INTO contacts (email) VALUES ('nobody');
\echo :LAST_ERROR_SQLSTATE
-- the owner's own constraints decide, not ours
BEGIN;
ALTER TABLE contacts DROP CONSTRAINT contacts_email_check;
INSERT INTO contacts (email) VALUES ('no address') RETURNING email;
ALTER TABLE contacts ADD COLUMN second_email text, ADD CONSTRAINT second_check CHECK (crm.is_email(second_email)), ADD CONSTRAINT wide_check CHECK (crm.is_email(email) OR email LIKE '% %' OR email LIKE '%@internal');
INSERT INTO contacts (email) VALUES ('x@internal') RETURNING email;
SELECT pg_temp.error_of($$INSERT INTO contacts (email) VALUES ('nothing')$$);
ROLLBACK;

-- an address that another contact has: who has it is said where that can be known
DELETE FROM contacts;
INSERT INTO contacts (id, email, archived_at) VALUES (1001, 'ann@example.com', now()), (1002, 'ann@example.com', NULL), (1003, 'ben@example.com', NULL), (1004, 'cora@example.com', now());
INSERT INTO contacts (email) VALUES ('ANN@example.com');
\echo :LAST_ERROR_SQLSTATE
INSERT INTO contacts (email) VALUES ('"ben"@EXAMPLE.com');
UPDATE contacts SET email = 'ben@example.com' WHERE id = 1002;
UPDATE contacts SET email = 'Ann@example.com' WHERE id = 1002 RETURNING email;
UPDATE contacts SET email = 'cora@example.com' WHERE id = 1003 RETURNING email;
UPDATE contacts SET archived_at = NULL WHERE id = 1004;
UPDATE contacts SET archived_at = NULL WHERE id = 1001;
UPDATE contacts SET email = 'ben@example.com' WHERE id = 1003 RETURNING email;
UPDATE contacts SET archived_at = NULL WHERE id = 1004 RETURNING email;
UPDATE contacts SET archived_at = now() WHERE id = 1004;
INSERT INTO contacts (email, archived_at) VALUES ('ann@example.com', now()) RETURNING email;
PREPARE one_more (text) AS INSERT INTO contacts (email) VALUES ($1);
EXECUTE one_more ('ben@example.com');
EXECUTE one_more ('dora@example.com');
EXECUTE one_more ('DORA@example.com');
DEALLOCATE one_more;
-- bulk, COPY, functions and ON CONFLICT reach the index
INSERT INTO contacts (email) VALUES ('new@example.com'), ('ben@example.com');
INSERT INTO contacts (email) SELECT 'ben@example.com';
COPY contacts (email) FROM stdin;
ben@example.com
\.
INSERT INTO contacts (email) VALUES ('ben@example.com') ON CONFLICT DO NOTHING;
INSERT INTO contacts (email) VALUES ('BEN@example.com') ON CONFLICT (crm.normalize_email(email)) WHERE archived_at IS NULL DO UPDATE SET job_title = 'updated' RETURNING id, job_title;
PREPARE gently (text) AS INSERT INTO contacts (email) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id;
EXECUTE gently ('ben@example.com');
DEALLOCATE gently;
CREATE FUNCTION find_or_make(address text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO regress_crm_values.contacts (email) VALUES (address) ON CONFLICT DO NOTHING;
	RETURN address;
END $$;
INSERT INTO contacts (email, job_title) VALUES ('assistant@example.com', find_or_make('ben@example.com')) RETURNING job_title;
INSERT INTO contacts (email, job_title) VALUES ('assistant2@example.com', (SELECT find_or_make('ben@example.com'))) RETURNING job_title;
-- a holder that the writer may not see is not named
GRANT UPDATE ON contacts TO regress_crm_writer;
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON contacts TO regress_crm_writer USING (email <> 'ben@example.com') WITH CHECK (true);
SET ROLE regress_crm_writer;
INSERT INTO contacts (email) VALUES ('ben@example.com');
INSERT INTO contacts (email) VALUES ('ann@example.com');
RESET ROLE;
ALTER TABLE contacts DISABLE ROW LEVEL SECURITY;
DROP POLICY own ON contacts;
REVOKE SELECT ON contacts FROM regress_crm_writer;
SET ROLE regress_crm_writer;
INSERT INTO contacts (email) VALUES ('ben@example.com');
RESET ROLE;
-- other unique indexes are not ours
BEGIN;
DROP INDEX contacts_email_key;
CREATE UNIQUE INDEX per_company ON contacts (crm.normalize_email(email)) WHERE company_id = 1;
INSERT INTO contacts (email) VALUES ('ben@example.com') RETURNING email;
CREATE UNIQUE INDEX per_title ON contacts ((crm.normalize_email(email) || COALESCE(job_title, id::text))) WHERE archived_at IS NULL;
INSERT INTO contacts (email, job_title) VALUES ('ben@example.com', 'boss') RETURNING email;
ROLLBACK;
-- without the unique index, contacts may share a mailbox; imports go on
DROP INDEX contacts_email_key;
INSERT INTO contacts (email) VALUES ('Ben@example.com') RETURNING email;
CREATE TEMP TABLE staged (email text, first_name text);
INSERT INTO staged VALUES ('ben@example.com', 'Third'), ('eve@example.com', 'Eve'), ('eve@example.com', 'Adam');
SELECT line, outcome, reason FROM import_contacts('staged') ORDER BY line;
SELECT line, outcome, reason FROM import_contacts('staged', on_duplicate => 'insert') ORDER BY line;
SELECT email, first_name FROM contacts WHERE email IN ('ben@example.com', 'eve@example.com') ORDER BY id;

-- renormalize_phones: rows of another version, of none, or that could not be checked
DELETE FROM contacts;
DELETE FROM companies;
INSERT INTO contacts (id, phone, country) VALUES (1, '030 901820', 'DE'), (2, '(212) 555-0100', NULL), (3, 'no number', NULL), (4, '+1 212 555 0101', NULL), (5, NULL, NULL), (6, '030 901820', NULL);
INSERT INTO companies (id, name, phone) VALUES (1, 'x', '+1 212 555 0100'), (2, 'y', NULL);
UPDATE contacts SET phone_e164 = '+12125550999' WHERE id = 4;
SELECT * FROM renormalize_phones();
UPDATE contacts SET phone_version = 'of old' WHERE id IN (1, 2, 3);
UPDATE contacts SET phone_version = 'of old', phone_e164 = '+4930111', phone_status = 'possible' WHERE id = 6;
UPDATE companies SET phone_version = 'of old', phone_e164 = NULL, phone_status = 'unchecked' WHERE id = 1;
SELECT object, regexp_replace(problem, '^\d+', 'N') AS problem, remedy FROM crm.check_tables('regress_crm_values');
SELECT table_name, id, old_e164, new_e164, old_status, new_status FROM renormalize_phones(1);
SELECT table_name, id, phone, old_e164, new_e164, old_status, new_status FROM renormalize_phones();
SELECT * FROM renormalize_phones();
SELECT id, pg_temp.phone(c) FROM contacts AS c ORDER BY id;
SELECT pg_temp.phone(c) FROM companies AS c ORDER BY id;
SELECT * FROM crm.check_tables('regress_crm_values');
-- rows that were never looked at, as after an upgrade of the tables
ALTER TABLE contacts DISABLE TRIGGER contacts_values;
UPDATE contacts SET phone_e164 = NULL, phone_status = NULL, phone_version = NULL;
INSERT INTO contacts (phone, country) SELECT '030 9018' || g, 'DE' FROM generate_series(1000, 3500) AS g;
ALTER TABLE contacts ENABLE TRIGGER contacts_values;
SELECT count(*), count(new_e164) FROM renormalize_phones(max_rows => 1500);
SELECT count(*), count(new_e164) FROM renormalize_phones();
SELECT count(*) FROM renormalize_phones();
SELECT count(*) FROM contacts WHERE phone IS NOT NULL AND phone_version IS NULL;
SELECT * FROM renormalize_phones(0);
\echo :LAST_ERROR_SQLSTATE
DELETE FROM contacts WHERE id > 6;

-- check_tables: each finding once; its remedy makes it go
CREATE FUNCTION pg_temp.findings() RETURNS TABLE (object text, problem text) LANGUAGE sql AS $$
	SELECT object, regexp_replace(regexp_replace(problem, 'is version .*; the CRM was built with .*', 'is version V; the CRM was built with V'), '^\d+ ', 'N ') FROM crm.check_tables('regress_crm_values') $$;
CREATE FUNCTION pg_temp.mend() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	finding record;
BEGIN
	FOR finding IN SELECT object, split_part(remedy, ', after everything above', 1) AS remedy FROM crm.check_tables('regress_crm_values') LOOP
		EXECUTE finding.remedy;
		RETURN NEXT regexp_replace(finding.remedy, $x$(domain_version (=|<>) )'[^']*'$x$, $x$\1'V'$x$, 'g');
	END LOOP;
END $$;
CREATE UNIQUE INDEX contacts_email_key ON contacts (crm.normalize_email(email)) WHERE archived_at IS NULL;
SELECT * FROM pg_temp.findings();
CREATE INDEX folded ON contacts (crm.fold_name(last_name));
CREATE INDEX keyed ON contacts (crm.email_key(email));
CREATE INDEX kept ON contacts (phone_e164, last_name) INCLUDE (email);
ALTER TABLE companies ADD COLUMN normalized_name text GENERATED ALWAYS AS (crm.normalize_company(name)) STORED;
CREATE MATERIALIZED VIEW normalized_names AS SELECT crm.normalize_company(last_name) AS name FROM contacts;
CREATE VIEW plain_view AS SELECT crm.normalize_company(last_name) AS name FROM contacts;
UPDATE settings SET data_versions = data_versions || '{"name_fold": "of old", "mail_providers": "of old"}';
SELECT * FROM pg_temp.findings();
SELECT * FROM pg_temp.mend();
SELECT * FROM pg_temp.findings();
-- data that did not exist when the CRM was made
UPDATE settings SET data_versions = data_versions - 'unicode_fold';
SELECT * FROM pg_temp.findings();
SELECT * FROM pg_temp.mend();
-- domains: of another list, and never looked for; those written stay
ALTER TABLE companies DISABLE TRIGGER companies_values;
INSERT INTO companies (id, name, website, domain, domain_version) VALUES (11, 'old list', 'https://www.example.co.uk', 'co.uk', 'of old'), (12, 'never', 'example.com', NULL, NULL), (13, 'written', 'example.com', 'hand.example', NULL), (14, 'nothing in it', 'ask us', NULL, NULL);
ALTER TABLE companies ENABLE TRIGGER companies_values;
SELECT * FROM pg_temp.findings();
SELECT * FROM pg_temp.mend();
SELECT name, pg_temp.domain(c) FROM companies AS c WHERE id > 10 ORDER BY id;
SELECT * FROM pg_temp.findings();
-- an index that is not valid, a constraint that was not checked
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'keyed'::regclass;
ALTER TABLE companies ADD CONSTRAINT industry_check CHECK (industry <> '') NOT VALID;
SELECT * FROM pg_temp.findings();
SELECT * FROM pg_temp.mend();
SELECT * FROM pg_temp.findings();
-- for the owner alone; a schema that is none
SET ROLE regress_crm_writer;
SELECT * FROM crm.check_tables('regress_crm_values');
RESET ROLE;
SELECT * FROM crm.check_tables('public');
\echo :LAST_ERROR_SQLSTATE
SELECT * FROM crm.check_tables('regress_no_such');
SELECT * FROM crm.check_tables(NULL);
\echo :LAST_ERROR_SQLSTATE

-- versions
SELECT component, version IS NOT NULL AS has_version, is_compiled_in FROM crm.versions()
WHERE component IN ('crm', 'unicode_fold', 'mail_providers', 'countries', 'libphonenumber', 'public_suffix_list') ORDER BY component COLLATE "C";
SELECT component FROM crm.versions() GROUP BY component HAVING count(*) > 1;
SELECT component FROM crm.versions() WHERE version = '' OR (version IS NULL AND is_compiled_in);
SELECT version = crm.version() AS same FROM crm.versions() WHERE component = 'crm';
-- a CRM remembers those that functions of indexes depend on
SELECT data_versions ?& '{unicode_fold,domain_chars,mail_providers,name_fold,legal_forms}' AS has_them, data_versions ?| '{crm,libphonenumber,public_suffix_list}' AS has_others FROM settings;
SELECT count(*) AS differing FROM settings, jsonb_each_text(data_versions) AS d JOIN crm.versions() AS v ON v.component = d.key WHERE v.version <> d.value;

-- without the phone library, what it found out is neither stale nor lost
UPDATE settings SET default_phone_region = 'DE';
INSERT INTO contacts (last_name, phone) VALUES ('Away', '030 901820');
SET crm.phone_library = '';
SELECT count(*) FROM renormalize_phones() AS r JOIN contacts AS c ON c.id = r.id WHERE c.last_name = 'Away';
SELECT phone_e164 FROM contacts WHERE last_name = 'Away';
SELECT count(*) FROM crm.check_tables('regress_crm_values') WHERE problem LIKE '%phone%';
RESET crm.phone_library;

RESET search_path;
DROP SCHEMA regress_crm_values CASCADE;
DROP ROLE regress_crm_writer;
