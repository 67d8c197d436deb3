-- For which outlets is the largest share of entries on topic?
-- filters: topic, outlet, language
-- param days: 7  how many days back; off-topic entries are kept for 30
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param least: 5  outlets with fewer entries are left out
WITH entry AS (
    SELECT
        article.outlet,
        :topic = 'any' OR article.topics @> ARRAY[:topic] AS is_on_topic
    FROM
        mart.filtered_articles('any', :outlet, :language, 'any', 'any', 'any')
            AS article
    WHERE
        article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND article.first_seen_at <= cast(:until AS timestamptz)
    UNION ALL
    SELECT
        other.outlet,
        FALSE AS is_on_topic
    FROM (
        -- two feeds of an outlet may carry the same
        SELECT DISTINCT
            off_topic.outlet,
            coalesce(off_topic.entry_url, off_topic.title) AS entry
        FROM mart.off_topic_recent AS off_topic
        WHERE
            (:outlet = 'any' OR off_topic.outlet = :outlet)
            AND (
                :language = 'any'
                OR off_topic.language = :language
                OR starts_with(off_topic.language, :language || '-')
            )
            AND off_topic.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
            AND off_topic.first_seen_at <= cast(:until AS timestamptz)
    ) AS other
)

SELECT
    entry.outlet,
    (count(*) FILTER (WHERE entry.is_on_topic))::integer AS on_topic_count,
    count(*)::integer AS entry_count,
    round(avg(entry.is_on_topic::integer), 3) AS share
FROM entry
GROUP BY entry.outlet
HAVING count(*) >= :least
ORDER BY share DESC, on_topic_count DESC, entry.outlet ASC
