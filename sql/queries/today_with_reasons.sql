-- Which articles came in today, and why was each one kept?
-- filters: topic, outlet, language, feed, tag, scope
-- param hours: 24  how far back, by when a feed first showed the article
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 50  how many at most
SELECT
    article.first_seen_at,
    article.outlet,
    article.title,
    article.topics,
    reason.reasons,
    article.article_url
FROM mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, :scope) AS article
LEFT JOIN LATERAL (
    SELECT
        array_agg(
            DISTINCT why.topic || ': ' || coalesce(why.matched_text, 'dedicated feed')
        ) AS reasons
    FROM mart.why_matched AS why
    WHERE
        why.article_key = article.article_key
        AND why.weight > 0
        -- the model's factors have no words
        AND (why.field IS NOT NULL OR why.rule = 'dedicated_feed')
        AND (:topic = 'any' OR why.topic = :topic)
) AS reason ON TRUE
WHERE
    article.first_seen_at > cast(:until AS timestamptz) - make_interval(hours => :hours)
    AND article.first_seen_at <= cast(:until AS timestamptz)
ORDER BY article.first_seen_at DESC, article.score DESC, article.article_key ASC
LIMIT :limit
