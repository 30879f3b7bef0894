-- E-mail addresses.  is_email and normalize_email stand in the CHECK constraint
-- and the unique index of every CRM's contacts: a later version may accept
-- more, never less, and the normal form of an accepted address never changes.

CREATE FUNCTION crm.is_email(address text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2
	AS 'MODULE_PATHNAME', 'crm_is_email';
COMMENT ON FUNCTION crm.is_email(text) IS
	'True for an e-mail address as people have them: a local part, plain or in quotation marks, @, and a domain of at least two labels that does not end in a number (RFC 5321 Mailbox, RFC 6531).';

CREATE FUNCTION crm.parse_email(address text, OUT is_valid boolean, OUT local_part text, OUT domain text,
	OUT normalized text, OUT diagnosis text, OUT at_position integer)
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 20
	AS 'MODULE_PATHNAME', 'crm_parse_email';
COMMENT ON FUNCTION crm.parse_email(text) IS
	'The parts of an e-mail address as typed and its normal form; or what is wrong with it and at which character.';

CREATE FUNCTION crm.normalize_email(address text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'crm_normalize_email';
COMMENT ON FUNCTION crm.normalize_email(text) IS
	'The form in which two spellings of one e-mail address are equal: lower case, no needless quotation marks, composed characters, the domain in ASCII; NULL if the text is not an address.';

CREATE FUNCTION crm.email_key(address text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 4
	AS 'MODULE_PATHNAME', 'crm_email_key_of';
COMMENT ON FUNCTION crm.email_key(text) IS
	'The normal form without what the provider of the mailbox ignores, such as dots and plus tags at Gmail: equal keys are likely one mailbox; NULL if the text is not an address.';

CREATE FUNCTION crm.email_domain(address text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3
	AS 'MODULE_PATHNAME', 'crm_email_domain';
COMMENT ON FUNCTION crm.email_domain(text) IS
	'The domain of an e-mail address in lower-case ASCII; NULL if the text is not an address.';

CREATE DOMAIN crm.email_address AS text
	CONSTRAINT email_address_check CHECK (crm.is_email(VALUE));
COMMENT ON DOMAIN crm.email_address IS
	'A text that is an e-mail address, for tables of your own; the tables of a CRM use text and a CHECK.';
