-- Row triggers that keep what follows from a value beside it.

CREATE TRIGGER companies_values
	BEFORE INSERT OR UPDATE ON :"schema".companies
	FOR EACH ROW EXECUTE FUNCTION crm._keep_values();
COMMENT ON TRIGGER companies_values ON :"schema".companies IS
	'Keeps domain, phone_e164, phone_status and updated_at.';

CREATE TRIGGER contacts_values
	BEFORE INSERT OR UPDATE ON :"schema".contacts
	FOR EACH ROW EXECUTE FUNCTION crm._keep_values();
COMMENT ON TRIGGER contacts_values ON :"schema".contacts IS
	'Keeps phone_e164, phone_status and updated_at, and says what is wrong with an e-mail address.';
