-- Other types of stage and probability, on a million rows.
--! title: Stage and probability of other types, a million deals
--! clock: cpu
--: sum | sum(value)
SELECT sum(value) FROM typed;
--: int | crm.weighted_pipeline: enum, integer
SELECT crm.weighted_pipeline(value, stage, probability) FROM typed;
--: hand_text | by hand: text stage, integer
SELECT sum(value * probability / 100.0) FROM typed WHERE stage_text NOT IN ('won', 'lost');
--: text | crm.weighted_pipeline: text, integer | hand_text
SELECT crm.weighted_pipeline(value, stage_text, probability) FROM typed;
--: hand_bigint | by hand: enum, bigint
SELECT sum(value * p_bigint / 100.0) FROM typed WHERE stage NOT IN ('won', 'lost');
--: bigint | crm.weighted_pipeline: enum, bigint | hand_bigint
SELECT crm.weighted_pipeline(value, stage, p_bigint) FROM typed;
--: hand_numeric | by hand: enum, numeric
SELECT sum(value * p_numeric / 100.0) FROM typed WHERE stage NOT IN ('won', 'lost');
--: numeric | crm.weighted_pipeline: enum, numeric | hand_numeric
SELECT crm.weighted_pipeline(value, stage, p_numeric) FROM typed;
--: halves | crm.weighted_pipeline: enum, numeric, a third with halves | hand_numeric
SELECT crm.weighted_pipeline(value, stage, p_halves) FROM typed;
--: hand_float | by hand: enum, double precision cast to numeric
SELECT sum(value * p_float::numeric / 100.0) FROM typed WHERE stage NOT IN ('won', 'lost');
--: float | crm.weighted_pipeline: enum, double precision | hand_float
SELECT crm.weighted_pipeline(value, stage, p_float) FROM typed;
