-- The index that makes looking for one contact fast.

CREATE FUNCTION crm.create_match_index(contacts regclass) RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000
	AS 'MODULE_PATHNAME', 'crm_create_match_index';
COMMENT ON FUNCTION crm.create_match_index(regclass) IS
	'Makes the index of match keys of a table, or of the one table that a view reads, unless it is there; returns its definition, or the statement to complete where it could not be made.';
