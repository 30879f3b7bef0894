# libphonenumber in a library of its own: loaded when a number needs it and not
# before, missing without harm, found when it is installed meanwhile, preloaded,
# refused when it is another file or of another version; numbers in databases of
# any encoding; bad input in bounded time.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use File::Copy qw(copy);
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = new_node('phone');
my $db = 'postgres';
my $pkglibdir = pg_config('--pkglibdir');
my $library = "$pkglibdir/crm_phone.so";
my $national = q{SELECT crm.normalize_phone('030 123456', 'DE')};
my $international = q{SELECT crm.normalize_phone('+49 (0)30 123456')};
my $files = PostgreSQL::Test::Utils::tempdir();

sub pg_config
{
	my ($stdout) = run_command([ 'pg_config', @_ ]);
	chomp $stdout;
	return $stdout;
}

# Whether the backend of a session has crm_phone in its memory; undef where the
# system does not tell.
sub has_loaded
{
	my ($session) = @_;
	my $maps = '/proc/' . answer($session, 'SELECT pg_backend_pid()') . '/maps';

	return undef unless -r $maps;
	return PostgreSQL::Test::Utils::slurp_file($maps) =~ /crm_phone/ ? 1 : 0;
}

sub is_loaded
{
	my ($session, $expected, $name) = @_;
	my $loaded = has_loaded($session);

  SKIP:
	{
		skip 'this system does not show what a process has loaded', 1 unless defined $loaded;
		is($loaded, $expected, $name);
	}
}

# The session reads international numbers only, and says why.
sub is_without_library
{
	my ($session, $why, $name) = @_;
	my ($state, $message) = failure($session, "$national;");

	is($state, '0A000', "$name: what needs the library is refused");
	like($message, $why, "$name: the message says why");
	like($message, qr/HINT:  Install the package postgresql-\d+-crm/, "$name: and what to install");
	is(answer($session, $international), '+4930123456', "$name: + is read by our own table");
	is(answer($session, 'SELECT crm.phone_version()'), 'crm calling codes 1', "$name: the version says so");
}

# A library of C that serves as crm_phone, or fails to; undef without a compiler.
sub compile
{
	my ($name, $source) = @_;

	append_to_file("$files/$name.c", $source);
	my ($stdout, $stderr) = run_command([ 'cc', '-shared', '-fPIC',
		'-I', pg_config('--includedir-server'), '-I', "$FindBin::RealBin/../../src",
		'-o', "$files/$name.so", "$files/$name.c" ]);
	return -e "$files/$name.so" ? "$files/$name.so" : undef;
}

$node->start;
query($node, $db, 'CREATE EXTENSION crm; CREATE ROLE regress_crm_user LOGIN');

# ---------------------------------------------------------------------------
# Without the library
# ---------------------------------------------------------------------------

my $session = session($node, $db);
answer($session, q{SET crm.phone_library = ''});
is_without_library($session, qr/DETAIL:  The setting crm\.phone_library is empty\./, 'switched off');

answer($session, qq{SET crm.phone_library = '$files/crm_phone'});
is_without_library($session, qr/DETAIL:  There is no file "\Q$files\E\/crm_phone\.so"\./, 'not installed');

append_to_file("$files/text.so", "no library\n");
answer($session, qq{SET crm.phone_library = '$files/text'});
is_without_library($session, qr/DETAIL:  The library cannot be loaded: .*text\.so/, 'no library at all');

answer($session, q{SET crm.phone_library = '$libdir/plpgsql'});
is_without_library($session, qr/DETAIL:  The library ".*plpgsql\.so" is another one\./, 'another library');

mkdir "$files/folder.so" or die;
answer($session, qq{SET crm.phone_library = '$files/folder.so'});
is_without_library($session, qr/DETAIL:  There is no file "\Q$files\E\/folder\.so\.so"\./, 'a folder');

my $entry = <<'C';
#include "postgres.h"
#include "fmgr.h"
#include "phone/phone_library.h"
PG_MODULE_MAGIC;
const CrmPhoneLibrary *crm_phone_library(void) { return &table; }
C
my $foreign = compile('foreign', $entry =~ s/^const/static const CrmPhoneLibrary table = {99};\nextern PGDLLEXPORT const CrmPhoneLibrary *crm_phone_library(void);\nconst/mr);
my $broken = compile('broken', $entry =~ s/^const/static int fail(int all) { return CRM_LIBRARY_OUT_OF_MEMORY; }\nstatic const CrmPhoneLibrary table = {CRM_PHONE_LIBRARY_VERSION, fail};\nextern PGDLLEXPORT const CrmPhoneLibrary *crm_phone_library(void);\nconst/mr);
SKIP:
{
	skip 'no compiler for C', 13 unless defined $foreign && defined $broken;
	answer($session, "SET crm.phone_library = '$foreign'");
	is_without_library($session,
		qr/DETAIL:  The library ".*foreign\.so" has version 99 of the interface, and this one of crm needs \d+\./,
		'a library of another build');

	my $older = compile('older', $entry =~ s/^PG_MODULE_MAGIC;/static const CrmPhoneLibrary table = {CRM_PHONE_LIBRARY_VERSION};\nextern PGDLLEXPORT const CrmPhoneLibrary *crm_phone_library(void);/mr);
	answer($session, "SET crm.phone_library = '$older'");
	is_without_library($session, qr/DETAIL:  The server refused the library ".*older\.so"\./, 'a library without a magic block');

	# one that cannot get ready is an error each time, and no crash
	answer($session, "SET crm.phone_library = '$broken'");
	for my $statement ($national, $international, $national)
	{
		is((failure($session, "$statement;"))[0], '53200', 'out of memory while loading');
	}
}

# ---------------------------------------------------------------------------
# With the library
# ---------------------------------------------------------------------------

if (!-e $library)
{
	$session->quit;
	$node->stop;
	diag("$library is not installed: what needs it is not tested");
	done_testing();
	exit;
}

# Installed while the session is open.
answer($session, qq{SET crm.phone_library = '$files/crm_phone'});
is((failure($session, "$national;"))[0], '0A000', 'not installed yet');
copy($library, "$files/crm_phone.so") or die;
chmod 0755, "$files/crm_phone.so";
is(answer($session, $national), '+4930123456', 'a session finds what is installed meanwhile');
like(answer($session, 'SELECT crm.phone_version()'), qr/^libphonenumber.* metadata [0-9a-f]{16}$/, 'its version');
unlink "$files/crm_phone.so";
is(answer($session, $national), '+4930123456', 'what is loaded stays when the file goes');
answer($session, 'RESET crm.phone_library');
is(answer($session, $national), '+4930123456', 'and the usual file serves beside it');
my $version = answer($session, 'SELECT crm.phone_version()');
$session->quit;

# Loaded by the first number, by nothing else.
$session = session($node, $db);
answer($session, q{SELECT crm.is_e164('+4930123456'), crm.phone_region('Germany'), crm.is_email('a@b.de')});
answer($session, q{SELECT crm.normalize_phone(NULL, 'DE'), crm.normalize_phone(repeat('1', 1000), 'DE')});
is_loaded($session, 0, 'not loaded before a number needs it');
is(answer($session, $national), '+4930123456', 'a number');
is_loaded($session, 1, 'loaded then');
$session->quit;

# Only a superuser may name the library, also before crm.so is there to say so.
$session = session($node, $db, 'regress_crm_user');
answer($session, q{SET crm.phone_library = '/tmp/evil'});
my ($result, $messages) = answer($session, $national);
is($result, '+4930123456', 'a user reads numbers by the usual library');
like($messages, qr/permission denied to set parameter "crm\.phone_library"/, 'and cannot have named another');
is(answer($session, 'SHOW crm.phone_library'), '$libdir/crm_phone', 'the setting is the usual one');
is((failure($session, q{SET crm.phone_library = '';}))[0], '42501', 'nor name one later');
$session->quit;
query($node, $db, q{ALTER ROLE regress_crm_user SET crm.phone_library = ''});
is((error_of($node, $db, $national, 'regress_crm_user'))[0], '0A000', 'a superuser may, for a role');
query($node, $db, q{ALTER ROLE regress_crm_user RESET crm.phone_library});

# ---------------------------------------------------------------------------
# Encodings
# ---------------------------------------------------------------------------

for my $encoding (qw(LATIN1 SQL_ASCII EUC_JP UTF8))
{
	my $name = 'crm_' . lc $encoding;

	query($node, $db, "CREATE DATABASE $name ENCODING '$encoding' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
	query($node, $name, 'CREATE EXTENSION crm');
	is(query($node, $name, $national), '+4930123456', "$encoding: a number");
}

# 0xA0 is a blank there, 0xE9 and 0xF1 letters.
is(query($node, 'crm_latin1', <<'SQL'), '+4930123456||not a telephone number|ES|t', 'LATIN1: blanks, letters, countries');
	SELECT crm.normalize_phone(convert_from('\x303330a0313233343536', 'LATIN1'), 'DE'),
		crm.normalize_phone(convert_from('\xe9f1', 'LATIN1'), 'DE'),
		(crm.phone_info(convert_from('\xe9f1', 'LATIN1'), 'DE')).reason,
		crm.phone_region(convert_from('\x457370 61f161', 'LATIN1')),
		crm.phone_region(convert_from('\xd6', 'LATIN1') || 'sterreich') = 'AT'
SQL
is((error_of($node, 'crm_latin1', q{SELECT crm.normalize_phone('030', convert_from('\xe9', 'LATIN1'))}))[0],
	'22023', 'LATIN1: an unknown region');

# There bytes have no meaning: UTF-8 is taken for it, anything else is no number.
is(query($node, 'crm_sql_ascii', <<'SQL'), '+4930123456|||not text in the encoding of the database|f|ES|', 'SQL_ASCII: valid and invalid bytes');
	SELECT crm.normalize_phone(convert_from('\xefbc902033302031323334 3536', 'SQL_ASCII'), 'DE'),
		crm.normalize_phone(convert_from('\x303330ff313233343536', 'SQL_ASCII'), 'DE'),
		crm.normalize_phone(convert_from('\x2b3439e2', 'SQL_ASCII')),
		(crm.phone_info(convert_from('\x303330ff313233343536', 'SQL_ASCII'), 'DE')).reason,
		crm.is_e164(convert_from('\x2b343930313233343536ff', 'SQL_ASCII')),
		crm.phone_region(convert_from('\x45737061c3b161', 'SQL_ASCII')),
		crm.phone_region(convert_from('\x45737061f161', 'SQL_ASCII'))
SQL
my ($state, $message) = error_of($node, 'crm_sql_ascii',
	q{SELECT crm.normalize_phone('030 123456', convert_from('\xff', 'SQL_ASCII'))});
is($state, '22023', 'SQL_ASCII: a region that is no text');
is(query($node, 'crm_euc_jp', <<'SQL'), '+81312345678|JP', 'EUC_JP: wide digits and a name');
	SELECT crm.normalize_phone(convert_from('\xa3b0a3b3a1dda3b1a3b2a3b3a3b4a1dda3b5a3b6a3b7a3b8', 'EUC_JP'), 'JP'),
		crm.phone_region(convert_from('\xc6fccbdc', 'EUC_JP'))
SQL

# ---------------------------------------------------------------------------
# Bad input in bounded time
# ---------------------------------------------------------------------------

$session = session($node, $db);
answer($session, $national);
my $start = time;
answer($session, <<'SQL');
	SELECT count(crm.normalize_phone(repeat(pattern, 128 / octet_length(pattern)), region))
		FROM unnest(ARRAY['1', '1x', '(', '+', '0', '-', 'x1', '1/', '#', '~1', ';ext=1', U&'\0660', U&'\+01D7D8', U&'\202A1', '1 ext. 2 ', ',1', ';', ' ']) AS pattern,
			unnest(ARRAY['US', 'DE', 'AR', 'BR', 'MX', 'CN', NULL]) AS region
SQL
answer($session, <<'SQL');
	SELECT count(crm.normalize_phone(repeat(pattern, n), 'US')), count((crm.phone_info(repeat(pattern, n), 'US')).e164)
		FROM unnest(ARRAY['1', '1x', '(', '+', 'ext']) AS pattern, unnest(ARRAY[4000, 1000000]) AS n
SQL
cmp_ok(time - $start, '<', 20, 'hostile texts are read or refused at once');

$start = time;
($state, $message) = failure($session, <<'SQL');
	SET statement_timeout = '300ms';
	SELECT count(crm.normalize_phone('030 ' || n, 'DE')) FROM generate_series(1, 100000000) AS n;
SQL
is($state, '57014', 'a statement over many numbers can be cancelled');
cmp_ok(time - $start, '<', 20, 'and ends soon');
$session->quit;

# ---------------------------------------------------------------------------
# Preloading
# ---------------------------------------------------------------------------

for my $preloaded ('crm_phone', 'crm,crm_phone', 'crm_phone,crm')
{
	$node->append_conf('postgresql.conf', "shared_preload_libraries = '$preloaded'");
	$node->restart;
	$session = session($node, $db);
	is_loaded($session, 1, "$preloaded: every session has it");
	is(answer($session, $national), '+4930123456', "$preloaded: numbers are read");
	is(answer($session, 'SELECT crm.phone_version()'), $version, "$preloaded: by the same metadata");
	answer($session, q{SET crm.phone_library = ''});
	is((failure($session, "$national;"))[0], '0A000', "$preloaded: can be switched off");
	$session->quit;
}
# Parallel workers start with what the leader has loaded.
is(query($node, $db, <<'SQL'), '2001|2001', 'parallel workers read numbers');
	SET parallel_setup_cost = 0;
	SET parallel_tuple_cost = 0;
	SET min_parallel_table_scan_size = 0;
	CREATE TABLE phones AS SELECT '0171 ' || n AS phone FROM generate_series(1000000, 1002000) AS n;
	SELECT count(p), count(DISTINCT p) FROM (SELECT crm.normalize_phone(phone, 'DE') AS p FROM phones) AS s;
SQL
unlike(PostgreSQL::Test::Utils::slurp_file($node->logfile), qr/could not read the metadata|PANIC|terminated by signal/,
	'nothing in the log');

$node->stop;
done_testing();
