-- Which feeds went quiet: new entries on many days before, none in the last days?
-- filters: outlet, tag
-- param days: 3  for how many days it has been quiet
-- param least: 7  on how many of the 28 days before that it had new entries, at least
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
SELECT
    daily.outlet,
    daily.feed_url,
    max(daily.day) FILTER (WHERE daily.news_count > 0) AS last_news_on,
    (count(*) FILTER (WHERE daily.news_count > 0))::integer AS news_days,
    sum(daily.fetch_count) FILTER (WHERE daily.day > quiet.since)::integer AS fetch_count,
    sum(daily.failed_count) FILTER (WHERE daily.day > quiet.since)::integer AS failed_count,
    max(health.state) AS state,
    max(health.reason) AS reason
FROM (
    SELECT (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date - :days AS since
) AS quiet
INNER JOIN mart.feed_daily AS daily
    ON
        daily.day > quiet.since - 28
        AND daily.day <= quiet.since + :days
INNER JOIN mart.feed_health AS health ON daily.feed_key = health.feed_key
WHERE
    health.state <> 'paused'
    AND (:outlet = 'any' OR daily.outlet = :outlet)
    AND (:tag = 'any' OR :tag = any(daily.tags))
GROUP BY daily.feed_key, daily.outlet, daily.feed_url
HAVING
    coalesce(bool_and(daily.news_count = 0) FILTER (WHERE daily.day > quiet.since), FALSE)
    AND count(*) FILTER (WHERE daily.news_count > 0) >= :least
ORDER BY news_days DESC, last_news_on ASC, daily.feed_url ASC
