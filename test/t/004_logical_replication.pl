# Logical replication between two CRMs: rows arrive as the publisher's triggers
# made them, the subscriber's triggers stay silent, its checks and unique keys
# hold.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $db = 'postgres';
my $publisher = new_node('publisher', allows_streaming => 'logical');
my $subscriber = new_node('subscriber');

$publisher->start;
$subscriber->start;

# An OID more on one side, so that the enums differ.
query($subscriber, $db, 'CREATE TYPE takes_oids AS ENUM (\'a\', \'b\', \'c\')');
foreach my $node ($publisher, $subscriber)
{
	query($node, $db, <<'SQL');
		CREATE EXTENSION crm;
		SELECT crm.create_tables('sales');
		CREATE TABLE sales.stored (owner_id bigint PRIMARY KEY, sums crm.pipeline_state);
SQL
}

query($publisher, $db, <<'SQL');
	INSERT INTO sales.users (name) VALUES ('Zoë'), ('Ann');
	INSERT INTO sales.contacts (last_name, email) VALUES ('First', 'first@example.com');
	INSERT INTO sales.deals (name, value, stage, owner_id, contact_id, probability)
		SELECT 'Deal ' || n, n, (enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 2 + 1, 1, CASE WHEN n % 6 = 2 THEN 42 END
			FROM generate_series(1, 60) AS n;
	INSERT INTO sales.stored SELECT owner_id, crm.pipeline_partial(value, stage, probability)
		FROM sales.deals GROUP BY owner_id;
	CREATE PUBLICATION crm_changes FOR TABLES IN SCHEMA sales;
SQL

# The rows that create_tables made on the subscriber give way to the publisher's.
# Binary: the enum's values and stored sums travel through their send functions.
my $tables = query($subscriber, $db,
	"SELECT string_agg(format('%I.%I', schemaname, tablename), ', ') FROM pg_tables WHERE schemaname = 'sales'");
my $connstr = $publisher->connstr . " dbname=$db user=postgres";
query($subscriber, $db, <<"SQL");
	TRUNCATE $tables;
	CREATE SUBSCRIPTION crm_changes CONNECTION '$connstr' PUBLICATION crm_changes WITH (binary = true);
SQL
$subscriber->wait_for_subscription_sync($publisher, 'crm_changes');

sub arrived
{
	my ($what) = @_;
	$publisher->wait_for_catchup('crm_changes');
	is_text(table_sums($subscriber, $db, "'sales'"), table_sums($publisher, $db, "'sales'"),
		"$what: every row is the publisher's");
	is(totals($subscriber, $db, 'sales'), totals($publisher, $db, 'sales'), "$what: same totals");
}

arrived('initial copy');
isnt(query($subscriber, $db, "SELECT oid FROM pg_enum WHERE enumlabel = 'lead'"),
	query($publisher, $db, "SELECT oid FROM pg_enum WHERE enumlabel = 'lead'"),
	'although the enums have different OIDs');

# What the subscriber's triggers would do differently: they must not do it.
query($subscriber, $db, <<'SQL');
	UPDATE sales.pipeline_stages SET probability = 51 WHERE counts_as = 'proposal';
	UPDATE sales.settings SET home_currency = 'EUR', require_lost_reason = true;
SQL
query($publisher, $db, <<'SQL');
	INSERT INTO sales.deals (name, value, stage) VALUES ('New', 10, 'proposal'), ('Lost', 20, 'lost');
	UPDATE sales.deals SET stage = 'won' WHERE id % 10 = 0;
	UPDATE sales.deals SET stage = 'lead' WHERE id = 5;
	DELETE FROM sales.deals WHERE id = 7;
	UPDATE sales.stored SET sums = (SELECT crm.pipeline_partial(value, stage, probability) FROM sales.deals);
SQL
$publisher->wait_for_catchup('crm_changes');
my $rows = 'SELECT * FROM sales.deals ORDER BY id';
is_text(query($subscriber, $db, $rows), query($publisher, $db, $rows), 'changes arrive as they were made');
is(query($subscriber, $db, <<'SQL'), "Lost|lost|0|f|USD|t\nNew|proposal|50|f|USD|f", 'with the publisher\'s defaults');
	SELECT name, stage, probability, probability_is_manual, currency, closed_at IS NOT NULL FROM sales.deals
		WHERE name IN ('New', 'Lost') ORDER BY 1
SQL
is(query($subscriber, $db, 'SELECT sums::text FROM sales.stored ORDER BY owner_id'),
	query($publisher, $db, 'SELECT sums::text FROM sales.stored ORDER BY owner_id'), 'stored sums too');

# What an import wrote, and what it noted, and what undoing it left.
query($publisher, $db, <<'SQL');
	CREATE TABLE public.staged (full_name text, email text, phone text, company text, website text);
	INSERT INTO public.staged VALUES ('Zoë Größ', '"Zoë" <mailto:zoe@example.com>', '+44 20 7946 0000', 'New & Co', NULL),
		('Ann First', 'FIRST@example.com', 'call me', NULL, NULL), ('Twin', 'ZOE@example.com', NULL, NULL, NULL), ('Worse', 'nothing', NULL, NULL, NULL);
	SET client_min_messages = error;
	SELECT count(*) FROM sales.import_contacts('public.staged', on_duplicate => 'update', create_missing => true);
SQL
my $imported = 'SELECT * FROM sales.%s ORDER BY id';
foreach my $what ('imported', 'undone')
{
	query($publisher, $db, 'SET client_min_messages = error; SELECT count(*) FROM sales.undo_import(1)') if $what eq 'undone';
	$publisher->wait_for_catchup('crm_changes');
	foreach my $table ('contacts', 'companies', 'imports', 'import_rows')
	{
		my $sql = sprintf $imported, $table;
		is_text(query($subscriber, $db, $sql), query($publisher, $db, $sql), "$what: $table are the publisher's");
	}
}

# Rows written on the subscriber itself go through its own triggers.  Sequences
# are not replicated, so the history needs keys of its own first.
query($subscriber, $db, q{SELECT setval(pg_get_serial_sequence('sales.deal_changes', 'id'), 1000000)});
is(query($subscriber, $db, <<'SQL'), 'proposal|51|f|EUR', 'local rows keep the local rules');
	INSERT INTO sales.deals (id, name, stage) VALUES (1000000, 'Local', 'proposal')
		RETURNING stage, probability, probability_is_manual, currency
SQL

# Keys and checks of the subscriber hold, whatever the publisher lets through.
is((error_of($subscriber, $db, q{INSERT INTO sales.contacts (id, email) VALUES (1000000, 'FIRST@example.com')}))[0],
	'23505', 'a replicated address blocks the same one in another case');

sub refused
{
	my ($what, $pattern, $change, $undo) = @_;
	my $offset = -s $subscriber->logfile;

	query($publisher, $db, $change);
	$subscriber->wait_for_log($pattern, $offset);
	pass($what);
	# what stands in the way locally is taken away, and the stream goes on
	query($subscriber, $db, $undo);
	$publisher->wait_for_catchup('crm_changes');
}

refused('a row that the subscriber\'s check refuses is not applied',
	qr/violates check constraint "contacts_email_check"/,
	q{ALTER TABLE sales.contacts DROP CONSTRAINT contacts_email_check;
		INSERT INTO sales.contacts (last_name, email) VALUES ('Bad', 'no address')},
	q{ALTER TABLE sales.contacts DROP CONSTRAINT contacts_email_check});
refused('a row that breaks the subscriber\'s unique key is not applied',
	qr/duplicate key value violates unique constraint "contacts_email_key"|conflict detected on relation "sales\.contacts"/,
	q{DROP INDEX sales.contacts_email_key;
		INSERT INTO sales.contacts (last_name, email) VALUES ('Twin', 'First@Example.com')},
	q{DROP INDEX sales.contacts_email_key});
is(query($subscriber, $db, 'SELECT last_name FROM sales.contacts ORDER BY id'), "First\nBad\nTwin",
	'after that the stream goes on');

$subscriber->stop;
$publisher->stop;
done_testing();
