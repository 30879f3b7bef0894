-- What the queue notes, and what a refresh makes of it, for tables of many kinds.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_queue', parts => 'matching') IS NULL AS failed;
SET search_path = regress_crm_queue;

-- each column that is read is noted, and no other
CREATE TABLE every (id bigint PRIMARY KEY, first_name text, middle_name text, last_name text, full_name text, email text, emails jsonb, additional_emails jsonb,
	phone_e164 text, phone text, phones jsonb, additional_phones jsonb, date_of_birth date, street text, city text, postal_code text, postcode text, state text, country text,
	company text, company_id bigint, job_title text, occupation text, gender text, note text, archived_at timestamptz);
INSERT INTO every (id) VALUES (1);
SELECT create_match_queue('every') IS NOT NULL AS made;
CREATE FUNCTION pg_temp.is_noted(name text, value text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE was_noted boolean;
BEGIN
	DELETE FROM regress_crm_queue.match_queue;
	EXECUTE format('UPDATE regress_crm_queue.every SET %I = %L', name, value);
	SELECT count(*) = 1 INTO was_noted FROM regress_crm_queue.match_queue WHERE key = '1';
	RETURN was_noted;
END $$;
SELECT attname, pg_temp.is_noted(attname, CASE atttypid WHEN 'text'::regtype THEN 'x' WHEN 'jsonb'::regtype THEN '["x"]' WHEN 'bigint'::regtype THEN '7' ELSE '2000-01-02' END) AS noted
	FROM pg_attribute WHERE attrelid = 'every'::regclass AND attnum > 1 ORDER BY attnum;

SET client_min_messages = warning;
DROP SCHEMA regress_crm_queue CASCADE;
