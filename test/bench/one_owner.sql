-- One owner's figures from the covering partial index; 200 owners in a row, so
-- that the time is long enough to be measured.
--! title: One owner through the index, 200 times
--! clock: cpu
--: sum | sum(value), WHERE open
SELECT sum(figure) FROM generate_series(1, 200) AS owner, LATERAL (
	SELECT sum(value) AS figure
	FROM deals WHERE owner_id = owner AND stage NOT IN ('won', 'lost')) AS one;
--: hand | by hand: three figures, WHERE open
SELECT sum(deals), sum(total), sum(figure) FROM generate_series(1, 200) AS owner, LATERAL (
	SELECT count(*) AS deals, sum(value) AS total, sum(value * probability / 100.0) AS figure
	FROM deals WHERE owner_id = owner AND stage NOT IN ('won', 'lost')) AS one;
--: pipeline | crm.pipeline(value, stage, probability), WHERE open | hand
SELECT sum((figures).total_deals), sum((figures).total_value), sum((figures).weighted_value)
FROM generate_series(1, 200) AS owner, LATERAL (
	SELECT crm.pipeline(value, stage, probability) AS figures
	FROM deals WHERE owner_id = owner AND stage NOT IN ('won', 'lost')) AS one;
--: hand_one | by hand: sum(value*probability/100.0), WHERE open
SELECT sum(figure) FROM generate_series(1, 200) AS owner, LATERAL (
	SELECT sum(value * probability / 100.0) AS figure
	FROM deals WHERE owner_id = owner AND stage NOT IN ('won', 'lost')) AS one;
--: weighted_sum | crm.weighted_sum(value, probability), WHERE open | hand_one
SELECT sum(figure) FROM generate_series(1, 200) AS owner, LATERAL (
	SELECT crm.weighted_sum(value, probability) AS figure
	FROM deals WHERE owner_id = owner AND stage NOT IN ('won', 'lost')) AS one;
--: hand_all | by hand: three figures of all owners, in the index's order | | -
SELECT owner_id, count(*), sum(value), sum(value * probability / 100.0)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY owner_id ORDER BY owner_id;
--: all | crm.pipeline(value, stage, probability) of all owners, likewise | hand_all | -
SELECT owner_id, crm.pipeline(value, stage, probability)
FROM deals WHERE stage NOT IN ('won', 'lost') GROUP BY owner_id ORDER BY owner_id;
