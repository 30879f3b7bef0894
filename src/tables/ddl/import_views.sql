-- Reports of imports, and the functions that return them.

CREATE VIEW :"schema".import_report WITH (security_invoker = true) AS
	SELECT import_id, line, outcome, row_id AS id, reason, column_name, value
	FROM :"schema".import_rows;
COMMENT ON VIEW :"schema".import_report IS
	'What became of each line of each import.';
COMMENT ON COLUMN :"schema".import_report.import_id IS
	'The import.';
COMMENT ON COLUMN :"schema".import_report.line IS
	'Line of the file.';
COMMENT ON COLUMN :"schema".import_report.outcome IS
	'inserted, updated, skipped, duplicate or invalid.';
COMMENT ON COLUMN :"schema".import_report.id IS
	'The row that the line became, changed, or is a duplicate of.';
COMMENT ON COLUMN :"schema".import_report.reason IS
	'Why it was not stored, or what is noteworthy.';
COMMENT ON COLUMN :"schema".import_report.column_name IS
	'Column that the reason is about.';
COMMENT ON COLUMN :"schema".import_report.value IS
	'Value that the reason is about, as it came.';

CREATE VIEW :"schema".undo_report WITH (security_invoker = true) AS
	SELECT import_id, line, undo_outcome AS outcome, row_id AS id, undo_reason AS reason
	FROM :"schema".import_rows
	WHERE undo_outcome IS NOT NULL;
COMMENT ON VIEW :"schema".undo_report IS
	'What undo_import did with each row that an import had written.';
COMMENT ON COLUMN :"schema".undo_report.import_id IS
	'The import.';
COMMENT ON COLUMN :"schema".undo_report.line IS
	'Line of the file.';
COMMENT ON COLUMN :"schema".undo_report.outcome IS
	'deleted, restored or kept.';
COMMENT ON COLUMN :"schema".undo_report.id IS
	'The row.';
COMMENT ON COLUMN :"schema".undo_report.reason IS
	'Why the row was kept.';

CREATE VIEW :"schema".phone_changes WITH (security_invoker = true) AS
	SELECT NULL::text AS table_name, NULL::bigint AS id, NULL::text AS phone,
		NULL::text AS old_e164, NULL::text AS new_e164, NULL::text AS old_status, NULL::text AS new_status
	WHERE false;
COMMENT ON VIEW :"schema".phone_changes IS
	'Shape of what renormalize_phones returns; always empty.';
COMMENT ON COLUMN :"schema".phone_changes.table_name IS
	'Table of the row: companies or contacts.';
COMMENT ON COLUMN :"schema".phone_changes.id IS
	'The row.';
COMMENT ON COLUMN :"schema".phone_changes.phone IS
	'Phone number, as typed.';
COMMENT ON COLUMN :"schema".phone_changes.old_e164 IS
	'phone_e164 that the row had.';
COMMENT ON COLUMN :"schema".phone_changes.new_e164 IS
	'phone_e164 that the row has now.';
COMMENT ON COLUMN :"schema".phone_changes.old_status IS
	'phone_status that the row had.';
COMMENT ON COLUMN :"schema".phone_changes.new_status IS
	'phone_status that the row has now.';

CREATE FUNCTION :"schema".import_companies(staging regclass, on_duplicate text DEFAULT 'skip', region text DEFAULT NULL,
		batch_size integer DEFAULT 1000, create_missing boolean DEFAULT false)
	RETURNS SETOF :"schema".import_report
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	BEGIN ATOMIC
		SELECT r.import_id, r.line, r.outcome, r.id, r.reason, r.column_name, r.value
		FROM crm._import(:'schema_imports'::pg_catalog.regclass, 'companies', import_companies.staging,
			import_companies.on_duplicate, import_companies.region, import_companies.batch_size,
			import_companies.create_missing) AS r;
	END;
COMMENT ON FUNCTION :"schema".import_companies(regclass, text, text, integer, boolean) IS
	'Imports companies from a staging table or view; returns what became of each line.';

CREATE FUNCTION :"schema".import_contacts(staging regclass, on_duplicate text DEFAULT 'skip', region text DEFAULT NULL,
		batch_size integer DEFAULT 1000, create_missing boolean DEFAULT false)
	RETURNS SETOF :"schema".import_report
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	BEGIN ATOMIC
		SELECT r.import_id, r.line, r.outcome, r.id, r.reason, r.column_name, r.value
		FROM crm._import(:'schema_imports'::pg_catalog.regclass, 'contacts', import_contacts.staging,
			import_contacts.on_duplicate, import_contacts.region, import_contacts.batch_size,
			import_contacts.create_missing) AS r;
	END;
COMMENT ON FUNCTION :"schema".import_contacts(regclass, text, text, integer, boolean) IS
	'Imports contacts from a staging table or view; returns what became of each line.';

CREATE FUNCTION :"schema".import_deals(staging regclass, on_duplicate text DEFAULT 'skip', region text DEFAULT NULL,
		batch_size integer DEFAULT 1000, create_missing boolean DEFAULT false)
	RETURNS SETOF :"schema".import_report
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	BEGIN ATOMIC
		SELECT r.import_id, r.line, r.outcome, r.id, r.reason, r.column_name, r.value
		FROM crm._import(:'schema_imports'::pg_catalog.regclass, 'deals', import_deals.staging,
			import_deals.on_duplicate, import_deals.region, import_deals.batch_size,
			import_deals.create_missing) AS r;
	END;
COMMENT ON FUNCTION :"schema".import_deals(regclass, text, text, integer, boolean) IS
	'Imports deals from a staging table or view; returns what became of each line.';

CREATE FUNCTION :"schema".import_activities(staging regclass, on_duplicate text DEFAULT 'skip', region text DEFAULT NULL,
		batch_size integer DEFAULT 1000, create_missing boolean DEFAULT false)
	RETURNS SETOF :"schema".import_report
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	BEGIN ATOMIC
		SELECT r.import_id, r.line, r.outcome, r.id, r.reason, r.column_name, r.value
		FROM crm._import(:'schema_imports'::pg_catalog.regclass, 'activities', import_activities.staging,
			import_activities.on_duplicate, import_activities.region, import_activities.batch_size,
			import_activities.create_missing) AS r;
	END;
COMMENT ON FUNCTION :"schema".import_activities(regclass, text, text, integer, boolean) IS
	'Imports activities from a staging table or view; returns what became of each line.';

CREATE FUNCTION :"schema".undo_import(import_id bigint)
	RETURNS SETOF :"schema".undo_report
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	BEGIN ATOMIC
		SELECT r.import_id, r.line, r.outcome, r.id, r.reason
		FROM crm._undo_import(:'schema_imports'::pg_catalog.regclass, undo_import.import_id) AS r;
	END;
COMMENT ON FUNCTION :"schema".undo_import(bigint) IS
	'Takes back an import: deletes and restores rows that nobody has edited since, and reports the rest.';

CREATE FUNCTION :"schema".renormalize_phones(max_rows integer DEFAULT NULL)
	RETURNS SETOF :"schema".phone_changes
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 100
	BEGIN ATOMIC
		SELECT r.table_name, r.id, r.phone, r.old_e164, r.new_e164, r.old_status, r.new_status
		FROM crm._renormalize_phones(:'schema_settings'::pg_catalog.regclass, renormalize_phones.max_rows) AS r;
	END;
COMMENT ON FUNCTION :"schema".renormalize_phones(integer) IS
	'Normalises phone numbers that an older phone library, or none, has looked at; returns the rows whose phone_e164 or phone_status changed.';
