-- What in the schema still depends on a member of the extension, as one text.
WITH members AS (
	SELECT d.classid, d.objid
	FROM pg_catalog.pg_depend AS d
	JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'crm'
	WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
	UNION
	-- and the arrays of its types
	SELECT d.classid, t.typarray
	FROM pg_catalog.pg_depend AS d
	JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'crm'
	JOIN pg_catalog.pg_type AS t ON t.oid = d.objid AND t.typarray <> 0
	WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e'
		AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
),
dependents AS (
	SELECT d.classid, d.objid, d.objsubid
	FROM pg_catalog.pg_depend AS d
	JOIN members AS m ON m.classid = d.refclassid AND m.objid = d.refobjid
	WHERE d.deptype = 'n'
),
-- rules stand for their views
named AS (
	SELECT DISTINCT pg_catalog.pg_describe_object(
		CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_catalog.pg_class'::pg_catalog.regclass END,
		COALESCE(r.ev_class, d.objid), CASE WHEN r.oid IS NULL THEN d.objsubid ELSE 0 END) AS name
	FROM dependents AS d
	LEFT JOIN pg_catalog.pg_rewrite AS r
		ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid
	LEFT JOIN pg_catalog.pg_attrdef AS v
		ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND v.oid = d.objid
	LEFT JOIN pg_catalog.pg_policy AS p
		ON d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND p.oid = d.objid
	LEFT JOIN pg_catalog.pg_proc AS f
		ON d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND f.oid = d.objid
	LEFT JOIN pg_catalog.pg_class AS c
		ON c.oid = COALESCE(r.ev_class, v.adrelid, p.polrelid,
			CASE WHEN d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass THEN d.objid END)
	JOIN pg_catalog.pg_namespace AS n ON n.oid = COALESCE(c.relnamespace, f.pronamespace)
	WHERE n.nspname = :'schema_name'
	UNION
	-- triggers on tables of others, which fill the queue
	SELECT DISTINCT pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
	FROM pg_catalog.pg_class AS q
	JOIN pg_catalog.pg_namespace AS n ON n.oid = q.relnamespace AND n.nspname = :'schema_name'
	JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = q.oid
		AND d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
	JOIN dependents AS o ON o.classid = d.classid AND o.objid = d.objid
	WHERE q.relname = 'match_queue'
)
SELECT pg_catalog.string_agg(name, ', ' ORDER BY name) FROM named;
