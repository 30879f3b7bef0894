-- What a CRM costs: the time to make one, and the relations that it adds.
--! data: none

CREATE TEMP TABLE made (round integer, ms numeric);

-- clock_timestamp: the transaction's own time stands still.
DO $$
DECLARE
	started timestamptz;
BEGIN
	FOR round IN 0..5 LOOP
		started := clock_timestamp();
		PERFORM crm.create_tables(('bench_' || round)::name);
		INSERT INTO made VALUES (round, extract(epoch FROM clock_timestamp() - started) * 1000);
	END LOOP;
END $$;

\echo
\echo 'crm.create_tables'
SELECT format('  %-64s %8s', 'ms elapsed',
	round(percentile_disc(0.5) WITHIN GROUP (ORDER BY ms), 1))
FROM made WHERE round > 0;

-- TOAST tables and their indexes lie in a schema of their own.
WITH ours AS (
	SELECT relkind::text, reltoastrelid FROM pg_class WHERE relnamespace = 'bench_1'::regnamespace
), all_of_them AS (
	SELECT relkind FROM ours
	UNION ALL
	SELECT 't' FROM ours WHERE reltoastrelid <> 0
	UNION ALL
	SELECT 'x' FROM ours WHERE reltoastrelid <> 0
), counted AS (
	SELECT what, place, count(relkind) AS relations
	FROM (VALUES ('r', 'tables', 1), ('i', 'indexes', 2), ('S', 'sequences', 3), ('v', 'views', 4),
		('t', 'TOAST tables', 5), ('x', 'indexes of TOAST tables', 6)) AS kind (relkind, what, place)
		JOIN all_of_them USING (relkind)
	GROUP BY what, place
)
SELECT format('  %-64s %8s', 'relations added to pg_class', sum(relations))
	|| E'\n' || string_agg(format('    %-62s %8s', what, relations), E'\n' ORDER BY place)
FROM counted;
