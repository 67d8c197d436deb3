-- name: count
SELECT
    count(*) AS known_count,
    count(*) FILTER (WHERE listed.feed_url IS NULL) AS lost_count
FROM ops.feed AS feed
LEFT JOIN unnest(cast(:urls AS text[])) AS listed (feed_url) ON feed.feed_url = listed.feed_url
WHERE
    feed.state <> 'paused'
    AND (
        listed.feed_url IS NOT NULL
        OR NOT EXISTS (
            SELECT 1
            FROM ops."fetch" AS attempt
            WHERE attempt.feed_key = feed.feed_key
        )
        OR EXISTS (
            SELECT 1
            FROM ops."fetch" AS attempt
            INNER JOIN ops.batch AS batch ON attempt.batch_id = batch.batch_id
            WHERE attempt.feed_key = feed.feed_key AND batch.is_listed_feeds
        )
    );
