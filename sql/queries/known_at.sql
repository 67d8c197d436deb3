-- Which articles were known at a given time?
-- param at: now  an instant such as 2026-03-01T12:00Z
-- param topic: any  ai, china_travel or any
-- param hours: 24  how far back from then, by when a feed first showed the article
-- param limit: 30  how many at most
SELECT
    article.first_seen_at,
    article.outlet,
    article.title,
    article.topics,
    article.feed_count,
    article.edit_count,
    article.article_url
FROM mart.articles_as_of(cast(:at AS timestamptz)) AS article
WHERE
    article.first_seen_at > cast(:at AS timestamptz) - make_interval(hours => :hours)
    AND (:topic = 'any' OR article.topics @> ARRAY[:topic])
ORDER BY article.first_seen_at DESC, article.score DESC, article.article_key ASC
LIMIT :limit
