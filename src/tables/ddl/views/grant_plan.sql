-- Back from data to statements, revocations first: a function that was not open
-- to everybody is closed again.  Roles and columns that no longer exist are
-- left out.
, kept AS (
	SELECT g.kind, g.name, g."column" AS column_name, g.grantee, g.privilege, g.grantable
	FROM :"schema".settings AS s,
		pg_catalog.jsonb_to_recordset(s.dropped_view_grants) AS g
			(kind text, name text, "column" text, grantee text, privilege text, grantable boolean)
),
statements AS (
	SELECT 1 AS step, pg_catalog.format('REVOKE ALL ON %s %s FROM PUBLIC', o.kind, o.signature) AS statement
	FROM ours AS o
	WHERE o.kind <> 'VIEW'
		AND EXISTS (SELECT FROM kept AS k WHERE k.kind = o.kind AND k.name = o.name)
		AND NOT EXISTS (SELECT FROM kept AS k
			WHERE k.kind = o.kind AND k.name = o.name AND k.grantee IS NULL AND k.privilege IS NOT NULL)
	UNION ALL
	SELECT 2, pg_catalog.format('GRANT %s%s ON %s %s TO %s%s', k.privilege,
		'(' || pg_catalog.quote_ident(k.column_name) || ')',
		CASE o.kind WHEN 'VIEW' THEN 'TABLE' ELSE o.kind END, o.signature,
		COALESCE(pg_catalog.quote_ident(k.grantee), 'PUBLIC'),
		CASE WHEN k.grantable THEN ' WITH GRANT OPTION' END)
	FROM kept AS k
	JOIN ours AS o ON o.kind = k.kind AND o.name = k.name
	WHERE k.privilege = ANY (CASE o.kind WHEN 'VIEW'
			THEN '{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER,MAINTAIN}'::text[] ELSE '{EXECUTE}' END)
		AND (k.grantee IS NULL OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = k.grantee))
		AND (k.column_name IS NULL OR EXISTS (
			SELECT FROM pg_catalog.pg_attribute AS a
			WHERE a.attrelid = o.relation AND a.attname = k.column_name AND NOT a.attisdropped))
)
SELECT statement, 1 FROM statements ORDER BY step, statement;
