-- The open pipeline for reports.  Archived deals are left out.  Sums are per
-- currency: nothing adds dollars to euros.  The views run with the rights of
-- whoever reads them.

CREATE VIEW :"schema".pipeline_by_currency WITH (security_invoker = true) AS
	SELECT currency,
		(figures).total_deals,
		(figures).total_value,
		(figures).weighted_value
	FROM (
		SELECT currency, crm.pipeline(value, stage, probability) AS figures
		FROM :"schema".deals
		WHERE stage NOT IN ('won', 'lost') AND archived_at IS NULL
		GROUP BY currency
	) AS open_deals;
COMMENT ON VIEW :"schema".pipeline_by_currency IS
	'Open pipeline, one row per currency that has open deals.';
COMMENT ON COLUMN :"schema".pipeline_by_currency.currency IS
	'ISO 4217 code.';
COMMENT ON COLUMN :"schema".pipeline_by_currency.total_deals IS
	'Number of open deals.';
COMMENT ON COLUMN :"schema".pipeline_by_currency.total_value IS
	'Sum of their values.';
COMMENT ON COLUMN :"schema".pipeline_by_currency.weighted_value IS
	'Sum of value x probability / 100.';

CREATE VIEW :"schema".pipeline_by_stage WITH (security_invoker = true) AS
	SELECT open_deals.pipeline_id,
		p.name AS pipeline,
		open_deals.pipeline_stage_id,
		COALESCE(s.name, open_deals.stage::text) AS stage_name,
		open_deals.stage::text AS stage,
		COALESCE(s.position, pg_catalog.array_position(
			pg_catalog.enum_range(NULL::crm.deal_stage), open_deals.stage)) AS stage_position,
		open_deals.currency,
		(open_deals.figures).total_deals,
		(open_deals.figures).total_value,
		(open_deals.figures).weighted_value
	FROM (
		SELECT pipeline_id, pipeline_stage_id, stage, currency,
			crm.pipeline(value, stage, probability) AS figures
		FROM :"schema".deals
		WHERE stage NOT IN ('won', 'lost') AND archived_at IS NULL
		GROUP BY pipeline_id, pipeline_stage_id, stage, currency
	) AS open_deals
	LEFT JOIN :"schema".pipelines AS p ON p.id = open_deals.pipeline_id
	LEFT JOIN :"schema".pipeline_stages AS s ON s.id = open_deals.pipeline_stage_id;
COMMENT ON VIEW :"schema".pipeline_by_stage IS
	'Open pipeline by stage; sort by pipeline and stage_position.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.pipeline_id IS
	'Pipeline; NULL for deals outside any.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.pipeline IS
	'Name of the pipeline.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.pipeline_stage_id IS
	'Stage of the pipeline; NULL where the pipeline has none for the deal stage.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.stage_name IS
	'Name of the pipeline''s stage, or of the deal stage where there is none.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.stage IS
	'Deal stage that the pipeline''s stage counts as.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.stage_position IS
	'Order of the stage in its pipeline.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.currency IS
	'ISO 4217 code.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.total_deals IS
	'Number of open deals.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.total_value IS
	'Sum of their values.';
COMMENT ON COLUMN :"schema".pipeline_by_stage.weighted_value IS
	'Sum of value x probability / 100.';

CREATE VIEW :"schema".pipeline_by_owner WITH (security_invoker = true) AS
	SELECT open_deals.owner_id,
		u.name AS owner,
		open_deals.pipeline_id,
		p.name AS pipeline,
		open_deals.currency,
		(open_deals.figures).total_deals,
		(open_deals.figures).total_value,
		(open_deals.figures).weighted_value
	FROM (
		SELECT owner_id, pipeline_id, currency,
			crm.pipeline(value, stage, probability) AS figures
		FROM :"schema".deals
		WHERE stage NOT IN ('won', 'lost') AND archived_at IS NULL
		GROUP BY owner_id, pipeline_id, currency
	) AS open_deals
	LEFT JOIN :"schema".users AS u ON u.id = open_deals.owner_id
	LEFT JOIN :"schema".pipelines AS p ON p.id = open_deals.pipeline_id;
COMMENT ON VIEW :"schema".pipeline_by_owner IS
	'Open pipeline by owner; deals without owner are rows with owner_id NULL.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.owner_id IS
	'User responsible; NULL for deals without owner.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.owner IS
	'Name of the user.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.pipeline_id IS
	'Pipeline; NULL for deals outside any.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.pipeline IS
	'Name of the pipeline.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.currency IS
	'ISO 4217 code.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.total_deals IS
	'Number of open deals.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.total_value IS
	'Sum of their values.';
COMMENT ON COLUMN :"schema".pipeline_by_owner.weighted_value IS
	'Sum of value x probability / 100.';

-- A deal that should have closed before today is overdue, whatever its month.
CREATE VIEW :"schema".pipeline_by_month WITH (security_invoker = true) AS
	SELECT open_deals.pipeline_id,
		p.name AS pipeline,
		open_deals.due,
		open_deals.month,
		open_deals.currency,
		(open_deals.figures).total_deals,
		(open_deals.figures).total_value,
		(open_deals.figures).weighted_value
	FROM (
		SELECT pipeline_id, due, month, currency,
			crm.pipeline(value, stage, probability) AS figures
		FROM (
			SELECT pipeline_id, currency, value, stage, probability,
				CASE
					WHEN expected_close_date IS NULL THEN 'no date'
					WHEN expected_close_date < CURRENT_DATE THEN 'overdue'
					ELSE 'month'
				END AS due,
				CASE
					WHEN expected_close_date >= CURRENT_DATE
					THEN pg_catalog.date_trunc('month', expected_close_date::timestamp)::date
				END AS month
			FROM :"schema".deals
			WHERE stage NOT IN ('won', 'lost') AND archived_at IS NULL
		) AS dated_deals
		GROUP BY pipeline_id, due, month, currency
	) AS open_deals
	LEFT JOIN :"schema".pipelines AS p ON p.id = open_deals.pipeline_id;
COMMENT ON VIEW :"schema".pipeline_by_month IS
	'Open pipeline by month of the expected close, from today on; overdue deals and deals without date are rows of their own.';
COMMENT ON COLUMN :"schema".pipeline_by_month.pipeline_id IS
	'Pipeline; NULL for deals outside any.';
COMMENT ON COLUMN :"schema".pipeline_by_month.pipeline IS
	'Name of the pipeline.';
COMMENT ON COLUMN :"schema".pipeline_by_month.due IS
	'month, overdue (expected before today) or no date.';
COMMENT ON COLUMN :"schema".pipeline_by_month.month IS
	'First day of the month; NULL for overdue deals and deals without date.';
COMMENT ON COLUMN :"schema".pipeline_by_month.currency IS
	'ISO 4217 code.';
COMMENT ON COLUMN :"schema".pipeline_by_month.total_deals IS
	'Number of open deals.';
COMMENT ON COLUMN :"schema".pipeline_by_month.total_value IS
	'Sum of their values.';
COMMENT ON COLUMN :"schema".pipeline_by_month.weighted_value IS
	'Sum of value x probability / 100.';
