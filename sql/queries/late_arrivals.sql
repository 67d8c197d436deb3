-- Which articles reached us long after they were published?
-- filters: topic, outlet, language, feed, tag, scope
-- param hours: 6  how many hours after, at least
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 30  how many at most
SELECT
    round(
        (extract(EPOCH FROM article.first_seen_at - article.published_at) / 3600)::numeric, 1
    ) AS hours_late,
    article.outlet,
    article.title,
    article.published_at,
    article.first_seen_at,
    article.article_url
FROM mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, :scope) AS article
WHERE
    article.first_seen_at - article.published_at >= make_interval(hours => :hours)
    AND coalesce(article.published_precision, '') <> 'day'
    AND NOT article.is_backlog
    AND article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
ORDER BY hours_late DESC, article.article_key ASC
LIMIT :limit
