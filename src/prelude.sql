\echo Use "CREATE EXTENSION crm" to load this file. \quit

-- Whoever owns the schema could have put objects there that shadow ours.
CREATE FUNCTION crm._check_schema() RETURNS boolean
	LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_check_schema';
SELECT crm._check_schema();
DROP FUNCTION crm._check_schema();

-- Values and aggregates are for everybody; nothing in this schema can be
-- written to.
GRANT USAGE ON SCHEMA crm TO PUBLIC;

CREATE FUNCTION crm.version() RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_version';
COMMENT ON FUNCTION crm.version() IS
	'Version of the loaded crm library; differs from pg_extension.extversion until ALTER EXTENSION crm UPDATE has run.';
