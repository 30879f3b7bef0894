# Matching in databases of other encodings: the same duplicates as in UTF-8 where
# the encoding has the letters, models that are text of the database's encoding, and
# no error because of bytes.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('matching_encodings');

$node->start;

my $rows = <<'SQL';
	SET client_min_messages = warning;
	CREATE TABLE people (id bigint PRIMARY KEY, first_name text, last_name text, email text, city text);
	INSERT INTO people VALUES (1, 'Jürgen', 'Müller', 'jm@müller.example', 'Köln'), (2, 'Jurgen', 'Muller', 'JM@müller.example', 'Koln'),
		(3, 'José', 'Núñez', NULL, 'Málaga'), (4, 'Zoë', 'Brontë', 'zoe@bronte.example', 'Leeds'), (5, 'Zoe', 'Bronte', 'zoe@bronte.example', NULL);
SQL
my $questions = <<'SQL';
	SELECT string_agg(group_id || ':' || contact_id, ' ' ORDER BY contact_id) FROM crm.duplicate_groups('people');
	SELECT count(*) FILTER (WHERE abs(a.match_weight - b.match_weight) < 1e-6) = count(*)
	FROM crm.find_duplicates('people', 0) AS a FULL JOIN crm.find_duplicates('people', 0, crm.train_matching('people')) AS b USING (left_id, right_id);
	SELECT crm.train_matching('people')::text::jsonb IS NOT NULL;
	SELECT left_value, left_normal FROM crm.explain_match('people', 1, 2) WHERE field = 'email';
SQL

my %answers;
foreach my $encoding (qw(UTF8 LATIN1 SQL_ASCII MULE_INTERNAL))
{
	my $database = "crm_\L$encoding";

	query($node, 'postgres', "CREATE DATABASE $database ENCODING '$encoding' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'");
	query($node, $database, 'CREATE EXTENSION crm');
	next if $encoding eq 'MULE_INTERNAL';
	my $client = $encoding eq 'SQL_ASCII' ? 'SQL_ASCII' : 'UTF8';
	$answers{$encoding} = query($node, $database, "SET client_encoding = '$client';\n$rows\n$questions");
}
is($answers{UTF8}, "1:1 1:2 4:4 4:5\nt\nt\njm\@müller.example|jm\@xn--mller-kva.example", 'UTF-8');
is($answers{LATIN1}, $answers{UTF8}, 'LATIN1 as UTF-8');
is($answers{SQL_ASCII}, $answers{UTF8}, 'UTF-8 in SQL_ASCII as UTF-8');

# json may name characters that the encoding lacks, which jsonb cannot.
my $json = q{SELECT crm.match_keys(emails => '["j\u00fc@x.example", "\u4e2d\ud83d\ude00@x.example"]'::json, last_name => '"M\u00fcller"'::json)};
my %keys = map { $_ => query($node, "crm_\L$_", $json) } qw(UTF8 LATIN1 SQL_ASCII);
isnt($keys{UTF8}, '{}', 'keys of json');
is($keys{LATIN1}, $keys{UTF8}, 'json in LATIN1 as in UTF-8');
is($keys{SQL_ASCII}, $keys{UTF8}, 'json in SQL_ASCII as in UTF-8');

# What is folded to a letter that the encoding lacks, and bytes of no encoding.
is(query($node, 'crm_sql_ascii', <<'SQL'), "t\nt\n2", 'SQL_ASCII: any bytes');
	CREATE TABLE bytes (id int PRIMARY KEY, first_name text, last_name text, email text, city text);
	INSERT INTO bytes VALUES (1, E'J\xfcrgen', E'M\xfcller', E'j@m\xfcller.example', E'\xff\xfe'), (2, E'J\xfcrgen', E'M\xfcller', E'j@m\xfcller.example', E'\xff\xfe'),
		(3, E'\xff', E'\x80', E'\xc3', repeat(E'\xe4', 9000)), (4, repeat(E'\xc3\xa9', 9000), repeat(E'\xc3', 300), E'@\xff', E'\xc3\x28');
	SELECT count(*) >= 0 FROM crm.find_duplicates('bytes', 0);
	SELECT crm.train_matching('bytes')::text::jsonb IS NOT NULL;
	SELECT count(*) FROM crm.duplicate_groups('bytes', model => crm.train_matching('bytes'));
SQL
is(query($node, 'crm_sql_ascii', <<'SQL'), "t|t\nm\\xfcller", 'SQL_ASCII: weights sum to the match weight, whatever can be shown');
	SELECT count(*) > 0, bool_and(abs(d.match_weight - e.sum) < 1e-6)
	FROM crm.find_duplicates('bytes', 0) AS d, LATERAL (SELECT sum(weight) FROM crm.explain_match('bytes', left_id, right_id)) AS e;
	SELECT left_normal FROM crm.explain_match('bytes', 1, 2) WHERE field = 'last_name';
SQL
is(query($node, 'crm_mule_internal', <<'SQL'), "t\nt\nt", 'an encoding that the server cannot convert to UTF-8');
	CREATE TABLE people (id int PRIMARY KEY, first_name text, last_name text);
	INSERT INTO people VALUES (1, repeat(E'\x81\xe9', 2000), 'Smith'), (2, E'\x81\xe9', 'Smith');
	SELECT count(*) >= 0 FROM crm.find_duplicates('people', 0);
	SELECT crm.train_matching('people')::text::jsonb IS NOT NULL;
	SELECT count(*) > 0 FROM crm.explain_match('people', 1, 2, crm.train_matching('people'));
SQL

$node->stop;
done_testing();
