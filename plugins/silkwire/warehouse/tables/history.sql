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
    max(past.fetched_count) AS most,
    max(past.accepted_count + past.released_count) AS most_accepted,
    count(past.undated_count) AS dated_count,
    max(past.undated_count / cast(past.fetched_count AS double precision)) AS most_undated
FROM unnest(cast(:feed_keys AS bigint[])) AS asked (feed_key)
INNER JOIN LATERAL (
    SELECT
        attempt.fetched_count,
        attempt.accepted_count,
        attempt.undated_count,
        released.released_count
    FROM ops."fetch" AS attempt
    LEFT JOIN ops.batch ON attempt.batch_id = batch.batch_id
    -- What people released of a held document.
    LEFT JOIN LATERAL (
        SELECT count(*) AS released_count
        FROM ops.quarantine AS record
        WHERE
            attempt.is_held
            AND record.feed_key = attempt.feed_key
            AND record.fetched_at = attempt.started_at
            AND record.status = 'released'
    ) AS released ON TRUE
    WHERE
        attempt.feed_key = asked.feed_key
        AND attempt.started_at >= :since AND attempt.started_at < :before
        AND attempt.outcome = 'new' AND attempt.fetched_count > 0
        AND coalesce(batch.verdict, 'published') NOT IN ('held', 'rejected')
        AND (NOT attempt.is_held OR released.released_count > 0)
    ORDER BY attempt.started_at DESC
    LIMIT :limit
) AS past ON TRUE
GROUP BY asked.feed_key;
