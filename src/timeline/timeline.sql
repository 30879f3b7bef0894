-- Timelines, newest first, a page at a time.

CREATE FUNCTION crm._timeline_support(internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_timeline_support';
COMMENT ON FUNCTION crm._timeline_support(internal) IS
	'Tells the planner how many rows a page of a timeline has.';

CREATE TYPE crm.timeline_event AS (
	occurred_at timestamptz,
	kind text,
	title text,
	description text,
	contact_id bigint,
	company_id bigint,
	deal_id bigint,
	actor text,
	direction text,
	source text,
	source_id text,
	details jsonb,
	page_token text
);
COMMENT ON TYPE crm.timeline_event IS
	'An event on a page of a timeline.';
COMMENT ON COLUMN crm.timeline_event.occurred_at IS
	'When it happened, or is planned to; NULL if it has no time, or an infinite one.';
COMMENT ON COLUMN crm.timeline_event.kind IS
	'Kind of event.';
COMMENT ON COLUMN crm.timeline_event.title IS
	'What it is about, in a line.';
COMMENT ON COLUMN crm.timeline_event.description IS
	'The rest of it.';
COMMENT ON COLUMN crm.timeline_event.contact_id IS
	'Contact concerned.';
COMMENT ON COLUMN crm.timeline_event.company_id IS
	'Company concerned, as the event itself names it.';
COMMENT ON COLUMN crm.timeline_event.deal_id IS
	'Deal concerned.';
COMMENT ON COLUMN crm.timeline_event.actor IS
	'Who did it, as the source knows it.';
COMMENT ON COLUMN crm.timeline_event.direction IS
	'inbound or outbound, where that applies.';
COMMENT ON COLUMN crm.timeline_event.source IS
	'Source that the event comes from.';
COMMENT ON COLUMN crm.timeline_event.source_id IS
	'Key of the event in its source.';
COMMENT ON COLUMN crm.timeline_event.details IS
	'What else the source knows.';
COMMENT ON COLUMN crm.timeline_event.page_token IS
	'Argument page_token of the call that goes on after this event.';

CREATE FUNCTION crm._contact_timeline(sources regclass, contact_id bigint, until timestamptz, max_events integer,
		kinds text[], include_planned boolean, page_token text)
	RETURNS SETOF crm.timeline_event
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 1000 ROWS 50
	SUPPORT crm._timeline_support
	AS 'MODULE_PATHNAME', 'crm_contact_timeline';
COMMENT ON FUNCTION crm._contact_timeline(regclass, bigint, timestamptz, integer, text[], boolean, text) IS
	'Events of a contact, newest first, from the sources that the table names; for the wrapper contact_timeline of a CRM.';

CREATE FUNCTION crm._company_timeline(sources regclass, company_id bigint, until timestamptz, max_events integer,
		kinds text[], include_planned boolean, page_token text)
	RETURNS SETOF crm.timeline_event
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 1000 ROWS 50
	SUPPORT crm._timeline_support
	AS 'MODULE_PATHNAME', 'crm_company_timeline';
COMMENT ON FUNCTION crm._company_timeline(regclass, bigint, timestamptz, integer, text[], boolean, text) IS
	'Events of a company, of its contacts and of its deals, newest first, from the sources that the table names; for the wrapper company_timeline of a CRM.';

CREATE FUNCTION crm._deal_timeline(sources regclass, deal_id bigint, until timestamptz, max_events integer,
		kinds text[], include_planned boolean, page_token text)
	RETURNS SETOF crm.timeline_event
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 1000 ROWS 50
	SUPPORT crm._timeline_support
	AS 'MODULE_PATHNAME', 'crm_deal_timeline';
COMMENT ON FUNCTION crm._deal_timeline(regclass, bigint, timestamptz, integer, text[], boolean, text) IS
	'Events of a deal, newest first, from the sources that the table names; for the wrapper deal_timeline of a CRM.';

CREATE FUNCTION crm.timeline_of(relation regclass, key_column name, key text,
		until timestamptz DEFAULT NULL, max_events integer DEFAULT 50,
		kinds text[] DEFAULT NULL, include_planned boolean DEFAULT false, page_token text DEFAULT NULL)
	RETURNS SETOF crm.timeline_event
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL RESTRICTED COST 1000 ROWS 50
	SUPPORT crm._timeline_support
	AS 'MODULE_PATHNAME', 'crm_timeline_of';
COMMENT ON FUNCTION crm.timeline_of(regclass, name, text, timestamptz, integer, text[], boolean, text) IS
	'Events of a table or view that has the timeline''s columns, newest first, where a column equals the key.';

CREATE FUNCTION crm.add_timeline_source(in_schema name, source text, relation regclass, kinds text[] DEFAULT NULL)
	RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_add_timeline_source';
COMMENT ON FUNCTION crm.add_timeline_source(name, text, regclass, text[]) IS
	'Adds a table or view that has the timeline''s columns to the timeline of a CRM; kinds are the kinds of events that it has.';

CREATE FUNCTION crm.remove_timeline_source(in_schema name, source text)
	RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_remove_timeline_source';
COMMENT ON FUNCTION crm.remove_timeline_source(name, text) IS
	'Takes a source out of the timeline of a CRM; its relation stays.';

CREATE FUNCTION crm.rebuild_timeline(in_schema name)
	RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_rebuild_timeline';
COMMENT ON FUNCTION crm.rebuild_timeline(name) IS
	'Makes the view timeline of a CRM again from its sources; keeps its options and grants, and lists what is in the way.';
