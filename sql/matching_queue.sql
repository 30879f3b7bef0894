-- What the queue notes, and what a refresh makes of it, for tables of many kinds.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_queue', parts => 'matching') IS NULL AS failed;
SET search_path = regress_crm_queue;

-- each column that is read is noted, and no other
CREATE TABLE every (id bigint PRIMARY KEY, first_name text, middle_name text, last_name text, full_name text, email text, emails jsonb, additional_emails jsonb,
	phone_e164 text, phone text, phones jsonb, additional_phones jsonb, date_of_birth date, street text, city text, postal_code text, postcode text, state text, country text,
	company text, company_id bigint, job_title text, occupation text, gender text, note text, archived_at timestamptz);
INSERT INTO every (id) VALUES (1);
SELECT create_match_queue('every') IS NOT NULL AS made;
CREATE FUNCTION pg_temp.is_noted(name text, value text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE was_noted boolean;
BEGIN
	DELETE FROM regress_crm_queue.match_queue;
	EXECUTE format('UPDATE regress_crm_queue.every SET %I = %L', name, value);
	SELECT count(*) = 1 INTO was_noted FROM regress_crm_queue.match_queue WHERE key = '1';
	RETURN was_noted;
END $$;
SELECT attname, pg_temp.is_noted(attname, CASE atttypid WHEN 'text'::regtype THEN 'x' WHEN 'jsonb'::regtype THEN '["x"]' WHEN 'bigint'::regtype THEN '7' ELSE '2000-01-02' END) AS noted
	FROM pg_attribute WHERE attrelid = 'every'::regclass AND attnum > 1 ORDER BY attnum;

-- an index that calls other columns by the names that are read: a refresh reads by names, all at once or one by one
CREATE TABLE mapped (id bigint PRIMARY KEY, first_name text, last_name text, mail text, note text);
INSERT INTO mapped VALUES (1, 'Xavier', 'Quispe', 'xavier.quispe@example.com'), (2, 'Xavier', 'Quispe', 'xavier.quispe@example.com'),
	(3, 'Olga', 'Petrova', 'olga@example.com'), (4, 'Olga', 'Petrova', 'op@example.net');
CREATE INDEX ON mapped USING gin (crm.match_keys(first_name => first_name, last_name => last_name, email => mail) crm.match_keys_ops);
SELECT create_match_queue('mapped') IS NOT NULL AS made;
CALL refresh_duplicates('mapped', min_probability => 0);
CREATE TEMP TABLE by_all AS SELECT left_key, right_key, match_weight, evidence FROM duplicate_candidates WHERE relation = 'mapped'::regclass;
UPDATE mapped SET first_name = first_name || ' ';
CALL refresh_duplicates('mapped', min_probability => 0);
SELECT left_key, right_key, a = c AS same FROM by_all AS a FULL JOIN (SELECT left_key, right_key, match_weight, evidence FROM duplicate_candidates WHERE relation = 'mapped'::regclass) AS c USING (left_key, right_key) ORDER BY 1, 2;
SELECT is_full FROM match_refreshes WHERE relation = 'mapped'::regclass;
-- an index that lacks columns finds no less
CREATE TABLE narrow (id bigint PRIMARY KEY, first_name text, last_name text, email text, date_of_birth date);
INSERT INTO narrow VALUES (1, 'Xavier', 'Quispe', 'xavier.quispe@example.com', '1980-02-03'), (3, 'Olga', 'Petrova', 'olga@example.com', '1971-01-05');
CREATE INDEX ON narrow USING gin (crm.match_keys(email => email) crm.match_keys_ops);
SELECT create_match_queue('narrow') IS NOT NULL AS made;
CALL refresh_duplicates('narrow');
INSERT INTO narrow VALUES (2, 'Xavier', 'Quispe', NULL, '1980-02-03');
SET client_min_messages = notice;
CALL refresh_duplicates('narrow');
SET client_min_messages = warning;
SELECT left_key, right_key FROM duplicate_candidates WHERE relation = 'narrow'::regclass;
-- nothing by those names: no queue
CREATE TABLE renamed (id bigint PRIMARY KEY, vorname text, nachname text);
CREATE INDEX ON renamed USING gin (crm.match_keys(first_name => vorname, last_name => nachname) crm.match_keys_ops);
SELECT create_match_queue('renamed');
\echo :LAST_ERROR_SQLSTATE

-- two CRMs may note what is written to one table
CREATE TABLE shared (id bigint PRIMARY KEY, last_name text);
SELECT crm.create_tables('regress_crm_queue_2', parts => 'matching') IS NULL AS failed;
SELECT create_match_queue('shared') IS NOT NULL AS one, regress_crm_queue_2.create_match_queue('shared') IS NOT NULL AS two;
INSERT INTO shared VALUES (1, 'Quispe');
SELECT (SELECT count(*) FROM match_queue WHERE relation = 'shared'::regclass AND key = '1') AS one, (SELECT count(*) FROM regress_crm_queue_2.match_queue WHERE key = '1') AS two;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'shared'::regclass ORDER BY 1;
SELECT regress_crm_queue_2.drop_match_queue('shared') IS NOT NULL AS dropped;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'shared'::regclass ORDER BY 1;
DROP SCHEMA regress_crm_queue_2 CASCADE;

-- keys that are written in more than one way
CREATE TABLE padded (id char(6) PRIMARY KEY, first_name text, last_name text, email text);
SELECT create_match_queue('padded') IS NOT NULL AS made;
INSERT INTO padded VALUES ('a', 'Anna', 'Zimmermann', 'anna.z@example.com'), ('ab', 'Anna', 'Zimmermann', 'anna.z@example.com'), ('abcdef', 'Olga', 'Petrova', 'olga@example.com');
CALL refresh_duplicates('padded');
SELECT left_key, right_key FROM duplicate_candidates WHERE relation = 'padded'::regclass ORDER BY 1, 2;
DELETE FROM padded WHERE id = 'ab';
INSERT INTO padded VALUES ('abc', 'Olga', 'Petrova', 'olga@example.com');
SELECT key FROM match_queue WHERE relation = 'padded'::regclass ORDER BY id;
CALL refresh_duplicates('padded');
SELECT left_key, right_key FROM duplicate_candidates WHERE relation = 'padded'::regclass ORDER BY 1, 2;
-- those that another session's settings write otherwise are not kept; where nothing is kept they serve
CREATE DOMAIN moment AS timestamptz;
CREATE TABLE timed (id moment PRIMARY KEY, first_name text, last_name text, email text);
INSERT INTO timed VALUES ('2026-01-02 03:04:05+00', 'Anna', 'Zimmermann', 'anna.z@example.com'), ('2026-03-04 05:06:07+00', 'Anna', 'Zimmermann', 'anna.z@example.com');
SELECT create_match_queue('timed');
\echo :LAST_ERROR_SQLSTATE
CALL refresh_duplicates('timed');
SELECT mark_same('timed', '2026-01-02 03:04:05+00', '2026-03-04 05:06:07+00');
SELECT mark_different('timed', '2026-01-02 03:04:05+00', '2026-03-04 05:06:07+00');
SELECT forget_decision('timed', '2026-01-02 03:04:05+00', '2026-03-04 05:06:07+00');
SELECT count(*) FROM find_duplicates('timed');
SELECT count(*) FROM duplicate_candidates WHERE relation = 'timed'::regclass;
DO $$
DECLARE kind text;
BEGIN
	FOREACH kind IN ARRAY '{date,timestamp,interval,real,double precision,bytea,money,regclass,regcollation,int[],int4range,int4multirange,timestamptz}'::text[] LOOP
		EXECUTE format('CREATE TABLE kind (id %s PRIMARY KEY, last_name text)', kind);
		BEGIN
			PERFORM create_match_queue('kind');
			RAISE WARNING '% is a key', kind;
		EXCEPTION WHEN datatype_mismatch THEN
		END;
		DROP TABLE kind;
	END LOOP;
	FOREACH kind IN ARRAY '{int,numeric,uuid,text,varchar(5),time,boolean,inet,oid,name}'::text[] LOOP
		EXECUTE format('CREATE TABLE kind (id %s PRIMARY KEY, last_name text)', kind);
		PERFORM create_match_queue('kind');
		DROP TABLE kind;
	END LOOP;
END $$;
-- nor does a type that a key has got later keep anybody from writing
CREATE TABLE later (id int PRIMARY KEY, last_name text);
SELECT create_match_queue('later') IS NOT NULL AS made;
ALTER TABLE later ALTER id TYPE double precision;
INSERT INTO later VALUES (0.5, 'Montoya');
CALL refresh_duplicates('later');
-- a view gives it another
CREATE VIEW timed_view AS SELECT to_char(id AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') AS id, first_name, last_name, email FROM timed;
CALL refresh_duplicates('timed_view');
SELECT left_key, right_key FROM duplicate_candidates WHERE relation = 'timed_view'::regclass;

-- columns that stand in no row: PostgreSQL 18 has them
DO $$
BEGIN
	IF current_setting('server_version_num')::integer < 180000 THEN
		RETURN;
	END IF;
	EXECUTE $sql$ CREATE TABLE computed (id bigint PRIMARY KEY, a text, b text, email text, full_name text GENERATED ALWAYS AS (a || ' ' || b) VIRTUAL) $sql$;
	ASSERT crm.create_match_index('computed') NOT LIKE '%full_name%', 'the index leaves it out';
	PERFORM crm.create_duplicate_guard('computed'), create_match_queue('computed');
	EXECUTE $sql$ INSERT INTO computed VALUES (1, 'Anna', 'Zimmermann', 'anna.z@example.com') $sql$;
	DELETE FROM match_queue;
	EXECUTE $sql$ UPDATE computed SET a = 'Olga' $sql$;
	ASSERT (SELECT count(*) FROM match_queue) = 1, 'it is noted';
END $$;

-- what happens to partitions no trigger sees: the next run looks at all rows
CREATE TABLE parted (id bigint PRIMARY KEY, last_name text, email text) PARTITION BY RANGE (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id);
CREATE TABLE parted_21 PARTITION OF parted_2 FOR VALUES FROM (10) TO (20);
CREATE TABLE parted_3 (id bigint PRIMARY KEY, last_name text, email text);
INSERT INTO parted VALUES (1, 'Montoya', 'carla@example.com'), (11, 'Montoya', 'carla@example.com');
INSERT INTO parted_3 VALUES (21, 'Montoya', 'carla@example.com');
SELECT crm.create_match_index('parted') IS NOT NULL AS indexed, create_match_queue('parted') IS NOT NULL AS noted;
CREATE FUNCTION pg_temp.parted() RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(left_key || '=' || right_key, ' ' ORDER BY left_key, right_key) FROM regress_crm_queue.duplicate_candidates WHERE relation = 'regress_crm_queue.parted'::regclass $$;
SET client_min_messages = notice;
CALL refresh_duplicates('parted');
INSERT INTO parted VALUES (2, 'Montoya', 'carla@example.com');
CALL refresh_duplicates('parted');
SELECT pg_temp.parted();
TRUNCATE parted_21;
CALL refresh_duplicates('parted');
SELECT pg_temp.parted();
ALTER TABLE parted ATTACH PARTITION parted_3 FOR VALUES FROM (20) TO (30);
CALL refresh_duplicates('parted');
SELECT pg_temp.parted();
ALTER TABLE parted DETACH PARTITION parted_1;
CALL refresh_duplicates('parted');
SELECT pg_temp.parted();
CALL refresh_duplicates('parted');
-- a partition may have a queue of its own, with its parent's or without
CREATE TABLE tree (id bigint PRIMARY KEY, last_name text, email text) PARTITION BY RANGE (id);
CREATE TABLE branch PARTITION OF tree FOR VALUES FROM (0) TO (100) PARTITION BY RANGE (id);
CREATE TABLE leaf PARTITION OF branch FOR VALUES FROM (0) TO (100);
CREATE TABLE grafted (id bigint PRIMARY KEY, last_name text, email text);
INSERT INTO leaf VALUES (1, 'Montoya', 'carla@example.com'), (2, 'Petrova', 'olga@example.com'), (3, 'Quispe', 'xavier@example.com');
SELECT create_match_queue('leaf') IS NOT NULL AS noted;
CALL refresh_duplicates('leaf');
DELETE FROM match_queue;
INSERT INTO tree VALUES (4, 'Montoya', 'carla@example.com');
SELECT relation, key FROM match_queue ORDER BY relation::text, key;
CALL refresh_duplicates('leaf');
SELECT relation, left_key, right_key FROM duplicate_candidates WHERE relation = 'leaf'::regclass;
SELECT create_match_queue('branch') IS NOT NULL AS noted;
SELECT create_match_queue('grafted') IS NOT NULL AS noted;
ALTER TABLE tree ATTACH PARTITION grafted FOR VALUES FROM (100) TO (200);
DELETE FROM match_queue;
INSERT INTO tree VALUES (5, 'Petrova', 'olga@example.com'), (101, 'Petrova', 'olga@example.com');
SELECT relation, key FROM match_queue ORDER BY relation::text, key;
SELECT drop_match_queue('leaf') IS NOT NULL AS dropped;
UPDATE tree SET last_name = last_name || ' ' WHERE id = 5;
SELECT relation, key FROM match_queue ORDER BY relation::text, key;
-- that of the parent is not the partition's
CALL refresh_duplicates('leaf');
SELECT drop_match_queue('leaf') IS NOT NULL AS nothing, drop_match_queue('branch') IS NOT NULL AS dropped;
DELETE FROM match_queue;
INSERT INTO tree VALUES (6, 'Montoya', 'carla@example.com');
SELECT relation, key FROM match_queue;
DROP TABLE tree;
-- nor does one see that a column has another name or type: keys that wait may not even be of the type any more
CREATE TABLE reshaped (id text PRIMARY KEY, first_name text, last_name text, mail text, note text);
INSERT INTO reshaped VALUES (1, NULL, NULL, 'carla@example.com'), (2, NULL, NULL, 'carla@example.com'), (3, 'Olga', 'Petrova', 'olga@example.com');
SELECT create_match_queue('reshaped') IS NOT NULL AS noted;
CALL refresh_duplicates('reshaped');
CALL refresh_duplicates('reshaped');
ALTER TABLE reshaped RENAME note TO remark;
CALL refresh_duplicates('reshaped');
ALTER TABLE reshaped RENAME mail TO email;
CALL refresh_duplicates('reshaped');
SELECT left_key, right_key FROM duplicate_candidates WHERE relation = 'reshaped'::regclass;
INSERT INTO reshaped VALUES ('abc');
DELETE FROM reshaped WHERE id = 'abc';
ALTER TABLE reshaped ALTER id TYPE bigint USING id::bigint;
CALL refresh_duplicates('reshaped');
CALL refresh_duplicates('reshaped');
ALTER TABLE reshaped DROP email;
ALTER TABLE reshaped ADD email text DEFAULT 'olga@example.com';
CALL refresh_duplicates('reshaped');
-- a table that loses its key is written as before; the refresh says what it misses
CREATE TABLE keyless (id bigint PRIMARY KEY, last_name text, email text, note text);
INSERT INTO keyless VALUES (1, 'Montoya', 'carla@example.com'), (2, 'Petrova', 'olga@example.com');
SELECT create_match_queue('keyless') IS NOT NULL AS noted;
CALL refresh_duplicates('keyless');
ALTER TABLE keyless DROP id;
INSERT INTO keyless VALUES ('Montoya', 'carla@example.com'), ('Petrova', 'olga@example.com');
UPDATE keyless SET note = 'x';
UPDATE keyless SET last_name = last_name || ' ';
DELETE FROM keyless WHERE ctid = (SELECT max(ctid) FROM keyless);
SELECT key, count(*) FROM match_queue WHERE relation = 'keyless'::regclass GROUP BY 1;
CALL refresh_duplicates('keyless');
\echo :LAST_ERROR_SQLSTATE
ALTER TABLE keyless ADD id bigint GENERATED ALWAYS AS IDENTITY;
CALL refresh_duplicates('keyless');
-- nor does a child table have its parent's triggers
CREATE TABLE parent (id bigint PRIMARY KEY, last_name text, email text);
SELECT create_match_queue('parent') IS NOT NULL AS noted;
INSERT INTO parent VALUES (1, 'Montoya', 'carla@example.com');
CALL refresh_duplicates('parent');
CREATE TABLE child () INHERITS (parent);
INSERT INTO child VALUES (2, 'Montoya', 'carla@example.com');
CALL refresh_duplicates('parent');
SET client_min_messages = warning;

-- archived rows are left out, of every relation and by every way, without reading all of them each time
CREATE TABLE archived (id bigint PRIMARY KEY, last_name text, email text, archived_at timestamptz);
INSERT INTO archived VALUES (1, 'Montoya', 'carla@example.com', NULL), (2, 'Montoya', 'carla@example.com', NULL), (3, 'Montoya', 'carla@example.com', now());
SELECT create_match_queue('archived') IS NOT NULL AS noted;
CALL refresh_duplicates('archived');
UPDATE archived SET email = email || ' ';
CALL refresh_duplicates('archived');
SELECT left_key, right_key FROM duplicate_candidates WHERE relation = 'archived'::regclass;
SELECT is_full FROM match_refreshes WHERE relation = 'archived'::regclass;
SELECT crm.create_tables('regress_crm_archive') IS NULL AS failed;
INSERT INTO regress_crm_archive.contacts (first_name, last_name, email, archived_at) SELECT 'Carla', 'Montoya', 'carla+' || n || '@example.com', CASE WHEN n = 3 THEN now() END FROM generate_series(1, 3) AS n;
INSERT INTO regress_crm_archive.contacts (email, archived_at) SELECT md5(n::text) || '@example.com', now() FROM generate_series(1, 200) AS n;
BEGIN;
SET LOCAL enable_seqscan = off;
SELECT seq_tup_read + idx_tup_fetch AS read_before FROM pg_stat_xact_user_tables WHERE relid = 'regress_crm_archive.contacts'::regclass \gset
SELECT contact_id FROM regress_crm_archive.match_contact(first_name => 'Carla', last_name => 'Montoya', email => 'carla@example.com') ORDER BY 1;
SELECT contact_id FROM regress_crm_archive.duplicates_of(1);
SELECT seq_tup_read + idx_tup_fetch - :read_before < 50 AS few_read FROM pg_stat_xact_user_tables WHERE relid = 'regress_crm_archive.contacts'::regclass;
COMMIT;
SELECT left_id, right_id FROM regress_crm_archive.find_duplicates();
SELECT contact_id FROM regress_crm_archive.duplicate_groups() ORDER BY 1;
DROP SCHEMA regress_crm_archive CASCADE;

-- match indexes of an application's tables, which may stand in any schema, are checked with the part that looks for their duplicates
CREATE SCHEMA regress_crm_elsewhere;
CREATE TABLE regress_crm_elsewhere.one (id bigint PRIMARY KEY, last_name text);
CREATE TABLE regress_crm_elsewhere.two (id bigint PRIMARY KEY, nachname text);
CREATE TABLE regress_crm_elsewhere.three (id bigint PRIMARY KEY, last_name text);
CREATE VIEW regress_crm_elsewhere.people AS SELECT id, nachname AS last_name FROM regress_crm_elsewhere.two;
SELECT count(crm.create_match_index(r)) FROM unnest('{regress_crm_elsewhere.one,regress_crm_elsewhere.people,regress_crm_elsewhere.three}'::regclass[]) AS r;
INSERT INTO match_queue (relation) VALUES ('regress_crm_elsewhere.one'), ('regress_crm_elsewhere.people');
UPDATE settings SET data_versions = data_versions || '{"name_fold": "of old"}';
SELECT object, remedy FROM crm.check_tables('regress_crm_queue') WHERE object LIKE '%elsewhere%';
UPDATE settings SET data_versions = DEFAULT;
DROP SCHEMA regress_crm_elsewhere CASCADE;

SET client_min_messages = warning;
DROP SCHEMA regress_crm_queue CASCADE;
