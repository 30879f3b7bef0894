-- One result over the whole table.
--! title: All deals, one result
--! clock: cpu
-- All read the table: one_owner.sql has the index, which a WHERE can use.
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_bitmapscan = off;
--: count | count(*)
SELECT count(*) FROM deals;
--: sum | sum(value)
SELECT sum(value) FROM deals;
--: open | sum(value), WHERE open
SELECT sum(value) FROM deals WHERE stage NOT IN ('won', 'lost');
--: hand | by hand: count, sum, sum(value*probability/100.0), WHERE open
SELECT count(*), sum(value), sum(value * probability / 100.0)
FROM deals WHERE stage NOT IN ('won', 'lost');
--: pipeline | (crm.pipeline(value, stage, probability)).* | hand
SELECT (crm.pipeline(value, stage, probability)).* FROM deals;
--: pipeline_open | (crm.pipeline(value, stage, probability)).*, WHERE open | hand
SELECT (crm.pipeline(value, stage, probability)).* FROM deals WHERE stage NOT IN ('won', 'lost');
--: hand_one | by hand: sum(value*probability/100.0), WHERE open
SELECT sum(value * probability / 100.0) FROM deals WHERE stage NOT IN ('won', 'lost');
--: weighted | crm.weighted_pipeline(value, stage, probability) | hand_one
SELECT crm.weighted_pipeline(value, stage, probability) FROM deals;
--: weighted_sum | crm.weighted_sum(value, probability), WHERE open | hand_one
SELECT crm.weighted_sum(value, probability) FROM deals WHERE stage NOT IN ('won', 'lost');
--: hand_case | by hand: sum(value*CASE stage ... END/100.0)
SELECT sum(value * CASE stage WHEN 'lead' THEN 10 WHEN 'qualified' THEN 25 WHEN 'proposal' THEN 50
	WHEN 'negotiation' THEN 75 ELSE 0 END / 100.0) FROM deals;
--: defaults | crm.weighted_pipeline(value, stage) | hand_case
SELECT crm.weighted_pipeline(value, stage) FROM deals;
