-- Is this person here already?

CREATE FUNCTION crm.match_contact(contacts regclass, first_name text DEFAULT NULL, last_name text DEFAULT NULL,
	full_name text DEFAULT NULL, email text DEFAULT NULL, phone text DEFAULT NULL, date_of_birth date DEFAULT NULL,
	street text DEFAULT NULL, city text DEFAULT NULL, postal_code text DEFAULT NULL, state text DEFAULT NULL,
	country text DEFAULT NULL, company text DEFAULT NULL,
	min_probability double precision DEFAULT NULL, model jsonb DEFAULT NULL)
	RETURNS TABLE (contact_id bigint, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000 ROWS 5
	AS 'MODULE_PATHNAME', 'crm_match_contact';
COMMENT ON FUNCTION crm.match_contact(regclass, text, text, text, text, text, date, text, text, text, text, text, text, double precision, jsonb) IS
	'Contacts of a relation that are likely the person described, best first; fast where crm.create_match_index has made an index.';

CREATE FUNCTION crm.match_contact_by_key(contacts regclass, first_name text DEFAULT NULL, last_name text DEFAULT NULL,
	full_name text DEFAULT NULL, email text DEFAULT NULL, phone text DEFAULT NULL, date_of_birth date DEFAULT NULL,
	street text DEFAULT NULL, city text DEFAULT NULL, postal_code text DEFAULT NULL, state text DEFAULT NULL,
	country text DEFAULT NULL, company text DEFAULT NULL,
	min_probability double precision DEFAULT NULL, model jsonb DEFAULT NULL)
	RETURNS TABLE (contact_key text, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000 ROWS 5
	AS 'MODULE_PATHNAME', 'crm_match_contact_by_key';
COMMENT ON FUNCTION crm.match_contact_by_key(regclass, text, text, text, text, text, date, text, text, text, text, text, text, double precision, jsonb) IS
	'crm.match_contact for relations whose id is of any type.';

CREATE FUNCTION crm.duplicates_of(contacts regclass, contact_id bigint,
	min_probability double precision DEFAULT NULL, model jsonb DEFAULT NULL, decisions regclass DEFAULT NULL)
	RETURNS TABLE (duplicate_id bigint, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000 ROWS 5
	AS 'MODULE_PATHNAME', 'crm_duplicates_of';
COMMENT ON FUNCTION crm.duplicates_of(regclass, bigint, double precision, jsonb, regclass) IS
	'Other contacts of a relation that are likely the same person as a given one, best first, without those that decisions call different.';

CREATE FUNCTION crm.duplicates_of_by_key(contacts regclass, contact_key text,
	min_probability double precision DEFAULT NULL, model jsonb DEFAULT NULL, decisions regclass DEFAULT NULL)
	RETURNS TABLE (duplicate_key text, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 1000 ROWS 5
	AS 'MODULE_PATHNAME', 'crm_duplicates_of_by_key';
COMMENT ON FUNCTION crm.duplicates_of_by_key(regclass, text, double precision, jsonb, regclass) IS
	'crm.duplicates_of for relations whose id is of any type.';
