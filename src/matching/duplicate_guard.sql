-- Keeping contacts out that are there already.

CREATE FUNCTION crm._duplicate_guard() RETURNS trigger
	LANGUAGE c VOLATILE PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_duplicate_guard';
COMMENT ON FUNCTION crm._duplicate_guard() IS
	'Trigger that rejects, or warns of, a contact that is likely a duplicate; its arguments are reject or warn, and the least probability.';

CREATE FUNCTION crm.create_duplicate_guard(contacts regclass, action text DEFAULT 'reject', min_probability double precision DEFAULT NULL) RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000
	AS 'MODULE_PATHNAME', 'crm_create_duplicate_guard';
COMMENT ON FUNCTION crm.create_duplicate_guard(regclass, text, double precision) IS
	'Makes a trigger that rejects contacts that are likely in the table already, or warns of them, at every isolation level; needs the index of crm.create_match_index. Returns the statement.';

CREATE FUNCTION crm.drop_duplicate_guard(contacts regclass) RETURNS boolean
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000
	AS 'MODULE_PATHNAME', 'crm_drop_duplicate_guard';
COMMENT ON FUNCTION crm.drop_duplicate_guard(regclass) IS
	'Drops a table''s duplicate guard; false if it had none.';
