-- Looks at the demo that generate.sql made.

\encoding UTF8
\pset footer off
\pset border 1
\pset null '-'
\pset linestyle ascii
SET TimeZone = 'UTC';

-- Money in whole units, with the thousands marked, aligned on the right.
CREATE FUNCTION pg_temp.money(amount numeric) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN to_char(round(amount), '999,999,990');

\echo
\echo 'What the sample holds'
SELECT (SELECT count(*) FROM sales.companies) AS companies,
	(SELECT count(*) FROM sales.contacts) AS contacts,
	(SELECT count(*) FROM sales.deals) AS deals,
	(SELECT count(*) FROM sales.deal_changes) AS deal_changes,
	(SELECT count(*) FROM sales.activities) AS activities,
	(SELECT count(*) FROM sales.emails) AS emails;

\echo 'The open pipeline: SELECT * FROM sales.pipeline_totals()'
SELECT currency, total_deals, pg_temp.money(total_value) AS total_value,
	pg_temp.money(weighted_value) AS weighted_value
FROM sales.pipeline_totals() ORDER BY currency COLLATE "C" = 'USD' DESC, currency COLLATE "C";

\echo 'Of one owner: sales.pipeline_totals(owner_id => ...)'
SELECT u.name AS owner, t.currency, t.total_deals, pg_temp.money(t.total_value) AS total_value,
	pg_temp.money(t.weighted_value) AS weighted_value
FROM sales.users AS u, sales.pipeline_totals(owner_id => u.id) AS t
WHERE u.name = 'Priya Raman' ORDER BY t.currency COLLATE "C" = 'USD' DESC, t.currency COLLATE "C";

\echo 'By stage, US dollars: the view sales.pipeline_by_stage'
SELECT pipeline, stage_name, stage AS counts_as, total_deals, pg_temp.money(total_value) AS total_value,
	pg_temp.money(weighted_value) AS weighted_value
FROM sales.pipeline_by_stage WHERE currency = 'USD' ORDER BY pipeline_id, stage_position;

\echo 'By owner, new business in US dollars, the five largest: sales.pipeline_by_owner'
SELECT coalesce(owner, '(nobody)') AS owner, total_deals, pg_temp.money(total_value) AS total_value,
	pg_temp.money(weighted_value) AS weighted_value
FROM sales.pipeline_by_owner WHERE currency = 'USD' AND pipeline = 'Sales'
ORDER BY pipeline_by_owner.weighted_value DESC LIMIT 5;

\echo 'When it should close, new business in US dollars: sales.pipeline_by_month'
SELECT CASE due WHEN 'month' THEN to_char(month, 'YYYY-MM') ELSE due END AS due, total_deals,
	pg_temp.money(total_value) AS total_value, pg_temp.money(weighted_value) AS weighted_value
FROM sales.pipeline_by_month WHERE currency = 'USD' AND pipeline = 'Sales'
ORDER BY pipeline_by_month.due = 'overdue' DESC, month NULLS FIRST LIMIT 8;

\echo 'The aggregate in a query of your own: US dollars by industry, the five largest'
SELECT coalesce(industry, '(unknown)') AS industry, (figures).total_deals,
	pg_temp.money((figures).total_value) AS total_value,
	pg_temp.money((figures).weighted_value) AS weighted_value
FROM (
	SELECT c.industry, crm.pipeline(d.value, d.stage, d.probability) AS figures
	FROM sales.deals AS d JOIN sales.companies AS c ON c.id = d.company_id
	WHERE d.currency = 'USD' AND d.archived_at IS NULL
	GROUP BY c.industry
) AS by_industry
ORDER BY (figures).weighted_value DESC LIMIT 5;

\echo 'Sums stored per owner and added up later: crm.pipeline_partial, crm.pipeline_merge'
CREATE TEMP TABLE sums_by_owner AS
SELECT owner_id, currency, crm.pipeline_partial(value, stage, probability) AS sums
FROM sales.deals WHERE archived_at IS NULL GROUP BY owner_id, currency;
SELECT currency, stored_rows, pg_temp.money(crm.weighted_value(merged)) AS from_stored_sums,
	pg_temp.money(direct.weighted_value) AS direct, crm.weighted_value(merged) = direct.weighted_value AS equal
FROM (
	SELECT currency, count(*) AS stored_rows, crm.pipeline_merge(sums) AS merged
	FROM sums_by_owner GROUP BY currency
) AS stored JOIN sales.pipeline_totals() AS direct USING (currency)
ORDER BY currency COLLATE "C";

\echo 'A contact page: who it is'
-- Someone with open deals, a deal won, plans, and e-mails, who was heard of in the
-- last two weeks; of those the one whose newest events are of the most kinds, with
-- e-mails in both directions among them.
SELECT c.id AS contact, c.company_id AS company
FROM sales.contacts AS c
WHERE c.archived_at IS NULL AND c.company_id IS NOT NULL
	AND (SELECT count(*) FROM sales.deals AS d WHERE d.contact_id = c.id AND d.closed_at IS NULL AND d.archived_at IS NULL) BETWEEN 2 AND 4
	AND EXISTS (SELECT FROM sales.deals AS d WHERE d.contact_id = c.id AND d.stage = 'won')
	AND EXISTS (SELECT FROM sales.activities AS a WHERE a.contact_id = c.id AND a.completed_at IS NULL AND a.scheduled_at > now())
	AND (SELECT count(*) FROM sales.emails AS e WHERE e.contact_id = c.id) BETWEEN 10 AND 40
	AND EXISTS (SELECT FROM sales.contact_timeline(c.id, max_events => 1) WHERE occurred_at > now() - interval '14 days')
ORDER BY (SELECT 10 * count(DISTINCT direction) + count(DISTINCT kind) FROM sales.contact_timeline(c.id, max_events => 15)) DESC, c.id LIMIT 1 \gset
SELECT concat_ws(' ', c.first_name, c.last_name) AS contact, c.job_title, company.name AS company, c.status, c.email, owner.name AS owner
FROM sales.contacts AS c
	JOIN sales.companies AS company ON company.id = c.company_id
	LEFT JOIN sales.users AS owner ON owner.id = c.owner_id
WHERE c.id = :contact;

\echo 'its open deals'
SELECT d.name AS deal, s.name AS stage, pg_temp.money(d.value) AS value, d.currency, d.probability, d.expected_close_date AS expected_close,
	owner.name AS owner
FROM sales.deals AS d
	JOIN sales.pipeline_stages AS s ON s.id = d.pipeline_stage_id
	LEFT JOIN sales.users AS owner ON owner.id = d.owner_id
WHERE d.contact_id = :contact AND d.closed_at IS NULL AND d.archived_at IS NULL
ORDER BY d.expected_close_date, d.id;

\echo 'what is planned next'
SELECT to_char(a.scheduled_at, 'YYYY-MM-DD HH24:MI') AS planned, a.type, a.subject, u.name AS who, d.name AS deal
FROM sales.activities AS a
	LEFT JOIN sales.users AS u ON u.id = a.user_id
	LEFT JOIN sales.deals AS d ON d.id = a.deal_id
WHERE a.contact_id = :contact AND a.completed_at IS NULL AND a.scheduled_at > now() AND a.archived_at IS NULL
ORDER BY a.scheduled_at LIMIT 1;

\echo 'and what happened: sales.contact_timeline(..., max_events => 15)'
-- A source names who did it in its own way: users by id or address, contacts by
-- address.
CREATE FUNCTION pg_temp.who(actor text) RETURNS text
	LANGUAGE sql STABLE
	RETURN coalesce((SELECT name FROM sales.users WHERE id::text = actor OR email = actor),
		(SELECT concat_ws(' ', first_name, last_name) FROM sales.contacts WHERE email = actor ORDER BY archived_at DESC NULLS FIRST, id LIMIT 1), actor);
-- The first line that is no greeting.
CREATE FUNCTION pg_temp.gist(description text) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN left(split_part(regexp_replace(description, E'^[^\n]*,\n+', ''), E'\n', 1), 44);
SELECT to_char(occurred_at, 'YYYY-MM-DD HH24:MI') AS date, kind, title, pg_temp.gist(description) AS description,
	pg_temp.who(actor) AS who, direction
FROM sales.contact_timeline(:contact, max_events => 15);

\echo 'older events: page_token => that of the last event shown'
SELECT page_token AS last_token FROM sales.contact_timeline(:contact, max_events => 15) OFFSET 14 \gset
SELECT to_char(occurred_at, 'YYYY-MM-DD HH24:MI') AS date, kind, title, pg_temp.gist(description) AS description,
	pg_temp.who(actor) AS who, direction
FROM sales.contact_timeline(:contact, max_events => 3, page_token => :'last_token');

\echo 'A company page: the company of that contact'
SELECT c.name AS company, c.industry, c.size, c.city, c.country, owner.name AS owner,
	(SELECT count(*) FROM sales.contacts AS p WHERE p.company_id = c.id AND p.archived_at IS NULL) AS contacts,
	(SELECT count(*) FROM sales.deals AS d WHERE d.company_id = c.id AND d.stage = 'won') AS deals_won,
	(SELECT count(*) FROM sales.deals AS d WHERE d.company_id = c.id AND d.closed_at IS NULL AND d.archived_at IS NULL) AS deals_open
FROM sales.companies AS c LEFT JOIN sales.users AS owner ON owner.id = c.owner_id
WHERE c.id = :company;

\echo 'what happened with all of its contacts and deals: sales.company_timeline'
SELECT to_char(t.occurred_at, 'YYYY-MM-DD HH24:MI') AS date, t.kind, t.title, concat_ws(' ', c.first_name, c.last_name) AS contact,
	pg_temp.who(t.actor) AS who, t.direction
FROM sales.company_timeline(:company, max_events => 10) AS t LEFT JOIN sales.contacts AS c ON c.id = t.contact_id;

\echo 'The history of a deal of that contact: sales.deal_changes'
SELECT deal_id AS deal, deal_name FROM sales.deal_changes
WHERE contact_id = :contact GROUP BY deal_id, deal_name ORDER BY count(DISTINCT kind) DESC, count(*) DESC, deal_id DESC LIMIT 1 \gset
\echo :deal_name
SELECT to_char(changed_at, 'YYYY-MM-DD') AS date, kind, old_stage AS from_stage, new_stage AS to_stage,
	pg_temp.money(new_value) AS value, new_currency AS currency, new_probability AS probability, new_expected_close_date AS expected_close,
	pg_temp.who(actor) AS who, lost_reason
FROM sales.deal_changes WHERE deal_id = :deal ORDER BY changed_at, id;

\echo 'A deal moves: the probability follows the stage, closing sets the time (rolled back)'
BEGIN;
SET LOCAL crm.actor = 'priya@ourselves.example';
-- Each step is kept, so that one table can show them all.
CREATE TEMP TABLE steps ON COMMIT DROP AS SELECT 0 AS step, 'as it is' AS what, d.* FROM sales.deals AS d
	WHERE stage = 'qualified' AND pipeline_id = 1 AND archived_at IS NULL
		AND NOT probability_is_manual AND value > 0 ORDER BY id DESC LIMIT 1;
UPDATE sales.deals SET stage = 'negotiation' WHERE id = (SELECT id FROM steps WHERE step = 0);
INSERT INTO steps SELECT 1, 'stage = negotiation', d.* FROM sales.deals AS d WHERE id = (SELECT id FROM steps WHERE step = 0);
UPDATE sales.deals SET probability = 60 WHERE id = (SELECT id FROM steps WHERE step = 0);
INSERT INTO steps SELECT 2, 'probability = 60', d.* FROM sales.deals AS d WHERE id = (SELECT id FROM steps WHERE step = 0);
UPDATE sales.deals SET stage = 'won' WHERE id = (SELECT id FROM steps WHERE step = 0);
INSERT INTO steps SELECT 3, 'stage = won', d.* FROM sales.deals AS d WHERE id = (SELECT id FROM steps WHERE step = 0);
SELECT what, stage, probability, probability_is_manual AS by_hand, closed_at IS NOT NULL AS is_closed
FROM steps ORDER BY step;
\echo 'and its history has recorded who moved it'
SELECT kind, title AS deal, description, pg_temp.who(actor) AS who
FROM sales.deal_timeline((SELECT id FROM steps WHERE step = 0), max_events => 3, kinds => ARRAY['deal_stage_changed', 'deal_changed', 'deal_won']);
ROLLBACK;
