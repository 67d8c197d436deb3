-- What is new on a topic?
-- param topic: any  ai, china_travel or any
-- param hours: 24  how far back, by when the feed first showed it
-- param limit: 30  how many at most
SELECT
    article.first_seen_at,
    article.outlet,
    article.title,
    article.topics,
    article.article_url
FROM mart.articles AS article
WHERE
    article.first_seen_at >= now() - make_interval(hours => :hours)
    AND (:topic = 'any' OR article.topics @> ARRAY[:topic])
ORDER BY article.first_seen_at DESC, article.score DESC, article.article_key ASC
LIMIT :limit
