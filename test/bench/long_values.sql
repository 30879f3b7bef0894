-- Values with 20 decimals are added with the server's own arithmetic.
--! title: Half a million values with 20 decimals (no fast path)
--! clock: cpu
--: sum | sum(value)
SELECT sum(value) FROM long_values;
--: hand | by hand: three figures, WHERE open
SELECT count(*), sum(value), sum(value * probability / 100.0)
FROM long_values WHERE stage NOT IN ('won', 'lost');
--: pipeline | (crm.pipeline(value, stage, probability)).* | hand
SELECT (crm.pipeline(value, stage, probability)).* FROM long_values;
