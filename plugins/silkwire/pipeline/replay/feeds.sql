-- The statements of `feeds.py`, by name.

-- name: known
SELECT
    feed_url,
    feed_key,
    urls_repeat,
    guids_repeat
FROM ops.feed
WHERE feed_url = ANY(CAST(:urls AS text[]));

-- name: versions
SELECT
    feed.feed_url,
    dim.valid_from
FROM ops.feed
INNER JOIN core.dim_feed AS dim ON feed.feed_key = dim.feed_key AND dim.is_current
WHERE feed.feed_url = ANY(CAST(:urls AS text[]));

-- name: insert
INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at)
SELECT
    given.url,
    given.url,
    given.since,
    given.since
FROM
    UNNEST(CAST(:urls AS text[]), CAST(:times AS timestamptz[])) WITH ORDINALITY
        AS given (url, since, place)
WHERE
    NOT EXISTS (
        SELECT FROM ops.feed
        WHERE feed.feed_url = given.url
    )
ORDER BY given.place
ON CONFLICT (feed_url) DO NOTHING;

-- name: lease
WITH older AS (
    SELECT feed.feed_key
    FROM ops.feed
    INNER JOIN
        UNNEST(CAST(:feed_keys AS bigint[]), CAST(:started AS timestamptz[]))
            AS given (feed_key, started_at)
        ON feed.feed_key = given.feed_key
    LEFT JOIN ops.batch AS holder ON feed.leased_by_batch_id = holder.batch_id
    WHERE
        (feed.last_fetched_at IS NULL OR feed.last_fetched_at < given.started_at)
        AND (holder.batch_id IS NULL OR holder.state <> 'running')
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed
)

UPDATE ops.feed SET leased_by_batch_id = :batch_id
FROM older
WHERE feed.feed_key = older.feed_key;
