COMMENT ON VIEW :"schema".timeline IS
	'Every event of the sources, one row each; contact_timeline and its sisters read a page of it.';
COMMENT ON COLUMN :"schema".timeline.occurred_at IS
	'When it happened, or is planned to.';
COMMENT ON COLUMN :"schema".timeline.kind IS
	'Kind of event: a name of activity_types, email, deal_created, deal_won, deal_lost, deal_reopened, deal_stage_changed, deal_value_changed, deal_changed, contact_created, company_created, or a kind of a source of one''s own.';
COMMENT ON COLUMN :"schema".timeline.title IS
	'What it is about, in a line.';
COMMENT ON COLUMN :"schema".timeline.description IS
	'The rest of it.';
COMMENT ON COLUMN :"schema".timeline.contact_id IS
	'Contact concerned.';
COMMENT ON COLUMN :"schema".timeline.company_id IS
	'Company concerned, as the event itself names it.';
COMMENT ON COLUMN :"schema".timeline.deal_id IS
	'Deal concerned.';
COMMENT ON COLUMN :"schema".timeline.actor IS
	'Who did it, as the source knows it: a user''s id, an address, an application''s word or a role.';
COMMENT ON COLUMN :"schema".timeline.direction IS
	'inbound or outbound, of e-mails.';
COMMENT ON COLUMN :"schema".timeline.source IS
	'Source that the event comes from.';
COMMENT ON COLUMN :"schema".timeline.source_id IS
	'Key of the event in its source.';
COMMENT ON COLUMN :"schema".timeline.details IS
	'What else the source knows, as JSON.';
