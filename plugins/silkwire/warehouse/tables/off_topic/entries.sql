-- The statements of `entries.py`, by name.

-- name: save_staged
-- A batch that is released late does not overwrite what its feed showed later.
INSERT INTO ops.off_topic (
    feed_key,
    identity_hash,
    entry_url,
    title,
    summary,
    language,
    scores,
    ruleset,
    first_seen_at,
    last_seen_at,
    batch_id
)
SELECT
    feed_key,
    identity_hash,
    entry_url,
    title,
    summary,
    language,
    scores,
    ruleset,
    first_seen_at,
    last_seen_at,
    batch_id
FROM staged_off_topic

ON CONFLICT (feed_key, identity_hash) DO UPDATE
    SET
        entry_url = excluded.entry_url,
        title = excluded.title,
        summary = excluded.summary,
        language = excluded.language,
        scores = excluded.scores,
        ruleset = excluded.ruleset,
        last_seen_at = excluded.last_seen_at,
        batch_id = excluded.batch_id
    WHERE off_topic.last_seen_at <= excluded.last_seen_at;

-- name: delete_late
DELETE FROM ops.off_topic AS entry USING late_on_topic AS known
WHERE
    entry.feed_key = known.feed_key AND entry.identity_hash = known.identity_hash
    AND known.entry_count > 0 AND entry.first_seen_at >= :from_at
    AND NOT EXISTS (
        SELECT FROM late_off_topic AS still
        WHERE still.feed_key = entry.feed_key AND still.identity_hash = entry.identity_hash
    );

-- name: date_late
UPDATE ops.off_topic AS entry SET first_seen_at = late.fetched_at FROM late_off_topic AS late
WHERE
    entry.feed_key = late.feed_key AND entry.identity_hash = late.identity_hash
    AND entry.first_seen_at > late.fetched_at;

-- name: save_documents
INSERT INTO ops.off_topic_document
(feed_key, fetched_at, archive_file, archive_offset, document_url)
SELECT DISTINCT ON (feed_key, fetched_at) *
FROM
    unnest(
        cast(:feeds AS bigint[]), cast(:times AS timestamptz[]), cast(:files AS text[]),
        cast(:offsets AS bigint[]), cast(:documents AS text[])
    ) AS given (feed_key, fetched_at, archive_file, archive_offset, document_url)
ORDER BY feed_key, fetched_at
ON CONFLICT (feed_key, fetched_at) DO NOTHING;

-- name: date_first
UPDATE ops.off_topic AS entry SET first_seen_at = given.at FROM
    unnest(cast(:feeds AS bigint[]), cast(:identities AS bytea[]), cast(:times AS timestamptz[]))
        AS given (feed_key, identity_hash, at)

WHERE
    entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash
    AND entry.first_seen_at > given.at;

-- name: save_gained
INSERT INTO ops.off_topic (
    feed_key,
    identity_hash,
    entry_url,
    title,
    summary,
    language,
    scores,
    ruleset,
    first_seen_at,
    last_seen_at,
    batch_id
)
SELECT DISTINCT ON (feed_key, identity_hash)
    feed_key,
    identity_hash,
    entry_url,
    title,
    summary,
    language,
    scores,
    version,
    fetched_at,
    fetched_at,
    :batch_id
FROM
    unnest(
        cast(:feeds AS bigint[]), cast(:identities AS bytea[]), cast(:times AS timestamptz[]),
        cast(:urls AS text[]), cast(:titles AS text[]), cast(:summaries AS text[]),
        cast(:languages AS text[]), cast(:scores AS jsonb[]), cast(:versions AS text[])
    )
        AS given (
            feed_key,
            identity_hash,
            fetched_at,
            entry_url,
            title,
            summary,
            language,
            scores,
            version
        )
ORDER BY feed_key ASC, identity_hash ASC, fetched_at DESC

ON CONFLICT (feed_key, identity_hash) DO UPDATE
    SET
        entry_url = excluded.entry_url,
        title = excluded.title,
        summary = excluded.summary,
        language = excluded.language,
        scores = excluded.scores,
        ruleset = excluded.ruleset,
        last_seen_at = excluded.last_seen_at,
        batch_id = excluded.batch_id
    WHERE off_topic.last_seen_at < excluded.last_seen_at;

-- name: followed
UPDATE ops.off_topic_document AS document SET followed_at = given.fetched_at
FROM
    unnest(cast(:feeds AS bigint[]), cast(:times AS timestamptz[]))
        AS given (feed_key, fetched_at)
WHERE
    document.feed_key = given.feed_key AND document.fetched_at < given.fetched_at
    AND (document.followed_at IS NULL OR document.followed_at > given.fetched_at);

-- name: delete_loaded
DELETE FROM ops.off_topic AS entry USING
    unnest(cast(:feeds AS bigint[]), cast(:identities AS bytea[]), cast(:times AS timestamptz[]))
        AS given (feed_key, identity_hash, at)

WHERE
    entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash
    AND entry.last_seen_at = coalesce(given.at, entry.last_seen_at);

-- name: purge
-- What a trial would gain stays as long as the trial: adopting that ruleset needs the entry.
DELETE FROM ops.off_topic AS entry
WHERE
    last_seen_at < :before AND NOT EXISTS (
        SELECT FROM ops.off_topic_trial AS trial
        INNER JOIN core.dim_ruleset AS ruleset ON trial.ruleset_key = ruleset.ruleset_key
        WHERE
            trial.feed_key = entry.feed_key AND trial.identity_hash = entry.identity_hash
            AND trial.gained <> '{}' AND ruleset.scored_at >= :before
    );

-- name: purge_documents
DELETE FROM ops.off_topic_document AS document
WHERE NOT EXISTS (
    SELECT FROM ops.off_topic AS entry
    WHERE
        entry.feed_key = document.feed_key
        AND document.fetched_at IN (entry.first_seen_at, entry.last_seen_at)
);

-- name: places
SELECT DISTINCT ON (attempt.feed_key, attempt.started_at) attempt.*
FROM (
    SELECT
        feed_key,
        started_at,
        archive_file,
        archive_offset,
        coalesce(final_url, fetch_url) AS document_url,
        batch_id
    FROM ops."fetch"
    WHERE outcome = 'new'
    UNION ALL
    SELECT
        feed_key,
        fetched_at,
        archive_file,
        archive_offset,
        document_url,
        NULL
    FROM ops.off_topic_document
) AS attempt
INNER JOIN
    unnest(cast(:feeds AS bigint[]), cast(:times AS timestamptz[]))
        AS given (feed_key, started_at)
    ON attempt.feed_key = given.feed_key AND attempt.started_at = given.started_at
ORDER BY attempt.feed_key, attempt.started_at, attempt.batch_id;

-- name: last_seen
SELECT
    entry.feed_key,
    entry.identity_hash,
    entry.last_seen_at
FROM ops.off_topic AS entry
INNER JOIN
    unnest(cast(:feeds AS bigint[]), cast(:identities AS bytea[]))
        AS given (feed_key, identity_hash)
    ON entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash;
