-- Which articles are new, and which headlines changed, in the last hours?
-- param hours: 24  how many hours back, by when the article or edit was loaded
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many at most
WITH changed AS (
    SELECT fresh.article_key
    FROM mart.articles AS fresh
    WHERE
        fresh.loaded_at > cast(:until AS timestamptz) - make_interval(hours => :hours)
        AND fresh.loaded_at <= cast(:until AS timestamptz)
    UNION
    SELECT edit.article_key
    FROM mart.article_edits AS edit
    WHERE
        edit.loaded_at > cast(:until AS timestamptz) - make_interval(hours => :hours)
        AND edit.loaded_at <= cast(:until AS timestamptz)
)

SELECT
    CASE WHEN earlier.article_key IS NULL THEN 'new' ELSE 'edited' END AS what,
    article.first_seen_at,
    article.outlet,
    article.title,
    earlier.title AS title_then,
    article.article_url
FROM mart.articles_as_of(cast(:until AS timestamptz)) AS article
INNER JOIN changed ON article.article_key = changed.article_key
LEFT JOIN
    mart.articles_as_of(cast(:until AS timestamptz) - make_interval(hours => :hours))
        AS earlier
    ON article.article_key = earlier.article_key
WHERE
    earlier.article_key IS NULL
    OR earlier.title IS DISTINCT FROM article.title
ORDER BY what DESC, article.first_seen_at DESC, article.article_key ASC
LIMIT :limit
