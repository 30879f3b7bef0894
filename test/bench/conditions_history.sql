SELECT format('PostgreSQL %s, %s deals, %s of shared buffers, medians of %s rounds',
	current_setting('server_version'), (SELECT count(*) FROM kept.deals), current_setting('shared_buffers'), :'rounds');
