-- How well crm.name_keys finds spellings of one name, beside soundex and
-- dmetaphone of fuzzystrmatch on the same folded words.
--
--   psql -d DATABASE -v people=TABLE -f test/accuracy/name_keys.sql
--
-- in a database with crm and fuzzystrmatch.  The relation has the columns cluster
-- (rows of one person have the same), first_name and last_name.  Prints for first
-- and last names
--   pairs      pairs of rows of one person whose folded names differ
--   found      percent of these that share a key
--   by_chance  percent of pairs of different persons, with different names, that
--              share one (of a million pairs picked at random)
--   keys       of a name, on average
-- and judges nothing: most differences are slips of the keyboard, which no
-- phonetic key is for.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SELECT setseed(0.5) \g /dev/null

CREATE TEMP TABLE person AS
SELECT row_number() OVER (ORDER BY cluster::text, first_name, last_name) AS number, cluster::text,
	ARRAY[crm.fold_name(first_name), crm.fold_name(last_name)] AS names
FROM :people;
CREATE UNIQUE INDEX ON person (number);
CREATE INDEX ON person (cluster);
ANALYZE person;

CREATE TEMP TABLE pair AS
SELECT field, true AS is_match, a.names[field] AS a, b.names[field] AS b
FROM person AS a JOIN person AS b ON a.cluster = b.cluster AND a.number < b.number, generate_series(1, 2) AS field;

INSERT INTO pair
SELECT field, false, a.names[field], b.names[field]
FROM (SELECT 1 + floor(random() * n)::bigint AS a, 1 + floor(random() * n)::bigint AS b
		FROM (SELECT count(*) AS n FROM person) AS all_of_them, generate_series(1, 1000000)) AS picked
	JOIN person AS a ON a.number = picked.a JOIN person AS b ON b.number = picked.b, generate_series(1, 2) AS field
WHERE a.cluster <> b.cluster;

DELETE FROM pair WHERE a IS NULL OR b IS NULL OR a = '' OR b = '' OR a = b;

CREATE TEMP TABLE key (method text, name text, keys text[]);
INSERT INTO key
SELECT method, name, coalesce(keys, '{}')
FROM (SELECT a FROM pair UNION SELECT b FROM pair) AS used (name),
	LATERAL (VALUES
		('1 name_keys', crm.name_keys(name)),
		('2 dmetaphone', (SELECT array_agg(DISTINCT k) FROM string_to_table(name, ' ') AS word,
			LATERAL (VALUES (dmetaphone(word)), (dmetaphone_alt(word))) AS of_word (k) WHERE k <> '')),
		('3 soundex', (SELECT array_agg(DISTINCT soundex(word)) FROM string_to_table(name, ' ') AS word WHERE soundex(word) <> ''))
	) AS made (method, keys);
CREATE INDEX ON key (method, name);
ANALYZE pair, key;

SELECT CASE field WHEN 1 THEN 'first names' ELSE 'last names' END AS field, substr(a.method, 3) AS method,
	count(*) FILTER (WHERE is_match) AS pairs,
	round(100.0 * avg((a.keys && b.keys)::integer) FILTER (WHERE is_match), 1) AS found,
	round(100.0 * avg((a.keys && b.keys)::integer) FILTER (WHERE NOT is_match), 3) AS by_chance,
	round(avg(cardinality(a.keys)) FILTER (WHERE NOT is_match), 2) AS keys
FROM pair JOIN key AS a ON a.name = pair.a JOIN key AS b ON b.name = pair.b AND b.method = a.method
GROUP BY field, a.method ORDER BY field, a.method;
