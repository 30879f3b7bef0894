-- How well duplicates are found: pairs within groups, counted against all pairs of
-- rows that have the same cluster.  Used by test/accuracy.sh.
SET client_min_messages = warning;

-- Thresholds of which the best is shown beside the default.
CREATE TABLE accuracy_thresholds (min_probability double precision);
INSERT INTO accuracy_thresholds VALUES (0.1), (0.25), (0.4), (0.5), (0.6), (0.75), (0.9), (0.97);

CREATE FUNCTION pairs(rows numeric) RETURNS numeric LANGUAGE sql IMMUTABLE
	RETURN rows * (rows - 1) / 2;

-- Precision, recall and F1 at a threshold; NULL is the default.
CREATE FUNCTION accuracy(file text, min_probability double precision DEFAULT NULL)
	RETURNS TABLE ("precision" numeric, recall numeric, f1 numeric)
	LANGUAGE plpgsql STABLE AS
$$
BEGIN
	RETURN QUERY EXECUTE format(
		'WITH found AS MATERIALIZED (SELECT g.group_id, c.cluster'
		'  FROM crm.duplicate_groups_by_key(%1$L, $1) AS g JOIN %1$I AS c ON c.id = g.contact_key),'
		' counts AS (SELECT'
		'  (SELECT COALESCE(sum(pairs(n)), 0) FROM (SELECT count(*) AS n FROM found GROUP BY group_id) AS a) AS called,'
		'  (SELECT COALESCE(sum(pairs(n)), 0) FROM (SELECT count(*) AS n FROM found GROUP BY group_id, cluster) AS b) AS hit,'
		'  (SELECT sum(pairs(n)) FROM (SELECT count(*) AS n FROM %1$I GROUP BY cluster) AS c) AS truth)'
		' SELECT hit / NULLIF(called, 0), hit / NULLIF(truth, 0), 2 * hit / NULLIF(called + truth, 0) FROM counts', file)
		USING min_probability;
END;
$$;

CREATE FUNCTION accuracy_columns(a text, b text, c text, d text, e text, f text, g text, h text) RETURNS text
	LANGUAGE sql IMMUTABLE
	RETURN rpad(a, 22) || lpad(b, 9) || lpad(c, 11) || lpad(d, 9) || lpad(e, 9) || lpad(f, 9) || lpad(g, 9) || lpad(h, 10);

CREATE VIEW accuracy_heading AS
	SELECT accuracy_columns('file', 'rows', 'precision', 'recall', 'F1', 'best F1', 'at', 'seconds') AS heading;

-- A line of the table; the seconds are those at the default threshold.
CREATE FUNCTION accuracy_line(file text) RETURNS text LANGUAGE plpgsql AS
$$
DECLARE
	begun timestamptz := clock_timestamp();
	seconds numeric;
	rows bigint;
	usual record;
	best record;
BEGIN
	SET LOCAL client_min_messages = warning;
	SELECT * INTO usual FROM accuracy(file);
	seconds := extract(epoch FROM clock_timestamp() - begun);
	EXECUTE format('SELECT count(*) FROM %I', file) INTO rows;
	SELECT t.min_probability, a.f1 INTO best
	FROM accuracy_thresholds AS t, accuracy(file, t.min_probability) AS a
	ORDER BY a.f1 DESC NULLS LAST, abs(t.min_probability - 0.5) LIMIT 1;
	RETURN accuracy_columns(file, rows::text, round(usual."precision", 4)::text, round(usual.recall, 4)::text,
		round(usual.f1, 4)::text, round(best.f1, 4)::text, best.min_probability::text, round(seconds, 1)::text);
END;
$$;
