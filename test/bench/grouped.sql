-- A row per owner, and a row per stage.
--! title: All deals, grouped
--! clock: cpu
-- Ordered index scans would compare something else: one_owner.sql has them.
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_bitmapscan = off;
--: sum | sum(value), GROUP BY owner_id (1,000)
SELECT owner_id, sum(value) FROM deals GROUP BY owner_id;
--: hand | by hand: three figures, WHERE open, GROUP BY owner_id
SELECT owner_id, count(*), sum(value), sum(value * probability / 100.0)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY owner_id;
--: pipeline | crm.pipeline(value, stage, probability) | hand
SELECT owner_id, crm.pipeline(value, stage, probability) FROM deals GROUP BY owner_id;
--: pipeline_open | crm.pipeline(value, stage, probability), WHERE open | hand
SELECT owner_id, crm.pipeline(value, stage, probability)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY owner_id;
--: sum_stage | sum(value), GROUP BY stage | | sum_stage
SELECT stage, sum(value) FROM deals GROUP BY stage;
--: hand_stage | by hand: three figures, WHERE open, GROUP BY stage | | sum_stage
SELECT stage, count(*), sum(value), sum(value * probability / 100.0)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY stage;
--: stage | crm.pipeline(value, stage, probability), GROUP BY stage | hand_stage | sum_stage
SELECT stage, crm.pipeline(value, stage, probability) FROM deals GROUP BY stage;
--: stage_open | crm.pipeline(value, stage, probability), WHERE open | hand_stage | sum_stage
SELECT stage, crm.pipeline(value, stage, probability)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY stage;
