-- How the fetches of a batch ended, in the order of the feed list.
SELECT
    feed.title,
    attempt.outcome,
    attempt.http_status,
    attempt.error_class,
    attempt.fetched_count
FROM ops."fetch" AS attempt
INNER JOIN ops.feed AS feed ON attempt.feed_key = feed.feed_key
WHERE attempt.batch_id = :batch_id
ORDER BY feed.feed_key
