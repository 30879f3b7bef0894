-- Tables version 5: finding duplicates; its tables are made by the file that makes
-- them in a new CRM.

ALTER TABLE :"schema".settings
	ADD COLUMN parts text NOT NULL DEFAULT 'all';
ALTER TABLE :"schema".settings
	ADD CONSTRAINT settings_parts_check CHECK (parts IN ('all', 'matching'));
COMMENT ON COLUMN :"schema".settings.parts IS
	'What crm.create_tables made here: all, or matching beside tables of an application''s own.';
