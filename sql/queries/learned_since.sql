-- What has been learned in the last hours: articles that are new, headlines that are not the same?
-- param hours: 24  how long ago, by when it came into the warehouse
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many at most
WITH touched AS (
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
INNER JOIN touched ON article.article_key = touched.article_key
LEFT JOIN
    mart.articles_as_of(cast(:until AS timestamptz) - make_interval(hours => :hours))
        AS earlier
    ON article.article_key = earlier.article_key
WHERE
    earlier.article_key IS NULL
    OR earlier.title IS DISTINCT FROM article.title
ORDER BY what DESC, article.first_seen_at DESC, article.article_key ASC
LIMIT :limit
