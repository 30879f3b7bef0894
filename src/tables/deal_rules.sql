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
