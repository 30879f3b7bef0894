-- How every form of call is resolved, and what it gives.
CREATE TEMP TABLE forms AS SELECT
	100::numeric AS value, 'proposal'::crm.deal_stage AS stage, 'proposal'::text AS stage_text,
	'proposal'::varchar(20) AS stage_varchar, 40::smallint AS p2, 40 AS p4, 40::bigint AS p8,
	40::numeric AS pn, 40::real AS pf4, 40::double precision AS pf8, 100 AS value4, 100::bigint AS value8;

-- which aggregate a call means: the one that a view with it depends on
CREATE FUNCTION pg_temp.resolved(call text) RETURNS regprocedure LANGUAGE plpgsql AS $$
DECLARE
	result regprocedure;
BEGIN
	EXECUTE 'CREATE TEMP VIEW probe AS SELECT ' || call || ' FROM forms';
	SELECT d.refobjid INTO result
	FROM pg_rewrite AS r JOIN pg_depend AS d ON d.objid = r.oid AND d.refclassid = 'pg_proc'::regclass
		JOIN pg_proc AS p ON p.oid = d.refobjid AND p.prokind = 'a'
	WHERE r.ev_class = 'probe'::regclass;
	DROP VIEW probe;
	RETURN result;
EXCEPTION WHEN undefined_function OR ambiguous_function OR invalid_text_representation THEN
	RETURN NULL;
END $$;
CREATE FUNCTION pg_temp.answer(call text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE 'SELECT ' || call || ' FROM forms' INTO result;
	RETURN result;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ' ' || SQLERRM;
END $$;

SELECT call, pg_temp.resolved(call) AS resolved, pg_temp.answer(call) AS answer
FROM (VALUES
	-- named columns of all types
	('crm.weighted_pipeline(value, stage)'), ('crm.weighted_pipeline(value, stage_text)'),
	('crm.weighted_pipeline(value, stage_varchar)'), ('crm.weighted_pipeline(value4, stage)'),
	('crm.weighted_pipeline(value8, stage_text)'),
	('crm.weighted_pipeline(value, stage, p2)'), ('crm.weighted_pipeline(value, stage, p4)'),
	('crm.weighted_pipeline(value, stage, p8)'), ('crm.weighted_pipeline(value, stage, pn)'),
	('crm.weighted_pipeline(value, stage, pf4)'), ('crm.weighted_pipeline(value, stage, pf8)'),
	('crm.weighted_pipeline(value, stage_text, p2)'), ('crm.weighted_pipeline(value, stage_varchar, p4)'),
	('crm.weighted_pipeline(value, stage_varchar, p8)'), ('crm.weighted_pipeline(value, stage_text, pn)'),
	('crm.weighted_pipeline(value, stage_varchar, pf4)'), ('crm.weighted_pipeline(value, stage_text, pf8)'),
	('crm.weighted_sum(value, p2)'), ('crm.weighted_sum(value, p4)'), ('crm.weighted_sum(value, p8)'),
	('crm.weighted_sum(value, pn)'), ('crm.weighted_sum(value4, pf4)'), ('crm.weighted_sum(value, pf8)'),
	-- literals and NULL
	('crm.weighted_pipeline(100, ''proposal'')'), ('crm.weighted_pipeline(''100'', ''proposal'')'),
	('crm.weighted_pipeline(100, ''proposal'', 40)'), ('crm.weighted_pipeline(100.5, ''proposal'', 40.5)'),
	('crm.weighted_pipeline(100, ''proposal'', ''40'')'), ('crm.weighted_pipeline(100, ''proposal'', NULL)'),
	('crm.weighted_pipeline(NULL, ''proposal'', 40)'), ('crm.weighted_pipeline(100, NULL, 40)'),
	('crm.weighted_pipeline(100, NULL)'), ('crm.weighted_pipeline(NULL, NULL, NULL)'),
	('crm.weighted_sum(100, NULL)'), ('crm.weighted_sum(NULL, 40)'), ('crm.weighted_sum(''100'', ''40'')'),
	('crm.pipeline(100, ''proposal'')'), ('crm.pipeline(value, stage, p4)'),
	('crm.pipeline_partial(value, stage, pf8)'), ('crm.pipeline_partial(100, ''proposal'')'),
	-- mistakes
	('crm.weighted_pipeline(100, 50)'), ('crm.weighted_pipeline(100, ''50'')'),
	('crm.weighted_pipeline(100, ''Proposal'')'), ('crm.weighted_pipeline(''abc'', ''proposal'')'),
	('crm.weighted_pipeline(pf8, stage)')
) AS t (call);

-- as JDBC sends them: varchar and double precision parameters
PREPARE jdbc(numeric, varchar, double precision) AS SELECT crm.weighted_pipeline($1, $2, $3);
EXECUTE jdbc(200, 'negotiation', 12.5);
PREPARE jdbc2(bigint, varchar) AS SELECT crm.weighted_pipeline($1, $2);
EXECUTE jdbc2(200, 'negotiation');
DEALLOCATE ALL;

-- the hint for a probability that was taken for a stage
SELECT crm.weighted_pipeline(100, '50');

-- names of the arguments, for clients that call by name
SELECT DISTINCT p.proname, p.proargnames
FROM pg_proc AS p JOIN pg_depend AS d ON d.objid = p.oid AND d.deptype = 'e'
JOIN pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'crm'
WHERE p.prokind = 'a' ORDER BY 1, 2;

-- the composite, spread out, is computed once
EXPLAIN (VERBOSE, COSTS OFF) SELECT (crm.pipeline(value, stage)).* FROM forms;
SELECT (crm.pipeline(value, stage)).* FROM forms;
SELECT (p).total_deals FROM (SELECT crm.pipeline(value, stage) AS p FROM forms) AS t;
SELECT to_jsonb(crm.pipeline(value, stage)) FROM forms;

-- FILTER, DISTINCT, ORDER BY, grouping sets
SELECT crm.weighted_pipeline(v, s) FILTER (WHERE v > 1), crm.weighted_pipeline(DISTINCT v, s), crm.weighted_pipeline(v, s ORDER BY v)
FROM (VALUES (1, 'proposal'), (2, 'proposal'), (2, 'proposal')) AS t (v, s);
SELECT s, crm.weighted_pipeline(v, s) FROM (VALUES (1, 'proposal'), (2, 'lead')) AS t (v, s) GROUP BY ROLLUP (s) ORDER BY s;
