# A CRM survives pg_dump and pg_restore with all that its user made of it: made
# by one role without special rights, restored by another and by a superuser,
# as a whole, schema and data apart, and after it was detached from the
# extension.

use strict;
use warnings;

use FindBin;
use lib $FindBin::RealBin;
use CrmTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $source = 'crm_source';
my $node = new_node('dump_restore');
my $files = PostgreSQL::Test::Utils::tempdir();

# ---------------------------------------------------------------------------
# What is dumped
# ---------------------------------------------------------------------------

$node->start;
query($node, 'postgres', <<'SQL');
	CREATE ROLE regress_crm_owner LOGIN;
	CREATE ROLE regress_crm_other LOGIN;
	CREATE ROLE regress_crm_reader LOGIN;
	CREATE DATABASE crm_source OWNER regress_crm_owner;
SQL

# The owner of a database needs no more: the extension is trusted.
query($node, $source, <<'SQL', 'regress_crm_owner');
	CREATE EXTENSION crm;
	SELECT crm.create_tables('sales');
	SELECT crm.create_tables('Umsatz "Süd"', home_currency => 'EUR');
SQL

# Every table of the first CRM has rows; they keep the rules that the triggers
# keep, so that restoring them through the triggers must change nothing.
query($node, $source, <<'SQL', 'regress_crm_owner');
	SET search_path = sales;

	UPDATE settings SET default_phone_region = 'DE', fiscal_year_start_month = 4;
	INSERT INTO activity_types (name, position) VALUES ('demo', 6);

	INSERT INTO pipelines (name, position) VALUES ('Renewals', 2);
	INSERT INTO pipeline_stages (pipeline_id, name, position, probability, counts_as)
		SELECT id, s.* FROM pipelines, (VALUES
			('Due', 1, 80, 'qualified'::crm.deal_stage),
			('Offered', 2, 90, 'proposal'),
			('Renewed', 3, 100, 'won'),
			('Gone', 4, 0, 'lost')) AS s
		WHERE pipelines.name = 'Renewals';

	INSERT INTO users (name, email) VALUES ('Änne Größ', 'aenne@example.com');
	INSERT INTO users (name, email, manager_id)
		SELECT 'User ' || n, 'user' || n || '@example.com', 1 FROM generate_series(2, 7) AS n;
	INSERT INTO companies (name, size, domain, annual_revenue, owner_id)
		SELECT 'Company ' || n, '51-200', 'c' || n || '.example', n * 1000.5, n % 7 + 1
			FROM generate_series(1, 20) AS n;

	-- every tenth is archived and shares its address with the next one
	INSERT INTO contacts (first_name, last_name, email, company_id, source, country, archived_at)
		SELECT 'Zoë', 'Contact ' || n, 'Contact' || CASE WHEN n % 10 = 0 THEN n + 1 ELSE n END || '@example.com',
				n % 20 + 1, 'referral', 'DE', CASE WHEN n % 10 = 0 THEN timestamptz '2024-05-06 07:08:09.123456+00' END
			FROM generate_series(1, 100) AS n;

	-- all six stages in the first pipeline, the others where they exist
	INSERT INTO deals (name, contact_id, company_id, value, stage, currency, owner_id, expected_close_date, lost_reason, created_at, updated_at)
		SELECT 'Deal ' || n, n % 100 + 1, n % 20 + 1,
				CASE WHEN n % 11 <> 0 THEN n * 100.01 END,
				(enum_range(NULL::crm.deal_stage))[n % 6 + 1],
				CASE WHEN n % 5 = 0 THEN 'EUR' END,
				CASE WHEN n % 7 <> 0 THEN n % 7 END,
				date '2030-01-01' + n, CASE WHEN n % 6 = 5 THEN 'price' END,
				timestamptz '2024-01-01 00:00+00' + n * interval '1 hour',
				timestamptz '2024-01-02 00:00+00' + n * interval '1 hour'
			FROM generate_series(1, 300) AS n;
	INSERT INTO deals (name, value, pipeline_stage_id, probability)
		SELECT 'Renewal ' || s.name || ' ' || n, n, s.id, CASE WHEN s.name = 'Due' AND n > 2 THEN 33 END
			FROM pipeline_stages AS s JOIN pipelines AS p ON p.id = s.pipeline_id, generate_series(1, 5) AS n
			WHERE p.name = 'Renewals';
	-- set by hand, one of them to what the default is anyway
	UPDATE deals SET probability = 60 WHERE id % 24 = 2;
	INSERT INTO deals (name, value, probability, probability_is_manual) VALUES ('By hand', 5, 10, true);
	-- closed at a time of its own, and put away
	UPDATE deals SET closed_at = '2024-02-03 04:05:06.789+00' WHERE stage = 'won' AND id % 2 = 0;
	UPDATE deals SET archived_at = '2025-01-01 00:00+00' WHERE id % 25 = 0;

	INSERT INTO deal_contacts (deal_id, contact_id, role) SELECT n, n + 1, 'decision maker' FROM generate_series(1, 50) AS n;
	INSERT INTO activities (deal_id, contact_id, type, subject, completed_at)
		SELECT n, n, t.name, t.name || ' ' || n, '2024-06-01 12:00+00'
			FROM activity_types AS t, generate_series(1, 20) AS n;
	INSERT INTO activity_contacts (activity_id, contact_id) SELECT n, n + 5 FROM generate_series(1, 30) AS n;
	INSERT INTO emails (contact_id, deal_id, direction, from_address, to_addresses, subject, message_id)
		SELECT n, n, 'inbound', 'contact' || n || '@example.com', '["sales@example.com"]', E'Line\n\\two', '<' || n || '@example.com>'
			FROM generate_series(1, 40) AS n;

	SET search_path = "Umsatz ""Süd""";
	INSERT INTO deals (name, value, stage)
		SELECT 'Geschäft ' || n, n, (enum_range(NULL::crm.deal_stage))[n % 6 + 1] FROM generate_series(1, 30) AS n;
SQL

# What triggers keep beside what was typed, and imports that can be taken back
# afterwards: a file with good and bad lines, and one that changes what is there.
query($node, $source, <<'SQL', 'regress_crm_owner');
	SET search_path = "Umsatz ""Süd""";
	INSERT INTO companies (name, website, domain) VALUES ('Follows', 'https://www.follows.co.uk/about', NULL),
		('Typed', 'https://typed.example', 'other.example'), ('None', 'nothing', NULL);
	INSERT INTO contacts (last_name, email, phone, phone_e164) VALUES ('Größ', 'groess@example.com', '+1 202 555 0123', NULL),
		('Kept', 'kept@example.com', '1-531-332-7771 x8012', NULL), ('Typed', 'typed@example.com', 'ask her', '+12025550199');
	UPDATE contacts SET archived_at = '2024-01-01 00:00+00' WHERE last_name = 'Typed';

	CREATE TEMP TABLE staged AS SELECT * FROM (VALUES
		('First', '"Zoë" <mailto:Zoe@Example.com>', '+44 20 7946 0000', 'New & Co', '1.5.2020'),
		('Twin', 'zoe@EXAMPLE.com', NULL, NULL, NULL),
		('There', 'Kept@example.com', NULL, NULL, NULL),
		('Edited', 'edited@example.com', 'call me', 'New & Co', '2020-02-03'),
		('Worse', 'no address', NULL, NULL, NULL),
		('Last', NULL, NULL, 'Other & Co', NULL)) AS v (last_name, email, phone, company, date_of_birth);
	SET client_min_messages = warning;
	SELECT count(*) FROM import_contacts('staged', create_missing => true) \g /dev/null
	UPDATE staged SET last_name = 'Changed' WHERE last_name IN ('There', 'Worse');
	SELECT count(*) FROM import_contacts('staged', on_duplicate => 'update') \g /dev/null
	UPDATE contacts SET job_title = 'Buyer' WHERE email = 'edited@example.com';
SQL
is(query($node, $source, <<'SQL'), "1|3|0|1|1|1\n2|1|2|2|0|1", 'there are imports of all kinds');
	SELECT id, inserted, updated, skipped, duplicate, invalid FROM "Umsatz ""Süd""".imports ORDER BY id
SQL

# What users do to tables of their own: all of it was lost when such tables
# were members of the extension.
query($node, $source, <<'SQL', 'regress_crm_owner');
	ALTER TABLE sales.contacts ADD COLUMN loyalty_points integer NOT NULL DEFAULT 5;
	UPDATE sales.contacts SET loyalty_points = id;
	ALTER TABLE sales.deals ADD COLUMN best_stage crm.deal_stage,
		ADD COLUMN usual_probability integer GENERATED ALWAYS AS (crm.default_probability(stage)) STORED;
	UPDATE sales.deals SET best_stage = 'negotiation' WHERE id % 3 = 0;
	ALTER TABLE sales.deals ADD CONSTRAINT deals_best_stage_check CHECK (crm.is_open(best_stage));
	CREATE INDEX deals_usual_probability_idx ON sales.deals (crm.default_probability(stage), name);

	ALTER TABLE sales.contacts ENABLE ROW LEVEL SECURITY;
	CREATE POLICY contacts_of_reader ON sales.contacts FOR SELECT TO regress_crm_reader USING (id <= 12);
	GRANT USAGE ON SCHEMA sales TO regress_crm_reader;
	GRANT SELECT ON sales.contacts, sales.deals, sales.settings, sales.pipelines, sales.pipeline_stages,
		sales.pipeline_by_currency, sales.pipeline_by_stage TO regress_crm_reader;
	REVOKE EXECUTE ON FUNCTION sales.pipeline_totals FROM PUBLIC;
	GRANT EXECUTE ON FUNCTION sales.pipeline_totals TO regress_crm_reader;

	CREATE FUNCTION sales.shout_country() RETURNS trigger LANGUAGE plpgsql
		AS $$ BEGIN NEW.country := upper(NEW.country); RETURN NEW; END $$;
	CREATE TRIGGER contacts_shout_country BEFORE INSERT OR UPDATE ON sales.contacts
		FOR EACH ROW EXECUTE FUNCTION sales.shout_country();

	CREATE SCHEMA app;
	CREATE VIEW app.big_deals WITH (security_invoker = true) AS
		SELECT id, name, value, stage, crm.is_open(stage) AS is_open FROM sales.deals WHERE value > 1000;
	CREATE MATERIALIZED VIEW app.pipeline_of_owner AS
		SELECT owner_id, (crm.pipeline(value, stage, probability)).*, crm.weighted_pipeline(value, stage)
		FROM sales.deals GROUP BY owner_id;
	CREATE UNIQUE INDEX ON app.pipeline_of_owner (owner_id);

	-- exact partial sums, one with digits that no double holds
	CREATE TABLE app.stored_sums (owner_id bigint, sums crm.pipeline_state NOT NULL);
	INSERT INTO app.stored_sums SELECT owner_id, crm.pipeline_partial(value, stage, probability)
		FROM sales.deals GROUP BY owner_id;
	INSERT INTO app.stored_sums SELECT -1, crm.pipeline_partial(v, 'lead', 33.3333333333)
		FROM (VALUES (123456789012345678901234567890.12345::numeric), (-0.000000000000000000001)) AS t (v);
	INSERT INTO app.stored_sums SELECT -2, crm.pipeline_partial('NaN', 'lead', 10);

	CREATE TABLE app.quotas (stage crm.deal_stage NOT NULL DEFAULT 'won', quota numeric) PARTITION BY LIST (stage);
	CREATE TABLE app.quotas_won PARTITION OF app.quotas FOR VALUES IN ('won');
	CREATE TABLE app.quotas_rest PARTITION OF app.quotas DEFAULT;
	INSERT INTO app.quotas VALUES (DEFAULT, 1), ('lost', 2);

	CREATE PUBLICATION crm_changes FOR TABLE sales.deals, sales.contacts;
SQL

# ---------------------------------------------------------------------------
# Tools
# ---------------------------------------------------------------------------

# Takes the state of the source, against which restored databases are held.
my ($source_sums, $source_schema, $source_totals);
sub remember_source
{
	$source_sums = table_sums($node, $source);
	$source_schema = schema_text($node, $source);
	$source_totals = all_totals($source);
}

# What undoing the imports says, and what is there afterwards.
my $undone = <<'TEXT';
2|5|restored|2|
2|4|deleted|7|
2|2|restored|4|
1|6|deleted|6|
1|4|kept|5|it was edited since
1|1|deleted|4|row 4 of companies, made for the line, stays: update or delete on table "companies" violates foreign key constraint "contacts_company_id_fkey" on table "contacts"
1|Größ|groess@example.com|+1 202 555 0123|+12025550123|t|
2|Kept|kept@example.com|1-531-332-7771 x8012||t|
3|Typed|typed@example.com|ask her|+12025550199|f|
5|Edited|edited@example.com|call me||t|4
1|Follows|follows.co.uk
2|Typed|other.example
3|None|
4|New & Co|
TEXT
chomp $undone;

sub all_totals
{
	my ($database) = @_;
	return totals($node, $database, 'sales') . "\n"
	  . totals($node, $database, '"Umsatz ""Süd"""');
}

sub dump_source
{
	my ($file, @options) = @_;
	run_tool($node, "dump by the owner: $file",
		'pg_dump', '-U', 'regress_crm_owner', '-f', "$files/$file", @options, $source);
	return "$files/$file";
}

sub new_database
{
	my ($database, $role) = @_;
	my $owner = defined $role ? "OWNER $role" : '';
	query($node, 'postgres', "CREATE DATABASE $database TEMPLATE template0 $owner");
}

sub restore_archive
{
	my ($database, $role, $file, @options) = @_;
	run_tool($node, "$database: restored without a complaint",
		'pg_restore', as_role($role), '-d', $database, @options, $file);
}

sub restore_script
{
	my ($database, $role, $file) = @_;
	run_tool($node, "$database: restored without a complaint",
		'psql', '-Xq', as_role($role), '-v', 'ON_ERROR_STOP=1', '-d', $database, '-f', $file);
}

sub switch_history
{
	my ($how) = @_;
	return join ' ', map { "ALTER TABLE $_.deals $how TRIGGER _deals_history;" } 'sales', '"Umsatz ""Süd"""';
}

# Data alone does not refill materialised views.
sub refresh_views
{
	my ($database) = @_;
	query($node, $database, 'REFRESH MATERIALIZED VIEW app.pipeline_of_owner');
}

# Undoes the imports; every line is as the import left it, but for one.
sub undoes_imports
{
	my ($database, $role) = @_;

	is(query($node, $database, <<'SQL', $role), $undone, "$database: imports are undone");
		SET client_min_messages = warning;
		SELECT * FROM "Umsatz ""Süd""".undo_import(2);
		SELECT * FROM "Umsatz ""Süd""".undo_import(1);
		SELECT id, last_name, email, phone, phone_e164, phone_status IS NOT NULL AS has_status, company_id FROM "Umsatz ""Süd""".contacts ORDER BY id;
		SELECT id, name, domain FROM "Umsatz ""Süd""".companies ORDER BY id;
SQL
}

# Rows and objects are the source's, to the letter.
sub is_like_source
{
	my ($database) = @_;
	is_text(table_sums($node, $database), $source_sums, "$database: every row is back");
	is_text(schema_text($node, $database), $source_schema,
		"$database: every object is back");
}

# The CRM works: figures, rules of new writes, sequences, rights.
sub works
{
	my ($database, $role) = @_;

	is(all_totals($database), $source_totals, "$database: same pipeline totals");
	is(default_probabilities($node, $database),
		'lead 10, qualified 25, proposal 50, negotiation 75, won 100, lost 0',
		"$database: default probabilities");
	isnt(query($node, $database, "SELECT oid FROM pg_enum WHERE enumlabel = 'lead'"),
		query($node, $source, "SELECT oid FROM pg_enum WHERE enumlabel = 'lead'"),
		"$database: the enum has OIDs of its own");
	is(query($node, $database, <<'SQL', $role),
		SELECT bool_and(crm.total_value(sums) IS NOT DISTINCT FROM total_value
				AND crm.weighted_value(sums) IS NOT DISTINCT FROM weighted_value)
			FROM app.stored_sums JOIN app.pipeline_of_owner AS p USING (owner_id)
SQL
		't', "$database: stored sums equal the aggregate");
	is(query($node, $database, <<'SQL', $role),
		SELECT crm.weighted_value(crm.pipeline_merge(sums)) FROM app.stored_sums WHERE owner_id = -1
SQL
		query($node, $source,
			'SELECT 0.333333333333 * 123456789012345678901234567890.12345 - 0.333333333333 * 0.000000000000000000001'),
		"$database: no digit of a stored sum is lost");

	my $last = query($node, $source, 'SELECT max(id) FROM sales.deals');
	is(query($node, $database, <<'SQL', $role),
		INSERT INTO sales.deals (name, value, stage) VALUES ('New', 7, 'proposal')
			RETURNING id, stage, probability, probability_is_manual, currency, pipeline_stage_id, closed_at;
		UPDATE sales.deals SET stage = 'won' WHERE name = 'New'
			RETURNING stage, probability, closed_at = now() AS is_now, pipeline_stage_id;
		UPDATE sales.deals SET pipeline_stage_id = (SELECT min(id) FROM sales.pipeline_stages WHERE name = 'Due')
			WHERE name = 'New' RETURNING stage, probability, closed_at;
		INSERT INTO sales.contacts (last_name, country) VALUES ('New', 'fr') RETURNING id, country;
		INSERT INTO app.quotas VALUES (DEFAULT, 3) RETURNING tableoid::regclass;
SQL
		$last + 1 . "|proposal|50|f|USD|3|\nwon|100|t|5\nqualified|80|\n101|FR\napp.quotas_won",
		"$database: rules, sequences and the user's trigger go on");
	is((error_of($node, $database,
			q{INSERT INTO sales.contacts (email) VALUES ('CONTACT1@Example.COM')}, $role))[0],
		'23505', "$database: an address is unique whatever its case");

	undoes_imports($database, $role);

	is(query($node, $database, 'SELECT count(*), max(id) FROM sales.contacts', 'regress_crm_reader'),
		'12|12', "$database: the policy holds");
	is((error_of($node, $database, 'SELECT * FROM "Umsatz ""Süd""".deals', 'regress_crm_reader'))[0],
		'42501', "$database: the reader may read no more than before");
	is(query($node, $database, "SELECT pubname, schemaname, tablename FROM pg_publication_tables ORDER BY 3"),
		"crm_changes|sales|contacts\ncrm_changes|sales|deals", "$database: the publication has its tables");
	is(query($node, $database, <<'SQL', $role),
		SET enable_seqscan = off; SET enable_bitmapscan = off;
		SELECT count(*) FROM sales.deals WHERE crm.default_probability(stage) = 75 AND name LIKE 'Deal %';
SQL
		'50', "$database: an index over a function of the extension finds its rows");
}

# ---------------------------------------------------------------------------
# Data apart from the schema
# ---------------------------------------------------------------------------

remember_source();
like($source_schema, qr/\Q$_\E/, "there is something to lose: $_")
  foreach ('CREATE POLICY contacts_of_reader', 'contacts ENABLE ROW LEVEL SECURITY',
	'CREATE TRIGGER contacts_shout_country', 'CREATE INDEX deals_usual_probability_idx',
	'loyalty_points integer DEFAULT 5 NOT NULL', 'CREATE MATERIALIZED VIEW app.pipeline_of_owner',
	'CREATE PUBLICATION crm_changes', 'CREATE VIEW app.big_deals', 'REVOKE ALL ON FUNCTION sales.pipeline_totals');

# Through the triggers, by a role without special rights.  Foreign keys are in
# force, so this needs a dump that sorts the tables by them: one made with
# --data-only.  pg_dump warns of users, which refers to itself.  The history of
# deals is in the dump, so the trigger that writes it is off meanwhile, which is
# for the owner of the table to do.
my $archive = dump_source('schema.dump', '-Fc', '--schema-only');
run_command([ 'pg_dump', '-h', $node->host, '-p', $node->port, '-U', 'regress_crm_owner',
	'-Fc', '--data-only', '-f', "$files/data.dump", $source ]);
new_database('crm_through_triggers', 'regress_crm_other');
restore_archive('crm_through_triggers', 'regress_crm_other', $archive, '--no-owner');
is(query($node, 'crm_through_triggers', 'SELECT count(*) FROM sales.settings'), '0',
	'--schema-only brings no row, not even of settings');
query($node, 'crm_through_triggers', switch_history('DISABLE'), 'regress_crm_other');
restore_archive('crm_through_triggers', 'regress_crm_other', "$files/data.dump", '--no-owner');
query($node, 'crm_through_triggers', switch_history('ENABLE'), 'regress_crm_other');
refresh_views('crm_through_triggers');
is_like_source('crm_through_triggers');
works('crm_through_triggers', 'regress_crm_other');

# From now on there are rows whose past the triggers cannot know: a stage's
# default that changed after deals had entered it, a stage that was added
# later, a deal outside any pipeline, a reason that was not yet required.
query($node, $source, <<'SQL', 'regress_crm_owner');
	UPDATE sales.pipeline_stages SET probability = 30 WHERE name = 'Qualified';
	INSERT INTO sales.deals (name, value, pipeline_id, stage)
		SELECT 'Too early', 1, id, 'negotiation' FROM sales.pipelines WHERE name = 'Renewals';
	INSERT INTO sales.pipeline_stages (pipeline_id, name, position, probability, counts_as)
		SELECT id, 'Haggling', 5, 95, 'negotiation' FROM sales.pipelines WHERE name = 'Renewals';
	INSERT INTO sales.deals (name, value, stage) VALUES ('Outside', 1, 'lead');
	UPDATE sales.deals SET pipeline_id = NULL, pipeline_stage_id = NULL WHERE name = 'Outside';
	INSERT INTO sales.deals (name, stage) VALUES ('No reason', 'lost');
	UPDATE sales.settings SET require_lost_reason = true;
	REFRESH MATERIALIZED VIEW app.pipeline_of_owner;
	UPDATE app.stored_sums AS s SET sums = n.sums
		FROM (SELECT owner_id, crm.pipeline_partial(value, stage, probability) AS sums FROM sales.deals GROUP BY owner_id) AS n
		WHERE n.owner_id IS NOT DISTINCT FROM s.owner_id;
SQL
is(query($node, $source, <<'SQL'), "No reason||f\nOutside||f\nToo early|negotiation|f", 'rows that the triggers would not have made');
	SELECT name, CASE WHEN pipeline_id IS NOT NULL AND pipeline_stage_id IS NULL THEN stage END, probability_is_manual
		FROM sales.deals WHERE name IN ('Too early', 'Outside', 'No reason') ORDER BY name
SQL
remember_source();

# Without triggers, which only a superuser may switch off.
$archive = dump_source('whole.dump', '-Fc');
new_database('crm_without_triggers');
restore_archive('crm_without_triggers', undef, $archive, '--schema-only');
restore_archive('crm_without_triggers', undef, $archive, '--data-only', '--disable-triggers');
refresh_views('crm_without_triggers');
is_like_source('crm_without_triggers');
works('crm_without_triggers');

# ---------------------------------------------------------------------------
# As a whole
# ---------------------------------------------------------------------------

new_database('crm_archive_other', 'regress_crm_other');
restore_archive('crm_archive_other', 'regress_crm_other', $archive, '--no-owner', '--exit-on-error');
is_like_source('crm_archive_other');
is(query($node, 'crm_archive_other', <<'SQL'), 'regress_crm_other|regress_crm_other',
	SELECT tableowner, pg_get_userbyid(extowner) FROM pg_tables, pg_extension
		WHERE schemaname = 'sales' AND tablename = 'deals' AND extname = 'crm'
SQL
	'crm_archive_other: everything belongs to the role that restored it');
works('crm_archive_other', 'regress_crm_other');

# The schema crm in the dump belongs to the owner, the extension to the
# superuser; several workers at once.
new_database('crm_archive_super');
restore_archive('crm_archive_super', undef, $archive, '--jobs=2', '--exit-on-error');
is_like_source('crm_archive_super');
is(query($node, 'crm_archive_super', <<'SQL'), 'regress_crm_owner|postgres',
	SELECT tableowner, pg_get_userbyid(extowner) FROM pg_tables, pg_extension
		WHERE schemaname = 'sales' AND tablename = 'deals' AND extname = 'crm'
SQL
	'crm_archive_super: tables belong to whom they belonged');
works('crm_archive_super', 'regress_crm_owner');

my $script = dump_source('plain_no_owner.sql', '--no-owner');
new_database('crm_plain_other', 'regress_crm_other');
restore_script('crm_plain_other', 'regress_crm_other', $script);
is_like_source('crm_plain_other');
works('crm_plain_other', 'regress_crm_other');

# As INSERTs, which name the columns: a generated column must not be among them.
$script = dump_source('plain.sql', '--column-inserts');
new_database('crm_plain_super');
restore_script('crm_plain_super', undef, $script);
is_like_source('crm_plain_super');
works('crm_plain_super', 'regress_crm_owner');

# A dump of what was restored is the same dump.
run_tool($node, 'dump of the restored database', 'pg_dump', '-Fc',
	'-U', 'regress_crm_other', '-f', "$files/again.dump", 'crm_archive_other');
refresh_views('crm_archive_other');
my $sums = table_sums($node, 'crm_archive_other');
new_database('crm_again', 'regress_crm_owner');
restore_archive('crm_again', 'regress_crm_owner', "$files/again.dump", '--no-owner');
is_text(table_sums($node, 'crm_again'), $sums, 'a second generation has every row');
is_text(schema_text($node, 'crm_again'), $source_schema, 'a second generation has every object');

# ---------------------------------------------------------------------------
# Without the extension
# ---------------------------------------------------------------------------

my ($state, $message) = error_of($node, $source, 'DROP EXTENSION crm', 'regress_crm_owner');
is($state, '2BP01', 'the extension is not dropped while a CRM needs it');
like($message, qr/column stage of table sales\.deals depends on type crm\.deal_stage/,
	'the message names what depends on it');

# What the user built with the extension's functions is the user's to remove.
query($node, $source, <<'SQL', 'regress_crm_owner');
	DROP VIEW app.big_deals;
	DROP MATERIALIZED VIEW app.pipeline_of_owner;
	DROP TABLE app.stored_sums, app.quotas;
	ALTER TABLE sales.deals DROP COLUMN usual_probability;
SQL
$sums = table_sums($node, $source);
query($node, $source, <<'SQL', 'regress_crm_owner');
	SELECT crm.detach_tables('sales'), crm.detach_tables('Umsatz "Süd"');
	DROP EXTENSION crm;
	DROP SCHEMA crm;
SQL
is_text(table_sums($node, $source), $sums, 'no row was lost by detaching');
is(query($node, $source, <<'SQL'), 'text|text', 'stages are text now');
	SELECT pg_typeof(stage), pg_typeof(best_stage) FROM sales.deals LIMIT 1
SQL
is(query($node, $source, 'SELECT count(*), max(id) FROM sales.contacts', 'regress_crm_reader'),
	'12|12', 'the policy outlives the extension');

my $detached_schema = schema_text($node, $source);
unlike(schema_text($node, $source, '--no-comments'), qr/\bcrm\./, 'nothing refers to the extension');
run_tool($node, 'dump without the extension', 'pg_dump', '-Fc',
	'-U', 'regress_crm_owner', '-f', "$files/detached.dump", $source);
new_database('crm_detached', 'regress_crm_other');
restore_archive('crm_detached', 'regress_crm_other', "$files/detached.dump", '--no-owner');
is_text(table_sums($node, 'crm_detached'), $sums, 'a detached CRM is restored with every row');
is_text(schema_text($node, 'crm_detached'), $detached_schema, 'and with every object');

# The extension can come back beside the detached tables, which stay as they are.
query($node, $source, <<'SQL', 'regress_crm_owner');
	CREATE EXTENSION crm;
	SELECT crm.create_tables('fresh');
SQL
is(query($node, $source, 'SELECT in_schema FROM crm.list_schemas()'), 'fresh',
	'a detached schema is no CRM any more');

$node->stop;
done_testing();
