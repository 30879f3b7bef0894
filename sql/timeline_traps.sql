-- Arguments, tokens and tables of sources that somebody made up, and sources with
-- columns of other kinds.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
SELECT crm.create_tables('regress_crm_tltraps');
SET search_path = regress_crm_tltraps;
INSERT INTO contacts (id, first_name, created_at) VALUES (1, 'Ann', '2024-01-01');
INSERT INTO emails (contact_id, direction, subject, sent_at) VALUES (1, 'inbound', 'hello', '2024-01-02');

-- relations that are no table of sources
SELECT * FROM crm._company_timeline(99999999::regclass, 1, NULL, 5, NULL, NULL, NULL);
SELECT * FROM crm._contact_timeline(99999999::regclass, 1, NULL, 5, '{email}', NULL, NULL);
SELECT * FROM crm._company_timeline(0::regclass, 1, NULL, 5, NULL, NULL, NULL);
SELECT * FROM crm._company_timeline('pg_tables', 1, NULL, 5, NULL, NULL, NULL);
SELECT * FROM crm._deal_timeline('pg_class', 1, NULL, 5, '{x}', NULL, NULL);
SELECT * FROM crm._deal_timeline('timeline', 1, NULL, 5, NULL, NULL, NULL);
SELECT * FROM crm._contact_timeline('contacts_pkey', 1, NULL, 5, NULL, NULL, NULL);

-- a table of sources with one name for two
BEGIN;
CREATE TABLE registry (source text, relation_schema text, relation_name text, kinds jsonb, columns jsonb);
CREATE TABLE e1 (occurred_at timestamptz NOT NULL, source_id bigint, contact_id bigint);
CREATE TABLE e2 (occurred_at timestamptz NOT NULL, source_id text, contact_id bigint);
INSERT INTO e1 VALUES ('2026-01-01', 1, 1);
INSERT INTO e2 VALUES ('2026-01-01', 'a', 1);
INSERT INTO registry VALUES ('x', NULL, 'e1'), ('x', NULL, 'e2');
SELECT * FROM crm._contact_timeline('registry', 1, NULL, 5, NULL, NULL, NULL);
ROLLBACK;

-- a token whose source has got keys of another type
CREATE TABLE events (occurred_at timestamptz, source_id bigint, k bigint);
INSERT INTO events SELECT '2026-01-01', g, 1 FROM generate_series(1, 5) AS g;
SELECT page_token AS token FROM crm.timeline_of('events', 'k', '1', max_events => 1) \gset
SELECT source_id FROM crm.timeline_of('events', 'k', '1', page_token => :'token');
ALTER TABLE events ALTER source_id TYPE text;
SELECT source_id FROM crm.timeline_of('events', 'k', '1', page_token => :'token');
ALTER TABLE events ALTER source_id TYPE uuid USING ('00000000-0000-0000-0000-00000000000' || source_id)::uuid;
SELECT source_id FROM crm.timeline_of('events', 'k', '1', page_token => :'token');
SELECT page_token AS token FROM crm.timeline_of('events', 'k', '1', max_events => 1) \gset
SELECT source_id FROM crm.timeline_of('events', 'k', '1', page_token => :'token');
-- and one of a relation of the same name elsewhere
CREATE SCHEMA regress_crm_elsewhere;
CREATE TABLE regress_crm_elsewhere.events AS TABLE events;
SELECT source_id FROM crm.timeline_of('regress_crm_elsewhere.events', 'k', '1', page_token => :'token');
DROP SCHEMA regress_crm_elsewhere CASCADE;

-- words of another collation or type, and events without a key
CREATE TABLE odd (occurred_at timestamptz NOT NULL, source_id text COLLATE "C", contact_id bigint, title text COLLATE "C", kind name, actor varchar(10) COLLATE "POSIX", details json);
INSERT INTO odd VALUES ('2024-03-01', 'a', 1, 'first', 'odd', 'me', '{"a": 1}'), ('2024-03-01', NULL, 1, 'no key', 'odd', 'me', NULL), ('2024-03-01', 'b', 1, 'second', 'odd', 'me', NULL), ('2024-03-02', 'c', 1, 'third', 'odd', NULL, NULL);
SELECT crm.add_timeline_source('regress_crm_tltraps', 'odd', 'odd');
SELECT occurred_at::date, kind, title, actor, source_id, details FROM contact_timeline(1);
SELECT attname, attcollation::regcollation FROM pg_attribute WHERE attrelid = 'timeline'::regclass AND attcollation <> 0 ORDER BY attnum;

-- words that run together are not one another's
SELECT count(*) FROM contact_timeline(1, kinds => E'{"contact_created\nemail"}');
SELECT count(*) FROM contact_timeline(1, kinds => '{contact_created,email}');
SELECT count(*) FROM contact_timeline(1, kinds => '{contact_created,"5 email"}');
SELECT crm.remove_timeline_source('regress_crm_tltraps', 'odd');

-- index statements only where they would work
CREATE TABLE raw (a bigint, t timestamptz, b bigint);
CREATE VIEW grouped AS SELECT a AS contact_id, max(t) AS occurred_at, b AS source_id FROM raw GROUP BY a, b;
CREATE VIEW times AS SELECT a AS contact_id, t + interval '1 day' AS occurred_at, b AS source_id FROM raw;
CREATE VIEW made AS SELECT a AS contact_id, COALESCE(t, '2024-01-01 00:00+00') AS occurred_at, b AS source_id FROM raw;
RESET client_min_messages;
SELECT crm.add_timeline_source('regress_crm_tltraps', 'grouped', 'grouped');
SELECT crm.add_timeline_source('regress_crm_tltraps', 'times', 'times');
SELECT crm.add_timeline_source('regress_crm_tltraps', 'made', 'made');
SELECT crm.add_timeline_source('regress_crm_tltraps', 'nulls', 'odd', kinds => '{a,NULL}');
SET client_min_messages = warning;

-- a reader needs no right on the table of sources, not even on an empty one
CREATE ROLE regress_crm_tlreader;
GRANT USAGE ON SCHEMA regress_crm_tltraps TO regress_crm_tlreader;
DELETE FROM timeline_sources;
SET ROLE regress_crm_tlreader;
SELECT count(*) FROM contact_timeline(1);
RESET ROLE;
DROP OWNED BY regress_crm_tlreader;
DROP ROLE regress_crm_tlreader;
DROP SCHEMA regress_crm_tltraps CASCADE;
