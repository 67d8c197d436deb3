-- Why was an article kept: which words counted, by which rule?
-- filters: topic, outlet, language
-- param words: China  words of its title, in any order and case
-- param days: 30  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many reasons at most
SELECT
    reason.title,
    reason.topic,
    reason.score,
    reason.words AS matched_text,
    reason.fields AS field,
    reason.part AS rule,
    reason.weight
FROM mart.decision_parts AS reason
WHERE
    mart.has_words(reason.title, :words)
    AND reason.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND reason.first_seen_at <= cast(:until AS timestamptz)
    AND (:topic = 'any' OR reason.topic = :topic)
    AND (
        (:outlet = 'any' AND :language = 'any')
        OR reason.article_key IN (
            SELECT found.article_key
            FROM mart.filtered_articles('any', :outlet, :language, 'any', 'any', 'any') AS found
        )
    )
ORDER BY
    reason.first_seen_at DESC,
    reason.article_key ASC,
    reason.revision_key ASC,
    reason.topic ASC,
    reason.place ASC,
    reason.weight DESC,
    reason.part ASC
LIMIT :limit
