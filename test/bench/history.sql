-- What the history of deals adds to writing many of them at once.  Everything
-- is rolled back and cleared away, so that each round finds the same tables.
--! title: History of deals: all of them in one statement
--! clock: cpu
--! data: history
--! base: plain
--: sum | UPDATE of the stage, no history
--@ each: VACUUM plain.deals, plain.deal_changes
--@ each: BEGIN
UPDATE plain.deals SET stage = 'proposal';
ROLLBACK;
--: update | UPDATE of the stage, with history | | sum | at most 2.0, better 1.6
--@ each: VACUUM kept.deals, kept.deal_changes
--@ each: BEGIN
UPDATE kept.deals SET stage = 'proposal';
ROLLBACK;
--: update_floor | by hand: UPDATE ... RETURNING and one INSERT ... SELECT
--@ each: VACUUM plain.deals, plain.deal_changes
--@ each: BEGIN
WITH changed AS (
	UPDATE plain.deals AS d SET stage = 'proposal' FROM plain.deals AS old WHERE old.id = d.id
	RETURNING d.*, old.stage AS old_stage, old.value AS old_value, old.currency AS old_currency,
		old.probability AS old_probability, old.expected_close_date AS old_expected_close_date,
		old.owner_id AS old_owner_id, old.pipeline_id AS old_pipeline_id, old.pipeline_stage_id AS old_pipeline_stage_id
)
INSERT INTO plain.deal_changes (deal_id, deal_name, contact_id, company_id, kind, old_stage, new_stage, old_value, new_value,
	old_currency, new_currency, old_probability, new_probability, old_expected_close_date, new_expected_close_date,
	old_owner_id, new_owner_id, old_pipeline_id, new_pipeline_id, old_pipeline_stage_id, new_pipeline_stage_id)
SELECT id, name, contact_id, company_id, 'stage', old_stage, stage, old_value, value,
	old_currency, currency, old_probability, probability, old_expected_close_date, expected_close_date,
	old_owner_id, owner_id, old_pipeline_id, pipeline_id, old_pipeline_stage_id, pipeline_stage_id
FROM changed;
ROLLBACK;
--: untouched | UPDATE of a column that history does not follow, no history | | -
--@ each: VACUUM plain.deals, plain.deal_changes
--@ each: BEGIN
UPDATE plain.deals SET lost_reason = 'none';
ROLLBACK;
--: untracked | the same with history | | untouched
--@ each: VACUUM kept.deals, kept.deal_changes
--@ each: BEGIN
UPDATE kept.deals SET lost_reason = 'none';
ROLLBACK;
--: insert_plain | INSERT of as many, no history | | -
--@ each: VACUUM plain.deals, plain.deal_changes
--@ each: BEGIN
INSERT INTO plain.deals (name, contact_id, company_id, value, stage, owner_id, expected_close_date)
SELECT name, contact_id, company_id, value, 'qualified', owner_id, expected_close_date FROM plain.deals;
ROLLBACK;
--: insert | INSERT of as many, with history | | insert_plain
--@ each: VACUUM kept.deals, kept.deal_changes
--@ each: BEGIN
INSERT INTO kept.deals (name, contact_id, company_id, value, stage, owner_id, expected_close_date)
SELECT name, contact_id, company_id, value, 'qualified', owner_id, expected_close_date FROM kept.deals;
ROLLBACK;
--: insert_floor | by hand: INSERT ... RETURNING and one INSERT ... SELECT | | insert_plain
--@ each: VACUUM plain.deals, plain.deal_changes
--@ each: BEGIN
WITH made AS (
	INSERT INTO plain.deals (name, contact_id, company_id, value, stage, owner_id, expected_close_date)
	SELECT name, contact_id, company_id, value, 'qualified', owner_id, expected_close_date FROM plain.deals
	RETURNING *
)
INSERT INTO plain.deal_changes (deal_id, deal_name, contact_id, company_id, kind, new_stage, new_value, new_currency,
	new_probability, new_expected_close_date, new_owner_id, new_pipeline_id, new_pipeline_stage_id)
SELECT id, name, contact_id, company_id, 'created', stage, value, currency,
	probability, expected_close_date, owner_id, pipeline_id, pipeline_stage_id
FROM made;
ROLLBACK;
