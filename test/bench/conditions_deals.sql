SELECT format('PostgreSQL %s, %s million deals (%s), %s of shared buffers, medians of %s rounds',
	current_setting('server_version'), :'millions',
	pg_size_pretty(pg_table_size('deals')), current_setting('shared_buffers'), :'rounds')
	|| E'\n/ sum: the time divided by that of sum(value) in its group'
	|| E'\ntimes faster: than the nearest line above that says "by hand", or "no workers"';
