# The match index and the duplicate guard: dumped and restored, on a standby, in
# databases of every kind of encoding, and under many writers at once.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('match_index', allows_streaming => 1);
my $files = PostgreSQL::Test::Utils::tempdir();

$node->append_conf('postgresql.conf', "deadlock_timeout = '10ms'");
$node->start;

# ---------------------------------------------------------------------------
# Dump and restore
# ---------------------------------------------------------------------------

query($node, 'postgres', <<'SQL');
	CREATE ROLE regress_crm_owner LOGIN;
	CREATE DATABASE source OWNER regress_crm_owner;
	CREATE DATABASE target OWNER regress_crm_owner;
SQL
query($node, 'source', <<'SQL', 'regress_crm_owner');
	CREATE EXTENSION crm;
	CREATE TABLE contacts (id uuid PRIMARY KEY, first_name text, last_name text, emails jsonb, date_of_birth date);
	INSERT INTO contacts SELECT md5(g::text)::uuid, 'Name' || chr(97 + g % 26), 'Family' || chr(97 + g / 26 % 26) || chr(97 + g / 676), jsonb_build_array('user' || g || '@example.com'), date '1950-01-01' + g
		FROM generate_series(1, 2000) AS g;
	SELECT crm.create_match_index('contacts'), crm.create_duplicate_guard('contacts', min_probability => 0.97);
	ALTER INDEX contacts_match_keys_idx RENAME TO "The index";
	CREATE TABLE personen (nummer int PRIMARY KEY, vorname text, nachname text);
	CREATE VIEW people AS SELECT nummer AS id, vorname AS first_name, upper(nachname) AS last_name FROM personen;
	SELECT crm.create_match_index('people');
SQL

my $described = <<'SQL';
	SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid IN ('contacts'::regclass, 'personen'::regclass) ORDER BY 1;
	SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1;
	SELECT contact_key, round(match_weight) FROM crm.match_contact_by_key('contacts', first_name => 'Namec', email => 'user2@example.com', date_of_birth => '1950-01-03');
SQL
my $double = "INSERT INTO contacts SELECT gen_random_uuid(), first_name, last_name, emails, date_of_birth FROM contacts LIMIT 1";

run_tool($node, 'dump', 'pg_dump', '-Fc', '-f', "$files/dump", 'source');
run_tool($node, 'restore', 'pg_restore', '-d', 'target', "$files/dump");
query($node, $_, 'ANALYZE contacts') foreach 'source', 'target';
is_text(query($node, 'target', $described), query($node, 'source', $described), 'index, guard and answers are restored');
is((error_of($node, 'target', $double))[0], '23505', 'the restored guard guards');
is(query($node, 'target', "SELECT crm.create_match_index('contacts') ~ 'The index' AND crm.create_match_index('people') ~ 'upper'"), 't',
	'the restored indexes are found');
is((error_of($node, 'source', 'DROP EXTENSION crm'))[0], '2BP01', 'they keep the extension');

# ---------------------------------------------------------------------------
# A standby
# ---------------------------------------------------------------------------

$node->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('match_standby');
$standby->init_from_backup($node, 'base', has_streaming => 1);
$standby->start;
$node->wait_for_catchup($standby);
is_text(query($standby, 'target', $described), query($node, 'target', $described), 'the standby answers as the primary does');
is((error_of($standby, 'target', "SELECT crm.create_match_index('personen')"))[0], '00000', 'an index that is there is found on a standby');
$standby->stop;

# ---------------------------------------------------------------------------
# Encodings
# ---------------------------------------------------------------------------

foreach my $encoding (qw(UTF8 LATIN1 EUC_JP SQL_ASCII MULE_INTERNAL))
{
	query($node, 'postgres', "CREATE DATABASE crm_\L$encoding\E ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	query($node, "crm_\L$encoding", 'CREATE EXTENSION crm');
}

sub keys_in
{
	my ($database, $client_encoding, @names) = @_;
	my $values = join ', ', map { "('$_')" } @names;

	return query($node, $database, <<"SQL");
		SET client_encoding = '$client_encoding';
		SELECT crm.match_keys(full_name => name, company => name, street => name || ' 5', city => name, email => name || '\@example.com') FROM (VALUES $values) AS t (name)
SQL
}

my @western = ('Jürgen Müller', 'José Núñez', 'Zoë Çelik', 'Ida Weiß');
my @japanese = ('山田 太郎', 'ヤマダ タロウ', 'Иван Иванов');
is_text(keys_in('crm_latin1', 'UTF8', @western), keys_in('crm_utf8', 'UTF8', @western), 'LATIN1 as UTF-8');
is_text(keys_in('crm_euc_jp', 'UTF8', @japanese), keys_in('crm_utf8', 'UTF8', @japanese), 'EUC_JP as UTF-8');
is_text(keys_in('crm_sql_ascii', 'SQL_ASCII', @western, @japanese), keys_in('crm_utf8', 'UTF8', @western, @japanese), 'UTF-8 in SQL_ASCII as UTF-8');
# Bytes that are no text are no error: the function is leakproof.
is(query($node, 'crm_sql_ascii', <<'SQL'), 't|t|t', 'SQL_ASCII: any bytes');
	SELECT crm.match_keys(full_name => E'M\xfcller J\xfcrgen') IS NOT NULL, crm.match_keys(email => repeat(E'\xff', 100000)) = '{}',
		crm.match_keys(full_name => repeat(E'\xc3\xa9', 5000) || E'\xff') = crm.match_keys(full_name => repeat(E'\xc3\xa9', 5000))
SQL
is(query($node, 'crm_mule_internal', "SELECT crm.match_keys(full_name => repeat(E'\\x81\\xe9', 2000)), crm.match_keys(full_name => E'\\x81\\xe9 Smith')"), '{}|{}',
	'an encoding that the server cannot convert to UTF-8');
# A conversion of the user's own has no say.
is(query($node, 'crm_latin1', <<'SQL'), 't', 'conversions in the search path');
	SET client_encoding = 'UTF8';
	CREATE SCHEMA mine;
	CREATE TEMP TABLE before_it AS SELECT crm.match_keys(full_name => 'Jürgen Müller') AS keys;
	SET search_path = mine, pg_temp, pg_catalog;
	CREATE DEFAULT CONVERSION mine.own FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
	SELECT keys = crm.match_keys(full_name => 'Jürgen Müller') FROM before_it
SQL

# ---------------------------------------------------------------------------
# Many writers
# ---------------------------------------------------------------------------

query($node, 'source', <<'SQL');
	CREATE TABLE rush (id bigserial PRIMARY KEY, first_name text, last_name text, email text, date_of_birth date);
	CREATE FUNCTION letters(n integer) RETURNS text LANGUAGE sql AS $$ SELECT translate(md5(n::text), '0123456789', 'ghijklmnop') $$;
	SELECT crm.create_match_index('rush'), crm.create_duplicate_guard('rush');
SQL
foreach my $level ('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE')
{
	my $script = "$files/rush.sql";

	query($node, 'source', 'TRUNCATE rush');
	open my $file, '>', $script or die;
	print $file <<"SQL";
\\set n random(1, 30)
\\set m random(1, 30)
BEGIN ISOLATION LEVEL $level;
DO \$\$ BEGIN
	INSERT INTO rush (first_name, last_name, email, date_of_birth) SELECT letters(g), letters(g + 100), letters(g + 200) || '\@example.com', date '1950-01-01' + g * 1000 FROM unnest(ARRAY[:n, :m]) AS g;
EXCEPTION WHEN unique_violation OR deadlock_detected OR serialization_failure THEN NULL;
END \$\$;
COMMIT;
SQL
	close $file;
	$node->command_ok([ 'pgbench', '-n', '-c', '6', '-j', '2', '-t', '60', '--max-tries=20', '-f', $script, 'source' ], "many writers, $level");
	is(query($node, 'source', 'SELECT count(*) > 10, count(*) = count(DISTINCT email) FROM rush'), 't|t', "nobody is there twice, $level");
}

$node->stop;
done_testing();
