SELECT format('PostgreSQL %s, %s events of %s contacts, %s of contact 1, %s of shared buffers',
	current_setting('server_version'), (SELECT count(*) FROM flat), (SELECT count(*) FROM sales.contacts),
	(SELECT count(*) FROM flat WHERE contact_id = 1), current_setting('shared_buffers'));

-- The floor must be what it says.
DO $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT JSON) SELECT * FROM flat WHERE contact_id = 1 AND (occurred_at, source, key) < (''infinity'', '''', 0)
		ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50' INTO plan;
	IF plan #>> '{0,Plan,Plans,0,Node Type}' IS DISTINCT FROM 'Index Scan' THEN
		RAISE WARNING 'the floor is no index scan: %', plan;
	END IF;
END $$;
