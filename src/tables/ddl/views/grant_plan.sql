-- Back from data to statements.  Roles that no longer exist are left out; a
-- function whose PUBLIC grant had been taken away loses it again.
, kept AS (
	SELECT g.kind, g.name, g.grantee, g.privilege, g.grantable
	FROM :"schema".settings AS s,
		pg_catalog.jsonb_to_recordset(s.dropped_view_grants) AS g
			(kind text, name text, grantee text, privilege text, grantable boolean)
)
SELECT pg_catalog.format('GRANT %s ON %s %s TO %s%s', k.privilege,
	CASE o.kind WHEN 'VIEW' THEN 'TABLE' ELSE o.kind END, o.signature,
	COALESCE(pg_catalog.quote_ident(k.grantee), 'PUBLIC'),
	CASE WHEN k.grantable THEN ' WITH GRANT OPTION' ELSE '' END), 1
FROM kept AS k
JOIN ours AS o ON o.kind = k.kind AND o.name = k.name
WHERE k.privilege ~ '^[A-Z]+$'
	AND (k.grantee IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = k.grantee))
UNION ALL
SELECT pg_catalog.format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', o.signature), 1
FROM ours AS o
WHERE o.kind = 'FUNCTION'
	AND EXISTS (SELECT FROM kept AS k WHERE k.kind = o.kind AND k.name = o.name)
	AND NOT EXISTS (SELECT FROM kept AS k WHERE k.kind = o.kind AND k.name = o.name AND k.grantee IS NULL);
