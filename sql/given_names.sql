-- two names of one person
SELECT a, b, crm.given_name_similarity(a, b) AS similarity, crm.given_name_similarity(b, a) = crm.given_name_similarity(a, b) AS is_symmetric
FROM (VALUES
	('Bill', 'William'), ('BOB', 'robert'), ('Pepe', 'José'), ('Sasha', 'Aleksandr'), ('Саша', 'Александр'), ('Liz', 'Elisabeth'), ('Liz', 'Elizabeth'), ('Elisabeth', 'Elizabeth'),
	('Bob', 'Rob'), ('Bill', 'Billy'), ('Юра', 'Юрий'), ('Yuri', 'Юрий'), ('Дима', 'Dmitry'), ('Володя', 'Володимир'), ('Volodymyr', 'Володимир'), ('Κώστας', 'Κωνσταντίνος'), ('Γιάννης', 'Ιωάννης'),
	('Zé', 'José'), ('Beppe', 'Giuseppe'), ('Käthe', 'Katharina'), ('Sepp', 'Josef'), ('Jürgen', 'Juergen'), ('Hans', 'Johannes'), ('Kees', 'Cornelis'), ('Kasia', 'Katarzyna'), ('Małgosia', 'Małgorzata'),
	('Pista', 'István'), ('Honza', 'Jan'), ('Lasse', 'Lars'), ('Nisse', 'Nils'), ('Memo', 'Mehmet'), ('Mohammed', 'Muhammad'), ('Youssef', 'Yusuf'), ('Abdulrahman', 'Abd al-Rahman'), ('Chema', 'José María'), ('Manu', 'Emmanuel'),
	('Juan', 'John'), ('Anna', 'ANNA'), ('Zoë', 'zoe'), ('Jean-Pierre', 'Jean Pierre'), ('Xyzzy', 'xyzzy')
) AS t (a, b);

-- strangers: no name is the same as what another is the same as
SELECT a, b, crm.given_name_similarity(a, b) AS similarity
FROM (VALUES
	('Aleksandr', 'Aleksandra'), ('Christopher', 'Christine'), ('Patrick', 'Patricia'), ('Albert', 'Robert'), ('Edward', 'Theodore'), ('Bill', 'Bob'), ('José', 'María'), ('Anna', 'Hannah'),
	('Xyzzy', 'Bill'), ('Bill', 'Xyzzy'), ('', ''), ('', 'Bill'), ('-', '-'), ('Bill', 'Bill Gates'), ('Bil', 'Bill')
) AS t (a, b) ORDER BY similarity DESC, a, b;
SELECT crm.given_name_similarity('Sasha', 'Aleksandr') AS he, crm.given_name_similarity('Sasha', 'Aleksandra') AS she,
	crm.given_name_similarity('Chris', 'Christopher') AS he, crm.given_name_similarity('Chris', 'Christine') AS she;
SELECT crm.given_name_similarity(NULL, 'Bill') IS NULL AS a, crm.given_name_similarity('Bill', NULL) IS NULL AS b;

-- all variants
SELECT * FROM crm.given_name_variants('WILLIAM');
SELECT * FROM crm.given_name_variants('Пе́тя');
SELECT count(*) FROM crm.given_name_variants('Xyzzy') UNION ALL SELECT count(*) FROM crm.given_name_variants('') UNION ALL SELECT count(*) FROM crm.given_name_variants(NULL);

-- they are folded, once each, and what the similarity says; and so are the variants' own
WITH seed (name) AS (VALUES ('alexander'), ('maria'), ('jose'), ('john'), ('chris'), ('sasha'), ('hans'), ('ali'), ('lena'), ('abdullah'), ('jose maria'), ('nick')),
	one AS (SELECT name, variant, weight FROM seed, crm.given_name_variants(name)),
	pair AS (SELECT name, variant, weight FROM one
		UNION SELECT o.variant, v.variant, v.weight FROM one AS o, crm.given_name_variants(o.variant) AS v)
SELECT count(*) > 1000 AS many,
	count(*) FILTER (WHERE crm.fold_name(variant) <> variant) AS unfolded,
	count(*) - count(DISTINCT (name, variant)) AS twice,
	count(*) FILTER (WHERE name = variant) AS itself,
	count(*) FILTER (WHERE weight NOT BETWEEN 0.3 AND 0.95) AS beyond,
	count(*) FILTER (WHERE crm.given_name_similarity(name, variant) <> weight OR crm.given_name_similarity(variant, name) <> weight) AS other
FROM pair;

-- long names
SELECT crm.given_name_similarity(repeat('Bill', 250000), 'Bill') AS far, crm.given_name_similarity(repeat('É', 300000), repeat('e', 300000)) AS equal,
	(SELECT count(*) FROM crm.given_name_variants(repeat('William', 100000))) AS variants;
