-- Restore the state at the time of these documents: the outlet of each feed (the copy's
-- `is_current`) and the rejected records. Records that were released since count as released.
TRUNCATE pg_temp.dim_feed;

INSERT INTO pg_temp.dim_feed (feed_key, outlet_key, is_current)
SELECT DISTINCT ON (version.feed_key)
    version.feed_key,
    version.outlet_key,
    TRUE
FROM core.dim_feed AS version
INNER JOIN stage_document AS document ON version.feed_key = document.feed_key
ORDER BY
    version.feed_key ASC,
    version.valid_from > document.fetched_at ASC,
    greatest(
        version.valid_from - document.fetched_at, document.fetched_at - version.valid_from
    ) ASC;

TRUNCATE pg_temp.quarantine;

INSERT INTO pg_temp.quarantine (feed_key, fingerprint, status)
SELECT
    record.feed_key,
    record.fingerprint,
    record.status
FROM ops.quarantine AS record
INNER JOIN stage_document AS document ON record.feed_key = document.feed_key
INNER JOIN ops.batch AS batch ON batch.batch_id = :batch_id
WHERE
    record.status = 'released'
    OR (
        record.status = 'rejected'
        AND (batch.verdict = 'held' OR record.decided_at <= document.fetched_at)
    );
