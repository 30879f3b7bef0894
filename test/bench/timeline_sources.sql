-- The same with more sources: four of the CRM have events of contacts, and five
-- tables of an application.
--! title: A page of the timeline from nine sources
--! clock: client
--! data: timeline
CALL reset_timeline();
SELECT crm.add_timeline_source('sales', name, name::regclass, ARRAY[rtrim(name, 's')])
FROM unnest(ARRAY['orders', 'tickets', 'invoices', 'visits', 'reviews']) AS name \g /dev/null
--: nothing | SELECT 1
SELECT 1
--: flat_1 | floor: 50 rows by one index of a flat table
--@ arguments: SELECT 1, 'infinity', '', 0
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE contact_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: page_1 | contact_timeline, page 1 | flat_1 | at most 3.0
--@ arguments: SELECT 1
SELECT * FROM sales.contact_timeline($1)
--: page_100 | contact_timeline, page 100 | flat_1 | at most 3.0
--@ arguments: SELECT contact_id, page_token FROM sales.contact_timeline(1, max_events => 4950) OFFSET 4949
SELECT * FROM sales.contact_timeline($1, page_token => $2)
--: flat_typical | floor, a contact with 20 to 30 events
--@ arguments: SELECT id, 'infinity', '', 0 FROM typical ORDER BY id LIMIT 100
SELECT occurred_at, kind, title, description, contact_id, company_id, deal_id, actor, direction, source, source_id, details, page_token
FROM flat WHERE contact_id = $1 AND (occurred_at, source, key) < ($2, $3, $4)
ORDER BY occurred_at DESC, source DESC, key DESC LIMIT 50
--: typical | contact_timeline, a contact with 30 to 40 events then | flat_typical | at most 3.0
--@ arguments: SELECT id FROM typical ORDER BY id LIMIT 100
SELECT * FROM sales.contact_timeline($1)
--: page_1_rpc4 | contact_timeline, page 1, random_page_cost 4 | flat_1 | at most 3.0
--@ setup: SET random_page_cost = 4
--@ arguments: SELECT 1
SELECT * FROM sales.contact_timeline($1)
