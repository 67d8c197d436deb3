-- The statements of `history.py`, by name.

-- name: batches
-- With an hour, only batches that began in that hour of the day (UTC).
SELECT
    fetched_count,
    accepted_count,
    unchanged_count,
    off_topic_count,
    quarantined_count,
    undated_count,
    validated_count AS entry_count
FROM ops.batch
WHERE
    verdict = 'published' AND is_listed_feeds AND fetched_count > 0 AND started_at < :before
    AND (cast(:since AS timestamptz) IS NULL OR started_at >= :since)
    AND (
        cast(:hour AS integer) IS NULL
        OR extract(HOUR FROM started_at AT TIME ZONE 'UTC') = :hour
    )
ORDER BY started_at DESC LIMIT :limit;

-- name: feeds
SELECT
    asked.feed_key,
    count(*) AS fetch_count,
    min(past.fetched_count) AS least,
    max(past.fetched_count) AS most
FROM unnest(cast(:feed_keys AS bigint[])) AS asked (feed_key)
INNER JOIN LATERAL (
    SELECT attempt.fetched_count
    FROM ops."fetch" AS attempt
    WHERE
        attempt.feed_key = asked.feed_key
        AND attempt.started_at >= :since AND attempt.started_at < :before
        AND attempt.outcome = 'new' AND attempt.fetched_count > 0
    ORDER BY attempt.started_at DESC
    LIMIT :limit
) AS past ON TRUE
GROUP BY asked.feed_key;
