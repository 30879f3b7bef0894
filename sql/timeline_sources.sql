-- Sources of the user's own in the timeline of a CRM, and the timeline of any relation.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
SELECT crm.create_tables('regress_crm_src');
SET search_path = regress_crm_src;
INSERT INTO companies (id, name, created_at) VALUES (1, 'Acme', '2024-01-01');
INSERT INTO contacts (id, first_name, company_id, created_at) VALUES (1, 'Ann', 1, '2024-01-01'), (2, 'Ben', NULL, '2024-01-01');
INSERT INTO deals (id, name, contact_id, company_id, value) VALUES (1, 'deal', 1, 1, 100);
UPDATE deal_changes SET changed_at = '2024-01-02', changed_by = 'role';
INSERT INTO activities (contact_id, type, subject, created_at) VALUES (1, 'note', 'a note', '2024-01-03');
SELECT source, relation_schema, relation_name, kinds, columns FROM timeline_sources ORDER BY source;

-- tables with keys of every kind, and an index that serves
CREATE TABLE calls_int (source_id integer PRIMARY KEY, contact_id integer, occurred_at timestamptz NOT NULL, title varchar(20));
CREATE INDEX ON calls_int (contact_id, occurred_at, source_id);
CREATE TABLE calls_small (source_id smallint PRIMARY KEY, contact_id bigint, occurred_at timestamptz NOT NULL);
CREATE INDEX ON calls_small (contact_id, occurred_at, source_id);
CREATE TABLE calls_uuid (source_id uuid PRIMARY KEY, contact_id bigint, occurred_at timestamptz NOT NULL, title text);
CREATE INDEX ON calls_uuid (contact_id, occurred_at, source_id);
CREATE TABLE calls_text (source_id text COLLATE "C" PRIMARY KEY, contact_id bigint, occurred_at timestamptz NOT NULL, title text);
CREATE INDEX ON calls_text (contact_id, occurred_at, source_id COLLATE "C");
CREATE TYPE channel AS ENUM ('phone', 'chat');
CREATE TABLE "Calls ""all""" (id bigint, source_id bigint PRIMARY KEY, occurred_at timestamptz NOT NULL, kind channel, title text, description varchar, contact_id bigint, company_id integer, deal_id smallint, actor name, direction char(8), source text, details json, extra text);
CREATE INDEX ON "Calls ""all""" (contact_id, occurred_at, source_id);
CREATE INDEX ON "Calls ""all""" (company_id, occurred_at, source_id);
CREATE INDEX ON "Calls ""all""" (deal_id, occurred_at, source_id);
SELECT crm.add_timeline_source('regress_crm_src', 'int', 'calls_int');
SELECT crm.add_timeline_source('regress_crm_src', 'small', 'calls_small', '{small}');
SELECT crm.add_timeline_source('regress_crm_src', 'uuid', 'calls_uuid');
SELECT crm.add_timeline_source('regress_crm_src', 'text', 'calls_text');
SELECT crm.add_timeline_source('regress_crm_src', 'It''s "all"', '"Calls ""all"""', '{phone,chat}');
SELECT source, relation_schema, relation_name, kinds, columns FROM timeline_sources WHERE columns IS NOT NULL ORDER BY source COLLATE "C";
INSERT INTO calls_int SELECT i, 1, '2024-02-01'::timestamptz + (i % 3) * '1 day'::interval, 'int' FROM generate_series(-20, 20) AS i;
INSERT INTO calls_small SELECT i * 999, 1, '2024-02-01'::timestamptz + (i % 3) * '1 day'::interval FROM generate_series(-20, 20) AS i;
INSERT INTO calls_uuid SELECT md5(i::text)::uuid, 1, '2024-02-01'::timestamptz + (i % 3) * '1 day'::interval FROM generate_series(1, 40) AS i;
INSERT INTO calls_text SELECT (ARRAY['a', 'B', 'ä', 'Z', '', 'a b', '10', '9'])[1 + i % 8] || CASE WHEN i > 8 THEN i::text ELSE '' END, 1, '2024-02-01'::timestamptz + (i % 3) * '1 day'::interval FROM generate_series(1, 40) AS i;
INSERT INTO "Calls ""all""" VALUES (7, 1, '2024-03-01', 'phone', 'title', 'description', 1, 1, 1, 'actor', 'inbound', 'mine', '{"b": 1, "a": 2}', 'extra'), (7, 2, '2024-03-01', 'chat', NULL, NULL, NULL, 1, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM timeline WHERE source ~ '"all"' ORDER BY source_id;
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details FROM company_timeline(1, max_events => 2);
SELECT source_id FROM deal_timeline(1, max_events => 1);
SELECT kind, title, source, source_id FROM contact_timeline(1, kinds => '{small,phone}', max_events => 3);
-- with sources whose kinds are not known, no word is unknown
SELECT count(*) FROM contact_timeline(1, kinds => '{whatever}');
SELECT count(*), min(kind) FROM contact_timeline(1, kinds => '{int}', max_events => 100);
-- what one list of kinds asks for, another does not get
SELECT count(*) FROM contact_timeline(1, kinds => ARRAY[E'deal_created\nsmall']);
SELECT count(*) FROM contact_timeline(1, kinds => '{deal_created,small}', max_events => 100);
-- all of it, page by page, against the view sorted
CREATE FUNCTION pg_temp.paged(call text) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE token text; page record; events text[] := '{}';
BEGIN
	LOOP
		EXECUTE format('SELECT array_agg(source || '' '' || source_id ORDER BY n) AS events, (array_agg(page_token ORDER BY n DESC))[1] AS token FROM ' || call || ' WITH ORDINALITY AS t (a, b, c, d, e, f, g, h, i, source, source_id, l, page_token, n)', token) INTO page;
		EXIT WHEN page.events IS NULL OR cardinality(events) > 1000;
		events := events || page.events;
		token := page.token;
	END LOOP;
	RETURN events;
END $$;
-- integers by number, others by their bytes
CREATE FUNCTION pg_temp.sorted() RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(source || ' ' || source_id ORDER BY occurred_at DESC NULLS LAST, source COLLATE "C" DESC, CASE WHEN source NOT IN ('uuid', 'text') THEN source_id::bigint END DESC, source_id COLLATE "C" DESC)
	FROM regress_crm_src.timeline WHERE contact_id = 1 $$;
SELECT size, cardinality(p) AS events, p = pg_temp.sorted() AS as_sorted FROM unnest('{1,7,50,1000}'::integer[]) AS size, pg_temp.paged(format('contact_timeline(1, max_events => %s, page_token => %%L)', size)) AS p ORDER BY size;
SELECT size, cardinality(p) AS events, p = pg_temp.paged('company_timeline(1, max_events => 1000, page_token => %L)') AS as_sorted FROM unnest('{1,7,50}'::integer[]) AS size, pg_temp.paged(format('company_timeline(1, max_events => %s, page_token => %%L)', size)) AS p ORDER BY size;
-- a key's type changed under a token
SELECT page_token AS token FROM contact_timeline(1, kinds => '{int}', max_events => 1) \gset
BEGIN;
SELECT crm.remove_timeline_source('regress_crm_src', 'int');
ALTER TABLE calls_int ALTER COLUMN source_id TYPE text;
SELECT crm.add_timeline_source('regress_crm_src', 'int', 'calls_int');
SELECT count(*) FROM contact_timeline(1, page_token => :'token');
ROLLBACK;
-- the place of a source that is gone is a place still
BEGIN;
SELECT crm.remove_timeline_source('regress_crm_src', 'int');
SELECT source, source_id FROM contact_timeline(1, max_events => 1, page_token => :'token');
ROLLBACK;
SELECT source, source_id FROM contact_timeline(1, max_events => 1, page_token => :'token');
SELECT crm.remove_timeline_source('regress_crm_src', s) FROM unnest(ARRAY['small', 'uuid', 'text', 'It''s "all"']) AS s;
SELECT crm.remove_timeline_source('regress_crm_src', 'int');
DROP TABLE calls_int, calls_small, calls_uuid, calls_text, "Calls ""all""";
DROP TYPE channel;

-- what cannot be a source
CREATE TABLE no_time (source_id bigint, contact_id bigint);
CREATE TABLE no_key (occurred_at timestamptz, contact_id bigint);
CREATE TABLE nobodys (occurred_at timestamptz, source_id bigint, title text);
CREATE TABLE other_time (occurred_at timestamp, source_id bigint, contact_id bigint);
CREATE TABLE other_title (occurred_at timestamptz, source_id bigint, contact_id bigint, title integer);
CREATE TABLE other_contact (occurred_at timestamptz, source_id bigint, contact_id text);
CREATE TABLE other_key (occurred_at timestamptz, source_id numeric, contact_id bigint);
CREATE TABLE other_details (occurred_at timestamptz, source_id bigint, contact_id bigint, details text);
CREATE TEMP TABLE temporary (occurred_at timestamptz, source_id bigint, contact_id bigint);
CREATE SEQUENCE a_sequence;
CREATE TYPE a_type AS (occurred_at timestamptz, source_id bigint, contact_id bigint);
CREATE TABLE fine (occurred_at timestamptz NOT NULL, source_id bigint, contact_id bigint);
CREATE INDEX ON fine (contact_id, occurred_at, source_id);
SELECT crm.add_timeline_source('regress_crm_src', 'x', 'no_time');
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION pg_temp.reason(relation regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE reason text; state text;
BEGIN
	PERFORM crm.add_timeline_source('regress_crm_src', 'x', relation);
	RETURN 'added';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS reason = PG_EXCEPTION_DETAIL, state = RETURNED_SQLSTATE;
	RETURN state || ' ' || reason;
END $$;
SELECT r AS relation, pg_temp.reason(r::regclass) FROM unnest('{no_key,nobodys,other_time,other_title,other_contact,other_key,other_details,temporary,a_sequence,a_type,fine_contact_id_occurred_at_source_id_idx}'::text[]) AS r;
SELECT crm.add_timeline_source('regress_crm_src', '', 'fine');
SELECT crm.add_timeline_source('regress_crm_src', repeat('x', 64), 'fine');
SELECT crm.add_timeline_source('regress_crm_src', 'emails', 'fine');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.add_timeline_source('regress_crm_src', NULL, 'fine');
SELECT crm.add_timeline_source('regress_crm_src', 'x', NULL);
SELECT crm.add_timeline_source('regress_crm_src', 'x', 0);
\echo :LAST_ERROR_SQLSTATE
SELECT crm.add_timeline_source('regress_crm_src', 'x', 'missing');
SELECT crm.add_timeline_source(NULL, 'x', 'fine');
SELECT crm.add_timeline_source('regress_crm_none', 'x', 'fine');
SELECT crm.add_timeline_source('public', 'x', 'fine');
SELECT crm.remove_timeline_source('regress_crm_src', 'x');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.remove_timeline_source('regress_crm_src', NULL);
SELECT crm.remove_timeline_source('regress_crm_none', 'x');
SELECT crm.rebuild_timeline('regress_crm_none');
SELECT crm.rebuild_timeline(NULL);
SELECT count(*) FROM timeline_sources;
-- a longer name fits, and one like a built-in's is another's
SELECT crm.add_timeline_source('regress_crm_src', repeat('x', 63), 'fine') IS NULL AS failed;
SELECT crm.remove_timeline_source('regress_crm_src', repeat('x', 63)) IS NULL AS failed;
DROP TABLE no_time, no_key, nobodys, other_time, other_title, other_contact, other_key, other_details, temporary;
DROP SEQUENCE a_sequence;
DROP TYPE a_type;

-- a missing index is reported with its statement, which then serves
CREATE TABLE tickets (id bigint GENERATED ALWAYS AS IDENTITY, number text, opened timestamp NOT NULL, closed timestamptz, person bigint, firm bigint, subject text, urgent boolean, state text);
CREATE VIEW ticket_events AS SELECT COALESCE(closed, opened AT TIME ZONE 'UTC') AS occurred_at, id AS source_id, person AS contact_id, firm AS company_id, 'ticket' || CASE WHEN closed IS NULL THEN '_opened' ELSE '_closed' END AS kind, number || ': ' || subject AS title, jsonb_build_object('urgent', urgent) AS details FROM tickets;
SELECT crm.add_timeline_source('regress_crm_src', 'tickets', 'ticket_events', '{ticket_opened,ticket_closed}');
CREATE INDEX ON regress_crm_src.tickets (person, (COALESCE(closed, (opened AT TIME ZONE 'UTC'::text))), id);
CREATE INDEX ON regress_crm_src.tickets (firm, (COALESCE(closed, (opened AT TIME ZONE 'UTC'::text))), id);
SELECT crm.remove_timeline_source('regress_crm_src', 'tickets');
SELECT crm.add_timeline_source('regress_crm_src', 'tickets', 'ticket_events', '{ticket_opened,ticket_closed}');
INSERT INTO tickets (number, opened, closed, person, firm, subject, urgent) SELECT 't' || i, '2024-05-01'::timestamp + i * '1 hour'::interval, CASE WHEN i % 2 = 0 THEN '2024-06-01'::timestamptz + i * '1 minute'::interval END, 1, 1, 'help', i = 7 FROM generate_series(1, 9) AS i;
SELECT occurred_at, kind, title, source_id, details FROM contact_timeline(1, max_events => 6);
SELECT occurred_at, kind, title FROM company_timeline(1, max_events => 2, kinds => '{ticket_opened,note}');
SELECT count(*) FROM contact_timeline(1, kinds => '{ticket}');
-- a table's, with a text key; of a view over two tables there is none to tell
CREATE TABLE visits (source_id text, contact_id bigint, occurred_at timestamptz NOT NULL);
SELECT crm.add_timeline_source('regress_crm_src', 'visits', 'visits');
CREATE INDEX ON regress_crm_src.visits (contact_id, occurred_at, source_id COLLATE "C");
SELECT crm.remove_timeline_source('regress_crm_src', 'visits');
SELECT crm.add_timeline_source('regress_crm_src', 'visits', 'visits');
SELECT crm.remove_timeline_source('regress_crm_src', 'visits');
CREATE VIEW two AS SELECT v.occurred_at, v.source_id, t.contact_id FROM visits AS v JOIN ticket_events AS t ON t.title = v.source_id;
SELECT crm.add_timeline_source('regress_crm_src', 'two', 'two');
SELECT crm.remove_timeline_source('regress_crm_src', 'two');
CREATE VIEW ones AS SELECT '2024-01-01'::timestamptz AS occurred_at, 1::bigint AS source_id, 1::bigint AS contact_id;
SELECT crm.add_timeline_source('regress_crm_src', 'ones', 'ones');
SELECT kind, source, source_id FROM contact_timeline(1, kinds => '{ones}');
SELECT crm.remove_timeline_source('regress_crm_src', 'ones');
DROP VIEW two, ones;
-- the same events under two names
SELECT crm.add_timeline_source('regress_crm_src', 'again', 'ticket_events');
SELECT source, source_id FROM contact_timeline(1, max_events => 4);
SELECT crm.remove_timeline_source('regress_crm_src', 'again');
-- materialised views, foreign tables, partitions
CREATE MATERIALIZED VIEW stored AS SELECT * FROM ticket_events;
CREATE INDEX ON stored (contact_id, occurred_at, source_id);
CREATE INDEX ON stored (company_id, occurred_at, source_id);
CREATE TABLE parted (source_id bigint, contact_id bigint, occurred_at timestamptz NOT NULL) PARTITION BY RANGE (occurred_at);
CREATE INDEX ON parted (contact_id, occurred_at, source_id);
CREATE TABLE parted_2023 PARTITION OF parted FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE parted_2024 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
INSERT INTO parted SELECT i, 2, '2023-06-01'::timestamptz + i * '1 month'::interval FROM generate_series(1, 12) AS i;
SELECT crm.add_timeline_source('regress_crm_src', 'stored', 'stored');
SELECT crm.add_timeline_source('regress_crm_src', 'parted', 'parted');
SELECT count(*) FROM contact_timeline(1, kinds => '{ticket_opened}');
SELECT occurred_at::date, source_id FROM contact_timeline(2, max_events => 8) WHERE source = 'parted';
SELECT crm.remove_timeline_source('regress_crm_src', 'parted'), crm.remove_timeline_source('regress_crm_src', 'stored');
DROP MATERIALIZED VIEW stored;
DROP TABLE parted, visits;

-- the CRM's own tables are sources like others: the owner may take one out, and put it back
SELECT crm.remove_timeline_source('regress_crm_src', 'tickets');
SELECT crm.remove_timeline_source('regress_crm_src', 'activities');
SELECT kind FROM contact_timeline(1);
SELECT DISTINCT source FROM timeline ORDER BY source;
SELECT count(*) FROM contact_timeline(1, kinds => '{note}');
SELECT crm.add_timeline_source('regress_crm_src', 'activities', 'activities');
SELECT kind FROM contact_timeline(1, kinds => '{note}');
SELECT source, relation_schema, relation_name, kinds, columns FROM timeline_sources WHERE source = 'activities';
-- one source alone, and none
SELECT crm.remove_timeline_source('regress_crm_src', s) FROM unnest('{activities,companies,contacts,emails}'::text[]) AS s;
SELECT kind FROM contact_timeline(1);
SELECT kind FROM company_timeline(1);
SELECT kind FROM deal_timeline(1);
SELECT count(*) FROM timeline;
SELECT crm.remove_timeline_source('regress_crm_src', 'deal_changes');
SELECT count(*) FROM contact_timeline(1);
SELECT count(*) FROM company_timeline(1);
SELECT count(*) FROM deal_timeline(1);
SELECT count(*) FROM contact_timeline(1, kinds => '{note}');
SELECT count(*) FROM timeline;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'timeline'::regclass AND attnum > 0 ORDER BY attnum;
-- deal changes without values, from a view of the owner's
CREATE VIEW plain_changes WITH (security_invoker = true) AS SELECT changed_at AS occurred_at, id AS source_id, contact_id, company_id, deal_id, 'deal_' || kind AS kind, deal_name AS title FROM deal_changes;
SELECT crm.add_timeline_source('regress_crm_src', 'deal_changes', 'plain_changes', '{deal_created,deal_won}');
SELECT kind, title, description, details, source, source_id FROM contact_timeline(1);
SELECT kind, title, description, details, source, source_id FROM timeline;
SELECT crm.remove_timeline_source('regress_crm_src', 'deal_changes');
-- a built-in's table under another name is not the built-in
SELECT crm.add_timeline_source('regress_crm_src', 'history', 'deal_changes');
SELECT crm.add_timeline_source('regress_crm_src', s, s::regclass) FROM unnest('{activities,companies,contacts,deal_changes,emails}'::text[]) AS s;
SELECT source, relation_schema, relation_name, kinds, columns FROM timeline_sources ORDER BY source;
SELECT kind, title FROM contact_timeline(1);

-- times that are none: they come last, in the order of their keys
CREATE TABLE loose (source_id bigint, contact_id bigint, occurred_at timestamptz, title text);
CREATE INDEX ON loose (contact_id, occurred_at, source_id);
CREATE TABLE looser (source_id text, contact_id bigint, occurred_at timestamptz);
CREATE INDEX ON looser (contact_id, occurred_at, source_id COLLATE "C");
INSERT INTO loose SELECT i, 1, (ARRAY[NULL, '-infinity', 'infinity', '2024-01-03'])[1 + i % 4]::timestamptz FROM generate_series(1, 12) AS i;
INSERT INTO looser SELECT 'k' || i, 1, (ARRAY[NULL, '-infinity', 'infinity', '2024-01-03'])[1 + i % 4]::timestamptz FROM generate_series(1, 12) AS i;
SELECT crm.add_timeline_source('regress_crm_src', 'loose', 'loose', '{loose}'), crm.add_timeline_source('regress_crm_src', 'looser', 'looser', '{looser}');
SELECT occurred_at, source, source_id FROM contact_timeline(1, include_planned => true);
SELECT count(*) FILTER (WHERE occurred_at IS NULL) AS without_time, count(*) FROM contact_timeline(1);
SELECT count(*) FILTER (WHERE occurred_at IS NULL) AS without_time, count(*) FROM contact_timeline(1, until => '2024-01-03');
SELECT count(*) FILTER (WHERE occurred_at IS NULL) AS without_time, count(*) FROM contact_timeline(1, until => '-infinity');
SELECT size, pg_temp.paged(format('contact_timeline(1, max_events => %s, include_planned => true, page_token => %%L)', size)) = pg_temp.paged('contact_timeline(1, max_events => 1000, include_planned => true, page_token => %L)') AS same FROM unnest('{1,2,3,7}'::integer[]) AS size;
SELECT size, pg_temp.paged(format('contact_timeline(1, max_events => %s, kinds => ''{looser,note}'', page_token => %%L)', size)) = pg_temp.paged('contact_timeline(1, max_events => 1000, kinds => ''{looser,note}'', page_token => %L)') AS same FROM unnest('{1,2,3,7}'::integer[]) AS size;
-- the least of keys
INSERT INTO loose VALUES (-9223372036854775808, 2, '2024-02-01', 'least'), (9223372036854775807, 2, '2024-02-01', 'greatest'), (0, 2, '2024-02-01', NULL);
INSERT INTO looser VALUES ('', 2, '2024-02-01'), (E'\x01', 2, '2024-02-01'), (repeat('x', 1000), 2, '2024-02-01');
SELECT source, left(source_id, 20) AS source_id FROM contact_timeline(2);
SELECT cardinality(pg_temp.paged('contact_timeline(2, max_events => 1, page_token => %L)'));
SELECT crm.remove_timeline_source('regress_crm_src', 'loose'), crm.remove_timeline_source('regress_crm_src', 'looser');
DROP TABLE loose, looser;

-- a source that was taken away, renamed or changed: the call says which, and what to do
CREATE TABLE orders (source_id bigint, contact_id bigint, company_id bigint, occurred_at timestamptz NOT NULL, title text);
CREATE INDEX ON orders (contact_id, occurred_at, source_id);
CREATE INDEX ON orders (company_id, occurred_at, source_id);
INSERT INTO orders VALUES (1, 1, 1, '2024-04-01', 'an order');
SELECT crm.add_timeline_source('regress_crm_src', 'orders', 'orders', '{order}');
UPDATE timeline_sources SET kinds = '["orders"]' WHERE source = 'orders';
SELECT title FROM contact_timeline(1, kinds => '{orders}');
DROP TABLE orders;
BEGIN;
SET LOCAL client_min_messages = notice;
DROP TABLE orders CASCADE;
SET LOCAL client_min_messages = warning;
SELECT to_regclass('timeline') IS NULL AS view_gone, to_regprocedure('contact_timeline(bigint, timestamptz, integer, text[], boolean, text)') IS NOT NULL AS function_stays;
SAVEPOINT s;
SELECT title FROM contact_timeline(1);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT title FROM company_timeline(1);
ROLLBACK TO s;
SELECT title FROM contact_timeline(1, kinds => '{note}');
ROLLBACK TO s;
SELECT crm.rebuild_timeline('regress_crm_src');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK TO s;
SELECT crm.create_views('regress_crm_src');
ROLLBACK TO s;
SELECT crm.remove_timeline_source('regress_crm_src', 'orders');
SELECT title FROM contact_timeline(1);
SELECT title FROM timeline WHERE contact_id = 1 ORDER BY occurred_at DESC;
ROLLBACK;
-- renamed: the view follows, the functions go by the name
BEGIN;
ALTER TABLE orders RENAME TO purchases;
SELECT title FROM timeline WHERE source = 'orders';
SAVEPOINT s;
SELECT title FROM contact_timeline(1);
ROLLBACK TO s;
ALTER TABLE purchases RENAME TO orders;
SELECT title FROM contact_timeline(1, max_events => 1);
ROLLBACK;
BEGIN;
ALTER TABLE orders RENAME COLUMN title TO name;
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
ALTER TABLE orders RENAME COLUMN occurred_at TO ordered_at;
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
DROP VIEW timeline;
ALTER TABLE orders DROP COLUMN company_id;
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
DROP VIEW timeline;
ALTER TABLE orders ALTER COLUMN title TYPE integer USING 1;
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
DROP VIEW timeline;
ALTER TABLE orders ALTER COLUMN title TYPE varchar(20), ALTER COLUMN source_id TYPE integer;
SELECT title FROM contact_timeline(1, max_events => 1);
SELECT crm.rebuild_timeline('regress_crm_src');
SELECT title FROM timeline WHERE source = 'orders';
ROLLBACK;
-- a table of another schema, whose schema is renamed or dropped
CREATE SCHEMA regress_crm_shop;
CREATE TABLE regress_crm_shop.orders (LIKE orders INCLUDING ALL);
INSERT INTO regress_crm_shop.orders SELECT * FROM orders;
SELECT crm.add_timeline_source('regress_crm_src', 'shop', 'regress_crm_shop.orders');
SELECT relation_schema, relation_name FROM timeline_sources WHERE source = 'shop';
SELECT source FROM contact_timeline(1, max_events => 2);
BEGIN;
ALTER SCHEMA regress_crm_shop RENAME TO regress_crm_store;
SELECT source FROM contact_timeline(1, max_events => 2);
ROLLBACK;
BEGIN;
DROP SCHEMA regress_crm_shop CASCADE;
SELECT source FROM contact_timeline(1, max_events => 2);
ROLLBACK;
-- two that cannot be read: both are listed
BEGIN;
DROP SCHEMA regress_crm_shop CASCADE;
DROP TABLE orders;
SELECT crm.rebuild_timeline('regress_crm_src');
ROLLBACK;
BEGIN;
DROP SCHEMA regress_crm_shop CASCADE;
DROP TABLE orders;
SELECT crm.remove_timeline_source('regress_crm_src', 'orders');
SELECT to_regclass('timeline') IS NULL AS not_yet;
SELECT crm.remove_timeline_source('regress_crm_src', 'shop');
SELECT to_regclass('timeline') IS NOT NULL AS again;
ROLLBACK;
SELECT crm.remove_timeline_source('regress_crm_src', 'shop');
DROP SCHEMA regress_crm_shop CASCADE;
-- one of the CRM's own tables
BEGIN;
DROP TABLE emails CASCADE;
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
ALTER TABLE activities DROP COLUMN subject CASCADE;
\set VERBOSITY sqlstate
SELECT title FROM contact_timeline(1);
\set VERBOSITY default
\echo :LAST_ERROR_MESSAGE
ROLLBACK;
BEGIN;
DROP TABLE timeline_sources CASCADE;
SELECT title FROM contact_timeline(1);
ROLLBACK;
-- an error in one transaction spoils no later call
SELECT title FROM contact_timeline(1, max_events => 1);
-- rows of timeline_sources that somebody wrote by hand
BEGIN;
SELECT title FROM contact_timeline(1, max_events => 1);
SAVEPOINT s;
UPDATE timeline_sources SET relation_name = 'ordars' WHERE source = 'orders';
SELECT title FROM contact_timeline(1, max_events => 1);
ROLLBACK TO s;
SELECT title FROM contact_timeline(1, max_events => 1);
COMMIT;
BEGIN;
INSERT INTO timeline_sources (source, relation_name) VALUES ('by hand', 'no such table');
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
INSERT INTO timeline_sources (source, relation_schema, relation_name) VALUES ('by hand', 'pg_catalog', 'pg_class; DROP TABLE orders');
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
INSERT INTO timeline_sources (source, relation_schema, relation_name, kinds, columns) VALUES ('by hand', 'pg_catalog', 'pg_class', '[1, {"a": null}, ["x"], "call"]', '["oid", 7]');
SELECT title FROM contact_timeline(1);
ROLLBACK;
BEGIN;
UPDATE timeline_sources SET relation_schema = 'regress_crm_src' WHERE source = 'emails';
INSERT INTO timeline_sources (source, relation_name, kinds) VALUES ('orders too', 'orders', '[]');
SELECT source FROM contact_timeline(1, max_events => 2);
SELECT count(*) FROM contact_timeline(1, kinds => '{orders}');
ROLLBACK;
\set VERBOSITY terse
INSERT INTO timeline_sources (source, relation_name) VALUES ('', 'orders');
INSERT INTO timeline_sources (source, relation_name) VALUES ('orders', 'orders');
INSERT INTO timeline_sources (source, relation_name, kinds) VALUES ('x', 'orders', '{}');
\set VERBOSITY default

-- a view that fails: the error is the view's, and the session goes on
CREATE VIEW failing AS SELECT occurred_at, source_id, contact_id, (1 / (source_id - 1))::text AS title FROM orders;
SELECT crm.add_timeline_source('regress_crm_src', 'failing', 'failing');
SELECT title FROM contact_timeline(1);
\echo :LAST_ERROR_SQLSTATE
SELECT title FROM company_timeline(1, max_events => 1);
SELECT count(*) FROM contact_timeline(2);
SELECT crm.remove_timeline_source('regress_crm_src', 'failing');
SELECT title FROM contact_timeline(1, max_events => 1);
DROP VIEW failing;
-- a source that reads the timeline
CREATE VIEW mirror AS SELECT occurred_at, source_id, contact_id FROM timeline;
SELECT crm.add_timeline_source('regress_crm_src', 'mirror', 'mirror');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM timeline_sources WHERE source = 'mirror';
SELECT title FROM contact_timeline(1, max_events => 1);
DROP VIEW mirror;
CREATE VIEW mirror AS SELECT t.occurred_at, t.source_id, c.id AS contact_id FROM contacts AS c, contact_timeline(c.id) AS t;
SELECT crm.add_timeline_source('regress_crm_src', 'mirror', 'mirror');
\set VERBOSITY sqlstate
SELECT count(*) FROM contact_timeline(1);
\set VERBOSITY default
\echo :LAST_ERROR_MESSAGE
SELECT crm.remove_timeline_source('regress_crm_src', 'mirror');
SELECT title FROM contact_timeline(1, max_events => 1);
DROP VIEW mirror;
SELECT crm.add_timeline_source('regress_crm_src', 'itself', 'timeline');
SELECT crm.add_timeline_source('regress_crm_src', 'page', 'timeline_page');
SELECT crm.remove_timeline_source('regress_crm_src', 'page');
SELECT title FROM contact_timeline(1, max_events => 1);
-- the timeline of one CRM in another's
SELECT crm.create_tables('regress_crm_group');
SELECT crm.add_timeline_source('regress_crm_group', 'daughter', 'regress_crm_src.timeline');
SELECT source, title FROM regress_crm_group.contact_timeline(1, max_events => 2);
SELECT source, source_id, title FROM regress_crm_group.timeline WHERE contact_id = 1 ORDER BY occurred_at DESC;
DROP SCHEMA regress_crm_group CASCADE;

-- made again, the view keeps its options, its grants, its comments, and what is built on it
CREATE ROLE regress_crm_reader;
CREATE ROLE regress_crm_granter;
GRANT USAGE ON SCHEMA regress_crm_src TO regress_crm_granter, regress_crm_reader;
GRANT SELECT ON timeline TO regress_crm_granter WITH GRANT OPTION;
SET ROLE regress_crm_granter;
GRANT SELECT ON regress_crm_src.timeline TO regress_crm_reader;
RESET ROLE;
GRANT SELECT (kind, title) ON timeline TO PUBLIC;
ALTER VIEW timeline SET (security_barrier = true);
CREATE VIEW monthly AS SELECT date_trunc('month', occurred_at) AS month, count(*) FROM timeline GROUP BY 1;
SELECT relacl::text AS acl, (SELECT array_agg(attacl::text) FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL) AS column_acls, obj_description(c.oid, 'pg_class') AS comment FROM pg_class AS c WHERE oid = 'timeline'::regclass \gset before_
SELECT crm.rebuild_timeline('regress_crm_src');
SELECT crm.remove_timeline_source('regress_crm_src', 'orders');
SELECT crm.add_timeline_source('regress_crm_src', 'orders', 'orders', '{orders}');
SELECT relacl::text = :'before_acl' AS acl, (SELECT array_agg(attacl::text) FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL)::text = :'before_column_acls' AS column_acls, obj_description(c.oid, 'pg_class') = :'before_comment' AS comment, reloptions FROM pg_class AS c WHERE oid = 'timeline'::regclass;
SELECT count(*) FROM monthly;
ALTER VIEW timeline RESET (security_barrier, security_invoker);
SELECT crm.rebuild_timeline('regress_crm_src');
SELECT reloptions FROM pg_class WHERE oid = 'timeline'::regclass;
ALTER VIEW timeline SET (security_invoker = true);
-- what CASCADE took, rebuild_timeline makes; grants went with it
BEGIN;
DROP VIEW timeline CASCADE;
SELECT crm.rebuild_timeline('regress_crm_src');
SELECT reloptions, relacl IS NULL AS no_grants, obj_description(oid, 'pg_class') = :'before_comment' AS comment FROM pg_class WHERE oid = 'timeline'::regclass;
ROLLBACK;
-- what is in its way
BEGIN;
CREATE OR REPLACE VIEW timeline AS SELECT *, 1 AS mine FROM timeline_page;
ROLLBACK;
BEGIN;
DROP VIEW timeline CASCADE;
CREATE VIEW timeline AS SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, 1 AS mine FROM timeline_page;
SELECT crm.rebuild_timeline('regress_crm_src');
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
BEGIN;
DROP VIEW timeline CASCADE;
CREATE TABLE timeline (id integer);
SELECT crm.rebuild_timeline('regress_crm_src');
ROLLBACK;
BEGIN;
DROP VIEW timeline CASCADE;
CREATE VIEW timeline AS SELECT title, kind FROM timeline_page;
SELECT crm.rebuild_timeline('regress_crm_src');
ROLLBACK;
-- dropped and made again by the family of create_views, the sources are the same
SELECT crm.drop_views('regress_crm_src');
DROP VIEW monthly;
SELECT crm.drop_views('regress_crm_src') = crm.create_views('regress_crm_src') AS same;
SELECT title FROM timeline WHERE source = 'orders';
SELECT has_table_privilege('regress_crm_granter', 'timeline', 'SELECT') AS kept;
SELECT title FROM contact_timeline(1, max_events => 1);
SELECT crm.remove_timeline_source('regress_crm_src', 'orders');

-- any relation that has the columns: timeline_of
CREATE SCHEMA regress_crm_app;
CREATE TYPE regress_crm_app.tone AS ENUM ('low', 'high');
CREATE DOMAIN regress_crm_app.code AS text CHECK (VALUE ~ '^[a-z]+$');
CREATE TABLE regress_crm_app.log (source_id integer PRIMARY KEY, occurred_at timestamptz NOT NULL, kind text, title text, source text, "Nr" bigint, small smallint, who uuid, name text, tag varchar(10), code regress_crm_app.code, tone regress_crm_app.tone, day date, amount numeric, padded char(5), place point, flag boolean);
INSERT INTO regress_crm_app.log SELECT i, '2024-01-01'::timestamptz + (i % 3) * '1 day'::interval, 'kind' || i % 2, 'title ' || i, (ARRAY['b', 'a', 'C'])[1 + i % 3], i % 2, i % 2, md5((i % 2)::text)::uuid, 'name ' || i % 2, 't' || i % 2, (ARRAY['x', 'y'])[1 + i % 2], (ARRAY['low', 'high'])[1 + i % 2]::regress_crm_app.tone, '2024-01-01'::date + i % 2, i % 2, 'p' || i % 2, point(i % 2, 0), i % 2 = 1 FROM generate_series(1, 20) AS i;
SELECT occurred_at, kind, title, description, contact_id, source, source_id, details, page_token IS NOT NULL AS has_token FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', max_events => 3);
SELECT k.key_column, (SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', k.key_column, k.key)) FROM (VALUES ('Nr', '1'), ('small', ' 1 '), ('who', md5('1')), ('name', 'name 1'), ('tag', 't1'), ('code', 'y'), ('tone', 'high'), ('day', '2024-01-02'), ('amount', '1.00'), ('padded', 'p1'), ('flag', 'yes'), ('occurred_at', '2024-01-02 00:00Z'), ('source_id', '7')) AS k (key_column, key);
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', NULL);
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '99');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', 'one');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1 OR true');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'who', 'x');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'tone', 'loud');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'code', 'NOT A CODE');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'place', '(1,0)');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'nr', '1');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', NULL, '1');
SELECT count(*) FROM crm.timeline_of(NULL, 'Nr', '1');
SELECT count(*) FROM crm.timeline_of(0, 'Nr', '1');
SELECT count(*) FROM crm.timeline_of('contacts', 'id', '1');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log_pkey', 'id', '1');
-- the arguments of a page mean the same
SELECT title FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', until => '2024-01-02', max_events => 2);
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', kinds => '{kind1}');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', kinds => '{kind0,no such kind}');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', kinds => '{}');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', kinds => '{NULL}');
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', max_events => -1);
SELECT count(*) FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', max_events => 0);
SELECT page_token AS token FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', max_events => 1) \gset
SELECT title FROM crm.timeline_of('regress_crm_app.log', 'Nr', '1', max_events => 1, page_token => :'token');
SELECT title FROM crm.timeline_of('regress_crm_app.log', 'Nr', '0', max_events => 1, page_token => :'token');
SELECT title FROM crm.timeline_of('regress_crm_app.log', 'small', '1', max_events => 1, page_token => :'token');
-- several sources in it, with ties, with events without a time, and without a kind
ALTER TABLE regress_crm_app.log ALTER COLUMN occurred_at DROP NOT NULL;
INSERT INTO regress_crm_app.log (source_id, occurred_at, source, "Nr") SELECT i, (ARRAY[NULL, 'infinity', '-infinity', '2024-01-02 00:00Z'])[1 + i % 4]::timestamptz, (ARRAY['b', 'a', NULL])[1 + i % 3], 1 FROM generate_series(101, 130) AS i;
SELECT size, p = (SELECT array_agg(COALESCE(source, 'log') || ' ' || source_id ORDER BY occurred_at DESC NULLS LAST, COALESCE(source, 'log') COLLATE "C" DESC, source_id DESC) FROM regress_crm_app.log WHERE "Nr" = 1) AS as_sorted, cardinality(p) AS events
FROM unnest('{1,2,7,100}'::integer[]) AS size, pg_temp.paged(format('crm.timeline_of(''regress_crm_app.log'', ''Nr'', ''1'', max_events => %s, include_planned => true, page_token => %%L)', size)) AS p;
-- the least that is needed, from a view; a CRM's own view
CREATE VIEW regress_crm_app.least AS SELECT source_id::text || 'x' AS source_id, occurred_at, "Nr" FROM regress_crm_app.log WHERE source_id < 10;
SELECT occurred_at, kind, title, source, source_id FROM crm.timeline_of('regress_crm_app.least', 'Nr', '1', max_events => 2);
SELECT count(*) FROM crm.timeline_of('regress_crm_app.least', 'Nr', '1', kinds => '{least}');
SELECT kind, source, source_id FROM crm.timeline_of('timeline', 'contact_id', '1');
SELECT kind, source, source_id FROM crm.timeline_of('timeline', 'source', 'contacts');
-- it follows what is done to the relation
ALTER TABLE regress_crm_app.log RENAME TO journal;
SELECT count(*) FROM crm.timeline_of('regress_crm_app.journal', 'Nr', '0');
DROP VIEW regress_crm_app.least;
ALTER TABLE regress_crm_app.journal ALTER COLUMN "Nr" TYPE text;
SELECT count(*) FROM crm.timeline_of('regress_crm_app.journal', 'Nr', '0');
DROP SCHEMA regress_crm_app CASCADE;
DROP SCHEMA regress_crm_src CASCADE;
RESET search_path;
DROP ROLE regress_crm_reader, regress_crm_granter;
