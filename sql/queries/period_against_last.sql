-- How many articles does this period have against the one before, by topic, outlet or language?
-- filters: topic, outlet, language, feed, tag, scope
-- param by: topic|outlet|language|scope  topic, outlet, language or scope
-- param days: 7  how long each of the two periods is
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 50  how many at most
WITH found AS (
    SELECT
        name.name,
        article.outlet,
        article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
            AS is_now
    FROM mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, :scope) AS article
    CROSS JOIN
        LATERAL unnest(
            CASE :by
                WHEN 'outlet' THEN ARRAY[article.outlet]
                WHEN 'language' THEN ARRAY[coalesce(article.language, 'unknown')]
                WHEN 'scope' THEN coalesce(article.scopes, ARRAY['unknown'])
                ELSE article.topics
            END
        ) AS name (name)
    WHERE
        article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => 2 * :days)
        AND article.first_seen_at <= cast(:until AS timestamptz)
        AND (:topic = 'any' OR :by <> 'topic' OR name.name = :topic)
)

SELECT
    found.name,
    (count(*) FILTER (WHERE found.is_now))::integer AS article_count,
    (count(*) FILTER (WHERE NOT found.is_now))::integer AS count_before,
    (2 * count(*) FILTER (WHERE found.is_now) - count(*))::integer AS difference,
    round(
        (count(*) FILTER (WHERE found.is_now))::numeric
        / nullif(count(*) FILTER (WHERE NOT found.is_now), 0), 2
    ) AS times_before,
    (count(DISTINCT found.outlet) FILTER (WHERE found.is_now))::integer AS outlet_count,
    (count(DISTINCT found.outlet) FILTER (WHERE NOT found.is_now))::integer AS outlets_before
FROM found
GROUP BY found.name
ORDER BY abs(2 * count(*) FILTER (WHERE found.is_now) - count(*)) DESC, found.name ASC
LIMIT :limit
