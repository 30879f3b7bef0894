-- The aggregates as moving windows: the same as plain sums over each frame.
CREATE TEMP TABLE w AS
SELECT i AS id, i % 5 AS grp, CASE WHEN i % 23 = 0 THEN NULL ELSE round((i * 7919 % 100003)::numeric / 7, i % 5) END AS value,
	(enum_range(NULL::crm.deal_stage))[1 + (i * 31) % 6] AS stage,
	CASE WHEN i % 9 = 0 THEN NULL ELSE i % 101 END AS p, (i % 101) / 4.0 * (i % 7 > 0)::int AS pf
FROM generate_series(1, 2000) AS i;

-- rows where the window differs from sum() over the same frame
CREATE FUNCTION pg_temp.differences(frame text, source text DEFAULT 'w') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	EXECUTE format($q$
		SELECT count(*) FROM (
			SELECT crm.weighted_pipeline(value, stage, p) OVER f AS w1,
				COALESCE(sum(value * COALESCE(p, crm.default_probability(stage))::numeric * 0.01) FILTER (WHERE stage NOT IN ('won', 'lost')) OVER f, 0) AS w2,
				crm.weighted_pipeline(value, stage::text, pf) OVER f AS f1,
				COALESCE(sum(value * pf * 0.01) FILTER (WHERE stage NOT IN ('won', 'lost')) OVER f, 0) AS f2,
				crm.weighted_sum(value, pf::float8) OVER f AS s1,
				COALESCE(sum(value * pf::float8::numeric * 0.01) OVER f, 0) AS s2,
				crm.pipeline(value, stage, p) OVER f AS p1,
				count(*) FILTER (WHERE stage NOT IN ('won', 'lost')) OVER f AS n2,
				COALESCE(sum(value) FILTER (WHERE stage NOT IN ('won', 'lost')) OVER f, 0) AS v2
			FROM %s WINDOW f AS (%s)) AS t
		WHERE w1 <> w2 OR f1 <> f2 OR s1 <> s2 OR (p1).total_deals <> n2 OR (p1).total_value <> v2 OR (p1).weighted_value <> w2
			OR scale((p1).total_value) <> scale(v2) OR scale(w1) <> scale(w2)$q$, source, frame) INTO result;
	RETURN result;
END $$;
SELECT frame, pg_temp.differences(frame)
FROM unnest(ARRAY[
	'ORDER BY id ROWS 9 PRECEDING', 'ORDER BY id ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING', 'ORDER BY id ROWS BETWEEN CURRENT ROW AND CURRENT ROW',
	'ORDER BY id ROWS BETWEEN 5 PRECEDING AND 3 PRECEDING', 'ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW',
	'ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING', 'PARTITION BY grp ORDER BY id ROWS 99 PRECEDING', 'PARTITION BY grp ORDER BY id',
	'ORDER BY id RANGE BETWEEN 10 PRECEDING AND CURRENT ROW', 'ORDER BY id ROWS BETWEEN 4 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW', 'PARTITION BY grp'
]) AS frame;

-- slow rows enter and leave
CREATE TEMP TABLE slow AS SELECT id, grp, CASE WHEN id % 10 = 0 THEN 1e30 + id WHEN id % 10 = 1 THEN 1e-20 * id ELSE value END AS value, stage, p,
	CASE WHEN id % 13 = 0 THEN 33.3333333333 ELSE pf END AS pf FROM w;
CREATE FUNCTION pg_temp.unequal(frame text, source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
	result bigint;
BEGIN
	EXECUTE format($q$SELECT count(*) FROM (SELECT crm.weighted_sum(value, pf) OVER f AS a, COALESCE(sum(value * pf * 0.01) OVER f, 0) AS b,
		(crm.pipeline(value, 'lead'::text, pf) OVER f) AS p, COALESCE(sum(value) OVER f, 0) AS v FROM %s WINDOW f AS (%s)) AS t
		WHERE a <> b OR (p).total_value <> v OR (p).weighted_value <> b OR scale(a) <> scale(b)$q$, source, frame) INTO result;
	RETURN result;
END $$;
SELECT pg_temp.unequal('ORDER BY id ROWS 4 PRECEDING', 'slow'), pg_temp.unequal('ORDER BY id ROWS 30 PRECEDING', 'slow'), pg_temp.unequal('ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 9 FOLLOWING', 'slow');

-- NaN and infinity leave no trace behind
SELECT i, v, crm.weighted_sum(v, 50) OVER f, sum(v * 50 * 0.01) OVER f
FROM (VALUES (1, 1::numeric), (2, 'NaN'), (3, 2), (4, 3), (5, 'Infinity'), (6, '-Infinity'), (7, 4), (8, 5), (9, 6)) AS t (i, v)
WINDOW f AS (ORDER BY i ROWS 1 PRECEDING);
SET crm.numeric_fast_path = off;
SELECT pg_temp.differences('ORDER BY id ROWS 9 PRECEDING');
RESET crm.numeric_fast_path;

-- the setting changes, or an argument lies, while rows are in the window
BEGIN;
DECLARE c CURSOR FOR SELECT crm.weighted_pipeline(g::numeric, 'lead'::crm.deal_stage) OVER (ORDER BY g ROWS 1 PRECEDING) FROM generate_series(1, 8) AS g;
FETCH 2 FROM c;
SET crm.numeric_fast_path = off;
FETCH 3 FROM c;
SET crm.numeric_fast_path = on;
FETCH ALL FROM c;
COMMIT;
-- and with deals of both kinds in the window: the sums stay those of the frame
BEGIN;
DECLARE c CURSOR FOR SELECT g, crm.weighted_sum(g::numeric, 100) OVER f, sum(g) OVER f AS expected FROM generate_series(1, 12) AS g WINDOW f AS (ORDER BY g ROWS 3 PRECEDING);
FETCH 3 FROM c;
SET crm.numeric_fast_path = off;
FETCH 1 FROM c;
SET crm.numeric_fast_path = on;
FETCH 2 FROM c;
SET crm.numeric_fast_path = off;
FETCH 2 FROM c;
SET crm.numeric_fast_path = on;
FETCH ALL FROM c;
COMMIT;
CREATE SEQUENCE pg_temp.lies;
CREATE FUNCTION pg_temp.liar(integer) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN CASE WHEN nextval('pg_temp.lies') < 3 THEN 1 ELSE 1e40 END; END $$;
SELECT count(w) FROM (SELECT crm.weighted_pipeline(pg_temp.liar(g), 'lead'::text) OVER (ORDER BY g ROWS 1 PRECEDING) AS w FROM generate_series(1, 5) AS g) AS t;
-- values of a hundred decimals come and go: the scale is that of sum()
SELECT count(*) FROM (SELECT (crm.weighted_sum(v, 50) OVER f)::text AS a, (sum(v * 50::numeric * 0.01) OVER f)::text AS b
	FROM (SELECT i, CASE WHEN i % 10 = 0 THEN (1::numeric / 3)::numeric(200, 100) ELSE i / 4.0 END AS v FROM generate_series(1, 100) AS i) AS t
	WINDOW f AS (ORDER BY i ROWS 3 PRECEDING)) AS t WHERE a <> b;

-- only NULLs, only closed deals: zeros, never NULL
SELECT crm.weighted_pipeline(v, s) OVER f, (crm.pipeline(v, s) OVER f) FROM (VALUES (1, NULL::numeric, NULL::text), (2, NULL, 'lead'), (3, 5, 'won')) AS t (i, v, s)
WINDOW f AS (ORDER BY i ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);
-- an empty frame
SELECT crm.weighted_pipeline(v, 'lead') OVER (ORDER BY v ROWS BETWEEN 5 FOLLOWING AND 6 FOLLOWING) FROM (VALUES (1), (2)) AS t (v);
-- no warning about fractions: a frame may hold small ones only
SELECT crm.weighted_sum(100, p) OVER (ORDER BY p ROWS 1 PRECEDING) FROM unnest('{0.1, 0.2, 0.3}'::numeric[]) AS p;
-- pipeline_partial as a window without inverse
SELECT crm.total_deals(crm.pipeline_partial(1, 'lead') OVER (ORDER BY v)) FROM (VALUES (1), (2)) AS t (v);
-- an aggregate's own functions refuse to be called alone
SELECT crm._pipeline_move(NULL, 1, 'lead'::text);
