\pset format unaligned
-- what people type as a website, and addresses
SELECT website, crm.web_host(website), crm.registrable_domain(website)
FROM (VALUES
	('example.com'), ('www.example.com'), ('WWW.Example.CO.UK'), ('http://www.example.com'),
	('HTTPS://shop.example.com:8443/path?q=http://other.example#top'), ('//example.com/x'),
	('http:example.com'), ('http:\\www.example.com\x'), ('http:///example.com'), ('https:/example.com'),
	('example.com.'), ('example.com/'), ('example.com?q'), ('example.com#x'), ('example.com:'), ('example.com:65535/'),
	('  example.com  '), (E'\t\n http://example.com\r\n'), (U&'\FEFFhttp://example.com\00A0\200B'),
	('http://user:secret@example.com/'), ('http://us@er:p@ss@example.com'), ('http://example.com\@evil.example/'),
	('http://example.com/a b'), ('joe@example.com'), ('mailto:joe@example.com?subject=x'), ('Joe.Bloggs@Sub.Example.org'),
	('bücher.example'), ('http://BÜCHER.example/'), ('xn--bcher-kva.example'), ('ｅｘａｍｐｌｅ．ｃｏｍ'),
	('日本語.jp'), ('пример.рф'), ('faß.de'), ('r3---sn.googlevideo.com')
) AS t (website);

-- public suffixes, private ones too
SELECT website, crm.web_host(website), crm.registrable_domain(website)
FROM (VALUES
	('com'), ('co.uk'), ('example.co.uk'), ('a.b.example.co.uk'), ('acme.github.io'), ('github.io'),
	('www.acme.myshopify.com'), ('myshopify.com'), ('foo.bar.kawasaki.jp'), ('bar.kawasaki.jp'), ('city.kawasaki.jp'),
	('www.city.kawasaki.jp'), ('www.ck'), ('foo.ck'), ('a.b.unknowntop'), ('unknowntop'), ('www.食狮.公司.cn')
) AS t (website);

-- what has no public host
SELECT website, crm.web_host(website), crm.registrable_domain(website)
FROM (VALUES
	(''), (' '), ('-'), ('n/a'), ('N.A.'), ('none'), ('Email'), ('localhost'), ('http://localhost:8080/'), ('http://'), ('//'), ('/'), ('https'),
	('192.168.1.1'), ('http://192.168.1.1/'), ('http://0x7f.1'), ('1.5m'), ('example.123'), ('[::1]'), ('http://[2001:db8::1]/'), ('http://3232235777/'),
	('ftp://example.com'), ('javascript:alert(1)'), ('file:///etc/passwd'), ('tel:+1-555-0100'), ('sip:joe@example.com'), ('user:secret@example.com'),
	('exa mple.com'), ('www. example.com'), ('a.com b.com'), ('a.com, b.com'), (E'a.com\nb.com'), (E'exam\tple.com'), (E'http://example.com/\x01x'),
	('http://exam%70le.com'), ('exam_ple.com'), ('-example.com'), ('example-.com'), ('example..com'), ('.example.com'), ('example.com..'),
	('example.com:x'), ('example.com:65536'), ('example.com:80:80'), ('http://@'), ('joe@'), ('joe@a.com,ann@b.com'), ('Joe <joe@example.com>'),
	('http://http://example.com'), ('http//example.com'), ('xn--a.example'), (U&'exam\00AD'), ('exa' || U&'\202E' || 'mple.com')
) AS t (website);

-- lengths: label 63, host 253, text 2048
SELECT crm.web_host(repeat('a', 63) || '.com') IS NOT NULL AS label_63,
	crm.web_host(repeat('a', 64) || '.com') IS NULL AS label_64,
	length(crm.web_host(repeat('a.', 125) || 'com')) AS host_253,
	crm.web_host(repeat('a.', 126) || 'com') IS NULL AS host_255,
	crm.registrable_domain(repeat('a.', 125) || 'com') AS domain_253,
	crm.web_host('example.com/' || repeat('x', 2048 - 12)) AS text_2048,
	crm.web_host('example.com/' || repeat('x', 2048 - 11)) IS NULL AS text_2049,
	crm.web_host('example.com' || repeat(' ', 2048)) IS NULL AS blanks;
SELECT crm.web_host(repeat('a.', 500000) || 'com'), crm.registrable_domain(repeat('x', 1000000)), crm.is_free_mail(repeat('gmail.com.', 100000));

-- free mail: any case, A- or U-labels, and what lies below; a domain, not an address
SELECT domain, crm.is_free_mail(domain)
FROM (VALUES
	('gmail.com'), ('GMail.COM'), ('googlemail.com'), ('gmail.com.'), ('ｇｍａｉｌ．ｃｏｍ'), ('yahoo.co.uk'), ('qq.com'), ('mail.ru'), ('hotmail.fr'),
	('hey.com'), ('tuta.com'), ('tutanota.com'), ('gmx.ch'), ('posteo.de'), ('mailbox.org'), ('duck.com'), ('privaterelay.appleid.com'),
	('joe.fastmail.com'), ('a.b.web.de'), ('bücher.gmail.com'), ('net.ua'), ('dyndns.org'),
	('acme.net.ua'), ('acme.dyndns.org'), ('appleid.com'), ('notgmail.com'), ('gmail.com.example'), ('mail.com.example'), ('com'), ('example.com'),
	('siemens.com'), ('joe@gmail.com'), (' gmail.com'), ('http://gmail.com'), ('.gmail.com'), ('gmail..com'), (''), ('.'), ('=net.ua'), ('gmail.com' || chr(10) || 'yahoo.com')
) AS t (domain);

-- NULL stays NULL; results are fixed points
SELECT crm.web_host(NULL) IS NULL AND crm.registrable_domain(NULL) IS NULL AND crm.is_free_mail(NULL) IS NULL AS nulls;
SELECT crm.web_host(crm.web_host('http://Bücher.example/x')), crm.registrable_domain(crm.registrable_domain('www.example.co.uk'));

-- the host is usable in an index, and found through it; the domain is not
CREATE TEMP TABLE site (website text, domain text);
INSERT INTO site SELECT 'http://www.Example' || i || '.com/' FROM generate_series(1, 1000) AS i;
UPDATE site SET domain = crm.registrable_domain(website);
CREATE INDEX site_host_idx ON site (crm.web_host(website));
ANALYZE site;
EXPLAIN (COSTS OFF) SELECT FROM site WHERE crm.web_host(website) = crm.web_host('www.example7.com');
SELECT website, domain FROM site WHERE crm.web_host(website) = crm.web_host('www.EXAMPLE7.com');
CREATE INDEX ON site (crm.registrable_domain(website));
