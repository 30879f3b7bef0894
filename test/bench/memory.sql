-- Memory per group: what a hash aggregate of 670,000 groups takes beyond
-- that of count(*), whose state needs no memory of its own.  Only open deals:
-- crm.pipeline keeps nothing for a group that has none.

SET work_mem = '2GB';
SET hash_mem_multiplier = 1;

CREATE FUNCTION pg_temp.memory_of(figure text) RETURNS bigint
	LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE format('EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) SELECT id, %s FROM series
		WHERE stage NOT IN (''won'', ''lost'') GROUP BY id', figure)
		INTO plan;
	IF plan #>> '{0,Plan,Strategy}' <> 'Hashed' OR plan #>> '{0,Plan,Disk Usage}' <> '0' THEN
		RAISE EXCEPTION 'not a hash aggregate in memory: %', plan;
	END IF;
	RETURN (plan #>> '{0,Plan,Peak Memory Usage}')::bigint * 1024;
END $$;
SET enable_sort = off;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;

\echo
\echo 'Memory per group, bytes'
SELECT format('  %-64s %8s', figure, (pg_temp.memory_of(figure) - pg_temp.memory_of('count(*)'))
	/ (SELECT count(*) FROM series WHERE stage NOT IN ('won', 'lost')))
FROM (VALUES ('sum(value)'),
	('count(*), sum(value), sum(value * probability / 100.0)'),
	('crm.pipeline(value, stage, probability)')) AS each (figure);
