-- Gives deals without a beginning in their history one, and says how many.
-- It is made of what the deal's first recorded change says it was before, else
-- of what it is.  A closed deal without any change began in the first open stage
-- of its pipeline, as far as anybody knows, and gets a second row for its end;
-- an archived one, for that.
WITH beginnings AS (
	INSERT INTO :"schema".deal_changes (deal_id, deal_name, contact_id, company_id, kind,
		new_stage, new_pipeline_stage_id, new_pipeline_id, new_value, new_currency,
		new_probability, new_expected_close_date, new_owner_id, new_archived_at,
		changed_at, is_backfilled)
	SELECT d.id, d.name, d.contact_id, d.company_id, 'created',
		CASE WHEN f.deal_id IS NOT NULL THEN COALESCE(f.old_stage, f.new_stage) WHEN d.closed_at IS NULL THEN d.stage
			ELSE COALESCE(s.counts_as, 'lead') END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_pipeline_stage_id
			WHEN d.closed_at IS NULL THEN d.pipeline_stage_id ELSE s.id END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_pipeline_id ELSE d.pipeline_id END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_value ELSE d.value END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_currency ELSE d.currency END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_probability WHEN d.closed_at IS NULL THEN d.probability
			ELSE COALESCE(s.probability, crm.default_probability('lead')) END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_expected_close_date ELSE d.expected_close_date END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_owner_id ELSE d.owner_id END,
		CASE WHEN f.deal_id IS NOT NULL THEN f.old_archived_at END,
		LEAST(d.created_at, d.closed_at, f.changed_at), true
	FROM :"schema".deals AS d
	LEFT JOIN LATERAL (SELECT * FROM :"schema".deal_changes AS c
		WHERE c.deal_id OPERATOR(pg_catalog.=) d.id ORDER BY c.changed_at, c.id LIMIT 1) AS f ON true
	LEFT JOIN LATERAL (SELECT p.id, p.counts_as, p.probability FROM :"schema".pipeline_stages AS p
		WHERE p.pipeline_id OPERATOR(pg_catalog.=) d.pipeline_id
		AND p.counts_as OPERATOR(pg_catalog.<>) ALL ('{won,lost}'::crm.deal_stage[])
		ORDER BY p.position, p.id LIMIT 1) AS s ON d.closed_at IS NOT NULL
	WHERE NOT EXISTS (SELECT FROM :"schema".deal_changes AS k
		WHERE k.deal_id OPERATOR(pg_catalog.=) d.id AND k.kind OPERATOR(pg_catalog.=) 'created')
	ON CONFLICT (deal_id) WHERE kind OPERATOR(pg_catalog.=) 'created' DO NOTHING
	RETURNING *),
ends AS (
	INSERT INTO :"schema".deal_changes (deal_id, deal_name, contact_id, company_id, kind,
		old_stage, new_stage, old_pipeline_stage_id, new_pipeline_stage_id,
		old_pipeline_id, new_pipeline_id, old_value, new_value, old_currency, new_currency,
		old_probability, new_probability, old_expected_close_date, new_expected_close_date,
		old_owner_id, new_owner_id, new_archived_at, lost_reason, changed_at, is_backfilled)
	SELECT d.id, d.name, d.contact_id, d.company_id,
		CASE WHEN b.new_stage OPERATOR(pg_catalog.=) d.stage THEN 'other'
			ELSE d.stage::pg_catalog.text END,
		b.new_stage, d.stage, b.new_pipeline_stage_id, d.pipeline_stage_id,
		b.new_pipeline_id, d.pipeline_id, b.new_value, d.value, b.new_currency, d.currency,
		b.new_probability, d.probability, b.new_expected_close_date, d.expected_close_date,
		b.new_owner_id, d.owner_id, d.archived_at, d.lost_reason,
		GREATEST(b.changed_at, COALESCE(d.closed_at, d.archived_at)), true
	FROM beginnings AS b JOIN :"schema".deals AS d ON d.id OPERATOR(pg_catalog.=) b.deal_id
	WHERE (d.closed_at IS NOT NULL OR d.archived_at IS NOT NULL)
	AND NOT EXISTS (SELECT FROM :"schema".deal_changes AS c WHERE c.deal_id OPERATOR(pg_catalog.=) d.id))
SELECT pg_catalog.count(*) FROM beginnings;
