-- An application's own schema: uuid keys, a status in other words, probability
-- as a fraction or as double precision, amounts in cents.  No CRM tables.
CREATE SCHEMA regress_crm_app;
SET search_path = regress_crm_app;
CREATE TABLE opportunity (
	uuid uuid PRIMARY KEY,
	title varchar(80) NOT NULL,
	status varchar(20),
	win_chance double precision,
	amount_cents bigint,
	seller uuid
);
INSERT INTO opportunity
SELECT ('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid, 'Deal ' || i,
	(ARRAY['NEW', 'SCREENING', 'MEETING', 'PROPOSAL', 'CUSTOMER', 'REJECTED'])[1 + i % 6],
	CASE WHEN i % 10 = 0 THEN NULL ELSE (i % 20) * 5 END, i * 12345, ('00000000-0000-4000-9000-' || lpad((i % 3)::text, 12, '0'))::uuid
FROM generate_series(1, 1000) AS i;

-- a view gives the columns their names; mapping and units are in one place
CREATE VIEW pipeline_deals AS
SELECT uuid AS id, seller AS owner_id, amount_cents / 100.0 AS value, win_chance AS probability,
	crm.to_stage(status, '{"NEW": "lead", "SCREENING": "qualified", "MEETING": "proposal", "PROPOSAL": "negotiation", "CUSTOMER": "won", "REJECTED": "lost"}') AS stage
FROM opportunity;
SELECT (crm.pipeline(value, stage, probability)).* FROM pipeline_deals;
-- by hand, without any of ours
SELECT count(*), sum(amount_cents / 100.0), sum(amount_cents / 100.0 * COALESCE(win_chance::numeric, CASE status WHEN 'NEW' THEN 10 WHEN 'SCREENING' THEN 25 WHEN 'MEETING' THEN 50 ELSE 75 END) * 0.01)
FROM opportunity WHERE status NOT IN ('CUSTOMER', 'REJECTED');

-- per seller, and rolled up
SELECT owner_id, (crm.pipeline(value, stage, probability)).* FROM pipeline_deals GROUP BY owner_id ORDER BY owner_id;
SELECT crm.weighted_value(crm.pipeline_merge(s)) = (SELECT crm.weighted_pipeline(value, stage, probability) FROM pipeline_deals)
FROM (SELECT crm.pipeline_partial(value, stage, probability) AS s FROM pipeline_deals GROUP BY owner_id) AS t;

-- a CASE instead of a view; words that are no stage drop out as NULL
SELECT crm.weighted_pipeline(amount_cents / 100.0, CASE status WHEN 'NEW' THEN 'lead' WHEN 'SCREENING' THEN 'qualified' END, win_chance) FROM opportunity;
SELECT sum(amount_cents / 100.0 * COALESCE(win_chance::numeric, CASE status WHEN 'NEW' THEN 10 ELSE 25 END) * 0.01) FROM opportunity WHERE status IN ('NEW', 'SCREENING');

-- filtering oneself
SELECT crm.weighted_sum(amount_cents / 100.0, win_chance) FROM opportunity WHERE status NOT IN ('CUSTOMER', 'REJECTED');

-- the application's words passed as they are: an error that says what to do
SELECT crm.weighted_pipeline(amount_cents / 100.0, status, win_chance) FROM opportunity;
-- a word that the mapping forgot
INSERT INTO opportunity VALUES ('00000000-0000-4000-8000-999999999999', 'x', 'DELAYED', 30, 100, NULL);
SELECT crm.weighted_pipeline(value, stage, probability) FROM pipeline_deals;
-- fractions where percent are meant
SELECT crm.weighted_pipeline(amount_cents / 100.0, 'lead', win_chance / 100) FROM opportunity WHERE win_chance < 100;
-- a percent beyond 100
UPDATE opportunity SET win_chance = 1395 WHERE title = 'Deal 1';
SELECT crm.weighted_sum(amount_cents, win_chance) FROM opportunity;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA regress_crm_app CASCADE;
