-- What the timeline is made of: the owner's choice.

CREATE TABLE :"schema".timeline_sources (
	source text,
	relation_schema text,
	relation_name text NOT NULL,
	kinds jsonb,
	columns jsonb,
	created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
	CONSTRAINT timeline_sources_pkey PRIMARY KEY (source),
	CONSTRAINT timeline_sources_source_check CHECK (source <> '' AND pg_catalog.octet_length(source) < 64),
	CONSTRAINT timeline_sources_kinds_check CHECK (pg_catalog.jsonb_typeof(kinds) = 'array'),
	CONSTRAINT timeline_sources_columns_check CHECK (pg_catalog.jsonb_typeof(columns) = 'array')
);
COMMENT ON TABLE :"schema".timeline_sources IS
	'Sources of the timeline; crm.add_timeline_source and crm.remove_timeline_source keep it.';
COMMENT ON COLUMN :"schema".timeline_sources.source IS
	'Name of the source, as its events bear it.';
COMMENT ON COLUMN :"schema".timeline_sources.relation_schema IS
	'Schema of the relation; NULL for this CRM''s own.';
COMMENT ON COLUMN :"schema".timeline_sources.relation_name IS
	'Table or view that the events are read from, with the rights of whoever reads the timeline.';
COMMENT ON COLUMN :"schema".timeline_sources.kinds IS
	'Kinds of events that the source has, a JSON array; NULL where that is not known.';
COMMENT ON COLUMN :"schema".timeline_sources.columns IS
	'Columns of the timeline that the relation has, a JSON array; NULL for the CRM''s own tables.';
COMMENT ON COLUMN :"schema".timeline_sources.created_at IS
	'When the row was made.';

-- The order of a single row is known to the planner only from an index: these
-- let the timeline read contacts and companies like its other sources.
CREATE INDEX contacts_timeline_idx ON :"schema".contacts (id, created_at);
CREATE INDEX companies_timeline_idx ON :"schema".companies (id, created_at);

-- A company's timeline; also serves the foreign key.
CREATE INDEX contacts_company_timeline_idx ON :"schema".contacts (company_id, created_at, id);

INSERT INTO :"schema".timeline_sources (source, relation_name) VALUES
	('activities', 'activities'),
	('companies', 'companies'),
	('contacts', 'contacts'),
	('deal_changes', 'deal_changes'),
	('emails', 'emails');
