-- How long after publication do we see each outlet's articles?
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param least: 3  outlets with fewer dated articles are left out
WITH arrival AS (
    SELECT
        article.outlet,
        article.published_at IS NOT NULL AS is_dated,
        -- a date without a time has no minutes, and a date in the future is an error
        CASE
            WHEN
                coalesce(article.published_precision, '') <> 'day'
                AND article.published_at <= article.first_seen_at
                THEN extract(EPOCH FROM article.first_seen_at - article.published_at) / 60
        END AS lag_minutes
    FROM mart.articles AS article
    WHERE
        NOT article.is_backlog
        AND article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND article.first_seen_at <= cast(:until AS timestamptz)
)

SELECT
    arrival.outlet,
    count(arrival.lag_minutes)::integer AS dated_count,
    (count(*) FILTER (WHERE NOT arrival.is_dated))::integer AS undated_count,
    round(
        (percentile_cont(0.5) WITHIN GROUP (ORDER BY arrival.lag_minutes))::numeric, 1
    ) AS median_minutes,
    round(
        (percentile_cont(0.9) WITHIN GROUP (ORDER BY arrival.lag_minutes))::numeric, 1
    ) AS p90_minutes,
    round(max(arrival.lag_minutes)::numeric, 1) AS worst_minutes
FROM arrival
GROUP BY arrival.outlet
HAVING count(arrival.lag_minutes) >= :least
ORDER BY median_minutes ASC, arrival.outlet ASC
