-- Countries with what a company or a person there has: language, currency,
-- cities, legal forms, and the ways in which telephone numbers get typed.

-- share: of a thousand companies.  digits: of a national number, without the 0
-- or 1 that is dialled before it at home.  postal: 9 stands for a digit.
CREATE TEMP TABLE demo_countries (country text, culture text, currency text, share integer,
	calling_code text, digits integer, postal text, cities text, streets text, forms text);
INSERT INTO demo_countries VALUES
('US', 'en', 'USD', 370, '1', 10, '99999', 'New York|Chicago|Austin|Boston|Denver|Seattle|Atlanta|Portland|Columbus|San Diego',
	'Main Street|Oak Avenue|Market Street|Lake Drive|Fifth Avenue|Industrial Parkway', 'Inc.|LLC|Corp.|Inc|Group|Co.'),
('GB', 'en', 'GBP', 110, '44', 10, 'SW9 9AB', 'London|Manchester|Leeds|Bristol|Edinburgh|Cardiff',
	'High Street|Station Road|Church Lane|Victoria Road|Mill Lane', 'Ltd|Limited|plc|LLP'),
('DE', 'de', 'EUR', 140, '49', 10, '99999', 'Berlin|Hamburg|München|Köln|Leipzig|Stuttgart|Nürnberg',
	'Hauptstraße|Bahnhofstr.|Gartenweg|Lindenallee|Schillerstraße', 'GmbH|AG|GmbH & Co. KG|UG (haftungsbeschränkt)|e.K.'),
('FR', 'fr', 'EUR', 80, '33', 9, '99999', 'Paris|Lyon|Nantes|Toulouse|Lille|Bordeaux',
	'rue de la République|avenue Victor Hugo|boulevard Voltaire|rue des Lilas', 'SARL|SA|SAS|EURL'),
('ES', 'es', 'EUR', 70, '34', 9, '99999', 'Madrid|Barcelona|Valencia|Sevilla|Bilbao',
	'Calle Mayor|Avenida de América|Calle del Sol|Paseo de Gracia', 'S.L.|S.A.|SL'),
('PL', 'pl', 'EUR', 50, '48', 9, '99-999', 'Warszawa|Kraków|Łódź|Wrocław|Poznań',
	'ul. Długa|ul. Polna|ul. Mickiewicza|al. Jerozolimskie', 'Sp. z o.o.|S.A.'),
('TR', 'tr', 'USD', 40, '90', 10, '99999', 'İstanbul|Ankara|İzmir|Bursa',
	'Atatürk Caddesi|İstiklal Caddesi|Cumhuriyet Bulvarı', 'A.Ş.|Ltd. Şti.'),
('VN', 'vi', 'USD', 30, '84', 9, '999999', 'Hà Nội|Đà Nẵng|Hải Phòng|Cần Thơ',
	'Lê Lợi|Trần Hưng Đạo|Nguyễn Huệ', 'JSC|Co., Ltd'),
('AE', 'ar', 'USD', 30, '971', 9, '', 'Dubai|Abu Dhabi|Sharjah',
	'Sheikh Zayed Road|Corniche Street|Al Wasl Road', 'LLC|FZE|FZCO'),
('CN', 'zh', 'USD', 25, '86', 11, '999999', 'Shanghai|Shenzhen|Beijing|Hangzhou',
	'Nanjing Road|Century Avenue|Renmin Road', 'Co., Ltd.|Ltd.'),
('TW', 'hans', 'USD', 15, '886', 9, '999', '台北|新竹|高雄', '中山路|信義路|民生路', '有限公司|股份有限公司'),
('UA', 'cyr', 'EUR', 20, '380', 9, '99999', 'Київ|Львів|Одеса|Дніпро', 'вул. Шевченка|вул. Садова|просп. Свободи', 'ТОВ|ПрАТ'),
('GR', 'el', 'EUR', 20, '30', 10, '99999', 'Αθήνα|Θεσσαλονίκη|Πάτρα', 'Ερμού|Σταδίου|Λεωφόρος Κηφισίας', 'Α.Ε.|Ε.Π.Ε.');

-- Which country a number from 0 to 999 falls into.
CREATE TEMP TABLE demo_country_shares AS
SELECT *, sum(share) OVER (ORDER BY country COLLATE "C") - share AS low,
	sum(share) OVER (ORDER BY country COLLATE "C") AS high
FROM demo_countries;

-- Replacements for a national number; \1 ... are the groups of the pattern.
-- X is replaced by an extension.  The first form is the one for export.
CREATE TEMP TABLE demo_phone_forms (country text, pattern text, forms text);
INSERT INTO demo_phone_forms VALUES
('US', '(...)(...)(....)', '+1\1\2\3|(\1) \2-\3|\1-\2-\3|+1 \1 \2 \3|\1.\2.\3|\1\2\3|+1 (\1) \2-\3|1-\1-\2-\3|(\1) \2-\3 x X|\1-\2-\3 ext. X'),
('GB', '(..)(....)(....)', '+44\1\2\3|0\1 \2 \3|+44 \1 \2 \3|+44 (0)\1 \2 \3|(0\1) \2 \3|0044 \1 \2\3|0\1 \2 \3 ext X'),
('DE', '(...)(...)(....)', '+49\1\2\3|0\1 \2\3|0\1/\2\3|+49 \1 \2 \3|+49 (0)\1 \2\3|0049 \1 \2\3|0\1-\2\3-X'),
('FR', '(.)(..)(..)(..)(..)', '+33\1\2\3\4\5|0\1 \2 \3 \4 \5|0\1.\2.\3.\4.\5|+33 \1 \2 \3 \4 \5|+33 (0)\1 \2\3\4\5|0\1\2\3\4\5'),
('ES', '(...)(...)(...)', '+34\1\2\3|\1 \2 \3|\1\2\3|+34 \1 \2 \3|(+34) \1-\2-\3'),
('PL', '(...)(...)(...)', '+48\1\2\3|\1-\2-\3|\1 \2 \3|+48 \1 \2 \3|0048 \1\2\3'),
('TR', '(...)(...)(..)(..)', '+90\1\2\3\4|0\1 \2 \3 \4|(0\1) \2 \3\4|+90 \1 \2 \3 \4'),
('VN', '(..)(...)(....)', '+84\1\2\3|0\1 \2 \3|+84 \1 \2 \3|0\1\2\3'),
('AE', '(..)(...)(....)', '+971\1\2\3|0\1 \2 \3|+971 \1 \2\3|00971 \1 \2 \3'),
('CN', '(...)(....)(....)', '+86\1\2\3|\1 \2 \3|+86 \1-\2-\3|\1\2\3'),
('TW', '(...)(...)(...)', '+886\1\2\3|0\1-\2-\3|+886 \1 \2 \3|0\1 \2\3'),
('UA', '(..)(...)(..)(..)', '+380\1\2\3\4|0\1 \2 \3 \4|+38 (0\1) \2-\3-\4|0\1\2\3\4'),
('GR', '(...)(...)(....)', '+30\1\2\3|\1 \2\3|+30 \1 \2 \3|\1-\2\3');

-- Numbers that look like the country's; the middle of American ones is 555.
CREATE FUNCTION pg_temp.national_number(country text, digits integer, row_number bigint)
	RETURNS text LANGUAGE sql IMMUTABLE
	RETURN CASE country
		WHEN 'US' THEN (ARRAY['212', '312', '512', '617', '303', '206', '404', '503', '614', '619'])
			[1 + pg_temp.dice(row_number, 'area', 10)] || '555' || pg_temp.dice(row_number, 'line', 9000) + 1000
		WHEN 'GB' THEN '207946' || pg_temp.dice(row_number, 'line', 9000) + 1000
		WHEN 'CN' THEN '13' || pg_temp.dice(row_number, 'line', 900000000) + 100000000
		ELSE (ARRAY['2', '3', '6', '5'])[1 + pg_temp.dice(row_number, 'area', 4)]
			|| right((pg_temp.dice(row_number, 'line', 9000000000) + 1000000000)::text, digits - 1)
	END;

-- A national number as somebody types it; form 1 is the international one.
CREATE FUNCTION pg_temp.typed_number(local_number text, pattern text, forms text, form bigint, extension bigint)
	RETURNS text LANGUAGE sql IMMUTABLE
	RETURN replace(regexp_replace(local_number, '^' || pattern || '$',
		split_part(forms, '|', form::integer)), 'X', extension::text);

-- How many forms a country has.
CREATE FUNCTION pg_temp.form_count(forms text) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN array_length(string_to_array(forms, '|'), 1);

-- One of the entries of a list like 'a|b|c'.
CREATE FUNCTION pg_temp.pick(entries text, row_number bigint, purpose text) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN split_part(entries, '|', 1 + pg_temp.dice(row_number, purpose, pg_temp.form_count(entries))::integer);

-- A postal code: every 9 becomes a digit, none of the first a 0.
CREATE FUNCTION pg_temp.postal_code(pattern text, row_number bigint) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN (SELECT string_agg(CASE letter WHEN '9'
			THEN (1 + pg_temp.dice(row_number, 'postal' || place, 9))::text ELSE letter END,
			'' ORDER BY place)
		FROM regexp_split_to_table(pattern, '') WITH ORDINALITY AS each (letter, place));
