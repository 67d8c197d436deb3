-- Why was an article kept: which words counted, by which rule?
-- param words: China  words of its title, in any order and case
-- param days: 30  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many reasons at most
SELECT
    reason.title,
    reason.topic,
    reason.score,
    reason.matched_text,
    reason.field,
    reason.rule,
    reason.weight
FROM mart.why_matched AS reason
WHERE
    mart.has_words(reason.title, :words)
    AND reason.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND reason.first_seen_at <= cast(:until AS timestamptz)
ORDER BY
    reason.first_seen_at DESC,
    reason.article_key ASC,
    reason.revision_key ASC,
    reason.topic ASC,
    reason.weight DESC,
    reason.field ASC,
    reason.start_offset ASC
LIMIT :limit
