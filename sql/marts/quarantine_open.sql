-- One row a record that waits for a person, with every reason.
-- column quarantine_key: the number that `silkwire quarantine` takes
-- column last_seen_at: when a feed last showed it
-- column seen_count: how often it was shown
-- column outlet: who publishes the feed
-- column feed_url: the feed, as listed
-- column title: of the entry; NULL: none, or it could not be read
-- column entry_url: of the entry; NULL: none, or it could not be read
-- column reason_count: how many expectations it failed
-- column reasons: what each of them says
-- column batch_id: the batch that set it aside
-- column archive_file: where the document's bytes are kept
-- column archive_offset: at which byte of that file
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
