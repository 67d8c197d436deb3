-- The statements of `trials.py`, by name.

-- name: save_decisions
-- The join leaves out entries that were purged, or shown with another text, since they were read.
-- DISTINCT: a document can show the same entry twice.
INSERT INTO ops.off_topic_trial (feed_key, identity_hash, ruleset_key, last_seen_at, gained)
SELECT DISTINCT ON (given.feed_key, given.identity_hash)
    given.feed_key,
    given.identity_hash,
    :ruleset,
    given.last_seen_at,
    given.gained
FROM
    unnest(
        cast(:feeds AS bigint[]), cast(:identities AS bytea[]), cast(:times AS timestamptz[]),
        cast(:gained AS jsonb[])
    ) AS given (feed_key, identity_hash, last_seen_at, gained)
INNER JOIN ops.off_topic AS entry
    ON
        given.feed_key = entry.feed_key
        AND given.identity_hash = entry.identity_hash
        AND given.last_seen_at = entry.last_seen_at
ON CONFLICT (feed_key, identity_hash, ruleset_key) DO UPDATE
    SET last_seen_at = excluded.last_seen_at, gained = excluded.gained;

-- name: revoke
UPDATE ops.off_topic_trial AS trial SET gained = '{}'
FROM
    unnest(cast(:feeds AS bigint[]), cast(:identities AS bytea[]), cast(:times AS timestamptz[]))
        AS given (feed_key, identity_hash, at)
WHERE
    trial.feed_key = given.feed_key AND trial.identity_hash = given.identity_hash
    AND trial.ruleset_key = :ruleset AND trial.last_seen_at < given.at AND trial.gained <> '{}';

-- name: count
SELECT count(*) FROM ops.off_topic AS entry INNER JOIN ops.feed ON entry.feed_key = feed.feed_key
WHERE
    (entry.feed_key, entry.identity_hash) > (:feed, cast(:identity AS bytea))
    AND (cast(:since AS timestamptz) IS NULL OR entry.last_seen_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR entry.last_seen_at < :until)
    AND (cast(:feed_urls AS text[]) IS NULL OR feed.feed_url = any(:feed_urls))
    AND
    NOT EXISTS (
        SELECT FROM ops.off_topic_trial AS known
        WHERE
            known.feed_key = entry.feed_key AND known.identity_hash = entry.identity_hash
            AND known.ruleset_key = :ruleset AND known.last_seen_at = entry.last_seen_at
    )
    AND NOT EXISTS (
        SELECT FROM core.fact_article AS article
        WHERE article.identity_hash = entry.identity_hash
    );

-- name: names
-- Decided ones too: a chunk of undecided ones alone would read past all that are decided.
SELECT
    entry.feed_key,
    entry.identity_hash,
    NOT EXISTS (
        SELECT FROM ops.off_topic_trial AS known
        WHERE
            known.feed_key = entry.feed_key AND known.identity_hash = entry.identity_hash
            AND known.ruleset_key = :ruleset AND known.last_seen_at = entry.last_seen_at
    ) AND NOT EXISTS (
        SELECT FROM core.fact_article AS article
        WHERE article.identity_hash = entry.identity_hash
    ) AS is_unmatched
FROM ops.off_topic AS entry INNER JOIN ops.feed ON entry.feed_key = feed.feed_key
WHERE
    (entry.feed_key, entry.identity_hash) > (:feed, cast(:identity AS bytea))
    AND (cast(:since AS timestamptz) IS NULL OR entry.last_seen_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR entry.last_seen_at < :until)
    AND (cast(:feed_urls AS text[]) IS NULL OR feed.feed_url = any(:feed_urls))
ORDER BY entry.feed_key, entry.identity_hash LIMIT :limit;

-- name: entries
SELECT
    entry.feed_key,
    feed.feed_url,
    entry.identity_hash,
    entry.first_seen_at,
    entry.last_seen_at AS fetched_at,
    entry.last_seen_at,
    entry.title,
    entry.summary,
    entry.language,
    coalesce(attempt.archive_file, document.archive_file) AS archive_file,
    coalesce(attempt.archive_offset, document.archive_offset) AS archive_offset,
    coalesce(attempt.final_url, attempt.fetch_url, document.document_url, feed.fetch_url)
        AS document_url,
    feed.language AS feed_language,
    feed.topics AS feed_topics,
    feed.urls_repeat AS is_urls_repeat,
    feed.guids_repeat AS is_guids_repeat
FROM ops.off_topic AS entry
INNER JOIN ops.feed ON entry.feed_key = feed.feed_key
LEFT JOIN ops."fetch" AS attempt
    ON
        entry.batch_id = attempt.batch_id
        AND entry.feed_key = attempt.feed_key AND entry.last_seen_at = attempt.started_at
LEFT JOIN ops.off_topic_document AS document
    ON
        entry.feed_key = document.feed_key
        AND entry.last_seen_at = document.fetched_at
INNER JOIN
    unnest(cast(:feeds AS bigint[]), cast(:identities AS bytea[])) WITH ORDINALITY
        AS given (feed_key, identity_hash, place)
    ON entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash
ORDER BY given.place;

-- name: gained
SELECT
    entry.feed_key,
    entry.identity_hash
FROM ops.off_topic AS entry
INNER JOIN ops.off_topic_trial AS trial
    ON
        entry.feed_key = trial.feed_key
        AND entry.identity_hash = trial.identity_hash
WHERE
    trial.ruleset_key = :ruleset AND trial.gained <> '{}'
    AND (entry.first_seen_at, entry.feed_key, entry.identity_hash)
    > (coalesce(cast(:seen AS timestamptz), '-infinity'), :feed, cast(:identity AS bytea))
ORDER BY entry.first_seen_at, entry.feed_key, entry.identity_hash LIMIT :limit;
