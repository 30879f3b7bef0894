-- E-mail addresses.  Used in the CHECK constraint and the unique index of
-- every CRM's contacts: a later version may accept more, never less, and the
-- normal form of an accepted address never changes.

CREATE FUNCTION crm.is_email(address text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'crm_is_email';
COMMENT ON FUNCTION crm.is_email(text) IS
	'True for an e-mail address as people have them: dot-atom, @, and a domain of at least two labels that does not end in a number (RFC 5321 Mailbox, ASCII).';

CREATE FUNCTION crm.normalize_email(address text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'crm_normalize_email';
COMMENT ON FUNCTION crm.normalize_email(text) IS
	'The form in which two spellings of one e-mail address are equal: ASCII letters in lower case; NULL if the text is not an address.';
