-- Which articles came in today, and why was each one kept?
-- param topic: any  ai, china_travel or any
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
FROM mart.articles AS article
LEFT JOIN LATERAL (
    SELECT
        array_agg(
            DISTINCT why.topic || ': ' || coalesce(why.matched_text, why.rule)
        ) AS reasons
    FROM mart.why_matched AS why
    WHERE
        why.article_key = article.article_key
        AND why.weight > 0
        AND (:topic = 'any' OR why.topic = :topic)
) AS reason ON TRUE
WHERE
    article.first_seen_at > cast(:until AS timestamptz) - make_interval(hours => :hours)
    AND article.first_seen_at <= cast(:until AS timestamptz)
    AND (:topic = 'any' OR article.topics @> ARRAY[:topic])
ORDER BY article.first_seen_at DESC, article.score DESC, article.article_key ASC
LIMIT :limit
