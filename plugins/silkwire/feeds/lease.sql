-- name: lease
-- The nth feed of a host or an outlet comes after the (n-1)th of every other, however many feeds
-- these have. Each tick that a feed has waited moves it one place forward, so that none waits for
-- ever.
WITH due AS (
    SELECT
        feed.feed_key,
        feed.next_due_at,
        feed.outlet,
        feed.state,
        feed.leased_by_batch_id,
        rtrim(
            lower(substring(feed.fetch_url FROM '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*)')), '.'
        ) AS host
    FROM ops.feed AS feed
    LEFT JOIN ops.batch AS holder ON feed.leased_by_batch_id = holder.batch_id
    WHERE
        (cast(:only_urls AS text[]) IS NULL OR feed.feed_url = any(cast(:only_urls AS text[])))
        AND (
            feed.state <> 'paused'
            OR (feed.paused_reason = :not_listed AND cast(:only_urls AS text[]) IS NOT NULL)
        )
        AND (:ignore_due OR feed.next_due_at < :due_before)
        -- A lease ends with its batch. A batch that this statement cannot see has just begun.
        AND (feed.leased_by_batch_id IS NULL OR holder.state <> 'running')
),

ranked AS (
    SELECT
        due.feed_key,
        due.next_due_at,
        due.state,
        due.leased_by_batch_id,
        row_number() OVER (
            PARTITION BY due.host ORDER BY due.next_due_at, due.feed_key
        ) AS place_in_host,
        row_number() OVER (
            PARTITION BY coalesce(due.outlet, due.host) ORDER BY due.next_due_at, due.feed_key
        ) AS place_in_outlet,
        floor(
            extract(EPOCH FROM cast(:now AS timestamptz) - due.next_due_at)
            / greatest(1, extract(EPOCH FROM cast(:tick AS interval)))
        ) AS ticks_waited
    FROM due
),

chosen AS (
    SELECT
        ranked.feed_key,
        ranked.next_due_at,
        ranked.state,
        ranked.leased_by_batch_id
    FROM ranked
    WHERE cast(:host_limit AS integer) IS NULL OR ranked.place_in_host <= :host_limit
    ORDER BY
        greatest(ranked.place_in_host, ranked.place_in_outlet)
        - greatest(0, ranked.ticks_waited),
        ranked.next_due_at,
        ranked.feed_key
    LIMIT cast(:limit AS integer)
),

locked AS (
    SELECT feed.feed_key
    FROM ops.feed AS feed
    INNER JOIN chosen ON feed.feed_key = chosen.feed_key
    -- Checked again once the row is locked: another transaction may have changed it meanwhile.
    WHERE
        feed.next_due_at = chosen.next_due_at
        AND feed.state = chosen.state
        AND feed.leased_by_batch_id IS NOT DISTINCT FROM chosen.leased_by_batch_id
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed SKIP LOCKED
)

UPDATE ops.feed SET
    leased_by_batch_id = :batch_id
FROM locked
WHERE feed.feed_key = locked.feed_key;

-- name: read_leased
SELECT
    feed.feed_key,
    feed.feed_url,
    feed.fetch_url,
    feed.outlet,
    split_part(feed.language, '-', 1) AS language,
    feed.topics,
    feed.etag,
    feed.last_modified,
    encode(feed.body_hash, 'hex') AS body_hash,
    feed.urls_repeat AS is_urls_repeat,
    feed.guids_repeat AS is_guids_repeat,
    feed.failure_count,
    coalesce(feed.last_new_entry_at = feed.last_success_at, FALSE) AS was_new
FROM ops.feed AS feed
WHERE feed.leased_by_batch_id = :batch_id
ORDER BY feed.next_due_at, feed.feed_key;

-- name: count_scope
SELECT count(*) AS feed_count
FROM ops.feed AS feed
WHERE
    CASE
        WHEN cast(:only_urls AS text[]) IS NULL
            THEN feed.state <> 'paused' OR feed.paused_reason IS DISTINCT FROM :not_listed
        ELSE feed.feed_url = any(cast(:only_urls AS text[]))
    END;

-- name: release
WITH held AS (
    SELECT feed.feed_key
    FROM ops.feed AS feed
    WHERE feed.leased_by_batch_id = :batch_id
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE
)

UPDATE ops.feed SET
    leased_by_batch_id = NULL
FROM held
WHERE feed.feed_key = held.feed_key;

-- name: credentials
SELECT
    secret.feed_key,
    secret.credential,
    feed.feed_url,
    feed.fetch_url
FROM ops.feed_secret AS secret
INNER JOIN ops.feed ON secret.feed_key = feed.feed_key
WHERE secret.feed_key = any(:feed_keys);
