-- Row triggers.  They keep the rules of deals, and updated_at, for every way of
-- writing; everything they keep can be written without them.

CREATE TRIGGER deals_rules
	BEFORE INSERT OR UPDATE ON :"schema".deals
	FOR EACH ROW EXECUTE FUNCTION crm._keep_deal_rules();
COMMENT ON TRIGGER deals_rules ON :"schema".deals IS
	'Keeps stage, pipeline, probability, currency, closed_at and updated_at in agreement.';

CREATE TRIGGER activities_touch
	BEFORE UPDATE ON :"schema".activities
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER activities_touch ON :"schema".activities IS
	'Sets updated_at, unless the change sets it.';

CREATE TRIGGER activity_contacts_touch
	BEFORE UPDATE ON :"schema".activity_contacts
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER activity_contacts_touch ON :"schema".activity_contacts IS
	'Sets updated_at, unless the change sets it.';

CREATE TRIGGER deal_contacts_touch
	BEFORE UPDATE ON :"schema".deal_contacts
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER deal_contacts_touch ON :"schema".deal_contacts IS
	'Sets updated_at, unless the change sets it.';

CREATE TRIGGER emails_touch
	BEFORE UPDATE ON :"schema".emails
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER emails_touch ON :"schema".emails IS
	'Sets updated_at, unless the change sets it.';

CREATE TRIGGER pipeline_stages_touch
	BEFORE UPDATE ON :"schema".pipeline_stages
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER pipeline_stages_touch ON :"schema".pipeline_stages IS
	'Sets updated_at, unless the change sets it.';

CREATE TRIGGER pipelines_touch
	BEFORE UPDATE ON :"schema".pipelines
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER pipelines_touch ON :"schema".pipelines IS
	'Sets updated_at, unless the change sets it.';

CREATE TRIGGER users_touch
	BEFORE UPDATE ON :"schema".users
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER users_touch ON :"schema".users IS
	'Sets updated_at, unless the change sets it.';
