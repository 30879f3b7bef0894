-- What comparing two names costs within a query: what a line takes more than one
-- that only reads them.
--! title: A million pairs of names compared
--! clock: cpu
--! data: none
--! calls: 1000000
CREATE TEMP TABLE two_names AS
SELECT a, b, translate(a, 'aeou', 'äéöü') AS accented_a, translate(b, 'aeou', 'äéöü') AS accented_b
FROM generate_series(1, 1000000) AS i,
	(SELECT ARRAY['Anna', 'Maria', 'Jose', 'Jurgen', 'Siobhan', 'Alexander', 'William', 'Mohammed'] AS first_names,
		ARRAY['Ana', 'Mary', 'Jose', 'Juergen', 'Siobhan', 'Alexandre', 'Bill', 'Muhammad'] AS other_first_names,
		ARRAY['Mueller', 'Smith', 'O''Brien', 'Garcia', 'Ivanov', 'MacDonald', 'Schaefer', 'Lee'] AS last_names,
		ARRAY['Muller', 'Smythe', 'OBrien', 'Garcia', 'Iwanow', 'McDonald', 'Schafer', 'Li'] AS other_last_names) AS names,
	-- in no order that a processor could learn; a third of the pairs is alike
	LATERAL (SELECT hashint4(i) & 7 AS x, hashint4(i) >> 3 & 7 AS y, (hashint4(i) >> 6 & 3) % 3 AS apart, hashint4(i) >> 8 & 7 AS z) AS drawn,
	LATERAL (SELECT first_names[1 + x] || ' ' || last_names[1 + y] AS a,
		other_first_names[1 + (x + apart * z) % 8] || ' ' || other_last_names[1 + (y + apart * z) % 8] AS b) AS pair;
ANALYZE two_names;
--: sum | read only | | -
SELECT sum(1.0::double precision) FROM two_names WHERE b IS NOT NULL;
--: jaro_winkler | crm.jaro_winkler(a, b) | | sum | at most 150 ns
SELECT sum(crm.jaro_winkler(a, b)) FROM two_names;
--: distance | crm.edit_distance(a, b) | | sum
SELECT sum(crm.edit_distance(a, b)) FROM two_names;
--: bounded | crm.edit_distance(a, b, 2, true) | | sum
SELECT sum(crm.edit_distance(a, b, 2, true)) FROM two_names;
--: token | crm.token_similarity(a, b) | | sum
SELECT sum(crm.token_similarity(a, b)) FROM two_names;
--: accented_sum | accented: read only | | -
SELECT sum(1.0::double precision) FROM two_names WHERE accented_b IS NOT NULL;
--: accented_jaro_winkler | accented: crm.jaro_winkler(a, b) | | accented_sum | at most 150 ns
SELECT sum(crm.jaro_winkler(accented_a, accented_b)) FROM two_names;
--: accented_bounded | accented: crm.edit_distance(a, b, 2, true) | | accented_sum
SELECT sum(crm.edit_distance(accented_a, accented_b, 2, true)) FROM two_names;
--: accented_token | accented: crm.token_similarity(a, b) | | accented_sum
SELECT sum(crm.token_similarity(accented_a, accented_b)) FROM two_names;
