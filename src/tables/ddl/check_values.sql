-- A part of check_tables.sql: phone numbers and domains that were found by older
-- libraries.
	UNION ALL
	SELECT 4, pg_catalog.format('%I.%s', :'schema_name', p.table_name),
		pg_catalog.format('%s phone numbers were looked at by another version of the phone library, or by none', p.stale),
		pg_catalog.format('SELECT * FROM %I.renormalize_phones()', :'schema_name')
	FROM (
		SELECT 'companies' AS table_name, pg_catalog.count(*) AS stale FROM :"schema".companies
		WHERE phone IS NOT NULL AND (phone_version <> $1 OR (phone_version IS NULL AND phone_e164 IS NULL))
		UNION ALL
		SELECT 'contacts', pg_catalog.count(*) FROM :"schema".contacts
		WHERE phone IS NOT NULL AND (phone_version <> $1 OR (phone_version IS NULL AND phone_e164 IS NULL))
	) AS p
	WHERE p.stale > 0
	UNION ALL
	SELECT 5, pg_catalog.format('%I.companies', :'schema_name'),
		pg_catalog.format('%s domains were found by another public suffix list, or not looked for', pg_catalog.count(*)),
		pg_catalog.format('UPDATE %I.companies SET domain = crm.registrable_domain(website), domain_version = %L WHERE website IS NOT NULL AND (domain_version <> %L OR domain IS NULL)',
			:'schema_name', $2, $2)
	FROM :"schema".companies
	WHERE website IS NOT NULL AND (domain_version <> $2
		OR (domain IS NULL AND crm.registrable_domain(website) IS NOT NULL))
	HAVING pg_catalog.count(*) > 0
