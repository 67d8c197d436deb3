-- The statements of `run.py`, by name.

-- name: unfinished
SELECT batch_id FROM ops.batch
WHERE trigger = 'replay' AND state = 'running';
