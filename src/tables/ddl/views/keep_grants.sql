-- Their grants as data, the owner's own left out.
, grants AS (
	SELECT pg_catalog.jsonb_agg(pg_catalog.jsonb_build_object(
		'kind', o.kind,
		'name', o.name,
		'grantee', CASE WHEN a.grantee <> 0 THEN pg_catalog.pg_get_userbyid(a.grantee) END,
		'privilege', a.privilege_type,
		'grantable', a.is_grantable)) AS list
	FROM ours AS o, pg_catalog.aclexplode(o.acl) AS a
	WHERE a.grantee <> a.grantor
)
UPDATE :"schema".settings SET dropped_view_grants = grants.list
FROM grants
WHERE EXISTS (SELECT FROM ours);
