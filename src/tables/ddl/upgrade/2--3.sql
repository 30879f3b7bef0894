-- Tables version 3: the history of deals and the timeline; their tables are made
-- by the files that make them in a new CRM.

-- contacts_company_timeline_idx takes its place.
DROP INDEX IF EXISTS :"schema".contacts_company_id_idx;

-- The same order by an expression that row-level security does not keep from the
-- indexes.
DROP INDEX IF EXISTS :"schema".activities_contact_timeline_idx;
CREATE INDEX activities_contact_timeline_idx ON :"schema".activities (contact_id, (CASE WHEN completed_at IS NOT NULL THEN completed_at WHEN scheduled_at IS NOT NULL THEN scheduled_at ELSE created_at END), id);
DROP INDEX IF EXISTS :"schema".activities_company_timeline_idx;
CREATE INDEX activities_company_timeline_idx ON :"schema".activities (company_id, (CASE WHEN completed_at IS NOT NULL THEN completed_at WHEN scheduled_at IS NOT NULL THEN scheduled_at ELSE created_at END), id);
DROP INDEX IF EXISTS :"schema".activities_deal_timeline_idx;
CREATE INDEX activities_deal_timeline_idx ON :"schema".activities (deal_id, (CASE WHEN completed_at IS NOT NULL THEN completed_at WHEN scheduled_at IS NOT NULL THEN scheduled_at ELSE created_at END), id);
DROP INDEX IF EXISTS :"schema".emails_contact_timeline_idx;
CREATE INDEX emails_contact_timeline_idx ON :"schema".emails (contact_id, (CASE WHEN sent_at IS NOT NULL THEN sent_at ELSE created_at END), id);
DROP INDEX IF EXISTS :"schema".emails_deal_timeline_idx;
CREATE INDEX emails_deal_timeline_idx ON :"schema".emails (deal_id, (CASE WHEN sent_at IS NOT NULL THEN sent_at ELSE created_at END), id);
