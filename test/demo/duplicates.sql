-- Plants the duplicates, and inserts all contacts in the order of their making.

-- A slip of the keyboard near the middle of a word: two letters exchanged, one
-- left out, or one doubled.
CREATE FUNCTION pg_temp.mistyped(word text, n bigint) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN (SELECT CASE
			WHEN slip = 0 AND length(word) > 3 AND substr(word, at, 1) <> substr(word, at + 1, 1)
				THEN left(word, at - 1) || substr(word, at + 1, 1) || substr(word, at, 1) || substr(word, at + 2)
			WHEN slip = 1 AND length(word) > 4
				THEN left(word, at - 1) || substr(word, at + 1)
			ELSE left(word, at) || substr(word, at) END
		FROM (SELECT pg_temp.dice(n, 'slip', 3) AS slip,
			least(length(word), 2 + pg_temp.dice(n, 'slip at', greatest(length(word) - 2, 1)))::integer AS at) AS slipped);

-- What goes wrong with every 25th person.  A kind that the name does not allow
-- (no short form, nothing but ASCII) becomes a slip of the keyboard.
CREATE TEMP TABLE demo_planted AS
SELECT p.*, nickname,
	CASE kind
		WHEN 1 THEN CASE WHEN nickname IS NOT NULL THEN 'nickname' ELSE 'typo in first name' END
		WHEN 2 THEN 'first and last name swapped'
		WHEN 3 THEN CASE WHEN first_name || last_name <> first_latin || last_latin
			THEN 'written without accents or in Latin letters' ELSE 'typo in last name' END
		WHEN 4 THEN 'other e-mail, no phone'
		WHEN 5 THEN 'initial instead of first name'
		WHEN 6 THEN 'new company and e-mail, same phone'
		WHEN 7 THEN 'typo in first name'
		WHEN 8 THEN 'no e-mail, phone in another format'
		ELSE 'typo in last name'
	END AS what
FROM demo_people AS p
	LEFT JOIN demo_nicknames AS short ON short.name = p.first_name,
	LATERAL (SELECT CASE WHEN nickname IS NOT NULL AND pg_temp.chance(n, 'by nickname', 25) THEN 1
			WHEN first_name || last_name <> first_latin || last_latin
				AND pg_temp.chance(n, 'by accents', 30) THEN 3
			ELSE 1 + pg_temp.dice(n, 'kind', 10) END AS kind) AS drawn
WHERE n % 25 = 7;

-- All of them side by side.  form is the way in which the phone is typed; the
-- duplicate of a number never has the original's.
CREATE TEMP TABLE demo_contacts AS
SELECT n, 0 AS copy, first_name, last_name, company_id, owner_id, country, local_number, days_ago, made,
	CASE WHEN pg_temp.chance(n, 'all capitals', 1) THEN upper(email COLLATE "C")
		WHEN pg_temp.chance(n, 'capital', 4) THEN upper(left(email, 1) COLLATE "C") || substr(email, 2)
		ELSE email END AS email,
	1 + pg_temp.dice(n, 'phone form', 60) AS form,
	NOT pg_temp.chance(n, 'no phone', 15) OR n % 25 = 7 AS has_phone
FROM demo_people
UNION ALL
SELECT n, 1,
	CASE what
		WHEN 'nickname' THEN nickname
		WHEN 'first and last name swapped' THEN last_name
		WHEN 'written without accents or in Latin letters' THEN first_latin
		WHEN 'initial instead of first name' THEN left(first_name, 1) || '.'
		WHEN 'typo in first name' THEN pg_temp.mistyped(first_name, n)
		ELSE first_name END,
	CASE what
		WHEN 'first and last name swapped' THEN first_name
		WHEN 'written without accents or in Latin letters' THEN last_latin
		WHEN 'typo in last name' THEN pg_temp.mistyped(last_name, n)
		ELSE last_name END,
	CASE WHEN what = 'new company and e-mail, same phone' THEN next_job.id
		WHEN pg_temp.chance(n, 'company forgotten', 25) THEN NULL
		ELSE company_id END,
	p.owner_id, p.country, p.local_number, again.days_ago,
	greatest(p.made + interval '1 hour',
		pg_temp.at_work(CURRENT_DATE - again.days_ago, n, 'made again at')),
	CASE
		WHEN what = 'new company and e-mail, same phone'
			THEN first_letters || '.' || last_letters || '@' || next_job.domain
		WHEN what IN ('no e-mail, phone in another format', 'first and last name swapped')
			OR pg_temp.chance(n, 'second address', 40) THEN NULL
		ELSE last_letters || left(first_letters, 1) || n || '@postbox.example'
	END,
	2 + pg_temp.dice(n, 'phone form', 60),
	what <> 'other e-mail, no phone'
FROM demo_planted AS p
	JOIN demo_companies AS next_job ON next_job.id = 1 + pg_temp.dice(n, 'next job', 2000),
	LATERAL (SELECT 2 + pg_temp.dice(n, 'made again', p.days_ago - 2)::integer AS days_ago) AS again;

-- By days and not by moments: weekends must not change who gets which id.
ALTER TABLE demo_contacts ADD COLUMN id bigint;
UPDATE demo_contacts SET id = numbered.id
FROM (SELECT n, copy, row_number() OVER (ORDER BY days_ago DESC, n, copy) AS id FROM demo_contacts) AS numbered
WHERE demo_contacts.n = numbered.n AND demo_contacts.copy = numbered.copy;

INSERT INTO sales.contacts (id, first_name, last_name, email, phone, job_title, company_id,
	date_of_birth, street, city, postal_code, country, source, status, email_opt_out, phone_opt_out,
	owner_id, created_at, updated_at, archived_at)
SELECT id, first_name, last_name, email,
	CASE WHEN has_phone THEN pg_temp.typed_number(local_number, pattern, f.forms,
		1 + form % pg_temp.form_count(f.forms), 100 + pg_temp.dice(n, 'extension', 900)) END,
	pg_temp.pick('Purchasing Manager|Managing Director|Head of IT|Operations Manager|Finance Director|Assistant|Engineer|Marketing Manager|Office Manager|Plant Manager|CTO|Owner', n, 'title'),
	company_id,
	CASE WHEN pg_temp.chance(n, 'birthday', 18) THEN CURRENT_DATE - 8000 - pg_temp.dice(n, 'days old', 15000)::integer END,
	CASE WHEN has_street THEN pg_temp.pick(streets, n, 'street') || ' ' || 1 + pg_temp.dice(n, 'house', 180) END,
	CASE WHEN has_street THEN pg_temp.pick(cities, n, 'city') END,
	CASE WHEN has_street THEN pg_temp.postal_code(postal, n) END,
	country,
	(ARRAY['website', 'referral', 'outbound', 'event', 'ads', 'import', 'other'])[pg_temp.skewed(n * 2 + copy, 'source', 7)],
	CASE WHEN pg_temp.chance(n, 'prospect', 40) THEN 'prospect'
		WHEN pg_temp.chance(n, 'disqualified', 6) THEN 'disqualified' ELSE 'lead' END,
	pg_temp.chance(n, 'no e-mails', 7), pg_temp.chance(n, 'no calls', 4),
	CASE WHEN NOT pg_temp.chance(n, 'no owner', 8) THEN owner_id END,
	made, made,
	-- never one of a planted pair, and not the busy one
	CASE WHEN n % 25 <> 7 AND n NOT IN (SELECT n FROM demo_busy) AND pg_temp.chance(n, 'archived', 2)
		THEN made + interval '9 days' END
FROM demo_contacts
	JOIN demo_countries USING (country)
	JOIN demo_phone_forms AS f USING (country),
	LATERAL (SELECT pg_temp.chance(n, 'street known', 45) AS has_street) AS known
ORDER BY id;
SELECT setval(pg_get_serial_sequence('sales.contacts', 'id'), max(id)) FROM sales.contacts \g /dev/null

-- The answers.  Without foreign keys: a merge must be able to take a contact
-- away and leave the answer as it was.
CREATE TABLE sales.demo_planted_duplicates (
	original_id bigint NOT NULL,
	duplicate_id bigint PRIMARY KEY,
	what text NOT NULL
);
COMMENT ON TABLE sales.demo_planted_duplicates IS
	'Demo data: contacts that were entered twice on purpose.';
INSERT INTO sales.demo_planted_duplicates
SELECT original.id, duplicate.id, p.what
FROM demo_planted AS p
	JOIN demo_contacts AS original ON original.n = p.n AND original.copy = 0
	JOIN demo_contacts AS duplicate ON duplicate.n = p.n AND duplicate.copy = 1
ORDER BY original.id;
