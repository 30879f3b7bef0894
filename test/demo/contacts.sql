-- The people, as they are.  duplicates.sql plants who is in twice and inserts
-- them all.

-- The more people a company employs, the more of them are contacts.
CREATE TEMP TABLE demo_company_seats AS
SELECT row_number() OVER (ORDER BY id, seat) AS place, id AS company_id
FROM demo_companies, generate_series(1, scale * scale) AS seat;
CREATE UNIQUE INDEX ON demo_company_seats (place);
ANALYZE demo_companies, demo_company_seats, demo_names, demo_name_counts;

-- Four fifths of a company's people have names of its country, and one in
-- eight people belongs to no company.
CREATE TEMP TABLE demo_people AS
SELECT n, company_id, owner_id, home.country, home.culture, domain,
	days_ago, pg_temp.at_work(CURRENT_DATE - days_ago, n, 'made') AS made,
	f.name AS first_name, f.latin AS first_latin, f.letters AS first_letters,
	l.name AS last_name, l.latin AS last_latin, l.letters AS last_letters,
	pg_temp.national_number(home.country, home.digits, n + 100000) AS local_number
FROM (
	SELECT n, seat.company_id, c.owner_id, c.domain,
		CASE WHEN c.country IS NULL OR pg_temp.chance(n, 'from abroad', 20) THEN abroad.country
			ELSE c.country END AS country,
		least(c.days_ago, 12 + pg_temp.dice(n, 'age', 1100)::integer) AS days_ago
	FROM generate_series(1, 9600) AS n
		JOIN demo_country_shares AS abroad ON pg_temp.dice(n, 'abroad', 1000) BETWEEN abroad.low AND abroad.high - 1
		LEFT JOIN demo_company_seats AS seat
			ON NOT pg_temp.chance(n, 'no company', 12)
			AND seat.place = 1 + pg_temp.dice(n, 'seat', (SELECT count(*) FROM demo_company_seats))
		LEFT JOIN demo_companies AS c ON c.id = seat.company_id
	) AS placed
	JOIN demo_countries AS home USING (country)
	JOIN demo_name_counts AS fc ON fc.culture = home.culture AND fc.kind = 'first'
	JOIN demo_name_counts AS lc ON lc.culture = home.culture AND lc.kind = 'last'
	JOIN demo_names AS f ON f.culture = home.culture AND f.kind = 'first'
		AND f.place = pg_temp.sloping(n, 'first name', fc.names)
	JOIN demo_names AS l ON l.culture = home.culture AND l.kind = 'last'
		AND l.place = pg_temp.sloping(n, 'last name', lc.names);

-- The address follows the custom of the company; people without a company have
-- one at a provider.  Whoever comes second gets a number.
ALTER TABLE demo_people ADD COLUMN email text;
UPDATE demo_people SET email = numbered.email
FROM (
	SELECT n, local || CASE WHEN namesake > 1 THEN namesake::text ELSE '' END || '@' || host AS email
	FROM (
		SELECT n, local, host, row_number() OVER (PARTITION BY local, host ORDER BY n) AS namesake
		FROM demo_people,
			LATERAL (SELECT coalesce(domain, (ARRAY['freemail.example', 'postbox.example', 'webmail.example'])
					[pg_temp.skewed(n, 'provider', 3)]) AS host) AS at,
			LATERAL (SELECT CASE pg_temp.dice(coalesce(company_id, n), 'custom', 10)
				WHEN 0 THEN first_letters
				WHEN 1 THEN last_letters
				WHEN 2 THEN left(first_letters, 1) || last_letters
				WHEN 3 THEN left(first_letters, 1) || '.' || last_letters
				WHEN 4 THEN first_letters || '_' || last_letters
				ELSE first_letters || '.' || last_letters END AS local) AS written
	) AS counted
) AS numbered
WHERE demo_people.n = numbered.n AND NOT pg_temp.chance(demo_people.n, 'no address', 6);

-- One contact who is busier than all others: interactions.sql.
CREATE TEMP TABLE demo_busy AS
SELECT n FROM demo_people
WHERE company_id IS NOT NULL AND email IS NOT NULL AND days_ago > 700
ORDER BY n LIMIT 1;
