-- The statements of `task_log.py`, by name.

-- name: failed_fetches
SELECT
    feed.feed_url,
    attempt.error_class,
    attempt.error,
    count(*) OVER () AS total
FROM ops."fetch" AS attempt
INNER JOIN ops.feed ON attempt.feed_key = feed.feed_key
WHERE attempt.batch_id = :batch_id AND attempt.map_index = :shard AND attempt.outcome = 'failed'
ORDER BY feed.feed_url LIMIT :limit;

-- name: verdict
SELECT
    verdict,
    verdict_reason
FROM ops.batch
WHERE batch_id = :batch_id;

-- name: failed_expectations
SELECT
    suite,
    expectation,
    unexpected_count,
    element_count
FROM ops.expectation_result
WHERE batch_id = :batch_id AND NOT is_success
ORDER BY expectation_number;
