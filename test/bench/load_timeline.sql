-- The CRM that timelines are read from.  For each thousand contacts there are
-- 10,000 activities, 10,000 e-mails and 1,000 deals with 5,000 changes.  The
-- typical contact has 20 to 30 events; contact 1 has eight of a hundred of all.
-- Written past the triggers, which would take minutes.

SET client_min_messages = warning;
-- VACUUM calls no row visible to all whose commit is not yet on disk.
SET synchronous_commit = on;

SELECT crm.create_tables('sales') \g /dev/null

-- 0 to sides - 1, the same each time.
CREATE FUNCTION dice(n bigint, seed bigint, sides bigint) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN (hashint8extended(n, seed) & 9223372036854775807) % sides;

-- Contact 1 for eight rows of a hundred, else any other.
CREATE FUNCTION contact_of(n bigint, seed bigint, contacts bigint) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN CASE WHEN dice(n, seed, 100) < 8 THEN 1 ELSE 2 + dice(n, seed + 1, contacts - 1) END;

-- Rows are written in the order of their time, as they would arrive: the n-th
-- of "rows" in two years, to the second.
CREATE FUNCTION moment(n bigint, rows_ bigint) RETURNS timestamptz
	LANGUAGE sql IMMUTABLE
	RETURN timestamptz '2023-03-01 00:00:00+00' + interval '1 second' * (63072000 * n / rows_);

SET session_replication_role = replica;

INSERT INTO sales.users (id, name) VALUES (1, 'bench_ann'), (2, 'bench_bob');

INSERT INTO sales.companies (id, name, owner_id, created_at)
SELECT n, 'Company ' || n, 1 + n % 2, timestamptz '2023-01-01 00:00:00+00' + interval '1 minute' * n
FROM generate_series(1, :contacts / 20) AS n;

INSERT INTO sales.contacts (id, first_name, last_name, email, company_id, owner_id, created_at)
SELECT n, 'First' || n, 'Last' || n, 'contact' || n || '@example.com', 1 + n % (:contacts / 20), 1 + n % 2,
	timestamptz '2023-02-01 00:00:00+00' + interval '1 second' * n
FROM generate_series(1, :contacts) AS n;

INSERT INTO sales.deals (id, name, contact_id, company_id, value, currency, stage, pipeline_id,
	pipeline_stage_id, probability, owner_id, closed_at, created_at)
SELECT n, 'Licence ' || n, contact, 1 + contact % (:contacts / 20), 100 + dice(n, 3, 100000), 'USD', stage.counts_as,
	stage.pipeline_id, stage.id, crm.default_probability(stage.counts_as), 1 + contact % 2,
	CASE WHEN stage.counts_as IN ('won', 'lost') THEN moment(n, :contacts) END, moment(n, :contacts)
FROM generate_series(1, :contacts) AS n
	CROSS JOIN LATERAL (SELECT contact_of(n, 1, :contacts) AS contact) AS drawn
	JOIN sales.pipeline_stages AS stage ON stage.position = 1 + n % 6;

-- Half of the interactions belong to a deal.
INSERT INTO sales.activities (id, contact_id, company_id, deal_id, type, subject, description, completed_at, user_id, created_at)
SELECT n, contact, 1 + contact % (:contacts / 20), deal,
	-- of the first contact's events two in 20,000 are meetings: one in ten thousand
	CASE WHEN contact = 1 AND dice(n, 13, 4000) = 0 THEN 'meeting'
		WHEN contact = 1 THEN (ARRAY['call', 'note', 'task'])[1 + dice(n, 14, 3)]
		ELSE (ARRAY['call', 'note', 'task', 'meeting'])[1 + dice(n, 14, 4)] END,
	'Follow-up number ' || n, 'Wants an answer by the end of the month; compares us with two others.',
	CASE WHEN dice(n, 14, 3) <> 1 THEN moment(n, :contacts * 10) END, 1 + contact % 2, moment(n, :contacts * 10)
FROM generate_series(1, :contacts * 10) AS n,
	LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 1 + dice(n, 11, :contacts) END AS deal) AS its,
	LATERAL (SELECT contact_of(coalesce(deal, n), CASE WHEN deal IS NULL THEN 12 ELSE 1 END, :contacts) AS contact) AS drawn;

INSERT INTO sales.emails (id, contact_id, deal_id, direction, from_address, to_addresses, subject, body, sent_at, thread_id, created_at)
SELECT n, contact, deal, CASE WHEN n % 3 = 0 THEN 'inbound' ELSE 'outbound' END,
	'somebody@example.com', '["contact@example.com"]', 'Re: number ' || n,
	'Thank you for the quote. I have passed it on to purchasing, who will come back to you by Friday.',
	moment(n, :contacts * 10) + interval '1 second' * dice(n, 23, 60), 'thread-' || n / 4, moment(n, :contacts * 10)
FROM generate_series(1, :contacts * 10) AS n,
	LATERAL (SELECT CASE WHEN n % 2 = 0 THEN 1 + dice(n, 21, :contacts) END AS deal) AS its,
	LATERAL (SELECT contact_of(coalesce(deal, n), CASE WHEN deal IS NULL THEN 22 ELSE 1 END, :contacts) AS contact) AS drawn;

-- A deal is entered, moves, changes its value, moves again, and changes its
-- probability, a fifth of the two years apart.
INSERT INTO sales.deal_changes (id, deal_id, deal_name, contact_id, company_id, kind, old_stage, new_stage,
	old_value, new_value, old_currency, new_currency, old_probability, new_probability, old_owner_id, new_owner_id,
	changed_at, changed_by, actor)
SELECT n, deal, 'Licence ' || deal, contact, 1 + contact % (:contacts / 20), kind, old_stage, new_stage,
	CASE WHEN step > 0 THEN 1000 + deal END, CASE WHEN step < 2 THEN 1000 ELSE 1200 END + deal,
	CASE WHEN step > 0 THEN 'USD' END, 'USD', crm.default_probability(old_stage),
	CASE WHEN step = 4 THEN 60 ELSE crm.default_probability(new_stage) END,
	CASE WHEN step > 0 THEN 1 + contact % 2 END, 1 + contact % 2, moment(n, :contacts * 5), 'app', 'ann'
FROM generate_series(1, :contacts * 5) AS n
	CROSS JOIN LATERAL (SELECT (n - 1) / :contacts AS step, 1 + (n - 1) % :contacts AS deal) AS place
	CROSS JOIN LATERAL (SELECT contact_of(deal, 1, :contacts) AS contact) AS drawn
	JOIN (VALUES (0, 'created', NULL, 'lead'), (1, 'stage', 'lead', 'qualified'), (2, 'value', 'qualified', 'qualified'),
		(3, 'stage', 'qualified', 'proposal'), (4, 'other', 'proposal', 'proposal')) AS each (its_step, kind, from_stage, to_stage)
		ON its_step = step,
	LATERAL (SELECT from_stage::crm.deal_stage AS old_stage, to_stage::crm.deal_stage AS new_stage) AS stages
ORDER BY n;

-- Five tables of an application, which timeline_sources.sql adds as sources.
SELECT format('CREATE TABLE %1$s (
	source_id bigint PRIMARY KEY,
	occurred_at timestamptz NOT NULL,
	kind text NOT NULL,
	title text,
	description text,
	contact_id bigint NOT NULL
);
INSERT INTO %1$s
SELECT n, moment(n, %2$s * 2), %3$L, ''Number '' || n, ''What the application has to say about it, in a sentence.'', contact_of(n, 31 + 2 * %4$s, %2$s)
FROM generate_series(1, %2$s * 2) AS n;
CREATE INDEX ON %1$s (contact_id, occurred_at, source_id);', name, :contacts, rtrim(name, 's'), place)
FROM unnest(ARRAY['orders', 'tickets', 'invoices', 'visits', 'reviews']) WITH ORDINALITY AS each (name, place)
\gexec

RESET session_replication_role;
VACUUM (FREEZE, ANALYZE);

-- A group of statements starts from the CRM's own sources, without policies.
CREATE PROCEDURE reset_timeline() LANGUAGE plpgsql AS $$
BEGIN
	PERFORM crm.remove_timeline_source('sales', source)
	FROM sales.timeline_sources WHERE relation_schema = 'public';
	ALTER TABLE sales.contacts DISABLE ROW LEVEL SECURITY;
	ALTER TABLE sales.activities DISABLE ROW LEVEL SECURITY;
	ALTER TABLE sales.emails DISABLE ROW LEVEL SECURITY;
	ALTER TABLE sales.deal_changes DISABLE ROW LEVEL SECURITY;
END $$;

-- Two users of the application, who see what their own contacts have.
CREATE ROLE bench_ann;
CREATE ROLE bench_bob;
GRANT USAGE ON SCHEMA sales TO bench_ann, bench_bob;
GRANT SELECT ON ALL TABLES IN SCHEMA sales TO bench_ann, bench_bob;
CREATE POLICY own ON sales.contacts
	USING (owner_id = (SELECT id FROM sales.users WHERE name = current_user));
CREATE POLICY own ON sales.activities
	USING (EXISTS (SELECT FROM sales.contacts AS c WHERE c.id = contact_id));
CREATE POLICY own ON sales.emails
	USING (EXISTS (SELECT FROM sales.contacts AS c WHERE c.id = contact_id));
CREATE POLICY own ON sales.deal_changes
	USING (EXISTS (SELECT FROM sales.contacts AS c WHERE c.id = contact_id));

-- The floor: every event of every contact in one table, with all that a page
-- has, in the order in which they arrived.
CREATE TABLE flat (LIKE sales.timeline_page, key bigint);
ALTER TABLE flat ALTER source TYPE text COLLATE "C";
INSERT INTO flat
SELECT t.*, t.source_id::bigint
FROM sales.contacts AS c, LATERAL sales.contact_timeline(c.id, max_events => 100000000) AS t
ORDER BY t.occurred_at;
CREATE UNIQUE INDEX flat_contact_idx ON flat (contact_id, occurred_at DESC, source DESC, key DESC);
CREATE INDEX flat_deal_idx ON flat (deal_id, occurred_at DESC, source DESC, key DESC);
VACUUM (FREEZE, ANALYZE) flat;

-- Contacts as most are, each with an owner's turn.
CREATE TABLE typical AS
SELECT contact_id AS id, 1 + contact_id % 2 AS owner_id, row_number() OVER (PARTITION BY contact_id % 2 ORDER BY contact_id) AS place
FROM (
	SELECT contact_id FROM flat WHERE contact_id <> 1 GROUP BY contact_id HAVING count(*) BETWEEN 20 AND 30
) AS usual;
ANALYZE typical;
CHECKPOINT;

-- Times of statements that answer differently would mean nothing: what contact 1
-- has in the tables, the timeline and the flat table must be the same, in order.
DO $$
DECLARE
	by_hand text := (SELECT string_agg(source || ' ' || id, E'\n' ORDER BY at DESC, source COLLATE "C" DESC, id DESC)
		FROM (
			SELECT coalesce(completed_at, scheduled_at, created_at) AS at, 'activities' AS source, id FROM sales.activities WHERE contact_id = 1
			UNION ALL
			SELECT coalesce(sent_at, created_at), 'emails', id FROM sales.emails WHERE contact_id = 1
			UNION ALL
			SELECT changed_at, 'deal_changes', id FROM sales.deal_changes WHERE contact_id = 1
			UNION ALL
			SELECT created_at, 'contacts', id FROM sales.contacts WHERE id = 1
		) AS events);
	timeline text := (SELECT string_agg(source || ' ' || source_id, E'\n' ORDER BY place)
		FROM (SELECT *, row_number() OVER () AS place FROM sales.contact_timeline(1, max_events => 100000000)) AS events);
	flat text := (SELECT string_agg(source || ' ' || source_id, E'\n' ORDER BY occurred_at DESC, source DESC, key DESC)
		FROM flat WHERE contact_id = 1);
BEGIN
	IF timeline IS DISTINCT FROM by_hand OR flat IS DISTINCT FROM by_hand THEN
		RAISE EXCEPTION 'the timeline, the flat table and the tables disagree';
	END IF;
END $$;
