-- Finding duplicates among the contacts of a whole CRM, which are known by their
-- numbers: the view for a review screen, and the functions.  The same for any
-- relation, where a schema has the part for matching alone: matching_relations.sql.

-- Deals in other currencies than the home currency are counted, not added.
CREATE VIEW :"schema".duplicate_review WITH (security_invoker = true) AS
	SELECT l.id AS left_id,
		r.id AS right_id,
		c.probability,
		c.match_weight,
		c.evidence,
		NULLIF(pg_catalog.concat_ws(' ', l.first_name, l.last_name), '') AS left_name,
		NULLIF(pg_catalog.concat_ws(' ', r.first_name, r.last_name), '') AS right_name,
		l.email AS left_email,
		r.email AS right_email,
		l.owner_id AS left_owner_id,
		r.owner_id AS right_owner_id,
		d.open_deals,
		d.open_value,
		c.found_at
	FROM (
		-- keys of other relations need not be numbers
		SELECT relation, left_key, right_key, probability, match_weight, evidence, found_at,
			CASE WHEN relation = :'schema_contacts'::pg_catalog.regclass THEN left_key::bigint END AS one_id,
			CASE WHEN relation = :'schema_contacts'::pg_catalog.regclass THEN right_key::bigint END AS other_id
		FROM :"schema".duplicate_candidates
	) AS c
	JOIN :"schema".contacts AS l ON l.id = LEAST(c.one_id, c.other_id) AND l.archived_at IS NULL
	JOIN :"schema".contacts AS r ON r.id = GREATEST(c.one_id, c.other_id) AND r.archived_at IS NULL
	CROSS JOIN LATERAL (
		SELECT pg_catalog.count(*) AS open_deals,
			COALESCE(pg_catalog.sum(o.value) FILTER (WHERE o.currency = s.home_currency), 0) AS open_value
		FROM :"schema".deals AS o
		LEFT JOIN :"schema".settings AS s ON true
		WHERE o.contact_id IN (l.id, r.id) AND o.stage NOT IN ('won', 'lost') AND o.archived_at IS NULL
	) AS d
	WHERE c.relation = :'schema_contacts'::pg_catalog.regclass
		AND NOT EXISTS (
			SELECT FROM :"schema".match_decisions AS m
			WHERE m.relation = c.relation AND m.left_key = c.left_key AND m.right_key = c.right_key)
	ORDER BY c.probability DESC, d.open_value DESC, l.id, r.id;
COMMENT ON VIEW :"schema".duplicate_review IS
	'Pairs of contacts to be looked at: candidates that nobody has decided about, the most probable and most valuable ones first.';
COMMENT ON COLUMN :"schema".duplicate_review.left_id IS
	'One contact.';
COMMENT ON COLUMN :"schema".duplicate_review.right_id IS
	'The other contact.';
COMMENT ON COLUMN :"schema".duplicate_review.probability IS
	'Probability that the two are the same, 0 to 1.';
COMMENT ON COLUMN :"schema".duplicate_review.match_weight IS
	'Weight of the evidence, in bits.';
COMMENT ON COLUMN :"schema".duplicate_review.evidence IS
	'What speaks for and against it.';
COMMENT ON COLUMN :"schema".duplicate_review.left_name IS
	'Name of the one.';
COMMENT ON COLUMN :"schema".duplicate_review.right_name IS
	'Name of the other.';
COMMENT ON COLUMN :"schema".duplicate_review.left_email IS
	'Main e-mail address of the one.';
COMMENT ON COLUMN :"schema".duplicate_review.right_email IS
	'Main e-mail address of the other.';
COMMENT ON COLUMN :"schema".duplicate_review.left_owner_id IS
	'User responsible for the one.';
COMMENT ON COLUMN :"schema".duplicate_review.right_owner_id IS
	'User responsible for the other.';
COMMENT ON COLUMN :"schema".duplicate_review.open_deals IS
	'Number of open deals of the two.';
COMMENT ON COLUMN :"schema".duplicate_review.open_value IS
	'Value of those that are in the home currency.';
COMMENT ON COLUMN :"schema".duplicate_review.found_at IS
	'When the pair was found, or its evidence last changed.';

CREATE VIEW :"schema".duplicate_pairs WITH (security_invoker = true) AS
	SELECT NULL::bigint AS left_id, NULL::bigint AS right_id, NULL::double precision AS probability, NULL::double precision AS match_weight,
		NULL::jsonb AS evidence
	WHERE false;
COMMENT ON VIEW :"schema".duplicate_pairs IS
	'Shape of what find_duplicates returns; always empty.';
COMMENT ON COLUMN :"schema".duplicate_pairs.left_id IS
	'One contact.';
COMMENT ON COLUMN :"schema".duplicate_pairs.right_id IS
	'The other contact.';
COMMENT ON COLUMN :"schema".duplicate_pairs.probability IS
	'Probability that the two are the same, 0 to 1.';
COMMENT ON COLUMN :"schema".duplicate_pairs.match_weight IS
	'Weight of the evidence, in bits.';
COMMENT ON COLUMN :"schema".duplicate_pairs.evidence IS
	'What speaks for and against it.';

CREATE VIEW :"schema".duplicate_members WITH (security_invoker = true) AS
	SELECT NULL::bigint AS group_id, NULL::bigint AS contact_id, NULL::double precision AS probability
	WHERE false;
COMMENT ON VIEW :"schema".duplicate_members IS
	'Shape of what duplicate_groups returns; always empty.';
COMMENT ON COLUMN :"schema".duplicate_members.group_id IS
	'The group: its smallest contact_id.';
COMMENT ON COLUMN :"schema".duplicate_members.contact_id IS
	'A contact in it.';
COMMENT ON COLUMN :"schema".duplicate_members.probability IS
	'Probability that it belongs to the group, 0 to 1.';

CREATE VIEW :"schema".contact_matches WITH (security_invoker = true) AS
	SELECT NULL::bigint AS contact_id, NULL::double precision AS probability, NULL::double precision AS match_weight, NULL::jsonb AS evidence
	WHERE false;
COMMENT ON VIEW :"schema".contact_matches IS
	'Shape of what match_contact and duplicates_of return; always empty.';
COMMENT ON COLUMN :"schema".contact_matches.contact_id IS
	'The contact that was found.';
COMMENT ON COLUMN :"schema".contact_matches.probability IS
	'Probability that the two are the same, 0 to 1.';
COMMENT ON COLUMN :"schema".contact_matches.match_weight IS
	'Weight of the evidence, in bits.';
COMMENT ON COLUMN :"schema".contact_matches.evidence IS
	'What speaks for and against it.';

CREATE VIEW :"schema".match_explanation WITH (security_invoker = true) AS
	SELECT NULL::text AS field, NULL::text AS left_value, NULL::text AS right_value, NULL::text AS left_normal,
		NULL::text AS right_normal, NULL::text AS level, NULL::double precision AS weight, NULL::double precision AS term_frequency_weight,
		NULL::text AS blocking_keys
	WHERE false;
COMMENT ON VIEW :"schema".match_explanation IS
	'Shape of what explain_match returns; always empty.';
COMMENT ON COLUMN :"schema".match_explanation.field IS
	'What was compared.';
COMMENT ON COLUMN :"schema".match_explanation.left_value IS
	'Value of the one contact.';
COMMENT ON COLUMN :"schema".match_explanation.right_value IS
	'Value of the other contact.';
COMMENT ON COLUMN :"schema".match_explanation.left_normal IS
	'The one value, as it was compared.';
COMMENT ON COLUMN :"schema".match_explanation.right_normal IS
	'The other value, as it was compared.';
COMMENT ON COLUMN :"schema".match_explanation.level IS
	'How far the two agree.';
COMMENT ON COLUMN :"schema".match_explanation.weight IS
	'What that adds to the match weight, in bits.';
COMMENT ON COLUMN :"schema".match_explanation.term_frequency_weight IS
	'Part of it that is due to the value being rare or common.';
COMMENT ON COLUMN :"schema".match_explanation.blocking_keys IS
	'Keys that both have; in the row prior, those by which they are found.';

CREATE VIEW :"schema".matching_figures WITH (security_invoker = true) AS
	SELECT NULL::text AS section, NULL::text AS item, NULL::jsonb AS details
	WHERE false;
COMMENT ON VIEW :"schema".matching_figures IS
	'Shape of what matching_report returns; always empty.';
COMMENT ON COLUMN :"schema".matching_figures.section IS
	'What the figures are about.';
COMMENT ON COLUMN :"schema".matching_figures.item IS
	'A key, a threshold or the like.';
COMMENT ON COLUMN :"schema".matching_figures.details IS
	'The figures, by their names.';

CREATE FUNCTION :"schema".find_duplicates(min_probability double precision DEFAULT NULL)
	RETURNS SETOF :"schema".duplicate_pairs
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	BEGIN ATOMIC
		SELECT LEAST(d.left_key::bigint, d.right_key::bigint), GREATEST(d.left_key::bigint, d.right_key::bigint),
			d.probability, d.match_weight, d.evidence
		FROM crm._find_duplicates(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			find_duplicates.min_probability) AS d;
	END;
COMMENT ON FUNCTION :"schema".find_duplicates(double precision) IS
	'Pairs of contacts that are probably the same, but for those that were called different.';

CREATE FUNCTION :"schema".duplicate_groups(min_probability double precision DEFAULT NULL)
	RETURNS SETOF :"schema".duplicate_members
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 1000
	BEGIN ATOMIC
		SELECT pg_catalog.min(d.contact_key::bigint) OVER (PARTITION BY d.group_id), d.contact_key::bigint, d.probability
		FROM crm._duplicate_groups(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			duplicate_groups.min_probability) AS d;
	END;
COMMENT ON FUNCTION :"schema".duplicate_groups(double precision) IS
	'Groups of contacts that are probably the same; no two in a group were called different.';

CREATE FUNCTION :"schema".match_contact(first_name text DEFAULT NULL, last_name text DEFAULT NULL, full_name text DEFAULT NULL, email text DEFAULT NULL,
		phone text DEFAULT NULL, date_of_birth date DEFAULT NULL, street text DEFAULT NULL, city text DEFAULT NULL,
		postal_code text DEFAULT NULL, state text DEFAULT NULL, country text DEFAULT NULL, company text DEFAULT NULL,
		min_probability double precision DEFAULT NULL)
	RETURNS SETOF :"schema".contact_matches
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 5
	BEGIN ATOMIC
		SELECT d.contact_key::bigint, d.probability, d.match_weight, d.evidence
		FROM crm._match_contact(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			match_contact.first_name, match_contact.last_name, match_contact.full_name, match_contact.email,
			match_contact.phone, match_contact.date_of_birth, match_contact.street, match_contact.city,
			match_contact.postal_code, match_contact.state, match_contact.country, match_contact.company,
			match_contact.min_probability) AS d;
	END;
COMMENT ON FUNCTION :"schema".match_contact(text, text, text, text, text, date, text, text, text, text, text, text, double precision) IS
	'Contacts that are probably the person described, the most probable one first.';

CREATE FUNCTION :"schema".duplicates_of(contact_id bigint, min_probability double precision DEFAULT NULL)
	RETURNS SETOF :"schema".contact_matches
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 5
	BEGIN ATOMIC
		SELECT d.other_key::bigint, d.probability, d.match_weight, d.evidence
		FROM crm._duplicates_of(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			duplicates_of.contact_id::text, duplicates_of.min_probability) AS d;
	END;
COMMENT ON FUNCTION :"schema".duplicates_of(bigint, double precision) IS
	'Other contacts that are probably the same as one, the most probable one first.';

CREATE FUNCTION :"schema".explain_match(left_id bigint, right_id bigint)
	RETURNS SETOF :"schema".match_explanation
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000 ROWS 10
	BEGIN ATOMIC
		SELECT d.field, d.left_value, d.right_value, d.left_normal, d.right_normal, d.level, d.weight,
			d.term_frequency_weight, d.blocking_keys
		FROM crm._explain_match(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			explain_match.left_id::text, explain_match.right_id::text) AS d;
	END;
COMMENT ON FUNCTION :"schema".explain_match(bigint, bigint) IS
	'Why two contacts are probably the same, or not: one row per field, whose weights sum to the match weight.';

CREATE FUNCTION :"schema".train_matching()
	RETURNS jsonb
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000
	BEGIN ATOMIC
		SELECT crm._train_matching(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass);
	END;
COMMENT ON FUNCTION :"schema".train_matching() IS
	'Trains a model on the contacts and on what was decided, keeps it as the current one, and returns it.';

CREATE FUNCTION :"schema".matching_report()
	RETURNS SETOF :"schema".matching_figures
	LANGUAGE sql STABLE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100000 ROWS 100
	BEGIN ATOMIC
		SELECT d.section, d.item, d.details
		FROM crm._matching_report(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass) AS d;
	END;
COMMENT ON FUNCTION :"schema".matching_report() IS
	'What is compared with what, what is cut and why, how scores are spread, and what precision and recall are to be expected.';

CREATE FUNCTION :"schema".mark_same(left_id bigint, right_id bigint, note text DEFAULT NULL)
	RETURNS boolean
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100
	BEGIN ATOMIC
		SELECT crm._mark_match(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			mark_same.left_id::text, mark_same.right_id::text, true, mark_same.note);
	END;
COMMENT ON FUNCTION :"schema".mark_same(bigint, bigint, text) IS
	'Notes that two contacts are the same; returns whether that was not known.';

CREATE FUNCTION :"schema".mark_different(left_id bigint, right_id bigint, note text DEFAULT NULL)
	RETURNS boolean
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100
	BEGIN ATOMIC
		SELECT crm._mark_match(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			mark_different.left_id::text, mark_different.right_id::text, false, mark_different.note);
	END;
COMMENT ON FUNCTION :"schema".mark_different(bigint, bigint, text) IS
	'Notes that two contacts are different, so that they are not suggested again; returns whether that was not known.';

CREATE FUNCTION :"schema".forget_decision(left_id bigint, right_id bigint)
	RETURNS boolean
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 100
	BEGIN ATOMIC
		SELECT crm._forget_decision(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass,
			forget_decision.left_id::text, forget_decision.right_id::text);
	END;
COMMENT ON FUNCTION :"schema".forget_decision(bigint, bigint) IS
	'Takes back what was decided about two contacts; returns whether anything was.';

CREATE FUNCTION :"schema".create_match_queue()
	RETURNS text
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000
	BEGIN ATOMIC
		SELECT crm._create_match_queue(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass);
	END;
COMMENT ON FUNCTION :"schema".create_match_queue() IS
	'Makes triggers that note which contacts are written, so that refresh_duplicates looks at those alone.';

CREATE FUNCTION :"schema".drop_match_queue()
	RETURNS text
	LANGUAGE sql VOLATILE CALLED ON NULL INPUT PARALLEL UNSAFE COST 10000
	BEGIN ATOMIC
		SELECT crm._drop_match_queue(:'schema_settings'::pg_catalog.regclass, :'schema_contacts'::pg_catalog.regclass);
	END;
COMMENT ON FUNCTION :"schema".drop_match_queue() IS
	'Drops the triggers of create_match_queue, and what waits in the queue.';

-- Commits after each batch, which functions cannot; the last argument is not for
-- callers: a default knows its table wherever the schema is renamed to.
CREATE PROCEDURE :"schema".refresh_duplicates(batch_size integer DEFAULT 1000, min_probability double precision DEFAULT NULL,
		everything boolean DEFAULT false, settings regclass DEFAULT crm._settings_of(:'schema_settings'::pg_catalog.regclass))
	LANGUAGE plpgsql
	AS $$
BEGIN
	CALL crm._refresh_duplicates(refresh_duplicates.settings, NULL,
		refresh_duplicates.batch_size, refresh_duplicates.min_probability, refresh_duplicates.everything);
END $$;
COMMENT ON PROCEDURE :"schema".refresh_duplicates(integer, double precision, boolean, regclass) IS
	'Brings duplicate_candidates up to date: looks at what waits in the queue, a batch per transaction, or at everything.';
