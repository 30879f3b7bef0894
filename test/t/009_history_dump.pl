# The history of deals and the timeline, dumped and restored: as a whole, schema
# by schema, data apart from the schema, through the triggers and without them,
# history first and deals first.  No way gives a deal a second beginning, or a
# change that never was.  And renamed schemas, two CRMs side by side, and logical
# replication.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $source = 'history_source';
my $node = new_node('history_dump', allows_streaming => 'logical');
my $files = PostgreSQL::Test::Utils::tempdir();
my @schemas = ('sales', '"Süd ""1"""');

# ---------------------------------------------------------------------------
# What is dumped
# ---------------------------------------------------------------------------

$node->start;
query($node, 'postgres', <<'SQL');
	CREATE ROLE regress_crm_owner LOGIN;
	CREATE ROLE regress_crm_other LOGIN;
	CREATE ROLE regress_crm_reader LOGIN;
	CREATE DATABASE history_source OWNER regress_crm_owner;
SQL

# Deals with a past that was imported, one that the triggers wrote in several
# transactions, and one that was made up; a deal that is gone, and one that came
# back under its key.  Sources of the timeline in a schema of their own and in
# the CRM's, with keys that are numbers and words.
query($node, $source, <<'SQL', 'regress_crm_owner');
	CREATE EXTENSION crm;
	SELECT crm.create_tables('sales');
	SET search_path = sales;

	INSERT INTO users (name) VALUES ('Ann'), ('Bob');
	INSERT INTO companies (name, created_at) SELECT 'Company ' || n, timestamptz '2024-01-01' + n * interval '1 hour' FROM generate_series(1, 5) AS n;
	INSERT INTO contacts (last_name, company_id, created_at)
		SELECT 'Contact ' || n, n % 5 + 1, timestamptz '2024-01-02' + n * interval '1 hour' FROM generate_series(1, 20) AS n;
	INSERT INTO activities (contact_id, company_id, type, subject, completed_at)
		SELECT n % 20 + 1, n % 20 % 5 + 1, 'call', 'Call ' || n, timestamptz '2024-02-01' + n / 60 * interval '1 hour' FROM generate_series(1, 300) AS n;
	INSERT INTO emails (contact_id, direction, subject, sent_at)
		SELECT n % 20 + 1, 'inbound', 'Mail ' || n, timestamptz '2024-02-01' + n / 100 * interval '1 hour' FROM generate_series(1, 200) AS n;

	SET crm.actor = 'import';
	INSERT INTO deal_changes (deal_id, deal_name, contact_id, company_id, kind, old_stage, new_stage, new_value, new_currency, changed_at) VALUES
		(1, 'Deal 1', 2, 2, 'created', NULL, 'lead', 100, 'USD', '2024-03-01'),
		(1, 'Deal 1', 2, 2, 'stage', 'lead', 'qualified', 100, 'USD', '2024-03-05');
	INSERT INTO deals (id, name, contact_id, company_id, value, stage, owner_id)
		SELECT n, 'Deal ' || n, n % 20 + 1, n % 5 + 1, n * 100, (enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 2 + 1
			FROM generate_series(1, 60) AS n;
	SELECT setval(pg_get_serial_sequence('deals', 'id'), 60);
	RESET crm.actor;
	UPDATE deals SET value = value + 1 WHERE id % 3 = 0;
	UPDATE deals SET stage = 'won' WHERE id % 7 = 0;
	UPDATE deals SET stage = 'lead', expected_close_date = '2030-01-01' WHERE id % 14 = 0;
	BEGIN;
	SET LOCAL crm.actor = 'ann@example.com';
	UPDATE deals SET probability = 33 WHERE id = 11;
	UPDATE deals SET owner_id = 1 WHERE id = 11;
	UPDATE deals SET archived_at = '2025-01-01' WHERE id = 12;
	COMMIT;
	DELETE FROM deals WHERE id = 13;
	DELETE FROM deals WHERE id = 14;
	INSERT INTO deals (id, name, value, stage) VALUES (14, 'Deal 14', 5, 'proposal');
	-- as if they had been there before the history was
	DELETE FROM deal_changes WHERE deal_id BETWEEN 50 AND 55;
	SELECT backfill_deal_history();
	-- and one that nobody made up
	DELETE FROM deal_changes WHERE deal_id = 60;

	CREATE SCHEMA app;
	CREATE TABLE app.tickets (id bigint PRIMARY KEY, customer bigint, opened_at timestamptz NOT NULL, subject text);
	CREATE INDEX ON app.tickets (customer, opened_at, id);
	INSERT INTO app.tickets SELECT n, n % 20 + 1, timestamptz '2024-02-01' + n / 2 * interval '1 hour', 'Ticket ' || n FROM generate_series(1, 100) AS n;
	CREATE VIEW app.ticket_events WITH (security_invoker = true) AS
		SELECT opened_at AS occurred_at, 'ticket_opened'::text AS kind, subject AS title, customer AS contact_id, id AS source_id FROM app.tickets;
	CREATE TABLE sales.notes (occurred_at timestamptz, source_id text PRIMARY KEY, contact_id integer, title text);
	CREATE INDEX ON sales.notes (contact_id, occurred_at, source_id COLLATE "C");
	INSERT INTO sales.notes SELECT CASE WHEN n % 10 > 0 THEN timestamptz '2024-02-01' + n / 4 * interval '1 hour' END, 'ä' || n, n % 20 + 1, 'Note ' || n
		FROM generate_series(1, 100) AS n;
	SELECT crm.add_timeline_source('sales', 'tickets', 'app.ticket_events', '{ticket_opened}');
	SELECT crm.add_timeline_source('sales', 'notes', 'sales.notes');

	ALTER VIEW timeline SET (security_barrier = true);
	GRANT USAGE ON SCHEMA sales, app TO regress_crm_reader;
	GRANT SELECT ON ALL TABLES IN SCHEMA sales, app TO regress_crm_reader;
	ALTER TABLE deal_changes ENABLE ROW LEVEL SECURITY;
	CREATE POLICY small_ones ON deal_changes FOR SELECT TO regress_crm_reader USING (new_value < 1000);

	SELECT crm.create_tables('Süd "1"', home_currency => 'EUR');
	SELECT crm.remove_timeline_source('Süd "1"', 'companies');
	INSERT INTO "Süd ""1""".contacts (last_name, created_at) VALUES ('Groß', '2024-01-01');
	INSERT INTO "Süd ""1""".deals (name, contact_id, value) SELECT 'Geschäft ' || n, 1, n FROM generate_series(1, 10) AS n;
	UPDATE "Süd ""1""".deals SET stage = 'won' WHERE id = 3;
SQL

# ---------------------------------------------------------------------------
# Tools
# ---------------------------------------------------------------------------

# The rows of the history, keys included.
sub history
{
	my ($on, $database, $schema) = @_;
	return query($on, $database, "SELECT * FROM $schema.deal_changes ORDER BY deal_id, changed_at, id");
}

# Pages with their tokens, walked to the end, and the view.
sub timeline_sql
{
	my ($schema) = @_;
	return <<"SQL";
		WITH RECURSIVE pages AS (
			SELECT 1 AS page, array_agg(t) AS events FROM $schema.contact_timeline(5, max_events => 7) AS t
			UNION ALL
			SELECT page + 1, (SELECT array_agg(t) FROM $schema.contact_timeline(5, max_events => 7, page_token => (events[array_upper(events, 1)]).page_token) AS t)
				FROM pages WHERE events IS NOT NULL
		)
		SELECT page, e.* FROM pages, unnest(events) WITH ORDINALITY AS e ORDER BY page, ordinality;
		SELECT * FROM $schema.contact_timeline(1, 'infinity');
		SELECT * FROM $schema.company_timeline(1, max_events => 1000);
		SELECT * FROM $schema.deal_timeline(14);
		SELECT source, count(*), md5(string_agg(t::text, E'\\n' ORDER BY source_id)) FROM $schema.timeline AS t GROUP BY source ORDER BY source;
SQL
}

sub timeline
{
	my ($on, $database, $schema, $role) = @_;
	return query($on, $database, timeline_sql($schema), $role);
}

my (%history, %timeline);
foreach my $schema (@schemas)
{
	$history{$schema} = history($node, $source, $schema);
	$timeline{$schema} = timeline($node, $source, $schema);
}
my $timeline_of_reader = timeline($node, $source, 'sales', 'regress_crm_reader');
my $source_schema = schema_text($node, $source);
my $source_sums = table_sums($node, $source);

sub new_database
{
	my ($database, $role) = @_;
	my $owner = defined $role ? "OWNER $role" : '';
	query($node, 'postgres', "CREATE DATABASE $database TEMPLATE template0 $owner");
}

# pg_restore that may fail; returns what it says.
sub try_restore
{
	my ($database, @options) = @_;
	my ($stdout, $stderr) = run_command([ 'pg_restore', '-h', $node->host, '-p', $node->port, '-d', $database, @options ]);
	return $stderr;
}

sub is_history
{
	my ($database, $what) = @_;
	is_text(history($node, $database, $_), $history{$_}, "$what: history of $_ is as it was") foreach @schemas;
}

# History goes on where it ended, and is not made up again.
sub goes_on
{
	my ($database, $role, $what) = @_;
	my $last = query($node, $source, 'SELECT max(id) FROM sales.deal_changes');

	is(query($node, $database, <<"SQL", $role), "t|stage|lead|negotiation|t\nother|negotiation|negotiation|me\n1|created|qualified\n1", "$what: history goes on");
		UPDATE sales.deals SET stage = 'negotiation' WHERE id = 1;
		UPDATE sales.deals SET stage = 'lead' WHERE id = 28;
		UPDATE sales.deals SET stage = 'negotiation' WHERE id = 28;
		SELECT id > $last, kind, old_stage, new_stage, changed_at >= (SELECT max(changed_at) FROM sales.deal_changes WHERE deal_id = 28)
			FROM sales.deal_changes WHERE deal_id = 28 ORDER BY id DESC LIMIT 1;
		SET crm.actor = 'me';
		UPDATE sales.deals SET owner_id = CASE owner_id WHEN 1 THEN 2 ELSE 1 END WHERE id = 28;
		SELECT kind, old_stage, new_stage, actor FROM sales.deal_changes WHERE deal_id = 28 ORDER BY id DESC LIMIT 1;
		INSERT INTO sales.deals (name, stage) VALUES ('New', 'qualified');
		SELECT count(*), min(kind), min(new_stage) FROM sales.deal_changes JOIN sales.deals ON deals.id = deal_id WHERE deal_name = 'New';
		SELECT sales.backfill_deal_history();
SQL
}

# ---------------------------------------------------------------------------
# As a whole
# ---------------------------------------------------------------------------

like($history{sales}, $_, "there is something to lose: $_")
  foreach (qr/\|created\|/, qr/\|won\|/, qr/\|reopened\|/, qr/\|value\|/, qr/\|other\|/, qr/\|import\|/, qr/\|ann\@example\.com\|/, qr/^\d+\|13\|/m, qr/\|t$/m);
like($timeline{sales}, qr/^$_\|/m, "the timeline has $_") foreach qw(activities companies contacts deal_changes emails notes tickets);
isnt($timeline_of_reader, $timeline{sales}, 'a reader sees less');

run_tool($node, 'dump by the owner', 'pg_dump', '-U', 'regress_crm_owner', '-Fc', '-f', "$files/whole.dump", $source);
new_database('history_whole', 'regress_crm_other');
run_tool($node, 'restored by another role', 'pg_restore', '-U', 'regress_crm_other', '--no-owner', '--exit-on-error',
	'-d', 'history_whole', "$files/whole.dump");
is_text(schema_text($node, 'history_whole'), $source_schema, 'whole: every object is back');
is_text(table_sums($node, 'history_whole'), $source_sums, 'whole: every row is back');
is_history('history_whole', 'whole');
is_text(timeline($node, 'history_whole', $_), $timeline{$_}, "whole: the timeline of $_ is as it was, tokens too") foreach @schemas;
is_text(timeline($node, 'history_whole', 'sales', 'regress_crm_reader'), $timeline_of_reader, 'whole: a reader sees what he saw');
is(query($node, 'history_whole', <<'SQL', 'regress_crm_other'), "view sales.timeline was made again\nsource \"tickets\" was removed from the timeline of schema sales\n6",
	SELECT crm.rebuild_timeline('sales');
	BEGIN;
	SELECT crm.remove_timeline_source('sales', 'tickets');
	SELECT count(*) FROM sales.timeline_sources;
	ROLLBACK;
SQL
	'whole: the new owner keeps the timeline');
is_text(schema_text($node, 'history_whole'), $source_schema, 'whole: the view that is made again is the one that was restored');
goes_on('history_whole', 'regress_crm_other', 'whole');

# ---------------------------------------------------------------------------
# By schema
# ---------------------------------------------------------------------------

# Schemas are dumped without the extension; it is there before.
run_tool($node, 'dump of two schemas', 'pg_dump', '-U', 'regress_crm_owner', '-Fc', '-n', 'sales', '-n', 'app', '-f', "$files/two.dump", $source);
new_database('history_schemas', 'regress_crm_owner');
query($node, 'history_schemas', 'CREATE EXTENSION crm', 'regress_crm_owner');
run_tool($node, 'schemas restored', 'pg_restore', '-U', 'regress_crm_owner', '--exit-on-error', '-d', 'history_schemas', "$files/two.dump");
is_text(history($node, 'history_schemas', 'sales'), $history{sales}, 'two schemas: history is as it was');
is_text(timeline($node, 'history_schemas', 'sales'), $timeline{sales}, 'two schemas: so is the timeline');
goes_on('history_schemas', 'regress_crm_owner', 'two schemas');

# Without the schema of a source the view cannot be made; everything else can,
# and says what is missing.
run_tool($node, 'dump of one schema', 'pg_dump', '-U', 'regress_crm_owner', '-Fc', '-n', 'sales', '-f', "$files/one.dump", $source);
new_database('history_schema', 'regress_crm_owner');
query($node, 'history_schema', 'CREATE EXTENSION crm', 'regress_crm_owner');
my $complaints = try_restore('history_schema', '-U', 'regress_crm_owner', "$files/one.dump");
like($complaints, qr/schema "app" does not exist|relation "app\.ticket_events" does not exist/, 'one schema: what a source needs is missing');
unlike($complaints, qr/Command was: (?!.*\bsales\.timeline\b)/, 'one schema: that costs the view "timeline" only');
is_text(history($node, 'history_schema', 'sales'), $history{sales}, 'one schema: history is as it was');
my ($state, $message) = error_of($node, 'history_schema', 'SELECT * FROM sales.contact_timeline(5)', 'regress_crm_owner');
is($state, '42P01', 'one schema: the timeline cannot be read');
like($message, qr/timeline source "tickets" cannot be read/, 'and the source is named');
is(query($node, 'history_schema', <<'SQL', 'regress_crm_owner'), "source \"tickets\" was removed from the timeline of schema sales\nt\n0",
	SELECT crm.remove_timeline_source('sales', 'tickets');
	SELECT count(*) > 20 FROM sales.contact_timeline(5, max_events => 1000);
	SELECT count(*) FROM sales.timeline WHERE source = 'tickets';
SQL
	'without it, functions and view are as before');

# ---------------------------------------------------------------------------
# Data apart from the schema
# ---------------------------------------------------------------------------

run_tool($node, 'dump of the schema', 'pg_dump', '-Fc', '--schema-only', '-f', "$files/schema.dump", $source);
run_command([ 'pg_dump', '-h', $node->host, '-p', $node->port, '-Fc', '--data-only', '-f', "$files/data.dump", $source ]);

sub new_empty
{
	my ($database) = @_;
	new_database($database);
	run_tool($node, "$database: schema restored", 'pg_restore', '--exit-on-error', '-d', $database, "$files/schema.dump");
}

new_empty('history_no_triggers');
run_tool($node, 'data restored without triggers', 'pg_restore', '--data-only', '--disable-triggers', '--exit-on-error',
	'-d', 'history_no_triggers', "$files/data.dump");
is_text(table_sums($node, 'history_no_triggers'), $source_sums, 'without triggers: every row is back');
is_history('history_no_triggers', 'without triggers');
is_text(timeline($node, 'history_no_triggers', 'sales'), $timeline{sales}, 'without triggers: the timeline is as it was');
like(try_restore('history_no_triggers', '--data-only', '--disable-triggers', "$files/data.dump"),
	qr/duplicate key value violates unique constraint "deal_changes_pkey"/, 'a second time fails');
is_text(table_sums($node, 'history_no_triggers'), $source_sums, 'and changes nothing');
goes_on('history_no_triggers', undef, 'without triggers');

# Deals first, through the triggers: they get beginnings of today, and the rows
# of the dump are refused as a whole.
new_empty('history_deals_first');
$complaints = try_restore('history_deals_first', '--data-only', "$files/data.dump");
like($complaints, qr/COPY failed for table "deal_changes": ERROR:  duplicate key value violates unique constraint "deal_changes_(pkey|created_key)"/,
	'deals first: the history is refused');
unlike($complaints, qr/COPY failed for table "(?!deal_changes")/, 'deals first: nothing else is');
my $one_each = <<'SQL';
	SELECT count(*) = count(DISTINCT deal_id), count(*) = (SELECT count(*) FROM sales.deals), bool_and(kind = 'created')
		FROM sales.deal_changes
SQL
is(query($node, 'history_deals_first', $one_each), 't|t|t', 'deals first: each has one beginning');
$complaints = try_restore('history_deals_first', '--data-only', '-n', 'sales', '-t', 'deal_changes', "$files/data.dump");
like($complaints, qr/duplicate key/, 'deals first: a second attempt is refused too');
is(query($node, 'history_deals_first', $one_each), 't|t|t', 'and leaves one beginning');
# other keys do not help: the unique index is on the deal
($state, $message) = error_of($node, 'history_deals_first',
	q{INSERT INTO sales.deal_changes (id, deal_id, kind, new_stage) VALUES (1000000, 5, 'created', 'lead')});
is($state, '23505', 'a second beginning is refused');
like($message, qr/deal_changes_created_key/, 'by the index that is there for it');
# what the triggers wrote makes room
query($node, 'history_deals_first', "TRUNCATE $_.deal_changes") foreach @schemas;
run_tool($node, 'history restored in its place', 'pg_restore', '--data-only', '-t', 'deal_changes', '-d', 'history_deals_first', "$files/data.dump");
is_history('history_deals_first', 'deals first, history then');

# History first, with the sequence of its keys: the triggers find it, and have
# nothing to add.  Deals without any get a beginning, of now.
new_empty('history_first');
run_tool($node, 'history restored first', 'pg_restore', '--data-only', '-t', 'deal_changes', '-t', 'deal_changes_id_seq',
	'-d', 'history_first', "$files/data.dump");
is_history('history_first', 'history alone');
$complaints = try_restore('history_first', '--data-only', '-L', without_history(), "$files/data.dump");
is($complaints, '', 'history first: the rest is restored through the triggers');
is(query($node, 'history_first', 'SELECT deal_id, kind, changed_at >= now() - interval \'1 hour\' FROM sales.deal_changes WHERE deal_id = 60'),
	'60|created|t', 'history first: what has none begins now');
query($node, 'history_first', 'DELETE FROM sales.deal_changes WHERE deal_id = 60');
is_history('history_first', 'history first, deals then');

sub without_history
{
	my ($list) = run_command([ 'pg_restore', '-l', "$files/data.dump" ]);
	my @kept = grep { !/ TABLE DATA .*\bdeal_changes\b/ } split /\n/, $list;
	PostgreSQL::Test::Utils::append_to_file("$files/without_history.list", join("\n", @kept) . "\n");
	return "$files/without_history.list";
}

# The same with COPY by hand, and deals that have changed since: what differs is
# one row, however much differs.
query($node, 'history_first', <<'SQL');
	CREATE TABLE kept AS TABLE sales.deals;
	UPDATE kept SET value = 7, stage = 'won', probability = 100, closed_at = now(), pipeline_stage_id = (SELECT pipeline_stage_id FROM sales.deals WHERE stage = 'won' LIMIT 1)
		WHERE id = 5;
	DELETE FROM sales.deals;
SQL
my $columns = query($node, 'history_first', q{SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'sales.deals'::regclass AND attnum > 0});
query($node, 'history_first', "COPY kept ($columns) TO '$files/deals.copy'; COPY sales.deals ($columns) FROM '$files/deals.copy';");
is(query($node, 'history_first', <<'SQL'), "5|won|7.00\n60|created|6001.00", 'COPY of deals after their history adds what differs');
	SELECT deal_id, kind, new_value FROM sales.deal_changes WHERE changed_at >= now() - interval '1 hour'
		AND id > (SELECT max(id) FROM sales.deal_changes WHERE deal_id NOT IN (5, 60)) ORDER BY deal_id
SQL

# ---------------------------------------------------------------------------
# Renamed, and two of them
# ---------------------------------------------------------------------------

# An open session that has called before, and others that rename.
my $db = 'history_no_triggers';
my $before = timeline($node, $db, 'sales');
my $of_the_other = timeline($node, $db, $schemas[1]);
my $session = session($node, $db);
is_text(scalar answer($session, timeline_sql('sales')), $before, 'a session reads a timeline');
is_text(scalar answer($session, timeline_sql($schemas[1])), $of_the_other, 'and that of another CRM');
query($node, $db, 'ALTER SCHEMA sales RENAME TO "Verkauf"');
is((failure($session, 'SELECT * FROM sales.contact_timeline(5)'))[0], '3F000', 'the schema has another name now');
is_text(scalar answer($session, timeline_sql('"Verkauf"')), $before, 'under which the session finds the same');
is_text(timeline($node, $db, '"Verkauf"'), $before, 'and a new one too');
is(answer($session, <<'SQL'), "proposal|50\nstage|proposal\n1", 'history goes on under the new name');
	SELECT stage, probability FROM "Verkauf".set_stage(3, 'proposal');
	SELECT kind, new_stage FROM "Verkauf".deal_changes WHERE deal_id = 3 ORDER BY changed_at DESC, id DESC LIMIT 1;
	INSERT INTO "Verkauf".deals (name) VALUES ('Renamed');
	SELECT count(*) FROM "Verkauf".deal_changes WHERE deal_name = 'Renamed';
SQL

# A CRM takes the old name: its own rows, not those of yesterday.
query($node, $db, q{SELECT crm.create_tables('sales'); INSERT INTO sales.contacts (id, last_name, created_at) VALUES (5, 'Other', '2024-01-01')});
is(answer($session, 'SELECT kind, title FROM sales.contact_timeline(5)'), 'contact_created|Other', 'a new CRM under the old name is another one');
$before = timeline($node, $db, '"Verkauf"');
is_text(scalar answer($session, timeline_sql('"Verkauf"')), $before, 'and the old one is what it was');
query($node, $db, 'DROP SCHEMA sales CASCADE');

# A source is found by its name, which its owner may change as well.
query($node, $db, 'ALTER SCHEMA app RENAME TO helpdesk');
($state, $message) = failure($session, 'SELECT * FROM "Verkauf".contact_timeline(5)');
is($state, '42P01', 'a source whose schema was renamed is missing');
like($message, qr/timeline source "tickets" cannot be read/, 'and is named');
query($node, $db, 'ALTER SCHEMA helpdesk RENAME TO app; ALTER SCHEMA "Verkauf" RENAME TO sales');
is_text(scalar answer($session, timeline_sql('sales')), $before, 'named back, everything is back');

# Two CRMs know nothing of each other.
is_text(scalar answer($session, timeline_sql($schemas[1])), $of_the_other, 'the other CRM has not changed');
my $history = history($node, $db, 'sales');
query($node, $db, 'UPDATE "Süd ""1""".deals SET value = 1000 WHERE id = 1; DELETE FROM "Süd ""1""".timeline_sources WHERE source = \'emails\'');
is_text(history($node, $db, 'sales'), $history, 'a change in one CRM is not in the history of the other');
is(answer($session, q{SELECT count(*) FROM "Süd ""1""".deal_changes WHERE deal_id = 1}), '2', 'but in its own');
query($node, $db, 'DROP SCHEMA "Süd ""1""" CASCADE');
is_text(scalar answer($session, timeline_sql('sales')), $before, 'one CRM is dropped, the other reads on');
is((failure($session, timeline_sql($schemas[1])))[0], '3F000', 'the dropped one is gone');
$session->quit;

# ---------------------------------------------------------------------------
# Logical replication
# ---------------------------------------------------------------------------

my $subscriber = new_node('history_subscriber');
$subscriber->start;
query($subscriber, 'postgres', 'CREATE ROLE regress_crm_reader LOGIN');
foreach my $database ('with_history', 'without_history')
{
	query($subscriber, 'postgres', "CREATE DATABASE $database");
	local %ENV = (%ENV, PGHOST => $subscriber->host, PGPORT => $subscriber->port);
	run_command([ 'pg_restore', '--no-owner', '-d', $database, "$files/schema.dump" ]);
}
query($node, $source, 'CREATE PUBLICATION with_history FOR TABLES IN SCHEMA sales, app; CREATE PUBLICATION without_history FOR TABLE sales.deals');
my $connstr = $node->connstr . " dbname=$source user=postgres";
foreach my $publication ('with_history', 'without_history')
{
	query($subscriber, $publication, "CREATE SUBSCRIPTION $publication CONNECTION '$connstr' PUBLICATION $publication");
	$subscriber->wait_for_subscription_sync($node, $publication, $publication);
}
is_text(history($subscriber, 'with_history', 'sales'), $history{sales}, 'replicated: the initial copy has the history');
is_text(timeline($subscriber, 'with_history', 'sales'), $timeline{sales}, 'replicated: and the timeline');
is(query($subscriber, 'without_history', 'SELECT (SELECT count(*) > 0 FROM sales.deals), count(*) FROM sales.deal_changes'), 't|0',
	'deals alone have no history there: the trigger does not run');

# What the subscriber's trigger would write, it must not; what the publisher's
# has written, arrives.
query($node, $source, <<'SQL', 'regress_crm_owner');
	SET crm.actor = 'publisher';
	INSERT INTO sales.deals (name, contact_id, value) VALUES ('Replicated', 5, 1);
	UPDATE sales.deals SET stage = 'proposal' WHERE name = 'Replicated';
	BEGIN;
	UPDATE sales.deals SET value = 2 WHERE name = 'Replicated';
	SELECT stage FROM sales.set_stage((SELECT id FROM sales.deals WHERE name = 'Replicated'), 'won');
	COMMIT;
	DELETE FROM sales.deals WHERE id = 20;
SQL
$node->wait_for_catchup($_) foreach 'with_history', 'without_history';
like(history($node, $source, 'sales'), qr/Replicated.*\|created\|.*Replicated.*\|won\|/s, 'the publisher writes history');
is_text(history($subscriber, 'with_history', 'sales'), history($node, $source, 'sales'), 'replicated: the published rows, and no others');
is_text(timeline($subscriber, 'with_history', 'sales'), timeline($node, $source, 'sales'), 'replicated: same pages, same tokens');
is(query($subscriber, 'without_history', q{SELECT name, stage, (SELECT count(*) FROM sales.deal_changes) FROM sales.deals WHERE name = 'Replicated'}),
	'Replicated|won|0', 'deals alone: still none');
is(query($subscriber, 'without_history', q{SELECT sales.backfill_deal_history() = (SELECT count(*) FROM sales.deals), count(*) FROM sales.deal_changes}),
	't|0', 'where it can be made up');

# A page begun on the publisher is continued on the subscriber.
my $token = query($node, $source, 'SELECT page_token FROM sales.contact_timeline(5, max_events => 7) OFFSET 6');
my $second_page = "SELECT * FROM sales.contact_timeline(5, max_events => 7, page_token => '$token')";
is(query($subscriber, 'with_history', $second_page), query($node, $source, $second_page), 'a token is good on the subscriber');

# The subscriber takes over: sequences are not replicated, the rest goes on.
query($subscriber, 'with_history', 'ALTER SUBSCRIPTION with_history DISABLE');
is((error_of($subscriber, 'with_history', 'UPDATE sales.deals SET value = 3 WHERE id = 1'))[0], '23505', 'keys of the history are taken');
query($subscriber, 'with_history', q{SELECT setval(pg_get_serial_sequence('sales.deal_changes', 'id'), (SELECT max(id) FROM sales.deal_changes));
	SELECT setval(pg_get_serial_sequence('sales.deals', 'id'), (SELECT max(id) FROM sales.deals))});
is(query($subscriber, 'with_history', <<'SQL'), "publisher|won\nsubscriber|reopened\ncreated", 'with keys of its own the subscriber writes history on');
	SET crm.actor = 'subscriber';
	UPDATE sales.deals SET stage = 'lead' WHERE name = 'Replicated';
	SELECT actor, kind FROM (SELECT * FROM sales.deal_changes WHERE deal_name = 'Replicated' ORDER BY changed_at DESC, id DESC LIMIT 2) AS c ORDER BY changed_at, id;
	INSERT INTO sales.deals (name) VALUES ('Local');
	SELECT kind FROM sales.deal_changes WHERE deal_name = 'Local';
SQL

$subscriber->stop;
$node->stop;
done_testing();
