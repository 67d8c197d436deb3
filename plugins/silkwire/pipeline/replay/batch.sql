-- The statements of `batch.py`, by name.

-- name: is_replayed
SELECT coalesce(bool_or(is_whole_replay), FALSE) FROM ops.batch
WHERE state = 'done' AND replays_batch_id = :original;

-- name: date_results
-- The expectations' results belong to the day on which the batch was validated.
UPDATE ops.expectation_result SET run_at = :judged_at
WHERE batch_id = :batch_id;
