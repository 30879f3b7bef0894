-- Two years of deals: new business in the pipeline that every CRM has, and
-- renewals in one with stages of its own.

INSERT INTO sales.pipelines (name, position) VALUES ('Renewals', 2);
INSERT INTO sales.pipeline_stages (pipeline_id, name, position, probability, rotting_days, counts_as)
SELECT p.id, stage.*
FROM sales.pipelines AS p, (VALUES
	('Upcoming', 1, 60, 60, 'lead'::crm.deal_stage),
	('Contacted', 2, 70, 30, 'qualified'),
	('Quote sent', 3, 80, 21, 'proposal'),
	('Legal review', 4, 90, 21, 'negotiation'),
	('Verbal yes', 5, 95, 14, 'negotiation'),
	('Renewed', 6, 100, NULL, 'won'),
	('Churned', 7, 0, NULL, 'lost')) AS stage
WHERE p.name = 'Renewals';

-- Deals happen to a few contacts often and to most never: the contact is drawn
-- from a third of them.
CREATE TEMP TABLE demo_buyers AS
SELECT row_number() OVER (ORDER BY c.n) AS place, c.id AS contact_id, c.company_id, c.owner_id,
	c.days_ago, home.currency, companies.scale, companies.brand
FROM demo_contacts AS c
	JOIN demo_countries AS home USING (country)
	JOIN demo_companies AS companies ON companies.id = c.company_id
WHERE copy = 0 AND c.days_ago > 30 AND (n % 3 = 0 OR n IN (SELECT n FROM demo_busy));

-- days_ago is the day of entry.  A deal takes cycle days; what is younger is
-- still open, and so is a share of the old ones that nobody dared to close.
CREATE TEMP TABLE demo_deals AS
SELECT n, b.*, opened_ago, cycle, is_renewal, is_open, is_won, left_over,
	pg_temp.at_work(CURRENT_DATE - opened_ago, n, 'opened') AS opened,
	pg_temp.pick('Annual licence|Pilot project|Roll-out|Support contract|Training|Maintenance|Consulting days|Extension|Migration|Replacement units|Starter package|Framework agreement', n, 'product') AS product,
	-- how far an open deal has come, 1 to 4, or 5 in the longer pipeline
	1 + (CASE WHEN left_over THEN pg_temp.dice(n, 'stuck', 300)
			ELSE least(opened_ago * 400 / cycle + pg_temp.dice(n, 'haste', 160) - 80, 399) END
		* (4 + is_renewal::integer) / 400) AS progress
FROM generate_series(1, 8000) AS n
	CROSS JOIN LATERAL (SELECT pg_temp.dice(n, 'renewal', 100) < 16 AS is_renewal,
		-- business grows: more deals are recent
		3 + (pg_temp.dice(n, 'opened', 1000) + pg_temp.skewed(n, 'opened lately', 1000)) * 727 / 2000 AS any_day,
		least(greatest(round(exp(4.35 + 0.75 * pg_temp.bell(n, 'cycle'))), 4), 330)::integer AS cycle,
		pg_temp.chance(n, 'left over', 9) AS left_over) AS drawn
	JOIN demo_buyers AS b ON b.place = pg_temp.skewed(n, 'buyer', (SELECT count(*) FROM demo_buyers)),
	LATERAL (SELECT least(any_day, days_ago)::integer AS opened_ago) AS entered,
	LATERAL (SELECT left_over OR opened_ago <= cycle + 2 AS is_open,
		pg_temp.chance(n, 'won', CASE WHEN is_renewal THEN 84 ELSE 31 END) AS is_won) AS outcome;
UPDATE demo_deals SET progress = greatest(progress, 1);

-- Most values are round, as people quote; a few deals have none yet.
ALTER TABLE demo_deals ADD COLUMN value numeric;
UPDATE demo_deals SET value = greatest(100, round(raw, CASE
		WHEN pg_temp.chance(n, 'with cents', 15) THEN 2
		WHEN raw > 20000 THEN -3 WHEN pg_temp.chance(n, 'to the unit', 30) THEN 0 ELSE -2 END))
FROM (SELECT n AS deal, exp(7.7 + 0.18 * scale + 1.1 * pg_temp.bell(n, 'value')) AS raw FROM demo_deals) AS drawn
WHERE n = deal AND NOT (is_open AND pg_temp.chance(n, 'no value', 4));

-- The deals are written as they are today; deal_history.sql tells how they came
-- there, and the trigger that would record today's INSERT as all of it stands by.
ALTER TABLE sales.deals DISABLE TRIGGER _deals_history;

-- Half of the open deals of the user who left are still hers, the rest have no
-- owner; so have some new ones.
INSERT INTO sales.deals (id, name, contact_id, company_id, value, currency, pipeline_id,
	pipeline_stage_id, probability, expected_close_date, owner_id, closed_at, lost_reason,
	created_at, updated_at, archived_at)
SELECT deal.id, brand || ': ' || CASE WHEN is_renewal THEN 'Renewal of ' || lower(product COLLATE "C") ELSE product END,
	contact_id, company_id, value,
	CASE WHEN pg_temp.chance(n, 'in local money', 75) THEN currency END,
	stage.pipeline_id, stage.id,
	CASE WHEN is_open AND pg_temp.chance(n, 'manual', 11) THEN 5 * (1 + pg_temp.dice(n, 'guess', 19)) END,
	CASE
		WHEN NOT is_open THEN closed::date + pg_temp.dice(n, 'estimate', 40)::integer - 25
		WHEN pg_temp.chance(n, 'no close date', 9) THEN NULL
		WHEN left_over THEN opened::date + cycle
		ELSE opened::date + greatest(cycle, opened_ago) + pg_temp.dice(n, 'estimate', 70)::integer - 8
	END,
	CASE WHEN is_open AND pg_temp.chance(n, 'no owner', 4) THEN NULL
		WHEN pg_temp.chance(n, 'former owner', CASE WHEN opened_ago < 90 THEN 0 ELSE 8 END)
			THEN CASE WHEN NOT is_open OR pg_temp.chance(n, 'handed over', 50) THEN 12 END
		ELSE owner_id END,
	closed,
	CASE WHEN NOT is_open AND NOT is_won AND pg_temp.chance(n, 'reason known', 72)
		THEN (ARRAY['price', 'chose a competitor', 'no budget', 'no decision', 'bad timing', 'missing feature'])
			[pg_temp.skewed(n, 'reason', 6)] END,
	opened, coalesce(closed, opened + interval '1 day'),
	CASE WHEN pg_temp.chance(n, 'archived', 1.5) THEN coalesce(closed, opened) + interval '2 days' END
FROM (
	-- ids by day of entry
	SELECT *, row_number() OVER (ORDER BY opened_ago DESC, n) AS id,
		CASE WHEN NOT is_open THEN greatest(opened + interval '2 hours',
			pg_temp.at_work(CURRENT_DATE - opened_ago + cycle, n, 'closed')) END AS closed
	FROM demo_deals
	) AS deal
	JOIN sales.pipelines AS p ON p.name = CASE WHEN is_renewal THEN 'Renewals' ELSE 'Sales' END
	JOIN sales.pipeline_stages AS stage ON stage.pipeline_id = p.id
		AND stage.position = CASE WHEN is_open THEN progress ELSE 5 + is_renewal::integer + (NOT is_won)::integer END
ORDER BY deal.id;
SELECT setval(pg_get_serial_sequence('sales.deals', 'id'), max(id)) FROM sales.deals \g /dev/null

ALTER TABLE sales.deals ENABLE TRIGGER _deals_history;

-- Who buys is a customer, and who only bought long ago a former one.
UPDATE sales.contacts SET status = CASE WHEN last_won > CURRENT_DATE - 400 THEN 'customer' ELSE 'former' END,
	updated_at = last_won
FROM (SELECT contact_id, max(closed_at) AS last_won FROM sales.deals WHERE stage = 'won' GROUP BY contact_id) AS bought
WHERE contacts.id = bought.contact_id;

-- Colleagues of the contact who have a say.
INSERT INTO sales.deal_contacts (deal_id, contact_id, role, created_at, updated_at)
SELECT deal_id, contact_id, role, created_at, created_at
FROM (
	SELECT d.id AS deal_id, d.contact_id, 'decision maker' AS role, d.created_at, 0 AS place FROM sales.deals AS d
	UNION ALL
	SELECT d.id, c.id, pg_temp.pick('champion|technical buyer|purchasing|legal|user', d.id * 10 + c.id % 10, 'role'),
		d.created_at, c.id
	FROM sales.deals AS d
		JOIN sales.contacts AS c ON c.company_id = d.company_id AND c.id <> d.contact_id AND c.archived_at IS NULL
	WHERE pg_temp.chance(d.id * 20000 + c.id, 'takes part', 4)
	) AS part
ORDER BY deal_id, place;
