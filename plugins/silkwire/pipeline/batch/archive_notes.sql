-- The statements of `archive_notes.py`, by name.

-- name: describe
SELECT
    feed.feed_key,
    feed.feed_url,
    dim.valid_from,
    feed.title,
    feed.homepage_url,
    feed.outlet,
    feed.language,
    extract(EPOCH FROM feed.fixed_interval)::double precision AS poll_s,
    feed.tags,
    feed.topics
FROM ops.feed
INNER JOIN core.dim_feed AS dim ON feed.feed_key = dim.feed_key AND dim.is_current
WHERE feed.feed_key = any(cast(:feed_keys AS bigint[]))
ORDER BY feed.feed_key;

-- name: changed
-- Feeds whose description changed since the batch before: feeds that this batch did not fetch would
-- otherwise keep their old names in a rebuilt warehouse.
SELECT dim.feed_key FROM core.dim_feed AS dim
WHERE
    dim.is_current AND dim.valid_from > coalesce((
        SELECT max(earlier.started_at)
        FROM ops.batch AS earlier
        INNER JOIN ops.batch AS this ON this.batch_id = :batch_id
        WHERE earlier.started_at < this.started_at AND earlier.state = 'done'
    ), '-infinity');

-- name: batch
SELECT
    batch.*,
    (
        SELECT min(result.run_at) FROM ops.expectation_result AS result
        WHERE result.batch_id = batch.batch_id
    ) AS judged_at
FROM ops.batch
WHERE batch.batch_id = :batch_id;

-- name: given_up
SELECT
    feed.feed_url,
    attempt.started_at,
    attempt.error
FROM ops."fetch" AS attempt
INNER JOIN ops.feed ON attempt.feed_key = feed.feed_key
WHERE attempt.batch_id = :batch_id AND attempt.error_class = 'parser_limit'
ORDER BY attempt.started_at, attempt.feed_key;
