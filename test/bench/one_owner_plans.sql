-- Says so if one of the queries compared in one_owner.sql does not read the
-- index alone: then the times compare plans, not aggregates.

\set open 'FROM deals WHERE owner_id = 7 AND stage NOT IN (''won'', ''lost'')'
\t on
SELECT set_config('bench.by_hand', 'SELECT count(*), sum(value), sum(value * probability / 100.0) ' || :'open', false),
	set_config('bench.ours', 'SELECT crm.pipeline(value, stage, probability) ' || :'open', false) \g /dev/null
DO $$
DECLARE
	plan json;
	query text;
BEGIN
	FOREACH query IN ARRAY ARRAY[current_setting('bench.by_hand'), current_setting('bench.ours')] LOOP
		EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
		IF plan #>> '{0,Plan,Plans,0,Node Type}' IS DISTINCT FROM 'Index Only Scan'
			OR plan #>> '{0,Plan,Plans,0,Index Name}' IS DISTINCT FROM 'deals_open_by_owner_idx' THEN
			RAISE WARNING 'not an index-only scan of deals_open_by_owner_idx: %', query;
		END IF;
	END LOOP;
END $$;
