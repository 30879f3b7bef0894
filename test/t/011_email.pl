# E-mail addresses in databases of other encodings, and the normal form held
# against the server's own Unicode, which is an oracle here and nowhere else.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('main');
$node->start;

foreach my $encoding (qw(UTF8 LATIN1 LATIN5 ISO_8859_7 WIN1258 EUC_JP SQL_ASCII))
{
	query($node, 'postgres', "CREATE DATABASE in_\L$encoding\E ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	query($node, "in_\L$encoding\E", 'CREATE EXTENSION crm');
}

# A text of the given code points, written in ASCII.
sub text_of
{
	return q{convert_from('\x} . unpack('H*', join '', map { my $c = chr; utf8::encode($c); $c } @_) . q{', 'UTF8')};
}

sub code_points
{
	return map { ord } split //, shift;
}

# The expression's value as bytes of UTF-8, undef for NULL.
sub utf8_of
{
	my ($encoding, $expression) = @_;
	my $hex = query($node, "in_\L$encoding\E", "SELECT COALESCE(encode(convert_to($expression, 'UTF8'), 'hex'), 'none')");

	return $hex eq 'none' ? undef : pack 'H*', $hex;
}

sub normal_form_is
{
	my ($encoding, $address, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	utf8::encode($expected) if defined $expected;
	is(utf8_of($encoding, 'crm.normalize_email(' . text_of(code_points($address)) . ')'), $expected, "$encoding: $name");
}

# What the encoding has is folded; what it lacks stays as it was typed.
normal_form_is('LATIN1', "J\xD6RG\@example.com", "j\xF6rg\@example.com", 'case is folded');
normal_form_is('LATIN1', "stra\xDFe\@example.com", 'strasse@example.com', 'full case folding');
normal_form_is('LATIN1', "\xB5\xC4\@example.com", "\xB5\xE4\@example.com", 'micro, whose folded form it lacks, stays');
normal_form_is('LATIN1', "joe\@B\xDCCHER.example", 'joe@xn--bcher-kva.example', 'the domain is ASCII');
normal_form_is('LATIN1', "\"j\xF6rg m\xFCller\"\@example.com", "\"j\xF6rg m\xFCller\"\@example.com", 'in quotation marks');
normal_form_is('LATIN1', "jo\xA0e\@example.com", undef, 'a no-break space is refused');
normal_form_is('LATIN5', "\x{130}\xC4\x{131}\@example.com", "\x{130}\xE4\x{131}\@example.com", 'dotted I, whose folded form it lacks, stays');
normal_form_is('ISO_8859_7', "\x{3A3}\x{38A}\x{3A3}\@example.com", "\x{3C3}\x{3AF}\x{3C3}\@example.com", 'Greek');
normal_form_is('WIN1258', "A\x{323}\xC2\@example.com", "a\x{323}\xE2\@example.com", 'a pair that it cannot compose stays');
normal_form_is('WIN1258', "A\x{301}\@example.com", "\xE1\@example.com", 'a pair that it can compose is composed');
# What stays as it was typed is longer than its normal form elsewhere; both must fit.
normal_form_is('WIN1258', ("\x{103}\x{301}" x 16) . '@' . ("\xFC." x 25) . 'com', undef, 'too long where pairs stay apart');
is(query($node, 'in_win1258', q{SELECT crm.is_email(a) OR crm.normalize_email(a) IS NOT NULL FROM (SELECT }
	. text_of(code_points(("\x{103}\x{301}" x 16) . '@' . ("\xFC." x 25) . 'com')) . q{ AS a) AS t}), 'f', 'WIN1258: and is no address then');
normal_form_is('EUC_JP', "\x{FF21}\x{30E6}\@\x{4F8B}\x{3048}.\x{30C6}\x{30B9}\x{30C8}", "\x{FF41}\x{30E6}\@xn--r8jz45g.xn--zckzah", 'Japanese');

is(query($node, 'in_latin1', q{SELECT (p).at_position || ' ' || (p).is_valid FROM crm.parse_email(} . text_of(0xF6, 0xF6, 0x20) . q{ || 'a@example.com') AS p}),
	'3 false', 'positions count characters');
is(query($node, 'in_latin1', 'SELECT encode(convert_to((p).local_part || (p).domain, $$UTF8$$), $$hex$$) FROM crm.parse_email(' . text_of(0xD6, 0x40, 0xDC, 0x2E, 0x61, 0x62) . ') AS p'),
	'c396c39c2e6162', 'parts are as typed');

# Every byte that is a character: what is accepted has a normal form, its own.
foreach my $encoding (qw(LATIN1 LATIN5 ISO_8859_7 WIN1258))
{
	is(query($node, "in_\L$encoding\E", <<"SQL"), '0|0|0', "$encoding: every address has a normal form");
		CREATE FUNCTION pg_temp.character(c integer) RETURNS text LANGUAGE plpgsql AS
			'BEGIN RETURN convert_from(set_byte(''\\x00'', 0, c), ''$encoding''); EXCEPTION WHEN OTHERS THEN RETURN NULL; END';
		SELECT count(*) FILTER (WHERE crm.is_email(address) AND crm.normalize_email(address) IS NULL),
			count(*) FILTER (WHERE crm.normalize_email(crm.normalize_email(address)) IS DISTINCT FROM crm.normalize_email(address)),
			count(*) FILTER (WHERE crm.is_email(address) AND NOT crm.is_email(crm.email_key(address)))
		FROM generate_series(33, 255) AS a, generate_series(128, 255) AS b, pg_temp.character(a) AS x, pg_temp.character(b) AS y,
			unnest(ARRAY[x || y || '\@example.com', x || y || '\@proton.me', '"' || x || ' ' || y || '"\@gmail.com']) AS address
SQL
}

# In SQL_ASCII, bytes are UTF-8 where they are, and refused where they are not.
my $bytes = sub { q{convert_from('\x} . unpack('H*', shift) . q{', 'SQL_ASCII')} };
is(query($node, 'in_sql_ascii', 'SELECT encode(convert_to(crm.normalize_email(' . $bytes->("J\xC3\x96RG\@b\xC3\xBCcher.de") . '), $$SQL_ASCII$$), $$escape$$)'),
	'j\303\266rg@xn--bcher-kva.de', 'SQL_ASCII: UTF-8 is understood');
is(query($node, 'in_sql_ascii', "SELECT p.diagnosis FROM crm.parse_email(" . $bytes->("j\xF6rg\@example.com") . ') AS p'),
	'bytes that are no character, at character 2', 'SQL_ASCII: other bytes are refused');
is(query($node, 'in_sql_ascii', "SELECT p.diagnosis FROM crm.parse_email(" . $bytes->("joerg\@ex\xE4mple.com") . ') AS p'),
	'bytes that are no character, at character 9', 'in the domain too');
is(query($node, 'in_sql_ascii', 'SELECT crm.is_email(t), crm.normalize_email(t), crm.email_key(t), (crm.parse_email(t)).diagnosis FROM (SELECT repeat(' . $bytes->("\xFF") . ', 1000000) AS t) AS t'),
	'f|||more than 254 octets, at character 255', 'SQL_ASCII: a million bytes that are nothing');
is(query($node, 'in_euc_jp', 'SELECT crm.is_email(t), (crm.parse_email(t)).diagnosis FROM (SELECT repeat(' . text_of(0x30E6) . ', 500000) AS t) AS t'),
	'f|more than 254 octets, at character 85', 'EUC_JP: a megabyte');

# The oracle: the server composes as our table does; characters that it does not
# know yet are left alone by both.  The Greek question mark is a semicolon, which
# needs quotation marks.
my $typed = q{(SELECT chr(c) AS typed, crm.normalize_email(chr(c) || '@example.com') AS normal
	FROM generate_series(128, 1114111) AS c WHERE c NOT BETWEEN 55296 AND 57343 AND c <> 894) AS t};
is(query($node, 'in_utf8', "SELECT count(*) FROM $typed WHERE normal IS NOT NULL AND normal IS NOT NFC NORMALIZED"), '0',
	'every normal form is in Normalization Form C');
is(query($node, 'in_utf8', "SELECT count(*) FROM $typed WHERE normal <> crm.normalize_email(normalize(typed, NFD) || '\@example.com') OR normal <> crm.normalize_email(normalize(typed, NFC) || '\@example.com')"), '0',
	'however it was composed');

SKIP:
{
	my $collation = query($node, 'in_utf8', q{SELECT min(quote_ident(collname)) FROM pg_collation WHERE collname = 'und-x-icu'});
	skip 'no ICU in this server', 2 if $collation eq '';
	is(query($node, 'in_utf8', <<"SQL"), '0', 'what has no case is only composed');
		SELECT count(*) FROM $typed
		WHERE normal IS NOT NULL AND normal <> normalize(typed, NFC) || '\@example.com'
			AND lower(typed COLLATE $collation) = typed AND upper(typed COLLATE $collation) = typed
SQL
	# U+0345 alone turns into a letter of its own
	is(query($node, 'in_utf8', <<"SQL"), '0', 'what has case is equal to its other case');
		SELECT count(*) FROM $typed
		WHERE normal <> crm.normalize_email(upper(typed COLLATE $collation) || '\@example.com')
			AND lower(upper(typed COLLATE $collation) COLLATE $collation) = lower(typed COLLATE $collation)
SQL
}

SKIP:
{
	my $has_casefold = query($node, 'in_utf8', q{SELECT count(*) FROM pg_proc AS p, pg_collation AS c WHERE proname = 'casefold' AND collname = 'pg_unicode_fast'});
	skip 'this server folds no case', 1 if $has_casefold eq '0';
	is(query($node, 'in_utf8', <<"SQL"), '0', 'the fold is that of the server');
		SELECT count(*) FROM $typed
		WHERE normal <> normalize(casefold(normalize(typed, NFD) COLLATE pg_unicode_fast), NFC) || '\@example.com'
SQL
}

done_testing();
