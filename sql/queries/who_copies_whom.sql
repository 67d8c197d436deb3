-- Which outlets carry the texts of which others, and how much later?
-- filters: topic, outlet, language
-- param days: 28  how many days back, by when the copy was first seen
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 50  how many pairs at most
WITH copy AS (
    SELECT
        origin.outlet AS origin_outlet,
        carrier.outlet AS copying_outlet,
        carrier.origin_article_key,
        min(carrier.behind) AS behind
    FROM mart.article_copies AS carrier
    INNER JOIN
        mart.filtered_articles(:topic, 'any', :language, 'any', 'any', 'any') AS origin
        ON carrier.origin_article_key = origin.article_key
    WHERE
        carrier.outlet <> origin.outlet
        AND carrier.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND carrier.first_seen_at <= cast(:until AS timestamptz)
        AND :outlet IN ('any', carrier.outlet, origin.outlet)
    GROUP BY origin.outlet, carrier.outlet, carrier.origin_article_key
)

SELECT
    copy.copying_outlet,
    copy.origin_outlet,
    count(*)::integer AS text_count,
    round(
        (
            percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(EPOCH FROM copy.behind)) / 60
        )::numeric, 1
    ) AS median_minutes_behind
FROM copy
GROUP BY copy.copying_outlet, copy.origin_outlet
ORDER BY text_count DESC, copy.copying_outlet ASC, copy.origin_outlet ASC
LIMIT :limit
