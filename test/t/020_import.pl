# Imports as a server sees them: large files in bounded memory, interrupted ones,
# several at once, roles with few rights, databases of other encodings.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $db = 'crm_import';
my $node = new_node('import');

# Little memory is shared, so that what a process has used is its own.
$node->append_conf('postgresql.conf', <<'CONF');
shared_buffers = '4MB'
work_mem = '1MB'
fsync = off
synchronous_commit = off
autovacuum = off
deadlock_timeout = '10s'
client_min_messages = warning
CONF
$node->start;
query($node, 'postgres', 'CREATE DATABASE crm_import; CREATE ROLE regress_crm_clerk LOGIN; CREATE ROLE regress_crm_other LOGIN');
query($node, $db, q{CREATE EXTENSION crm; SELECT crm.create_tables('sales')});

# A file of so many lines; every hundredth cannot be stored, every hundredth is in
# it twice, and all of them bring a company if they may.
query($node, $db, <<'SQL');
	CREATE UNLOGGED TABLE public.file (line text, first_name text, last_name text, email text, phone text, company text);
	CREATE FUNCTION public.make_file(lines integer) RETURNS void LANGUAGE sql AS $$
		TRUNCATE public.file;
		INSERT INTO public.file SELECT n, 'First ' || n % 1000, 'Last ' || n,
				CASE n % 100 WHEN 1 THEN 'nobody' WHEN 2 THEN 'p3@example.com' ELSE 'p' || n || '@example.com' END,
				CASE WHEN n % 20 = 0 THEN '+1 202 555 ' || lpad((n % 10000)::text, 4, '0') END, 'Company ' || n % 20000
			FROM generate_series(1, lines) AS n;
	$$;
	CREATE VIEW public.few AS SELECT * FROM public.file LIMIT 100;
	CREATE VIEW public.people AS SELECT line, first_name, last_name, email, phone FROM public.file;
	SELECT public.make_file(20000);
SQL

sub counts
{
	my ($what) = @_;
	return query($node, $db, "SELECT count(*) FROM sales.$what");
}

# ---------------------------------------------------------------------------
# Memory
# ---------------------------------------------------------------------------

# What a new session has used at most when it has run a statement, in kB, and
# what it keeps afterwards; undef where the system does not tell.
sub memory_of
{
	my ($sql) = @_;
	my $session = session($node, $db);
	my $status = '/proc/' . answer($session, 'SELECT pg_backend_pid()') . '/status';
	my $total = 'SELECT sum(total_bytes) FROM pg_backend_memory_contexts';

	# what is loaded and cached once is not counted
	answer($session, q{BEGIN; SELECT count(*) FROM sales.import_contacts('few', create_missing => true); SELECT count(*) FROM sales.undo_import(currval('sales.imports_id_seq')); ROLLBACK});
	my $before = answer($session, $total);
	answer($session, $sql);
	my $kept = answer($session, $total) - $before;
	my $peak;
	if (-r $status)
	{
		($peak) = file_text($status) =~ /^VmHWM:\s+(\d+) kB/m;
	}
	$session->quit;
	return ($peak, $kept);
}

# Of one file and of one ten times as long.
sub is_bounded
{
	my ($name, $lines, $sql, $clear) = @_;
	my (@peaks, @kept);

	foreach my $lines ($lines / 10, $lines)
	{
		query($node, $db, "$clear; SELECT public.make_file($lines)");
		my ($peak, $kept) = memory_of($sql);
		push @peaks, $peak if defined $peak;
		push @kept, $kept;
	}
	cmp_ok($kept[1], '<', $kept[0] + 200_000, "$name: ten times the lines leave no more in memory");
  SKIP:
	{
		skip 'this system does not tell how much memory a process has used', 1 unless @peaks == 2;
		note("$name: $peaks[0] kB for a tenth of the lines, $peaks[1] kB for all");
		cmp_ok($peaks[1], '<', $peaks[0] + 10_000, "$name: ten times the lines need no more memory");
	}
}

my $clear = 'TRUNCATE sales.contacts, sales.companies, sales.imports, sales.import_rows RESTART IDENTITY CASCADE';

is_bounded('inserting', 200_000, q{SELECT count(*) FROM sales.import_contacts('people')}, $clear);
is(query($node, $db, 'SELECT lines, inserted, updated, skipped, duplicate, invalid FROM sales.imports'), '200000|196000|0|0|2000|2000',
	'every line has its outcome');
is(counts('import_rows'), 200_000, 'which is kept');
is(query($node, $db, <<'SQL'), 'f|f|f', 'and is true');
	SELECT bool_or(c.email IS DISTINCT FROM p.email AND r.outcome <> 'invalid'), bool_or((r.outcome = 'invalid') <> (p.email = 'nobody')),
			bool_or(c.id IS NULL <> (r.outcome = 'invalid'))
		FROM sales.import_rows AS r JOIN public.people AS p ON p.line = r.line::text
		LEFT JOIN sales.contacts AS c ON c.id = r.row_id
		WHERE r.outcome <> 'duplicate'
SQL
is_bounded('finding nothing new', 100_000, <<'SQL', q{DELETE FROM sales.imports WHERE id > 1});
	SELECT count(*) FROM sales.import_contacts('people', on_duplicate => 'update')
SQL
is(query($node, $db, 'SELECT updated, skipped, invalid FROM sales.imports ORDER BY id DESC LIMIT 1'), '1001|97999|1000',
	'a second import changes only the row that several lines are about, in turn');
is_bounded('making companies', 100_000, q{SELECT count(*) FROM sales.import_contacts('file', create_missing => true)}, $clear);
is(counts('companies'), 19_601, 'each of them once, and none for a line that is not stored');

# Taking back as many lines needs no more either.
query($node, $db, 'CREATE TABLE public.memory (peak integer)');
foreach my $lines (10_000, 100_000)
{
	query($node, $db, "$clear; SELECT public.make_file($lines); SELECT count(*) FROM sales.import_contacts('file', create_missing => true)");
	my ($peak) = memory_of('SELECT count(*) FROM sales.undo_import(1)');
	query($node, $db, "INSERT INTO public.memory VALUES ($peak)") if defined $peak;
	is(counts('contacts') . counts('companies'), '00', "$lines lines are undone");
}
SKIP:
{
	my $more = query($node, $db, 'SELECT max(peak) - min(peak) FROM public.memory');
	skip 'this system does not tell how much memory a process has used', 1 if $more eq '';
	cmp_ok($more, '<', 10_000, 'undoing ten times the lines needs no more memory');
}
like(query($node, $db, 'SELECT undo_outcome, count(*) FROM sales.import_rows WHERE undo_outcome IS NOT NULL GROUP BY 1'),
	qr/^deleted\|98000$/, 'and every line says so');

# The work is complete even if nobody reads the report.
query($node, $db, "$clear; SELECT public.make_file(3000); SELECT line FROM sales.import_contacts('people') LIMIT 10");
is(counts('contacts') . '|' . counts('import_rows'), '2940|3000', 'an import whose report is not read is complete');

# ---------------------------------------------------------------------------
# Interrupted
# ---------------------------------------------------------------------------

query($node, $db, "$clear; SELECT public.make_file(200000)");

# Keys drawn stay drawn: they tell that lines had been stored already.
sub drawn
{
	return query($node, $db, q{SELECT last_value FROM sales.contacts_id_seq});
}

sub left_nothing
{
	my ($name) = @_;
	is(counts('contacts') . counts('companies') . counts('imports') . counts('import_rows'), '0000', "$name leaves nothing behind");
	cmp_ok(drawn(), '>', 1, "$name had begun");
	query($node, $db, $clear);
}

my ($state, $message) = error_of($node, $db, q{SET statement_timeout = '3s'; SELECT count(*) FROM sales.import_contacts('file', create_missing => true)});
is($state, '57014', 'a timeout ends an import');
left_nothing('an import that takes too long');

my $session = session($node, $db);
my $pid = answer($session, 'SELECT pg_backend_pid()');
start_answer($session, q{SELECT count(*) FROM sales.import_contacts('file', create_missing => true)});
$node->poll_query_until($db, 'SELECT last_value > 1000 FROM sales.contacts_id_seq') or die 'the import does not begin';
query($node, $db, "SELECT pg_cancel_backend($pid)");
(undef, $message) = finish_answer($session);
like($message, qr/57014/, 'a cancelled import ends');
left_nothing('a cancelled import');

# The same for undo_import, and the session goes on.
answer($session, "SELECT public.make_file(20000); SELECT count(*) FROM sales.import_contacts('people')");
is((failure($session, q{SET statement_timeout = '100ms'; SELECT count(*) FROM sales.undo_import(1);}))[0], '57014', 'a timeout ends undo_import');
is(answer($session, 'RESET statement_timeout; SELECT count(*) FROM sales.contacts'), 19_600, 'and every row is there again');
is(answer($session, 'SELECT count(*) FROM sales.undo_import(1)'), 19_600, 'until it is called again');

# A lock that is not got in time is no fault of the line.
query($node, $db, "$clear; SELECT public.make_file(3000); INSERT INTO sales.contacts (last_name, email) VALUES ('Held', 'p2500\@example.com')");
answer($session, q{BEGIN; SELECT id FROM sales.contacts FOR UPDATE});
is((error_of($node, $db, q{SET lock_timeout = '100ms'; SELECT count(*) FROM sales.import_contacts('people', on_duplicate => 'update')}))[0],
	'55P03', 'a lock not got in time ends an import');
answer($session, 'ROLLBACK');
is(counts('contacts') . counts('imports'), '10', 'and leaves nothing behind');

# ---------------------------------------------------------------------------
# Several at once
# ---------------------------------------------------------------------------

# Three sessions import the same file: each line is stored once, and all say the
# same of those that cannot be.
query($node, $db, "$clear; SELECT public.make_file(10000)");
my @sessions = map { session($node, $db) } 1 .. 3;
start_answer($_, q{SELECT outcome, count(*) FROM sales.import_contacts('file', create_missing => false) GROUP BY 1 ORDER BY 1})
  foreach @sessions;
finish_answer($_) foreach @sessions;
is(query($node, $db, 'SELECT sum(inserted), count(*) FROM sales.imports'), '0|3', 'companies that are missing are made by none of them');
start_answer($_, q{SELECT outcome, count(*) FROM sales.import_contacts('people') GROUP BY 1 ORDER BY 1}) foreach @sessions;
like(join('', map { (finish_answer($_))[1] } @sessions), qr/^$/, 'the same file in three sessions: no errors');
is(query($node, $db, <<'SQL'), "9800|9800\n300|30000", 'each line is stored once');
	SELECT count(*), count(DISTINCT email) FROM sales.contacts;
	SELECT sum(invalid), sum(lines) FROM sales.imports WHERE id > 3;
SQL
is(query($node, $db, <<'SQL'), "9800|19600|300", 'and the others report it');
	SELECT sum(inserted), sum(skipped) + sum(duplicate) - 300, sum(duplicate) + sum(skipped) - 19600 FROM sales.imports WHERE id > 3
SQL
$_->quit foreach @sessions;
$session->quit;

# ---------------------------------------------------------------------------
# Rights
# ---------------------------------------------------------------------------

query($node, $db, "$clear; SELECT public.make_file(300)");
my $import = q{SELECT outcome, count(*) FROM sales.import_contacts('people') GROUP BY 1 ORDER BY 1};

# In the order in which they are missed; each error names what it is about.
foreach my $grant (
	[ 'SCHEMA sales', 'USAGE ON SCHEMA sales' ],
	[ 'view people', 'SELECT ON public.people' ],
	[ 'table settings', 'SELECT ON sales.settings' ],
	[ 'table imports', 'SELECT, INSERT, UPDATE ON sales.imports' ],
	[ 'table import_rows', 'SELECT, INSERT ON sales.import_rows' ],
	[ 'table contacts', 'SELECT, INSERT ON sales.contacts' ])
{
	my ($what, $right) = @$grant;

	($state, $message) = error_of($node, $db, $import, 'regress_crm_clerk');
	is($state, '42501', "who may not use $what imports nothing");
	is(counts('contacts') . counts('imports') . counts('import_rows'), '000', 'not even in part');
	query($node, $db, "GRANT $right TO regress_crm_clerk");
}
is(query($node, $db, $import, 'regress_crm_clerk'), "duplicate|3\ninserted|294\ninvalid|3", 'who may, may import');
is(query($node, $db, 'SELECT imported_by FROM sales.imports'), 'regress_crm_clerk', 'and is named');
is((error_of($node, $db, q{SELECT count(*) FROM sales.import_contacts('people', on_duplicate => 'update')}, 'regress_crm_clerk'))[0], '42501',
	'but not change what is there');
is((error_of($node, $db, 'SELECT count(*) FROM sales.undo_import(1)', 'regress_crm_clerk'))[0], '42501', 'nor take it back');
is(query($node, $db, 'SELECT count(*) FROM sales.contacts; SELECT count(*) FROM sales.imports WHERE undone_at IS NULL'), "294\n1", 'nothing has changed');

# Rows that a policy hides from the role are neither named nor changed.
query($node, $db, <<"SQL");
	GRANT UPDATE, DELETE ON sales.contacts TO regress_crm_clerk;
	GRANT UPDATE ON sales.import_rows TO regress_crm_clerk;
	ALTER TABLE sales.contacts ENABLE ROW LEVEL SECURITY;
	CREATE POLICY mine ON sales.contacts TO regress_crm_clerk USING (id % 2 = 0) WITH CHECK (true);
SQL
is(query($node, $db, <<'SQL', 'regress_crm_clerk'), "invalid|153\nskipped|147", 'rows that a policy hides are not found');
	SELECT outcome, count(*) FROM sales.import_contacts('people', on_duplicate => 'update') GROUP BY 1 ORDER BY 1
SQL
is(query($node, $db, q{SELECT DISTINCT outcome, reason FROM sales.import_rows WHERE import_id = 2 AND outcome = 'invalid' AND value IS DISTINCT FROM 'nobody'}),
	'invalid|duplicate key value violates unique constraint "contacts_email_key"', 'and the report gives nothing of them away');
is(query($node, $db, 'SELECT outcome, reason, count(*) FROM sales.undo_import(1) GROUP BY 1, 2 ORDER BY 1', 'regress_crm_clerk'),
	"deleted||147\nkept|it is not there any more|147", 'they are not undone either');

# ---------------------------------------------------------------------------
# Encodings
# ---------------------------------------------------------------------------

# In locale C only ASCII letters are the same in both cases.
my $expected = <<'TEXT';
1|inserted|2|company 1 was made for it||
2|duplicate|2|line 1 has the same e-mail address|email|zoe@example.com
3|skipped|1|contact 1 has the same e-mail address|email|mueller@example.com
4|invalid||it is no e-mail address: a blank in the local part, at character 2|email|ä b@example.com
5|inserted|3|the phone number is kept as it is: it is none; company 2 was made for it|phone|£££
1|Müller|mueller@example.com|||
2|Zoë Größ|zoe@example.com|+44 20 7946 0000|+442079460000|1
3|José||£££||2
1|Süd & Söhne
2|SÜD & Söhne
2|import deleted
TEXT
chomp $expected;

foreach my $encoding (qw(LATIN1 SQL_ASCII))
{
	my $database = "crm_\L$encoding";
	my $client = $encoding eq 'LATIN1' ? 'UTF8' : $encoding;

	query($node, 'postgres', "CREATE DATABASE $database ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	is(query($node, $database, <<"SQL"), $expected, "$encoding: a file is imported and taken back");
		SET client_encoding = '$client';
		CREATE EXTENSION crm;
		SELECT crm.create_tables('sales') \\g /dev/null
		INSERT INTO sales.contacts (last_name, email) VALUES ('Müller', 'mueller\@example.com');
		CREATE TABLE staged AS SELECT * FROM (VALUES
			('1', 'Zoë Größ', ' "Größ, Zoë" <zoe\@example.com> ', 'Süd & Söhne', '+44 20 7946 0000'),
			('2', 'Zoë Größ', 'ZOE\@example.com', NULL, NULL),
			('3', 'Müller', 'MUELLER\@example.com', NULL, NULL),
			('4', 'Ärger', 'ä b\@example.com', NULL, NULL),
			('5', 'José', NULL, 'SÜD & Söhne', '£££')) AS v (line, full_name, email, company, phone);
		SELECT line, outcome, id, reason, column_name, value FROM sales.import_contacts('staged', create_missing => true);
		SELECT id, concat_ws(' ', first_name, last_name), email, phone, phone_e164, company_id FROM sales.contacts ORDER BY id;
		SELECT id, name FROM sales.companies ORDER BY id;
		SELECT count(*), 'import ' || min(outcome) FROM sales.undo_import(1);
SQL
}

# A blank of a spreadsheet, which is one byte there.
is(query($node, 'crm_latin1', <<'SQL'), "1|inserted||\nnbsp\@example.com|12|Ann", 'LATIN1: no-break blanks around values');
	SET client_encoding = 'UTF8';
	TRUNCATE staged;
	INSERT INTO staged VALUES ('1', U&'\00A0Ann', U&'\00A0nbsp@example.com\00A0 ', NULL, NULL);
	SELECT line, outcome, column_name, value FROM sales.import_contacts('staged');
	SELECT email, length(email) - 4, first_name FROM sales.contacts WHERE first_name = 'Ann';
SQL

# Bytes that are no text of any kind, as an SQL_ASCII database lets them in.
is(query($node, 'crm_sql_ascii', <<'SQL'), <<'TEXT' . 'eda080|', 'SQL_ASCII: any bytes');
	SET client_encoding = 'SQL_ASCII';
	TRUNCATE staged;
	INSERT INTO staged VALUES ('1', E'\xff\xfe', E'a\xff@example.com', NULL, NULL), ('2', E'\xc3', NULL, E'\xe2\x82', E'\xff'),
		('3', E'\xed\xa0\x80', NULL, E'\xe2\x82', NULL);
	SELECT line, outcome, reason, column_name, encode(value::bytea, 'hex') FROM sales.import_contacts('staged', create_missing => true);
	SELECT encode(concat(first_name, last_name)::bytea, 'hex'), phone_e164 FROM sales.contacts WHERE id > 1 ORDER BY id;
SQL
1|invalid|it is no e-mail address: bytes that are no character, at character 2|email|61ff406578616d706c652e636f6d
2|inserted|the phone number is kept as it is: it is none; company 3 was made for it|phone|ff
3|inserted|||
c3|
TEXT

$node->stop;
done_testing();
