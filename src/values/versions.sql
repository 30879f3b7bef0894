-- Versions of reference data and libraries.

CREATE FUNCTION crm.versions()
	RETURNS TABLE (component text, version text, is_compiled_in boolean, functions text)
	LANGUAGE c STABLE STRICT PARALLEL RESTRICTED ROWS 15 COST 1000
	AS 'MODULE_PATHNAME', 'crm_versions';
COMMENT ON FUNCTION crm.versions() IS
	'Versions of the extension, of the reference data that is compiled into it, and of the libraries of the system that it uses (NULL: not there), with the functions whose answers depend on it and that an index may call.';

CREATE FUNCTION crm._data_versions() RETURNS jsonb
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'crm_data_versions';
COMMENT ON FUNCTION crm._data_versions() IS
	'Versions of the reference data that answers of IMMUTABLE functions depend on: the default of settings.data_versions.';
