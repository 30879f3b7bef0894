-- What it adds to writing one deal, in a transaction of its own.
--! title: History of deals: one of them
--! clock: client
--! data: history
--: nothing | SELECT 1
SELECT 1
--: update_plain | UPDATE of the stage, no history
--@ arguments: SELECT id, stage FROM generate_series(1, 50) AS id, unnest(ARRAY['proposal', 'qualified']) AS stage
UPDATE plain.deals SET stage = $2 WHERE id = $1
--: update | UPDATE of the stage, with history | update_plain | at most 2.0
--@ arguments: SELECT id, stage FROM generate_series(1, 50) AS id, unnest(ARRAY['proposal', 'qualified']) AS stage
UPDATE kept.deals SET stage = $2 WHERE id = $1
--: set_stage_plain | set_stage, no history | update_plain
--@ arguments: SELECT id, stage FROM generate_series(101, 150) AS id, unnest(ARRAY['proposal', 'qualified']) AS stage
SELECT id FROM plain.set_stage($1, $2)
--: set_stage | set_stage, with history | update_plain
--@ arguments: SELECT id, stage FROM generate_series(101, 150) AS id, unnest(ARRAY['proposal', 'qualified']) AS stage
SELECT id FROM kept.set_stage($1, $2)
--: insert_plain | INSERT, no history
--@ arguments: SELECT id, 1 + id % 100, id * 100 FROM generate_series(1, 100) AS id
INSERT INTO plain.deals (name, contact_id, owner_id, value) VALUES ('Licence', $1, $2, $3)
--: insert | INSERT, with history | insert_plain | at most 2.0
--@ arguments: SELECT id, 1 + id % 100, id * 100 FROM generate_series(1, 100) AS id
INSERT INTO kept.deals (name, contact_id, owner_id, value) VALUES ('Licence', $1, $2, $3)
