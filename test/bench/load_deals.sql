-- The rows of the benchmark: millions of deals in a narrow table, where an
-- aggregate's own cost weighs most.  One million is drawn; the others repeat it
-- with other keys and owners.

SET client_min_messages = warning;
-- VACUUM calls no row visible to all whose commit is not yet on disk.
SET synchronous_commit = on;

-- Values as companies have them: a few thousand for most, with a long tail.
CREATE TEMP TABLE drawn AS
SELECT n AS id, (h >> 40) % 1000 AS owner_id,
	round(exp(8.0 + 1.6 * bell)::numeric, 2)::numeric(15,2) AS value, stage,
	CASE WHEN stage IN ('won', 'lost') OR (h >> 20 & 1023) > 100 THEN crm.default_probability(stage)
		ELSE 5 * (1 + (h >> 30 & 1023) % 19)::integer END AS probability
FROM generate_series(1, 1000000) AS n
	CROSS JOIN LATERAL (SELECT hashint8extended(n, 1) & 9223372036854775807 AS h,
		((hashint8extended(n, 2) & 65535) + (hashint8extended(n, 3) & 65535)
			+ (hashint8extended(n, 4) & 65535) + (hashint8extended(n, 5) & 65535) - 131070) / 37837.0 AS bell) AS h
	CROSS JOIN LATERAL (SELECT (h >> 10 & 1023) * 100 / 1024 AS percentile) AS p
	CROSS JOIN LATERAL (SELECT (CASE WHEN percentile < 25 THEN 'lead' WHEN percentile < 43 THEN 'qualified'
		WHEN percentile < 57 THEN 'proposal' WHEN percentile < 67 THEN 'negotiation'
		WHEN percentile < 81 THEN 'won' ELSE 'lost' END)::crm.deal_stage AS stage) AS s;

CREATE TABLE deals (
	id bigint NOT NULL,
	owner_id bigint NOT NULL,
	value numeric(15,2),
	stage crm.deal_stage NOT NULL,
	probability integer
);
INSERT INTO deals
SELECT block * 1000000 + id, 1 + (owner_id + block * 37) % 1000, value, stage, probability
FROM generate_series(0, :millions - 1) AS block, drawn;

-- As in a CRM (src/tables/ddl/deals.sql), with the columns that are here.
CREATE INDEX deals_open_by_owner_idx ON deals (owner_id)
	INCLUDE (value, probability, stage) WHERE stage NOT IN ('won', 'lost');

-- The same million with columns of other types.
CREATE TABLE typed AS
SELECT value, stage, stage::text AS stage_text, probability,
	probability::bigint AS p_bigint, probability::numeric(5,2) AS p_numeric,
	(probability + CASE WHEN id % 3 = 0 AND probability BETWEEN 1 AND 99 THEN 0.5 ELSE 0 END)::numeric(5,2) AS p_halves,
	probability::double precision AS p_float
FROM drawn;

-- A million deals one after the other, for windows.
CREATE TABLE series AS
SELECT id, value, stage, probability FROM drawn ORDER BY id;
CREATE UNIQUE INDEX ON series (id);

-- Values with more decimals than the fast path takes.
CREATE TABLE long_values AS
SELECT value + 0.12345678901234567891 AS value, stage, probability FROM drawn WHERE id <= 500000;

VACUUM (FREEZE, ANALYZE) deals;
VACUUM (FREEZE, ANALYZE) typed;
VACUUM (FREEZE, ANALYZE) series;
VACUUM (FREEZE, ANALYZE) long_values;
CHECKPOINT;

-- Times of two queries that answer differently would mean nothing.
DO $$
BEGIN
	IF (SELECT crm.pipeline(value, stage, probability) IS DISTINCT FROM
			(count(*), sum(value), sum(value * probability * 0.01))::crm.pipeline_summary
		FROM deals WHERE stage NOT IN ('won', 'lost'))
	THEN
		RAISE EXCEPTION 'crm.pipeline and hand-written SQL disagree';
	END IF;
END $$;
