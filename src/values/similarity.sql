-- How alike two strings are, by characters.

CREATE FUNCTION crm.jaro_winkler(a text, b text) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'crm_jaro_winkler';
COMMENT ON FUNCTION crm.jaro_winkler(text, text) IS
	'Jaro-Winkler similarity of two names, 0 to 1; what they share at the beginning counts more.';

-- NULL as max_distance means that there is no bound, hence not STRICT.
CREATE FUNCTION crm.edit_distance(a text, b text, max_distance integer DEFAULT NULL,
		transpositions boolean DEFAULT false) RETURNS integer
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'crm_edit_distance';
COMMENT ON FUNCTION crm.edit_distance(text, text, integer, boolean) IS
	'Characters to insert, delete or replace (with transpositions: or neighbours to exchange) to make one string the other; max_distance + 1 if there are more than max_distance.';

CREATE FUNCTION crm.token_similarity(a text, b text) RETURNS double precision
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'crm_token_similarity';
COMMENT ON FUNCTION crm.token_similarity(text, text) IS
	'Similarity of two strings of words, 0 to 1; 1 for the same words in any order.';
