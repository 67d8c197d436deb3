-- What is new on a topic?
-- filters: topic, outlet, language, feed, tag, scope
-- param hours: 24  how far back, by when a feed first showed the article
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 30  how many at most
SELECT
    article.first_seen_at,
    article.outlet,
    article.title,
    article.topics,
    article.article_url
FROM mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, :scope) AS article
WHERE
    article.first_seen_at > cast(:until AS timestamptz) - make_interval(hours => :hours)
    AND article.first_seen_at <= cast(:until AS timestamptz)
ORDER BY article.first_seen_at DESC, article.score DESC, article.article_key ASC
LIMIT :limit
