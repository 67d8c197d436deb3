-- Which articles contain these words?
-- filters: topic, outlet, language, feed, tag, scope
-- param words: China  words in title or summary, in any order and case
-- param days: 30  how many days back
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
    article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
    AND mart.has_words(concat_ws(' ', article.title, article.summary), :words)
ORDER BY article.first_seen_at DESC, article.score DESC, article.article_key ASC
LIMIT :limit
