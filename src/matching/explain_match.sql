-- Why two contacts match, and what is read of a relation.

CREATE FUNCTION crm.explain_match(contacts regclass, left_id bigint, right_id bigint, model jsonb DEFAULT NULL)
	RETURNS TABLE (field text, left_value text, right_value text, left_normal text, right_normal text, level text,
		weight double precision, term_frequency_weight double precision, blocking_keys text)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 10
	AS 'MODULE_PATHNAME', 'crm_explain_match';
COMMENT ON FUNCTION crm.explain_match(regclass, bigint, bigint, jsonb) IS
	'Why two contacts are, or are not, taken for one person: a row for each field; the weights sum to the match weight.';

CREATE FUNCTION crm.explain_match_by_key(contacts regclass, left_key text, right_key text, model jsonb DEFAULT NULL)
	RETURNS TABLE (field text, left_value text, right_value text, left_normal text, right_normal text, level text,
		weight double precision, term_frequency_weight double precision, blocking_keys text)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 10
	AS 'MODULE_PATHNAME', 'crm_explain_match_by_key';
COMMENT ON FUNCTION crm.explain_match_by_key(regclass, text, text, jsonb) IS
	'Why two contacts are, or are not, taken for one person: a row for each field; the weights sum to the match weight. Keys are of any type, given as text.';
