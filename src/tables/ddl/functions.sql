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

CREATE FUNCTION :"schema".set_stage(deal_id bigint, stage crm.deal_stage, lost_reason text DEFAULT NULL)
	RETURNS :"schema".deals
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT crm._set_stage(:'schema_deals'::pg_catalog.regclass,
			set_stage.deal_id, set_stage.stage, set_stage.lost_reason);
		SELECT d FROM :"schema".deals AS d WHERE d.id = set_stage.deal_id;
	END;
COMMENT ON FUNCTION :"schema".set_stage(bigint, crm.deal_stage, text) IS
	'Moves a deal to a stage, by the rules of deals and with its history, whether or not there are triggers; returns the deal.';

CREATE FUNCTION :"schema".backfill_deal_history()
	RETURNS bigint
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	BEGIN ATOMIC
		SELECT crm._backfill_deal_history(:'schema_deals'::pg_catalog.regclass);
	END;
COMMENT ON FUNCTION :"schema".backfill_deal_history() IS
	'Gives deals that have no beginning in deal_changes one, made up from the deal; returns how many.';

CREATE FUNCTION :"schema".contact_timeline(contact_id bigint, until timestamptz DEFAULT NULL, max_events integer DEFAULT 50,
		kinds text[] DEFAULT NULL, include_planned boolean DEFAULT false, page_token text DEFAULT NULL)
	RETURNS SETOF :"schema".timeline_page
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 1000 ROWS 50
	BEGIN ATOMIC
		SELECT t.occurred_at, t.kind, t.title, t.description, t.contact_id, t.company_id, t.deal_id,
			t.actor, t.direction, t.source, t.source_id, t.details, t.page_token
		FROM crm._contact_timeline(:'schema_timeline_sources'::pg_catalog.regclass,
			contact_timeline.contact_id, contact_timeline.until, contact_timeline.max_events,
			contact_timeline.kinds, contact_timeline.include_planned, contact_timeline.page_token) AS t;
	END;
COMMENT ON FUNCTION :"schema".contact_timeline(bigint, timestamptz, integer, text[], boolean, text) IS
	'A contact''s events, newest first, a page at a time.';

CREATE FUNCTION :"schema".company_timeline(company_id bigint, until timestamptz DEFAULT NULL, max_events integer DEFAULT 50,
		kinds text[] DEFAULT NULL, include_planned boolean DEFAULT false, page_token text DEFAULT NULL)
	RETURNS SETOF :"schema".timeline_page
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 1000 ROWS 50
	BEGIN ATOMIC
		SELECT t.occurred_at, t.kind, t.title, t.description, t.contact_id, t.company_id, t.deal_id,
			t.actor, t.direction, t.source, t.source_id, t.details, t.page_token
		FROM crm._company_timeline(:'schema_timeline_sources'::pg_catalog.regclass,
			company_timeline.company_id, company_timeline.until, company_timeline.max_events,
			company_timeline.kinds, company_timeline.include_planned, company_timeline.page_token) AS t;
	END;
COMMENT ON FUNCTION :"schema".company_timeline(bigint, timestamptz, integer, text[], boolean, text) IS
	'The events of a company, of its contacts and of its deals, newest first, a page at a time.';

CREATE FUNCTION :"schema".deal_timeline(deal_id bigint, until timestamptz DEFAULT NULL, max_events integer DEFAULT 50,
		kinds text[] DEFAULT NULL, include_planned boolean DEFAULT false, page_token text DEFAULT NULL)
	RETURNS SETOF :"schema".timeline_page
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 1000 ROWS 50
	BEGIN ATOMIC
		SELECT t.occurred_at, t.kind, t.title, t.description, t.contact_id, t.company_id, t.deal_id,
			t.actor, t.direction, t.source, t.source_id, t.details, t.page_token
		FROM crm._deal_timeline(:'schema_timeline_sources'::pg_catalog.regclass,
			deal_timeline.deal_id, deal_timeline.until, deal_timeline.max_events,
			deal_timeline.kinds, deal_timeline.include_planned, deal_timeline.page_token) AS t;
	END;
COMMENT ON FUNCTION :"schema".deal_timeline(bigint, timestamptz, integer, text[], boolean, text) IS
	'A deal''s events, newest first, a page at a time.';
