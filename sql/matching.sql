-- Duplicates of a relation: pairs, groups, models, decisions, explanations.  Figures
-- are learned and may change; what is asked here are answers and promises.
\set SHOW_CONTEXT never
CREATE SCHEMA regress_crm_matching;
SET search_path = regress_crm_matching;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE TABLE people (id bigint PRIMARY KEY, first_name text, last_name text, email text, phone text,
	date_of_birth date, street text, city text, postal_code text, company text);
INSERT INTO people VALUES
	(1, 'William', 'Smith', 'bill.smith@acme.example', '+1 212 555 0199', '1970-03-04', '12 Main Street', 'Boston', '02101', 'Acme Inc.'),
	(2, 'Bill', 'Smith', 'Bill.Smith@ACME.example', '(212) 555-0199', NULL, '12 Main St.', 'Boston', NULL, 'ACME'),
	(3, 'Anna', 'Kowalska', 'anna@kowalska.example', '030 1234567', '1988-11-30', NULL, 'Berlin', '10115', NULL),
	(4, 'Ana', 'Kowalska', 'anna@kowalska.example', '+49 30 1234567', '1988-11-30', NULL, 'Berlin', NULL, 'Beispiel GmbH'),
	(5, 'Zoe', 'Brown', 'zoe@brown.example', '0171 5554433', '1999-01-02', '3 High Road', 'London', 'N1 1AA', NULL),
	(6, 'Tom', 'Brown', 'tom@brown.example', '0171 5554433', '1965-07-08', '3 High Road', 'London', 'N1 1AA', NULL),
	(7, 'José', 'Núñez', 'jose.nunez@obras.example', NULL, '1981-05-06', 'Calle Mayor 5', 'Madrid', '28013', 'Obras S.A.'),
	(8, 'Jose', 'Nunez', NULL, NULL, '1981-05-06', 'Calle Mayor 5', 'Madrid', '28013', 'Obras'),
	(9, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
-- others, all different
INSERT INTO people SELECT 100 + g, (ARRAY['Ada', 'Ben', 'Cleo', 'Dirk', 'Esra', 'Femi', 'Greta', 'Hugo'])[1 + g % 8],
	initcap(translate(substr(md5(g::text), 1, 8), '0123456789', 'ghijklmnop')), substr(md5(g::text), 9, 10) || '@x' || g || '.example',
	'+44 20 ' || 10000000 + g * 7919, DATE '1950-01-01' + g * 37, g || ' Road ' || g % 7, 'City ' || g % 11, 10000 + g * 13, NULL
FROM generate_series(1, 100) AS g;

-- pairs: the smaller key left, the likeliest first
SELECT left_id, right_id, probability > 0.9 AS sure, evidence->'email'->>'level' AS email, evidence->'first_name'->>'level' AS first_name
FROM crm.find_duplicates('people') ORDER BY 1;
SELECT pg_typeof(left_id), pg_typeof(probability), pg_typeof(match_weight), pg_typeof(evidence) FROM crm.find_duplicates('people') LIMIT 1;
SELECT bool_and(left_id < right_id) AS ordered, bool_and(probability BETWEEN 0.1 AND 1) AS probable,
	bool_and(abs(probability - 1 / (1 + 2 ^ -match_weight)) < 1e-9) AS weight_is_probability, bool_and(rank = n) AS likeliest_first
FROM (SELECT *, row_number() OVER (ORDER BY match_weight DESC, left_id, right_id) AS rank FROM crm.find_duplicates('people', 0.1) WITH ORDINALITY AS d (left_id, right_id, probability, match_weight, evidence, n)) AS d;
SELECT group_id, contact_id, probability > 0.5 AS likely FROM crm.duplicate_groups('people');
SELECT group_id, contact_key FROM crm.duplicate_groups_by_key('people');
SELECT left_key, right_key FROM crm.find_duplicates_by_key('people') ORDER BY left_key COLLATE "C";
-- min_probability
SELECT count(*) FROM crm.find_duplicates('people', 1);
SELECT (SELECT count(*) FROM crm.find_duplicates('people', 0)) >= (SELECT count(*) FROM crm.find_duplicates('people', 0.99)) AS more;
SELECT count(*) FROM crm.duplicate_groups('people', 1);
SELECT * FROM crm.find_duplicates('people', 90);
SELECT * FROM crm.find_duplicates('people', -0.1);
SELECT * FROM crm.duplicate_groups('people', 'NaN');
SELECT * FROM crm.duplicate_groups('people', 1000);
SELECT * FROM crm.find_duplicates(NULL);

-- keys that are no numbers, lists of addresses in jsonb and in arrays, columns under other types
CREATE TYPE pg_temp.country AS ENUM ('DE', 'PL');
CREATE DOMAIN pg_temp.mail AS text;
CREATE TABLE leads (id uuid PRIMARY KEY, full_name varchar(80), emails jsonb, phones text[], postcode numeric, country pg_temp.country, email pg_temp.mail, date_of_birth timestamptz);
INSERT INTO leads VALUES
	('00000000-0000-0000-0000-00000000000b', 'Dr. Jan Nowak', '[{"type": "work@x.example", "value": "jan@nowak.example"}]', '{"+48 22 123 45 67"}', 10115.0, 'DE', NULL, '1970-01-01 12:00+00'),
	('00000000-0000-0000-0000-00000000000a', 'Nowak, Jan', '["office@firm.example", "JAN@nowak.example"]', '{NULL,"022 1234567"}', 10115, 'DE', NULL, '1970-01-01'),
	('00000000-0000-0000-0000-00000000000c', 'Jan Nowak', '{"work": "jan.nowak@other.example", "note": "none"}', NULL, 80331, 'PL', NULL, '1999-12-31'),
	('00000000-0000-0000-0000-00000000000d', 'Eva Horvath', '[1, null, true, [["eva@horvath.example"]]]', '{}', NULL, NULL, 'eva@horvath.example', 'infinity'),
	('00000000-0000-0000-0000-00000000000e', 'Eva Horvath', '"eva@horvath.example"', NULL, NULL, NULL, NULL, NULL);
SELECT right(left_key, 1) AS l, right(right_key, 1) AS r, evidence->'email'->>'level' AS email, evidence->'phone'->>'level' AS phone, evidence->'address'->>'level' AS address
FROM crm.find_duplicates_by_key('leads') WHERE right_key !~ 'c$' ORDER BY 1;
SELECT group_id, right(contact_key, 1) FROM crm.duplicate_groups_by_key('leads') WHERE contact_key !~ 'c$';
SELECT * FROM crm.find_duplicates('leads');
SELECT column_name, data_type, used_as, filled, usable, distinct_values, note FROM crm.matching_input('leads');

-- models: written and read they are what they were
CREATE TABLE models AS SELECT crm.train_matching('people') AS model;
SELECT model->'version' AS version, model->'contacts' AS contacts, (model->>'trained_at')::timestamptz <= now() + '1 day' AS dated,
	(SELECT abs(sum(value::float8) - 1) < 1e-5 FROM jsonb_each_text(model->'relationships')) AS shares,
	(SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_object_keys(model->'evidence') AS key) AS evidence
FROM models;
SELECT count(*) FILTER (WHERE abs(a.match_weight - b.match_weight) < 1e-6) = count(*) AS same
FROM crm.find_duplicates('people', 0) AS a FULL JOIN crm.find_duplicates('people', 0, (SELECT model FROM models)) AS b USING (left_id, right_id);
SELECT group_id, contact_id FROM crm.duplicate_groups('people', model => (SELECT model FROM models));
-- of another relation
SELECT count(*) > 0 AS found FROM crm.find_duplicates_by_key('leads', model => (SELECT model FROM models));
-- edited by hand: what is wrong is said
SELECT * FROM crm.find_duplicates('people', model => '[]');
SELECT * FROM crm.find_duplicates('people', model => '"model"');
SELECT * FROM crm.find_duplicates('people', model => 'null');
SELECT * FROM crm.find_duplicates('people', model => '{}');
SELECT * FROM crm.find_duplicates('people', model => '{"version": "1"}');
SELECT * FROM crm.find_duplicates('people', model => '{"version": 99}');
SELECT * FROM crm.find_duplicates('people', model => (SELECT model - 'evidence' FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT model #- '{evidence,email,close}' FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{evidence,email}', '[]') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{evidence,email,close,strangers}', '2') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{evidence,email,close,strangers}', '1e400') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{evidence,email,close,strangers}', '"0.5"') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(jsonb_set(model, '{evidence,gender,same,same_person}', '0.5'), '{evidence,gender,different,same_person}', '0.2') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{relationships,household}', '0.5') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{values,city,rest}', '-1') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{values,city,frequent}', '{"berlin": 99}') FROM models));
SELECT * FROM crm.find_duplicates('people', model => (SELECT jsonb_set(model, '{namesakes}', '{}') FROM models));
SELECT * FROM crm.explain_match('people', 1, 2, '{}');
SELECT * FROM crm.matching_report('people', '{}');
-- what nobody asks for does no harm
SELECT count(*) FROM crm.duplicate_groups('people', model => (SELECT model || '{"note": "ours"}' FROM models));
SELECT crm.train_matching(NULL);

-- decisions
CREATE TABLE decisions (relation regclass, left_key text, right_key text, same boolean, note text);
INSERT INTO decisions VALUES ('people', '2', '1', false), ('people', '5', '6', true), ('leads', '3', '4', false),
	('people', NULL, '3', false), ('people', '3', '4', NULL), ('people', '3', '999', true), ('people', 'x', '3', true), ('people', '3', '3', false);
SELECT left_id, right_id, probability = 1 AS certain, evidence->>'decision' AS decision FROM crm.find_duplicates('people', decisions => 'decisions') ORDER BY 1;
SELECT group_id, contact_id FROM crm.duplicate_groups('people', decisions => 'decisions');
SELECT left_id, right_id FROM crm.find_duplicates('people', 1, decisions => 'decisions');
-- never together, through nobody
INSERT INTO decisions VALUES ('people', '1', '3', true), ('people', '3', '2', true);
SELECT bool_or(1 = ANY (m) AND 2 = ANY (m)) AS together FROM (SELECT array_agg(contact_id) AS m FROM crm.duplicate_groups('people', decisions => 'decisions') GROUP BY group_id) AS g;
-- a pair that was called both is different; a view is a relation of decisions, too
CREATE VIEW said AS SELECT '3' AS left_key, '4'::varchar AS right_key, same FROM (VALUES (true), (false)) AS v (same);
SELECT group_id, contact_id FROM crm.duplicate_groups('people', decisions => 'said');
SELECT crm.train_matching('people', 'decisions')->'sample'->'decisions' AS decisions;
-- whoever says that people with different first names are the same makes a first name worth less
CREATE TABLE taught AS SELECT a.id::text AS left_key, (a.id + 1)::text AS right_key, true AS same FROM people AS a WHERE a.id BETWEEN 101 AND 199;
SELECT (crm.train_matching('people', 'taught')#>>'{evidence,first_name,different,same_person}')::float8
	> (crm.train_matching('people')#>>'{evidence,first_name,different,same_person}')::float8 AS learned;
SELECT * FROM crm.find_duplicates('people', decisions => 'people');
CREATE VIEW wrong AS SELECT 1 AS left_key, 2 AS right_key, 'yes' AS same;
SELECT * FROM crm.find_duplicates('people', decisions => 'wrong');
CREATE VIEW wrong_too AS SELECT 'people' AS relation, 1 AS left_key, 2 AS right_key, true AS same;
SELECT * FROM crm.find_duplicates('people', decisions => 'wrong_too');
SELECT * FROM crm.find_duplicates('people', decisions => 4294967295::oid::regclass);

-- why: both values, what they are compared as, how alike they are
SELECT field, left_value, right_value, left_normal, right_normal, level, blocking_keys FROM crm.explain_match('people', 2, 1) WHERE field NOT IN ('household', 'colleagues', 'careless');
SELECT field, left_value, right_value, left_normal, level FROM crm.explain_match_by_key('leads', '00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-00000000000a') WHERE field IN ('last_name', 'email', 'phone', 'date_of_birth');
-- weights sum to the match weight, with a model and without, whichever is left
SELECT count(*) AS pairs, bool_and(abs(d.match_weight - e.sum) < 1e-6) AS sums, bool_and(abs(e.sum - r.sum) < 1e-9) AS symmetric, bool_and(abs(d.match_weight - m.sum) < 1e-6) AS as_stored
FROM crm.find_duplicates('people', 0) AS d, LATERAL (SELECT sum(weight) FROM crm.explain_match('people', left_id, right_id)) AS e,
	LATERAL (SELECT sum(weight) FROM crm.explain_match('people', right_id, left_id)) AS r,
	LATERAL (SELECT sum(weight) FROM crm.explain_match('people', left_id, right_id, (SELECT model FROM models))) AS m
WHERE match_weight > -12;
SELECT bool_and(abs(match_weight - sum) < 0.01) AS evidence_sums FROM (SELECT match_weight, sum((value->>'weight')::float8) FROM crm.find_duplicates('people', 0), jsonb_each(evidence) GROUP BY left_id, right_id, match_weight) AS d;
SELECT * FROM crm.explain_match('people', 1, 1);
SELECT * FROM crm.explain_match('people', 1, 12345);
SELECT * FROM crm.explain_match('people', 1, NULL);
SELECT * FROM crm.explain_match_by_key('leads', 'no uuid', 'x');
SELECT * FROM crm.explain_match_by_key('leads', 'no uuid', 'x', (SELECT model FROM models));

-- what is read, and what is compared
SELECT column_name, used_as, filled, usable FROM crm.matching_input('people');
SELECT DISTINCT section FROM crm.matching_report('people') ORDER BY 1;
SELECT item, pairs FROM crm.matching_report('people') WHERE section = 'contacts' AND item = 'contacts';
SELECT bool_and(expected_precision BETWEEN 0 AND 1 AND expected_recall BETWEEN 0 AND 1) AS shares,
	bool_and(expected_recall <= earlier) AS falls FROM (SELECT *, lag(expected_recall) OVER () AS earlier FROM crm.matching_report('people') WHERE section = 'thresholds') AS t;
SELECT (SELECT sum(pairs) FROM crm.matching_report('people') WHERE section = 'scores') = (SELECT pairs FROM crm.matching_report('people') WHERE item = 'pairs compared') AS all_scored;

-- keys are numbers or texts of them: the same pairs, ordered as their kind is
SELECT count(*) > 0 AS pairs, count(*) FILTER (WHERE abs(a.match_weight - b.match_weight) < 1e-9) = count(*) AS same, bool_and(left_key COLLATE "C" < right_key COLLATE "C") AS ordered
FROM crm.find_duplicates('people', 0) AS a JOIN crm.find_duplicates_by_key('people', 0) AS b
	ON left_id = LEAST(left_key::bigint, right_key::bigint) AND right_id = GREATEST(left_key::bigint, right_key::bigint)
HAVING count(*) = (SELECT count(*) FROM crm.find_duplicates('people', 0));

-- the order of rows makes no difference; nor does a model that was kept
CREATE TABLE shuffled AS SELECT * FROM people ORDER BY md5(id::text || 'x');
CREATE TABLE reversed AS SELECT * FROM people ORDER BY id DESC;
SELECT count(*) AS differences FROM (SELECT * FROM crm.find_duplicates('people', 0) EXCEPT SELECT * FROM crm.find_duplicates('shuffled', 0)) AS d;
SELECT count(*) AS differences FROM (SELECT * FROM crm.find_duplicates('people', 0) EXCEPT SELECT * FROM crm.find_duplicates('reversed', 0)) AS d;
SELECT count(*) AS differences FROM (SELECT * FROM crm.duplicate_groups('people', 0.1) EXCEPT SELECT * FROM crm.duplicate_groups('shuffled', 0.1)) AS d;
SELECT crm.train_matching('people') - 'trained_at' = crm.train_matching('shuffled') - 'trained_at' AS same_model;

-- a read-only transaction, a subtransaction, a cursor, the caller's rights
BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE READ ONLY;
SELECT count(*) FROM crm.find_duplicates('people');
SELECT count(*) FROM crm.duplicate_groups('people', decisions => 'decisions');
SELECT count(*) > 0 AS rows FROM crm.explain_match('people', 1, 2);
SELECT length(crm.train_matching('people')::text) > 1000 AS model;
DECLARE c CURSOR FOR SELECT left_id, right_id FROM crm.find_duplicates('people') ORDER BY 1;
FETCH 1 FROM c;
COMMIT;
CREATE ROLE regress_crm_reader;
GRANT USAGE ON SCHEMA regress_crm_matching TO regress_crm_reader;
GRANT SELECT (id, first_name, last_name) ON people TO regress_crm_reader;
GRANT SELECT ON leads, shuffled TO regress_crm_reader;
ALTER TABLE shuffled ENABLE ROW LEVEL SECURITY;
CREATE POLICY visible ON shuffled USING (id <> 2);
SET ROLE regress_crm_reader;
SELECT count(*) FROM crm.find_duplicates('people');
SELECT count(*) > 0 AS found FROM crm.find_duplicates_by_key('leads');
SELECT left_id, right_id FROM crm.find_duplicates('shuffled') ORDER BY 1;
SELECT count(*) FROM crm.find_duplicates('shuffled', decisions => 'decisions');
SELECT * FROM crm.explain_match('shuffled', 1, 2);
RESET ROLE;

-- columns of a CRM's own: both forms of a phone, more addresses, a company by its key, archived rows
SELECT crm.create_tables('regress_crm_matching_sales') IS NULL AS made;
INSERT INTO regress_crm_matching_sales.companies (id, name) OVERRIDING SYSTEM VALUE VALUES (42, 'Acme'), (43, 'Other');
INSERT INTO regress_crm_matching_sales.contacts (id, first_name, last_name, email, additional_emails, phone, additional_phones, company_id, archived_at) OVERRIDING SYSTEM VALUE VALUES
	(1, 'Ada', 'Byron', 'ada@byron.example', '[]', NULL, '[]', 42, NULL),
	(2, 'Ada', 'Byron', 'a.byron@acme.example', '[{"email": "ada@byron.example", "type": "home"}]', NULL, '[{"number": "+44 20 7946 0958"}]', 42, NULL),
	(3, 'Ada', 'Byron', NULL, '["ada@byron.example"]', NULL, '[]', 42, '2026-01-01'),
	(4, 'Charles', 'Babbage', NULL, '[]', NULL, '[]', 43, NULL);
SELECT group_id, contact_id FROM crm.duplicate_groups('regress_crm_matching_sales.contacts');
SELECT field, left_value, right_value, level FROM crm.explain_match('regress_crm_matching_sales.contacts', 1, 2) WHERE field IN ('email', 'company', 'phone');
SELECT level FROM crm.explain_match('regress_crm_matching_sales.contacts', 1, 4) WHERE field = 'company';
SELECT * FROM crm.explain_match('regress_crm_matching_sales.contacts', 1, 3);
SELECT column_name, used_as, note FROM crm.matching_input('regress_crm_matching_sales.contacts') WHERE column_name IN ('phone', 'phone_e164', 'company_id', 'archived_at');

SET client_min_messages = warning;
DROP SCHEMA regress_crm_matching, regress_crm_matching_sales CASCADE;
DROP ROLE regress_crm_reader;
