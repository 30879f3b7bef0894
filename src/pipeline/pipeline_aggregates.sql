-- The pipeline aggregates.  Stage is the enum or text, probability percent of
-- any number type; without it, or where it is NULL, the stage's default.
-- smallint and real resolve to double precision, the preferred number type.

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage crm.deal_stage) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, crm.deal_stage) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage crm.deal_stage, probability integer) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, crm.deal_stage, integer) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage crm.deal_stage, probability bigint) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, crm.deal_stage, bigint) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage crm.deal_stage, probability numeric) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, crm.deal_stage, numeric) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage crm.deal_stage, probability double precision) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, crm.deal_stage, double precision) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage text) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, text) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage text, probability integer) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, text, integer) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage text, probability bigint) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, text, bigint) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage text, probability numeric) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, text, numeric) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.weighted_pipeline(value numeric, stage text, probability double precision) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_pipeline(numeric, text, double precision) IS
	'Sum of value x probability / 100 over open deals, exact; zero for no rows.';

CREATE AGGREGATE crm.pipeline(value numeric, stage crm.deal_stage) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, crm.deal_stage) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage crm.deal_stage, probability integer) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, crm.deal_stage, integer) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage crm.deal_stage, probability bigint) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, crm.deal_stage, bigint) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage crm.deal_stage, probability numeric) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, crm.deal_stage, numeric) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage crm.deal_stage, probability double precision) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, crm.deal_stage, double precision) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage text) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, text) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage text, probability integer) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, text, integer) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage text, probability bigint) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, text, bigint) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage text, probability numeric) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, text, numeric) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline(value numeric, stage text, probability double precision) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_summary,
	PARALLEL = safe,
	MSFUNC = crm._pipeline_move,
	MINVFUNC = crm._pipeline_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_summary
);
COMMENT ON AGGREGATE crm.pipeline(numeric, text, double precision) IS
	'Open deals, their total value and their weighted value, as crm.pipeline_summary.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage crm.deal_stage) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, crm.deal_stage) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage crm.deal_stage, probability integer) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, crm.deal_stage, integer) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage crm.deal_stage, probability bigint) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, crm.deal_stage, bigint) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage crm.deal_stage, probability numeric) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, crm.deal_stage, numeric) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage crm.deal_stage, probability double precision) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, crm.deal_stage, double precision) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage text) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, text) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage text, probability integer) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, text, integer) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage text, probability bigint) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, text, bigint) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage text, probability numeric) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, text, numeric) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.pipeline_partial(value numeric, stage text, probability double precision) (
	SFUNC = crm._pipeline_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_partial(numeric, text, double precision) IS
	'The exact sums as crm.pipeline_state, to be stored or added up with crm.pipeline_merge.';

CREATE AGGREGATE crm.weighted_sum(value numeric, probability integer) (
	SFUNC = crm._weighted_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._weighted_move,
	MINVFUNC = crm._weighted_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_sum(numeric, integer) IS
	'Sum of value x probability / 100 over all rows, for queries that filter themselves; NULL adds 0.';

CREATE AGGREGATE crm.weighted_sum(value numeric, probability bigint) (
	SFUNC = crm._weighted_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._weighted_move,
	MINVFUNC = crm._weighted_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_sum(numeric, bigint) IS
	'Sum of value x probability / 100 over all rows, for queries that filter themselves; NULL adds 0.';

CREATE AGGREGATE crm.weighted_sum(value numeric, probability numeric) (
	SFUNC = crm._weighted_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._weighted_move,
	MINVFUNC = crm._weighted_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_sum(numeric, numeric) IS
	'Sum of value x probability / 100 over all rows, for queries that filter themselves; NULL adds 0.';

CREATE AGGREGATE crm.weighted_sum(value numeric, probability double precision) (
	SFUNC = crm._weighted_add,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_weighted,
	PARALLEL = safe,
	MSFUNC = crm._weighted_move,
	MINVFUNC = crm._weighted_remove,
	MSTYPE = internal,
	MSSPACE = 2048,
	MFINALFUNC = crm._pipeline_moving_weighted
);
COMMENT ON AGGREGATE crm.weighted_sum(numeric, double precision) IS
	'Sum of value x probability / 100 over all rows, for queries that filter themselves; NULL adds 0.';

CREATE AGGREGATE crm.pipeline_merge(state crm.pipeline_state) (
	SFUNC = crm._pipeline_combine,
	STYPE = crm.pipeline_state,
	SSPACE = 128,
	COMBINEFUNC = crm._pipeline_combine,
	FINALFUNC = crm._pipeline_final_state,
	PARALLEL = safe
);
COMMENT ON AGGREGATE crm.pipeline_merge(crm.pipeline_state) IS
	'Adds up pipeline states; read the result with crm.summary, crm.total_deals, crm.total_value or crm.weighted_value.';
