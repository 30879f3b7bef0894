-- The same with two workers, which need a processor each to show their worth.
--! title: All deals, parallel
--! clock: elapsed
-- A SET below a query is for the queries after it; the last one closes the
-- round.
SET parallel_setup_cost = 0;
-- All read the table, as in whole.sql.
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_bitmapscan = off;
--: sum_serial | sum(value), no workers | | sum_serial
SELECT sum(value) FROM deals;
--: pipeline_serial | (crm.pipeline(value, stage, probability)).*, no workers | | sum_serial
SELECT (crm.pipeline(value, stage, probability)).* FROM deals;
SET max_parallel_workers_per_gather = 2;
--: sum | sum(value), 2 workers | sum_serial
SELECT sum(value) FROM deals;
--: pipeline | (crm.pipeline(value, stage, probability)).*, 2 workers | pipeline_serial
SELECT (crm.pipeline(value, stage, probability)).* FROM deals;
--: hand | by hand: three figures, WHERE open, 2 workers
SELECT count(*), sum(value), sum(value * probability / 100.0)
FROM deals WHERE stage NOT IN ('won', 'lost');
--= pipeline | crm.pipeline, compared with that | hand
--: hand_owner | by hand: three figures, WHERE open, GROUP BY owner_id, 2 workers | | -
SELECT owner_id, count(*), sum(value), sum(value * probability / 100.0)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY owner_id;
--: owner | crm.pipeline(value, stage, probability), likewise | hand_owner | -
SELECT owner_id, crm.pipeline(value, stage, probability)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY owner_id;
SET max_parallel_workers_per_gather = 0;
