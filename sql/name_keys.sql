-- what keys look like
SELECT name, crm.name_keys(name)
FROM (VALUES
	('Smith'), ('Schmidt'), ('Müller'), ('Charles'), ('Michael'), ('Li'), ('Anna'), ('Anna Maria Schmidt'),
	('van den Berg'), ('Vandenberg'), ('De la Cruz'), ('O''Brien'), ('Dr. J. R. Ewing Jr.'), ('Ng'), ('Mc'),
	('Щепанский'), ('Παπαδόπουλος'), ('山田 太郎'), ('محمد'), ('김 Kim'), ('3M'), ('Smith 2nd'), ('Sm1th')
) AS t (name);

-- nothing to hear
SELECT name, crm.name_keys(name)
FROM (VALUES (''), ('   '), ('-'), (''''), ('...'), ('?!')) AS t (name);
SELECT crm.name_keys(NULL) IS NULL AS is_null;
-- a name has a key if there is nothing else in it
SELECT name, crm.name_keys(name)
FROM (VALUES ('h'), ('Hh'), ('O'), ('Y'), ('Dr'), ('van'), ('de la'), ('J R'), ('St')) AS t (name);

-- spellings of one name share a key with the first of them
CREATE TEMP TABLE spelling (languages text, names text[]);
INSERT INTO spelling VALUES
	('German', '{Schmidt,Schmitt,Schmid,Schmied,Smith,Smyth}'),
	('German', '{Meyer,Maier,Mayr,Meier,Mayer,Majer,Mair,Myer,Meir}'),
	('German', '{Müller,Mueller,Muller}'), ('German', '{Jäger,Jaeger,Yeager,Jager}'),
	('German', '{Schultz,Schulz,Schulze,Shults,Шульц}'), ('German', '{Schwarz,Schwartz,Swartz,Svarc,Шварц}'),
	('German', '{Fuchs,Fux,Fuks}'), ('German', '{Weiß,Weiss,Weis,Vais,Вайс}'), ('German', '{Pfeiffer,Pfeifer,Feifer}'),
	('German', '{Albrecht,Albreht,Albrekht}'), ('German', '{Katz,Kac,Cats,Kats}'), ('German', '{Wagner,Vagner,Вагнер}'),
	('English', '{Catherine,Kathryn,Katharina,Catarina,Cathrine,Katrin,Katarzyna}'), ('English', '{Philip,Filip,Phillip,Felipe,Filippo}'),
	('English', '{Steven,Stephen,Stefan,Stephan}'), ('English', '{Geoffrey,Jeffrey,Jeffry,Geffrey}'),
	('English', '{Thompson,Thomson,Tomson}'), ('English', '{Wright,Right,Rite}'), ('English', '{Leigh,Lee,Li,Ley,Lea}'),
	('English', '{Reid,Reed,Read}'), ('English', '{Clark,Clarke,Clerk}'), ('English', '{Jayne,Jane,Jain}'),
	('English', '{Stewart,Stuart,Steward}'), ('English', '{Brown,Braun,Browne}'), ('English', '{Rodgers,Rogers}'),
	('English', '{Nicholas,Nicolas,Nikolas,Nikolaus}'), ('English', '{Cox,Cocks}'), ('English', '{Eric,Erik,Erich,Erick}'),
	('English', '{Edward,Eduard,Edvard,Edouard,Eduardo}'), ('English', '{Knight,Night}'), ('English', '{Lamb,Lam}'),
	('Irish, Scottish', '{McDonald,MacDonald,Mc Donald,Mac Donald,Makdonald}'), ('Irish, Scottish', '{McIntyre,MacIntyre,Mac Intyre,McKintyre}'),
	('Irish, Scottish', '{McGee,Magee,MacGhee}'), ('Irish, Scottish', '{O''Brien,O Brien,OBrien,O’Bryan}'),
	('Dutch', '{van den Berg,Vandenberg,Van Denberg,"Berg, van den"}'), ('Dutch', '{de Bruijn,De Bruyn,Bruin,Debruin}'),
	('Dutch', '{van Dijk,Van Dyk,Vandyck}'), ('Dutch', '{Bosch,Bos}'),
	('Nordic', '{Sørensen,Sorensen,Sörensen,Soerensen}'), ('Nordic', '{Björn,Bjorn,Bjoern,Biorn}'), ('Nordic', '{Åkesson,Akesson,Aakesson}'),
	('Nordic', '{Kjell,Kiell,Kell}'), ('Nordic', '{Hjalmar,Jalmar}'), ('Nordic', '{Sjöberg,Sjoberg,Shoberg}'),
	('French', '{Renault,Renaud,Renaut}'), ('French', '{Lefebvre,Lefèvre,Lefevre}'), ('French', '{Lemieux,Lemieu}'),
	('French', '{Oualid,Walid}'), ('French', '{Khrouchtchev,Khrushchev,Хрущёв,Chruschtschow}'),
	('Spanish', '{García,Garcia,Garzia}'), ('Spanish', '{Hernández,Hernandes,Ernandez}'), ('Spanish', '{Vázquez,Vasquez,Basquez,Bazquez}'),
	('Spanish', '{Jiménez,Gimenez,Ximénez,Jimenes}'), ('Spanish', '{Xavier,Javier}'), ('Spanish', '{De la Cruz,Delacruz,"Cruz, de la",Crus}'),
	('Spanish', '{José,Jose}'), ('Spanish', '{Guillermo,Guilherme,Gillermo}'), ('Spanish', '{Núñez,Nunes}'), ('Spanish', '{Mejía,Mehia}'),
	('Portuguese', '{Teixeira,Teiseira,Teicheira}'), ('Portuguese', '{Muñoz,Munhoz,Mugnoz}'), ('Portuguese', '{Castilho,Castillo}'),
	('Italian', '{Giovanni,Jovanni,Djovanni}'), ('Italian', '{Ricci,Ritchi,Ritschi}'), ('Italian', '{Castiglione,Castilione}'), ('Italian', '{Vecchio,Vekio}'),
	('Polish', '{Szczepański,Schepanski,Shchepansky,Щепанский}'), ('Polish', '{Wojciech,Voiciech,Wojcieh,Войцех}'), ('Polish', '{Krzysztof,Kristof,Christof,Krystof}'),
	('Polish', '{Andrzej,Andrej,Andrei,Andrey,Андрей}'), ('Polish', '{Grzegorz,Gregor}'), ('Polish', '{Kowalczyk,Kovalchik}'),
	('Czech', '{Dvořák,Dvorak,Dworzak,Дворжак}'), ('Czech', '{Novák,Nowak,Новак}'), ('Hungarian', '{Kovács,Kovach,Kovač,Kowatsch,Kovats}'),
	('Hungarian', '{Ferenc,Ferencz}'), ('Serbian', '{Đorđević,Djordjević,Dordevic}'), ('Serbian', '{Milošević,Milosevich,Miloschewitsch,Милошевић}'),
	('Russian', '{Чайковский,Tchaikovsky,Tschaikowski,Tchaïkovski,Czajkowski}'), ('Russian', '{Жуков,Zhukov,Schukow,Joukov,Zukov}'),
	('Russian', '{Евгений,Evgeny,Yevgeny,Jewgenij}'), ('Russian', '{Екатерина,Ekaterina,Yekaterina,Jekaterina}'),
	('Russian', '{Иванов,Ivanov,Iwanow,Ivanoff}'), ('Russian', '{Горбачёв,Gorbachev,Gorbatschow,Gorbatchev,Gorbaczow}'),
	('Ukrainian', '{Богдан,Bohdan,Bogdan}'), ('Ukrainian', '{Oleh,Oleg,Олег}'), ('Bulgarian', '{Hristo,Khristo,Christo,Христо}'),
	('Greek', '{Κωνσταντίνος,Konstantinos,Constantinos,Konstantin}'), ('Greek', '{Γεώργιος,Georgios,Giorgios}'), ('Greek', '{Παπαδόπουλος,Papadopoulos,Papadopulos,Papadopoulou}'),
	('Turkish', '{Şahin,Sahin,Schahin,Shahin}'), ('Turkish', '{Çelik,Celik,Tschelik,Chelik}'), ('Turkish', '{Yıldız,Yildiz,Jildis}'),
	('Arabic', '{Mohammed,Muhammad,Mohamad,Mukhammed,Мухаммед}'), ('Arabic', '{Ahmed,Achmed,Akhmed,Ahmad,Ахмед}'),
	('Arabic', '{Abdul Rahman,Abdulrahman,Abd al-Rahman,Abdel Rahman}'), ('Arabic', '{Djamel,Jamel,Jamal,Dzhamal}'), ('Arabic', '{Yusuf,Youssef,Jusuf,Iusuf}'),
	('Arabic', '{Khaled,Chaled,Haled,Халед}'), ('Hebrew', '{Chaim,Haim,Khaim,Хаим}'), ('Hebrew', '{Weizmann,Weitzman,Waizman,Vaitsman}'),
	('Indian', '{Lakshmi,Laxmi}'), ('Indian', '{Chaudhary,Chowdhury,Choudhry}'), ('Indian', '{Mukherjee,Mukerji}'),
	('Chinese', '{Xu,Hsu,Shu}'), ('Chinese', '{Zhou,Chou,Jou}'), ('Chinese', '{Liu,Lyu}'), ('Chinese', '{Qian,Chian}'), ('Vietnamese', '{Nguyễn,Nguyen,Nguen,Nuyen}');

SELECT sum(cardinality(names) - 1) AS pairs FROM spelling;
SELECT names[1] AS name, crm.name_keys(names[1]), other, crm.name_keys(other)
FROM spelling, unnest(names[2:]) AS other
WHERE NOT crm.name_keys(names[1]) && crm.name_keys(other);

-- and different names do not
SELECT a, crm.name_keys(a), b, crm.name_keys(b)
FROM (VALUES
	('Smith', 'Jones'), ('Martin', 'Morgan'), ('Müller', 'Meyer'), ('Schmidt', 'Schulz'), ('Anna', 'Emma'), ('Lee', 'Lau'), ('Lee', 'Low'),
	('Bauer', 'Power'), ('Ben', 'Penn'), ('Dean', 'Tim'), ('Gary', 'Kerry'), ('Allen', 'Ellen'), ('Hassan', 'Hussein'), ('John', 'Jan'),
	('Christian', 'Christopher'), ('van den Berg', 'van den Heuvel'), ('Vandenberg', 'Vandenheuvel'), ('de Vries', 'de Jong'),
	('McDonald', 'McCarthy'), ('De la Cruz', 'De la Torre'), ('J. Smith', 'J. Brown'), ('Dr. Smith', 'Dr. Brown'), ('Fernandez', 'Hernandez'),
	('Papadopoulos', 'Papageorgiou'), ('Johnson', 'Hansen'), ('山田', '山本')
) AS t (a, b)
WHERE crm.name_keys(a) && crm.name_keys(b);

-- the keys of a name are those of its words, in any order and any dress
SELECT crm.name_keys('Maria Hernández') = crm.name_keys('Maria') || crm.name_keys('Hernández') AS of_words,
	crm.name_keys('Hernández, MARIA') @> crm.name_keys('maria hernandez') AND crm.name_keys('maria hernandez') @> crm.name_keys('Hernández, MARIA') AS in_any_order,
	crm.name_keys('Müller-Lüdenscheidt') = crm.name_keys(crm.fold_name('Müller-Lüdenscheidt')) AS folded,
	crm.name_keys('Anna Anna Schmidt Schmitt') = crm.name_keys('Anna Schmidt') AS none_twice,
	crm.name_keys('Bbabber Ddadd Ggaggel') = crm.name_keys('Baber Dad Gagel') AS doubled;

-- bounds: 3 keys of a word, 32 of a name, 16 words, 40 letters of a word, 15 bytes of a key
SELECT cardinality(crm.name_keys('Dzhordzhevich')) AS of_word,
	(SELECT cardinality(crm.name_keys(string_agg('van ' || chr(97 + i) || 'ovach', ' '))) FROM generate_series(1, 20) AS i) AS of_name,
	crm.name_keys(repeat('Anna ', 15) || 'Bob Charly') = crm.name_keys('Anna Bob') AS words,
	crm.name_keys(repeat('a', 39) || 'bc') = crm.name_keys('ab') AS letters,
	(SELECT max(octet_length(key)) FROM unnest(crm.name_keys('一二三四五六七 абвгд ابتثجحخدذر 1234567890123456789')) AS key) AS bytes;
SELECT crm.name_keys('一二三四五六七 ابتثجحخدذر 1234567890123456789');
SELECT crm.name_keys(repeat('J ', 15) || 'K L') AS sixteenth_is_last;

-- a megabyte
SELECT crm.name_keys(repeat('Schmidt ', 131072)) AS words, crm.name_keys(repeat('b', 1048576)) AS word,
	crm.name_keys(repeat('''', 1048576)) AS nothing, crm.name_keys(repeat('漢', 349525)) AS han;

-- stored values are read wherever they lie: packed, compressed, out of line
CREATE TEMP TABLE stored (name text, keys text[] GENERATED ALWAYS AS (crm.name_keys(name)) STORED);
ALTER TABLE stored ALTER name SET STORAGE EXTERNAL;
INSERT INTO stored VALUES ('Smith'), (repeat('Smith ', 2000)), (NULL);
SELECT length(name), keys FROM stored ORDER BY 1;

-- an index on the keys finds every spelling
CREATE TEMP TABLE people AS
SELECT 'Person' || chr(65 + i % 26) || chr(65 + i / 26 % 26) AS name FROM generate_series(1, 2000) AS i
UNION ALL SELECT unnest('{Schmidt,Schmitt,Smyth,Jones,"Anna Schmid"}'::text[]);
CREATE INDEX people_keys ON people USING gin (crm.name_keys(name));
ANALYZE people;
SET enable_seqscan = off;
EXPLAIN (COSTS OFF) SELECT name FROM people WHERE crm.name_keys(name) && crm.name_keys('Smith');
SELECT name FROM people WHERE crm.name_keys(name) && crm.name_keys('Smith') ORDER BY name COLLATE "C";
RESET enable_seqscan;

SELECT oid::regprocedure, provolatile, proisstrict, proparallel FROM pg_proc
WHERE pronamespace = 'crm'::regnamespace AND proname = 'name_keys';
