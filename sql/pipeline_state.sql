-- The stored state: text and binary forms, merging, and bad input.
CREATE TEMP TABLE source AS
SELECT i % 7 AS part, CASE WHEN i % 50 = 0 THEN NULL ELSE round((i * 7919 % 100003)::numeric / 7, i % 4) END AS value,
	(enum_range(NULL::crm.deal_stage))[1 + i % 6] AS stage, CASE WHEN i % 9 = 0 THEN NULL ELSE i % 101 END AS p
FROM generate_series(1, 3000) AS i;
INSERT INTO source VALUES (3, 1e40, 'lead', 50), (5, 1e-30, 'lead', 50), (8, 5, 'won', 100), (9, NULL, 'lead', 7);
CREATE TEMP TABLE states AS SELECT part, crm.pipeline_partial(value, stage, p) AS state FROM source GROUP BY part;

-- parts add up to the whole, an empty one included
SELECT crm.summary(crm.pipeline_merge(state)) = (SELECT crm.pipeline(value, stage, p) FROM source) AS same FROM states;
SELECT crm.total_deals(m), crm.total_value(m) = s.v, crm.weighted_value(m) = s.w
FROM (SELECT crm.pipeline_merge(state) AS m FROM states) AS t,
	(SELECT sum(value) AS v, sum(value * COALESCE(p, crm.default_probability(stage))::numeric * 0.01) AS w FROM source WHERE stage NOT IN ('won', 'lost')) AS s;
SELECT part, crm.total_deals(state) FROM states WHERE part > 7 ORDER BY part;
SELECT crm.pipeline_merge(state) FROM states WHERE false;
SELECT crm.pipeline_merge(NULL::crm.pipeline_state);
SELECT crm.pipeline_merge(state) FROM (VALUES (NULL::crm.pipeline_state), ('(1,1,100,50.00,2)'), (NULL)) AS t (state);

-- through text and back, whatever the settings
SET extra_float_digits = -15;
SET bytea_output = escape;
SET DateStyle = 'German';
SET lc_numeric = 'C';
SELECT count(*) FROM states WHERE crm.summary(state::text::crm.pipeline_state) IS DISTINCT FROM crm.summary(state) OR state::text::crm.pipeline_state::text <> state::text;
RESET extra_float_digits;
RESET bytea_output;
RESET DateStyle;
RESET lc_numeric;
SELECT crm.summary(crm.pipeline_merge(state::text::crm.pipeline_state)) = (SELECT crm.pipeline(value, stage, p) FROM source) FROM states;
SELECT crm.pipeline_partial(value, stage, p) FROM source WHERE part = 9;

-- through the binary form and back
CREATE TEMP TABLE received (LIKE states);
\copy states TO 'results/pipeline_state.bin' (FORMAT binary)
\copy received FROM 'results/pipeline_state.bin' (FORMAT binary)
SELECT count(*), count(*) FILTER (WHERE r.state::text = s.state::text) AS same FROM states AS s JOIN received AS r USING (part);
SELECT encode(crm._pipeline_state_send('(1,3,1500.50,750.2500,2)'), 'hex');
SELECT encode(crm._pipeline_state_send('(1,0,0,0,0)'), 'hex');

-- stored: short headers, compressed, out of line, unaligned neighbours
CREATE TEMP TABLE stored (pad "char", state crm.pipeline_state, pad2 "char");
INSERT INTO stored SELECT 'x', state, 'y' FROM states;
INSERT INTO stored SELECT 'x', crm.pipeline_partial(('1' || repeat('7', 30000))::numeric, 'lead', 33), 'y';
INSERT INTO stored SELECT 'x', crm.pipeline_partial(('1' || repeat('7319824650', 3000))::numeric, 'lead', 33), 'y';
ALTER TABLE stored ALTER COLUMN state SET STORAGE EXTERNAL;
INSERT INTO stored SELECT 'x', crm.pipeline_partial(('1' || repeat('7319824650', 3000))::numeric, 'lead', 33), 'y';
SELECT count(*), count(DISTINCT state::text), sum(crm.total_deals(state)) = (SELECT 3 + count(*) FILTER (WHERE stage NOT IN ('won', 'lost')) FROM source) AS deals FROM stored;
SELECT crm.total_value(crm.pipeline_merge(state)) = (SELECT sum(value) + ('1' || repeat('7', 30000))::numeric + 2 * ('1' || repeat('7319824650', 3000))::numeric FROM source WHERE stage NOT IN ('won', 'lost')) FROM stored;

-- a state that comes from elsewhere is not changed
CREATE TEMP TABLE one AS SELECT crm.pipeline_partial(10.5, 'lead') AS state;
SELECT crm._pipeline_add(state, 5, 'lead'::text) FROM one;
SELECT crm._pipeline_combine(state, state), state FROM one;

-- the window and the plain state agree on nothing
SELECT crm.summary('(1,0,0,0,0)'), crm.total_deals(NULL), crm.summary(NULL);

-- NaN and infinity travel too
SELECT state::text::crm.pipeline_state FROM (SELECT crm.pipeline_partial(x, 'lead') AS state FROM unnest('{NaN,Infinity,-Infinity}'::numeric[]) AS x GROUP BY x ORDER BY x) AS t;

-- bad input: clear errors, one each
CREATE FUNCTION pg_temp.try(input text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	detail text;
	hint text;
BEGIN
	RETURN input::crm.pipeline_state;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN concat_ws(' | ', SQLSTATE, SQLERRM, NULLIF(detail, ''), NULLIF(hint, ''));
END $$;
SELECT left(input, 40) AS input, pg_temp.try(input)
FROM (VALUES ('(1,3,1500.50,750.2500,2)'), ('(1,3,1e3,-7,0)'), ('(1,0,0.00,0,0)'),
	(''), ('('), ('()'), ('(1)'), ('(1,3,1500.50,750.2500,2'), ('(1,3,1500.50,750.25'), ('1,3,1500.50,750.2500,2'),
	('(1,3,1500.50,750.2500,2) '), ('(1,3,1500.50,750.2500,2,9)'), ('(1,,1500.50,750.2500,2)'), ('(1,3,,1,2)'),
	('(2,3,1500.50,750.2500,2)'), ('(99,3,1500.50,750.2500,2)'), ('(0,3,1,1,2)'), ('(-1,3,1,1,2)'),
	('(1,-3,1,1,2)'), ('(1,0,1,0,0)'), ('(1,0,0,1,0)'), ('(1,0,NaN,0,0)'), ('(1,3,1,1,4)'), ('(1,3,1,1,-1)'),
	('(1,9223372036854775807,1,1,2)'), ('(1,9223372036854775808,1,1,2)'), ('(01,3,1,1,2)'), ('(1,99999999999999999999,1,1,2)'), ('(1,1.5,1,1,2)'), ('(1,3,abc,1,2)'), ('(1,3,1,abc,2)'),
	('(1,3,1e999999999,1,2)'), ('(1,3,' || repeat('9', 300000) || ',1,2)'), (repeat('(', 1000)), ('(1,3,1 ; DROP TABLE x,1,2)')
) AS t (input);

-- more deals than a bigint counts
SELECT crm.pipeline_merge(state) FROM (VALUES ('(1,9223372036854775807,1,1,2)'::crm.pipeline_state), ('(1,1,1,1,2)')) AS t (state);

-- storing and reading needs no cast in COPY
CREATE TEMP TABLE rollup (owner text, state crm.pipeline_state);
COPY rollup FROM stdin;
ann	(1,2,300,150.00,2)
ben	(1,0,0,0,0)
cyd	\N
\.
COPY rollup TO stdout;
SELECT crm.summary(crm.pipeline_merge(state)) FROM rollup;
