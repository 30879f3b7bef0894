\pset format unaligned
-- one company, many spellings
SELECT name, crm.normalize_company(name), crm.company_legal_form(name)
FROM (VALUES
	('Acme Ltd'), ('ACME LIMITED'), ('Acme, Ltd.'), ('Acme GmbH'), ('acme'), ('The Acme Company, Inc.'),
	('Müller GmbH'), ('Muller Gmbh'), ('MÜLLER GMBH'), ('Mu' || U&'\0308' || 'ller G.m.b.H.'), ('Müller GmbH & Co. KG'), ('Müller GmbH und Co KG'),
	('Procter & Gamble'), ('Procter and Gamble'), ('Procter &amp; Gamble Co.'), ('Procter + Gamble'), ('PROCTER & GAMBLE COMPANY'),
	('AT&T Inc.'), ('AT & T, Inc'), ('Ernst & Young LLP'), ('Nordisk Film og TV AS'), ('Durand et Fils SARL'), ('Smith & Co'), ('Smith & Sons Ltd'),
	('J.P. Morgan'), ('J. P. Morgan & Co.'), ('J P Morgan'), ('JP Morgan Chase'), ('McDonald''s Corporation'), ('McDonald’s'), ('L''Oréal S.A.'),
	('Coca-Cola Co'), ('The Coca Cola Company'), ('Yahoo! Inc.'), ('Booking.com B.V.'), ('7-Eleven, Inc.'), ('3M Co')
) AS t (name);

-- legal forms of the world
SELECT name, crm.normalize_company(name), crm.company_legal_form(name)
FROM (VALUES
	('Grupo Bimbo, S.A.B. de C.V.'), ('Cemex SAB de CV'), ('Foo S. de R.L. de C.V.'), ('Firma X sp. z o.o.'), ('Firma X Sp. z o. o. sp. k.'), ('Firma X spółka z ograniczoną odpowiedzialnością'),
	('Philips N.V.'), ('Mærsk A/S'), ('Naspers (Pty) Ltd'), ('Acme P/L'), ('Tata Pvt. Ltd.'), ('British Airways Public Limited Company'), ('Sony K.K.'),
	('Škoda Auto a.s.'), ('Foo, spol. s r.o.'), ('Foo s. r. o.'), ('MOL Nyrt.'), ('Foo Kft.'), ('Nokia Oyj'), ('Volvo AB (publ)'), ('Novo ApS'), ('Dupont S.à r.l.'), ('SARL Dupont'),
	('Banco do Brasil S/A'), ('Foo Ltda.'), ('Foo, Lda'), ('Foo d.o.o.'), ('Tofaş A.Ş.'), ('Foo San. ve Tic. Ltd. Şti.'), ('Foo e.K.'), ('Foo e. V.'), ('Citibank, N.A.'), ('Smith & Jones, P.C.'),
	('ООО «Ромашка»'), ('ООО"Ромашка"'), ('OOO Romashka'), ('ПАО Газпром'), ('АО «Газпром»'), ('А.О. Газпром'), ('ТОВ Рошен'), ('OTE ΑΕ'), ('Ελληνικά Πετρέλαια Α.Ε.'),
	('SIA "Rimi Latvia"'), ('UAB "Maxima"'), ('Maxima, UAB'), ('Oy Karl Fazer Ab'), ('ООО Ромашка LLC'), ('LLC "Romashka"'), ('ЗАО Ромашка'), ('PAO "Gazprom"'), ('Foo OÜ'), ('PT Astra International Tbk'), ('PT Telkom Indonesia (Persero) Tbk'), ('CV "Maju Jaya"'), ('Công ty TNHH Samsung Việt Nam'), ('Foo Sdn. Bhd.'), ('Foo Pte Ltd'), ('Foo Co., Ltd.'),
	('株式会社トヨタ'), ('トヨタ自動車株式会社'), ('㈱トヨタ'), ('トヨタ（株）'), ('ＡＢＣ株式会社'), ('有限会社スズキ'), ('华为技术有限公司'), ('中国石油天然气股份有限公司'), ('삼성전자 주식회사'), ('(주)카카오'),
	('บริษัท ปตท. จำกัด (มหาชน)'), ('שירותים בע"מ'), ('שירותים בע״מ'), ('شركة المراعي'), ('شرکت نفت')
) AS t (name);

-- words that only look like legal forms, and the last word, stay
SELECT name, crm.normalize_company(name), crm.company_legal_form(name)
FROM (VALUES
	('SAS'), ('S.A.'), ('AS Roma'), ('AS Roma S.p.A.'), ('A株式会社'), ('株式会社'), ('The Limited'), ('The Company'), ('Ltd'), ('Ltd Ltd Ltd'), ('GmbH & Co. KG'),
	('Kung Pao'), ('Wok Zao'), ('Pao Huang Trading'), ('UAB Medicine'), ('CV Sciences'), ('CV-Library'), ('PT Cruiser Club'), ('SCI Engineered Materials'), ('LLC Cool J'), ('Oy Vey'),
	('AB Volvo'), ('AO Smith Corporation'), ('IP Group plc'), ('Sia Partners'), ('Gaming PC'), ('Acme P.C.'), ('Plan B A/S'), ('Vitamin C S. A.'), ('Acme (UK) Limited'), ('Foo Inc. (USA)'),
	('Rock and'), ('& Other Stories'), ('C++ Solutions'), ('The The'), ('En Pointe'), ('and'),
	('Acme & E.T. 有限公司'), ('Acme & E.T.'), ('Acme E.T. Films'), ('Acme & et Films'), ('Acme & and Films')
) AS t (name);

-- nothing to compare
SELECT name, crm.normalize_company(name) IS NULL AS no_name, crm.company_legal_form(name) IS NULL AS no_form
FROM (VALUES (''), (' '), ('---'), ('&'), ('...'), ('«»'), ('!?'), (E'\t\n'), (U&'\200B'), (NULL)) AS t (name);

-- signs, controls and blanks of all kinds
SELECT crm.normalize_company(E'  Acme\t\n  Ltd.  '), crm.normalize_company(U&'Acme\00A0\200BLtd'), crm.normalize_company(U&'\202EAcme\202C Ltd'),
	crm.normalize_company('“Acme” Ltd'), crm.normalize_company('Acme—Ltd'), crm.normalize_company('acme' || chr(1) || 'ltd');

-- the normal form is a fixed point
SELECT name FROM (VALUES ('The Acme & Co. KG'), ('Foo o.g. Ltd'), ('foo a s有限公司'), ('PT PT Foo Ltd GmbH'), ('Acme SE Ltd'),
	('x & e t株式会社'), ('Acme & E.T. 有限公司'), ('and et et x'), ('the and et x'), ('Oy Oy Fazer Ab'), ('Oy & PT The x Ab Tbk')) AS t (name)
WHERE crm.normalize_company(crm.normalize_company(name)) IS DISTINCT FROM crm.normalize_company(name)
	OR crm.company_legal_form(crm.normalize_company(name)) IS NOT NULL;

-- long names: as right as short ones, and quick; what is longer than 64 kB is no name
SELECT length(crm.normalize_company(repeat('x', 253) || ' Ltd')) AS short_253, length(crm.normalize_company(repeat('x', 300) || ' Ltd')) AS long_300,
	crm.normalize_company(repeat('Ltd ', 16384)) AS forms, crm.company_legal_form(repeat('Ltd ', 16384)),
	length(crm.normalize_company(repeat('A.', 32768))) AS initials, length(crm.normalize_company(repeat('a&', 32768))) AS ands,
	length(crm.normalize_company(repeat('株式会社', 5000) || 'トヨタ')) AS attached, length(crm.normalize_company(repeat('Щ', 32768))) AS letters,
	crm.normalize_company(repeat('.', 65536)) IS NULL AS signs, crm.normalize_company(repeat('the ', 16384)) AS articles;
SELECT length(crm.normalize_company(repeat('x', 65536))) AS longest, crm.normalize_company(repeat('x', 65537)) IS NULL AS too_long,
	crm.company_legal_form(repeat('x', 65533) || ' ltd') IS NULL AS form_too_long, crm.normalize_company(repeat('x', 1000000)) IS NULL AS megabyte;

-- a weak match: one normal form, two legal forms
SELECT a.name, b.name FROM (VALUES ('Acme Ltd')) AS a (name), (VALUES ('Acme GmbH'), ('Acme Limited')) AS b (name)
WHERE crm.normalize_company(a.name) = crm.normalize_company(b.name) AND crm.company_legal_form(a.name) = crm.company_legal_form(b.name);

-- usable in an index, and found through it
CREATE TEMP TABLE firm (name text);
INSERT INTO firm SELECT 'Firm ' || i || ', Inc.' FROM generate_series(1, 1000) AS i;
CREATE INDEX firm_idx ON firm (crm.normalize_company(name));
ANALYZE firm;
EXPLAIN (COSTS OFF) SELECT FROM firm WHERE crm.normalize_company(name) = crm.normalize_company('FIRM 7 LLC');
SELECT name FROM firm WHERE crm.normalize_company(name) = crm.normalize_company('FIRM 7 LLC');
