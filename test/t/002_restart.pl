# What the library keeps, and where: sums stored in tables survive restarts and
# crashes; what a backend remembers of the extension is right again as soon as
# the extension is dropped and made anew under it; loading the library when the
# server starts, and switching off its fast path, change nothing.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use Test::More;

my $node = new_node('restart');
my $db = 'postgres';

$node->start;

# ---------------------------------------------------------------------------
# Restart and crash
# ---------------------------------------------------------------------------

query($node, $db, <<'SQL');
	CREATE EXTENSION crm;
	SELECT crm.create_tables('sales');
	INSERT INTO sales.users (name) SELECT 'User ' || n FROM generate_series(1, 9) AS n;
	INSERT INTO sales.deals (name, value, stage, owner_id, probability)
		SELECT 'Deal ' || n, n * 0.37, (enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 9 + 1,
				CASE WHEN n % 4 = 0 AND n % 6 < 4 THEN n % 101 END
			FROM generate_series(1, 2000) AS n;
	CREATE TABLE stored (owner_id bigint, sums crm.pipeline_state);
	INSERT INTO stored SELECT owner_id, crm.pipeline_partial(value, stage, probability)
		FROM sales.deals GROUP BY owner_id;
	-- long enough to be toasted: the widest numbers there are
	INSERT INTO stored SELECT -1, crm.pipeline_partial(('1' || repeat('23456789', 4000) || '.5')::numeric, 'lead', 37);
	INSERT INTO stored VALUES (-2, NULL);
SQL

# Everything that must be the same after a restart, as text.
sub state_of
{
	return query($node, $db, <<'SQL') . "\n" . table_sums($node, $db, "'sales', 'public'");
	SELECT owner_id, md5(sums::text), crm.total_deals(sums), md5(crm.total_value(sums)::text),
			md5(crm.weighted_value(sums)::text) FROM stored ORDER BY 1;
	SELECT (SELECT crm.summary(crm.pipeline_merge(sums)) FROM stored WHERE owner_id > 0)
			= crm.pipeline(value, stage, probability) FROM sales.deals WHERE owner_id IS NOT NULL;
	SELECT currency, total_deals, total_value, weighted_value FROM sales.pipeline_totals();
	SELECT stage, total_deals, total_value, weighted_value FROM sales.pipeline_by_stage ORDER BY stage_position;
SQL
}

my $before = state_of();
like($before, qr/^t$/m, 'stored sums add up to what the aggregate says');
$node->restart;
is_text(state_of(), $before, 'a restart changes nothing');

# Work after the last checkpoint is recovered from the log; a transaction that
# was prepared can still be committed.
query($node, $db, <<'SQL');
	CHECKPOINT;
	UPDATE sales.deals SET stage = 'won' WHERE id % 10 = 1;
	UPDATE stored SET sums = (SELECT crm.pipeline_partial(value, stage, probability)
		FROM sales.deals WHERE deals.owner_id = stored.owner_id) WHERE owner_id > 0;
	BEGIN;
	INSERT INTO sales.deals (name, value, stage) VALUES ('Prepared', 1000000, 'negotiation');
	PREPARE TRANSACTION 'crm_prepared';
SQL
$before = state_of();
$node->stop('immediate');
$node->start;
is_text(state_of(), $before, 'a crash changes nothing');
is(query($node, $db, <<'SQL'), "negotiation|75|USD|4\ncreated|negotiation", 'a prepared deal is whole after the crash, with its history');
	COMMIT PREPARED 'crm_prepared';
	SELECT stage, probability, currency, pipeline_stage_id FROM sales.deals WHERE name = 'Prepared';
	SELECT kind, new_stage FROM sales.deal_changes WHERE deal_name = 'Prepared';
SQL

# ---------------------------------------------------------------------------
# The extension made anew under a session
# ---------------------------------------------------------------------------

# One session, whose caches are warm: values of the enum, the layout of deals,
# kept plans, prepared statements with generic plans.  (The server itself refuses
# a prepared statement whose result or parameter is of the type that is gone.)
query($node, $db, 'CREATE DATABASE crm_anew');
my $use = <<'SQL';
	EXECUTE probabilities;
	EXECUTE by_text('proposal');
	EXECUTE figures(100);
	EXECUTE sorted;
	INSERT INTO sales.deals (name, value, stage) VALUES ('By stage', 10, 'qualified'), ('Won', 20, 'won');
	INSERT INTO sales.deals (name, value, pipeline_stage_id)
		SELECT 'By pipeline stage', 30, id FROM sales.pipeline_stages WHERE counts_as = 'negotiation';
	UPDATE sales.deals SET stage = 'proposal' WHERE name = 'By stage';
	SELECT name, stage, probability, pipeline_stage_id, currency, closed_at IS NOT NULL FROM sales.deals ORDER BY id;
	SELECT total_deals, total_value, weighted_value FROM sales.pipeline_totals();
	SELECT crm.to_stage('neu', '{"neu": "lead"}'), crm.is_won('won'), crm.is_open('won'::text::crm.deal_stage);
SQL
my $answers = <<'OUT';
lead 10, qualified 25, proposal 50, negotiation 75, won 100, lost 0
50
3|300|135.0000000000000000
lost
By stage|proposal|50|3|USD|f
Won|won|100|5|USD|t
By pipeline stage|negotiation|75|4|USD|f
2|40.00|27.5000
lead|t|f
OUT
my ($warm, $anew) = split /^made anew\n/m, query($node, 'crm_anew', <<"SQL") . "\n";
	CREATE EXTENSION crm;
	SELECT crm.create_tables('sales') \\g /dev/null
	PREPARE probabilities AS SELECT string_agg(stage || ' ' || crm.default_probability(stage), ', ' ORDER BY stage)
		FROM unnest(enum_range(NULL::crm.deal_stage)) AS stage;
	PREPARE by_text(text) AS SELECT crm.stage_probability(\$1);
	PREPARE figures(numeric) AS SELECT (crm.pipeline(\$1, stage)).*
		FROM (VALUES ('lead'::crm.deal_stage), ('proposal'), ('negotiation'), ('won')) AS t (stage);
	PREPARE sorted AS SELECT stage::text FROM (VALUES ('lost'::crm.deal_stage), ('lead')) AS t (stage) ORDER BY t.stage DESC LIMIT 1;
	SET plan_cache_mode = force_generic_plan;
	SELECT oid AS old_oid FROM pg_enum WHERE enumlabel = 'lead' \\gset
	$use
	DROP SCHEMA sales CASCADE;
	DROP EXTENSION crm;
	CREATE EXTENSION crm;
	SELECT crm.create_tables('sales') \\g /dev/null
	\\echo made anew
	SELECT oid <> :old_oid FROM pg_enum WHERE enumlabel = 'lead';
	$use
SQL
$answers =~ s/135\.0+$/135.00/m if defined $warm && $warm =~ /135\.00$/m;
is($warm, $answers, 'a session uses the extension');
is($anew, "t\n$answers", 'and goes on with new OIDs after DROP and CREATE EXTENSION');

# The same within one transaction, and taken back: the old OIDs are right again.
is(query($node, 'crm_anew', <<'SQL'), "10\n25\n10\n2|40.00|27.5000\nNew|lead|10", 'a rolled back DROP EXTENSION leaves the old one in use');
	SELECT crm.default_probability('lead'::crm.deal_stage);
	BEGIN;
	DROP SCHEMA sales CASCADE;
	DROP EXTENSION crm;
	CREATE EXTENSION crm;
	SELECT crm.default_probability('qualified'::crm.deal_stage);
	SELECT crm.create_tables('sales') \g /dev/null
	INSERT INTO sales.deals (name) VALUES ('Vanishes');
	ROLLBACK;
	SELECT crm.default_probability('lead'::crm.deal_stage);
	SELECT total_deals, total_value, weighted_value FROM sales.pipeline_totals();
	INSERT INTO sales.deals (name) VALUES ('New') RETURNING name, stage, probability;
SQL

# A dump made before and restored after, as seen by a session that stays: the
# state's text does not depend on OIDs.
is(query($node, 'crm_anew', <<'SQL'), '1|100|10.00', 'a stored sum outlives the extension as text');
	SELECT crm.pipeline_partial(100, 'lead')::text AS kept \gset
	DROP SCHEMA sales CASCADE;
	DROP EXTENSION crm;
	CREATE EXTENSION crm;
	SELECT crm.total_deals(s), crm.total_value(s), crm.weighted_value(s) FROM (SELECT :'kept'::crm.pipeline_state) AS t (s);
SQL

# ---------------------------------------------------------------------------
# Without the fast path, and loaded with the server
# ---------------------------------------------------------------------------

# Numbers of all kinds; per kind and for all: the figures and the state's text.
my $kinds = <<'SQL';
	CREATE TEMP TABLE numbers AS
		SELECT 'small' AS kind, n * 0.01 AS value, (enum_range(NULL::crm.deal_stage))[abs(n) % 6 + 1] AS stage, (abs(n) % 101)::numeric AS probability
			FROM generate_series(-500, 500) AS n
		UNION ALL SELECT 'wide', (n || repeat('987654321', n % 7))::numeric / (10 ^ (n % 23))::numeric, 'proposal', n % 101 + 0.125
			FROM generate_series(1, 99) AS n
		UNION ALL SELECT 'limits', v, 'lead', 33.3 FROM unnest('{9999999999999.99,-9999999999999.99,0,0.00,-0.01}'::numeric[]) AS v
		UNION ALL SELECT 'huge', v, 'lead', 99.999 FROM unnest('{1e1000,-1e1000,1e-1000,123456789012345678901234567890}'::numeric[]) AS v
		UNION ALL SELECT 'null', NULL, 'lead', NULL
		UNION ALL SELECT 'null stage', 5, NULL, 10
		UNION ALL SELECT 'infinity', 'Infinity', 'lead', 10
		UNION ALL SELECT 'zero', 'Infinity', 'lead', 0
		UNION ALL SELECT 'nan', 'NaN', 'lead', 10;
	SELECT kind, crm.pipeline(value, stage, probability), crm.pipeline(value, stage, round(probability)::int),
			crm.pipeline(value, stage::text, probability::float8), crm.pipeline_partial(value, stage, probability),
			crm.weighted_sum(value, probability), crm.weighted_pipeline(value, stage)
		FROM numbers GROUP BY kind ORDER BY kind;
	SELECT crm.pipeline(value, stage, probability) OVER (ORDER BY kind, value ROWS BETWEEN 3 PRECEDING AND CURRENT ROW)
		FROM numbers WHERE kind <> 'huge';
	SELECT crm.pipeline_partial(value, stage, probability) FROM numbers WHERE kind IN ('small', 'wide', 'limits');
SQL
my $fast = query($node, $db, $kinds);
is_text(query($node, $db, "LOAD 'crm'; SET crm.numeric_fast_path = off; $kinds"), $fast,
	'crm.numeric_fast_path changes no result');
# NaN and Infinity aside, a sum that was written without the library agrees.
is(query($node, $db, <<"SQL"), 't', 'and they are right');
	SET client_min_messages = error;
	\\o /dev/null
	$kinds
	\\o
	SELECT bool_and(s.weighted_value = coalesce(h.weighted_value, 0) AND s.total_value = coalesce(h.total_value, 0))
		FROM (SELECT kind, (crm.pipeline(value, stage, probability)).* FROM numbers GROUP BY kind) AS s
		LEFT JOIN (SELECT kind, sum(value) AS total_value, sum(value * probability * 0.01) AS weighted_value
			FROM numbers WHERE stage NOT IN ('won', 'lost') GROUP BY kind) AS h USING (kind)
		WHERE kind NOT IN ('infinity', 'zero', 'nan');
SQL

$before = state_of();
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'crm'\n");
$node->restart;
is(query($node, $db, 'SHOW crm.numeric_fast_path'), 'on', 'the library is there before its first use');
is((error_of($node, $db, 'SET crm.no_such_setting = 1'))[0], '42602', 'and owns its settings');
is_text(state_of(), $before, 'loaded with the server: same data');
is_text(query($node, $db, $kinds), $fast, 'loaded with the server: same results');
is(default_probabilities($node, 'crm_anew'),
	'lead 10, qualified 25, proposal 50, negotiation 75, won 100, lost 0',
	'loaded with the server: databases with different OIDs');
is(default_probabilities($node, $db),
	'lead 10, qualified 25, proposal 50, negotiation 75, won 100, lost 0',
	'loaded with the server: each has its own');

# The setting's only other value is read from the configuration as well.
$node->append_conf('postgresql.conf', "crm.numeric_fast_path = off\n");
$node->restart;
is_text(state_of(), $before, 'without the fast path: same data');
$node->stop('immediate');
$node->start;
is_text(state_of(), $before, 'and after a crash');

$node->stop;
done_testing();
