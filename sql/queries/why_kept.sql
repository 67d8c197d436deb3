-- Why was an article kept: which words counted, by which rule?
-- filters: topic, outlet, language
-- param words: China  words of its title, in any order and case
-- param days: 30  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many reasons at most
WITH found AS MATERIALIZED (
    -- each has a reason at least, so no more are needed
    SELECT article.article_key
    FROM
        mart.filtered_articles(:topic, :outlet, :language, 'any', 'any', 'any')
            AS article
    WHERE
        mart.has_words(article.title, :words)
        AND article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND article.first_seen_at <= cast(:until AS timestamptz)
    ORDER BY article.first_seen_at DESC, article.article_key ASC
    LIMIT :limit
)

SELECT
    reason.title,
    reason.topic,
    reason.score,
    reason.words AS matched_text,
    reason.fields AS field,
    reason.part AS rule,
    reason.weight
FROM found
INNER JOIN mart.decision_parts AS reason ON found.article_key = reason.article_key
WHERE
    mart.has_words(reason.title, :words)
    AND (:topic = 'any' OR reason.topic = :topic)
ORDER BY
    reason.first_seen_at DESC,
    reason.article_key ASC,
    reason.revision_key ASC,
    reason.topic ASC,
    reason.place ASC,
    reason.weight DESC,
    reason.part ASC
LIMIT :limit
