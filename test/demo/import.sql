-- Imports two dirty files into the demo that generate.sql made, looks at the
-- reports, and takes it all back.  Run it with psql from the folder that has test/.

\encoding UTF8
\pset footer off
\pset border 1
\pset null ''
\pset linestyle ascii
SET client_min_messages = warning;
SET datestyle = 'ISO, DMY';

-- All that an import may touch, but for when it was last touched.
CREATE FUNCTION pg_temp.state(OUT contacts text, OUT companies text, OUT users text, OUT deals text)
	LANGUAGE sql
	RETURN ROW((SELECT md5(string_agg((to_jsonb(t) - 'updated_at')::text, ',' ORDER BY id)) FROM sales.contacts AS t),
		(SELECT md5(string_agg((to_jsonb(t) - 'updated_at')::text, ',' ORDER BY id)) FROM sales.companies AS t),
		(SELECT md5(string_agg((to_jsonb(t) - 'updated_at')::text, ',' ORDER BY id)) FROM sales.users AS t),
		(SELECT md5(string_agg((to_jsonb(t) - 'updated_at')::text, ',' ORDER BY id)) FROM sales.deals AS t));
SELECT contacts AS contacts_before, companies AS companies_before, users AS users_before, deals AS deals_before FROM pg_temp.state() \gset

-- A rule of one's own: it costs the line that breaks it, and no other.
ALTER TABLE sales.contacts ADD CONSTRAINT contacts_no_tests CHECK (lower(first_name) <> 'test');

-- Every column is text, named as the file's header names it; lines are counted as
-- an editor counts them.
CREATE TEMP TABLE fair_leads (
	line bigint GENERATED ALWAYS AS IDENTITY (START WITH 2),
	"First Name" text, "Last Name" text, "Email" text, "Phone" text, "Company" text, "Job Title" text, "Country" text, "Date of birth" text,
	"Source" text, "Status" text, "Owner Email" text, "Badge" text
);
\copy fair_leads ("First Name", "Last Name", "Email", "Phone", "Company", "Job Title", "Country", "Date of birth", "Source", "Status", "Owner Email", "Badge") FROM 'test/demo/fair_leads.csv' WITH (FORMAT csv, HEADER)
CREATE TEMP TABLE fair_deals (
	line bigint GENERATED ALWAYS AS IDENTITY (START WITH 2),
	"Name" text, "Contact Email" text, "Value" text, "Currency" text, "Stage" text, "Probability" text, "Expected close date" text,
	"Owner Email" text
);
\copy fair_deals ("Name", "Contact Email", "Value", "Currency", "Stage", "Probability", "Expected close date", "Owner Email") FROM 'test/demo/fair_deals.csv' WITH (FORMAT csv, HEADER)

\echo
\echo 'A dirty file, fresh from a trade fair: test/demo/fair_leads.csv'
SELECT line, "First Name", "Last Name", "Email", "Phone", "Company", "Date of birth" AS born, "Source", "Status" FROM fair_leads ORDER BY line;

\echo 'Into the CRM with it: sales.import_contacts(''fair_leads'', create_missing => true)'
SELECT outcome, count(*) AS lines FROM sales.import_contacts('fair_leads', create_missing => true)
GROUP BY outcome ORDER BY min(line);
SELECT currval('sales.imports_id_seq') AS leads \gset

\echo 'What became of each line: sales.import_report'
SELECT line, outcome, id AS contact, column_name AS column, value, reason FROM sales.import_report WHERE import_id = :leads ORDER BY line;

\echo 'What was repaired on the way: blanks, a display name, mailto:, the case of words; a number is read in its country'
SELECT r.line, c.first_name, c.last_name, c.email, c.phone, c.phone_e164, c.date_of_birth AS born, c.source, c.status,
	company.name AS company, owner.name AS owner
FROM sales.import_report AS r JOIN sales.contacts AS c ON c.id = r.id
	LEFT JOIN sales.companies AS company ON company.id = c.company_id
	LEFT JOIN sales.users AS owner ON owner.id = c.owner_id
WHERE r.import_id = :leads AND r.outcome = 'inserted' ORDER BY r.line;

\echo 'Once more, to update who is there: on_duplicate => ''update'' (Rosa gave no address, and is not recognised)'
SELECT outcome, count(*) AS lines FROM sales.import_contacts('fair_leads', on_duplicate => 'update', create_missing => true)
GROUP BY outcome ORDER BY min(line);
SELECT currval('sales.imports_id_seq') AS updates \gset
\echo 'and what was there before, kept to be given back'
SELECT r.line, c.first_name, c.last_name, r.before_image ->> 'email' AS email_before, c.email AS email_now,
	r.before_image ->> 'job_title' AS job_before, c.job_title AS job_now
FROM sales.import_rows AS r JOIN sales.contacts AS c ON c.id = r.row_id
WHERE r.import_id = :updates AND r.outcome = 'updated' ORDER BY r.line;

\echo 'What these people might buy: test/demo/fair_deals.csv, sales.import_deals(''fair_deals'')'
SELECT outcome, count(*) AS lines FROM sales.import_deals('fair_deals') GROUP BY outcome ORDER BY min(line);
SELECT currval('sales.imports_id_seq') AS deals \gset
SELECT r.line, f."Name" AS deal, f."Value" AS typed_value, d.value, d.currency, d.stage, r.outcome, r.column_name AS column,
	split_part(r.reason, ';', 1) AS reason
FROM sales.import_report AS r JOIN fair_deals AS f USING (line) LEFT JOIN sales.deals AS d ON d.id = r.id
WHERE r.import_id = :deals ORDER BY r.line;

\echo 'It was the wrong fair. All of it is taken back, the last import first: sales.undo_import(...)'
SELECT 'deals' AS import, outcome, count(*) AS lines FROM sales.undo_import(:deals) GROUP BY outcome
UNION ALL
SELECT 'updates', outcome, count(*) FROM sales.undo_import(:updates) GROUP BY outcome
UNION ALL
SELECT 'leads', outcome, count(*) FROM sales.undo_import(:leads) GROUP BY outcome;

\echo 'Everything is as it was before; only the report stays'
SELECT contacts = :'contacts_before' AS contacts, companies = :'companies_before' AS companies, users = :'users_before' AS users,
	deals = :'deals_before' AS deals
FROM pg_temp.state();
SELECT id AS import, table_name, staging, lines, inserted, updated, skipped, duplicate, invalid, undone_at IS NOT NULL AS undone
FROM sales.imports WHERE id IN (:leads, :updates, :deals) ORDER BY id;

ALTER TABLE sales.contacts DROP CONSTRAINT contacts_no_tests;
