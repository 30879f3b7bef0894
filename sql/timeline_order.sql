-- The timeline's total order, page by page, and that a page costs what it shows.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
SELECT crm.create_tables('regress_crm_order');
SET search_path = regress_crm_order;
-- contacts 1 to 3 of company 1 and contact 4 of none: 60 events of each source
-- at four instants for contact 1, and a history of 25,000 events for contact 4
INSERT INTO companies (id, name, created_at) VALUES (1, 'Ties', '2024-03-02'), (2, 'Big', '2020-01-01'), (3, 'Many', '2020-01-01'), (4, 'Too many', '2020-01-01');
INSERT INTO contacts (id, first_name, company_id, created_at) VALUES (1, 'Tied', 1, '2024-03-02'), (2, 'Second', 1, '2024-03-02'), (3, 'Third', 1, '2024-03-02'), (4, 'Long', NULL, '2020-01-01');
INSERT INTO deals (id, name, contact_id, company_id) VALUES (1, 'tied', 1, 1), (2, 'other', NULL, 1), (3, 'long', 4, NULL);
UPDATE deal_changes SET changed_at = '2020-01-01';
INSERT INTO activities (id, contact_id, company_id, deal_id, type, created_at)
SELECT i, CASE WHEN i % 3 = 0 THEN 2 ELSE 1 END, CASE WHEN i % 2 = 0 THEN 1 END, CASE WHEN i % 5 = 0 THEN 1 END, (ARRAY['call', 'note'])[1 + i % 2], '2024-03-01'::timestamptz + (i % 4) * '1 day'::interval FROM generate_series(1, 90) AS i;
INSERT INTO emails (id, contact_id, deal_id, direction, sent_at)
SELECT i, CASE WHEN i % 3 = 0 THEN 3 ELSE 1 END, CASE WHEN i % 5 = 0 THEN 2 END, 'inbound', '2024-03-01'::timestamptz + (i % 4) * '1 day'::interval FROM generate_series(1, 90) AS i;
-- keys of other lengths: as integers 9 comes before 10 and 1000
UPDATE emails SET id = id + 9950 WHERE id > 45;
UPDATE activities SET id = -id WHERE id % 7 = 0;
INSERT INTO deal_changes (deal_id, contact_id, company_id, kind, old_stage, new_stage, changed_at)
SELECT 1, 1, 1, 'other', 'lead', 'lead', '2024-03-01'::timestamptz + (i % 4) * '1 day'::interval FROM generate_series(1, 60) AS i;
ALTER TABLE activities ALTER COLUMN id RESTART WITH 100000;
ALTER TABLE emails ALTER COLUMN id RESTART WITH 100000;
INSERT INTO activities (contact_id, type, created_at) SELECT 4, 'note', '2021-01-01'::timestamptz + i * '1 hour'::interval FROM generate_series(1, 10000) AS i;
INSERT INTO emails (contact_id, deal_id, direction, sent_at) SELECT 4, 3, 'inbound', '2021-01-01'::timestamptz + i * '1 hour'::interval FROM generate_series(1, 10000) AS i;

INSERT INTO deal_changes (deal_id, contact_id, kind, old_stage, new_stage, changed_at) SELECT 3, 4, 'other', 'lead', 'lead', '2021-01-01'::timestamptz + i * '1 hour'::interval FROM generate_series(1, 5000) AS i;

-- all of a timeline, page by page
CREATE FUNCTION pg_temp.paged(whose text, id bigint, page_size integer, until timestamptz DEFAULT NULL, kinds text[] DEFAULT NULL, include_planned boolean DEFAULT false)
RETURNS TABLE (events text[], pages integer) LANGUAGE plpgsql AS $$
DECLARE token text; page record;
BEGIN
	events := '{}';
	pages := 0;
	LOOP
		EXECUTE format('SELECT array_agg(source || '' '' || source_id ORDER BY n) AS events, (array_agg(page_token ORDER BY n DESC))[1] AS token FROM regress_crm_order.%I($1, $2, $3, $4, $5, $6) WITH ORDINALITY AS t (a, b, c, d, e, f, g, h, i, source, source_id, l, page_token, n)', whose || '_timeline')
			INTO page USING id, until, page_size, kinds, include_planned, token;
		EXIT WHEN page.events IS NULL;
		events := events || page.events;
		pages := pages + 1;
		token := page.token;
	END LOOP;
	RETURN NEXT;
END $$;
-- the same from the view, sorted: by time, source, and key as an integer
CREATE FUNCTION pg_temp.sorted(whose text, id bigint, until timestamptz DEFAULT NULL, kinds text[] DEFAULT NULL) RETURNS text[] LANGUAGE sql AS $$
	SELECT array_agg(source || ' ' || source_id ORDER BY occurred_at DESC, source COLLATE "C" DESC, source_id::bigint DESC) FROM regress_crm_order.timeline AS t
	WHERE CASE whose WHEN 'contact' THEN contact_id = $2 WHEN 'deal' THEN deal_id = $2
		ELSE company_id = $2 OR contact_id IN (SELECT c.id FROM regress_crm_order.contacts AS c WHERE c.company_id = $2) OR deal_id IN (SELECT d.id FROM regress_crm_order.deals AS d WHERE d.company_id = $2) END
		AND occurred_at < COALESCE($3, now()) AND ($4 IS NULL OR kind = ANY ($4)) $$;
SELECT whose, id, page_size, cardinality(p.events) AS events, p.pages, p.events = pg_temp.sorted(whose, id) AS as_sorted
FROM (VALUES ('contact', 1), ('contact', 2), ('company', 1), ('deal', 1), ('deal', 2)) AS w (whose, id), unnest('{1,7,50,1000}'::integer[]) AS page_size, pg_temp.paged(whose, id, page_size) AS p ORDER BY whose, id, page_size;
SELECT page_size, cardinality(p.events) AS events, p.events = pg_temp.sorted('contact', 4) AS as_sorted FROM unnest('{999,5000}'::integer[]) AS page_size, pg_temp.paged('contact', 4, page_size) AS p ORDER BY page_size;
-- some kinds, and an end
SELECT page_size, cardinality(p.events) AS events, p.events = pg_temp.sorted('contact', 1, kinds => '{call,email}') AS as_sorted FROM unnest('{1,7,50}'::integer[]) AS page_size, pg_temp.paged('contact', 1, page_size, kinds => '{call,email}') AS p ORDER BY page_size;
SELECT page_size, cardinality(p.events) AS events, p.events = pg_temp.sorted('company', 1, kinds => '{note,contact_created,deal_changed}') AS as_sorted FROM unnest('{1,7,50}'::integer[]) AS page_size, pg_temp.paged('company', 1, page_size, kinds => '{note,contact_created,deal_changed}') AS p ORDER BY page_size;
SELECT page_size, cardinality(p.events) AS events, p.events = pg_temp.sorted('contact', 1, '2024-03-03') AS as_sorted FROM unnest('{1,7,50}'::integer[]) AS page_size, pg_temp.paged('contact', 1, page_size, until => '2024-03-03') AS p ORDER BY page_size;
-- from every event on: what comes after it in the order
WITH whole AS (SELECT n, source || ' ' || source_id AS event, page_token FROM company_timeline(1, max_events => 1000) WITH ORDINALITY AS t (a, b, c, d, e, f, g, h, i, source, source_id, l, page_token, n))
SELECT count(*) AS places, count(*) FILTER (WHERE next.events IS DISTINCT FROM (SELECT array_agg(f.event ORDER BY f.n) FROM whole AS f WHERE f.n > whole.n AND f.n <= whole.n + 3)) AS wrong
FROM whole, LATERAL (SELECT array_agg(source || ' ' || source_id ORDER BY n) AS events FROM company_timeline(1, max_events => 3, page_token => whole.page_token) WITH ORDINALITY AS t (a, b, c, d, e, f, g, h, i, source, source_id, l, page_token, n)) AS next;
-- a token is of the timeline, not of the page: sizes and kinds may change on the way
WITH whole AS (SELECT n, kind, source || ' ' || source_id AS event, page_token FROM contact_timeline(1, max_events => 1000) WITH ORDINALITY AS t (a, kind, c, d, e, f, g, h, i, source, source_id, l, page_token, n))
SELECT count(*) AS places, count(*) FILTER (WHERE next.events IS DISTINCT FROM (SELECT (array_agg(f.event ORDER BY f.n))[1:2] FROM whole AS f WHERE f.n > whole.n AND f.kind = 'email')) AS wrong
FROM whole, LATERAL (SELECT array_agg(source || ' ' || source_id ORDER BY n) AS events FROM contact_timeline(1, max_events => 2, kinds => '{email}', page_token => whole.page_token) WITH ORDINALITY AS t (a, b, c, d, e, f, g, h, i, source, source_id, l, page_token, n)) AS next;
-- rows that come between two pages move nothing that was shown
SELECT page_token AS token FROM contact_timeline(1, max_events => 30) ORDER BY occurred_at, source COLLATE "C", source_id::bigint LIMIT 1 \gset
SELECT array_agg(source || source_id) AS events FROM contact_timeline(1, max_events => 5, page_token => :'token') \gset before_
BEGIN;
INSERT INTO activities (contact_id, type, created_at) SELECT 1, 'note', '2024-03-20' FROM generate_series(1, 10);
INSERT INTO emails (id, contact_id, direction, sent_at) SELECT i, 1, 'inbound', '2024-03-04' FROM generate_series(-10, 0) AS i;
SELECT array_agg(source || source_id) = :'before_events' AS same FROM contact_timeline(1, max_events => 5, page_token => :'token');
ROLLBACK;
-- ten thousand events at one instant
INSERT INTO contacts (id, first_name, created_at) VALUES (5, 'Import', '2019-01-01');
INSERT INTO activities (contact_id, type, created_at) SELECT 5, 'note', '2020-01-01' FROM generate_series(1, 10000);
INSERT INTO emails (contact_id, direction, sent_at) SELECT 5, 'inbound', '2020-01-01' FROM generate_series(1, 100);
SELECT page_size, cardinality(p.events) AS events, p.pages, p.events = pg_temp.sorted('contact', 5) AS as_sorted FROM unnest('{50,3000,20000}'::integer[]) AS page_size, pg_temp.paged('contact', 5, page_size) AS p ORDER BY page_size;

-- a company with as many contacts and deals as are allowed, and with one more
INSERT INTO contacts (id, first_name, company_id, created_at) SELECT 10000 + i, 'c', 3 + (i > 9999)::integer, '2020-01-01' FROM generate_series(1, 20000) AS i;
INSERT INTO deals (id, name, company_id) SELECT 10000 + i, 'd', 3 + (i > 1)::integer FROM generate_series(1, 2) AS i;
UPDATE contacts SET company_id = NULL WHERE id > 20000 - 1 + 10000;
SELECT company_id, count(*) FROM (SELECT company_id FROM contacts UNION ALL SELECT company_id FROM deals) AS t WHERE company_id IN (3, 4) GROUP BY 1 ORDER BY 1;
SELECT count(*), count(DISTINCT (source, source_id)) FROM company_timeline(3, max_events => 20000);
SELECT count(*) FROM company_timeline(4);
\echo :LAST_ERROR_SQLSTATE
DELETE FROM contacts WHERE company_id IN (3, 4);

-- plans: every branch of the view is read through its index, in its order, and
-- merged; nothing is sorted, and no branch is a subquery
VACUUM ANALYZE activities, companies, contacts, deal_changes, deals, emails;
CREATE FUNCTION pg_temp.nodes(query text) RETURNS TABLE (node text, n bigint) LANGUAGE plpgsql AS $$
DECLARE plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
	RETURN QUERY SELECT t #>> '{}', count(*) FROM jsonb_path_query(plan, 'strict $.**."Node Type"', silent => true) AS t GROUP BY 1 ORDER BY 1;
END $$;
SELECT string_agg(node || ' ' || n, ', ' ORDER BY node) AS plan FROM pg_temp.nodes('SELECT * FROM timeline WHERE contact_id = 4 ORDER BY occurred_at DESC LIMIT 50');
SELECT string_agg(node || ' ' || n, ', ' ORDER BY node) AS plan FROM pg_temp.nodes('SELECT * FROM timeline WHERE contact_id = 4 AND occurred_at < ''2024-01-01'' ORDER BY occurred_at DESC LIMIT 50');
SELECT string_agg(node || ' ' || n, ', ' ORDER BY node) AS plan FROM pg_temp.nodes('SELECT c.id, t.* FROM contacts AS c CROSS JOIN LATERAL (SELECT * FROM timeline AS t WHERE t.contact_id = c.id ORDER BY occurred_at DESC LIMIT 1) AS t WHERE c.id = 4');
EXPLAIN (COSTS OFF) SELECT * FROM timeline WHERE contact_id = 4 ORDER BY occurred_at DESC LIMIT 50;
-- where there are few rows, and sorting them is not allowed
SET enable_sort = off;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT key, (SELECT string_agg(node || ' ' || n, ', ' ORDER BY node) FROM pg_temp.nodes(format('SELECT * FROM timeline WHERE %I = 1 ORDER BY occurred_at DESC LIMIT 50', key))) AS plan FROM unnest('{contact_id,deal_id,company_id}'::text[]) AS key;
EXPLAIN (COSTS OFF) SELECT * FROM timeline WHERE deal_id = 1 ORDER BY occurred_at DESC LIMIT 50;
EXPLAIN (COSTS OFF) SELECT * FROM timeline WHERE company_id = 1 ORDER BY occurred_at DESC LIMIT 50;
RESET enable_sort;
RESET enable_seqscan;
RESET enable_bitmapscan;
-- a page of a long history reads what it shows, not the history; so do a late
-- page and one inside ten thousand events of an instant; the first calls warm up
CREATE FUNCTION pg_temp.blocks(query text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE plan json;
BEGIN
	FOR i IN 1..3 LOOP EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, SUMMARY OFF, FORMAT JSON) ' || query INTO plan; END LOOP;
	RETURN (plan->0->'Plan'->>'Shared Hit Blocks')::integer + (plan->0->'Plan'->>'Shared Read Blocks')::integer;
END $$;
SELECT page_token AS late FROM contact_timeline(4, max_events => 10000) OFFSET 9999 \gset
SELECT page_token AS inside FROM contact_timeline(5, max_events => 5000) OFFSET 4999 \gset
CREATE FUNCTION pg_temp.costly_calls(late text, inside text) RETURNS TABLE (blocks integer, call text) LANGUAGE sql AS $$
	SELECT b, c FROM unnest(ARRAY['contact_timeline(4)', 'contact_timeline(5)', 'deal_timeline(3)', 'contact_timeline(4, until => ''2021-06-01'')', 'contact_timeline(4, kinds => ''{note}'')',
		'contact_timeline(4, include_planned => true)', format('contact_timeline(4, page_token => %L)', late), format('contact_timeline(5, page_token => %L)', inside), 'company_timeline(1)']) AS c, pg_temp.blocks('SELECT * FROM ' || c) AS b WHERE b > CASE WHEN c = 'company_timeline(1)' THEN 1000 ELSE 100 END $$;
SELECT * FROM pg_temp.costly_calls(:'late', :'inside');
-- whatever the planner prefers, and how often the session has asked
SET random_page_cost = 1.1;
DISCARD PLANS;
SELECT * FROM pg_temp.costly_calls(:'late', :'inside');
SET random_page_cost = 10;
DISCARD PLANS;
SELECT * FROM pg_temp.costly_calls(:'late', :'inside');
RESET random_page_cost;
SET plan_cache_mode = force_custom_plan;
SELECT * FROM pg_temp.costly_calls(:'late', :'inside');
SET plan_cache_mode = force_generic_plan;
SELECT * FROM pg_temp.costly_calls(:'late', :'inside');
SET plan_cache_mode = auto;
DISCARD PLANS;
PREPARE page (bigint, timestamptz, integer, text[]) AS SELECT md5(string_agg(source || source_id, ' ' ORDER BY occurred_at, source, source_id)) FROM contact_timeline($1, $2, $3, $4);
CREATE TEMP TABLE answers (n serial, cost text, answer text);
DO $$
DECLARE answer text; cost text;
BEGIN
	FOREACH cost IN ARRAY '{4,1.1}'::text[] LOOP
		PERFORM set_config('random_page_cost', cost, false);
		FOR i IN 1..10 LOOP EXECUTE 'EXECUTE page(4, NULL, 50, NULL)' INTO answer; INSERT INTO answers (cost, answer) VALUES (cost, answer); END LOOP;
		FOR i IN 1..10 LOOP EXECUTE 'EXECUTE page(4, ''2021-06-01'', 7, ''{note}'')' INTO answer; INSERT INTO answers (cost, answer) VALUES (cost, answer); END LOOP;
	END LOOP;
END $$;
SELECT count(*), count(DISTINCT answer) FROM answers;
RESET random_page_cost;
SELECT pg_temp.blocks('EXECUTE page(4, NULL, 50, NULL)') < 100 AS cheap;
-- with statistics of yesterday: nothing is known of the new rows
INSERT INTO contacts (id, first_name, created_at) VALUES (6, 'New', '2019-01-01');
INSERT INTO activities (contact_id, type, created_at) SELECT 6, 'note', '2021-01-01'::timestamptz + i * '1 hour'::interval FROM generate_series(1, 10000) AS i;
SELECT pg_temp.blocks('SELECT * FROM contact_timeline(6)') < 100 AS cheap;
DELETE FROM pg_statistic WHERE starelid IN ('activities'::regclass, 'emails'::regclass, 'deal_changes'::regclass, 'contacts'::regclass);
UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE oid IN ('activities'::regclass, 'emails'::regclass, 'deal_changes'::regclass, 'contacts'::regclass);
DISCARD PLANS;
SELECT * FROM pg_temp.costly_calls(:'late', :'inside');
SET plan_cache_mode = force_custom_plan;
SELECT * FROM pg_temp.costly_calls(:'late', :'inside');
RESET plan_cache_mode;
DROP SCHEMA regress_crm_order CASCADE;
RESET search_path;
