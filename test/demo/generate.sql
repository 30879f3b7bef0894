-- Makes the demo: a CRM in schema sales, full of invented people, companies,
-- deals and conversations.  Run it with psql in an empty UTF8 database that
-- has the extension; show.sql then looks at the result.
--
-- The same rows every time, whatever the locale and the version of the server:
-- "chance" is a hash of a row's number, fractions are integers or numeric, and
-- nothing is sorted by the rules of a language.  Dates are counted back from
-- today (UTC), so that the demo never looks old: on another day the same deals
-- lie as many days back, moved off weekends.
--
-- About one contact in 25 has a duplicate that was planted on purpose; the
-- table sales.demo_planted_duplicates tells which, and how they differ.
--
-- Addresses end in .example and so lead nowhere; any likeness of a name or a
-- telephone number to a real one is chance.

\encoding UTF8
SET client_min_messages = warning;
SET TimeZone = 'UTC';

BEGIN;

-- A number from 0 to sides - 1: the same for the same row and purpose.
CREATE FUNCTION pg_temp.dice(row_number bigint, purpose text, sides bigint) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN (hashint8extended(row_number, hashtextextended(purpose COLLATE "C", 0))
			& 9223372036854775807) % sides;

-- True for percent rows of a hundred.
CREATE FUNCTION pg_temp.chance(row_number bigint, purpose text, percent numeric) RETURNS boolean
	LANGUAGE sql IMMUTABLE
	RETURN pg_temp.dice(row_number, purpose, 10000) < percent * 100;

-- 1 to count, the first far more often than the last: sizes, industries.
CREATE FUNCTION pg_temp.skewed(row_number bigint, purpose text, count bigint) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN 1 + count * pg_temp.dice(row_number, purpose, 30000)
		* pg_temp.dice(row_number, purpose || ' again', 30000) / 900000000;

-- 1 to count, the first a few times as often as the last: names.
CREATE FUNCTION pg_temp.sloping(row_number bigint, purpose text, count bigint) RETURNS bigint
	LANGUAGE sql IMMUTABLE
	RETURN 1 + count * pg_temp.dice(row_number, purpose, 30000)
		* (pg_temp.dice(row_number, purpose, 30000) + 30000) / 1800000000;

-- Close to a normal distribution with mean 0 and deviation 1.
CREATE FUNCTION pg_temp.bell(row_number bigint, purpose text) RETURNS numeric
	LANGUAGE sql IMMUTABLE
	RETURN (pg_temp.dice(row_number, purpose || ' 1', 30001)
		+ pg_temp.dice(row_number, purpose || ' 2', 30001)
		+ pg_temp.dice(row_number, purpose || ' 3', 30001)
		+ pg_temp.dice(row_number, purpose || ' 4', 30001) - 60000) / 17321.0;

-- A moment in the working hours of a day, or of the Friday before a weekend.
CREATE FUNCTION pg_temp.at_work(day date, row_number bigint, purpose text) RETURNS timestamptz
	LANGUAGE sql IMMUTABLE
	RETURN (day - greatest(0, extract(isodow FROM day)::integer - 5)
		+ interval '8 hours' + interval '1 second' * pg_temp.dice(row_number, purpose, 36000))
		AT TIME ZONE 'UTC';

-- A working hour of the day that lies so many ten-thousandths of the way from
-- one to the other.
CREATE FUNCTION pg_temp.some_day(started timestamptz, ended timestamptz, way bigint, n bigint)
	RETURNS timestamptz LANGUAGE sql STABLE
	RETURN pg_temp.at_work(started::date + ((ended::date - started::date) * way / 10000)::integer, n, 'hour');

-- The letters of an address: no accents, no blanks, lower case.
CREATE FUNCTION pg_temp.ascii_letters(name text) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN lower(regexp_replace(normalize(replace(translate(name, 'łŁđĐıİøØ', 'lLdDiIoO'),
			'ß', 'ss'), NFD), '[^A-Za-z0-9]', '', 'g') COLLATE "C");

SELECT crm.create_tables('sales') \g /dev/null

\ir names.sql
\ir places.sql
\ir companies.sql
\ir contacts.sql
\ir duplicates.sql
\ir deals.sql
\ir deal_history.sql
\ir interactions.sql

COMMIT;

ANALYZE;
