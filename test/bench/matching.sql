-- A million contacts.  All duplicates among them: reading, learning, comparing,
-- grouping, with a worker, beside joins on equal values, which find what has no slip.
-- Then one contact against all: making the index, looking for a contact through it,
-- and what it and the guard add to a row.  Names follow Zipf's law over 2,000 given
-- names and 30,000 surnames; every eighth contact is another one again, with a slip.
--! data: none

SET client_min_messages = warning;
SET synchronous_commit = off;
SELECT setseed(0.5) \g /dev/null

CREATE FUNCTION word(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT string_agg(substr('bdfgklmnprstvz', (1 + (n >> (3 * i)) % 14)::integer, 1) || substr('aeiou', (1 + (n >> (3 * i + 1)) % 5)::integer, 1), '') FROM generate_series(0, (2 + n % 3)::integer) AS i
$$;
CREATE TABLE given_names AS SELECT n, initcap(word(n * 7919)) AS name FROM generate_series(1, 2000) AS n;
CREATE TABLE surnames AS SELECT n, initcap(word(n * 104729::bigint)) AS name FROM generate_series(1, 30000) AS n;
CREATE TABLE streets AS SELECT n, initcap(word(n * 15485863::bigint % 1000000007)) || ' St' AS name FROM generate_series(1, 20000) AS n;
CREATE INDEX ON given_names (n);
CREATE INDEX ON surnames (n);
CREATE INDEX ON streets (n);
CREATE TABLE contacts (id bigint, first_name text, last_name text, email text, phone text, date_of_birth date, street text, city text, postal_code text, company text);
INSERT INTO contacts
SELECT p.id, g.name, s.name, CASE WHEN random() < 0.8 THEN lower(g.name || '.' || s.name) || (random() * 1000)::integer || '@example' || (random() * 50)::integer || '.com' END,
	CASE WHEN random() < 0.65 THEN '+1' || 2000000000 + (random() * 7999999999)::bigint END,
	CASE WHEN random() < 0.33 THEN date '1940-01-01' + (random() * 25000)::integer END,
	CASE WHEN c.city > 0 THEN 1 + (random() * 200)::integer || ' ' || t.name END, CASE WHEN c.city > 0 THEN 'City ' || word(c.city * 7919) END,
	CASE WHEN c.city > 0 THEN (10000 + c.city * 10 + (random() * 9)::integer)::text END,
	CASE WHEN random() < 0.33 THEN initcap(word((random() * 50000)::bigint * 7919)) || ' Ltd' END
FROM (SELECT n AS id, (2000 ^ random())::integer AS g, (30000 ^ random())::integer AS s, 1 + (random() * 19999)::integer AS t, (random() * 3000)::bigint - (random() * 3000)::bigint AS city FROM generate_series(1, 1000000) AS n) AS p
	JOIN given_names AS g ON g.n = p.g JOIN surnames AS s ON s.n = p.s JOIN streets AS t ON t.n = p.t CROSS JOIN LATERAL (SELECT p.city) AS c;
UPDATE contacts AS c SET first_name = d.first_name, last_name = overlay(d.last_name PLACING 'e' FROM 3 FOR 1), phone = d.phone, date_of_birth = d.date_of_birth
FROM contacts AS d WHERE c.id % 8 = 0 AND d.id = c.id - 1;
ALTER TABLE contacts ADD PRIMARY KEY (id);
VACUUM (FREEZE, ANALYZE) contacts;
CREATE TABLE figures (place serial, what text, figure numeric, unit text, target text);
CREATE TABLE more AS SELECT id + 2000000 AS id, first_name, last_name, email, phone, date_of_birth, street, city, postal_code, company FROM contacts WHERE id % 10 = 1;

-- milliseconds that a statement takes
CREATE PROCEDURE measure(what text, statement text, per numeric, unit text, target text) LANGUAGE plpgsql AS $$
DECLARE
	started timestamptz := clock_timestamp();
BEGIN
	EXECUTE statement;
	INSERT INTO figures (what, figure, unit, target) VALUES (what, extract(epoch FROM clock_timestamp() - started) * 1000 / per, unit, target);
END $$;

-- all against all; the processor's second core, if there is one, helps
SET max_parallel_workers_per_gather = 1;
CREATE TABLE tenth AS SELECT * FROM contacts WHERE id <= 100000;
ALTER TABLE tenth ADD PRIMARY KEY (id);
VACUUM (FREEZE, ANALYZE) tenth;
CREATE TEMP TABLE found (what text, pairs bigint);
CREATE FUNCTION peak() RETURNS numeric LANGUAGE sql AS $$ SELECT (regexp_match(pg_read_file('/proc/self/status'), 'VmHWM:\s+(\d+)'))[1]::numeric / 1024 $$;
CALL measure('100,000 contacts: groups of duplicates', $$ SELECT count(*) FROM crm.duplicate_groups('tenth') $$, 1000, 's', '1');
CALL measure('a million: groups of duplicates', $$ SELECT count(*) FROM crm.duplicate_groups('contacts') $$, 1000, 's', '10');
INSERT INTO figures (what, figure, unit, target) VALUES ('memory of the backend at its peak', peak(), 'MB', '1024');
CALL measure('a model alone, one process', $$ SELECT crm.train_matching('contacts') $$, 1000, 's', NULL);
SET max_parallel_workers_per_gather = 0;
CALL measure('pairs, one process', $$ INSERT INTO found SELECT 'pairs', count(*) FROM crm.find_duplicates('contacts') $$, 1000, 's', NULL);
CALL measure('joins on equal e-mail, phone, name and birth', $$ INSERT INTO found SELECT 'joins', count(*) FROM (
	SELECT a.id AS l, b.id AS r FROM contacts AS a JOIN contacts AS b ON lower(b.email) = lower(a.email) AND b.id > a.id
	UNION SELECT a.id, b.id FROM contacts AS a JOIN contacts AS b ON b.phone = a.phone AND b.id > a.id
	UNION SELECT a.id, b.id FROM contacts AS a JOIN contacts AS b ON b.first_name = a.first_name AND b.last_name = a.last_name AND b.date_of_birth = a.date_of_birth AND b.id > a.id) AS equal $$, 1000, 's', NULL);
INSERT INTO figures (what, figure, unit) SELECT 'pairs found / pairs the joins find', (SELECT pairs FROM found WHERE what = 'pairs')::numeric / nullif((SELECT pairs FROM found WHERE what = 'joins'), 0), '';
CREATE TEMP TABLE compared AS SELECT pairs FROM crm.matching_report('contacts') WHERE item = 'pairs compared';
INSERT INTO figures (what, figure, unit) SELECT 'pairs compared', pairs / 1e6, 'million' FROM compared;
INSERT INTO figures (what, figure, unit, target)
SELECT 'so compared, one process', pairs / 1000 / greatest((SELECT figure FROM figures WHERE what = 'pairs, one process') - (SELECT figure FROM figures WHERE what = 'a model alone, one process'), 0.001) / 1000, 'million/s', '2.2 (35 million by two in 8 s)' FROM compared;

CALL measure('rows inserted without the index', 'INSERT INTO contacts SELECT * FROM more', 100, 'us per row', NULL);
DELETE FROM contacts WHERE id > 1000000;
VACUUM contacts;
CALL measure('the index is made for a million', $$ SELECT crm.create_match_index('contacts') $$, 1000, 's', '30');
INSERT INTO figures (what, figure, unit) SELECT 'its size', pg_relation_size(indexrelid) / 1048576.0, 'MB' FROM pg_index WHERE indrelid = 'contacts'::regclass AND NOT indisprimary;
VACUUM ANALYZE contacts;

CREATE PROCEDURE look(rounds integer) LANGUAGE plpgsql AS $$
DECLARE
	c contacts;
	started timestamptz;
	found bigint;
BEGIN
	DELETE FROM looks;
	FOR c IN SELECT * FROM contacts WHERE id % 997 = 0 LIMIT rounds LOOP
		started := clock_timestamp();
		SELECT count(*) INTO found FROM crm.match_contact('contacts', first_name => c.first_name, last_name => c.last_name, email => c.email, phone => c.phone,
			date_of_birth => c.date_of_birth, street => c.street, city => c.city, postal_code => c.postal_code, company => c.company);
		INSERT INTO looks VALUES (extract(epoch FROM clock_timestamp() - started) * 1000, found);
	END LOOP;
END $$;
CREATE TEMP TABLE looks (ms numeric, found bigint);
CALL look(1000);
CALL look(1000);
INSERT INTO figures (what, figure, unit, target)
SELECT 'one contact looked for, ' || name, percentile_disc(share) WITHIN GROUP (ORDER BY ms), 'ms', CASE share WHEN 0.95 THEN '5' END FROM looks, (VALUES ('median', 0.5), ('95 of 100', 0.95), ('99 of 100', 0.99)) AS p (name, share) GROUP BY name, share ORDER BY share;
INSERT INTO figures (what, figure, unit) SELECT 'contacts found for each', avg(found), '' FROM looks;

CALL measure('rows inserted with the index', 'INSERT INTO contacts SELECT * FROM more', 100, 'us per row', NULL);
INSERT INTO figures (what, figure, unit, target) SELECT 'so the index adds', a.figure - b.figure, 'us per row', '60' FROM figures AS a, figures AS b WHERE a.what = 'rows inserted with the index' AND b.what = 'rows inserted without the index';
DELETE FROM contacts WHERE id > 1000000;
VACUUM contacts;
SELECT crm.create_duplicate_guard('contacts', 'reject', 0.999999999999999) \g /dev/null
CALL measure('100,000 rows inserted with a guard', 'INSERT INTO contacts SELECT * FROM more', 1000, 's', NULL);

\echo
\echo 'a million contacts: all duplicates, and one contact against them'
SELECT format('  %-44s %8s %-12s %s', what, round(figure, 2), unit, 'target ' || target) FROM figures ORDER BY place;
