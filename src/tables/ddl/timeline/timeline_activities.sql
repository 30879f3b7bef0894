	SELECT COALESCE(completed_at, scheduled_at, created_at) AS occurred_at,
		type AS kind,
		subject AS title,
		description,
		contact_id,
		company_id,
		deal_id,
		user_id::text AS actor,
		NULL::text AS direction,
		'activities'::text AS source,
		id::text AS source_id,
		CASE
			WHEN archived_at IS NOT NULL THEN '{"state": "archived"}'::jsonb
			WHEN completed_at IS NOT NULL THEN '{"state": "done"}'
			WHEN scheduled_at IS NOT NULL THEN '{"state": "open"}'
		END AS details:event_key
	FROM :"schema".activities
