-- A page of 50 events, as the client waits for it.
--! title: A page of the timeline: 50 events of contact 1 or of a deal, 20 to 30 of another contact
--! clock: client
--! data: timeline
CALL reset_timeline();
--: nothing | SELECT 1
SELECT 1
--: flat_1 | floor: 50 rows by one index of a flat table, page 1
--@ arguments: SELECT 1, 'infinity', '', 0
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE contact_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: page_1 | contact_timeline, page 1 | flat_1 | at most 2.0
--@ arguments: SELECT 1
SELECT * FROM sales.contact_timeline($1)
--: flat_100 | floor, page 100
--@ arguments: SELECT contact_id, occurred_at, source, key FROM flat WHERE contact_id = 1 ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 1 OFFSET 4949
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE contact_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: page_100 | contact_timeline, page 100 | flat_100 | at most 2.0
--@ arguments: SELECT contact_id, page_token FROM sales.contact_timeline(1, max_events => 4950) OFFSET 4949
SELECT * FROM sales.contact_timeline($1, page_token => $2)
--= page_100 | page 100 / page 1 | page_1 | at most 1.25
--: flat_typical | floor, a contact with 20 to 30 events
--@ arguments: SELECT id, 'infinity', '', 0 FROM typical ORDER BY id LIMIT 100
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE contact_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: typical | contact_timeline, a contact with 20 to 30 events | flat_typical | at most 2.0
--@ arguments: SELECT id FROM typical ORDER BY id LIMIT 100
SELECT * FROM sales.contact_timeline($1)
--= page_1 | contact 1 / such a contact | typical | at most 3.0
--: page_1_rpc4 | contact_timeline, page 1, random_page_cost 4 | flat_1 | at most 2.0
--@ setup: SET random_page_cost = 4
--@ arguments: SELECT 1
SELECT * FROM sales.contact_timeline($1)
--: typical_rpc4 | contact_timeline, 20 to 30 events, random_page_cost 4 | flat_typical | at most 2.0
--@ setup: SET random_page_cost = 4
--@ arguments: SELECT id FROM typical ORDER BY id LIMIT 100
SELECT * FROM sales.contact_timeline($1)
--: flat_deal | floor, a deal with about 15 events
--@ arguments: SELECT id, 'infinity', '', 0 FROM sales.deals ORDER BY id LIMIT 100 OFFSET 100
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE deal_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: deal | deal_timeline | flat_deal
--@ arguments: SELECT id FROM sales.deals ORDER BY id LIMIT 100 OFFSET 100
SELECT * FROM sales.deal_timeline($1)
--: calls | contact_timeline of kind call, 13 of a hundred | flat_1
--@ arguments: SELECT 1, '{call}'
SELECT * FROM sales.contact_timeline($1, kinds => $2)
--: view | the view timeline: WHERE contact_id, occurred_at <, LIMIT 50 | flat_1
--@ arguments: SELECT 1, 'infinity'
--@ protocol: simple
SELECT * FROM sales.timeline WHERE contact_id = $1 AND occurred_at < $2 ORDER BY occurred_at DESC LIMIT 50
--: view_limit | the same, LIMIT $3 | flat_1
--@ arguments: SELECT 1, 'infinity', 50
SELECT * FROM sales.timeline WHERE contact_id = $1 AND occurred_at < $2 ORDER BY occurred_at DESC LIMIT $3
