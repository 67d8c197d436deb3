-- One row per record in quarantine that nobody has decided on, with all its reasons.
-- column quarantine_key: the number by which `silkwire quarantine` takes the record
-- column last_seen_at: when a feed last showed it
-- column seen_count: how often it was shown
-- column outlet: who publishes the feed
-- column feed_url: the feed, as listed
-- column title: title of the entry; NULL: none, or it could not be read
-- column entry_url: url of the entry; NULL: none, or it could not be read
-- column reason_count: how many expectations it failed
-- column reasons: the sentence of each of these expectations
-- column batch_id: the batch that put it into quarantine
-- column archive_file: the archive file with the bytes of its document
-- column archive_offset: the byte of that file at which they begin
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
