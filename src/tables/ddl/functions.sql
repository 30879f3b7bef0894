-- The CRM's public functions: thin wrappers that name their tables by OID, so
-- that they follow a rename of the schema and are dumped with it.

CREATE FUNCTION :"schema".pipeline_totals(owner_id bigint DEFAULT NULL, pipeline_id bigint DEFAULT NULL)
	RETURNS SETOF :"schema".pipeline_by_currency
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED ROWS 2
	BEGIN ATOMIC
		SELECT t.currency, t.total_deals, t.total_value, t.weighted_value
		FROM crm._pipeline_totals(:'schema_deals'::pg_catalog.regclass,
				:'schema_settings'::pg_catalog.regclass,
				pipeline_totals.owner_id, pipeline_totals.pipeline_id) AS t;
	END;
COMMENT ON FUNCTION :"schema".pipeline_totals(bigint, bigint) IS
	'Open pipeline, one row per currency and at least one; of one owner and one pipeline, or of all where NULL.';
