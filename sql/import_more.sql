-- Imports of companies, deals and activities: their own columns, keys and references.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_more', home_currency => 'EUR');
SET search_path = regress_crm_more;
SET DateStyle = 'ISO, DMY';
SET TimeZone = 'UTC';
INSERT INTO users (name, email, external_id) VALUES ('Ann', 'ann@our.example', 'U1'), ('Ben', 'ben@our.example', 'U2');
-- what the last import did, in the order in which it was done
CREATE VIEW last_import AS SELECT line, outcome, row_id AS id, reason, column_name, value FROM import_rows WHERE import_id = (SELECT max(id) FROM imports);

-- companies: by external_id, then by domain, which may come from the website
CREATE TABLE staged (name text, website text, domain text, size text, annual_revenue text, phone text, country text, owner_external_id text, external_id text, industry text);
\copy staged from stdin with (format csv)
Acme,https://www.acme.example/about,,11-50,"1,234,567.89",030 901820,DE,U1,C1,Steel
Bolt,,bolt.example,,€ 12.000.000,,,,C2,
Corner,http://shop.corner.example,CORNER.EXAMPLE,,12 500,,,,,
Dent,dent.example,not a domain,,,,,,C4,
Acme again,,www.acme.example,,,,,,,
Acme key,,,,,,,,C1,
Facebook A,gmail.com,,,,,,,,
Facebook B,www.gmail.com,,,,,,,,
No website,,,,,,,,,
No website,,,,,,,,,
,nameless.example,,,,,,,,
Size,,,12,,,,,,
Revenue,,,,-5,,,,,
Revenue,,,,a lot,,,,,
Revenue,,,,"1,234",,,,,
Revenue,,,,1.234,,,,,
Revenue,,,,1234.567,,,,,
Owner,,,,,,,U9,,
\.
SELECT line, outcome, id, reason, column_name, value FROM import_companies('staged');
SELECT id, name, website, domain, domain_version IS NOT NULL AS kept, size, annual_revenue, phone_e164, owner_id, external_id, industry FROM companies ORDER BY id;
-- update: a website that changes takes its domain along, one that somebody wrote stays
UPDATE companies SET domain = 'hand.example' WHERE name = 'Bolt';
TRUNCATE staged;
INSERT INTO staged (name, website, external_id) VALUES ('Acme', 'https://acme.example.org', 'C1'), ('Bolt', 'https://www.bolt-new.example', 'C2'), ('Corner', 'corner.example', NULL);
SELECT line, outcome, id, reason FROM import_companies('staged', 'update');
SELECT name, website, domain, domain_version IS NOT NULL AS kept FROM companies WHERE name IN ('Acme', 'Bolt', 'Corner') ORDER BY name;
CREATE TABLE websites AS SELECT website, external_id FROM staged;
UPDATE websites SET website = 'https://' || lower(external_id) || '-third.example';
SELECT line, outcome, reason FROM import_companies('websites', 'update');
SELECT name, website, domain, domain_version IS NOT NULL AS kept FROM companies WHERE external_id IN ('C1', 'C2') ORDER BY name;
-- two companies with one domain are no conflict; the older one is meant
INSERT INTO companies (name, domain) VALUES ('Twin A', 'twin.example'), ('Twin B', 'twin.example');
CREATE TABLE twins (name text, domain text);
INSERT INTO twins VALUES ('Twin C', 'twin.example');
SELECT outcome, reason FROM import_companies('twins');
SELECT outcome FROM import_companies('twins', 'insert');

-- numbers: one way to read them, or none
CREATE TABLE numbers (name text, value text, probability text);
INSERT INTO numbers (name, value) SELECT v, v FROM unnest(ARRAY['1', '1.5', '1,5', '-1,5', '+7', '1234', '1234.5', '1234,5', '12,34', '1,234', '1.234', '0.125', '0,125', '1,234.5', '1.234,5', '1,234,567', '1.234.567', '1 234', '1 234,56', '1''234.56', E'1\u00A0234',
	E'1\u202F234,5', E'1\u2019234', '12 34', '1 2', '1''2', '1,2,3', '1.2.3', '1,23,456', '1.234,567.8', '1,234.567,8', ',5', '.5', '5,', '5.', ',', '.', '-', '$', '$1,000.50', '1.000,50 €', '£5', '¥ 500', '- 5', '$-5', '-$5', '- $ 5', '--5', '-$-5', '5$50', '$$5', '$5$', '5€€', '(5)', 'EUR 5', '5 EUR', '1e3', '1E+2', 'NaN', 'Infinity', '12345678901234', '1234567890123.99', '1.005', '10.005', '1000.005', '1000.0050', '1000.100', '0x1F', '١٢٣', '']) AS v;
SELECT count(*) FROM import_deals('numbers', batch_size => 10);
-- not aligned: psql's idea of the width of characters differs between versions
\pset format unaligned
SELECT n.name, COALESCE(d.value::text, '-') AS value, l.outcome, left(l.reason, 75) AS reason FROM (SELECT name, row_number() OVER () AS line FROM numbers) AS n JOIN last_import AS l USING (line) LEFT JOIN deals AS d ON d.id = l.id WHERE n.name NOT IN ('NaN', 'Infinity', '0x1F') ORDER BY l.line;
\pset format aligned
-- a column that is a number is read as it is
CREATE VIEW typed AS SELECT 'typed ' || v AS name, v AS value FROM unnest(ARRAY[1.234, 12.50, 1234567.891]) AS v;
SELECT line, outcome, reason FROM import_deals('typed');
SELECT name, value FROM deals WHERE name LIKE 'typed%' ORDER BY id;
DELETE FROM deals;
ALTER TABLE deals ALTER id RESTART WITH 101;

-- deals: stages, pipelines, references, dates
INSERT INTO contacts (first_name, email, external_id) VALUES ('Cy', 'cy@acme.example.net', 'P1');
INSERT INTO pipelines (name, position) VALUES ('Renewals', 2);
INSERT INTO pipeline_stages (pipeline_id, name, position, probability, counts_as) VALUES (2, 'Due', 1, 60, 'qualified'), (2, 'Signed', 2, 100, 'won'), (2, 'Lead', 3, 5, 'lead');
CREATE TABLE staged_deals ("Deal Name" text, name text, value text, currency text, stage text, pipeline text, "Pipeline Stage" text, probability text, expected_close_date text, closed_at text, lost_reason text,
	company text, contact_email text, contact_external_id text, owner_email text, external_id text);
\copy staged_deals (name, value, currency, stage, pipeline, "Pipeline Stage", probability, expected_close_date, closed_at, lost_reason, company, contact_email, contact_external_id, owner_email, external_id) from stdin with (format csv)
plain,100,,,,,,,,,,,,,
all,200,usd,Proposal,sales,,40,31/12/2031,,,Acme,CY@acme.example.net,,ann@our.example,D1
won,300,,WON,,,,,2026-01-02 10:00+02,,,,P1,,D2
lost,400,,lost,,,,,,too dear,,,,,D3
renewal,500,,,renewals,,,,,,,,,,D4
stage of one's own,600,,,,due,,,,,,,,,D5
both,700,,qualified,Renewals,DUE,,,,,,,,,D6
do not agree,1,,won,Renewals,Due,,,,,,,,,
ambiguous stage,1,,,,lead,,,,,,,,,
stage of a pipeline,800,,,Renewals,lead,,,,,,,,,
stage of another one,1,,,Sales,Due,,,,,,,,,
unknown stage,1,,,,Never,,,,,,,,,
unknown pipeline,1,,,Never,,,,,,,,,,
unknown word,1,,wonn,,,,,,,,,,,
own word as stage,1,,Due,,,,,,,,,,,
currency,1,euro,,,,,,,,,,,,
probability,1,,,,,101,,,,,,,,
probability,1,,,,,"12,5",,,,,,,,
date,1,,,,,,2031-02-30,,,,,,,
date,1,,,,,,12/31/2031,,,,,,,
contact,1,,,,,,,,,,nobody@acme.example,,,
contact,1,,,,,,,,,,,P9,,
open and closed,1,,lead,,,,,2026-01-02,,,,,,
,1,,,,,,,,,,,,,
key,1,,,,,,,,,,,,,D1
\.
SELECT line, outcome, id, reason, column_name, value FROM import_deals('staged_deals');
SELECT d.name, value, currency, stage, p.name AS pipeline, s.name AS stage_name, d.probability, probability_is_manual AS manual, expected_close_date AS expected, closed_at IS NOT NULL AS closed, company_id, contact_id, d.owner_id, d.external_id
FROM deals AS d LEFT JOIN pipelines AS p ON p.id = d.pipeline_id LEFT JOIN pipeline_stages AS s ON s.id = d.pipeline_stage_id WHERE d.name <> 'won' ORDER BY d.id;
SELECT stage, probability, closed_at, contact_id FROM deals WHERE name = 'won';
-- deals have no key but external_id: the same name twice is two deals
SELECT outcome, count(*) FROM import_deals('staged_deals') GROUP BY outcome ORDER BY outcome;
-- update: rules and history see it
TRUNCATE staged_deals;
INSERT INTO staged_deals (name, stage, value, external_id) VALUES ('all', 'won', '250', 'D1'), ('won', 'won', '300', 'D2'), ('lost', 'qualified', '', 'D3'), ('new', '', '', 'D9');
SELECT line, outcome, reason FROM import_deals('staged_deals', 'update');
SELECT name, stage, value, probability, closed_at IS NOT NULL AS closed FROM deals WHERE external_id IN ('D1', 'D2', 'D3', 'D9') ORDER BY external_id;
SELECT d.name, h.kind, h.old_stage, h.new_stage FROM deal_changes AS h JOIN deals AS d ON d.id = h.deal_id WHERE d.external_id IN ('D1', 'D2', 'D3', 'D9') ORDER BY d.external_id, h.id;
-- the setting that a lost deal needs a reason costs the line
UPDATE settings SET require_lost_reason = true;
UPDATE staged_deals SET stage = 'lost';
SELECT line, outcome, reason FROM import_deals('staged_deals', 'update');
UPDATE settings SET require_lost_reason = false;

-- activities
CREATE TABLE staged_activities ("Type" text, "Subject" text, description text, "Completed At" text, scheduled_at text, "User e-mail" text, user_external_id text, contact_email text, company_domain text, deal_external_id text, external_id text);
\copy staged_activities from stdin with (format csv)
Call,Hello,"two
lines",31/03/2026 14:30,,ANN@our.example,,cy@acme.example.net,,D1,A1
MEETING,Plan,,,2031-01-01 10:00,,U2,,twin.example,,A2
fax,Unknown word,,,,,,,,,
,No type,,,,,,,,,
note,Unknown user,,,,nobody@our.example,,,,,
note,Unknown deal,,,,,,,,D99,
note,Bad time,,sometime,,,,,,,
note,Twin domain,,,,,,,twin.example,,
note,Two keys,,,,ann@our.example,U2,,,,
note,Again,,,,,,,,,A1
\.
SELECT line, outcome, id, reason, column_name, value FROM import_activities('staged_activities');
DELETE FROM companies WHERE name IN ('Twin B', 'Twin C');
SELECT line, outcome, id, reason FROM import_activities('staged_activities', 'update') WHERE outcome IN ('inserted', 'updated', 'skipped');
SELECT type, subject, description, completed_at, scheduled_at, user_id, contact_id, company_id, deal_id, external_id FROM activities ORDER BY id;
SELECT kind, title, occurred_at FROM contact_timeline(1) WHERE source = 'activities';
-- users and companies are made for deals and activities, too
CREATE TABLE made (type text, subject text, user_email text, company text);
INSERT INTO made VALUES ('call', 'x', 'new.user@our.example', 'New Company'), ('call', 'y', 'NEW.user@our.example', 'NEW company');
SELECT line, outcome, reason FROM import_activities('made', create_missing => true);
CREATE TABLE made_deals (name text, owner_external_id text, company_domain text);
INSERT INTO made_deals VALUES ('d', 'U77', 'https://www.made.example');
SELECT line, outcome, reason FROM import_deals('made_deals', create_missing => true);
SELECT name, website, domain, domain_version IS NOT NULL AS kept FROM companies WHERE name ~* 'new|made' ORDER BY id;
SELECT name, email, external_id FROM users WHERE id > 2 ORDER BY id;

SELECT id, table_name, on_duplicate, lines, inserted + updated + skipped + duplicate + invalid = lines AS adds_up FROM imports ORDER BY id;
SELECT count(*) FROM imports AS i WHERE lines <> (SELECT count(*) FROM import_rows AS r WHERE r.import_id = i.id);

-- the vocabularies are the CRM's: a word that is added counts at once
INSERT INTO activity_types (name) VALUES ('fax');
SELECT line, outcome FROM import_activities('staged_activities') WHERE line = 3;
-- without triggers the import keeps what follows from values
SELECT crm.create_tables('regress_crm_more_off', triggers => 'off');
SET search_path = regress_crm_more_off;
UPDATE settings SET default_phone_region = 'US';
CREATE TABLE plain (name text, phone text, website text, external_id text);
INSERT INTO plain VALUES ('a', '(212) 555-0100', 'https://www.a.example', 'K'), ('b', 'none', 'nowhere', NULL), ('c', NULL, 'a.example', NULL);
SELECT line, outcome, reason FROM import_companies('plain', batch_size => 1);
SELECT name, phone_e164, phone_status, phone_version IS NOT NULL AS phone_kept, domain, domain_version IS NOT NULL AS domain_kept FROM companies ORDER BY id;
UPDATE plain SET phone = '+1 212 555 0101', website = 'b.example';
SELECT line, outcome, reason FROM import_companies('plain', 'update');
SELECT name, phone_e164, phone_status, phone_version IS NOT NULL AS phone_kept, domain, domain_version IS NOT NULL AS domain_kept FROM companies ORDER BY id;
CREATE TABLE plain_contacts (last_name text, company_domain text);
INSERT INTO plain_contacts VALUES ('x', 'https://made.example'), ('y', 'www.made.example');
SELECT line, outcome, reason FROM import_contacts('plain_contacts', batch_size => 1, create_missing => true);
CREATE TABLE plain_deals (name text, value text, stage text);
INSERT INTO plain_deals VALUES ('open', '10', ''), ('won', '10', 'won');
SELECT line, outcome, reason FROM import_deals('plain_deals');
SELECT name, stage, currency, probability FROM deals ORDER BY id;

RESET search_path;
DROP SCHEMA regress_crm_more CASCADE;
DROP SCHEMA regress_crm_more_off CASCADE;
