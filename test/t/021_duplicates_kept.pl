# What a CRM keeps of duplicates survives a dump and a crash, can be read on a
# standby, and is refreshed by any client that can commit; a session that dies in
# the middle loses nothing.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $db = 'crm_kept';
my $node = new_node('primary', allows_streaming => 1);
my $files = PostgreSQL::Test::Utils::tempdir();

$node->start;
query($node, 'postgres', "CREATE DATABASE $db");
query($node, $db, 'CREATE EXTENSION crm');
query($node, $db, <<'SQL');
	CREATE SCHEMA app;
	CREATE TABLE app.people (id uuid PRIMARY KEY, first_name text, last_name text, mails jsonb, born date);
	CREATE VIEW app.matched AS SELECT id, first_name, last_name, mails ->> 0 AS email, born AS date_of_birth FROM app.people;
	CREATE FUNCTION app.first_name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
		SELECT (ARRAY['Ann', 'Boris', 'Carla', 'Dmitri', 'Elena', 'Farid', 'Greta', 'Hugo', 'Ingrid', 'Jonas'])[(n - 1) % 10 + 1] $$;
	CREATE FUNCTION app.last_name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
		SELECT (ARRAY['Lindqvist', 'Abramov', 'Montoya', 'Petrenko', 'Kowalczyk', 'Haddad', 'Zimmer', 'Okafor', 'Dahl', 'Weber',
			'Rossi', 'Nakamura', 'Fernandes', 'Yilmaz', 'Brown', 'Horvat', 'Jansen', 'Papadakis', 'Singh', 'Larsen'])[(n - 1) % 20 + 1] $$;
	INSERT INTO app.people SELECT md5(n::text)::uuid, app.first_name(p), app.last_name(p), jsonb_build_array(lower(app.last_name(p)) || '@example.com'), date '1951-03-14' + 1187 * p
		FROM generate_series(1, 15) AS n, LATERAL (SELECT (n - 1) % 10 + 1 AS p) AS who;
	SELECT crm.create_tables('sales'), crm.create_tables('matching', parts => 'matching') \g /dev/null
	INSERT INTO sales.contacts (id, first_name, last_name, email, phone, date_of_birth)
		SELECT n, app.first_name(p), app.last_name(p), lower(app.last_name(p)) || '+' || n || '@example.com', '+4930' || 2000000 + 313717 * p, date '1951-03-14' + 1187 * p
		FROM generate_series(1, 30) AS n, LATERAL (SELECT (n - 1) % 20 + 1 AS p) AS who;
	SELECT sales.create_match_queue() \g /dev/null
	SET client_min_messages = warning;
	CALL sales.refresh_duplicates();
	CALL matching.refresh_duplicates('app.matched');
	SELECT sales.mark_different(1, 21, 'not the same') \g /dev/null
	SELECT matching.mark_same('app.matched', md5('1'), md5('11')) \g /dev/null
	UPDATE sales.contacts SET city = 'Graz' WHERE id IN (2, 30);
	SELECT crm.create_duplicate_guard('sales.contacts'), crm.create_match_index('app.people') \g /dev/null
SQL

# What is to be the same in another database; time goes on.
my $state = <<'SQL';
	SET search_path = '';
	SELECT relation, left_key, right_key, same, note, decided_at FROM sales.match_decisions
		UNION ALL SELECT relation, left_key, right_key, same, note, decided_at FROM matching.match_decisions;
	SELECT relation, key FROM sales.match_queue ORDER BY id;
	SELECT relation, left_key, right_key, probability FROM sales.duplicate_candidates ORDER BY left_key, right_key;
	SELECT relation, left_key, right_key, probability FROM matching.duplicate_candidates ORDER BY left_key, right_key;
	SELECT left_id, right_id, left_name FROM sales.duplicate_review ORDER BY 1, 2;
	SELECT relation, left_key FROM matching.duplicate_review ORDER BY 2;
	SELECT relation, is_full, full_at, full_had_queue FROM sales.match_refreshes;
	SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname LIKE 'match_queue%' OR tgname = 'duplicate_guard' ORDER BY 1;
	SELECT pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE relname LIKE '%match_keys%' ORDER BY 1;
	SELECT contact_id, round(match_weight::numeric, 6) FROM sales.duplicates_of(2) ORDER BY 1;
	SELECT in_schema, tables_version = newest_version, advice FROM crm.list_schemas() ORDER BY 1;
	SELECT * FROM crm.check_tables('sales');
SQL
my $before = query($node, $db, $state);
like($before, qr/^sales\.contacts\|1\|21\|f\|not the same/m, 'there is a decision');
like($before, qr/^sales\.contacts\|2\nsales\.contacts\|30$/m, 'and a queue');
like($before, qr/CREATE TRIGGER duplicate_guard AFTER.*CREATE INDEX contacts_match_keys_idx ON sales\.contacts USING gin .*CREATE INDEX people_match_keys_idx/s, 'a guard and match indexes');
like($before, qr/^matching\|t\|\nsales\|t\|$/m, 'both schemas are listed as up to date');
like($before, qr/CREATE TRIGGER match_queue AFTER .* WHEN \(crm\._queues_into\('sales\.match_queue'::regclass\)\)/, 'which a trigger fills');

# ---------------------------------------------------------------------------
# Dump and restore
# ---------------------------------------------------------------------------

run_tool($node, 'it is dumped', 'pg_dump', '-Fc', '-f', "$files/kept.dump", $db);
query($node, 'postgres', 'CREATE DATABASE crm_restored');
run_tool($node, 'and restored', 'pg_restore', '--exit-on-error', '-d', 'crm_restored', "$files/kept.dump");
is_text(query($node, 'crm_restored', $state), $before, 'everything is back');
is_text(schema_text($node, 'crm_restored'), schema_text($node, $db), 'with the same definitions');

my $twin = q{INSERT INTO sales.contacts (first_name, last_name, email, phone, date_of_birth) SELECT first_name, last_name, 'twin@example.com', phone, date_of_birth FROM sales.contacts WHERE id = 2};
is((error_of($node, 'crm_restored', $twin))[0], '23505', 'the restored guard guards');

# It goes on where it was.
my $go_on = <<'SQL';
	UPDATE sales.contacts SET city = 'Wien' WHERE id = 3;
	CALL sales.refresh_duplicates(batch_size => 2);
	SELECT count(*) FROM sales.match_queue;
	SELECT is_full, rows_done FROM sales.match_refreshes;
	SELECT count(*) FROM sales.duplicate_review WHERE left_id = 1;
	SELECT sales.forget_decision(21, 1);
	CALL sales.refresh_duplicates();
	SELECT count(*) FROM sales.duplicate_review WHERE left_id = 1;
SQL
is(query($node, 'crm_restored', $go_on), "0\nf|3\n0\nt\n1", 'refreshes go on where they were');

# A dump of the part alone, where the application's tables are already.
run_tool($node, 'the part is dumped', 'pg_dump', '-Fc', '-n', 'matching', '-f', "$files/part.dump", $db);
run_tool($node, 'the application too', 'pg_dump', '-Fc', '-n', 'app', '-f', "$files/app.dump", $db);
query($node, 'postgres', 'CREATE DATABASE crm_part');
query($node, 'crm_part', 'CREATE EXTENSION crm');
run_tool($node, 'the application is restored', 'pg_restore', '--exit-on-error', '-d', 'crm_part', "$files/app.dump");
run_tool($node, 'and the part', 'pg_restore', '--exit-on-error', '-d', 'crm_part', "$files/part.dump");
is(query($node, 'crm_part', q{SELECT relation, same FROM matching.match_decisions; SELECT crm.upgrade_tables('matching') LIKE '%already%'}),
	"app.matched|t\nt", 'the decisions are about the same relation');

# ---------------------------------------------------------------------------
# Clients
# ---------------------------------------------------------------------------

run_tool($node, "psql $_->[0]", 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $db, '-c', 'SET client_min_messages = warning', @{ $_->[1] })
  foreach ([ '-c', [ '-c', 'CALL sales.refresh_duplicates()' ] ], [ 'by keys', [ '-c', q{CALL matching.refresh_duplicates('app.matched')} ] ]);
foreach my $one (
	[ 'in a block', 'BEGIN; CALL sales.refresh_duplicates(); COMMIT' ],
	[ 'in a function', 'DO $$ BEGIN PERFORM 1; EXECUTE \'CREATE FUNCTION pg_temp.f() RETURNS void LANGUAGE plpgsql AS $f$ BEGIN CALL sales.refresh_duplicates(); END $f$\'; PERFORM pg_temp.f(); END $$' ])
{
	my ($code, $message) = error_of($node, $db, $one->[1]);
	is($code, '2D000', "$one->[0]: refused");
	like($message, qr/duplicates cannot be refreshed inside a transaction block.*HINT:  Call it on its own/s, "$one->[0]: with the way out");
}
# Several statements in one message are one transaction.
my ($stdout, $stderr);
IPC::Run::run([ 'psql', '-X', '-h', $node->host, '-p', $node->port, '-d', $db, '-v', 'VERBOSITY=verbose', '-c', 'SELECT 1; CALL sales.refresh_duplicates()' ],
	'>', \$stdout, '2>', \$stderr);
like($stderr, qr/2D000/, 'several statements at once: refused');

# ---------------------------------------------------------------------------
# A session that dies
# ---------------------------------------------------------------------------

my $holder = session($node, $db);
my $worker = session($node, $db);
query($node, $db, <<'SQL');
	INSERT INTO sales.duplicate_candidates (relation, left_key, right_key, probability, match_weight)
		VALUES ('sales.contacts', '11', '20', 0.5, 0);
	DO $$ BEGIN FOR n IN 1 .. 20 LOOP UPDATE sales.contacts SET city = 'Bregenz' WHERE id = n; END LOOP; END $$;
SQL
answer($holder, q{BEGIN; SELECT FROM sales.duplicate_candidates WHERE left_key = '11' AND right_key = '20' FOR UPDATE});
start_answer($worker, 'SET client_min_messages = warning; CALL sales.refresh_duplicates(batch_size => 5)');
$node->poll_query_until($db, q{SELECT count(*) > 0 FROM pg_stat_activity WHERE query LIKE 'CALL%' AND wait_event_type = 'Lock'});
is(query($node, $db, 'SELECT count(*) FROM sales.match_queue; SELECT rows_done, finished_at IS NULL FROM sales.match_refreshes'),
	"10\n10|t", 'two batches are committed, and everybody can see how far it is');
$node->stop('immediate');
$node->start;
is(query($node, $db, 'SELECT count(*) FROM sales.match_queue; SELECT rows_done, finished_at IS NULL FROM sales.match_refreshes'),
	"10\n10|t", 'after a crash the rest waits');
is(query($node, $db, 'SET client_min_messages = warning; CALL sales.refresh_duplicates(); SELECT count(*) FROM sales.match_queue;
	SELECT rows_done, finished_at IS NULL, is_full FROM sales.match_refreshes; SELECT count(*) FROM sales.duplicate_candidates WHERE probability = 0.5'),
	"0\n10|f|f\n0", 'and the next run goes on with it');

# ---------------------------------------------------------------------------
# A standby
# ---------------------------------------------------------------------------

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
my $reads = <<'SQL';
	SELECT left_id, right_id FROM sales.find_duplicates() ORDER BY 1, 2;
	SELECT count(*), count(DISTINCT group_id) FROM sales.duplicate_groups();
	SELECT contact_id FROM sales.duplicates_of(2) ORDER BY 1;
	SELECT left_id, right_id FROM sales.duplicate_review ORDER BY 1, 2;
	SELECT count(*) FROM matching.find_duplicates('app.matched');
SQL
is_text(query($standby, $db, $reads), query($node, $db, $reads), 'a standby finds the same');
foreach my $write ('SELECT sales.mark_same(2, 22)', 'CALL sales.refresh_duplicates()', 'SELECT sales.train_matching()')
{
	is((error_of($standby, $db, $write))[0], '25006', "a standby refuses: $write");
}
$standby->stop;
$node->stop;
done_testing();
