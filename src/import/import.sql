-- Imports, and taking them back.  The functions that users call are in each CRM's
-- schema.

CREATE FUNCTION crm._import(imports regclass, table_name text, staging regclass, on_duplicate text,
		region text, batch_size integer, create_missing boolean)
	RETURNS TABLE (import_id bigint, line bigint, outcome text, id bigint, reason text, column_name text, value text)
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_import';
COMMENT ON FUNCTION crm._import(regclass, text, regclass, text, text, integer, boolean) IS
	'Does the work of a CRM''s import functions.';

CREATE FUNCTION crm._undo_import(imports regclass, undone_id bigint)
	RETURNS TABLE (import_id bigint, line bigint, outcome text, id bigint, reason text)
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_undo_import';
COMMENT ON FUNCTION crm._undo_import(regclass, bigint) IS
	'Does the work of a CRM''s undo_import.';
