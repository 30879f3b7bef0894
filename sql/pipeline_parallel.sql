-- Parallel plans, sorted and hashed groups, spilled groups and JIT give what
-- serial plans give.
CREATE TABLE regress_crm_deals AS
SELECT i AS id, i % 97 AS owner_id, CASE WHEN i % 1000 = 0 THEN 1e20 + i WHEN i % 23 = 0 THEN NULL ELSE round((i * 7919::bigint % 100003)::numeric / 7, i % 5) END AS value,
	(enum_range(NULL::crm.deal_stage))[1 + (i * 31) % 6] AS stage, CASE WHEN i % 9 = 0 THEN NULL ELSE i % 101 END AS p
FROM generate_series(1, 30000) AS i;
ANALYZE regress_crm_deals;
SET max_parallel_workers_per_gather = 0;
CREATE TEMP TABLE serial_total AS SELECT crm.pipeline(value, stage, p) AS f, crm.weighted_pipeline(value, stage) AS w, crm.weighted_sum(value, p) AS s FROM regress_crm_deals;
CREATE TEMP TABLE serial_groups AS SELECT owner_id, crm.pipeline(value, stage, p) AS f FROM regress_crm_deals GROUP BY owner_id;

SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT crm.pipeline(value, stage, p) FROM regress_crm_deals;
SELECT count(*) FROM serial_total AS a, (SELECT crm.pipeline(value, stage, p) AS f, crm.weighted_pipeline(value, stage) AS w, crm.weighted_sum(value, p) AS s FROM regress_crm_deals) AS b
WHERE a.f = b.f AND a.w = b.w AND a.s = b.s;
SET enable_hashagg = off;
SELECT count(*) FROM serial_groups AS a JOIN (SELECT owner_id, crm.pipeline(value, stage, p) AS f FROM regress_crm_deals GROUP BY owner_id) AS b USING (owner_id, f);
SET enable_hashagg = on;
SET enable_sort = off;
SELECT count(*) FROM serial_groups AS a JOIN (SELECT owner_id, crm.pipeline(value, stage, p) AS f FROM regress_crm_deals GROUP BY owner_id) AS b USING (owner_id, f);
RESET enable_sort;

-- states made by workers, merged in parallel again
CREATE TABLE regress_crm_states AS SELECT owner_id, crm.pipeline_partial(value, stage, p) AS state FROM regress_crm_deals GROUP BY owner_id;
SELECT count(*) FROM serial_total AS a, (SELECT crm.summary(crm.pipeline_merge(state)) AS f FROM regress_crm_states) AS b WHERE a.f = b.f;

-- groups that spill to disk
SET max_parallel_workers_per_gather = 0;
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
SELECT count(*), sum((f).total_deals) = (SELECT (f).total_deals FROM serial_total) FROM (SELECT id % 9973, crm.pipeline(value, stage, p) AS f FROM regress_crm_deals GROUP BY 1) AS t;
RESET work_mem;
RESET hash_mem_multiplier;

-- compiled
SET jit = on;
SET jit_above_cost = 0;
SET jit_inline_above_cost = 0;
SET jit_optimize_above_cost = 0;
SELECT count(*) FROM serial_total AS a, (SELECT crm.pipeline(value, stage, p) AS f, crm.weighted_pipeline(value, stage) AS w, crm.weighted_sum(value, p) AS s FROM regress_crm_deals) AS b
WHERE a.f = b.f AND a.w = b.w AND a.s = b.s;
RESET jit;

-- partitions, each aggregated by itself
CREATE TABLE regress_crm_parts (LIKE regress_crm_deals) PARTITION BY HASH (owner_id);
CREATE TABLE regress_crm_parts_0 PARTITION OF regress_crm_parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE regress_crm_parts_1 PARTITION OF regress_crm_parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO regress_crm_parts SELECT * FROM regress_crm_deals;
ANALYZE regress_crm_parts;
SET enable_partitionwise_aggregate = on;
EXPLAIN (COSTS OFF) SELECT crm.weighted_pipeline(value, stage) FROM regress_crm_parts;
SELECT count(*) FROM serial_total AS a, (SELECT crm.weighted_pipeline(value, stage) AS w FROM regress_crm_parts) AS b WHERE a.w = b.w;
DROP TABLE regress_crm_deals, regress_crm_states, regress_crm_parts;
RESET ALL;
