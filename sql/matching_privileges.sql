-- Who may find, decide and refresh; and what policies hide.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE ROLE regress_crm_owner;
CREATE ROLE regress_crm_app;
CREATE ROLE regress_crm_writer;
CREATE ROLE regress_crm_rep;
CREATE ROLE regress_crm_nobody;
CREATE SCHEMA regress_crm_acl AUTHORIZATION regress_crm_owner;
SET ROLE regress_crm_owner;
SELECT crm.create_tables('regress_crm_acl') IS NULL AS failed;
GRANT USAGE ON SCHEMA regress_crm_acl TO regress_crm_app, regress_crm_writer, regress_crm_rep;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA regress_crm_acl TO regress_crm_app;
REVOKE INSERT, UPDATE, DELETE ON regress_crm_acl.settings FROM regress_crm_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_crm_acl.contacts TO regress_crm_writer;
GRANT SELECT ON regress_crm_acl.settings TO regress_crm_writer;
GRANT SELECT ON ALL TABLES IN SCHEMA regress_crm_acl TO regress_crm_rep;
GRANT INSERT, UPDATE, DELETE ON regress_crm_acl.match_decisions TO regress_crm_rep;
INSERT INTO regress_crm_acl.users (id, name) VALUES (1, 'Ann'), (2, 'Ben');
INSERT INTO regress_crm_acl.contacts (id, first_name, last_name, email, phone, date_of_birth, city, owner_id)
	SELECT n, (ARRAY['Carla', 'Dmitri', 'Elena'])[(n + 1) / 2], (ARRAY['Montoya', 'Petrenko', 'Kowalczyk'])[(n + 1) / 2],
		(ARRAY['carla', 'dpetrenko', 'elena.k'])[(n + 1) / 2] || CASE WHEN n % 2 = 0 THEN '+b' ELSE '' END || '@example.com',
		(ARRAY['+5114279960', '+380442785071', '+48426303324'])[(n + 1) / 2], date '1961-01-07' + 2187 * ((n + 1) / 2), (ARRAY['Lima', 'Kyiv', 'Lodz'])[(n + 1) / 2], CASE WHEN n IN (1, 2, 3) THEN 1 ELSE 2 END
	FROM generate_series(1, 6) AS n;
SELECT regress_crm_acl.create_match_queue();
SET client_min_messages = notice;
CALL regress_crm_acl.refresh_duplicates();

-- the application, with the grants that the README gives
SET ROLE regress_crm_app;
SELECT left_id, right_id FROM regress_crm_acl.find_duplicates() ORDER BY 1;
SELECT regress_crm_acl.mark_different(1, 2);
SELECT left_id, right_id FROM regress_crm_acl.duplicate_review ORDER BY 1;
UPDATE regress_crm_acl.contacts SET city = 'Cusco' WHERE id = 1;
CALL regress_crm_acl.refresh_duplicates();
SELECT jsonb_typeof(regress_crm_acl.train_matching());
SELECT regress_crm_acl.forget_decision(1, 2);
-- what is the owner's: triggers
SELECT regress_crm_acl.drop_match_queue();
SELECT regress_crm_acl.create_match_queue();
SET ROLE regress_crm_owner;
CALL regress_crm_acl.refresh_duplicates();
-- who writes contacts, and knows nothing of matching, fills the queue
SET ROLE regress_crm_writer;
UPDATE regress_crm_acl.contacts SET city = 'Quito' WHERE id = 6;
INSERT INTO regress_crm_acl.match_queue (relation, key) VALUES ('regress_crm_acl.contacts', '1');
SELECT * FROM regress_crm_acl.find_duplicates();
SELECT regress_crm_acl.mark_same(1, 2);
SELECT * FROM regress_crm_acl.duplicate_review;
CALL regress_crm_acl.refresh_duplicates();
-- without any right nothing can be found out
SET ROLE regress_crm_nobody;
SELECT * FROM regress_crm_acl.find_duplicates();
SELECT * FROM crm._find_duplicates('regress_crm_acl.settings', 'regress_crm_acl.contacts', NULL);
SELECT crm._mark_match('regress_crm_acl.settings', 'regress_crm_acl.contacts', '1', '2', true, NULL);
SELECT crm._create_match_queue('regress_crm_acl.settings', 'regress_crm_acl.contacts');
CALL crm._refresh_duplicates('regress_crm_acl.settings', NULL, 10, NULL, false);
SET ROLE regress_crm_owner;
SELECT key FROM regress_crm_acl.match_queue;
CALL regress_crm_acl.refresh_duplicates();

-- policies: a representative sees, and decides about, his contacts alone
ALTER TABLE regress_crm_acl.contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_contacts ON regress_crm_acl.contacts TO regress_crm_rep USING (owner_id = 1);
CREATE POLICY all_contacts ON regress_crm_acl.contacts TO regress_crm_writer USING (true);
SELECT left_id, right_id FROM regress_crm_acl.duplicate_review ORDER BY 1;
SET ROLE regress_crm_rep;
SELECT left_id, right_id FROM regress_crm_acl.duplicate_review ORDER BY 1;
SELECT left_id, right_id FROM regress_crm_acl.find_duplicates() ORDER BY 1;
SELECT contact_id FROM regress_crm_acl.duplicates_of(3);
SELECT regress_crm_acl.mark_same(3, 4);
SELECT regress_crm_acl.mark_same(1, 2);
-- a refresh would take what he does not see for deleted: it is refused, whatever his rights
SET ROLE regress_crm_owner;
GRANT SELECT, INSERT, UPDATE, DELETE ON regress_crm_acl.matching_models, regress_crm_acl.duplicate_candidates, regress_crm_acl.match_queue, regress_crm_acl.match_refreshes TO regress_crm_rep;
UPDATE regress_crm_acl.contacts SET city = 'Lviv' WHERE id = 3;
SET ROLE regress_crm_rep;
CALL regress_crm_acl.refresh_duplicates();
\echo :LAST_ERROR_SQLSTATE
CALL regress_crm_acl.refresh_duplicates(everything => true);
SHOW row_security;
SET ROLE regress_crm_owner;
SELECT count(*) FROM regress_crm_acl.duplicate_candidates;
SELECT key FROM regress_crm_acl.match_queue;
CALL regress_crm_acl.refresh_duplicates();
-- a policy on the queue is no obstacle for who writes contacts
ALTER TABLE regress_crm_acl.match_queue ENABLE ROW LEVEL SECURITY;
SET ROLE regress_crm_writer;
UPDATE regress_crm_acl.contacts SET city = 'Sucre' WHERE id = 6;
SET ROLE regress_crm_owner;
SELECT key FROM regress_crm_acl.match_queue;

-- what the owner puts on the queue runs as he, with his search path
CREATE FUNCTION regress_crm_acl.tell() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN RAISE NOTICE 'as %, path %', current_user, current_setting('search_path'); RETURN NULL; END $$;
CREATE TRIGGER tell AFTER INSERT ON regress_crm_acl.match_queue FOR EACH ROW EXECUTE FUNCTION regress_crm_acl.tell();
SET ROLE regress_crm_writer;
UPDATE regress_crm_acl.contacts SET city = 'Potosi' WHERE id = 6;
SELECT current_user;

-- beside an application's tables of another owner: the queue is written with the
-- writer's rights
RESET ROLE;
CREATE SCHEMA regress_crm_part AUTHORIZATION regress_crm_owner;
SET ROLE regress_crm_owner;
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_part', parts => 'matching') IS NULL AS failed;
SET client_min_messages = notice;
GRANT USAGE ON SCHEMA regress_crm_part TO regress_crm_app;
RESET ROLE;
CREATE SCHEMA regress_crm_theirs AUTHORIZATION regress_crm_app;
GRANT USAGE ON SCHEMA regress_crm_theirs TO regress_crm_owner;
SET ROLE regress_crm_app;
CREATE TABLE regress_crm_theirs.people (id bigint PRIMARY KEY, last_name text, email text, phone text);
GRANT SELECT ON regress_crm_theirs.people TO regress_crm_owner;
SET ROLE regress_crm_owner;
SELECT regress_crm_part.create_match_queue('regress_crm_theirs.people');
SET ROLE regress_crm_app;
SELECT regress_crm_part.create_match_queue('regress_crm_theirs.people');
SET ROLE regress_crm_owner;
GRANT INSERT ON regress_crm_part.match_queue TO regress_crm_app;
SET ROLE regress_crm_app;
SELECT regress_crm_part.create_match_queue('regress_crm_theirs.people');
INSERT INTO regress_crm_theirs.people VALUES (1, 'Montoya', 'carla@example.com', '+493090182001');
SET ROLE regress_crm_owner;
SELECT relation, key FROM regress_crm_part.match_queue ORDER BY id;
CALL regress_crm_part.refresh_duplicates('regress_crm_theirs.people');
REVOKE INSERT ON regress_crm_part.match_queue FROM regress_crm_app;
SET ROLE regress_crm_app;
INSERT INTO regress_crm_theirs.people VALUES (2, 'Montoya', 'carla@example.com', '+493090182001');
SELECT regress_crm_part.mark_same('regress_crm_theirs.people', '1', '1');
SELECT regress_crm_part.find_duplicates('regress_crm_theirs.people');
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA regress_crm_acl, regress_crm_part, regress_crm_theirs CASCADE;
DROP ROLE regress_crm_owner, regress_crm_app, regress_crm_writer, regress_crm_rep, regress_crm_nobody;

-- nobody's functions run with the rights of who asks: not those of a view's owner when it gets an
-- index, nor those of a table's owner when it is read
CREATE ROLE regress_crm_trap;
CREATE ROLE regress_crm_reader;
CREATE SCHEMA regress_crm_traps AUTHORIZATION regress_crm_trap;
GRANT USAGE ON SCHEMA regress_crm_traps TO regress_crm_reader;
SET ROLE regress_crm_trap;
SET search_path = regress_crm_traps;
CREATE FUNCTION trap(value text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
	IF current_user <> 'regress_crm_trap' THEN RAISE WARNING 'called as another role'; END IF; RETURN value; END $$;
CREATE TABLE people (id bigint PRIMARY KEY, first_name text, last_name text, email text);
INSERT INTO people VALUES (1, 'Anna', 'Zimmermann', 'anna.z@example.com'), (2, 'Olga', 'Petrova', 'olga@example.com');
CREATE VIEW constant AS SELECT id, first_name, regress_crm_traps.trap('x') AS last_name FROM people;
RESET ROLE;
SET client_min_messages = notice;
-- its owner's functions are called as its owner
SELECT crm.create_match_index('constant') LIKE 'CREATE INDEX people_match_keys_idx %' AS made;
SELECT crm.create_match_index('constant') LIKE 'CREATE INDEX people_match_keys_idx %' AS found;
DROP INDEX people_match_keys_idx;
-- a view of somebody else's over one's own table
CREATE TABLE own (id bigint, nachname text);
INSERT INTO own VALUES (1, 'Zimmermann');
GRANT SELECT ON own TO regress_crm_trap;
SET ROLE regress_crm_trap;
CREATE VIEW foreigner AS SELECT id, regress_crm_traps.trap(nachname) AS last_name FROM own;
RESET ROLE;
SELECT crm.create_match_index('foreigner');
-- a table whose index calls them
SET ROLE regress_crm_trap;
CREATE INDEX trapped ON people USING gin (crm.match_keys(first_name => first_name, last_name => trap(last_name), email => email) crm.match_keys_ops);
SELECT contact_id FROM crm.match_contact('people', first_name => 'Anna', last_name => 'Zimmermann', email => 'anna.z@example.com');
GRANT SELECT ON people TO regress_crm_reader;
RESET ROLE;
SELECT contact_id FROM crm.match_contact('people', first_name => 'Anna', last_name => 'Zimmermann', email => 'anna.z@example.com');
SELECT count(*) FROM crm.duplicates_of('people', 1);
SET ROLE regress_crm_reader;
SELECT contact_id FROM crm.match_contact('people', first_name => 'Anna', last_name => 'Zimmermann', email => 'anna.z@example.com');
-- those of superusers are called
RESET ROLE;
CREATE FUNCTION public.regress_crm_upper(value text) RETURNS text LANGUAGE sql IMMUTABLE RETURN upper(value);
SET ROLE regress_crm_trap;
DROP INDEX trapped;
CREATE INDEX trusted ON people USING gin (crm.match_keys(first_name => first_name, last_name => public.regress_crm_upper(last_name), email => COALESCE(email, 'none')) crm.match_keys_ops);
SET ROLE regress_crm_reader;
SELECT contact_id FROM crm.match_contact('people', first_name => 'Anna', last_name => 'Zimmermann', email => 'anna.z@example.com');
RESET ROLE;
SET client_min_messages = warning;
DROP SCHEMA regress_crm_traps CASCADE;
DROP FUNCTION public.regress_crm_upper;
DROP ROLE regress_crm_trap, regress_crm_reader;
