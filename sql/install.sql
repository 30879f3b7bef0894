-- A trusted extension: who may create objects in the database may install it.
SET client_min_messages = warning;
CREATE ROLE regress_crm_admin;
DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO regress_crm_admin', current_database()); END $$;
SET ROLE regress_crm_admin;
CREATE EXTENSION crm;
RESET ROLE;
SELECT e.extowner::regrole, n.nspname, e.extrelocatable
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname = 'crm';
SELECT crm.version() = extversion AS same_version FROM pg_extension WHERE extname = 'crm';
-- the schema holds members only
SELECT count(*) AS relations FROM pg_class WHERE relnamespace = 'crm'::regnamespace AND relkind IN ('r', 'v', 'm', 'S', 'f', 'p');
ALTER EXTENSION crm SET SCHEMA public;
DROP EXTENSION crm;
DROP SCHEMA crm;
DO $$ BEGIN EXECUTE format('REVOKE CREATE ON DATABASE %I FROM regress_crm_admin', current_database()); END $$;
DROP ROLE regress_crm_admin;

-- the wrong schema is refused
CREATE SCHEMA regress_crm_other;
CREATE EXTENSION crm SCHEMA regress_crm_other;
DROP SCHEMA regress_crm_other;

-- for the tests that follow
CREATE EXTENSION crm;

-- the setting exists and takes booleans
SHOW crm.numeric_fast_path;
SET crm.numeric_fast_path = maybe;
SET crm.no_such_setting = 1;
