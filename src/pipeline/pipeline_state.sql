-- The exact partial result of a pipeline aggregate, as a value: it can be
-- stored, rolled up, and sent between servers.

CREATE TYPE crm.pipeline_state;

CREATE FUNCTION crm._pipeline_state_in(cstring) RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_state_in';
COMMENT ON FUNCTION crm._pipeline_state_in(cstring) IS
	'Input function of type crm.pipeline_state.';

CREATE FUNCTION crm._pipeline_state_out(crm.pipeline_state) RETURNS cstring
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_state_out';
COMMENT ON FUNCTION crm._pipeline_state_out(crm.pipeline_state) IS
	'Output function of type crm.pipeline_state.';

CREATE FUNCTION crm._pipeline_state_recv(internal) RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_state_recv';
COMMENT ON FUNCTION crm._pipeline_state_recv(internal) IS
	'Binary input function of type crm.pipeline_state.';

CREATE FUNCTION crm._pipeline_state_send(crm.pipeline_state) RETURNS bytea
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_state_send';
COMMENT ON FUNCTION crm._pipeline_state_send(crm.pipeline_state) IS
	'Binary output function of type crm.pipeline_state.';

CREATE TYPE crm.pipeline_state (
	INPUT = crm._pipeline_state_in,
	OUTPUT = crm._pipeline_state_out,
	RECEIVE = crm._pipeline_state_recv,
	SEND = crm._pipeline_state_send,
	INTERNALLENGTH = VARIABLE,
	ALIGNMENT = double,
	STORAGE = extended
);
COMMENT ON TYPE crm.pipeline_state IS
	'Exact partial sums of a pipeline: (version,deals,value,weighted,saw). Made by crm.pipeline_partial, added up by crm.pipeline_merge.';

CREATE FUNCTION crm.total_deals(state crm.pipeline_state) RETURNS bigint
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_state_total_deals';
COMMENT ON FUNCTION crm.total_deals(crm.pipeline_state) IS
	'Number of open deals in a stored pipeline state.';

CREATE FUNCTION crm.total_value(state crm.pipeline_state) RETURNS numeric
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_state_total_value';
COMMENT ON FUNCTION crm.total_value(crm.pipeline_state) IS
	'Sum of the values of the open deals in a stored pipeline state.';

CREATE FUNCTION crm.weighted_value(state crm.pipeline_state) RETURNS numeric
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_state_weighted_value';
COMMENT ON FUNCTION crm.weighted_value(crm.pipeline_state) IS
	'Sum of value x probability / 100 over the open deals in a stored pipeline state.';
