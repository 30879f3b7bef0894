-- Names of people.  What a name is compared as changes only with the extension,
-- whose upgrade says so: indexes on crm.fold_name are then to be built again.

CREATE FUNCTION crm.fold_name(name text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'crm_fold_name';
COMMENT ON FUNCTION crm.fold_name(text) IS
	'A name as names are compared: lower case, no accents, Latin, Cyrillic and Greek in letters of ASCII, no apostrophes, a blank for any other sign.';

CREATE FUNCTION crm.given_name_variants(name text)
	RETURNS TABLE (variant text, weight double precision)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10
	AS 'MODULE_PATHNAME', 'crm_given_name_variants';
COMMENT ON FUNCTION crm.given_name_variants(text) IS
	'What somebody of a given name may also be called, folded, and how likely: William, Bill; the likeliest first.';

CREATE FUNCTION crm.given_name_similarity(a text, b text) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 6
	AS 'MODULE_PATHNAME', 'crm_given_name_similarity_of';
COMMENT ON FUNCTION crm.given_name_similarity(text, text) IS
	'1 for given names that are equal but for case and accents, less for one that stands for the other, such as Bill for William, 0 for others.';

CREATE FUNCTION crm.split_name(full_name text, OUT honorific text, OUT first_name text, OUT middle_names text,
	OUT last_name text, OUT suffix text, OUT nickname text)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50
	AS 'MODULE_PATHNAME', 'crm_split_name_of';
COMMENT ON FUNCTION crm.split_name(text) IS
	'The parts of a full name as it is written, spelled as they are; NULL for those that it has not.';
