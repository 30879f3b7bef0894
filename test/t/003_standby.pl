# A hot standby answers everything that reads, refuses what writes with the
# error that clients know, and is a full CRM once it is promoted.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $db = 'postgres';
my $primary = new_node('primary', allows_streaming => 1);

$primary->start;
query($primary, $db, <<'SQL');
	CREATE EXTENSION crm;
	SELECT crm.create_tables('sales');
	INSERT INTO sales.users (name) SELECT 'User ' || n FROM generate_series(1, 5) AS n;
	INSERT INTO sales.deals (name, value, stage, owner_id, expected_close_date)
		SELECT 'Deal ' || n, n, (enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 5 + 1, CURRENT_DATE + n
			FROM generate_series(1, 3000) AS n;
	INSERT INTO sales.contacts (last_name, email, phone) VALUES ('Ann', 'ann@example.com', '+1 202 555 0123'), ('Bob', 'bob@example.com', 'none');
	INSERT INTO sales.companies (name, website) VALUES ('Plain', 'https://www.plain.co.uk');
	CREATE TABLE staged (last_name text, email text);
	INSERT INTO staged VALUES ('Ann', 'ANN@example.com'), ('Cyd', 'cyd@example.com'), ('Dee', 'nothing');
	SELECT count(*) FROM sales.import_contacts('staged');
	CREATE TABLE people AS SELECT n AS id, 'Ann' AS first_name, 'Zawadzka' || n % 20 AS last_name, 'ann' || n % 20 || '@example.com' AS email
		FROM generate_series(1, 40) AS n;
	CREATE TABLE said (left_key, right_key, same) AS VALUES (1, 21, true), (2, 22, false);
	CREATE TABLE stored AS SELECT owner_id, crm.pipeline_partial(value, stage, probability) AS sums
		FROM sales.deals GROUP BY owner_id;
	ANALYZE;
SQL

$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

# Written after the backup: it comes by streaming.
query($primary, $db, <<'SQL');
	SELECT crm.create_tables('service', home_currency => 'EUR');
	INSERT INTO service.deals (name, value) VALUES ('Streamed', 10);
	UPDATE sales.deals SET stage = 'won' WHERE id % 50 = 1;
SQL
$primary->wait_for_catchup($standby);

sub newest
{
	my ($node) = @_;
	return query($node, $db, 'SELECT max(newest_version) FROM crm.list_schemas()');
}

# ---------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------

# The same statements give the same text on both servers.
my %reads = (
	'aggregates' => <<'SQL',
		SELECT (crm.pipeline(value, stage, probability)).*, crm.weighted_pipeline(value, stage::text, probability::float8),
			crm.weighted_sum(value, probability), crm.pipeline_partial(value, stage) FROM sales.deals;
		SELECT crm.summary(crm.pipeline_merge(sums)) FROM stored;
SQL
	'a moving window' => <<'SQL',
		SELECT id, crm.weighted_pipeline(value, stage, probability) OVER (ORDER BY id ROWS 9 PRECEDING) FROM sales.deals ORDER BY id LIMIT 200;
SQL
	'pipeline_totals' => <<'SQL',
		SELECT * FROM sales.pipeline_totals();
		SELECT * FROM sales.pipeline_totals(owner_id => 3);
		SELECT * FROM sales.pipeline_totals(owner_id => 3, pipeline_id => 1);
		SELECT * FROM sales.pipeline_totals(owner_id => -1);
		SELECT * FROM service.pipeline_totals();
SQL
	'views' => <<'SQL',
		TABLE sales.pipeline_by_currency;
		SELECT * FROM sales.pipeline_by_stage ORDER BY stage_position;
		SELECT * FROM sales.pipeline_by_owner ORDER BY owner_id;
		SELECT * FROM sales.pipeline_by_month ORDER BY month;
SQL
	'stages' => <<'SQL',
		SELECT s, crm.default_probability(s), crm.is_open(s), crm.to_stage('x', jsonb_build_object('x', s))
			FROM unnest(enum_range(NULL::crm.deal_stage)) AS s;
SQL
	'values' => <<'SQL',
		SELECT crm.is_email('a@b.example'), crm.normalize_email('"Ä"@Bücher.example'), crm.registrable_domain('www.plain.co.uk'),
			crm.normalize_phone('+1 202 555 0123'), crm.normalize_company('Plain Ltd.'), crm.jaro_winkler('Martha', 'Marhta');
		SELECT * FROM crm.versions() ORDER BY 1;
SQL
	'duplicates' => <<'SQL',
		SELECT * FROM crm.find_duplicates('people', 0.1, decisions => 'said');
		SELECT * FROM crm.duplicate_groups_by_key('people');
		SELECT * FROM crm.explain_match('people', 1, 2);
		SELECT * FROM crm.matching_input('people');
		SELECT * FROM crm.matching_report('people');
		SELECT crm.train_matching('people', 'said') - 'trained_at';
SQL
	'check_tables' => q{SELECT count(*) FROM crm.check_tables('sales')},
	'imports' => <<'SQL',
		SELECT * FROM sales.import_report ORDER BY line;
		SELECT * FROM sales.imports;
SQL
	'list_schemas' => 'SELECT * FROM crm.list_schemas() ORDER BY 1',
	'create_tables_sql' => q{SELECT crm.create_tables_sql('elsewhere')},
	'upgrade_tables_sql' => q{SELECT crm.upgrade_tables_sql('sales')});

foreach my $name (sort keys %reads)
{
	my $expected = query($primary, $db, $reads{$name});
	isnt($expected, '', "$name: there is something to read");
	is_text(query($standby, $db, $reads{$name}), $expected, "$name: same on the standby");
}

# Workers of a parallel query load the library on their own.
my $parallel = <<'SQL';
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
	SET max_parallel_workers_per_gather = 2;
SQL
my $sum = 'SELECT crm.pipeline(value, stage, probability) FROM sales.deals';
like(query($standby, $db, "$parallel EXPLAIN (COSTS OFF) $sum"), qr/Gather.*Partial Aggregate/s,
	'the standby uses a parallel plan');
is(query($standby, $db, "$parallel $sum"), query($primary, $db, $sum), 'with the same result');

# What finds nothing to do needs no right to write.
is(query($standby, $db, q{SET client_min_messages = error; SELECT crm.create_tables('sales'), crm.upgrade_tables('sales')}),
	'schema sales is a CRM already, tables version ' . newest($primary) . '|schema sales already has tables version ' . newest($primary),
	'calls that find everything done succeed');

# ---------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------

my %writes = (
	'create_tables' => q{SELECT crm.create_tables('new')},
	'drop_views' => q{SELECT crm.drop_views('sales')},
	'create_views' => q{SELECT crm.create_views('sales')},
	'detach_tables' => q{SELECT crm.detach_tables('sales')},
	'an import' => q{SELECT * FROM sales.import_contacts('staged')},
	'an import that would change nothing' => q{SELECT * FROM sales.import_contacts('staged', on_duplicate => 'report')},
	'renormalize_phones' => q{SELECT * FROM sales.renormalize_phones()},
	'undo_import' => q{SELECT * FROM sales.undo_import(1)},
	'an INSERT' => q{INSERT INTO sales.deals (name) VALUES ('no')},
	'an UPDATE' => q{UPDATE sales.deals SET stage = 'lost' WHERE id = 1});

foreach my $name (sort keys %writes)
{
	is((error_of($standby, $db, $writes{$name}))[0], '25006', "$name on the standby is refused as read-only");
	is((error_of($primary, $db, "SET default_transaction_read_only = on; $writes{$name}"))[0], '25006',
		"$name in a read-only transaction of the primary too");
}
is(query($standby, $db, "SELECT count(*) FROM pg_namespace WHERE nspname = 'new'"), '0', 'nothing was made');
query($primary, $db, q{UPDATE sales.contacts SET phone_version = 'older' WHERE last_name = 'Ann'});
$primary->wait_for_catchup($standby);
like(query($standby, $db, q{SELECT problem FROM crm.check_tables('sales')}), qr/^1 phone numbers/, 'check_tables finds what is stale');
is((error_of($primary, $db, q{SELECT crm.drop_views('nowhere')}))[0], '3F000', 'other errors stay what they are');

# ---------------------------------------------------------------------------
# Promoted
# ---------------------------------------------------------------------------

$primary->stop;
$standby->promote;
is(query($standby, $db, <<'SQL'), "proposal|50|f|USD|3\nwon|100|t\nnegotiation|75|f\nlead|10|EUR", 'after promotion the rules of deals work');
	INSERT INTO sales.deals (name, value, stage) VALUES ('Promoted', 5, 'proposal')
		RETURNING stage, probability, probability_is_manual, currency, pipeline_stage_id;
	UPDATE sales.deals SET pipeline_stage_id = 5 WHERE name = 'Promoted' RETURNING stage, probability, closed_at IS NOT NULL;
	UPDATE sales.deals SET stage = 'negotiation' WHERE name = 'Promoted' RETURNING stage, probability, closed_at IS NOT NULL;
	INSERT INTO service.deals (name) VALUES ('Promoted') RETURNING stage, probability, currency;
SQL
is(query($standby, $db, <<'SQL'), "1|skipped\n2|skipped\n3|invalid\n1|2|deleted|", 'imports go on, and are undone');
	SELECT line, outcome FROM sales.import_contacts('staged');
	SELECT import_id, line, outcome, reason FROM sales.undo_import(1);
SQL
is(query($standby, $db, <<'SQL'), 'schema new is a CRM, tables version ' . newest($standby), 'and a CRM can be made');
	SELECT crm.create_tables('new');
SQL

$standby->stop;
done_testing();
