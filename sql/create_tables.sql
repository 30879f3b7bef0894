-- Making CRMs.
CREATE ROLE regress_crm_dba;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_crm_dba', current_database()); END $$;

-- as an ordinary role; the schema is made
SET ROLE regress_crm_dba;
SELECT crm.create_tables('regress_crm_sales');
SELECT c.relname, c.relkind FROM pg_class AS c
WHERE c.relnamespace = 'regress_crm_sales'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY c.relkind, c.relname COLLATE "C";
-- everything belongs to the caller, nothing to the extension
SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = 'regress_crm_sales'::regnamespace;
SELECT DISTINCT proowner::regrole FROM pg_proc WHERE pronamespace = 'regress_crm_sales'::regnamespace;
SELECT count(*) FROM pg_depend WHERE deptype = 'e' AND objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'regress_crm_sales'::regnamespace);
-- what it adds to pg_class
SELECT relkind, count(*) FROM pg_class WHERE relnamespace = 'regress_crm_sales'::regnamespace GROUP BY relkind ORDER BY relkind;
-- how it starts
SELECT crm_tables_version = newest_version AS up_to_date, home_currency FROM regress_crm_sales.settings, crm.list_schemas() WHERE in_schema = 'regress_crm_sales';
SELECT name, position, probability, counts_as FROM regress_crm_sales.pipeline_stages ORDER BY position;
SELECT name FROM regress_crm_sales.company_sizes ORDER BY position;

-- every object has a comment
SELECT c.relname, a.attname FROM pg_class AS c LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'regress_crm_sales'::regnamespace AND c.relkind IN ('r', 'v')
	AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);
SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'regress_crm_sales'::regnamespace AND obj_description(oid, 'pg_proc') IS NULL;
SELECT tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
WHERE c.relnamespace = 'regress_crm_sales'::regnamespace AND NOT tgisinternal AND obj_description(t.oid, 'pg_trigger') IS NULL;
-- every foreign key stays inside, and has an index that begins with its first
-- column, but for those to vocabularies: few words, long lists
SELECT k.conname FROM pg_constraint AS k JOIN pg_class AS r ON r.oid = k.confrelid
WHERE k.connamespace = 'regress_crm_sales'::regnamespace AND k.contype = 'f' AND r.relnamespace <> k.connamespace;
SELECT k.conrelid::regclass, k.conname FROM pg_constraint AS k
WHERE k.connamespace = 'regress_crm_sales'::regnamespace AND k.contype = 'f'
	AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1] AND i.indpred IS NULL)
ORDER BY k.conname;
-- plain types only
SELECT DISTINCT format_type(atttypid, NULL) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace = 'regress_crm_sales'::regnamespace AND c.relkind IN ('r', 'v') AND a.attnum > 0 ORDER BY 1;
-- views run with the reader's rights
SELECT relname FROM pg_class WHERE relnamespace = 'regress_crm_sales'::regnamespace AND relkind = 'v' AND NOT reloptions @> '{security_invoker=true}';

-- a second time: nothing happens, and it says so
SELECT crm.create_tables('regress_crm_sales');
-- another one beside it, with a name that needs quotes, in a transaction
BEGIN;
SELECT crm.create_tables('Regress "crm" 2', home_currency => 'EUR');
INSERT INTO "Regress ""crm"" 2".deals (name, value) VALUES ('x', 10) RETURNING currency;
SELECT * FROM "Regress ""crm"" 2".pipeline_totals();
SELECT in_schema, owner FROM crm.list_schemas() ORDER BY 1;
ROLLBACK;
SELECT in_schema, owner FROM crm.list_schemas() ORDER BY 1;
SELECT * FROM pg_namespace WHERE nspname LIKE 'Regress%';
-- a name that tries to become a statement is a name
BEGIN;
SELECT crm.create_tables(E'regress_crm\nCREATE TABLE public.regress_crm_pwned ();--"'':x') IS NULL AS failed;
SELECT to_regclass('public.regress_crm_pwned') AS made, count(*) FROM crm.list_schemas() WHERE in_schema LIKE E'regress_crm\n%';
SELECT crm.drop_views(in_schema), crm.create_views(in_schema), crm.upgrade_tables_sql(in_schema) IS NOT NULL FROM crm.list_schemas() WHERE in_schema LIKE E'regress_crm\n%';
SELECT crm.detach_tables(in_schema) IS NULL AS failed FROM crm.list_schemas() WHERE in_schema LIKE E'regress_crm\n%';
SELECT crm.create_tables_sql(E'regress_crm\nx') ~ '--[^\n]*regress_crm' AS in_a_comment;
ROLLBACK;
-- in a schema that exists, with other things in it
CREATE SCHEMA regress_crm_full;
CREATE TABLE regress_crm_full.invoices (id bigint);
SELECT crm.create_tables('regress_crm_full');

-- names in the way: all of them are listed, nothing is made
CREATE SCHEMA regress_crm_taken;
CREATE TABLE regress_crm_taken.deals (id integer);
CREATE VIEW regress_crm_taken.users AS SELECT 1 AS id;
CREATE TYPE regress_crm_taken.emails AS ENUM ('x');
CREATE FUNCTION regress_crm_taken.pipeline_totals(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TABLE regress_crm_taken.settings (id integer, theme text);
SELECT crm.create_tables('regress_crm_taken');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM pg_class WHERE relnamespace = 'regress_crm_taken'::regnamespace;

-- a CRM half there: an index is the owner's to drop, views can be made again,
-- tables cannot
DROP INDEX regress_crm_full.contacts_email_key;
SELECT crm.create_tables('regress_crm_full');
DROP VIEW regress_crm_full.pipeline_by_month;
DROP FUNCTION regress_crm_full.pipeline_totals;
SELECT crm.create_tables('regress_crm_full');
SELECT crm.create_views('regress_crm_full');
-- settings without their row: a schema-only restore
BEGIN;
DELETE FROM regress_crm_full.settings;
SAVEPOINT s;
SELECT crm.create_tables('regress_crm_full');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT crm.upgrade_tables('regress_crm_full');
ROLLBACK TO s;
SELECT * FROM regress_crm_full.pipeline_totals();
ROLLBACK;
DROP TABLE regress_crm_full.emails, regress_crm_full.activity_contacts CASCADE;
SELECT crm.create_tables('regress_crm_full');
\echo :LAST_ERROR_SQLSTATE
SET client_min_messages = warning;
DROP SCHEMA regress_crm_full CASCADE;
RESET client_min_messages;

-- schemas that cannot be
SELECT crm.create_tables('crm');
SELECT crm.create_tables('pg_catalog');
SELECT crm.create_tables('pg_crm');
SELECT crm.create_tables('information_schema');
SELECT crm.create_tables('');
SELECT crm.create_tables(NULL);
SELECT crm.create_tables('regress_crm_x', triggers => 'maybe');
SELECT crm.create_tables('regress_crm_x', home_currency => 'usd');
SELECT crm.create_tables('regress_crm_x', home_currency => NULL);
RESET ROLE;
DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM regress_crm_dba', current_database()); END $$;
CREATE SCHEMA regress_crm_foreign;
SET ROLE regress_crm_dba;
SELECT crm.create_tables('regress_crm_new') FROM (SELECT 1) AS t WHERE NOT has_database_privilege(current_database(), 'CREATE');
SELECT crm.create_tables('regress_crm_foreign');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.upgrade_tables('regress_crm_foreign');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.detach_tables('regress_crm_nowhere');
\echo :LAST_ERROR_SQLSTATE
RESET ROLE;
SELECT count(*) FROM pg_class WHERE relnamespace = 'regress_crm_foreign'::regnamespace;
DROP SCHEMA regress_crm_foreign;

-- the same as text: running it gives the same schema
SELECT crm.create_tables_sql('regress_crm_by_text', home_currency => 'GBP') AS script \gset
BEGIN;
:script
COMMIT;
SHOW search_path;
CREATE FUNCTION pg_temp.definition(nsp text) RETURNS SETOF text LANGUAGE sql AS $$
	SELECT replace(d, nsp, 'SCHEMA') FROM (
		SELECT format('%s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(x.adbin, x.adrelid), col_description(c.oid, a.attnum))
		FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 LEFT JOIN pg_attrdef AS x ON x.adrelid = c.oid AND x.adnum = a.attnum
		WHERE c.relnamespace = nsp::regnamespace AND c.relkind IN ('r', 'v')
		UNION ALL SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = nsp::regnamespace
		UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class AS c ON c.oid = indrelid WHERE c.relnamespace = nsp::regnamespace
		UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = nsp::regnamespace AND NOT tgisinternal
		UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = nsp::regnamespace
		UNION ALL SELECT pg_get_viewdef(oid) FROM pg_class WHERE relnamespace = nsp::regnamespace AND relkind = 'v'
	) AS t (d) $$;
(SELECT pg_temp.definition('regress_crm_sales') EXCEPT ALL SELECT pg_temp.definition('regress_crm_by_text'))
UNION ALL (SELECT pg_temp.definition('regress_crm_by_text') EXCEPT ALL SELECT pg_temp.definition('regress_crm_sales'));
SELECT home_currency FROM regress_crm_by_text.settings;

-- without triggers the columns that they fill have defaults
SELECT crm.create_tables('regress_crm_plain', triggers => 'off', home_currency => 'CHF');
SELECT count(*) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = 'regress_crm_plain'::regnamespace AND NOT tgisinternal;
INSERT INTO regress_crm_plain.deals (name, value) VALUES ('x', 100) RETURNING stage, currency, probability;
SELECT * FROM regress_crm_plain.pipeline_totals();
-- from here on without details, which hold times
\set VERBOSITY terse
INSERT INTO regress_crm_plain.deals (name, value, stage) VALUES ('x', 100, 'won');

-- columns, constraints and unique keys keep bad data out, by telling names
SET search_path = regress_crm_sales;
INSERT INTO contacts (email) VALUES ('not an address');
INSERT INTO contacts (email) VALUES ('Ann@Example.com');
INSERT INTO contacts (email) VALUES ('ann@example.COM');
UPDATE contacts SET archived_at = now();
INSERT INTO contacts (email) VALUES ('ann@example.COM');
UPDATE contacts SET archived_at = NULL;
INSERT INTO contacts (status) VALUES ('nonsense');
INSERT INTO contacts (additional_emails) VALUES ('{"a": 1}');
INSERT INTO companies (name) VALUES (' ');
INSERT INTO companies (name, size) VALUES ('x', '12-13');
INSERT INTO companies (name, annual_revenue) VALUES ('x', -1);
INSERT INTO users (id, name, manager_id) VALUES (1, 'x', 1);
INSERT INTO deals (name, value) VALUES ('x', 'abc');
INSERT INTO deals (name, value) VALUES ('x', 99999999999999);
INSERT INTO deals (name, value) VALUES ('x', 'NaN');
INSERT INTO deals (name, probability) VALUES ('x', 101);
INSERT INTO deals (name, stage) VALUES ('x', 'closed');
INSERT INTO deals (name, currency) VALUES ('x', 'usd');
INSERT INTO deals (name, contact_id) VALUES ('x', 999);
INSERT INTO deals (name, closed_at) VALUES ('x', now());
INSERT INTO activities (type) VALUES ('dance');
INSERT INTO emails (direction) VALUES ('sideways');
INSERT INTO pipeline_stages (pipeline_id, name, probability, counts_as) VALUES (1, 'x', 50, 'won');
INSERT INTO settings (crm_tables_version, home_currency) VALUES (2, 'USD');
INSERT INTO settings (id, crm_tables_version, home_currency) VALUES (2, 2, 'USD');
UPDATE settings SET home_currency = 'Dollar';
-- external keys can be the target of an upsert
INSERT INTO companies (name, external_id) VALUES ('Acme', 'a-1');
INSERT INTO companies (name, external_id) VALUES ('Acme Inc', 'a-1') ON CONFLICT (external_id) DO UPDATE SET name = EXCLUDED.name RETURNING name, updated_at >= created_at AS touched;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA regress_crm_sales, regress_crm_by_text, regress_crm_plain, regress_crm_taken CASCADE;
DROP ROLE regress_crm_dba;
