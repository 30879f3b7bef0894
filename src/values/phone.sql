-- Telephone numbers.  Only crm.is_e164 and crm.phone_region depend on nothing but
-- their argument.  What libphonenumber says changes with its package: the others
-- are STABLE, and what they return belongs in a column, not in an index.

CREATE FUNCTION crm.is_e164(phone text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'crm_is_e164';
COMMENT ON FUNCTION crm.is_e164(text) IS
	'True for a telephone number in E.164 form: + and 7 to 15 digits, the first of them not 0.';

CREATE DOMAIN crm.phone_number AS text
	CONSTRAINT phone_number_check CHECK (crm.is_e164(VALUE));
COMMENT ON DOMAIN crm.phone_number IS
	'A telephone number in E.164 form: + and 7 to 15 digits, the first of them not 0.';

CREATE FUNCTION crm.phone_region(country text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 4
	AS 'MODULE_PATHNAME', 'crm_phone_region';
COMMENT ON FUNCTION crm.phone_region(text) IS
	'The two letters (ISO 3166 alpha-2) of a country given as these, as three letters, or by its English or native name; NULL if it is none known.';

CREATE FUNCTION crm.normalize_phone(phone text, region text DEFAULT NULL) RETURNS text
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 500
	AS 'MODULE_PATHNAME', 'crm_normalize_phone';
COMMENT ON FUNCTION crm.normalize_phone(text, text) IS
	'A telephone number in E.164 form, without its extension; NULL if the text is none. Region: the country that a number without + is dialled in.';

CREATE FUNCTION crm.phone_info(phone text, region text DEFAULT NULL,
		OUT e164 text, OUT is_possible boolean, OUT is_valid boolean, OUT type text,
		OUT phone_region text, OUT "national" text, OUT international text,
		OUT extension text, OUT reason text)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1500
	AS 'MODULE_PATHNAME', 'crm_phone_info';
COMMENT ON FUNCTION crm.phone_info(text, text) IS
	'What libphonenumber knows of a telephone number; reason says why a text is none.';

CREATE FUNCTION crm.phone_version() RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'crm_phone_version';
COMMENT ON FUNCTION crm.phone_version() IS
	'What telephone numbers are read by; a text that changes whenever their normal form may have changed.';
