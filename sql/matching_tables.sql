-- Duplicates among a CRM's contacts: decisions, candidates, the queue, refreshes.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_match') IS NULL AS failed;
RESET client_min_messages;
SET search_path = regress_crm_match;
CREATE FUNCTION pg_temp.add_contact(new_id bigint, person integer, tag text DEFAULT '') RETURNS void LANGUAGE sql AS $$
	INSERT INTO regress_crm_match.contacts (id, first_name, last_name, email, phone, date_of_birth, city)
	VALUES (new_id, (ARRAY['Ann', 'Boris', 'Carla', 'Dmitri', 'Elena', 'Farid', 'Greta', 'Hugo'])[person],
		(ARRAY['Lindqvist', 'Abramov', 'Montoya', 'Petrenko', 'Kowalczyk', 'Haddad', 'Zimmer', 'Okafor'])[person],
		(ARRAY['ann.lindqvist', 'b.abramov', 'carla', 'dpetrenko', 'elena.k', 'farid.haddad', 'greta_zimmer', 'hugo'])[person] || tag || '@example' || person || '.com',
		(ARRAY['+46406112233', '+73422904418', '+5114279960', '+380442785071', '+48426303324', '+20225790512', '+43316872017', '+23418940365'])[person], date '1960-03-01' + 1187 * person,
		(ARRAY['Malmo', 'Perm', 'Lima', 'Kyiv', 'Lodz', 'Cairo', 'Graz', 'Lagos'])[person]) $$;
SELECT count(pg_temp.add_contact(n, n)) FROM generate_series(1, 8) AS n;
SELECT pg_temp.add_contact(9, 1, '+b'), pg_temp.add_contact(10, 2, '+b'), pg_temp.add_contact(11, 3, '+b');

-- what an engine finds, with the CRM's keys
SELECT left_id, right_id, probability > 0.9 AS probable, match_weight > 0 AS agrees FROM find_duplicates() ORDER BY 1, 2;
SELECT group_id, contact_id FROM duplicate_groups() ORDER BY 1, 2;
SELECT contact_id FROM duplicates_of(9);
SELECT contact_id FROM duplicates_of(4);
SELECT count(*) FROM find_duplicates(min_probability => 1.5);
SELECT count(*) FROM duplicate_groups(min_probability => -0.1);
SELECT count(*) FROM duplicates_of(9, min_probability => 75);
SELECT count(*) FROM match_contact(last_name => 'x', min_probability => 900);

-- the first run, with nobody noting what changes
CALL refresh_duplicates();
SELECT relation, left_key, right_key FROM duplicate_candidates ORDER BY 1, 2, 3;
SELECT relation, is_full, finished_at >= started_at AS finished, rows_done, rows_total, candidates_stored, candidates_removed, full_had_queue FROM match_refreshes;
-- for a review: the most valuable ones of equal probability first
INSERT INTO deals (name, value, contact_id, stage, currency) VALUES ('a', 100, 3, 'lead', 'USD'), ('b', 500, 10, 'proposal', 'USD'), ('c', 900, 11, 'won', 'USD'), ('d', 7, 3, 'lead', 'EUR');
SELECT left_id, right_id, left_name, right_name, left_email, right_email, open_deals, open_value FROM duplicate_review ORDER BY open_value DESC, left_id;
UPDATE duplicate_candidates SET probability = 0.99;
SELECT left_id, right_id FROM duplicate_review;
UPDATE duplicate_candidates SET probability = 0.999 WHERE left_key = '1';
SELECT left_id, right_id FROM duplicate_review;

-- deciding
SET crm.actor = 'anna';
SELECT mark_different(10, 2, 'father and son');
RESET crm.actor;
SELECT relation, left_key, right_key, same, note, decided_by = current_user AS by_role, actor FROM match_decisions;
SELECT left_id, right_id FROM duplicate_review ORDER BY 1;
SELECT left_id, right_id FROM find_duplicates() ORDER BY 1, 2;
SELECT group_id, contact_id FROM duplicate_groups() ORDER BY 1, 2;
SELECT contact_id FROM duplicates_of(2);
-- again, the other way round, without a note; then the contrary
SELECT mark_different(2, 10);
SELECT left_key, right_key, same, note, actor FROM match_decisions;
SELECT mark_same(2, 10);
SELECT left_key, right_key, same, note, actor FROM match_decisions;
SELECT mark_same(10, 2, 'checked');
SELECT left_key, right_key, same, note FROM match_decisions;
SELECT left_id, right_id FROM duplicate_review ORDER BY 1;
-- it goes with the transaction
BEGIN;
SELECT mark_different(1, 9);
SELECT left_id FROM duplicate_review ORDER BY 1;
ROLLBACK;
SELECT left_id FROM duplicate_review ORDER BY 1;
-- taking it back; the two are looked at again
SELECT forget_decision(10, 2), forget_decision(10, 2);
SELECT key FROM match_queue ORDER BY key;
SELECT left_id, right_id FROM duplicate_review ORDER BY 1;
-- errors
SELECT mark_same(1, 1);
\echo :LAST_ERROR_SQLSTATE
SELECT mark_same(1, 999);
\echo :LAST_ERROR_SQLSTATE
SELECT mark_same(1, NULL);
\echo :LAST_ERROR_SQLSTATE
SELECT forget_decision(5, 5);
SELECT crm._mark_match('settings', 'contacts', '1', 'x', true, NULL);
SELECT crm._mark_match('settings', 'contacts', '1', '9', NULL, NULL);
SELECT crm._find_duplicates(NULL, 'contacts', NULL);
SELECT crm._find_duplicates(1::oid::regclass, 'contacts', NULL);
\set VERBOSITY terse
INSERT INTO match_decisions (relation, left_key, right_key, same) VALUES ('contacts', '2', '10', true);
INSERT INTO duplicate_candidates (relation, left_key, right_key, probability, match_weight) VALUES ('contacts', '1', '2', 1.5, 0);
\set VERBOSITY default

-- every run is a full one, until the queue is filled
UPDATE contacts SET first_name = 'Zoe', last_name = 'Quite', email = 'zq@else.org', phone = NULL, date_of_birth = NULL, city = 'Oslo' WHERE id = 11;
CALL refresh_duplicates();
SELECT left_key, right_key FROM duplicate_candidates ORDER BY 1;
SELECT create_match_queue();
SELECT tgname, obj_description(oid, 'pg_trigger') FROM pg_trigger WHERE tgrelid = 'contacts'::regclass AND tgname LIKE 'match%' ORDER BY 1;
SELECT create_match_queue();
CALL refresh_duplicates();
CALL refresh_duplicates();
-- which columns matter
UPDATE contacts SET owner_id = NULL, source = 'ads', status = 'customer', email_opt_out = true, updated_at = now() WHERE id = 4;
UPDATE contacts SET first_name = first_name;
INSERT INTO companies (id, name) VALUES (1, 'Acme');
SELECT count(*) FROM match_queue;
DO $$
DECLARE
	c text;
	queued bigint;
BEGIN
	FOREACH c IN ARRAY '{first_name,last_name,email,phone,additional_emails,additional_phones,job_title,date_of_birth,street,city,postal_code,state,country,company_id,archived_at,external_id}'::text[] LOOP
		EXECUTE format('UPDATE contacts SET %I = %s WHERE id = 8', c, CASE c WHEN 'date_of_birth' THEN '''1977-07-07''' WHEN 'archived_at' THEN 'now()' WHEN 'company_id' THEN '1'
			WHEN 'email' THEN '''changed@example.org''' WHEN 'additional_emails' THEN '''["x@example.org"]''' WHEN 'additional_phones' THEN '''["1"]''' ELSE '''changed''' END);
		DELETE FROM match_queue;
		GET DIAGNOSTICS queued = ROW_COUNT;
		RAISE NOTICE '%: % queued', c, queued;
	END LOOP;
END $$;
UPDATE contacts SET archived_at = NULL WHERE id = 8;
-- a key that changes is two; a savepoint that is taken back is none
UPDATE contacts SET id = 80 WHERE id = 8;
BEGIN;
SAVEPOINT s;
DELETE FROM contacts WHERE id = 80;
ROLLBACK TO s;
COMMIT;
SELECT key FROM match_queue ORDER BY id;
CALL refresh_duplicates();
-- new, changed, archived and deleted contacts
SELECT pg_temp.add_contact(20, 4, '+b');
DELETE FROM deals;
UPDATE contacts SET archived_at = now() WHERE id = 9;
DELETE FROM contacts WHERE id = 10;
SELECT left_id, right_id FROM duplicate_review ORDER BY 1, 2;
CALL refresh_duplicates();
SELECT left_key, right_key FROM duplicate_candidates ORDER BY 1, 2;
SELECT left_id, right_id FROM find_duplicates();
SELECT contact_id FROM duplicates_of(1);
SELECT * FROM duplicate_groups() WHERE contact_id IN (1, 9);
UPDATE contacts SET archived_at = NULL WHERE id = 9;
CALL refresh_duplicates();
SELECT left_key, right_key FROM duplicate_candidates ORDER BY 1, 2;
SELECT is_full, rows_done, rows_total, candidates_stored, candidates_removed FROM match_refreshes;
-- in batches; a contact that waits twice is looked at once in each
UPDATE contacts SET city = 'Bern';
UPDATE contacts SET city = 'Basel' WHERE id < 3;
CALL refresh_duplicates(batch_size => 4);
SELECT count(*) FROM match_queue;
CALL refresh_duplicates(batch_size => 0);
CALL refresh_duplicates(batch_size => 10001);
CALL refresh_duplicates(batch_size => NULL);
CALL refresh_duplicates(everything => NULL);
CALL refresh_duplicates(min_probability => 90);
SELECT finished_at IS NULL AS cut_short FROM match_refreshes;
-- what makes a run a full one
CALL refresh_duplicates(everything => true);
CALL refresh_duplicates(min_probability => 0.2);
CALL refresh_duplicates(min_probability => 0.2);
CALL refresh_duplicates();
SELECT jsonb_typeof(train_matching());
SELECT is_current, is_automatic, row_count, created_by = current_user AS by_role FROM matching_models ORDER BY id;
CALL refresh_duplicates();
CALL refresh_duplicates();
SELECT full_model_id = (SELECT id FROM matching_models WHERE is_current) AS noted FROM match_refreshes;
SELECT train_matching() AS model \gset
SELECT is_current, model = :'model' AS is_the_last FROM matching_models ORDER BY id;
UPDATE matching_models SET is_current = false;
CALL refresh_duplicates();
UPDATE matching_models SET is_current = true WHERE id = (SELECT max(id) FROM matching_models);
CALL refresh_duplicates();
DELETE FROM matching_models;
CALL refresh_duplicates();
SELECT is_automatic, row_count FROM matching_models;
INSERT INTO contacts (id, first_name, last_name) SELECT 300 + n, md5(n::text), md5((-n)::text) FROM generate_series(1, 11) AS n;
CALL refresh_duplicates();
CALL refresh_duplicates();
SELECT is_automatic, is_current, row_count FROM matching_models ORDER BY id;
DELETE FROM contacts WHERE id > 300;
INSERT INTO match_queue (relation, key) SELECT 'contacts', n::text FROM generate_series(1, 10) AS n;
CALL refresh_duplicates();
-- without the match index: many that wait are a full run, few are said to be slow, once
SELECT pg_get_indexdef('contacts_match_keys_idx'::regclass) AS definition \gset
DROP INDEX contacts_match_keys_idx;
INSERT INTO match_queue (relation, key) SELECT 'contacts', n::text FROM generate_series(1, 21) AS n;
CALL refresh_duplicates();
INSERT INTO match_queue (relation, key) SELECT 'contacts', n::text FROM generate_series(1, 6) AS n;
CALL refresh_duplicates(batch_size => 3);
CALL refresh_duplicates();
SELECT crm.create_match_index('contacts') = :'definition' AS same;
ALTER TABLE contacts DISABLE TRIGGER match_queue;
CALL refresh_duplicates();
ALTER TABLE contacts ENABLE TRIGGER match_queue;
CALL refresh_duplicates();
SELECT drop_match_queue();
SELECT create_match_queue();
CALL refresh_duplicates();
TRUNCATE contacts CASCADE;
SELECT relation, key FROM match_queue;
CALL refresh_duplicates();
SELECT count(*) FROM duplicate_candidates;

-- where it may not commit
BEGIN;
CALL refresh_duplicates();
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
CREATE FUNCTION call_it() RETURNS void LANGUAGE plpgsql AS $$ BEGIN CALL regress_crm_match.refresh_duplicates(); END $$;
SELECT call_it();
CREATE PROCEDURE with_path() LANGUAGE plpgsql SET search_path = pg_catalog AS $$ BEGIN CALL regress_crm_match.refresh_duplicates(); END $$;
CALL with_path();
DO $$ BEGIN BEGIN CALL regress_crm_match.refresh_duplicates(); EXCEPTION WHEN division_by_zero THEN NULL; END; END $$;
-- where it may
DO $$ BEGIN FOR i IN 1 .. 2 LOOP CALL regress_crm_match.refresh_duplicates(); END LOOP; END $$;
CALL crm._refresh_duplicates('settings', NULL, 10, NULL, false);
CALL crm._refresh_duplicates('settings', 'users', 10, NULL, false);
-- settings of the session stay as they are
SHOW search_path;
SHOW row_security;
SHOW transaction_isolation;
SET default_transaction_isolation = serializable;
SELECT pg_temp.add_contact(1, 1), pg_temp.add_contact(2, 1, '+b');
CALL refresh_duplicates();
SHOW transaction_isolation;
RESET default_transaction_isolation;
SET default_transaction_read_only = on;
CALL refresh_duplicates();
RESET default_transaction_read_only;

-- the schema has another name: everything follows
ALTER SCHEMA regress_crm_match RENAME TO regress_crm_matched;
SET search_path = regress_crm_matched;
UPDATE contacts SET city = 'Rome' WHERE id = 1;
SELECT relation, key FROM match_queue;
CALL refresh_duplicates();
SELECT left_id, right_id FROM duplicate_review;
SELECT mark_different(1, 2);
SELECT count(*) FROM duplicate_review;
-- views out of the way and back; the trigger works meanwhile
SELECT crm.drop_views('regress_crm_matched') > 0 AS dropped;
UPDATE contacts SET city = 'Bari' WHERE id = 1;
SELECT key FROM match_queue;
SELECT crm.create_views('regress_crm_matched') > 0 AS made;
CALL refresh_duplicates();
-- a trigger that names no queue
CREATE TRIGGER wrong AFTER INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION crm._queue_match();
INSERT INTO contacts (id, last_name) VALUES (1000, 'x');
DROP TRIGGER wrong ON contacts;
CREATE TRIGGER wrong BEFORE INSERT ON contacts FOR EACH ROW EXECUTE FUNCTION crm._queue_match();
INSERT INTO contacts (last_name) VALUES ('x');
DROP TRIGGER wrong ON contacts;
CREATE TRIGGER wrong AFTER INSERT ON contacts FOR EACH ROW WHEN (crm._queues_into('contacts')) EXECUTE FUNCTION crm._queue_match();
INSERT INTO contacts (id, last_name) VALUES (1000, 'x');
DROP TRIGGER wrong ON contacts;
-- without the extension: the queue's triggers go too, and the guard and the index
SELECT crm.create_duplicate_guard('contacts', 'warn') IS NULL AS failed;
SELECT crm.detach_tables('regress_crm_matched');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'contacts'::regclass AND NOT tgisinternal;
SELECT indexrelid::regclass FROM pg_index WHERE indrelid = 'contacts'::regclass AND indexrelid::regclass::text ~ 'match';
SELECT left_key, right_key, same FROM match_decisions;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA regress_crm_matched CASCADE;
-- something else may have the usual name of the match index
CREATE SCHEMA regress_crm_named;
CREATE VIEW regress_crm_named.contacts_match_keys_idx AS SELECT 1 AS one;
SELECT crm.create_tables('regress_crm_named');
SELECT indexrelid::regclass FROM pg_index JOIN pg_opclass AS o ON o.oid = indclass[0] WHERE indrelid = 'regress_crm_named.contacts'::regclass AND opcname = 'match_keys_ops';
DROP SCHEMA regress_crm_named CASCADE;
