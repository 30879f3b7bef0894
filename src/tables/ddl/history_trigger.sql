-- Writes deal_changes.

CREATE TRIGGER deals_history
	AFTER INSERT OR UPDATE ON :"schema".deals
	FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
COMMENT ON TRIGGER deals_history ON :"schema".deals IS
	'Records what changes in deal_changes.';
