-- Batches of listed feeds of the last day, with the time since the one before.
SELECT
    batch.batch_id,
    extract(EPOCH FROM batch.started_at - batch.previous_started_at) / 60.0 AS gap_minutes
FROM (
    SELECT
        ended.batch_id,
        ended.started_at,
        lag(ended.started_at) OVER (ORDER BY ended.started_at) AS previous_started_at
    FROM ops.batch AS ended
    WHERE ended.state = 'done' AND ended.is_listed_feeds AND ended.trigger <> 'replay'
) AS batch
WHERE batch.started_at BETWEEN :now - interval '1 day' AND :now
