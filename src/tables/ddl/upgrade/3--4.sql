-- Tables version 4: values that are kept beside what was typed, and imports; the
-- tables of imports and the triggers are made by the files that make them in a new
-- CRM.

ALTER TABLE :"schema".settings
	ADD COLUMN data_versions jsonb NOT NULL DEFAULT crm._data_versions();
COMMENT ON COLUMN :"schema".settings.data_versions IS
	'Versions of the reference data that the CRM''s indexes were built with; set it to DEFAULT after REINDEX.';

-- What is no E.164 number moves to where any text may stand.
UPDATE :"schema".contacts
	SET additional_phones = COALESCE(additional_phones, '[]'::pg_catalog.jsonb) OPERATOR(pg_catalog.||) pg_catalog.jsonb_build_array(phone_e164), phone_e164 = NULL
	WHERE NOT crm.is_e164(phone_e164);
UPDATE :"schema".companies
	SET phone = CASE WHEN phone IS NULL OR phone = phone_e164 THEN phone_e164 ELSE pg_catalog.concat(phone, ', ', phone_e164) END, phone_e164 = NULL
	WHERE NOT crm.is_e164(phone_e164);

DROP TRIGGER IF EXISTS companies_touch ON :"schema".companies;
DROP TRIGGER IF EXISTS contacts_touch ON :"schema".contacts;

ALTER TABLE :"schema".companies
	ADD COLUMN domain_version text,
	ADD COLUMN phone_status text,
	ADD COLUMN phone_version text,
	ADD CONSTRAINT companies_phone_e164_check CHECK (crm.is_e164(phone_e164)),
	ADD CONSTRAINT companies_phone_status_check CHECK (phone_status IN ('valid', 'possible', 'invalid', 'unchecked'));
ALTER TABLE :"schema".contacts
	ADD COLUMN phone_status text,
	ADD COLUMN phone_version text,
	ADD CONSTRAINT contacts_phone_e164_check CHECK (crm.is_e164(phone_e164)),
	ADD CONSTRAINT contacts_phone_status_check CHECK (phone_status IN ('valid', 'possible', 'invalid', 'unchecked'));
COMMENT ON COLUMN :"schema".companies.domain IS
	'Registrable domain of the website, in lower case; kept by a trigger unless written.';
COMMENT ON COLUMN :"schema".companies.domain_version IS
	'Public suffix list that gave the domain; NULL if it was written.';
COMMENT ON COLUMN :"schema".companies.phone_e164 IS
	'Phone number in E.164 form; kept by a trigger unless written.';
COMMENT ON COLUMN :"schema".companies.phone_status IS
	'What is known of the phone number: valid, possible (right length, unknown range), invalid (kept as typed), unchecked (no phone library).';
COMMENT ON COLUMN :"schema".companies.phone_version IS
	'Library that gave phone_e164 and phone_status; NULL if they were written.';
COMMENT ON COLUMN :"schema".contacts.phone_e164 IS
	'Main phone number in E.164 form; kept by a trigger unless written.';
COMMENT ON COLUMN :"schema".contacts.phone_status IS
	'What is known of the phone number: valid, possible (right length, unknown range), invalid (kept as typed), unchecked (no phone library).';
COMMENT ON COLUMN :"schema".contacts.phone_version IS
	'Library that gave phone_e164 and phone_status; NULL if they were written.';

-- Archived holders of an address, which an error names.
CREATE INDEX contacts_archived_email_idx ON :"schema".contacts (crm.normalize_email(email)) WHERE archived_at IS NOT NULL;
