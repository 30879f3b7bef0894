-- Behind pipeline_totals() of every CRM.

CREATE FUNCTION crm._pipeline_totals(deals regclass, settings regclass, owner_id bigint, pipeline_id bigint)
	RETURNS TABLE (currency text, total_deals bigint, total_value numeric, weighted_value numeric)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 2 COST 1000
	AS 'MODULE_PATHNAME', 'crm_pipeline_totals';
COMMENT ON FUNCTION crm._pipeline_totals(regclass, regclass, bigint, bigint) IS
	'Open pipeline of a deals table, one row per currency and at least one; for the wrapper pipeline_totals of a CRM.';
