-- Objects that somebody put into schema crm before the extension came could
-- take the place of its own: CREATE EXTENSION must refuse.
\set SHOW_CONTEXT never
CREATE ROLE regress_crm_mallory;
CREATE SCHEMA crm AUTHORIZATION regress_crm_mallory;

SET ROLE regress_crm_mallory;
CREATE FUNCTION crm.text(crm_arg integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
RESET ROLE;
CREATE EXTENSION crm;
\echo :LAST_ERROR_SQLSTATE

DROP FUNCTION crm.text(integer);
SET ROLE regress_crm_mallory;
CREATE TYPE crm.deal_stage AS ENUM ('lead');
RESET ROLE;
CREATE EXTENSION crm;
DROP TYPE crm.deal_stage;
SET ROLE regress_crm_mallory;
CREATE OPERATOR crm.= (LEFTARG = text, RIGHTARG = text, PROCEDURE = pg_catalog.textne);
RESET ROLE;
CREATE EXTENSION crm;
DROP OPERATOR crm.= (text, text);

-- what is in the way fails even in a schema of the extension's owner
ALTER SCHEMA crm OWNER TO CURRENT_USER;
CREATE FUNCTION crm.is_email(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE EXTENSION crm;
DROP FUNCTION crm.is_email(text);
CREATE AGGREGATE crm.pipeline(numeric, text) (SFUNC = pg_catalog.textcat, STYPE = text);
CREATE AGGREGATE crm.pipeline_merge(text) (SFUNC = pg_catalog.textcat, STYPE = text);
CREATE EXTENSION crm;  -- another signature is harmless: nothing calls it
DROP EXTENSION crm;
DROP AGGREGATE crm.pipeline_merge(text);

-- nothing is left behind
SELECT count(*) FROM pg_proc WHERE pronamespace = 'crm'::regnamespace;
SELECT count(*) FROM pg_type WHERE typnamespace = 'crm'::regnamespace;

-- an empty schema is what pg_dump leaves, whoever owns it
ALTER SCHEMA crm OWNER TO regress_crm_mallory;
CREATE EXTENSION crm;
SELECT crm.is_email('a@example.com');
DROP EXTENSION crm;
DROP SCHEMA crm;

-- a search_path that shadows built-in functions changes nothing
CREATE SCHEMA regress_crm_shadow;
CREATE FUNCTION regress_crm_shadow.now() RETURNS timestamptz LANGUAGE sql AS $$SELECT 'epoch'::timestamptz$$;
CREATE FUNCTION regress_crm_shadow.btrim(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT ''::text$$;
CREATE FUNCTION regress_crm_shadow.ne(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$SELECT false$$;
CREATE OPERATOR regress_crm_shadow.<> (LEFTARG = text, RIGHTARG = text, PROCEDURE = regress_crm_shadow.ne);
SET search_path = regress_crm_shadow, pg_catalog;
CREATE EXTENSION crm;
SELECT crm.create_tables('regress_crm_path');
INSERT INTO regress_crm_path.deals (name, value) VALUES ('x', 1);
SELECT currency, total_deals, total_value, weighted_value FROM regress_crm_path.pipeline_totals();
SELECT created_at > '2020-01-01' FROM regress_crm_path.deals;
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA regress_crm_path CASCADE;
DROP SCHEMA regress_crm_shadow CASCADE;
RESET client_min_messages;
DROP EXTENSION crm;
DROP SCHEMA crm;
DROP ROLE regress_crm_mallory;
