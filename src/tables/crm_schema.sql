-- Making CRMs, and taking care of them.  The tables are ordinary ones of the
-- caller's, not members of the extension.

CREATE FUNCTION crm.create_tables(in_schema name, triggers text DEFAULT 'auto', home_currency text DEFAULT 'USD',
		parts text DEFAULT NULL)
	RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_create_tables';
COMMENT ON FUNCTION crm.create_tables(name, text, text, text) IS
	'Makes a CRM in a schema, which it creates if it is missing; triggers is auto, on or off; parts is all (NULL) or matching.';

CREATE FUNCTION crm.create_tables_sql(in_schema name, triggers text DEFAULT 'auto', home_currency text DEFAULT 'USD',
		parts text DEFAULT NULL)
	RETURNS text
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_create_tables_sql';
COMMENT ON FUNCTION crm.create_tables_sql(name, text, text, text) IS
	'The statements that crm.create_tables would run, for migration tools; run them in one transaction.';

CREATE FUNCTION crm.upgrade_tables(in_schema name) RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_upgrade_tables';
COMMENT ON FUNCTION crm.upgrade_tables(name) IS
	'Brings the tables, views and functions of a CRM made by an older version forward; adds, and removes only indexes that better ones replace.';

CREATE FUNCTION crm.upgrade_tables_sql(in_schema name) RETURNS text
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED
	AS 'MODULE_PATHNAME', 'crm_upgrade_tables_sql';
COMMENT ON FUNCTION crm.upgrade_tables_sql(name) IS
	'The statements that crm.upgrade_tables would run, for migration tools.';

CREATE FUNCTION crm.detach_tables(in_schema name) RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_detach_tables';
COMMENT ON FUNCTION crm.detach_tables(name) IS
	'Makes a CRM''s tables independent of the extension: enum columns become text; our checks, triggers, views, functions and expression indexes go; every row stays.';

CREATE FUNCTION crm.drop_views(in_schema name) RETURNS integer
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_drop_views';
COMMENT ON FUNCTION crm.drop_views(name) IS
	'Drops the views and functions of a CRM, which block ALTER COLUMN TYPE; their grants are kept for crm.create_views. Returns how many were dropped.';

CREATE FUNCTION crm.create_views(in_schema name) RETURNS integer
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_create_views';
COMMENT ON FUNCTION crm.create_views(name) IS
	'Makes the views and functions of a CRM again, with the grants that they had when crm.drop_views dropped them. Returns how many there are.';

CREATE FUNCTION crm.list_schemas()
	RETURNS TABLE (in_schema text, owner text, tables_version integer, newest_version integer, advice text)
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 10 COST 1000
	AS 'MODULE_PATHNAME', 'crm_list_schemas';
COMMENT ON FUNCTION crm.list_schemas() IS
	'Every CRM of the database, the version of its tables, and what to do if they are behind; the version is NULL where the caller may not act as the owner.';

CREATE FUNCTION crm.check_tables(in_schema name)
	RETURNS TABLE (object text, problem text, remedy text)
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE ROWS 10 COST 100000
	AS 'MODULE_PATHNAME', 'crm_check_tables';
COMMENT ON FUNCTION crm.check_tables(name) IS
	'What an upgrade of the extension or of a library left stale in a CRM, with the statement that mends it; no row if all is well.';
