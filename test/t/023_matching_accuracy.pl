# How well duplicates are found where the truth is known, at the default threshold and
# without a word about the file: no worse than this.  make accuracy prints the figures;
# these are floors a little below them.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $data = $ENV{CRM_TEST_DATA} // "$FindBin::RealBin/../../../shared/data";
plan skip_all => "there is no data set in $data/duplicates"
  unless -r "$data/duplicates/febrl3.csv.gz";

# F1 of pairs within groups
my %floors = (
	febrl1 => 0.998,
	febrl3 => 0.997,
	febrl4 => 0.995,
	fake_1000 => 0.965,
	historical_50k_dev => 0.955,
	rldata500 => 0.98,
	contacts_100k => 0.91);

my $db = 'postgres';
my $node = new_node('accuracy');
my $folder = PostgreSQL::Test::Utils::tempdir();

# A table of text columns, named as the file.
sub load
{
	my ($name) = @_;
	my $file = "$folder/$name.csv";

	IPC::Run::run([ 'gzip', '-dc', "$data/duplicates/$name.csv.gz" ], '>', $file) or die "no $name";
	open(my $in, '<', $file) or die $!;
	my $header = <$in>;
	close($in);
	$header =~ s/\s+$//;
	my $columns = join(', ', map { "\"$_\" text" } split(/,/, $header));
	query($node, $db, "CREATE TABLE $name ($columns); COPY $name FROM '$file' (FORMAT csv, HEADER);");
	return;
}

$node->start;
query($node, $db, 'CREATE EXTENSION crm');
for my $name (sort keys %floors)
{
	next unless -r "$data/duplicates/$name.csv.gz";
	load($name);
	my ($f1, $precision, $recall) = split(/\|/, query($node, $db, <<"SQL"));
		SET client_min_messages = warning;
		WITH found AS (SELECT g.group_id, t.cluster FROM crm.duplicate_groups_by_key('$name') AS g JOIN $name AS t ON t.id = g.contact_key),
			sums AS (SELECT (SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM found GROUP BY group_id) AS g) AS called,
				(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM found GROUP BY group_id, cluster) AS g) AS right,
				(SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM $name GROUP BY cluster) AS g) AS true)
		SELECT round(2 * "right" / (called + "true"), 4), round("right" / called, 4), round("right" / "true", 4) FROM sums
SQL
	cmp_ok($f1, '>=', $floors{$name}, "$name: F1 $f1 (precision $precision, recall $recall)");
}

$node->stop;
done_testing();
