-- What the timeline says of deals and e-mails beyond their own columns; the
-- views of every CRM use these.

CREATE FUNCTION crm._email_details(to_addresses jsonb, thread_id text) RETURNS jsonb
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_email_details';
COMMENT ON FUNCTION crm._email_details(jsonb, text) IS
	'Details of an e-mail in the timeline.';

CREATE FUNCTION crm._deal_details(stage crm.deal_stage, value numeric, currency text, probability integer) RETURNS jsonb
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_deal_details';
COMMENT ON FUNCTION crm._deal_details(crm.deal_stage, numeric, text, integer) IS
	'Details of a deal''s change in the timeline.';

CREATE FUNCTION crm._deal_event_kind(kind text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_deal_event_kind';
COMMENT ON FUNCTION crm._deal_event_kind(text) IS
	'Kind of event in the timeline that a kind of deal_changes is.';

CREATE FUNCTION crm._deal_change_text(kind text, old_stage crm.deal_stage, new_stage crm.deal_stage,
		old_value numeric, new_value numeric, old_currency text, new_currency text,
		old_probability integer, new_probability integer,
		old_expected_close_date date, new_expected_close_date date,
		old_owner_id bigint, new_owner_id bigint,
		old_archived_at timestamptz, new_archived_at timestamptz, lost_reason text)
	RETURNS text
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_deal_change_text';
COMMENT ON FUNCTION crm._deal_change_text(text, crm.deal_stage, crm.deal_stage, numeric, numeric, text, text, integer, integer, date, date, bigint, bigint, timestamptz, timestamptz, text) IS
	'Description of a deal''s change in the timeline; dates are in the style of DateStyle.';
