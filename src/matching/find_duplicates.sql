-- Duplicates of a whole relation.

CREATE FUNCTION crm.find_duplicates(contacts regclass, min_probability double precision DEFAULT NULL,
		model jsonb DEFAULT NULL, decisions regclass DEFAULT NULL)
	RETURNS TABLE (left_id bigint, right_id bigint, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_find_duplicates';
COMMENT ON FUNCTION crm.find_duplicates(regclass, double precision, jsonb, regclass) IS
	'Pairs of contacts that are probably one person, the most probable first. Keys are smallint, integer or bigint.';

CREATE FUNCTION crm.find_duplicates_by_key(contacts regclass, min_probability double precision DEFAULT NULL,
		model jsonb DEFAULT NULL, decisions regclass DEFAULT NULL)
	RETURNS TABLE (left_key text, right_key text, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_find_duplicates_by_key';
COMMENT ON FUNCTION crm.find_duplicates_by_key(regclass, double precision, jsonb, regclass) IS
	'Pairs of contacts that are probably one person, the most probable first. Keys are of any type, given as text.';

CREATE FUNCTION crm.duplicate_groups(contacts regclass, min_probability double precision DEFAULT NULL,
		model jsonb DEFAULT NULL, decisions regclass DEFAULT NULL)
	RETURNS TABLE (group_id bigint, contact_id bigint, probability double precision)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_duplicate_groups';
COMMENT ON FUNCTION crm.duplicate_groups(regclass, double precision, jsonb, regclass) IS
	'Groups of contacts that are probably one person each; a group is known by its smallest contact. Keys are smallint, integer or bigint.';

CREATE FUNCTION crm.duplicate_groups_by_key(contacts regclass, min_probability double precision DEFAULT NULL,
		model jsonb DEFAULT NULL, decisions regclass DEFAULT NULL)
	RETURNS TABLE (group_id bigint, contact_key text, probability double precision)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_duplicate_groups_by_key';
COMMENT ON FUNCTION crm.duplicate_groups_by_key(regclass, double precision, jsonb, regclass) IS
	'Groups of contacts that are probably one person each, numbered from 1. Keys are of any type, given as text.';
