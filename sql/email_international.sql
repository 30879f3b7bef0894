-- Addresses beyond ASCII: RFC 6531 local parts, domains by UTS 46.

-- not aligned: psql's idea of the width of characters differs between versions
\pset format unaligned

SELECT address, crm.normalize_email(address), crm.email_domain(address) AS domain
FROM (VALUES
	('Jörg@example.com'), ('JÖRG@example.com'), (U&'JO\0308RG@example.com'), ('straße@example.com'), ('STRASSE@example.com'),
	('ΣΊΣΥΦΟΣ@example.com'), ('Σίσυφος@example.com'), ('пушкин@почта.рф'), ('ПУШКИН@ПОЧТА.РФ'), ('用户@例子.广告'), ('ユーザー@例え.テスト'),
	('अजय@डाटा.भारत'), ('joe@bücher.example'), ('joe@BÜCHER.example'), ('joe@xn--bcher-kva.example'), (U&'joe@bu\0308cher.example'),
	('joe@faß.de'), ('joe@FAẞ.de'), ('joe@fass.de'), ('joe@ｅｘａｍｐｌｅ．ｃｏｍ'), ('joe@example。com'), ('joe@例。com'),
	('joe@☕.example'), (U&'joe@b\00ADücher.example'), ('"jörg müller"@example.com'), ('"jörg"@example.com'), ('ﬁ@example.com'),
	('①@example.com'), ('joe@①.example'), (U&'ᾳ\0301@example.com'), ('İ@example.com'), ('ı@example.com'), (U&'\212Aelvin@example.com'),
	(U&'a\037Eb@example.com'), ('joe@דוגמה.קום'), (U&'joe@\0646\0627\0645\0647\200C\0627\06CC.com'), (U&'joe@\0915\094D\200D\0937.com')
) AS t (address);

-- what is none
SELECT p.diagnosis
FROM (VALUES
	(U&'jo\00A0e@example.com'), (U&'jo\00ADe@example.com'), (U&'jo\200Be@example.com'), (U&'jo\200De@example.com'), (U&'jo\202Ee@example.com'),
	(U&'jo\FEFFe@example.com'), (U&'jo\2028e@example.com'), (U&'jo\3000e@example.com'), (U&'jo\E000e@example.com'),
	(U&'jo\0378e@example.com'), (U&'jo\FFFFe@example.com'), (U&'jo\+10FFFFe@example.com'), (U&'"jo\00A0e"@example.com'),
	(U&'"jo\\\00F6e"@example.com'), ('ö.@example.com'), ('joe＠example.com'), ('jö'), ('jö@'), ('jö e@example.com'),
	('joe@bücher'), ('joe@例え。'), ('joe@。例え.com'), ('joe@bücher..com'), ('joe@bücher.１２３'), ('joe@１.２.３.４'),
	('joe@-bücher.de'), ('joe@bücher-.de'), ('joe@bü--cher.de'), ('joe@büch_er.de'), ('joe@büch er.de'), ('joe@bü@cher.de'),
	(U&'joe@a\0378.de'), (U&'joe@\0301a.de'), (U&'joe@bu\0308\200Dcher.de'), (U&'joe@a\200Cb.de'), ('joe@xn--bücher.de'), ('joe@xn--zzzzzz.bücher.de'),
	('joe@דוגמה1a.com'), ('joe@1דוגמה.com'), ('joe@דוגמה.1com'), (U&'joe@a\2260b.com'), (U&'joe@\2488.com'), ('[ö]@example.com'), ('joe@[ö]')
) AS t (address), crm.parse_email(address) AS p;
-- a label of xn-- beside others is what its own Unicode form would become
SELECT crm.normalize_email('joe@xn--bcher-kva.bücher.de') AS good, crm.normalize_email('joe@xn--BCHER-kva.bücher.de') AS capitals,
	crm.is_email('joe@xn--fa-hia.bücher.de') AS sharp_s, crm.is_email('joe@xn--abc-.bücher.de') AS ascii_only,
	crm.is_email('joe@xn--bcher-kvb.bücher.de') AS other, crm.is_email('joe@xn--99999999999.bücher.de') AS overflow;

-- lengths count octets, as typed and in normal form
SELECT crm.is_email(repeat('ö', 32) || '@example.com') AS local_64, crm.is_email(repeat('ö', 32) || 'a@example.com') AS local_65,
	crm.is_email(repeat('Ⱥ', 21) || '@example.com') AS grows_to_63, crm.is_email(repeat('Ⱥ', 22) || '@example.com') AS grows_to_66,
	crm.is_email('a@' || repeat('ü', 57) || '.de') AS label_63, crm.is_email('a@' || repeat('ü', 58) || '.de') AS label_64;
SELECT length(crm.email_domain('a@' || repeat('ü', 57) || '.de'));
SELECT p.diagnosis FROM (VALUES (repeat('Ⱥ', 22) || '@example.com'), ('a@' || repeat('ü', 58) || '.de'),
	(repeat('a', 64) || '@' || repeat('日本.', 17) || repeat('c', 15) || '.example'),
	(repeat('ö', 127) || '@example.com')) AS t (address), crm.parse_email(address) AS p;

-- many characters: what is accepted has a normal form, which is its own; and
-- the domain of the normal form is ASCII
CREATE TEMP TABLE spelling AS
	SELECT c, 'x' || chr(c) || 'y@example.com' AS local, 'joe@x' || chr(c) || 'y.example.com' AS domain
	FROM generate_series(128, 205743) AS c WHERE c NOT BETWEEN 55296 AND 57343;
SELECT count(*) FILTER (WHERE crm.is_email(local)) AS local_accepted, count(*) FILTER (WHERE crm.is_email(domain)) AS domain_accepted,
	count(*) FILTER (WHERE crm.is_email(local) AND NOT crm.is_email(crm.normalize_email(local))) AS local_lost,
	count(*) FILTER (WHERE crm.normalize_email(crm.normalize_email(local)) <> crm.normalize_email(local)) AS local_moves,
	count(*) FILTER (WHERE crm.normalize_email(crm.normalize_email(domain)) <> crm.normalize_email(domain)) AS domain_moves,
	count(*) FILTER (WHERE crm.is_email(domain) <> (crm.normalize_email(domain) ~ '^joe@[a-z0-9-]+(\.[a-z0-9-]+)*\.example\.com$') IS TRUE) AS domain_odd,
	count(*) FILTER (WHERE crm.normalize_email(local) <> crm.normalize_email(normalize(local, NFD))) AS other_form
FROM spelling WHERE c < 12544 OR c % 7 = 0;
-- every character, frozen: a change here would break indexes
SELECT md5(string_agg(COALESCE(crm.normalize_email(local), '-') || ' ' || COALESCE(crm.normalize_email(domain), '-'), ',' ORDER BY c)) FROM spelling;

-- samples of RFC 3492, lower-cased, which is what a label of them becomes
SELECT crm.email_domain('a@' || label || '.com') = encoded || '.com' AS equal, encoded
FROM (VALUES
	(U&'\0644\064A\0647\0645\0627\0628\062A\0643\0644\0645\0648\0634\0639\0631\0628\064A\061F', 'xn--egbpdaj6bu4bxfgehfvwxn'),
	('他们为什么不说中文', 'xn--ihqwcrb4cv8a8dqg056pqjye'), ('他們爲什麽不說中文', 'xn--ihqwctvzc91f659drss3x8bo0yb'),
	('Pročprostěnemluvíčesky', 'xn--proprostnemluvesky-uyb24dma41a'), ('なぜみんな日本語を話してくれないのか', 'xn--n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa'),
	('почемужеонинеговорятпорусски', 'xn--b1abfaaepdrnnbgefbadotcwatmq2g4l'), ('TạisaohọkhôngthểchỉnóitiếngViệt', 'xn--tisaohkhngthchnitingvit-kjcr8268qyxafd2f1b9g'),
	('3年B組金八先生', 'xn--3b-ww4c5e180e575a65lsy2b'), ('MajiでKoiする5秒前', 'xn--majikoi5-783gue6qz075azm5e'), ('そのスピードで', 'xn--d9juau41awczczp')
) AS t (label, encoded);
