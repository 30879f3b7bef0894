-- Keys of contacts, for an index.  Frozen: other keys are another function.

CREATE FUNCTION crm.match_keys(first_name "any" DEFAULT NULL, middle_name "any" DEFAULT NULL,
	last_name "any" DEFAULT NULL, full_name "any" DEFAULT NULL,
	email "any" DEFAULT NULL, emails "any" DEFAULT NULL, additional_emails "any" DEFAULT NULL,
	phone_e164 "any" DEFAULT NULL, phone "any" DEFAULT NULL, phones "any" DEFAULT NULL, additional_phones "any" DEFAULT NULL,
	date_of_birth "any" DEFAULT NULL, street "any" DEFAULT NULL, city "any" DEFAULT NULL,
	postal_code "any" DEFAULT NULL, state "any" DEFAULT NULL, country "any" DEFAULT NULL,
	company "any" DEFAULT NULL, company_id "any" DEFAULT NULL, job_title "any" DEFAULT NULL, gender "any" DEFAULT NULL) RETURNS bigint[]
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT LEAKPROOF PARALLEL SAFE COST 100
	AS 'MODULE_PATHNAME', 'crm_match_keys';
COMMENT ON FUNCTION crm.match_keys("any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any", "any") IS
	'Keys under which the likely duplicates of a contact are found: two contacts without a common key are not compared. Arguments are text, date, timestamp, integers, lists of json or jsonb, or arrays of text.';

CREATE FUNCTION crm.match_keys_overlap(a bigint[], b bigint[]) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_match_keys_overlap';
COMMENT ON FUNCTION crm.match_keys_overlap(bigint[], bigint[]) IS
	'True if two contacts have a key in common: the function of the operator crm.&&&.';

CREATE FUNCTION crm._match_keys_selectivity(internal, oid, internal, integer) RETURNS double precision
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_match_keys_selectivity';
COMMENT ON FUNCTION crm._match_keys_selectivity(internal, oid, internal, integer) IS
	'Tells the planner that few contacts have a key in common with a given one.';

CREATE FUNCTION crm._match_keys_join_selectivity(internal, oid, internal, smallint, internal) RETURNS double precision
	LANGUAGE c STABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_match_keys_selectivity';
COMMENT ON FUNCTION crm._match_keys_join_selectivity(internal, oid, internal, smallint, internal) IS
	'Tells the planner that few contacts have a key in common with each other.';

CREATE OPERATOR crm.&&& (
	LEFTARG = bigint[], RIGHTARG = bigint[], FUNCTION = crm.match_keys_overlap,
	COMMUTATOR = OPERATOR(crm.&&&),
	RESTRICT = crm._match_keys_selectivity, JOIN = crm._match_keys_join_selectivity
);
COMMENT ON OPERATOR crm.&&& (bigint[], bigint[]) IS 'have a key in common';

CREATE FUNCTION crm._match_keys_extract(keys bigint[], internal, internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_match_keys_extract';
COMMENT ON FUNCTION crm._match_keys_extract(bigint[], internal, internal) IS
	'Support of crm.match_keys_ops: the entries of a row.';

CREATE FUNCTION crm._match_keys_extract_query(keys bigint[], internal, smallint, internal, internal, internal, internal) RETURNS internal
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_match_keys_extract_query';
COMMENT ON FUNCTION crm._match_keys_extract_query(bigint[], internal, smallint, internal, internal, internal, internal) IS
	'Support of crm.match_keys_ops: the entries that a query looks for.';

CREATE FUNCTION crm._match_keys_consistent(internal, smallint, keys bigint[], integer, internal, internal, internal, internal) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_match_keys_consistent';
COMMENT ON FUNCTION crm._match_keys_consistent(internal, smallint, bigint[], integer, internal, internal, internal, internal) IS
	'Support of crm.match_keys_ops: whether a row has one of the keys.';

CREATE FUNCTION crm._match_keys_triconsistent(internal, smallint, keys bigint[], integer, internal, internal, internal) RETURNS "char"
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_match_keys_triconsistent';
COMMENT ON FUNCTION crm._match_keys_triconsistent(internal, smallint, bigint[], integer, internal, internal, internal) IS
	'Support of crm.match_keys_ops: whether a row may have one of the keys.';

CREATE OPERATOR CLASS crm.match_keys_ops FOR TYPE bigint[] USING gin AS
	OPERATOR 1 crm.&&& (bigint[], bigint[]),
	FUNCTION 1 pg_catalog.btint8cmp(bigint, bigint),
	FUNCTION 2 crm._match_keys_extract(bigint[], internal, internal),
	FUNCTION 3 crm._match_keys_extract_query(bigint[], internal, smallint, internal, internal, internal, internal),
	FUNCTION 4 crm._match_keys_consistent(internal, smallint, bigint[], integer, internal, internal, internal, internal),
	FUNCTION 6 crm._match_keys_triconsistent(internal, smallint, bigint[], integer, internal, internal, internal),
	STORAGE bigint;
COMMENT ON OPERATOR CLASS crm.match_keys_ops USING gin IS 'keys of contacts, as crm.match_keys makes them';
