-- Contacts that equal others, lists of values, long values and other scripts.
\set SHOW_CONTEXT never
CREATE SCHEMA regress_crm_equal;
SET search_path = regress_crm_equal;
SET client_min_messages = warning;

-- equal in everything: few make all pairs, of many each is a pair with the first; a trained model is one that can be read
CREATE TABLE same (id bigint PRIMARY KEY, first_name text, last_name text, email text, phone text, city text);
CREATE FUNCTION equal_contacts(number int, surname text, OUT pairs bigint, OUT stored bigint, OUT members bigint, OUT groups bigint) LANGUAGE plpgsql AS $$
BEGIN
	TRUNCATE same;
	INSERT INTO same SELECT g, 'Anna', surname, surname || '@firm.example', '030123456', 'Ulm' FROM generate_series(1, number) AS g;
	SELECT count(*) INTO pairs FROM crm.find_duplicates('same');
	SELECT count(*) INTO stored FROM crm.find_duplicates('same', model => crm.train_matching('same'));
	SELECT count(*), count(DISTINCT group_id) INTO members, groups FROM crm.duplicate_groups('same');
END $$;
SELECT number, e.* FROM unnest(ARRAY[1, 2, 3, 50, 51, 300]) AS number, equal_contacts(number, 'Quast') AS e ORDER BY number;
SELECT surname, e.* FROM unnest(ARRAY['Berg', 'Stein', 'Haus', 'Bach']) AS surname, equal_contacts(300, surname) AS e ORDER BY surname;
RESET client_min_messages;
SELECT count(*) FROM crm.find_duplicates('same');
SELECT item, pairs FROM crm.matching_report('same') WHERE item = 'copies of others';
-- among others they weigh as they would alone, and the others as without them
INSERT INTO same SELECT 1000 + g, 'N' || md5(g::text), 'S' || md5((g + 7)::text), md5(g::text) || '@x.example', 30000000 + g * 7919, 'Ulm' FROM generate_series(1, 3000) AS g;
INSERT INTO same SELECT 10000 + g, 'N' || md5(g::text), 'S' || md5((g + 7)::text), md5(g::text) || '@x.example', NULL, 'Ulm' FROM generate_series(1, 20) AS g;
SELECT count(*) FILTER (WHERE group_id = 1) AS equal, count(*) FILTER (WHERE group_id > 1) AS others FROM crm.duplicate_groups('same');
-- who is decided about is nobody's copy
CREATE TABLE decisions AS SELECT '1' AS left_key, '300' AS right_key, false AS same;
SELECT bool_or(contact_id = 300) AS "300", bool_or(contact_id = 1) AS "1", count(*) FROM crm.duplicate_groups('same', decisions => 'decisions') WHERE contact_id <= 300;
SELECT count(*) FROM crm.find_duplicates('same', decisions => 'decisions') WHERE left_id = 1 AND right_id = 300;

-- groups that likely pairs connect beyond all bounds are taken apart, and that is said
TRUNCATE same;
INSERT INTO same SELECT g, 'Anna', 'Quast', 'quast@firm.example', '030123456', 'City ' || g FROM generate_series(1, 450) AS g;
SELECT max(count) <= 400 AS bounded FROM (SELECT count(*) FROM crm.duplicate_groups('same', 0.1) GROUP BY group_id) AS g;

-- of two values that both have the rarer one counts, in whatever order they stand
CREATE TABLE lists (id int PRIMARY KEY, last_name text, emails text[], phones text[]);
INSERT INTO lists SELECT 100 + g, 'L' || md5(g::text), '{office@firm.example}', '{030 5555555}' FROM generate_series(1, 400) AS g;
INSERT INTO lists SELECT 1000 + g, 'L' || md5((g + 7)::text), ARRAY[md5(g::text) || '@x' || g || '.example'], ARRAY[(40000000 + g * 7919)::text] FROM generate_series(1, 1000) AS g;
CREATE TABLE models AS SELECT crm.train_matching('lists') AS model;
INSERT INTO lists VALUES
	(1, 'Quast', '{office@firm.example, ann.quast@home.example}', '{030 5555555, 0171 1234567}'), (2, 'Quast', '{ann.quast@home.example, office@firm.example}', '{0171 1234567, 030 5555555}'),
	(3, 'Wurm', '{bo.wurm@home.example, office@firm.example}', '{0171 7654321, 030 5555555}'), (4, 'Wurm', '{office@firm.example, bo.wurm@home.example}', '{030 5555555, 0171 7654321}');
SELECT e.field, round(e.weight::numeric, 6) = round(f.weight::numeric, 6) AS same_weight, e.weight > 10 AS private
FROM models, crm.explain_match('lists', 1, 2, model) AS e JOIN crm.explain_match('lists', 3, 4, (SELECT model FROM models)) AS f USING (field)
WHERE field IN ('email', 'phone') ORDER BY field;
-- the third of a list makes a key, too
TRUNCATE lists;
INSERT INTO lists SELECT 100 + g, 'L' || md5(g::text), '{a.one@x.example, d.four@x.example}' FROM generate_series(1, 3000) AS g;
INSERT INTO lists VALUES
	(1, 'Quast', '{a.one@x.example, b.two@x.example, unique.person@rare.example}'), (2, 'Quast', '{d.four@x.example, e.five@x.example, unique.person@rare.example}'), (3, 'Quast', '{unique.person@rare.example}');
SELECT left_id, right_id FROM crm.find_duplicates('lists', 0.001) WHERE right_id < 100 ORDER BY 1, 2;

-- addresses that begin alike and are too long are not the same
CREATE TABLE long (id int PRIMARY KEY, email text);
INSERT INTO long SELECT g, 'reply-0123456789abcdef0123456789abcdef0123456789abcdef-0123456789-' || g % 3 || '@tenant' || g % 3 || '.example' FROM generate_series(1, 4) AS g;
SELECT left_id, right_id FROM crm.find_duplicates('long', 0.3);

-- in scripts whose letters take several bytes strangers are strangers
CREATE TABLE han (id int PRIMARY KEY, last_name text, first_name text, city text);
INSERT INTO han SELECT g, chr(19968 + (hashint4(g) & 127)), chr(20200 + (hashint4(g + 1000000) & 255)) || chr(20200 + (hashint4(g + 2000000) & 255)),
	'市' || (hashint4(g + 3000000) & 31) FROM generate_series(1, 3000) AS g;
SELECT count(*) < 10 AS few FROM crm.find_duplicates('han');
SELECT level FROM crm.explain_match('han', (SELECT min(id) FROM han WHERE last_name = '一'), (SELECT min(id) FROM han WHERE last_name = '丁')) WHERE field = 'last_name';

-- copies say nothing about others, nor do decisions about them hide any
SET client_min_messages = warning;
CREATE TABLE others (id int PRIMARY KEY, first_name text, last_name text, email text, street text, city text, postal_code text);
INSERT INTO others SELECT g, 'N' || md5((g % 900)::text), 'S' || md5((g % 900 + 7)::text), CASE WHEN g % 3 = 0 THEN md5((g % 900)::text) || '@x.example' END, 1 + g % 90 || ' Road ' || g % 70,
	'City ' || g % 40, (10000 + g % 40)::text FROM generate_series(1, 1000) AS g;
SELECT count(*) > 50 AS some FROM crm.find_duplicates('others');
CREATE TABLE before AS SELECT left_id, right_id FROM crm.find_duplicates('others');
INSERT INTO others SELECT 10000 + g, 'Test', 'User', 'test@example.org', '1 Test Street', 'Testville', '99999' FROM generate_series(1, 9000) AS g;
SELECT count(*) FROM (SELECT left_id, right_id FROM crm.find_duplicates('others') WHERE left_id < 10000 EXCEPT TABLE before) AS more;
SELECT count(*) FROM (TABLE before EXCEPT SELECT left_id, right_id FROM crm.find_duplicates('others')) AS fewer;
TRUNCATE decisions;
INSERT INTO decisions SELECT (10000 + g)::text, (10001 + g)::text, true FROM generate_series(100, 1000) AS g;
SELECT count(*) FROM crm.duplicate_groups('others', decisions => 'decisions') WHERE contact_id > 10000;

-- what is rejected unseen weighs too little, whatever the model is: all pairs that weigh enough are found
CREATE FUNCTION shares(keys text[], relationship text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
	SELECT jsonb_object_agg(key, r / sum) FROM (SELECT key, r, sum(r) OVER () AS sum FROM (SELECT key, random() ^ 6 + 1e-9 AS r FROM unnest(keys) AS key) AS a) AS b $$;
CREATE FUNCTION random_model(model jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	evidence text;
	relationship text;
	level text;
	chances jsonb;
BEGIN
	model := jsonb_set(model, '{relationships}', shares(ARRAY['strangers', 'household', 'colleagues', 'same_person', 'careless'], NULL));
	model := jsonb_set(model, '{namesakes}', (SELECT jsonb_agg(1 + random() * 100) FROM jsonb_array_elements(model->'namesakes')));
	FOR evidence IN SELECT jsonb_object_keys(model->'evidence') LOOP
		CONTINUE WHEN evidence = 'address';
		FOREACH relationship IN ARRAY ARRAY['strangers', 'household', 'colleagues', 'same_person', 'careless', 'all_pairs'] LOOP
			chances := shares(ARRAY(SELECT jsonb_object_keys(model->'evidence'->evidence)), relationship);
			FOR level IN SELECT jsonb_object_keys(chances) LOOP
				model := jsonb_set(model, ARRAY['evidence', evidence, level, relationship], chances->level);
			END LOOP;
		END LOOP;
	END LOOP;
	RETURN model;
END $$;
CREATE TABLE messy (id int PRIMARY KEY, first_name text, middle_name text, last_name text, emails text[], phones text[], date_of_birth date, city text, company text);
SELECT setseed(0.25) \g /dev/null
CREATE FUNCTION one_of(VARIADIC choices text[]) RETURNS text LANGUAGE sql VOLATILE AS $$ SELECT nullif(choices[1 + (random() * (cardinality(choices) - 1))::int], '') $$;
INSERT INTO messy SELECT g, one_of('Anna', 'Ann', 'Karl', 'Karla', 'Rose Ann', 'A', 'Berg', '王', ''), one_of('', '', 'Rose', 'Karl'), one_of('Berg', 'Bergh', 'Zawadzki', 'Rose', 'Karl', 'Berg Zawadzki', '李', ''),
	ARRAY[one_of('karl.berg@x.example', 'zawadzki@x.example', 'karl@y.example', 'zawadzkj@z.example', 'anna.rose@gmail.com', 'info@x.example'), CASE WHEN random() < 0.2 THEN one_of('karl.berg@x.example', 'office@y.example') END],
	ARRAY[one_of('301234567', '551234567', '301234568', '123456', '123457', ''), CASE WHEN random() < 0.2 THEN '551234567' END], date '1970-01-01' + (random() * 40)::int,
	one_of('Ulm', 'Neu Ulm', 'Köln', 'Kölm', ''), one_of('Acme', 'Acme Berg', 'Beta', '') FROM generate_series(1, 250) AS g;
DO $$
DECLARE
	base jsonb := crm.train_matching('messy');
	model jsonb;
	found bigint;
	enough bigint;
BEGIN
	FOR i IN 1..40 LOOP
		model := random_model(base);
		SELECT count(*) INTO found FROM crm.find_duplicates('messy', 0.5, model);
		SELECT count(*) INTO enough FROM crm.find_duplicates('messy', 0, model) WHERE probability >= 0.5;
		IF found <> enough THEN
			RAISE WARNING 'model %: % pairs of %: %', i, found, enough, model;
		END IF;
	END LOOP;
END $$;
SELECT crm.find_duplicates('messy', 0.5, (SELECT jsonb_set(m, '{namesakes,0}', '0.5') FROM crm.train_matching('messy') AS m));

-- a name of one long word is a name
CREATE TABLE long_names AS SELECT g AS id, 'Anna' AS first_name, repeat('x', 70) AS last_name FROM generate_series(1, 2) AS g;
SELECT level FROM crm.explain_match('long_names', 1, 2) WHERE field = 'last_name';

SET client_min_messages = warning;
DROP SCHEMA regress_crm_equal CASCADE;
