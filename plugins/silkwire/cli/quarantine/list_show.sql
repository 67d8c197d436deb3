-- The statements of `list_show.py`, by name.

-- name: held
SELECT
    batch_id,
    started_at,
    verdict_reason,
    fetched_count,
    quarantined_count
FROM mart.batch_reconciliation
WHERE verdict = 'held'
ORDER BY started_at DESC;

-- name: open
SELECT * FROM mart.quarantine_open
ORDER BY last_seen_at DESC, quarantine_key ASC LIMIT :limit;

-- name: record
-- One quarantined record, with all its reasons.
SELECT
    record.quarantine_key,
    record.status,
    record.seen_count,
    record.fetched_at,
    record.last_seen_at,
    feed.feed_url,
    record.batch_id,
    record.archive_file,
    record.archive_offset,
    record.payload,
    (
        SELECT jsonb_agg(to_jsonb(reason) - 'quarantine_key' ORDER BY reason.reason_number)
        FROM ops.quarantine_reason AS reason
        WHERE reason.quarantine_key = record.quarantine_key
    ) AS reasons
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed ON record.feed_key = feed.feed_key
WHERE record.quarantine_key = :key;
