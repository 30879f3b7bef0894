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

\echo 'A deal moves: the probability follows the stage, closing sets the time (rolled back)'
BEGIN;
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
ROLLBACK;
