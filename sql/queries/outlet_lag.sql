-- How long after publication do we see each outlet's articles?
-- param days: 7  how many days back
-- param least: 3  outlets with fewer dated articles are left out
SELECT
    article.outlet,
    count(article.published_at)::integer AS dated_count,
    (count(*) - count(article.published_at))::integer AS undated_count,
    round(
        (percentile_cont(0.5) WITHIN GROUP (
            ORDER BY extract(EPOCH FROM article.first_seen_at - article.published_at)
        ) / 60)::numeric, 1
    ) AS median_minutes,
    round(
        (percentile_cont(0.9) WITHIN GROUP (
            ORDER BY extract(EPOCH FROM article.first_seen_at - article.published_at)
        ) / 60)::numeric, 1
    ) AS p90_minutes
FROM mart.articles AS article
WHERE
    article.first_seen_at >= now() - make_interval(days => :days)
    -- a date in the future is a publisher's slip
    AND coalesce(article.published_at <= article.first_seen_at, TRUE)
GROUP BY article.outlet
HAVING count(article.published_at) >= :least
ORDER BY median_minutes, article.outlet
