	SELECT CASE WHEN sent_at IS NOT NULL THEN sent_at ELSE created_at END AS occurred_at,
		'email'::pg_catalog.text AS kind,
		subject AS title,
		body AS description,
		contact_id,
		NULL::pg_catalog.int8 AS company_id,
		deal_id,
		from_address AS actor,
		direction,
		'emails'::pg_catalog.text AS source,
		id::pg_catalog.text AS source_id,
		crm._email_details(to_addresses, thread_id) AS details:event_key
	FROM :"schema".emails
