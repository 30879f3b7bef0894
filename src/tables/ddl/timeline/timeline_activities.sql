	SELECT CASE WHEN completed_at IS NOT NULL THEN completed_at WHEN scheduled_at IS NOT NULL THEN scheduled_at ELSE created_at END AS occurred_at,
		type AS kind,
		subject AS title,
		description,
		contact_id,
		company_id,
		deal_id,
		user_id::pg_catalog.text AS actor,
		NULL::pg_catalog.text AS direction,
		'activities'::pg_catalog.text AS source,
		id::pg_catalog.text AS source_id,
		CASE
			WHEN archived_at IS NOT NULL THEN '{"state": "archived"}'::pg_catalog.jsonb
			WHEN completed_at IS NOT NULL THEN '{"state": "done"}'
			WHEN scheduled_at IS NOT NULL THEN '{"state": "open"}'
		END AS details:event_key
	FROM :"schema".activities
