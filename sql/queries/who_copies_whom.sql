-- Which outlets carry the texts of which others, and how much later?
-- filters: topic, outlet, language
-- param days: 28  how many days back, by when the copy was first seen
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 50  how many pairs at most
WITH carrier AS (
    SELECT
        every_carrier.outlet,
        every_carrier.origin_article_key,
        every_carrier.first_seen_at,
        every_carrier.behind,
        first_value(every_carrier.outlet) OVER (
            PARTITION BY every_carrier.origin_article_key
            ORDER BY every_carrier.is_origin DESC, every_carrier.first_seen_at ASC
        ) AS origin_outlet
    FROM mart.article_copies AS every_carrier
),

copy AS (
    SELECT
        carrier.origin_outlet,
        carrier.outlet AS copying_outlet,
        carrier.origin_article_key,
        min(carrier.behind) AS behind
    FROM carrier
    WHERE
        carrier.outlet <> carrier.origin_outlet
        AND carrier.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND carrier.first_seen_at <= cast(:until AS timestamptz)
        AND :outlet IN ('any', carrier.outlet, carrier.origin_outlet)
        AND (
            'any' = all(ARRAY[:topic, :language])
            OR carrier.origin_article_key IN (
                SELECT origin.article_key
                FROM
                    mart.filtered_articles(:topic, 'any', :language, 'any', 'any', 'any')
                        AS origin
            )
        )
    GROUP BY carrier.origin_outlet, carrier.outlet, carrier.origin_article_key
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
