-- Deal stages.  The six labels are the meaning: ADD VALUE and RENAME VALUE are
-- not supported (pg_dump would not carry them), and on that promise the
-- functions are IMMUTABLE.

CREATE TYPE crm.deal_stage AS ENUM
	('lead', 'qualified', 'proposal', 'negotiation', 'won', 'lost');
COMMENT ON TYPE crm.deal_stage IS
	'Stage of a deal, from lead to won or lost; stages of your own are rows of pipeline_stages that count as one of these.';

CREATE FUNCTION crm.default_probability(stage crm.deal_stage) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_default_probability';
COMMENT ON FUNCTION crm.default_probability(crm.deal_stage) IS
	'Default probability of a stage in percent: lead 10, qualified 25, proposal 50, negotiation 75, won 100, lost 0.';

CREATE FUNCTION crm.stage_probability(stage text) RETURNS integer
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_stage_probability';
COMMENT ON FUNCTION crm.stage_probability(text) IS
	'crm.default_probability for clients that send the stage as text; an unknown word is error 22023.';

CREATE FUNCTION crm.is_open(stage crm.deal_stage) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_is_open';
COMMENT ON FUNCTION crm.is_open(crm.deal_stage) IS
	'True for lead, qualified, proposal and negotiation.';

CREATE FUNCTION crm.is_closed(stage crm.deal_stage) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_is_closed';
COMMENT ON FUNCTION crm.is_closed(crm.deal_stage) IS
	'True for won and lost.';

CREATE FUNCTION crm.is_won(stage crm.deal_stage) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_is_won';
COMMENT ON FUNCTION crm.is_won(crm.deal_stage) IS
	'True for won.';

CREATE FUNCTION crm.is_lost(stage crm.deal_stage) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_is_lost';
COMMENT ON FUNCTION crm.is_lost(crm.deal_stage) IS
	'True for lost.';

CREATE FUNCTION crm.is_deal_stage(label text) RETURNS boolean
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_is_deal_stage';
COMMENT ON FUNCTION crm.is_deal_stage(text) IS
	'True if the text is exactly one of the six stages.';

CREATE FUNCTION crm.to_stage(status text, mapping jsonb) RETURNS crm.deal_stage
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_to_stage';
COMMENT ON FUNCTION crm.to_stage(text, jsonb) IS
	'The stage that an application''s word stands for: mapping is {"word": "stage", ...}; a word that is not in it is error 22023, NULL stays NULL.';

-- Clients send strings as text or varchar; an assignment cast lets them write
-- the column without taking part in operator resolution.
CREATE CAST (text AS crm.deal_stage) WITH INOUT AS ASSIGNMENT;
CREATE CAST (varchar AS crm.deal_stage) WITH INOUT AS ASSIGNMENT;
