-- Row triggers of a CRM's tables.

CREATE FUNCTION crm._keep_deal_rules() RETURNS trigger
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_keep_deal_rules';
COMMENT ON FUNCTION crm._keep_deal_rules() IS
	'Trigger of deals: keeps stage, pipeline, probability, currency, closed_at and updated_at in agreement.';

CREATE FUNCTION crm._touch_updated_at() RETURNS trigger
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_touch_updated_at';
COMMENT ON FUNCTION crm._touch_updated_at() IS
	'Trigger: sets updated_at to the time of the transaction, unless the change sets it.';

CREATE FUNCTION crm._keep_values() RETURNS trigger
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_keep_values';
COMMENT ON FUNCTION crm._keep_values() IS
	'Trigger of companies and contacts: keeps phone_e164, phone_status, domain and updated_at, and explains why an e-mail address is refused.';

CREATE FUNCTION crm._renormalize_phones(settings regclass, max_rows integer)
	RETURNS TABLE (table_name text, id bigint, phone text, old_e164 text, new_e164 text, old_status text, new_status text)
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 100
	AS 'MODULE_PATHNAME', 'crm_renormalize_phones';
COMMENT ON FUNCTION crm._renormalize_phones(regclass, integer) IS
	'Does the work of a CRM''s renormalize_phones.';
