-- What costs more than a page.
--	- The page written by hand with a WHERE in each branch: all events are sorted.
--	- A company: up to 50 events of each of its contacts and deals are read from
--	  each source, since any of them may have the newest.  The company of contact 1
--	  has 8 of a hundred of all deals.
--	- A rare kind: the contact's events of the sources that may have it are read,
--	  newest first, until 50 of the kind are found.
--	- A session's first call: the catalog is read and the plan made.
--! title: What costs more than a page of the timeline
--! clock: client
--! data: timeline
CALL reset_timeline();
--: flat_1 | floor: 50 rows by one index of a flat table, page 1
--@ arguments: SELECT 1, 'infinity', '', 0
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE contact_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: page_1 | contact_timeline, page 1 | flat_1 | at most 2.0
--@ arguments: SELECT 1
SELECT * FROM sales.contact_timeline($1)
--: sorted | by hand: UNION ALL with WHERE in each branch, sort, LIMIT 50
--@ arguments: SELECT 1
--@ calls: 1
SELECT * FROM (
	SELECT coalesce(completed_at, scheduled_at, created_at) AS occurred_at, type AS kind, subject AS title, description,
		contact_id, company_id, deal_id, user_id::text AS actor, NULL::text AS direction, 'activities' AS source, id
	FROM sales.activities WHERE contact_id = $1
	UNION ALL
	SELECT coalesce(sent_at, created_at), 'email', subject, body, contact_id, NULL, deal_id, from_address, direction, 'emails', id
	FROM sales.emails WHERE contact_id = $1
	UNION ALL
	SELECT changed_at, kind, deal_name, NULL, contact_id, company_id, deal_id, coalesce(actor, changed_by), NULL, 'deal_changes', id
	FROM sales.deal_changes WHERE contact_id = $1
	UNION ALL
	SELECT created_at, 'contact_created', concat_ws(' ', first_name, last_name), NULL, id, company_id, NULL, NULL, NULL, 'contacts', id
	FROM sales.contacts WHERE id = $1
) AS events ORDER BY occurred_at DESC, source DESC, id DESC LIMIT 50
--= sorted | by hand / contact_timeline | page_1 | at least 500
--: company | company_timeline, 20 contacts and 20 deals | flat_1
--@ arguments: SELECT id FROM sales.companies ORDER BY id LIMIT 25 OFFSET 10
SELECT * FROM sales.company_timeline($1)
--: company_2 | company_timeline, the company of contact 1 | flat_1
--@ arguments: SELECT company_id FROM sales.contacts WHERE id = 1
--@ calls: 1
SELECT * FROM sales.company_timeline($1)
--: meetings | contact_timeline of kind meeting, 1 of ten thousand | page_1
--@ arguments: SELECT 1, '{meeting}'
--@ rows: any
--@ calls: 1
SELECT * FROM sales.contact_timeline($1, kinds => $2)
--: flat_first | floor, page 1, first call in a session
--@ arguments: SELECT 1, 'infinity', '', 0
--@ connection: new
--@ calls: 1
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE contact_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: first | contact_timeline, page 1, first call in a session | flat_first
--@ arguments: SELECT 1
--@ connection: new
--@ calls: 1
SELECT * FROM sales.contact_timeline($1)
