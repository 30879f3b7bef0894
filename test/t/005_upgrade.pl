# A CRM made by an older version of the extension is brought forward: it becomes
# what a new one is, and keeps its rows, the user's columns and everybody's
# rights; with version 3 its deals begin to have a history, with version 4 it
# keeps what follows from its values, with version 5 it finds duplicates.  A dump of an older one is restored and
# brought forward like one that was never dumped.  And the way round views that
# block ALTER COLUMN TYPE.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $db = 'crm_upgrade';
my $owner = 'regress_crm_owner';
my $node = new_node('upgrade');
my $tables_1 = file_text("$FindBin::RealBin/../upgrade/tables-1.sql");
my $tables_3 = file_text("$FindBin::RealBin/../upgrade/tables-3.sql");
my $tables_4 = file_text("$FindBin::RealBin/../upgrade/tables-4.sql");
my $files = PostgreSQL::Test::Utils::tempdir();

$node->start;
query($node, 'postgres', <<'SQL');
	CREATE ROLE regress_crm_owner LOGIN;
	CREATE ROLE regress_crm_other LOGIN;
	CREATE ROLE "regress_crm_odd ""reader""" LOGIN;
	CREATE DATABASE crm_upgrade OWNER regress_crm_owner;
SQL
query($node, $db, 'CREATE EXTENSION crm', $owner);
my $catalog;
my $newest = query($node, $db, q{SELECT crm.create_tables('crm_new') \g /dev/null
	SELECT newest_version FROM crm.list_schemas()}, $owner);

# ---------------------------------------------------------------------------
# Tools
# ---------------------------------------------------------------------------

# Everything that the catalogs know of a schema's objects, in an order that
# does not depend on theirs, nor on that of columns.  Definitions are qualified,
# and the schema's name is replaced by one word.
sub catalog
{
	my ($schema) = @_;
	my $text = query($node, $db, <<"SQL");
		SET search_path = '';
		WITH rels AS (
			SELECT c.*, c.oid::pg_catalog.regclass::text AS name FROM pg_catalog.pg_class AS c
				WHERE relnamespace = '$schema'::pg_catalog.regnamespace
		), lines AS (
			SELECT pg_catalog.concat_ws(' ', 'schema', pg_catalog.pg_get_userbyid(nspowner), nspacl,
					pg_catalog.obj_description(oid, 'pg_namespace')) AS line
				FROM pg_catalog.pg_namespace WHERE nspname = '$schema'
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'relation', name, relkind, relpersistence, relrowsecurity, reloptions,
					pg_catalog.pg_get_userbyid(relowner), relacl, pg_catalog.obj_description(oid, 'pg_class'))
				FROM rels
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'column', name, attname, pg_catalog.format_type(atttypid, atttypmod),
					attnotnull, attidentity, attgenerated, attstorage, attstattarget, attacl,
					pg_catalog.pg_get_expr(adbin, adrelid), pg_catalog.col_description(rels.oid, attnum))
				FROM rels JOIN pg_catalog.pg_attribute ON attrelid = rels.oid AND attnum > 0 AND NOT attisdropped
				LEFT JOIN pg_catalog.pg_attrdef ON adrelid = rels.oid AND adnum = attnum
				WHERE relkind IN ('r', 'v', 'm', 'p')
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'constraint', name, conname, contype, convalidated, condeferrable,
					pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.obj_description(k.oid, 'pg_constraint'))
				FROM rels JOIN pg_catalog.pg_constraint AS k ON conrelid = rels.oid
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'index', name, indisvalid, indisunique, pg_catalog.pg_get_indexdef(rels.oid))
				FROM rels JOIN pg_catalog.pg_index ON indexrelid = rels.oid
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'trigger', name, tgenabled, pg_catalog.pg_get_triggerdef(t.oid),
					pg_catalog.obj_description(t.oid, 'pg_trigger'))
				FROM rels JOIN pg_catalog.pg_trigger AS t ON tgrelid = rels.oid AND NOT tgisinternal
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'view', name, pg_catalog.pg_get_viewdef(oid)) FROM rels WHERE relkind IN ('v', 'm')
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'sequence', name, seqtypid::pg_catalog.regtype, seqstart, seqincrement, seqcycle)
				FROM rels JOIN pg_catalog.pg_sequence ON seqrelid = rels.oid
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'function', pg_catalog.pg_get_functiondef(oid), pg_catalog.pg_get_userbyid(proowner),
					proacl, pg_catalog.obj_description(oid, 'pg_proc'))
				FROM pg_catalog.pg_proc WHERE pronamespace = '$schema'::pg_catalog.regnamespace
			UNION ALL
			SELECT pg_catalog.concat_ws(' ', 'policy', name, polname) FROM rels JOIN pg_catalog.pg_policy ON polrelid = rels.oid
		)
		SELECT pg_catalog.string_agg(line, E'\\n' ORDER BY line) FROM lines;
SQL
	$text =~ s/\b$schema\b/SCHEMA/g;
	return $text;
}

# All rows, columns by name; what the upgrade is there to change is left out, and
# so are the tables that it makes.
sub rows
{
	my ($schema) = @_;
	my $statements = query($node, $db, <<"SQL");
		SELECT format('SELECT %L, jsonb_agg(r ORDER BY r::text) FROM (SELECT to_jsonb(t) - %L::text[] %s AS r FROM %I.%I AS t) AS rows;',
				tablename, '{fiscal_year_start_month,data_versions,parts,domain_version,phone_status,phone_version}',
				CASE WHEN tablename = 'settings' THEN '- ''crm_tables_version'' - ''updated_at''' END, schemaname, tablename)
			FROM pg_tables WHERE schemaname = '$schema'
				AND tablename NOT IN ('deal_changes', 'timeline_sources', 'imports', 'import_rows',
					'matching_models', 'match_decisions', 'duplicate_candidates', 'match_queue', 'match_refreshes')
			ORDER BY tablename
SQL
	return query($node, $db, $statements);
}

# Makes a CRM of version 1 with rows in it; "changes" are made before the rows.
sub make_version_1
{
	my ($schema, $changes) = @_;
	(my $script = $tables_1) =~ s/\bcrm_v1\b/$schema/g;
	$changes //= '';
	query($node, $db, <<"SQL", $owner);
		BEGIN; $script $changes COMMIT;
		INSERT INTO $schema.users (name) VALUES ('Ann'), ('Bob');
		INSERT INTO $schema.contacts (last_name, email) SELECT 'C ' || n, n || '\@example.com' FROM generate_series(1, 20) AS n;
		INSERT INTO $schema.deals (name, value, stage, owner_id, contact_id, probability)
			SELECT 'D ' || n, n * 1.5, (enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 2 + 1, n, CASE n WHEN 3 THEN 33 END
				FROM generate_series(1, 20) AS n;
		UPDATE $schema.settings SET default_phone_region = 'SE', require_lost_reason = true;
SQL
}

# Makes a CRM of version 2 with rows in it: version 1, what led from it to 2, and
# the view that came with that.
sub make_version_2
{
	my ($schema) = @_;
	(my $step = file_text("$FindBin::RealBin/../../src/tables/ddl/upgrade/1--2.sql")) =~ s/:"schema"/$schema/g;
	my ($view) = query($node, $db, "SELECT crm.create_tables_sql('$schema')")
	  =~ /^(CREATE VIEW $schema\.pipeline_by_month .*?;)$/ms;

	make_version_1($schema, "$step $view UPDATE $schema.settings SET crm_tables_version = 2;");
}

# Makes a CRM of version 3 with rows in it, some of which version 4 would not have
# taken: phone_e164 was any text then.
sub make_version_3
{
	my ($schema) = @_;
	(my $script = $tables_3) =~ s/\bcrm_v3\b/$schema/g;
	query($node, $db, <<"SQL", $owner);
		BEGIN; $script COMMIT;
		INSERT INTO $schema.users (name, email) VALUES ('Ann', 'ann\@example.com'), ('Bob', NULL);
		INSERT INTO $schema.companies (name, website, domain, phone, phone_e164) VALUES
			('Plain', 'https://www.Plain.co.uk/about', NULL, NULL, NULL),
			('Typed', 'https://typed.example', 'other.example', '+49 30 123456', '+4930123456'),
			('Odd', NULL, NULL, 'ask Bob', '030/123456'),
			('Only odd', NULL, NULL, NULL, 'tel. 17');
		INSERT INTO $schema.contacts (last_name, email, phone, phone_e164, additional_phones) VALUES
			('Fine', 'fine\@example.com', '(202) 555-0123', '+12025550123', '[]'),
			('Odd', 'odd\@example.com', '1-531-332-7771 x8012', '1-531-332-7771 x8012', '["+12025550100"]'),
			('Only odd', NULL, NULL, '+0 17', '[]'),
			('Unseen', 'unseen\@example.com', '+1 202 555 0124', NULL, '[]'),
			('Unread', 'unread\@example.com', 'none', NULL, '[]');
		INSERT INTO $schema.contacts (last_name, email, archived_at) VALUES ('Gone', 'Fine\@Example.com', '2024-01-01 00:00+00');
		INSERT INTO $schema.deals (name, value, stage, owner_id, contact_id)
			SELECT 'D ' || n, n * 1.5, (enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 2 + 1, n % 6 + 1 FROM generate_series(1, 20) AS n;
		UPDATE $schema.deals SET stage = 'won' WHERE id < 5;
		INSERT INTO $schema.activities (contact_id, type, subject) VALUES (1, 'call', 'First');
		UPDATE $schema.settings SET default_phone_region = 'SE', fiscal_year_start_month = 4;
SQL
}

# Makes a CRM of version 4 with rows in it, an import among them.
sub make_version_4
{
	my ($schema) = @_;
	(my $script = $tables_4) =~ s/\bcrm_v4\b/$schema/g;
	query($node, $db, <<"SQL", $owner);
		BEGIN; $script COMMIT;
		INSERT INTO $schema.users (name, email) VALUES ('Ann', 'ann\@example.com'), ('Bob', NULL);
		INSERT INTO $schema.companies (name, website, phone) VALUES ('Plain', 'https://www.Plain.co.uk/about', '+49 30 901820');
		INSERT INTO $schema.contacts (first_name, last_name, email, phone) VALUES
			('Ann', 'Lee', 'ann\@example.com', '(202) 555-0123'), ('Anna', 'Lee', 'ann+work\@example.com', NULL);
		INSERT INTO $schema.deals (name, value, stage, owner_id, contact_id)
			SELECT 'D ' || n, n * 1.5, (enum_range(NULL::crm.deal_stage))[n % 6 + 1], n % 2 + 1, n % 2 + 1 FROM generate_series(1, 20) AS n;
		UPDATE $schema.settings SET default_phone_region = 'SE', fiscal_year_start_month = 4;
		CREATE TEMP TABLE staged AS SELECT 'New' AS last_name, 'new\@example.com' AS email;
		SELECT FROM $schema.import_contacts('staged');
SQL
}

# A CRM as it was where a distributed engine refuses triggers.
sub make_without_triggers
{
	my ($schema, $make) = @_;

	$make->($schema);
	query($node, $db, query($node, $db, <<"SQL") . <<"SQL", $owner);
		SELECT format('DROP TRIGGER %I ON %s;', tgname, tgrelid::regclass)
			FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
			WHERE relnamespace = '$schema'::regnamespace AND NOT tgisinternal;
SQL
		ALTER TABLE $schema.deals ALTER COLUMN stage SET DEFAULT 'lead', ALTER COLUMN currency SET DEFAULT 'USD';
SQL
}

sub listed
{
	my ($schema) = @_;
	return query($node, $db, "SELECT owner, tables_version, advice FROM crm.list_schemas() WHERE in_schema = '$schema'");
}

# ---------------------------------------------------------------------------
# Forward
# ---------------------------------------------------------------------------

make_version_1('crm_v1');
my $rows = rows('crm_v1');
my $old_catalog = catalog('crm_v1');
my $new_catalog = catalog('crm_new');

isnt($old_catalog, $new_catalog, 'version 1 is not the newest');
is(listed('crm_v1'), "$owner|1|SELECT crm.upgrade_tables('crm_v1')", 'it is listed as behind, with the remedy');
is(listed('crm_new'), "$owner|$newest|", 'a new one is not');

# Until then the new library serves the old tables.
is(query($node, $db, <<'SQL', $owner), "t\nproposal|50|f|3", 'an old CRM works before its upgrade');
	SELECT (currency, total_deals, total_value, weighted_value) =
			(SELECT 'USD', count(*), sum(value), sum(value * probability * 0.01)
				FROM crm_v1.deals WHERE stage NOT IN ('won', 'lost'))
		FROM crm_v1.pipeline_totals();
	BEGIN;
	INSERT INTO crm_v1.deals (name, stage) VALUES ('New', 'proposal') RETURNING stage, probability, probability_is_manual, pipeline_stage_id;
	ROLLBACK;
SQL

# Whoever does not own the tables changes nothing, not even in part.
is((error_of($node, $db, q{SELECT crm.upgrade_tables('crm_v1')}, 'regress_crm_other'))[0], '42501', 'a role without rights is refused');
query($node, $db, 'GRANT USAGE, CREATE ON SCHEMA crm_v1 TO regress_crm_other; GRANT SELECT, UPDATE ON crm_v1.settings TO regress_crm_other', $owner);
my ($state, $message) = error_of($node, $db, q{SELECT crm.upgrade_tables('crm_v1')}, 'regress_crm_other');
is($state, '42501', 'so is a role that may read and write the settings');
like($message, qr/must be owner of table settings/, 'and is told why');
query($node, $db, 'REVOKE ALL ON SCHEMA crm_v1 FROM regress_crm_other; REVOKE ALL ON crm_v1.settings FROM regress_crm_other', $owner);

is(query($node, $db, q{BEGIN; SELECT crm.upgrade_tables('crm_v1'); ROLLBACK}, $owner),
	"schema crm_v1 was brought to tables version $newest", 'an upgrade can be taken back');
my $with_grants = catalog('crm_v1');
$with_grants =~ s/ \{$owner=\S+\}//g;
$old_catalog =~ s/ \{$owner=\S+\}//g;
is_text($with_grants, $old_catalog, 'refused and taken back: nothing was changed');
is_text(rows('crm_v1'), $rows, 'no row either');

is(query($node, $db, query($node, $db, q{SELECT advice FROM crm.list_schemas() WHERE in_schema = 'crm_v1'}), $owner),
	"schema crm_v1 was brought to tables version $newest", 'following the advice upgrades');
my $upgraded = catalog('crm_v1');
# the rights given and taken above left the owner's own behind, spelled out
$upgraded =~ s/ \{$owner=\S+\}//g;
(my $expected = $new_catalog) =~ s/ \{$owner=\S+\}//g;
is_text($upgraded, $expected, 'the result is what a new CRM is');
is_text(rows('crm_v1'), $rows, 'with every row as it was');
is(query($node, $db, 'SELECT fiscal_year_start_month FROM crm_v1.settings'), '1', 'new columns have their defaults');
is(listed('crm_v1'), "$owner|$newest|", 'it is up to date now');
is(query($node, $db, <<'SQL', $owner), "schema crm_v1 already has tables version $newest\nt", 'a second call has nothing to do');
	BEGIN;
	SELECT crm.upgrade_tables('crm_v1');
	SELECT pg_current_xact_id_if_assigned() IS NULL;
	COMMIT;
SQL
is(query($node, $db, q{SELECT crm.upgrade_tables_sql('crm_v1')}), "-- The tables are up to date.\n", 'nor has the script');

# History begins with what changes from now on; what came before is made up when
# the owner says so.
is(query($node, $db, 'SELECT count(*) FROM crm_v1.deal_changes'), '0', 'no history is made up by itself');
is(query($node, $db, 'SELECT source, relation_schema, relation_name FROM crm_v1.timeline_sources ORDER BY 1'),
	query($node, $db, 'SELECT source, relation_schema, relation_name FROM crm_new.timeline_sources ORDER BY 1'),
	'the timeline has the sources of a new CRM');
is(query($node, $db, 'SELECT count(*), count(DISTINCT source), bool_and(page_token IS NOT NULL) FROM crm_v1.contact_timeline(3)'),
	'1|1|t', 'a contact of old has a timeline');
is(query($node, $db, <<'SQL', $owner), "won|t\n1\n20\n0", 'a change is recorded, and beginnings are made up once');
	SELECT stage, closed_at IS NOT NULL FROM crm_v1.set_stage(1, 'won');
	SELECT count(*) FROM crm_v1.deal_changes WHERE kind = 'won' AND deal_id = 1 AND old_stage = 'qualified';
	SELECT crm_v1.backfill_deal_history();
	SELECT crm_v1.backfill_deal_history();
SQL
is(query($node, $db, <<'SQL'), '20|0', 'every deal has one beginning, and its last change is what it is');
	SELECT count(*) FILTER (WHERE kind = 'created'),
			count(*) FILTER (WHERE last AND (new_stage, new_value, new_owner_id) IS DISTINCT FROM (d.stage, d.value, d.owner_id))
		FROM (SELECT *, row_number() OVER (PARTITION BY deal_id ORDER BY changed_at DESC, id DESC) = 1 AS last
			FROM crm_v1.deal_changes) AS c JOIN crm_v1.deals AS d ON d.id = c.deal_id
SQL

# ---------------------------------------------------------------------------
# By hand
# ---------------------------------------------------------------------------

make_version_1('by_hand');
query($node, $db, 'BEGIN; ' . query($node, $db, q{SELECT crm.upgrade_tables_sql('by_hand')}) . 'COMMIT;', $owner);
is_text(catalog('by_hand'), $new_catalog, 'the script, run by hand, makes the same');

# ---------------------------------------------------------------------------
# From version 2, and without triggers
# ---------------------------------------------------------------------------

make_version_2('crm_v2');
is(listed('crm_v2'), "$owner|2|SELECT crm.upgrade_tables('crm_v2')", 'version 2 is listed as behind');
is(query($node, $db, <<'SQL', $owner), "proposal|50|f|3", 'it works before its upgrade');
	BEGIN;
	INSERT INTO crm_v2.deals (name, stage) VALUES ('New', 'proposal') RETURNING stage, probability, probability_is_manual, pipeline_stage_id;
	ROLLBACK;
SQL
$rows = rows('crm_v2');
query($node, $db, q{SELECT crm.upgrade_tables('crm_v2')}, $owner);
is_text(catalog('crm_v2'), $new_catalog, 'from version 2: the result is what a new CRM is');
is_text(rows('crm_v2'), $rows, 'from version 2: with every row as it was');

query($node, $db, q{SELECT crm.create_tables('new_plain', triggers => 'off')}, $owner);
make_without_triggers('old_plain', \&make_version_1);
query($node, $db, q{SELECT crm.upgrade_tables('old_plain')}, $owner);
my $plain = catalog('old_plain');
unlike($plain, qr/^trigger /m, 'a CRM without triggers gets none, not for the history either');
is_text($plain, catalog('new_plain'), 'without triggers: the result is what a new CRM is');
is(query($node, $db, <<'SQL', $owner), "negotiation|75\nstage|proposal|negotiation", 'without triggers: set_stage keeps the rules and the history');
	SELECT stage, probability FROM old_plain.set_stage(2, 'negotiation');
	SELECT kind, old_stage, new_stage FROM old_plain.deal_changes WHERE deal_id = 2;
SQL

# A trigger that is switched off is there: the history gets its own.
make_version_1('switched_off');
query($node, $db, q{ALTER TABLE switched_off.deals DISABLE TRIGGER deals_rules; SELECT crm.upgrade_tables('switched_off')}, $owner);
is(query($node, $db, q{SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'switched_off.deals'::regclass AND NOT tgisinternal
		AND tgname IN ('deals_rules', '_deals_history') ORDER BY 1}), "_deals_history|O\ndeals_rules|D",
	'rules that are switched off stay so, and do not keep the history away');

# ---------------------------------------------------------------------------
# From version 3
# ---------------------------------------------------------------------------

# Phone numbers, domains, and whether the row was changed since it was made.
sub values_of
{
	my ($schema) = @_;
	return query($node, $db, <<"SQL");
		SELECT name, website, domain, domain_version, phone, phone_e164, phone_status, phone_version, updated_at = created_at
			FROM $schema.companies ORDER BY id;
		SELECT last_name, phone, phone_e164, phone_status, phone_version, additional_phones, updated_at = created_at
			FROM $schema.contacts ORDER BY id;
SQL
}

# What was no E.164 number stands where any text may.
my $kept_values = <<'TEXT';
Plain|https://www.Plain.co.uk/about|||||||t
Typed|https://typed.example|other.example||+49 30 123456|+4930123456|||t
Odd||||ask Bob, 030/123456||||f
Only odd||||tel. 17||||f
Fine|(202) 555-0123|+12025550123|||[]|t
Odd|1-531-332-7771 x8012||||["+12025550100", "1-531-332-7771 x8012"]|f
Only odd|||||["+0 17"]|f
Unseen|+1 202 555 0124||||[]|t
Unread|none||||[]|t
Gone|||||[]|t
TEXT
chomp $kept_values;

# Rows without what the upgrade may change in them.
sub other_rows
{
	my ($schema) = @_;
	my $text = rows($schema);

	$text =~ s/"(?:phone|phone_e164|additional_phones|updated_at)": (?:"[^"]*"|null|\[[^]]*\]),? ?//g;
	return $text;
}

make_version_3('crm_v3');
is(listed('crm_v3'), "$owner|3|SELECT crm.upgrade_tables('crm_v3')", 'version 3 is listed as behind');
is(query($node, $db, <<'SQL', $owner), "proposal|50|f|3\nABC\nt", 'it works before its upgrade');
	BEGIN;
	INSERT INTO crm_v3.deals (name, stage) VALUES ('New', 'proposal') RETURNING stage, probability, probability_is_manual, pipeline_stage_id;
	INSERT INTO crm_v3.contacts (last_name, phone_e164) VALUES ('New', 'ABC') RETURNING phone_e164;
	ROLLBACK;
	SELECT (currency, total_deals, total_value, weighted_value) =
			(SELECT 'USD', count(*), sum(value), sum(value * probability * 0.01)
				FROM crm_v3.deals WHERE stage NOT IN ('won', 'lost'))
		FROM crm_v3.pipeline_totals();
SQL
is(query($node, $db, q{SELECT object, problem FROM crm.check_tables('crm_v3')}, $owner),
	"schema crm_v3|has tables version 3; the library makes version $newest", 'check_tables says that it is behind');
$rows = other_rows('crm_v3');
my $changes = query($node, $db, 'SELECT * FROM crm_v3.deal_changes ORDER BY id');
query($node, $db, q{SELECT crm.upgrade_tables('crm_v3')}, $owner);
is_text(catalog('crm_v3'), $new_catalog, 'from version 3: the result is what a new CRM is');
is_text(other_rows('crm_v3'), $rows, 'from version 3: with every row as it was');
is(query($node, $db, 'SELECT * FROM crm_v3.deal_changes ORDER BY id'), $changes, 'and its history');
is_text(values_of('crm_v3'), $kept_values, 'numbers that were none are kept as text');

# What nobody has looked at yet is found, and each remedy helps.
my $found = query($node, $db, q{SELECT object, problem FROM crm.check_tables('crm_v3')}, $owner);
like($found, qr/^$_/m, "found: $_")
  foreach ('crm_v3.companies\|2 phone numbers were looked at by another', 'crm_v3.contacts\|3 phone numbers', 'crm_v3.companies\|1 domains');
query($node, $db, $_, $owner)
  foreach split /\n/, query($node, $db, q{SELECT remedy FROM crm.check_tables('crm_v3')}, $owner);
is(query($node, $db, 'SELECT domain FROM crm_v3.companies ORDER BY id LIMIT 2'), "plain.co.uk\nother.example",
	'a domain is found, and one that was typed stays');
is(query($node, $db, q{SELECT phone_e164 FROM crm_v3.contacts WHERE last_name IN ('Fine', 'Unseen') ORDER BY id}),
	"+12025550123\n+12025550124", 'so is a number');
unlike(query($node, $db, q{SELECT object, problem FROM crm.check_tables('crm_v3')}, $owner), qr/domains|REINDEX/, 'after that nothing is stale');
is(query($node, $db, <<'SQL', $owner), "1|inserted|\n2|skipped|fine\@example.com\n3|invalid|nonsense", 'a CRM of version 3 can be imported into');
	CREATE TEMP TABLE staged AS SELECT * FROM (VALUES ('New', 'new@example.com'), ('Fine', 'FINE@example.com'), ('Odd', 'nonsense')) AS v (last_name, email);
	SELECT line, outcome, value FROM crm_v3.import_contacts('staged');
SQL

# Without triggers, and as a script.
make_without_triggers('plain_3', \&make_version_3);
query($node, $db, q{SELECT crm.upgrade_tables('plain_3')}, $owner);
is_text(catalog('plain_3'), catalog('new_plain'), 'from version 3 without triggers: the result is what a new CRM is');
(my $plain_values = $kept_values) =~ s/\|f$/|t/mg;
is_text(values_of('plain_3'), $plain_values, 'and numbers that were none are kept as text');
make_version_3('script_3');
query($node, $db, 'BEGIN; ' . query($node, $db, q{SELECT crm.upgrade_tables_sql('script_3')}) . 'COMMIT;', $owner);
is_text(catalog('script_3'), $new_catalog, 'from version 3 by the script: the result is what a new CRM is');
is_text(values_of('script_3'), $kept_values, 'and numbers that were none are kept as text');

# ---------------------------------------------------------------------------
# From version 4
# ---------------------------------------------------------------------------

make_version_4('crm_v4');
is(listed('crm_v4'), "$owner|4|SELECT crm.upgrade_tables('crm_v4')", 'version 4 is listed as behind');
is(query($node, $db, q{SELECT object, problem FROM crm.check_tables('crm_v4')}, $owner),
	"schema crm_v4|has tables version 4; the library makes version $newest", 'check_tables says that it is behind');
is(query($node, $db, q{SELECT crm.create_tables('crm_v4', parts => 'matching')}, $owner),
	'schema crm_v4 is a CRM already, tables version 4', 'asking for the part of a whole CRM is no error, and no upgrade');
# An index that was made before the upgrade is the one that it would make.
query($node, $db, q{SELECT crm.create_match_index('crm_v4.contacts')}, $owner);
$rows = rows('crm_v4');
query($node, $db, q{SELECT crm.upgrade_tables('crm_v4')}, $owner);
is_text(catalog('crm_v4'), $new_catalog, 'from version 4: the result is what a new CRM is');
is_text(rows('crm_v4'), $rows, 'from version 4: with every row as it was');
is(query($node, $db, q{SELECT count(*), min(outcome) FROM crm_v4.import_report; SELECT count(*) FROM crm_v4.deal_changes}, $owner),
	"1|inserted\n20", 'and its imports and history');
is(query($node, $db, <<'SQL', $owner), "t\n1|2|different|f", 'it can be told what is a duplicate');
	SELECT crm_v4.mark_different(2, 1, 'different');
	SELECT left_key, right_key, note, same FROM crm_v4.match_decisions;
SQL
make_version_4('script_4');
query($node, $db, 'BEGIN; ' . query($node, $db, q{SELECT crm.upgrade_tables_sql('script_4')}) . 'COMMIT;', $owner);
is_text(catalog('script_4'), $new_catalog, 'from version 4 by the script: the result is what a new CRM is');
make_without_triggers('plain_4', \&make_version_4);
query($node, $db, q{SELECT crm.upgrade_tables('plain_4')}, $owner);
is_text(catalog('plain_4'), catalog('new_plain'), 'from version 4 without triggers: the result is what a new CRM is');

# An index is known by what it is, not by its name.
my $match_indexes = q{SELECT i.indexrelid::regclass FROM pg_index AS i JOIN pg_opclass AS o ON o.oid = i.indclass[0] AND o.opcname = 'match_keys_ops'
	WHERE i.indrelid = '%s.contacts'::regclass};
make_version_4('renamed_4');
query($node, $db, <<'SQL', $owner);
	SELECT crm.create_match_index('renamed_4.contacts');
	ALTER INDEX renamed_4.contacts_match_keys_idx RENAME TO mine;
	CREATE VIEW renamed_4.contacts_match_keys_idx AS SELECT 1 AS one;
	SELECT crm.upgrade_tables('renamed_4');
SQL
is(query($node, $db, sprintf($match_indexes, 'renamed_4')), 'renamed_4.mine', 'an index of another name is enough');
make_version_4('partial_4');
query($node, $db, <<'SQL', $owner);
	CREATE INDEX mine ON partial_4.contacts USING gin (crm.match_keys(email => email) crm.match_keys_ops);
	SELECT crm.upgrade_tables('partial_4');
SQL
is(query($node, $db, sprintf($match_indexes, 'partial_4') . ' ORDER BY i.indexrelid::regclass::text'), "partial_4.contacts_match_keys_idx\npartial_4.mine", 'one that lacks columns is not');
make_version_4('other_4');
query($node, $db, <<'SQL', $owner);
	CREATE VIEW other_4.contacts_match_keys_idx AS SELECT 1 AS one;
	SELECT crm.upgrade_tables('other_4');
SQL
is(query($node, $db, sprintf($match_indexes, 'other_4')), 'other_4.contacts_match_keys_idx1', 'and something else of its name is not');

# What bears a name that only the new version has is not replaced.
make_version_4('taken_4');
foreach my $mine (
	[ 'a table', 'CREATE TABLE taken_4.match_queue (mine integer)', '42710', qr/names that the upgrade uses/, 'DROP TABLE taken_4.match_queue' ],
	[ 'a view', 'CREATE VIEW taken_4.duplicate_review AS SELECT 1 AS one', '42710', qr/names that the upgrade uses/, 'DROP VIEW taken_4.duplicate_review' ],
	[ 'a procedure', 'CREATE PROCEDURE taken_4.refresh_duplicates() LANGUAGE sql AS $$ SELECT 1 $$', '42710', qr/names that the upgrade uses/,
		'DROP PROCEDURE taken_4.refresh_duplicates' ],
	[ 'a function', 'CREATE FUNCTION taken_4.mark_same(a bigint, b bigint) RETURNS bigint LANGUAGE sql RETURN 1', '42710', qr/names that the upgrade uses/,
		'DROP FUNCTION taken_4.mark_same' ])
{
	my ($what, $make, $expected_state, $pattern, $remove) = @$mine;

	query($node, $db, $make, $owner);
	my $as_it_was = catalog('taken_4');
	($state, $message) = error_of($node, $db, q{SELECT crm.upgrade_tables('taken_4')}, $owner);
	is($state, $expected_state, "$what of the name is an error");
	like($message, $pattern, 'that says so');
	is_text(catalog('taken_4'), $as_it_was, 'and nothing was changed');
	query($node, $db, $remove, $owner);
}

# The matching part alone is new with version 5: it is up to date, and says so.
query($node, $db, q{SELECT crm.create_tables('part', parts => 'matching')}, $owner);
is(listed('part'), "$owner|$newest|", 'the matching part is listed as a CRM');
is(query($node, $db, q{SELECT crm.upgrade_tables_sql('part')}, $owner), "-- The tables are up to date.\n", 'and there is nothing to upgrade');
query($node, $db, 'BEGIN; ' . query($node, $db, q{SELECT crm.create_tables_sql('part_script', parts => 'matching')}) . 'COMMIT;', $owner);
(my $part = catalog('part_script')) =~ s/\bpart_script\b/SCHEMA/g;
is_text($part, catalog('part'), 'its script makes the same');

# ---------------------------------------------------------------------------
# In the way
# ---------------------------------------------------------------------------

# What users made stands in the way: an error that names it, and nothing is changed.
make_version_3('blocked');
query($node, $db, q{CREATE FUNCTION blocked.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not while I watch'; END $$}, $owner);
foreach my $mine (
	[ 'a trigger that refuses the change', 'CREATE TRIGGER mine BEFORE UPDATE ON blocked.contacts FOR EACH ROW EXECUTE FUNCTION blocked.refuse()',
		'P0001', qr/not while I watch/, 'DROP TRIGGER mine ON blocked.contacts' ],
	[ 'a CHECK that refuses it', 'ALTER TABLE blocked.contacts ADD CONSTRAINT mine CHECK (jsonb_array_length(additional_phones) < 2)',
		'23514', qr/"mine"/, 'ALTER TABLE blocked.contacts DROP CONSTRAINT mine' ],
	[ 'a trigger that waits for the end of the transaction', 'CREATE CONSTRAINT TRIGGER mine AFTER UPDATE ON blocked.contacts
			DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION blocked.refuse()',
		'42501', qr/cannot fire deferred trigger/, 'DROP TRIGGER mine ON blocked.contacts' ],
	[ 'a constraint of the same name', 'ALTER TABLE blocked.contacts ADD CONSTRAINT contacts_phone_e164_check CHECK (true)',
		'42710', qr/"contacts_phone_e164_check"/, 'ALTER TABLE blocked.contacts DROP CONSTRAINT contacts_phone_e164_check' ],
	[ 'a trigger of the same name', 'CREATE TRIGGER contacts_values AFTER TRUNCATE ON blocked.contacts EXECUTE FUNCTION blocked.refuse()',
		'42710', qr/"contacts_values"/, 'DROP TRIGGER contacts_values ON blocked.contacts' ],
	[ 'a column of the same name', 'ALTER TABLE blocked.companies ADD COLUMN phone_status integer',
		'42701', qr/"phone_status"/, 'ALTER TABLE blocked.companies DROP COLUMN phone_status' ],
	[ 'a table of the same name', 'CREATE TABLE blocked.imports (mine integer)', '42P07', qr/"imports"/, 'DROP TABLE blocked.imports' ],
	[ 'a function of the same name', 'CREATE FUNCTION blocked.undo_import(import_id bigint) RETURNS bigint LANGUAGE sql RETURN 1',
		'42710', qr/names that the upgrade uses/, 'DROP FUNCTION blocked.undo_import' ])
{
	my ($what, $make, $expected_state, $pattern, $remove) = @$mine;

	query($node, $db, $make, $owner);
	my ($catalog, $all) = (catalog('blocked'), rows('blocked'));
	($state, $message) = error_of($node, $db, q{SELECT crm.upgrade_tables('blocked')}, $owner);
	is($state, $expected_state, "$what is an error");
	like($message, $pattern, 'that says so');
	is_text(catalog('blocked') . rows('blocked'), $catalog . $all, 'and nothing was changed');
	query($node, $db, $remove, $owner);
}
query($node, $db, q{DROP FUNCTION blocked.refuse(); SELECT crm.upgrade_tables('blocked')}, $owner);
is_text(catalog('blocked'), $new_catalog, 'once nothing is in the way, the upgrade succeeds');
is_text(values_of('blocked'), $kept_values, 'and keeps every number');

# A dump of version 3 is restored into this version, and brought forward there.
query($node, 'postgres', 'CREATE DATABASE crm_dumped OWNER regress_crm_owner; CREATE DATABASE crm_restored OWNER regress_crm_owner');
$db = 'crm_dumped';
query($node, $db, 'CREATE EXTENSION crm', $owner);
make_version_3('crm_v3');
make_without_triggers('plain_3', \&make_version_3);
make_version_4('dumped_4');
query($node, $db, <<'SQL', $owner);
	CREATE TRIGGER mine BEFORE UPDATE ON crm_v3.contacts FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
	ALTER TABLE crm_v3.contacts ADD COLUMN colour text DEFAULT 'green', ADD CONSTRAINT mine CHECK (colour <> '');
	CREATE INDEX mine ON crm_v3.contacts (colour);
SQL
my %dumped = map { $_ => rows($_) . catalog($_) } 'crm_v3', 'plain_3';
my %dumped_rows = map { $_ => other_rows($_) } 'crm_v3', 'plain_3';
run_tool($node, 'version 3 is dumped', 'pg_dump', '-U', $owner, '-Fc', '-f', "$files/version_3.dump", $db);
$db = 'crm_restored';
run_tool($node, 'and restored into this version', 'pg_restore', '-U', $owner, '--exit-on-error', '-d', $db, "$files/version_3.dump");
foreach my $schema ('crm_v3', 'plain_3')
{
	is_text(rows($schema) . catalog($schema), $dumped{$schema}, "$schema: everything is back");
	query($node, $db, "SELECT crm.upgrade_tables('$schema')", $owner);
	is_text(other_rows($schema), $dumped_rows{$schema}, "$schema: upgraded after that, with every row");
	is_text(values_of($schema), $schema eq 'crm_v3' ? $kept_values : $plain_values, "$schema: and every number");
}
$rows = rows('dumped_4');
query($node, $db, q{SELECT crm.upgrade_tables('dumped_4')}, $owner);
is_text(catalog('dumped_4'), $new_catalog, 'of version 4 too: restored and upgraded, it is what a new CRM is');
is_text(rows('dumped_4'), $rows, 'with every row');
$catalog = catalog('crm_v3');
$catalog =~ s/^(?:trigger SCHEMA\.contacts \w+ CREATE TRIGGER mine|column SCHEMA\.contacts colour|constraint SCHEMA\.contacts mine|index SCHEMA\.mine|relation SCHEMA\.mine) .*\n//mg;
is_text($catalog, $new_catalog, 'what was restored and upgraded is what a new CRM is, and what its user made');
$db = 'crm_upgrade';

# ---------------------------------------------------------------------------
# What users added
# ---------------------------------------------------------------------------

make_version_1('used');
query($node, $db, <<'SQL', $owner);
	ALTER TABLE used.deals ADD COLUMN region text DEFAULT 'north', ADD COLUMN best crm.deal_stage;
	UPDATE used.deals SET best = 'proposal', region = 'south' WHERE id < 5;
	ALTER TABLE used.settings ADD COLUMN colour text DEFAULT 'green';
	CREATE INDEX deals_region_idx ON used.deals (region);
	ALTER TABLE used.deals ENABLE ROW LEVEL SECURITY;
	CREATE POLICY south ON used.deals FOR SELECT TO regress_crm_other USING (region = 'south');
	GRANT USAGE ON SCHEMA used TO regress_crm_other, "regress_crm_odd ""reader""";
	GRANT SELECT ON used.deals, used.settings, used.pipelines, used.pipeline_stages, used.pipeline_by_currency TO regress_crm_other;
	GRANT SELECT ON used.pipeline_by_stage TO "regress_crm_odd ""reader""" WITH GRANT OPTION;
	REVOKE EXECUTE ON FUNCTION used.pipeline_totals FROM PUBLIC;
	GRANT EXECUTE ON FUNCTION used.pipeline_totals TO regress_crm_other;
	CREATE VIEW used.my_view AS SELECT stage, total_value FROM used.pipeline_by_stage;
	ALTER VIEW used.pipeline_by_stage SET (security_barrier = true);
SQL
$rows = rows('used');
query($node, $db, q{SELECT crm.upgrade_tables('used')}, $owner);
is_text(rows('used'), $rows, 'the user\'s columns keep their values');
my $used = catalog('used');
like($used, $_, "kept: $_")
  foreach (qr/^column SCHEMA\.deals region text f x? ?.*'north'/m, qr/^column SCHEMA\.settings colour text/m,
	qr/^index SCHEMA\.deals_region_idx t f/m, qr/^policy SCHEMA\.deals south/m, qr/^relation SCHEMA\.deals r p t /m,
	qr/^relation SCHEMA\.pipeline_by_stage v .*regress_crm_odd \W*reader\W*=r\*\/$owner/m,
	qr/^relation SCHEMA\.my_view v /m);
is(query($node, $db, 'SELECT * FROM used.pipeline_totals()', 'regress_crm_other'),
	'USD|3|9.00|3.3600', 'who might call the wrapper still may, and sees what the policy shows');
is((error_of($node, $db, 'SELECT * FROM used.pipeline_totals()', 'regress_crm_odd "reader"'))[0], '42501',
	'who might not, still may not');

# ---------------------------------------------------------------------------
# Versions that cannot be
# ---------------------------------------------------------------------------

make_version_1('odd');
$rows = rows('odd');
foreach my $version (99, 0, -1)
{
	query($node, $db, "UPDATE odd.settings SET crm_tables_version = $version", $owner);
	($state, $message) = error_of($node, $db, q{SELECT crm.upgrade_tables('odd')}, $owner);
	is($state, '0A000', "version $version is refused");
	like($message, qr/have version $version, which this library does not know/, 'with its number');
	is((error_of($node, $db, q{SELECT crm.upgrade_tables_sql('odd')}, $owner))[0], '0A000', 'by the script too');
}
query($node, $db, 'UPDATE odd.settings SET crm_tables_version = 99', $owner);
is(listed('odd'), "$owner|99|update the extension", 'a version from the future is listed with the remedy');
query($node, $db, 'UPDATE odd.settings SET crm_tables_version = 1', $owner);

# A name that the upgrade needs is taken: an error that names it, nothing done.
query($node, $db, 'ALTER TABLE odd.settings ADD COLUMN fiscal_year_start_month text', $owner);
$catalog = catalog('odd');
($state, $message) = error_of($node, $db, q{SELECT crm.upgrade_tables('odd')}, $owner);
is($state, '42701', 'a column in the way is an error');
like($message, qr/"fiscal_year_start_month" of relation "settings" already exists/, 'that names it');
is_text(catalog('odd'), $catalog, 'and nothing was changed');
is_text(rows('odd'), $rows, 'in no row');
query($node, $db, 'ALTER TABLE odd.settings DROP COLUMN fiscal_year_start_month; CREATE TABLE odd.deal_changes (mine integer)', $owner);
$catalog = catalog('odd');
($state, $message) = error_of($node, $db, q{SELECT crm.upgrade_tables('odd')}, $owner);
is($state, '42P07', 'so is a table');
like($message, qr/relation "deal_changes" already exists/, 'that is named too');
is_text(catalog('odd'), $catalog, 'and stays as it is, with everything else');
query($node, $db, 'DROP TABLE odd.deal_changes', $owner);
query($node, $db, q{SELECT crm.upgrade_tables('odd')}, $owner);
is(listed('odd'), "$owner|$newest|", 'once nothing is in the way, the upgrade succeeds');

# Views and functions of the user's own are not replaced by ours of the same name.
foreach my $mine (
	[ 'own_view', 'CREATE VIEW own_view.timeline AS SELECT now() AS occurred_at, \'mine\'::text AS kind' ],
	[ 'own_function', 'CREATE FUNCTION own_function.backfill_deal_history() RETURNS bigint LANGUAGE sql RETURN 42' ])
{
	my ($schema, $make) = @$mine;

	make_version_1($schema);
	query($node, $db, $make, $owner);
	$catalog = catalog($schema);
	($state, $message) = error_of($node, $db, "SELECT crm.upgrade_tables('$schema')", $owner);
	like($state, qr/^42/, "$schema: a name that the upgrade needs is taken, an error");
	like($message, qr/names that the upgrade uses/, "$schema: that names it");
	is_text(catalog($schema), $catalog, "$schema: and nothing was replaced");
}

# ---------------------------------------------------------------------------
# Views out of the way and back
# ---------------------------------------------------------------------------

# As used above, but without the view that the user built on ours.
query($node, $db, 'DROP VIEW used.my_view', $owner);
query($node, $db, 'ALTER VIEW used.pipeline_by_stage RESET (security_barrier)', $owner);
my $before = catalog('used');
($state, $message) = error_of($node, $db, 'ALTER TABLE used.deals ALTER value TYPE numeric(18,4)', $owner);
is($state, '0A000', 'views block a change of type');
my $made = query($node, $db, q{SELECT count(*) FROM pg_class WHERE relnamespace = 'used'::regnamespace AND relkind = 'v'})
  + query($node, $db, q{SELECT count(*) FROM pg_proc WHERE pronamespace = 'used'::regnamespace});
is(query($node, $db, q{SELECT crm.drop_views('used')}, $owner), $made, 'drop_views drops them');
unlike(catalog('used'), qr/^(view|function) /m, 'all of them');
query($node, $db, 'ALTER TABLE used.deals ALTER value TYPE numeric(18,4)', $owner);
is(query($node, $db, q{SELECT crm.create_views('used')}, $owner), $made, 'create_views makes them again');
($expected = $before) =~ s/numeric\(15,2\)( f.* Value in the deal's)/numeric(18,4)$1/;
isnt($expected, $before, '(the column has another type)');
is_text(catalog('used'), $expected, 'with the same definitions and rights');
is(query($node, $db, 'SELECT * FROM used.pipeline_totals()', 'regress_crm_other'),
	'USD|3|9.0000|3.360000', 'the wrapper works, with the new scale');
is((error_of($node, $db, 'SELECT * FROM used.pipeline_totals()', 'regress_crm_odd "reader"'))[0], '42501',
	'and is not open to everybody again');
is(query($node, $db, 'SELECT dropped_view_grants IS NULL FROM used.settings'), 't', 'what was kept meanwhile is gone');

# Rights that are easily forgotten: taken from everybody and given to nobody, and
# given on a single column.
query($node, $db, 'REVOKE EXECUTE ON FUNCTION by_hand.pipeline_totals FROM PUBLIC', $owner);
$before = catalog('by_hand');
query($node, $db, q{SELECT crm.drop_views('by_hand'); SELECT crm.create_views('by_hand')}, $owner);
is_text(catalog('by_hand'), $before, 'a wrapper closed to everybody stays closed');
query($node, $db, 'GRANT SELECT (currency) ON crm_new.pipeline_by_stage TO regress_crm_other', $owner);
$before = catalog('crm_new');
query($node, $db, q{SELECT crm.drop_views('crm_new'); SELECT crm.create_views('crm_new')}, $owner);
is_text(catalog('crm_new'), $before, 'a right on one column stays');

# Views that are away during an upgrade come back with their rights.
make_version_1('late');
query($node, $db, <<'SQL', $owner);
	REVOKE EXECUTE ON FUNCTION late.pipeline_totals FROM PUBLIC;
	GRANT EXECUTE ON FUNCTION late.pipeline_totals TO regress_crm_other;
	GRANT SELECT ON late.pipeline_by_owner TO PUBLIC;
	SELECT crm.drop_views('late');
	SELECT crm.upgrade_tables('late');
	SELECT crm.create_views('late');
SQL
like(catalog('late'), $_, "rights after drop, upgrade and create: $_")
  foreach (qr/^relation SCHEMA\.pipeline_by_owner v .*,=r\/$owner/m, qr/ $owner \{$owner=X\/$owner,regress_crm_other=X\/$owner\} Open pipeline/m);

$node->stop;
done_testing();
