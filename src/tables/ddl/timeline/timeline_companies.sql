	SELECT created_at AS occurred_at,
		'company_created'::pg_catalog.text AS kind,
		name AS title,
		NULL::pg_catalog.text AS description,
		NULL::pg_catalog.int8 AS contact_id,
		id AS company_id,
		NULL::pg_catalog.int8 AS deal_id,
		NULL::pg_catalog.text AS actor,
		NULL::pg_catalog.text AS direction,
		'companies'::pg_catalog.text AS source,
		id::pg_catalog.text AS source_id,
		NULL::pg_catalog.jsonb AS details:event_key
	FROM :"schema".companies
