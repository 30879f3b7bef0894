-- Names of people.  What a name is compared as changes only with the extension,
-- whose upgrade says so: indexes on crm.fold_name are then to be built again.

CREATE FUNCTION crm.fold_name(name text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'crm_fold_name';
COMMENT ON FUNCTION crm.fold_name(text) IS
	'A name as names are compared: lower case, no accents, Latin, Cyrillic and Greek in letters of ASCII, no apostrophes, a blank for any other sign.';
