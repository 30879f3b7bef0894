-- Gives deals without a beginning in their history one, and says how many.

-- What is known of a deal before its first recorded change, else of today; and
-- when it came to be so.  Infinite times are no times.
WITH known AS (
	SELECT d.id, d.name, d.contact_id, d.company_id, d.lost_reason, f.changed_at AS first_change,
		-- rows that are made up come later by their id, so earlier by their time
		f.changed_at OPERATOR(pg_catalog.-) '1 microsecond'::pg_catalog.interval AS before_first,
		CASE WHEN f.id IS NOT NULL THEN COALESCE(f.old_stage, f.new_stage) ELSE d.stage END AS stage,
		CASE WHEN f.id IS NOT NULL THEN f.old_pipeline_stage_id ELSE d.pipeline_stage_id END AS pipeline_stage_id,
		CASE WHEN f.id IS NOT NULL THEN f.old_pipeline_id ELSE d.pipeline_id END AS pipeline_id,
		CASE WHEN f.id IS NOT NULL THEN f.old_value ELSE d.value END AS value,
		CASE WHEN f.id IS NOT NULL THEN f.old_currency ELSE d.currency END AS currency,
		CASE WHEN f.id IS NOT NULL THEN f.old_probability ELSE d.probability END AS probability,
		CASE WHEN f.id IS NOT NULL THEN f.old_expected_close_date ELSE d.expected_close_date END AS expected_close_date,
		CASE WHEN f.id IS NOT NULL THEN f.old_owner_id ELSE d.owner_id END AS owner_id,
		CASE WHEN f.id IS NOT NULL THEN f.old_archived_at ELSE d.archived_at END AS archived_at,
		CASE WHEN pg_catalog.isfinite(d.created_at) THEN d.created_at END AS created_at,
		CASE WHEN pg_catalog.isfinite(d.closed_at) THEN d.closed_at END AS closed_at
	FROM :"schema".deals AS d
	LEFT JOIN LATERAL (SELECT * FROM :"schema".deal_changes AS c
		WHERE c.deal_id OPERATOR(pg_catalog.=) d.id
		ORDER BY c.changed_at, c.id LIMIT 1) AS f ON true
	WHERE NOT EXISTS (SELECT FROM :"schema".deal_changes AS k
		WHERE k.deal_id OPERATOR(pg_catalog.=) d.id AND k.kind OPERATOR(pg_catalog.=) 'created')
),
-- A closed deal began open, in the first stage of its pipeline as far as anybody
-- knows, and an archived one began unarchived, if it is known when that ended.
dated AS (
	SELECT k.*,
		CASE WHEN k.stage OPERATOR(pg_catalog.=) ANY ('{won,lost}'::crm.deal_stage[])
			AND (k.first_change IS NULL OR k.closed_at OPERATOR(pg_catalog.<=) k.first_change)
			THEN LEAST(k.closed_at, k.before_first) END AS ended_at,
		CASE WHEN pg_catalog.isfinite(k.archived_at)
			THEN LEAST(GREATEST(k.archived_at, k.closed_at), k.before_first) END AS put_away_at
	FROM known AS k
),
beginnings AS (
	INSERT INTO :"schema".deal_changes (deal_id, deal_name, contact_id, company_id, kind,
		new_stage, new_pipeline_stage_id, new_pipeline_id, new_value, new_currency, new_probability,
		new_expected_close_date, new_owner_id, new_archived_at, changed_at, is_backfilled)
	SELECT k.id, k.name, k.contact_id, k.company_id, 'created',
		CASE WHEN k.ended_at IS NULL THEN k.stage ELSE COALESCE(s.counts_as, 'lead') END,
		CASE WHEN k.ended_at IS NULL THEN k.pipeline_stage_id ELSE s.id END,
		k.pipeline_id, k.value, k.currency,
		CASE WHEN k.ended_at IS NULL THEN k.probability
			ELSE COALESCE(s.probability, crm.default_probability('lead')) END,
		k.expected_close_date, k.owner_id,
		CASE WHEN k.put_away_at IS NULL THEN k.archived_at END,
		LEAST(COALESCE(k.created_at, k.ended_at, k.put_away_at, k.before_first, pg_catalog.now()),
			k.ended_at, k.put_away_at, k.before_first),
		true
	FROM dated AS k
	LEFT JOIN LATERAL (SELECT p.id, p.counts_as, p.probability FROM :"schema".pipeline_stages AS p
		WHERE p.pipeline_id OPERATOR(pg_catalog.=) k.pipeline_id
			AND p.counts_as OPERATOR(pg_catalog.<>) ALL ('{won,lost}'::crm.deal_stage[])
		ORDER BY p.position, p.id LIMIT 1) AS s ON k.ended_at IS NOT NULL
	ORDER BY k.id
	ON CONFLICT (deal_id) WHERE kind OPERATOR(pg_catalog.=) 'created' DO NOTHING
	RETURNING *
),
ends AS (
	INSERT INTO :"schema".deal_changes (deal_id, deal_name, contact_id, company_id, kind,
		old_stage, new_stage, old_pipeline_stage_id, new_pipeline_stage_id, old_pipeline_id, new_pipeline_id,
		old_value, new_value, old_currency, new_currency, old_probability, new_probability,
		old_expected_close_date, new_expected_close_date, old_owner_id, new_owner_id,
		new_archived_at, lost_reason, changed_at, is_backfilled)
	SELECT k.id, k.name, k.contact_id, k.company_id, e.kind,
		CASE WHEN e.is_close THEN b.new_stage ELSE k.stage END, k.stage,
		CASE WHEN e.is_close THEN b.new_pipeline_stage_id ELSE k.pipeline_stage_id END, k.pipeline_stage_id,
		k.pipeline_id, k.pipeline_id, k.value, k.value, k.currency, k.currency,
		CASE WHEN e.is_close THEN b.new_probability ELSE k.probability END, k.probability,
		k.expected_close_date, k.expected_close_date, k.owner_id, k.owner_id,
		CASE WHEN NOT e.is_close THEN k.archived_at END, k.lost_reason, e.changed_at, true
	FROM beginnings AS b
	JOIN dated AS k ON k.id OPERATOR(pg_catalog.=) b.deal_id
	CROSS JOIN LATERAL (
		VALUES (true, k.stage::pg_catalog.text, k.ended_at),
			(false, 'other', k.put_away_at)
	) AS e (is_close, kind, changed_at)
	WHERE e.changed_at IS NOT NULL AND (e.is_close OR k.put_away_at IS NOT NULL)
	ORDER BY k.id, e.changed_at, e.is_close DESC
)
SELECT pg_catalog.count(*) FROM beginnings;
