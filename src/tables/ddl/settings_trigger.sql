-- Keeps updated_at of the settings.

CREATE TRIGGER settings_touch
	BEFORE UPDATE ON :"schema".settings
	FOR EACH ROW EXECUTE FUNCTION crm._touch_updated_at();
COMMENT ON TRIGGER settings_touch ON :"schema".settings IS
	'Sets updated_at, unless the change sets it.';
