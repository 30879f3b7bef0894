# What the TAP tests share.  Used as
#
#   use FindBin;
#   use lib $FindBin::RealBin;
#   use CrmTest;
#
# since prove may be started from any folder.
package CrmTest;

use strict;
use warnings;

use Exporter 'import';
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(is_text new_node as_role query error_of run_tool schema_text
  table_sums totals file_text default_probabilities session answer failure
  start_answer finish_answer);

# A server that has been initialised but not started.  Encoding and locale are
# fixed: names and data of the tests are not ASCII, and sort orders must not
# depend on the machine.
sub new_node
{
	my ($name, %init) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(%init,
		extra => [ '--encoding=UTF8', '--locale=C', '--username=postgres' ]);
	# Tests run under any account; all connect as postgres unless they say
	# otherwise.
	$ENV{PGUSER} = 'postgres';
	# libpq would otherwise honour what the caller of the tests has set.
	delete @ENV{qw(PGOPTIONS PGTZ PGDATESTYLE PGCLIENTENCODING)};
	$node->append_conf('postgresql.conf', <<'CONF');
timezone = 'UTC'
datestyle = 'ISO, MDY'
max_prepared_transactions = 5
wal_level = logical
wal_retrieve_retry_interval = '100ms'
CONF
	return $node;
}

# Options of psql, pg_dump and pg_restore to connect as a role.
sub as_role
{
	my ($role) = @_;
	return defined $role ? ('-U', $role) : ();
}

# Compares texts of many lines; a failure shows the lines that differ.
sub is_text
{
	my ($got, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	return pass($name) if $got eq $expected;
	my %got = map { $_ => 1 } split /\n/, $got;
	my %expected = map { $_ => 1 } split /\n/, $expected;
	fail($name);
	diag(join "\n", 'only here:', (grep { !$expected{$_} } split /\n/, $got),
		'missing:', (grep { !$got{$_} } split /\n/, $expected));
	return 0;
}

# The result of one or more statements, in one session; dies on an error.
sub query
{
	my ($node, $database, $sql, $role) = @_;
	return $node->safe_psql($database, $sql, extra_params => [ as_role($role) ]);
}

# SQLSTATE and whole text of the error that the statements raise; 00000 if they
# raise none.
sub error_of
{
	my ($node, $database, $sql, $role) = @_;
	my ($code, $stdout, $stderr) = $node->psql($database, $sql,
		extra_params => [ '-v', 'VERBOSITY=verbose', as_role($role) ]);
	my ($state) = $stderr =~ /^(?:psql:.*?: )?ERROR:  (\w{5}):/m;

	return ($state // '00000', $stderr);
}

# A session that stays open, for answer and failure; to be closed with ->quit.
sub session
{
	my ($node, $database, $role) = @_;
	return $node->background_psql($database, on_error_stop => 0,
		extra_params => [ '-v', 'VERBOSITY=verbose', as_role($role) ]);
}

# The result of statements in an open session; dies on an error.  What the server
# says besides is the second value.
sub answer
{
	my ($session, $sql) = @_;

	$session->{stderr} = '';
	my $result = $session->query($sql);
	my $messages = $session->{stderr};
	$session->{stderr} = '';
	die "$sql\n$messages" if $messages =~ /^(?:psql:.*?: )?(?:ERROR|FATAL|PANIC):/m;
	return wantarray ? ($result, $messages) : $result;
}

# SQLSTATE and whole text of the error that statements raise in an open session.
sub failure
{
	my ($session, $sql) = @_;

	$session->{stderr} = '';
	$session->query($sql);
	my $messages = $session->{stderr};
	$session->{stderr} = '';
	my ($state) = $messages =~ /^(?:psql:.*?: )?ERROR:  (\w{5}):/m;
	return ($state // '00000', $messages);
}

# Sends statements of which the first may wait for another session; the rest is
# for finish_answer, which returns the result and what the server said besides.
sub start_answer
{
	my ($session, $sql) = @_;

	$session->{stderr} = '';
	$session->query_until(qr/^started$/m, "\\echo started\n$sql\n;\n");
}

sub finish_answer
{
	my ($session) = @_;
	my $result = $session->query('');
	my $messages = $session->{stderr};

	$session->{stderr} = '';
	return ($result, $messages);
}

# Runs a program of PostgreSQL; a test passes if it succeeds and has nothing to
# complain about.
sub run_tool
{
	my ($node, $what, @command) = @_;
	my ($stdout, $stderr);

	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port);
	my $ok = IPC::Run::run([@command], '>', \$stdout, '2>', \$stderr);
	ok($ok && $stderr eq '', $what)
	  or diag("@command\nexit status " . ($? >> 8) . "\n$stderr");
	return $stdout;
}

sub file_text
{
	my ($path) = @_;
	return PostgreSQL::Test::Utils::slurp_file($path);
}

# Everything that pg_dump knows of a database besides its rows.  Comments and
# the random key that newer versions print are left out.
sub schema_text
{
	my ($node, $database, @options) = @_;
	my ($stdout, $stderr) =
	  run_command([ 'pg_dump', '-h', $node->host, '-p', $node->port,
		'--schema-only', '--no-owner', @options, $database ]);

	die "pg_dump: $stderr" if $stderr ne '';
	return join "\n",
	  grep { $_ ne '' && !/^--/ && !/^\\(un)?restrict / } split /\n/, $stdout;
}

# One line per table and materialised view of the database: its name, the
# number of its rows, and a checksum of all their values.
sub table_sums
{
	my ($node, $database, $schemas) = @_;
	my $wanted = defined $schemas ? "nspname IN ($schemas)" : 'true';
	my $statements = query($node, $database, <<"SQL");
		SELECT format('SELECT %L, count(*), md5(string_agg(t::text, E''\\n'' ORDER BY t::text)) FROM %s AS t;',
				c.oid::regclass, c.oid::regclass)
			FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
			WHERE relkind IN ('r', 'p', 'm') AND nspname NOT LIKE 'pg\\_%'
				AND nspname NOT IN ('information_schema', 'crm') AND $wanted
			ORDER BY nspname, relname
SQL
	return query($node, $database, $statements);
}

# What a CRM's wrapper says about the open pipeline.
sub totals
{
	my ($node, $database, $schema, $role) = @_;
	return query($node, $database,
		"SELECT currency, total_deals, total_value, weighted_value FROM $schema.pipeline_totals() ORDER BY currency", $role);
}

# The defaults of all stages, read through the enum's own values.
sub default_probabilities
{
	my ($node, $database) = @_;
	return query($node, $database, <<'SQL');
		SELECT string_agg(stage || ' ' || crm.default_probability(stage), ', ' ORDER BY stage)
			FROM unnest(enum_range(NULL::crm.deal_stage)) AS stage
SQL
}

1;
