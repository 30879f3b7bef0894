	SELECT created_at AS occurred_at,
		'contact_created'::text AS kind,
		pg_catalog.concat_ws(' ', first_name, last_name) AS title,
		NULL::text AS description,
		id AS contact_id,
		company_id,
		NULL::bigint AS deal_id,
		NULL::text AS actor,
		NULL::text AS direction,
		'contacts'::text AS source,
		id::text AS source_id,
		NULL::jsonb AS details:event_key
	FROM :"schema".contacts
