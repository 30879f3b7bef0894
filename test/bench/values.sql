-- What looking at one value costs within a query.  Rows are many, and each has
-- another value, as in a file; a call's cost is what the line takes more than one
-- that only reads the same column.
--! title: One value each
--! clock: cpu
--! data: none
--! calls: 1000000
CREATE TEMP TABLE things AS
SELECT lower(first_name || '.' || last_name) || n % 100 || '@' || words[1 + h / 8 % 8] || h / 64 % 50 || tlds[1 + h / 4096 % 4] AS email,
	initcap(first_name) || '.' || upper(last_name) || n % 100 || '+news@' || frees[1 + h / 64 % 4] AS free_email,
	translate(first_name || '.' || last_name, 'aeou', 'äéöü') || '@' || translate(words[1 + h / 8 % 8], 'ou', 'öü') || tlds[1 + h / 4096 % 4] AS wide_email,
	first_name || ' ' || last_name || ' at ' || words[1 + h / 8 % 8] AS no_email,
	first_name || ' ' || last_name AS name,
	translate(first_name || ' ' || last_name, 'aeou', 'äéöü') AS accented_name,
	cyrillic[1 + h % 8] || ' ' || cyrillic[1 + h / 8 % 8] AS cyrillic_name,
	'https://www.' || words[1 + h / 8 % 8] || h / 64 % 50 || tlds[1 + h / 4096 % 4] || '/about?q=' || n % 100 AS website,
	initcap(words[1 + h / 8 % 8]) || ' ' || n % 100 || forms[1 + h / 64 % 8] AS company
FROM generate_series(1, 1000000) AS n,
	LATERAL (SELECT hashint4(n) & 65535 AS h) AS drawn,
	(SELECT ARRAY['.com', '.de', '.co.uk', '.com.br'] AS tlds, ARRAY['gmail.com', 'GoogleMail.com', 'yahoo.com', 'outlook.com'] AS frees,
		ARRAY['acme', 'northwind', 'contoso', 'globex', 'initech', 'umbrella', 'hooli', 'vandelay'] AS words,
		ARRAY[' GmbH & Co. KG', ', Inc.', ' Ltd', ' S.p.A.', ' Holding AG', ' LLC', ' B.V.', ' Société Anonyme'] AS forms,
		ARRAY['Иванов', 'Смирнова', 'Кузнецов', 'Соколова', 'Попов', 'Лебедева', 'Козлов', 'Новикова'] AS cyrillic) AS lists,
	LATERAL (SELECT (ARRAY['Anna', 'Maria', 'Jose', 'Jurgen', 'Siobhan', 'Alexander', 'William', 'Mohammed'])[1 + h % 8] AS first_name,
		(ARRAY['Mueller', 'Smith', 'OBrien', 'Garcia', 'Ivanov', 'MacDonald', 'Schaefer', 'Lee'])[1 + h / 8 % 8] AS last_name) AS names;
CREATE TEMP TABLE phones AS
SELECT '+1 (202) 555-' || lpad((n % 10000)::text, 4, '0') AS phone,
	CASE n % 4 WHEN 0 THEN '030 ' || 100000 + n WHEN 1 THEN '(0)89/' || 100000 + n WHEN 2 THEN '0171 ' || 1000000 + n ELSE '+44 20 7946 ' || lpad((n % 1000)::text, 4, '0') END AS national,
	'call ' || n AS no_phone
FROM generate_series(1, 100000) AS n;
ANALYZE things;
ANALYZE phones;
--: sum | read an address | | -
SELECT count(email) FROM things;
--: is_email | crm.is_email(email) | | sum | below 100 ns
SELECT count(crm.is_email(email)) FROM things;
--: is_wide_email | ... beyond ASCII | | sum
SELECT count(crm.is_email(wide_email)) FROM things;
--: is_no_email | ... of what is none | | sum
SELECT count(crm.is_email(no_email)) FROM things;
--: normalize_email | crm.normalize_email(email) | | sum
SELECT count(crm.normalize_email(email)) FROM things;
--: normalize_wide_email | ... beyond ASCII | | sum
SELECT count(crm.normalize_email(wide_email)) FROM things;
--: email_key | crm.email_key(email), of providers with rules | | sum
SELECT count(crm.email_key(free_email)) FROM things;
--: fold_name | crm.fold_name(name) | | sum | below 100 ns
SELECT count(crm.fold_name(name)) FROM things;
--: fold_accented | ... with accents | | sum | below 100 ns
SELECT count(crm.fold_name(accented_name)) FROM things;
--: fold_cyrillic | ... in Cyrillic | | sum
SELECT count(crm.fold_name(cyrillic_name)) FROM things;
--: by_hand_fold | by hand: lower(name) | | sum
SELECT count(lower(name)) FROM things;
--: name_keys | crm.name_keys(name) | | sum
SELECT count(crm.name_keys(name)) FROM things;
--: web_host | crm.web_host(website) | | sum
SELECT count(crm.web_host(website)) FROM things;
--: domain | crm.registrable_domain(website) | | sum
SELECT count(crm.registrable_domain(website)) FROM things;
--: normalize_company | crm.normalize_company(company) | | sum
SELECT count(crm.normalize_company(company)) FROM things;
--: phone_sum | read a phone number | | - | | 100000
SELECT count(phone) FROM phones;
--: is_e164 | crm.is_e164(phone) | | phone_sum | | 100000
SELECT count(crm.is_e164(phone)) FROM phones;
--: phone | crm.normalize_phone(phone), with a country code | | phone_sum | at most 10,000 ns | 100000
SELECT count(crm.normalize_phone(phone)) FROM phones;
--: national | crm.normalize_phone(phone, 'DE'), mostly without one | | phone_sum | at most 10,000 ns | 100000
SELECT count(crm.normalize_phone(national, 'DE')) FROM phones;
--: no_phone | ... of what is none | | phone_sum | at most 10,000 ns | 100000
SELECT count(crm.normalize_phone(no_phone, 'DE')) FROM phones;
--: phone_info | crm.phone_info(phone, 'DE') | | phone_sum | | 100000
SELECT count(i.is_valid) FROM phones, crm.phone_info(national, 'DE') AS i;
