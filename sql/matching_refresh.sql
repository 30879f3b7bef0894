-- One pair has one score: whether all contacts are searched, one is asked for, or a
-- refresh looks at those that were written.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_same') IS NULL AS failed;
SET search_path = regress_crm_same;
INSERT INTO companies (id, name) SELECT n, (ARRAY['Acme', 'Borealis', 'Cascade', 'Delphi', 'Eureka', 'Fortuna'])[n] || ' Ltd' FROM generate_series(1, 6) AS n;
CREATE FUNCTION pg_temp.pick(list text[], n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT list[n % cardinality(list) + 1] $$;
-- 400 people; what is written of some of them a second time differs a little
CREATE FUNCTION pg_temp.add_people(first_n bigint, last_n bigint, shift bigint, variant boolean) RETURNS void LANGUAGE sql AS $$
	INSERT INTO regress_crm_same.contacts (id, first_name, last_name, email, additional_emails, phone, additional_phones, date_of_birth, street, city, postal_code, country, company_id, job_title)
	SELECT n + shift,
		CASE WHEN variant AND n % 4 = 0 THEN left(f, 1) || '.' ELSE f END,
		CASE WHEN variant AND n % 5 = 0 THEN overlay(l PLACING 'x' FROM 3) ELSE l END,
		CASE WHEN n % 3 <> 1 THEN lower(f || '.' || l) || CASE WHEN variant THEN '+crm' ELSE '' END || n || '@example' || n % 7 || '.org' END,
		CASE WHEN n % 11 = 0 THEN jsonb_build_array(jsonb_build_object('email', lower(l) || n || '@mail.example')) ELSE '[]' END,
		CASE WHEN n % 5 <> 2 THEN '+4930' || 2000000 + 13717 * n END,
		CASE WHEN n % 13 = 0 THEN jsonb_build_array('+43 1 ' || 4000000 + 7919 * n) ELSE '[]' END,
		CASE WHEN NOT variant OR n % 6 <> 0 THEN date '1951-03-14' + (47 * n % 18000)::integer END,
		n % 90 || ' ' || pg_temp.pick('{Oak Street,Mill Lane,High Road,Kirkgade,Rue du Bac}', n / 3), pg_temp.pick('{Graz,Lyon,Oslo,Porto,Turin,Ghent}', n / 2),
		lpad((n / 2 * 97 % 9000)::text, 5, '1'), 'AT', CASE WHEN n % 2 = 0 THEN n % 6 + 1 END, pg_temp.pick('{Buyer,Engineer,Director}', n)
	FROM generate_series(first_n, last_n) AS n,
		LATERAL (SELECT pg_temp.pick('{Ann,Boris,Carla,Dmitri,Elena,Farid,Greta,Hugo,Ingrid,Jonas,Katya,Liam,Mina,Noor,Oscar,Petra,Quentin,Rosa,Stefan}', n * 7) AS f,
			pg_temp.pick('{Lindqvist,Abramov,Montoya,Petrenko,Kowalczyk,Haddad,Zimmer,Okafor,Dahl,Weber,Rossi,Nakamura,Fernandes,Yilmaz,Brown,Horvat,Jansen,Papadakis,Singh,Larsen,Moreau,Novak,Brandt}', n * 5) AS l) AS who
	WHERE NOT variant OR n % 4 <> 3 $$;
SELECT pg_temp.add_people(1, 400, 0, false), pg_temp.add_people(1, 120, 1000, true);
SELECT create_match_queue() IS NULL AS failed;
ANALYZE contacts;
CREATE TEMP TABLE kept AS SELECT * FROM duplicate_candidates;
CREATE FUNCTION pg_temp.differing() RETURNS bigint LANGUAGE sql AS $$
	SELECT count(*) FROM (SELECT left_key, right_key, probability, match_weight, evidence FROM kept) AS k
		FULL JOIN (SELECT left_key, right_key, probability, match_weight, evidence FROM regress_crm_same.duplicate_candidates) AS c
		ON k = c WHERE k IS NULL OR c IS NULL $$;

-- all at once
CALL refresh_duplicates();
SELECT count(*) > 60 AS many, count(*) FILTER (WHERE right_key::bigint = left_key::bigint + 1000 OR left_key::bigint = right_key::bigint + 1000) > 60 AS right_ones FROM duplicate_candidates;
-- each that is asked for
SELECT count(*) AS asked_otherwise FROM (
	SELECT c.id, d.contact_id, d.probability, d.match_weight, d.evidence FROM contacts AS c, duplicates_of(c.id) AS d) AS one
	FULL JOIN (SELECT left_id AS id, right_id AS contact_id, probability, match_weight, evidence FROM find_duplicates()
		UNION ALL SELECT right_id, left_id, probability, match_weight, evidence FROM find_duplicates()) AS both_ways
	ON one = both_ways WHERE one IS NULL OR both_ways IS NULL;
SELECT count(*) AS explained_otherwise FROM (SELECT * FROM find_duplicates() ORDER BY left_id LIMIT 20) AS d
	WHERE abs(d.match_weight - (SELECT sum(weight) FROM explain_match(d.left_id, d.right_id))) > 0.000001;
-- a person who is not stored, with what is stored of one
SELECT count(*) AS matched_otherwise FROM contacts AS c,
	LATERAL (SELECT match_weight FROM match_contact(first_name => c.first_name, last_name => c.last_name, email => c.email, phone => c.phone, date_of_birth => c.date_of_birth,
		street => c.street, city => c.city, postal_code => c.postal_code, country => c.country) AS m WHERE m.contact_id = c.id) AS m
	WHERE c.id BETWEEN 1001 AND 1030 AND m.match_weight < 5;
-- some are decided, changed, archived, deleted, new: a refresh looks at those
SELECT count(mark_different(left_id, right_id)) FROM (SELECT left_id, right_id FROM duplicate_review ORDER BY left_id LIMIT 5) AS r;
SELECT count(mark_same(left_id, right_id)) FROM (SELECT left_id, right_id FROM duplicate_review ORDER BY left_id LIMIT 5) AS r;
SELECT mark_same(300, 301);
UPDATE contacts SET city = 'Bern', postal_code = '3011' WHERE id % 10 = 1;
UPDATE contacts SET last_name = 'Novotny' WHERE id IN (1004, 1009, 1016);
UPDATE contacts SET phone = NULL, email = NULL WHERE id % 17 = 0;
UPDATE contacts SET archived_at = now() WHERE id % 29 = 0;
DELETE FROM contacts WHERE id % 31 = 0;
UPDATE contacts SET job_title = 'Clerk' WHERE id IN (300, 301) OR id IN (SELECT left_key::bigint FROM match_decisions UNION SELECT right_key::bigint FROM match_decisions);
SELECT pg_temp.add_people(140, 200, 1000, true), pg_temp.add_people(500, 520, 0, false), pg_temp.add_people(500, 520, 1000, true);
SELECT count(*) > 100 AS many_wait FROM match_queue;
RESET client_min_messages;
CALL refresh_duplicates(batch_size => 150);
TRUNCATE kept;
INSERT INTO kept SELECT * FROM duplicate_candidates;
-- all at once gives the same, under the same model
CALL refresh_duplicates(everything => true);
SELECT pg_temp.differing(), count(*) AS models FROM matching_models;
-- what is asked about decided pairs
SELECT probability, evidence ->> 'decision' AS decision FROM duplicates_of(300) WHERE contact_id = 301;
SELECT count(*) FROM match_decisions AS m, duplicates_of(m.left_key::bigint) AS d WHERE NOT m.same AND d.contact_id = m.right_key::bigint;

-- a pair that a search of all has found is looked at again, though no key of the index brings the two together
SET client_min_messages = warning;
DELETE FROM contacts WHERE id > 12;
CALL refresh_duplicates(min_probability => 0);
CREATE FUNCTION pg_temp.keys(c regress_crm_same.contacts) RETURNS bigint[] LANGUAGE sql AS $$
	SELECT crm.match_keys(first_name => c.first_name, last_name => c.last_name, email => c.email, additional_emails => c.additional_emails,
		phone_e164 => c.phone_e164, phone => c.phone, additional_phones => c.additional_phones, date_of_birth => c.date_of_birth, street => c.street, city => c.city,
		postal_code => c.postal_code, state => c.state, country => c.country, company_id => c.company_id, job_title => c.job_title) $$;
INSERT INTO duplicate_candidates (relation, left_key, right_key, probability, match_weight) VALUES ('contacts', '2', '7', 0.7, 0)
	ON CONFLICT (relation, left_key, right_key) DO UPDATE SET probability = excluded.probability;
INSERT INTO match_queue (relation, key) VALUES ('contacts', '7');
RESET client_min_messages;
SELECT pg_temp.keys(l) OPERATOR(crm.&&&) pg_temp.keys(r) AS meet FROM contacts AS l, contacts AS r WHERE l.id = 2 AND r.id = 7;
CALL refresh_duplicates(min_probability => 0);
SELECT probability < 0.5 AS scored, evidence -> 'first_name' ->> 'level' AS names FROM duplicate_candidates WHERE left_key = '2' AND right_key = '7';
-- it goes where that is too little
UPDATE match_refreshes SET full_min_probability = NULL;
INSERT INTO match_queue (relation, key) VALUES ('contacts', '7');
CALL refresh_duplicates();
SELECT count(*) FROM duplicate_candidates WHERE left_key = '2' AND right_key = '7';

SET client_min_messages = warning;
DROP SCHEMA regress_crm_same CASCADE;
