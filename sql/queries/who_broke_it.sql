-- Which outlet had the story first, and how much later were the others?
-- param words: AI  words of the title, in any order and case
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
WITH story AS (
    SELECT
        article.outlet,
        article.title,
        article.article_url,
        article.published_at,
        article.first_seen_at,
        mart.public_at(
            article.published_at,
            article.published_precision,
            article.published_raw,
            article.first_seen_at
        ) AS told_at
    FROM mart.articles AS article
    WHERE
        article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND article.first_seen_at <= cast(:until AS timestamptz)
        AND mart.has_words(article.title, :words)
),

first_of_outlet AS (
    SELECT DISTINCT ON (story.outlet) story.*
    FROM story
    ORDER BY story.outlet ASC, story.told_at ASC, story.first_seen_at ASC, story.article_url ASC
)

SELECT
    first_of_outlet.told_at,
    first_of_outlet.outlet,
    round(
        (extract(EPOCH FROM first_of_outlet.told_at - min(first_of_outlet.told_at) OVER ()) / 60
        )::numeric, 1
    ) AS minutes_behind,
    first_of_outlet.title,
    first_of_outlet.published_at,
    first_of_outlet.first_seen_at,
    first_of_outlet.article_url
FROM first_of_outlet
ORDER BY
    first_of_outlet.told_at ASC,
    first_of_outlet.first_seen_at ASC,
    first_of_outlet.article_url ASC
