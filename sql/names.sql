\pset format unaligned
-- one name, many spellings
SELECT name, crm.fold_name(name)
FROM (VALUES
	('Smith'), ('SMITH'), ('  John   Smith '), ('Jean-Pierre'), ('O''Brien'), ('O’Brien'), ('O`Brien'), ('D´Angelo'), ('J. R. Ewing, Jr.'), ('Anna (Annie) Lee'), ('a/b_c'),
	('Müller'), ('Mu' || U&'\0308' || 'ller'), ('José Núñez'), ('Łukasz Żółć'), ('Straße'), ('STRAẞE'), ('Søren Ærø'), ('Þór Guðmundsdóttir'), ('Đặng Văn Hưng'), ('İlker Işık'), ('Œuvre'),
	('Dvořák'), ('Čapek'), ('Ștefan'), ('Ķēniņš'), ('Åse'), (U&'A\030Ase'), ('ﬁnn'), ('Ｓｍｉｔｈ'), ('Mª del Mar'), ('ĳsbrand'), ('Ñuñez' || U&'\200B'), (U&'\FEFFAnna'), (U&'\202EAnna'), ('Anna' || chr(160) || 'Lee'), ('Anna' || chr(9) || chr(10) || 'Lee'),
	('２０００'), ('№ 5'), ('')
) AS t (name);

-- Cyrillic and Greek in Latin letters
SELECT name, crm.fold_name(name)
FROM (VALUES
	('Пушкин'), ('ПУШКИН'), ('Щукин'), ('Юлия'), ('Ёлкин'), ('Елкин'), ('Хрущёв'), ('Чайковский'), ('Подъячев'), ('Ильич'), ('Цой'), ('Андрей'), ('Андрей' || U&'\0306'), (U&'\0410\043D\0434\0440\0435\0438\0306'),
	('Володимир Зеленський'), ('Олексій'), ('Ґалаґан'), ('Їжак'), ('Єва'), ('Търново'), ('Ђоковић'), ('Јелена'), ('Љиљана'), ('Ќосе'), ('Аляксандр Лукашэнка'), ('Әлия'), ('Ҡасим'), ('Ҫеҫпӗл'),
	('Αλέξανδρος'), ('ΑΛΕΞΑΝΔΡΟΣ'), ('Γιώργος'), ('Ευάγγελος'), ('Σταύρος'), ('Λούκας'), ('Χρήστος'), ('Μπάμπης'), ('Ἀθηνᾶ'), ('Ψυχή')
) AS t (name);

-- other scripts stay, without points and in one form
SELECT name, crm.fold_name(name)
FROM (VALUES
	('山田　太郎'), ('김철수'), (U&'\1100\1175\11B7'), ('ﾔﾏﾀﾞ'), (U&'\30BF\3099'), ('מֹשֶׁה'), ('مُحَمَّد'), ('علی'), ('علي'), ('नरेन्द्र'), ('ไทย'), ('თამარ'), ('Արամ'), ('ԱՐԱՄ'), ('王·小明')
) AS t (name);

SELECT crm.fold_name(NULL) IS NULL AS of_null, crm.fold_name('''-.,') = '' AS signs, crm.fold_name('😀 Anna 🎉') AS pictures;

-- the folded form is a fixed point, and that of both normalization forms
SELECT count(*) AS twice FROM generate_series(1, 1114111) AS c
WHERE c NOT BETWEEN 55296 AND 57343 AND crm.fold_name(crm.fold_name('a' || chr(c) || 'e')) <> crm.fold_name('a' || chr(c) || 'e');
SELECT count(*) AS forms FROM generate_series(1, 65535) AS c
WHERE c NOT BETWEEN 55296 AND 57343 AND NOT crm.fold_name(normalize(chr(c), NFC)) = ALL (ARRAY[crm.fold_name(chr(c)), crm.fold_name(normalize(chr(c), NFD))]);
-- the letters of Latin, Greek and Cyrillic have Latin ones, but for signs of phonetics and clicks
SELECT string_agg(chr(c), ' ' ORDER BY c) AS kept FROM generate_series(192, 591) AS c WHERE crm.fold_name(chr(c)) = chr(c);
SELECT string_agg(chr(c), ' ' ORDER BY c) AS kept FROM generate_series(904, 974) AS c WHERE crm.fold_name(chr(c)) = chr(c) AND c NOT IN (907, 909, 930);
SELECT string_agg(chr(c), ' ' ORDER BY c) AS kept FROM generate_series(1024, 1279) AS c WHERE crm.fold_name(chr(c)) = chr(c);

-- long names
SELECT length(crm.fold_name(repeat('É', 500000))) AS accents, length(crm.fold_name(repeat('Щ', 500000))) AS cyrillic,
	length(crm.fold_name(repeat('''', 1000000))) AS apostrophes, length(crm.fold_name(repeat(' -', 500000) || 'a')) AS signs,
	length(crm.fold_name(repeat('漢', 300000))) AS han, length(crm.fold_name(repeat('x ', 500000))) AS words,
	length(crm.fold_name('a' || repeat(U&'\0301', 500000))) AS marks;

-- in an index, and found through it
CREATE TEMP TABLE person (name text);
INSERT INTO person SELECT 'Person ' || i FROM generate_series(1, 1000) AS i;
INSERT INTO person VALUES ('Пушкин');
CREATE INDEX person_idx ON person (crm.fold_name(name));
ANALYZE person;
EXPLAIN (COSTS OFF) SELECT FROM person WHERE crm.fold_name(name) = crm.fold_name('PUSHKIN');
SELECT name FROM person WHERE crm.fold_name(name) = crm.fold_name('PUSHKIN');

-- stored values are folded wherever they lie: packed, compressed, out of line
CREATE TEMP TABLE stored (name text, folded text GENERATED ALWAYS AS (crm.fold_name(name)) STORED);
ALTER TABLE stored ALTER name SET STORAGE EXTERNAL;
INSERT INTO stored VALUES ('Ñ'), (repeat('Ñ', 10000)), (NULL);
SELECT length(folded), left(folded, 3) AS head FROM stored;

SELECT oid::regprocedure, provolatile, proisstrict, proparallel FROM pg_proc
WHERE pronamespace = 'crm'::regnamespace AND proname IN ('fold_name', 'split_name', 'given_name_similarity', 'given_name_variants') ORDER BY proname;
