-- The statements of `find.py`, by name.

-- name: held
SELECT batch_id FROM ops.batch
WHERE verdict = 'held'
ORDER BY started_at DESC LIMIT :limit;

-- name: decision
SELECT
    verdict,
    reviewer,
    decided_at
FROM ops.batch
WHERE batch_id = :batch_id;
