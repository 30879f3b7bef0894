-- Writes deal_changes.  Triggers fire in the order of their names, as bytes: the
-- name puts it before what others do after a change, so that their own changes
-- of the deal come after it in history too.

CREATE TRIGGER _deals_history
	AFTER INSERT OR UPDATE ON :"schema".deals
	FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
COMMENT ON TRIGGER _deals_history ON :"schema".deals IS
	'Records what changes in deal_changes.';
