-- Names of companies.  The legal forms are compiled in: the results are fixed
-- for a version of the extension.

CREATE FUNCTION crm.normalize_company(name text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 25
	AS 'MODULE_PATHNAME', 'crm_normalize_company';
COMMENT ON FUNCTION crm.normalize_company(text) IS
	'The form in which two spellings of one company''s name are equal: folded as by crm.fold_name, signs as blanks, "&" as "and", without legal forms (Ltd, GmbH & Co. KG) and a leading "The"; NULL if no letter or digit is in it.';

CREATE FUNCTION crm.company_legal_form(name text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 25
	AS 'MODULE_PATHNAME', 'crm_company_legal_form';
COMMENT ON FUNCTION crm.company_legal_form(text) IS
	'The legal forms that crm.normalize_company strips from a name, in one spelling each: ltd, gmbh & co. kg, sa de cv; NULL if there are none.';
