-- Which articles do the most feeds carry?
-- filters: topic, outlet, language, feed, tag, scope
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 20  how many at most
SELECT
    article.feed_count,
    article.outlet,
    article.title,
    article.topics,
    article.first_seen_at,
    article.article_url
FROM mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, :scope) AS article
WHERE
    article.feed_count > 1
    AND article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
ORDER BY article.feed_count DESC, article.first_seen_at DESC, article.article_key ASC
LIMIT :limit
