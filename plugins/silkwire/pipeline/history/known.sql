-- The statements of `known.py`, by name.

-- name: known
SELECT
    given.feed_url,
    given.started_at
FROM
    unnest(cast(:urls AS text[]), cast(:times AS timestamptz[])) AS given (feed_url, started_at)
INNER JOIN ops.feed ON given.feed_url = feed.feed_url
WHERE EXISTS (
    SELECT FROM ops."fetch" AS attempt
    INNER JOIN ops.batch ON attempt.batch_id = batch.batch_id
    WHERE
        attempt.feed_key = feed.feed_key AND attempt.started_at = given.started_at
        AND batch.state = 'done'
);

-- name: superseded
SELECT
    given.feed_url,
    given.started_at
FROM
    unnest(cast(:urls AS text[]), cast(:times AS timestamptz[])) AS given (feed_url, started_at)
INNER JOIN ops.feed ON given.feed_url = feed.feed_url
WHERE EXISTS (
    SELECT FROM ops."fetch" AS attempt
    INNER JOIN ops.batch ON attempt.batch_id = batch.batch_id
    WHERE
        attempt.feed_key = feed.feed_key AND attempt.started_at > given.started_at
        AND attempt.outcome = 'new' AND batch.verdict IN ('published', 'released')
);
