# A public data set of 8,800 sales opportunities goes into a CRM in the two ways
# that people take, INSERT ... SELECT from staging tables and COPY of a prepared
# file; what the CRM then says equals SQL over the staging tables that does
# without the extension, and the known answers.
#
# The data lies beside the checkout, or where CRM_TEST_DATA says; without it the
# test is skipped.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = $ENV{CRM_TEST_DATA} // "$FindBin::RealBin/../../../shared/data";
plan skip_all => "there is no data set in $data/sales"
  unless -r "$data/sales/sales_pipeline.csv.gz";

my $db = 'postgres';
my $node = new_node('sales_data');
my $folder = PostgreSQL::Test::Utils::tempdir();

# The server reads files of its own folder, whatever the data's path is.
sub local_file
{
	my ($name) = @_;
	my $file = "$folder/" . ($name =~ s/\.gz$//r);
	my @command = $name =~ /\.gz$/ ? ('gzip', '-dc') : ('cat');

	IPC::Run::run([ @command, "$data/sales/$name" ], '>', $file) or die "@command $name failed";
	return $file;
}

$node->start;
query($node, $db, <<'SQL');
	CREATE EXTENSION crm;
	SELECT crm.create_tables('sales');
	SELECT crm.create_tables('copied');

	-- as the files are: text
	CREATE TABLE raw_deals (opportunity_id text, sales_agent text, product text, account text,
		deal_stage text, engage_date text, close_date text, close_value text);
	CREATE TABLE raw_accounts (account text, sector text, year_established text, revenue text,
		employees text, office_location text, subsidiary_of text);
	CREATE TABLE raw_products (product text, series text, sales_price text);
	CREATE TABLE raw_agents (sales_agent text, manager text, regional_office text);
SQL
my %files = (
	raw_deals => 'sales_pipeline.csv.gz', raw_accounts => 'accounts.csv',
	raw_products => 'products.csv', raw_agents => 'sales_teams.csv');
foreach my $table (sort keys %files)
{
	my $file = local_file($files{$table});
	query($node, $db, "COPY $table FROM '$file' (FORMAT csv, HEADER)");
}
is(query($node, $db, <<'SQL'), '8800|85|7|35', 'every row was read');
	SELECT (SELECT count(*) FROM raw_deals), (SELECT count(*) FROM raw_accounts),
		(SELECT count(*) FROM raw_products), (SELECT count(*) FROM raw_agents)
SQL
is(query($node, $db, q{SELECT count(*) FROM raw_deals WHERE close_value ~ '[^0-9]'}), '0',
	'line ends of another system leave nothing behind');

# ---------------------------------------------------------------------------
# Staging tables into a CRM
# ---------------------------------------------------------------------------

# The CRM's keys for what the file names; the list price stands in for the value
# of open deals.  Dates of expected closing are made up so that some are to
# come, whenever the test runs.
query($node, $db, <<'SQL');
	SET datestyle = 'ISO, MDY';
	INSERT INTO sales.users (name) SELECT DISTINCT manager FROM raw_agents;
	INSERT INTO sales.users (name, manager_id)
		SELECT a.sales_agent, m.id FROM raw_agents AS a JOIN sales.users AS m ON m.name = a.manager;
	INSERT INTO sales.companies (name, industry, annual_revenue, country, size, external_id)
		SELECT account, replace(sector, 'technolgy', 'technology'), revenue::numeric * 1000000, office_location,
			CASE WHEN employees::int <= 10 THEN '1-10' WHEN employees::int <= 50 THEN '11-50'
				WHEN employees::int <= 200 THEN '51-200' WHEN employees::int <= 500 THEN '201-500'
				WHEN employees::int <= 1000 THEN '501-1000' WHEN employees::int <= 5000 THEN '1001-5000'
				WHEN employees::int <= 10000 THEN '5001-10000' ELSE '10001+' END, account
		FROM raw_accounts;
	CREATE VIEW mapped_deals AS
		SELECT d.product AS name, c.id AS company_id, u.id AS owner_id, d.opportunity_id AS external_id,
			CASE WHEN d.deal_stage IN ('Won', 'Lost') THEN d.close_value::numeric ELSE p.sales_price::numeric END AS value,
			crm.to_stage(d.deal_stage, '{"Prospecting": "lead", "Engaging": "qualified", "Won": "won", "Lost": "lost"}') AS stage,
			d.engage_date::date + 48 + (CURRENT_DATE - date '2017-12-31') AS expected_close_date,
			d.close_date::timestamptz AS closed_at,
			coalesce(d.engage_date::timestamptz, '2016-01-01') AS created_at
		FROM raw_deals AS d
		LEFT JOIN raw_products AS p ON p.product = replace(d.product, 'GTXPro', 'GTX Pro')
		LEFT JOIN sales.companies AS c ON c.name = d.account
		LEFT JOIN sales.users AS u ON u.name = d.sales_agent AND u.manager_id IS NOT NULL;
	INSERT INTO sales.deals (name, company_id, owner_id, external_id, value, stage, expected_close_date, closed_at, created_at)
		SELECT name, company_id, owner_id, external_id, value, stage,
			CASE WHEN closed_at IS NULL THEN expected_close_date END, closed_at, created_at FROM mapped_deals;
SQL

# A word that the mapping lacks stops the load, and is named.
my ($state, $message) = error_of($node, $db, <<'SQL');
	INSERT INTO sales.deals (name, stage)
		SELECT opportunity_id, crm.to_stage(deal_stage, '{"Prospecting": "lead", "Won": "won", "Lost": "lost"}') FROM raw_deals
SQL
is($state, '22023', 'an unmapped stage is an error');
like($message, qr/status "Engaging" is not mapped to a deal stage/, 'that names the word');

# ---------------------------------------------------------------------------
# The same by COPY
# ---------------------------------------------------------------------------

# An export with the CRM's columns, stages as words, open deals without a value
# of closed_at; the triggers fill in the rest.
query($node, $db, <<"SQL");
	INSERT INTO copied.users SELECT * FROM sales.users ORDER BY id;
	INSERT INTO copied.companies SELECT * FROM sales.companies;
	COPY (SELECT external_id, name, company_id, owner_id, value, stage,
			CASE WHEN closed_at IS NULL THEN expected_close_date END AS expected_close_date, closed_at, created_at
		FROM mapped_deals) TO '$folder/mapped.csv' (FORMAT csv, HEADER);
	COPY copied.deals (external_id, name, company_id, owner_id, value, stage, expected_close_date, closed_at, created_at)
		FROM '$folder/mapped.csv' (FORMAT csv, HEADER);
SQL
my $deals = q{SELECT md5(string_agg((to_jsonb(d) - '{id,updated_at}'::text[])::text, E'\n' ORDER BY external_id)) FROM %s.deals AS d};
is(query($node, $db, sprintf($deals, 'copied')), query($node, $db, sprintf($deals, 'sales')),
	'COPY fills in what INSERT fills in');
is(query($node, $db, <<'SQL'), "lead|10|f|1|1|USD|500\nqualified|25|f|1|2|USD|1589\nwon|100|f|1|5|USD|4238\nlost|0|f|1|6|USD|2473", 'namely these columns');
	SELECT stage, probability, probability_is_manual, pipeline_id, pipeline_stage_id, currency, count(*)
		FROM copied.deals GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
SQL

# The file as it was delivered has other words for the stages.
query($node, $db, qq{COPY (SELECT opportunity_id, deal_stage FROM raw_deals) TO '$folder/unmapped.csv' (FORMAT csv)});
($state, $message) = error_of($node, $db, "COPY copied.deals (name, stage) FROM '$folder/unmapped.csv' (FORMAT csv)");
is($state, '22P02', 'COPY of unmapped stages is an error');
like($message, qr/invalid input value for enum crm\.deal_stage: "Won".*COPY deals, line 1, column stage/s, 'with the word and the line');
is(query($node, $db, 'SELECT count(*) FROM copied.deals'), '8800', 'and leaves nothing behind');

# ---------------------------------------------------------------------------
# Against SQL without the extension
# ---------------------------------------------------------------------------

# The same rows in plain types; nothing below it uses the extension.
query($node, $db, <<'SQL');
	SET datestyle = 'ISO, MDY';
	CREATE TABLE plain_deals AS
		SELECT d.sales_agent AS agent, d.deal_stage AS stage, d.opportunity_id,
			to_date(d.engage_date, 'MM/DD/YYYY') AS engaged, to_date(d.close_date, 'MM/DD/YYYY') AS closed,
			CASE d.deal_stage WHEN 'Won' THEN d.close_value::numeric WHEN 'Lost' THEN d.close_value::numeric
				ELSE (SELECT sales_price::numeric FROM raw_products AS p WHERE replace(p.product, ' ', '') = replace(d.product, ' ', '')) END AS value,
			CASE d.deal_stage WHEN 'Prospecting' THEN 10 WHEN 'Engaging' THEN 25 END AS percent
		FROM raw_deals AS d;
SQL

# Both texts come from one transaction, so that midnight cannot fall between.
sub agree
{
	my ($what, $of_crm, $by_hand) = @_;
	foreach my $schema ('sales', 'copied')
	{
		(my $crm = $of_crm) =~ s/\bCRM\./$schema./g;
		my ($got, $expected) = split /^=+\n/m, query($node, $db, <<"SQL") . "\n";
			BEGIN ISOLATION LEVEL REPEATABLE READ;
			SET LOCAL extra_float_digits = 1;
			$crm;
			\\echo ======
			$by_hand;
			COMMIT;
SQL
		isnt($got, '', "$schema, $what: there are rows");
		is_text($got, $expected, "$schema, $what: as counted by hand");
	}
}

agree('stages',
	q{SELECT stage, total_deals, total_value, round(weighted_value, 4) FROM CRM.pipeline_by_stage ORDER BY stage_position},
	q{SELECT CASE stage WHEN 'Prospecting' THEN 'lead' ELSE 'qualified' END, count(*), sum(value)::numeric(20,2), round(sum(value * percent / 100), 4)
		FROM plain_deals WHERE percent IS NOT NULL GROUP BY stage ORDER BY stage DESC});
agree('closed stages',
	q{SELECT stage, count(*), sum(value) FROM CRM.deals WHERE crm.is_closed(stage) GROUP BY 1 ORDER BY 1},
	q{SELECT lower(stage), count(*), sum(value)::numeric(20,2) FROM plain_deals WHERE stage IN ('Won', 'Lost') GROUP BY 1 ORDER BY 1 DESC});
agree('agents, by the view',
	q{SELECT owner, total_deals, total_value, round(weighted_value, 4) FROM CRM.pipeline_by_owner ORDER BY owner},
	q{SELECT agent, count(*), sum(value)::numeric(20,2), round(sum(value * percent / 100), 4) FROM plain_deals WHERE percent IS NOT NULL GROUP BY 1 ORDER BY 1});
agree('agents, by the wrapper',
	q{SELECT u.name, t.total_deals, t.total_value, round(t.weighted_value, 4)
		FROM CRM.users AS u, CRM.pipeline_totals(owner_id => u.id) AS t WHERE t.total_deals > 0 ORDER BY 1},
	q{SELECT agent, count(*), sum(value)::numeric(20,2), round(sum(value * percent / 100), 4) FROM plain_deals WHERE percent IS NOT NULL GROUP BY 1 ORDER BY 1});
agree('agents, won and lost',
	q{SELECT u.name, count(*) FILTER (WHERE crm.is_won(stage)), count(*) FILTER (WHERE crm.is_lost(stage)), sum(value)
		FROM CRM.deals AS d JOIN CRM.users AS u ON u.id = d.owner_id WHERE crm.is_closed(stage) GROUP BY 1 ORDER BY 1},
	q{SELECT agent, count(*) FILTER (WHERE stage = 'Won'), count(*) FILTER (WHERE stage = 'Lost'), sum(value)::numeric(20,2)
		FROM plain_deals WHERE stage IN ('Won', 'Lost') GROUP BY 1 ORDER BY 1});
agree('months to come',
	q{SELECT due, month, total_deals, total_value, round(weighted_value, 4) FROM CRM.pipeline_by_month ORDER BY 1, 2},
	q{SELECT due, CASE due WHEN 'month' THEN date_trunc('month', expected)::date END, count(*), sum(value)::numeric(20,2), round(sum(value * percent / 100), 4)
		FROM (SELECT *, CASE WHEN expected IS NULL THEN 'no date' WHEN expected < CURRENT_DATE THEN 'overdue' ELSE 'month' END AS due
			FROM (SELECT *, engaged + 48 + (CURRENT_DATE - date '2017-12-31') AS expected FROM plain_deals WHERE percent IS NOT NULL) AS t) AS t
		GROUP BY 1, 2 ORDER BY 1, 2});
agree('months of closing',
	q{SELECT date_trunc('month', closed_at)::date, count(*), sum(value) FROM CRM.deals WHERE stage = 'won' GROUP BY 1 ORDER BY 1},
	q{SELECT date_trunc('month', closed)::date, count(*), sum(value)::numeric(20,2) FROM plain_deals WHERE stage = 'Won' GROUP BY 1 ORDER BY 1});
agree('a moving sum',
	q{SELECT external_id, round(crm.weighted_pipeline(value, stage, probability) OVER (ORDER BY external_id COLLATE "C" ROWS 50 PRECEDING), 4)
		FROM CRM.deals ORDER BY external_id COLLATE "C"},
	q{SELECT opportunity_id, round(coalesce(sum(value * percent / 100) OVER (ORDER BY opportunity_id COLLATE "C" ROWS 50 PRECEDING), 0), 4)
		FROM plain_deals ORDER BY opportunity_id COLLATE "C"});

# ---------------------------------------------------------------------------
# Known answers
# ---------------------------------------------------------------------------

foreach my $schema ('sales', 'copied')
{
	is(query($node, $db, "SELECT * FROM $schema.pipeline_totals()"), 'USD|2089|4966215.00|1080455.8500',
		"$schema: open deals at list price, weighted");
	is(query($node, $db, <<"SQL"), '4238|2473|2089|10005534.00', "$schema: won, lost, open, value of those won");
		SELECT count(*) FILTER (WHERE crm.is_won(stage)), count(*) FILTER (WHERE crm.is_lost(stage)),
			count(*) FILTER (WHERE crm.is_open(stage)), sum(value) FILTER (WHERE crm.is_won(stage)) FROM $schema.deals
SQL
	is(query($node, $db, <<"SQL"), '63.1501|47.9854', "$schema: win rate, and days to close");
		SELECT round(100.0 * count(*) FILTER (WHERE crm.is_won(stage)) / count(*), 4), round(avg(closed_at::date - created_at::date), 4)
			FROM $schema.deals WHERE crm.is_closed(stage)
SQL
	is(query($node, $db, "SELECT count(*) FROM $schema.deals WHERE company_id IS NULL"), '1425', "$schema: deals without a company");
	is(query($node, $db, "SELECT count(DISTINCT owner_id), count(*) - count(owner_id), count(*) - count(value) FROM $schema.deals"),
		'30|0|0', "$schema: every deal has an owner and a value");
}

# Without any CRM, straight over the text of the file.
is(query($node, $db, <<'SQL'), '(2089,4966215,1080455.85)|1080455.850', 'the aggregates work on the staging tables');
	SELECT crm.pipeline(p.sales_price::numeric, s.stage), crm.weighted_pipeline(p.sales_price::numeric, s.stage::text, 0.1 * s.tenfold)
		FROM raw_deals AS d JOIN raw_products AS p ON p.product = replace(d.product, 'GTXPro', 'GTX Pro'),
		LATERAL (SELECT crm.to_stage(d.deal_stage, '{"Prospecting": "lead", "Engaging": "qualified", "Won": "won", "Lost": "lost"}'),
			CASE d.deal_stage WHEN 'Prospecting' THEN 100 ELSE 250 END) AS s (stage, tenfold)
SQL

$node->stop;
done_testing();
