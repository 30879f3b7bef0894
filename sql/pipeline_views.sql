-- The open pipeline of a CRM: views and pipeline_totals.
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_views');
SET search_path = regress_crm_views;
INSERT INTO users (id, name) VALUES (1, 'Ann'), (2, 'Ben');
INSERT INTO pipelines (id, name, position) VALUES (2, 'Renewals', 2);
INSERT INTO pipeline_stages (id, pipeline_id, name, position, probability, counts_as) VALUES (20, 2, 'Due', 1, 60, 'qualified');

-- nothing: one row of zeros in the home currency
SELECT * FROM pipeline_totals();
SELECT * FROM pipeline_by_currency;
UPDATE settings SET home_currency = 'EUR';
SELECT * FROM pipeline_totals(owner_id => 1, pipeline_id => 2);
UPDATE settings SET home_currency = 'USD';

INSERT INTO deals (name, value, stage, owner_id, currency, expected_close_date, pipeline_id, archived_at, probability) VALUES
	('a', 1000, 'lead', 1, 'USD', CURRENT_DATE + 40, 1, NULL, NULL),
	('b', 2000.50, 'proposal', 1, 'USD', CURRENT_DATE, 1, NULL, 33),
	('c', 4000, 'negotiation', 2, 'EUR', CURRENT_DATE - 1, 1, NULL, NULL),
	('d', 8000, 'qualified', 2, 'USD', NULL, 2, NULL, NULL),
	('e', 16000, 'proposal', NULL, 'USD', CURRENT_DATE - 400, 2, NULL, NULL),
	('f', NULL, 'lead', NULL, 'USD', NULL, 1, NULL, NULL),
	('g', 32000, 'won', 1, 'USD', CURRENT_DATE, 1, NULL, NULL),
	('h', 64000, 'lost', 1, 'USD', CURRENT_DATE, 1, NULL, NULL),
	('i', 128000, 'lead', 1, 'USD', CURRENT_DATE, 1, now(), NULL);

SELECT * FROM pipeline_totals();
SELECT * FROM pipeline_totals(owner_id => 1);
SELECT * FROM pipeline_totals(pipeline_id => 2);
SELECT * FROM pipeline_totals(2, 1);
SELECT * FROM pipeline_totals(owner_id => 999);
SELECT * FROM pipeline_totals(NULL, NULL);
SELECT * FROM pipeline_by_currency ORDER BY currency;
SELECT * FROM pipeline_by_stage ORDER BY pipeline_id, stage_position, currency;
SELECT * FROM pipeline_by_owner ORDER BY owner_id, pipeline_id, currency;
SELECT pipeline, due, month = date_trunc('month', CURRENT_DATE + 40)::date AS in_40_days, month = date_trunc('month', CURRENT_DATE)::date AS this_month, currency, total_deals, total_value, weighted_value
FROM pipeline_by_month ORDER BY pipeline, due, month, currency;

-- every view adds up to the totals
SELECT t.currency, t.total_deals = s.d AND t.total_deals = o.d AND t.total_deals = m.d AS deals, t.weighted_value = s.w AND t.weighted_value = o.w AND t.weighted_value = m.w AS weighted
FROM pipeline_totals() AS t
	JOIN (SELECT currency, sum(total_deals) AS d, sum(weighted_value) AS w FROM pipeline_by_stage GROUP BY 1) AS s USING (currency)
	JOIN (SELECT currency, sum(total_deals) AS d, sum(weighted_value) AS w FROM pipeline_by_owner GROUP BY 1) AS o USING (currency)
	JOIN (SELECT currency, sum(total_deals) AS d, sum(weighted_value) AS w FROM pipeline_by_month GROUP BY 1) AS m USING (currency);

-- in queries, joins and LATERAL; prepared, beyond the fifth execution
SELECT u.name, t.* FROM users AS u, LATERAL pipeline_totals(u.id) AS t ORDER BY u.name, t.currency;
SELECT sum(total_deals) FROM users AS u JOIN LATERAL pipeline_totals(u.id, 1) AS t ON true;
PREPARE totals(bigint) AS SELECT currency, total_deals FROM pipeline_totals($1);
EXECUTE totals(1); EXECUTE totals(1); EXECUTE totals(1); EXECUTE totals(1); EXECUTE totals(1); EXECUTE totals(1); EXECUTE totals(2); EXECUTE totals(NULL);
DEALLOCATE totals;
-- as a read-only transaction, and through a cursor
BEGIN READ ONLY;
DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT * FROM pipeline_totals();
FETCH ALL FROM c;
COMMIT;
FETCH BACKWARD 1 FROM c;
CLOSE c;
-- it sees the transaction's own writes
BEGIN;
DELETE FROM deals WHERE name = 'c';
SELECT * FROM pipeline_totals();
ROLLBACK;

-- the planner answers owners from the partial covering index alone
INSERT INTO deals (name, value, stage, owner_id)
SELECT 'bulk', i, (enum_range(NULL::crm.deal_stage))[1 + i % 6], 1 + i % 2 FROM generate_series(1, 20000) AS i;
UPDATE deals SET owner_id = NULL WHERE name = 'bulk' AND id % 50 > 0;
VACUUM (ANALYZE, FREEZE) deals;
EXPLAIN (COSTS OFF) SELECT (crm.pipeline(value, stage, probability)).* FROM deals WHERE owner_id = 1 AND stage NOT IN ('won', 'lost');
EXPLAIN (COSTS OFF) SELECT crm.weighted_sum(value, probability) FROM deals WHERE owner_id = 1 AND stage NOT IN ('won', 'lost') AND archived_at IS NULL;
-- and so do the statements inside pipeline_totals, whatever is given, and the
-- view of owners
CREATE FUNCTION pg_temp.scans(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	before bigint; after bigint; seq_before bigint; seq_after bigint;
BEGIN
	SELECT pg_stat_get_xact_numscans('deals_open_by_owner_idx'::regclass), pg_stat_get_xact_numscans('deals'::regclass) INTO before, seq_before;
	EXECUTE 'SELECT count(*) FROM ' || call;
	SELECT pg_stat_get_xact_numscans('deals_open_by_owner_idx'::regclass), pg_stat_get_xact_numscans('deals'::regclass) INTO after, seq_after;
	RETURN format('index scans %s, sequential scans %s', after - before, seq_after - seq_before);
END $$;
SELECT pg_temp.scans('pipeline_totals(owner_id => 1)');
SELECT pg_temp.scans('pipeline_totals(owner_id => 1, pipeline_id => 1)');
SELECT pg_temp.scans('pipeline_by_owner WHERE owner_id = 1');

-- an error inside names the cause; the function works afterwards
BEGIN;
ALTER TABLE deals DISABLE TRIGGER ALL;
ALTER TABLE deals DROP CONSTRAINT deals_probability_check;
INSERT INTO deals (name, value, currency, stage, probability) VALUES ('x', 1, 'USD', 'lead', 101);
SELECT * FROM pipeline_totals();
ROLLBACK;
SELECT currency FROM pipeline_totals() ORDER BY 1;

-- dropping the views to change a type, and making them again
SELECT crm.drop_views('regress_crm_views');
ALTER TABLE deals ALTER COLUMN value TYPE numeric(18, 4);
SELECT crm.create_views('regress_crm_views');
SELECT total_value FROM pipeline_totals(1) WHERE currency = 'USD';
-- a function of the user's that has the name of ours is the user's
CREATE FUNCTION pipeline_totals(note text) RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT note; END;
SELECT crm.drop_views('regress_crm_views'), crm.create_views('regress_crm_views');
SELECT pipeline_totals('mine'::text);
-- views of the user's own stand in the way, and are named
CREATE VIEW mine AS SELECT sum(weighted_value) FROM pipeline_by_stage;
SELECT crm.drop_views('regress_crm_views');
SELECT count(*) FROM pipeline_by_stage;
RESET search_path;
DROP SCHEMA regress_crm_views CASCADE;
