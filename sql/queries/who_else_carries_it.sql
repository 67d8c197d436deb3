-- Which other outlets and urls carry the text of an article, and how much later?
-- param words: China  words of a title that the text has in any feed, in any order and case
-- param days: 14  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many at most
WITH found_text AS (
    SELECT DISTINCT found.origin_article_key
    FROM mart.article_copies AS found
    WHERE
        mart.has_words(found.title, :words)
        AND found.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND found.first_seen_at <= cast(:until AS timestamptz)
)

SELECT
    carrier.first_seen_at,
    carrier.behind,
    carrier.outlet,
    carrier.title,
    carrier.is_origin,
    carrier.similarity,
    carrier.reason,
    carrier.article_url
FROM mart.article_copies AS carrier
INNER JOIN found_text ON carrier.origin_article_key = found_text.origin_article_key
ORDER BY
    max(carrier.first_seen_at) OVER (PARTITION BY carrier.origin_article_key) DESC,
    carrier.origin_article_key ASC,
    carrier.behind ASC,
    carrier.first_seen_at ASC,
    carrier.article_url ASC,
    carrier.outlet ASC
LIMIT :limit
