-- Support functions of the pipeline aggregates: one set per call form, all
-- instances of the same C code.  Not for direct use.

CREATE TYPE crm.pipeline_summary AS (
	total_deals bigint,
	total_value numeric,
	weighted_value numeric
);
COMMENT ON TYPE crm.pipeline_summary IS
	'Result of crm.pipeline over the open deals of a group.';
COMMENT ON COLUMN crm.pipeline_summary.total_deals IS
	'Number of open deals, those without a value included.';
COMMENT ON COLUMN crm.pipeline_summary.total_value IS
	'Sum of their values.';
COMMENT ON COLUMN crm.pipeline_summary.weighted_value IS
	'Sum of value x probability / 100, exact.';

CREATE FUNCTION crm.summary(state crm.pipeline_state) RETURNS crm.pipeline_summary
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_state_summary';
COMMENT ON FUNCTION crm.summary(crm.pipeline_state) IS
	'The three figures of a stored pipeline state.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_enum';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_enum';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_enum';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, integer)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_enum_int4';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, integer) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, integer)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_enum_int4';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, integer) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, integer)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_enum_int4';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, integer) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, bigint)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_enum_int8';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, bigint) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, bigint)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_enum_int8';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, bigint) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, bigint)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_enum_int8';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, bigint) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, numeric)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_enum_numeric';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, numeric) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, numeric)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_enum_numeric';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, numeric) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, numeric)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_enum_numeric';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, numeric) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, double precision)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_enum_float8';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, crm.deal_stage, double precision) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, double precision)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_enum_float8';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, crm.deal_stage, double precision) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, double precision)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_enum_float8';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, crm.deal_stage, double precision) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_text';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, text)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_text';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, text) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, text)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_text';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, text) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, integer)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_text_int4';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, integer) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, text, integer)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_text_int4';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, text, integer) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, text, integer)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_text_int4';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, text, integer) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, bigint)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_text_int8';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, bigint) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, text, bigint)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_text_int8';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, text, bigint) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, text, bigint)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_text_int8';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, text, bigint) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, numeric)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_text_numeric';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, numeric) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, text, numeric)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_text_numeric';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, text, numeric) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, text, numeric)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_text_numeric';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, text, numeric) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, double precision)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_text_float8';
COMMENT ON FUNCTION crm._pipeline_add(crm.pipeline_state, numeric, text, double precision) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_move(internal, numeric, text, double precision)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_text_float8';
COMMENT ON FUNCTION crm._pipeline_move(internal, numeric, text, double precision) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_remove(internal, numeric, text, double precision)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_text_float8';
COMMENT ON FUNCTION crm._pipeline_remove(internal, numeric, text, double precision) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_add(crm.pipeline_state, numeric, integer)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_int4';
COMMENT ON FUNCTION crm._weighted_add(crm.pipeline_state, numeric, integer) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_move(internal, numeric, integer)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_int4';
COMMENT ON FUNCTION crm._weighted_move(internal, numeric, integer) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_remove(internal, numeric, integer)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_int4';
COMMENT ON FUNCTION crm._weighted_remove(internal, numeric, integer) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_add(crm.pipeline_state, numeric, bigint)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_int8';
COMMENT ON FUNCTION crm._weighted_add(crm.pipeline_state, numeric, bigint) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_move(internal, numeric, bigint)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_int8';
COMMENT ON FUNCTION crm._weighted_move(internal, numeric, bigint) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_remove(internal, numeric, bigint)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_int8';
COMMENT ON FUNCTION crm._weighted_remove(internal, numeric, bigint) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_add(crm.pipeline_state, numeric, numeric)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_numeric';
COMMENT ON FUNCTION crm._weighted_add(crm.pipeline_state, numeric, numeric) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_move(internal, numeric, numeric)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_numeric';
COMMENT ON FUNCTION crm._weighted_move(internal, numeric, numeric) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_remove(internal, numeric, numeric)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_numeric';
COMMENT ON FUNCTION crm._weighted_remove(internal, numeric, numeric) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_add(crm.pipeline_state, numeric, double precision)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_add_float8';
COMMENT ON FUNCTION crm._weighted_add(crm.pipeline_state, numeric, double precision) IS
	'Transition function of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_move(internal, numeric, double precision)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_move_float8';
COMMENT ON FUNCTION crm._weighted_move(internal, numeric, double precision) IS
	'Forward transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._weighted_remove(internal, numeric, double precision)
	RETURNS internal
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_remove_float8';
COMMENT ON FUNCTION crm._weighted_remove(internal, numeric, double precision) IS
	'Inverse transition function of a moving window of the pipeline aggregates.';

CREATE FUNCTION crm._pipeline_combine(crm.pipeline_state, crm.pipeline_state)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_combine';
COMMENT ON FUNCTION crm._pipeline_combine(crm.pipeline_state, crm.pipeline_state) IS
	'Adds two pipeline states; either may be NULL.';

CREATE FUNCTION crm._pipeline_final_state(crm.pipeline_state)
	RETURNS crm.pipeline_state
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_final_state';
COMMENT ON FUNCTION crm._pipeline_final_state(crm.pipeline_state) IS
	'Final function: the state itself, empty instead of NULL.';

CREATE FUNCTION crm._pipeline_final_weighted(crm.pipeline_state)
	RETURNS numeric
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_final_weighted';
COMMENT ON FUNCTION crm._pipeline_final_weighted(crm.pipeline_state) IS
	'Final function: the weighted value.';

CREATE FUNCTION crm._pipeline_final_summary(crm.pipeline_state)
	RETURNS crm.pipeline_summary
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_final_summary';
COMMENT ON FUNCTION crm._pipeline_final_summary(crm.pipeline_state) IS
	'Final function: the three figures.';

CREATE FUNCTION crm._pipeline_moving_weighted(internal)
	RETURNS numeric
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_moving_weighted';
COMMENT ON FUNCTION crm._pipeline_moving_weighted(internal) IS
	'Final function of a moving window: the weighted value.';

CREATE FUNCTION crm._pipeline_moving_summary(internal)
	RETURNS crm.pipeline_summary
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_pipeline_moving_summary';
COMMENT ON FUNCTION crm._pipeline_moving_summary(internal) IS
	'Final function of a moving window: the three figures.';
