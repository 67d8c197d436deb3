-- One row a record that waits for a person, with every reason.
CREATE VIEW mart.quarantine_open AS
SELECT
    record.quarantine_key,
    record.last_seen_at,
    record.seen_count,
    feed.outlet,
    feed.feed_url,
    record.title,
    record.entry_url,
    reason.reason_count,
    reason.reasons,
    record.batch_id,
    record.archive_file,
    record.archive_offset
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed ON record.feed_key = feed.feed_key
LEFT JOIN LATERAL (
    SELECT
        count(*)::integer AS reason_count,
        array_agg(failed.rule ORDER BY failed.reason_number) AS reasons
    FROM ops.quarantine_reason AS failed
    WHERE failed.quarantine_key = record.quarantine_key
) AS reason ON TRUE
WHERE record.status = 'open';
