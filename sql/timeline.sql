-- The timeline of a contact, a company and a deal: what a page shows, and what may be asked for.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
SELECT crm.create_tables('regress_crm_timeline');
SET search_path = regress_crm_timeline;

-- the view, and the rows of the functions
SELECT attnum, attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = 'timeline'::regclass AND attnum > 0 ORDER BY attnum;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'timeline_page'::regclass AND attnum > 0
EXCEPT SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'timeline'::regclass AND attnum > 0;
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'crm.timeline_event'::regclass AND attnum > 0
EXCEPT SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'timeline_page'::regclass AND attnum > 0;
SELECT count(*) FROM timeline_page;
SELECT relname, reloptions FROM pg_class WHERE oid IN ('timeline'::regclass, 'timeline_page'::regclass) ORDER BY 1;
SELECT p.oid::regprocedure, provolatile, proparallel, proisstrict, proretset, procost, prorows, prorettype::regtype FROM pg_proc AS p WHERE pronamespace = 'regress_crm_timeline'::regnamespace AND proname ~ 'timeline' ORDER BY proname;
SELECT p.oid::regprocedure, provolatile, proparallel, proisstrict, procost, prorows, prosupport FROM pg_proc AS p WHERE pronamespace = 'crm'::regnamespace AND proretset AND proname ~ 'timeline' ORDER BY proname;

-- a contact of a company, with a deal, and every kind of event
INSERT INTO users (id, name) VALUES (1, 'Eve');
INSERT INTO companies (id, name, created_at) VALUES (1, 'Acme', '2024-01-01 08:00'), (2, 'Empty', '2024-01-01 09:00');
INSERT INTO contacts (id, first_name, last_name, company_id, created_at) VALUES (1, 'Ann', 'Lee', 1, '2024-01-02 08:00'), (2, NULL, 'Ito', 1, '2024-01-02 09:00'), (3, NULL, NULL, NULL, '2024-01-02 10:00');
INSERT INTO pipelines (id, name, position) VALUES (2, 'Renewals', 2);
INSERT INTO pipeline_stages (id, pipeline_id, name, position, probability, counts_as) VALUES (20, 2, 'Due', 1, 50, 'proposal');
INSERT INTO deals (id, name, contact_id, company_id, value) VALUES (1, 'Big one', 1, 1, 100), (2, 'Small one', NULL, 1, NULL);
UPDATE deals SET stage = 'proposal' WHERE id = 1;
UPDATE deals SET value = 250.5 WHERE id = 1;
UPDATE deals SET currency = 'EUR' WHERE id = 1;
UPDATE deals SET value = NULL WHERE id = 1;
UPDATE deals SET value = 300 WHERE id = 1;
UPDATE deals SET probability = 60, expected_close_date = '2024-12-31', owner_id = 1 WHERE id = 1;
UPDATE deals SET archived_at = '2024-02-01' WHERE id = 1;
UPDATE deals SET archived_at = NULL WHERE id = 1;
UPDATE deals SET pipeline_id = 2 WHERE id = 1;
UPDATE deals SET pipeline_id = 1 WHERE id = 1;
UPDATE deals SET stage = 'won' WHERE id = 1;
UPDATE deals SET stage = 'lost', lost_reason = 'went away' WHERE id = 1;
SET crm.actor = 'eve@example.com';
UPDATE deals SET stage = 'lead', value = 310 WHERE id = 1;
UPDATE deals SET stage = 'lost', lost_reason = NULL WHERE id = 1;
RESET crm.actor;
UPDATE deal_changes SET changed_at = '2024-01-03 08:00'::timestamptz + id * '1 hour'::interval, changed_by = 'role';
INSERT INTO activities (id, contact_id, company_id, deal_id, type, subject, description, user_id, created_at, scheduled_at, completed_at, archived_at) VALUES
	(1, 1, 1, 1, 'call', 'Called', 'long talk', 1, '2024-01-05', '2024-01-06', '2024-01-07', NULL),
	(2, 1, NULL, NULL, 'meeting', 'Planned', NULL, 1, '2024-01-05', '2100-01-01', NULL, NULL),
	(3, 1, NULL, NULL, 'note', 'Noted', 'a note', NULL, '2024-01-05', NULL, NULL, NULL),
	(4, 1, NULL, NULL, 'task', 'Overdue', NULL, NULL, '2024-01-05', '2024-01-08', NULL, NULL),
	(5, 1, NULL, NULL, 'email', 'Put away', NULL, NULL, '2024-01-05', '2024-01-09', '2024-01-09', '2024-01-10'),
	(6, 2, 1, NULL, 'call', 'Ito', NULL, NULL, '2024-01-11', NULL, NULL, NULL),
	(7, NULL, 1, NULL, 'note', 'Company', NULL, NULL, '2024-01-12', NULL, NULL, NULL),
	(8, NULL, NULL, 2, 'note', 'Deal', NULL, NULL, '2024-01-13', NULL, NULL, NULL),
	(9, NULL, NULL, NULL, 'note', 'Nobody', NULL, NULL, '2024-01-13', NULL, NULL, NULL);
INSERT INTO emails (id, contact_id, deal_id, direction, from_address, to_addresses, subject, body, sent_at, created_at, thread_id) VALUES
	(1, 1, NULL, 'inbound', 'ann@example.com', '["us@example.com", "x@example.com"]', 'Hello', 'text', '2024-01-14', '2024-01-15', NULL),
	(2, 1, 1, 'outbound', 'us@example.com', '["ann@example.com"]', 'Re: Hello', NULL, NULL, '2024-01-16', 't1'),
	(3, NULL, 2, 'outbound', NULL, '[]', NULL, NULL, '2024-01-17', '2024-01-17', NULL);
ALTER TABLE activities ALTER COLUMN id RESTART WITH 1000;
SELECT occurred_at, kind, title, description, actor, direction, details FROM contact_timeline(1, include_planned => true);
SELECT occurred_at, kind, contact_id, company_id, deal_id, source, source_id FROM contact_timeline(1);
SELECT occurred_at, kind, title, contact_id, company_id, deal_id, source, source_id FROM company_timeline(1) WHERE source <> 'deal_changes';
SELECT occurred_at, kind, title, contact_id, company_id, deal_id, source, source_id FROM deal_timeline(2);
-- the page and the view say the same of an event
SELECT * FROM timeline WHERE contact_id = 1 EXCEPT SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details FROM contact_timeline(1, include_planned => true);
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details FROM contact_timeline(1, include_planned => true) EXCEPT SELECT * FROM timeline WHERE contact_id = 1;
SELECT (SELECT count(*) FROM timeline WHERE contact_id = 1) AS of_contact, (SELECT count(*) FROM timeline WHERE deal_id = 1) AS of_deal, (SELECT count(*) FROM deal_timeline(1)) AS of_page,
	(SELECT count(*) FROM timeline) = (SELECT count(*) FROM activities) + (SELECT count(*) FROM emails) + (SELECT count(*) FROM deal_changes) + (SELECT count(*) FROM contacts) + (SELECT count(*) FROM companies) AS one_row_each;
-- a company's: its own, of its contacts and of its deals, each once
SELECT count(*), count(DISTINCT (source, source_id)) FROM company_timeline(1, max_events => 1000, include_planned => true);
SELECT source, source_id FROM timeline WHERE company_id = 1 OR contact_id IN (1, 2) OR deal_id IN (1, 2)
EXCEPT SELECT source, source_id FROM company_timeline(1, max_events => 1000, include_planned => true);
SELECT source, source_id FROM company_timeline(1, max_events => 1000, include_planned => true)
EXCEPT SELECT source, source_id FROM timeline WHERE company_id = 1 OR contact_id IN (1, 2) OR deal_id IN (1, 2);
SELECT kind, title FROM company_timeline(2);

-- until is exclusive, to the microsecond
SELECT kind, occurred_at FROM contact_timeline(1, until => '2024-01-03');
SELECT kind FROM contact_timeline(1, until => '2024-01-02 08:00');
SELECT kind FROM contact_timeline(1, until => '2024-01-02 08:00:00.000001');
SELECT count(*) FROM contact_timeline(1, until => 'infinity');
SELECT count(*) FROM contact_timeline(1, until => '-infinity');
SELECT count(*) FROM contact_timeline(1, until => '4713-01-01 BC');
-- planned: what has a time to come
SELECT title FROM contact_timeline(1, until => '2101-01-01') WHERE source = 'activities' AND source_id = '2';
SELECT title FROM contact_timeline(1, until => '2101-01-01', include_planned => true, max_events => 1);
SELECT title FROM contact_timeline(1, until => '2100-01-01', include_planned => true, max_events => 1);
SELECT title FROM contact_timeline(1, until => 'infinity', include_planned => true, max_events => 1);
BEGIN;
INSERT INTO activities (contact_id, type, subject, completed_at) VALUES (3, 'call', 'now', clock_timestamp());
INSERT INTO activities (contact_id, type, subject) VALUES (3, 'note', 'this transaction');
SELECT title FROM contact_timeline(3, max_events => 2) ORDER BY title;
ROLLBACK;
-- how many
SELECT count(*) FROM contact_timeline(1, max_events => 0);
SELECT count(*) FROM contact_timeline(1, max_events => NULL);
SELECT count(*) FROM contact_timeline(1, max_events => 3);
SELECT count(*) FROM contact_timeline(1, max_events => 2147483647);
SELECT count(*) FROM contact_timeline(1, max_events => -1);
\echo :LAST_ERROR_SQLSTATE
INSERT INTO activities (contact_id, type, created_at) SELECT 3, 'note', '2024-01-01'::timestamptz + i * '1 minute'::interval FROM generate_series(1, 99) AS i;
SELECT count(*) FROM contact_timeline(3);
SELECT count(*) FROM contact_timeline(3, max_events => NULL);
SELECT count(*) FROM contact_timeline(3, max_events => 1000);
-- whose
SELECT count(*) FROM contact_timeline(NULL);
SELECT count(*) FROM company_timeline(NULL);
SELECT count(*) FROM deal_timeline(NULL);
SELECT count(*) FROM contact_timeline(999);
SELECT count(*) FROM company_timeline(999);
SELECT count(*) FROM deal_timeline(999);
SELECT count(*) FROM contact_timeline(-9223372036854775808);
SELECT count(*) FROM contact_timeline(1, NULL, NULL, NULL, NULL, NULL);
SELECT * FROM crm._contact_timeline(NULL, 1, NULL, 50, NULL, false, NULL);
SELECT * FROM crm._contact_timeline('activities', 1, NULL, 50, NULL, false, NULL);
-- an unknown contact is asked for nothing else: what is wrong is wrong still
SELECT * FROM contact_timeline(NULL, max_events => -1);
SELECT * FROM contact_timeline(NULL, page_token => 'x');

-- kinds
SELECT kind, title FROM contact_timeline(1, kinds => '{note,call}');
SELECT kind, title FROM contact_timeline(1, kinds => '{email}') ORDER BY source, source_id;
SELECT kind, title, description FROM contact_timeline(1, kinds => '{deal_won,deal_lost,deal_created}');
SELECT kind FROM contact_timeline(1, kinds => '{contact_created}');
SELECT kind FROM contact_timeline(1, kinds => '{company_created}');
SELECT kind FROM company_timeline(1, kinds => '{contact_created,company_created}');
SELECT kind, title FROM deal_timeline(2, kinds => '{note,note,deal_created}');
SELECT count(*) FROM contact_timeline(1, kinds => '{}');
SELECT count(*) = (SELECT count(*) FROM contact_timeline(1)) AS all_kinds FROM contact_timeline(1, kinds => ARRAY['call', 'meeting', 'note', 'task', 'email', 'deal_created', 'deal_won', 'deal_lost', 'deal_reopened', 'deal_stage_changed', 'deal_value_changed', 'deal_changed', 'contact_created', 'company_created']);
SELECT count(*) FROM contact_timeline(1, kinds => '{call,NULL}');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM contact_timeline(1, kinds => '{call,visit}');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM contact_timeline(1, kinds => '{""}');
SELECT count(*) FROM contact_timeline(1, kinds => '{Call}');
SELECT count(*) FROM contact_timeline(1, kinds => ARRAY[E'a\nb', repeat('x', 1000)]);
SELECT count(*) FROM contact_timeline(1, kinds => ARRAY[E'call\nnote']);
SELECT count(*) FROM contact_timeline(1, kinds => '{{call,note},{task,email}}');
-- kinds of one's own are rows of activity_types
INSERT INTO activity_types (name, position) VALUES ('visit', 6);
SELECT count(*) FROM contact_timeline(1, kinds => '{visit}');
INSERT INTO activities (contact_id, type, subject, created_at) VALUES (1, 'visit', 'Came by', '2024-02-01');
SELECT title FROM contact_timeline(1, kinds => '{visit}');
UPDATE activity_types SET name = 'site visit' WHERE name = 'visit';
SELECT kind, title FROM contact_timeline(1, kinds => '{site visit}');
SELECT count(*) FROM contact_timeline(1, kinds => '{visit}');
DELETE FROM activities WHERE type = 'site visit';
DELETE FROM activity_types WHERE name = 'site visit';
SELECT count(*) FROM contact_timeline(1, kinds => '{site visit}');

-- where the page goes on: the token of the last event
SELECT page_token AS token FROM contact_timeline(1, max_events => 3) OFFSET 2 \gset
SELECT title FROM contact_timeline(1, max_events => 2, page_token => :'token');
SELECT title FROM contact_timeline(1) LIMIT 2 OFFSET 3;
-- another page size, other kinds, an end before or after the place
SELECT kind FROM contact_timeline(1, max_events => 1, kinds => '{call,task}', page_token => :'token');
SELECT kind FROM contact_timeline(1, until => '2024-01-06', max_events => 1, page_token => :'token');
SELECT kind FROM contact_timeline(1, until => '2030-01-01', max_events => 1, page_token => :'token');
SELECT title FROM contact_timeline(1, max_events => 1, include_planned => true, page_token => :'token');
SELECT page_token AS last FROM contact_timeline(1) ORDER BY occurred_at LIMIT 1 \gset
SELECT count(*) FROM contact_timeline(1, page_token => :'last');
-- the event itself may be gone
BEGIN;
DELETE FROM emails WHERE id IN (1, 2);
DELETE FROM activities WHERE id = 5;
SELECT title FROM contact_timeline(1, max_events => 2, page_token => :'token');
ROLLBACK;
-- not a token, not a whole one, not this timeline's, not this function's
SELECT count(*) FROM contact_timeline(1, page_token => '');
\echo :LAST_ERROR_SQLSTATE
SELECT count(*) FROM contact_timeline(1, page_token => 'first');
SELECT count(*) FROM contact_timeline(1, page_token => upper(:'token'));
SELECT count(*) FROM contact_timeline(1, page_token => :'token' || '00');
SELECT count(*) FROM contact_timeline(1, page_token => ' ' || :'token');
SELECT count(*) FROM contact_timeline(2, page_token => :'token');
SELECT count(*) FROM company_timeline(1, page_token => :'token');
SELECT count(*) FROM deal_timeline(1, page_token => :'token');
SELECT count(*) FROM contact_timeline(1, page_token => repeat('0', 2000000));
CREATE FUNCTION pg_temp.is_refused(token text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN PERFORM contact_timeline(1, page_token => token); RETURN false; EXCEPTION WHEN invalid_parameter_value THEN RETURN true; END $$;
-- every truncation and every change of a digit is found
SELECT count(*) FROM generate_series(0, length(:'token') - 1) AS i WHERE NOT pg_temp.is_refused(left(:'token', i));
SELECT count(*) FROM generate_series(1, length(:'token')) AS i, unnest('{0,7,f}'::text[]) AS digit
WHERE substr(:'token', i, 1) <> digit AND NOT pg_temp.is_refused(overlay(:'token' PLACING digit FROM i));

-- times that are no times: minus infinity comes last, infinity is planned
INSERT INTO contacts (id, first_name, created_at) VALUES (4, 'Endless', '2024-01-01');
INSERT INTO activities (id, contact_id, type, subject, completed_at) VALUES (101, 4, 'note', 'since ever', '-infinity'), (102, 4, 'note', 'never', 'infinity'), (103, 4, 'note', 'since ever', '-infinity'), (104, 4, 'note', 'never', 'infinity'),
	(105, 4, 'note', 'year 9999', '9999-12-31'), (106, 4, 'note', 'Rome', '0753-04-21 BC');
INSERT INTO emails (id, contact_id, direction, subject, sent_at) VALUES (101, 4, 'inbound', 'since ever', '-infinity'), (102, 4, 'inbound', 'never', 'infinity');
SELECT occurred_at, source, source_id, title FROM contact_timeline(4);
SELECT occurred_at, source, source_id, title FROM contact_timeline(4, include_planned => true);
SELECT title FROM contact_timeline(4, include_planned => true, until => 'infinity');
SELECT count(*) FROM contact_timeline(4, include_planned => true, until => '-infinity');
-- paging through them
WITH RECURSIVE page AS (
	(SELECT 1 AS n, p.* FROM contact_timeline(4, include_planned => true, max_events => 1) AS p)
	UNION ALL SELECT page.n + 1, p.* FROM page, contact_timeline(4, include_planned => true, max_events => 1, page_token => page.page_token) AS p)
SELECT n, source, source_id, occurred_at FROM page ORDER BY n;

-- where a call may stand
SELECT c.first_name, t.kind FROM contacts AS c, LATERAL contact_timeline(c.id, max_events => 1, kinds => '{call,contact_created}') AS t ORDER BY c.id;
SELECT c.id, t.n FROM contacts AS c LEFT JOIN LATERAL (SELECT count(*) AS n FROM contact_timeline(c.id)) AS t ON true ORDER BY c.id;
SELECT c.id, t.title FROM contacts AS c LEFT JOIN contact_timeline(c.id, kinds => '{call}') AS t ON true ORDER BY c.id, t.title;
SELECT t.title, u.name FROM contact_timeline(1, kinds => '{call}') AS t JOIN users AS u ON u.id = t.actor::bigint;
SELECT (contact_timeline(2)).kind;
SELECT id, (contact_timeline(id, max_events => 1)).kind FROM contacts ORDER BY id;
SELECT row_to_json(t)->>'kind' AS kind FROM contact_timeline(2) AS t;
SELECT kind FROM contact_timeline(2) WITH ORDINALITY AS t WHERE ordinality = 1;
SELECT kind FROM ROWS FROM (contact_timeline(2), generate_series(1, 3)) AS t;
BEGIN;
DECLARE page SCROLL CURSOR WITH HOLD FOR SELECT title FROM contact_timeline(1, kinds => '{call,note,task}');
DECLARE other CURSOR FOR SELECT title FROM contact_timeline(1, kinds => '{call,note,task}');
FETCH 1 FROM page;
FETCH 1 FROM other;
INSERT INTO activities (contact_id, type, subject, created_at) VALUES (1, 'note', 'since', '2024-06-01');
FETCH 1 FROM other;
COMMIT;
FETCH ALL FROM page;
FETCH BACKWARD 1 FROM page;
CLOSE page;
DELETE FROM activities WHERE subject = 'since';
BEGIN READ ONLY;
SELECT title FROM contact_timeline(1, kinds => '{call,note,task}');
SELECT kind FROM company_timeline(2);
SELECT kind FROM deal_timeline(2, kinds => '{deal_created}');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE;
SELECT kind FROM contact_timeline(2);
COMMIT;
CREATE TEMP TABLE saved AS SELECT * FROM contact_timeline(2);
SELECT count(*) FROM saved;
COPY (SELECT title FROM contact_timeline(1, kinds => '{call,note}')) TO stdout;
CREATE FUNCTION pg_temp.newest(id bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN (SELECT title FROM contact_timeline(id, max_events => 1, kinds => '{note,task,call}')); END $$;
SELECT pg_temp.newest(c) FROM unnest('{1,2,1}'::bigint[]) AS c;
-- its own writes, in the same transaction; and no others' after a rollback
BEGIN;
SELECT pg_temp.newest(1);
UPDATE activities SET completed_at = '2024-07-01', subject = 'done now' WHERE id = 3;
SELECT pg_temp.newest(1);
SAVEPOINT s;
UPDATE activities SET subject = 'undone' WHERE id = 3;
SELECT pg_temp.newest(1);
ROLLBACK TO s;
SELECT pg_temp.newest(1);
ROLLBACK;
SELECT pg_temp.newest(1);
-- an error in the middle harms no later call
DO $$ BEGIN PERFORM 1 / (source_id::int - 1) FROM contact_timeline(1, kinds => '{call}'); EXCEPTION WHEN division_by_zero THEN RAISE WARNING 'caught'; END $$;
SELECT pg_temp.newest(1);

-- what the planner is told
CREATE FUNCTION pg_temp.estimate(query text) RETURNS bigint LANGUAGE plpgsql AS $$ DECLARE plan json; BEGIN EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan; RETURN plan->0->'Plan'->>'Plan Rows'; END $$;
SELECT pg_temp.estimate(format('SELECT * FROM %s', call)) AS rows, call FROM unnest(ARRAY['contact_timeline(1)', 'contact_timeline(1, max_events => 7)', 'company_timeline(1, max_events => 200)', 'deal_timeline(1, max_events => NULL)', 'contact_timeline(1, max_events => 3 + 4)',
	'contact_timeline(1, max_events => 0)', 'contact_timeline(1, max_events => -5)', 'contact_timeline(1, max_events => 2147483647)', 'contact_timeline(1, max_events => (SELECT 9))', 'crm.timeline_of(''timeline'', ''contact_id'', ''1'', max_events => 8)']) AS call;

-- the schema may be renamed, dropped and made again in one session
ALTER SCHEMA regress_crm_timeline RENAME TO regress_crm_renamed;
SELECT kind FROM regress_crm_renamed.contact_timeline(2);
SELECT kind FROM regress_crm_renamed.contact_timeline(2, kinds => '{call}');
SELECT kind FROM regress_crm_renamed.company_timeline(2);
ALTER SCHEMA regress_crm_renamed RENAME TO regress_crm_timeline;
SELECT kind FROM contact_timeline(2);
DROP SCHEMA regress_crm_timeline CASCADE;
SELECT crm.create_tables('regress_crm_timeline');
INSERT INTO contacts (id, first_name) VALUES (2, 'Another');
SELECT title FROM contact_timeline(2);
-- columns added, and types changed, between two calls
ALTER TABLE contacts ADD COLUMN nickname text DEFAULT 'x';
ALTER TABLE activities DROP COLUMN external_id;
SELECT title FROM contact_timeline(2);
SELECT crm.drop_views('regress_crm_timeline') > 0 AS dropped;
ALTER TABLE contacts ALTER COLUMN first_name TYPE varchar(100);
SELECT crm.create_views('regress_crm_timeline') > 0 AS made;
SELECT title, pg_typeof(title) FROM contact_timeline(2);
SELECT title, pg_typeof(title) FROM timeline WHERE contact_id = 2;
DROP SCHEMA regress_crm_timeline CASCADE;
RESET search_path;
