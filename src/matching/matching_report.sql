-- What is read of a relation, and what is compared.

CREATE FUNCTION crm.matching_input(contacts regclass)
	RETURNS TABLE (column_name text, data_type text, used_as text, filled bigint, filled_share double precision,
		usable bigint, distinct_values bigint, note text)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 15
	AS 'MODULE_PATHNAME', 'crm_matching_input';
COMMENT ON FUNCTION crm.matching_input(regclass) IS
	'Which columns of a relation matching reads, as what, and how full they are; and which it might read under another name.';

CREATE FUNCTION crm.matching_report(contacts regclass, model jsonb DEFAULT NULL)
	RETURNS TABLE (section text, item text, pairs bigint, blocks bigint, largest_block bigint, cut_blocks bigint, cut_pairs bigint,
		expected_matches double precision, expected_precision double precision, expected_recall double precision)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 100
	AS 'MODULE_PATHNAME', 'crm_matching_report';
COMMENT ON FUNCTION crm.matching_report(regclass, jsonb) IS
	'What is compared and what is cut, how pairs score, and the precision and recall to be expected at thresholds.';
