-- Twelve people who sell, and two thousand companies to sell to.

-- Ids are given rather than drawn, since rows of other tables refer to them;
-- the sequences are set behind them.
INSERT INTO sales.users (id, name, email, manager_id, created_at, updated_at, archived_at)
SELECT id, name, address || '@ourselves.example', manager_id,
	hired, hired, CASE WHEN left_days > 0 THEN (CURRENT_DATE - left_days) + interval '17 hours' END
FROM (VALUES
	(1, 'Ingrid Solberg', 'ingrid', NULL, 2400, 0),
	(2, 'Marcus Bell', 'marcus', 1, 2100, 0),
	(3, 'Aylin Demirci', 'aylin', 1, 1900, 0),
	(4, 'Tomás Herrera', 'tomas', 2, 1500, 0),
	(5, 'Grace Okafor', 'grace', 2, 1400, 0),
	(6, 'Daniel Weiss', 'daniel', 3, 1300, 0),
	(7, 'Chloé Marchand', 'chloe', 3, 1200, 0),
	(8, 'Priya Raman', 'priya', 2, 1000, 0),
	(9, 'Jakub Zieliński', 'jakub', 3, 900, 0),
	(10, 'Linh Đỗ', 'linh', 2, 800, 0),
	(11, 'Owen Fitzgerald', 'owen', 3, 760, 0),
	(12, 'Hannah Lindqvist', 'hannah', 2, 1100, 60))
	AS person (id, name, address, manager_id, hired_days, left_days),
	LATERAL (SELECT (CURRENT_DATE - hired_days) + interval '9 hours' AS hired) AS day
ORDER BY id;
SELECT setval(pg_get_serial_sequence('sales.users', 'id'), max(id)) FROM sales.users \g /dev/null

CREATE TEMP TABLE demo_company_words (kind text, words text);
INSERT INTO demo_company_words VALUES
('stem', 'Northwind|Blue Harbor|Vertex|Silverline|Oakridge|Nordlicht|Alpina|Rheintal|Lumière|Horizon|Atlas|Solaris|Cedar Point|Granite|Meridian|Riverside|Summit|Ironbridge|Polaris|Baltica|Vistula|Anadolu|Bosphorus|Mekong|Lotus|Al Noor|Desert Rose|Jade|Golden Bridge|Dnipro|Aegean|Iberia|Sierra|Redwood|Copper Creek|Stonegate|Westfield|Bright|Evergreen|Falcon|Harbourview|Kestrel|Lakeland|Maple|Orion|Pinnacle|Quantum|Sapphire|Tidewater|Union'),
('Manufacturing', 'Tools|Machinery|Maschinenbau|Components|Industries'),
('Software', 'Software|Systems|Data|Cloud|Labs'),
('Retail', 'Trading|Stores|Market|Outfitters'),
('Logistics', 'Logistics|Freight|Shipping|Transport'),
('Healthcare', 'Health|Clinics|Medical|Pharma'),
('Finance', 'Capital|Insurance|Partners|Bank'),
('Construction', 'Construction|Building|Bau|Engineering'),
('Food', 'Foods|Bakery|Brewing|Farms'),
('Energy', 'Energy|Solar|Power'),
('Education', 'Academy|Learning|College'),
('Hospitality', 'Hotels|Resorts|Catering'),
('Media', 'Media|Studios|Publishing');

-- Industry: more manufacturers than publishers.  Scale 1 to 8 is the size
-- class; small companies are the most.
CREATE TEMP TABLE demo_companies AS
SELECT id, place.*, industry, scale, local_number,
	CASE WHEN pg_temp.chance(id, 'family firm', 30)
		THEN (SELECT name FROM demo_names
			WHERE culture = place.culture AND kind = 'last' AND demo_names.place = 1 + pg_temp.dice(id, 'founder', 12))
		ELSE pg_temp.pick((SELECT words FROM demo_company_words WHERE kind = 'stem'), id, 'stem')
	END || ' ' || pg_temp.pick((SELECT words FROM demo_company_words WHERE kind = industry), id, 'trade') AS brand,
	pg_temp.pick(place.forms, id, 'form') AS form,
	days_ago, pg_temp.at_work(CURRENT_DATE - days_ago, id, 'made') AS made,
	-- The archived user's companies are others' by now.
	1 + pg_temp.dice(id, 'owner', 11) AS owner_id
FROM generate_series(1, 2000) AS each (id)
	JOIN demo_country_shares AS place ON pg_temp.dice(id, 'country', 1000) BETWEEN low AND high - 1,
	LATERAL (SELECT (ARRAY['Manufacturing', 'Software', 'Retail', 'Logistics', 'Healthcare', 'Finance',
			'Construction', 'Food', 'Energy', 'Education', 'Hospitality', 'Media'])
				[pg_temp.skewed(id, 'industry', 12)] AS industry,
			pg_temp.skewed(id, 'scale', 8) AS scale,
			60 + pg_temp.dice(id, 'age', 1400)::integer AS days_ago,
			pg_temp.national_number(place.country, place.digits, id) AS local_number) AS drawn;

-- Two companies of one name have addresses that differ by a number.
ALTER TABLE demo_companies ADD COLUMN domain text, ADD COLUMN name text;
UPDATE demo_companies SET domain = named.domain, name = named.name
FROM (
	SELECT id, brand || ' ' || form AS name,
		letters || CASE WHEN namesake > 1 THEN '-' || namesake ELSE '' END || '.example' AS domain
	FROM (
		SELECT id, brand, form, letters, row_number() OVER (PARTITION BY letters ORDER BY id) AS namesake
		FROM demo_companies, LATERAL (SELECT pg_temp.ascii_letters(brand) AS letters) AS spelled
	) AS numbered
) AS named
WHERE demo_companies.id = named.id;

INSERT INTO sales.companies (id, name, industry, website, domain, size, annual_revenue, phone,
	street, city, postal_code, country, owner_id, created_at, updated_at, archived_at)
SELECT c.id, c.name, CASE WHEN NOT pg_temp.chance(c.id, 'no industry', 4) THEN industry END,
	CASE WHEN NOT pg_temp.chance(c.id, 'no website', 15) THEN 'https://www.' || domain END,
	domain, size.name,
	CASE WHEN pg_temp.chance(c.id, 'revenue known', 60)
		THEN round(exp(11.5 + 0.9 * scale + 0.5 * pg_temp.bell(c.id, 'revenue')), -3) END,
	pg_temp.typed_number(local_number, pattern, f.forms,
		1 + pg_temp.dice(c.id, 'phone form', pg_temp.form_count(f.forms)), 0),
	pg_temp.pick(streets, c.id, 'street') || ' ' || 1 + pg_temp.dice(c.id, 'house', 180),
	pg_temp.pick(cities, c.id, 'city'), pg_temp.postal_code(postal, c.id), c.country,
	CASE WHEN NOT pg_temp.chance(c.id, 'no owner', 6) THEN owner_id END,
	made, made,
	CASE WHEN pg_temp.chance(c.id, 'archived', 1.5) THEN made + interval '45 days' END
FROM demo_companies AS c
	JOIN demo_phone_forms AS f ON f.country = c.country
	JOIN sales.company_sizes AS size ON size.position = c.scale
ORDER BY c.id;
SELECT setval(pg_get_serial_sequence('sales.companies', 'id'), max(id)) FROM sales.companies \g /dev/null
