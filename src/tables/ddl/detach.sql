-- The statements that make the schema independent of the extension, in order.
-- Views and wrappers are gone already.  What is dropped is found by what it
-- depends on, so objects that the user added are served too; columns keep
-- their values as text.
WITH members AS (
	SELECT d.classid, d.objid
	FROM pg_catalog.pg_depend AS d
	JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'crm'
	WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
		AND d.deptype = 'e'
),
-- the extension's types and their arrays, with what replaces them
types AS (
	SELECT t.oid, CASE WHEN t.typelem <> 0 AND t.typlen = -1 AND e.objid IS NOT NULL THEN 'text[]' ELSE 'text' END AS replacement
	FROM pg_catalog.pg_type AS t
	LEFT JOIN members AS e ON e.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND e.objid = t.typelem
	WHERE e.objid IS NOT NULL OR EXISTS (SELECT FROM members AS m
		WHERE m.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND m.objid = t.oid)
),
relations AS (
	SELECT c.oid, c.relname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name
	FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	WHERE n.nspname = :'schema_name' AND c.relkind IN ('r', 'p')
		-- tables of others are theirs to change: ALTER TABLE would run their code
		AND c.relowner = (SELECT s.relowner FROM pg_catalog.pg_class AS s
			WHERE s.relnamespace = n.oid AND s.relname = 'settings')
),
typed_columns AS (
	SELECT r.oid, r.name, a.attnum, pg_catalog.quote_ident(a.attname) AS column_name, t.replacement
	FROM relations AS r
	JOIN pg_catalog.pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
	JOIN types AS t ON t.oid = a.atttypid
),
dependents AS (
	SELECT DISTINCT d.classid, d.objid
	FROM pg_catalog.pg_depend AS d
	WHERE d.deptype = 'n' AND (EXISTS (
			SELECT FROM members AS m WHERE m.classid = d.refclassid AND m.objid = d.refobjid)
		OR (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass
			AND d.refobjid IN (SELECT oid FROM types)))
),
-- foreign keys of a column that changes its type: off before, on again after
foreign_keys AS (
	SELECT DISTINCT k.oid, c.conname, r.name, pg_catalog.pg_get_constraintdef(k.oid) AS definition
	FROM pg_catalog.pg_constraint AS k
	JOIN pg_catalog.pg_constraint AS c ON c.oid = k.oid
	JOIN relations AS r ON r.oid = k.conrelid
	JOIN typed_columns AS t
		ON (t.oid = k.conrelid AND t.attnum = ANY (k.conkey))
		OR (t.oid = k.confrelid AND t.attnum = ANY (k.confkey))
	WHERE k.contype = 'f'
),
-- defaults that mention the extension; "word" where it is a plain
-- stage or list of them
defaults AS (
	SELECT r.name, a.attname,
		(pg_catalog.regexp_match(pg_catalog.pg_get_expr(v.adbin, v.adrelid), '^''([a-z,{}]+)''::crm\.deal_stage(\[\])?$'))[1] AS word
	FROM pg_catalog.pg_attrdef AS v
	JOIN relations AS r ON r.oid = v.adrelid
	JOIN pg_catalog.pg_attribute AS a ON a.attrelid = v.adrelid AND a.attnum = v.adnum AND a.attgenerated = ''
	JOIN dependents AS d ON d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND d.objid = v.oid
),
queue_triggers AS (
	SELECT DISTINCT d.objid, q.relowner
	FROM pg_catalog.pg_class AS q
	JOIN pg_catalog.pg_namespace AS n ON n.oid = q.relnamespace AND n.nspname = :'schema_name'
	JOIN pg_catalog.pg_depend AS d ON d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = q.oid
		AND d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass
	JOIN pg_catalog.pg_trigger AS t ON t.oid = d.objid AND t.tgrelid <> q.oid
	JOIN members AS m ON m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND m.objid = t.tgfoid
	WHERE q.relname = 'match_queue'
),
statements AS (
	SELECT 1 AS step, pg_catalog.format('DROP TRIGGER %I ON %s', t.tgname, r.name) AS statement
	FROM pg_catalog.pg_trigger AS t
	JOIN relations AS r ON r.oid = t.tgrelid
	JOIN members AS m ON m.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND m.objid = t.tgfoid
	WHERE NOT t.tgisinternal
	UNION ALL
	-- triggers on other tables of the owner's, which fill the queue
	SELECT 1, pg_catalog.format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)
	FROM queue_triggers AS q
	JOIN pg_catalog.pg_trigger AS t ON t.oid = q.objid AND t.tgparentid = 0
	JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid AND c.oid NOT IN (SELECT oid FROM relations)
		AND c.relowner = q.relowner
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	UNION ALL
	SELECT 2, pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', name, conname)
	FROM foreign_keys
	UNION ALL
	SELECT 3, pg_catalog.format('ALTER TABLE %s DROP CONSTRAINT %I', r.name, k.conname)
	FROM pg_catalog.pg_constraint AS k
	JOIN relations AS r ON r.oid = k.conrelid
	JOIN dependents AS d ON d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.objid = k.oid
	WHERE k.contype = 'c'
	UNION ALL
	SELECT 4, pg_catalog.format('DROP INDEX %I.%I', n.nspname, c.relname)
	FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
	JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
	JOIN relations AS r ON r.oid = i.indrelid
	JOIN dependents AS d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
	WHERE c.relkind IN ('i', 'I')
	UNION ALL
	SELECT 5, pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', name, attname)
	FROM defaults
	UNION ALL
	SELECT 6, pg_catalog.format('ALTER TABLE %s %s', name, pg_catalog.string_agg(
			pg_catalog.format('ALTER COLUMN %s TYPE %s USING %s::%s', column_name, replacement, column_name, replacement), ', '
			ORDER BY attnum))
	FROM typed_columns
	GROUP BY name
	UNION ALL
	SELECT 7, pg_catalog.format('ALTER TABLE %s ADD CONSTRAINT %I %s', name, conname, definition)
	FROM foreign_keys
	UNION ALL
	SELECT 8, pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %L', name, attname, word)
	FROM defaults
	WHERE word IS NOT NULL
	UNION ALL
	-- what the trigger filled in has a plain default from now on
	SELECT 9, pg_catalog.format('ALTER TABLE %s ALTER COLUMN stage SET DEFAULT ''lead'', ALTER COLUMN currency SET DEFAULT %L',
		name, (SELECT home_currency FROM :"schema".settings))
	FROM relations
	WHERE relname = 'deals'
	UNION ALL
	SELECT 10, pg_catalog.format('ALTER TABLE %s RENAME COLUMN crm_tables_version TO detached_tables_version', name)
	FROM relations
	WHERE relname = 'settings'
	UNION ALL
	SELECT 11, pg_catalog.format('COMMENT ON COLUMN %s.detached_tables_version IS %L', name,
		'Version that the tables had when crm.detach_tables made them independent.')
	FROM relations
	WHERE relname = 'settings'
)
SELECT statement, 1 FROM statements ORDER BY step, statement;
