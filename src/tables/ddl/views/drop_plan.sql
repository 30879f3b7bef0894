-- The statements that drop them, functions first; and how many each drops.
SELECT pg_catalog.format('DROP %s %s', kind, pg_catalog.string_agg(signature, ', ' ORDER BY signature)),
	pg_catalog.count(*)
FROM ours
GROUP BY step, kind
ORDER BY step;
