-- Phonetic keys of names.  They change only with the extension, whose upgrade
-- says so: indexes on crm.name_keys are then to be built again.

CREATE FUNCTION crm.name_keys(name text) RETURNS text[]
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'crm_name_keys_text';
COMMENT ON FUNCTION crm.name_keys(text) IS
	'Phonetic keys of a name, up to three for each of its words; names that sound alike share one, whichever language spells them.';
