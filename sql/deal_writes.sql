-- Moving a deal by set_stage, with and without triggers; and the history of deals that came before it was kept.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
SET DateStyle = ISO;
SET TimeZone = 'UTC';
SELECT crm.create_tables('regress_crm_with');
SELECT crm.create_tables('regress_crm_without', triggers => 'off');
SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname ~ '^_?deals_' AND tgrelid IN ('regress_crm_with.deals'::regclass, 'regress_crm_without.deals'::regclass) ORDER BY 1, 2;
INSERT INTO regress_crm_with.deals (id, name, value, created_at, updated_at) VALUES (1, 'd', 100, '2020-01-01', '2020-01-01');
INSERT INTO regress_crm_without.deals (id, name, value, created_at, updated_at, stage, currency, pipeline_id, pipeline_stage_id, probability) VALUES (1, 'd', 100, '2020-01-01', '2020-01-01', 'lead', 'USD', 1, 1, 10);
SELECT regress_crm_with.backfill_deal_history(), regress_crm_without.backfill_deal_history();

-- the deal comes back as it has become: the same in both
CREATE FUNCTION pg_temp.shown(d anyelement) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', j->>'stage', j->>'pipeline_id' || '/' || (j->>'pipeline_stage_id'), j->>'probability', j->>'probability_is_manual',
		CASE WHEN j->>'closed_at' IS NOT NULL THEN 'closed' END, CASE WHEN (j->>'updated_at')::timestamptz = now() THEN 'updated' END, j->>'lost_reason') FROM to_jsonb(d) AS j $$;
BEGIN;
SELECT pg_temp.shown(a) AS "with", pg_temp.shown(b) AS without FROM regress_crm_with.set_stage(1, 'qualified') AS a, regress_crm_without.set_stage(1, 'qualified') AS b;
SELECT pg_temp.shown(a) AS "with", pg_temp.shown(b) AS without FROM regress_crm_with.set_stage(1, 'lost', 'price') AS a, regress_crm_without.set_stage(1, 'lost', 'price') AS b;
SELECT pg_temp.shown(a) AS "with", pg_temp.shown(b) AS without FROM regress_crm_with.set_stage(1, 'won') AS a, regress_crm_without.set_stage(1, 'won') AS b;
SELECT pg_temp.shown(a) AS "with", pg_temp.shown(b) AS without FROM regress_crm_with.set_stage(1, 'negotiation', 'again') AS a, regress_crm_without.set_stage(1, 'negotiation', 'again') AS b;
-- to where it is already: nothing changes
SELECT pg_temp.shown(a) AS "with", pg_temp.shown(b) AS without FROM regress_crm_with.set_stage(1, 'negotiation') AS a, regress_crm_without.set_stage(1, 'negotiation') AS b;
-- by name, by word, and of a row of the caller's
SELECT stage FROM regress_crm_with.set_stage(stage => 'proposal', deal_id => 1);
SELECT (regress_crm_without.set_stage(d.id, 'proposal')).stage FROM regress_crm_without.deals AS d;
COMMIT;
-- and the same history
SELECT kind, old_stage, new_stage, old_probability, new_probability, old_pipeline_stage_id AS old, new_pipeline_stage_id AS new, lost_reason, changed_by = current_user AS me FROM regress_crm_with.deal_changes ORDER BY id;
SELECT to_jsonb(a) - '{id,changed_at,is_backfilled}'::text[] FROM regress_crm_with.deal_changes AS a EXCEPT SELECT to_jsonb(b) - '{id,changed_at,is_backfilled}'::text[] FROM regress_crm_without.deal_changes AS b;
SELECT count(*) FROM regress_crm_without.deal_changes;
-- a probability set by hand stays
UPDATE regress_crm_without.deals SET probability = 33, probability_is_manual = true;
SELECT probability, probability_is_manual FROM regress_crm_without.set_stage(1, 'qualified');
-- what else was written in vain without triggers is not set_stage's
UPDATE regress_crm_without.deals SET value = 200;
SELECT stage, value FROM regress_crm_without.set_stage(1, 'lead');
SELECT kind, old_value, new_value FROM regress_crm_without.deal_changes ORDER BY id DESC LIMIT 1;

-- a reason is required
UPDATE regress_crm_with.settings SET require_lost_reason = true;
UPDATE regress_crm_without.settings SET require_lost_reason = true;
SELECT stage FROM regress_crm_with.set_stage(1, 'lead');
UPDATE regress_crm_with.deals SET lost_reason = NULL;
UPDATE regress_crm_without.deals SET lost_reason = NULL;
SELECT regress_crm_with.set_stage(1, 'lost');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_crm_without.set_stage(1, 'lost');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_crm_without.set_stage(1, 'lost', ' ');
SELECT stage, lost_reason FROM regress_crm_with.set_stage(1, 'lost', 'no budget');
SELECT stage, lost_reason FROM regress_crm_without.set_stage(1, 'lost', 'no budget');
-- a deal that is not there, and nothing asked for
SELECT regress_crm_with.set_stage(99, 'won');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_crm_without.set_stage(99, 'won');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_crm_with.set_stage(NULL, 'won');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_crm_with.set_stage(1, NULL);
SELECT regress_crm_with.set_stage(1, 'sold');
SELECT crm._set_stage(NULL, 1, 'won', NULL);
\set VERBOSITY sqlstate
SELECT crm._set_stage('pg_class', 1, 'won', NULL);
\echo :LAST_ERROR_MESSAGE
SELECT crm._backfill_deal_history('pg_class');
\echo :LAST_ERROR_MESSAGE
\set VERBOSITY default
\set VERBOSITY sqlstate
SELECT crm._set_stage('regress_crm_with.timeline', 1, 'won', NULL);
\set VERBOSITY default
SELECT crm._set_stage(0, 1, 'won', NULL);
SELECT crm._backfill_deal_history(NULL);
SELECT crm._backfill_deal_history(0);
BEGIN READ ONLY;
SELECT regress_crm_with.set_stage(1, 'won');
ROLLBACK;
BEGIN READ ONLY;
SELECT regress_crm_with.backfill_deal_history();
ROLLBACK;

-- triggers that are there but off are their owner's choice
SET search_path = regress_crm_with;
SELECT count(*) AS before FROM deal_changes \gset
ALTER TABLE deals DISABLE TRIGGER _deals_history;
SELECT stage, probability FROM set_stage(1, 'lead');
SELECT count(*) - :before AS rows FROM deal_changes;
ALTER TABLE deals ENABLE TRIGGER _deals_history, DISABLE TRIGGER deals_rules;
SELECT stage, probability, closed_at IS NULL AS open FROM set_stage(1, 'won');
SELECT count(*) - :before AS rows FROM deal_changes;
SELECT kind, old_stage, new_stage, new_probability FROM deal_changes ORDER BY id DESC LIMIT 1;
ALTER TABLE deals ENABLE TRIGGER deals_rules;
SET session_replication_role = replica;
SELECT stage, probability FROM set_stage(1, 'lead');
RESET session_replication_role;
SELECT count(*) - :before AS rows FROM deal_changes;
ALTER TABLE deals ENABLE REPLICA TRIGGER _deals_history;
SELECT stage FROM set_stage(1, 'qualified');
ALTER TABLE deals ENABLE ALWAYS TRIGGER _deals_history;
SELECT stage FROM set_stage(1, 'proposal');
SELECT count(*) - :before AS rows FROM deal_changes;
ALTER TABLE deals ENABLE TRIGGER _deals_history;
-- a trigger by another name is the trigger
DROP TRIGGER _deals_history ON deals;
CREATE TRIGGER mine AFTER INSERT OR UPDATE ON deals FOR EACH ROW EXECUTE FUNCTION crm._record_deal_change();
SELECT stage FROM set_stage(1, 'lead');
SELECT count(*) - :before AS rows FROM deal_changes;
DROP TRIGGER mine ON deals;
SELECT stage FROM set_stage(1, 'qualified');
SELECT count(*) - :before AS rows FROM deal_changes;
-- a trigger that refuses the row
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON deals FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT stage FROM set_stage(1, 'won');
SELECT count(*) - :before AS rows FROM deal_changes;
DROP TRIGGER refuse ON deals;
-- one that changes the row before it is written
CREATE FUNCTION raise_value() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.value = NEW.value + 1; RETURN NEW; END $$;
CREATE TRIGGER a_raise BEFORE UPDATE ON deals FOR EACH ROW EXECUTE FUNCTION raise_value();
SELECT stage, value FROM set_stage(1, 'won');
SELECT kind, old_value, new_value FROM deal_changes ORDER BY id DESC LIMIT 1;
DROP TRIGGER a_raise ON deals;
-- columns of the user's own, and columns gone
ALTER TABLE deals ADD COLUMN extra text DEFAULT 'x', DROP COLUMN external_id;
SELECT stage, extra FROM set_stage(1, 'lead');
BEGIN;
ALTER TABLE deals DROP COLUMN lost_reason CASCADE;
SELECT stage FROM crm._set_stage('deals', 1, 'won', NULL), deals;
ROLLBACK;
BEGIN;
ALTER TABLE deals DROP COLUMN lost_reason CASCADE;
SELECT stage FROM crm._set_stage('deals', 1, 'won', 'x'), deals;
ROLLBACK;

-- rights are the caller's
CREATE ROLE regress_crm_rep;
GRANT USAGE ON SCHEMA regress_crm_with, regress_crm_without TO regress_crm_rep;
GRANT SELECT ON regress_crm_without.deals, regress_crm_without.pipelines, regress_crm_without.pipeline_stages, regress_crm_without.settings TO regress_crm_rep;
SET ROLE regress_crm_rep;
SELECT regress_crm_without.set_stage(1, 'won');
RESET ROLE;
GRANT UPDATE ON regress_crm_without.deals TO regress_crm_rep;
INSERT INTO regress_crm_without.deals (id, name, stage, currency, owner_id) VALUES (2, 'hidden', 'lead', 'USD', NULL);
ALTER TABLE regress_crm_without.deals ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON regress_crm_without.deals TO regress_crm_rep USING (name <> 'hidden');
SET ROLE regress_crm_rep;
SELECT stage FROM regress_crm_without.set_stage(1, 'won');
SELECT stage FROM regress_crm_without.set_stage(2, 'won');
\echo :LAST_ERROR_SQLSTATE
SELECT regress_crm_without.backfill_deal_history();
RESET ROLE;
SELECT deal_id, kind, changed_by FROM regress_crm_without.deal_changes ORDER BY id DESC LIMIT 1;
DROP SCHEMA regress_crm_with CASCADE;
DROP SCHEMA regress_crm_without CASCADE;

-- deals that came before their history was kept
SELECT crm.create_tables('regress_crm_past');
SET search_path = regress_crm_past;
INSERT INTO users (id, name) VALUES (1, 'Ann');
INSERT INTO companies (id, name) VALUES (1, 'Acme');
INSERT INTO contacts (id, first_name) VALUES (1, 'Carl');
INSERT INTO pipelines (id, name, position) VALUES (2, 'Renewals', 2), (3, 'Empty', 3);
INSERT INTO pipeline_stages (id, pipeline_id, name, position, probability, counts_as) VALUES
	(20, 2, 'Talking', 2, 80, 'proposal'), (21, 2, 'Due', 1, 60, 'qualified'), (22, 2, 'Signed', 0, 100, 'won');
ALTER TABLE deals DISABLE TRIGGER _deals_history;
INSERT INTO deals (id, name, stage, pipeline_id, value, currency, probability, expected_close_date, owner_id, contact_id, company_id, lost_reason, created_at, closed_at, archived_at) VALUES
	(1, 'open', 'proposal', 1, 10, 'EUR', 44, '2030-01-01', 1, 1, 1, NULL, '2020-01-01', NULL, NULL),
	(2, 'won', 'won', 1, 20, 'USD', 100, '2030-01-01', 1, 1, 1, NULL, '2020-01-01', '2021-01-01', NULL),
	(3, 'lost', 'lost', 2, 30, 'USD', 0, NULL, NULL, NULL, NULL, 'price', '2020-01-01', '2021-01-01', NULL),
	(4, 'archived', 'lead', 1, 40, 'USD', 10, NULL, NULL, NULL, NULL, NULL, '2020-01-01', NULL, '2022-01-01'),
	(5, 'won, archived', 'won', 1, 50, 'USD', 100, NULL, NULL, NULL, NULL, NULL, '2020-01-01', '2021-01-01', '2022-01-01'),
	(6, 'closed before it was made', 'won', 1, 60, 'USD', 100, NULL, NULL, NULL, NULL, NULL, '2022-01-01', '2021-01-01', NULL),
	(7, 'no open stage', 'lost', 3, 70, 'USD', 0, NULL, NULL, NULL, NULL, NULL, '2020-01-01', '2021-01-01', NULL),
	(8, 'changed later', 'lead', 1, 80, 'USD', 10, '2030-01-01', NULL, 1, NULL, NULL, '2020-01-01', NULL, NULL),
	(9, 'won later', 'qualified', 1, 90, 'USD', 25, NULL, NULL, 1, NULL, NULL, '2020-01-01', NULL, NULL);
ALTER TABLE deals ENABLE TRIGGER _deals_history;
UPDATE deals SET value = 81, expected_close_date = NULL, owner_id = 1 WHERE id = 8;
UPDATE deals SET currency = 'EUR' WHERE id = 8;
UPDATE deals SET stage = 'won', archived_at = '2022-01-01' WHERE id = 9;
INSERT INTO deals (id, name) VALUES (10, 'kept from the start');
SELECT backfill_deal_history();
SELECT backfill_deal_history();
SELECT deal_id AS deal, kind, old_stage, new_stage, concat_ws(' ', old_value, old_currency, '->', new_value, new_currency) AS value, concat_ws(' ', old_probability, '->', new_probability) AS probability,
	concat_ws(' ', old_pipeline_id || '/' || old_pipeline_stage_id, '->', new_pipeline_id || '/' || new_pipeline_stage_id) AS pipeline, concat_ws(' ', old_expected_close_date, '->', new_expected_close_date) AS close, concat_ws(' ', old_owner_id, '->', new_owner_id) AS owner,
	concat_ws(' ', old_archived_at::date, '->', new_archived_at::date) AS archived, contact_id AS c, lost_reason, CASE WHEN changed_at = now() OR changed_at > '2024-01-01' THEN 'now' ELSE changed_at::date::text END AS changed_at, is_backfilled AS made_up
FROM deal_changes ORDER BY deal_id, deal_changes.changed_at, id;
-- each row follows from the one before it, and the last one is the deal as it is
SELECT deal_id, id FROM (SELECT deal_id, id, kind, to_jsonb(c) AS change, lag(to_jsonb(c)) OVER (PARTITION BY deal_id ORDER BY changed_at, id) AS previous FROM deal_changes AS c) AS c
WHERE CASE WHEN previous IS NULL THEN kind <> 'created' ELSE kind = 'created' OR EXISTS (
	SELECT FROM jsonb_each(change) AS n JOIN jsonb_each(previous) AS p ON p.key = 'new_' || substr(n.key, 5) WHERE n.key ~ '^old_' AND n.value <> p.value) END;
SELECT d.id, d.name FROM deals AS d JOIN LATERAL (SELECT * FROM deal_changes AS c WHERE c.deal_id = d.id ORDER BY c.changed_at DESC, c.id DESC LIMIT 1) AS c ON true
WHERE (d.stage, d.value, d.currency, d.probability, d.expected_close_date, d.owner_id, d.pipeline_id, d.pipeline_stage_id, d.archived_at)
	IS DISTINCT FROM (c.new_stage, c.new_value, c.new_currency, c.new_probability, c.new_expected_close_date, c.new_owner_id, c.new_pipeline_id, c.new_pipeline_stage_id, c.new_archived_at);
DROP SCHEMA regress_crm_past CASCADE;
RESET search_path;
DROP ROLE regress_crm_rep;
