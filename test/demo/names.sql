-- Names of people, most frequent first.  A name that does not become Latin by
-- dropping accents carries its Latin form after a slash; _ stands for a blank.

CREATE TEMP TABLE demo_name_lists (culture text, kind text, names text);
INSERT INTO demo_name_lists VALUES
('en', 'first', 'James Mary Michael Jennifer Robert Linda John Elizabeth David Susan William Jessica
	Richard Sarah Joseph Karen Thomas Patricia Christopher Margaret Charles Katherine Daniel Emily
	Matthew Amanda Anthony Rebecca Andrew Laura Joshua Nicole Kenneth Samantha Steven Deborah
	Edward Victoria Timothy Abigail Jonathan Olivia Benjamin Grace Samuel Alexandra Gregory Hannah
	Patrick Judith Nathan Megan Zachary Theodora'),
('en', 'last', 'Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Taylor Thomas Moore
	Jackson Martin Lee Thompson White Harris Clark Lewis Robinson Walker Young Allen King Wright
	Scott Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts Phillips Evans Turner
	Parker Collins Edwards Stewart Morris Murphy Cook Rogers Morgan Cooper Reed Bailey Kelly Howard
	O''Brien Ward Cox Richardson Wood Watson Brooks Bennett Gray Hughes Price Sanders Patel
	MacDonald Fletcher Whitaker Ashworth Pemberton Hargreaves Abernathy'),
('de', 'first', 'Thomas Sabine Michael Anna Andreas Petra Stefan Julia Christian Claudia Markus
	Katharina Peter Susanne Martin Stefanie Jürgen/Juergen Birgit Wolfgang Monika Matthias Nicole
	Klaus Heike Alexander Ursula Sebastian Lena Jörg/Joerg Franziska Günther/Guenther Käthe/Kaethe
	Hans-Peter/Hans-Peter Annika Florian Sören/Soeren Leonie Tobias Brigitte Maximilian'),
('de', 'last', 'Müller/Mueller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann
	Schäfer/Schaefer Koch Bauer Richter Klein Wolf Schröder/Schroeder Neumann Schwarz Zimmermann
	Braun Krüger/Krueger Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann Köhler/Koehler
	Maier König/Koenig Huber Kaiser Weiß/Weiss Jung Vogel Friedrich Groß/Gross Böhm/Boehm Winkler
	Lorenz Baumann von_Hagen/vonHagen Götz/Goetz Sauer Arnold Pohl'),
('fr', 'first', 'Jean Marie Pierre Nathalie Michel Isabelle Philippe Sylvie Nicolas Catherine
	François Céline Julien Aurélie Stéphane Camille Frédéric Hélène Jérôme Élodie Sébastien Chloé
	Guillaume Manon Jean-Luc Anne-Sophie Thierry Océane Benoît Margaux'),
('fr', 'last', 'Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent
	Lefebvre Michel Garcia David Bertrand Roux Vincent Fournier Morel Girard André Mercier Dupont
	Lambert Bonnet François Martinez Lefèvre Rousseau Chevalier Garnier Faure Benoît Deschamps'),
('es', 'first', 'Antonio María José Carmen Manuel Ana Francisco Isabel David Laura Juan Cristina
	Javier Marta Daniel Lucía Carlos Pilar Jesús Elena Alejandro Raquel Miguel Sofía Rafael Beatriz
	Pablo Inés Álvaro Begoña Andrés Concepción Íñigo Rocío'),
('es', 'last', 'García González Rodríguez Fernández López Martínez Sánchez Pérez Gómez Martín
	Jiménez Ruiz Hernández Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres
	Domínguez Vázquez Ramos Gil Ramírez Serrano Blanco Molina Morales Suárez Ortega Delgado
	de_la_Fuente Ibáñez'),
('pl', 'first', 'Piotr Anna Krzysztof Maria Andrzej Katarzyna Tomasz Małgorzata Paweł Agnieszka
	Jan Barbara Michał Ewa Marcin Magdalena Stanisław Elżbieta Jakub Joanna Łukasz Aleksandra
	Grzegorz Zofia Wojciech Halina'),
('pl', 'last', 'Nowak Kowalski Wiśniewski Wójcik Kowalczyk Kamiński Lewandowski Zieliński
	Szymański Woźniak Dąbrowski Kozłowski Jankowski Mazur Kwiatkowski Krawczyk Kaczmarek Piotrowski
	Grabowski Zając Pawłowski Michalski Król Jabłoński Wróbel Majewski Stępień Gołąb'),
('tr', 'first', 'Mehmet Fatma Mustafa Ayşe Ahmet Emine Ali Hatice Hüseyin Zeynep Hasan Elif İbrahim
	Meryem Murat Şerife Ömer Zehra Yusuf Gülsüm Emre Büşra Çağrı Özlem Tuğçe Işıl'),
('tr', 'last', 'Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan
	Kılıç Aslan Çetin Kara Koç Kurt Özkan Şimşek Polat Korkmaz Çakır Erdoğan Güneş Bulut'),
('vi', 'first', 'Anh Hương Minh Linh Hùng Thảo Dũng Hạnh Tuấn Trang Nam Hà Đức Mai Long Ngọc Quang
	Phương Hoàng Yến Thành Lan Khánh Vy'),
('vi', 'last', 'Nguyễn Trần Lê Phạm Huỳnh Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý'),
('ar', 'first', 'Mohammed Fatima Ahmed Aisha Ali Maryam Omar Layla Hassan Noor Khalid Zainab
	Youssef Huda Abdullah Salma Ibrahim Rania Tariq Yasmin Abdul_Rahman Samira'),
('ar', 'last', 'Al-Sayed Hassan Ibrahim Al-Farsi Khalil Mansour Haddad El-Masry Saleh Nasser
	Al-Hashimi Aziz Bakri Suleiman Darwish Qasim Rahman Othman Al-Zahrani Shaheen'),
('zh', 'first', 'Wei Fang Min Jing Li Qiang Lei Yan Jun Xia Tao Chao Xiuying Na Yong Hui Xiaoming
	Mei Guoqiang Ting Zhiyuan Yuxin'),
('zh', 'last', 'Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo
	Zheng Ouyang'),
('hans', 'first', '伟/Wei 芳/Fang 敏/Min 静/Jing 丽/Li 强/Qiang 磊/Lei 军/Jun 洋/Yang 艳/Yan 勇/Yong
	杰/Jie 秀英/Xiuying 建华/Jianhua 晓明/Xiaoming 志强/Zhiqiang 雨欣/Yuxin 子涵/Zihan 浩然/Haoran'),
('hans', 'last', '王/Wang 李/Li 张/Zhang 刘/Liu 陈/Chen 杨/Yang 黄/Huang 赵/Zhao 吴/Wu 周/Zhou 徐/Xu
	孙/Sun 马/Ma 朱/Zhu 胡/Hu 郭/Guo 何/He 高/Gao 林/Lin 欧阳/Ouyang'),
('cyr', 'first', 'Олександр/Oleksandr Олена/Olena Сергій/Serhii Наталія/Nataliia Андрій/Andrii
	Ірина/Iryna Володимир/Volodymyr Оксана/Oksana Микола/Mykola Тетяна/Tetiana Іван/Ivan
	Юлія/Yuliia Дмитро/Dmytro Людмила/Liudmyla Богдан/Bohdan Катерина/Kateryna'),
('cyr', 'last', 'Шевченко/Shevchenko Бондаренко/Bondarenko Мельник/Melnyk Коваленко/Kovalenko
	Бойко/Boiko Ткаченко/Tkachenko Кравченко/Kravchenko Ковальчук/Kovalchuk Олійник/Oliinyk
	Шевчук/Shevchuk Поліщук/Polishchuk Лисенко/Lysenko Савченко/Savchenko Руденко/Rudenko
	Марченко/Marchenko Мороз/Moroz Клименко/Klymenko'),
('el', 'first', 'Γιώργος/Giorgos Μαρία/Maria Δημήτρης/Dimitris Ελένη/Eleni Κώστας/Kostas
	Αικατερίνη/Aikaterini Γιάννης/Giannis Βασιλική/Vasiliki Νίκος/Nikos Σοφία/Sofia
	Παναγιώτης/Panagiotis Αγγελική/Angeliki Χρήστος/Christos Δήμητρα/Dimitra'),
('el', 'last', 'Παπαδόπουλος/Papadopoulos Οικονόμου/Oikonomou Παπαδάκης/Papadakis
	Γεωργίου/Georgiou Δημητρίου/Dimitriou Νικολαΐδης/Nikolaidis Βασιλείου/Vasileiou
	Ιωάννου/Ioannou Αντωνίου/Antoniou Κωνσταντίνου/Konstantinou Αλεξίου/Alexiou Μακρής/Makris');

-- "latin" is how the person would write the name in English, "letters" what an
-- address is made of.
CREATE TEMP TABLE demo_names AS
SELECT culture, kind, place, name, latin, pg_temp.ascii_letters(latin) AS letters
FROM demo_name_lists,
	regexp_split_to_table(btrim(names), '\s+') WITH ORDINALITY AS word (spelling, place),
	LATERAL (SELECT replace(split_part(spelling, '/', 1), '_', ' ') AS name) AS native,
	LATERAL (SELECT CASE WHEN spelling LIKE '%/%' THEN split_part(spelling, '/', 2)
			ELSE regexp_replace(normalize(translate(name, 'łŁđĐıİ', 'lLdDiI'), NFD),
				'[\u0300-\u036f]', '', 'g') END AS latin) AS western;
CREATE UNIQUE INDEX ON demo_names (culture, kind, place);

CREATE TEMP TABLE demo_name_counts AS
SELECT culture, kind, count(*) AS names FROM demo_names GROUP BY culture, kind;

-- Short forms that people go by.
CREATE TEMP TABLE demo_nicknames (name text, nickname text);
INSERT INTO demo_nicknames VALUES
	('James', 'Jim'), ('Michael', 'Mike'), ('Robert', 'Bob'), ('Elizabeth', 'Liz'),
	('David', 'Dave'), ('Susan', 'Sue'), ('William', 'Bill'), ('Jennifer', 'Jenny'),
	('Richard', 'Dick'), ('Joseph', 'Joe'), ('Thomas', 'Tom'), ('Patricia', 'Pat'),
	('Christopher', 'Chris'), ('Margaret', 'Peggy'), ('Charles', 'Chuck'), ('Katherine', 'Kate'),
	('Daniel', 'Dan'), ('Matthew', 'Matt'), ('Amanda', 'Mandy'), ('Anthony', 'Tony'),
	('Rebecca', 'Becky'), ('Andrew', 'Drew'), ('Joshua', 'Josh'), ('Kenneth', 'Ken'),
	('Samantha', 'Sam'), ('Steven', 'Steve'), ('Deborah', 'Debbie'), ('Edward', 'Ted'),
	('Victoria', 'Vicky'), ('Timothy', 'Tim'), ('Abigail', 'Abby'), ('Jonathan', 'Jon'),
	('Benjamin', 'Ben'), ('Alexandra', 'Sandra'), ('Gregory', 'Greg'), ('Theodora', 'Dora'),
	('Katharina', 'Kathi'), ('Sebastian', 'Basti'), ('Alexander', 'Alex'), ('Hans-Peter', 'Hape'),
	('Franziska', 'Franzi'), ('Matthias', 'Matze'), ('Maximilian', 'Max'), ('Ursula', 'Uschi'),
	('Guillaume', 'Guill'), ('Stéphane', 'Steph'), ('Frédéric', 'Fred'), ('Nicolas', 'Nico'),
	('José', 'Pepe'), ('Francisco', 'Paco'), ('Manuel', 'Manolo'), ('María', 'Mari'),
	('Jesús', 'Chus'), ('Concepción', 'Concha'), ('Alejandro', 'Álex'), ('Rafael', 'Rafa'),
	('Krzysztof', 'Krzysiek'), ('Małgorzata', 'Gosia'), ('Katarzyna', 'Kasia'), ('Anna', 'Ania'),
	('Tomasz', 'Tomek'), ('Agnieszka', 'Aga'), ('Aleksandra', 'Ola'), ('Piotr', 'Piotrek'),
	('Олександр', 'Сашко'), ('Катерина', 'Катя'), ('Наталія', 'Наталка'), ('Παναγιώτης', 'Πάνος');
