-- The statements of `recall.py`, by name.

-- name: batches
SELECT
    batch_id,
    coalesce(replays_batch_id, batch_id),
    ruleset,
    coalesce(is_whole_replay, TRUE)
FROM ops.batch
WHERE
    state = 'done' AND verdict IN ('published', 'released') AND fetched_count > 0
    AND shard_count > 0 AND started_at < :before AND ruleset <> :version
    AND (cast(:since AS timestamptz) IS NULL OR finished_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR started_at < :until)
    AND NOT EXISTS (
        SELECT FROM ops.archive_trial AS reading
        WHERE reading.ruleset_key = :ruleset AND reading.batch_id = batch.batch_id
    )
ORDER BY started_at, batch_id;

-- name: feeds
SELECT
    feed_key,
    feed_url,
    language,
    topics,
    urls_repeat,
    guids_repeat
FROM ops.feed
WHERE feed_url = any(cast(:urls AS text[]));

-- name: known
-- Articles are found as a load finds them (load/sql/decide.sql), quarantine records by their text.
SELECT given.number
FROM
    unnest(
        cast(:numbers AS integer[]), cast(:feeds AS bigint[]), cast(:kinds AS text[]),
        cast(:guids AS text[]), cast(:texts AS bytea[]), cast(:prints AS bytea[]),
        cast(:names AS bytea[]), cast(:coarser AS boolean[])
    ) AS given (number, feed_key, kind, guid, text_hash, fingerprint, name, is_coarser)
WHERE EXISTS (
    SELECT FROM core.fact_article AS article
    WHERE article.identity_hash = given.name AND (
        NOT given.is_coarser OR EXISTS (
            SELECT FROM core.fact_sighting AS sighting
            WHERE
                sighting.article_key = article.article_key
                AND sighting.feed_key = given.feed_key
                AND core.keeps_identity(
                    given.kind, given.guid, given.text_hash, sighting.guid, sighting.text_hash
                )
        )
    )
) OR EXISTS (
    SELECT FROM ops.quarantine AS record
    WHERE record.feed_key = given.feed_key AND record.fingerprint = given.fingerprint
);

-- name: read
INSERT INTO ops.archive_trial (ruleset_key, batch_id) VALUES (:ruleset, :batch_id)
ON CONFLICT DO NOTHING;
