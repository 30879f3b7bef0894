-- Telephone numbers without libphonenumber: E.164, countries, and the table of
-- calling codes.  phone_library.sql has the rest.
SET crm.phone_library = '';

-- E.164
SELECT phone, crm.is_e164(phone)
FROM (VALUES ('+4930123456'), ('+15313327771'), ('+2904000'), ('+1234567'), ('+123456789012345'),
	('+123456'), ('+1234567890123456'), ('+0123456789'), ('4930123456'), ('+49 30 123456'),
	('+49-30-123456'), ('+4930123456x12'), ('++4930123456'), ('+'), (''), (' +4930123456'),
	('+4930123456 '), (E'+4930123456\n'), ('＋4930123456'), ('+４９30123456'), ('+493012345６')) AS t (phone);
SELECT crm.is_e164(NULL) IS NULL AS null_stays, crm.is_e164(repeat('1', 1000000)) AS megabyte,
	crm.is_e164('+' || repeat('1', 1000000)) AS plus_megabyte;

-- the domain
SELECT '+4930123456'::crm.phone_number, NULL::crm.phone_number IS NULL AS null_stays;
\set VERBOSITY sqlstate
SELECT '030 123456'::crm.phone_number;
\set VERBOSITY default
CREATE TEMP TABLE hotline (phone crm.phone_number);
INSERT INTO hotline VALUES ('+4930123456'), (NULL);
INSERT INTO hotline VALUES ('+4930');

-- countries: codes, names, aliases, spellings
SELECT string_agg(coalesce(crm.phone_region(country), '?'), ' ' ORDER BY n)
FROM unnest(ARRAY['DE', 'de', 'DEU', 'deu', 'Germany', 'GERMANY', 'Deutschland', ' germany ', 'Alemania']) WITH ORDINALITY AS t (country, n);
SELECT country, crm.phone_region(country)
FROM (VALUES ('U.S.A.'), ('U.S.'), ('usa'), ('The United States of America'), ('America'), ('UK'), ('U.K.'), ('GB'), ('England'),
	('united-kingdom'), ('The Netherlands'), ('Holland'), ('España'), ('ESPAÑA'), ('Espana'), (U&'Espan\0303a'),
	('Österreich'), ('ÖSTERREICH'), ('Côte d''Ivoire'), ('Côte d’Ivoire'), ('Ivory Coast'), ('Bosnia & Herzegovina'),
	('Россия'), ('РОССИЯ'), ('Україна'), ('Ελλάδα'), ('ΕΛΛΑΔΑ'), ('Հայաստան'), ('中国'), ('日本'), ('대한민국'), ('مصر'),
	('ישראל'), ('Türkiye'), ('ČESKO'), ('Việt Nam'), ('VIỆT NAM'), ('Hong Kong'), ('EL'), ('Kosovo')) AS t (country);
-- none, or claimed by more than one
SELECT country, crm.phone_region(country)
FROM (VALUES (''), ('  '), ('the'), ('Atlantis'), ('Korea'), ('Congo'), ('Virgin Islands'), ('XX'), ('ZZ'), ('+49'), ('49'), ('Germany 2'), ('D')) AS t (country);
SELECT crm.phone_region(NULL) IS NULL AS null_stays, crm.phone_region(repeat('Germany', 150000)) AS megabyte;
-- usable in an index
CREATE INDEX ON hotline (crm.phone_region(phone));

-- international numbers by the table
SELECT crm.phone_version();
-- psql's idea of how wide invisible characters are changes
\pset format unaligned
SELECT phone, crm.normalize_phone(phone), (crm.phone_info(phone)).extension, (crm.phone_info(phone)).reason
FROM (VALUES ('+4930123456'), ('+49 (0)30 / 12 34 56'), ('+49 030 123456'), ('+44 (0)20 7946 0958'), ('+1 (531) 332-7771'),
	('+1-531-332-7771 x8012'), ('+1-531-332-7771 ext. 8012'), ('+1 531.332.7771 Extension: 12'), ('+1 531 332 7771 #12'),
	('tel:+1-531-332-7771;ext=77'), ('Tel. +49 30 123456'), ('(+49) 30 123456'), ('++49 30 123456'), ('+1 1 531 332 7771'),
	('+39 06 1234567'), ('+39 (0)6 1234567'), ('+7 8 916 123-45-67'), ('+7 812 123-45-67'), ('+800 1234 5678'),
	('＋４９　３０　１２３４５６'), ('+٤٩ ٣٠ ١٢٣٤٥٦'), (U&'\202A+49 30\00A0123456\202C'), (U&'\200F+49\201130\2013123456'), (E' \t+49 30 123456\n')) AS t (phone);
\pset format aligned
-- what is none, and why
SELECT left(phone, 20) AS phone, crm.normalize_phone(phone), (crm.phone_info(phone)).reason
FROM (VALUES ('+'), ('+ -'), ('+0 30 123456'), ('+999 1234567'), ('+1 531 332'), ('+49 1'), ('+47 123456'), ('+44 20 7946 0958 1234 5'),
	('+49 123456789012345'), ('+49 1234'), (E'+49 30\n123456'), (E'+49\t30 123456'), (E'+49 30 12\x7f3456'), (E'+49 30 123456\n+49 30 123457'),
	('+' || repeat('1', 127)), ('+' || repeat('1', 128)), ('+1' || repeat('x', 1000000)), (repeat('1', 1000000))) AS t (phone);
SELECT * FROM crm.phone_info('+44 20 7946 0958');
SELECT * FROM crm.phone_info('+49 30 123456 x9');
SELECT * FROM crm.phone_info('+49 3');
SELECT crm.normalize_phone(NULL) IS NULL AS phone, crm.normalize_phone('+4930123456', NULL) AS region, crm.phone_info(NULL, 'DE') IS NULL AS info;
-- a region does not change what is international
SELECT crm.normalize_phone('+49 30 123456', 'US'), crm.normalize_phone(phone => '+49 30 123456', region => 'Deutschland');
-- an unknown region is an error, whatever the number
SELECT crm.normalize_phone('+49 30 123456', 'Atlantis');
\set VERBOSITY default
SELECT crm.normalize_phone('+49 30 123456', '');
SELECT crm.normalize_phone('+49 30 123456', repeat('x', 1000));
SELECT crm.phone_info('+49 30 123456', 'Korea');

-- what only libphonenumber can read
\set VERBOSITY terse
SELECT crm.normalize_phone('030 123456', 'DE');
SELECT crm.phone_info('030 123456', 'DE');
SELECT crm.normalize_phone('030 123456');
SELECT crm.normalize_phone('0049 30 123456', 'DE');
SELECT crm.normalize_phone('+1 800 FLOWERS');
SELECT crm.normalize_phone('+49 30 123456, +49 30 123457');
SELECT crm.normalize_phone('tel:863-1234;phone-context=+1-914-555');
\set VERBOSITY sqlstate
SELECT crm.normalize_phone('030 123456', 'DE');
\set VERBOSITY default
-- without two digits nothing is a number
SELECT phone, crm.normalize_phone(phone, 'DE'), (crm.phone_info(phone)).reason
FROM (VALUES (''), (' '), ('-'), ('n/a'), ('unknown'), ('x 1')) AS t (phone);

-- the setting
SET crm.phone_library = 'crm_phone';
SET crm.phone_library = '../crm_phone';
SET crm.phone_library = '$libdir/plpgsql';
\set VERBOSITY sqlstate
SELECT crm.normalize_phone('030 123456', 'DE');
\set VERBOSITY default
SELECT crm.phone_version(), crm.normalize_phone('+4930123456');
CREATE ROLE regress_crm_phone;
SET ROLE regress_crm_phone;
SET crm.phone_library = '';
SELECT crm.normalize_phone('+4930123456'), crm.is_e164('+4930123456'), crm.phone_region('Germany');
RESET ROLE;
DROP ROLE regress_crm_phone;
RESET crm.phone_library;
