-- Settings: their presence marks the schema as a CRM, or as a part of one.

CREATE TABLE :"schema".settings (
	id bigint NOT NULL DEFAULT 1,
	crm_tables_version integer NOT NULL,
	home_currency text NOT NULL,
	default_phone_region text,
	fiscal_year_start_month integer NOT NULL DEFAULT 1,
	require_lost_reason boolean NOT NULL DEFAULT false,
	dropped_view_grants jsonb,
	data_versions jsonb NOT NULL DEFAULT crm._data_versions(),
	parts text NOT NULL DEFAULT 'all',
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	updated_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	CONSTRAINT settings_pkey PRIMARY KEY (id),
	CONSTRAINT settings_one_row CHECK (id = 1),
	CONSTRAINT settings_home_currency_check CHECK (home_currency ~ '^[A-Z]{3}$'),
	CONSTRAINT settings_default_phone_region_check CHECK (default_phone_region ~ '^[A-Z]{2}$'),
	CONSTRAINT settings_dropped_view_grants_check CHECK (pg_catalog.jsonb_typeof(dropped_view_grants) = 'array'),
	CONSTRAINT settings_fiscal_year_start_month_check CHECK (fiscal_year_start_month BETWEEN 1 AND 12),
	CONSTRAINT settings_parts_check CHECK (parts IN ('all', 'matching'))
);
COMMENT ON TABLE :"schema".settings IS
	'Settings of this CRM: one row, whose presence marks the schema as a CRM.';
COMMENT ON COLUMN :"schema".settings.id IS
	'Always 1.';
COMMENT ON COLUMN :"schema".settings.crm_tables_version IS
	'Version of the tables; crm.upgrade_tables brings it forward.';
COMMENT ON COLUMN :"schema".settings.home_currency IS
	'ISO 4217 code of deals that name no currency.';
COMMENT ON COLUMN :"schema".settings.default_phone_region IS
	'ISO 3166 code for phone numbers without a country code.';
COMMENT ON COLUMN :"schema".settings.fiscal_year_start_month IS
	'First month of the fiscal year, 1 to 12.';
COMMENT ON COLUMN :"schema".settings.require_lost_reason IS
	'Whether a deal needs a lost_reason to become lost.';
COMMENT ON COLUMN :"schema".settings.dropped_view_grants IS
	'Grants that crm.create_views will restore; set by crm.drop_views.';
COMMENT ON COLUMN :"schema".settings.data_versions IS
	'Versions of the reference data that the CRM''s indexes were built with; set it to DEFAULT after REINDEX.';
COMMENT ON COLUMN :"schema".settings.parts IS
	'What crm.create_tables made here: all, or matching beside tables of an application''s own.';
COMMENT ON COLUMN :"schema".settings.created_at IS
	'When the row was made.';
COMMENT ON COLUMN :"schema".settings.updated_at IS
	'When the row was last changed; kept by a trigger unless the change sets it.';

INSERT INTO :"schema".settings (crm_tables_version, home_currency, parts)
	VALUES (:tables_version, :'home_currency', :'parts');
