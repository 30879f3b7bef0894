-- History of deals: the trigger that writes it, and what stands in for it.

CREATE FUNCTION crm._record_deal_change() RETURNS trigger
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_record_deal_change_trigger';
COMMENT ON FUNCTION crm._record_deal_change() IS
	'Trigger of deals: writes a row of deal_changes for what changes, as the owner of both tables.';

CREATE FUNCTION crm._set_stage(deals regclass, deal_id bigint, stage crm.deal_stage, lost_reason text)
	RETURNS bigint
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_set_stage';
COMMENT ON FUNCTION crm._set_stage(regclass, bigint, crm.deal_stage, text) IS
	'Moves a deal to a stage by the rules of deals, with its history, whether or not there are triggers; for the wrapper set_stage of a CRM.';

CREATE FUNCTION crm._backfill_deal_history(deals regclass)
	RETURNS bigint
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_backfill_deal_history';
COMMENT ON FUNCTION crm._backfill_deal_history(regclass) IS
	'Gives deals without a beginning in deal_changes one; for the wrapper backfill_deal_history of a CRM.';
