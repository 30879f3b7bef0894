-- What stands behind the functions for finding duplicates that each CRM has; they
-- call the engines with the CRM's current model and what was decided.

CREATE FUNCTION crm._find_duplicates(settings regclass, contacts regclass, min_probability double precision)
	RETURNS TABLE (left_key text, right_key text, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_kept_find_duplicates';
COMMENT ON FUNCTION crm._find_duplicates(regclass, regclass, double precision) IS
	'Does the work of a CRM''s find_duplicates.';

CREATE FUNCTION crm._duplicate_groups(settings regclass, contacts regclass, min_probability double precision)
	RETURNS TABLE (group_id bigint, contact_key text, probability double precision)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_kept_duplicate_groups';
COMMENT ON FUNCTION crm._duplicate_groups(regclass, regclass, double precision) IS
	'Does the work of a CRM''s duplicate_groups.';

CREATE FUNCTION crm._match_contact(settings regclass, contacts regclass, first_name text, last_name text, full_name text,
		email text, phone text, date_of_birth date, street text, city text, postal_code text, state text, country text,
		company text, min_probability double precision)
	RETURNS TABLE (contact_key text, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 5
	AS 'MODULE_PATHNAME', 'crm_kept_match_contact';
COMMENT ON FUNCTION crm._match_contact(regclass, regclass, text, text, text, text, text, date, text, text, text, text, text, text, double precision) IS
	'Does the work of a CRM''s match_contact.';

CREATE FUNCTION crm._duplicates_of(settings regclass, contacts regclass, contact_key text, min_probability double precision)
	RETURNS TABLE (other_key text, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 5
	AS 'MODULE_PATHNAME', 'crm_kept_duplicates_of';
COMMENT ON FUNCTION crm._duplicates_of(regclass, regclass, text, double precision) IS
	'Does the work of a CRM''s duplicates_of.';

CREATE FUNCTION crm._duplicates_of_many(contacts regclass, contact_keys text[], min_probability double precision, model jsonb,
		decisions regclass, earlier regclass)
	RETURNS TABLE (contact_key text, other_key text, probability double precision, match_weight double precision, evidence jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	AS 'MODULE_PATHNAME', 'crm_duplicates_of_many';
COMMENT ON FUNCTION crm._duplicates_of_many(regclass, text[], double precision, jsonb, regclass, regclass) IS
	'Finds the duplicates of many contacts, for refresh_duplicates; pairs of the relation earlier are looked at in any case.';

CREATE FUNCTION crm._explain_match(settings regclass, contacts regclass, left_key text, right_key text)
	RETURNS TABLE (field text, left_value text, right_value text, left_normal text, right_normal text, level text,
		weight double precision, term_frequency_weight double precision, blocking_keys text)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 10
	AS 'MODULE_PATHNAME', 'crm_kept_explain_match';
COMMENT ON FUNCTION crm._explain_match(regclass, regclass, text, text) IS
	'Does the work of a CRM''s explain_match.';

CREATE FUNCTION crm._train_matching(settings regclass, contacts regclass) RETURNS jsonb
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000
	AS 'MODULE_PATHNAME', 'crm_kept_train_matching';
COMMENT ON FUNCTION crm._train_matching(regclass, regclass) IS
	'Does the work of a CRM''s train_matching.';

CREATE FUNCTION crm._matching_report(settings regclass, contacts regclass)
	RETURNS TABLE (section text, item text, details jsonb)
	LANGUAGE c STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 100
	AS 'MODULE_PATHNAME', 'crm_kept_matching_report';
COMMENT ON FUNCTION crm._matching_report(regclass, regclass) IS
	'Does the work of a CRM''s matching_report.';

CREATE FUNCTION crm._mark_match(settings regclass, contacts regclass, left_key text, right_key text, same boolean, note text)
	RETURNS boolean
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100
	AS 'MODULE_PATHNAME', 'crm_mark_match';
COMMENT ON FUNCTION crm._mark_match(regclass, regclass, text, text, boolean, text) IS
	'Does the work of a CRM''s mark_same and mark_different.';

CREATE FUNCTION crm._forget_decision(settings regclass, contacts regclass, left_key text, right_key text)
	RETURNS boolean
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100
	AS 'MODULE_PATHNAME', 'crm_forget_decision';
COMMENT ON FUNCTION crm._forget_decision(regclass, regclass, text, text) IS
	'Does the work of a CRM''s forget_decision.';

CREATE FUNCTION crm._queue_match() RETURNS trigger
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE
	AS 'MODULE_PATHNAME', 'crm_queue_match';
COMMENT ON FUNCTION crm._queue_match() IS
	'Trigger: puts rows that were written into the queue that the trigger''s condition names.';

CREATE FUNCTION crm._queues_into(queue regclass) RETURNS boolean
	LANGUAGE c IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_queues_into';
COMMENT ON FUNCTION crm._queues_into(regclass) IS
	'True: the condition of a trigger, from which its function learns the queue; so the trigger follows a rename, and goes with the queue.';

CREATE FUNCTION crm._settings_of(settings regclass) RETURNS regclass
	LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
	AS 'MODULE_PATHNAME', 'crm_settings_of';
COMMENT ON FUNCTION crm._settings_of(regclass) IS
	'Its argument: in the default of an argument, by which a procedure knows its CRM.';

CREATE FUNCTION crm._create_match_queue(settings regclass, contacts regclass) RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000
	AS 'MODULE_PATHNAME', 'crm_create_match_queue';
COMMENT ON FUNCTION crm._create_match_queue(regclass, regclass) IS
	'Does the work of a CRM''s create_match_queue.';

CREATE FUNCTION crm._drop_match_queue(settings regclass, contacts regclass) RETURNS text
	LANGUAGE c VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000
	AS 'MODULE_PATHNAME', 'crm_drop_match_queue';
COMMENT ON FUNCTION crm._drop_match_queue(regclass, regclass) IS
	'Does the work of a CRM''s drop_match_queue.';

CREATE PROCEDURE crm._refresh_duplicates(settings regclass, contacts regclass, batch_size integer,
		min_probability double precision, everything boolean)
	LANGUAGE c
	AS 'MODULE_PATHNAME', 'crm_refresh_duplicates';
COMMENT ON PROCEDURE crm._refresh_duplicates(regclass, regclass, integer, double precision, boolean) IS
	'Does the work of a CRM''s refresh_duplicates; contacts NULL: those of the CRM.';
