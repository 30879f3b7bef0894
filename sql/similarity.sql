SET extra_float_digits = 0;

-- figures that others have published, and what names do
SELECT a, b, crm.jaro_winkler(a, b), crm.edit_distance(a, b) AS distance,
	crm.edit_distance(a, b, transpositions => true) AS aligned, crm.token_similarity(a, b)
FROM (VALUES
	('MARTHA', 'MARHTA'), ('DWAYNE', 'DUANE'), ('DIXON', 'DICKSONX'), ('CRATE', 'TRACE'), ('JELLYFISH', 'SMELLYFISH'),
	('kitten', 'sitting'), ('ca', 'abc'), ('a cat', 'an abct'), ('Smith', 'Smyth'), ('Smith', 'Jones'), ('Ann', 'ANN'),
	('John Smith', 'Smith John'), ('John Smith', 'Smith, John'), ('Acme', 'Acme Holding'), ('Maria Maria', 'Maria'),
	('Jürgen Müller', 'Jurgen Muller'), ('山田 太郎', '太郎　山田'), ('Иванов', 'Иваноф'), ('😀x', 'x😀')
) AS t (a, b);

-- empty strings, single characters, blanks
SELECT quote_literal(a) AS a, quote_literal(b) AS b, crm.jaro_winkler(a, b), crm.edit_distance(a, b) AS distance,
	crm.edit_distance(a, b, transpositions => true) AS aligned, crm.token_similarity(a, b)
FROM (VALUES ('', ''), ('', 'a'), ('abc', ''), ('a', 'a'), ('a', 'b'), ('ab', 'ba'), ('abc', 'cba'), (' ', ''), (E' \t\n ', ''),
	('  a  b ', 'b a'), (E'a\u00a0b\u3000c', 'c b a')) AS t (a, b);
-- which is no blank
SELECT crm.token_similarity(E'a\u200bb', 'b a') AS words;

-- NULL in, NULL out; only as a bound it says that there is none
SELECT crm.jaro_winkler(NULL, 'a') IS NULL, crm.jaro_winkler('a', NULL) IS NULL,
	crm.token_similarity(NULL, 'a') IS NULL, crm.token_similarity('a', NULL) IS NULL,
	crm.edit_distance(NULL, 'a') IS NULL, crm.edit_distance('a', NULL, 1) IS NULL,
	crm.edit_distance('a', 'b', 1, NULL) IS NULL, crm.edit_distance('ab', 'cd', NULL, false);

-- a bound
SELECT bound, crm.edit_distance('kitten', 'sitting', bound) AS distance, crm.edit_distance('kitten', 'iktten', bound, true) AS aligned,
	crm.edit_distance('abcdefgh', '', bound) AS empty, crm.edit_distance('same', 'same', bound) AS same,
	crm.edit_distance(repeat('kitten ', 30), repeat('sitting ', 30), bound) AS long
FROM unnest(ARRAY[0, 1, 2, 3, 4, 29, 30, 119, 120, 121, 2147483647]) AS bound;
SELECT crm.edit_distance('a', 'b', max_distance => -1);
\echo :LAST_ERROR_SQLSTATE
SELECT crm.edit_distance('a', NULL, -2147483648);

-- where machine words end: 64 characters, whatever their bytes
SELECT n, crm.jaro_winkler(repeat('a', n - 1) || 'b', 'c' || repeat('a', n - 1)) AS jaro_winkler,
	crm.edit_distance(repeat('a', n - 1) || 'b', 'c' || repeat('a', n - 1)) AS distance,
	crm.edit_distance(repeat('ab', n / 2), repeat('ba', n / 2), transpositions => true) AS aligned,
	crm.token_similarity(repeat('a', n - 2) || ' b', 'b ' || repeat('a', n - 2)) AS words,
	crm.jaro_winkler(repeat('é', n - 1) || 'ß', 'ç' || repeat('é', n - 1)) = crm.jaro_winkler(repeat('a', n - 1) || 'b', 'c' || repeat('a', n - 1)) AS bytes_do_not_count
FROM unnest(ARRAY[2, 31, 32, 33, 62, 63, 64, 65, 66, 127, 128, 129, 192, 193]) AS n;

-- The textbook's versions, from the definitions, on strings that look random and
-- are the same on every server.
CREATE FUNCTION pg_temp.slow_distance(a text, b text, transpositions boolean) RETURNS integer
	LANGUAGE plpgsql AS $$
DECLARE
	x text[] := string_to_array(a, NULL);
	y text[] := string_to_array(b, NULL);
	n integer := length(a);
	m integer := length(b);
	d integer[] := array_fill(0, ARRAY[n + 1, m + 1], ARRAY[0, 0]);
BEGIN
	FOR i IN 0..n LOOP
		FOR j IN 0..m LOOP
			IF i = 0 OR j = 0 THEN
				d[i][j] := i + j;
				CONTINUE;
			END IF;
			d[i][j] := least(d[i - 1][j - 1] + (x[i] <> y[j])::integer, d[i - 1][j] + 1, d[i][j - 1] + 1);
			IF transpositions AND i > 1 AND j > 1 AND x[i] = y[j - 1] AND x[i - 1] = y[j] THEN
				d[i][j] := least(d[i][j], d[i - 2][j - 2] + 1);
			END IF;
		END LOOP;
	END LOOP;
	RETURN d[n][m];
END $$;

CREATE FUNCTION pg_temp.slow_jaro_winkler(a text, b text) RETURNS double precision
	LANGUAGE plpgsql AS $$
DECLARE
	x text[] := string_to_array(a, NULL);
	y text[] := string_to_array(b, NULL);
	n integer := length(a);
	m integer := length(b);
	near integer := greatest(greatest(n, m) / 2 - 1, 0);
	x_used boolean[] := array_fill(false, ARRAY[n]);
	y_used boolean[] := array_fill(false, ARRAY[m]);
	common double precision;
	elsewhere integer;
	prefix integer := 0;
	jaro double precision;
BEGIN
	IF n = 0 AND m = 0 THEN
		RETURN 1;
	END IF;
	FOR i IN 1..n LOOP
		FOR j IN greatest(1, i - near)..least(m, i + near) LOOP
			IF x[i] = y[j] AND NOT y_used[j] THEN
				x_used[i] := true;
				y_used[j] := true;
				EXIT;
			END IF;
		END LOOP;
	END LOOP;
	SELECT count(*), count(*) FILTER (WHERE p.c <> q.c) INTO common, elsewhere
	FROM (SELECT x[i] AS c, row_number() OVER (ORDER BY i) AS place FROM generate_series(1, n) AS i WHERE x_used[i]) AS p
		JOIN (SELECT y[j] AS c, row_number() OVER (ORDER BY j) AS place FROM generate_series(1, m) AS j WHERE y_used[j]) AS q USING (place);
	IF common = 0 THEN
		RETURN 0;
	END IF;
	jaro := (common / n + common / m + (common - elsewhere / 2) / common) / 3;
	WHILE prefix < least(4, n, m) AND x[prefix + 1] = y[prefix + 1] LOOP
		prefix := prefix + 1;
	END LOOP;
	RETURN CASE WHEN jaro > 0.7 THEN least(jaro + prefix * 0.1::double precision * (1 - jaro), 1) ELSE jaro END;
END $$;

-- what it takes to make one string the other without replacing: n + m - 2 * common
CREATE FUNCTION pg_temp.slow_token_similarity(a text, b text) RETURNS double precision
	LANGUAGE plpgsql AS $$
DECLARE
	x text := (SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM regexp_split_to_table(a, '\s+') AS w WHERE w <> '');
	y text := (SELECT string_agg(w, ' ' ORDER BY w COLLATE "C") FROM regexp_split_to_table(b, '\s+') AS w WHERE w <> '');
	n integer := coalesce(length(x), 0);
	m integer := coalesce(length(y), 0);
	c integer[] := array_fill(0, ARRAY[n + 1, m + 1], ARRAY[0, 0]);
BEGIN
	FOR i IN 1..n LOOP
		FOR j IN 1..m LOOP
			c[i][j] := greatest(c[i - 1][j], c[i][j - 1], c[i - 1][j - 1] + (substr(x, i, 1) = substr(y, j, 1))::integer);
		END LOOP;
	END LOOP;
	RETURN CASE WHEN n + m = 0 THEN 1 ELSE 1 - (n + m - 2 * c[n][m])::double precision / (n + m) END;
END $$;

CREATE TEMP TABLE pair AS
SELECT i, left(a, length_a) AS a, left(b, length_b) AS b, bound FROM (
	SELECT i,
		translate(repeat(md5('a' || i / 3) || md5('x' || i / 3), 2), '0123456789abcdef', letters) AS a,
		-- a third of the pairs is alike: one part of the string moved
		CASE i % 3 WHEN 0 THEN translate(substr(repeat(md5('a' || i / 3) || md5('x' || i / 3), 3), 1 + i % 5), '0123456789abcdef', letters)
			ELSE translate(repeat(md5('b' || i) || md5('y' || i), 2), '0123456789abcdef', letters) END AS b,
		CASE WHEN i % 20 = 0 THEN 60 + i % 9 ELSE i * 7 % 17 END AS length_a,
		CASE WHEN i % 20 = 0 THEN 60 + i % 11 ELSE i * 5 % 19 END AS length_b,
		i % 13 AS bound
	FROM generate_series(1, 600) AS i,
		LATERAL (SELECT (ARRAY['aaaaaaaabbbbbbbb', 'abababcdabcd  ab', 'abcdefghijklmn o', 'äöüßéèçñ漢字😀жд xy', 'aab aab aab aab '])[1 + i % 5]) AS of (letters)
) AS made;

SELECT count(*) AS pairs,
	count(*) FILTER (WHERE crm.jaro_winkler(a, b) <> pg_temp.slow_jaro_winkler(a, b)) AS jaro_winkler,
	count(*) FILTER (WHERE crm.edit_distance(a, b) <> levenshtein) AS levenshtein,
	count(*) FILTER (WHERE crm.edit_distance(a, b, bound) <> least(levenshtein, bound + 1)) AS levenshtein_bounded,
	count(*) FILTER (WHERE crm.edit_distance(a, b, transpositions => true) <> aligned) AS aligned,
	count(*) FILTER (WHERE crm.edit_distance(a, b, bound, true) <> least(aligned, bound + 1)) AS aligned_bounded,
	count(*) FILTER (WHERE crm.token_similarity(a, b) <> pg_temp.slow_token_similarity(a, b)) AS token_similarity
FROM pair, pg_temp.slow_distance(a, b, false) AS levenshtein, pg_temp.slow_distance(a, b, true) AS aligned;

-- the same both ways; within the limits
SELECT count(*) FROM pair
WHERE crm.jaro_winkler(a, b) <> crm.jaro_winkler(b, a) OR crm.edit_distance(a, b, bound, true) <> crm.edit_distance(b, a, bound, true)
	OR crm.token_similarity(a, b) <> crm.token_similarity(b, a) OR crm.jaro_winkler(a, b) NOT BETWEEN 0 AND 1
	OR crm.token_similarity(a, b) NOT BETWEEN 0 AND 1 OR crm.jaro_winkler(a, a) <> 1 OR crm.token_similarity(a, a) <> 1
	OR (crm.edit_distance(a, b) = 0) <> (a = b);

-- long strings: a megabyte is compared, or refused at once
SELECT crm.jaro_winkler(repeat('a', 1000000), repeat('a', 999999) || 'b') AS jaro_winkler,
	crm.jaro_winkler(repeat('ab', 500000), repeat('ba', 500000)) AS exchanged,
	crm.jaro_winkler(repeat('é', 300000), 'é') AS short,
	crm.edit_distance(repeat('abc', 333333), repeat('abc', 333333) || 'd') AS at_the_end,
	crm.edit_distance('x' || repeat('abc', 333333), repeat('abc', 333333) || 'y', 5) AS bounded,
	crm.edit_distance(repeat('ab', 500000), repeat('ba', 500000), 1, true) AS above,
	crm.edit_distance(repeat('a', 1000000), 'b') AS short_distance,
	crm.token_similarity(repeat('b a ', 250000), 'a b') AS words,
	crm.token_similarity(repeat('漢字 ', 20000), repeat('字 漢 ', 20000)) AS far;
SELECT crm.edit_distance(repeat('a', 1000000), repeat('b', 999999));
SELECT crm.edit_distance(repeat('a', 1000000), repeat('b', 1000000), 20000);
SELECT crm.token_similarity(repeat('a ', 500000), repeat('b', 1000000));
\echo :LAST_ERROR_SQLSTATE
SELECT crm.jaro_winkler(repeat('a', 1024 * 1024), 'b');
SELECT crm.jaro_winkler(repeat('a', 1024 * 1024 + 1), repeat('b', 100));
SELECT crm.edit_distance(repeat('b', 100), repeat('é', 1024 * 1024), 1);
SELECT crm.token_similarity(repeat('a', 1024 * 1024 + 1), '');
\echo :LAST_ERROR_SQLSTATE
-- the longest comparison there is can be interrupted
SET statement_timeout = '20ms';
SELECT crm.edit_distance(repeat('a', 100000), repeat('b', 100000));
RESET statement_timeout;

-- stored values are compared wherever they lie: packed, compressed, out of line
CREATE TEMP TABLE stored (a text, b text, distance integer GENERATED ALWAYS AS (crm.edit_distance(a, b)) STORED);
ALTER TABLE stored ALTER b SET STORAGE EXTERNAL;
INSERT INTO stored VALUES ('Smith', 'Smyth'), (repeat('Smith ', 2000), repeat('Smyth ', 2000)), (NULL, 'a');
SELECT distance, crm.jaro_winkler(a, b), crm.token_similarity(a, b) FROM stored;

SELECT oid::regprocedure, provolatile, proisstrict, proparallel FROM pg_proc
WHERE pronamespace = 'crm'::regnamespace AND proname IN ('jaro_winkler', 'edit_distance', 'token_similarity') ORDER BY proname;
