-- the six labels, in order
SELECT unnest(enum_range(NULL::crm.deal_stage)) AS stage;
SELECT stage, crm.default_probability(stage), crm.stage_probability(stage::text),
	crm.is_open(stage), crm.is_closed(stage), crm.is_won(stage), crm.is_lost(stage)
FROM unnest(enum_range(NULL::crm.deal_stage)) AS stage;
SELECT pg_typeof(crm.default_probability('lead')), pg_typeof(crm.stage_probability('lead'));
SELECT crm.default_probability(NULL), crm.stage_probability(NULL), crm.is_open(NULL);

-- text: exactly the labels
SELECT label, crm.is_deal_stage(label)
FROM (VALUES ('lead'), ('won'), ('negotiation'), ('Won'), (' won'), ('won '), (''), ('leads'), ('lea'), (NULL)) AS t (label);
-- errors name the word
SELECT crm.stage_probability('Won');
\echo :LAST_ERROR_SQLSTATE
SELECT crm.stage_probability('');
SELECT crm.stage_probability('50');
SELECT crm.stage_probability(repeat('ä', 100));
SELECT crm.default_probability('closed');

-- varchar, as JDBC sends it
PREPARE probability(varchar) AS SELECT crm.stage_probability($1);
EXECUTE probability('proposal');
DEALLOCATE probability;

-- an application's own words
SELECT status, crm.to_stage(status, '{"Prospecting": "lead", "Engaging": "qualified", "Won": "won", "Lost": "lost"}')
FROM (VALUES ('Prospecting'), ('Engaging'), ('Won'), (NULL)) AS t (status);
SELECT crm.to_stage('Delayed', '{"Won": "won"}');
SELECT crm.to_stage('won', '{"Won": "won"}');
SELECT crm.to_stage('Won', '{"Won": "victory"}');
SELECT crm.to_stage('Won', '{"Won": 7}');
SELECT crm.to_stage('Won', '["won"]');
SELECT crm.to_stage('Won', NULL);
SELECT crm.to_stage('wörld', '{"wörld": "lead"}');

-- assignment casts write the column, but take no part in comparisons
CREATE TEMP TABLE stages (stage crm.deal_stage);
INSERT INTO stages VALUES ('lead'), ('won'::text), ('lost'::varchar);
INSERT INTO stages VALUES ('nonsense'::text);
SELECT stage FROM stages WHERE stage = 'won';
SELECT stage FROM stages WHERE stage = 'won'::text;
SELECT 'won'::text::crm.deal_stage, 'won'::varchar::crm.deal_stage;

-- order is the order of the pipeline; min and max follow
SELECT min(stage), max(stage) FROM stages;

-- IMMUTABLE: usable in an index
CREATE INDEX ON stages (crm.default_probability(stage));

-- a foreign label is an error that names it, never a stale answer
BEGIN;
ALTER TYPE crm.deal_stage RENAME VALUE 'lead' TO 'suspect';
SELECT crm.default_probability('suspect');
ROLLBACK;
SELECT crm.default_probability('lead');
BEGIN;
ALTER TYPE crm.deal_stage RENAME VALUE 'lead' TO 'suspect';
SELECT crm.to_stage('x', '{"x": "lead"}');
ROLLBACK;
SELECT crm.to_stage('x', '{"x": "lead"}');
PREPARE defaults AS
	SELECT stage::text, crm.default_probability(stage) FROM unnest(enum_range(NULL::crm.deal_stage)) AS stage;
EXECUTE defaults;
ALTER TYPE crm.deal_stage ADD VALUE 'frozen';
SELECT crm.default_probability('frozen');
SELECT crm.is_open('frozen');
SELECT crm.weighted_pipeline(1, 'frozen'::crm.deal_stage);

-- DROP and CREATE EXTENSION in one session: other OIDs, right answers
DROP TABLE stages;
DROP EXTENSION crm;
CREATE EXTENSION crm;
EXECUTE defaults;
SELECT crm.to_stage('x', '{"x": "won"}'), crm.weighted_pipeline(200, 'proposal'::crm.deal_stage);
DEALLOCATE defaults;

-- plans that the library keeps follow new OIDs too
SET client_min_messages = warning;
SELECT crm.create_tables('regress_crm_kept');
INSERT INTO regress_crm_kept.deals (name, stage) VALUES ('a', 'qualified') RETURNING probability;
DROP SCHEMA regress_crm_kept CASCADE;
DROP EXTENSION crm;
CREATE EXTENSION crm;
SELECT crm.create_tables('regress_crm_kept');
INSERT INTO regress_crm_kept.deals (name, stage) VALUES ('a', 'qualified') RETURNING probability;
DROP SCHEMA regress_crm_kept CASCADE;
