-- The views and wrappers of the CRM that exist; the start of each query here.
WITH ours AS (
	SELECT 1 AS step, CASE p.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END AS kind, p.proname AS name, p.proacl AS acl, NULL::oid AS relation,
		pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,
			pg_catalog.pg_get_function_identity_arguments(p.oid)) AS signature
	FROM pg_catalog.pg_proc AS p
	JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
	WHERE n.nspname = :'schema_name' AND p.proname = ANY (:'function_names'::name[]) AND p.prokind IN ('f', 'p')
		-- ours call a support function of the extension; a user's of the same name do not
		AND EXISTS (
			SELECT FROM pg_catalog.pg_depend AS d
			JOIN pg_catalog.pg_proc AS m ON m.oid = d.refobjid
			JOIN pg_catalog.pg_namespace AS mn ON mn.oid = m.pronamespace AND mn.nspname = 'crm'
			WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
				AND d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
				AND pg_catalog.starts_with(m.proname::text, '_'))
	UNION ALL
	SELECT 2, 'VIEW', c.relname, c.relacl, c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname)
	FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	WHERE n.nspname = :'schema_name' AND c.relkind = 'v' AND c.relname = ANY (:'view_names'::name[])
)
