-- what people have
SELECT address, crm.is_email(address), crm.normalize_email(address)
FROM (VALUES
	('joe@example.com'), ('Joe.Bloggs@Example.COM'), ('o''neil+tag@sub.example.co.uk'),
	('a@b.co'), ('1@2x.io'), ('user_name@xn--bcher-kva.example'), ('!#$%&''*+-/=?^_`{|}~@example.org'),
	('a-b@c-d.ee'), ('x@y.museum'), ('x@1.2.3.4a')
) AS t (address);

-- what is none
SELECT address, crm.is_email(address), crm.normalize_email(address)
FROM (VALUES
	(''), ('joe'), ('@example.com'), ('joe@'), ('joe@localhost'), ('joe@@example.com'),
	('joe@example.com '), (' joe@example.com'), ('joe bloggs@example.com'),
	('.joe@example.com'), ('joe.@example.com'), ('j..oe@example.com'),
	('joe@.example.com'), ('joe@example.com.'), ('joe@example..com'),
	('joe@-example.com'), ('joe@example-.com'), ('joe@exam_ple.com'),
	('joe@1.2.3.4'), ('joe@[1.2.3.4]'), ('joe@example.123'),
	('Joe <joe@example.com>'), ('mailto:joe@example.com'), ('joe@example.com,ann@example.com'),
	('joe(comment)@example.com'), ('joe@exa' || chr(10) || 'mple.com'), (E'joe\t@example.com'),
	('jöe@example.com'), ('joe@exämple.com')
) AS t (address);

-- lengths: local part 64, label 63, all 254 octets
SELECT crm.is_email(repeat('a', 64) || '@example.com') AS local_64,
	crm.is_email(repeat('a', 65) || '@example.com') AS local_65,
	crm.is_email('a@' || repeat('b', 63) || '.com') AS label_63,
	crm.is_email('a@' || repeat('b', 64) || '.com') AS label_64,
	crm.is_email('a@' || repeat('b.', 124) || 'com') AS all_254_minus,
	crm.is_email('aaaa@' || repeat('b.', 123) || 'com') AS all_254,
	crm.is_email('aaaaa@' || repeat('b.', 123) || 'com') AS all_255;
SELECT crm.is_email(repeat('a', 1000000)), crm.is_email(repeat('a@b.', 100000) || 'com');

-- NULL stays NULL; the normal form is a fixed point
SELECT crm.is_email(NULL) IS NULL, crm.normalize_email(NULL) IS NULL;
SELECT crm.normalize_email(crm.normalize_email('A.B@C.DE'));

-- usable in an index, and found through it
CREATE TEMP TABLE mailbox (address text);
INSERT INTO mailbox SELECT 'User' || i || '@Example.com' FROM generate_series(1, 1000) AS i;
CREATE UNIQUE INDEX mailbox_key ON mailbox (crm.normalize_email(address));
ANALYZE mailbox;
EXPLAIN (COSTS OFF) SELECT FROM mailbox WHERE crm.normalize_email(address) = crm.normalize_email('USER7@EXAMPLE.COM');
SELECT address FROM mailbox WHERE crm.normalize_email(address) = crm.normalize_email('USER7@EXAMPLE.COM');
INSERT INTO mailbox VALUES ('uSER7@example.COM');
