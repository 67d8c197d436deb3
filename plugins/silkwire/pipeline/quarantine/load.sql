-- The statements of `load.py`, by name.

-- name: late
SELECT
    given.number,
    max(later.loaded_at) AS loaded_at
FROM
    unnest(
        cast(:numbers AS integer[]), cast(:feed_keys AS bigint[]), cast(:identities AS bytea[]),
        cast(:texts AS bytea[]), cast(:times AS timestamptz[])
    ) AS given (number, feed_key, identity_hash, text_hash, fetched_at)
INNER JOIN core.fact_article AS article ON given.identity_hash = article.identity_hash
INNER JOIN core.fact_sighting AS sighting
    ON
        article.article_key = sighting.article_key AND given.feed_key = sighting.feed_key
        AND given.text_hash <> sighting.text_hash
INNER JOIN core.article_revision AS later
    ON
        article.article_key = later.article_key AND given.feed_key = later.feed_key
        AND given.fetched_at < later.recorded_from
GROUP BY given.number
ORDER BY given.number;

-- name: left
UPDATE core.fact_sighting AS sighting SET left_at = gone.left_at
FROM (
    SELECT
        placed.article_key,
        placed.feed_key,
        min(next.fetched_at) AS left_at
    FROM
        unnest(cast(:numbers AS bigint[]), cast(:times AS timestamptz[]))
            AS given (entry_number, last_seen_at)
    INNER JOIN placed ON given.entry_number = placed.entry_number
    CROSS JOIN
        LATERAL (
            SELECT attempt.started_at AS fetched_at
            FROM ops."fetch" AS attempt
            INNER JOIN ops.batch ON attempt.batch_id = batch.batch_id
            WHERE
                attempt.feed_key = placed.feed_key AND attempt.started_at > given.last_seen_at
                AND attempt.outcome = 'new' AND NOT attempt.is_entries_lost
                AND batch.verdict IN ('published', 'released')
            UNION ALL
            SELECT document.followed_at
            FROM ops.off_topic_document AS document
            WHERE document.feed_key = placed.feed_key AND document.fetched_at = given.last_seen_at
        ) AS next
    GROUP BY placed.article_key, placed.feed_key
) AS gone
WHERE
    sighting.batch_id = :batch_id AND sighting.left_at IS NULL
    AND sighting.article_key = gone.article_key AND sighting.feed_key = gone.feed_key;
