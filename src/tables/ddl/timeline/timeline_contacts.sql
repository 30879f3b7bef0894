	SELECT created_at AS occurred_at,
		'contact_created'::pg_catalog.text AS kind,
		pg_catalog.concat_ws(' ', first_name, last_name) AS title,
		NULL::pg_catalog.text AS description,
		id AS contact_id,
		company_id,
		NULL::pg_catalog.int8 AS deal_id,
		NULL::pg_catalog.text AS actor,
		NULL::pg_catalog.text AS direction,
		'contacts'::pg_catalog.text AS source,
		id::pg_catalog.text AS source_id,
		NULL::pg_catalog.jsonb AS details:event_key
	FROM :"schema".contacts
