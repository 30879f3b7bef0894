-- nothing but names
\pset null '-'
SELECT name, first_name, middle_names, last_name
FROM (VALUES
	('John Smith'), ('  John   Smith '), ('John Quincy Adams'), ('J. R. R. Tolkien'), ('F. Scott Fitzgerald'), ('Jean-Luc Picard'), ('Mary Ann Evans'), ('Madonna'), ('JOHN SMITH'), ('john smith'),
	('Smith, John'), ('Smith,John Henry'), ('Adams , John Quincy'), ('García Márquez, Gabriel José'), ('Smith, J. D.'), ('Smith,, John'), (',Smith'), ('Smith,'), ('Smith, John, Henry'),
	('Александр Сергеевич Пушкин'), ('Νίκος Καζαντζάκης'), ('محمد بن سلمان'), ('Łukasz Żółć')
) AS t (name), crm.split_name(name);

-- what belongs to the family name
SELECT name, first_name, middle_names, last_name
FROM (VALUES
	('Ludwig van Beethoven'), ('Anna van den Berg'), ('van den Berg, Anna'), ('Berg, Anna van den'), ('Jan van ''t Hoff'), ('Gerard ''t Hooft'), ('Jan in ''t Veld'), ('Jan op de Beeck'), ('Corrie ten Boom'), ('Jan ter Horst'),
	('Otto von Bismarck'), ('Ursula von der Leyen'), ('Theodor zu Guttenberg'), ('Karl-Theodor Freiherr von und zu Guttenberg'), ('Hans Henrik af Klint'), ('Charles de Gaulle'), ('Jean de La Fontaine'), ('Jeanne d''Arc'),
	('Oscar de la Hoya'), ('Juan de los Santos'), ('Luis del Olmo'), ('João da Silva'), ('Maria dos Santos e Sousa'), ('José Ortega y Gasset'), ('Josep Puig i Cadafalch'), ('Leonardo di Caprio'), ('Vincenzo Lo Monaco'), ('Tony La Russa'), ('Lorenzo de'' Medici'),
	('Mohammed bin Salman Al Saud'), ('Ibn Khaldun'), ('Abdullah al Rashid'), ('Ali ibn Abi Talib'), ('David Ben Gurion'), ('Mary St. John'), ('Sacha Baron Cohen'),
	('von Neumann'), ('van der Waals'), ('De La Cruz'), ('Van Morrison'), ('Al Gore'), ('Ben Kingsley'), ('La Toya Jackson'), ('Anna de'), ('John D Smith'), ('Mary E Jones'),
	('Gabriel García Márquez'), ('María del Carmen López'), ('María de los Ángeles Ruiz'), ('María del Carmen'), ('José de Jesús García'), ('Maria de Souza Lima'), ('Abdul Rahman Al Saud'), ('Abd al Rahman Smith'), ('Abu Bakr al Baghdadi'),
	('Anna Schmidt geb. Müller'), ('Anna Schmidt (geb. Müller)'), ('Marie Curie née Skłodowska'), ('Max Born')
) AS t (name), crm.split_name(name);

-- before and behind the name
SELECT name, honorific, first_name, middle_names, last_name, suffix
FROM (VALUES
	('Mr. John Smith'), ('Mrs Smith'), ('Ms. Jane Q. Public'), ('Dr. John Smith'), ('Prof. Smith'), ('Herr Müller'), ('Frau Dr. Anna Müller'), ('Herr Prof. Dr. med. Hans Müller'), ('Prof. Dr. Dr. h.c. mult. Hans Meier LL.M.'), ('Dr.med. Hans Huber'), ('Dipl.-Ing. Max Mustermann'),
	('Sr. Juan García'), ('Sra. María López'), ('M. Jean Dupont'), ('M. Dupont'), ('M. J. Smith'), ('Mme Marie Curie'), ('Mlle Dupont'), ('Sir Elton John'), ('Sir Elton'), ('Dame Judi Dench'), ('Rev. Jesse Jackson'), ('The Rev. Jesse Jackson'), ('Rt. Hon. Boris Johnson MP'), ('Fr. Brown'), ('Dhr. Jansen'), ('De heer Jansen'), ('Mevr. De Vries'), ('Dhr. van den Berg'),
	('Pan Jan Kowalski'), ('Pani Nowak'), ('Sig.ra Rossi'), ('Dott. Mario Rossi'), ('г-н Иванов'), ('Κύριος Παπαδόπουλος'), ('Mr. & Mrs. John Smith'), ('Mr and Mrs Smith'), ('Mr. Van Dyke'), ('Dr. Ben Carson'), ('Mr'), ('Dr. Dr.'),
	('John Smith Jr'), ('John Smith, Jr.'), ('Dr. John Q. Public, Jr., MD'), ('Smith, Jr., John'), ('Smith Jr., John'), ('Smith, John, Jr.'), ('Smith, Dr. John'), ('Smith, Dr., John'), ('King, Martin Luther, Jr.'), ('John Smith III'), ('John Smith IV'), ('John Smith V'), ('Anna V'), ('Jane Doe, PhD, MBA'), ('Jane Doe PhD MBA CPA'), ('Jane Doe, Ph.D.'), ('Jane Doe, Esq.'),
	('Jack Ma'), ('JACK MA'), ('YO YO MA'), ('John Smith MA'), ('John Smith M.A.'), ('Smith, MD'), ('Smith, J.D.'), ('John Smith, J.D.'), ('Smith PhD'), ('João Silva Filho'), ('Neymar Junior'), ('Sammy Davis Junior')
) AS t (name), crm.split_name(name);

-- in brackets and quotation marks
SELECT name, honorific, first_name, middle_names, last_name, suffix, nickname
FROM (VALUES
	('William (Bill) Gates'), ('William "Bill" Gates'), ('William “Bill” Gates'), ('William «Bill» Gates'), ('William ''Bill'' Gates'), ('William ‘Bill’ Gates'), ('William „Bill“ Gates'), ('William Gates (Bill)'), ('Gates, William (Bill) Henry III'), ('William(Bill)Gates'), ('William [Bill the Great] Gates'),
	('John O''Brien'), ('''t Hooft'), ('John "Smith'), ('John (Smith'), ('John () Smith'), ('"John Smith"'), ('"Smith, John"'), ('(John)'), ('John (PhD) Smith'), ('John Smith (Jr.)'), ('John (Dr.) Smith'), ('Alex Doe (she/her)'), ('John Smith <john@example.com>'), ('Al "Scarface" "Big Al" Capone')
) AS t (name), crm.split_name(name);

-- East Asia: the family name comes first, and is not cut from the other
SELECT name, honorific, first_name, last_name
FROM (VALUES
	('山田太郎'), ('山田 太郎'), ('山田　太郎'), ('山田、太郎'), ('김철수'), ('김 철수'), ('王小明'), ('やまだ たろう'), ('ヤマダ　タロウ'), ('山田太郎様'), ('山田 太郎 様'), ('王小明先生'), ('김철수 님'), ('様'), ('ジョン・スミス'), ('约翰·史密斯'), ('Yamada 太郎')
) AS t (name), crm.split_name(name);

-- what is no name
SELECT crm.split_name(''), crm.split_name('  '), crm.split_name('-'), crm.split_name(',,,'), crm.split_name('()'), crm.split_name('""'), crm.split_name('😀'), crm.split_name(NULL);
SELECT s.first_name, s.last_name FROM crm.split_name(NULL) AS s;
SELECT crm.split_name('Anna' || chr(160) || 'Lee'), crm.split_name('Anna' || chr(9) || chr(10) || 'Lee'), crm.split_name(U&'\FEFFAnna Lee\200F'), crm.split_name('Anna' || chr(1) || 'Lee');

-- 64 words are a name, and 1000 octets; more is kept in one part
SELECT n, octet_length(first_name) AS first_name, octet_length(middle_names) AS middle_names, octet_length(last_name) AS last_name
FROM (VALUES (63), (64), (65)) AS t (n), crm.split_name(repeat('x ', n)) UNION ALL
SELECT n, octet_length(first_name), octet_length(middle_names), octet_length(last_name)
FROM (VALUES (1000), (1001)) AS t (n), crm.split_name(repeat('x', n - 2) || ' y');
SELECT length((crm.split_name(repeat('John Smith ', 100000))).last_name) AS words, length((crm.split_name(repeat('é', 500000))).last_name) AS letters,
	length((crm.split_name(repeat('(', 1000000))).last_name) AS brackets, (crm.split_name(repeat(' ', 1000000))).last_name IS NULL AS blanks,
	(crm.split_name(repeat('(', 999))).first_name AS signs, length((crm.split_name(repeat('(a', 499))).first_name) AS unclosed;
