-- Websites, domains, and mail providers.  The host and the list of providers
-- are fixed for a version of the extension; registrable domains come from
-- libpsl, whose list changes with the system's packages: store them, do not
-- index the expression.

CREATE FUNCTION crm.web_host(website text) RETURNS text
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10
	AS 'MODULE_PATHNAME', 'crm_web_host_of';
COMMENT ON FUNCTION crm.web_host(text) IS
	'The host in what was typed as a website, with or without http://, or in an e-mail address: lower case, A-labels; NULL for what has no public host name.';

CREATE FUNCTION crm.registrable_domain(website text) RETURNS text
	LANGUAGE c STABLE STRICT PARALLEL SAFE COST 30
	AS 'MODULE_PATHNAME', 'crm_registrable_domain_of';
COMMENT ON FUNCTION crm.registrable_domain(text) IS
	'The domain that somebody registered, one label below a public suffix (example.co.uk), in what crm.web_host reads; NULL if there is none. The list of suffixes is that of libpsl: store the result, do not index the expression.';

CREATE FUNCTION crm.is_free_mail(domain text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5
	AS 'MODULE_PATHNAME', 'crm_is_free_mail';
COMMENT ON FUNCTION crm.is_free_mail(text) IS
	'True for a domain at which anybody can have a mailbox (gmail.com), and for domains below it: people who share it share no company. Takes a domain, not an address.';
