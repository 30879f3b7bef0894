-- Exact results for every numeric: the aggregates against plain SQL.
CREATE TEMP TABLE v (id bigint GENERATED ALWAYS AS IDENTITY, value numeric, stage crm.deal_stage, p4 integer, pn numeric, pf8 double precision);

-- what differs from sum(), in this view's row; no row is good.  By value and
-- by display scale (text), with the fast path and without.
CREATE TEMP VIEW wrong AS
WITH expected AS (
	SELECT count(*) AS deals, sum(value) AS total,
		sum(value * COALESCE(p4, crm.default_probability(stage))::numeric * 0.01) AS w4,
		sum(value * COALESCE(pn, crm.default_probability(stage))::numeric * 0.01) AS wn,
		sum(value * COALESCE(pf8::numeric, crm.default_probability(stage)) * 0.01) AS wf8,
		sum(value * crm.default_probability(stage)::numeric * 0.01) AS wd,
		sum(value * pn * 0.01) AS wsum
	FROM v WHERE stage NOT IN ('won', 'lost')
), got AS (
	SELECT (crm.pipeline(value, stage, p4)).*, crm.weighted_pipeline(value, stage::text, p4::bigint) AS w8,
		crm.weighted_pipeline(value, stage, pn) AS wn, crm.weighted_pipeline(value, stage, pf8) AS wf8,
		crm.weighted_pipeline(value, stage) AS wd,
		crm.weighted_sum(value, pn) FILTER (WHERE stage NOT IN ('won', 'lost')) AS wsum
	FROM v
), pairs AS (
	SELECT p.* FROM expected AS e, got AS g, LATERAL (VALUES
		('deals', e.deals::text, g.total_deals::text), ('total', e.total::text, g.total_value::text),
		('w4', e.w4::text, g.weighted_value::text), ('w8', e.w4::text, g.w8::text),
		('wn', e.wn::text, g.wn::text), ('wf8', e.wf8::text, g.wf8::text),
		('wd', e.wd::text, g.wd::text), ('wsum', e.wsum::text, g.wsum::text)
	) AS p (what, expected, got)
)
SELECT * FROM pairs WHERE COALESCE(expected, '0') IS DISTINCT FROM got;

-- nothing
SELECT * FROM wrong;
SELECT (crm.pipeline(value, stage)).*, crm.weighted_pipeline(value, stage), crm.weighted_sum(value, p4) FROM v;
SELECT crm.pipeline_partial(value, stage), crm.pipeline_merge(NULL) FROM v;

-- money
INSERT INTO v (value, stage, p4, pn, pf8) VALUES
	(100.50, 'lead', 10, 10, 10), (2999.99, 'proposal', 45, 45.0, 45), (0.01, 'negotiation', 99, 99, 99),
	(1000000, 'qualified', NULL, NULL, NULL), (12345.67, 'won', 100, 100, 100), (5, 'lost', 0, 0, 0),
	(-250.25, 'lead', 1, 1, 1), (0, 'lead', 50, 50, 50), (0.00, 'proposal', 0, 0, 0);
SELECT * FROM wrong;
SELECT (crm.pipeline(value, stage, p4)).* FROM v;

-- fractional probabilities, of any scale
INSERT INTO v (value, stage, p4, pn, pf8) VALUES
	(100.50, 'lead', 10, 12.5, 12.5), (3, 'lead', 33, 33.3333, 33.3333), (7.77, 'lead', 33, 33.333333333333, 1e0/3*100),
	(19.99, 'proposal', 1, 0.5, 0.1), (1e12, 'proposal', 99, 99.99, 99.99), (17, 'lead', 66, 66.60, 66.6),
	(8, 'lead', 50, 50.000000000000000000000000, 1e-9);
SELECT * FROM wrong;

-- every weight and scale, and digits where the fast path ends
INSERT INTO v (value, stage, p4, pn, pf8)
SELECT sign * m::numeric * 10::numeric ^ e, 'proposal', 37, 37.25, 37.25
FROM generate_series(-20, 25) AS e, unnest('{1, 9999, 10000, 10001, 899999999, 900000001, 123456789}'::bigint[]) AS m, unnest('{1,-1}'::int[]) AS sign;
SELECT * FROM wrong;
TRUNCATE v;
INSERT INTO v (value, stage, p4, pn, pf8)
SELECT x::numeric, 'lead', 100, 100, 100 FROM unnest('{0.0001,0.00010001,0.00000001,0.0000000000000001,0.00000000000000001,
	899999999999999.9999,899999999999999.9999999999999999,900000000000000,999999999999999.9999,1e15,1e16,9999999999999.99,1.10,1.1000000000,
	1.000000000000000000000000000000000000000000000000000000000000001,
	1.0000000000000000000000000000000000000000000000000000000000000001}'::text[]) AS x;
SELECT * FROM wrong;

-- huge, tiny, and of the largest display scale
INSERT INTO v (value, stage, p4, pn, pf8) VALUES
	(1e1000, 'lead', 10, 10, 10), ('1e-1000', 'lead', 10, 10, 10), (-1e1000, 'lead', 7, 7, 7),
	((1::numeric / 3)::numeric(1000, 900), 'proposal', 50, 0.1234567890123456789, 50);
SELECT what FROM wrong;

-- sums beyond 64 bits
TRUNCATE v;
INSERT INTO v (value, stage, p4, pn, pf8)
SELECT 89999999999999.99 * (CASE WHEN i % 7 = 0 THEN -1 ELSE 1 END), 'negotiation', i % 101, i % 101 + 0.25 * (i % 101 < 100)::int, i % 101 FROM generate_series(1, 5000) AS i;
SELECT * FROM wrong;
SELECT sum(value) > 9223372036854775807 / 10000, crm.pipeline(value, stage, p4) FROM v;

-- toasted: compressed and out of line
CREATE TEMP TABLE toasted (value numeric, stage crm.deal_stage);
ALTER TABLE toasted ALTER COLUMN value SET STORAGE EXTERNAL;
INSERT INTO toasted VALUES (('1' || repeat('0123456789', 1000))::numeric, 'proposal'), (2.5, 'proposal');
SELECT pg_column_size(value) > 2000 FROM toasted;
SELECT crm.weighted_pipeline(value, stage) = sum(value * 50 * 0.01) FROM toasted;

-- pseudo-random rows of all shapes against sum()
TRUNCATE v;
INSERT INTO v (value, stage, p4, pn, pf8)
SELECT CASE WHEN h % 17 = 0 THEN NULL ELSE round(((h % 2000003) - 1000001)::numeric / (1 + h % 97), (h % 21)::int) * 10::numeric ^ (h % 9 - 3)::int END,
	(enum_range(NULL::crm.deal_stage))[1 + h % 6],
	CASE WHEN h % 13 = 0 THEN NULL ELSE h % 101 END,
	CASE WHEN h % 11 = 0 THEN NULL ELSE round((h % 10007) / 100.07, (h % 7)::int) END,
	CASE WHEN h % 19 = 0 THEN NULL ELSE (h % 1009) / 10.09::float8 END
FROM (SELECT abs(hashint8extended(i, 42) % 1000000007) AS h FROM generate_series(1, 20000) AS i) AS r;
SELECT * FROM wrong;
SET crm.numeric_fast_path = off;
SELECT * FROM wrong;
RESET crm.numeric_fast_path;

-- NaN and infinities: what numeric makes of them
SELECT what, crm.pipeline(value, 'proposal'::crm.deal_stage, p), sum(value), sum(value * p::numeric * 0.01)
FROM (VALUES ('nan', 'NaN'::numeric, 50), ('nan', 1, 50), ('inf', 'Infinity', 50), ('inf', 1, 50),
	('-inf', '-Infinity', 10), ('both', 'Infinity', 50), ('both', '-Infinity', 50),
	('inf x 0', 'Infinity', 0), ('inf closed', 1, 10)) AS t (what, value, p)
GROUP BY what ORDER BY what;
SELECT crm.pipeline('NaN', 'won'::text);

-- NULLs: no stage is not counted, no value is
SELECT (crm.pipeline(value, stage, p)).* FROM (VALUES
	(1.5, 'lead', NULL), (NULL, 'lead', 50), (4, NULL, 50), (NULL, NULL, NULL), (NULL, 'won', 50)) AS t (value, stage, p);
SELECT crm.weighted_sum(value, p) FROM (VALUES (1.5, NULL), (NULL, 50), (4, 50), (NULL, NULL)) AS t (value, p);

-- probabilities outside 0 to 100
SELECT crm.weighted_pipeline(1, 'lead', 101);
\echo :LAST_ERROR_SQLSTATE
SELECT crm.weighted_pipeline(1, 'lead', -1);
SELECT crm.weighted_pipeline(1, 'lead', 9223372036854775807);
SELECT crm.weighted_pipeline(1, 'lead', 100.0000000000000000000000001);
SELECT crm.weighted_pipeline(1, 'lead', -0.0000000000000000000000001);
SELECT crm.weighted_pipeline(1, 'lead', 'NaN'::numeric);
SELECT crm.weighted_pipeline(1, 'lead', 'Infinity'::numeric);
SELECT crm.weighted_pipeline(1, 'lead', 1e50);
SELECT crm.weighted_pipeline(1, 'lead', 100.1::float8);
SELECT crm.weighted_pipeline(1, 'lead', 'NaN'::float8);
SELECT crm.weighted_pipeline(1, 'lead', '-Infinity'::float8);
SELECT crm.weighted_sum(1, 1000);
SELECT crm.pipeline_partial(1, 'lead', 101);
SELECT crm.weighted_pipeline(1, 'lead', 0), crm.weighted_pipeline(1, 'lead', 100), crm.weighted_pipeline(1, 'lead', '-0'::float8);
-- of a closed deal it is not looked at
SELECT crm.weighted_pipeline(1, 'won', 101);

-- fractions: a warning, once per query; not if one is above 1
SELECT crm.weighted_pipeline(100, 'lead', p) FROM unnest('{0.1, 0.5, 1}'::numeric[]) AS p;
SELECT p, crm.weighted_pipeline(100, 'lead', p) FROM unnest('{0.1, 0.5, 0.25}'::float8[]) AS p GROUP BY p ORDER BY p;
SELECT crm.weighted_sum(100, p) FROM unnest('{0.1, 0.5, 0.33333333333}'::numeric[]) AS p;
SELECT (crm.pipeline(100, 'lead', p)).* FROM unnest('{0.5}'::float8[]) AS p;
SELECT crm.weighted_pipeline(100, 'lead', p) FROM unnest('{0.1, 0.5, 1.00001}'::numeric[]) AS p;
SELECT crm.weighted_pipeline(100, 'lead', p) FROM unnest('{0.1, 0.5, 30}'::numeric[]) AS p;
SELECT crm.weighted_pipeline(100, 'lead', p) FROM unnest('{0, 1}'::integer[]) AS p;
SELECT crm.weighted_pipeline(100, 'won', p) FROM unnest('{0.1}'::numeric[]) AS p;
SET crm.numeric_fast_path = off;
SELECT crm.weighted_pipeline(100, 'lead', p) FROM unnest('{0, 1}'::numeric[]) AS p;
SELECT crm.weighted_pipeline(100, 'lead', p) FROM unnest('{0, 0.5}'::numeric[]) AS p;
RESET crm.numeric_fast_path;

-- overflow is numeric's own, of the result and not of a product on the way
SELECT crm.weighted_pipeline(('9' || repeat('0', 131071))::numeric, 'proposal', 100) FROM generate_series(1, 2);
SELECT crm.weighted_pipeline(('1' || repeat('0', 131071))::numeric, 'proposal', 50) = ('5' || repeat('0', 131070))::numeric AS half;
