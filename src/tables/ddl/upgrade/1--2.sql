-- Tables version 2: the fiscal year.

ALTER TABLE :"schema".settings
	ADD COLUMN fiscal_year_start_month integer NOT NULL DEFAULT 1;
ALTER TABLE :"schema".settings
	ADD CONSTRAINT settings_fiscal_year_start_month_check CHECK (fiscal_year_start_month BETWEEN 1 AND 12);
COMMENT ON COLUMN :"schema".settings.fiscal_year_start_month IS
	'First month of the fiscal year, 1 to 12.';
