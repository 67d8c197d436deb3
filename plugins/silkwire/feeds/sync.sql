-- name: lock
-- Two syncs take turns. The number only has to differ from those of other locks.
SELECT pg_advisory_xact_lock(7365746665656473);

-- name: create_list
CREATE TEMPORARY TABLE listed_feed (
    feed_url text PRIMARY KEY,
    credential text,
    title text,
    homepage_url text,
    outlet text,
    outlet_name text NOT NULL,
    language text,
    fixed_interval interval,
    tags text[] NOT NULL,
    topics text[] NOT NULL,
    due_fraction double precision NOT NULL
) ON COMMIT DROP;

-- name: fill_list
INSERT INTO listed_feed
SELECT
    given.feed_url,
    given.credential,
    given.title,
    given.homepage_url,
    given.outlet,
    given.outlet_name,
    given.language,
    make_interval(secs => given.poll_s) AS fixed_interval,
    given.tags,
    given.topics,
    given.due_fraction
FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS given (
    feed_url text,
    credential text,
    title text,
    homepage_url text,
    outlet text,
    outlet_name text,
    language text,
    poll_s double precision,
    tags text[],
    topics text[],
    due_fraction double precision
);

-- name: create_changes
CREATE TEMPORARY TABLE feed_change (
    feed_key bigint,
    feed_url text,
    is_listed boolean,
    is_changed boolean,
    is_resumed boolean
) ON COMMIT DROP;

-- name: find_changes
-- Finds and locks every row of ops.feed that this sync will write. Here and wherever many feeds are
-- written, all rows are locked at once in the order of their keys, so that two transactions never
-- wait for each other. NO KEY: rows that refer to a feed may be inserted meanwhile.
INSERT INTO feed_change
SELECT
    feed.feed_key,
    feed.feed_url,
    listed.feed_url IS NOT NULL AS is_listed,
    compared.is_changed,
    compared.is_resumed
FROM ops.feed AS feed
LEFT JOIN listed_feed AS listed ON feed.feed_url = listed.feed_url
INNER JOIN LATERAL ( -- noqa: ST05
    SELECT
        (
            (
                feed.title, feed.homepage_url, feed.outlet, feed.language, feed.fixed_interval,
                feed.tags, feed.topics
            ) IS DISTINCT FROM (
                listed.title, listed.homepage_url, listed.outlet, listed.language,
                listed.fixed_interval, listed.tags, listed.topics
            )
        ) AS is_changed,
        coalesce(feed.state = 'paused' AND feed.paused_reason = :not_listed, FALSE) AS is_resumed
) AS compared ON TRUE
WHERE
    CASE
        WHEN listed.feed_url IS NULL THEN :pause_unlisted AND feed.state <> 'paused'
        ELSE compared.is_changed OR compared.is_resumed
    END
ORDER BY feed.feed_key
FOR NO KEY UPDATE OF feed;

-- name: update_listed
UPDATE ops.feed SET
    title = listed.title,
    homepage_url = listed.homepage_url,
    outlet = listed.outlet,
    language = listed.language,
    fixed_interval = listed.fixed_interval,
    tags = listed.tags,
    topics = listed.topics,
    state = CASE
        WHEN NOT change.is_resumed THEN feed.state
        WHEN feed.last_error_class = 'gone' THEN 'gone'
        WHEN feed.failure_count > 0 THEN 'failing'
        ELSE 'healthy'
    END,
    paused_reason = CASE WHEN NOT change.is_resumed THEN feed.paused_reason END,
    next_due_at = CASE
        WHEN change.is_resumed THEN least(feed.next_due_at, cast(:now AS timestamptz))
        WHEN feed.failure_count = 0 AND listed.fixed_interval IS NOT NULL
            THEN least(feed.next_due_at, cast(:now AS timestamptz) + listed.fixed_interval)
        ELSE feed.next_due_at
    END
FROM feed_change AS change
INNER JOIN listed_feed AS listed ON change.feed_url = listed.feed_url
WHERE feed.feed_key = change.feed_key
RETURNING change.is_changed, change.is_resumed;

-- name: insert_new
INSERT INTO ops.feed (
    feed_url, fetch_url, title, homepage_url, outlet, language, fixed_interval, tags, topics,
    next_due_at, created_at
)
SELECT
    listed.feed_url,
    listed.feed_url AS fetch_url,
    listed.title,
    listed.homepage_url,
    listed.outlet,
    listed.language,
    listed.fixed_interval,
    listed.tags,
    listed.topics,
    cast(:now AS timestamptz) + CASE
        WHEN count(*) OVER () > :max_at_once THEN listed.due_fraction * interval '1 hour'
        ELSE interval '0'
    END AS next_due_at,
    :now AS created_at
FROM listed_feed AS listed
LEFT JOIN ops.feed AS feed ON listed.feed_url = feed.feed_url
WHERE feed.feed_url IS NULL
ORDER BY listed.feed_url
ON CONFLICT (feed_url) DO NOTHING;

-- name: save_secrets
INSERT INTO ops.feed_secret AS secret (feed_key, credential)
SELECT
    feed.feed_key,
    listed.credential
FROM ops.feed AS feed
INNER JOIN listed_feed AS listed ON feed.feed_url = listed.feed_url
WHERE listed.credential IS NOT NULL
ORDER BY feed.feed_key
ON CONFLICT (feed_key) DO UPDATE SET
    credential = excluded.credential
WHERE secret.credential <> excluded.credential;

-- name: pause_unlisted
UPDATE ops.feed SET
    state = 'paused',
    paused_reason = :not_listed
FROM feed_change AS change
WHERE feed.feed_key = change.feed_key AND NOT change.is_listed;

-- name: delete_secrets
DELETE FROM ops.feed_secret AS secret
WHERE NOT EXISTS (
    SELECT 1
    FROM ops.feed AS feed
    INNER JOIN listed_feed AS listed ON feed.feed_url = listed.feed_url
    WHERE feed.feed_key = secret.feed_key AND listed.credential IS NOT NULL
);

-- name: insert_outlets
INSERT INTO core.dim_outlet (outlet)
SELECT DISTINCT listed.outlet_name
FROM listed_feed AS listed
LEFT JOIN core.dim_outlet AS dim ON listed.outlet_name = dim.outlet
WHERE dim.outlet IS NULL
ORDER BY listed.outlet_name
ON CONFLICT (outlet) DO NOTHING;

-- name: find_versions
-- The listed feeds whose current version in core.dim_feed is missing or differs.
CREATE TEMPORARY TABLE feed_version ON COMMIT DROP AS
SELECT
    feed.feed_key,
    feed.feed_url,
    feed.title,
    outlet.outlet_key,
    feed.language,
    feed.tags,
    feed.topics
FROM ops.feed AS feed
INNER JOIN listed_feed AS listed ON feed.feed_url = listed.feed_url
INNER JOIN core.dim_outlet AS outlet ON listed.outlet_name = outlet.outlet
LEFT JOIN core.dim_feed AS dim ON feed.feed_key = dim.feed_key AND dim.valid_to IS NULL
WHERE
    dim.feed_key IS NULL
    OR (dim.title, dim.outlet_key, dim.language, dim.tags, dim.topics)
    IS DISTINCT FROM (feed.title, outlet.outlet_key, feed.language, feed.tags, feed.topics);

-- name: correct_versions
-- A version that began at this very instant is corrected.
UPDATE core.dim_feed AS dim SET
    title = version.title,
    outlet_key = version.outlet_key,
    language = version.language,
    tags = version.tags,
    topics = version.topics
FROM feed_version AS version
WHERE dim.feed_key = version.feed_key AND dim.valid_to IS NULL AND dim.valid_from >= :now;

-- name: end_versions
UPDATE core.dim_feed AS dim SET valid_to = :now
FROM feed_version AS version
WHERE dim.feed_key = version.feed_key AND dim.valid_to IS NULL AND dim.valid_from < :now;

-- name: insert_versions
INSERT INTO core.dim_feed (
    feed_key, feed_url, title, outlet_key, language, tags, topics, valid_from
)
SELECT
    version.feed_key,
    version.feed_url,
    version.title,
    version.outlet_key,
    version.language,
    version.tags,
    version.topics,
    cast(:now AS timestamptz) AS valid_from
FROM feed_version AS version
LEFT JOIN core.dim_feed AS dim ON version.feed_key = dim.feed_key AND dim.valid_to IS NULL
WHERE dim.feed_key IS NULL
ORDER BY version.feed_key;

-- name: drop
DROP TABLE listed_feed, feed_change, feed_version;
