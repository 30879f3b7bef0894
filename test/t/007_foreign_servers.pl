# Partial states travel between servers: postgres_fdw pushes pipeline_partial
# to two other databases, whose enums have other OIDs, and the merged result is
# that of all rows together.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('main');
$node->start;
my $socket = $node->host;
my $port = $node->port;

foreach my $region (1, 2)
{
	query($node, 'postgres', "CREATE DATABASE region$region");
	# OIDs differ: the second one has made a type of its own before
	query($node, "region$region", 'CREATE TYPE other AS ENUM (' . join(',', map { "'l$_'" } 1 .. 40 * $region) . ')');
	query($node, "region$region", <<"SQL");
		CREATE EXTENSION crm;
		CREATE TABLE deals (region integer, value numeric, stage crm.deal_stage, probability integer);
		INSERT INTO deals SELECT $region, round((n * 7919 % 10007) / 7.0, n % 5),
			(enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 101 FROM generate_series(1, 2000) AS n;
		INSERT INTO deals VALUES ($region, 1e30, 'lead', 50), ($region, NULL, 'lead', NULL);
SQL
}

query($node, 'postgres', <<"SQL");
	CREATE EXTENSION crm;
	CREATE EXTENSION postgres_fdw;
	CREATE TABLE all_deals (region integer, value numeric, stage crm.deal_stage, probability integer)
		PARTITION BY LIST (region);
SQL
foreach my $region (1, 2)
{
	query($node, 'postgres', <<"SQL");
		CREATE SERVER region$region FOREIGN DATA WRAPPER postgres_fdw
			OPTIONS (host '$socket', port '$port', dbname 'region$region', extensions 'crm');
		CREATE USER MAPPING FOR postgres SERVER region$region OPTIONS (user 'postgres');
		CREATE FOREIGN TABLE deals_$region PARTITION OF all_deals FOR VALUES IN ($region)
			SERVER region$region OPTIONS (table_name 'deals');
SQL
}
isnt(query($node, 'region1', q{SELECT oid FROM pg_enum WHERE enumlabel = 'lead'}),
	query($node, 'region2', q{SELECT oid FROM pg_enum WHERE enumlabel = 'lead'}),
	'the databases have different OIDs');

my $merged = <<'SQL';
	SELECT crm.summary(crm.pipeline_merge(state)) FROM (
		SELECT region, crm.pipeline_partial(value, stage, probability) AS state
		FROM all_deals GROUP BY region) AS parts
SQL
my $partwise = 'SET enable_partitionwise_aggregate = on;';
like(query($node, 'postgres', "$partwise EXPLAIN (VERBOSE, COSTS OFF) $merged"),
	qr/Remote SQL: SELECT region, crm\.pipeline_partial\(value, stage, probability\).*Remote SQL: SELECT region, crm\.pipeline_partial/s,
	'partial states are computed where the rows are');
my $direct = query($node, 'postgres', 'SELECT crm.pipeline(value, stage, probability) FROM all_deals');
is(query($node, 'postgres', "$partwise $merged"), $direct, 'and add up to the whole');
is($direct, query($node, 'postgres', <<'SQL'), 'which is what plain SQL gives');
	SELECT ROW(count(*), sum(value), sum(value * COALESCE(probability, crm.default_probability(stage))::numeric * 0.01))
	FROM all_deals WHERE stage NOT IN ('won', 'lost')
SQL
like(query($node, 'postgres', q{EXPLAIN (VERBOSE, COSTS OFF) SELECT value FROM all_deals WHERE crm.is_open(stage) AND stage <> 'lead'}),
	qr/Remote SQL: .*crm\.is_open\(stage\)/, 'functions of a stage are pushed down');

done_testing();
