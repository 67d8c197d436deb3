-- The statements of `held.py`, by name.

-- name: held
SELECT batch_id FROM ops.batch
WHERE verdict = 'held' AND replays_batch_id = :original
ORDER BY batch_id;

-- name: date
-- The time at which the person decided, not that of the replay.
UPDATE ops.batch SET decided_at = :decided_at
WHERE
    replays_batch_id = :original AND verdict IN ('released', 'rejected')
    AND decided_at <> :decided_at;
