-- What is an e-mail address, what is wrong with the rest, and the normal form.

-- what people have, and what the standard allows besides
SELECT address, crm.is_email(address), crm.normalize_email(address)
FROM (VALUES
	('joe@example.com'), ('Joe.Bloggs@Example.COM'), ('o''neil+tag@sub.example.co.uk'),
	('a@b.co'), ('1@2x.io'), ('user_name@xn--bcher-kva.example'), ('!#$%&''*+-/=?^_`{|}~@example.org'),
	('a-b@c-d.ee'), ('x@y.museum'), ('x@1.2.3.4a'), ('-@example.com'), ('a@r3---sn.example.com'),
	('a@XN--BCHER-KVA.example'), ('a@xn--no-such-name.example'), ('a@b.c'), ('1234567890@example.com'),
	('"joe bloggs"@example.com'), ('"joe"@example.com'), ('"Joe.Bloggs"@example.com'),
	('"a\b\c"@example.com'), ('"a\"b"@example.com'), ('"a\\b"@example.com'), ('"a\@b"@example.com'),
	('"a@b"@example.com'), ('"@"@example.com'), ('" "@example.com'), ('"\ "@example.com'),
	('"a..b"@example.com'), ('".a"@example.com'), ('"a."@example.com'), ('"."@example.com'),
	('"<a>,(b);:[c]"@example.com'), ('"\\"@example.com')
) AS t (address);

-- what is none, and what is said about it
SELECT address, crm.is_email(address) AS is_email, p.is_valid, p.diagnosis, p.at_position, crm.normalize_email(address)
FROM (VALUES
	(''), ('joe'), ('@example.com'), ('@'), ('joe@'), ('joe@localhost'), ('joe@@example.com'), ('joe@a@example.com'),
	('joe@example.com '), (' joe@example.com'), ('joe bloggs@example.com'),
	('.joe@example.com'), ('joe.@example.com'), ('j..oe@example.com'), ('.@example.com'), ('..@example.com'),
	('joe@.example.com'), ('joe@example.com.'), ('joe@example..com'), ('joe@.'), ('joe@..'),
	('joe@-example.com'), ('joe@example-.com'), ('joe@example.com-'), ('joe@-.com'), ('joe@exam_ple.com'),
	('joe@1.2.3.4'), ('joe@[1.2.3.4]'), ('joe@[IPv6:::1]'), ('joe@example.123'), ('joe@123'),
	('Joe <joe@example.com>'), ('<joe@example.com>'), ('mailto:joe@example.com'), ('joe@example.com,ann@example.com'),
	('joe(comment)@example.com'), ('(comment)joe@example.com'), ('joe@(comment)example.com'), ('joe@example.com(comment)'),
	('joe@exa' || chr(10) || 'mple.com'), (E'joe\t@example.com'), (E'joe\x01@example.com'), (E'joe\x7f@example.com'),
	(E'joe@example.com\n'), (E'joe@example.com\x01'), ('joe\@a@example.com'), ('joe\ bloggs@example.com'),
	('joe@example.com/a'), ('joe@example,com'), ('joe@exam ple.com'),
	('"joe@example.com'), ('"joe"bloggs@example.com'), ('"joe".bloggs@example.com'), ('joe"bloggs"@example.com'),
	('"joe"'), ('"joe"@'), ('""@example.com'), ('"'), ('"""@example.com'), ('"\"@example.com'), ('"a' || chr(10) || '"@example.com'),
	(E'"a\\\x01"@example.com'), ('"joe" @example.com'), ('"joe"@localhost')
) AS t (address), crm.parse_email(address) AS p;

-- the parts are as typed
SELECT p.* FROM (VALUES ('Joe.Bloggs@Example.COM'), ('"a@\b"@EXAMPLE.com')) AS t (address), crm.parse_email(address) AS p;

-- lengths: local part 64, label 63, all 254 octets
SELECT crm.is_email(repeat('a', 64) || '@example.com') AS local_64,
	crm.is_email(repeat('a', 65) || '@example.com') AS local_65,
	crm.is_email('"' || repeat(' ', 62) || '"@example.com') AS quoted_64,
	crm.is_email('"' || repeat(' ', 63) || '"@example.com') AS quoted_65,
	crm.is_email('a@' || repeat('b', 63) || '.com') AS label_63,
	crm.is_email('a@' || repeat('b', 64) || '.com') AS label_64,
	crm.is_email('a@' || repeat('b.', 124) || 'com') AS all_253,
	crm.is_email('aaaa@' || repeat('b.', 123) || 'com') AS all_254,
	crm.is_email('aaaaa@' || repeat('b.', 123) || 'com') AS all_255;
SELECT p.diagnosis FROM (VALUES (repeat('a', 65) || '@example.com'), ('a@' || repeat('b', 64) || '.com'),
	('aaaaa@' || repeat('b.', 123) || 'com'), (repeat('a', 1000000)), (repeat('ä', 500000) || '@example.com')) AS t (address),
	crm.parse_email(address) AS p;
SELECT crm.is_email(repeat('a', 1000000)), crm.is_email(repeat('a@b.', 100000) || 'com'), crm.is_email(repeat('"', 1000000)),
	crm.normalize_email(repeat('ä', 500000)), crm.email_key(repeat('@', 1000000)), crm.email_domain(repeat('.', 1000000));

-- each character of ASCII, in the local part, in quotes, after a backslash, in the domain
SELECT string_agg(chr(c), '' ORDER BY c) FILTER (WHERE crm.is_email('a' || chr(c) || 'b@example.com')) AS plain,
	string_agg(chr(c), '' ORDER BY c) FILTER (WHERE crm.is_email('"a' || chr(c) || 'b"@example.com')) AS quoted,
	count(*) FILTER (WHERE crm.is_email('"a\' || chr(c) || 'b"@example.com')) AS with_backslash,
	string_agg(chr(c), '' ORDER BY c) FILTER (WHERE crm.is_email('ab@a' || chr(c) || 'b.com')) AS domain
FROM generate_series(1, 127) AS c;

-- NULL stays NULL; the normal form is a fixed point
SELECT crm.is_email(NULL) IS NULL, crm.normalize_email(NULL) IS NULL, crm.email_key(NULL) IS NULL,
	crm.email_domain(NULL) IS NULL, (crm.parse_email(NULL)).is_valid IS NULL;
SELECT crm.normalize_email(crm.normalize_email('A.B@C.DE'));
SELECT crm.email_domain('Joe@Mail.EXAMPLE.com'), crm.email_domain('"a@b"@example.com'), crm.email_domain('joe@localhost');

-- usable in an index, and found through it
CREATE TEMP TABLE mailbox (address text);
INSERT INTO mailbox SELECT 'User' || i || '@Example.com' FROM generate_series(1, 1000) AS i;
CREATE UNIQUE INDEX mailbox_key ON mailbox (crm.normalize_email(address));
CREATE INDEX mailbox_provider_key ON mailbox (crm.email_key(address));
CREATE INDEX mailbox_domain ON mailbox (crm.email_domain(address));
ANALYZE mailbox;
EXPLAIN (COSTS OFF) SELECT FROM mailbox WHERE crm.normalize_email(address) = crm.normalize_email('USER7@EXAMPLE.COM');
SELECT address FROM mailbox WHERE crm.normalize_email(address) = crm.normalize_email('USER7@EXAMPLE.COM');
INSERT INTO mailbox VALUES ('uSER7@example.COM');
INSERT INTO mailbox VALUES ('"USER7"@example.COM');
EXPLAIN (COSTS OFF) SELECT FROM mailbox WHERE crm.email_key(address) = crm.email_key('USER7@EXAMPLE.COM');

-- the domain, for tables of one's own
CREATE TEMP TABLE subscriber (email crm.email_address NOT NULL);
INSERT INTO subscriber VALUES ('Joe@example.com'), ('"joe bloggs"@example.com');
INSERT INTO subscriber VALUES ('joe@example');
SELECT 'joe'::crm.email_address;
SELECT NULL::crm.email_address IS NULL;
