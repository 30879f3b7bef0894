-- Moving windows over a million deals.  OFFSET throws the rows away after they
-- have been computed, so that printing costs nothing.
--! title: Moving window, a million deals
--! clock: cpu
--: row_number | row_number()
SELECT row_number() OVER (ORDER BY id) FROM series OFFSET 1000000;
--: sum | sum(value), 100 rows
SELECT sum(value) OVER (ORDER BY id ROWS 99 PRECEDING) FROM series OFFSET 1000000;
--: hand | by hand: sum(value*probability*0.01), 100 rows
SELECT sum(value * probability * 0.01) OVER (ORDER BY id ROWS 99 PRECEDING) FROM series OFFSET 1000000;
--: weighted | crm.weighted_pipeline(value, stage, probability), 100 rows | hand
SELECT crm.weighted_pipeline(value, stage, probability) OVER (ORDER BY id ROWS 99 PRECEDING)
FROM series OFFSET 1000000;
--: weighted_sum | crm.weighted_sum(value, probability), 100 rows | hand
SELECT crm.weighted_sum(value, probability) OVER (ORDER BY id ROWS 99 PRECEDING)
FROM series OFFSET 1000000;
--: sum_long | sum(value), 10,000 rows | | sum_long
SELECT sum(value) OVER (ORDER BY id ROWS 9999 PRECEDING) FROM series OFFSET 1000000;
--: hand_long | by hand: sum(value*probability*0.01), 10,000 rows | | sum_long
SELECT sum(value * probability * 0.01) OVER (ORDER BY id ROWS 9999 PRECEDING) FROM series OFFSET 1000000;
--: weighted_long | crm.weighted_pipeline(value, stage, probability), 10,000 rows | hand_long | sum_long
SELECT crm.weighted_pipeline(value, stage, probability) OVER (ORDER BY id ROWS 9999 PRECEDING)
FROM series OFFSET 1000000;
--: hand_three | by hand: three figures, 100 rows
SELECT count(*) OVER w, sum(value) OVER w, sum(value * probability * 0.01) OVER w
FROM series WINDOW w AS (ORDER BY id ROWS 99 PRECEDING) OFFSET 1000000;
--: three | crm.pipeline(value, stage, probability), 100 rows | hand_three
SELECT crm.pipeline(value, stage, probability) OVER (ORDER BY id ROWS 99 PRECEDING)
FROM series OFFSET 1000000;
