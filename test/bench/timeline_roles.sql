-- Row-level security: a role sees the contacts that it owns, and their events.
-- A session keeps a plan for each role; a prepared statement has one plan, which
-- is made anew whenever the role is another.
--! title: A page of the timeline under row-level security, 20 to 30 events of one's own contacts
--! clock: client
--! data: timeline
CALL reset_timeline();
ALTER TABLE sales.contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.activities ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.emails ENABLE ROW LEVEL SECURITY;
ALTER TABLE sales.deal_changes ENABLE ROW LEVEL SECURITY;
--: nothing | SELECT 1
SELECT 1
--: exempt | contact_timeline, a superuser, to whom no policy applies
--@ each: SET ROLE postgres
--@ arguments: SELECT id FROM typical ORDER BY place, owner_id LIMIT 100
SELECT * FROM sales.contact_timeline($1)
--: same | contact_timeline, the same role each time | exempt
--@ each: SET ROLE bench_ann
--@ arguments: SELECT id FROM typical WHERE owner_id = 1 ORDER BY place LIMIT 100
SELECT * FROM sales.contact_timeline($1)
--: alternating | contact_timeline, two roles in turn | same
--@ each: SET ROLE bench_ann
--@ each: SET ROLE bench_bob
--@ arguments: SELECT id FROM typical ORDER BY place, owner_id LIMIT 100
SELECT * FROM sales.contact_timeline($1)
--: view_same | the view timeline, the same role each time
--@ each: SET ROLE bench_ann
--@ arguments: SELECT id, 50 FROM typical WHERE owner_id = 1 ORDER BY place LIMIT 100
SELECT * FROM sales.timeline WHERE contact_id = $1 ORDER BY occurred_at DESC LIMIT $2
--: view_alternating | the view timeline, two roles in turn | view_same
--@ each: SET ROLE bench_ann
--@ each: SET ROLE bench_bob
--@ arguments: SELECT id, 50 FROM typical ORDER BY place, owner_id LIMIT 100
SELECT * FROM sales.timeline WHERE contact_id = $1 ORDER BY occurred_at DESC LIMIT $2
--: exempt_1 | contact 1, page 1: contact_timeline, a superuser
--@ each: SET ROLE postgres
--@ arguments: SELECT 1
SELECT * FROM sales.contact_timeline($1)
--: own_1 | contact 1, page 1: contact_timeline, the role that owns the contact | exempt_1
--@ each: SET ROLE bench_bob
--@ arguments: SELECT 1
SELECT * FROM sales.contact_timeline($1)
