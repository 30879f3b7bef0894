# Phonetic keys in databases of every kind of encoding: the same as in UTF-8 where
# the encoding has the letters, and always text of the database's encoding.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('encodings');

$node->start;
foreach my $encoding (qw(UTF8 LATIN1 EUC_JP SQL_ASCII MULE_INTERNAL))
{
	query($node, 'postgres', "CREATE DATABASE crm_\L$encoding\E ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	query($node, "crm_\L$encoding", 'CREATE EXTENSION crm');
}

# The keys of names written in UTF-8; the database stores them in its own encoding.
sub keys_in
{
	my ($database, $client_encoding, @names) = @_;
	my $values = join ', ', map { "('$_')" } @names;

	return query($node, $database, <<"SQL");
		SET client_encoding = '$client_encoding';
		SELECT crm.name_keys(name) FROM (VALUES $values) AS t (name)
SQL
}

my @western = ('Jürgen Müller', 'José Núñez', 'Çelik', 'Weiß', 'Þór Æsir', 'Ann­Marie', "O´Brien", "D\x{c2}\x{a0}Angelo");
my @japanese = ('山田 太郎', 'やまだ', 'ヤマダ', '一二三四五六七', 'Иванов');

is(keys_in('crm_utf8', 'UTF8', 'Jürgen Müller', '山田 太郎'), "{JRKN,JRJN,MLR}\n{山田,太郎}", 'UTF-8');
is_text(keys_in('crm_latin1', 'UTF8', @western), keys_in('crm_utf8', 'UTF8', @western), 'LATIN1 as UTF-8');
is_text(keys_in('crm_euc_jp', 'UTF8', @japanese), keys_in('crm_utf8', 'UTF8', @japanese), 'EUC_JP as UTF-8');
is_text(keys_in('crm_sql_ascii', 'SQL_ASCII', @western, @japanese), keys_in('crm_utf8', 'UTF8', @western, @japanese),
	'UTF-8 in SQL_ASCII as UTF-8');

# Bytes that are no text are their word's own key, cut to fifteen.
is(query($node, 'crm_sql_ascii', <<'SQL'), 't|SMT|14|15|t', 'SQL_ASCII: any bytes');
	SELECT crm.name_keys(E'M\xfcller') = ARRAY[E'm\xfcller'], (crm.name_keys(E'Schmidt \xff'))[1],
			octet_length((crm.name_keys(repeat(E'\xc3\xa9', 8) || E'\xff'))[1]), octet_length((crm.name_keys(repeat(E'\xff', 99)))[1]),
			crm.name_keys(E'\xff Smith') && crm.name_keys('Smyth')
SQL
is(query($node, 'crm_latin1', "SELECT crm.name_keys(string_agg(chr(c), '')) IS NOT NULL FROM generate_series(1, 255) AS c"), 't', 'every character of LATIN1');

# Characters that the server cannot convert; a key of them ends at a whole one.
is(query($node, 'crm_mule_internal', <<'SQL'), '14|7|SMT', 'an encoding that the server cannot convert to UTF-8');
	SELECT octet_length(key), length(key), (crm.name_keys(E'\x81\xe9 Smith'))[2]
	FROM unnest(crm.name_keys(repeat(E'\x81\xe9', 20))) AS key
SQL
is(query($node, 'crm_euc_jp', <<'SQL'), '10|5', 'characters that EUC_JP has and Unicode has not');
	SET client_encoding = 'EUC_JP';
	SELECT octet_length(key), length(key) FROM unnest(crm.name_keys(repeat(E'\xa9\xa1', 20))) AS key
SQL

$node->stop;
done_testing();
