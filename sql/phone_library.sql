-- Telephone numbers through libphonenumber; run where crm_phone was built.  The
-- numbers are ones that all versions of its metadata agree on.
SELECT crm.phone_version() ~ '^libphonenumber( [0-9.]+)? metadata [0-9a-f]{16}$' AS version, crm.phone_version() = crm.phone_version() AS same;

-- as people write them; psql's idea of how wide invisible characters are changes
\pset format unaligned
SELECT phone, region, crm.normalize_phone(phone, region), (crm.phone_info(phone, region)).extension
FROM (VALUES ('1-531-332-7771 x8012', 'US'), ('(531) 332-7771', 'US'), ('531.332.7771', 'us'), ('5313327771', 'USA'), ('001 531 332 7771', 'Germany'),
	('030 123456', 'DE'), ('0049 30 123456', 'FR'), ('+49 30 123456', NULL), ('+49 (0)30 123456', NULL), ('030/12 34 56', 'Deutschland'),
	('020 7946 0958', 'UK'), ('+44 (0)20 7946 0958', NULL), ('01 42 68 53 00', 'FR'), ('06 1234 5678', 'IT'), ('+39 06 1234 5678', NULL),
	('8 (812) 123-45-67', 'Россия'), ('011 15-2345-6789', 'AR'), ('1-800-FLOWERS', 'US'), ('tel:+1-201-555-0123', NULL), ('Tel: 030 123456', 'DE'),
	('+1 531 332 7771 ext. 12', NULL), ('+1 531 332 7771;ext=12', NULL), ('+800 1234 5678', NULL),
	('０３０　１２３４５６', 'DE'), ('٠٣٠ ١٢٣٤٥٦', 'DE'), (U&'\202A030 123456\202C', 'DE'), (U&'030\00A0123\2011456', 'DE'), (E'\t030 123456 \n', 'DE')) AS t (phone, region);

-- what is none, and why
SELECT left(phone, 20) AS phone, region, crm.normalize_phone(phone, region), (crm.phone_info(phone, region)).reason
FROM (VALUES ('', 'US'), ('hello', 'US'), ('+', 'US'), ('030 123456', NULL), ('0049 30 123456', NULL), ('555-1234', 'US'), ('12', 'US'),
	('+999 12345678', NULL), ('+49 1', NULL), ('+1 531 332', NULL), ('+1 531 332 777 123', NULL), ('+49 123456789012345', NULL), ('+49 1234', NULL),
	('2234 5678', 'AQ'), ('030 123456', 'Bouvet Island'), (E'030\n123456', 'DE'), ('030 123456, 030 123457', 'DE'),
	(repeat('1', 128), 'US'), (repeat('1x', 64), 'US'), (repeat('(', 128), 'US'), (repeat('1', 129), 'US'), (repeat('1', 4000), 'US'),
	(repeat('1x', 500000), 'US'), (repeat(U&'\202A', 50), 'US')) AS t (phone, region);

\pset format aligned
\x
SELECT * FROM crm.phone_info('1-531-332-7771 x8012', 'US');
SELECT * FROM crm.phone_info('+44 20 7946 0958');
SELECT * FROM crm.phone_info('0171 1234567', 'DE');
SELECT * FROM crm.phone_info('+49 30 1');
SELECT * FROM crm.phone_info('+1 531 132 7771');
SELECT * FROM crm.phone_info('+800 1234 5678');
SELECT * FROM crm.phone_info('555-1234', 'US');
\x
SELECT crm.normalize_phone(NULL, 'DE') IS NULL AS phone, crm.phone_info(NULL) IS NULL AS info, crm.normalize_phone(NULL, 'Atlantis') IS NULL AS both;
SELECT crm.normalize_phone('030 123456', 'Atlantis');

-- every number is E.164 and its own normal form; all that is valid is possible
SELECT count(*) AS numbers, count(e164) > 1000 AS many, bool_and(crm.is_e164(e164)) AS e164,
	bool_and(crm.normalize_phone(e164) = e164) FILTER (WHERE is_valid) AS fixed, bool_and(is_possible) FILTER (WHERE is_valid) AS possible,
	bool_and((e164 IS NULL) = (reason IS NOT NULL)) AS reasons
FROM generate_series(1, 100) AS n, unnest(ARRAY['US', 'DE', 'GB', 'FR', 'IT', 'ES', 'BR', 'IN', 'CN', 'JP', 'AU', 'ZA', 'PL', 'SE']) AS r,
	unnest(ARRAY['0%s2345678', '%s23456789', '0%s 234-56789', '0%s/234567', '(0%s) 2345 6789', '%s2 3456 7890 x12', '00%s', '1%s2345678', '0%s23456', '%s.23.45.67']) AS pattern,
	LATERAL crm.phone_info(format(pattern, n), r);
-- with and without the library international numbers come out the same
CREATE TEMP TABLE both_ways AS SELECT e164 AS phone, crm.normalize_phone(e164) AS by_library
FROM unnest(ARRAY['+49 30 123456', '+44 (0)20 7946 0958', '+1 (531) 332-7771 x12', '+39 06 1234 5678', '+33 (0)1 42 68 53 00', '+7 812 123-45-67',
	'+81 3-1234-5678', '+86 10 1234 5678', '+55 11 91234-5678', '+34 912 34 56 78', '+999 1', '+1 531']) AS e164;
SET crm.phone_library = '';
SELECT count(*), count(by_library), count(*) FILTER (WHERE crm.normalize_phone(phone) IS DISTINCT FROM by_library) AS differ FROM both_ways;
RESET crm.phone_library;
SELECT crm.normalize_phone('030 123456', 'DE') AS library_again;

-- parallel workers
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE phones AS SELECT '0171 ' || n AS phone FROM generate_series(1000000, 1002000) AS n;
EXPLAIN (COSTS OFF) SELECT count(crm.normalize_phone(phone, 'DE')) FROM phones;
SELECT count(crm.normalize_phone(phone, 'DE')), count(DISTINCT crm.normalize_phone(phone, 'DE')) FROM phones;
DROP TABLE phones;
-- not for indexes
CREATE INDEX ON both_ways (crm.normalize_phone(phone));
