	SELECT created_at AS occurred_at,
		'company_created'::text AS kind,
		name AS title,
		NULL::text AS description,
		NULL::bigint AS contact_id,
		id AS company_id,
		NULL::bigint AS deal_id,
		NULL::text AS actor,
		NULL::text AS direction,
		'companies'::text AS source,
		id::text AS source_id,
		NULL::jsonb AS details:event_key
	FROM :"schema".companies
