-- The statements of `quarantine.py`, by name.

-- name: records
SELECT
    record.quarantine_key,
    record.feed_key,
    feed.feed_url,
    record.fingerprint,
    record.fetched_at,
    record.last_seen_at,
    record.archive_file,
    record.archive_offset,
    record.payload,
    record.status,
    record.reviewer,
    record.decided_at,
    coalesce(attempt.document_url, feed.fetch_url) AS document_url,
    feed.language AS feed_language,
    feed.topics AS feed_topics,
    feed.urls_repeat AS is_urls_repeat,
    feed.guids_repeat AS is_guids_repeat
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed ON record.feed_key = feed.feed_key
LEFT JOIN LATERAL (
    SELECT coalesce(attempt.final_url, attempt.fetch_url) AS document_url
    FROM ops."fetch" AS attempt
    WHERE attempt.feed_key = record.feed_key AND attempt.started_at = record.fetched_at
    ORDER BY attempt.batch_id
    LIMIT 1
) AS attempt ON TRUE
WHERE record.quarantine_key = any(:keys)
ORDER BY record.quarantine_key;

-- name: seen
SELECT record.quarantine_key
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed ON record.feed_key = feed.feed_key
INNER JOIN
    unnest(cast(:urls AS text[]), cast(:times AS timestamptz[])) AS given (feed_url, fetched_at)
    ON feed.feed_url = given.feed_url AND record.fetched_at = given.fetched_at;

-- name: find
SELECT record.quarantine_key
FROM ops.quarantine AS record
INNER JOIN
    unnest(cast(:feeds AS bigint[]), cast(:prints AS bytea[]))
        AS given (feed_key, fingerprint)
    ON record.feed_key = given.feed_key AND record.fingerprint = given.fingerprint
WHERE record.status = 'open';

-- name: count_open
SELECT
    count(*),
    coalesce(max(record.quarantine_key), 0)
FROM ops.quarantine AS record
WHERE record.status = 'open' AND (
    cast(:reason AS text) IS NULL OR EXISTS (
        SELECT FROM ops.quarantine_reason AS failed
        WHERE failed.quarantine_key = record.quarantine_key AND failed.expectation = :reason
    )
);

-- name: next
SELECT record.quarantine_key
FROM ops.quarantine AS record
WHERE
    record.status = 'open' AND (
        cast(:reason AS text) IS NULL OR EXISTS (
            SELECT FROM ops.quarantine_reason AS failed
            WHERE failed.quarantine_key = record.quarantine_key AND failed.expectation = :reason
        )
    )

    AND record.quarantine_key > :after AND record.quarantine_key <= :until
ORDER BY record.quarantine_key LIMIT :limit;

-- name: choose
SELECT record.quarantine_key
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed ON record.feed_key = feed.feed_key
WHERE
    record.status = 'open'
    AND (cast(:keys AS bigint[]) IS NULL OR record.quarantine_key = any(:keys))
    AND (cast(:feed_url AS text) IS NULL OR feed.feed_url = :feed_url)
    AND (cast(:outlet AS text) IS NULL OR feed.outlet = :outlet)
    AND (
        cast(:title_has AS text) IS NULL
        OR strpos(lower(record.title), lower(cast(:title_has AS text))) > 0
    )
    AND (
        cast(:reason AS text) IS NULL OR EXISTS (
            SELECT FROM ops.quarantine_reason AS failed
            WHERE failed.quarantine_key = record.quarantine_key AND failed.expectation = :reason
        )
    )
ORDER BY record.quarantine_key;

-- name: by_reason
SELECT
    failed.expectation AS name,
    count(DISTINCT failed.quarantine_key) AS record_count
FROM ops.quarantine_reason AS failed
INNER JOIN ops.quarantine AS record ON failed.quarantine_key = record.quarantine_key
WHERE
    record.status = 'open'
    AND (cast(:keys AS bigint[]) IS NULL OR record.quarantine_key = any(:keys))
GROUP BY failed.expectation
ORDER BY record_count DESC, name ASC;

-- name: by_feed
SELECT
    feed.feed_url AS name,
    count(*) AS record_count
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed ON record.feed_key = feed.feed_key
WHERE
    record.status = 'open'
    AND (cast(:keys AS bigint[]) IS NULL OR record.quarantine_key = any(:keys))
GROUP BY feed.feed_url
ORDER BY record_count DESC, name ASC;

-- name: unknown
SELECT given.place - 1
FROM
    unnest(cast(:identities AS bytea[]), cast(:prints AS bytea[])) WITH ORDINALITY
        AS given (identity_hash, fingerprint, place)
WHERE NOT EXISTS (
    SELECT FROM core.fact_article AS article
    INNER JOIN core.fact_sighting AS sighting ON article.article_key = sighting.article_key
    WHERE article.identity_hash = given.identity_hash AND sighting.feed_key = :feed
) AND NOT EXISTS (
    SELECT FROM ops.off_topic AS other
    WHERE other.feed_key = :feed AND other.identity_hash = given.identity_hash
) AND NOT EXISTS (
    SELECT FROM ops.quarantine AS record
    WHERE record.feed_key = :feed AND record.fingerprint = given.fingerprint
);

-- name: refresh
UPDATE ops.quarantine AS record
SET fingerprint = :print, title = :title, entry_url = :url, payload = :payload
WHERE record.quarantine_key = :key AND NOT EXISTS (
    SELECT FROM ops.quarantine AS other
    WHERE
        other.feed_key = record.feed_key AND other.fingerprint = :print
        AND other.quarantine_key <> record.quarantine_key
);

-- name: lock
SELECT FROM ops.quarantine
WHERE quarantine_key = any(:keys)
ORDER BY quarantine_key FOR UPDATE;

-- name: sign
UPDATE ops.quarantine SET status = :status, reviewer = :reviewer, decided_at = :now
WHERE quarantine_key = any(:keys);

-- name: reasons
SELECT
    quarantine_key,
    expectation,
    column_name,
    value,
    rule
FROM ops.quarantine_reason
WHERE quarantine_key = any(:keys) AND expectation = any(:expectations)
ORDER BY quarantine_key, reason_number;

-- name: forget_reasons
DELETE FROM ops.quarantine_reason
WHERE quarantine_key = any(:keys);

-- name: add_reason
INSERT INTO ops.quarantine_reason (
    quarantine_key, reason_number, expectation, column_name, value, rule
) VALUES (:key, :number, :expectation, :column, :value, :rule);
