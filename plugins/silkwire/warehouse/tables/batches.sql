-- The statements of `batches.py`, by name.

-- name: begin
INSERT INTO ops.batch (batch_id, trigger, is_listed_feeds, started_at, lease_expires_at)
VALUES (:batch_id, :trigger, :is_listed, :now, :expires);

-- name: find
SELECT * FROM ops.batch
WHERE batch_id = :batch_id;

-- name: lock
SELECT FROM ops.batch
WHERE batch_id = :batch_id FOR NO KEY UPDATE;

-- name: expired
SELECT * FROM ops.batch
WHERE
    state = 'running' AND trigger <> :replay
    AND (trigger = any(:commands) OR lease_expires_at <= :now)
ORDER BY started_at;

-- name: reject
UPDATE ops.batch SET verdict = 'rejected', reviewer = :reviewer, decided_at = :now
WHERE batch_id = :batch_id AND verdict = 'held';

-- name: finish_rejection
UPDATE ops.batch
SET
    state = 'done',
    verdict = 'rejected',
    reviewer = :reviewer,
    finished_at = :now,
    decided_at = :now,
    fetched_count = :count,
    quarantined_count = :count
WHERE batch_id = :batch_id;

-- name: feeds_loaded_since
SELECT count(DISTINCT attempt.feed_key)
FROM ops."fetch" AS attempt
INNER JOIN ops."fetch" AS later
    ON
        attempt.feed_key = later.feed_key
        AND attempt.started_at < later.started_at AND later.outcome = 'new'
INNER JOIN ops.batch
    ON later.batch_id = batch.batch_id AND batch.verdict IN ('published', 'released')
WHERE attempt.batch_id = :batch_id AND attempt.outcome = 'new';

-- name: loaded_since
SELECT DISTINCT batch.batch_id
FROM ops."fetch" AS attempt
INNER JOIN ops.batch
    ON attempt.batch_id = batch.batch_id AND batch.verdict IN ('published', 'released')
WHERE
    attempt.outcome = 'new' AND attempt.started_at >= (
        SELECT min(own.started_at) FROM ops."fetch" AS own
        WHERE own.batch_id = :batch_id AND own.outcome = 'new'
    )
ORDER BY batch.batch_id;

-- name: is_any_held
SELECT count(*) > 0 FROM ops.batch
WHERE verdict = 'held';

-- name: renew_lease
UPDATE ops.batch SET lease_expires_at = :expires
WHERE batch_id = :batch_id AND state = 'running';

-- name: count_attempt
UPDATE ops.batch SET attempt_count = attempt_count + 1
WHERE batch_id = :batch_id;

-- name: forgive_attempt
UPDATE ops.batch SET attempt_count = greatest(attempt_count - 1, 0)
WHERE batch_id = :batch_id AND state = 'running';

-- name: save_report
UPDATE ops.batch
SET
    step_reports
    = step_reports || jsonb_build_object(cast(:step AS text), cast(:report AS jsonb))
WHERE batch_id = :batch_id;

-- name: abandon
UPDATE ops.batch SET state = 'abandoned', verdict_reason = :reason, finished_at = :now
WHERE batch_id = :batch_id AND state = 'running';

-- name: free_feeds
-- Every transaction locks feeds in the order of their keys: other orders could deadlock.
WITH held AS (
    SELECT feed_key FROM ops.feed
    WHERE leased_by_batch_id = :batch_id
    ORDER BY feed_key FOR NO KEY UPDATE
)

UPDATE ops.feed SET leased_by_batch_id = NULL FROM held
WHERE feed.feed_key = held.feed_key;

-- name: forget
DELETE FROM ops.batch
WHERE batch_id = :batch_id AND state = 'running' AND NOT step_reports ? 'plan';
