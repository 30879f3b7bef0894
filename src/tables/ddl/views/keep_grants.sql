-- Their grants as data, columns' included.  The owner's own are kept too, and an
-- empty list leaves a record: a function that is closed to everybody stays so.
, lists AS (
	SELECT kind, name, NULL AS column_name, acl
	FROM ours
	UNION ALL
	SELECT o.kind, o.name, a.attname, a.attacl
	FROM ours AS o
	JOIN pg_catalog.pg_attribute AS a ON a.attrelid = o.relation AND a.attacl IS NOT NULL
),
grants AS (
	SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
		'kind', l.kind,
		'name', l.name,
		'column', l.column_name,
		'grantee', CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END,
		'privilege', a.privilege_type,
		'grantable', a.is_grantable AND a.grantee <> a.grantor)) AS list
	FROM lists AS l
	LEFT JOIN LATERAL pg_catalog.aclexplode(l.acl) AS a ON true
	WHERE l.acl IS NOT NULL
)
-- what was kept of others, which are dropped already, stays
UPDATE :"schema".settings AS s SET dropped_view_grants = COALESCE((
		SELECT pg_catalog.jsonb_agg(k.entry)
		FROM pg_catalog.jsonb_array_elements(s.dropped_view_grants) AS k (entry)
		WHERE NOT EXISTS (SELECT FROM ours AS o
			WHERE o.kind = k.entry ->> 'kind' AND o.name = k.entry ->> 'name')), '[]')
	|| COALESCE(grants.list, '[]')
FROM grants
WHERE EXISTS (SELECT FROM ours);
