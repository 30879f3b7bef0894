-- Keys: what providers ignore in the addresses of one mailbox.

SELECT address, crm.email_key(address)
FROM (VALUES
	('J.o.e.Bloggs+News@GMail.com'), ('joebloggs@googlemail.com'), ('"joe.bloggs"@gmail.com'), ('joe+a+b@gmail.com'), ('joe+@gmail.com'),
	('+tag@gmail.com'), ('"joe bloggs"@gmail.com'), ('"joe+a bloggs"@gmail.com'), ('jöe.x+y@gmail.com'), ('joe.x+ö@gmail.com'), (U&'joe.\0301x@gmail.com'),
	('joe.bloggs+news@outlook.com'), ('joe+news@hotmail.co.uk'), ('joe@live.com'), ('joe@hotmail.com'),
	('joe+news@icloud.com'), ('joe@me.com'), ('joe.+news@icloud.com'),
	('J.o-e_b+news@Proton.me'), ('joeb@protonmail.com'), ('_-.a@pm.me'), ('_-_@pm.me'),
	('joe+news@fastmail.com'), ('news@joe.fastmail.com'), ('news+x@joe.fastmail.fm'), ('a@b.joe.fastmail.com'), ('"a b"@joe.fastmail.com'),
	('joe+news@yandex.com'), ('joe@ya.ru'), ('joe-x@yandex.kz'),
	('anne-marie@yahoo.com'), ('joe+x@yahoo.com'), ('joe+x@example.com'), ('j.oe@example.com'), ('joe@sub.gmail.com'),
	('joe@gmail.com.example'), ('joe@notgmail.com'), ('joe@gmail.co'), ('joe+x@bücher.example'), ('no address'), ('')
) AS t (address);

-- a key is an address, and its own key
SELECT address FROM (
	SELECT format('%s@%s', l, d) AS address
	FROM unnest(ARRAY['a.b', 'a+b', '+a', 'a.+b', '_', '-._+', 'a-b_c.d+e.f', '"a+ b"', '"a+b"', '".a"', 'x']) AS l,
		unnest('{gmail.com,googlemail.com,outlook.com,proton.me,x.fastmail.com,fastmail.fm,ya.ru,example.com}'::text[]) AS d) AS t
WHERE crm.is_email(address) AND
	(NOT crm.is_email(crm.email_key(address)) OR crm.email_key(crm.email_key(address)) <> crm.email_key(address) OR
	 crm.email_key(address) <> crm.normalize_email(crm.email_key(address)) OR
	 crm.email_key(crm.normalize_email(address)) <> crm.email_key(address));
