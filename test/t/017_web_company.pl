# Hosts and names of companies in databases of every kind of encoding: the same
# as in UTF-8 where the characters are there, a verdict and never an error where
# bytes are no text.  And every line of the reference data is found.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('web_company');

$node->start;
foreach my $encoding (qw(UTF8 LATIN1 EUC_JP SQL_ASCII MULE_INTERNAL))
{
	query($node, 'postgres', "CREATE DATABASE crm_\L$encoding\E ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	query($node, "crm_\L$encoding", 'CREATE EXTENSION crm');
}

# ---------------------------------------------------------------------------
# Encodings
# ---------------------------------------------------------------------------

sub values_of
{
	my ($database, $client_encoding, @values) = @_;
	my $list = join ', ', map { "('" . s/'/''/gr . "')" } @values;
	return query($node, $database, <<"SQL");
		SET client_encoding = '$client_encoding';
		SELECT crm.web_host(v), crm.registrable_domain(v), crm.is_free_mail(v), crm.normalize_company(v), crm.company_legal_form(v)
			FROM (VALUES $list) AS t (v)
SQL
}

my @western = ('http://Bücher.example/', 'büro.gmail.com', 'joe@faß.de', 'example.com/Ü', 'MÜLLER GmbH & Co. KG',
	'Société Générale S.A.', 'Mærsk A/S', 'Dupont S.à r.l.', '«Öl» Ltd', "L'Oréal", 'Foo Españolª', 'ÿ' x 300 . ' Ltd');
my @japanese = ('日本語.jp', 'http://例え.テスト/', '株式会社トヨタ', 'トヨタ自動車株式会社', 'ＡＢＣ有限会社', 'ﾄﾖﾀ', '山田 & 田山 (株)');

my $western = values_of('crm_utf8', 'UTF8', @western);
like($western, qr/^xn--bcher-kva\.example\|xn--bcher-kva\.example\|f\|/, 'UTF-8: a host');
like($western, qr/^\|\|f\|muller\|gmbh & co\. kg$/m, 'UTF-8: a company');
is_text(values_of('crm_latin1', 'UTF8', @western), $western, 'LATIN1 as UTF-8');
is_text(values_of('crm_sql_ascii', 'SQL_ASCII', @western, @japanese), values_of('crm_utf8', 'UTF8', @western, @japanese),
	'UTF-8 in SQL_ASCII as UTF-8');
is_text(values_of('crm_euc_jp', 'UTF8', @japanese), values_of('crm_utf8', 'UTF8', @japanese), 'EUC_JP as UTF-8');

# Text in LATIN1 in a database that knows no encoding: the bytes stay.
is(query($node, 'crm_sql_ascii', <<'SQL'), "t|t|f|\\x6dfc6c6c6572|gmbh\n\\xff|\\xe2209c", 'SQL_ASCII: any bytes');
	SELECT crm.web_host(E'http://b\xfccher.example') IS NULL, crm.registrable_domain(E'example.com/\xfc') IS NULL, crm.is_free_mail(E'\xfc.gmail.com'),
			crm.normalize_company(E'M\xfcLLER GmbH')::bytea, crm.company_legal_form(E'M\xfcLLER GmbH');
	SELECT crm.normalize_company(E'\xff Ltd')::bytea, crm.normalize_company(E'\xe2-\x9c & Co')::bytea;
SQL

# Every byte, alone and beside others, in every database that takes it.
foreach my $encoding (qw(LATIN1 SQL_ASCII))
{
	is(query($node, "crm_\L$encoding", <<'SQL'), '0', "$encoding: no byte is an error, and normal forms are fixed points");
		SELECT count(*) FROM (SELECT convert_from(set_byte('\x00', 0, i), getdatabaseencoding()) AS c FROM generate_series(1, 255) AS i) AS b,
				LATERAL unnest(ARRAY[c, c || c, 'a' || c || 'b Ltd', 'example.com' || c, 'http://' || c || '.example', c || '.com']) AS v
			WHERE crm.normalize_company(v) <> crm.normalize_company(crm.normalize_company(v))
				OR crm.web_host(v) <> crm.web_host(crm.web_host(v)) OR crm.registrable_domain(v) NOT LIKE '%.%'
				OR crm.is_free_mail(v) IS NULL OR crm.company_legal_form(v) = ''
SQL
}
# characters that Unicode does not have
is(query($node, 'crm_mule_internal', <<'SQL'), 't|t|f|t|t', 'MULE_INTERNAL: characters without a counterpart');
	SELECT crm.web_host(v) IS NULL, crm.registrable_domain(v) IS NULL, crm.is_free_mail(v), crm.normalize_company(v) IS NULL, crm.company_legal_form(v) IS NULL
		FROM (SELECT convert_from('\x9cf4a1a1206c7464', 'MULE_INTERNAL') AS v) AS t
SQL

# Their normal form has a character that the encoding lacks: only ASCII is folded.
query($node, 'postgres', "CREATE DATABASE crm_euc_kr ENCODING 'EUC_KR' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
query($node, 'crm_euc_kr', 'CREATE EXTENSION crm');
is(query($node, 'crm_euc_kr', <<'SQL'), "t|t|ltd\nt|t|ltd", 'EUC_KR: a name whose normal form the encoding lacks');
	SELECT crm.normalize_company('A' || c || ' Ltd') = 'a' || c, crm.normalize_company('a' || c) = 'a' || c, crm.company_legal_form('A' || c || ' Ltd')
		FROM unnest(ARRAY[convert_from('\xd2ab', 'EUC_KR'), convert_from('\xe7e6', 'EUC_KR')]) AS c
SQL

# ---------------------------------------------------------------------------
# Reference data
# ---------------------------------------------------------------------------

sub data_lines
{
	my ($name) = @_;
	return grep { !/^#/ && /\S/ } split /\n/, file_text("$FindBin::RealBin/../../src/data/$name");
}

my @domains = data_lines('free_mail.txt');
my $list = join ', ', map { my $d = s/^=//r; "('$d')" } @domains;
is(query($node, 'crm_utf8', <<"SQL"), scalar(@domains) . '|', 'every free-mail domain is one');
	SELECT count(*), string_agg(d, ' ') FILTER (WHERE NOT crm.is_free_mail(d) OR NOT crm.is_free_mail(upper(d) || '.'))
		FROM (VALUES $list) AS t (d)
SQL
my $above = join ', ', map { s/^=//r =~ s/^(.*)$/('x.$1')/r } grep { /^=/ } @domains;
is(query($node, 'crm_utf8', "SELECT bool_or(crm.is_free_mail(d)) FROM (VALUES $above) AS t (d)"), 'f', 'a public suffix stands for itself alone');

# A name for each spelling of each form, as the column "where" says.
my (%countries, @cases);
foreach my $line (data_lines('legal_forms.txt'))
{
	my ($form, $where, $countries, $spellings) = split /\t/, $line;

	$countries{$_} = 1 foreach split /,/, $countries;
	foreach my $key (split /\|/, $spellings)
	{
		push @cases, [ "Zz Yy $key", 'zz yy', $form ] if $where =~ /^(end|both|attached)$/;
		push @cases, [ "$key Zz Yy", 'zz yy', $form ] if $where =~ /^(start|both|attached)$/;
		push @cases, [ "Zz Yy " . uc(join '.', split //, $key) . '.', 'zz yy', $form ] if $where eq 'dotted';
		push @cases, [ "Zz Yy $key", "zz yy $key", '' ] if $where eq 'dotted';
		push @cases, [ "$key \"Zz Yy\"", 'zz yy', $form ] if $where eq 'quoted';
		push @cases, [ "$1 Zz Yy $2", 'zz yy', "$form $2" ] if $where eq 'paired' && $key =~ /^(\S+) (\S+)$/;
		push @cases, [ "${key}株トヨ", "株トヨ", $form ], [ "トヨ$key", 'トヨ', $form ] if $where eq 'attached';
	}
}
cmp_ok(scalar(keys %countries), '>=', 40, 'legal forms of many countries');
cmp_ok(scalar(@cases), '>=', 800, 'and many spellings');
$list = join ', ', map { "('$_->[0]', '$_->[1]', '$_->[2]')" } @cases;
is(query($node, 'crm_utf8', <<"SQL"), '', 'every spelling of a legal form is stripped and told');
	SELECT name, crm.normalize_company(name), crm.company_legal_form(name), form
		FROM (VALUES $list) AS t (name, normal, form)
		WHERE crm.normalize_company(name) IS DISTINCT FROM normal OR coalesce(crm.company_legal_form(name), '') <> form
SQL

$node->stop;
done_testing();
