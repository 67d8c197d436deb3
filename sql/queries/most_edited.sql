-- Which articles were edited most often?
-- param days: 7  how many days back, by when the article was first seen
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 20  how many at most
SELECT
    article.edit_count,
    article.outlet,
    article.title,
    article.first_seen_at,
    article.last_edited_at,
    article.article_url
FROM mart.articles AS article
WHERE
    article.edit_count > 0
    AND article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
ORDER BY article.edit_count DESC, article.last_edited_at DESC, article.article_key ASC
LIMIT :limit
