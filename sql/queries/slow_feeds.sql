-- Which feeds fail most, and which are slow?
-- filters: outlet, tag
-- param days: 7  how many days back, today included
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 20  how many at most
SELECT
    daily.outlet,
    daily.feed_url,
    sum(daily.fetch_count)::integer AS fetch_count,
    round(sum(daily.failed_count)::numeric / sum(daily.fetch_count), 3) AS failed_share,
    (sum(daily.fetch_ms) / sum(daily.fetch_count))::integer AS mean_ms,
    max(daily.worst_fetch_ms) AS worst_ms,
    round(sum(daily.wire_bytes) / 1e6, 3) AS megabytes
FROM mart.feed_daily AS daily
WHERE
    daily.day > (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date - :days
    AND daily.day <= (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date
    AND (:outlet = 'any' OR daily.outlet = :outlet)
    AND (:tag = 'any' OR :tag = any(daily.tags))
GROUP BY daily.feed_key, daily.outlet, daily.feed_url
ORDER BY failed_share DESC, mean_ms DESC, daily.feed_url ASC
LIMIT :limit
