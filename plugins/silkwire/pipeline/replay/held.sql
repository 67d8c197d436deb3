-- The statements of `held.py`, by name.

-- name: held
SELECT batch_id FROM ops.batch
WHERE verdict = 'held' AND replays_batch_id = :original
ORDER BY batch_id;
