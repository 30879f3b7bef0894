# Strings are compared by characters in databases of every kind of encoding: UTF-8,
# single bytes, two and three bytes, and none at all.  Bytes that are no text are
# characters, and never an error.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('encodings');

$node->start;
foreach my $encoding (qw(UTF8 LATIN1 WIN1252 EUC_JP SQL_ASCII MULE_INTERNAL))
{
	query($node, 'postgres', "CREATE DATABASE crm_\L$encoding\E ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	query($node, "crm_\L$encoding", 'CREATE EXTENSION crm');
}

# The measures of pairs written in UTF-8; where the database converts, it stores
# them in its own encoding.
sub measures
{
	my ($database, $client_encoding, @pairs) = @_;
	my $values = join ', ', map { "('$_->[0]', '$_->[1]')" } @pairs;

	return query($node, $database, <<"SQL");
		SET client_encoding = '$client_encoding';
		SELECT crm.jaro_winkler(a, b), crm.edit_distance(a, b), crm.edit_distance(a, b, 1, true), crm.token_similarity(a, b)
			FROM (VALUES $values) AS t (a, b)
SQL
}

my @western = (
	[ 'Jürgen Müller', 'Jurgen Muller' ], [ 'Šaño', 'Saño' ], [ 'éà', 'àé' ], [ 'José Núñez', 'Núñez José' ],
	[ 'ÿ' x 64, 'ÿ' x 63 . 'þ' ], [ 'é' x 65, 'è' . 'é' x 64 ], [ 'ß ' x 40 . 'a', 'a ' . 'ß ' x 40 ],
	[ "Ann\xc2\xa0Lee", 'Lee Ann' ], [ '', 'é' ]);
my @japanese = (
	[ '山田 太郎', '太郎　山田' ], [ 'ヤマダ', 'ヤマタ' ], [ '山田', '田山' ], [ '株式会社山田', '山田株式会社' ],
	[ '漢' x 64, '漢' x 63 . '字' ], [ '漢字' x 40, '字漢' x 40 ], [ 'ｱｲｳ', 'ｱｳｲ' ], [ '丂', '丄' ]);
# LATIN1 has no Š
my @latin1 = grep { $_->[0] !~ /Š/ } @western;

is(measures('crm_utf8', 'UTF8', [ 'éà', 'àé' ], [ '山田', '田山' ]), "0|2|1|0.5\n0|2|1|0.5", 'characters count, not bytes');
is_text(measures('crm_latin1', 'UTF8', @latin1), measures('crm_utf8', 'UTF8', @latin1), 'LATIN1 as UTF-8');
is_text(measures('crm_win1252', 'UTF8', @western), measures('crm_utf8', 'UTF8', @western), 'WIN1252 as UTF-8');
is_text(measures('crm_euc_jp', 'UTF8', @japanese), measures('crm_utf8', 'UTF8', @japanese), 'EUC_JP as UTF-8');
is_text(measures('crm_sql_ascii', 'SQL_ASCII', @western, @japanese), measures('crm_utf8', 'UTF8', @western, @japanese),
	'UTF-8 in SQL_ASCII as UTF-8');

# Bytes that are no UTF-8 are a character each, also next to those that are: what
# would be the end of a character, its beginning cut short, a surrogate.
is(query($node, 'crm_sql_ascii', <<'SQL'), "1|1|2|3|1|0|0.5|1|100", 'SQL_ASCII: any bytes');
	SELECT crm.edit_distance(E'\xff', E'\xfe'), crm.edit_distance(E'\xc3\xa9', 'e'), crm.edit_distance(E'\xe2\x82', E'\xe2\x82\xac\xac'),
			crm.edit_distance(E'\xed\xa0\x80', ''), crm.edit_distance(E'\xc3\xa9', E'\xa9'), crm.edit_distance(E'\xff', E'\xff'),
			crm.token_similarity(E'\xff\xfe', E'\xfe\xff'), crm.token_similarity(E'\xa9 a\xff', E'a\xff \xa9'),
			crm.edit_distance(repeat(E'\xff', 100), repeat(E'\xfe', 100))
SQL
is(query($node, 'crm_win1252', <<'SQL'), "1|1|0|1", 'bytes without a meaning in WIN1252');
	SET client_encoding = 'WIN1252';
	SELECT crm.edit_distance(E'\x81', E'\x8d'), crm.token_similarity(E'\x81 \xe9', E'\xe9 \x81'),
			crm.token_similarity(E'\x81', E'\x8d'), crm.jaro_winkler(repeat(E'\x81', 100), repeat(E'\x81', 100))
SQL
is(query($node, 'crm_euc_jp', <<'SQL'), "1|1|1|100", 'characters that EUC_JP has and Unicode has not');
	SET client_encoding = 'EUC_JP';
	SELECT crm.edit_distance(E'\xa9\xa1', E'\xa9\xa2'), crm.token_similarity(E'\xa9\xa1 a', E'a \xa9\xa1'),
			crm.edit_distance(E'\x8f\xa9\xa1', E'\x8e\xb1'), crm.edit_distance(repeat(E'\xa9\xa1', 100), '')
SQL
is(query($node, 'crm_mule_internal', <<'SQL'), "1|1|0.5|100", 'an encoding that the server cannot convert to UTF-8');
	SET client_encoding = 'MULE_INTERNAL';
	SELECT crm.edit_distance(E'\x81\xe9', E'\x81\xe8'), crm.token_similarity(E'\x81\xe9 a', E'a \x81\xe9'),
			crm.token_similarity(E'\x92\xa4\xa2\x81\xe9', E'\x81\xe9\x92\xa4\xa2'), crm.edit_distance(repeat(E'\x81\xe9', 100), '')
SQL

$node->stop;
done_testing();
