-- Models of matching.

CREATE FUNCTION crm.train_matching(contacts regclass, decisions regclass DEFAULT NULL) RETURNS jsonb
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000
	AS 'MODULE_PATHNAME', 'crm_train_matching';
COMMENT ON FUNCTION crm.train_matching(regclass, regclass) IS
	'A model of matching learned from a relation of contacts, without labels, and from people''s decisions if there are any; it can be read, kept and edited.';
