-- The statements of `batch.py`, by name.

-- name: is_replayed
SELECT coalesce(bool_or(is_whole_replay), FALSE) FROM ops.batch
WHERE state = 'done' AND replays_batch_id = :original;
