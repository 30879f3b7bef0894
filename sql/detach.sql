-- The way out: tables that no longer need the extension.
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_detach');
SELECT crm.create_tables('regress_crm_stays');
SET search_path = regress_crm_detach;
INSERT INTO contacts (first_name, email) VALUES ('Ann', 'Ann@example.com');
INSERT INTO deals (name, value, stage) SELECT 'deal ' || i, i, (enum_range(NULL::crm.deal_stage))[1 + i % 6] FROM generate_series(1, 60) AS i;
-- what a user adds: a column of our type with a default, a check, an index, a rollup
ALTER TABLE contacts ADD COLUMN wanted crm.deal_stage DEFAULT 'lead', ADD CONSTRAINT wanted_is_open CHECK (crm.is_open(wanted));
CREATE INDEX wanted_idx ON contacts (crm.default_probability(wanted));
CREATE TABLE rollups (day date, state crm.pipeline_state);
ALTER TABLE rollups ADD COLUMN stages crm.deal_stage[] DEFAULT '{lead,won}';
INSERT INTO rollups SELECT '2020-01-01', crm.pipeline_partial(value, stage, probability) FROM deals;
SELECT count(*) FROM deal_changes;
CREATE TEMP TABLE history_before AS SELECT to_jsonb(c) AS change FROM deal_changes AS c;
CREATE TABLE tickets (occurred_at timestamptz, source_id bigint, contact_id bigint);
SELECT crm.add_timeline_source('regress_crm_detach', 'tickets', 'tickets', '{ticket}');
CREATE TEMP TABLE before AS SELECT id, name, value, stage::text, probability, closed_at, pipeline_stage_id, updated_at FROM deals;
CREATE TEMP TABLE rollup_before AS SELECT state::text FROM rollups;

-- with a CRM in place the extension does not go without CASCADE
\set VERBOSITY terse
DROP EXTENSION crm RESTRICT;
\set VERBOSITY default

SELECT crm.detach_tables('regress_crm_detach');
SELECT * FROM before EXCEPT SELECT id, name, value, stage, probability, closed_at, pipeline_stage_id, updated_at FROM deals;
SELECT count(*) FROM deals;
SELECT change FROM history_before EXCEPT SELECT to_jsonb(c) FROM deal_changes AS c;
SELECT count(*) FROM timeline_sources;
SELECT state = (SELECT state FROM rollup_before), stages, pg_typeof(stages) FROM rollups;
SELECT first_name, email, wanted FROM contacts;
-- nothing in the schema depends on the extension
SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend AS d
JOIN pg_depend AS m ON m.classid = d.refclassid AND m.objid = d.refobjid AND m.deptype = 'e'
JOIN pg_extension AS e ON e.oid = m.refobjid AND e.extname = 'crm'
WHERE d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'regress_crm_detach'::regnamespace);
-- nor are views, functions or triggers of ours left, whatever the sources were
SELECT relname FROM pg_class WHERE relnamespace = 'regress_crm_detach'::regnamespace AND relkind = 'v';
SELECT proname FROM pg_proc WHERE pronamespace = 'regress_crm_detach'::regnamespace;
SELECT tgname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid WHERE c.relnamespace = 'regress_crm_detach'::regnamespace AND NOT t.tgisinternal;
SELECT attrelid::regclass::text, attname, format_type(atttypid, NULL) FROM pg_attribute
WHERE attrelid IN ('deals'::regclass, 'pipeline_stages'::regclass, 'deal_changes'::regclass) AND attname IN ('stage', 'counts_as', 'old_stage', 'new_stage') ORDER BY 1, 2;
-- keys and plain constraints still hold
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'deals'::regclass AND conname LIKE '%pipeline%' ORDER BY 1;
UPDATE deals SET stage = 'won' WHERE name = 'deal 6';
-- the history stays, and goes no further
SELECT count(*) FROM deal_changes;
-- what the trigger filled in, a default does
INSERT INTO deals (name) VALUES ('new') RETURNING stage, currency;
DELETE FROM deals WHERE name = 'new';
INSERT INTO contacts (first_name) VALUES ('Ben') RETURNING wanted;
SELECT in_schema FROM crm.list_schemas() WHERE in_schema LIKE 'regress%';
SELECT crm.detach_tables('regress_crm_detach');
-- the same schema cannot become a CRM again, and says why
SELECT crm.create_tables('regress_crm_detach');
SELECT crm.detach_tables('regress_crm_stays');
DROP EXTENSION crm;
SELECT count(*), count(DISTINCT stage) FROM deals;
RESET search_path;
DROP SCHEMA regress_crm_detach CASCADE;
DROP SCHEMA regress_crm_stays CASCADE;
CREATE EXTENSION crm;

-- what the user built on the extension's functions is named in a warning
SELECT crm.create_tables('regress_crm_detach');
CREATE VIEW regress_crm_detach.mine AS SELECT crm.weighted_sum(value, probability) FROM regress_crm_detach.deals;
CREATE FUNCTION regress_crm_detach.mine() RETURNS boolean LANGUAGE sql BEGIN ATOMIC SELECT crm.is_email('a@b.cd'); END;
SELECT crm.detach_tables('regress_crm_detach');
DROP SCHEMA regress_crm_detach CASCADE;

-- the session's taste in quoting changes nothing
SELECT crm.create_tables('regress_crm_detach');
ALTER TABLE regress_crm_detach.contacts ADD COLUMN wanted crm.deal_stage DEFAULT 'won';
SET quote_all_identifiers = on;
SET standard_conforming_strings = off;
SELECT crm.detach_tables('regress_crm_detach');
RESET quote_all_identifiers;
RESET standard_conforming_strings;
INSERT INTO regress_crm_detach.contacts DEFAULT VALUES RETURNING wanted;
DROP SCHEMA regress_crm_detach CASCADE;

-- a user's view on a column that changes is named; nothing is changed
SELECT crm.create_tables('regress_crm_detach');
CREATE VIEW regress_crm_detach.mine AS SELECT stage FROM regress_crm_detach.deals;
SELECT crm.detach_tables('regress_crm_detach');
SELECT count(*) FROM regress_crm_detach.pipeline_totals();
SELECT in_schema FROM crm.list_schemas();
DROP SCHEMA regress_crm_detach CASCADE;
