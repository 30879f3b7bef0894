# The measures of similarity against an independent implementation: rapidfuzz, on
# 100,000 random and adversarial pairs, equal to the last bit.  Debian has it from
# trixie on (python3-rapidfuzz).

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $pairs = 100_000;
my $oracle = "$FindBin::RealBin/../oracle/similarity.py";

plan skip_all => 'rapidfuzz for python3 is not installed (Debian: python3-rapidfuzz, from trixie on)'
  if system('python3 -c "import rapidfuzz" 2>/dev/null') != 0;

my $node = new_node('oracle');
my $db = 'postgres';

$node->start;
query($node, $db, <<"SQL");
	CREATE EXTENSION crm;
	CREATE TABLE said (a text, b text, bound integer, jaro_winkler float8, levenshtein integer,
		levenshtein_bounded integer, alignment integer, alignment_bounded integer,
		token_similarity float8, token_sort_ratio float8);
	COPY said FROM PROGRAM 'python3 "$oracle" $pairs';
SQL

# The share of pairs that tells something: not all equal, not all hopeless.
is(query($node, $db, <<'SQL'), "$pairs|t|t|t|t", 'pairs of all kinds');
	SELECT count(*), count(*) FILTER (WHERE jaro_winkler > 0 AND jaro_winkler < 1) > count(*) / 2,
			count(*) FILTER (WHERE levenshtein_bounded > bound) BETWEEN count(*) / 10 AND count(*) * 9 / 10,
			count(*) FILTER (WHERE greatest(length(a), length(b)) > 64) > count(*) / 10,
			count(*) FILTER (WHERE octet_length(a) > length(a)) > count(*) / 10
		FROM said
SQL

# The pairs where the two differ, at most three.
sub differences
{
	my ($ours, $theirs) = @_;
	return query($node, $db, <<"SQL");
		SELECT quote_literal(a), quote_literal(b), bound, $ours, $theirs FROM said
			WHERE $theirs IS NOT NULL AND ($ours) IS DISTINCT FROM $theirs LIMIT 3
SQL
}

is(differences('crm.jaro_winkler(a, b)', 'jaro_winkler'), '', 'Jaro-Winkler');
is(differences('crm.edit_distance(a, b)', 'levenshtein'), '', 'Levenshtein distance');
is(differences('crm.edit_distance(a, b, bound)', 'levenshtein_bounded'), '', 'Levenshtein distance, bounded');
is(differences('crm.edit_distance(a, b, transpositions => true)', 'alignment'), '', 'optimal string alignment');
is(differences('crm.edit_distance(a, b, bound, true)', 'alignment_bounded'), '', 'optimal string alignment, bounded');
is(differences('crm.token_similarity(a, b)', 'token_similarity'), '', 'similarity of sorted words');
is(differences('crm.token_similarity(a, b) * 100', 'token_sort_ratio'), '', 'token_sort_ratio');

$node->stop;
done_testing();
