# Deals in partitions, one of which is being detached: a partition whose
# detachment is pending has no parent any more, and its rows are still written.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $db = 'postgres';
my $node = new_node('main');
$node->start;
my $conninfo = sprintf "host=%s port=%s dbname=%s user=postgres", $node->host, $node->port, $db;

query($node, $db, <<'SQL');
	CREATE EXTENSION crm;
	CREATE EXTENSION dblink;
	SELECT crm.create_tables('sales');
	CREATE TABLE sales.parted (LIKE sales.deals INCLUDING DEFAULTS) PARTITION BY LIST (currency);
	CREATE TRIGGER deals_rules BEFORE INSERT OR UPDATE ON sales.parted
		FOR EACH ROW EXECUTE FUNCTION crm._keep_deal_rules();
	CREATE TABLE sales.parted_usd PARTITION OF sales.parted FOR VALUES IN ('USD');
	CREATE TABLE sales.parted_eur PARTITION OF sales.parted FOR VALUES IN ('EUR');
SQL

# Another session looks at the table and holds its lock, so the second half of
# the detachment gives up waiting and stays undone.
my ($code, $stdout, $stderr) = $node->psql($db, <<"SQL", on_error_stop => 0);
	SELECT dblink_connect('reader', '$conninfo');
	SELECT dblink_exec('reader', 'BEGIN');
	SELECT * FROM dblink('reader', 'SELECT count(*) FROM sales.parted') AS t (n bigint);
	SET statement_timeout = '1s';
	ALTER TABLE sales.parted DETACH PARTITION sales.parted_usd CONCURRENTLY;
	RESET statement_timeout;
	SELECT dblink_exec('reader', 'COMMIT');
SQL
like($stderr, qr/statement timeout/, 'the detachment could not be completed');
is(query($node, $db, "SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = 'sales.parted_usd'::regclass"),
	't', 'and is pending');

is(query($node, $db, <<'SQL'), "proposal|50|3\nwon|100|5", 'the rules hold in the partition on its way out');
	INSERT INTO sales.parted_usd (id, name, currency, stage) VALUES (1, 'one', 'USD', 'proposal')
		RETURNING stage, probability, pipeline_stage_id;
	UPDATE sales.parted_usd SET stage = 'won' RETURNING stage, probability, pipeline_stage_id;
SQL
is(query($node, $db, <<'SQL'), 'negotiation|75', 'and in the others');
	INSERT INTO sales.parted (id, name, currency, stage) VALUES (2, 'two', 'EUR', 'negotiation') RETURNING stage, probability;
SQL
done_testing();
