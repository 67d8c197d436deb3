-- Which articles are about both AI and China travel, and which outlets carry them?
-- filters: outlet, language, feed, tag, scope
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many at most
SELECT
    min(article.first_seen_at) AS first_seen_at,
    article.title,
    array_agg(DISTINCT article.outlet ORDER BY article.outlet) AS outlets,
    sum(article.feed_count)::integer AS feed_count,
    sum(article.edit_count)::integer AS edit_count
FROM mart.filtered_articles('any', :outlet, :language, :feed, :tag, :scope) AS article
WHERE
    article.topics @> ARRAY['ai', 'china_travel']
    AND article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
GROUP BY article.title
ORDER BY feed_count DESC, first_seen_at DESC, article.title ASC
LIMIT :limit
