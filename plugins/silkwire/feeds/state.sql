-- name: load
SELECT
    feed.feed_key,
    feed.feed_url,
    feed.fixed_interval,
    feed.fetch_url,
    feed.etag,
    feed.last_modified,
    feed.poll_interval,
    feed.next_due_at,
    feed.failure_count,
    feed.last_error_class,
    feed.last_error,
    feed.last_fetched_at,
    feed.last_success_at,
    feed.last_new_entry_at,
    feed.moved_to_url,
    feed.moved_count,
    feed.redirect_history,
    feed.suggested_feed_url,
    feed.skip_hours,
    feed.skip_days,
    feed.urls_repeat AS is_urls_repeat,
    feed.guids_repeat AS is_guids_repeat,
    encode(feed.body_hash, 'hex') AS body_hash,
    encode(feed.entries_hash, 'hex') AS entries_hash,
    -- The state that the feed has, or would have if it were not paused.
    CASE
        WHEN feed.state <> 'paused' THEN feed.state
        WHEN feed.last_error_class = 'gone' THEN 'gone'
        WHEN feed.failure_count > 0 THEN 'failing'
        ELSE 'healthy'
    END AS state
FROM ops.feed AS feed
WHERE feed.feed_key = any(cast(:feed_keys AS bigint[]));

-- name: apply
WITH decided AS (
    SELECT given.*
    FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS given (
        feed_key bigint,
        fetch_url text,
        state text,
        etag text,
        last_modified text,
        body_hash text,
        entries_hash text,
        skip_hours smallint[],
        skip_days smallint[],
        poll_interval_s double precision,
        next_due_at timestamptz,
        failure_count integer,
        last_error_class text,
        last_error text,
        last_fetched_at timestamptz,
        last_success_at timestamptz,
        last_new_entry_at timestamptz,
        moved_to_url text,
        moved_count integer,
        redirect_history jsonb,
        suggested_feed_url text,
        is_urls_repeat boolean,
        is_guids_repeat boolean
    )
),

locked AS (
    SELECT feed.feed_key
    FROM ops.feed AS feed
    INNER JOIN decided ON feed.feed_key = decided.feed_key
    WHERE cast(:batch_id AS text) IS NULL OR feed.leased_by_batch_id = :batch_id
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed
)

UPDATE ops.feed SET
    fetch_url = decided.fetch_url,
    state = CASE WHEN feed.state = 'paused' THEN 'paused' ELSE decided.state END,
    etag = decided.etag,
    last_modified = decided.last_modified,
    body_hash = decode(decided.body_hash, 'hex'),
    entries_hash = decode(decided.entries_hash, 'hex'),
    skip_hours = decided.skip_hours,
    skip_days = decided.skip_days,
    poll_interval = make_interval(secs => decided.poll_interval_s),
    next_due_at = coalesce(decided.next_due_at, feed.next_due_at),
    leased_by_batch_id = NULL,
    failure_count = decided.failure_count,
    last_error_class = decided.last_error_class,
    last_error = decided.last_error,
    last_fetched_at = decided.last_fetched_at,
    last_success_at = decided.last_success_at,
    last_new_entry_at = decided.last_new_entry_at,
    moved_to_url = decided.moved_to_url,
    moved_count = decided.moved_count,
    redirect_history = decided.redirect_history,
    suggested_feed_url = decided.suggested_feed_url,
    urls_repeat = feed.urls_repeat OR decided.is_urls_repeat,
    guids_repeat = feed.guids_repeat OR decided.is_guids_repeat
FROM decided
INNER JOIN locked ON decided.feed_key = locked.feed_key
WHERE feed.feed_key = decided.feed_key;

-- name: keep_quiet
-- Postpones the other feeds of hosts that asked for quiet. A row that another batch is writing is
-- skipped: waiting for it here could be a deadlock.
WITH hosts AS (
    SELECT
        feed.feed_key,
        rtrim(
            lower(substring(feed.fetch_url FROM '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*)')), '.'
        ) AS host
    FROM ops.feed AS feed
),

asked AS (
    SELECT
        hosts.host,
        max(given.quiet_until) AS quiet_until
    FROM hosts
    INNER JOIN
        jsonb_to_recordset(cast(:rows AS jsonb)) AS given (feed_key bigint, quiet_until timestamptz)
        ON hosts.feed_key = given.feed_key
    GROUP BY hosts.host
),

locked AS (
    SELECT
        feed.feed_key,
        asked.quiet_until
    FROM ops.feed AS feed
    INNER JOIN hosts ON feed.feed_key = hosts.feed_key
    INNER JOIN asked ON hosts.host = asked.host
    WHERE
        asked.host <> all(cast(:platforms AS text[]))
        AND feed.next_due_at < asked.quiet_until
        AND feed.leased_by_batch_id IS NULL
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed SKIP LOCKED
)

UPDATE ops.feed SET
    next_due_at = locked.quiet_until + (feed.feed_key % 10) * interval '1 minute'
FROM locked
WHERE feed.feed_key = locked.feed_key;

-- name: clear
WITH locked AS (
    SELECT feed.feed_key
    FROM ops.feed AS feed
    WHERE feed.feed_key = any(cast(:feed_keys AS bigint[]))
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE
)

UPDATE ops.feed SET
    etag = NULL,
    last_modified = NULL,
    body_hash = NULL,
    entries_hash = NULL
FROM locked
WHERE feed.feed_key = locked.feed_key;
