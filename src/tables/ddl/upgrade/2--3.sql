-- Tables version 3: the history of deals and the timeline; their tables are made
-- by the files that make them in a new CRM.

-- contacts_company_timeline_idx takes its place.
DROP INDEX IF EXISTS :"schema".contacts_company_id_idx;
