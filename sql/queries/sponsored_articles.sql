-- Which articles are marked as sponsored, as a press release or as a list?
-- filters: topic, outlet, language, feed, tag
-- param flag: sponsored  sponsored, press_release, listicle, or another remark of the rules
-- param days: 28  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 50  how many at most
SELECT
    article.first_seen_at,
    article.outlet,
    article.title,
    article.topics,
    article.article_url
FROM mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, 'any') AS article
WHERE
    article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
    AND EXISTS (
        SELECT 1
        FROM mart.topic_decisions AS decision
        WHERE decision.article_key = article.article_key AND :flag = any(decision.flags)
    )
ORDER BY article.first_seen_at DESC, article.article_key ASC
LIMIT :limit
