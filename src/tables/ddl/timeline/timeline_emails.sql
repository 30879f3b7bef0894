	SELECT COALESCE(sent_at, created_at) AS occurred_at,
		'email'::text AS kind,
		subject AS title,
		body AS description,
		contact_id,
		NULL::bigint AS company_id,
		deal_id,
		from_address AS actor,
		direction,
		'emails'::text AS source,
		id::text AS source_id,
		pg_catalog.jsonb_build_object('to', to_addresses, 'thread_id', thread_id) AS details:event_key
	FROM :"schema".emails
