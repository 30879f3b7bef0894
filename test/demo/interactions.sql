-- What happened around the deals: activities and e-mails.

-- Deals take turns unevenly: some are talked about for months, some not at all.
-- Ended is the last moment at which something can have happened.
CREATE TEMP TABLE demo_talks AS
SELECT row_number() OVER (ORDER BY pg_temp.dice(id, 'talk', 1000000), id) AS place,
	d.id AS deal_id, d.contact_id, d.company_id, coalesce(d.owner_id, 1 + d.id % 11) AS user_id,
	d.created_at AS started, coalesce(d.closed_at, CURRENT_DATE - 1) AS ended, d.closed_at IS NULL AS is_open
FROM sales.deals AS d;
CREATE UNIQUE INDEX ON demo_talks (place);
ANALYZE demo_talks;

CREATE TEMP TABLE demo_busy_contact AS
SELECT c.id AS contact_id, c.company_id, coalesce(c.owner_id, 1) AS user_id, c.created_at AS started
FROM demo_contacts AS d JOIN sales.contacts AS c USING (id)
WHERE d.copy = 0 AND d.n IN (SELECT n FROM demo_busy);

-- The first 26,000 belong to deals, the next 2,700 to people without one, and
-- the last 1,300 to the busy contact.
CREATE TEMP TABLE demo_events AS
SELECT n, deal_id, t.contact_id, t.company_id, t.user_id, t.is_open, greatest(started, least(ended,
	pg_temp.some_day(started, ended, pg_temp.dice(n, 'moment', 10000), n))) AS happened
FROM generate_series(1, 26000) AS n
	JOIN demo_talks AS t ON t.place = pg_temp.skewed(n, 'deal', 8000)
UNION ALL
SELECT n, NULL, c.id, c.company_id, coalesce(c.owner_id, 1 + n % 11), false,
	pg_temp.some_day(c.created_at, CURRENT_DATE - 1, pg_temp.dice(n, 'moment', 10000), n)
FROM generate_series(26001, 28700) AS n
	JOIN sales.contacts AS c ON c.id = 1 + pg_temp.dice(n, 'contact', (SELECT count(*) FROM sales.contacts))
UNION ALL
SELECT n, NULL, contact_id, company_id, user_id, false,
	pg_temp.some_day(started, CURRENT_DATE - 1, (n - 28700) * 10000 / 1300, n)
FROM generate_series(28701, 30000) AS n, demo_busy_contact;

CREATE TEMP TABLE demo_subjects (type text, subjects text);
INSERT INTO demo_subjects VALUES
	('call', 'First call|Follow-up call|Call about the quote|Pricing call|Left a voicemail|Call with purchasing|Status call'),
	('meeting', 'Demo|On-site visit|Kick-off|Contract review|Quarterly review|Lunch|Workshop'),
	('task', 'Send the quote|Prepare the demo|Check references|Update the forecast|Send the contract|Ask legal'),
	('note', 'Budget|Competition|Decision process|Timeline|Personal|Technical requirements'),
	('email', 'Write after the fair|Send brochure|Thank for the order|Ask for a date|Answer questions');

-- Notes have no time of their own.  The rest was done when it happened, except
-- for what lies ahead, and what was forgotten.
INSERT INTO sales.activities (id, contact_id, company_id, deal_id, type, subject, description,
	scheduled_at, completed_at, user_id, created_at, updated_at, archived_at)
SELECT row_number() OVER (ORDER BY happened, n), contact_id, company_id, deal_id, type,
	pg_temp.pick(subjects, n, 'subject'),
	CASE WHEN type = 'note' OR pg_temp.chance(n, 'described', 20) THEN pg_temp.pick(
		'Wants an answer by the end of the month.|Has to ask the board first.|Compares us with two others.|Budget is approved.|Prefers to be called in the morning.|Asked for a discount of ten percent.|Very happy with the pilot.|New contact in purchasing.',
		n, 'description') END,
	CASE WHEN type = 'note' THEN NULL
		WHEN state = 'ahead' THEN pg_temp.at_work(CURRENT_DATE + 3 + pg_temp.dice(n, 'ahead', 28)::integer, n, 'hour')
		WHEN state = 'forgotten' OR type <> 'call' THEN happened + interval '1 hour' END,
	CASE WHEN type <> 'note' AND state = 'done' THEN happened + interval '2 hours' END,
	user_id, happened, happened,
	CASE WHEN pg_temp.chance(n, 'archived', 0.5) THEN happened + interval '3 hours' END
FROM demo_events
	CROSS JOIN LATERAL (SELECT (ARRAY['call', 'call', 'call', 'call', 'meeting', 'meeting', 'task', 'task', 'note', 'email'])
			[1 + pg_temp.dice(n, 'type', 10)] AS type,
		CASE WHEN is_open AND pg_temp.chance(n, 'planned', 16) THEN 'ahead'
			WHEN is_open AND pg_temp.chance(n, 'missed', 7) THEN 'forgotten'
			ELSE 'done' END AS state) AS drawn
	JOIN demo_subjects USING (type)
ORDER BY happened, n;
SELECT setval(pg_get_serial_sequence('sales.activities', 'id'), max(id)) FROM sales.activities \g /dev/null

INSERT INTO sales.activity_contacts (activity_id, contact_id, created_at, updated_at)
SELECT a.id, c.id, a.created_at, a.created_at
FROM sales.activities AS a
	JOIN sales.contacts AS c ON c.company_id = a.company_id AND c.id <> a.contact_id AND c.archived_at IS NULL
WHERE a.type = 'meeting' AND pg_temp.chance(a.id * 20000 + c.id, 'comes along', 5)
ORDER BY a.id, c.id;

-- What the messages of a thread say; the first and the third are ours.
CREATE TEMP TABLE demo_mail_texts (topic bigint, subject text, greeting text, opening text, answer text, reply text, thanks text);
INSERT INTO demo_mail_texts VALUES
	(1, 'Your quote', 'Hello', 'please find our quote attached. It is valid for thirty days.', 'thank you. I have passed it on to purchasing.',
		'is there anything that purchasing still needs from us?', 'they ask for two percent if we pay at once.'),
	(2, 'Next steps', 'Hi', 'good to talk to you. Shall we fix a date for the demo?', 'next Tuesday afternoon would suit us.',
		'Tuesday at three it is. You will get an invitation.', 'two colleagues will join us.'),
	(3, 'Contract', 'Dear', 'attached is the contract with the changes that you asked for.', 'our lawyers still have two questions about liability.',
		'I have put the answers into the margin.', 'that settles it for us. We shall sign next week.'),
	(4, 'Angebot', 'Hallo', 'anbei wie besprochen unser Angebot. Über eine Rückmeldung freue ich mich.', 'vielen Dank, wir melden uns bis Freitag.',
		'konnten Sie schon einen Blick darauf werfen?', 'der Einkauf hat noch eine Rückfrage zum Zahlungsziel.'),
	(5, 'Question about delivery', 'Hello', 'we can deliver within three weeks of the order.', 'could you also ship in two parts?',
		'yes, at no extra cost.', 'perfect, then please go ahead.'),
	(6, 'Proposition commerciale', 'Bonjour', 'veuillez trouver ci-joint notre proposition.', 'merci, nous revenons vers vous la semaine prochaine.',
		'avez-vous pu en parler en interne ?', 'oui, il nous manque seulement le délai de livraison.'),
	(7, 'Invoice address', 'Hi', 'which address shall we put on the invoice?', 'please use the one of our head office.',
		'done. The new invoice is attached.', 'received, thank you.'),
	(8, 'Presupuesto', 'Hola', 'le adjunto el presupuesto que me pidió.', 'gracias, lo comento con mi jefe.',
		'¿ha podido hablar con él?', 'sí, está de acuerdo con el precio.');

-- Threads of one to four messages that go back and forth from day to day;
-- the busy contact has 300 of them.
CREATE TEMP TABLE demo_threads AS
SELECT n AS thread, t.deal_id, t.contact_id, t.user_id,
	pg_temp.some_day(started, ended, pg_temp.dice(n, 'thread', 9000), n) AS opened, ended,
	1 + pg_temp.dice(n, 'messages', 4) AS messages
FROM generate_series(1, 6000) AS n
	JOIN demo_talks AS t ON t.place = pg_temp.skewed(n, 'thread deal', 8000)
UNION ALL
SELECT n, NULL, contact_id, user_id, pg_temp.some_day(started, CURRENT_DATE - 9, (n - 6000) * 10000 / 300, n), CURRENT_DATE,
	1 + pg_temp.dice(n, 'messages', 4)
FROM generate_series(6001, 6300) AS n, demo_busy_contact;

INSERT INTO sales.emails (id, contact_id, deal_id, direction, from_address, to_addresses, subject,
	body, sent_at, message_id, thread_id, created_at, updated_at)
SELECT row_number() OVER (ORDER BY sent, thread, message), t.contact_id, t.deal_id,
	CASE WHEN is_ours THEN 'outbound' ELSE 'inbound' END,
	CASE WHEN is_ours THEN u.email ELSE c.email END,
	jsonb_build_array(CASE WHEN is_ours THEN c.email ELSE u.email END),
	CASE WHEN message > 1 THEN 'Re: ' ELSE '' END || text.subject
		|| CASE WHEN d.name IS NULL THEN '' ELSE ' (' || split_part(d.name, ': ', 2) || ')' END,
	text.greeting || ' ' || CASE WHEN is_ours THEN coalesce(c.first_name, c.last_name) ELSE split_part(u.name, ' ', 1) END
		|| E',\n\n' || CASE message WHEN 1 THEN text.opening WHEN 2 THEN text.answer WHEN 3 THEN text.reply ELSE text.thanks END
		|| E'\n\n'
		|| CASE WHEN is_ours THEN u.name ELSE concat_ws(' ', c.first_name, c.last_name) END,
	sent, thread || '.' || message || '@mail.ourselves.example', 'thread-' || thread, sent, sent
FROM demo_threads AS t
	JOIN sales.contacts AS c ON c.id = t.contact_id AND c.email IS NOT NULL
	JOIN sales.users AS u ON u.id = t.user_id
	JOIN demo_mail_texts AS text ON text.topic = pg_temp.skewed(thread, 'topic', 8)
	LEFT JOIN sales.deals AS d ON d.id = t.deal_id,
	LATERAL generate_series(1, messages) AS message,
	LATERAL (SELECT message % 2 = 1 AS is_ours,
		opened + interval '1 day' * (message - 1) + interval '1 minute' * pg_temp.dice(thread * 10 + message, 'minute', 180) AS sent) AS moment
WHERE sent < ended
ORDER BY sent, thread, message;
SELECT setval(pg_get_serial_sequence('sales.emails', 'id'), max(id)) FROM sales.emails \g /dev/null
