-- Quarantine the entries that failed or could not be read, with every reason.
INSERT INTO ops.quarantine (
    feed_key, fingerprint, batch_id, fetched_at, archive_file, archive_offset,
    title, entry_url, payload, seen_count, last_seen_at
)
SELECT
    entry.feed_key,
    sha256(entry.identity_hash || entry.text_hash),
    :batch_id,
    entry.fetched_at,
    document.archive_file,
    document.archive_offset,
    entry.title,
    coalesce(entry.canonical_url, entry.link),
    entry.payload,
    1 + entry.copy_count,
    entry.fetched_at
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
INNER JOIN stage_document AS document ON entry.feed_key = document.feed_key
WHERE decided.outcome = 'quarantined' AND decided.review IS NULL
ON CONFLICT (feed_key, fingerprint) DO UPDATE
    SET
        -- A retry reads the record again, but its feed has not shown it again.
        seen_count
        = quarantine.seen_count + CASE WHEN :is_review THEN 0 ELSE excluded.seen_count END,
        last_seen_at = greatest(quarantine.last_seen_at, excluded.last_seen_at);

-- A record keeps a person's decision; only its count of showings grows.
UPDATE ops.quarantine
SET
    seen_count = quarantine.seen_count + 1 + entry.copy_count,
    last_seen_at = greatest(quarantine.last_seen_at, entry.fetched_at)
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
WHERE
    decided.review IS NOT NULL
    AND entry.feed_key = quarantine.feed_key
    AND quarantine.fingerprint = sha256(entry.identity_hash || entry.text_hash);

INSERT INTO ops.quarantine_reason (
    quarantine_key, reason_number, expectation, column_name, value, rule
)
SELECT
    record.quarantine_key,
    stage_reason.reason_number,
    stage_reason.expectation,
    stage_reason.column_name,
    stage_reason.value,
    stage_reason.rule
FROM stage_reason
INNER JOIN decided ON stage_reason.entry_number = decided.entry_number
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
INNER JOIN ops.quarantine AS record
    ON
        entry.feed_key = record.feed_key
        AND record.fingerprint = sha256(entry.identity_hash || entry.text_hash)
-- A repeat keeps the reasons that a person has already seen.
WHERE
    decided.outcome = 'quarantined' AND decided.review IS NULL AND record.batch_id = :batch_id;

WITH lost AS (
    SELECT
        document.feed_key,
        document.fetched_at,
        document.archive_file,
        document.archive_offset,
        lost_number
    FROM stage_document AS document
    CROSS JOIN LATERAL generate_series(1, document.lost_count) AS lost_number
),

kept AS (
    INSERT INTO ops.quarantine (
        feed_key, fingerprint, batch_id, fetched_at, archive_file, archive_offset,
        payload, last_seen_at
    )
    SELECT
        lost.feed_key,
        sha256(convert_to('lost ' || lost.lost_number, 'UTF8')),
        :batch_id,
        lost.fetched_at,
        lost.archive_file,
        lost.archive_offset,
        convert_to('{"lost_number":' || lost.lost_number || '}', 'UTF8'),
        lost.fetched_at
    FROM lost
    ON CONFLICT (feed_key, fingerprint) DO UPDATE
        SET
            seen_count = quarantine.seen_count + 1,
            last_seen_at = greatest(quarantine.last_seen_at, excluded.last_seen_at)
    RETURNING quarantine_key, batch_id
)

INSERT INTO ops.quarantine_reason (quarantine_key, reason_number, expectation, rule)
SELECT
    kept.quarantine_key,
    1,
    'entry_is_read_by_the_parser',
    'every entry in the bytes of a document is read by the parser'
FROM kept
WHERE kept.batch_id = :batch_id;
