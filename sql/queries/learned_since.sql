-- Which articles are new, and which headlines changed, in the last hours?
-- param hours: 24  how many hours back, by when the article or edit was loaded
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many of each at most: new articles, and edited ones
WITH changed AS (
    SELECT
        learned.article_key,
        max(learned.loaded_at) AS learned_at
    FROM (
        SELECT
            fresh.article_key,
            fresh.loaded_at
        FROM mart.articles AS fresh
        UNION ALL
        SELECT
            edit.article_key,
            edit.loaded_at
        FROM mart.article_edits AS edit
    ) AS learned
    WHERE
        learned.loaded_at > cast(:until AS timestamptz) - make_interval(hours => :hours)
        AND learned.loaded_at <= cast(:until AS timestamptz)
    GROUP BY learned.article_key
),

found AS (
    SELECT
        CASE WHEN earlier.article_key IS NULL THEN 'new' ELSE 'edited' END AS what,
        article.first_seen_at,
        article.outlet,
        article.title,
        earlier.title AS title_then,
        article.article_url,
        -- each kind has places of its own, and backlog takes only those that are left
        row_number() OVER (
            PARTITION BY earlier.article_key IS NULL
            ORDER BY
                article.is_backlog AND earlier.article_key IS NULL,
                changed.learned_at DESC,
                article.first_seen_at DESC,
                article.article_key ASC
        ) AS place
    FROM mart.articles_as_of(cast(:until AS timestamptz)) AS article
    INNER JOIN changed ON article.article_key = changed.article_key
    LEFT JOIN
        mart.articles_as_of(cast(:until AS timestamptz) - make_interval(hours => :hours))
            AS earlier
        ON article.article_key = earlier.article_key
    WHERE
        earlier.article_key IS NULL
        OR earlier.title IS DISTINCT FROM article.title
)

SELECT
    found.what,
    found.first_seen_at,
    found.outlet,
    found.title,
    found.title_then,
    found.article_url
FROM found
WHERE found.place <= :limit
ORDER BY found.what ASC, found.place ASC
