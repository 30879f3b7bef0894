-- How the deals came to be what they are: months of deal_changes, written like
-- the history of another system that is taken over.  A deal is entered, walks
-- through the stages of its pipeline, and is quoted anew, postponed and handed
-- over on the way; its last row says what the deal is today.

-- What an aggregate of this name keeps of a column: the newest value so far.
CREATE FUNCTION pg_temp.newer(older anyelement, value anyelement) RETURNS anyelement
	LANGUAGE sql IMMUTABLE
	AS 'SELECT coalesce(value, older)';
CREATE AGGREGATE pg_temp.newest(anyelement) (SFUNC = pg_temp.newer, STYPE = anyelement);

-- The way that each deal went.  Who is open for long moved in the first months
-- and has been stuck since.
CREATE TEMP TABLE demo_walks AS
SELECT d.*, d.created_at AS started,
	coalesce(closed_at, greatest(d.created_at, least(CURRENT_DATE - 1, d.created_at + interval '120 days', d.archived_at))) AS ended,
	CASE WHEN closed_at IS NULL THEN s.position WHEN d.stage = 'won' THEN last_open
		ELSE 1 + pg_temp.dice(d.id, 'lost in', last_open) END AS positions,
	-- before it was quoted anew, where it was
	CASE WHEN pg_temp.chance(d.id, 'quoted late', 12) THEN NULL
		WHEN pg_temp.chance(d.id, 'quoted anew', 30) THEN round(value * (65 + pg_temp.dice(d.id, 'first quote', 80)) / 100, -2)::numeric(15,2)
		ELSE value END AS first_value,
	CASE WHEN pg_temp.chance(d.id, 'punctual', 55) THEN 0 ELSE 1 + pg_temp.dice(d.id, 'delays', 3) END AS delays,
	14 + pg_temp.dice(d.id, 'delay', 30)::integer AS delay,
	CASE WHEN pg_temp.chance(d.id, 'handed on', 7) THEN 1 + (d.owner_id + pg_temp.dice(d.id, 'first owner', 10)) % 11
		ELSE d.owner_id END AS first_owner,
	-- some are given up too early
	closed_at IS NULL AND s.position > 2 AND pg_temp.chance(d.id, 'came back', 5) AS came_back
FROM sales.deals AS d
	JOIN sales.pipeline_stages AS s ON s.id = d.pipeline_stage_id,
	LATERAL (SELECT max(position) AS last_open FROM sales.pipeline_stages
		WHERE pipeline_id = d.pipeline_id AND counts_as NOT IN ('won', 'lost')) AS pipeline;

-- What changed at each step: only those columns are filled.  "way" is how far
-- along it was, from 0 on entry to 1 at the end; place orders what is as far.
CREATE TEMP TABLE demo_steps (deal_id bigint, way numeric, place integer, position bigint, value numeric,
	close_date date, owner_id bigint, probability integer, archived_at timestamptz);

INSERT INTO demo_steps (deal_id, way, place, position, value, close_date, owner_id)
SELECT id, 0, 0, 1, first_value, expected_close_date - (delays * delay)::integer, first_owner FROM demo_walks;

-- Not every deal stops at every stage.
INSERT INTO demo_steps (deal_id, way, place, position)
SELECT id, (position - 1.0) / positions + 0.0006 * pg_temp.dice(id * 10 + position, 'haste', 300) / positions, 1, position
FROM demo_walks, generate_series(2, positions) AS position
WHERE position = positions OR NOT pg_temp.chance(id * 10 + position, 'skipped', 18)
UNION ALL
SELECT w.id, 1, 1, s.position
FROM demo_walks AS w JOIN sales.pipeline_stages AS s ON s.id = w.pipeline_stage_id
WHERE closed_at IS NOT NULL
UNION ALL
SELECT w.id, CASE s.counts_as WHEN 'lost' THEN 1.7 ELSE 1.9 END / positions, 1, s.position
FROM demo_walks AS w JOIN sales.pipeline_stages AS s ON s.pipeline_id = w.pipeline_id AND (s.counts_as = 'lost' OR s.position = 2)
WHERE came_back;

INSERT INTO demo_steps (deal_id, way, place, value)
SELECT id, 0.2 + 0.0006 * pg_temp.dice(id, 'quoted', 1000), 2, value
FROM demo_walks WHERE value IS DISTINCT FROM first_value;

INSERT INTO demo_steps (deal_id, way, place, close_date)
SELECT id, 0.3 + 0.6 * n / (delays + 1), 3, expected_close_date - ((delays - n) * delay)::integer
FROM demo_walks, generate_series(1, delays) AS n WHERE expected_close_date IS NOT NULL;

INSERT INTO demo_steps (deal_id, way, place, owner_id)
SELECT id, 0.45, 4, owner_id FROM demo_walks WHERE owner_id <> first_owner;

INSERT INTO demo_steps (deal_id, way, place, probability)
SELECT id, 0.98, 5, probability FROM demo_walks WHERE probability_is_manual;

INSERT INTO demo_steps (deal_id, way, place, archived_at)
SELECT id, 2, 6, archived_at FROM demo_walks WHERE archived_at IS NOT NULL;

-- The deal after each step; a step happens in working hours, and after the one
-- before it.
CREATE TEMP TABLE demo_states AS
SELECT w.id AS deal_id, w.name, w.contact_id, w.company_id, w.currency, w.pipeline_id, w.lost_reason,
	row_number() OVER steps AS step, max(moment.at) OVER steps AS at,
	s.id AS pipeline_stage_id, s.counts_as AS stage, state.value, close_date, state.owner_id, state.archived_at,
	coalesce(state.probability, s.probability) AS probability
FROM (
	SELECT deal_id, way, place,
		pg_temp.newest(position) OVER steps AS position, pg_temp.newest(value) OVER steps AS value,
		pg_temp.newest(close_date) OVER steps AS close_date, pg_temp.newest(owner_id) OVER steps AS owner_id,
		pg_temp.newest(probability) OVER steps AS probability, pg_temp.newest(archived_at) OVER steps AS archived_at
	FROM demo_steps
	WINDOW steps AS (PARTITION BY deal_id ORDER BY way, place ROWS UNBOUNDED PRECEDING)
	) AS state
	JOIN demo_walks AS w ON w.id = state.deal_id
	JOIN sales.pipeline_stages AS s ON s.pipeline_id = w.pipeline_id AND s.position = state.position,
	LATERAL (SELECT CASE WHEN way = 0 THEN started WHEN way = 1 THEN ended WHEN way > 1 THEN w.archived_at
		ELSE greatest(started, least(ended, pg_temp.some_day(started, ended, (way * 10000)::bigint, w.id * 1000 + (way * 997)::bigint))) END AS at) AS moment
WINDOW steps AS (PARTITION BY w.id ORDER BY way, place ROWS UNBOUNDED PRECEDING);

-- Ids in the order of time, as if it had been written as it happened.  Who did
-- it is the owner of that time, or Marcus where there was none, through the
-- application.
INSERT INTO sales.deal_changes (id, deal_id, deal_name, contact_id, company_id, kind,
	old_stage, new_stage, old_value, new_value, old_currency, new_currency, old_probability, new_probability,
	old_expected_close_date, new_expected_close_date, old_owner_id, new_owner_id, old_pipeline_id, new_pipeline_id,
	old_pipeline_stage_id, new_pipeline_stage_id, old_archived_at, new_archived_at, lost_reason,
	changed_at, changed_by, actor)
SELECT row_number() OVER (ORDER BY c.at, c.deal_id, c.step), c.deal_id, c.name, c.contact_id, c.company_id, kind,
	old.stage, c.stage, old.value, c.value, old.currency, c.currency, old.probability, c.probability,
	old.close_date, c.close_date, old.owner_id, c.owner_id, old.pipeline_id, c.pipeline_id,
	old.pipeline_stage_id, c.pipeline_stage_id, old.archived_at, c.archived_at, CASE WHEN c.stage = 'lost' THEN c.lost_reason END,
	c.at, 'sales_app', u.email
FROM demo_states AS c
	LEFT JOIN demo_states AS old ON old.deal_id = c.deal_id AND old.step = c.step - 1
	JOIN sales.users AS u ON u.id = coalesce(c.owner_id, 2),
	LATERAL (SELECT CASE
		WHEN c.step = 1 THEN 'created'
		WHEN c.stage <> old.stage AND c.stage IN ('won', 'lost') THEN c.stage::text
		WHEN c.stage <> old.stage AND old.stage = 'lost' THEN 'reopened'
		WHEN c.pipeline_stage_id <> old.pipeline_stage_id THEN 'stage'
		WHEN c.value IS DISTINCT FROM old.value THEN 'value'
		ELSE 'other' END AS kind) AS change;
SELECT setval(pg_get_serial_sequence('sales.deal_changes', 'id'), max(id)) FROM sales.deal_changes \g /dev/null

-- The history must end where the deals are.
DO $$
BEGIN
	IF EXISTS (
		SELECT FROM sales.deals AS d
			LEFT JOIN LATERAL (SELECT * FROM sales.deal_changes AS c
				WHERE c.deal_id = d.id ORDER BY changed_at DESC, c.id DESC LIMIT 1) AS last ON true
		WHERE (d.stage, d.pipeline_id, d.pipeline_stage_id, d.value, d.currency, d.probability, d.expected_close_date, d.owner_id, d.archived_at)
			IS DISTINCT FROM (last.new_stage, last.new_pipeline_id, last.new_pipeline_stage_id, last.new_value, last.new_currency,
				last.new_probability, last.new_expected_close_date, last.new_owner_id, last.new_archived_at))
	THEN
		RAISE EXCEPTION 'the history of deals does not end where the deals are';
	END IF;
END $$;
