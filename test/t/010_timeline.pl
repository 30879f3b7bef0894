# Timelines in sessions that stay: what they keep must never show.  The next call
# is right after any DDL, grant or policy of another session, after errors and
# cancels, on a standby; the plan that is kept reads indexes in order, whatever
# was known of the tables when it was made; and memory does not grow.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $db = 'postgres';
my $node = new_node('timeline', allows_streaming => 1);

$node->start;
query($node, $db, <<'SQL');
	CREATE ROLE regress_crm_reader LOGIN;
	CREATE ROLE regress_crm_seller LOGIN;
	CREATE EXTENSION crm;
SQL

# Makes a CRM of some size, in which several events of a contact have one time.
sub make_crm
{
	my ($schema) = @_;
	query($node, $db, <<"SQL");
		SELECT crm.create_tables('$schema');
		INSERT INTO $schema.users (name) VALUES ('Ann'), ('Bob');
		INSERT INTO $schema.companies (name, created_at) SELECT 'Company ' || n, timestamptz '2024-01-01' + n * interval '1 hour' FROM generate_series(1, 4) AS n;
		INSERT INTO $schema.contacts (last_name, company_id, owner_id, created_at)
			SELECT 'Contact ' || n, n % 4 + 1, n % 2 + 1, timestamptz '2024-01-02' + n * interval '1 hour' FROM generate_series(1, 20) AS n;
		INSERT INTO $schema.deals (name, contact_id, company_id, value)
			SELECT 'Deal ' || n, n % 20 + 1, n % 4 + 1, n FROM generate_series(1, 40) AS n;
		UPDATE $schema.deals SET stage = 'won' WHERE id % 3 = 0;
		INSERT INTO $schema.activities (contact_id, company_id, deal_id, type, subject, completed_at, user_id)
			SELECT n % 20 + 1, n % 4 + 1, n % 40 + 1, CASE WHEN n % 7 = 0 THEN 'note' ELSE 'call' END, 'Call ' || n,
					timestamptz '2024-02-01' + n / 60 * interval '1 hour', n % 2 + 1 FROM generate_series(1, 400) AS n;
		INSERT INTO $schema.emails (contact_id, deal_id, direction, subject, body, sent_at)
			SELECT n % 20 + 1, n % 40 + 1, 'inbound', 'Mail ' || n, 'Dear all', timestamptz '2024-02-01' + n / 100 * interval '1 hour' FROM generate_series(1, 400) AS n;
		GRANT USAGE ON SCHEMA $schema TO regress_crm_reader, regress_crm_seller;
		GRANT SELECT ON ALL TABLES IN SCHEMA $schema TO regress_crm_reader, regress_crm_seller;
SQL
}

make_crm('sales');

# Pages of all kinds, walked with tokens; everything in one result.
sub pages
{
	my ($schema) = @_;
	return <<"SQL";
		WITH RECURSIVE pages AS (
			SELECT 1 AS page, array_agg(t) AS events FROM $schema.contact_timeline(5, max_events => 9) AS t
			UNION ALL
			SELECT page + 1, (SELECT array_agg(t) FROM $schema.contact_timeline(5, max_events => 9, page_token => (events[array_upper(events, 1)]).page_token) AS t)
				FROM pages WHERE events IS NOT NULL
		)
		SELECT page, e.* FROM pages, unnest(events) WITH ORDINALITY AS e ORDER BY page, ordinality;
		SELECT * FROM $schema.contact_timeline(6, kinds => '{note}');
		SELECT * FROM $schema.company_timeline(2, max_events => 60);
		SELECT * FROM $schema.deal_timeline(3);
SQL
}

# ---------------------------------------------------------------------------
# DDL of other sessions
# ---------------------------------------------------------------------------

my $warm = session($node, $db);
my $reader = session($node, $db, 'regress_crm_reader');
answer($_, pages('sales')) foreach $warm, $warm, $reader, $reader;

# The sessions that have called before answer what new ones answer.
sub agree
{
	my ($what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is_text(scalar answer($warm, pages('sales')), query($node, $db, pages('sales')), "$what: an open session is right");
	is_text(scalar answer($reader, pages('sales')), query($node, $db, pages('sales'), 'regress_crm_reader'),
		"$what: so is one of another role");
}

# Both fail, in the same way as a new session.
sub agree_on_failure
{
	my ($what, $state, $pattern) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $call = 'SELECT * FROM sales.contact_timeline(5)';

	foreach my $session ($warm, $reader)
	{
		my ($got, $message) = failure($session, $call);
		is($got, $state, "$what: an open session gets the error");
		like($message, $pattern, "$what: which says why");
	}
	is((error_of($node, $db, $call))[0], $state, "$what: a new one too");
}

my $all = query($node, $db, pages('sales'));
agree('at first');

# What a change does is seen by everybody, and nothing of it is left when it is
# undone.
sub change
{
	my ($what, $sql, $undo, $differs) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	query($node, $db, $sql);
	agree($what);
	my $now = query($node, $db, pages('sales'));
	$differs ? isnt($now, $all, "$what: it shows") : is_text($now, $all, "$what: the events are the same");
	return if !defined $undo;
	query($node, $db, $undo);
	agree("$what, undone");
	is_text(scalar answer($warm, pages('sales')), $all, "$what, undone: all is as it was");
}

change('a column is added', 'ALTER TABLE sales.emails ADD COLUMN extra text DEFAULT \'x\'', 'ALTER TABLE sales.emails DROP COLUMN extra', 0);
change('a column is added to the sources', 'ALTER TABLE sales.timeline_sources ADD COLUMN mine integer', 'ALTER TABLE sales.timeline_sources DROP COLUMN mine', 0);
change('an index is dropped', 'DROP INDEX sales.emails_contact_timeline_idx',
	query($node, $db, q{SELECT pg_get_indexdef('sales.emails_contact_timeline_idx'::regclass)}), 0);
change('tables are rewritten', 'VACUUM FULL sales.emails; VACUUM FULL sales.timeline_sources; REINDEX SCHEMA sales', undef, 0);
change('views and wrappers are made again', q{SELECT crm.drop_views('sales'); SELECT crm.create_views('sales')}, undef, 0);
change('rows are written', q{INSERT INTO sales.emails (id, contact_id, direction, subject, sent_at) VALUES (9999, 5, 'inbound', 'new', '2024-03-01')},
	'DELETE FROM sales.emails WHERE id = 9999', 1);

# Columns of the CRM's own tables and of others.
query($node, $db, <<'SQL');
	CREATE TABLE sales.tickets (occurred_at timestamptz NOT NULL, source_id integer PRIMARY KEY, contact_id integer, title text, kind text);
	CREATE INDEX ON sales.tickets (contact_id, occurred_at, source_id);
	INSERT INTO sales.tickets SELECT timestamptz '2024-02-01' + n * interval '1 hour', n, n % 20 + 1, 'Ticket ' || n, 'ticket' FROM generate_series(1, 60) AS n;
	GRANT SELECT ON sales.tickets TO regress_crm_reader, regress_crm_seller;
SQL
my $add = q{SELECT crm.add_timeline_source('sales', 'tickets', 'sales.tickets', '{ticket}')};
my $remove = q{SELECT crm.remove_timeline_source('sales', 'tickets')};
change('a source is added', $add, $remove, 1);
change('a source is taken away', q{SELECT crm.remove_timeline_source('sales', 'emails')}, q{SELECT crm.add_timeline_source('sales', 'emails', 'sales.emails')}, 1);
change('a source is deleted by hand', q{DELETE FROM sales.timeline_sources WHERE source = 'emails'},
	q{INSERT INTO sales.timeline_sources (source, relation_name) VALUES ('emails', 'emails')}, 1);
query($node, $db, $add);
agree('a source is added again');
my $with_tickets = query($node, $db, pages('sales'));
query($node, $db, q{CREATE TABLE sales.tockets (LIKE sales.tickets INCLUDING ALL);
	INSERT INTO sales.tockets SELECT occurred_at, source_id, contact_id, 'Tocket', kind FROM sales.tickets; GRANT SELECT ON sales.tockets TO regress_crm_reader});
is_text(scalar answer($warm, pages('sales')), $with_tickets, 'a source is about to be pointed elsewhere');
query($node, $db, q{UPDATE sales.timeline_sources SET relation_name = 'tockets' WHERE source = 'tickets'});
agree('a source is pointed elsewhere by hand');
like(scalar answer($warm, pages('sales')), qr/\|Tocket\|/, 'a source is pointed elsewhere by hand: it shows');
query($node, $db, q{UPDATE sales.timeline_sources SET relation_name = 'tickets' WHERE source = 'tickets'; DROP TABLE sales.tockets});
query($node, $db, q{DROP VIEW sales.timeline; ALTER TABLE sales.tickets ALTER contact_id TYPE bigint, ALTER title TYPE varchar(100), ALTER source_id TYPE bigint;
	SELECT crm.rebuild_timeline('sales')});
agree('types of a source change');
is_text(scalar answer($warm, pages('sales')), $with_tickets, 'types of a source change: the events are the same');
query($node, $db, 'ALTER TABLE sales.tickets RENAME COLUMN title TO headline');
agree_on_failure('a column of a source is renamed', '42P01', qr/timeline source "tickets" cannot be read.*"title"/s);
query($node, $db, 'ALTER TABLE sales.tickets RENAME COLUMN headline TO title');
is_text(scalar answer($warm, pages('sales')), $with_tickets, 'a column of a source is renamed back');
query($node, $db, 'CREATE SCHEMA elsewhere; GRANT USAGE ON SCHEMA elsewhere TO regress_crm_reader; ALTER TABLE sales.tickets SET SCHEMA elsewhere');
agree_on_failure('a source is moved', '42P01', qr/timeline source "tickets" cannot be read/);
query($node, $db, 'ALTER TABLE elsewhere.tickets SET SCHEMA sales');
is_text(scalar answer($warm, pages('sales')), $with_tickets, 'a source is moved back');
query($node, $db, 'ALTER TABLE sales.tickets RENAME TO kept; CREATE TABLE sales.tickets (LIKE sales.kept INCLUDING ALL); GRANT SELECT ON sales.tickets TO regress_crm_reader');
agree('another table takes a source\'s name');
is_text(scalar answer($warm, pages('sales')), $all, 'another table takes a source\'s name: it is empty');
query($node, $db, 'DROP TABLE sales.tickets; ALTER TABLE sales.kept RENAME TO tickets');
is_text(scalar answer($warm, pages('sales')), $with_tickets, 'and gives it back');
query($node, $db, 'CREATE TABLE kept AS TABLE sales.tickets; SET client_min_messages = error; DROP TABLE sales.tickets CASCADE');
agree_on_failure('a source is dropped', '42P01', qr/timeline source "tickets" cannot be read/);
query($node, $db, $remove);
is_text(scalar answer($warm, pages('sales')), $all, 'a dropped source is removed');

query($node, $db, 'ALTER TABLE sales.emails RENAME COLUMN subject TO headline');
agree_on_failure('a column of the CRM\'s own is renamed', (error_of($node, $db, 'SELECT * FROM sales.contact_timeline(5)'))[0], qr/subject/);
query($node, $db, 'ALTER TABLE sales.emails RENAME COLUMN headline TO subject');
is_text(scalar answer($warm, pages('sales')), $all, 'and renamed back');

# In a transaction that is taken back, its own session sees what it has done.
my $titles = q{SELECT count(*) FILTER (WHERE source = 'mine'), count(*) FROM sales.contact_timeline(5, max_events => 1000)};
my $count = query($node, $db, 'SELECT count(*) FROM sales.contact_timeline(5, max_events => 1000)');
is(answer($warm, <<"SQL"), "0|$count\n4|@{[$count + 4]}\n0|$count\n4|@{[$count + 4]}\n0|$count", 'own DDL is seen, and forgotten when it is taken back');
	$titles;
	BEGIN;
	SAVEPOINT before;
	CREATE TABLE sales.mine AS SELECT timestamptz '2024-05-01' AS occurred_at, n AS source_id, 5 AS contact_id FROM generate_series(1, 4) AS n;
	CREATE INDEX ON sales.mine (contact_id, occurred_at, source_id);
	SELECT crm.add_timeline_source('sales', 'mine', 'sales.mine') \\g /dev/null
	$titles;
	ROLLBACK TO before;
	$titles;
	CREATE TABLE sales.mine AS SELECT timestamptz '2024-05-01' AS occurred_at, n AS source_id, 5 AS contact_id FROM generate_series(1, 4) AS n;
	CREATE INDEX ON sales.mine (contact_id, occurred_at, source_id);
	SELECT crm.add_timeline_source('sales', 'mine', 'sales.mine') \\g /dev/null
	$titles;
	ROLLBACK;
	$titles;
SQL
agree('own DDL taken back');

# A call that has to wait for somebody's DDL sees what it has made.
my $other = session($node, $db);
answer($other, 'BEGIN; ALTER TABLE sales.emails ADD COLUMN late text; INSERT INTO sales.emails (id, contact_id, direction, subject, sent_at) VALUES (9998, 5, \'inbound\', \'late\', \'2024-03-01\')');
start_answer($warm, 'SELECT title FROM sales.contact_timeline(5) WHERE source = \'emails\' LIMIT 1');
$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%contact_timeline%'});
answer($other, 'COMMIT');
is((finish_answer($warm))[0], 'Mail 384', 'a call that waited reads as of its snapshot');
is(answer($warm, 'SELECT title FROM sales.contact_timeline(5) WHERE source = \'emails\' LIMIT 1'), 'late', 'the next one what was committed');
query($node, $db, 'DELETE FROM sales.emails WHERE id = 9998; ALTER TABLE sales.emails DROP COLUMN late');
agree('after waiting');

# ---------------------------------------------------------------------------
# Rights
# ---------------------------------------------------------------------------

my $policy = 'CREATE POLICY own ON sales.emails FOR SELECT TO regress_crm_reader USING (id % 3 = 0)';
$count = 'SELECT count(*) FROM sales.contact_timeline(5, max_events => 1000) WHERE source = \'emails\'';
my $counts = sub { join '|', map { scalar answer($_, $count) } @_ };
my $two_roles = session($node, $db);
my $as_both = sub {
	return join '|', map { scalar answer($two_roles, "SET ROLE $_; $count; RESET ROLE") } 'regress_crm_reader', 'postgres', 'regress_crm_seller', 'regress_crm_reader';
};
is($counts->($warm, $reader) . '|' . $as_both->(), '20|20|20|20|20|20', 'without row-level security all are alike');
query($node, $db, 'ALTER TABLE sales.emails ENABLE ROW LEVEL SECURITY');
is($counts->($warm, $reader) . '|' . $as_both->(), '20|0|0|20|0|0', 'row-level security is switched on: nobody else sees any');
query($node, $db, $policy);
is($counts->($warm, $reader) . '|' . $as_both->(), '20|7|7|20|0|7', 'a policy is made for one role');
agree('with a policy');
is(answer($two_roles, q{SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'CachedPlanSource' AND ident LIKE '%sales.activities%'}),
	'3', 'three roles in turn have a plan each');
query($node, $db, 'ALTER POLICY own ON sales.emails USING (id % 2 = 0)');
is($counts->($warm, $reader) . '|' . $as_both->(), '20|20|20|20|0|20', 'the policy is changed');
query($node, $db, 'ALTER POLICY own ON sales.emails TO regress_crm_seller');
is($counts->($warm, $reader) . '|' . $as_both->(), '20|0|0|20|20|0', 'the policy is for another role');
query($node, $db, 'CREATE FUNCTION visible(id bigint) RETURNS boolean LANGUAGE sql STABLE RETURN id > 200; ALTER POLICY own ON sales.emails TO regress_crm_reader USING (visible(id))');
is($counts->($warm, $reader) . '|' . $as_both->(), '20|10|10|20|0|10', 'the policy calls a function');
query($node, $db, 'CREATE OR REPLACE FUNCTION visible(id bigint) RETURNS boolean LANGUAGE sql STABLE RETURN id > 300');
is($counts->($warm, $reader) . '|' . $as_both->(), '20|5|5|20|0|5', 'the function is replaced');
query($node, $db, q{ALTER POLICY own ON sales.emails TO regress_crm_reader USING (id <= current_setting('app.up_to')::bigint)});
is(answer($reader, "SET app.up_to = 100; $count; SET app.up_to = 200; $count"), "5\n10", 'the policy reads a setting, at each call');
is((failure($reader, "SET row_security = off; $count"))[0], '42501', 'row_security = off is an error, as anywhere');
is(answer($reader, "RESET row_security; $count"), '10', 'and harmless');
query($node, $db, 'ALTER TABLE sales.emails DISABLE ROW LEVEL SECURITY');
is($counts->($warm, $reader) . '|' . $as_both->(), '20|20|20|20|20|20', 'row-level security is switched off');
query($node, $db, 'DROP POLICY own ON sales.emails');
agree('row-level security off');

sub refused
{
	my ($what, $revoke, $grant, $pattern) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	query($node, $db, $revoke);
	my ($state, $message) = failure($reader, $count);
	is($state, '42501', "$what: an open session is refused");
	like($message, $pattern, "$what: and told what for");
	is((failure($two_roles, "SET ROLE regress_crm_reader; $count"))[0], '42501', "$what: also after SET ROLE");
	is(answer($two_roles, "RESET ROLE; $count"), '20', "$what: others are not");
	query($node, $db, $grant);
	is($counts->($reader) . '|' . $as_both->(), '20|20|20|20|20', "$what: and given back");
}

refused('a source is closed to a role', 'REVOKE SELECT ON sales.emails FROM regress_crm_reader', 'GRANT SELECT ON sales.emails TO regress_crm_reader',
	qr/permission denied for table emails/);
refused('one column is', 'REVOKE SELECT ON sales.emails FROM regress_crm_reader; GRANT SELECT (id, contact_id, deal_id, subject, sent_at, created_at, direction, from_address, to_addresses, thread_id) ON sales.emails TO regress_crm_reader',
	'GRANT SELECT ON sales.emails TO regress_crm_reader', qr/permission denied for table emails/);
query($node, $db, q{REVOKE SELECT ON sales.timeline_sources FROM regress_crm_reader});
is($counts->($reader), '20', 'the table of sources need not be readable');
query($node, $db, q{SELECT crm.remove_timeline_source('sales', 'emails'); REVOKE SELECT ON sales.emails FROM regress_crm_reader});
is($counts->($warm, $reader), '0|0', 'a source that is taken away needs no right');
query($node, $db, q{SELECT crm.add_timeline_source('sales', 'emails', 'sales.emails'); GRANT SELECT ON sales.emails TO regress_crm_reader});
agree('rights as they were');
$_->quit foreach $two_roles, $other;

# ---------------------------------------------------------------------------
# Errors and cancels
# ---------------------------------------------------------------------------

# A source that fails at one event, and waits at another.
query($node, $db, <<'SQL');
	-- stable: a volatile function would keep the view from being read in order
	CREATE FUNCTION wait_at(word text) RETURNS text LANGUAGE plpgsql STABLE AS $$
	BEGIN
		IF word = 'Event 500' THEN
			PERFORM pg_advisory_lock_shared(7), pg_advisory_unlock_shared(7);
		END IF;
		RETURN word;
	END $$;
	CREATE TABLE sales.events (occurred_at timestamptz NOT NULL, source_id bigint PRIMARY KEY, contact_id bigint, title text);
	CREATE INDEX ON sales.events (contact_id, occurred_at, source_id);
	INSERT INTO sales.events SELECT timestamptz '2024-02-01' + n * interval '1 minute', n, 5, 'Event ' || n FROM generate_series(1, 1000) AS n;
	CREATE VIEW sales.failing WITH (security_invoker = true) AS
		SELECT occurred_at, source_id, contact_id, title, (1 / (source_id - 300))::text AS description, 'fails'::text AS kind FROM sales.events;
	CREATE VIEW sales.waiting WITH (security_invoker = true) AS
		SELECT occurred_at, source_id, contact_id, title, wait_at(title) AS description, 'waits'::text AS kind FROM sales.events;
	GRANT SELECT ON sales.events, sales.failing, sales.waiting TO regress_crm_reader;
SQL
query($node, $db, q{SELECT crm.add_timeline_source('sales', 'failing', 'sales.failing', '{fails}')});
my $fails = 'SELECT count(*) FROM sales.contact_timeline(5, max_events => 2000)';
is((failure($warm, $fails))[0], '22012', 'a source fails in the middle of a page');
is(answer($warm, q{SELECT count(*), min(title) FROM sales.contact_timeline(5, kinds => '{fails}')}), '50|Event 1000', 'a page that stops before it does not');
is_text(scalar answer($warm, 'SELECT * FROM sales.contact_timeline(6)'), query($node, $db, 'SELECT * FROM sales.contact_timeline(6)'), 'the session goes on');

# What the session keeps in memory.
my $memory = 'SELECT sum(total_bytes) FROM pg_backend_memory_contexts';
# Contexts of ours, and plans.
my $kept = q{SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE name LIKE 'crm%' OR name LIKE 'CachedPlan%'};
my $kept_timelines = q{SELECT count(*) FROM pg_backend_memory_contexts WHERE name = 'crm timeline'};

# Takes the measure before and after; a little is left to the server's own.
sub keeps_memory
{
	my ($session, $what, $work, $allowed) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$work->();
	answer($session, $memory);
	my $before = answer($session, $memory);
	$work->();
	my $after = answer($session, $memory);
	cmp_ok($after - $before, '<=', $allowed // 65536, "$what: memory is as it was, $before bytes")
	  or diag(answer($session, 'SELECT name, ident, count(*), sum(total_bytes) FROM pg_backend_memory_contexts GROUP BY 1, 2 ORDER BY 4 DESC LIMIT 12'));
}

keeps_memory($warm, 'errors, one by one', sub { failure($warm, $fails) for 1 .. 100 });
keeps_memory($warm, 'errors caught in a loop', sub {
	is((answer($warm, <<'SQL'))[1] =~ /caught (\d+), right (\d+)/ ? "$1 $2" : '', '1500 500', 'errors are caught, calls between them are right');
		DO $$
		DECLARE
			caught integer := 0;
			right_ones integer := 0;
		BEGIN
			FOR i IN 1 .. 500 LOOP
				BEGIN
					PERFORM count(*) FROM sales.contact_timeline(5, max_events => 2000);
				EXCEPTION WHEN division_by_zero THEN
					caught := caught + 1;
				END;
				BEGIN
					PERFORM count(*) FROM sales.contact_timeline(5, page_token => 'forged');
				EXCEPTION WHEN invalid_parameter_value THEN
					caught := caught + 1;
				END;
				BEGIN
					PERFORM count(*) FROM sales.contact_timeline(5, max_events => -1);
				EXCEPTION WHEN invalid_row_count_in_limit_clause THEN
					caught := caught + 1;
				END;
				IF (SELECT count(*) FROM sales.contact_timeline(6, max_events => 30)) = 30 THEN
					right_ones := right_ones + 1;
				END IF;
			END LOOP;
			RAISE NOTICE 'caught %, right %', caught, right_ones;
		END $$;
SQL
});

# What a failed call holds is given back, also where the tables change between.
answer($warm, <<'SQL');
	DO $$
	BEGIN
		CREATE TEMP TABLE changing (n integer);
		FOR i IN 1 .. 600 LOOP
			BEGIN
				PERFORM count(*) FROM sales.contact_timeline(5, max_events => 2000);
			EXCEPTION WHEN division_by_zero THEN
				EXECUTE format('ALTER TABLE changing ADD CHECK (n <> %s)', i);
				IF i % 100 = 0 THEN DROP TABLE changing; CREATE TEMP TABLE changing (n integer); END IF;
			END;
		END LOOP;
		DROP TABLE changing;
	END $$;
SQL
answer($warm, "SELECT count(*) FROM sales.$_(6)") foreach qw(contact_timeline company_timeline deal_timeline);
cmp_ok(answer($warm, $kept_timelines), '<=', 256, 'errors and changes in turn leave no more than may be kept');
query($node, $db, q{SELECT crm.remove_timeline_source('sales', 'failing')});

# Cancelled where it waits, in the middle of a page.
query($node, $db, q{SELECT crm.add_timeline_source('sales', 'waiting', 'sales.waiting', '{waits}')});
my $holder = session($node, $db);
my $pid = answer($warm, 'SELECT pg_backend_pid()');
my $waits = q{SELECT count(*) FROM sales.contact_timeline(5, max_events => 2000, kinds => '{waits}')};
answer($holder, 'SELECT pg_advisory_lock(7)');
my $cancel = sub {
	start_answer($warm, $waits);
	$node->poll_query_until($db, "SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $pid");
	query($node, $db, "SELECT pg_cancel_backend($pid)");
	return (finish_answer($warm))[1];
};
like($cancel->(), qr/ERROR:  57014: canceling statement due to user request/, 'a call is cancelled in the middle of a page');
is(answer($warm, q{SELECT count(*) FROM sales.contact_timeline(5, kinds => '{waits}')}), '50', 'the session goes on');
keeps_memory($warm, 'cancelled', sub { $cancel->() for 1 .. 5 });
answer($holder, 'SELECT pg_advisory_unlock(7)');
is(answer($warm, $waits), '1000', 'once nobody holds it up, the page is whole');
$holder->quit;
query($node, $db, q{SELECT crm.remove_timeline_source('sales', 'waiting')});

# A kind that never comes makes a page read everything: it can be interrupted.
query($node, $db, q{INSERT INTO sales.activities (contact_id, type, subject, completed_at)
	SELECT 7, 'call', 'x', timestamptz '2020-01-01' + n * interval '1 minute' FROM generate_series(1, 60000) AS n});
my $rare = q{SELECT count(*) FROM sales.contact_timeline(7, kinds => '{task}')};
my $timed_out = 0;
keeps_memory($warm, 'timed out', sub {
	# one message, so that the setting ends with it in any case
	$timed_out += (failure($warm, "SET statement_timeout = '2ms' \\; $rare \\; RESET statement_timeout"))[0] eq '57014' for 1 .. 25;
});
is(answer($warm, 'SHOW statement_timeout'), '0', 'the time limit is gone again');
cmp_ok($timed_out, '>', 0, "a page that reads everything is stopped by statement_timeout, $timed_out times of 50");
is(answer($warm, $rare), '0', 'without it, it comes to its end');
query($node, $db, 'DELETE FROM sales.activities WHERE contact_id = 7 AND subject = \'x\'; VACUUM sales.activities');
agree('after errors and cancels');

# ---------------------------------------------------------------------------
# Memory
# ---------------------------------------------------------------------------

# Ten times ten thousand calls of all kinds, on top and in plpgsql, by two roles.
my $many = session($node, $db);
my $ten_thousand = <<'SQL';
	SELECT sum(t.n) FROM generate_series(1, 2500) AS k, LATERAL (SELECT count(*) AS n FROM sales.contact_timeline(k % 20 + 1, max_events => k % 30)) AS t;
	SET ROLE regress_crm_reader;
	DO $$
	DECLARE
		token text;
	BEGIN
		FOR k IN 1 .. 2500 LOOP
			token := CASE WHEN k % 20 > 0 THEN token END;
			SELECT t.page_token INTO token FROM sales.contact_timeline(k / 20 % 20 + 1, max_events => 10, page_token => token) AS t OFFSET 9;
			PERFORM sales.deal_timeline(k % 40 + 1);
			PERFORM count(*) FROM sales.contact_timeline(k % 20 + 1, kinds => ARRAY[CASE k % 3 WHEN 0 THEN 'call' WHEN 1 THEN 'email' ELSE 'deal_won' END], max_events => 5);
		END LOOP;
	END $$;
	RESET ROLE;
	SELECT sum(t.n) FROM generate_series(1, 250) AS k, LATERAL (SELECT count(*) AS n FROM sales.company_timeline(k % 4 + 1, max_events => 5)) AS t;
SQL
query($node, $db, 'ALTER TABLE sales.emails ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON sales.emails FOR SELECT TO regress_crm_reader USING (id % 3 = 0)');
answer($many, $ten_thousand);
answer($many, $memory);
my $before = answer($many, $memory);
my $first = answer($many, $ten_thousand);
answer($many, $ten_thousand) for 2 .. 9;
is(answer($many, $ten_thousand), $first, 'the hundred-thousandth call is right');
my $after = answer($many, $memory);
cmp_ok($after - $before, '<=', 32768, "100,000 calls: memory is as it was, $before bytes")
  or diag(answer($many, 'SELECT name, ident, count(*), sum(total_bytes) FROM pg_backend_memory_contexts GROUP BY 1, 2 ORDER BY 4 DESC LIMIT 12'));
query($node, $db, 'DROP POLICY own ON sales.emails; ALTER TABLE sales.emails DISABLE ROW LEVEL SECURITY');
$many->quit;
agree('after 100,000 calls of another session');

# A thousand timelines in turn: 20 CRMs, and 980 schemas with nothing but sources
# and events, which is all that the functions look at.  The server's own caches of
# tables grow with them; what we keep does not.
query($node, $db, <<'SQL');
	DO $$
	BEGIN
		FOR n IN 1 .. 20 LOOP
			PERFORM crm.create_tables('crm_' || n);
			EXECUTE format('INSERT INTO crm_%1$s.contacts (id, last_name) VALUES (1, %1$L)', n);
			COMMIT;
		END LOOP;
		FOR n IN 21 .. 1000 LOOP
			EXECUTE format('CREATE SCHEMA crm_%1$s;
				CREATE TABLE crm_%1$s.timeline_sources (LIKE sales.timeline_sources INCLUDING DEFAULTS);
				CREATE TABLE crm_%1$s.events (occurred_at timestamptz NOT NULL, source_id bigint NOT NULL, contact_id bigint, company_id bigint, deal_id bigint);
				CREATE INDEX ON crm_%1$s.events (contact_id, occurred_at, source_id);
				INSERT INTO crm_%1$s.events VALUES (%2$L, %1$s, 1, 1, 1);
				INSERT INTO crm_%1$s.timeline_sources (source, relation_name) VALUES (''events'', ''events'')', n, timestamptz '2024-01-01' + n * interval '1 hour');
			COMMIT;
		END LOOP;
	END $$;
SQL
my $tour = session($node, $db);
my $call_all = sub {
	my ($from, $to) = @_;
	return (answer($tour, <<"SQL"))[1] =~ /found (\d+)/ ? $1 : '';
		DO \$\$
		DECLARE
			found integer := 0;
			events integer;
		BEGIN
			FOR n IN $from .. $to LOOP
				EXECUTE format('SELECT (SELECT count(*) FROM crm._contact_timeline(%1\$L, 1, NULL, 50, NULL, false, NULL) WHERE source_id = %2\$L)
						+ (SELECT count(*) FROM crm._deal_timeline(%1\$L, 1, NULL, 50, NULL, false, NULL) WHERE source_id = %2\$L)',
					'crm_' || n || '.timeline_sources', CASE WHEN n <= 20 THEN 1 ELSE n END) INTO events;
				found := found + events;
				COMMIT;
			END LOOP;
			RAISE NOTICE 'found %', found;
		END \$\$;
SQL
};
is($call_all->(1, 300), 20 + 2 * 280, 'timelines of 300 schemas, two of each');
my $of_300 = answer($tour, $kept);
cmp_ok(answer($tour, $kept_timelines), '<=', 256, 'no more than 256 are kept');
is($call_all->(301, 1000), 2 * 700, 'timelines of 1,000 schemas');
is($call_all->(1, 1000), 20 + 2 * 980, 'and once more');
cmp_ok(answer($tour, $kept_timelines), '<=', 256, 'still no more than 256 are kept');
cmp_ok(answer($tour, $kept), '<=', 1.2 * $of_300, "what is kept takes no more than after 300, $of_300 bytes")
  or diag(answer($tour, 'SELECT name, count(*), sum(total_bytes) FROM pg_backend_memory_contexts GROUP BY 1 ORDER BY 3 DESC LIMIT 12'));
$tour->quit;

# ---------------------------------------------------------------------------
# Plans
# ---------------------------------------------------------------------------

my $explains = session($node, $db);
my $has_auto_explain = (failure($explains, q{LOAD 'auto_explain'}))[0] eq '00000';
$explains->quit;

# A session that shows the plans of nested statements.
sub explaining_session
{
	my ($role) = @_;
	my $session = session($node, $db);

	answer($session, q{LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_nested_statements = on;
		SET auto_explain.log_level = 'notice'});
	answer($session, "SET ROLE $role") if defined $role;
	return $session;
}

# The plan of the statement that reads the events: nodes and conditions.
sub plan_of
{
	my ($session, $call) = @_;
	my ($result, $messages) = answer($session, $call);
	my ($plan) = grep { /occurred_at/ } split /^(?:psql:.*?: )?NOTICE:  /m, $messages;

	return join "\n", grep { /^ *->|^ *(?:Limit|Merge Append|Append|Sort|Index Cond|Filter)\b/ } split /\n/, $plan // '';
}

# Index scans from the key on, merged; nothing sorted, nothing filtered.
sub reads_in_order
{
	my ($session, $schema, $what, $max_events) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$max_events //= 50;

  SKIP:
	{
		skip 'there is no auto_explain', 3 if !$has_auto_explain;
		foreach my $call ("contact_timeline(5, max_events => $max_events)", "deal_timeline(5, max_events => $max_events)")
		{
			my $plan = plan_of($session, "SELECT count(*) FROM $schema.$call");
			my @scans = $plan =~ /Index Scan Backward using/g;
			my @conditions = $plan =~ /Index Cond: \(\((?:id|contact_id|deal_id) = (?:\$1|'5'::bigint)\)/g;
			ok($plan =~ /Merge Append/ && $plan !~ /-> +Sort|Seq Scan|Bitmap|Filter:/ && @scans >= 3 && @scans == @conditions,
				"$what: $call reads indexes in order")
			  or diag($plan);
		}
		# a company's contacts and deals give a page each, which is sorted
		my $plan = plan_of($session, "SELECT count(*) FROM $schema.company_timeline(1, max_events => $max_events)");
		ok($plan =~ /Merge Append/ && $plan !~ /Seq Scan|Bitmap|Filter:/, "$what: company_timeline reads indexes") or diag($plan);
	}
}

# What a page costs, whatever its plan is.
sub is_cheap
{
	my ($session, $schema, $what, $until) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$until //= 'now()';
	my $call = "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) SELECT count(*) FROM $schema.contact_timeline(5, until => $until)";

	# the first one may read hint bits and catalogs
	answer($session, $call);
	my ($hit, $read) = answer($session, $call) =~ /Buffers: shared hit=(\d+)(?: read=(\d+))?/;
	cmp_ok(($hit // 1000000) + ($read // 0), '<=', 200, "$what: a page reads no more than 200 blocks");
}

sub load
{
	my ($schema, $count) = @_;
	query($node, $db, <<"SQL");
		INSERT INTO $schema.companies (name) SELECT 'Company ' || n FROM generate_series(1, 5) AS n;
		INSERT INTO $schema.contacts (last_name, company_id) SELECT 'Contact ' || n, n % 5 + 1 FROM generate_series(1, 50) AS n;
		INSERT INTO $schema.deals (name, contact_id, company_id) SELECT 'Deal ' || n, n % 50 + 1, n % 5 + 1 FROM generate_series(1, 50) AS n;
		INSERT INTO $schema.activities (contact_id, company_id, deal_id, type, subject, completed_at)
			SELECT n % 50 + 1, n % 5 + 1, n % 50 + 1, 'call', 'Call ' || n, timestamptz '2020-02-01' + n * interval '1 minute' FROM generate_series(1, $count) AS n;
		INSERT INTO $schema.emails (contact_id, deal_id, direction, subject, sent_at)
			SELECT n % 50 + 1, n % 50 + 1, 'inbound', 'Mail ' || n, timestamptz '2020-02-01' + n * interval '1 minute' FROM generate_series(1, $count) AS n;
		INSERT INTO $schema.deal_changes (deal_id, contact_id, company_id, kind, old_stage, new_stage, changed_at)
			SELECT n % 5000 + 100, n % 50 + 1000, n % 5 + 1000, 'other', 'lead', 'lead', timestamptz '2020-02-01' + n * interval '1 minute' FROM generate_series(1, $count) AS n;
SQL
}

sub new_crm
{
	my ($schema) = @_;
	query($node, $db, "SELECT crm.create_tables('$schema'); GRANT USAGE ON SCHEMA $schema TO regress_crm_reader; GRANT SELECT ON ALL TABLES IN SCHEMA $schema TO regress_crm_reader");
	# statistics come when the test says so
	query($node, $db, "ALTER TABLE $schema.$_ SET (autovacuum_enabled = off)") foreach qw(activities companies contacts deals deal_changes emails);
}

my @sources = qw(activities companies contacts deal_changes deals emails);
my $analyze = sub { my ($schema) = @_; return 'VACUUM ANALYZE ' . join ', ', map { "$schema.$_" } @sources };

# Planned when nothing was known, and kept while 60,000 events come.
foreach my $cost ('4', '1.1')
{
	my $schema = 'plans_' . ($cost =~ s/\W/_/r);
	new_crm($schema);
	my $session = explaining_session();
	answer($session, "SET random_page_cost = $cost");
	reads_in_order($session, $schema, "random_page_cost $cost, empty");
	load($schema, 20000);
	answer($session, "SELECT count(*) FROM $schema.$_") for map { ("contact_timeline($_)", "deal_timeline($_)", "company_timeline($_ % 5 + 1)") } 1 .. 10;
	reads_in_order($session, $schema, "random_page_cost $cost, loaded, after 10 executions");
	reads_in_order($session, $schema, "random_page_cost $cost, a page of 100,000", 100000);
	is_cheap($session, $schema, "random_page_cost $cost, loaded, not analysed");
	query($node, $db, $analyze->($schema));
	reads_in_order($session, $schema, "random_page_cost $cost, analysed");
	answer($session, "SELECT count(*) FROM $schema.$_") for map { ("contact_timeline($_)", "deal_timeline($_)", "company_timeline($_ % 5 + 1)") } 1 .. 10;
	reads_in_order($session, $schema, "random_page_cost $cost, analysed, after 10 executions");
	is_cheap($session, $schema, "random_page_cost $cost, analysed");
	$session->quit;
}

# Planned when the tables were known to be empty, or to have a few rows: a scan of
# all of them would seem as good.
new_crm('known_empty');
query($node, $db, $analyze->('known_empty'));
# Temporary schemas exist from now on, so that a session's first temporary table
# changes its search path and nothing else.
my @makers = map { session($node, $db) } 1 .. 8;
answer($_, 'CREATE TEMP TABLE kept (n integer)') foreach @makers;
$_->quit foreach @makers;
my $known = explaining_session();
reads_in_order($known, 'known_empty', 'known to be empty');
load('known_empty', 20000);
is_cheap($known, 'known_empty', 'known to be empty, then loaded');

new_crm('few_rows');
load('few_rows', 20);
query($node, $db, $analyze->('few_rows'));
reads_in_order($known, 'few_rows', 'a few rows');
answer($known, 'SET search_path = few_rows, public');
reads_in_order($known, 'few_rows', 'another search_path');
answer($known, 'SET search_path = public; SET search_path = known_empty');
reads_in_order($known, 'few_rows', 'and another');
answer($known, 'SET LOCAL search_path = few_rows') for 1 .. 2;
answer($known, 'RESET search_path');
reads_in_order($known, 'few_rows', 'search_path as it was');
answer($known, 'CREATE TEMP TABLE unrelated (n integer)');
reads_in_order($known, 'few_rows', 'after a first temporary table');
answer($known, 'ANALYZE unrelated');
reads_in_order($known, 'few_rows', 'other tables analysed');
query($node, $db, 'ANALYZE few_rows.emails');
reads_in_order($known, 'few_rows', 'a source analysed');
foreach my $mode ('force_custom_plan', 'force_generic_plan')
{
	answer($known, "SET plan_cache_mode = $mode");
	reads_in_order($known, 'few_rows', "plan_cache_mode $mode");
}
answer($known, 'RESET plan_cache_mode');
reads_in_order($known, 'few_rows', 'plan_cache_mode as it was');

# A call that waited for DDL is planned while it waits.
my $alters = session($node, $db);
answer($alters, 'BEGIN; ALTER TABLE few_rows.emails ADD COLUMN late text');
start_answer($known, 'SELECT count(*) FROM few_rows.contact_timeline(5)');
$node->poll_query_until($db, q{SELECT count(*) = 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%contact_timeline%'});
answer($alters, 'COMMIT');
finish_answer($known);
$alters->quit;
reads_in_order($known, 'few_rows', 'after waiting for DDL');

# With row-level security each role has a plan of its own; the policy's condition
# is a filter, the page's place is none.
query($node, $db, <<"SQL") foreach 'few_rows', 'plans_4';
	ALTER TABLE $_.emails ENABLE ROW LEVEL SECURITY;
	CREATE POLICY own ON $_.emails FOR SELECT TO regress_crm_reader USING (id % 3 = 0);
SQL
my $as_reader = explaining_session('regress_crm_reader');
foreach my $what ('at first', 'after row_security was off for a while', 'after other roles have called')
{
  SKIP:
	{
		skip 'there is no auto_explain', 1 if !$has_auto_explain;
		my $plan = plan_of($as_reader, 'SELECT count(*) FROM few_rows.contact_timeline(5)');
		ok($plan =~ /Merge Append.*emails_contact_timeline_idx.*\n *Index Cond: \(+contact_id = \$1.*\n *Filter: \(+id % /s && $plan !~ /-> +Sort|Seq Scan|Bitmap/,
			"a role with a policy reads indexes in order, $what") or diag($plan);
	}
	answer($as_reader, 'SET row_security = off');
	failure($as_reader, 'SELECT count(*) FROM few_rows.contact_timeline(5)') if $what eq 'at first';
	answer($as_reader, 'RESET row_security; RESET ROLE; SELECT count(*) FROM few_rows.contact_timeline(5); SET ROLE regress_crm_reader');
}
is_cheap($as_reader, 'plans_4', 'with a policy, the newest events');
is_cheap($as_reader, 'plans_4', 'with a policy, old events', q{'2020-02-01 12:00'});
reads_in_order($known, 'few_rows', 'a role without a policy');
$_->quit foreach $known, $as_reader;

# ---------------------------------------------------------------------------
# On a standby
# ---------------------------------------------------------------------------

$node->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('timeline_standby');
$standby->init_from_backup($node, 'backup', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);

# A walk through the pages that changes the server after each of them.
sub walk
{
	my ($start, @nodes) = @_;
	my $token = '';
	my @titles;

	for (my $i = $start;; $i++)
	{
		my @rows = split /\n/, query($nodes[ $i % @nodes ], $db,
			"SELECT source || source_id, page_token FROM sales.contact_timeline(5, max_events => 7, page_token => nullif('$token', ''))");
		return join ' ', @titles if !@rows;
		push @titles, map { (split /\|/)[0] } @rows;
		$token = (split /\|/, $rows[-1])[1];
	}
}

my $titles_of_all = query($node, $db, q{SELECT string_agg(source || source_id, ' ' ORDER BY n) FROM sales.contact_timeline(5, max_events => 1000) WITH ORDINALITY AS t (a, b, c, d, e, f, g, h, i, source, source_id, j, k, n)});
is(walk(0, $node, $standby), $titles_of_all, 'pages in turn from primary and standby: every event once');
is(walk(1, $node, $standby), $titles_of_all, 'begun on the standby too');

my $on_standby = session($standby, $db);
my $reader_there = session($standby, $db, 'regress_crm_reader');
my $same_there = sub {
	my ($what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$node->wait_for_catchup($standby);
	is_text(scalar answer($on_standby, pages('sales')), query($node, $db, pages('sales')), "standby, $what: an open session has the primary's pages");
	is_text(scalar answer($reader_there, pages('sales')), query($node, $db, pages('sales'), 'regress_crm_reader'), "standby, $what: another role too");
};
$same_there->('at first');
my @changes = (
	'rows', q{INSERT INTO sales.emails (id, contact_id, direction, subject, sent_at) VALUES (20000, 5, 'inbound', 'new', now() - interval '1 hour'); UPDATE sales.deals SET stage = 'proposal' WHERE contact_id = 5},
	'a column', 'ALTER TABLE sales.emails ADD COLUMN extra text DEFAULT \'x\'',
	'a source deleted by hand', q{DELETE FROM sales.timeline_sources WHERE source = 'deal_changes'},
	'a source inserted by hand', q{INSERT INTO sales.timeline_sources (source, relation_name) VALUES ('deal_changes', 'deal_changes')},
	'no index', 'DROP INDEX sales.emails_contact_timeline_idx',
	'a source', 'CREATE TABLE sales.more AS SELECT timestamptz \'2024-05-01\' AS occurred_at, n AS source_id, 5 AS contact_id FROM generate_series(1, 4) AS n; CREATE INDEX ON sales.more (contact_id, occurred_at, source_id);
		GRANT SELECT ON sales.more TO regress_crm_reader; SET client_min_messages = error; SELECT crm.add_timeline_source(\'sales\', \'more\', \'sales.more\')',
	'a policy', 'ALTER TABLE sales.emails ENABLE ROW LEVEL SECURITY; CREATE POLICY own ON sales.emails FOR SELECT TO regress_crm_reader USING (id % 3 = 0)',
	'another policy', 'ALTER POLICY own ON sales.emails USING (id % 2 = 0)',
	'no policy', 'DROP POLICY own ON sales.emails; ALTER TABLE sales.emails DISABLE ROW LEVEL SECURITY',
	'no source', q{SELECT crm.remove_timeline_source('sales', 'more'); SELECT crm.remove_timeline_source('sales', 'emails')},
	'views again', q{SELECT crm.add_timeline_source('sales', 'emails', 'sales.emails'); SELECT crm.drop_views('sales'); SELECT crm.create_views('sales')});
while (my ($what, $sql) = splice @changes, 0, 2)
{
	my $previous = query($node, $db, pages('sales'));
	query($node, $db, $sql);
	isnt(query($node, $db, pages('sales')), $previous, "$what: it shows") if $what =~ /^(?:rows|a source.*|no source)$/;
	$same_there->($what);
}
query($node, $db, 'REVOKE SELECT ON sales.emails FROM regress_crm_reader');
$node->wait_for_catchup($standby);
is((failure($reader_there, pages('sales')))[0], '42501', 'standby: a right that is taken away');
query($node, $db, 'GRANT SELECT ON sales.emails TO regress_crm_reader; ALTER TABLE sales.emails RENAME COLUMN subject TO headline');
$node->wait_for_catchup($standby);
like((failure($on_standby, pages('sales')))[1], qr/subject/, 'standby: a column that is renamed');
query($node, $db, 'ALTER TABLE sales.emails RENAME COLUMN headline TO subject; ALTER SCHEMA sales RENAME TO sold');
$node->wait_for_catchup($standby);
is_text(scalar answer($on_standby, pages('sold')), query($node, $db, pages('sold')), 'standby: a schema that is renamed');
query($node, $db, 'ALTER SCHEMA sold RENAME TO sales');
$same_there->('as it was');
is(answer($on_standby, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM sales.contact_timeline(6, max_events => 30); DECLARE c CURSOR WITH HOLD FOR SELECT title FROM sales.contact_timeline(6); COMMIT; FETCH 1 FROM c; MOVE ALL FROM c; CLOSE c'),
	"30\n" . query($node, $db, 'SELECT title FROM sales.contact_timeline(6, max_events => 1)'), 'standby: in a stricter transaction, and with a cursor that outlives it');
foreach my $write (q{crm.add_timeline_source('sales', 'x', 'sales.more')}, q{crm.remove_timeline_source('sales', 'emails')}, q{crm.rebuild_timeline('sales')},
	q{sales.set_stage(1, 'won')}, 'sales.backfill_deal_history()')
{
	is((failure($on_standby, "SELECT $write"))[0], '25006', "standby: $write is refused as read-only");
	is((error_of($node, $db, "SET default_transaction_read_only = on; SELECT $write"))[0], '25006', 'in a read-only transaction of the primary too');
}
answer($on_standby, "SELECT count(*) FROM sales.contact_timeline($_)") for 1 .. 20;
keeps_memory($on_standby, 'standby', sub { answer($on_standby, 'SELECT count(*) FROM generate_series(1, 2000) AS k, LATERAL sales.contact_timeline((k % 20 + 1)::bigint, max_events => 5)') });
$_->quit foreach $on_standby, $reader_there;
$standby->stop;

# ---------------------------------------------------------------------------
# Made anew
# ---------------------------------------------------------------------------

agree('before the schema is made anew');
query($node, $db, 'DROP TABLE sales.more; SET client_min_messages = error; DROP SCHEMA sales CASCADE');
is((failure($warm, 'SELECT * FROM sales.contact_timeline(5)'))[0], '3F000', 'the schema is dropped');
make_crm('sales');
agree('the schema is made anew');
query($node, $db, q{UPDATE sales.contacts SET last_name = 'Anew' WHERE id = 5});
like(answer($warm, pages('sales')), qr/contact_created\|Anew\|/, 'the schema is made anew: with rows of its own');

# The extension too: its functions and types have other OIDs.  No CRM may be left.
my $schemas = query($node, $db, q{SELECT string_agg(quote_ident(in_schema), ', ') FROM crm.list_schemas()});
query($node, $db, "SET client_min_messages = error; DROP SCHEMA $_ CASCADE") foreach split /, /, $schemas;
query($node, $db, 'DROP EXTENSION crm');
is((failure($warm, 'SELECT * FROM sales.contact_timeline(5)'))[0], '3F000', 'the extension is dropped');
query($node, $db, 'CREATE EXTENSION crm');
make_crm('sales');
agree('the extension is made anew');
is(answer($warm, <<'SQL'), "won|100\ndeal_won", 'the extension is made anew: history goes on');
	SELECT stage, probability FROM sales.set_stage(1, 'won');
	SELECT kind FROM sales.deal_timeline(1, max_events => 1);
SQL

# In the session itself, and taken back.
is(answer($warm, <<'SQL'), "30\n1\n30", 'a schema that is dropped and made in a transaction, and taken back');
	SELECT count(*) FROM sales.contact_timeline(5, max_events => 30);
	BEGIN;
	SET LOCAL client_min_messages = error;
	DROP SCHEMA sales CASCADE;
	SELECT crm.create_tables('sales') \g /dev/null
	INSERT INTO sales.contacts (id, last_name) VALUES (5, 'Only one');
	SELECT count(*) FROM sales.contact_timeline(5);
	ROLLBACK;
	SELECT count(*) FROM sales.contact_timeline(5, max_events => 30);
SQL
agree('taken back');
$_->quit foreach $warm, $reader;

$node->stop;
done_testing();
