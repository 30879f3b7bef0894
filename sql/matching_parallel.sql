-- Pairs that are scored by several processes are those that one would find, and the
-- order of the rows has no part in it.
CREATE SCHEMA regress_crm_parallel_matching;
SET search_path = regress_crm_parallel_matching;
CREATE TABLE people (id bigint PRIMARY KEY, first_name text, last_name text, email text, city text, date_of_birth date);
INSERT INTO people
SELECT g, initcap(translate(substr(md5('f' || p % 700), 1, 6), '0123456789', 'aeiouaeiou')),
	initcap(translate(substr(md5('l' || p % 4001), 1, 7), '0123456789', 'aeiouaeiou')) || CASE WHEN g % 40 = 0 THEN 's' ELSE '' END,
	CASE WHEN g % 3 > 0 THEN substr(md5('m' || p), 1, 12) || '@example.com' END,
	'City ' || p % 97, DATE '1950-01-01' + p % 15000
FROM (SELECT g, CASE WHEN g % 10 = 0 THEN g - 1 ELSE g END * 7919 % 1000003 AS p FROM generate_series(1, 20000) AS g) AS s;
ANALYZE people;
CREATE TABLE shuffled AS SELECT * FROM people ORDER BY md5(id::text);

SET max_parallel_workers_per_gather = 0;
CREATE TABLE alone AS SELECT * FROM crm.find_duplicates('people');
CREATE TABLE groups_alone AS SELECT * FROM crm.duplicate_groups('people');
SELECT count(*) FILTER (WHERE right_id = left_id + 1 AND right_id % 10 = 0) AS planted FROM alone;
-- in parallel: workers write what they find to temporary files
SET max_parallel_workers_per_gather = 2;
SELECT pg_stat_force_next_flush();
SELECT temp_files AS files_before FROM pg_stat_database WHERE datname = current_database() \gset
CREATE TABLE together AS SELECT * FROM crm.find_duplicates('people');
SELECT pg_stat_force_next_flush();
SELECT temp_files > :files_before AS by_workers FROM pg_stat_database WHERE datname = current_database();
SELECT count(*) FROM (TABLE alone EXCEPT TABLE together) AS d;
SELECT count(*) FROM (TABLE together EXCEPT TABLE alone) AS d;
SELECT count(*) FROM (SELECT * FROM crm.find_duplicates('shuffled') EXCEPT TABLE alone) AS d;
SELECT count(*) FROM (TABLE groups_alone EXCEPT SELECT * FROM crm.duplicate_groups('shuffled')) AS d;
SELECT count(*) FROM (SELECT * FROM crm.duplicate_groups('people') EXCEPT TABLE groups_alone) AS d;
-- a score does not depend on which of two is asked about first
SELECT count(*) FROM (SELECT left_id, right_id FROM alone LIMIT 20) AS p
WHERE (SELECT sum(weight) FROM crm.explain_match('people', p.left_id, p.right_id))
	IS DISTINCT FROM (SELECT sum(weight) FROM crm.explain_match('people', p.right_id, p.left_id));
-- cancelled in the middle, and then again
SET statement_timeout = '40ms';
SELECT count(*) FROM crm.duplicate_groups('people');
RESET statement_timeout;
SELECT count(*) = (SELECT count(*) FROM groups_alone) AS same FROM crm.duplicate_groups('people');
-- inside a statement that is parallel itself, and in a transaction that only reads
BEGIN READ ONLY;
SELECT count(*) = (SELECT count(*) FROM alone) AS same FROM crm.find_duplicates('people');
COMMIT;
DROP SCHEMA regress_crm_parallel_matching CASCADE;
