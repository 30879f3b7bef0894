# Names of people in databases of other encodings, and what only holds in the long run.

use strict;
use warnings;
use utf8;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('names');
$node->start;
my @single = qw(LATIN1 LATIN2 LATIN5 ISO_8859_5 ISO_8859_7 WIN1251 WIN1252 WIN1256 WIN1258 KOI8R);

foreach my $encoding ('UTF8', @single, 'EUC_JP', 'EUC_KR', 'SQL_ASCII')
{
	query($node, 'postgres', "CREATE DATABASE in_\L$encoding\E ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	query($node, "in_\L$encoding\E", 'CREATE EXTENSION crm');
}

# A text, written in ASCII.
sub text_of
{
	my ($text, $encoding) = @_;

	utf8::encode($text);
	return q{convert_from('\x} . unpack('H*', $text) . q{', '} . ($encoding // 'UTF8') . q{')};
}

# The bytes, where they are to be taken as they are.
sub bytes_of
{
	return q{convert_from('\x} . unpack('H*', shift) . q{', 'SQL_ASCII')};
}

# Notes of the test are ASCII: a name is shown as it is folded, in hexadecimal.
sub folded_is
{
	my ($encoding, $name, $expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $from = $encoding eq 'SQL_ASCII' ? $encoding : 'UTF8';
	my $folded = query($node, "in_\L$encoding\E",
		"SELECT encode(convert_to(crm.fold_name(${\ text_of($name, $from)}), '$from'), 'hex')");

	utf8::encode($expected);
	is($folded, unpack('H*', $expected), $encoding);
}

folded_is('LATIN1', 'Jürgen Ø. Müller-Strauß', 'jurgen o muller strauss');
folded_is('LATIN1', 'Ãµªº¿', 'amao');
folded_is('LATIN2', 'Łukasz Żółć', 'lukasz zolc');
folded_is('LATIN5', 'İlker Işık', 'ilker isik');
folded_is('ISO_8859_7', 'Ευάγγελος', 'evangelos');
folded_is('WIN1251', 'Пушкин', 'pushkin');
folded_is('KOI8R', 'Хрущёв', 'khrushchev');
folded_is('WIN1256', 'علي', 'علي');
folded_is('EUC_JP', '山田　タロウ', '山田 タロウ');
folded_is('EUC_JP', 'ﾔﾏﾀﾞ', 'ヤマダ');
folded_is('EUC_KR', '김 철수', '김 철수');
# a form that the encoding has under another character only: bytes are folded
folded_is('EUC_KR', "\x{F92C} O'Neil", "\x{F92C} oneil");
folded_is('SQL_ASCII', 'Пушкин É', 'pushkin e');

is(query($node, 'in_latin1', "SELECT crm.given_name_similarity(" . text_of('José') . ", 'pepe'), count(*) > 0 FROM crm.given_name_variants(" . text_of('JOSÉ') . ')'),
	'0.95|t', 'LATIN1: given names');
is(query($node, 'in_win1251', 'SELECT crm.given_name_similarity(' . text_of('Саша') . ', ' . text_of('Александр') . ')'), '0.9', 'WIN1251: given names');

# Every character of the encoding: folded to itself, and as in a database of UTF-8.
foreach my $encoding (@single)
{
	is(query($node, "in_\L$encoding\E", <<"SQL"), '0|0', "$encoding: every character");
		CREATE FUNCTION pg_temp.character(c integer) RETURNS text LANGUAGE plpgsql AS
			'BEGIN RETURN convert_from(set_byte(''\\x00'', 0, c), ''$encoding''); EXCEPTION WHEN OTHERS THEN RETURN NULL; END';
		SELECT count(*) FILTER (WHERE crm.fold_name(crm.fold_name(name)) <> crm.fold_name(name)),
			count(*) FILTER (WHERE (s).last_name || COALESCE((s).first_name, '') <> name AND crm.fold_name(name) !~ ' ')
		FROM (SELECT name, crm.split_name(name) AS s FROM (SELECT 'x' || pg_temp.character(a) || pg_temp.character(b) || ',' AS name
			FROM generate_series(1, 255) AS a, generate_series(128, 255) AS b) AS t) AS t WHERE name !~ '[[:cntrl:][:punct:][:space:]]'
SQL
}

sub hex_of_folds
{
	my ($database, $expression) = @_;

	return query($node, $database, "SELECT string_agg(encode(convert_to(crm.fold_name($expression), 'UTF8'), 'hex'), ' ' ORDER BY c) FROM generate_series(160, 255) AS c");
}

is(hex_of_folds('in_latin1', 'chr(c)'), hex_of_folds('in_utf8', 'chr(c)'), 'LATIN1 as in UTF8');

# Bytes that are no text are kept, beside ASCII that is folded; the parts of a
# name are cut at ASCII.
is(query($node, 'in_sql_ascii', 'SELECT encode(convert_to(crm.fold_name(' . bytes_of("J\xF6rg O'NEIL-\xFF") . q{), 'SQL_ASCII'), 'escape')}),
	'j\366rg oneil \377', 'SQL_ASCII: bytes');
is(query($node, 'in_sql_ascii', <<'SQL'), '0', 'SQL_ASCII: folded to itself');
	SELECT count(*) FROM generate_series(1, 255) AS a, generate_series(1, 255) AS b,
		LATERAL (SELECT convert_from(set_byte(set_byte('\x01270127'::bytea, 0, a), 2, b), 'SQL_ASCII') AS name) AS t
	WHERE crm.fold_name(crm.fold_name(name)) <> crm.fold_name(name)
SQL
is(query($node, 'in_sql_ascii', q{SELECT encode(convert_to((s).honorific || '|' || (s).first_name || '|' || (s).last_name, 'SQL_ASCII'), 'escape') FROM (SELECT crm.split_name(}
	  . bytes_of("Herr J\xF6rg von M\xFCller") . ') AS s) AS t'), 'Herr|J\366rg|von M\374ller', 'SQL_ASCII: parts of bytes');
is(query($node, 'in_sql_ascii', 'SELECT (s).first_name = ' . bytes_of("J\xC3\xB6rg") . ' FROM (SELECT crm.split_name(' . bytes_of("M\xC3\xBCller,\xC2\xA0J\xC3\xB6rg") . ') AS s) AS t'),
	't', 'SQL_ASCII: parts of UTF-8');
is(query($node, 'in_sql_ascii', 'SELECT length(crm.fold_name(t)), length((crm.split_name(t)).last_name), crm.given_name_similarity(t, t) FROM (SELECT repeat(' . bytes_of("\xFF") . ', 1000000) AS t) AS t'),
	'1000000|1000000|1', 'SQL_ASCII: a million bytes that are nothing');

is(query($node, 'in_latin1', q{SELECT (s).honorific || '|' || (s).first_name || '|' || (s).last_name || '|' || (s).nickname = } . text_of('Fräulein|Märta|Åkesson|Änni')
	  . ' FROM (SELECT crm.split_name(' . text_of('Fräulein Märta «Änni» Åkesson') . ') AS s) AS t'), 't', 'LATIN1: parts');
is(query($node, 'in_euc_jp', q{SELECT (s).first_name = } . text_of('太郎') . q{ AND (s).last_name = } . text_of('山田')
	  . ' AND (s).honorific = ' . text_of('様') . ' FROM (SELECT crm.split_name(' . text_of('山田　太郎様') . ') AS s) AS t'), 't', 'EUC_JP: parts');

done_testing();
