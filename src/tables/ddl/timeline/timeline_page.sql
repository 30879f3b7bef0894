-- The shape of a page.  It depends on nothing, so that a source that is dropped
-- takes the view "timeline" along but not the functions.
CREATE VIEW :"schema".timeline_page WITH (security_invoker = true) AS
	SELECT NULL::timestamptz AS occurred_at,
		NULL::text AS kind,
		NULL::text AS title,
		NULL::text AS description,
		NULL::bigint AS contact_id,
		NULL::bigint AS company_id,
		NULL::bigint AS deal_id,
		NULL::text AS actor,
		NULL::text AS direction,
		NULL::text AS source,
		NULL::text AS source_id,
		NULL::jsonb AS details,
		NULL::text AS page_token
	WHERE false;
COMMENT ON VIEW :"schema".timeline_page IS
	'The rows of contact_timeline, company_timeline and deal_timeline; itself empty.';
COMMENT ON COLUMN :"schema".timeline_page.occurred_at IS
	'When it happened, or is planned to; NULL if the source has no time for it, or an infinite one.';
COMMENT ON COLUMN :"schema".timeline_page.kind IS
	'Kind of event, as in timeline.';
COMMENT ON COLUMN :"schema".timeline_page.title IS
	'What it is about, in a line.';
COMMENT ON COLUMN :"schema".timeline_page.description IS
	'The rest of it.';
COMMENT ON COLUMN :"schema".timeline_page.contact_id IS
	'Contact concerned.';
COMMENT ON COLUMN :"schema".timeline_page.company_id IS
	'Company concerned, as the event itself names it.';
COMMENT ON COLUMN :"schema".timeline_page.deal_id IS
	'Deal concerned.';
COMMENT ON COLUMN :"schema".timeline_page.actor IS
	'Who did it, as the source knows it: a user''s id, an address, an application''s word or a role.';
COMMENT ON COLUMN :"schema".timeline_page.direction IS
	'inbound or outbound, of e-mails.';
COMMENT ON COLUMN :"schema".timeline_page.source IS
	'Source that the event comes from.';
COMMENT ON COLUMN :"schema".timeline_page.source_id IS
	'Key of the event in its source.';
COMMENT ON COLUMN :"schema".timeline_page.details IS
	'What else the source knows, as JSON.';
COMMENT ON COLUMN :"schema".timeline_page.page_token IS
	'Argument page_token of the call that goes on after this event.';
