-- Two CRMs with the same deals.  In "kept" every change is recorded; in "plain"
-- the trigger that does it is disabled.

SET client_min_messages = warning;
-- VACUUM calls no row visible to all whose commit is not yet on disk.
SET synchronous_commit = on;

SELECT crm.create_tables('kept'), crm.create_tables('plain') \g /dev/null
ALTER TABLE plain.deals DISABLE TRIGGER _deals_history;

SELECT format('INSERT INTO %1$s.users (name) SELECT ''User '' || n FROM generate_series(1, 100) AS n;
INSERT INTO %1$s.companies (name) SELECT ''Company '' || n FROM generate_series(1, %2$s / 20) AS n;
INSERT INTO %1$s.contacts (last_name, company_id) SELECT ''Contact '' || n, 1 + n %% (%2$s / 20) FROM generate_series(1, %2$s) AS n;
INSERT INTO %1$s.deals (name, contact_id, company_id, value, stage, owner_id, expected_close_date)
SELECT ''Licence '' || n, n, 1 + n %% (%2$s / 20), 100 + n, ''qualified'', 1 + n %% 100, DATE ''2025-01-01'' + n %% 365
FROM generate_series(1, %2$s) AS n;', name, :contacts)
FROM unnest(ARRAY['kept', 'plain']) AS name
\gexec

-- As many rows in both histories.
SELECT plain.backfill_deal_history() \g /dev/null

VACUUM (FREEZE, ANALYZE);
CHECKPOINT;

DO $$
BEGIN
	IF (SELECT count(*) FROM kept.deal_changes) <> (SELECT count(*) FROM kept.deals)
		OR (SELECT count(*) FROM plain.deal_changes) <> (SELECT count(*) FROM plain.deals) THEN
		RAISE EXCEPTION 'the history of deals is not what the statements compare';
	END IF;
END $$;
